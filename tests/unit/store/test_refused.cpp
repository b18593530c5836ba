// What a refused row says no to is heard, and until when.
#include <algorithm>

#include "model/refusals.h"
#include "store/refused.h"
#include "support/joins.h"
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::RowKind;

namespace {

/// A person with this address who says this about it ("" = no consent at all).
std::string says(const std::string& email, const std::string& status, const std::string& at = "") {
  RecordBuilder builder;
  if (!email.empty()) builder.add({attribute::email_value, 1, email, {}, Rule::none, {}});
  if (!status.empty()) {
    builder.add({attribute::consent_purpose, 1, "news", {}, Rule::none, {}});
    builder.add({attribute::consent_status, 1, status, {}, Rule::none, {}});
    if (!at.empty()) builder.add({attribute::consent_at, 1, at, {}, Rule::none, {}});
  }
  return std::string(builder.bytes());
}

/// Every status that the person with this key has, in order.
std::string consents_of(Project& project, const std::string& key) {
  const auto id = value_of(project.store().find_record(project.stream(), Entity::person, key));
  if (!id) return "unknown";
  const store::RecordId ids[] = {*id};
  std::string found;
  const auto records = value_of(project.store().records(ids));
  for (const Cell& cell : read_cells(records.front().canonical)) {
    if (cell.attribute != attribute::consent_status) continue;
    if (!found.empty()) found += ' ';
    found += cell.value;
  }
  return found;
}

/// How many records are found under this address that are not live.
std::size_t standing(Project& project, const std::string& email) {
  while (value_of(project.store().index_postings(100, support::every_identifier)) > 0) continue;
  const auto found = value_of(project.store().find_records(identifier_hash("email", email)));
  const auto records = value_of(project.store().records(found));
  return static_cast<std::size_t>(
      std::count_if(records.begin(), records.end(), [](const auto& one) { return !one.live; }));
}

Batch yes(store::StreamId stream, Timestamp at, const std::string& content = "Anna") {
  Batch batch(stream);
  batch.row(RowKind::mapped, "1", at, content)
      .output(Entity::person, "1", says("anna@example.com", "granted"));
  return batch;
}

Batch refusal(store::StreamId stream, Timestamp at, const std::string& content,
              const std::string& canonical) {
  Batch batch(stream);
  batch.refused("1", content).output(Entity::person, "1", canonical);
  batch.get().rows.back().observed_at = at;
  return batch;
}

store::StreamCounts take(Project& project, Batch batch) {
  return apply(project, batch);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(refused)

STORE_TEST(the_no_of_a_refused_row_is_said_by_the_version_that_stands) {
  const auto stream = project.stream();
  take(project, yes(stream, 10));
  BOOST_TEST(to_text(take(project, refusal(stream, 20, "bad", says("", "withdrawn")))) ==
             "quarantined:1");
  BOOST_TEST(consents_of(project, "1") == "granted withdrawn");
  // About the address that the last good version names, also for others who have it.
  BOOST_TEST(standing(project, "anna@example.com") == 1u);
  verify(project);
  project.reopen();
  BOOST_TEST(consents_of(project, "1") == "granted withdrawn");
}

STORE_TEST(it_is_no_older_than_the_yes_it_takes_back) {
  struct Case {
    const char *yes, *confirmed, *no, *counts;
  };
  for (const Case& one :
       {Case{"2026-03-01T00:00:00Z", "", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
        Case{"2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z",
             "2026-03-02T00:00:00Z"},
        Case{"2026-03-01T00:00:05.5Z", "", "2026-03-01T00:00:05Z", "2026-03-01T00:00:05.5Z"},
        Case{"2026-03-01T00:00:05Z", "", "2026-03-01T00:00:05.5Z", "2026-03-01T00:00:05.5Z"}}) {
    Project fresh(project.backend());
    const auto stream = fresh.stream();
    RecordBuilder builder;
    builder.add({attribute::consent_purpose, 1, "news", {}, Rule::none, {}});
    builder.add({attribute::consent_status, 1, "granted", {}, Rule::none, {}});
    builder.add({attribute::consent_at, 1, one.yes, {}, Rule::none, {}});
    if (*one.confirmed != '\0') {
      builder.add({attribute::consent_confirmed_at, 1, one.confirmed, {}, Rule::none, {}});
    }
    Batch batch(stream);
    batch.row(RowKind::mapped, "1", 10, "Anna")
        .output(Entity::person, "1", std::string(builder.bytes()));
    take(fresh, batch);
    take(fresh, refusal(stream, 20, "bad", says("", "withdrawn", one.no)));
    const auto id = value_of(fresh.store().find_record(stream, Entity::person, "1"));
    BOOST_REQUIRE(id.has_value());
    const store::RecordId ids[] = {*id};
    const auto records = value_of(fresh.store().records(ids));
    std::string at;
    for (const Cell& cell : read_cells(records.front().canonical)) {
      if (cell.attribute == attribute::consent_at) at = cell.value;  // the refusal's is the last
    }
    BOOST_TEST(at == one.counts);
  }
}

STORE_TEST(reading_it_again_changes_nothing) {
  const auto stream = project.stream();
  take(project, yes(stream, 10));
  take(project, refusal(stream, 20, "bad", says("", "withdrawn")));
  while (value_of(project.store().index_postings(100, support::every_identifier)) > 0) continue;
  store::UnifyBatch done;
  done.done = value_of(project.store().dirty_records(0, 10));
  require(project.store().apply(done));
  take(project, refusal(stream, 20, "bad", says("", "withdrawn")));
  BOOST_TEST(value_of(project.store().dirty_count()) == 0);
  BOOST_TEST(consents_of(project, "1") == "granted withdrawn");
  BOOST_TEST(value_of(project.store().quarantine("crm", 0, 10)).size() == 1u);
}

STORE_TEST(it_stands_until_a_newer_version_is_read_as_a_whole) {
  const auto stream = project.stream();
  take(project, yes(stream, 10));
  take(project, refusal(stream, 30, "bad", says("old@example.com", "withdrawn")));
  take(project, yes(stream, 20, "late"));
  BOOST_TEST(consents_of(project, "1") == "granted withdrawn");
  const std::uint64_t hashes[] = {hash64("1")};
  BOOST_TEST(value_of(project.store().known(stream, hashes))[0].raw_hash == 0u);
  // A second refused row takes nothing back, whatever it leaves out.
  take(project, refusal(stream, 40, "worse", says("", "unreadable")));
  BOOST_TEST(consents_of(project, "1") == "granted unreadable withdrawn");
  take(project, yes(stream, 50, "good"));
  BOOST_TEST(consents_of(project, "1") == "granted");
  BOOST_TEST(standing(project, "old@example.com") == 0u);
  BOOST_TEST(value_of(project.store().known(stream, hashes))[0].raw_hash != 0u);
  verify(project);
}

STORE_TEST(an_older_refused_row_says_nothing) {
  const auto stream = project.stream();
  take(project, yes(stream, 30));
  take(project, refusal(stream, 20, "bad", says("", "withdrawn")));
  BOOST_TEST(consents_of(project, "1") == "granted");
  // Unless nobody can tell that it is older.
  Batch untimed = refusal(stream, 20, "bad", says("", "withdrawn"));
  untimed.get().rows.back().time_read = false;
  apply(project, untimed);
  BOOST_TEST(consents_of(project, "1") == "granted withdrawn");
  take(project, yes(stream, 40, "good"));
  BOOST_TEST(consents_of(project, "1") == "granted");
  take(project, refusal(stream, no_time, "none", says("", "withdrawn")));
  BOOST_TEST(consents_of(project, "1") == "granted withdrawn");
}

STORE_TEST(the_row_itself_speaks_once_it_can_be_read) {
  const auto stream = project.stream();
  take(project, yes(stream, 10));
  take(project, refusal(stream, 20, "bad", says("", "unreadable")));
  take(project, yes(stream, 20, "bad"));
  BOOST_TEST(consents_of(project, "1") == "granted");
}

STORE_TEST(a_refusal_outlives_the_deletion_of_its_record) {
  const auto stream = project.stream();
  take(project, yes(stream, 10));
  take(project, refusal(stream, 20, "bad", says("", "withdrawn")));
  Batch gone(stream);
  gone.row(RowKind::removed, "1", 30, "gone");
  apply(project, gone);
  BOOST_TEST(state_of(project, "1") == "withdrawn");
  BOOST_TEST(standing(project, "anna@example.com") == 1u);
  verify(project);
}

STORE_TEST(and_a_tombstone_older_than_it) {
  const auto stream = project.stream();
  for (const bool again : {false, true}) {
    const auto refresh = value_of(project.store().begin_refresh(stream, again ? "2" : "1", false));
    Batch batch(stream);
    batch.generation(refresh.generation);
    if (!again) {
      batch.row(RowKind::mapped, "1", 10, "Anna")
          .output(Entity::person, "1", says("anna@example.com", "granted"));
      apply(project, batch);
      take(project, refusal(stream, 20, "bad", says("", "withdrawn")));
    }
    value_of(project.store().end_refresh(stream, "run-1"));
  }
  BOOST_TEST(state_of(project, "1") == "withdrawn");
  BOOST_TEST(standing(project, "anna@example.com") == 1u);
  verify(project);
}

STORE_TEST(the_newer_version_counts_whatever_date_it_gives) {
  const auto stream = project.stream();
  Batch batch(stream);
  batch.row(RowKind::mapped, "1", 10, "Anna")
      .output(Entity::person, "1", says("anna@example.com", "granted", "2026-01-01T00:00:00Z"));
  apply(project, batch);
  take(project, refusal(stream, 20, "bad", says("", "withdrawn", "2019-01-01T00:00:00Z")));
  const auto id = value_of(project.store().find_record(stream, Entity::person, "1"));
  const store::RecordId ids[] = {*id};
  std::vector<std::string> times;
  const auto records = value_of(project.store().records(ids));
  for (const Cell& cell : read_cells(records.front().canonical)) {
    if (cell.attribute == attribute::consent_at) times.emplace_back(cell.value);
  }
  BOOST_TEST(times == std::vector<std::string>(2, "2026-01-01T00:00:00Z"),
             boost::test_tools::per_element());
}

STORE_TEST(of_somebody_nobody_knows_yet_it_is_found_by_the_address) {
  const auto stream = project.stream();
  take(project, refusal(stream, 20, "bad", says("anna@example.com", "withdrawn")));
  BOOST_TEST(standing(project, "anna@example.com") == 1u);
  BOOST_TEST(to_text(take(project, yes(stream, 30))) == "created:1");
  BOOST_TEST(standing(project, "anna@example.com") == 0u);
  BOOST_TEST(consents_of(project, "1") == "granted");
}

STORE_TEST(others_with_the_address_are_looked_at_again) {
  const auto stream = project.stream();
  Batch other(stream);
  other.row(RowKind::mapped, "2", 10, "other")
      .output(Entity::person, "2", says("anna@example.com", "granted"));
  apply(project, other);
  while (value_of(project.store().index_postings(100, support::every_identifier)) > 0) continue;
  store::UnifyBatch unified;
  store::Profile& profile = unified.profiles.emplace_back();
  profile.id = value_of(project.store().next_profile_id());
  profile.members = {1};
  unified.members = {{1, profile.id}};
  require(project.store().apply(unified));
  take(project, refusal(stream, 20, "bad", says("anna@example.com", "withdrawn")));
  const auto events = value_of(project.store().events(0, 10));
  BOOST_REQUIRE(events.size() == 1u);
  BOOST_TEST(events[0].profile == profile.id);
  take(project, refusal(stream, 20, "bad", says("anna@example.com", "withdrawn")));
  BOOST_TEST(value_of(project.store().events(0, 10)).size() == 1u);
}

STORE_TEST(of_two_copies_that_contradict_the_no_is_heard) {
  const auto stream = project.stream();
  for (const bool no_first : {true, false}) {
    project.clear();
    take(project, yes(project.stream(), 10));
    Batch copies(stream);
    for (const bool no : {no_first, !no_first}) {
      copies.row(RowKind::mapped, "1", 20, no ? "no" : "yes")
          .output(Entity::person, "1", says("anna@example.com", no ? "withdrawn" : "granted"));
    }
    BOOST_TEST(to_text(apply(project, copies)) == "quarantined:2");
    BOOST_TEST(consents_of(project, "1") == "granted withdrawn");
    take(project, yes(project.stream(), 30, "good"));
    BOOST_TEST(consents_of(project, "1") == "granted");
    verify(project);
  }
}

BOOST_AUTO_TEST_CASE(refusals_are_joined_once_and_bounded) {
  const std::string no = says("anna@example.com", "withdrawn", "2026-01-01T00:00:00Z");
  BOOST_TEST(store::join_refusals(no, no) == store::refusals_in(no));
  BOOST_TEST(store::refusals_in(says("anna@example.com", "granted")).empty());
  // The same once more, later: one refusal, of the later time.
  const std::string later = says("anna@example.com", "withdrawn", "2026-02-01T00:00:00Z");
  BOOST_TEST(store::join_refusals(later, no) == store::refusals_in(later));
  BOOST_TEST(store::join_refusals(says("anna@example.com", "withdrawn"), later) ==
             store::refusals_in(says("anna@example.com", "withdrawn")));
  std::string many;
  for (std::size_t i = 0; i <= store::refusals_per_record_max; ++i) {
    RecordBuilder builder;
    const std::string purpose = "purpose " + std::to_string(i);
    builder.add({attribute::consent_purpose, 1, purpose, {}, Rule::none, {}});
    builder.add({attribute::consent_status, 1, "denied", {}, Rule::none, {}});
    many = store::join_refusals(many, builder.bytes());
  }
  BOOST_TEST(first_value(many, attribute::consent_status) == unreadable_consent);
  BOOST_TEST(read_cells(many).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
