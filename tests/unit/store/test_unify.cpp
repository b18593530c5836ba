// Dirty records, postings, profiles.
#include <algorithm>

#include "support/joins.h"
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::Posting;
using store::RowKind;

namespace {

Uid uid(std::uint8_t number) {
  Uid made;
  made.bytes[0] = static_cast<std::uint8_t>(255 - number);
  made.bytes[15] = number;
  return made;
}

store::Profile profile(store::ProfileId id, std::vector<store::RecordId> members) {
  store::Profile made;
  made.id = id;
  made.uid = uid(static_cast<std::uint8_t>(id));
  made.founding_record = members.empty() ? 0 : members.front();
  made.content_hash = 0xffff'ffff'ffff'fff0u + static_cast<std::uint64_t>(id);
  made.config_fingerprint = 5;
  made.label = "crm.Contact/" + std::to_string(id);
  made.values = person("P" + std::to_string(id));
  made.members = std::move(members);
  return made;
}

void person_row(Batch& batch, const std::string& key, Timestamp at, const std::string& email) {
  batch.row(RowKind::mapped, key, at, email).output(Entity::person, key, person(key, email));
}

std::uint64_t email_identifier(const std::string& email) {
  return identifier_hash("email", email);
}

std::vector<store::RecordId> found(Project& project, const std::string& email) {
  return value_of(project.store().find_records(email_identifier(email)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unify)

STORE_TEST(postings_follow_their_records) {
  const auto stream = project.stream();
  auto& store = project.store();
  Batch first(stream), second(stream), third(stream);
  person_row(first, "1", 10, "anna@example.com");
  person_row(first, "2", 10, "bram@example.com");
  apply(project, first);
  BOOST_TEST(value_of(store.dirty_count()) == 2);
  BOOST_TEST(value_of(store.index_postings(1, support::every_identifier)) == 1);
  BOOST_TEST(value_of(store.index_postings(1, support::every_identifier)) == 1);
  BOOST_TEST(value_of(store.index_postings(1, support::every_identifier)) == 0);
  const auto one = found(project, "anna@example.com");
  BOOST_REQUIRE(one.size() == 1u);
  verify(project);
  // Changed twice before the postings are made again: the old ones still go.
  person_row(second, "1", 20, "carla@example.com");
  apply(project, second);
  person_row(third, "1", 30, "dirk@example.com");
  apply(project, third);
  BOOST_TEST(found(project, "anna@example.com") == one);
  BOOST_TEST(value_of(store.index_postings(100, support::every_identifier)) == 1);
  BOOST_TEST(found(project, "anna@example.com").empty());
  BOOST_TEST(found(project, "carla@example.com").empty());
  BOOST_TEST(found(project, "dirk@example.com") == one);
  verify(project);
  apply(project, Batch(stream).row(RowKind::removed, "1", 40, "gone"));
  BOOST_TEST(value_of(store.index_postings(100, support::every_identifier)) == 1);
  BOOST_TEST(found(project, "dirk@example.com").empty());
  verify(project);
}

STORE_TEST(a_record_that_was_live_for_a_moment_leaves_no_posting) {
  const auto stream = project.stream();
  Batch first(stream);
  person_row(first, "1", 10, "anna@example.com");
  apply(project, first);
  apply(project, Batch(stream).row(RowKind::removed, "1", 20, "gone"));
  value_of(project.store().index_postings(100, support::every_identifier));
  BOOST_TEST(found(project, "anna@example.com").empty());
  Batch again(stream);
  person_row(again, "1", 30, "anna@example.com");
  apply(project, again);
  BOOST_TEST(value_of(project.store().index_postings(100, support::every_identifier)) == 1);
  BOOST_TEST(found(project, "anna@example.com").size() == 1u);
  verify(project);
}

STORE_TEST(postings_come_in_order_and_limited) {
  const auto stream = project.stream();
  auto& store = project.store();
  Batch batch(stream);
  for (int i = 0; i < 300; ++i) {
    person_row(batch, "k" + std::to_string(i), 10,
               i % 3 ? "e" + std::to_string(i) + "@example.com" : "all@example.com");
  }
  apply(project, batch);
  value_of(store.index_postings(1'000, support::every_identifier));
  std::vector<Posting> all;
  require(store.scan_postings([&](std::span<const Posting> chunk) -> Status {
    all.insert(all.end(), chunk.begin(), chunk.end());
    return {};
  }));
  BOOST_TEST(all.size() == 300u);
  BOOST_TEST(std::is_sorted(all.begin(), all.end()));
  BOOST_TEST((std::adjacent_find(all.begin(), all.end()) == all.end()));
  std::vector<std::uint64_t> wanted{email_identifier("all@example.com"),
                                    email_identifier("e1@example.com"),
                                    email_identifier("nobody@example.com")};
  std::sort(wanted.begin(), wanted.end());
  const auto some = value_of(store.postings(wanted, 10));
  BOOST_TEST(some.size() == 11u);
  BOOST_TEST(std::is_sorted(some.begin(), some.end()));
  const Status stopped = store.scan_postings([](std::span<const Posting>) -> Status {
    return {ErrorCode::cancelled, "enough"};
  });
  BOOST_TEST((!stopped.ok() && stopped.error().code == ErrorCode::cancelled));
}

STORE_TEST(the_work_list_empties_and_fills) {
  const auto stream = project.stream();
  auto& store = project.store();
  Batch batch(stream);
  for (const char* key : {"1", "2", "3"}) batch.mapped(key, 10, key);
  batch.row(RowKind::mapped, "4", 10, "x").output(Entity::event, "4", "event", 9, 1);
  apply(project, batch);
  const auto dirty = value_of(store.dirty_records(0, 10));
  BOOST_REQUIRE(dirty.size() == 3u);
  BOOST_TEST(value_of(store.dirty_records(dirty[0], 1)) == std::vector<store::RecordId>{dirty[1]});
  store::UnifyBatch unify;
  unify.run = "run-1";
  unify.done = dirty;
  require(store.apply(unify));
  BOOST_TEST(value_of(store.dirty_count()) == 0);
  apply(project, Batch(stream).row(RowKind::removed, "2", 20, "gone"));
  BOOST_TEST(value_of(store.dirty_count()) == 1);
  require(store.apply(unify));
  require(store.mark_all_dirty());
  project.reopen();
  BOOST_TEST(value_of(project.store().dirty_count()) == 2);
  BOOST_TEST(value_of(project.store().last_record_id()) == 4);
}

STORE_TEST(profiles_members_and_events_are_written_together) {
  const auto stream = project.stream();
  auto& store = project.store();
  Batch batch(stream);
  for (const char* key : {"1", "2", "3"}) batch.mapped(key, 10, key);
  apply(project, batch);
  const auto first = value_of(store.next_profile_id());
  BOOST_TEST(value_of(store.next_profile_id()) > first);
  store::UnifyBatch unify;
  unify.run = "run-1";
  unify.profiles = {profile(11, {2}), profile(10, {1, 3})};
  unify.members = {{1, 10}, {3, 10}, {2, 11}};
  unify.events = {{0, store::EventKind::created, 10, 0}, {0, store::EventKind::created, 11, 0}};
  unify.generic = {{0xf000'0000'0000'0001u, "email", "all@example.com", 40, 30},
                   {3, "phone", "1", 9, 9}};
  require(store.apply(unify));
  project.reopen();
  auto& again = project.store();
  const store::ProfileId ids[] = {10, 11, 12};
  const auto profiles = value_of(again.profiles(ids));
  BOOST_REQUIRE(profiles.size() == 2u);
  BOOST_TEST(profiles[0].members == (std::vector<store::RecordId>{1, 3}));
  BOOST_TEST((profiles[0].uid == uid(10)));
  BOOST_TEST(profiles[0].content_hash == profile(10, {}).content_hash);
  BOOST_TEST(profiles[1].label == "crm.Contact/11");
  BOOST_TEST(profiles[1].values == person("P11"));
  BOOST_TEST(value_of(again.next_profile_id()) == 12);
  BOOST_TEST(value_of(again.scan_profiles(10, 5)).size() == 1u);
  const store::RecordId records[] = {1, 2, 3};
  BOOST_TEST(value_of(again.records(records))[2].profile == 10);
  const auto events = value_of(again.events(0, 10));
  BOOST_REQUIRE(events.size() == 2u);
  BOOST_TEST(events[1].profile == 11);
  BOOST_TEST(value_of(again.last_event()) == events[1].seq);
  BOOST_TEST(value_of(again.events(events[0].seq, 10)).size() == 1u);
  const auto generic = value_of(again.generic_identifiers());
  BOOST_REQUIRE(generic.size() == 2u);
  BOOST_TEST(generic[1].value == "all@example.com");
  const std::uint64_t no_longer[] = {3};
  require(again.lift_generic(no_longer));
  BOOST_TEST(value_of(again.generic_identifiers()).size() == 1u);
  verify(project);
}

STORE_TEST(partings_are_counted_for_as_long_as_the_profile_goes_on) {
  store::UnifyBatch unify;
  unify.run = "run-u";
  for (const store::ProfileId id : {1, 2, 3}) unify.profiles.push_back(profile(id, {}));
  require(project.store().apply(unify));
  const store::ProfileId all[] = {1, 2, 3};
  BOOST_TEST(value_of(project.store().partings(all)).empty());
  unify.profiles.clear();
  unify.parted = {3, 1};
  require(project.store().apply(unify));
  unify.parted = {3};
  require(project.store().apply(unify));
  using Counts = std::vector<std::pair<store::ProfileId, std::int64_t>>;
  BOOST_TEST((value_of(project.store().partings(all)) == Counts{{1, 1}, {3, 2}}));
  unify.parted.clear();
  unify.retired = {3};
  require(project.store().apply(unify));
  BOOST_TEST((value_of(project.store().partings(all)) == Counts{{1, 1}}));
}

STORE_TEST(lifting_a_generic_identifier_concerns_its_carriers) {
  auto& store = project.store();
  Batch batch(project.stream());
  person_row(batch, "1", 10, "shared@example.com");
  person_row(batch, "2", 10, "shared@example.com");
  person_row(batch, "3", 10, "own@example.com");
  apply(project, batch);
  value_of(store.index_postings(100, support::every_identifier));
  store::UnifyBatch unify;
  unify.run = "run-u";
  unify.generic = {{email_identifier("shared@example.com"), "email", "shared@example.com", 2, 2}};
  unify.done = {1, 2, 3};
  require(store.apply(unify));
  BOOST_TEST(value_of(store.dirty_count()) == 0);
  const std::uint64_t lifted[] = {email_identifier("shared@example.com")};
  require(store.lift_generic(lifted));
  BOOST_TEST(value_of(store.generic_identifiers()).empty());
  BOOST_TEST((value_of(store.dirty_records(0, 10)) == std::vector<store::RecordId>{1, 2}));
}

STORE_TEST(merged_profiles_are_found_by_every_uid_they_had) {
  auto& store = project.store();
  store::UnifyBatch found_three, merge_1_2, merge_2_3;
  found_three.profiles = {profile(1, {}), profile(2, {}), profile(3, {})};
  require(store.apply(found_three));
  merge_1_2.retired = {1};
  merge_1_2.aliases = {{uid(1), 2}};
  require(store.apply(merge_1_2));
  merge_2_3.retired = {2};
  merge_2_3.aliases = {{uid(2), 3}, {uid(77), 3}};
  require(store.apply(merge_2_3));
  for (const int number : {1, 2, 3, 77}) {
    const auto profile_id = value_of(store.find_profile(uid(static_cast<std::uint8_t>(number))));
    BOOST_TEST((profile_id && *profile_id == 3), number);
  }
  BOOST_TEST(!value_of(store.find_profile(uid(9))).has_value());
  const Uid asked[] = {uid(9), uid(1), uid(3), uid(8)};
  BOOST_TEST(value_of(store.uids_taken(asked)) == (std::vector<bool>{false, true, true, false}));
  store::UnifyBatch retire;
  retire.retired = {3};
  require(store.apply(retire));
  BOOST_TEST(!value_of(store.find_profile(uid(3))).has_value());
  BOOST_TEST(value_of(store.uids_taken(asked))[2]);
  // A split brings the first one back.
  store::UnifyBatch split;
  split.profiles = {profile(1, {})};
  require(store.apply(split));
  BOOST_TEST(*value_of(store.find_profile(uid(1))) == 1);
  BOOST_TEST(value_of(store.totals()).profiles == 1);
}

STORE_TEST(verify_finds_what_does_not_agree) {
  const auto stream = project.stream();
  Batch batch(stream);
  person_row(batch, "1", 10, "anna@example.com");
  apply(project, batch);
  value_of(project.store().index_postings(10, support::every_identifier));
  store::UnifyBatch unify;
  unify.profiles = {profile(1, {1})};
  unify.members = {{1, 1}};
  require(project.store().apply(unify));
  verify(project);
  project.close();
  {
    auto database = project.database(false);
    store::Rows member(1), posting(1);
    member.add({1});
    posting.add({store::to_signed(email_identifier("anna@example.com"))});
    require(database->begin(store::Durability::process));
    require(database->erase(store::tables::member, member));
    require(database->erase(store::tables::posting, posting));
    require(database->commit());
  }
  std::vector<std::string> problems;
  require(project.store().verify(problems));
  BOOST_TEST(problems.size() >= 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
