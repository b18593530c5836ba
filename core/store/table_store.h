// TableStore: the one implementation of Store, over any Database. Private (tests open it directly).
//
// Owns the database connection, the engine lock and the catalog. Every change runs in transact():
// begin, work, catalog, commit; on any failure everything is rolled back and the catalog is read
// again before it is used next.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/catalog.h"
#include "store/database.h"
#include "store/engine_lock.h"
#include "store/key_state.h"
#include "store/known_cache.h"
#include "store/recent_postings.h"
#include "store/sent_log.h"
#include "store/store.h"

namespace rondom::store {

/// Brings the schema to the newest of `steps`. read_only: only checks. bad_state when the store is
/// newer than the program, or (read_only) older.
Status migrate(Database& database, std::span<const Migration> steps, bool read_only, Timestamp now);
/// 0: it has no tables yet.
Result<std::int64_t> schema_version_of(Database& database);
/// Copies a SQLite store; the copy is there whole and on the disk, or not at all.
Status copy_durably(const std::string& from, const std::string& to);

class TableStore final : public Store {
 public:
  /// Takes an opened database whose schema is up to date. `lock` may be null.
  static Result<std::unique_ptr<Store>> open(std::unique_ptr<Database> database,
                                             std::unique_ptr<EngineLock> lock, bool read_only);

  /// With what a destination was told in commits that the database no longer has. Once, before
  /// anything else.
  Status remember_sent(std::unique_ptr<SentLog> sent, Timestamp now);
  ~TableStore() override;

  Result<std::unique_ptr<Store>> open_reader() const override;
  Status verify(std::vector<std::string>& problems) override;

  Result<Stream> stream(std::string_view source, std::string_view name,
                        std::string_view job) override;
  Result<std::vector<Stream>> streams() override;
  Result<std::vector<KnownRow>> known(StreamId stream,
                                      std::span<const std::uint64_t> key_hashes) override;
  Result<StreamCounts> apply(const IngestBatch& batch) override;
  Result<KeptRecords> outdated(StreamId stream, std::uint64_t map_fingerprint, RecordId after,
                               std::size_t records_max) override;
  Result<std::optional<std::string>> checkpoint(std::string_view job,
                                                std::string_view scope) override;
  Result<std::vector<JobCheckpoint>> checkpoints() override;
  Status forget_checkpoints(std::string_view job) override;
  Result<Refresh> begin_refresh(StreamId stream, std::string_view token, bool resume) override;
  Result<std::optional<Refresh>> unfinished_refresh(StreamId stream) override;
  Result<RefreshEnd> count_unseen(StreamId stream) override;
  Result<std::int64_t> end_refresh(StreamId stream, std::string_view run) override;
  Status release_quarantine(std::span<const std::int64_t> ids) override;
  Result<std::vector<QuarantineEntry>> released(std::int64_t after, std::size_t count_max) override;

  Result<std::int64_t> dirty_count() override;
  Result<std::int64_t> index_postings(
      std::size_t records_max, const std::function<bool(std::uint64_t identifier)>& joins) override;
  Result<std::int64_t> link_references(std::size_t records_max) override;
  Result<std::vector<RecordId>> referring_records(std::span<const std::string> names,
                                                  std::size_t records_max) override;
  Result<std::vector<WaitingReference>> waiting_references(RecordId after,
                                                           std::size_t records_max) override;
  Result<std::vector<RecordId>> dirty_records(RecordId after, std::size_t records_max) override;
  Result<std::vector<Posting>> postings(std::span<const std::uint64_t> identifiers,
                                        std::size_t records_max) override;
  Result<std::vector<RecordId>> carriers(std::uint64_t identifier, RecordId after,
                                         std::size_t records_max) override;
  Status scan_postings(const std::function<Status(std::span<const Posting>)>& chunk) override;
  Result<RecordId> last_record_id() override;
  Result<std::vector<StoredRecord>> records(std::span<const RecordId> ids) override;
  Result<std::vector<StoredRecord>> contents(std::span<const RecordId> ids) override;
  Result<std::vector<Profile>> profiles(std::span<const ProfileId> ids) override;
  Result<ProfileId> next_profile_id() override;
  Status index_uids() override;
  Result<std::vector<bool>> uids_taken(std::span<const Uid> uids) override;
  Result<std::vector<GenericIdentifier>> generic_identifiers() override;
  Result<std::vector<std::pair<ProfileId, std::int64_t>>> partings(
      std::span<const ProfileId> profiles) override;
  Status lift_generic(std::span<const std::uint64_t> identifiers) override;
  Status apply(const UnifyBatch& batch) override;
  Status mark_all_dirty() override;
  Result<std::vector<RecordId>> new_owners(std::span<const RecordId> ids, Since since) override;
  Result<std::vector<RecordId>> owners_to_review(RecordId after, std::size_t count_max) override;
  Status accept_owners(std::span<const RecordId> ids) override;
  Status replace_alike(std::span<const Alike> now) override;
  Result<std::vector<Alike>> alike(std::span<const RecordId> records) override;
  Status scan_alike(const std::function<Status(std::span<const Alike>)>& chunk) override;
  Result<std::optional<std::string>> likeness_description() override;
  Status begin_likeness(std::int64_t about) override;
  Status write_blocks(const std::function<bool(Block&)>& next) override;
  Status write_likely(std::span<const Likely> likely) override;
  Status finish_likeness(std::string_view description) override;
  Result<std::vector<Block>> blocks(std::span<const std::uint64_t> keys) override;
  Status scan_blocks(std::uint64_t first, std::int64_t smallest, std::int64_t largest,
                     const std::function<void(Block&)>& each) override;
  Result<std::vector<Likely>> likely(std::span<const RecordId> records) override;
  Result<std::vector<ComparedRecord>> compared(std::span<const RecordId> records) override;
  Status apply(const LikenessChange& change) override;
  Result<std::vector<Decision>> decisions() override;
  Status decide(std::span<const Decision> said, std::span<const Decision> forgotten) override;

  Result<std::vector<ProfileEvent>> events(std::int64_t after, std::size_t count_max) override;
  Result<std::int64_t> last_event() override;
  Result<std::int64_t> mark(std::string_view destination) override;
  Result<std::vector<Profile>> scan_profiles(ProfileId after, std::size_t count_max) override;
  Result<std::vector<Delivery>> deliveries(std::string_view destination,
                                           std::span<const ProfileId> profiles) override;
  Result<std::vector<Delivery>> deliveries_in(std::string_view destination, DeliveryState state,
                                              ProfileId after, std::size_t count_max) override;
  Result<std::int64_t> delivered_count(std::string_view destination) override;
  Status acknowledge_upserts(std::string_view destination, std::string_view session) override;
  Status apply(const DeliveryBatch& batch) override;

  Result<std::vector<StoredRecord>> activities(std::span<const std::uint64_t> actors,
                                               std::size_t count_max) override;
  Status scan_activities(RecordId after, RecordId last,
                         const std::function<void(const StoredRecord&)>& visit) override;

  Result<std::vector<RecordId>> find_records(std::uint64_t identifier) override;
  Result<std::optional<RecordId>> find_record(StreamId stream, Entity entity,
                                              std::string_view key) override;
  Result<std::optional<ProfileId>> find_profile(const Uid& uid) override;
  Result<std::optional<std::string>> raw(RecordId record) override;
  Result<std::vector<QuarantineEntry>> quarantine(std::string_view source, std::int64_t after,
                                                  std::size_t count_max) override;
  Result<std::vector<DeadLetter>> dead_letters(std::string_view destination, std::int64_t after,
                                               std::size_t count_max) override;
  Status redrive(std::span<const std::int64_t> dead_letters) override;
  Result<std::vector<Withheld>> withheld(std::string_view destination, ProfileId after,
                                         std::size_t count_max) override;
  Status put_run(const RunEntry& run) override;
  Result<std::vector<RunEntry>> runs(std::size_t count_max) override;
  Result<std::vector<RunEntry>> runs_after(std::string_view run, std::size_t count_max) override;
  Result<Totals> totals() override;
  Result<std::int64_t> profile_count() override;
  Result<std::int64_t> waiting_count() override;

  Result<bool> prune(const Cutoffs& cutoffs, PrunePlace& place, std::size_t rows_max,
                     Amounts& forgotten) override;
  Result<bool> prunable(const Cutoffs& cutoffs, PrunePlace& place, std::size_t rows_max,
                        Amounts& would_go) override;
  Result<Sizes> sizes(std::int64_t newest) override;

  Result<std::optional<std::string>> value(std::string_view key) override;
  Status put_value(std::string_view key, std::string_view value) override;
  Result<Renamed> rename(const Renaming& renaming) override;
  Result<bool> remembers(Renaming::Kind kind, std::string_view name,
                         const std::vector<std::string>& destinations) override;
  Result<std::vector<std::string>> destinations() override;

 private:
  Status mark_carriers_dirty(std::vector<std::uint64_t>& identifiers);
  Result<std::vector<RunEntry>> runs_from(std::vector<Cell> behind, bool newest_first,
                                          std::size_t count_max);
  TableStore(std::unique_ptr<Database> database, std::unique_ptr<EngineLock> lock, bool read_only);

  /// Reads the catalog when it may be out of date: always for readers, after a rollback for
  /// writers.
  Status refresh_catalog();
  Status begin(Durability durability);
  /// Commits when `outcome` is ok, rolls back otherwise.
  Status finish(Status outcome);
  template <typename Work>
  Status transact(Durability durability, Work&& work) {
    RONDOM_TRY(begin(durability));
    return finish(work());
  }
  Error no_such_stream(StreamId stream) const;
  /// Number of a destination, 0 when nothing was ever written for it.
  Result<std::int64_t> destination_number(std::string_view name);

  // refresh.cpp
  /// The next live keys that the running refresh has not seen, from record `after` on; empty = all.
  Result<std::vector<KeyState>> unseen_keys(StreamId stream, RecordId& after);
  Status tombstone(const StreamInfo& stream, std::int64_t generation, std::int64_t run,
                   std::vector<KeyState>& states);

  // verbs.cpp
  QuarantineEntry read_quarantine(std::span<const Cell> row);

  // rename.cpp
  /// Is there a row whose key begins so?
  Result<bool> has_row(const Table& table, Cell begin);
  Status rename_catalog(const Renaming& renaming, Renamed& renamed);
  Status rename_checkpoints(const Renaming& renaming, Renamed& renamed);
  Status rename_values(const Renaming& renaming);
  Status rename_in_reports(const Renaming& renaming, Renamed& renamed);
  Status rename_in_records(const Renaming& renaming, Renamed& renamed);
  Status rename_in_versions(const Renaming& renaming);

  // references.cpp
  Status link(std::span<const RecordId> ids);

  // alike.cpp
  Status mark_dirty(std::span<const RecordId> records);
  /// Writes what differs, and marks dirty whose joins do. Inside a transaction.
  Status change_alike(std::span<const Alike> before, std::span<const Alike> now);

  // likeness.cpp
  Result<std::uint32_t> bucket_bits();
  Status change_blocks(std::span<const Block> blocks);

  // unify.cpp
  /// The first profile whose uid is not indexed, 0 = all are.
  ProfileId first_unindexed_uid() const { return catalog_.next(Counter::unindexed_uids) - 1; }
  Status index_run_of_uids();
  Result<std::optional<ProfileId>> find_unindexed(const Uid& uid);
  Status write_profiles(const UnifyBatch& batch);
  Status write_members(const UnifyBatch& batch);
  Status write_aliases(const UnifyBatch& batch);
  Status write_events(const UnifyBatch& batch);
  Status write_partings(const UnifyBatch& batch);
  Status write_generic(const UnifyBatch& batch);

  // activate.cpp
  SentLog::Entry in_flight_of(const DeliveryBatch& batch) const;
  Status count_sent(const SentLog::Entry& sent);
  Status note_sent(const SentLog::Entry& sent);
  Status write_deliveries(const DeliveryBatch& batch, std::int64_t destination);
  Status add_open(std::int64_t destination, DeliveryState state, ProfileId after,
                  std::size_t count_max, std::vector<ProfileId>& profiles);
  Result<std::vector<Delivery>> acknowledged_deliveries(const DestinationInfo& destination,
                                                        ProfileId after, std::size_t count_max);
  Status rewrite_acknowledged(DestinationInfo& destination);

  // verify.cpp
  Status verify_profiles(std::vector<std::string>& problems);
  Status verify_postings(std::vector<std::string>& problems);
  Status verify_references(std::vector<std::string>& problems);
  Status verify_keys(std::vector<std::string>& problems);
  Status verify_likeness(std::vector<std::string>& problems);
  Status verify_deliveries(std::vector<std::string>& problems);

  std::unique_ptr<EngineLock> lock_;  // released last
  std::unique_ptr<SentLog> sent_;     // null: the server sees to it, or nothing is sent
  std::int64_t sent_number_ = 0;      // of the last commit with something in flight
  std::unique_ptr<Database> database_;
  Catalog catalog_;
  KnownCache known_;
  RecentPostings recent_;
  Arena arena_;
  bool read_only_;
  bool catalog_stale_ = true;
  std::optional<std::int64_t> profiles_;  // how many exist, once the only writer has counted them
};

}  // namespace rondom::store
