#include <boost/test/unit_test.hpp>

#include "model/model.h"
#include "model/person_names.h"

namespace rondom {
namespace {

struct Said {
  std::string_view given = {}, full = {}, initials = {}, surname = {}, birth = {};
};

std::string record_of(const Said& said) {
  RecordBuilder builder;
  const auto add = [&](AttributeId id, std::string_view value) {
    if (!value.empty()) builder.add({id, 0, value, {}, Rule::none, {}});
  };
  add(attribute::name_full, said.full);
  add(attribute::name_given, said.given);
  add(attribute::name_initials, said.initials);
  add(attribute::name_surname, said.surname);
  add(attribute::birth_date, said.birth);
  return std::string(builder.bytes());
}

BOOST_AUTO_TEST_SUITE(model_person_names)

BOOST_AUTO_TEST_CASE(who_may_be_one_person_at_a_contact_point) {
  const struct {
    Said one, other;
    bool may_be;
  } cases[] = {
      {{"Anna"}, {"Anna"}, true},
      {{"Anna"}, {"Bram"}, false},
      {{"Anna"}, {"", "", "A."}, true},
      {{"Anna"}, {"", "", "B."}, false},
      {{"Robert"}, {"Bob"}, true},
      {{"Anna"}, {}, true},
      {{"Anna"}, {"", "Anna Bakker"}, true},
      {{"Anna"}, {"", "Bram Bakker"}, false},
      {{"", "Anna Bakker"}, {"", "Bakker Anna"}, true},
      {{"", "Anna Bakker"}, {"", "Bram Bakker"}, false},
      // A surname alone is nobody's whole name.
      {{"Anna"}, {"", "Bakker"}, true},
      {{"Jan", "", "", "", "1950-03-04"}, {"Jan", "", "", "", "1981-11-20"}, false},
      {{"Jan", "", "", "", "1950-03-04"}, {"Jan", "", "", "", "1950-04-03"}, true},
      {{"Jan", "", "", "", "1950-03-04"}, {"Jan", "", "", "", "1950"}, true},
      {{"", "", "", "", "1950-03-04"}, {"Jan"}, true},
  };
  for (const auto& one : cases) {
    const std::string a = record_of(one.one), b = record_of(one.other);
    BOOST_TEST_CONTEXT(one.one.given << one.one.full << " and " << one.other.given << one.other.full
                                     << one.other.initials) {
      BOOST_TEST(may_be_same_person(a, b) == one.may_be);
      BOOST_TEST(may_be_same_person(b, a) == one.may_be);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom
