// What a run delivers, withholds, changes and takes away.
#include <boost/test/unit_test.hpp>

#include "world.h"

namespace rondom::activate::test {
namespace {

Person refuser(std::string_view email) {
  Person person = subscriber(email);
  person.consents.push_back({"withdrawn", "2026-03-13T21:04:00Z"});
  return person;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(activate_run, World)

BOOST_AUTO_TEST_CASE(creates_once_and_then_nothing) {
  put(1, subscriber("a@example.com", "Anna"));
  put(2, subscriber("b@example.com", "Bram"));
  VendorDestination first(vendor);
  BOOST_REQUIRE(run(first).ok());
  BOOST_TEST(counts.created == 2);
  BOOST_TEST(first.actions.at(0) == R"(create {"email":"a@example.com","first":"Anna"})");
  BOOST_TEST(first.last_session == "newsletter-000001");
  BOOST_TEST(row(1)->remote_id == "r1");
  BOOST_TEST(row(1)->consent == "granted 2026-01-01");
  BOOST_TEST((row(1)->state == DeliveryState::acknowledged));

  VendorDestination second(vendor);
  BOOST_REQUIRE(run(second).ok());
  BOOST_TEST(second.batches.empty());
  BOOST_TEST(second.flushes == 0);
  BOOST_TEST(counts.created == 0);
}

BOOST_AUTO_TEST_CASE(an_update_tells_only_what_changed_and_how_to_find_it) {
  target().match_on = "email";
  put(1, subscriber("a@example.com", "Anna"));
  BOOST_REQUIRE(run().ok());
  Person changed = subscriber("a@example.com", "Annie");
  changed.tier = "gold";
  put(1, changed);
  VendorDestination destination(vendor);
  BOOST_REQUIRE(run(destination).ok());
  BOOST_REQUIRE(destination.actions.size() == 1u);
  BOOST_TEST(destination.actions[0] ==
             R"(update {"first":"Annie","tier":"gold","email":"a@example.com"})");
  BOOST_TEST(counts.updated == 1);
  BOOST_TEST(vendor.contacts.size() == 1u);
}

BOOST_AUTO_TEST_CASE(who_is_to_review_is_held_back_until_somebody_looked) {
  put(1, subscriber("a@example.com", "Anna"));
  put(2, subscriber("b@example.com", "Bram"));
  BOOST_REQUIRE(run().ok());
  store.to_review.insert(store.profile_rows.at(1).members.front());
  put(1, subscriber("a@example.com", "Jan"));
  VendorDestination held(vendor);
  BOOST_REQUIRE(run(held).ok());
  BOOST_TEST(held.actions.empty());
  BOOST_TEST(counts.withheld.at("to review") == 1);
  BOOST_TEST(counts.withheld.size() == 1u);

  // A no is heard all the same.
  Person refused = refuser("a@example.com");
  put(1, refused);
  VendorDestination heard(vendor);
  BOOST_REQUIRE(run(heard).ok());
  BOOST_REQUIRE(heard.actions.size() == 1u);
  BOOST_TEST(heard.actions.at(0).starts_with("unsubscribe"));

  store.to_review.clear();
  put(1, subscriber("a@example.com", "Jan"));
  VendorDestination accepted(vendor);
  BOOST_REQUIRE(run(accepted).ok());
  BOOST_TEST(accepted.actions.size() == 1u);
  BOOST_TEST(counts.withheld.empty());
}

BOOST_AUTO_TEST_CASE(a_missing_value_is_kept_or_cleared) {
  for (const bool clear : {false, true}) {
    World world;
    world.target().clear_missing = clear;
    Person person = subscriber("a@example.com", "Anna");
    person.tier = "gold";
    world.put(1, person);
    BOOST_REQUIRE(world.run().ok());
    person.tier.clear();
    world.put(1, person);
    VendorDestination destination(world.vendor);
    BOOST_REQUIRE(world.run(destination).ok());
    if (clear) {
      BOOST_TEST(destination.actions.at(0) == R"(update {"tier":null})");
    } else {
      BOOST_TEST(destination.actions.empty());
    }
    BOOST_REQUIRE(world.run().ok());
    BOOST_TEST(world.counts.updated == 0);
  }
}

BOOST_AUTO_TEST_CASE(what_a_record_said_that_left_the_profile_is_cleared_there) {
  World world;
  Person person = subscriber("a@example.com", "Anna");
  person.tier = "gold";
  world.put(1, person);
  BOOST_REQUIRE(world.run().ok());
  // Nothing to clear yet: that it was seen is on record, so a value that a source clears later is
  // kept.
  world.store.parting_rows[1] = 1;
  world.put(1, person);
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.updated == 0);
  person.tier.clear();
  world.put(1, person);
  VendorDestination keeping(world.vendor);
  BOOST_REQUIRE(world.run(keeping).ok());
  BOOST_TEST(keeping.actions.empty());

  // Now the record goes that the tier came from; the answer to its update is lost.
  world.store.parting_rows[1] = 2;
  world.put(1, person);
  VendorDestination losing(world.vendor);
  losing.info_.idempotent_upsert = losing.upserts_by_key = true;
  losing.loses_answer_of_batch = 0;
  BOOST_TEST(!world.run(losing).ok());
  VendorDestination again(world.vendor);
  again.info_.idempotent_upsert = again.upserts_by_key = true;
  BOOST_REQUIRE(world.run(again).ok());
  BOOST_TEST(world.vendor.by_key(world.key(1))->fields.at("tier") == "null");
  VendorDestination settled(world.vendor);
  BOOST_REQUIRE(world.run(settled).ok());
  BOOST_TEST(settled.actions.empty());
}

BOOST_AUTO_TEST_CASE(reasons_are_on_record_and_go_when_they_are_over) {
  put(1, subscriber("a@example.com"));
  Person silent = subscriber("b@example.com");
  silent.consents.clear();
  put(2, silent);
  Person dead = subscriber("c@example.com");
  dead.death = "confirmed";
  put(3, dead);
  Person bounced = subscriber("d@example.com");
  bounced.email_status = {"bounced"};
  put(4, bounced);
  put(5, refuser("e@example.com"));
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.created == 1);
  const std::map<ProfileId, std::string> expected = {
      {2, "no consent"}, {3, "deceased"}, {4, "bounced"}, {5, "withdrawn"}};
  BOOST_TEST((store.at(name).withheld == expected));
  BOOST_TEST(counts.withheld["no consent"] == 1);
  put(2, subscriber("b@example.com"));
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.created == 1);
  BOOST_TEST(!store.at(name).withheld.contains(2));
}

BOOST_AUTO_TEST_CASE(a_full_scan_writes_only_the_reasons_that_changed) {
  Person silent = subscriber("b@example.com");
  silent.consents.clear();
  put(2, silent);
  BOOST_REQUIRE(run().ok());
  store.values.clear();  // no definition on record: everybody is looked at
  store.at(name).withheld[2] = "no consent";
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(store.at(name).withheld.at(2) == "no consent");
  put(2, subscriber("b@example.com"));
  store.values.clear();
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(store.at(name).withheld.empty());
}

BOOST_AUTO_TEST_CASE(a_permission_that_begins_later_is_used_when_it_has_begun) {
  World world;
  Person person = subscriber("a@example.com");
  person.consents = {{"granted", "2026-03-20T00:00:00Z"}};
  world.put(1, person);
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.created == 0);
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.created == 0);
  world.as_of = *parse_time("2026-03-20T00:00:00Z");
  BOOST_TEST(world.planned().created == 1);
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.created == 1);
  BOOST_TEST(world.planned().created == 0);
}

BOOST_AUTO_TEST_CASE(a_delivery_keeps_the_consent_that_decided_it) {
  World world;
  Person person = subscriber("a@example.com", "Sanne");
  person.consents = {{"granted", "2026-02-02T00:00:00Z"}};
  world.put(1, person);
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.row(1)->consent == "granted 2026-02-02");
  person = subscriber("a@example.com", "Anna");
  person.consents = {{"granted", "2026-02-02T00:00:00Z"}, {"granted", "2026-03-10T00:00:00Z"}};
  world.put(1, person);
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.updated == 1);
  BOOST_TEST(world.row(1)->consent == "granted 2026-03-10");
}

BOOST_AUTO_TEST_CASE(a_no_that_somebody_else_dates_later_holds_when_it_has_begun) {
  World world;
  world.everybody = false;
  Person member = subscriber("family@example.com");
  member.tier = "gold";
  world.put(1, member);
  Person other = subscriber("family@example.com", "Tim");  // not in the audience: nobody judges him
  other.suppressions = {{"manual", "", "", "", "", "2026-03-20T00:00:00Z", "2026-03-25T00:00:00Z"}};
  world.put(2, other);
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.created == 1);
  world.as_of = *parse_time("2026-03-19T23:59:59Z");
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.removed == 0);
  world.as_of = *parse_time("2026-03-20T00:00:00Z");
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.removed == 1);
  BOOST_TEST(world.store.at(world.name).withheld[1] == "suppressed: manual elsewhere");
  world.as_of = *parse_time("2026-03-25T00:00:00Z");
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(!world.store.at(world.name).withheld.contains(1));
}

BOOST_AUTO_TEST_CASE(of_whom_the_audience_cannot_be_computed_nobody_else_suffers) {
  everybody = false;
  target().match_on = "email";
  target().on_leave = config::OnLeave::leave_segment;
  const char* const unreadable = "gold, or silver";
  Person anna = subscriber("a@example.com", "Anna"), bram = subscriber("b@example.com", "Bram");
  anna.tier = "gold";
  bram.tier = unreadable;
  put(1, anna);
  put(2, bram);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.created == 1);
  BOOST_TEST(counts.withheld.at("the audience cannot be computed") == 1);
  // Who is there stays there, as it is, until it can be said again; a no is heard.
  anna.tier = unreadable;
  anna.given = "Annie";
  put(1, anna);
  VendorDestination silent(vendor);
  BOOST_REQUIRE(run(silent).ok());
  BOOST_TEST(silent.actions.empty());
  anna.consents.push_back({"withdrawn", "2026-03-13T21:04:00Z"});
  put(1, anna);
  VendorDestination heard(vendor);
  BOOST_REQUIRE(run(heard).ok());
  BOOST_REQUIRE(heard.actions.size() == 1u);
  BOOST_TEST(heard.actions[0] == R"(unsubscribe {"email":"a@example.com"})");
}

BOOST_AUTO_TEST_CASE(who_is_kept_there_is_still_known) {
  everybody = false;
  target().match_on = "email";
  target().on_leave = config::OnLeave::keep;
  Person person = subscriber("a@example.com");
  person.tier = "gold";
  Person other = subscriber("b@example.com");
  other.tier = "gold";
  put(1, person);
  put(2, other);
  BOOST_REQUIRE(run().ok());
  person.tier.clear();
  other.tier.clear();
  put(1, person);
  put(2, other);
  VendorDestination silent(vendor);
  BOOST_REQUIRE(run(silent).ok());
  BOOST_REQUIRE(run(silent).ok());
  BOOST_TEST(silent.actions.empty());
  // A no of somebody who left is heard.
  person.consents.push_back({"withdrawn", "2026-03-13T21:04:00Z"});
  put(1, person);
  VendorDestination heard(vendor);
  BOOST_REQUIRE(run(heard).ok());
  BOOST_REQUIRE(heard.actions.size() == 1u);
  BOOST_TEST(heard.actions[0] == R"(unsubscribe {"email":"a@example.com"})");
  // Once leaving means something, they leave.
  target().on_leave = config::OnLeave::remove;
  VendorDestination cleared(vendor);
  BOOST_REQUIRE(run(cleared).ok());
  BOOST_REQUIRE(cleared.actions.size() == 1u);
  BOOST_TEST(cleared.actions[0] == R"(delete {"email":"b@example.com"})");
}

BOOST_AUTO_TEST_CASE(leaving_the_audience) {
  struct Case {
    config::OnLeave on_leave;
    bool there, in_segment;
  };
  for (const Case& one :
       {Case{config::OnLeave::keep, true, true}, Case{config::OnLeave::leave_segment, true, false},
        Case{config::OnLeave::remove, false, false}}) {
    World world;
    world.everybody = false;
    world.target().on_leave = one.on_leave;
    Person person = subscriber("a@example.com");
    person.tier = "gold";
    world.put(1, person);
    BOOST_REQUIRE(world.run().ok());
    person.tier.clear();
    world.put(1, person);
    BOOST_REQUIRE(world.run().ok());
    BOOST_TEST(world.counts.removed == (one.on_leave == config::OnLeave::keep ? 0 : 1));
    BOOST_TEST((world.vendor.by_key(world.key(1)) != nullptr) == one.there);
    if (one.there) BOOST_TEST(world.vendor.by_key(world.key(1))->in_segment == one.in_segment);
    BOOST_REQUIRE(world.run().ok());
    BOOST_TEST(world.counts.removed == 0);
    person.tier = "gold";
    world.put(1, person);
    BOOST_REQUIRE(world.run().ok());
    BOOST_TEST(world.vendor.contacts.size() == 1u);
    BOOST_TEST(world.vendor.by_key(world.key(1))->in_segment);
  }
}

BOOST_AUTO_TEST_CASE(a_withdrawal_is_carried_out_whatever_on_leave_says) {
  target().match_on = "email";
  put(1, subscriber("a@example.com"));
  BOOST_REQUIRE(run().ok());
  put(1, refuser("a@example.com"));
  VendorDestination destination(vendor);
  BOOST_REQUIRE(run(destination).ok());
  // The address was told before, so it may be named to find the contact.
  BOOST_TEST(destination.actions.at(0) == R"(unsubscribe {"email":"a@example.com"})");
  BOOST_TEST(!vendor.contacts.at("r1").subscribed);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.removed == 0);
}

BOOST_AUTO_TEST_CASE(a_removal_tells_the_destination_nothing_new) {
  target().match_on = "email";
  put(1, subscriber("a@example.com"));
  BOOST_REQUIRE(run().ok());
  put(1, refuser("new@example.com"));
  VendorDestination destination(vendor);
  BOOST_REQUIRE(run(destination).ok());
  BOOST_TEST(destination.actions.at(0) == "unsubscribe {}");
}

BOOST_AUTO_TEST_CASE(withdrawal_as_delete_and_the_dead) {
  target().on_withdrawal = config::OnWithdrawal::remove;
  put(1, subscriber("a@example.com"));
  put(2, subscriber("b@example.com"));
  put(3, subscriber("c@example.com"));
  BOOST_REQUIRE(run().ok());
  put(1, refuser("a@example.com"));
  Person dead = subscriber("b@example.com");
  dead.death = "presumed";
  put(2, dead);
  Person bounced = subscriber("c@example.com");
  bounced.email_status = {"bounced"};
  put(3, bounced);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(vendor.count("delete " + key(1)) == 1);
  BOOST_TEST(vendor.count("unsubscribe " + key(2)) == 1);
  BOOST_TEST(vendor.count("leave_segment " + key(3)) == 1);
  BOOST_TEST(row(1) == nullptr);
}

BOOST_AUTO_TEST_CASE(who_has_died_is_known_by_every_contact_point) {
  const auto at_home = [](const char* address, const char* given) {
    Person person = subscriber(address, given);
    person.phones = {"+31201234567"};
    return person;
  };
  put(1, at_home("anna@example.com", "Anna"));
  put(2, at_home("bram@example.com", "Bram"));
  put(3, at_home("a.bakker@example.com", "A."));
  // What vanished knew the telephone only, and whose it was.
  Person gone = at_home("", "Anna");
  gone.emails.clear();
  gone.consents.clear();
  gone.death = "confirmed";
  StoredRecord& record = store.record_rows[9];
  record.id = 9;
  record.live = false;
  record.canonical = values_of(gone);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.created == 1);
  BOOST_TEST(row(2) != nullptr);
  BOOST_TEST(store.at(name).withheld.at(1) == "deceased elsewhere");
  BOOST_TEST(store.at(name).withheld.at(3) == "deceased elsewhere");
  // One without a name is nobody's death.
  gone.given.clear();
  record.canonical = values_of(gone);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.created == 2);
}

BOOST_AUTO_TEST_CASE(a_death_on_the_phone_of_a_shop_is_nobody_elses) {
  Person customer = subscriber("anna@example.com", "Anna");
  customer.phones = {"+31201234567"};
  put(1, customer);
  customer.emails.clear();
  customer.consents.clear();
  for (RecordId id = 100; id < 150; ++id) {
    customer.death = id == 100 ? "confirmed" : "";
    StoredRecord& record = store.record_rows[id];
    record.id = id;
    record.live = id != 100;
    record.canonical = values_of(customer);
  }
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.created == 1);
  store.record_rows.erase(149);
  Person again = subscriber("anna@example.com", "Anna");
  again.phones = {"+31201234567"};
  put(1, again);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(store.at(name).withheld.at(1) == "deceased elsewhere");
}

BOOST_AUTO_TEST_CASE(one_withdrawal_closes_a_shared_address_for_both) {
  put(1, subscriber("thuis@example.com", "Anna"));
  put(2, subscriber("thuis@example.com", "Bram"));
  put(3, subscriber("own@example.com", "Cees"));
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.created == 3);
  Person bram = subscriber("thuis@example.com", "Bram");
  bram.consents.push_back({"withdrawn", "2026-03-13T00:00:00Z", "thuis@example.com"});
  put(2, bram);
  BOOST_TEST(planned().removed == 2);
  BOOST_REQUIRE(run().ok());  // only Bram's profile changed
  BOOST_TEST(vendor.count("unsubscribe " + key(1)) == 1);
  BOOST_TEST(vendor.count("unsubscribe " + key(2)) == 1);
  BOOST_TEST(vendor.count("unsubscribe") == 2);
  BOOST_TEST(store.at(name).withheld.at(1) == "withdrawn elsewhere");
}

BOOST_AUTO_TEST_CASE(a_no_whose_record_is_gone_before_the_run_is_heard) {
  for (const bool is_alone : {true, false}) {
    World world;
    world.put(1, subscriber("thuis@example.com", "Anna"));
    world.put(2, subscriber("own@example.com", "Bram"));
    BOOST_REQUIRE(world.run().ok());
    Person no = subscriber("thuis@example.com", "Bram");
    no.consents = {{"withdrawn", "2026-03-13T00:00:00Z", "thuis@example.com"}};
    world.put(3, no);
    // Its own profile goes with it, or it was one of several records.
    world.store.record_rows[3].live = false;
    world.store.record_rows[3].profile = 0;
    world.store.profile_rows.erase(3);
    world.store.add_event(EventKind::retired, 3);
    if (!is_alone) {
      world.store.event_rows.resize(2);
      world.store.parting_rows[2] = 1;
      world.store.add_event(EventKind::changed, 2);
    }
    BOOST_REQUIRE(world.run().ok());
    BOOST_TEST(world.vendor.count("unsubscribe " + world.key(1)) == 1, is_alone);
    BOOST_TEST(world.vendor.by_key(world.key(2))->subscribed);
  }
}

BOOST_AUTO_TEST_CASE(a_yes_that_opened_an_address_for_others_closes_it_when_it_goes) {
  put(1, subscriber("thuis@example.com", "Anna"));
  Person no = subscriber("thuis@example.com", "Bram");
  no.consents = {{"withdrawn", "2026-03-10T00:00:00Z", "thuis@example.com"}};
  put(2, no);
  Person yes = subscriber("thuis@example.com", "Cees");
  yes.consents = {{"granted", "2026-03-12T00:00:00Z", "thuis@example.com"}};
  put(3, yes);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.created == 2);
  yes.consents.clear();
  put(3, yes);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(vendor.count("unsubscribe " + key(1)) == 1);
}

BOOST_AUTO_TEST_CASE(permissions_know_of_shared_addresses) {
  put(1, subscriber("thuis@example.com", "Anna"));
  Person bram = subscriber("thuis@example.com", "Bram");
  bram.consents.push_back({"withdrawn", "2026-03-13T00:00:00Z", "thuis@example.com"});
  put(2, bram);
  put(3, subscriber("own@example.com", "Cees"));
  const std::vector<ProfileId> ids = {1, 2, 3};
  const std::vector<Profile> profiles = *store.profiles(ids);
  const auto found = permissions(store, project.purposes.front(), as_of, profiles);
  BOOST_REQUIRE(found.ok());
  BOOST_REQUIRE(found->size() == 3u);
  BOOST_TEST(found->at(0).withdrawn);
  BOOST_TEST(found->at(1).withdrawn);
  BOOST_TEST(found->at(2).allowed);
}

BOOST_AUTO_TEST_CASE(an_address_of_very_many_is_nobodys_own) {
  put(1, subscriber("desk@example.com"));
  for (ProfileId id = 2; id < 1'100; ++id) {
    Person silent = subscriber("desk@example.com");
    silent.consents.clear();
    put(id, silent);
  }
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(store.at(name).withheld.at(1) == "contact point of too many people");
  BOOST_TEST(vendor.contacts.empty());
}

BOOST_AUTO_TEST_CASE(a_merged_profile_is_taken_over_not_doubled) {
  put(1, subscriber("a@example.com", "Anna"));
  Person silent = subscriber("a2@example.com", "Anna");
  silent.consents.clear();
  put(2, silent);
  BOOST_REQUIRE(run().ok());
  put(2, subscriber("a@example.com", "Anna"));
  merge(1, 2);
  BOOST_TEST(planned().created == 0);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(vendor.contacts.size() == 1u);
  BOOST_TEST(vendor.count("create") == 1);
  BOOST_TEST(row(1) == nullptr);
  BOOST_TEST(row(2)->remote_id == "r1");
  BOOST_TEST((row(2)->state == DeliveryState::acknowledged));
}

BOOST_AUTO_TEST_CASE(a_merged_profile_with_a_contact_of_its_own_leaves) {
  put(1, subscriber("a@example.com", "Anna"));
  put(2, subscriber("b@example.com", "Anna"));
  put(3, subscriber("c@example.com", "Cees"));
  BOOST_REQUIRE(run().ok());
  merge(2, 1);
  retire(3);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.removed == 2);
  BOOST_TEST(vendor.count("leave_segment " + key(2)) == 1);
  BOOST_TEST(vendor.count("leave_segment " + key(3)) == 1);
  BOOST_TEST(row(2) == nullptr);
  BOOST_TEST(row(3) == nullptr);
  BOOST_TEST(vendor.by_key(key(1))->in_segment);
}

BOOST_AUTO_TEST_CASE(merged_profiles_that_are_one_contact_there_leave_nothing) {
  put(1, subscriber("a@example.com", "Anna"));
  VendorDestination adopting(vendor);
  adopting.info_.can_adopt = true;
  BOOST_REQUIRE(run(adopting).ok());
  put(2, subscriber("a@example.com", "Ann"));
  VendorDestination again(vendor);
  again.info_.can_adopt = true;
  BOOST_REQUIRE(run(again).ok());
  BOOST_TEST(counts.adopted == 1);
  BOOST_TEST(row(2)->remote_id == row(1)->remote_id);
  merge(2, 1);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(vendor.count("leave_segment") == 0);
  BOOST_TEST(row(2) == nullptr);
}

BOOST_AUTO_TEST_CASE(plan_says_what_run_does_and_writes_nothing) {
  put(1, subscriber("a@example.com", "Anna"));
  put(2, refuser("b@example.com"));
  const Counts expected = planned();
  BOOST_TEST(expected.created == 1);
  BOOST_TEST(expected.withheld.at("withdrawn") == 1);
  BOOST_REQUIRE(changes.size() == 1u);
  BOOST_TEST(changes[0].action == "create");
  BOOST_TEST(changes[0].key == key(1));
  BOOST_TEST(changes[0].fields.at(0).name == "email");
  BOOST_TEST(changes[0].fields.at(0).value == "a@example.com");
  BOOST_TEST(!guard);
  BOOST_TEST(store.values.empty());
  BOOST_TEST(store.at(name).deliveries.empty());
  BOOST_REQUIRE(run().ok());
  put(1, refuser("a@example.com"));
  BOOST_TEST(planned().removed == 1);
  BOOST_TEST(changes.at(0).why == "withdrawn 2026-03-13");
}

BOOST_AUTO_TEST_CASE(captured_and_sent_stay_apart) {
  put(1, subscriber("a@example.com"));
  BOOST_REQUIRE(run().ok());
  name = destination_name(project.jobs.front(), config::Delivery::send);
  BOOST_TEST(name == "newsletter");
  Vendor real;
  VendorDestination destination(real);
  BOOST_REQUIRE(run(destination).ok());
  BOOST_TEST(counts.created == 1);
  name = destination_name(project.jobs.front(), config::Delivery::capture);
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.created == 0);
}

BOOST_AUTO_TEST_CASE(other_options_send_everything_once_more) {
  put(1, subscriber("a@example.com", "Anna"));
  BOOST_REQUIRE(run().ok());
  target().options_json = R"({"segment":"other","stream":"contacts"})";
  VendorDestination destination(vendor);
  BOOST_REQUIRE(run(destination).ok());
  BOOST_TEST(destination.actions.at(0) == R"(update {"email":"a@example.com","first":"Anna"})");
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.updated == 0);
}

BOOST_AUTO_TEST_CASE(another_map_changes_what_differs) {
  put(1, subscriber("a@example.com", "Anna"));
  BOOST_REQUIRE(run().ok());
  set_map("{ email: .permitted.email, first: .name.given, origin: rondom }");
  VendorDestination destination(vendor);
  BOOST_REQUIRE(run(destination).ok());
  BOOST_TEST(destination.actions.at(0) == R"(update {"origin":"rondom"})");
}

BOOST_AUTO_TEST_CASE(organizations_and_jobs_without_purpose) {
  target().purpose.clear();
  put(1, subscriber("a@example.com"));
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.withheld["no purpose"] == 1);
  config::Diagnostics diagnostics;
  check(project, project.jobs.front(), {}, diagnostics);
  BOOST_REQUIRE(diagnostics.size() == 1u);
  BOOST_TEST(diagnostics.errors().front().message == "a job that delivers persons needs a purpose");
}

BOOST_AUTO_TEST_CASE(match_on_needs_a_field_and_a_value) {
  target().match_on = "mail";
  config::Diagnostics diagnostics;
  check(project, project.jobs.front(), {}, diagnostics);
  BOOST_TEST(diagnostics.errors().front().message ==
             "match_on names the field mail, which the map does not give");
  target().match_on = "tier";
  put(1, subscriber("a@example.com"));
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.withheld["no tier"] == 1);
}

BOOST_AUTO_TEST_CASE(batches_have_the_size_asked_for_and_rise_by_profile) {
  batch_records = 10;
  for (ProfileId id = 1; id <= 25; ++id) {
    put(id, subscriber("p" + std::to_string(id) + "@example.com"));
  }
  VendorDestination destination(vendor);
  BOOST_REQUIRE(run(destination).ok());
  BOOST_REQUIRE(destination.batches.size() == 3u);
  BOOST_TEST(destination.batches[0].size() == 10u);
  BOOST_TEST(destination.batches[2].size() == 5u);
  BOOST_TEST(destination.flushes == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(activate_guard, World)

BOOST_AUTO_TEST_CASE(a_mass_removal_stops_before_the_first_write) {
  everybody = false;
  target().on_leave = config::OnLeave::leave_segment;
  Person person;
  for (ProfileId id = 1; id <= 200; ++id) {
    person = subscriber("p" + std::to_string(id) + "@example.com");
    person.tier = "gold";
    put(id, person);
  }
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.created == 200);
  for (ProfileId id = 1; id <= 11; ++id) {
    put(id, subscriber("p" + std::to_string(id) + "@example.com"));
  }
  BOOST_TEST(planned().removed == 11);
  BOOST_REQUIRE(guard.has_value());
  VendorDestination destination(vendor);
  const Status stopped = run(destination);
  BOOST_REQUIRE(!stopped.ok());
  BOOST_TEST((stopped.error().code == ErrorCode::guarded));
  BOOST_TEST(stopped.error().detail == guard->id);
  BOOST_TEST(stopped.error().message.find("11 of 200") != std::string::npos);
  BOOST_TEST(destination.batches.empty());
  accepted_guard = "not-it";
  BOOST_TEST(!run().ok());
  accepted_guard = guard->id;
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.removed == 11);
}

BOOST_AUTO_TEST_CASE(withdrawals_are_exempt_and_small_sets_free) {
  for (ProfileId id = 1; id <= 200; ++id) {
    put(id, subscriber("p" + std::to_string(id) + "@example.com"));
  }
  BOOST_REQUIRE(run().ok());
  for (ProfileId id = 1; id <= 150; ++id) {
    put(id, refuser("p" + std::to_string(id) + "@example.com"));
  }
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.removed == 150);
  // Fifty are held now: no more than the floor.
  for (ProfileId id = 151; id <= 200; ++id) {
    Person silent = subscriber("p" + std::to_string(id) + "@example.com");
    silent.consents.clear();
    put(id, silent);
  }
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(vendor.count("unsubscribe") == 200);
}

BOOST_AUTO_TEST_CASE(withdrawals_go_out_beside_a_guard) {
  target().changes_percent_max = 30;
  const auto address = [](ProfileId id) { return "p" + std::to_string(id) + "@example.com"; };
  for (ProfileId id = 1; id <= 200; ++id) put(id, subscriber(address(id)));
  BOOST_REQUIRE(run().ok());
  for (ProfileId id = 1; id <= 5; ++id) put(id, refuser(address(id)));
  for (ProfileId id = 6; id <= 200; ++id) put(id, subscriber(address(id), "Other"));
  BOOST_TEST(planned().updated == 195);
  BOOST_REQUIRE(guard.has_value());
  BOOST_TEST(guard->message.find("nothing was sent") != std::string::npos);
  const Status stopped = run();
  BOOST_REQUIRE(!stopped.ok());
  BOOST_TEST((stopped.error().code == ErrorCode::guarded));
  BOOST_TEST(stopped.error().detail == guard->id);
  BOOST_TEST(stopped.error().message.find("195 of 200") != std::string::npos);
  BOOST_TEST(stopped.error().message.find("nothing but 5 withdrawals") != std::string::npos);
  BOOST_TEST(vendor.count("unsubscribe") == 5);
  BOOST_TEST(counts.removed == 5);
  BOOST_TEST(counts.updated == 0);
  // Once is enough, and the guard is still the one that was shown.
  const Status again = run();
  BOOST_TEST(again.error().detail == guard->id);
  BOOST_TEST(vendor.count("unsubscribe") == 5);
  accepted_guard = guard->id;
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.updated == 195);
  BOOST_TEST(vendor.count("unsubscribe") == 5);
}

BOOST_AUTO_TEST_CASE(consent_that_only_vanished_counts) {
  for (ProfileId id = 1; id <= 200; ++id) {
    put(id, subscriber("p" + std::to_string(id) + "@example.com"));
  }
  BOOST_REQUIRE(run().ok());
  for (ProfileId id = 1; id <= 200; ++id) {
    Person silent = subscriber("p" + std::to_string(id) + "@example.com");
    silent.consents.clear();
    put(id, silent);
  }
  BOOST_TEST((run().error().code == ErrorCode::guarded));
  BOOST_TEST(vendor.count("unsubscribe") == 0);
}

BOOST_AUTO_TEST_CASE(a_mass_change_is_guarded_when_asked) {
  target().changes_percent_max = 30;
  for (ProfileId id = 1; id <= 200; ++id) {
    put(id, subscriber("p" + std::to_string(id) + "@example.com"));
  }
  BOOST_REQUIRE(run().ok());
  for (ProfileId id = 1; id <= 60; ++id) {
    put(id, subscriber("p" + std::to_string(id) + "@example.com", "Other"));
  }
  BOOST_REQUIRE(run().ok());
  BOOST_TEST(counts.updated == 60);
  for (ProfileId id = 1; id <= 61; ++id) {
    put(id, subscriber("p" + std::to_string(id) + "@example.com", "Third"));
  }
  BOOST_TEST((run().error().code == ErrorCode::guarded));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::activate::test
