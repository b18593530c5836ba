#include "store/key_state.h"

#include <algorithm>

#include "store/codec.h"
#include "store/refused.h"

namespace rondom::store {
namespace {

constexpr int counted_shift = 3;
constexpr std::int64_t kind_mask = 7;
constexpr std::int64_t versions_bit = 1 << 6;
constexpr std::int64_t contradictions_bit = 1 << 7;
constexpr std::int64_t refused_bit = 1 << 8;

struct RecordSlot {
  RecordId id;
  KeyState* state;
  std::size_t position;
};

RecordRow read_record(std::span<const Cell> row, Arena& arena) {
  namespace column = tables::record_column;
  RecordRow record;
  record.id = row[column::id].integer();
  record.entity = static_cast<Entity>(row[column::entity].integer());
  record.live = row[column::live].integer() != 0;
  record.observed_at = row[column::observed_at].integer();
  record.raw = {row[column::raw_block].integer(), row[column::raw_index].integer()};
  record.key = arena.copy(row[column::key].bytes());
  record.source_key =
      row[column::source_key].is_null() ? record.key : arena.copy(row[column::source_key].bytes());
  record.canonical = arena.copy(row[column::canonical].bytes());
  return record;
}

Version read_version(std::span<const Cell> row, Arena& arena) {
  namespace column = tables::record_version_column;
  Version version;
  version.observed_at = row[column::observed_at].integer();
  version.generation = row[column::generation].integer();
  version.raw_hash = to_unsigned(row[column::raw_hash].integer());
  version.kind = static_cast<VersionKind>(row[column::kind].integer());
  version.map = row[column::map].integer();
  version.run = row[column::run].integer();
  version.counted = static_cast<Counted>(row[column::counted].integer());
  version.raw = {row[column::raw_block].integer(), row[column::raw_index].integer()};
  const auto outputs = read_outputs(arena.copy(row[column::outputs].bytes()));
  Output* kept = arena.array<Output>(outputs.size());
  std::copy(outputs.begin(), outputs.end(), kept);
  version.outputs = {kept, outputs.size()};
  return version;
}

Status load_records(Database& database, std::span<KeyState* const> states, Arena& arena) {
  std::vector<RecordSlot> slots;
  for (KeyState* state : states) {
    state->records.resize(state->row.records.size());
    for (std::size_t i = 0; i < state->row.records.size(); ++i) {
      slots.push_back({state->row.records[i], state, i});
    }
  }
  std::sort(slots.begin(), slots.end(),
            [](const RecordSlot& a, const RecordSlot& b) { return a.id < b.id; });
  Rows keys(1), activities(1);
  keys.reserve(slots.size());
  for (const RecordSlot& slot : slots) keys.add({slot.id});
  std::vector<RecordRow*> doers;
  std::size_t found = 0;
  RONDOM_TRY(database.fetch({&tables::record}, keys, [&](std::size_t k, std::span<const Cell> row) {
    RecordRow& record = slots[k].state->records[slots[k].position];
    record = read_record(row, arena);
    ++found;
    if (is_party(record.entity)) return;
    activities.add({record.id});
    doers.push_back(&record);
  }));
  if (found != slots.size()) {
    return {ErrorCode::bad_state, database.name() + " misses records that a key refers to"};
  }
  return database.fetch({&tables::activity}, activities, [&](std::size_t k, auto row) {
    doers[k]->actor = to_unsigned(row[1].integer());
    doers[k]->at = row[2].integer();
  });
}

}  // namespace

std::int64_t pack_state(const KeyRow& row) {
  return static_cast<std::int64_t>(row.kind) |
         (static_cast<std::int64_t>(row.counted) << counted_shift) |
         (row.has_versions ? versions_bit : 0) | (row.has_contradictions ? contradictions_bit : 0) |
         (row.has_refused ? refused_bit : 0);
}

VersionKind kind_of_state(std::int64_t state) {
  return static_cast<VersionKind>(state & kind_mask);
}

bool has_contradictions(std::int64_t state) {
  return state & contradictions_bit;
}

bool has_refused(std::int64_t state) {
  return state & refused_bit;
}

bool KeyState::had_record() const {
  return std::any_of(records.begin(), records.end(),
                     [](const RecordRow& record) { return !is_refusal_key(record.key); });
}

KeyRow read_key_row(std::span<const Cell> row) {
  namespace column = tables::source_key_column;
  KeyRow key;
  const std::int64_t state = row[column::state].integer();
  key.raw_hash = to_unsigned(row[column::raw_hash].integer());
  key.map = row[column::map].integer();
  key.kind = kind_of_state(state);
  key.counted = static_cast<Counted>((state >> counted_shift) & kind_mask);
  key.has_versions = state & versions_bit;
  key.has_contradictions = state & contradictions_bit;
  key.has_refused = state & refused_bit;
  key.observed_at = row[column::observed_at].integer();
  key.generation = row[column::generation].integer();
  key.run = row[column::run].integer();
  if (const RecordId first = row[column::record].integer(); first != 0)
    key.records.push_back(first);
  for (const RecordId id : read_ids(row[column::others].bytes())) key.records.push_back(id);
  return key;
}

Version KeyState::top(Arena& arena) const {
  Version version;
  version.observed_at = row.observed_at;
  version.generation = row.generation;
  version.raw_hash = row.raw_hash;
  version.kind = row.kind;
  version.map = row.map;
  version.run = row.run;
  version.counted = row.counted;
  Output* outputs = arena.array<Output>(records.size());
  std::size_t count = 0;
  for (const RecordRow& record : records) {
    if (!record.live) continue;
    Output& output = outputs[count++];
    output = {};
    output.entity = record.entity;
    output.key = record.key;
    output.canonical = record.canonical;
    output.actor = record.actor;
    output.at = record.at;
    version.raw = record.raw;
  }
  version.outputs = {outputs, count};
  return version;
}

Status load_keys(Database& database, StreamId stream, std::span<const std::int64_t> key_hashes,
                 std::vector<KeyState>& states) {
  states.assign(key_hashes.size(), {});
  Rows keys(2);
  keys.reserve(key_hashes.size());
  for (std::size_t i = 0; i < key_hashes.size(); ++i) {
    states[i].key_hash = key_hashes[i];
    keys.add({stream, key_hashes[i]});
  }
  return database.fetch({&tables::source_key}, keys, [&](std::size_t k, std::span<const Cell> row) {
    states[k].exists = true;
    states[k].row = read_key_row(row);
  });
}

Status load_details(Database& database, StreamId stream, std::span<KeyState* const> states,
                    Arena& arena) {
  RONDOM_TRY(load_records(database, states, arena));
  Rows keys(2);
  std::vector<KeyState*> owners;
  for (KeyState* state : states) {
    if (!state->row.has_versions) continue;
    keys.add({stream, state->key_hash});
    owners.push_back(state);
  }
  return database.fetch({&tables::record_version}, keys,
                        [&](std::size_t k, std::span<const Cell> row) {
                          owners[k]->versions.push_back(read_version(row, arena));
                        });
}

}  // namespace rondom::store
