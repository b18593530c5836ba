// What was sent, beside the store: what comes after a number, lines that were cut off, files that
// become too large.
#include <stdlib.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "store/sent_log.h"

using namespace rondom;
using namespace rondom::store;

namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rondom-sent-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string store() const { return path_ + "/rondom.db"; }
  std::string log() const { return store() + "-sent"; }

 private:
  std::string path_;
};

Delivery delivery(const std::string& key) {
  Delivery one;
  one.key = key;
  one.action = "update";
  one.operation_id = "op \"1\"";
  one.session = "mail-000003";
  one.remote_id = "id-\xff\x01";
  one.fields = std::string("\x01\0\xfe", 3);
  one.pending = "pending";
  one.consent = "granted 2026-01-01 for anna@example.com";
  one.mapping_fingerprint = 0xfedcba9876543210;
  one.attempts = 2;
  return one;
}

Status add(SentLog& log, std::int64_t number) {
  const Delivery one = delivery("key" + std::to_string(number));
  const SentLog::Entry entry{number, "mail", deliveries_text({&one, 1})};
  RONDOM_TRY(log.reserve(entry));
  return log.add(entry);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_sent_log)

BOOST_AUTO_TEST_CASE(what_was_lost_is_known_as_it_was) {
  const Folder folder;
  SentLog log(folder.store());
  BOOST_TEST(log.after(0).value().empty());
  for (const std::int64_t number : {1, 2, 3}) BOOST_TEST_REQUIRE(add(log, number).ok());
  BOOST_TEST(log.after(3).value().empty());
  const auto lost = log.after(1).value();
  BOOST_TEST_REQUIRE(lost.size() == 2u);
  BOOST_TEST(lost[0].number == 2);
  BOOST_TEST(lost[1].destination == "mail");
  const auto found = deliveries_from(lost[1].deliveries);
  BOOST_TEST_REQUIRE(found.size() == 1u);
  const Delivery as_it_was = delivery("key3");
  BOOST_TEST(found[0].key == as_it_was.key);
  BOOST_TEST(found[0].action == as_it_was.action);
  BOOST_TEST(found[0].operation_id == as_it_was.operation_id);
  BOOST_TEST(found[0].session == as_it_was.session);
  BOOST_TEST(found[0].remote_id == as_it_was.remote_id);
  BOOST_TEST(found[0].fields == as_it_was.fields);
  BOOST_TEST(found[0].pending == as_it_was.pending);
  BOOST_TEST(found[0].mapping_fingerprint == as_it_was.mapping_fingerprint);
  BOOST_TEST(found[0].attempts == as_it_was.attempts);
  BOOST_TEST(found[0].consent.empty());
  std::ifstream file(folder.log());
  const std::string text(std::istreambuf_iterator<char>(file), {});
  BOOST_TEST(text.find("anna") == std::string::npos);
  const auto mode = std::filesystem::status(folder.log()).permissions();
  BOOST_TEST(static_cast<int>(mode) == 0600);
  log.clear();
  BOOST_TEST(!std::filesystem::exists(folder.log()));
  BOOST_TEST(log.after(0).value().empty());
}

BOOST_AUTO_TEST_CASE(a_line_that_was_cut_off_spoils_no_other) {
  const Folder folder;
  {
    SentLog log(folder.store());
    for (const std::int64_t number : {1, 2}) BOOST_TEST_REQUIRE(add(log, number).ok());
  }
  std::filesystem::resize_file(folder.log(), std::filesystem::file_size(folder.log()) - 20);
  SentLog log(folder.store());
  BOOST_TEST(log.after(0).value().size() == 1u);
  BOOST_TEST_REQUIRE(add(log, 3).ok());
  const auto found = log.after(0).value();
  BOOST_TEST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[1].number == 3);
}

BOOST_AUTO_TEST_CASE(it_does_not_grow_without_end) {
  const Folder folder;
  constexpr std::int64_t bytes_max = 32 << 10;
  SentLog log(folder.store(), bytes_max);
  const SentLog::Entry large{0, "mail", std::string(12u << 10, 'x')};
  for (std::int64_t number = 1; number <= 8; ++number) {
    SentLog::Entry entry = large;
    entry.number = number;
    BOOST_TEST_REQUIRE(log.reserve(entry).ok());
    BOOST_TEST_REQUIRE(log.add(entry).ok());
  }
  std::uintmax_t bytes = 0;
  for (const char* const end : {"", ".1"}) bytes += std::filesystem::file_size(folder.log() + end);
  BOOST_TEST(bytes < 3u * bytes_max);
  const auto found = log.after(0).value();
  BOOST_TEST_REQUIRE(!found.empty());
  BOOST_TEST(found.back().number == 8);
  BOOST_TEST(found.size() >= 3u);
}

BOOST_AUTO_TEST_SUITE_END()
