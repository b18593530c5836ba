#include "pipeline/map/reference.h"

#include <boost/test/unit_test.hpp>

#include "project.h"
#include "support/reference_page.h"

using namespace rondom;
using namespace rondom::map_tests;

BOOST_AUTO_TEST_SUITE(map_reference)

namespace {

std::string shown(const Outcome& outcome) {
  if (outcome.kind == map::Mapped::Kind::refused) return "refused: " + outcome.reason + "\n";
  if (outcome.kind == map::Mapped::Kind::filtered) return "filtered\n";
  std::string text;
  for (const Record& record : outcome.records) {
    text += std::string(to_text(record.entity)) + " " + record.key + "\n";
    for (const std::string& cell : record.cells) {
      const std::size_t equal = cell.find('=');
      text += "  " + cell.substr(0, equal) + " = " + cell.substr(equal + 1) + "\n";
    }
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_example_is_true) {
  for (const map::MapExample& example : map::map_examples()) {
    Fixture fixture;
    fixture.project.connections[1].name = "shop";
    fixture.project.jobs[1] =
        Fixture::source_job("shop", "shop", {"customers", "orders", "visits", "stock"});
    fixture.job = 1;
    fixture.preset = example.preset;
    BOOST_TEST_CONTEXT(example.title) {
      BOOST_TEST(shown(fixture.map(example.stream, example.record)) == example.result);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_construct_is_in_it) {
  std::string yaml;
  for (const map::MapExample& example : map::map_examples()) yaml += example.stream;
  for (const char* word : {"entity:", "map:", "records:", "when:", "for_each:", "from:", "values:",
                           "else:", "const:", "required:", "to:", "key:", "preset:", ": ~"}) {
    BOOST_TEST(yaml.find(word) != std::string::npos, word);
  }
}

BOOST_AUTO_TEST_CASE(the_reference_page_is_up_to_date) {
  rondom::test::check_reference_page("maps.md", map::reference());
}

BOOST_AUTO_TEST_SUITE_END()
