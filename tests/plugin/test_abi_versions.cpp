// The ABI over time: old and later plugins under today's host, today's plugin under an old or short
// host, and plugins beside each other.
#include <rondom/plugin.h>

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>

#include "base/hash.h"
#include "fixture.h"
#include "plugin/abi.h"
#include "plugin/instance.h"
#include "plugin/loader.h"

extern "C" const char* abi_layout(void);
extern "C" const rondom_plugin* echo_plugin_table(void);

using namespace rondom;
using namespace rondom::plugin;
using namespace rondom::plugin::test;

namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// "name number" lines.
std::map<std::string, std::size_t> numbers_of(const std::string& text) {
  std::map<std::string, std::size_t> numbers;
  std::istringstream lines(text);
  std::string name;
  std::size_t number = 0;
  while (lines >> name >> number) numbers[name] = number;
  return numbers;
}

/// What `#define RONDOM_NAME value` says, comments and spacing apart.
std::map<std::string, std::string> constants_of(const std::string& header) {
  std::map<std::string, std::string> constants;
  std::istringstream lines(header);
  std::string line;
  while (std::getline(lines, line)) {
    while (line.ends_with('\\')) {
      std::string more;
      std::getline(lines, more);
      line = line.substr(0, line.size() - 1) + more;
    }
    line = line.substr(0, line.find("/*"));
    std::istringstream words(line);
    std::string define, name, word, value;
    if (!(words >> define >> name) || define != "#define" || !name.starts_with("RONDOM_")) continue;
    while (words >> word) value += value.empty() ? word : " " + word;
    constants[name] = value;
  }
  return constants;
}

const std::string tree = RONDOM_SOURCE_DIR;

std::string abi_library(const std::string& name) {
  return std::string(RONDOM_FIXTURE_DIRECTORY) + "/abi/" + name + ".so";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plugin_abi_versions)

BOOST_AUTO_TEST_CASE(no_minor_version_moves_what_an_earlier_one_laid_down) {
  const auto today = numbers_of(abi_layout());
  for (unsigned minor = 0; minor <= RONDOM_ABI_MINOR; ++minor) {
    const auto then = numbers_of(file_text(tree + "/sdk/abi/v1." + std::to_string(minor) + ".txt"));
    BOOST_REQUIRE_MESSAGE(!then.empty(), "sdk/abi/v1." << minor << ".txt is missing");
    for (const auto& [name, number] : then) {
      const auto found = today.find(name);
      BOOST_REQUIRE_MESSAGE(found != today.end(), name << " is gone");
      const bool is_size = name.find('.') == std::string::npos;
      BOOST_TEST((is_size ? found->second >= number : found->second == number), name);
    }
    if (minor == RONDOM_ABI_MINOR) BOOST_TEST(then.size() == today.size());
  }
}

BOOST_AUTO_TEST_CASE(the_header_of_1_0_is_never_edited_and_its_constants_hold) {
  const std::string frozen = file_text(tree + "/tests/plugin/abi/v1.0/rondom/plugin.h");
  BOOST_TEST(sha256_hex(frozen) ==
             "2e410eb9cfbcf114a88cd09fe0b47dd7c4beae88e8b5b9dde97123745ff3c395");
  const auto then = constants_of(frozen);
  const auto today = constants_of(file_text(tree + "/sdk/include/rondom/plugin.h"));
  BOOST_TEST(then.size() > 40u);
  for (const auto& [name, value] : then) {
    if (name == "RONDOM_ABI_MINOR") continue;
    BOOST_REQUIRE_MESSAGE(today.count(name) == 1, name << " is gone");
    BOOST_TEST(today.at(name) == value, name);
  }
}

BOOST_AUTO_TEST_CASE(a_plugin_of_1_0_runs_under_todays_host) {
  Services services;
  services.secrets["token"] = "old-token";
  const ConnectorInfo info = connector(Kind::source, "old", abi_library("abi_v1_0"), "old");
  {
    auto source = open_source(info, "{}", services.callbacks(), host_options());
    BOOST_REQUIRE(source.ok());
    BOOST_TEST((*source)->check().ok());
    BOOST_TEST(services.logged("minor " + std::to_string(RONDOM_ABI_MINOR) +
                               " secret old-token 0 0 state v 0 0 slept 0 cancelled 0 clock 1"));
    BOOST_TEST(services.secrets["token"] == "new");
    BOOST_TEST((*source)->discover("{}").value().streams.at(0).key.at(0) == "id");
    Transcript got;
    BOOST_TEST((*source)->read(request_for({"s"}), got).ok());
    const std::vector<std::string> expected = {
        "begin s g",
        "record s o:1 op1 at5 [] {\"id\":1}",
        "record s o:2 op2 at" + std::to_string(no_time) + " [unreadable] raw",
        "batch of 2",
        "checkpoint s {\"at\":1}",
        "complete s"};
    BOOST_TEST(got.lines == expected, boost::test_tools::per_element());
  }
  auto target =
      open_destination(connector(Kind::destination, "old", abi_library("abi_v1_0"), "old"), "{}",
                       services.callbacks(), host_options());
  BOOST_REQUIRE(target.ok());
  const WriteRecord record{"op", Operation::upsert, "create", "key", "", "{}"};
  std::vector<WriteResult> results;
  const Status written = (*target)->write({"session", "", "{}", {&record, 1}}, results);
  BOOST_REQUIRE(!written.ok());
  BOOST_TEST((written.error().code == ErrorCode::rate_limited));
  BOOST_TEST(written.error().message == "slowly");
  BOOST_TEST(written.error().retry_after_ms == 1500);
  BOOST_TEST(results.at(0).remote_id == "key");
  BOOST_TEST(results.at(0).adopted);
  BOOST_TEST((*target)->look_up({"session", "", "{}", {&record, 1}}, results).ok());
  BOOST_TEST((results.at(0).outcome == WriteOutcome::retry));
  BOOST_TEST((*target)->flush("session").ok());
  BOOST_TEST(services.state["flushed"] == "session");
}

BOOST_AUTO_TEST_CASE(a_plugin_of_a_later_minor_runs_as_one_of_today) {
  Services services;
  Transcript got;
  const Status status =
      read_hosted(connector(Kind::source, "later", abi_library("abi_later"), "later"), "{}", got,
                  services, host_options());
  BOOST_TEST(status.ok());
  BOOST_TEST(got.count == 3u);
  auto target =
      open_destination(connector(Kind::destination, "later", abi_library("abi_later"), "later"),
                       "{}", services.callbacks(), host_options());
  BOOST_REQUIRE(target.ok());
  const WriteRecord record{"op", Operation::upsert, "create", "key", "", "{}"};
  std::vector<WriteResult> results;
  BOOST_TEST((*target)->write({"session", "", "{}", {&record, 1}}, results).ok());
  BOOST_TEST((results.at(0).outcome == WriteOutcome::retry));
}

namespace {

/// A host table of `size` bytes, in memory that ends there: whoever reads on is found by a
/// sanitizer, and by the values behind it otherwise.
class ShortHost {
 public:
  ShortHost(const rondom_host& whole, std::size_t size) : bytes_(new char[sizeof whole]) {
    std::memset(bytes_.get(), 0x5a, sizeof whole);
    std::memcpy(bytes_.get(), &whole, size);
    table()->struct_size = static_cast<std::uint32_t>(size);
  }
  rondom_host* table() { return reinterpret_cast<rondom_host*>(bytes_.get()); }

 private:
  std::unique_ptr<char[]> bytes_;
};

struct Told {
  std::string message;
  static void set(void* ctx, rondom_code, std::uint64_t, rondom_str message, rondom_str) {
    static_cast<Told*>(ctx)->message = view(message);
  }
};

struct Counted {
  std::size_t records = 0;
  static rondom_code take(void* ctx, const rondom_batch* batch) {
    static_cast<Counted*>(ctx)->records += batch->count;
    return RONDOM_OK;
  }
  static rondom_code ignore(void*, rondom_str, rondom_str) { return RONDOM_OK; }
  static rondom_code ignore_one(void*, rondom_str) { return RONDOM_OK; }
};

/// Everything a source does, under a host of that size. The code of check().
rondom_code use_source(const rondom_connector& source, rondom_host* host, std::string& said) {
  Told told;
  rondom_error error{sizeof error, 0, &told, &Told::set};
  rondom_instance* instance = nullptr;
  const std::string_view config = R"({"services":true,"records":3})";
  BOOST_REQUIRE(source.open(host, borrow(config), &instance, &error) == RONDOM_OK);
  const rondom_code checked = source.check(instance, &error);
  said = told.message;
  Counted counted;
  rondom_read_out out{
      sizeof out,          0, &counted, &Counted::take, &Counted::ignore, &Counted::ignore,
      &Counted::ignore_one};
  const rondom_read_stream stream{borrow("s"), borrow("{}"), borrow(""), borrow("")};
  const rondom_read_request request{sizeof request, 1, &stream, sizeof stream, 0, 0};
  BOOST_TEST(source.read(instance, &request, &out, &error) == RONDOM_OK);
  BOOST_TEST(counted.records == 3u);
  source.close(instance);
  return checked;
}

}  // namespace

BOOST_AUTO_TEST_CASE(todays_plugin_runs_under_a_host_of_1_0_and_under_shorter_ones) {
  const auto sizes = numbers_of(file_text(tree + "/sdk/abi/v1.0.txt"));
  Services memory;
  memory.secrets["token"] = "t";
  LocalServices services(memory.callbacks());
  const HostTable table(services);
  const rondom_host& whole = *table.abi();
  const rondom_connector& source = *find_connector(*echo_plugin_table(), Kind::source, "echo");
  std::string said;

  ShortHost of_1_0(whole, sizes.at("rondom_host"));
  of_1_0.table()->abi_minor = 0;
  BOOST_TEST(use_source(source, of_1_0.table(), said) == RONDOM_OK, said);

  // Slot by slot: whatever lies beyond the end is not there.
  std::size_t shorter = 0;
  for (std::size_t size = sizes.at("rondom_host.log"); size < sizes.at("rondom_host");
       size += sizeof(void*), ++shorter) {
    ShortHost host(whole, size);
    const rondom_code checked = use_source(source, host.table(), said);
    if (size <= sizes.at("rondom_host.state_put")) {
      BOOST_TEST(checked == RONDOM_E_UNSUPPORTED, size << ": " << said);
    }
  }
  BOOST_TEST(shorter == 11u);
}

BOOST_AUTO_TEST_CASE(plugins_with_the_same_statics_live_beside_each_other) {
  const auto expected = [](const std::string& who, int opened, int counter) {
    return "{\"shared\":\"" + who + "\",\"only\":\"" + who + "\",\"held\":\"" + who +
           "\",\"opened\":" + std::to_string(opened) + ",\"counter\":" + std::to_string(counter) +
           "}";
  };
  const auto record_of = [](Transcript& got) {
    return got.lines.at(0).substr(got.lines.at(0).find('{'));
  };
  // In one process, in turns.
  std::map<std::string, std::unique_ptr<Instance>> open;
  for (const char* who : {"a", "b"}) {
    const Result<const rondom_plugin*> loaded =
        load_plugin(abi_library(std::string("clash_") + who));
    BOOST_REQUIRE(loaded.ok());
    ConnectorInfo info = describe(**loaded, "").at(0);
    auto instance = Instance::open(*(*loaded)->connectors[0], info, "{}",
                                   std::make_unique<LocalServices>(HostServices{}));
    BOOST_REQUIRE(instance.ok());
    open[who] = std::move(instance).value();
  }
  for (int turn = 1; turn <= 2; ++turn) {
    for (const auto& [who, width] : {std::pair("a", 8), std::pair("b", 64)}) {
      Transcript got;
      BOOST_REQUIRE(open[who]->read(request_for({"s"}), got).ok());
      BOOST_TEST(record_of(got) == expected(who, 1, width + turn));
    }
  }
  // In hosts of their own, at the same time.
  Services services;
  std::map<std::string, std::unique_ptr<Source>> hosted;
  for (const char* who : {"a", "b"}) {
    const std::string name = std::string("clash-") + who;
    auto source =
        open_source(connector(Kind::source, name, abi_library(std::string("clash_") + who), name),
                    "{}", services.callbacks(), host_options());
    BOOST_REQUIRE(source.ok());
    hosted[who] = std::move(source).value();
  }
  for (const auto& [who, width] : {std::pair("a", 8), std::pair("b", 64)}) {
    Transcript got;
    BOOST_REQUIRE(hosted[who]->read(request_for({"s"}), got).ok());
    BOOST_TEST(record_of(got) == expected(who, 1, width + 1));
  }
}

BOOST_AUTO_TEST_SUITE_END()
