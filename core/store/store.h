// store: everything Rondom remembers, behind one interface for SQLite and PostgreSQL.
//
// All methods take and give sorted sets; there is no query per record anywhere. Each apply() is one
// transaction: it happened completely or not at all, also when the process is killed inside it.
// Threads: a Store is used by one thread at a time. open_reader() gives an independent read-only
// handle (its own connection, sees committed data) for a second thread.
// Failures: unavailable (cannot open, disk full, server gone), busy (another engine holds the
// project), bad_state (damaged file or newer schema), internal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "model/model.h"
#include "store/history.h"

namespace rondom::store {

using RecordId = std::int64_t;
using ProfileId = std::int64_t;  // also the founding sequence: smaller = founded earlier
using StreamId = std::int32_t;

// ── opening ────────────────────────────────────────────────────────────────────────────────────

/// A store of an earlier Rondom was brought up to today's tables.
struct Migrated {
  std::int64_t from = 0, to = 0;  // schema versions
  std::string copy;               // as it was; empty in PostgreSQL, whose own tools make copies
};

struct Options {
  std::string sqlite_file;  // absolute; ":memory:" for tests (no lock, gone when closed)
  std::string postgresql;   // DSN; when not empty, PostgreSQL
  std::string owner;        // for the lock: "rondom run, process 4711 on host"
  bool read_only = false;   // readers of the command line take no lock
  bool is_copy = false;     // of a store, made for a look: as it was it need not be kept
  std::function<void(const Migrated&)> migrated = {};  // told, unless empty, when open() did that
  /// Bytes that the disk of a folder takes; empty: the system is asked.
  std::function<std::uint64_t(const std::string& folder)> free_bytes = {};
};

// ── ingest ─────────────────────────────────────────────────────────────────────────────────────

struct Stream {
  StreamId id = 0;
  std::string source;  // connection name
  std::string name;
  std::string job;  // the one job that owns it
};

/// What is known of a source key, to skip mapping of unchanged rows.
struct KnownRow {
  std::uint64_t key_hash = 0;
  std::uint64_t raw_hash = 0;
  std::uint64_t map_fingerprint = 0;
  bool live = false;
};

/// One canonical record made from a source record. Views live as long as the batch.
struct Output {
  Entity entity = Entity::person;
  std::string_view key;        // own key text; unique within its source record and entity
  std::string_view canonical;  // RecordBuilder::bytes()
  // parties only: identifiers_of(canonical) when the caller has them at hand, to spare reading the
  // record back.
  std::span<const std::uint64_t> identifiers;
  bool identifiers_known = false;
  bool may_refer = true;  // parties only: false when the caller knows that it refers to no record
  // activities only:
  std::uint64_t actor = 0;  // identifier_hash of who did it; 0 = nobody known
  Timestamp at = no_time;
};

/// Compresses raw records ahead of the transaction that may keep them. One thread at a time; any
/// thread, since it knows no store. A block holds a bounded number of records of one batch.
class RawPacker {
 public:
  /// Where a record's text is among the blocks of its batch. block 0 = not packed, else its number
  /// from 1 on.
  struct Place {
    std::uint32_t block = 0;
    std::uint32_t index = 0;
  };
  RawPacker();
  ~RawPacker();
  RawPacker(const RawPacker&) = delete;
  RawPacker& operator=(const RawPacker&) = delete;

  Place add(std::string_view raw);
  /// The blocks since the last call, to be given to the store with the batch. Empty bytes: a block
  /// that could not be compressed, which apply() refuses.
  std::vector<std::string> take();

 private:
  struct Inside;
  void close_block();
  std::unique_ptr<Inside> inside_;
};

enum class RowKind : std::uint8_t {
  mapped,     // outputs hold its canonical records (at least one)
  unchanged,  // hash equals what known() said; only marked as seen
  removed,    // the source says it was deleted
  filtered,   // `when` was false: a live version is withdrawn
  refused,    // quarantine with `reason`
};

/// Hashes of the identifiers and usable contact points of a canonical record: sorted, no repeats.
std::vector<std::uint64_t> identifiers_of(std::string_view canonical);

struct Row {
  RowKind kind = RowKind::mapped;
  std::string_view key;  // empty: unreadable (refused only)
  std::uint64_t raw_hash = 0;
  Timestamp observed_at = no_time;
  std::span<const Output> outputs;
  std::string_view raw;  // JSON text of the source record
  RawPacker::Place
      packed;              // the same in IngestBatch::raw_blocks; without it the store packs itself
  std::string_view stage;  // refused: extract | map | normalize | version
  std::string_view reason;  // refused: one sentence without personal data
  // refused: what it says no to all the same, by party; an empty key means all of the source record
  std::span<const Output> refusals;
  bool time_read = true;        // refused: false when observed_at could not be read
  std::int64_t released = 0;    // the entry of released() that this is, 0 = read from the source
  std::int64_t generation = 0;  // released only: the entry's
  std::string_view origin;      // file or endpoint
  std::uint64_t position = 0;
};

struct Checkpoint {
  std::string scope;  // stream name, or "" for all streams of the job
  std::string state;  // JSON of the connector
};

/// Rows of one stream and the checkpoints that cover them: one transaction.
/// Version order within a key is (observed_at, generation); equal order and different content are
/// copies that contradict: all of them are quarantined and the best older version stays or returns.
/// A deletion wins over copies of its own time. Rows appended after a full refresh rank with its
/// generation. The rules in full: versions.h. A count can be negative: a copy that was counted as
/// created earlier in the same run and is contradicted now moves to quarantined.
struct IngestBatch {
  StreamId stream = 0;
  std::string job;
  std::string run;
  std::uint64_t map_fingerprint = 0;
  std::int64_t generation = 0;  // of the running full refresh, 0 = append
  bool keep_raw = true;
  bool from_kept = false;  // rows of outdated(): the versions that count, mapped again
  std::vector<Row> rows;
  std::vector<std::string> raw_blocks;  // RawPacker::take()
  std::vector<Checkpoint> checkpoints;
};

/// As it is kept, of whichever job.
struct JobCheckpoint {
  std::string job, scope, state;
};

/// A live source record whose map has changed since it was mapped.
struct KeptRecord {
  Timestamp observed_at = no_time;
  std::string raw;  // JSON text
};
struct KeptRecords {
  std::vector<KeptRecord> records;
  std::int64_t not_kept = 0;  // outdated ones without a raw text: they wait for the next read
  RecordId last = 0;          // where to go on; 0 = that was all
};

/// Balance of a stream: read = created + changed + unchanged + removed + stale + filtered +
/// quarantined. Tombstoned ones were not read and stand beside it.
struct StreamCounts {
  std::int64_t read = 0, created = 0, changed = 0, unchanged = 0, removed = 0, stale = 0,
               filtered = 0, quarantined = 0, tombstoned = 0;
  StreamCounts& operator+=(const StreamCounts& other);
};

/// A running full refresh of one stream. Keeps its generation over a crash.
struct Refresh {
  std::int64_t generation = 0;
  std::string token;             // the connector's name for it
  bool keyless_refused = false;  // a row without a readable key was quarantined: not complete
};

struct RefreshEnd {
  std::int64_t live = 0;    // live rows of the stream before it
  std::int64_t unseen = 0;  // of those, not seen in this refresh
};

// ── unify ──────────────────────────────────────────────────────────────────────────────────────

/// A live or tombstoned canonical record as resolve and merge see it.
struct StoredRecord {
  RecordId id = 0;
  StreamId stream = 0;
  Entity entity = Entity::person;
  std::string key;
  std::string source_key;  // of the source record it was made from; empty = key
  Timestamp observed_at = no_time;
  bool live = true;
  ProfileId profile = 0;  // 0 = none yet
  std::string canonical;
};

struct Posting {
  std::uint64_t identifier = 0;
  RecordId record = 0;
  auto operator<=>(const Posting&) const = default;
};

/// Two records that layer 2 of resolving found alike. a < b.
struct Alike {
  RecordId a = 0, b = 0;
  std::int32_t bits = 0;  // evidence of this pair, in thousandths of a bit
  std::int32_t mean = 0;  // of all pairs between the two groups when they were compared
  bool joined = false;    // else the two may be one, and somebody should look
  std::string reason;     // why they were not joined; empty = the evidence was not enough
  bool operator==(const Alike&) const = default;
};

// What comparing records left behind, so that a change is compared with those it may concern, and
// with nobody else. `Store` calls it the index of likeness; what the keys of blocks mean is the
// caller's.

/// Records with one key.
struct Block {
  std::uint64_t key = 0;  // its first byte is the rule's, the others are a hash
  std::int64_t size = 0;
  std::vector<RecordId> members;  // sorted; all of them, or none when they are too many
};
/// The records that one is like, with the evidence of each pair in thousandths of a bit.
struct Likely {
  RecordId record = 0;
  std::vector<std::pair<RecordId, std::int32_t>> others;  // sorted
};
/// A record as it stood when it was compared.
struct ComparedRecord {
  RecordId id = 0;
  bool changed = false;   // since then
  std::string canonical;  // of then; left empty when it has not changed
};
/// What a few changed records did to all that. Lists are sorted by their first member.
struct LikenessChange {
  std::vector<Block> blocks;        // as they are now; size 0: nobody has the key any more
  std::vector<Likely> likely;       // as it is now; nobody in `others`: no row
  std::vector<RecordId> compared;   // as they are now
  std::vector<RecordId> no_longer;  // in the index
  std::vector<RecordId> around;     // pairs of these records …
  std::vector<Alike> alike;         // … are these now, by (a, b)
  std::string description;
};

/// Somebody said of two records that they are one, or that they are not. a < b. Outlives every run.
struct Decision {
  RecordId a = 0, b = 0;
  bool same = false;
  Timestamp at = no_time;
  bool operator==(const Decision&) const = default;
};

enum class EventKind : std::uint8_t {
  created = 1,
  changed = 2,
  merged = 3,
  split = 4,
  retired = 5
};
struct ProfileEvent {
  std::int64_t seq = 0;  // given by the store
  EventKind kind = EventKind::changed;
  ProfileId profile = 0;
  ProfileId other = 0;  // merged: the profile it went into; split: the profile it came from
};

struct Profile {
  ProfileId id = 0;
  Uid uid;
  Entity entity = Entity::person;
  RecordId founding_record = 0;
  std::uint64_t content_hash = 0;
  std::uint64_t config_fingerprint = 0;  // identity and merge rules that made it
  std::string label;                     // smallest record_name of its members
  std::string values;                    // merged cells, RecordBuilder::bytes()
  std::vector<RecordId> members;         // sorted
};

/// An identifier that is evidence only because too many different people carry it.
struct GenericIdentifier {
  std::uint64_t identifier = 0;
  std::string name_space;
  std::string value;
  std::int64_t records = 0;
  std::int64_t people = 0;
};

struct UnifyBatch {
  std::string run;
  std::vector<Profile> profiles;                        // written whole, new or replaced
  std::vector<ProfileId> retired;                       // profiles without members now
  std::vector<std::pair<RecordId, ProfileId>> members;  // 0 = no profile any more
  std::vector<std::pair<Uid, ProfileId>> aliases;       // uid of a merged profile -> its survivor
  std::vector<ProfileEvent> events;
  std::vector<GenericIdentifier> generic;  // now generic
  std::vector<ProfileId> parted;           // profiles that go on and that a record left
  std::vector<RecordId> done;              // leave the work list
  /// Uids of new profiles are indexed later, in sorted runs, by index_uids(): random inserts are
  /// what founding millions costs. They are found all the same, by a slower way.
  bool uids_later = false;
};

// ── activate ───────────────────────────────────────────────────────────────────────────────────

enum class DeliveryState : std::uint8_t {
  acknowledged = 1,
  in_flight = 2,
  unknown = 3,
  retry = 4,
  dead = 5
};
struct Delivery {
  ProfileId profile = 0;
  std::string remote_id;
  std::string fields;   // acknowledged: name -> hash per mapped field, encoded by activate
  std::string pending;  // fields of the operation in flight or unknown
  std::string action;   // create | update | leave_segment | delete | unsubscribe; "" = none pending
  std::uint64_t mapping_fingerprint = 0;
  DeliveryState state = DeliveryState::acknowledged;
  std::string operation_id;
  std::string session;
  std::int32_t attempts = 0;
  Timestamp next_at = no_time;
  std::string consent;  // which consent decided, for explain
  std::string key;      // profile uid text as given to the destination
};
struct DeadLetter {
  std::int64_t id = 0;  // given by the store
  std::string destination;
  ProfileId profile = 0;
  std::string operation_id;
  std::string action;
  std::string reason;
  std::string run;
  std::string json;  // what was to be written
};
struct Withheld {
  ProfileId profile = 0;
  std::string reason;  // no consent | deceased | bounced | …
};
struct DeliveryBatch {
  std::string destination;  // job name, plus delivery mode
  std::string run;
  std::vector<Delivery> upserts;
  std::vector<ProfileId> erased;  // nothing is held there any more
  std::vector<DeadLetter> dead_letters;
  std::vector<Withheld> withheld;  // latest reason only
  std::vector<ProfileId> no_longer_withheld;
  std::optional<std::int64_t> mark;  // profile events consumed up to this seq
};

// ── what verbs read ────────────────────────────────────────────────────────────────────────────

struct QuarantineEntry {
  std::int64_t id = 0;
  std::string source, stream, key, stage, reason, origin, raw, run;
  std::uint64_t position = 0;
  Timestamp observed_at = no_time;
  std::int64_t generation = 0;
  bool released = false;  // its text is mapped again at the next run of its job
};
struct RunEntry {
  std::string id;
  Timestamp started_at = no_time, ended_at = no_time;
  std::string status;       // running | done | partial | failed | guarded | cancelled
  std::string report_json;  // the program contract's object
};
/// A reference to a record that is not there.
struct WaitingReference {
  RecordId record = 0;
  std::string name;           // of the record that refers
  AttributeId attribute = 0;  // activity_party or relation_to
  std::string to;             // name of the record that it refers to
};
struct Totals {
  std::int64_t records = 0, live_records = 0, profiles = 0, quarantined = 0, dead_letters = 0,
               dirty_records = 0,
               waiting_references = 0,  // records that wait for another
      to_review = 0;                    // live records that became somebody else's, not accepted
};

/// A job or a source (a connection's name) is called otherwise from now on; what is remembered of
/// it stays.
struct Renaming {
  enum class Kind : std::uint8_t { job, source };
  Kind kind = Kind::job;
  std::string from, to;
  std::vector<std::pair<std::string, std::string>>
      destinations;  // of a job, as deliveries name them
  std::vector<std::pair<std::string, std::string>> moved_values;  // keys of value()
  std::vector<std::pair<std::string, std::string>> put_values;    // keys with what they are now
  /// Of maps that name the source: as it was, and as it is under the new name.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> map_fingerprints;
};
struct Renamed {
  std::int64_t streams = 0, checkpoints = 0, destinations = 0;
  std::int64_t referring = 0;  // records that name a record of the source
  std::int64_t reports = 0;    // of runs, that name the job
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Result<std::unique_ptr<Store>> open_reader() const = 0;
  virtual Status verify(std::vector<std::string>& problems) = 0;  // integrity and cross references

  // ingest
  virtual Result<Stream> stream(
      std::string_view source, std::string_view name,
      std::string_view job) = 0;  // made when new; other owner: bad_config
  virtual Result<std::vector<Stream>> streams() = 0;
  /// Same order as `key_hashes` (hash64 of the key, sorted, unique); unknown ones, and those that
  /// must be mapped again, come back with raw_hash 0.
  virtual Result<std::vector<KnownRow>> known(StreamId stream,
                                              std::span<const std::uint64_t> key_hashes) = 0;
  virtual Result<StreamCounts> apply(const IngestBatch& batch) = 0;
  /// Live records of a stream that another map made than the one with this fingerprint, once per
  /// source record, from the records behind `after` (0 = the first), looking at up to `records_max`
  /// of them.
  virtual Result<KeptRecords> outdated(StreamId stream, std::uint64_t map_fingerprint,
                                       RecordId after, std::size_t records_max) = 0;
  virtual Result<std::optional<std::string>> checkpoint(std::string_view job,
                                                        std::string_view scope) = 0;
  virtual Result<std::vector<JobCheckpoint>> checkpoints() = 0;  // by job and scope
  virtual Status forget_checkpoints(std::string_view job) = 0;
  /// The stream's unfinished refresh, or a new one with the next generation.
  virtual Result<Refresh> begin_refresh(StreamId stream, std::string_view token, bool resume) = 0;
  virtual Result<std::optional<Refresh>> unfinished_refresh(StreamId stream) = 0;
  virtual Result<RefreshEnd> count_unseen(StreamId stream) = 0;
  /// Tombstones the unseen and ends the refresh. Returns how many; none when a row without a
  /// readable key was refused (not complete).
  virtual Result<std::int64_t> end_refresh(StreamId stream, std::string_view run) = 0;
  /// Lets these entries, and the next copy of their keys, be mapped again: known() answers raw_hash
  /// 0 for the keys, and a contradiction they stood for is forgotten. An entry leaves with the
  /// batch that holds its row (Row::released), unless it is refused once more. One whose text is
  /// not kept whole stays as it is, until its source has been read in full without it: then it
  /// leaves here.
  virtual Status release_quarantine(std::span<const std::int64_t> ids) = 0;
  /// Released entries of all streams behind `after`, by id.
  virtual Result<std::vector<QuarantineEntry>> released(std::int64_t after,
                                                        std::size_t count_max) = 0;

  // unify
  virtual Result<std::int64_t> dirty_count() = 0;
  /// Postings of up to `records_max` dirty records that have none yet, in one sorted run. Who
  /// carries an identifier that one of these no longer has becomes dirty too, where `joins` says
  /// that it may bring records together. Returns how many records it indexed; 0 = all done.
  virtual Result<std::int64_t> index_postings(
      std::size_t records_max, const std::function<bool(std::uint64_t identifier)>& joins) = 0;
  /// Looks whether the records that up to `records_max` changed ones refer to, or were referred to
  /// as, are there. Returns how many it looked at; 0 = all done, and Totals::waiting_references is
  /// right.
  virtual Result<std::int64_t> link_references(std::size_t records_max) = 0;
  /// References of up to `records_max` waiting records, by record.
  virtual Result<std::vector<WaitingReference>> waiting_references(RecordId after,
                                                                   std::size_t records_max) = 0;
  /// Live parties of which a relation names one of these records, at most `records_max` for each
  /// name, by id; as of the last link_references(). Names are found by their hash: the caller looks
  /// whether it is so.
  virtual Result<std::vector<RecordId>> referring_records(std::span<const std::string> names,
                                                          std::size_t records_max) = 0;
  virtual Result<std::vector<RecordId>> dirty_records(RecordId after, std::size_t records_max) = 0;
  /// Postings of the given identifiers (sorted), at most `records_max` for each.
  virtual Result<std::vector<Posting>> postings(std::span<const std::uint64_t> identifiers,
                                                std::size_t records_max) = 0;
  /// Records that carry the identifier, by id, from behind `after` on.
  virtual Result<std::vector<RecordId>> carriers(std::uint64_t identifier, RecordId after,
                                                 std::size_t records_max) = 0;
  /// All postings in order of (identifier, record), in chunks, for bulk resolving.
  virtual Status scan_postings(const std::function<Status(std::span<const Posting>)>& chunk) = 0;
  virtual Result<RecordId> last_record_id() = 0;
  /// In order of `ids` (sorted, unique); ids that do not exist are left out.
  virtual Result<std::vector<StoredRecord>> records(std::span<const RecordId> ids) = 0;
  /// As records(), but for `profile`, which stays 0: half the look-ups.
  virtual Result<std::vector<StoredRecord>> contents(std::span<const RecordId> ids) = 0;
  virtual Result<std::vector<Profile>> profiles(std::span<const ProfileId> ids) = 0;  // sorted ids
  /// A number that no profile has and no other call has given.
  virtual Result<ProfileId> next_profile_id() = 0;
  /// Indexes what batches with `uids_later` left, also of an earlier process; a batch without it
  /// comes after that.
  virtual Status index_uids() = 0;
  virtual Result<std::vector<bool>> uids_taken(std::span<const Uid> uids) = 0;
  /// How often a record left each of these (sorted): those that one ever left, by id.
  virtual Result<std::vector<std::pair<ProfileId, std::int64_t>>> partings(
      std::span<const ProfileId> profiles) = 0;
  virtual Result<std::vector<GenericIdentifier>> generic_identifiers() = 0;
  /// These (sorted) are identifiers like any other again; the records that carry them become dirty.
  virtual Status lift_generic(std::span<const std::uint64_t> identifiers) = 0;
  virtual Status apply(const UnifyBatch& batch) = 0;
  /// All pairs that there are now, sorted by (a, b), in place of those before. Records whose joins
  /// differ become dirty.
  virtual Status replace_alike(std::span<const Alike> now) = 0;
  /// Pairs that hold one of these records (sorted), by (a, b).
  virtual Result<std::vector<Alike>> alike(std::span<const RecordId> records) = 0;
  /// All pairs by (a, b), in chunks.
  virtual Status scan_alike(const std::function<Status(std::span<const Alike>)>& chunk) = 0;
  /// What finish_likeness() or a change said of the index; nothing when there is none.
  virtual Result<std::optional<std::string>> likeness_description() = 0;
  /// Forgets the index. Then write_blocks(), write_likely() and finish_likeness() make a new one,
  /// in which blocks have `about` so many members in all; one that was not finished is none.
  virtual Status begin_likeness(std::int64_t about) = 0;
  /// `next` fills in the next block and says whether there was one. Blocks and calls come in order
  /// of keys, those of one rule in one call.
  virtual Status write_blocks(const std::function<bool(Block&)>& next) = 0;
  virtual Status write_likely(std::span<const Likely> likely) = 0;
  /// All live records of people and organizations count as compared.
  virtual Status finish_likeness(std::string_view description) = 0;
  /// Those with one of these keys (sorted), by key; keys that nobody has are left out.
  virtual Result<std::vector<Block>> blocks(std::span<const std::uint64_t> keys) = 0;
  /// Blocks with so many members of the rule that `first` is the smallest key of, by key.
  virtual Status scan_blocks(std::uint64_t first, std::int64_t smallest, std::int64_t largest,
                             const std::function<void(Block&)>& each) = 0;
  /// Of these records (sorted), by record; those that are like nobody are left out.
  virtual Result<std::vector<Likely>> likely(std::span<const RecordId> records) = 0;
  /// Those of these records (sorted) that are in the index.
  virtual Result<std::vector<ComparedRecord>> compared(std::span<const RecordId> records) = 0;
  /// Records whose joins differ become dirty.
  virtual Status apply(const LikenessChange& change) = 0;
  /// All decisions by (a, b).
  virtual Result<std::vector<Decision>> decisions() = 0;
  /// `said`: each in place of an earlier one about the same two. `forgotten`: what was said about
  /// these pairs is no longer. All or nothing; their records become dirty.
  virtual Status decide(std::span<const Decision> said, std::span<const Decision> forgotten) = 0;
  /// Every party record becomes dirty (after a change of identity or merge rules).
  virtual Status mark_all_dirty() = 0;
  /// Those of `ids` (sorted) whose record was overwritten with somebody else's data
  /// (owner_change.h): not unified since, or ever.
  enum class Since : std::uint8_t { last_unify, ever };
  virtual Result<std::vector<RecordId>> new_owners(std::span<const RecordId> ids, Since since) = 0;
  /// Records that became somebody else's and that nobody has accepted, greater than `after`,
  /// ascending. Some may no longer be live.
  virtual Result<std::vector<RecordId>> owners_to_review(RecordId after, std::size_t count_max) = 0;
  /// Somebody looked at these: they are somebody else's indeed.
  virtual Status accept_owners(std::span<const RecordId> ids) = 0;

  // activate
  virtual Result<std::vector<ProfileEvent>> events(std::int64_t after, std::size_t count_max) = 0;
  virtual Result<std::int64_t> last_event() = 0;
  virtual Result<std::int64_t> mark(std::string_view destination) = 0;  // 0 = never delivered
  virtual Result<std::vector<Profile>> scan_profiles(ProfileId after, std::size_t count_max) = 0;
  virtual Result<std::vector<Delivery>> deliveries(std::string_view destination,
                                                   std::span<const ProfileId> profiles) = 0;
  virtual Result<std::vector<Delivery>> deliveries_in(std::string_view destination,
                                                      DeliveryState state, ProfileId after,
                                                      std::size_t count_max) = 0;
  /// Profiles of which the destination holds something: acknowledged, or with acknowledged fields.
  virtual Result<std::int64_t> delivered_count(std::string_view destination) = 0;
  /// A session is durable at the destination: all its create and update operations that are still
  /// in flight become acknowledged in one statement. Removals stay in flight: each is settled by
  /// itself.
  virtual Status acknowledge_upserts(std::string_view destination, std::string_view session) = 0;
  virtual Status apply(const DeliveryBatch& batch) = 0;

  // activities
  /// Activity records of these actors (sorted), newest first, at most `count_max` in all.
  virtual Result<std::vector<StoredRecord>> activities(std::span<const std::uint64_t> actors,
                                                       std::size_t count_max) = 0;
  /// Visits the live activities among the records with after < id <= last, in order. What is
  /// visited lives until the visit ends.
  virtual Status scan_activities(RecordId after, RecordId last,
                                 const std::function<void(const StoredRecord&)>& visit) = 0;

  // verbs
  virtual Result<std::vector<RecordId>> find_records(std::uint64_t identifier) = 0;
  virtual Result<std::optional<RecordId>> find_record(StreamId stream, Entity entity,
                                                      std::string_view key) = 0;
  virtual Result<std::optional<ProfileId>> find_profile(const Uid& uid) = 0;  // follows aliases
  virtual Result<std::optional<std::string>> raw(RecordId record) = 0;        // kept raw JSON
  virtual Result<std::vector<QuarantineEntry>> quarantine(std::string_view source,
                                                          std::int64_t after,
                                                          std::size_t count_max) = 0;
  virtual Result<std::vector<DeadLetter>> dead_letters(std::string_view destination,
                                                       std::int64_t after,
                                                       std::size_t count_max) = 0;
  /// Their deliveries are tried again (state retry, attempts 0) and the letters are gone.
  virtual Status redrive(std::span<const std::int64_t> dead_letters) = 0;
  virtual Result<std::vector<Withheld>> withheld(std::string_view destination, ProfileId after,
                                                 std::size_t count_max) = 0;
  virtual Status put_run(const RunEntry& run) = 0;
  virtual Result<std::vector<RunEntry>> runs(std::size_t count_max) = 0;  // newest first
  /// Those that began after this one, oldest first. ErrorCode::usage: there is no such run.
  virtual Result<std::vector<RunEntry>> runs_after(std::string_view run, std::size_t count_max) = 0;
  virtual Result<Totals> totals() = 0;
  virtual Result<std::int64_t> profile_count() = 0;
  virtual Result<std::int64_t> waiting_count() = 0;  // records that wait for another

  // history
  /// Forgets what is older, from `place` on, looking at up to about `rows_max` rows, in one
  /// transaction; adds to `forgotten` what went and moves `place`. True: it came round.
  virtual Result<bool> prune(const Cutoffs& cutoffs, PrunePlace& place, std::size_t rows_max,
                             Amounts& forgotten) = 0;
  /// The same without forgetting anything.
  virtual Result<bool> prunable(const Cutoffs& cutoffs, PrunePlace& place, std::size_t rows_max,
                                Amounts& would_go) = 0;
  /// `newest`: how many of the records came last, for HistorySize::newest.
  virtual Result<Sizes> sizes(std::int64_t newest) = 0;

  // small durable values: plugin state, accepted guards, project key
  virtual Result<std::optional<std::string>> value(std::string_view key) = 0;
  virtual Status put_value(std::string_view key, std::string_view value) = 0;

  /// One transaction. usage: nothing is remembered of `from`, or something of `to` already.
  virtual Result<Renamed> rename(const Renaming& renaming) = 0;
  /// Is there anything that rename() would be refused for as `to`?
  virtual Result<bool> remembers(Renaming::Kind kind, std::string_view name,
                                 const std::vector<std::string>& destinations) = 0;
  /// Those that deliveries are remembered of, as deliveries name them.
  virtual Result<std::vector<std::string>> destinations() = 0;
};

/// Opens (and creates or migrates) the project's store. With !read_only it takes the engine lock:
/// a taken lock is ErrorCode::busy and names the owner.
Result<std::unique_ptr<Store>> open(const Options& options, const Clock& clock);

/// Deliveries that were committed as in flight before a SQLite store lost its newest commits, with
/// the tail of its log. open() finds them beside the store, and keeps them as a small value for
/// each destination until they are made sure of: its key, and what it holds, oldest first, by
/// Delivery::key and without a profile.
std::string lost_key(std::string_view destination);
std::string deliveries_text(std::span<const Delivery> deliveries);
std::vector<Delivery> deliveries_from(std::string_view text);
/// Where the time of that open() is kept, in microseconds.
inline constexpr std::string_view lost_at_key = "lost_at";

/// Copies a project's store (SQLite or PostgreSQL, as it is at this moment) into a new SQLite file
/// of mode 0600, whatever was there before. Takes no lock of the project; for trying things out.
Status copy_to_file(const Options& from, const std::string& sqlite_file);
/// The version of the tables that this program writes.
std::int64_t schema_version();

/// The store as it is at this moment as a new file of mode 0600, which is on the disk and was
/// verified when it returns ok; else there is no such file. A writer at work does no harm. usage:
/// something is there already; unsupported: PostgreSQL, which has tools of its own.
Status backup(const Options& from, const std::string& file, const Clock& clock);
/// Such a file becomes the store, once it was copied and the copy verified; returns where the one
/// before it was moved to, empty when there was none. busy: an engine is at work.
Result<std::string> restore(const Options& to, const std::string& file, const Clock& clock);

}  // namespace rondom::store
