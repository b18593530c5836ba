// Full refreshes: seen, unseen, tombstones, resuming.
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::RowKind;

BOOST_AUTO_TEST_SUITE(refresh)

STORE_TEST(unseen_keys_are_tombstoned_and_can_return) {
  const auto stream = project.stream();
  auto& store = project.store();
  const auto first = value_of(store.begin_refresh(stream, "t1", false));
  apply(project,
        Batch(stream).generation(first.generation).mapped("1", 10, "Anna").mapped("2", 10, "Bram"));
  BOOST_TEST(value_of(store.count_unseen(stream)).live == 2);
  BOOST_TEST(value_of(store.count_unseen(stream)).unseen == 0);
  BOOST_TEST(value_of(store.end_refresh(stream, "run-1")) == 0);

  const auto second = value_of(store.begin_refresh(stream, "t2", false));
  BOOST_TEST(second.generation > first.generation);
  apply(project, Batch(stream, "run-2").generation(second.generation).mapped("1", 10, "Anna"));
  BOOST_TEST(value_of(store.count_unseen(stream)).unseen == 1);
  BOOST_TEST(value_of(store.end_refresh(stream, "run-2")) == 1);
  BOOST_TEST(state_of(project, "1") == "Anna@10");
  BOOST_TEST(state_of(project, "2") == "withdrawn");
  const std::uint64_t hashes[] = {hash64("2")};
  BOOST_TEST(!value_of(store.known(stream, hashes))[0].live);

  const auto third = value_of(store.begin_refresh(stream, "t3", false));
  Batch again(stream, "run-3");
  again.generation(third.generation).mapped("1", 10, "Anna").mapped("2", 10, "Bram");
  BOOST_TEST(to_text(apply(project, again)) == "changed:1 unchanged:1");
  BOOST_TEST(value_of(store.end_refresh(stream, "run-3")) == 0);
  BOOST_TEST(state_of(project, "2") == "Bram@10");
}

STORE_TEST(a_refresh_keeps_its_generation_over_a_crash) {
  const auto stream = project.stream();
  const auto begun = value_of(project.store().begin_refresh(stream, "token", false));
  apply(project, Batch(stream).generation(begun.generation).mapped("1", 10, "Anna"));
  project.reopen();
  const auto unfinished = value_of(project.store().unfinished_refresh(stream));
  BOOST_REQUIRE(unfinished.has_value());
  BOOST_TEST(unfinished->generation == begun.generation);
  BOOST_TEST(unfinished->token == "token");
  BOOST_TEST(value_of(project.store().begin_refresh(stream, "x", true)).generation ==
             begun.generation);
  BOOST_TEST(value_of(project.store().count_unseen(stream)).unseen == 0);
  // Begun anew, what was seen before is forgotten.
  BOOST_TEST(value_of(project.store().begin_refresh(stream, "y", false)).generation >
             begun.generation);
  BOOST_TEST(value_of(project.store().count_unseen(stream)).unseen == 1);
  value_of(project.store().end_refresh(stream, "run"));
  BOOST_TEST(!value_of(project.store().unfinished_refresh(stream)).has_value());
  BOOST_TEST(!project.store().end_refresh(stream, "run").ok());
}

STORE_TEST(every_kind_of_row_is_seen) {
  const auto stream = project.stream();
  auto& store = project.store();
  Batch start(stream);
  for (const char* key : {"stale", "refused", "unchanged", "cached", "gone"})
    start.mapped(key, 10, key);
  apply(project, start);
  const auto begun = value_of(store.begin_refresh(stream, "t", false));
  Batch rows(stream, "run-2");
  rows.generation(begun.generation).mapped("stale", 5, "old").refused("refused", "bad");
  rows.row(RowKind::unchanged, "unchanged", no_time, "unchanged");
  BOOST_TEST(to_text(apply(project, rows)) == "unchanged:1 stale:1 quarantined:1");
  const std::uint64_t hashes[] = {hash64("cached")};
  value_of(store.known(stream, hashes));
  Batch cached(stream, "run-2");
  cached.generation(begun.generation).row(RowKind::unchanged, "cached", no_time, "cached");
  BOOST_TEST(to_text(apply(project, cached)) == "unchanged:1");
  const auto end = value_of(store.count_unseen(stream));
  BOOST_TEST(end.live == 5);
  BOOST_TEST(end.unseen == 1);
  value_of(store.end_refresh(stream, "run-2"));
  BOOST_TEST(state_of(project, "gone") == "withdrawn");
  BOOST_TEST(state_of(project, "cached") == "cached@10");
}

STORE_TEST(an_unchanged_refresh_writes_nothing_for_a_row) {
  const auto stream = project.stream();
  Batch start(stream), again(stream, "run-2");
  for (int i = 0; i < 100; ++i) start.mapped("k" + std::to_string(i), 10, "a");
  apply(project, start);
  const std::string before = project.dump();
  const auto begun = value_of(project.store().begin_refresh(stream, "t", false));
  again.generation(begun.generation);
  for (int i = 0; i < 100; ++i)
    again.row(RowKind::unchanged, "k" + std::to_string(i), no_time, "a");
  BOOST_TEST(apply(project, again).unchanged == 100);
  value_of(project.store().end_refresh(stream, "run-2"));
  const auto part = [](const std::string& dump, const std::string& table) {
    const auto start_at = dump.find("== " + table + "\n");
    return dump.substr(start_at, dump.find("\n==", start_at) - start_at);
  };
  const std::string after = project.dump();
  for (const char* table : {"source_key", "record", "record_version", "raw_block"}) {
    BOOST_TEST(part(before, table) == part(after, table));
  }
}

STORE_TEST(a_row_without_a_time_is_superseded_by_the_next_refresh) {
  const auto stream = project.stream();
  auto& store = project.store();
  const auto first = value_of(store.begin_refresh(stream, "1", false));
  apply(project, Batch(stream).generation(first.generation).mapped("1", no_time, "Anna"));
  value_of(store.end_refresh(stream, "run-1"));
  const auto second = value_of(store.begin_refresh(stream, "2", false));
  BOOST_TEST(
      to_text(apply(
          project,
          Batch(stream, "run-2").generation(second.generation).mapped("1", no_time, "Bram"))) ==
      "changed:1");
  value_of(store.end_refresh(stream, "run-2"));
  BOOST_TEST(state_of(project, "1") == "Bram@");
}

STORE_TEST(copies_inside_one_refresh_contradict_whatever_their_order) {
  for (const bool changed_first : {false, true}) {
    Project fresh(project.backend());
    const auto stream = fresh.stream();
    auto& store = fresh.store();
    const auto first = value_of(store.begin_refresh(stream, "1", false));
    apply(fresh, Batch(stream)
                     .generation(first.generation)
                     .mapped("1", no_time, "Anna")
                     .mapped("2", no_time, "Dirk"));
    value_of(store.end_refresh(stream, "run-1"));
    const auto second = value_of(store.begin_refresh(stream, "2", false));
    Batch same(stream, "run-2"), other(stream, "run-2");
    same.generation(second.generation).row(RowKind::unchanged, "1", no_time, "Anna");
    other.generation(second.generation).mapped("1", no_time, "Bram");
    store::StreamCounts counts;
    counts += apply(fresh, changed_first ? other : same);
    counts += apply(fresh, changed_first ? same : other);
    BOOST_TEST(counts.changed == 0);
    BOOST_TEST(state_of(fresh, "1") == "Anna@");
    BOOST_TEST(value_of(store.end_refresh(stream, "run-2")) == 1);
    BOOST_TEST(state_of(fresh, "1") == "Anna@");
  }
}

STORE_TEST(a_refresh_with_a_keyless_row_is_not_complete) {
  const auto stream = project.stream();
  auto& store = project.store();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  const auto begun = value_of(store.begin_refresh(stream, "t", false));
  apply(project, Batch(stream, "run-2").generation(begun.generation).refused("", "no key"));
  BOOST_TEST(value_of(store.unfinished_refresh(stream))->keyless_refused);
  BOOST_TEST(value_of(store.end_refresh(stream, "run-2")) == 0);
  BOOST_TEST(state_of(project, "1") == "Anna@10");
}

STORE_TEST(many_keys_are_tombstoned_in_parts) {
  const auto stream = project.stream();
  Batch many(stream);
  for (int i = 0; i < 20'500; ++i) {
    many.row(RowKind::mapped, "k" + std::to_string(i), 10, std::to_string(i))
        .output(Entity::person, "k" + std::to_string(i), "");
  }
  apply(project, many);
  const auto begun = value_of(project.store().begin_refresh(stream, "t", false));
  apply(project,
        Batch(stream).generation(begun.generation).row(RowKind::unchanged, "k7", no_time, "7"));
  BOOST_TEST(value_of(project.store().end_refresh(stream, "run")) == 20'499);
  BOOST_TEST(value_of(project.store().totals()).live_records == 1);
  BOOST_TEST(value_of(project.store().totals()).records == 20'500);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
