// The frozen ABI: offsets, the loader's refusals, the one exported symbol.
#include <rondom/plugin.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <sstream>

#include "fixture.h"
#include "plugin/abi.h"
#include "plugin/loader.h"

extern "C" const char* abi_layout(void);

using namespace rondom;
using namespace rondom::plugin;
namespace fixture = rondom::plugin::test;

BOOST_AUTO_TEST_SUITE(plugin_abi)

BOOST_AUTO_TEST_CASE(every_struct_has_the_layout_of_version_1_0) {
  std::ifstream in(RONDOM_SOURCE_DIR "/sdk/abi/v1.0.txt");
  const std::string golden{std::istreambuf_iterator<char>(in), {}};
  BOOST_REQUIRE(!golden.empty());
  // Later minors may add lines at the end of a struct and grow its size; no line of 1.0 may change.
  BOOST_TEST(golden == abi_layout());
}

BOOST_AUTO_TEST_CASE(a_short_struct_reads_as_zeroes_beyond_its_end) {
  rondom_connector theirs{};
  theirs.struct_size = offsetof(rondom_connector, flush);
  theirs.kind = RONDOM_KIND_SOURCE;
  theirs.flush = [](rondom_instance*, rondom_str, rondom_error*) -> rondom_code { return 0; };
  const rondom_connector ours = complete(theirs);
  BOOST_TEST(ours.kind == RONDOM_KIND_SOURCE);
  BOOST_TEST((ours.flush == nullptr));
}

BOOST_AUTO_TEST_CASE(codes_have_two_spellings_and_no_third) {
  for (rondom_code code = 1; known_code(code); ++code) {
    BOOST_TEST(abi_code_of(error_code_of(code)) == code);
  }
  BOOST_TEST(!known_code(4711));
  BOOST_TEST((error_code_of(4711) == ErrorCode::internal));
}

BOOST_AUTO_TEST_CASE(a_plugin_exports_one_symbol) {
  const std::string symbols =
      fixture::output_of("nm -D --defined-only " + fixture::good_library("echo"));
  std::istringstream lines(symbols);
  std::string line;
  std::vector<std::string> found;
  while (std::getline(lines, line)) found.push_back(line.substr(line.rfind(' ') + 1));
  BOOST_TEST(found == std::vector<std::string>{"rondom_plugin_v1"},
             boost::test_tools::per_element());
}

void refused_with(const std::string& library, const std::string& sentence) {
  const Result<const rondom_plugin*> loaded = load_plugin(fixture::hostile_library(library));
  BOOST_REQUIRE(!loaded.ok());
  BOOST_TEST((loaded.error().code == ErrorCode::internal));
  BOOST_TEST(loaded.error().message == sentence);
}

BOOST_AUTO_TEST_CASE(tables_that_cannot_be_right_are_refused_with_a_sentence) {
  refused_with("table_other_major",
               "Plugin file hostile_table_other_major.so was built for another major version of "
               "the plugin interface (2); this Rondom has version 1.");
  refused_with("table_no_symbol",
               "File hostile_table_no_symbol.so is no Rondom plugin: it does not export "
               "rondom_plugin_v1.");
  refused_with("table_empty",
               "Plugin file hostile_table_empty.so returned a table of an impossible size.");
  refused_with("table_too_new",
               "Plugin file hostile_table_too_new.so needs plugin interface 1.9 and this Rondom "
               "has 1.0; update Rondom.");
  refused_with(
      "table_without_read",
      "Plugin file hostile_table_without_read.so has a connector \"dumb\" without read().");
}

BOOST_AUTO_TEST_CASE(duplicate_connectors_and_bad_ids_are_refused) {
  const rondom_plugin good = complete(*load_plugin(fixture::good_library("echo")).value());
  const rondom_connector* twice[] = {good.connectors[0], good.connectors[0]};
  rondom_plugin doubled = good;
  doubled.connectors = twice;
  BOOST_TEST(!check_table(&doubled, "x.so").ok());

  rondom_connector odd = complete(*good.connectors[0]);
  odd.id = "Not An Id";
  const rondom_connector* one[] = {&odd};
  rondom_plugin renamed = good;
  renamed.connectors = one;
  renamed.connector_count = 1;
  BOOST_TEST(!check_table(&renamed, "x.so").ok());
  odd.id = "an-id";
  BOOST_TEST(check_table(&renamed, "x.so").ok());
}

BOOST_AUTO_TEST_CASE(a_newer_runtime_is_explained_with_its_cure) {
  BOOST_TEST(explain_load_failure("/p/acme.so",
                                  "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found "
                                  "(required by /p/acme.so)") ==
             "Plugin file acme.so was built with a newer C++ compiler than this system has (it "
             "needs GLIBCXX_3.4.32); build it on this system, or install a newer libstdc++.");
  BOOST_TEST(explain_load_failure("/p/acme.so", "version `GLIBC_2.38' not found") ==
             "Plugin file acme.so was built on a newer system than this one (it needs GLIBC_2.38); "
             "build it on this system.");
  BOOST_TEST(explain_load_failure("/p/acme.so",
                                  "load() failed (dlerror system message: /p/acme.so: file too "
                                  "short): Bad file descriptor") ==
             "Plugin file acme.so cannot be loaded: /p/acme.so: file too short.");
  BOOST_TEST(explain_load_failure("/p/acme.so", "something else") ==
             "Plugin file acme.so cannot be loaded: something else.");
}

BOOST_AUTO_TEST_SUITE_END()
