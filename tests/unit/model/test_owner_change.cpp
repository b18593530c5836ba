// owner_change: when a record's new content is somebody else.
#include <boost/test/unit_test.hpp>

#include "model/model.h"
#include "model/owner_change.h"

namespace rondom::test {
namespace {

std::string person(const std::string& surname, const std::string& birth,
                   const std::vector<std::string>& emails) {
  RecordBuilder builder;
  if (!surname.empty()) builder.add({attribute::name_surname, 0, surname, {}, Rule::none, {}});
  if (!birth.empty()) builder.add({attribute::birth_date, 0, birth, {}, Rule::none, {}});
  std::uint32_t group = 0;
  for (const std::string& email : emails)
    builder.add({attribute::email_value, ++group, email, {}, Rule::none, {}});
  return std::string(builder.bytes());
}

BOOST_AUTO_TEST_SUITE(owner_change)

BOOST_AUTO_TEST_CASE(two_of_three_make_another_person) {
  const std::string anna = person("Bakker", "1980-02-29", {"anna@example.com"});
  struct Case {
    const char* what;
    std::string after;
    bool is;
  };
  const Case cases[] = {
      {"nothing", anna, false},
      {"a new address", person("Bakker", "1980-02-29", {"new@example.com"}), false},
      {"a typo of the birth date", person("Bakker", "1980-02-28", {"anna@example.com"}), false},
      {"married", person("Visser", "1980-02-29", {"anna@example.com"}), false},
      {"surname and address", person("Visser", "1980-02-29", {"jan@example.com"}), true},
      {"surname and birth date", person("Visser", "1955-01-01", {"anna@example.com"}), true},
      {"birth date and address", person("Bakker", "1955-01-01", {"jan@example.com"}), true},
      {"all three", person("Visser", "1955-01-01", {"jan@example.com"}), true},
      {"one address more", person("Visser", "1980-02-29", {"anna@example.com", "a@example.com"}),
       false},
      {"a longer surname", person("Bakker-Smit", "1955-01-01", {"anna@example.com"}), false},
      {"case and marks", person("BÀKKER", "1955-01-01", {"anna@example.com"}), false},
      {"emptied", person("", "", {}), false},
      {"emptied and one change", person("", "", {"jan@example.com"}), false},
  };
  for (const Case& c : cases) BOOST_TEST(is_owner_change(anna, c.after) == c.is, c.what);
  BOOST_TEST(!is_owner_change(person("Bakker", "1980", {"a@example.com"}),
                              person("Bakker", "1980-02-29", {"b@example.com"})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::test
