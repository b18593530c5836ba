// Tables: what the store keeps, as data. Both backends create, read and write from this list.
//
// Decisions:
// - Keys inside are 64-bit integers; text is compared after a hit. Primary-key columns stand first.
//   A table with one integer key is a rowid table in SQLite (append is cheapest there), all others
//   are WITHOUT ROWID: one tree, rows in key order, no second look-up.
// - One row per *source key* (source_key) and one per canonical record (record): known() reads only
//   the small first one. Map fingerprints and runs are numbered so that this row stays near 45
//   bytes: its random inserts are what a first sync costs.
// - Sets of record or profile ids (dirty, not posted, live, seen in a refresh, …) are bitmaps in
//   4 KiB chunks, not tables: 50,000 new dirty records are two rows, an unchanged full refresh
//   writes only the chunks it touches, and counting is a popcount.
// - Raw records are compressed together, some 256 a block; raw_use counts the versions that still
//   point into a block, and the last one out removes it.
// - blob holds what a source said (any bytes, compared bytewise everywhere); text only our own
// words.
// - source_key is the newest version of a key that nothing contradicts; record_version the older
// ones
//   and the contradicting copies, each with its outputs, so that one can come back.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace rondom::store {

enum class ColumnType : std::uint8_t { integer, blob, text };

struct Column {
  std::string_view name;
  ColumnType type = ColumnType::integer;
};

/// Positions of the columns in the table; the last ones make it unique.
struct Index {
  std::string_view name;
  std::array<std::size_t, 4> columns{};
  std::size_t count = 0;
};

struct Table {
  std::string_view name;
  std::span<const Column> columns;
  std::size_t key_columns = 1;
  std::span<const Index> indexes = {};
  bool is_rowid() const { return key_columns == 1 && columns[0].type == ColumnType::integer; }
};

namespace tables {

inline constexpr ColumnType integer = ColumnType::integer;
inline constexpr ColumnType blob = ColumnType::blob;
inline constexpr ColumnType text = ColumnType::text;

// ── schema and small durable values ────────────────────────────────────────────────────────────
inline constexpr Column schema_version_columns[] = {{"number"}, {"applied_at"}};
inline constexpr Table schema_version{"schema_version", schema_version_columns, 1};

inline constexpr Column value_columns[] = {{"key", blob}, {"value", blob}};
inline constexpr Table value{"value", value_columns, 1};

/// Sequences that must never give a number twice, also when its row is gone.
inline constexpr Column counter_columns[] = {{"counter"}, {"next"}};
inline constexpr Table counter{"counter", counter_columns, 1};

/// Sets of ids in chunks; id = set number << 32 | chunk (bitmap.h).
inline constexpr Column bitmap_columns[] = {{"id"}, {"bits", blob}};
inline constexpr Table bitmap{"bitmap", bitmap_columns, 1};

inline constexpr Column run_columns[] = {{"ordinal"},  {"id", text},     {"started_at"},
                                         {"ended_at"}, {"status", text}, {"report", blob}};
inline constexpr Index run_by_id[] = {{"run_by_id", {1, 0}, 2}};
inline constexpr Table run{"run", run_columns, 1, run_by_id};

// ── ingest ─────────────────────────────────────────────────────────────────────────────────────
/// generation: last one given out; completed: last refresh that ended and was complete.
inline constexpr Column stream_columns[] = {{"id"},        {"source", text}, {"name", text},
                                            {"job", text}, {"generation"},   {"completed"}};
inline constexpr Table stream{"stream", stream_columns, 1};

inline constexpr Column map_version_columns[] = {{"id"}, {"fingerprint"}};
inline constexpr Table map_version{"map_version", map_version_columns, 1};

inline constexpr Column source_key_columns[] = {
    {"stream"},      {"key_hash"},   {"raw_hash"}, {"map"},    {"state"},
    {"observed_at"}, {"generation"}, {"run"},      {"record"}, {"others", blob}};
inline constexpr Table source_key{"source_key", source_key_columns, 2};
namespace source_key_column {
enum : std::size_t {
  stream,
  key_hash,
  raw_hash,
  map,
  state,
  observed_at,
  generation,
  run,
  record,
  others
};
}

/// source_key is null when it equals key.
inline constexpr Column record_columns[] = {
    {"id"},        {"stream"},           {"key_hash"},       {"entity"},
    {"live"},      {"observed_at"},      {"raw_block"},      {"raw_index"},
    {"key", blob}, {"source_key", blob}, {"canonical", blob}};
inline constexpr Table record{"record", record_columns, 1};
namespace record_column {
enum : std::size_t {
  id,
  stream,
  key_hash,
  entity,
  live,
  observed_at,
  raw_block,
  raw_index,
  key,
  source_key,
  canonical
};
}

/// Records whose own key is not their source key, so that they are found by it.
inline constexpr Column output_key_columns[] = {{"stream"}, {"key_hash"}, {"record"}};
inline constexpr Table output_key{"output_key", output_key_columns, 3};

inline constexpr Column record_version_columns[] = {
    {"stream"}, {"key_hash"}, {"observed_at"}, {"generation"}, {"raw_hash"},  {"kind"},
    {"map"},    {"run"},      {"counted"},     {"raw_block"},  {"raw_index"}, {"outputs", blob}};
inline constexpr Table record_version{"record_version", record_version_columns, 5};
namespace record_version_column {
enum : std::size_t {
  stream,
  key_hash,
  observed_at,
  generation,
  raw_hash,
  kind,
  map,
  run,
  counted,
  raw_block,
  raw_index,
  outputs
};
}

inline constexpr Column raw_block_columns[] = {{"id"}, {"bytes", blob}};
inline constexpr Table raw_block{"raw_block", raw_block_columns, 1};
inline constexpr Column raw_use_columns[] = {{"block"}, {"uses"}};
inline constexpr Table raw_use{"raw_use", raw_use_columns, 1};

inline constexpr Column checkpoint_columns[] = {{"job", text}, {"scope", text}, {"state", blob}};
inline constexpr Table checkpoint{"checkpoint", checkpoint_columns, 2};

inline constexpr Column refresh_columns[] = {
    {"stream"}, {"generation"}, {"token", blob}, {"keyless"}};
inline constexpr Table refresh{"refresh", refresh_columns, 1};

inline constexpr Column quarantine_columns[] = {
    {"id"},           {"stream"},    {"key_hash"},  {"raw_hash"},    {"observed_at"},
    {"generation"},   {"position"},  {"key", blob}, {"stage", text}, {"reason", text},
    {"origin", blob}, {"run", text}, {"raw", blob}};
inline constexpr Index quarantine_by_key[] = {{"quarantine_by_key", {1, 2, 0}, 3}};
inline constexpr Table quarantine{"quarantine", quarantine_columns, 1, quarantine_by_key};
namespace quarantine_column {
enum : std::size_t {
  id,
  stream,
  key_hash,
  raw_hash,
  observed_at,
  generation,
  position,
  key,
  stage,
  reason,
  origin,
  run,
  raw
};
}

inline constexpr Column activity_columns[] = {{"record"}, {"actor"}, {"at"}};
inline constexpr Index activity_by_actor[] = {{"activity_by_actor", {1, 2, 0}, 3}};
inline constexpr Table activity{"activity", activity_columns, 1, activity_by_actor};

// ── unify ──────────────────────────────────────────────────────────────────────────────────────
/// Identifiers of live party records, and the contact points that withdrawn ones said no about.
inline constexpr Column posting_columns[] = {{"identifier"}, {"record"}};
inline constexpr Table posting{"posting", posting_columns, 2};

/// The postings that a changed record has, until they are made again.
inline constexpr Column posted_columns[] = {{"record"}, {"identifiers", blob}};
inline constexpr Table posted{"posted", posted_columns, 1};

/// Names that live party records refer to, by identifier_hash(record_namespace, name). Those of
/// activities are their actors.
inline constexpr Column reference_columns[] = {{"record"}, {"target"}};
inline constexpr Index reference_by_target[] = {{"reference_by_target", {1, 0}, 2}};
inline constexpr Table reference{"reference", reference_columns, 2, reference_by_target};

inline constexpr Column member_columns[] = {{"record"}, {"profile"}};
inline constexpr Table member{"member", member_columns, 1};

inline constexpr Column profile_columns[] = {
    {"id"},          {"uid", blob},   {"entity"},        {"founding_record"}, {"content_hash"},
    {"fingerprint"}, {"label", blob}, {"members", blob}, {"cells", blob}};
inline constexpr Table profile{"profile", profile_columns, 1};

/// Every uid ever given, also of profiles that are gone: a uid is never given twice.
inline constexpr Column profile_uid_columns[] = {{"uid", blob}, {"profile"}};
inline constexpr Table profile_uid{"profile_uid", profile_uid_columns, 1};

inline constexpr Column profile_alias_columns[] = {{"profile"}, {"survivor"}};
inline constexpr Table profile_alias{"profile_alias", profile_alias_columns, 1};

inline constexpr Column profile_event_columns[] = {
    {"seq"}, {"kind"}, {"profile"}, {"other"}, {"run"}};
inline constexpr Table profile_event{"profile_event", profile_event_columns, 1};

inline constexpr Column generic_identifier_columns[] = {
    {"identifier"}, {"namespace", blob}, {"value", blob}, {"records"}, {"people"}};
inline constexpr Table generic_identifier{"generic_identifier", generic_identifier_columns, 1};

/// Pairs that resolving by likeness found, and what somebody said of two records.
inline constexpr Column alike_columns[] = {{"a"},    {"b"},      {"bits"},
                                           {"mean"}, {"joined"}, {"reason", text}};
inline constexpr Index alike_by_b[] = {{"alike_by_b", {1, 0}, 2}};
inline constexpr Table alike{"alike", alike_columns, 2, alike_by_b};

/// Who has which blocking key, some hundred members a row (likeness.cpp); whom each record is like;
/// and what a record said when it was compared, of those that changed since.
inline constexpr Column block_columns[] = {{"bucket"}, {"blocks", blob}};
inline constexpr Table block{"block", block_columns, 1};
inline constexpr Column likely_columns[] = {{"record"}, {"others", blob}};
inline constexpr Table likely{"likely", likely_columns, 1};
inline constexpr Column compared_as_columns[] = {{"record"}, {"canonical", blob}};
inline constexpr Table compared_as{"compared_as", compared_as_columns, 1};

inline constexpr Column decision_columns[] = {{"a"}, {"b"}, {"same"}, {"at"}};
inline constexpr Table decision{"decision", decision_columns, 2};

/// How often a record left a profile that goes on. Most profiles have no row.
inline constexpr Column parting_columns[] = {{"profile"}, {"count"}};
inline constexpr Table parting{"parting", parting_columns, 1};

// ── activate ───────────────────────────────────────────────────────────────────────────────────
inline constexpr Column destination_columns[] = {{"id"}, {"name", text}, {"mark"}};
inline constexpr Table destination{"destination", destination_columns, 1};

inline constexpr Column delivery_columns[] = {
    {"destination"},   {"profile"},      {"state"},           {"attempts"},
    {"next_at"},       {"mapping"},      {"action", text},    {"operation_id", blob},
    {"session", blob}, {"key", blob},    {"remote_id", blob}, {"consent", blob},
    {"fields", blob},  {"pending", blob}};
inline constexpr Table delivery{"delivery", delivery_columns, 2};

/// Sessions of which every upsert in flight counts as acknowledged: told once instead of a million
/// times. A row says so by itself when it is written next.
inline constexpr Column acknowledged_session_columns[] = {{"destination"}, {"session", blob}};
inline constexpr Table acknowledged_session{"acknowledged_session", acknowledged_session_columns,
                                            2};

/// Deliveries that are neither acknowledged nor upserts in flight (those are a bitmap): few, so
/// that they are found without walking all others.
inline constexpr Column delivery_open_columns[] = {{"destination"}, {"profile"}, {"state"}};
inline constexpr Table delivery_open{"delivery_open", delivery_open_columns, 2};

inline constexpr Column withheld_columns[] = {{"destination"}, {"profile"}, {"reason", text}};
inline constexpr Table withheld{"withheld", withheld_columns, 2};

inline constexpr Column dead_letter_columns[] = {
    {"id"},           {"destination"},  {"profile"},   {"operation_id", blob},
    {"action", text}, {"reason", text}, {"run", text}, {"json", blob}};
inline constexpr Index dead_letter_by_destination[] = {{"dead_letter_by_destination", {1, 0}, 2}};
inline constexpr Table dead_letter{"dead_letter", dead_letter_columns, 1,
                                   dead_letter_by_destination};

}  // namespace tables

// ── schema versions ────────────────────────────────────────────────────────────────────────────

struct Step {
  enum class Kind : std::uint8_t { create_table, add_column };
  Kind kind = Kind::create_table;
  const Table* table = nullptr;
  std::size_t column = 0;  // add_column: its position; columns are only ever added at the end
};

/// What brings a store from version - 1 to version. A published one never changes.
struct Migration {
  std::int64_t version = 0;
  std::span<const Step> steps;
  bool posts_anew = false;  // the postings of all records are built again, by the next unify
};

std::span<const Migration> migrations();

}  // namespace rondom::store
