// Plans of a source job and the catalogs that `discover --save` leaves for them.
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

plugin::Catalog catalog() {
  plugin::CatalogStream contact;
  contact.name = "Contact";
  contact.key = {"Id", "Region"};
  contact.cursor = "Changed";
  contact.fields = {{"Id", "text", ""},
                    {"Region", "text", ""},
                    {"Changed", "time", ""},
                    {"First \"Name\"", "text", "A•••"},
                    {"Email", "text", "a•••@example.com"}};
  plugin::CatalogStream account;
  account.name = "Account";
  return {{contact, account}};
}

struct Saved {
  Saved() { world.change("catalog/crm.json", catalog_json(catalog(), "12 March")); }
  std::string problems(const std::string& job) {
    world.change("jobs/crm.yaml", job);
    config::Diagnostics diagnostics;
    plans = compile_job(world.project(), *world.project().job("crm"), inventory, diagnostics);
    std::string text;
    for (const config::Diagnostic& one : diagnostics.errors()) {
      text += one.message + (one.hint.empty() ? "" : " (" + one.hint + ")") + "\n";
    }
    return text;
  }
  World world;
  plugin::Inventory inventory;
  std::vector<StreamPlan> plans;
};

BOOST_AUTO_TEST_SUITE(plans)

BOOST_FIXTURE_TEST_CASE(a_saved_catalog_comes_back, Saved) {
  BOOST_TEST(catalog_path(world.project(), "crm") == world.folder() + "/catalog/crm.json");
  const map::KnownFields known = known_fields(world.project(), "crm", "Contact");
  const std::vector<std::string> names = {"Id", "Region", "Changed", "First \"Name\"", "Email"};
  const std::vector<std::string> key = {"Id", "Region"};
  BOOST_TEST(known.names == names, boost::test_tools::per_element());
  BOOST_TEST(known.key == key, boost::test_tools::per_element());
  BOOST_TEST(known.cursor == "Changed");
  BOOST_TEST(known.saved_on == "12 March");
}

BOOST_FIXTURE_TEST_CASE(a_catalog_holds_no_examples, Saved) {
  // Examples may be personal data; the catalog is a file of the project.
  BOOST_TEST(catalog_json(catalog(), "12 March").find("example.com") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_was_not_saved_is_unknown, Saved) {
  BOOST_TEST(known_fields(world.project(), "crm", "Account").names.empty());
  BOOST_TEST(known_fields(world.project(), "crm", "Leads").names.empty());
  BOOST_TEST(known_fields(world.project(), "shop", "Contact").names.empty());
  world.change("catalog/crm.json", "{\"streams\":[1,{\"stream\":2},{\"stream\":\"Contact\",");
  BOOST_TEST(known_fields(world.project(), "crm", "Contact").names.empty());
  world.change(
      "catalog/crm.json",
      "{\"streams\":[1,{\"stream\":2},{\"stream\":\"Contact\",\"key\":7,\"fields\":[8]}]}");
  BOOST_TEST(known_fields(world.project(), "crm", "Contact").names.empty());
}

BOOST_FIXTURE_TEST_CASE(the_catalog_gives_key_and_cursor_and_checks_fields, Saved) {
  BOOST_TEST(problems("job: crm\nsource: crm\nstreams:\n  - stream: Contact\n    entity: person\n"
                      "    map: { email: .Email }\n") == "");
  BOOST_REQUIRE(plans.size() == 1);
  Arena arena;
  map::Mapper mapper(plans[0].plan);
  const map::Identity identity = mapper.identify(
      R"({"Id":"7","Region":"EU","Changed":"2026-01-02T03:04:05Z","Email":"a@example.com"})",
      arena);
  BOOST_TEST(identity.key == "7/EU");
  BOOST_TEST(format_time(mapper.map(no_time, arena).observed_at) == "2026-01-02T03:04:05Z");

  const std::string slip = problems(
      "job: crm\nsource: crm\nstreams:\n  - stream: Contact\n    entity: person\n"
      "    map: { email: .Emial }\n");
  BOOST_TEST(slip.find("Contact has no field Emial") != std::string::npos);
  BOOST_TEST(slip.find("Email") != std::string::npos);
  BOOST_TEST(plans[0].plan == nullptr);
}

BOOST_FIXTURE_TEST_CASE(the_fingerprint_changes_with_the_map_alone, Saved) {
  const std::string head =
      "job: crm\nsource: crm\nstreams:\n  - stream: Contact\n    entity: person\n";
  const auto fingerprint = [&](const std::string& rest) {
    BOOST_TEST(problems(head + rest) == "");
    return plans.at(0).fingerprint;
  };
  const std::uint64_t first = fingerprint("    map: { email: .Email }\n");
  BOOST_TEST(first != 0);
  BOOST_TEST(fingerprint("    # a comment\n    map:\n      email: .Email\n") == first);
  BOOST_TEST(fingerprint("    map: { email: .Email | lower }\n") != first);
  BOOST_TEST(fingerprint("    when: .Email != null\n    map: { email: .Email }\n") != first);
}

BOOST_FIXTURE_TEST_CASE(a_preset_that_is_not_there_is_named, Saved) {
  plugin::ConnectorInfo info;
  info.kind = plugin::Kind::source;
  info.id = "scripted";
  info.preset_directory = world.folder() + "/presets";
  inventory.connectors.push_back(info);
  const std::string job =
      "job: crm\nsource: crm\nstreams:\n  - stream: Contact\n    preset: contact\n";
  BOOST_TEST(problems(job).find("connector scripted has no preset \"contact\"") !=
             std::string::npos);
  world.change("presets/contact.yaml", "entity: person\nmap: { email: .Email }\n");
  BOOST_TEST(problems(job) == "");
  BOOST_REQUIRE(plans.size() == 1);
  BOOST_TEST(plans[0].plan != nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_preset_may_be_another_connectors, Saved) {
  plugin::ConnectorInfo info;
  info.kind = plugin::Kind::source;
  for (const char* id : {"scripted", "other"}) {
    info.id = id;
    info.preset_directory = world.folder() + "/" + id;
    inventory.connectors.push_back(info);
  }
  world.change("other/contact.yaml", "entity: person\nmap: { email: .Email }\n");
  const auto job = [](const std::string& preset) {
    return "job: crm\nsource: crm\nstreams:\n  - stream: Contact\n    preset: " + preset + "\n";
  };
  BOOST_TEST(problems(job("other.contact")) == "");
  BOOST_REQUIRE(plans.size() == 1);
  BOOST_TEST(plans[0].plan != nullptr);
  BOOST_TEST(problems(job("contact")).find("connector scripted has no preset") !=
             std::string::npos);
  BOOST_TEST(problems(job("other.person")).find("connector other has no preset") !=
             std::string::npos);
  BOOST_TEST(problems(job("third.contact")).find("no source connector \"third\"") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
