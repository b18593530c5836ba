// A project's own tests: every kind of expectation, right and wrong, and who is blamed.
#include "engine/project_test.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "config/tests.h"
#include "engine/explanation.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

const Files project_files = {
    {"rondom.yaml",
     "project: acme\n"
     "defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }\n"
     "connections:\n"
     "  crm: { connector: scripted }\n"
     "  shop: { connector: scripted }\n"
     "  mail: { connector: scripted }\n"
     "purposes:\n"
     "  news: { channel: email, legal_basis: consent }\n"},
    {"identity.yaml",
     "identifiers:\n"
     "  - { namespace: customer, class: unique }\n"
     "  - { namespace: email, class: strong, max_per_profile: 5 }\n"
     "  - { namespace: phone, class: strong, max_per_profile: 5 }\n"},
    {"merge.yaml",
     "person:\n"
     "  - { of: name.*, rule: longest, as_one: true }\n"
     "  - { of: \"*\", rule: most_recent }\n"},
    {"jobs/crm.yaml",
     "job: crm\n"
     "source: crm\n"
     "streams:\n"
     "  - stream: Contact\n"
     "    entity: person\n"
     "    key: .id\n"
     "    cursor: .changed\n"
     "    map:\n"
     "      name.given: .given\n"
     "      birth_date: .birth\n"
     "      email: .email\n"
     "      phone: .phone\n"
     "      identifier.customer: .customer\n"
     "      consents:\n"
     "        - { when: .news != null, purpose: news, contact: .email, status: .news, at: .changed "
     "}\n"},
    {"jobs/shop.yaml",
     "job: shop\n"
     "source: shop\n"
     "streams:\n"
     "  - stream: orders\n"
     "    entity: order\n"
     "    key: .id\n"
     "    map:\n"
     "      at: .at\n"
     "      total: .total | money(\"EUR\")\n"
     "      actor.email: .email\n"},
    {"jobs/mail.yaml",
     "job: mail\n"
     "destination: mail\n"
     "purpose: news\n"
     "map:\n"
     "  email: .permitted.email\n"
     "  first: .name.given\n"}};

/// Two people with one address, and their consent; the second line of the file is line 5.
constexpr const char* family =
    "- test: one\n"
    "  as_of: 2026-03-14\n"
    "  given:\n"
    "    crm.Contact:\n"
    "      - { id: A, given: Anna, email: home@example.com, changed: 2026-01-01T00:00:00Z, news: "
    "granted }\n"
    "      - { id: A2, given: A., email: home@example.com, changed: 2026-02-01T00:00:00Z }\n"
    "      - { id: B, given: Bram, email: home@example.com, phone: 06 12345678 }\n";

struct Tested {
  std::string problems;  // of the files
  std::vector<TestOutcome> outcomes;
  std::string text;  // "line what | expected | actual | because; because" of each failure
};

Tested run(const std::string& yaml, const Files& more = {}) {
  Files files = project_files;
  files["tests/tried.yaml"] = yaml;
  for (const auto& [name, text] : more) files[name] = text;
  World world(files);
  config::Diagnostics diagnostics;
  const auto names = config::test_files(world.project(), diagnostics);
  const auto tests = config::load_tests(world.project(), names, diagnostics);
  Tested tested;
  if (!diagnostics.empty()) tested.problems = diagnostics.render(world.folder());
  for (const config::ProjectTest& one : tests) {
    if (!diagnostics.empty()) break;
    tested.outcomes.push_back(value_of(run_test(world.project(), {}, one)));
    for (const TestFailure& failure : tested.outcomes.back().failures) {
      tested.text += std::to_string(failure.at.line) + " " + failure.what + " | " +
                     failure.expected + " | " + failure.actual + " |";
      for (const std::string& cause : failure.because) tested.text += " " + cause + ";";
      tested.text += "\n";
    }
  }
  return tested;
}

/// Failures of the family with these expectations, which stand from line 8 on.
std::string failures_of(const std::string& expect) {
  const Tested tested = run(family + std::string("  expect:\n") + expect);
  return tested.problems + tested.text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(project_tests)

BOOST_AUTO_TEST_CASE(what_is_right_passes) {
  BOOST_TEST(failures_of("    profiles:\n"
                         "      - members: [crm.Contact/A2, crm.Contact/A]\n"
                         "        name.given: Anna\n"
                         "        email: home@example.com\n"
                         "        emails: [{ value: home@example.com }]\n"
                         "        emails[0].value: home@example.com\n"
                         "        birth_date: ~\n"
                         "        phones: []\n"
                         "      - { members: [crm.Contact/B], phone: \"+31612345678\" }\n"
                         "    links:\n"
                         "      - { from: crm.Contact/A, to: crm.Contact/A2, by: email }\n"
                         "      - { from: crm.Contact/B, to: crm.Contact/A, refused: given }\n"
                         "    permitted: { news: [home@example.com] }\n"
                         "    withheld: { mail: { no consent: [crm.Contact/B] } }\n"
                         "    deliveries: { mail: [{ email: home@example.com, first: Anna }] }\n"
                         "    quarantined: { crm.Contact: [] }\n") == "");
}

BOOST_AUTO_TEST_CASE(a_wrong_value_blames_the_merge_rule) {
  BOOST_TEST(
      failures_of("    profiles:\n"
                  "      - members: [crm.Contact/A, crm.Contact/A2]\n"
                  "        name.given: A.\n"
                  "        birth_date: 1980\n"
                  "      - { members: [crm.Contact/B] }\n") ==
      "11 name.given of [crm.Contact/A, crm.Contact/A2] | A. | Anna | name.given \"Anna\" of "
      "crm.Contact/A: longest, as one (merge.yaml:2);\n"
      "12 birth_date of [crm.Contact/A, crm.Contact/A2] | 1980 | no value | none of its "
      "records says anything about it;\n");
}

BOOST_AUTO_TEST_CASE(people_who_were_joined_or_kept_apart_blame_the_identifier) {
  BOOST_TEST(failures_of("    profiles:\n"
                         "      - { members: [crm.Contact/A] }\n"
                         "      - { members: [crm.Contact/A2, crm.Contact/B] }\n") ==
             "10 members of a profile | [crm.Contact/A] | [crm.Contact/A, crm.Contact/A2] | "
             "crm.Contact/A and crm.Contact/A2 share email home@example.com (identity.yaml:3);\n"
             "11 members of a profile | [crm.Contact/A2, crm.Contact/B] | "
             "[crm.Contact/A, crm.Contact/A2] and [crm.Contact/B] | "
             "crm.Contact/A and crm.Contact/A2 share email home@example.com (identity.yaml:3); "
             "crm.Contact/A and crm.Contact/B share email home@example.com, but different given "
             "names: a shared contact point (identity.yaml:3);\n");
  BOOST_TEST(failures_of("    profiles: [{ members: [crm.Contact/A, crm.Contact/A2] }]\n") ==
             "9 profiles | nothing more than is listed | a profile of [crm.Contact/B] |\n");
  BOOST_TEST(failures_of("    profiles:\n"
                         "      - { members: [crm.Contact/A, crm.Contact/A2] }\n"
                         "      - { members: [crm.Contact/B] }\n"
                         "      - { members: [crm.Contact/C] }\n") ==
             "12 members of a profile | [crm.Contact/C] | no such profile | no record is called "
             "crm.Contact/C; did you mean crm.Contact/A?;\n");
}

BOOST_AUTO_TEST_CASE(links_that_are_otherwise_say_how) {
  BOOST_TEST(failures_of("    links:\n"
                         "      - { from: crm.Contact/A, to: crm.Contact/A2, refused: names }\n"
                         "      - { from: crm.Contact/A, to: crm.Contact/B, by: email }\n"
                         "      - { from: crm.Contact/A, to: crm.Contact/B, by: phone, refused: n "
                         "}\n") ==
             "10 link from crm.Contact/A to crm.Contact/A2 | any identifier, refused: names | one "
             "profile | crm.Contact/A and crm.Contact/A2 share email home@example.com "
             "(identity.yaml:3);\n"
             "11 link from crm.Contact/A to crm.Contact/B | email, joined | two profiles | "
             "crm.Contact/A and crm.Contact/B share email home@example.com, but different given "
             "names: a shared contact point (identity.yaml:3);\n"
             "12 link from crm.Contact/A to crm.Contact/B | phone, refused: n | two profiles | "
             "crm.Contact/A and crm.Contact/B share email home@example.com, but different given "
             "names: a shared contact point (identity.yaml:3);\n");
}

BOOST_AUTO_TEST_CASE(permission_and_who_is_withheld) {
  BOOST_TEST(failures_of("    permitted: { news: [other@example.com] }\n") ==
             "9 addresses permitted for news | other@example.com | home@example.com | "
             "[crm.Contact/A, crm.Contact/A2]: granted 2026-01-01 for home@example.com;\n");
  BOOST_TEST(failures_of("    permitted: { news: [] }\n") ==
             "9 addresses permitted for news | nothing more than is listed | home@example.com | "
             "[crm.Contact/A, crm.Contact/A2]: granted 2026-01-01 for home@example.com;\n");
  BOOST_TEST(failures_of("    withheld: { mail: { no consent: 2, bounced: [crm.Contact/A] } }\n") ==
             "9 mail withholds for: no consent | 2 | 1 [crm.Contact/B] |\n"
             "9 mail withholds for: bounced | [crm.Contact/A] | [] |\n");
  BOOST_TEST(failures_of("    withheld: { mail: {} }\n") ==
             "9 mail withholds for: no consent | nobody | 1 [crm.Contact/B] |\n");
}

BOOST_AUTO_TEST_CASE(a_delivery_that_differs_names_the_field_of_the_map) {
  BOOST_TEST(failures_of("    deliveries: { mail: [{ email: home@example.com, first: An }] }\n") ==
             "9 deliveries of mail: first of create { email: home@example.com, first: Anna } | An "
             "| Anna | the profile of [crm.Contact/A, crm.Contact/A2]; first: .name.given "
             "(jobs/mail.yaml:6);\n");
  BOOST_TEST(failures_of("    deliveries: { mail: [] }\n") ==
             "9 deliveries of mail | nothing more than is listed | create { email: "
             "home@example.com, first: Anna } | the profile of [crm.Contact/A, "
             "crm.Contact/A2];\n");
}

BOOST_AUTO_TEST_CASE(records_are_compared_as_the_map_makes_them) {
  const auto orders = [](const std::string& expected) {
    return run(std::string("- test: one\n"
                           "  as_of: 2026-03-14\n"
                           "  given: { shop.orders: [{ id: 7, at: 2026-03-01 10:00:00, total: "
                           "19.9, email: a@example.com }] }\n"
                           "  expect: { records: { shop.orders: [") +
               expected + "] } }\n")
        .text;
  };
  BOOST_TEST(orders("{ entity: order, key: \"7\", at: 2026-03-01T09:00:00Z, total: 19.90 EUR, "
                    "actor: \"email:a@example.com\", lines: [] }") == "");
  BOOST_TEST(orders("{ key: \"7\", total: 19.95 EUR }") ==
             "4 records of shop.orders: total of order 7 | 19.95 EUR | 19.90 EUR |\n");
  BOOST_TEST(orders("") == "4 records of shop.orders | nothing more than is listed | order 7 |\n");
}

BOOST_AUTO_TEST_CASE(a_refusal_must_be_expected) {
  const std::string given =
      "- test: one\n"
      "  as_of: 2026-03-14\n"
      "  given:\n"
      "    crm.Contact:\n"
      "      - { id: A, birth: not a day }\n";
  BOOST_TEST(run(given + "  expect: { profiles: [] }\n").text ==
             "5 crm.Contact/A | no refusal | quarantined: birth_date is no date |\n");
  BOOST_TEST(run(given + "  expect: { quarantined: { crm.Contact: [no date] } }\n").text == "");
  BOOST_TEST(run(given + "  expect: { quarantined: { crm.Contact: [e-mail] } }\n").text ==
             "6 records of crm.Contact that are refused | e-mail | birth_date is no date |\n");
}

BOOST_AUTO_TEST_CASE(records_may_come_from_a_file) {
  const auto from = [](const std::string& file, const std::string& content) {
    return run("- test: one\n  as_of: 2026-03-14\n  given: { crm.Contact: " + file +
                   " }\n  expect: { profiles: [{ members: [crm.Contact/1] }, { members: "
                   "[crm.Contact/2] }] }\n",
               {{"tests/data/" + std::string(file.substr(file.rfind('/') + 1)), content}});
  };
  BOOST_TEST(from("tests/data/two.json", "[{\"id\": 1}, {\"id\": 2}]\n").text == "");
  BOOST_TEST(from("tests/data/two.jsonl", "{\"id\": 1}\n\n{\"id\": 2}\n").text == "");
  const auto bad = from("tests/data/two.jsonl", "{\"id\": 1}\n{\"id\": \n");
  BOOST_TEST(bad.problems.find("tests/data/two.jsonl, line 2") != std::string::npos, bad.problems);
}

BOOST_AUTO_TEST_CASE(names_that_do_not_exist_are_mistakes_of_the_file) {
  const auto problem_of = [](const std::string& expect) {
    return run(family + std::string("  expect: { ") + expect + " }\n").problems;
  };
  const auto holds = [](const std::string& text, const char* part) {
    BOOST_TEST(text.find(part) != std::string::npos, text << " holds no " << part);
  };
  holds(problem_of("profiles: [{ members: [crm.Contact/A], birthdate: 1980 }]"),
        "did you mean birth_date?");
  holds(problem_of("permitted: { newz: [] }"), "did you mean news?");
  holds(problem_of("deliveries: { crm: [] }"), "no job that sends called crm");
  holds(problem_of("profiles: [{ members: [crm.Contacts/A] }]"), "did you mean crm.Contact?");
  holds(problem_of("profiles: [{ members: [A] }]"), "write source.stream/key");
}

BOOST_AUTO_TEST_CASE(explain_says_the_date_of_the_projects_time_zone) {
  World world(project_files);
  store::Store& store = world.store();
  FakeSource source;
  source.records("Contact", {R"({"id":"A","email":"a@example.com","news":"granted",)"
                             R"("changed":"2026-03-13T23:30:00Z"})"});
  BOOST_REQUIRE(world.ingest(source).status.ok());
  world.unify();
  const auto profile = world.profile_of("crm.Contact/A").id;
  const auto explained =
      value_of(explain_profile(world.project(), store, profile, 1'773'600'000'000'000));
  BOOST_REQUIRE(explained.permissions.size() == 1);
  BOOST_TEST(explained.permissions.front().permission.decided_by ==
             "granted 2026-03-14 for a@example.com");
}

BOOST_AUTO_TEST_CASE(the_day_of_the_test_counts_not_today) {
  const auto permitted = [](const char* as_of) {
    std::string yaml = family;
    yaml.replace(yaml.find("2026-03-14"), 10, as_of);
    return run(yaml + "  expect: { permitted: { news: [home@example.com] } }\n").text;
  };
  BOOST_TEST(permitted("2026-01-02") == "");
  BOOST_TEST(permitted("2025-12-31") != "");  // it was said a day later
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::engine::test
