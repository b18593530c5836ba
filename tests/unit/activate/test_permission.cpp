// May we reach this person, at which address, and why not?
#include <boost/test/unit_test.hpp>

#include "model/refusals.h"
#include "pipeline/activate/permission.h"
#include "world.h"

namespace rondom::activate::test {
namespace {

const Timestamp as_of = *parse_time("2026-03-14T12:00:00Z");
const std::string early = "2024-05-01T00:00:00Z";
const std::string late = "2026-02-02T00:00:00Z";

config::Purpose news(std::string_view basis = "consent", std::string_view channel = "email") {
  config::Purpose purpose;
  purpose.name = "news";
  purpose.channel = channel;
  purpose.legal_basis = basis;
  return purpose;
}

Permission judge(const Person& person, const config::Purpose& purpose = news(),
                 std::span<const ContactStatement> elsewhere = {}) {
  return permission_for(values_of(person), Entity::person, purpose, as_of, elsewhere);
}

Person with(std::vector<Consent> consents,
            std::vector<std::string> emails = {"sanne@example.com"}) {
  Person person;
  person.emails = std::move(emails);
  person.consents = std::move(consents);
  return person;
}

Consent said(std::string status, std::string at, std::string contact = {}) {
  Consent consent;
  consent.status = std::move(status);
  consent.at = std::move(at);
  consent.contact = std::move(contact);
  return consent;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(activate_permission)

BOOST_AUTO_TEST_CASE(the_table_of_statements) {
  struct Case {
    const char* what;
    std::vector<Consent> consents;
    std::string reason;  // empty = allowed
  };
  const std::string contact = "sanne@example.com";
  const std::vector<Case> cases = {
      {"nothing said", {}, "no consent"},
      {"granted", {said("granted", late)}, ""},
      {"granted for the address", {said("granted", late, contact)}, ""},
      {"granted for another address", {said("granted", late, "old@example.com")}, "no consent"},
      {"granted, then withdrawn", {said("granted", early), said("withdrawn", late)}, "withdrawn"},
      {"withdrawn, then granted", {said("withdrawn", early), said("granted", late)}, ""},
      {"both at once", {said("granted", late), said("withdrawn", late)}, "withdrawn"},
      {"both at once, other order", {said("withdrawn", late), said("granted", late)}, "withdrawn"},
      {"denied and expired at once", {said("expired", late), said("denied", late)}, "denied"},
      {"expired", {said("granted", early), said("expired", late)}, "expired"},
      {"a no without a date", {said("granted", late), said("withdrawn", "")}, "withdrawn"},
      {"a yes without a date", {said("granted", "")}, ""},
      {"a yes without a date, a dated no", {said("granted", ""), said("denied", early)}, "denied"},
      {"a yes of tomorrow", {said("granted", "2026-03-15T00:00:00Z")}, "no consent"},
      {"a no of tomorrow",
       {said("granted", late), said("denied", "2026-03-15T00:00:00Z")},
       "denied"},
      {"the address newer than the party",
       {said("granted", early), said("withdrawn", late, contact)},
       "withdrawn"},
      {"the party newer than the address",
       {said("withdrawn", early, contact), said("granted", late)},
       "withdrawn"},
      {"a newer yes for the address",
       {said("withdrawn", early, contact), said("granted", late, contact)},
       ""},
      {"an expiry of the address, the party's yes newer",
       {said("expired", early, contact), said("granted", late)},
       ""},
      {"an expiry of tomorrow",
       {said("granted", late), said("expired", "2026-03-15T00:00:00Z")},
       ""},
      {"the party's no newer than the address's yes",
       {said("granted", early, contact), said("withdrawn", late)},
       "withdrawn"},
      {"an address in other letters", {said("withdrawn", late, "SANNE@example.com")}, "withdrawn"},
  };
  for (const Case& one : cases) {
    const Permission permission = judge(with(one.consents));
    BOOST_TEST(permission.allowed == one.reason.empty(), one.what);
    BOOST_TEST(permission.reason == one.reason, one.what << ": " << permission.reason);
    const bool explicit_no =
        one.reason == "withdrawn" || one.reason == "denied" || one.reason == "expired";
    BOOST_TEST(permission.withdrawn == explicit_no, one.what);
  }
}

BOOST_AUTO_TEST_CASE(another_purpose_or_channel_says_nothing) {
  Consent other = said("granted", late);
  other.purpose = "surveys";
  BOOST_TEST(judge(with({other})).reason == "no consent");
  Consent phone = said("granted", late);
  phone.channel = "phone";
  BOOST_TEST(judge(with({phone})).reason == "no consent");
  Consent email = said("granted", late);
  email.channel = "email";
  BOOST_TEST(judge(with({email})).allowed);
}

BOOST_AUTO_TEST_CASE(a_no_without_purpose_covers_all_a_yes_covers_none) {
  Consent no = said("withdrawn", late);
  no.purpose.clear();
  BOOST_TEST(judge(with({said("granted", early), no})).reason == "withdrawn");
  Consent yes = said("granted", late);
  yes.purpose.clear();
  BOOST_TEST(judge(with({yes})).reason == "no consent");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_may_be_a_no) {
  const std::string contact = "sanne@example.com";
  const Permission held = judge(with({said("granted", late), said("unreadable", early)}));
  BOOST_TEST(held.reason == "consent cannot be read");
  BOOST_TEST((held.why == Withholding::unreadable));
  BOOST_TEST(!held.withdrawn);
  BOOST_TEST(judge(with({said("unreadable", late)}), news("contract")).reason ==
             "consent cannot be read");
  // What is known goes before what is not.
  const Permission known = judge(with({said("withdrawn", early), said("unreadable", late)}));
  BOOST_TEST(known.reason == "withdrawn");
  BOOST_TEST(known.withdrawn);
  // It is about what it names, and about everybody who has that.
  BOOST_TEST(
      judge(with({said("granted", late), said("unreadable", late, "old@example.com")})).allowed);
  const ContactStatement elsewhere[] = {{contact, "unreadable", no_time, false}};
  const Permission shared = judge(with({said("granted", late)}), news(), elsewhere);
  BOOST_TEST(shared.reason == "consent cannot be read elsewhere");
  BOOST_TEST(!shared.withdrawn);
}

BOOST_AUTO_TEST_CASE(another_legal_basis_allows_until_somebody_objects) {
  const config::Purpose contract = news("contract");
  BOOST_TEST(judge(with({}), contract).allowed);
  BOOST_TEST(judge(with({}), contract).decided_by == "legal basis contract");
  BOOST_TEST(judge(with({said("expired", late)}), contract).allowed);
  BOOST_TEST(judge(with({said("withdrawn", late)}), contract).reason == "withdrawn");
  BOOST_TEST(judge(with({said("withdrawn", early), said("expired", late)}), contract).reason ==
             "withdrawn");
  BOOST_TEST(judge(with({said("denied", late)}), contract).reason == "denied");
}

BOOST_AUTO_TEST_CASE(an_expiry_is_known_before_it_comes) {
  const Timestamp tomorrow = *parse_time("2026-03-15T00:00:00Z");
  const Person person = with({said("granted", late), said("expired", "2026-03-15T00:00:00Z")});
  BOOST_TEST(judge(person).changes_at == tomorrow);
  const Permission over = permission_for(values_of(person), Entity::person, news(), tomorrow);
  BOOST_TEST(over.reason == "expired");
  BOOST_TEST(over.changes_at == no_time);
}

BOOST_AUTO_TEST_CASE(what_others_date_later_is_known_before_it_comes) {
  const Timestamp tomorrow = *parse_time("2026-03-15T00:00:00Z");
  const Person person = with({said("granted", late)});
  const auto changes_with = [&](ContactStatement one) {
    one.contact = "sanne@example.com";
    const std::vector<ContactStatement> elsewhere = {one};
    return judge(person, news(), elsewhere).changes_at;
  };
  const std::string closed(suppressed_status);
  BOOST_TEST(changes_with({{}, closed, tomorrow, false, no_time, "manual"}) == tomorrow);
  BOOST_TEST(changes_with({{}, closed, no_time, false, tomorrow, "manual"}) == tomorrow);
  BOOST_TEST(changes_with({{}, "granted", tomorrow, false, no_time, {}}) == tomorrow);
  BOOST_TEST(changes_with({{}, "withdrawn", tomorrow, false, no_time, {}}) == no_time);
}

BOOST_AUTO_TEST_CASE(an_address_that_does_not_work_is_not_permitted) {
  for (const char* status : {"bounced", "invalid", "blocked"}) {
    Person person = with({said("granted", late)});
    person.email_status = {status};
    BOOST_TEST(judge(person).reason == "bounced", status);
    BOOST_TEST(!judge(person).withdrawn);
  }
  Person person = with({said("granted", late)}, {"old@example.com", "new@example.com"});
  person.email_status = {"bounced", "active"};
  const Permission permission = judge(person);
  BOOST_TEST(permission.allowed);
  BOOST_TEST(permission.contacts == std::vector<std::string>{"new@example.com"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_dead_tests_and_the_unreachable) {
  Person person = with({said("granted", late)});
  person.death = "presumed";
  BOOST_TEST(judge(person).reason == "deceased");
  person.death = "confirmed";
  BOOST_TEST((judge(person).why == Withholding::deceased));
  person.death = "alive";
  BOOST_TEST(judge(person).allowed);
  person.test_record = true;
  BOOST_TEST(judge(person).reason == "test record");
  BOOST_TEST(judge(with({said("granted", late)}, {})).reason == "no e-mail address");
  BOOST_TEST(judge(with({said("granted", late)}), news("consent", "sms")).reason ==
             "no phone number");
  // Somebody who said no is not merely unreachable.
  BOOST_TEST(judge(with({said("withdrawn", late)}, {})).withdrawn);
}

BOOST_AUTO_TEST_CASE(the_address_that_carries_the_consent_comes_first) {
  const Person person = with({said("granted", early), said("granted", late, "b@example.com")},
                             {"a@example.com", "b@example.com"});
  const Permission permission = judge(person);
  const std::vector<std::string> expected = {"b@example.com", "a@example.com"};
  BOOST_TEST(permission.contacts == expected, boost::test_tools::per_element());
  BOOST_TEST(permission.decided_by == "granted 2026-02-02 for b@example.com");
}

BOOST_AUTO_TEST_CASE(only_the_withdrawn_address_is_closed) {
  const Person person = with({said("granted", early), said("withdrawn", late, "a@example.com")},
                             {"a@example.com", "b@example.com"});
  BOOST_TEST(judge(person).contacts == std::vector<std::string>{"b@example.com"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_no_about_a_former_address_is_a_no_of_the_person) {
  const Person person = with({said("withdrawn", late, "former@example.com")});
  BOOST_TEST(judge(person).withdrawn);
  BOOST_TEST(judge(person).reason == "withdrawn");
}

BOOST_AUTO_TEST_CASE(somebody_elses_no_closes_a_shared_address) {
  const std::string home = "thuis@example.com";
  const Timestamp before = *parse_time(early);
  const Timestamp after = *parse_time(late);
  const std::vector<ContactStatement> no = {{home, "withdrawn", after}};
  const Person party_yes = with({said("granted", "2026-03-01T00:00:00Z")}, {home});
  BOOST_TEST(judge(party_yes, news(), no).reason == "withdrawn elsewhere");
  BOOST_TEST(judge(party_yes, news(), no).withdrawn);
  // A no that named no address, of a record that has gone since, yields to any newer yes.
  const std::vector<ContactStatement> party_no = {{home, "withdrawn", after, true}};
  BOOST_TEST(judge(party_yes, news(), party_no).allowed);
  const std::vector<ContactStatement> newer_party_no = {
      {home, "withdrawn", *parse_time("2026-03-02T00:00:00Z"), true}};
  BOOST_TEST(!judge(party_yes, news(), newer_party_no).allowed);
  // A newer yes about this very address opens it, whoever says so.
  const Person address_yes = with({said("granted", "2026-03-01T00:00:00Z", home)}, {home});
  BOOST_TEST(judge(address_yes, news(), no).allowed);
  const std::vector<ContactStatement> no_then_yes = {{home, "withdrawn", before},
                                                     {home, "granted", after}};
  BOOST_TEST(judge(party_yes, news(), no_then_yes).allowed);
  const std::vector<ContactStatement> both = {{home, "withdrawn", after}, {home, "granted", after}};
  BOOST_TEST(!judge(party_yes, news(), both).allowed);
  // A yes elsewhere is no consent of this person; an expiry elsewhere is none of its business.
  const std::vector<ContactStatement> yes = {{home, "granted", after}};
  BOOST_TEST(judge(with({}, {home}), news(), yes).reason == "no consent");
  const std::vector<ContactStatement> expired = {{home, "expired", after}};
  BOOST_TEST(judge(party_yes, news(), expired).allowed);
  // A yes that named no address opens what was closed in general, not what was closed by name.
  const std::vector<ContactStatement> general = {{home, "withdrawn", before, true},
                                                 {home, "granted", after, true}};
  BOOST_TEST(judge(party_yes, news(), general).allowed);
  const std::vector<ContactStatement> named = {{home, "withdrawn", before},
                                               {home, "granted", after, true}};
  BOOST_TEST(!judge(with({said("granted", early)}, {home}), news(), named).allowed);
  // Another address of the same person stays open.
  const Person two = with({said("granted", early)}, {home, "own@example.com"});
  BOOST_TEST(judge(two, news(), no).contacts == std::vector<std::string>{"own@example.com"},
             boost::test_tools::per_element());
  BOOST_TEST(!judge(party_yes, news("contract"), no).allowed);
}

BOOST_AUTO_TEST_CASE(what_is_said_in_general_is_said_of_every_contact_point) {
  const Person person = with({said("withdrawn", early)}, {"a@example.com", "b@example.com"});
  std::vector<ContactStatement> living, vanished;
  append_contact_statements(values_of(person), news(), {}, living);
  append_standing_refusals(values_of(person), news(), {}, vanished);
  BOOST_REQUIRE(living.size() == 2u);
  BOOST_REQUIRE(vanished.size() == 2u);
  for (std::size_t i = 0; i < living.size(); ++i) {
    BOOST_TEST(living[i].contact == vanished[i].contact);
    BOOST_TEST(living[i].status == vanished[i].status);
    BOOST_TEST(living[i].at == vanished[i].at);
    BOOST_TEST(living[i].about_party);
    BOOST_TEST(vanished[i].about_party);
  }
}

BOOST_AUTO_TEST_CASE(a_yes_that_waits_and_one_whose_time_is_over) {
  Consent pending = said("pending", late);
  BOOST_TEST(judge(with({pending})).reason == "not confirmed");
  // It takes nothing back, neither a no nor an earlier yes.
  BOOST_TEST(judge(with({said("granted", early), pending})).allowed);
  BOOST_TEST(judge(with({said("withdrawn", early), pending})).reason == "withdrawn");
  BOOST_TEST(judge(with({pending}), news("contract")).allowed);

  config::Purpose twice = news();
  twice.double_opt_in = true;
  Consent yes = said("granted", early);
  BOOST_TEST(judge(with({yes}), twice).reason == "not confirmed");
  yes.confirmed_at = late;
  BOOST_TEST(judge(with({yes}), twice).allowed);
  yes.confirmed_at = "2026-03-15T00:00:00Z";
  const Permission tomorrow = judge(with({yes}), twice);
  BOOST_TEST(!tomorrow.allowed);
  BOOST_TEST(format_time(tomorrow.changes_at) == "2026-03-15T00:00:00Z");

  Consent short_lived = said("granted", early);
  short_lived.expires_at = "2026-03-14T12:00:00Z";  // as_of
  const Permission over = judge(with({short_lived}));
  BOOST_TEST(over.reason == "expired");
  BOOST_TEST(over.withdrawn);
  BOOST_TEST(over.decided_by == "expired 2026-03-14");
  short_lived.expires_at = "2026-03-14T12:00:01Z";
  const Permission still = judge(with({short_lived}));
  BOOST_TEST(still.allowed);
  BOOST_TEST(format_time(still.changes_at) == "2026-03-14T12:00:01Z");
  // Another yes goes on counting, and an older no stands again.
  short_lived.expires_at = late;
  BOOST_TEST(judge(with({short_lived, said("granted", early)})).allowed);
  BOOST_TEST(judge(with({said("withdrawn", "2024-01-01T00:00:00Z"), short_lived})).reason ==
             "withdrawn");

  config::Purpose ageing = news();
  ageing.expires_after = 365LL * 86'400 * microseconds_per_second;
  BOOST_TEST(judge(with({said("granted", early)}), ageing).reason == "expired");
  BOOST_TEST(judge(with({said("granted", late)}), ageing).allowed);
  BOOST_TEST(judge(with({said("granted", "")}), ageing).reason == "expired");
}

BOOST_AUTO_TEST_CASE(a_suppression_takes_no_notice_of_a_yes) {
  struct Case {
    const char* what;
    Suppressed suppressed;
    std::string reason;  // empty = allowed
    std::string destination = "vendor";
  };
  const std::string contact = "sanne@example.com";
  const std::vector<Case> cases = {
      {"everything", {"manual"}, "suppressed: manual"},
      {"a kind of two words", {"test_record"}, "suppressed: test record"},
      {"this purpose", {"list", "news"}, "suppressed: list"},
      {"another purpose", {"list", "surveys"}, ""},
      {"this channel", {"list", "", "email"}, "suppressed: list"},
      {"another channel", {"list", "", "post"}, ""},
      {"this address", {"bounced", "", "", "Sanne@Example.com"}, "suppressed: bounced"},
      {"another address", {"bounced", "", "", "old@example.com"}, ""},
      {"this destination", {"legal", "", "", "", "vendor"}, "suppressed: legal"},
      {"another destination", {"legal", "", "", "", "another"}, ""},
      {"no destination is asked", {"legal", "", "", "", "vendor"}, "", ""},
      {"from tomorrow", {"manual", "", "", "", "", "2026-03-15T00:00:00Z"}, ""},
      {"until yesterday", {"manual", "", "", "", "", "", "2026-03-13T00:00:00Z"}, ""},
      {"until tomorrow",
       {"manual", "", "", "", "", "", "2026-03-15T00:00:00Z"},
       "suppressed: manual"}};
  for (const Case& one : cases) {
    Person person = with({said("granted", late, contact)});
    person.suppressions = {one.suppressed};
    for (const char* basis : {"consent", "contract"}) {
      const Permission permission = permission_for(values_of(person), Entity::person, news(basis),
                                                   as_of, {}, one.destination);
      BOOST_TEST(permission.reason == one.reason, one.what << ": " << permission.reason);
      BOOST_TEST(permission.allowed == one.reason.empty(), one.what);
    }
  }
  // One address of two: the other stays open.
  Person two = with({said("granted", late)}, {contact, "own@example.com"});
  two.suppressions = {{"bounced", "", "", contact}};
  BOOST_TEST(judge(two).contacts == std::vector<std::string>{"own@example.com"},
             boost::test_tools::per_element());
  // Time alone begins and ends it.
  two.suppressions = {{"manual", "", "", "", "", "2026-03-15T00:00:00Z", "2026-04-01T00:00:00Z"}};
  BOOST_TEST(format_time(judge(two).changes_at) == "2026-03-15T00:00:00Z");
}

BOOST_AUTO_TEST_CASE(a_suppression_of_an_address_holds_for_whoever_has_it) {
  const std::string home = "home@example.com";
  Person other = with({}, {home});
  other.suppressions = {{"list"}};
  std::vector<ContactStatement> elsewhere;
  append_contact_statements(values_of(other), news(), "vendor", elsewhere);
  BOOST_REQUIRE(elsewhere.size() == 1u);
  std::vector<ContactStatement> vanished;
  append_standing_refusals(values_of(other), news(), "vendor", vanished);
  for (const auto& said_there : {elsewhere, vanished}) {
    const Permission permission =
        judge(with({said("granted", late, home)}, {home}), news(), said_there);
    BOOST_TEST(permission.reason == "suppressed: list elsewhere");
  }
  other.suppressions = {{"list", "", "", "", "another"}};
  std::vector<ContactStatement> none;
  append_contact_statements(values_of(other), news(), "vendor", none);
  append_standing_refusals(values_of(other), news(), "vendor", none);
  BOOST_TEST(none.empty());
}

BOOST_AUTO_TEST_CASE(whoever_may_be_too_young_is) {
  struct Case {
    const char* born;
    std::vector<std::string> lives_in;
    std::string reason;
  };
  // The 14th of March 2026, noon in UTC: this day has begun everywhere.
  const std::vector<Case> cases = {{"2010-03-14", {"NL"}, ""},
                                   {"2010-03-15", {"NL"}, "too young"},
                                   {"2010-03", {"NL"}, "too young"},
                                   {"2010-02", {"NL"}, ""},
                                   {"2010", {"NL"}, "too young"},
                                   {"2009", {"NL"}, ""},
                                   {"--03-14", {"NL"}, ""},
                                   {"", {"NL"}, ""},
                                   {"2010-03-14", {"DE"}, "too young"},
                                   {"2013-03-14", {"BE"}, ""},
                                   {"2013-03-14", {}, "too young"},
                                   {"2013-03-14", {"BE", "NL"}, "too young"},
                                   {"2008-02-29", {"DE"}, ""}};
  config::Purpose adult = news();
  adult.minimum_age = {{"NL", 16}, {"BE", 13}, {"else", 18}};
  adult.country = "NL";
  for (const Case& one : cases) {
    Person person = with({said("granted", late)});
    person.birth_date = one.born;
    person.countries = one.lives_in;
    BOOST_TEST(judge(person, adult).reason == one.reason, one.born << " " << one.reason);
  }
  Person person = with({said("granted", late)});
  person.birth_date = "2010-03-15";
  BOOST_TEST(format_time(judge(person, adult).changes_at) == "2026-03-15T12:00:00Z");
  person.birth_date = "2008-02-29";
  person.countries = {"DE"};
  const auto on = [&](const char* day) {
    return permission_for(values_of(person), Entity::person, adult, *parse_time(day)).reason;
  };
  BOOST_TEST(on("2026-02-28T23:00:00Z") == "too young");
  BOOST_TEST(on("2026-03-01T12:00:00Z").empty());
  adult.birth_date_required = true;
  person.birth_date = "--02-29";
  BOOST_TEST(judge(person, adult).reason == "age not known");
  person.birth_date.clear();
  BOOST_TEST(judge(person, adult).reason == "age not known");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::activate::test
