// Reviewed lists of whom nothing is sent to, and what a purpose asks of a yes.
#include <boost/test/unit_test.hpp>

#include "config/suppressions.h"
#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

constexpr const char* board = "suppressions/board.yaml";

Loaded load_list(const std::string& text) {
  return load(with(minimal(), {{board, text}, {"jobs/news.yaml", destination_job()}}));
}

std::vector<Suppression> found(const Project& project, std::string_view space,
                               std::string_view value) {
  std::vector<Suppression> all;
  project.purposes.front().suppressions->each(space, value,
                                              [&](const Suppression& one) { all.push_back(one); });
  return all;
}

Loaded load_purpose(const std::string& conditions) {
  Files files = minimal();
  files["rondom.yaml"] =
      "project: acme\ndefaults: { country: BE }\nconnections:\n  mail: { connector: mautic }\n"
      "purposes:\n  news: { channel: email, legal_basis: consent" +
      conditions + " }\n";
  return load(files);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(suppressions)

BOOST_AUTO_TEST_CASE(a_list_names_people_in_full_or_by_a_hash) {
  const Loaded loaded = load_list(
      "suppressions: board\nkind: manual\nchannel: email\nentries:\n"
      "  - { email: Anna@Example.com, purpose: news, ends_at: 2026-03-14 }\n"
      "  - { email_sha256: " +
      sha256_hex("bram@example.com") +
      ", kind: bounced, destination: mail }\n"
      "  - { phone: \"+31612345678\", channel: sms, begins_at: \"2026-03-14T09:00:00+01:00\" }\n"
      "  - { identifier: customer_login, value: \"0044\", closes: person }\n");
  BOOST_REQUIRE_MESSAGE(loaded.problems.empty(), loaded.problems);
  const auto anna = found(loaded.project, "email", "anna@EXAMPLE.com");
  BOOST_REQUIRE(anna.size() == 1u);
  BOOST_TEST(anna[0].kind == "manual");
  BOOST_TEST(anna[0].purpose == "news");
  BOOST_TEST(anna[0].channel == "email");
  BOOST_TEST(!anna[0].contact_only);
  BOOST_TEST(anna[0].at.line == 5);
  // A day ends when it has ended everywhere.
  BOOST_TEST(format_time(anna[0].ends_at) == "2026-03-15T12:00:00Z");
  const auto bram = found(loaded.project, "email", "bram@example.com");
  BOOST_REQUIRE(bram.size() == 1u);
  BOOST_TEST(bram[0].contact_only);
  BOOST_TEST(bram[0].destination == "mail");
  const auto phone = found(loaded.project, "phone", "+31612345678");
  BOOST_REQUIRE(phone.size() == 1u);
  BOOST_TEST(phone[0].channel == "sms");
  BOOST_TEST(format_time(phone[0].begins_at) == "2026-03-14T08:00:00Z");
  BOOST_TEST(found(loaded.project, "customer_login", "0044").size() == 1u);
  BOOST_TEST(found(loaded.project, "customer_login", "44").empty());
  BOOST_TEST(found(loaded.project, "email", "cor@example.com").empty());
}

BOOST_AUTO_TEST_CASE(what_decides_changes_the_fingerprint_and_notes_do_not) {
  const auto print_of = [](const std::string& entry) {
    const Loaded loaded = load_list("suppressions: board\nentries:\n  - { " + entry + " }\n");
    BOOST_REQUIRE_MESSAGE(loaded.problems.empty(), loaded.problems);
    return loaded.project.purposes.front().suppressions->fingerprint();
  };
  const std::uint64_t base = print_of("email: a@example.com");
  BOOST_TEST(print_of("email: a@example.com, note: as the board decided") == base);
  for (const char* other :
       {"email: b@example.com", "email: a@example.com, kind: legal",
        "email: a@example.com, channel: sms", "email: a@example.com, purpose: news",
        "email: a@example.com, destination: mail", "email: a@example.com, closes: contact_point",
        "email: a@example.com, ends_at: 2026-03-14", "identifier: email, value: c@example.com"}) {
    BOOST_TEST(print_of(other) != base, other);
  }
}

BOOST_AUTO_TEST_CASE(a_slip_in_a_list_is_told_in_its_place) {
  const Loaded loaded = load_list(
      "suppressions: board\ndestination: mial\nentries:\n"
      "  - { email: anna.example.com }\n"
      "  - { phone: 0612345678 }\n"
      "  - { email_sha256: abc }\n"
      "  - { kind: manual }\n"
      "  - { email: a@example.com, phone: \"+31612345678\" }\n"
      "  - { email: a@example.com, ends_at: soon }\n"
      "  - { email: a@example.com, purpose: nws }\n"
      "  - { email: a@example.com, kind: gone }\n"
      "  - { email: a@example.com, until: 2026-01-01 }\n");
  for (const char* line :
       {"board.yaml:2:14: no connection mial", "board.yaml:4:14: email must be an e-mail address",
        "board.yaml:5:14: phone must be a number as E.164",
        "board.yaml:6:21: email_sha256 must be 64 hexadecimal digits",
        "board.yaml:7:5: an entry names nobody", "board.yaml:8:5: an entry names one value",
        "board.yaml:9:38: ends_at must be a date", "board.yaml:10:38: no purpose nws",
        "board.yaml:11:35: kind must be one of", "board.yaml:12:29: unknown key until"}) {
    BOOST_TEST(loaded.problems.find(line) != std::string::npos, line << "\n" << loaded.problems);
  }
}

BOOST_AUTO_TEST_CASE(what_a_purpose_asks) {
  const Loaded loaded = load_purpose(
      ", double_opt_in: true, expires_after: 730d, birth_date_required: true, minimum_age: { NL: "
      "16, else: 18 }");
  BOOST_REQUIRE_MESSAGE(loaded.problems.empty(), loaded.problems);
  const Purpose& purpose = loaded.project.purposes.front();
  BOOST_TEST(purpose.double_opt_in);
  BOOST_TEST(purpose.birth_date_required);
  BOOST_TEST(purpose.expires_after == 730LL * 86'400 * microseconds_per_second);
  BOOST_TEST(purpose.minimum_age.at("NL") == 16);
  BOOST_TEST(purpose.minimum_age.at("else") == 18);
  BOOST_TEST(purpose.country == "BE");
  for (const char* wrong :
       {", expires_after: soon", ", minimum_age: { Nederland: 16 }", ", minimum_age: { NL: 0 }",
        ", minimum_age: { NL: old }", ", birth_date_required: true", ", double_opt_in: perhaps"}) {
    BOOST_TEST(!load_purpose(wrong).problems.empty(), wrong);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::config::test
