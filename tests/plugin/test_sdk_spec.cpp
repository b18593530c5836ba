// Spec: one declaration gives schema, parsing and messages. And what a plugin's table says of it.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <rondom/sdk.hpp>
#include <string>
#include <vector>

namespace {

struct Column {
  std::string name;
  std::string type;
  static constexpr auto spec = rondom::Spec<Column>("column", "A column.")
                                   .field("name", &Column::name, "Its name.")
                                   .required()
                                   .field("type", &Column::type, "Its type.")
                                   .choices("text", "date")
                                   .fallback("text");
};

struct Config {
  std::string account;
  std::int64_t page_size = 0;
  std::uint8_t small = 7;
  double rate = 0;
  bool strict = false;
  std::chrono::seconds timeout{};
  std::optional<std::int64_t> limit;
  std::vector<std::string> tags;
  std::map<std::string, std::int64_t> weights;
  std::vector<Column> columns;
  Column key;
  rondom::Json anything;
};

class Contacts final : public rondom::Source {
 public:
  static constexpr auto spec = rondom::Spec<Config>("acme-crm", "Contacts of Acme CRM.")
                                   .auth(rondom::bearer("token", "Private app token."))
                                   .field("account", &Config::account, "Account to read.")
                                   .required()
                                   .example("acme")
                                   .field("page_size", &Config::page_size, "Records a request.")
                                   .fallback(200)
                                   .range(1, 1000)
                                   .field("small", &Config::small, "A small number.")
                                   .field("rate", &Config::rate, "A rate.")
                                   .range(0.5, 2)
                                   .field("strict", &Config::strict, "Be strict.")
                                   .fallback(true)
                                   .field("timeout_secs", &Config::timeout, "Limit.")
                                   .fallback(30)
                                   .range(1, 600)
                                   .field("limit", &Config::limit, "Limit.")
                                   .field("tags", &Config::tags, "Tags.")
                                   .choices("a", "b")
                                   .field("weights", &Config::weights, "Weights.")
                                   .field("columns", &Config::columns, "Columns.")
                                   .field("key", &Config::key, "The key.")
                                   .field("anything", &Config::anything, "Anything.");
  rondom::Status check() override { return {}; }
  rondom::Result<rondom::Catalog> discover() override { return rondom::Catalog(); }
  rondom::Status read(const rondom::ReadRequest&, rondom::RecordWriter&) override { return {}; }
};

rondom::Result<Config> parse(const std::string& text) {
  return Contacts::spec.parse(text);
}

}  // namespace

RONDOM_PLUGIN_TABLE(acme_plugin_table, "acme", "1.0.0", rondom::source<Contacts>())

BOOST_AUTO_TEST_SUITE(sdk_spec)

BOOST_AUTO_TEST_CASE(a_full_configuration_is_read) {
  const auto config = parse(
      R"({"account":"a","page_size":5,"small":9,"rate":1.5,"strict":false,"timeout_secs":12,)"
      R"("limit":3,"tags":["a","b"],"weights":{"x":1},"columns":[{"name":"n","type":"date"}],)"
      R"("key":{"name":"k"},"anything":[1,"x"]})");
  BOOST_REQUIRE_MESSAGE(config.ok(), (config.ok() ? "" : config.error().message));
  BOOST_TEST(config->account == "a");
  BOOST_TEST(config->page_size == 5);
  BOOST_TEST(config->small == 9);
  BOOST_TEST(config->rate == 1.5);
  BOOST_TEST(!config->strict);
  BOOST_TEST(config->timeout.count() == 12);
  BOOST_TEST(*config->limit == 3);
  BOOST_TEST(config->tags.size() == 2u);
  BOOST_TEST(config->weights.at("x") == 1);
  BOOST_TEST(config->columns.at(0).type == "date");
  BOOST_TEST(config->key.type == "text");
  BOOST_TEST(config->anything.to_text() == R"([1,"x"])");
}

BOOST_AUTO_TEST_CASE(what_is_absent_has_its_fallback_or_its_default) {
  const auto config = parse(R"({"account":"a","limit":null})");
  BOOST_REQUIRE(config.ok());
  BOOST_TEST(config->page_size == 200);
  BOOST_TEST(config->small == 7);
  BOOST_TEST(config->strict);
  BOOST_TEST(config->timeout.count() == 30);
  BOOST_TEST(!config->limit.has_value());
}

BOOST_AUTO_TEST_CASE(refusals_name_the_field_and_never_the_value) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", R"("account" is required and missing.)"},
      {R"([])", "The configuration must be an object."},
      {R"({"account":1})", R"("account" must be a text.)"},
      {R"({"account":"a","page_size":0})", R"("page_size" must be between 1 and 1000.)"},
      {R"({"account":"a","page_size":1.5})", R"("page_size" must be a whole number.)"},
      {R"({"account":"a","small":256})", R"("small" is out of range.)"},
      {R"({"account":"a","small":-1})", R"("small" is out of range.)"},
      {R"({"account":"a","rate":2.5})", R"("rate" must be between 0.5 and 2.)"},
      {R"({"account":"a","strict":"yes"})", R"("strict" must be true or false.)"},
      {R"({"account":"a","timeout_secs":601})", R"("timeout_secs" must be between 1 and 600.)"},
      {R"({"account":"a","tags":"a"})", R"("tags" must be a list.)"},
      {R"({"account":"a","tags":["a","hunter2"]})", R"("tags[1]" must be one of: a, b.)"},
      {R"({"account":"a","weights":{"x":"y"}})", R"("weights.x" must be a whole number.)"},
      {R"({"account":"a","columns":[{"name":"n"},{}]})",
       R"("columns[1].name" is required and missing.)"},
      {R"({"account":"a","columns":[{"nam":"n"}]})",
       R"("columns[0].nam" is not known here; known: name, type.)"},
      {R"({"account":"a","key":3})", R"("key" must be an object.)"},
  };
  for (const auto& [text, message] : cases) {
    const auto config = parse(text);
    BOOST_REQUIRE_MESSAGE(!config.ok(), text);
    BOOST_TEST((config.error().code == rondom::Code::config));
    BOOST_TEST(config.error().message == message);
  }
}

BOOST_AUTO_TEST_CASE(fields_of_the_declared_authentication_are_known_and_not_read) {
  BOOST_TEST(parse(R"({"account":"a","token":"t"})").ok());
  BOOST_TEST(parse(R"({"account":"a","tokn":"t"})").error().message.find("token, account") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_schema_says_what_the_parser_does) {
  const auto schema = rondom::parse_json(Contacts::spec.schema());
  BOOST_REQUIRE(schema.ok());
  BOOST_TEST(schema->find("x-auth")->to_text() == R"([{"kind":"bearer","fields":["token"]}])");
  BOOST_TEST(schema->find("required")->to_text() == R"(["token","account"])");
  BOOST_TEST(!schema->boolean_or("additionalProperties", true));
  const rondom::Json& properties = *schema->find("properties");
  BOOST_TEST(properties.find("token")->boolean_or("x-secret", false));
  BOOST_TEST(properties.find("page_size")->to_text() ==
             R"({"type":"integer","minimum":1,"maximum":1000,)"
             R"("description":"Records a request.","default":200})");
  BOOST_TEST(properties.find("account")->find("examples")->to_text() == R"(["acme"])");
  BOOST_TEST(
      properties.find("tags")->to_text() ==
      R"({"type":"array","items":{"type":"string","enum":["a","b"]},"description":"Tags."})");
  BOOST_TEST(properties.find("columns")->find("items")->find("required")->to_text() ==
             R"(["name"])");
  BOOST_TEST(properties.find("small")->integer_or("minimum", -1) == 0);
}

extern "C" const rondom_plugin* acme_plugin_table(void);

BOOST_AUTO_TEST_CASE(the_table_of_a_plugin_is_made_once) {
  const rondom_plugin* plugin = acme_plugin_table();
  BOOST_TEST(plugin == acme_plugin_table());
  BOOST_REQUIRE(plugin->connector_count == 1u);
  const rondom_connector& source = *plugin->connectors[0];
  BOOST_TEST(source.id == "acme-crm");
  BOOST_TEST(source.version == "1.0.0");
  BOOST_TEST(source.kind == RONDOM_KIND_SOURCE);
  BOOST_TEST((source.read != nullptr && source.discover != nullptr));
  BOOST_TEST((source.write == nullptr && source.look_up == nullptr));
  BOOST_TEST(source.spec_json == Contacts::spec.schema());
}

BOOST_AUTO_TEST_SUITE_END()
