// The destination's map: what is computed, what is refused, and the hashes that are kept.
#include <boost/test/unit_test.hpp>

#include "pipeline/activate/field_map.h"
#include "pipeline/activate/fields.h"
#include "world.h"

namespace rondom::activate::test {
namespace {

struct Compiled {
  explicit Compiled(std::string_view yaml, const config::ProfileSchema* schema = nullptr) {
    const config::Node node = config::parse_yaml(yaml, "jobs/x.yaml", diagnostics);
    map = FieldMap(node, schema, diagnostics);
  }
  config::Diagnostics diagnostics;
  FieldMap map;

  std::string problem() const {
    return diagnostics.empty() ? std::string() : diagnostics.errors().front().message;
  }
};

std::string rendered(const FieldMap& map, std::string_view profile_json,
                     std::string_view contact = "") {
  Arena arena;
  JsonReader reader;
  const Value profile = *reader.parse(profile_json, arena);
  std::vector<RenderedField> fields;
  const Status done = map.render(
      {with_permitted(profile, "email", contact, arena), 0, "NL", "UTC", &arena}, fields);
  if (!done.ok()) return done.error().message;
  std::string text;
  for (const RenderedField& field : fields) {
    text += std::string(field.name) + "=" + std::string(field.json) + ";";
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(activate_field_map)

BOOST_AUTO_TEST_CASE(expressions_constants_and_missing_values) {
  const Compiled one("b: .name.given\na: fixed\nc: .name.nickname\nd: 5\ne: \"5\"\nf: true\n");
  BOOST_TEST(one.problem() == "");
  BOOST_TEST(rendered(one.map, R"({"name":{"given":"Jan \"J\""}})") ==
             R"(a="fixed";b="Jan \"J\"";c=;d=5;e="5";f=true;)");
}

BOOST_AUTO_TEST_CASE(the_permitted_contact_is_a_field_of_the_profile) {
  const Compiled one("email: .permitted.email\n");
  BOOST_TEST(rendered(one.map, "{}", "a@example.com") == R"(email="a@example.com";)");
  BOOST_TEST(rendered(one.map, "{}") == "email=;");
}

BOOST_AUTO_TEST_CASE(words_conditions_lists_and_objects) {
  const Compiled one(
      "sex: { from: .gender, values: { female: F, male: M }, else: X }\n"
      "text: { const: \"a | (b) c\" }\n"
      "vip: { when: .points > 10, value: .points }\n"
      "tags: [ news, .tier, .nothing ]\n"
      "address: { city: .city, country: NL, none: .nothing }\n");
  BOOST_TEST(one.problem() == "");
  const std::string man =
      rendered(one.map, R"({"gender":"male","points":11,"tier":"gold","city":"Breda"})");
  BOOST_TEST(man == R"(address={"city":"Breda","country":"NL"};sex="M";tags=["news","gold"];)"
                    R"(text="a | (b) c";vip=11;)");
  const std::string other = rendered(one.map, R"({"gender":"other","points":2})");
  BOOST_TEST(other == R"(address={"country":"NL"};sex="X";tags=["news"];text="a | (b) c";vip=;)");
}

BOOST_AUTO_TEST_CASE(what_a_map_refuses) {
  BOOST_TEST(Compiled("a: first | lower\n").problem() == "a constant holds | or (");
  BOOST_TEST(Compiled("a: { from: .x }\n").problem() == "from needs values: our words and theirs");
  BOOST_TEST(Compiled("a: { const: 1, from: .x }\n").problem() ==
             "a value takes exactly one of value, const and from");
  BOOST_TEST(Compiled("a: { const: 1, elze: 2 }\n").problem() == "unknown key elze in a value");
  BOOST_TEST(!Compiled("a: .x | nonsense\n").problem().empty());
  BOOST_TEST(Compiled("- 1\n").problem() == "map takes a field and its value a line");
}

BOOST_AUTO_TEST_CASE(unknown_profile_fields_are_named_with_a_guess) {
  const std::vector<std::string> fields = {"name.given", "name.surname", "permitted"};
  const config::ProfileSchema known(config::Project(), Entity::person, fields);
  BOOST_TEST(Compiled("a: .name.given\nb: .custom.x\nc: .country\nd: .permitted.email\n", &known)
                 .problem() == "");
  const Compiled member("a: .name.givn\n", &known);
  BOOST_TEST(member.problem() == "no attribute name.givn");
  BOOST_TEST(member.diagnostics.errors().front().hint == "did you mean name.given?");
  BOOST_TEST(Compiled("a: .countrey\n", &known).problem() == "no attribute countrey");
  BOOST_TEST(Compiled("a: .addresses[usage == \"work\"].city\n", &known).problem() ==
             "an element of addresses has no field city");
}

BOOST_AUTO_TEST_CASE(a_value_that_cannot_be_computed_names_its_field) {
  const Compiled one("a: .x | number\n");
  BOOST_TEST(rendered(one.map, R"({"x":"no number"})").starts_with("field a: "));
}

BOOST_AUTO_TEST_CASE(the_fingerprint_follows_the_map) {
  const std::uint64_t before = Compiled("a: .x\nb: 1\n").map.fingerprint();
  BOOST_TEST(Compiled("a: .x\nb: 1\n").map.fingerprint() == before);
  BOOST_TEST(Compiled("a: .y\nb: 1\n").map.fingerprint() != before);
  BOOST_TEST(Compiled("a: .x\nb: \"1\"\n").map.fingerprint() != before);
  BOOST_TEST(Compiled("a: .x\nc: 1\n").map.fingerprint() != before);
}

BOOST_AUTO_TEST_CASE(field_hashes_survive_the_round_trip) {
  const std::string long_name(300, 'n');
  const std::vector<FieldHash> fields = {{"a", 1}, {"b", 0xFFFFFFFFFFFFFFFFu}, {long_name, 42}};
  const std::string bytes = encode_fields(fields);
  std::vector<FieldHash> read;
  decode_fields(bytes, read);
  BOOST_REQUIRE(read.size() == 3u);
  BOOST_TEST(hash_of(read, "b") == 0xFFFFFFFFFFFFFFFFu);
  BOOST_TEST(hash_of(read, long_name) == 42u);
  BOOST_TEST(hash_of(read, "c") == 0u);
  BOOST_TEST(!encode_fields({}).empty());
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    decode_fields(std::string_view(bytes).substr(0, cut), read);
    BOOST_TEST(read.size() < 3u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::activate::test
