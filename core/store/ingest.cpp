#include "store/ingest.h"

#include <algorithm>

#include "store/refused.h"

namespace rondom::store {
namespace {

constexpr std::string_view version_stage = "version";
constexpr std::string_view contradiction_reason =
    "two different copies with the same time, or without any: give the stream of the job a cursor: "
    "that "
    "grows with every change";
constexpr std::string_view collision_reason =
    "the key has the same hash as another key of this stream";

}  // namespace

Result<std::optional<Refresh>> load_refresh(Database& database, StreamId stream) {
  std::optional<Refresh> refresh;
  Rows keys(1);
  keys.add({stream});
  RONDOM_TRY(database.fetch({&tables::refresh}, keys, [&](std::size_t, std::span<const Cell> row) {
    refresh = Refresh{row[1].integer(), row[2].text(), row[3].integer() != 0};
  }));
  return refresh;
}

Status save_refresh(Database& database, StreamId stream, const Refresh& refresh) {
  Rows rows(tables::refresh.columns.size());
  rows.add({stream, refresh.generation, std::string_view(refresh.token), refresh.keyless_refused});
  return database.upsert(tables::refresh, rows);
}

BatchIngest::BatchIngest(Database& database, Catalog& catalog, KnownCache& known,
                         RecentPostings& recent, Arena& arena, const IngestBatch& batch,
                         const StreamInfo& stream, std::int64_t run)
    : database_(database),
      known_(known),
      arena_(arena),
      batch_(batch),
      stream_(stream),
      run_(run),
      map_(catalog.map_number(batch.map_fingerprint)),
      generation_(batch.generation != 0 ? batch.generation : stream.generation),
      seen_(database, bitmap_set::seen_base + batch.stream),
      changes_(database, catalog, recent, arena, batch.stream, batch.keep_raw, batch.raw_blocks),
      quarantine_(database, catalog, arena, batch.stream, batch.run) {}

Result<StreamCounts> BatchIngest::apply() {
  counts_.read = static_cast<std::int64_t>(batch_.rows.size());
  group_rows();
  RONDOM_TRY(load());
  changes_.reserve(groups_.size());
  for (const Group& group : groups_) decide(group, states_[group.state]);
  RONDOM_TRY(finish());
  return counts_;
}

void BatchIngest::group_rows() {
  struct Place {
    std::int64_t key_hash;
    std::size_t row;
  };
  std::vector<Place> places;
  places.reserve(batch_.rows.size());
  for (std::size_t i = 0; i < batch_.rows.size(); ++i) {
    const Row& one = batch_.rows[i];
    if (one.released != 0) quarantine_.release(one.released);
    if (!one.key.empty()) {
      places.push_back({to_signed(hash64(one.key)), i});
      continue;
    }
    refuse(one, to_signed(hash64({})), one.stage, one.reason);
    keyless_refused_ = true;
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.key_hash != b.key_hash ? a.key_hash < b.key_hash : a.row < b.row;
  });
  order_.reserve(places.size());
  for (const Place& place : places) {
    if (groups_.empty() || groups_.back().key_hash != place.key_hash) {
      groups_.push_back({place.key_hash, order_.size(), 0, 0});
    }
    ++groups_.back().count;
    order_.push_back(place.row);
  }
}

Status BatchIngest::load() {
  const auto cached = [&](const Group& group) {
    const Row& only = row(group, 0);
    if (group.count != 1 || only.kind != RowKind::unchanged) return false;
    const RecordId record = known_.find(batch_.stream, group.key_hash, only.raw_hash);
    if (record == 0) return false;
    ++counts_.unchanged;
    seen_now_.push_back(record);
    return true;
  };
  std::erase_if(groups_, cached);
  std::vector<std::int64_t> key_hashes;
  key_hashes.reserve(groups_.size());
  for (const Group& group : groups_) key_hashes.push_back(group.key_hash);
  RONDOM_TRY(load_keys(database_, batch_.stream, key_hashes, states_));
  for (std::size_t i = 0; i < groups_.size(); ++i) groups_[i].state = i;
  if (batch_.generation != 0) {
    std::vector<RecordId> first_records;
    for (const KeyState& state : states_) {
      if (!state.row.records.empty()) first_records.push_back(state.row.records.front());
    }
    RONDOM_TRY(seen_.load(first_records));
  }
  std::erase_if(groups_,
                [&](const Group& group) { return skip_unchanged(group, states_[group.state]); });
  std::vector<KeyState*> detailed;
  for (const Group& group : groups_) {
    if (needs_details(group, states_[group.state])) detailed.push_back(&states_[group.state]);
  }
  return load_details(database_, batch_.stream, detailed, arena_);
}

bool BatchIngest::skip_unchanged(const Group& group, const KeyState& state) {
  const Row& only = row(group, 0);
  if (group.count != 1 || !state.live() || state.row.has_contradictions || state.row.has_refused) {
    return false;
  }
  if (state.row.raw_hash != only.raw_hash) return false;
  const bool same_mapping = only.kind == RowKind::mapped && state.row.map == map_ &&
                            state.row.observed_at == only.observed_at;
  if (only.kind != RowKind::unchanged && !same_mapping) return false;
  ++counts_.unchanged;
  seen_now_.push_back(state.row.records.front());
  return true;
}

bool BatchIngest::needs_details(const Group& group, const KeyState& state) const {
  if (!state.exists) return false;
  for (std::size_t i = 0; i < group.count; ++i) {
    const Row& one = row(group, i);
    if (one.kind != RowKind::refused || !one.refusals.empty()) return true;
  }
  return false;
}

void BatchIngest::restore(const KeyState& state, KeyVersions& versions) const {
  for (const Version& version : state.versions) versions.restore(version);
  if (state.row.kind == VersionKind::none) return;
  Version top = state.top(arena_);
  if (batch_.generation == 0) {
    // What still stands after the last refresh was seen in it, or read since.
    top.generation = std::max(top.generation, generation_);
  } else if (!state.row.records.empty() && seen_.test(state.row.records.front()) &&
             top.generation < batch_.generation) {
    // Seen in this refresh: a copy of this generation, while the earlier one stays to return to.
    // What an abandoned refresh left is no earlier one: it is this copy, read once before.
    if (top.generation <= stream_.completed) versions.restore(top);
    top.generation = batch_.generation;
  } else {
    top.generation = std::max(top.generation, stream_.completed);
  }
  versions.restore(top);
}

void BatchIngest::decide(const Group& group, const KeyState& state) {
  const std::string_view key =
      state.records.empty() ? row(group, 0).key : state.records.front().source_key;
  KeyVersions versions(state.had_record());
  bool versions_read = false;
  if (state.exists && needs_details(group, state)) restore(state, versions);
  for (std::size_t i = 0; i < group.count; ++i) {
    const Row& one = row(group, i);
    if (one.kind == RowKind::refused) {
      refuse(one, group.key_hash, one.stage, one.reason);
      if (one.refusals.empty() || one.key != key) continue;
      hear(one, versions);
      versions_read = true;
    } else if (one.key != key) {
      refuse(one, group.key_hash, version_stage, collision_reason);
    } else {
      ++counter_of(counts_, receive(one, versions, state));
      versions_read = true;
    }
  }
  RecordId first = state.row.records.empty() ? 0 : state.row.records.front();
  if (versions_read) {
    first = changes_.settle(state, versions, key);
    known_.forget(batch_.stream, group.key_hash);
  }
  if (first != 0) seen_now_.push_back(first);
}

Counted BatchIngest::receive(const Row& one, KeyVersions& versions, const KeyState& state) {
  std::vector<Version> copies;
  Counted counted;
  if (one.kind == RowKind::unchanged) {
    counted = versions.receive_again(one.raw_hash, generation_, copies);
  } else {
    Version version;
    version.observed_at = one.observed_at;
    version.generation = generation_of(one);
    version.raw_hash = one.raw_hash;
    version.kind = one.kind == RowKind::removed ? VersionKind::removed
                   : one.outputs.empty()        ? VersionKind::filtered
                                                : VersionKind::mapped;
    version.map = map_;
    version.run = run_;
    version.row = &one;
    if (version.kind == VersionKind::mapped) version.outputs = one.outputs;
    if (one.released != 0 && one.generation < stream_.completed) {
      // Its source has been read in full since, and gave it no longer: all that is left is its
      // "no".
      hear(version, versions);
      return Counted::stale;
    }
    counted =
        batch_.from_kept ? versions.map_again(version, copies) : versions.receive(version, copies);
  }
  set_aside(copies, one.key, state.key_hash);
  for (const Version& copy : copies) hear(copy, versions);
  return counted;
}

/// One that has no time, or none that can be read, cannot be shown to be older.
void BatchIngest::hear(const Row& one, KeyVersions& versions) {
  Version version;
  version.observed_at = one.observed_at;
  version.generation = generation_of(one);
  version.raw_hash = one.raw_hash;
  version.map = map_;
  version.run = run_;
  version.outputs = join_refusals(one.refusals, {}, arena_);
  const Version* const newest = versions.top();
  const bool has_time = one.time_read && one.observed_at != no_time;
  if (!has_time && newest != nullptr) {
    version.observed_at = newest->observed_at;
    version.generation = std::max(version.generation, newest->generation);
  }
  versions.hear(version, arena_);
}

/// A copy that contradicts another is set aside, but not the "no" in it.
void BatchIngest::hear(Version copy, KeyVersions& versions) {
  std::vector<Output> refusals;
  for (const Output& output : copy.outputs) {
    if (!is_party(output.entity)) continue;
    Output& refused = refusals.emplace_back();
    refused.entity = output.entity;
    refused.key = output.key;
    refused.canonical = output.canonical;
  }
  copy.outputs = join_refusals(refusals, {}, arena_);
  copy.raw = {};
  copy.row = nullptr;
  versions.hear(copy, arena_);
}

void BatchIngest::set_aside(const std::vector<Version>& copies, std::string_view key,
                            std::int64_t key_hash) {
  for (std::size_t i = 0; i < copies.size(); ++i) {
    const Version& copy = copies[i];
    const bool counted_now = i + 1 < copies.size() && copy.run == run_ &&
                             copy.counted != Counted::nothing &&
                             copy.counted != Counted::quarantined;
    if (counted_now) {
      --counter_of(counts_, copy.counted);
      ++counts_.quarantined;
    }
    QuarantineWriter::Entry entry;
    entry.key_hash = key_hash;
    entry.raw_hash = copy.raw_hash;
    entry.observed_at = copy.observed_at;
    entry.generation = copy.generation;
    entry.key = key;
    entry.stage = version_stage;
    entry.reason = contradiction_reason;
    entry.kept_raw = copy.raw;
    if (copy.row) {
      entry.position = copy.row->position;
      entry.origin = copy.row->origin;
      entry.raw = copy.row->raw;
    }
    quarantine_.add(entry);
  }
}

void BatchIngest::refuse(const Row& one, std::int64_t key_hash, std::string_view stage,
                         std::string_view reason) {
  ++counts_.quarantined;
  QuarantineWriter::Entry entry;
  entry.key_hash = key_hash;
  entry.raw_hash = one.raw_hash != 0 ? one.raw_hash : hash64(one.raw);
  entry.observed_at = one.observed_at;
  entry.generation = generation_of(one);
  entry.position = one.position;
  entry.key = one.key;
  entry.stage = stage;
  entry.reason = reason;
  entry.origin = one.origin;
  entry.raw = one.raw;
  quarantine_.add(entry);
}

Status BatchIngest::finish() {
  RONDOM_TRY(quarantine_.flush());
  RONDOM_TRY(changes_.flush());
  if (batch_.generation != 0) {
    std::sort(seen_now_.begin(), seen_now_.end());
    RONDOM_TRY(seen_.load(seen_now_));
    for (const RecordId record : seen_now_) seen_.set(record);
    RONDOM_TRY(seen_.flush());
    if (keyless_refused_) {
      RONDOM_TRY_ASSIGN(auto refresh, load_refresh(database_, batch_.stream));
      if (refresh && !refresh->keyless_refused) {
        refresh->keyless_refused = true;
        RONDOM_TRY(save_refresh(database_, batch_.stream, *refresh));
      }
    }
  }
  Rows checkpoints(3);
  for (const Checkpoint& checkpoint : batch_.checkpoints) {
    checkpoints.add({std::string_view(batch_.job), std::string_view(checkpoint.scope),
                     std::string_view(checkpoint.state)});
  }
  checkpoints.sort_unique(2);
  return database_.upsert(tables::checkpoint, checkpoints);
}

}  // namespace rondom::store
