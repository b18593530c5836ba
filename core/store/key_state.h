// KeyState: what is stored of one source key, loaded in sets. Private.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "store/database.h"
#include "store/versions.h"

namespace rondom::store {

/// A row of source_key.
struct KeyRow {
  std::uint64_t raw_hash = 0;
  std::int64_t map = 0;
  VersionKind kind = VersionKind::none;  // of the version that counts
  Counted counted = Counted::nothing;
  bool has_versions = false;        // record_version has rows of this key
  bool has_contradictions = false;  // some of them contradict each other
  bool has_refused = false;         // one of them holds what refused rows say
  Timestamp observed_at = no_time;
  std::int64_t generation = 0;
  std::int64_t run = 0;
  std::vector<RecordId> records;  // every record the key ever had, ascending
};

/// A row of record (and of activity) of that key. Views live in the loader's arena.
struct RecordRow {
  RecordId id = 0;
  Entity entity = Entity::person;
  bool live = false;
  Timestamp observed_at = no_time;
  RawPlace raw;
  std::string_view key, source_key, canonical;
  std::uint64_t actor = 0;
  Timestamp at = no_time;
};

struct KeyState {
  std::int64_t key_hash = 0;
  bool exists = false;
  KeyRow row;
  std::vector<RecordRow> records;  // only after load_details
  std::vector<Version> versions;   // only after load_details: the older and contradicting ones

  bool live() const { return row.kind == VersionKind::mapped; }
  /// Was it ever a record of somebody? Only after load_details.
  bool had_record() const;
  /// The version that counts as it is stored; only after load_details.
  Version top(Arena& arena) const;
};

KeyRow read_key_row(std::span<const Cell> row);  // needs all columns
std::int64_t pack_state(const KeyRow& row);
/// Kind inside a packed state, for readers of few columns.
VersionKind kind_of_state(std::int64_t state);
bool has_contradictions(std::int64_t state);
bool has_refused(std::int64_t state);

/// Rows of these keys (sorted, unique), in the same order; missing ones come with !exists.
Status load_keys(Database& database, StreamId stream, std::span<const std::int64_t> key_hashes,
                 std::vector<KeyState>& states);
/// Records and versions of keys that exist.
Status load_details(Database& database, StreamId stream, std::span<KeyState* const> states,
                    Arena& arena);

}  // namespace rondom::store
