// Failures at every point: nothing lost, nothing doubled.
#include <boost/test/unit_test.hpp>

#include "pipeline/activate/work.h"
#include "world.h"

namespace rondom::activate::test {
namespace {

constexpr int commits_max = 60;

enum class Kind { looks_up, idempotent, neither, file };

void shape(VendorDestination& destination, Kind kind) {
  destination.info_.can_look_up = kind == Kind::looks_up;
  destination.info_.idempotent_upsert = kind == Kind::idempotent || kind == Kind::file;
  destination.upserts_by_key = kind == Kind::idempotent;
  destination.info_.filesystem = kind == Kind::file;
}

Status run_as(World& world, Kind kind) {
  VendorDestination destination(world.vendor);
  shape(destination, kind);
  return world.run(destination);
}

/// Delivered people of whom one changes, one leaves, one withdraws; two new ones; one merged away.
void prepare(World& world, Kind kind) {
  world.batch_records = 2;
  world.everybody = false;
  world.target().on_leave = config::OnLeave::leave_segment;
  Person person;
  for (ProfileId id = 1; id <= 6; ++id) {
    person = subscriber("p" + std::to_string(id) + "@example.com");
    person.tier = "gold";
    world.put(id, person);
  }
  BOOST_REQUIRE(run_as(world, kind).ok());
  world.vendor.log.clear();
  world.put(1, subscriber("p1@example.com"));  // leaves
  Person changed = subscriber("p2@example.com", "Other");
  changed.tier = "gold";
  world.put(2, changed);
  Person withdrawn = subscriber("p3@example.com");
  withdrawn.tier = "gold";
  withdrawn.consents = {{"withdrawn", "2026-03-13T00:00:00Z"}};
  world.put(3, withdrawn);
  for (ProfileId id = 7; id <= 8; ++id) {
    person = subscriber("p" + std::to_string(id) + "@example.com");
    person.tier = "gold";
    world.put(id, person);
  }
  world.merge(6, 5);
}

/// Everything that the vendor holds, in words.
std::string content(const Vendor& vendor) {
  std::map<std::string, std::string> sorted;
  for (const auto& [id, contact] : vendor.contacts) {
    std::string& text = sorted[contact.key + "/" + id];
    for (const auto& [name, value] : contact.fields) text += name + "=" + value + " ";
    text += contact.subscribed ? "subscribed " : "";
    text += contact.in_segment ? "in segment" : "";
  }
  std::string all;
  for (const auto& [key, text] : sorted) all += key.substr(0, 36) + ": " + text + "\n";
  return all;
}

std::string delivered(const World& world) {
  std::string all;
  for (const auto& [id, row] : world.store.destinations.at(world.name).deliveries) {
    all += std::to_string(id) + " " + std::to_string(static_cast<int>(row.state)) + " " +
           row.remote_id + " " + hex64(hash64(row.fields)) + "\n";
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(activate_crash)

BOOST_AUTO_TEST_CASE(killed_at_every_commit_ends_where_an_uninterrupted_run_ends) {
  for (const Kind kind : {Kind::looks_up, Kind::idempotent}) {
    World straight;
    prepare(straight, kind);
    BOOST_REQUIRE(run_as(straight, kind).ok());
    const std::string expected = content(straight.vendor);
    bool died = true;
    int commit = 0;
    for (; died && commit < commits_max; ++commit) {
      BOOST_TEST_CONTEXT("kind " << static_cast<int>(kind) << ", commit " << commit) {
        World world;
        prepare(world, kind);
        world.store.dies_at_commit = commit;
        world.store.commits = 0;
        died = !run_as(world, kind).ok();
        world.store.dies_at_commit = -1;
        BOOST_REQUIRE(run_as(world, kind).ok());
        BOOST_REQUIRE(run_as(world, kind).ok());
        BOOST_TEST(content(world.vendor) == expected);
        BOOST_TEST(delivered(world) == delivered(straight));
        BOOST_TEST(world.counts.unknown == 0);
        if (kind == Kind::looks_up) BOOST_TEST(world.vendor.count("") == straight.vendor.count(""));
      }
    }
    BOOST_TEST(commit > 10);
    BOOST_TEST(!died);
  }
}

BOOST_AUTO_TEST_CASE(a_vendor_that_cannot_tell_never_gets_a_create_twice) {
  bool died = true;
  bool parked = false;
  for (int commit = 0; died && commit < commits_max; ++commit) {
    BOOST_TEST_CONTEXT("commit " << commit) {
      World world;
      prepare(world, Kind::neither);
      world.store.dies_at_commit = commit;
      world.store.commits = 0;
      died = !run_as(world, Kind::neither).ok();
      world.store.dies_at_commit = -1;
      BOOST_REQUIRE(run_as(world, Kind::neither).ok());
      parked = parked || world.counts.unknown > 0;
      for (const ProfileId id : {7, 8}) {
        BOOST_TEST(world.vendor.count("create " + world.key(id)) <= 1);
      }
      BOOST_REQUIRE(run_as(world, Kind::neither).ok());
      for (const ProfileId id : {7, 8}) {
        BOOST_TEST(world.vendor.count("create " + world.key(id)) <= 1);
      }
    }
  }
  BOOST_TEST(parked);
}

BOOST_AUTO_TEST_CASE(what_was_flushed_is_not_in_doubt_whenever_it_dies) {
  bool died = true;
  int died_after_flush = 0;
  for (int commit = 0; died && commit < commits_max; ++commit) {
    BOOST_TEST_CONTEXT("commit " << commit) {
      World world;
      prepare(world, Kind::neither);
      const std::string before = world.store.values["activate/newsletter@capture/flushed"];
      world.store.dies_at_commit = commit;
      world.store.commits = 0;
      died = !run_as(world, Kind::neither).ok();
      world.store.dies_at_commit = -1;
      if (world.store.values["activate/newsletter@capture/flushed"] == before) continue;
      died_after_flush += died;
      BOOST_REQUIRE(run_as(world, Kind::neither).ok());
      BOOST_TEST(world.counts.unknown == 0);
      BOOST_TEST(world.vendor.count("create") == 2);
    }
  }
  BOOST_TEST(died_after_flush > 2);
}

BOOST_AUTO_TEST_CASE(a_file_killed_at_every_commit_holds_every_operation_once) {
  bool died = true;
  int commit = 0;
  for (; died && commit < commits_max; ++commit) {
    BOOST_TEST_CONTEXT("commit " << commit) {
      World world;
      world.batch_records = 2;
      for (ProfileId id = 1; id <= 7; ++id) {
        world.put(id, subscriber("p" + std::to_string(id) + "@example.com"));
      }
      world.store.dies_at_commit = commit;
      died = !run_as(world, Kind::file).ok();
      world.store.dies_at_commit = -1;
      BOOST_REQUIRE(run_as(world, Kind::file).ok());
      std::map<std::string, int> lines;
      for (const auto& [session, file] : world.vendor.files) {
        for (const std::string& line : file) ++lines[line];
      }
      BOOST_TEST(lines.size() == 7u);
      for (const auto& [line, times] : lines) BOOST_TEST(times == 1);
      for (ProfileId id = 1; id <= 7; ++id) {
        BOOST_TEST((world.row(id)->state == DeliveryState::acknowledged));
      }
    }
  }
  BOOST_TEST(commit > 5);
  BOOST_TEST(!died);
}

BOOST_AUTO_TEST_CASE(a_lost_answer_is_looked_up_with_what_may_be_told) {
  World world;
  world.put(1, subscriber("a@example.com"));
  world.target().match_on = "email";
  VendorDestination losing(world.vendor);
  shape(losing, Kind::looks_up);
  losing.loses_answer_of_batch = 0;
  BOOST_TEST(!world.run(losing).ok());
  BOOST_TEST(world.counts.unknown == 1);
  VendorDestination next(world.vendor);
  shape(next, Kind::looks_up);
  BOOST_REQUIRE(world.run(next).ok());
  BOOST_TEST(next.looked_up.at(0) == R"({"email":"a@example.com"})");
  BOOST_TEST(next.batches.empty());
  BOOST_TEST(world.vendor.contacts.size() == 1u);
  BOOST_TEST(world.row(1)->remote_id == "r1");
  BOOST_TEST(world.counts.created == 1);
}

BOOST_AUTO_TEST_CASE(a_look_up_tells_nothing_that_was_not_told_before) {
  for (const bool matches : {false, true}) {
    World world;
    if (matches) world.target().match_on = "email";
    world.put(1, subscriber("a@example.com"));
    VendorDestination losing(world.vendor);
    shape(losing, Kind::looks_up);
    losing.loses_answer_of_batch = 0;
    BOOST_TEST(!world.run(losing).ok());
    world.put(1, subscriber("new@example.com", "Anna"));
    VendorDestination next(world.vendor);
    shape(next, Kind::looks_up);
    BOOST_REQUIRE(world.run(next).ok());
    BOOST_TEST(next.looked_up.at(0) == "{}");
  }
}

BOOST_AUTO_TEST_CASE(however_often_it_is_cut_off_it_is_sent_in_the_end) {
  World world;
  world.put(1, subscriber("a@example.com"));
  constexpr int interruptions = 8;
  for (int i = 0; i < interruptions; ++i) {
    VendorDestination failing(world.vendor);
    shape(failing, Kind::file);
    failing.info_.can_look_up = true;
    failing.info_.idempotent_upsert = false;
    failing.flush_fails = true;
    BOOST_TEST(!world.run(failing).ok());
  }
  VendorDestination working(world.vendor);
  shape(working, Kind::file);
  working.info_.can_look_up = true;
  working.info_.idempotent_upsert = false;
  BOOST_REQUIRE(world.run(working).ok());
  BOOST_TEST(world.counts.created == 1);
  BOOST_TEST((world.row(1)->state == DeliveryState::acknowledged));
  BOOST_REQUIRE(world.vendor.files.size() == 1u);
  BOOST_TEST(world.vendor.files.begin()->second.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_told_and_was_tried_often_stays_parked_and_counted) {
  World world;
  world.put(1, subscriber("a@example.com"));
  for (int attempt = 0; attempt < 7; ++attempt) {
    VendorDestination losing(world.vendor);
    shape(losing, Kind::idempotent);
    losing.loses_answer_of_batch = 0;
    (void)world.run(losing);
  }
  BOOST_TEST((world.row(1)->state == DeliveryState::unknown));
  BOOST_REQUIRE(run_as(world, Kind::idempotent).ok());
  BOOST_TEST(world.counts.unknown == 1);
}

BOOST_AUTO_TEST_CASE(results_that_cannot_be_stored_acknowledge_nothing) {
  // The commit of what was refused fails once; those after it would succeed.
  for (const Kind kind : {Kind::looks_up, Kind::neither}) {
    World world;
    world.put(1, subscriber("a@example.com"));
    world.put(2, subscriber("b@example.com"));
    VendorDestination refusing(world.vendor);
    shape(refusing, kind);
    refusing.answers[world.key(1)] = plugin::WriteOutcome::rejected;
    world.store.dies_at_commit = 1;  // after the one that says in flight
    world.store.dies_for = 1;
    world.store.commits = 0;
    BOOST_TEST(!world.run(refusing).ok());
    world.store.dies_at_commit = -1;
    VendorDestination next(world.vendor);
    shape(next, kind);
    next.answers[world.key(1)] = plugin::WriteOutcome::rejected;
    BOOST_REQUIRE(world.run(next).ok());
    BOOST_TEST((world.row(1)->state != DeliveryState::acknowledged));
    BOOST_TEST(world.vendor.by_key(world.key(1)) == nullptr);
    const bool told = !world.store.letters.empty() || world.counts.unknown > 0;
    BOOST_TEST(told);
  }
}

BOOST_AUTO_TEST_CASE(who_changes_back_while_the_update_is_in_doubt_is_sent_again) {
  World world;
  world.put(1, subscriber("a@example.com", "Anna"));
  BOOST_REQUIRE(run_as(world, Kind::idempotent).ok());
  world.put(1, subscriber("a@example.com", "Betty"));
  VendorDestination losing(world.vendor);
  shape(losing, Kind::idempotent);
  losing.loses_answer_of_batch = 0;
  BOOST_TEST(!world.run(losing).ok());
  BOOST_TEST(world.vendor.by_key(world.key(1))->fields.at("first") == "\"Betty\"");
  world.put(1, subscriber("a@example.com", "Anna"));
  BOOST_REQUIRE(run_as(world, Kind::idempotent).ok());
  BOOST_TEST(world.vendor.by_key(world.key(1))->fields.at("first") == "\"Anna\"");
  BOOST_TEST((world.row(1)->state == DeliveryState::acknowledged));
}

BOOST_AUTO_TEST_CASE(a_doubt_outlives_the_operation_that_replaces_it) {
  for (const bool refused : {false, true}) {
    World world;
    world.put(1, subscriber("a@example.com", "Anna"));
    BOOST_REQUIRE(run_as(world, Kind::idempotent).ok());
    world.put(1, subscriber("a@example.com", "Betty"));
    VendorDestination losing(world.vendor);
    shape(losing, Kind::idempotent);
    losing.loses_answer_of_batch = 0;
    BOOST_TEST(!world.run(losing).ok());
    world.put(1, subscriber("a@example.com", "Anna"));
    VendorDestination failing(world.vendor);
    shape(failing, Kind::idempotent);
    if (refused) {
      failing.answers[world.key(1)] = plugin::WriteOutcome::rejected;
    } else {
      failing.fails_batch = 0;
    }
    BOOST_TEST(world.run(failing).ok() == refused);
    if (refused) world.put(1, subscriber("a@example.com", "Clara"));
    BOOST_REQUIRE(run_as(world, Kind::idempotent).ok());
    const std::string expected = refused ? "\"Clara\"" : "\"Anna\"";
    BOOST_TEST(world.vendor.by_key(world.key(1))->fields.at("first") == expected);
  }
}

BOOST_AUTO_TEST_CASE(an_added_field_in_doubt_is_cleared_when_it_is_gone) {
  World world;
  world.set_map("{ email: .permitted.email, tier: .custom.tier }");
  world.target().clear_missing = true;
  world.put(1, subscriber("a@example.com"));
  BOOST_REQUIRE(run_as(world, Kind::idempotent).ok());
  Person gold = subscriber("a@example.com");
  gold.tier = "gold";
  world.put(1, gold);
  VendorDestination losing(world.vendor);
  shape(losing, Kind::idempotent);
  losing.loses_answer_of_batch = 0;
  BOOST_TEST(!world.run(losing).ok());
  BOOST_TEST(world.vendor.by_key(world.key(1))->fields.at("tier") == "\"gold\"");
  world.put(1, subscriber("a@example.com"));
  BOOST_REQUIRE(run_as(world, Kind::idempotent).ok());
  BOOST_TEST(world.vendor.by_key(world.key(1))->fields.at("tier") == "null");
}

BOOST_AUTO_TEST_CASE(a_removal_names_the_address_that_is_held) {
  World world;
  world.target().match_on = "email";
  world.put(1, subscriber("a@example.com"));
  BOOST_REQUIRE(run_as(world, Kind::neither).ok());
  Person moved = subscriber("b@example.com");
  moved.emails = {"b@example.com", "a@example.com"};
  world.put(1, moved);
  VendorDestination refusing(world.vendor);
  shape(refusing, Kind::neither);
  refusing.answers[world.key(1)] = plugin::WriteOutcome::rejected;
  BOOST_REQUIRE(world.run(refusing).ok());
  moved.consents.push_back({"withdrawn", "2026-03-13T00:00:00Z"});
  world.put(1, moved);
  VendorDestination last(world.vendor);
  shape(last, Kind::neither);
  BOOST_REQUIRE(world.run(last).ok());
  BOOST_REQUIRE(last.actions.size() == 1u);
  BOOST_TEST(last.actions[0] == R"(unsubscribe {"email":"a@example.com"})");
}

BOOST_AUTO_TEST_CASE(who_is_gone_is_no_longer_withheld) {
  World world;
  Person silent = subscriber("a@example.com");
  silent.consents.clear();
  world.put(1, silent);
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.store.at(world.name).withheld.size() == 1u);
  world.retire(1);
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.store.at(world.name).withheld.empty());
}

BOOST_AUTO_TEST_CASE(a_profile_that_is_gone_is_removed_once) {
  World world;
  world.put(1, subscriber("a@example.com"));
  world.put(2, subscriber("b@example.com"));
  BOOST_REQUIRE(run_as(world, Kind::idempotent).ok());
  world.put(1, subscriber("a@example.com", "Anna"));
  VendorDestination busy(world.vendor);
  shape(busy, Kind::idempotent);
  busy.answers[world.key(1)] = plugin::WriteOutcome::retry;
  BOOST_REQUIRE(world.run(busy).ok());
  world.merge(1, 2);
  world.as_of += 3600 * microseconds_per_second;
  const Job job = world.job();
  const auto definition = make_definition(job);
  BOOST_REQUIRE(definition.ok());
  const auto work = collect_work(*definition, world.store, true);
  BOOST_REQUIRE(work.ok());
  BOOST_REQUIRE(work->gone.size() == 1u);
  BOOST_TEST(work->gone[0].into == 2);
}

BOOST_AUTO_TEST_CASE(what_was_not_applied_goes_again_with_the_same_operation_id) {
  for (const Kind kind : {Kind::looks_up, Kind::idempotent}) {
    World world;
    world.put(1, subscriber("a@example.com"));
    VendorDestination failing(world.vendor);
    shape(failing, kind);
    failing.fails_batch = 0;
    BOOST_TEST(!world.run(failing).ok());
    VendorDestination next(world.vendor);
    shape(next, kind);
    BOOST_REQUIRE(world.run(next).ok());
    BOOST_REQUIRE(next.batches.size() == 1u);
    BOOST_TEST(next.batches[0] == failing.batches[0], boost::test_tools::per_element());
    BOOST_TEST(world.vendor.contacts.size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(the_same_change_a_second_time_is_another_operation) {
  World world;
  std::set<std::string> ids;
  for (const char* given : {"Anna", "Bea", "Anna", "Bea"}) {
    world.put(1, subscriber("a@example.com", given));
    VendorDestination destination(world.vendor);
    BOOST_REQUIRE(world.run(destination).ok());
    ids.insert(destination.batches.at(0).at(0));
  }
  BOOST_TEST(ids.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_withdrawal_goes_out_although_the_create_is_in_doubt) {
  for (const Kind kind : {Kind::neither, Kind::idempotent}) {
    World world;
    world.put(1, subscriber("a@example.com"));
    VendorDestination losing(world.vendor);
    shape(losing, kind);
    losing.loses_answer_of_batch = 0;
    BOOST_TEST(!world.run(losing).ok());
    Person person = subscriber("a@example.com");
    person.consents.push_back({"withdrawn", "2026-03-13T00:00:00Z"});
    world.put(1, person);
    BOOST_REQUIRE(run_as(world, kind).ok());
    BOOST_TEST(world.vendor.count("unsubscribe " + world.key(1)) == 1);
    BOOST_TEST(world.vendor.count("create") == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_failed_flush_acknowledges_nothing) {
  World world;
  world.put(1, subscriber("a@example.com"));
  VendorDestination failing(world.vendor);
  shape(failing, Kind::file);
  failing.flush_fails = true;
  BOOST_TEST(!world.run(failing).ok());
  BOOST_TEST((world.row(1)->state == DeliveryState::in_flight));
  BOOST_REQUIRE(run_as(world, Kind::file).ok());
  BOOST_TEST(world.vendor.files.at("newsletter-000001").size() == 1u);
}

BOOST_AUTO_TEST_CASE(refused_for_good_is_a_dead_letter_and_not_sent_again_unchanged) {
  World world;
  world.put(1, subscriber("a@example.com"));
  world.put(2, subscriber("b@example.com"));
  VendorDestination refusing(world.vendor);
  refusing.answers[world.key(1)] = plugin::WriteOutcome::rejected;
  BOOST_REQUIRE(world.run(refusing).ok());
  BOOST_TEST(world.counts.rejected == 1);
  BOOST_TEST(world.counts.created == 1);
  BOOST_REQUIRE(world.store.letters.size() == 1u);
  BOOST_TEST(world.store.letters[0].reason == "the vendor said so");
  BOOST_TEST(world.store.letters[0].json == R"({"email":"a@example.com","first":"Sanne"})");
  BOOST_TEST((world.row(1)->state == DeliveryState::dead));
  world.store.values.clear();  // everybody is looked at
  VendorDestination quiet(world.vendor);
  BOOST_REQUIRE(world.run(quiet).ok());
  BOOST_TEST(quiet.batches.empty());
  world.put(1, subscriber("better@example.com"));
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.created == 1);
}

BOOST_AUTO_TEST_CASE(a_refused_create_of_somebody_who_left_is_forgotten) {
  World world;
  world.put(1, subscriber("a@example.com"));
  VendorDestination refusing(world.vendor);
  refusing.answers[world.key(1)] = plugin::WriteOutcome::rejected;
  BOOST_REQUIRE(world.run(refusing).ok());
  Person silent = subscriber("a@example.com");
  silent.consents.clear();
  world.put(1, silent);
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.vendor.log.empty());
  BOOST_TEST(world.row(1) == nullptr);
}

BOOST_AUTO_TEST_CASE(retried_when_due_and_given_up_after_five_attempts) {
  World world;
  world.put(1, subscriber("a@example.com"));
  std::set<std::string> ids;
  for (int attempt = 1; attempt <= 5; ++attempt) {
    VendorDestination busy(world.vendor);
    busy.answers[world.key(1)] = plugin::WriteOutcome::retry;
    BOOST_REQUIRE(world.run(busy).ok());
    BOOST_REQUIRE(busy.batches.size() == 1u);
    ids.insert(busy.batches[0][0]);
    BOOST_TEST(world.row(1)->attempts == attempt);
    if (attempt == 5) break;
    BOOST_TEST(world.counts.retried == 1);
    VendorDestination early(world.vendor);
    BOOST_REQUIRE(world.run(early).ok());
    BOOST_TEST(early.batches.empty());  // not due yet
    world.as_of += 3600 * microseconds_per_second;
  }
  BOOST_TEST(ids.size() == 1u);
  BOOST_TEST(world.counts.rejected == 1);
  BOOST_TEST((world.row(1)->state == DeliveryState::dead));
  BOOST_TEST(world.store.letters.at(0).reason.starts_with("given up after 5 attempts"));
}

BOOST_AUTO_TEST_CASE(what_concerns_everybody_counts_against_nobody) {
  World world;
  world.put(1, subscriber("a@example.com"));
  for (int outage = 0; outage < 8; ++outage) {
    VendorDestination down(world.vendor);
    down.fails_batch = 0;
    down.fails_with = plugin::WriteOutcome::retry;
    BOOST_TEST(!world.run(down).ok());
    BOOST_TEST((world.row(1)->state == DeliveryState::retry));
    BOOST_TEST(world.row(1)->attempts == 0);
  }
  BOOST_TEST(world.store.letters.empty());
  // The next run tries at once.
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.created == 1);
}

BOOST_AUTO_TEST_CASE(what_is_refused_to_everybody_parks_nobody_whose_fate_it_leaves_open) {
  World world;
  world.put(1, subscriber("a@example.com"));
  for (int outage = 0; outage < 8; ++outage) {
    VendorDestination down(world.vendor);
    down.info_.idempotent_upsert = true;
    down.fails_batch = 0;
    down.failure = ErrorCode::not_permitted;
    down.fails_with = plugin::WriteOutcome::unknown;
    BOOST_TEST(!world.run(down).ok());
    BOOST_TEST(down.batches.size() == 1u);
    BOOST_TEST((world.row(1)->state == DeliveryState::unknown));
    BOOST_TEST(world.row(1)->attempts == 0);
  }
  VendorDestination up(world.vendor);
  up.info_.idempotent_upsert = true;
  BOOST_REQUIRE(world.run(up).ok());
  BOOST_TEST(world.counts.created == 1);
}

BOOST_AUTO_TEST_CASE(a_no_is_said_of_a_create_that_waits) {
  World world;
  world.target().match_on = "email";
  world.put(1, subscriber("a@example.com"));
  VendorDestination busy(world.vendor);
  busy.answers[world.key(1)] = plugin::WriteOutcome::retry;  // and perhaps it arrived
  BOOST_REQUIRE(world.run(busy).ok());
  Person silent = subscriber("a@example.com");
  silent.consents = {{"withdrawn", "2026-03-13T21:04:00Z"}};
  world.put(1, silent);
  VendorDestination heard(world.vendor);
  BOOST_REQUIRE(world.run(heard).ok());
  BOOST_REQUIRE(heard.actions.size() == 1u);
  BOOST_TEST(heard.actions[0] == R"(unsubscribe {"email":"a@example.com"})");
}

BOOST_AUTO_TEST_CASE(a_no_that_waits_itself_still_says_of_whom) {
  World world;
  world.target().match_on = "email";
  world.put(1, subscriber("a@example.com"));
  VendorDestination down(world.vendor);
  down.answers[world.key(1)] = plugin::WriteOutcome::retry;
  BOOST_REQUIRE(world.run(down).ok());
  Person silent = subscriber("a@example.com");
  silent.consents = {{"withdrawn", "2026-03-13T21:04:00Z"}};
  world.put(1, silent);
  BOOST_REQUIRE(world.run(down).ok());
  world.as_of += 3600 * microseconds_per_second;
  VendorDestination heard(world.vendor);
  BOOST_REQUIRE(world.run(heard).ok());
  BOOST_REQUIRE(heard.actions.size() == 1u);
  BOOST_TEST(heard.actions[0] == R"(unsubscribe {"email":"a@example.com"})");
}

BOOST_AUTO_TEST_CASE(a_no_is_said_of_a_create_that_waits_whoever_it_is) {
  // Nothing to match by, nobody's id, and no longer in the audience: the key alone says who it is.
  for (const bool in_audience : {true, false}) {
    World world;
    world.everybody = in_audience;
    Person person = subscriber("a@example.com");
    person.tier = "gold";
    world.put(1, person);
    VendorDestination busy(world.vendor);
    busy.answers[world.key(1)] = plugin::WriteOutcome::retry;  // and perhaps it arrived
    BOOST_REQUIRE(world.run(busy).ok());
    person.consents = {{"withdrawn", "2026-03-13T21:04:00Z"}};
    if (!in_audience) person.tier.clear();
    world.put(1, person);
    VendorDestination heard(world.vendor);
    BOOST_REQUIRE(world.run(heard).ok());
    BOOST_REQUIRE(heard.actions.size() == 1u);
    BOOST_TEST(heard.actions[0] == "unsubscribe {}");
  }
}

BOOST_AUTO_TEST_CASE(who_left_while_a_create_waits_is_taken_out_where_they_can_be_found) {
  for (const bool matched : {true, false}) {
    World world;
    world.everybody = false;
    world.target().on_leave = config::OnLeave::leave_segment;
    if (matched) world.target().match_on = "email";
    Person person = subscriber("a@example.com");
    person.tier = "gold";
    world.put(1, person);
    VendorDestination busy(world.vendor);
    busy.answers[world.key(1)] = plugin::WriteOutcome::retry;
    BOOST_REQUIRE(world.run(busy).ok());
    person.tier.clear();
    world.put(1, person);
    VendorDestination heard(world.vendor);
    BOOST_REQUIRE(world.run(heard).ok());
    BOOST_REQUIRE(heard.actions.size() == (matched ? 1u : 0u));
    if (matched) BOOST_TEST(heard.actions[0] == R"(leave_segment {"email":"a@example.com"})");
  }
}

BOOST_AUTO_TEST_CASE(a_retry_that_is_due_goes_out_without_any_change) {
  World world;
  world.put(1, subscriber("a@example.com"));
  VendorDestination busy(world.vendor);
  busy.answers[world.key(1)] = plugin::WriteOutcome::retry;
  BOOST_REQUIRE(world.run(busy).ok());
  world.as_of += 3600 * microseconds_per_second;
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.counts.created == 1);
  BOOST_TEST((world.row(1)->state == DeliveryState::acknowledged));
  BOOST_TEST(world.row(1)->attempts == 0);
}

BOOST_AUTO_TEST_CASE(an_answer_of_fewer_records_than_asked) {
  // What a clean return does not mention is accepted: see Destination::write.
  class Silent final : public plugin::Destination {
   public:
    plugin::ConnectorInfo info_;
    const plugin::ConnectorInfo& info() const override { return info_; }
    Status check() override { return {}; }
    Status write(const plugin::WriteBatch&, std::vector<plugin::WriteResult>& results) override {
      results.push_back({99, plugin::WriteOutcome::rejected, false, {}, "nobody"});
      return {};
    }
    Status flush(std::string_view) override { return {}; }
    Status look_up(const plugin::WriteBatch&, std::vector<plugin::WriteResult>&) override {
      return {};
    }
    void cancel() override {}
  };
  World world;
  world.put(1, subscriber("a@example.com"));
  Silent silent;
  const Cancel cancel;
  Counts counts;
  BOOST_REQUIRE(activate::run(world.job(), world.store, silent, cancel, counts, {}).ok());
  BOOST_TEST(counts.created == 1);
}

BOOST_AUTO_TEST_CASE(cancelled_before_it_starts_writes_nothing_and_goes_on_later) {
  World world;
  world.put(1, subscriber("a@example.com"));
  Cancel cancel;
  cancel.request();
  VendorDestination destination(world.vendor);
  Counts counts;
  const Status stopped = activate::run(world.job(), world.store, destination, cancel, counts, {});
  BOOST_TEST((stopped.error().code == ErrorCode::cancelled));
  BOOST_TEST(destination.batches.empty());
  BOOST_REQUIRE(world.run().ok());
  BOOST_TEST(world.vendor.contacts.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::activate::test
