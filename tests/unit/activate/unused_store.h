// What activate never asks of a store, for the in-memory store of these tests.
#pragma once

#include "store/store.h"

namespace rondom::activate::test {

using namespace rondom::store;  // NOLINT: the signatures of Store

class UnusedStore : public store::Store {
 public:
  using store::Store::apply;
  Result<std::unique_ptr<Store>> open_reader() const override { return not_here(); }
  Status verify(std::vector<std::string>&) override { return not_here(); }
  Result<Stream> stream(std::string_view, std::string_view, std::string_view) override {
    return not_here();
  }
  Result<std::vector<Stream>> streams() override { return not_here(); }
  Result<std::vector<KnownRow>> known(StreamId, std::span<const std::uint64_t>) override {
    return not_here();
  }
  Result<std::vector<RecordId>> new_owners(std::span<const RecordId>, Since) override {
    return not_here();
  }
  Status accept_owners(std::span<const RecordId>) override { return not_here(); }
  Status replace_alike(std::span<const Alike>) override { return not_here(); }
  Result<std::optional<std::string>> likeness_description() override { return not_here(); }
  Status begin_likeness(std::int64_t) override { return not_here(); }
  Status write_blocks(const std::function<bool(Block&)>&) override { return not_here(); }
  Status write_likely(std::span<const Likely>) override { return not_here(); }
  Status finish_likeness(std::string_view) override { return not_here(); }
  Result<std::vector<Block>> blocks(std::span<const std::uint64_t>) override { return not_here(); }
  Status scan_blocks(std::uint64_t, std::int64_t, std::int64_t,
                     const std::function<void(Block&)>&) override {
    return not_here();
  }
  Result<std::vector<StoredRecord>> contents(std::span<const RecordId>) override {
    return not_here();
  }
  Result<std::vector<Likely>> likely(std::span<const RecordId>) override { return not_here(); }
  Result<std::vector<ComparedRecord>> compared(std::span<const RecordId>) override {
    return not_here();
  }
  Status apply(const LikenessChange&) override { return not_here(); }
  Result<std::vector<Alike>> alike(std::span<const RecordId>) override { return not_here(); }
  Status scan_alike(const std::function<Status(std::span<const Alike>)>&) override {
    return not_here();
  }
  Result<std::vector<Decision>> decisions() override { return not_here(); }
  Status decide(std::span<const Decision>, std::span<const Decision>) override {
    return not_here();
  }
  Result<StreamCounts> apply(const IngestBatch&) override { return not_here(); }
  Result<KeptRecords> outdated(StreamId, std::uint64_t, RecordId, std::size_t) override {
    return not_here();
  }
  Result<std::optional<std::string>> checkpoint(std::string_view, std::string_view) override {
    return not_here();
  }
  Status forget_checkpoints(std::string_view) override { return not_here(); }
  Result<std::vector<std::string>> destinations() override { return not_here(); }
  Result<store::Renamed> rename(const store::Renaming&) override { return not_here(); }
  Result<bool> remembers(store::Renaming::Kind, std::string_view,
                         const std::vector<std::string>&) override {
    return not_here();
  }
  Result<std::vector<JobCheckpoint>> checkpoints() override { return not_here(); }
  Result<Refresh> begin_refresh(StreamId, std::string_view, bool) override { return not_here(); }
  Result<std::optional<Refresh>> unfinished_refresh(StreamId) override { return not_here(); }
  Result<RefreshEnd> count_unseen(StreamId) override { return not_here(); }
  Result<std::int64_t> end_refresh(StreamId, std::string_view) override { return not_here(); }
  Status release_quarantine(std::span<const std::int64_t>) override { return not_here(); }
  Result<std::vector<store::QuarantineEntry>> released(std::int64_t, std::size_t) override {
    return not_here();
  }
  Result<std::int64_t> dirty_count() override { return not_here(); }
  Result<std::int64_t> index_postings(std::size_t,
                                      const std::function<bool(std::uint64_t)>&) override {
    return not_here();
  }
  Result<std::int64_t> link_references(std::size_t) override { return not_here(); }
  Result<std::vector<WaitingReference>> waiting_references(RecordId, std::size_t) override {
    return not_here();
  }
  Result<std::vector<RecordId>> referring_records(std::span<const std::string>,
                                                  std::size_t) override {
    return not_here();
  }
  Result<std::vector<RecordId>> dirty_records(RecordId, std::size_t) override { return not_here(); }
  Result<std::vector<RecordId>> carriers(std::uint64_t, RecordId, std::size_t) override {
    return not_here();
  }
  Status scan_postings(const std::function<Status(std::span<const Posting>)>&) override {
    return not_here();
  }
  Result<RecordId> last_record_id() override { return not_here(); }
  Result<ProfileId> next_profile_id() override { return not_here(); }
  Status index_uids() override { return not_here(); }
  Result<std::vector<bool>> uids_taken(std::span<const Uid>) override { return not_here(); }
  Result<std::vector<GenericIdentifier>> generic_identifiers() override { return not_here(); }
  Status lift_generic(std::span<const std::uint64_t>) override { return not_here(); }
  Status apply(const UnifyBatch&) override { return not_here(); }
  Status mark_all_dirty() override { return not_here(); }
  Status scan_activities(RecordId, RecordId,
                         const std::function<void(const StoredRecord&)>&) override {
    return not_here();
  }
  Result<std::vector<StoredRecord>> activities(std::span<const std::uint64_t>,
                                               std::size_t) override {
    return not_here();
  }
  Result<std::vector<RecordId>> find_records(std::uint64_t) override { return not_here(); }
  Result<std::optional<RecordId>> find_record(StreamId, Entity, std::string_view) override {
    return not_here();
  }
  Result<std::optional<ProfileId>> find_profile(const Uid&) override { return not_here(); }
  Result<std::optional<std::string>> raw(RecordId) override { return not_here(); }
  Result<std::vector<QuarantineEntry>> quarantine(std::string_view, std::int64_t,
                                                  std::size_t) override {
    return not_here();
  }
  Status redrive(std::span<const std::int64_t>) override { return not_here(); }
  Status put_run(const RunEntry&) override { return not_here(); }
  Result<std::vector<RunEntry>> runs(std::size_t) override { return not_here(); }
  Result<std::vector<RunEntry>> runs_after(std::string_view, std::size_t) override {
    return not_here();
  }
  Result<Totals> totals() override { return not_here(); }
  Result<std::int64_t> profile_count() override { return not_here(); }
  Result<std::int64_t> waiting_count() override { return not_here(); }
  Result<bool> prune(const Cutoffs&, PrunePlace&, std::size_t, Amounts&) override {
    return not_here();
  }
  Result<bool> prunable(const Cutoffs&, PrunePlace&, std::size_t, Amounts&) override {
    return not_here();
  }
  Result<Sizes> sizes(std::int64_t) override { return not_here(); }

 private:
  static Error not_here() { return {ErrorCode::unsupported, "activate does not use this"}; }
};

}  // namespace rondom::activate::test
