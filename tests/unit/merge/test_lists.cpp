// Lists: united by distinct value, statuses, order, limits.
#include <boost/test/unit_test.hpp>

#include "unit/merge/records.h"

namespace {

using namespace rondom;
using namespace rondom::merge_test;
using config::MergeRule;

}  // namespace

BOOST_AUTO_TEST_SUITE(lists)

BOOST_AUTO_TEST_CASE(emails_are_united_the_best_record_first) {
  People people;
  people.add("crm", "1", 3,
             {{"emails.value#1", "a@example.com"},
              {"emails.usage#1", "work"},
              {"emails.value#2", "b@example.com"}});
  people.add("shop", "2", 9,
             {{"emails.value#4", "b@example.com"},
              {"emails.usage#4", "personal"},
              {"emails.value#5", "c@example.com"}});
  BOOST_TEST(merged_text(people) ==
             "emails.value#1=b@example.com; emails.value#2=c@example.com; "
             "emails.value#3=a@example.com; emails.usage#1=personal; emails.usage#3=work");
  BOOST_TEST(merged_text(people, {{"emails", MergeRule::trust}}, {"crm"}) ==
             "emails.value#1=a@example.com; emails.value#2=b@example.com; "
             "emails.value#3=c@example.com; emails.usage#1=work");
}

BOOST_AUTO_TEST_CASE(a_bad_status_wins_and_sorts_last) {
  People people;
  people.add("crm", "1", 9, {{"emails.value#1", "a@example.com"}, {"emails.status#1", "active"}});
  people.add("mail", "2", 3, {{"emails.value#1", "a@example.com"}, {"emails.status#1", "bounced"}});
  people.add("shop", "3", 1, {{"emails.value#1", "b@example.com"}});
  BOOST_TEST(merged_text(people) ==
             "emails.value#1=b@example.com; emails.value#2=a@example.com; emails.status#2=bounced");
}

BOOST_AUTO_TEST_CASE(verified_after_the_bounce_is_good_again) {
  People people;
  people.add("mail", "2", 3, {{"emails.value#1", "a@example.com"}, {"emails.status#1", "bounced"}});
  people.add("crm", "1", 2,
             {{"emails.value#1", "a@example.com"},
              {"emails.status#1", "active"},
              {"emails.verified_at#1", "2026-03-20T10:00:00Z"}});
  BOOST_TEST(merged_text(people) ==
             "emails.value#1=a@example.com; emails.status#1=active; "
             "emails.verified_at#1=2026-03-20T10:00:00Z");
  people.add("mail", "3", 25,
             {{"emails.value#1", "a@example.com"}, {"emails.status#1", "invalid"}});
  BOOST_TEST(merged_text(people) ==
             "emails.value#1=a@example.com; emails.status#1=invalid; "
             "emails.verified_at#1=2026-03-20T10:00:00Z");
}

BOOST_AUTO_TEST_CASE(addresses_are_one_when_folded_alike) {
  People people;
  people.add("crm", "1", 3,
             {{"addresses.street#1", "KERKSTRAAT"},
              {"addresses.house_number#1", "12"},
              {"addresses.postcode#1", "1234 AB"},
              {"addresses.locality#1", "Delft"}});
  people.add("shop", "2", 9,
             {{"addresses.street#1", "Kerkstraat"},
              {"addresses.house_number#1", "12"},
              {"addresses.postcode#1", "1234 AB"},
              {"addresses.usage#1", "billing"}});
  people.add("mail", "3", 1,
             {{"addresses.street#1", "Kerkstraat"},
              {"addresses.house_number#1", "14"},
              {"addresses.postcode#1", "1234 AB"}});
  BOOST_TEST(merged_text(people) ==
             "addresses.usage#1=billing; addresses.street#1=Kerkstraat; "
             "addresses.street#2=Kerkstraat; addresses.house_number#1=12; "
             "addresses.house_number#2=14; addresses.postcode#1=1234 AB; "
             "addresses.postcode#2=1234 AB");
}

BOOST_AUTO_TEST_CASE(consents_stay_apart_unless_told_otherwise) {
  People people;
  people.add("crm", "1", 9, {{"consents.purpose#1", "news"}, {"consents.status#1", "granted"}});
  people.add("mail", "2", 3, {{"consents.purpose#1", "news"}, {"consents.status#1", "withdrawn"}});
  people.add("shop", "3", 1, {{"consents.purpose#1", "news"}, {"consents.status#1", "granted"}});
  BOOST_TEST(merged_text(people) ==
             "consents.purpose#1=news; consents.purpose#2=news; "
             "consents.status#1=granted; consents.status#2=withdrawn");
  BOOST_TEST(merged_text(people, {{"consents", MergeRule::most_restrictive}}) ==
             "consents.purpose#1=news; consents.status#1=withdrawn");
}

BOOST_AUTO_TEST_CASE(a_yes_that_waits_is_less_than_a_yes) {
  People people;
  people.add("crm", "1", 9, {{"consents.purpose#1", "news"}, {"consents.status#1", "granted"}});
  people.add("mail", "2", 3, {{"consents.purpose#1", "news"}, {"consents.status#1", "pending"}});
  BOOST_TEST(merged_text(people, {{"consents", MergeRule::most_restrictive}}) ==
             "consents.purpose#1=news; consents.status#1=pending");
}

BOOST_AUTO_TEST_CASE(the_worst_word_hides_no_newer_no) {
  People people;
  people.add("crm", "1", 9,
             {{"consents.status#1", "withdrawn"}, {"consents.at#1", "2023-01-01T00:00:00Z"}});
  people.add("mail", "2", 3,
             {{"consents.status#1", "denied"}, {"consents.at#1", "2025-01-01T00:00:00Z"}});
  people.add("shop", "3", 1,
             {{"consents.status#1", "granted"},
              {"consents.at#1", "2024-01-01T00:00:00Z"},
              {"consents.status#2", "withdrawn"},
              {"consents.at#2", "2023-01-01T00:00:00Z"}});
  BOOST_TEST(merged_text(people, {{"consents", MergeRule::most_restrictive}}) ==
             "consents.status#1=withdrawn; consents.status#2=denied; "
             "consents.at#1=2023-01-01T00:00:00Z; consents.at#2=2025-01-01T00:00:00Z");
}

BOOST_AUTO_TEST_CASE(one_yes_confirmed_and_one_that_ends_are_two) {
  People people;
  people.add(
      "crm", "1", 9,
      {{"consents.status#1", "granted"}, {"consents.confirmed_at#1", "2026-03-02T00:00:00Z"}});
  people.add("mail", "2", 3,
             {{"consents.status#1", "granted"}, {"consents.expires_at#1", "2027-01-01T00:00:00Z"}});
  people.add("shop", "3", 1, {{"consents.status#1", "granted"}});
  BOOST_TEST(merged_text(people) ==
             "consents.status#1=granted; consents.status#2=granted; consents.status#3=granted; "
             "consents.expires_at#2=2027-01-01T00:00:00Z; "
             "consents.confirmed_at#1=2026-03-02T00:00:00Z");
}

BOOST_AUTO_TEST_CASE(no_suppression_takes_the_place_of_another) {
  People people;
  people.add("crm", "1", 9, {{"suppressions.kind#1", "legal"}});
  people.add("mail", "2", 3,
             {{"suppressions.kind#1", "complaint"}, {"suppressions.channel#1", "email"}});
  people.add("shop", "3", 2,
             {{"suppressions.kind#1", "complaint"}, {"suppressions.channel#1", "phone"}});
  people.add("desk", "4", 1,
             {{"suppressions.kind#1", "complaint"}, {"suppressions.channel#1", "email"}});
  BOOST_TEST(merged_text(people) ==
             "suppressions.kind#1=legal; suppressions.kind#2=complaint; "
             "suppressions.kind#3=complaint; suppressions.channel#2=email; "
             "suppressions.channel#3=phone");
}

BOOST_AUTO_TEST_CASE(a_newer_wish_replaces_the_one_about_the_same) {
  People people;
  people.add("crm", "1", 9,
             {{"preferences.channel#1", "email"}, {"preferences.choice#1", "wanted"}});
  people.add("mail", "2", 3,
             {{"preferences.channel#1", "email"},
              {"preferences.choice#1", "unwanted"},
              {"preferences.channel#2", "email"},
              {"preferences.frequency#2", "weekly"},
              {"preferences.channel#3", "sms"},
              {"preferences.choice#3", "unwanted"}});
  BOOST_TEST(merged_text(people) ==
             "preferences.channel#1=email; preferences.channel#2=email; "
             "preferences.channel#3=sms; preferences.choice#1=wanted; "
             "preferences.choice#3=unwanted; preferences.frequency#2=weekly");
}

BOOST_AUTO_TEST_CASE(tags_relations_and_identifiers) {
  People people;
  people.add("crm", "1", 9,
             {{"tags.value#1", "vip"},
              {"relations.type#1", "contact_of"},
              {"relations.to#1", "crm.Account/7"},
              {"identifier.login", "sanne"}});
  people.add("mail", "2", 3,
             {{"tags.value#1", "news"},
              {"tags.value#2", "vip"},
              {"relations.type#1", "contact_of"},
              {"relations.to#1", "crm.Account/7"},
              {"identifier.login", "anna"},
              {"identifier.card", "17"}});
  BOOST_TEST(merged_text(people) ==
             "identifier.card=17; identifier.login=sanne; identifier.login#1=anna; "
             "relations.type#1=contact_of; relations.to#1=crm.Account/7; tags.value#1=vip; "
             "tags.value#2=news");
}

BOOST_AUTO_TEST_CASE(a_relation_of_two_periods_is_two_and_the_better_record_knows_the_end) {
  People people;
  people.add("crm", "1", 9,
             {{"relations.type#1", "contact_of"},
              {"relations.to#1", "crm.Account/7"},
              {"relations.valid_from#1", "2020-01-01T00:00:00Z"},
              {"relations.valid_to#1", "2021-01-01T00:00:00Z"},
              {"relations.type#2", "contact_of"},
              {"relations.to#2", "crm.Account/7"},
              {"relations.valid_from#2", "2024-01-01T00:00:00Z"}});
  people.add("crm", "2", 3,
             {{"relations.type#1", "contact_of"},
              {"relations.to#1", "crm.Account/7"},
              {"relations.valid_from#1", "2020-01-01T00:00:00Z"},
              {"relations.valid_to#1", "2022-01-01T00:00:00Z"}});
  BOOST_TEST(merged_text(people) ==
             "relations.type#1=contact_of; relations.type#2=contact_of; "
             "relations.to#1=crm.Account/7; relations.to#2=crm.Account/7; "
             "relations.valid_from#1=2020-01-01T00:00:00Z; "
             "relations.valid_from#2=2024-01-01T00:00:00Z; "
             "relations.valid_to#1=2021-01-01T00:00:00Z");
}

BOOST_AUTO_TEST_CASE(lists_have_an_end) {
  People people;
  std::vector<Given> cells;
  for (int at = 0; at < 150; ++at) {
    cells.push_back({"tags.value#" + std::to_string(at + 1), "tag" + std::to_string(at)});
  }
  people.add("crm", "1", 9, cells);
  config::Diagnostics diagnostics;
  const merge::Rules rules(project_with({}), diagnostics);
  const auto bytes = merged(people.members(), rules);
  const auto kept = read_cells(bytes);
  BOOST_TEST(kept.size() == merge::elements_per_list_max);
  BOOST_TEST(kept.front().value == "tag0");
  BOOST_TEST(kept.back().value == "tag99");
}

BOOST_AUTO_TEST_CASE(what_closes_has_no_end) {
  People people;
  for (int at = 1; at <= 120; ++at) {
    const std::string address = "p" + std::to_string(at) + "@example.org";
    people.add("crm", "yes" + std::to_string(at), 20,
               {{"consents.contact#1", address}, {"consents.status#1", "granted"}});
    people.add("mail", "no" + std::to_string(at), 1,
               {{"consents.contact#1", address}, {"consents.status#1", "withdrawn"}});
    people.add("desk", "stop" + std::to_string(at), 1,
               {{"suppressions.kind#1", "complaint"}, {"suppressions.contact#1", address}});
  }
  config::Diagnostics diagnostics;
  const merge::Rules rules(project_with({}), diagnostics);
  const auto bytes = merged(people.members(), rules);
  std::size_t yes = 0, no = 0, stop = 0;
  for (const Cell& cell : read_cells(bytes)) {
    yes += cell.value == "granted" ? 1 : 0;
    no += cell.value == "withdrawn" ? 1 : 0;
    stop += cell.attribute == attribute::suppression_kind ? 1 : 0;
  }
  BOOST_TEST(yes == merge::elements_per_list_max);
  BOOST_TEST(no == 120);
  BOOST_TEST(stop == 120);
}

BOOST_AUTO_TEST_SUITE_END()
