// Full refreshes, tombstones, and the release of quarantined keys.
#include <algorithm>
#include <map>

#include "store/bitmap.h"
#include "store/change_set.h"
#include "store/ingest.h"
#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

// Keys looked at together by the end of a refresh: bounds its memory.
constexpr std::size_t keys_per_visit = 20'000;

Bitmap seen_in(Database& database, StreamId stream) {
  return {database, bitmap_set::seen_base + stream};
}

}  // namespace

Result<Refresh> TableStore::begin_refresh(StreamId stream, std::string_view token, bool resume) {
  Refresh refresh;
  const Status begun = transact(Durability::process, [&]() -> Status {
    StreamInfo* info = catalog_.stream(stream);
    if (!info) return no_such_stream(stream);
    RONDOM_TRY_ASSIGN(const auto unfinished, load_refresh(*database_, stream));
    if (unfinished && resume) {
      refresh = *unfinished;
      return {};
    }
    refresh.generation = ++info->generation;
    refresh.token = token;
    catalog_.stream_changed();
    RONDOM_TRY(seen_in(*database_, stream).erase_all());
    return save_refresh(*database_, stream, refresh);
  });
  if (!begun.ok()) return begun.error();
  return refresh;
}

Result<std::optional<Refresh>> TableStore::unfinished_refresh(StreamId stream) {
  return load_refresh(*database_, stream);
}

Result<std::vector<KeyState>> TableStore::unseen_keys(StreamId stream, RecordId& after) {
  const Bitmap keys(*database_, bitmap_set::keys_base + stream);
  RONDOM_TRY_ASSIGN(const std::vector<RecordId> records,
                    keys.members_without(bitmap_set::seen_base + stream, after, keys_per_visit));
  std::vector<KeyState> states;
  if (records.empty()) return states;
  after = records.back();
  std::vector<std::int64_t> hashes;
  const Lookup lookup{&tables::record, nullptr, tables::record_column::key_hash + 1, 0, false};
  RONDOM_TRY(database_->fetch(lookup, one_column(records), [&](std::size_t, auto row) {
    hashes.push_back(row[tables::record_column::key_hash].integer());
  }));
  std::sort(hashes.begin(), hashes.end());
  RONDOM_TRY(load_keys(*database_, stream, hashes, states));
  return states;
}

Result<RefreshEnd> TableStore::count_unseen(StreamId stream) {
  const Bitmap keys(*database_, bitmap_set::keys_base + stream);
  RefreshEnd end;
  RONDOM_TRY_ASSIGN(end.live, keys.count());
  RONDOM_TRY_ASSIGN(end.unseen, keys.count_without(bitmap_set::seen_base + stream));
  return end;
}

Status TableStore::tombstone(const StreamInfo& stream, std::int64_t generation, std::int64_t run,
                             std::vector<KeyState>& states) {
  arena_.reset();
  std::vector<KeyState*> pointers;
  for (KeyState& state : states) pointers.push_back(&state);
  RONDOM_TRY(load_details(*database_, stream.stream.id, pointers, arena_));
  ChangeSet changes(*database_, catalog_, recent_, arena_, stream.stream.id, true);
  for (const KeyState& state : states) {
    KeyVersions versions(true);
    for (const Version& version : state.versions) versions.restore(version);
    const Version top = state.top(arena_);
    versions.restore(top);
    Version gone;
    gone.observed_at = top.observed_at;
    gone.generation = generation;
    gone.kind = VersionKind::removed;
    gone.run = run;
    std::vector<Version> none_set_aside;
    versions.receive(gone, none_set_aside);
    changes.settle(state, versions, state.records.front().source_key);
    known_.forget(stream.stream.id, state.key_hash);
  }
  return changes.flush();
}

Result<std::int64_t> TableStore::end_refresh(StreamId stream, std::string_view run) {
  std::int64_t tombstoned = 0;
  const auto tombstone_all = [&](const StreamInfo& info, std::int64_t generation,
                                 std::int64_t run_number) -> Status {
    RecordId after = 0;
    while (true) {
      RONDOM_TRY_ASSIGN(std::vector<KeyState> unseen, unseen_keys(stream, after));
      if (unseen.empty()) return {};
      tombstoned += static_cast<std::int64_t>(unseen.size());
      RONDOM_TRY(tombstone(info, generation, run_number, unseen));
    }
  };
  const Status ended = transact(Durability::process, [&]() -> Status {
    StreamInfo* info = catalog_.stream(stream);
    if (!info) return no_such_stream(stream);
    RONDOM_TRY_ASSIGN(const auto refresh, load_refresh(*database_, stream));
    if (!refresh) {
      return {ErrorCode::internal, "stream " + info->stream.name + " has no running full refresh"};
    }
    RONDOM_TRY_ASSIGN(const std::int64_t run_number, catalog_.run_number(run));
    if (!refresh->keyless_refused) {
      RONDOM_TRY(tombstone_all(*info, refresh->generation, run_number));
      info->completed = refresh->generation;
      catalog_.stream_changed();
    }
    RONDOM_TRY(seen_in(*database_, stream).erase_all());
    Rows keys(1);
    keys.add({stream});
    return database_->erase(tables::refresh, keys);
  });
  if (!ended.ok()) return ended.error();
  return tombstoned;
}

Status TableStore::release_quarantine(std::span<const std::int64_t> ids) {
  struct Released {
    std::int64_t key_hash;
    Timestamp observed_at;
    std::int64_t generation;
    bool contradiction;
  };
  return transact(Durability::process, [&]() -> Status {
    namespace column = tables::quarantine_column;
    std::map<StreamId, std::vector<Released>> streams;
    Rows keys(1);
    for (const std::int64_t id : ids) keys.add({id});
    keys.sort_unique(1);
    std::vector<std::int64_t> to_map;
    Rows gone(1);
    RONDOM_TRY(database_->fetch({&tables::quarantine}, keys, [&](std::size_t, auto row) {
      const bool is_whole =
          !row[column::raw].bytes().empty() && row[column::stage].bytes() != "extract";
      const StreamInfo* info =
          catalog_.stream(static_cast<StreamId>(row[column::stream].integer()));
      if (is_whole)
        to_map.push_back(row[column::id].integer());
      else if (info && row[column::generation].integer() < info->completed)
        gone.add({row[column::id].integer()});
      if (row[column::key].bytes().empty()) return;
      streams[static_cast<StreamId>(row[column::stream].integer())].push_back(
          {row[column::key_hash].integer(), row[column::observed_at].integer(),
           row[column::generation].integer(), row[column::stage].bytes() == "version"});
    }));
    for (auto& [stream, released] : streams) {
      std::vector<std::int64_t> hashes;
      for (const Released& one : released) hashes.push_back(one.key_hash);
      std::sort(hashes.begin(), hashes.end());
      hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
      std::vector<KeyState> states;
      RONDOM_TRY(load_keys(*database_, stream, hashes, states));
      std::erase_if(states, [](const KeyState& state) { return !state.exists; });
      std::vector<KeyState*> pointers;
      for (KeyState& state : states) pointers.push_back(&state);
      RONDOM_TRY(load_details(*database_, stream, pointers, arena_));
      ChangeSet changes(*database_, catalog_, recent_, arena_, stream, true);
      for (const KeyState& state : states) {
        KeyVersions versions(state.had_record());
        for (const Version& version : state.versions) versions.restore(version);
        if (state.row.kind != VersionKind::none) versions.restore(state.top(arena_));
        for (const Released& one : released) {
          if (one.contradiction && one.key_hash == state.key_hash) {
            versions.forget_contradiction(one.observed_at, one.generation);
          }
        }
        versions.forget_map();
        changes.settle(
            state, versions,
            state.records.empty() ? std::string_view() : state.records.front().source_key);
        known_.forget(stream, state.key_hash);
      }
      RONDOM_TRY(changes.flush());
    }
    Bitmap marked(*database_, bitmap_set::released);
    RONDOM_TRY(marked.load(to_map));
    for (const std::int64_t id : to_map) marked.set(id);
    RONDOM_TRY(marked.flush());
    return database_->erase(tables::quarantine, gone);
  });
}

}  // namespace rondom::store
