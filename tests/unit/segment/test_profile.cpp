#include <boost/test/unit_test.hpp>

#include "profiles.h"

using namespace rondom;
using namespace rondom::segment_tests;

BOOST_AUTO_TEST_SUITE(profile_values)

namespace {
std::string json_of(const std::string& bytes, Entity entity = Entity::person) {
  Arena arena;
  std::string json;
  segment::profile_value(bytes, entity, arena).append_json(json);
  return json;
}

const Value& at(const Value& object, std::string_view name) {
  const Value* found = object.find(name);
  BOOST_REQUIRE_MESSAGE(found != nullptr, name);
  return *found;
}
}  // namespace

BOOST_AUTO_TEST_CASE(a_profile_as_a_tree) {
  BOOST_TEST(
      json_of(anna()) ==
      R"({"custom":{"tier":"gold"},)"
      R"("identifiers":[{"namespace":"customer_login","value":"8812"}],)"
      R"("identifier":{"customer_login":"8812"},)"
      R"("name":{"given":"Anna","surname":"Berg"},"birth_date":"1980-02-29","test_record":false,)"
      R"("emails":[{"value":"anna@example.com","usage":"personal"},{"value":"a.berg@work.example"}],)"
      R"("addresses":[{"locality":"Gent","country":"BE"}],)"
      R"("consents":[{"purpose":"email_marketing","status":"granted","at":"2026-02-02T10:00:00Z"}],)"
      R"("tags":["vip","press"],"email":"anna@example.com","country":"BE","phones":[],"relations":[],)"
      R"("suppressions":[],"preferences":[]})");
}

BOOST_AUTO_TEST_CASE(scalars_have_the_type_of_their_attribute) {
  Arena arena;
  const std::string bytes = anna();
  const Value anna_value = segment::profile_value(bytes, Entity::person, arena);
  BOOST_TEST((at(anna_value, "birth_date").type() == ValueType::date));
  BOOST_TEST((at(anna_value, "test_record").type() == ValueType::boolean));
  BOOST_TEST((at(at(anna_value, "consents").item(0), "at").type() == ValueType::time));

  const std::string order = profile_bytes({{attribute::activity_at, 0, "2026-01-01T00:00:00Z"},
                                           {attribute::order_total, 0, "1990 EUR"},
                                           {attribute::line_quantity, 1, "2.5"},
                                           {attribute::line_unit_price, 1, "796 EUR"}});
  const Value order_value = segment::profile_value(order, Entity::order, arena);
  BOOST_TEST((at(order_value, "total").type() == ValueType::money));
  BOOST_TEST(at(order_value, "total").minor_units() == 1990);
  const Value& line = at(order_value, "lines").item(0);
  BOOST_TEST((at(line, "quantity").type() == ValueType::decimal));
  BOOST_TEST(at(line, "unit_price").currency() == "EUR");
}

BOOST_AUTO_TEST_CASE(text_that_is_not_of_its_type_stays_text) {
  Arena arena;
  const std::string bytes = profile_bytes({{attribute::birth_date, 0, "sometime"}});
  const Value value = segment::profile_value(bytes, Entity::person, arena);
  BOOST_TEST((at(value, "birth_date").type() == ValueType::text));
}

BOOST_AUTO_TEST_CASE(elements_stand_in_the_order_of_their_groups) {
  const std::string bytes = profile_bytes({{attribute::phone_value, 12, "+31612345678"},
                                           {attribute::phone_value, 3, "+31201234567"},
                                           {attribute::phone_usage, 12, "personal"}});
  const std::string json = json_of(bytes);
  BOOST_TEST(json.find(R"("phones":[{"value":"+31201234567"},)"
                       R"({"value":"+31612345678","usage":"personal"}])") != std::string::npos,
             json);
  BOOST_TEST(json.find(R"("phone":"+31201234567")") != std::string::npos, json);
}

BOOST_AUTO_TEST_CASE(an_invalid_address_is_the_last_choice) {
  const std::string both = profile_bytes({{attribute::email_value, 1, "no mail"},
                                          {attribute::email_status, 1, "invalid"},
                                          {attribute::email_value, 2, "a@example.com"}});
  BOOST_TEST(json_of(both).find(R"("email":"a@example.com")") != std::string::npos, json_of(both));
  const std::string one = profile_bytes(
      {{attribute::email_value, 1, "no mail"}, {attribute::email_status, 1, "invalid"}});
  BOOST_TEST(json_of(one).find(R"("email":"no mail")") != std::string::npos, json_of(one));
}

BOOST_AUTO_TEST_CASE(a_stated_country_goes_before_that_of_an_address) {
  const std::string bytes =
      profile_bytes({{attribute::country, 0, "NL"}, {attribute::address_country, 1, "BE"}});
  const std::string json = json_of(bytes);
  BOOST_TEST(json.find(R"("country":"NL")") != std::string::npos, json);
  BOOST_TEST(json.find(R"("country":"BE"}])") != std::string::npos, json);
  BOOST_TEST(json.find(R"("country":"BE")") == json.rfind(R"("country":"BE")"), json);
}

BOOST_AUTO_TEST_CASE(several_values_of_one_name) {
  const std::string bytes = profile_bytes({{attribute::custom, 1, "a", "colour"},
                                           {attribute::custom, 2, "b", "colour"},
                                           {attribute::identifier, 1, "v1", "visitor"},
                                           {attribute::identifier, 2, "v2", "visitor"}});
  const std::string json = json_of(bytes);
  BOOST_TEST(json.find(R"("custom":{"colour":["a","b"]})") != std::string::npos, json);
  BOOST_TEST(json.find(R"("identifier":{"visitor":"v1"})") != std::string::npos, json);
  BOOST_TEST(json.find(R"({"namespace":"visitor","value":"v2"})") != std::string::npos, json);
}

BOOST_AUTO_TEST_CASE(an_empty_profile_has_empty_lists) {
  BOOST_TEST(json_of("") ==
             R"({"emails":[],"phones":[],"addresses":[],"consents":[],)"
             R"("relations":[],"tags":[],"suppressions":[],"preferences":[],"identifiers":[]})");
}

BOOST_AUTO_TEST_CASE(damaged_bytes_give_what_was_readable) {
  const std::string bytes = anna();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string json = json_of(bytes.substr(0, size));
    BOOST_TEST(json.starts_with("{"));
  }
}

BOOST_AUTO_TEST_CASE(fields_name_all_that_a_profile_can_hold) {
  const std::vector<std::string> person = segment::profile_fields(Entity::person);
  const auto holds = [&](std::string_view name) {
    return std::find(person.begin(), person.end(), name) != person.end();
  };
  for (const char* name : {"name", "birth_date", "emails", "email", "phone", "country", "tags",
                           "custom", "identifier", "identifiers", "consents", "death"}) {
    BOOST_TEST(holds(name), name);
  }
  BOOST_TEST(!holds("total"));
  BOOST_TEST(std::is_sorted(person.begin(), person.end()));
  Arena arena;
  const std::string bytes = anna();
  const Value value = segment::profile_value(bytes, Entity::person, arena);
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    BOOST_TEST(holds(value.member(i).name), value.member(i).name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
