// What `rondom job new` writes: always a job that compiles, whatever a source calls its fields.
#include "engine/starter_job.h"

#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

plugin::CatalogStream stream(std::string name, std::vector<std::string> fields) {
  plugin::CatalogStream made;
  made.name = std::move(name);
  for (std::string& field : fields) made.fields.push_back({std::move(field), "text", "x"});
  return made;
}

std::string text_of(plugin::CatalogStream one) {
  StarterJob job;
  job.name = "new";
  job.source = "crm";
  job.currency = "EUR";
  job.streams.push_back(std::move(one));
  return starter_job(job);
}

/// Problems of a project with that job, the field checks of the catalog included.
std::string problems_of(const plugin::CatalogStream& one) {
  World world({{"jobs/crm.yaml", text_of(one)}});
  config::Diagnostics diagnostics;
  const config::Job* job = world.project().job("new");
  BOOST_REQUIRE(job != nullptr);
  compile_job(world.project(), *job, {}, diagnostics);
  return diagnostics.render(world.folder());
}

void holds(const std::string& text, const char* line) {
  BOOST_TEST(text.find(line) != std::string::npos, "no " << line << " in\n" << text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(starter_jobs)

BOOST_AUTO_TEST_CASE(common_names_are_guessed_in_several_languages) {
  const std::string text =
      text_of(stream("contacts", {"Id", "Voornaam", "tussenvoegsel", "LastName", "E-mail", "zip",
                                  "Huisnummer", "Klasse", "updated_at", "naam"}));
  holds(text, "entity: person ");
  holds(text, "key: .Id ");
  holds(text, "cursor: .updated_at ");
  holds(text, "name.given: .Voornaam ");
  holds(text, "name.surname_prefix: .tussenvoegsel ");
  holds(text, "name.surname: .LastName ");
  holds(text, "email: .\"E-mail\" ");
  holds(text, "- house_number: .Huisnummer\n          postcode: .zip\n");
  holds(text, "# custom.klasse: .Klasse ");
  holds(text, "# custom.naam: .naam ");  // there are parts of the name
}

BOOST_AUTO_TEST_CASE(orders_and_organizations_are_told_by_the_stream) {
  const std::string orders =
      text_of(stream("orders", {"number", "total", "currency", "created_at"}));
  holds(orders, "entity: order ");
  holds(orders, "total: .total | money(.currency) ");
  holds(orders, "at: .created_at ");
  holds(text_of(stream("orders", {"id", "total"})), "total: .total | money(\"EUR\") ");
  holds(text_of(stream("Account", {"Id", "Name", "KvK"})), "identifier.kvk: .KvK ");
}

BOOST_AUTO_TEST_CASE(the_catalogs_key_and_cursor_come_first) {
  plugin::CatalogStream one = stream("lines", {"id", "order", "line", "changed", "updated_at"});
  one.key = {"order", "line"};
  one.cursor = "changed";
  holds(text_of(one), "key: [.order, .line] ");
  holds(text_of(one), "cursor: .changed ");
  one.fields[3].type =
      "integer";  // orders versions by itself; as a time it would refuse every record
  holds(text_of(one), "# cursor: ");
}

BOOST_AUTO_TEST_CASE(what_it_writes_compiles) {
  BOOST_TEST(problems_of(stream("contacts", {"Id", "First Name", "E-mail", "a.b"})) == "");
  BOOST_TEST(problems_of(stream("Account", {"Id", "x"})) == "");
  BOOST_TEST(problems_of(stream("invoices", {"Id", "total", "date"})) == "");
  BOOST_TEST(
      problems_of(stream("odd stream: #1", {"id", "a: b", "c # d", "it's", "\"q\"", "[x]", "&y",
                                            "line\nbreak", "back\\slash", "é", "1st", ""})) == "");
  // The parts are there to be guessed under any spelling, and none is taken twice.
  BOOST_TEST(problems_of(stream("people", {"id", "email", "E-Mail", "phone", "mobile", "name"})) ==
             "");
}

BOOST_AUTO_TEST_CASE(without_a_key_it_says_what_is_needed) {
  holds(text_of(stream("contacts", {"email"})), "# key: .…   # needed");
  holds(problems_of(stream("contacts", {"email"})), "has no key");
}

BOOST_AUTO_TEST_CASE(a_preset_is_named_and_shown) {
  StarterJob job;
  job.name = "new";
  job.source = "crm";
  job.streams.push_back(stream("contacts", {"id", "mail"}));
  job.preset = "contact";
  config::Diagnostics diagnostics;
  job.preset_map = config::parse_yaml(
      "entity: person\nmap:\n  email: .mail\n  tags: [{ value: .tag }]\n", "p.yaml", diagnostics);
  const std::string text = starter_job(job);
  holds(text, "    preset: contact\n");
  holds(text, "    #   email: .mail\n");
  holds(text, "    #   tags: [{\"value\":\".tag\"}]\n");
  BOOST_TEST(text.find("entity:") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_stream_with_a_preset_of_its_name_is_mapped_by_it) {
  StarterJob job;
  job.name = "new";
  job.source = "crm";
  job.streams.push_back(stream("Contact", {"id", "mail"}));
  job.streams.push_back(stream("Visit", {"id", "mail"}));
  config::Diagnostics diagnostics;
  job.own_presets.push_back(
      {"Contact", "contact",
       config::parse_yaml("entity: person\nmap:\n  email: .mail\n", "p.yaml", diagnostics)});
  const std::string text = starter_job(job);
  const std::size_t second = text.find("  - stream: Visit\n");
  BOOST_REQUIRE(second != std::string::npos);
  holds(text.substr(0, second), "    preset: contact\n");
  BOOST_TEST(text.substr(second).find("preset:") == std::string::npos);
  holds(text.substr(second), "      email: .mail");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::engine::test
