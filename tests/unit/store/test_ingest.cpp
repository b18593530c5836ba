// What a batch does to the records of a stream.
#include <algorithm>

#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::RowKind;

BOOST_AUTO_TEST_SUITE(ingest)

STORE_TEST(a_stream_has_one_owner) {
  const auto first = value_of(project.store().stream("crm", "Contact", "crm"));
  BOOST_TEST(value_of(project.store().stream("crm", "Contact", "crm")).id == first.id);
  BOOST_TEST(value_of(project.store().stream("crm", "Account", "crm")).id != first.id);
  const auto other = project.store().stream("crm", "Contact", "other");
  BOOST_REQUIRE(!other.ok());
  BOOST_TEST((other.error().code == ErrorCode::bad_config));
  project.reopen();
  BOOST_TEST(value_of(project.store().streams()).size() == 2u);
}

STORE_TEST(a_row_is_created_changed_unchanged_and_stale) {
  const auto stream = project.stream();
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 10, "Anna"))) == "created:1");
  BOOST_TEST(state_of(project, "1") == "Anna@10");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 10, "Anna"))) == "unchanged:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 20, "Bram"))) == "changed:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 15, "Carla"))) == "stale:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 10, "Anna"))) == "stale:1");
  BOOST_TEST(state_of(project, "1") == "Bram@20");
}

STORE_TEST(several_versions_of_a_key_in_one_batch_are_ordered_by_time) {
  const auto stream = project.stream();
  Batch batch(stream);
  batch.mapped("1", 30, "Carla")
      .mapped("2", 5, "Dirk")
      .mapped("1", 10, "Anna")
      .mapped("1", 20, "Bram");
  BOOST_TEST(to_text(apply(project, batch)) == "created:2 stale:2");
  BOOST_TEST(state_of(project, "1") == "Carla@30");
  BOOST_TEST(state_of(project, "2") == "Dirk@5");
}

STORE_TEST(a_row_without_a_time_ranks_lowest) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", no_time, "Anna"));
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", -5, "Bram"))) == "changed:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", no_time, "Anna"))) == "stale:1");
  BOOST_TEST(state_of(project, "1") == "Bram@-5");
}

STORE_TEST(a_count_orders_versions_and_is_no_time) {
  const auto stream = project.stream();
  const auto removed = [&](Timestamp at) {
    Batch batch(stream);
    batch.row(store::RowKind::removed, "1", at, "");
    return to_text(apply(project, batch));
  };
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", order_of(8), "Bram"))) ==
             "created:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", order_of(7), "Anna"))) == "stale:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", no_time, "Daan"))) == "stale:1");
  BOOST_TEST(state_of(project, "1") == "Bram@");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", order_of(8, 1), "Carla"))) ==
             "changed:1");
  BOOST_TEST(state_of(project, "1") == "Carla@");
  BOOST_TEST(removed(order_of(9)) == "removed:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", order_of(8), "Els"))) == "stale:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", order_of(10), "Frits"))) ==
             "changed:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 1, "Gerda"))) == "changed:1");
  BOOST_TEST(state_of(project, "1") == "Gerda@1");
  verify(project);
}

STORE_TEST(known_says_what_may_be_skipped) {
  const auto stream = project.stream();
  Batch batch(stream);
  batch.mapped("1", 10, "Anna").row(RowKind::filtered, "2", 10, "Bram");
  apply(project, batch);
  std::vector<std::uint64_t> hashes{hash64("1"), hash64("2"), hash64("3")};
  std::sort(hashes.begin(), hashes.end());
  const auto rows = value_of(project.store().known(stream, hashes));
  BOOST_REQUIRE(rows.size() == 3u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    BOOST_TEST(rows[i].key_hash == hashes[i]);
    const bool first = hashes[i] == hash64("1"), third = hashes[i] == hash64("3");
    BOOST_TEST(rows[i].live == first);
    BOOST_TEST((rows[i].raw_hash == 0) == third);
    BOOST_TEST(rows[i].map_fingerprint == (third ? 0u : 7u));
  }
}

STORE_TEST(unchanged_rows_are_counted_and_change_nothing) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  const std::uint64_t hashes[] = {hash64("1")};
  value_of(project.store().known(stream, hashes));
  const std::string before = project.dump();
  BOOST_TEST(to_text(apply(project, Batch(stream).row(RowKind::unchanged, "1", no_time, "Anna"))) ==
             "unchanged:1");
  BOOST_TEST(project.dump() == before);
  // What known() said is forgotten once the key changes.
  value_of(project.store().known(stream, hashes));
  apply(project, Batch(stream).mapped("1", 20, "Bram"));
  BOOST_TEST(to_text(apply(project, Batch(stream).row(RowKind::unchanged, "1", no_time, "Anna"))) ==
             "stale:1");
}

STORE_TEST(a_deletion_read_from_the_source_withdraws) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  BOOST_TEST(to_text(apply(project, Batch(stream).row(RowKind::removed, "1", 20, "gone"))) ==
             "removed:1");
  BOOST_TEST(state_of(project, "1") == "withdrawn");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 15, "Bram"))) == "stale:1");
  BOOST_TEST(state_of(project, "1") == "withdrawn");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 30, "Carla"))) == "changed:1");
  BOOST_TEST(state_of(project, "1") == "Carla@30");
  BOOST_TEST(to_text(apply(project, Batch(stream).row(RowKind::removed, "9", 20, "gone"))) ==
             "removed:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("9", 15, "Dirk"))) == "stale:1");
  BOOST_TEST(state_of(project, "9") == "unknown");
}

STORE_TEST(a_deletion_wins_over_a_copy_of_the_same_time) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  apply(project, Batch(stream).row(RowKind::removed, "1", 10, "gone"));
  apply(project, Batch(stream).row(RowKind::removed, "2", 10, "gone").mapped("2", 10, "Bram"));
  BOOST_TEST(state_of(project, "1") == "withdrawn");
  BOOST_TEST(state_of(project, "2") == "unknown");
}

STORE_TEST(a_filtered_row_withdraws_the_live_version) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  BOOST_TEST(to_text(apply(project, Batch(stream).row(RowKind::filtered, "1", 20, "Bram"))) ==
             "filtered:1");
  BOOST_TEST(state_of(project, "1") == "withdrawn");
  BOOST_TEST(to_text(apply(project, Batch(stream).row(RowKind::filtered, "1", 20, "Bram"))) ==
             "filtered:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 30, "Anna"))) == "changed:1");
}

STORE_TEST(a_refused_row_leaves_the_version_before_it) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  BOOST_TEST(to_text(apply(project, Batch(stream).refused("1", "bad").refused("", "worse"))) ==
             "quarantined:2");
  BOOST_TEST(state_of(project, "1") == "Anna@10");
  const auto entries = value_of(project.store().quarantine("crm", 0, 10));
  BOOST_REQUIRE(entries.size() == 2u);
  const auto& with_key = entries[0].key.empty() ? entries[1] : entries[0];
  BOOST_TEST(with_key.key == "1");
  BOOST_TEST(with_key.stage == "map");
  BOOST_TEST(with_key.reason == "birth_date is no date");
  BOOST_TEST(with_key.raw == "{\"content\":\"bad\"}");
  BOOST_TEST(with_key.stream == "Contact");
  BOOST_TEST(with_key.run == "run-1");
  // The same content again is the same entry.
  apply(project, Batch(stream, "run-2").refused("1", "bad").refused("1", "also bad"));
  BOOST_TEST(value_of(project.store().quarantine("", 0, 10)).size() == 3u);
  BOOST_TEST(value_of(project.store().quarantine("shop", 0, 10)).empty());
}

STORE_TEST(copies_of_one_time_with_different_content_are_all_set_aside) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  Batch batch(stream, "run-2");
  batch.mapped("1", 20, "Bram")
      .mapped("1", 20, "Carla")
      .mapped("2", 20, "Dirk")
      .mapped("2", 20, "Els");
  BOOST_TEST(to_text(apply(project, batch)) == "quarantined:4");
  BOOST_TEST(state_of(project, "1") == "Anna@10");
  BOOST_TEST(state_of(project, "2") == "unknown");
  const auto entries = value_of(project.store().quarantine("crm", 0, 10));
  BOOST_REQUIRE(entries.size() == 4u);
  for (const auto& entry : entries) {
    BOOST_TEST(entry.stage == "version");
    BOOST_TEST(entry.reason.starts_with("two different copies with the same time"));
    BOOST_TEST(entry.reason.find("cursor:") != std::string::npos);
    BOOST_TEST(!entry.raw.empty());
  }
  // A third copy joins them, a copy of one of them changes nothing, a newer version ends it.
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 20, "Frits"))) == "quarantined:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 20, "Bram"))) == "quarantined:1");
  BOOST_TEST(state_of(project, "1") == "Anna@10");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 15, "Gerda"))) == "changed:1");
  BOOST_TEST(state_of(project, "1") == "Gerda@15");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 30, "Hans"))) == "changed:1");
  BOOST_TEST(state_of(project, "1") == "Hans@30");
  BOOST_TEST(value_of(project.store().quarantine("crm", 0, 10)).size() == 5u);
}

STORE_TEST(a_contradiction_takes_back_how_the_first_copy_was_counted_in_this_run) {
  const auto stream = project.stream();
  store::StreamCounts run;
  run += apply(project, Batch(stream).mapped("1", 10, "Anna"));
  run += apply(project, Batch(stream).mapped("1", 20, "Bram"));
  run += apply(project, Batch(stream).mapped("1", 20, "Carla"));
  BOOST_TEST(to_text(run) == "created:1 quarantined:2");
  BOOST_TEST(state_of(project, "1") == "Anna@10");
  // The first copy came in an earlier run: it was not read in this one.
  BOOST_TEST(to_text(apply(project, Batch(stream, "run-2").mapped("1", 10, "Dirk"))) ==
             "quarantined:1");
  BOOST_TEST(state_of(project, "1") == "withdrawn");
  const auto entries = value_of(project.store().quarantine("crm", 0, 10));
  BOOST_REQUIRE(entries.size() == 4u);
  for (const auto& entry : entries) BOOST_TEST(!entry.raw.empty(), entry.id);
}

STORE_TEST(another_map_replaces_the_outputs_of_the_same_version) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  Batch same(stream), other(stream);
  same.map(8).mapped("1", 10, "Anna");
  BOOST_TEST(to_text(apply(project, same)) == "unchanged:1");
  const std::uint64_t hashes[] = {hash64("1")};
  BOOST_TEST(value_of(project.store().known(stream, hashes))[0].map_fingerprint == 8u);
  other.map(9).row(RowKind::mapped, "1", 10, "Anna").output(Entity::person, "1", person("ANNA"));
  BOOST_TEST(to_text(apply(project, other)) == "changed:1");
  BOOST_TEST(state_of(project, "1") == "ANNA@10");
}

STORE_TEST(outputs_are_matched_by_entity_and_key) {
  const auto stream = project.stream();
  const auto live = [&](Entity entity, const std::string& key) {
    const auto id = value_of(project.store().find_record(stream, entity, key));
    if (!id) return -1;
    const store::RecordId ids[] = {*id};
    return value_of(project.store().records(ids))[0].live ? static_cast<int>(*id) : 0;
  };
  Batch first(stream), second(stream), third(stream);
  first.row(RowKind::mapped, "1", 10, "a")
      .output(Entity::person, "1", person("Anna"))
      .output(Entity::order, "1/a", "A", 77, 100)
      .output(Entity::order, "1/b", "B", 77, 200);
  apply(project, first);
  const int person_id = live(Entity::person, "1"), order_id = live(Entity::order, "1/a");
  BOOST_TEST(person_id > 0);
  BOOST_TEST(order_id > 0);
  BOOST_TEST(live(Entity::order, "1/b") > 0);
  second.row(RowKind::mapped, "1", 20, "b")
      .output(Entity::order, "1/a", "A2", 77, 150)
      .output(Entity::person, "1", person("Anna"));
  BOOST_TEST(to_text(apply(project, second)) == "changed:1");
  BOOST_TEST(live(Entity::person, "1") == person_id);
  BOOST_TEST(live(Entity::order, "1/a") == order_id);
  BOOST_TEST(live(Entity::order, "1/b") == 0);
  third.row(RowKind::removed, "1", 30, "c");
  apply(project, third);
  BOOST_TEST(live(Entity::person, "1") == 0);
  BOOST_TEST(live(Entity::order, "1/a") == 0);
}

STORE_TEST(activities_come_newest_first) {
  const auto stream = project.stream();
  Batch batch(stream);
  for (int i = 0; i < 5; ++i) {
    const std::string key = "o" + std::to_string(i);
    batch.row(RowKind::mapped, key, 10, key)
        .output(Entity::order, key, "order " + key, i % 2 ? 5 : 6, 100 * i);
  }
  apply(project, batch);
  const std::uint64_t actors[] = {5, 6};
  const auto newest = value_of(project.store().activities(actors, 3));
  BOOST_REQUIRE(newest.size() == 3u);
  BOOST_TEST(newest[0].key == "o4");
  BOOST_TEST(newest[1].key == "o3");
  BOOST_TEST(newest[2].key == "o2");
  apply(project, Batch(stream).row(RowKind::removed, "o3", 20, "gone"));
  const std::uint64_t one[] = {5};
  const auto rest = value_of(project.store().activities(one, 10));
  BOOST_REQUIRE(rest.size() == 1u);
  BOOST_TEST(rest[0].key == "o1");
  BOOST_TEST(value_of(project.store().dirty_count()) == 0);
}

STORE_TEST(activities_are_scanned_in_the_order_of_the_store) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("person", 10, "somebody"));
  for (int i = 0; i < 6; ++i) {
    const std::string key = "o" + std::to_string(i);
    Batch batch(stream);
    batch.row(RowKind::mapped, key, 10, key)
        .output(i % 2 == 0 ? Entity::order : Entity::event, key, "says " + key, 5, 100 * i);
    apply(project, batch);
  }
  apply(project, Batch(stream).row(RowKind::removed, "o1", 20, "gone"));
  const auto scanned = [&](store::RecordId after, store::RecordId last) {
    std::string keys;
    require(project.store().scan_activities(after, last, [&](const store::StoredRecord& record) {
      BOOST_TEST(record.canonical == "says " + record.key);
      keys += (keys.empty() ? "" : " ") + record.key;
    }));
    return keys;
  };
  const store::RecordId end = value_of(project.store().last_record_id());
  BOOST_TEST(scanned(0, end) == "o0 o2 o3 o4 o5");
  BOOST_TEST(scanned(end, end).empty());
  const auto third = value_of(project.store().find_record(stream, Entity::order, "o2")).value_or(0);
  BOOST_TEST(scanned(0, third - 1) == "o0");
  BOOST_TEST(scanned(third - 1, third) == "o2");
  // Ids are missing where a record was erased.
  project.close();
  {
    auto database = project.database(false);
    store::Rows gone(1);
    gone.add({third});
    require(database->begin(store::Durability::process));
    require(database->erase(store::tables::record, gone));
    require(database->commit());
  }
  BOOST_TEST(scanned(0, third) == "o0");
}

STORE_TEST(raw_records_are_kept_with_their_version) {
  const auto stream = project.stream();
  Batch many(stream);
  for (int i = 0; i < 600; ++i)
    many.mapped("k" + std::to_string(i), 10, "raw " + std::to_string(i));
  apply(project, many);
  const auto raw_of = [&](const std::string& key) {
    const auto id = value_of(project.store().find_record(stream, Entity::person, key));
    BOOST_REQUIRE(id.has_value());
    return value_of(project.store().raw(*id));
  };
  BOOST_TEST(*raw_of("k0") == "{\"content\":\"raw 0\"}");
  BOOST_TEST(*raw_of("k599") == "{\"content\":\"raw 599\"}");
  apply(project, Batch(stream).mapped("k5", 20, "new"));
  BOOST_TEST(*raw_of("k5") == "{\"content\":\"new\"}");
  apply(project, Batch(stream).mapped("k5", 20, "contradicts"));
  BOOST_TEST(*raw_of("k5") == "{\"content\":\"raw 5\"}");
  // Once nothing points into a block any more it is gone.
  Batch removals(stream);
  for (int i = 0; i < 600; ++i) removals.row(RowKind::removed, "k" + std::to_string(i), 99, "gone");
  apply(project, removals);
  BOOST_TEST(!raw_of("k5").has_value());
  project.close();
  BOOST_TEST(value_of(project.database()->count(store::tables::raw_block, {})) == 0);
  BOOST_TEST(value_of(project.database()->count(store::tables::raw_use, {})) == 0);
}

STORE_TEST(raw_records_are_not_kept_when_not_wanted) {
  Batch batch(project.stream());
  batch.mapped("1", 10, "Anna").get().keep_raw = false;
  apply(project, batch);
  BOOST_TEST(!value_of(project.store().raw(1)).has_value());
}

STORE_TEST(checkpoints_belong_to_the_batch) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna").checkpoint("Contact", "{\"cursor\":1}"));
  apply(project, Batch(stream).checkpoint("Contact", "{\"cursor\":2}").checkpoint("", "{}"));
  project.reopen();
  BOOST_TEST(*value_of(project.store().checkpoint("crm", "Contact")) == "{\"cursor\":2}");
  BOOST_TEST(*value_of(project.store().checkpoint("crm", "")) == "{}");
  BOOST_TEST(!value_of(project.store().checkpoint("other", "")).has_value());
  require(project.store().forget_checkpoints("crm"));
  BOOST_TEST(!value_of(project.store().checkpoint("crm", "Contact")).has_value());
}

STORE_TEST(a_released_row_is_mapped_again) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  apply(project,
        Batch(stream).refused("1", "bad").mapped("2", 10, "Bram").mapped("2", 10, "Carla"));
  const auto entries = value_of(project.store().quarantine("crm", 0, 10));
  BOOST_REQUIRE(entries.size() == 3u);
  std::vector<std::int64_t> ids;
  for (const auto& entry : entries) ids.push_back(entry.id);
  const std::uint64_t hashes[] = {hash64("1")};
  BOOST_TEST(value_of(project.store().known(stream, hashes))[0].raw_hash != 0u);
  require(project.store().release_quarantine(ids));
  BOOST_TEST(value_of(project.store().quarantine("crm", 0, 10)).size() == 3u);
  const auto released = value_of(project.store().released(0, 10));
  BOOST_REQUIRE(released.size() == 3u);
  BOOST_TEST(value_of(project.store().known(stream, hashes))[0].raw_hash == 0u);
  // Carla and the refused row are mapped again from here; one of them is refused once more.
  Batch again(stream);
  again.mapped("2", 10, "Carla").refused("1", "bad");
  const auto id_of = [&](const char* content) {
    const auto found = std::find_if(released.begin(), released.end(), [&](const auto& entry) {
      return entry.raw.find(content) != std::string::npos;
    });
    BOOST_REQUIRE(found != released.end());
    return found->id;
  };
  again.get().rows[0].released = id_of("Carla");
  again.get().rows[1].released = id_of("bad");
  BOOST_TEST(to_text(apply(project, again)) == "created:1 quarantined:1");
  BOOST_TEST(value_of(project.store().quarantine("crm", 0, 10)).size() == 2u);
  BOOST_REQUIRE(value_of(project.store().released(0, 10)).size() == 1u);
  BOOST_TEST(value_of(project.store().released(0, 10))[0].id == id_of("Bram"));
  BOOST_TEST(state_of(project, "1") == "Anna@10");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("2", 10, "Carla"))) == "unchanged:1");
  BOOST_TEST(to_text(apply(project, Batch(stream).mapped("1", 10, "Anna"))) == "unchanged:1");
}

STORE_TEST(a_released_row_keeps_its_place_in_time) {
  const auto stream = project.stream();
  const auto refresh = value_of(project.store().begin_refresh(stream, "r1", false));
  apply(project,
        Batch(stream).mapped("1", 10, "Anna").refused("2", "bad").generation(refresh.generation));
  value_of(project.store().end_refresh(stream, "run-1"));
  const auto entry = value_of(project.store().quarantine("crm", 0, 10)).front();
  const std::int64_t ids[] = {entry.id};
  require(project.store().release_quarantine(ids));
  const auto map_again = [&] {
    Batch again(stream);
    again.mapped("2", no_time, "bad");
    again.get().rows[0].released = entry.id;
    again.get().rows[0].generation = entry.generation;
    return to_text(apply(project, again));
  };
  // Its source is read in full meanwhile, and does not give it any more: it would have been
  // tombstoned.
  const auto later = value_of(project.store().begin_refresh(stream, "r2", false));
  apply(project, Batch(stream).mapped("1", 10, "Anna").generation(later.generation));
  value_of(project.store().end_refresh(stream, "run-1"));
  BOOST_TEST(map_again() == "stale:1");
  BOOST_TEST(state_of(project, "2") == "unknown");
  BOOST_TEST(value_of(project.store().quarantine("crm", 0, 10)).empty());
  verify(project);
}

STORE_TEST(what_is_not_kept_whole_cannot_be_mapped_again) {
  const auto stream = project.stream();
  Batch batch(stream);
  batch.refused("", "cut").refused("1", "kept");
  batch.get().rows[0].stage = "extract";
  apply(project, batch);
  std::vector<std::int64_t> ids;
  for (const auto& entry : value_of(project.store().quarantine("crm", 0, 10)))
    ids.push_back(entry.id);
  require(project.store().release_quarantine(ids));
  const auto entries = value_of(project.store().quarantine("crm", 0, 10));
  BOOST_REQUIRE(entries.size() == 2u);
  BOOST_TEST(entries[0].released == (entries[0].stage != "extract"));
  BOOST_TEST(entries[1].released == (entries[1].stage != "extract"));
  BOOST_TEST(value_of(project.store().released(0, 10)).size() == 1u);
}

STORE_TEST(any_bytes_survive) {
  const auto stream = project.stream();
  const std::string key("odd\0\xff'\"key", 11);
  Batch batch(stream);
  batch.row(RowKind::mapped, key, 10, "x").output(Entity::person, key, person("Zoë"));
  batch.row(RowKind::refused, std::string("\0", 1), 10, std::string("\xc3\0", 2));
  batch.get().rows.back().reason = std::string_view("a\0b\xff", 4);
  apply(project, batch);
  BOOST_TEST(state_of(project, key) == "Zoë@10");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
