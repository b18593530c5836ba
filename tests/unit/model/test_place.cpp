// One text for one front door, none for what is no door.
#include <boost/test/unit_test.hpp>

#include "model/model.h"
#include "model/place.h"

namespace rondom::test {
namespace {

struct Address {
  std::string street = {}, number = {}, suffix = {}, postcode = {}, locality = {};
  std::string country = "NL", usage = {}, status = {}, unit = {};
};

std::vector<std::string> places(const std::vector<Address>& addresses) {
  RecordBuilder builder;
  std::uint32_t group = 0;
  for (const Address& one : addresses) {
    ++group;
    const auto add = [&](AttributeId id, const std::string& value) {
      if (!value.empty()) builder.add({id, group, value, {}, Rule::none, {}});
    };
    add(attribute::address_usage, one.usage);
    add(attribute::address_street, one.street);
    add(attribute::address_house_number, one.number);
    add(attribute::address_house_number_suffix, one.suffix);
    add(attribute::address_unit, one.unit);
    add(attribute::address_postcode, one.postcode);
    add(attribute::address_locality, one.locality);
    add(attribute::address_country, one.country);
    add(attribute::address_status, one.status);
  }
  std::vector<std::string> found;
  for_each_place(builder.bytes(), [&](std::string_view place) { found.emplace_back(place); });
  return found;
}

std::string place(const Address& address) {
  const auto found = places({address});
  return found.empty() ? std::string() : found.front();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(place_of_a_party)

BOOST_AUTO_TEST_CASE(a_postcode_and_a_number_are_enough_however_they_are_written) {
  const std::string here = place({"Dorpsstraat", "12", "a", "1234 AB", "Ede"});
  BOOST_TEST(!here.empty());
  BOOST_TEST(place({"Dorpsstr.", "12", "A", "1234ab", ""}) == here);
  for (const Address& other :
       {Address{"Dorpsstraat", "12", "", "1234AB", "Ede"},
        Address{"Dorpsstraat", "12", "b", "1234AB", "Ede"},
        Address{"Dorpsstraat", "13", "a", "1234AB", "Ede"},
        Address{"Dorpsstraat", "12", "a", "1234AC", "Ede"},
        Address{"Dorpsstraat", "12", "a", "1234AB", "Ede", "BE"},
        Address{"Dorpsstraat", "12", "a", "1234AB", "Ede", "NL", "", "", "3"}}) {
    BOOST_TEST(place(other) != here);
  }
  // What stands before the bar is never mistaken for what stands behind it.
  BOOST_TEST(place({"", "1", "2", "1234AB"}) != place({"", "12", "", "1234AB"}));
}

BOOST_AUTO_TEST_CASE(without_a_postcode_street_number_and_locality_are) {
  const std::string here = place({"Rue Haute", "7", "", "", "Liège", "BE"});
  BOOST_TEST(!here.empty());
  BOOST_TEST(place({"rue haute", "7", "", "", "LIEGE", "BE"}) == here);
  BOOST_TEST(place({"Rue Haute 7", "", "", "", "Liège", "BE"}) != "");
}

BOOST_AUTO_TEST_CASE(what_says_too_little_or_is_no_home_is_no_place) {
  BOOST_TEST(place({"Dorpsstraat", "", "", "1234AB", "Ede"}) == "");
  BOOST_TEST(place({"Dorpsstraat", "12"}) == "");
  BOOST_TEST(place({"", "12", "", "", "Ede"}) == "");
  BOOST_TEST(place({"Werkweg", "1", "", "1234AB", "", "NL", "work"}) == "");
  BOOST_TEST(place({"Oudweg", "1", "", "1234AB", "", "NL", "", "moved"}) == "");
  BOOST_TEST(places({}).empty());
}

BOOST_AUTO_TEST_CASE(each_address_of_a_record_is_one) {
  const Address home{"Dorpsstraat", "12", "", "1234AB", "Ede"};
  const Address summer{"Kade", "1", "", "9999ZZ", "Sneek"};
  BOOST_TEST(places({home, summer}) == (std::vector<std::string>{place(home), place(summer)}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
