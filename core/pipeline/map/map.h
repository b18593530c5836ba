// map: one source record (JSON) -> canonical records, or a reason why not.
//
// compile_stream() turns a job's stream into a Plan and reports every problem with its place. A
// Plan is immutable and shared by workers; a Mapper holds a worker's buffers (one thread at a
// time).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "model/model.h"

namespace rondom::expression {
class Cleaners;
}

namespace rondom::map {

struct Plan;

/// A field of the source that one of our own jobs writes: read back it is no evidence.
struct OwnField {
  std::string name;
  std::string job;
};

/// What is known of a stream's fields: by the connector's catalog when it was saved (discover), and
/// by the project's destination jobs.
struct KnownFields {
  std::vector<std::string> names;  // empty = unknown, nothing is checked
  std::vector<std::string> key;    // default key
  std::string cursor;              // default cursor
  std::string saved_on;            // "12 March", for the message
  std::vector<std::string> gone;   // paths, dotted, that are inside of those no longer
  std::vector<OwnField> own;       // may be read for keys, conditions and identifiers only
};

/// `preset` is the plugin's own map for this stream (empty Node = none), or a stream's worth of
/// keys: entity, key, cursor, when, country and map or records. The job's keys replace its keys,
/// `~` removes one. Streams of the same source are named in `project` for references. Null when
/// anything was reported.
std::shared_ptr<const Plan> compile_stream(const config::Project& project, const config::Job& job,
                                           const config::SourceStream& stream,
                                           const config::Node& preset, const KnownFields& fields,
                                           config::Diagnostics& diagnostics);

/// Changes whenever the same source record could map to something else.
std::uint64_t fingerprint(const Plan& plan);
/// What it would be if `source`, which the plan reads or refers to, were called `name`.
std::uint64_t fingerprint_as(const Plan& plan, std::string_view source, std::string_view name);
/// Namespaces that it fills, as identifiers and as actors: sorted, no repeats.
std::vector<std::string> namespaces_of(const Plan& plan);
/// Namespaces that parties get identifiers of: sorted, no repeats.
std::vector<std::string> identifiers_of(const Plan& plan);
/// Could it say yes to this purpose for somebody?
bool gives_consent(const Plan& plan, std::string_view purpose);
/// Language, country and time zone aside: does it make activities only (keep_raw default)?
bool makes_activities_only(const Plan& plan);

/// One canonical record before normalize: cells hold the text that the map chose, not yet cleaned.
/// Rule::mapped was computed, Rule::default_value is a constant or `else`; `raw` is set where
/// `values` translated a word. No cell is empty. An element of a list is left out when what it is
/// about is empty (emails.value, tags.value, relations.type and .to, consents.purpose and .status),
/// or when nothing of it but usage, status and constants came out of the record (addresses, lines).
struct MappedRecord {
  Entity entity = Entity::person;
  std::string_view key;
  RecordBuilder* cells = nullptr;  // owned by the Mapper, valid until the next map()
};

struct Mapped {
  enum class Kind : std::uint8_t { mapped, filtered, refused };
  Kind kind = Kind::mapped;  // filtered: `when` holds for nothing of it
  std::string_view key;      // source key; empty when it could not be read
  // By the job's cursor, else the connector's time, else the catalog's cursor, else the connector's
  // order.
  Timestamp observed_at = no_time;
  std::span<const MappedRecord> records;
  std::string_view country;  // of this record: its `country:`, else the connection's default
  std::string_view reason;   // refused: one sentence without personal data
  bool time_read = true;     // refused: false when its time cannot be read either
};

/// Key and raw hash alone, for the unchanged check.
struct Identity {
  std::string_view key;      // empty when it could not be read …
  std::string_view problem;  // … and why
  std::uint64_t raw_hash = 0;
};

class Mapper {
 public:
  /// `cleaners` serve expressions that call them and outlive the Mapper.
  explicit Mapper(std::shared_ptr<const Plan> plan, expression::Cleaners* cleaners = nullptr);
  ~Mapper();
  Mapper(Mapper&&) noexcept;

  /// Parses `json` and reads its key; the parsed record is kept for map(). Results live in `arena`.
  Identity identify(std::string_view json, Arena& arena);
  /// Of the deletion last given to identify(): when it was, by the same cursor as its versions,
  /// else by what the connector says.
  Timestamp removed_at(Timestamp changed_at);
  /// Maps the record last given to identify(), whose arena must not have been reset since. Results
  /// live in the arenas and in the plan; records and their cells until the next map().
  Mapped map(Timestamp changed_at, Arena& arena);
  /// What the record last given to identify() refuses, whatever else of it cannot be read: its
  /// consents, death.status and the e-mails and phones they are about, as text that is not cleaned
  /// yet. A consent whose status cannot be read has the status unreadable_consent. An empty key:
  /// all of the source record. Results live as those of map().
  std::span<const MappedRecord> refusals(Arena& arena);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom::map
