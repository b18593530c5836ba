#include <algorithm>

#include "store/change_set.h"
#include "store/ingest.h"
#include "store/pruning.h"
#include "store/record_reader.h"

namespace rondom::store {
namespace {

Timestamp happened_at(std::string_view canonical) {
  const auto at = parse_time(first_value(canonical, attribute::activity_at));
  return at.ok() ? *at : no_time;
}

std::int64_t bytes_of(const Version& version) {
  std::int64_t bytes = pruned_row_bytes;
  for (const Output& output : version.outputs) {
    bytes += pruned_bytes(output.key) + pruned_bytes(output.canonical);
  }
  return bytes;
}

}  // namespace

bool Pruning::is_refreshing(StreamId stream) const {
  return std::find(refreshing_.begin(), refreshing_.end(), stream) != refreshing_.end();
}

Result<bool> Pruning::old_activities() {
  const std::size_t limit = together();
  std::vector<Key> old;
  std::size_t rows = 0;
  const Scan scan{&tables::record, nullptr, {}, {place_.first}, limit, 0, false};
  RONDOM_TRY(database_.scan(scan, [&](std::size_t, auto row) {
    namespace column = tables::record_column;
    ++rows;
    place_.first = row[column::id].integer();
    const auto entity = static_cast<Entity>(row[column::entity].integer());
    if (history_of(entity) == history_count) return;
    if (!cutoffs_.leave_out(entity, happened_at(row[column::canonical].bytes()))) return;
    old.push_back(
        {static_cast<StreamId>(row[column::stream].integer()), row[column::key_hash].integer()});
  }));
  left_ -= static_cast<std::int64_t>(rows);
  RONDOM_TRY(look_at(std::move(old)));
  return rows < limit;
}

/// place_.first: twice the stream, and one more inside of it.
Result<bool> Pruning::old_versions() {
  const std::size_t limit = together();
  const std::vector<StreamInfo>& streams = catalog_.streams();
  const auto stream = std::find_if(streams.begin(), streams.end(), [&](const StreamInfo& info) {
    return info.stream.id >= place_.first / 2;
  });
  if (stream == streams.end()) return true;
  const StreamId id = stream->stream.id;
  std::vector<Cell> after;
  if (place_.first == 2 * std::int64_t{id} + 1) after = {place_.second};
  std::vector<Key> found;
  std::size_t rows = 0;
  const Scan scan{&tables::source_key, nullptr, {id}, after, limit, 0, false};
  RONDOM_TRY(database_.scan(scan, [&](std::size_t, auto row) {
    ++rows;
    place_.second = row[tables::source_key_column::key_hash].integer();
    if (may_hold_old(read_key_row(row))) found.push_back({id, place_.second});
  }));
  left_ -= static_cast<std::int64_t>(rows);
  place_.first = rows == limit ? 2 * std::int64_t{id} + 1 : 2 * (std::int64_t{id} + 1);
  RONDOM_TRY(look_at(std::move(found)));
  return false;
}

bool Pruning::may_hold_old(const KeyRow& row) const {
  if (row.has_versions) return true;
  return row.kind == VersionKind::mapped && row.run < first_kept(History::raw);
}

/// Forgets what is old of these keys.
Status Pruning::look_at(std::vector<Key> found) {
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  for (std::size_t at = 0; at < found.size();) {
    const StreamId stream = found[at].stream;
    std::vector<std::int64_t> hashes;
    for (; at < found.size() && found[at].stream == stream; ++at) {
      hashes.push_back(found[at].hash);
    }
    if (!is_refreshing(stream)) RONDOM_TRY(look_at(stream, hashes));
  }
  return {};
}

Status Pruning::look_at(StreamId stream, std::span<const std::int64_t> hashes) {
  arena_.reset();
  std::vector<KeyState> states;
  RONDOM_TRY(load_keys(database_, stream, hashes, states));
  std::erase_if(states, [](const KeyState& state) { return !state.exists; });
  std::vector<KeyState*> pointers;
  for (KeyState& state : states) pointers.push_back(&state);
  RONDOM_TRY(load_details(database_, stream, pointers, arena_));
  ChangeSet changes(database_, catalog_, recent_, arena_, stream, true);
  std::map<std::int64_t, std::int64_t> raw_gone;  // block -> how many of it
  for (const KeyState& state : states) settle(stream, state, changes, raw_gone);
  RONDOM_TRY(measure_raw(raw_gone));
  return writes_ ? changes.flush() : Status();
}

bool Pruning::is_old(Entity entity, std::string_view canonical) const {
  return history_of(entity) < history_count && cutoffs_.leave_out(entity, happened_at(canonical));
}

void Pruning::settle(StreamId stream, const KeyState& state, ChangeSet& changes,
                     std::map<std::int64_t, std::int64_t>& raw_gone) {
  std::vector<RecordId> old;
  for (const RecordRow& record : state.records) {
    if (is_old(record.entity, record.canonical)) old.push_back(record.id);
  }
  if (place_.part == part::keys && !writes_ && !old.empty()) return;  // counted with the activities
  std::sort(old.begin(), old.end());
  for (const RecordRow& record : state.records) {
    if (!std::binary_search(old.begin(), old.end(), record.id)) continue;
    went(static_cast<History>(history_of(record.entity)),
         2 * pruned_row_bytes + pruned_bytes(record.key) + pruned_bytes(record.canonical));
  }
  const bool has_top = state.row.kind != VersionKind::none;
  Version top = has_top ? state.top(arena_) : Version();
  bool changed = !old.empty();
  const bool all_gone = keep_wanted(top, changed);
  const auto forget_raw = [&](Version& version) {
    if (version.raw.block == 0 || version.run >= first_kept(History::raw)) return;
    ++raw_gone[version.raw.block];
    version.raw = {};
    changed = true;
  };
  KeyVersions versions(state.had_record());
  for (Version version : state.versions) {
    // What a person's row told beside the person is in each of its versions.
    if (!all_gone && version.kind == VersionKind::mapped) keep_wanted(version, changed);
    const bool is_content =
        version.kind == VersionKind::mapped || version.kind == VersionKind::filtered;
    const bool is_out = all_gone && version.kind == VersionKind::mapped;
    if (is_content && (is_out || version.run < first_kept(History::versions))) {
      went(History::versions, bytes_of(version));
      changed = true;
      continue;
    }
    forget_raw(version);
    versions.restore(version);
  }
  if (has_top) {
    forget_raw(top);
    versions.restore(top);
  }
  if (!changed || !writes_) return;
  changes.settle_without(
      state, versions,
      state.records.empty() ? std::string_view() : state.records.front().source_key, old);
  catalog_.take(Counter::forgotten, static_cast<std::int64_t>(old.size()));
  known_.forget(stream, state.key_hash);
}

/// Takes the activities that are out of a version. True: nothing else was in it.
bool Pruning::keep_wanted(Version& version, bool& changed) {
  Output* kept = arena_.array<Output>(version.outputs.size());
  std::size_t count = 0;
  for (const Output& output : version.outputs) {
    if (!is_old(output.entity, output.canonical)) kept[count++] = output;
  }
  if (count == version.outputs.size()) return false;
  changed = true;
  version.outputs = {kept, count};
  if (count != 0) return false;
  version.kind = VersionKind::filtered;
  version.raw = {};
  return true;
}

/// A block is written once: of its bytes each that uses it has its share.
Status Pruning::measure_raw(const std::map<std::int64_t, std::int64_t>& gone) {
  if (gone.empty()) return {};
  std::vector<std::int64_t> blocks;
  for (const auto& [block, count] : gone) blocks.push_back(block);
  std::map<std::int64_t, std::int64_t> uses;
  RONDOM_TRY(database_.fetch({&tables::raw_use}, one_column(blocks), [&](std::size_t, auto row) {
    uses[row[0].integer()] = row[1].integer();
  }));
  Amount& amount = amounts_[static_cast<std::size_t>(History::raw)];
  return database_.fetch({&tables::raw_block}, one_column(blocks), [&](std::size_t, auto row) {
    const std::int64_t block = row[0].integer();
    const std::int64_t count = gone.at(block);
    amount.rows += count;
    amount.bytes +=
        pruned_bytes(row[1].bytes()) * count / std::max<std::int64_t>(count, uses[block]);
  });
}

}  // namespace rondom::store
