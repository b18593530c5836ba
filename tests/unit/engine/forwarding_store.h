// A store that hands every call on to a real one. Tests derive from it to look at what the engine
// writes, to hold a call until something happened, or to let one fail.
#pragma once

#include <memory>
#include <utility>

#include "store/store.h"

namespace rondom::engine::test {

class ForwardingStore : public store::Store {
 public:
  explicit ForwardingStore(store::Store& inner) : inner_(&inner) {}
  explicit ForwardingStore(std::unique_ptr<store::Store> inner)
      : owned_(std::move(inner)), inner_(owned_.get()) {}

  Result<std::unique_ptr<store::Store>> open_reader() const override {
    return inner_->open_reader();
  }
  Result<std::vector<store::KnownRow>> known(store::StreamId stream,
                                             std::span<const std::uint64_t> key_hashes) override {
    return inner_->known(stream, key_hashes);
  }
  Result<store::StreamCounts> apply(const store::IngestBatch& batch) override {
    return inner_->apply(batch);
  }
  Result<std::vector<store::RecordId>> new_owners(std::span<const store::RecordId> ids,
                                                  Since since) override {
    return inner_->new_owners(ids, since);
  }
  Result<std::vector<store::RecordId>> owners_to_review(store::RecordId after,
                                                        std::size_t count_max) override {
    return inner_->owners_to_review(after, count_max);
  }
  Status replace_alike(std::span<const store::Alike> now) override {
    return inner_->replace_alike(now);
  }
  Result<std::vector<store::Alike>> alike(std::span<const store::RecordId> records) override {
    return inner_->alike(records);
  }
  Status scan_alike(const std::function<Status(std::span<const store::Alike>)>& chunk) override {
    return inner_->scan_alike(chunk);
  }
  Result<std::optional<std::string>> likeness_description() override {
    return inner_->likeness_description();
  }
  Status begin_likeness(std::int64_t about) override { return inner_->begin_likeness(about); }
  Status write_blocks(const std::function<bool(store::Block&)>& next) override {
    return inner_->write_blocks(next);
  }
  Status write_likely(std::span<const store::Likely> likely) override {
    return inner_->write_likely(likely);
  }
  Status finish_likeness(std::string_view description) override {
    return inner_->finish_likeness(description);
  }
  Result<std::vector<store::Block>> blocks(std::span<const std::uint64_t> keys) override {
    return inner_->blocks(keys);
  }
  Status scan_blocks(std::uint64_t first, std::int64_t smallest, std::int64_t largest,
                     const std::function<void(store::Block&)>& each) override {
    return inner_->scan_blocks(first, smallest, largest, each);
  }
  Result<std::vector<store::Likely>> likely(std::span<const store::RecordId> records) override {
    return inner_->likely(records);
  }
  Result<std::vector<store::ComparedRecord>> compared(
      std::span<const store::RecordId> records) override {
    return inner_->compared(records);
  }
  Status apply(const store::LikenessChange& change) override { return inner_->apply(change); }
  Result<std::vector<store::Decision>> decisions() override { return inner_->decisions(); }
  Status decide(std::span<const store::Decision> said,
                std::span<const store::Decision> forgotten) override {
    return inner_->decide(said, forgotten);
  }
  Status accept_owners(std::span<const store::RecordId> ids) override {
    return inner_->accept_owners(ids);
  }
  Result<store::KeptRecords> outdated(store::StreamId stream, std::uint64_t map_fingerprint,
                                      store::RecordId after, std::size_t records_max) override {
    return inner_->outdated(stream, map_fingerprint, after, records_max);
  }
  Status apply(const store::UnifyBatch& batch) override { return inner_->apply(batch); }
  Result<std::vector<store::RecordId>> carriers(std::uint64_t identifier, store::RecordId after,
                                                std::size_t records_max) override {
    return inner_->carriers(identifier, after, records_max);
  }
  Status scan_postings(
      const std::function<Status(std::span<const store::Posting>)>& chunk) override {
    return inner_->scan_postings(chunk);
  }
  Status verify(std::vector<std::string>& problems) override { return inner_->verify(problems); }
  Result<store::Stream> stream(std::string_view source, std::string_view name,
                               std::string_view job) override {
    return inner_->stream(source, name, job);
  }
  Result<std::vector<store::Stream>> streams() override { return inner_->streams(); }
  Result<std::optional<std::string>> checkpoint(std::string_view job,
                                                std::string_view scope) override {
    return inner_->checkpoint(job, scope);
  }
  Result<std::vector<store::JobCheckpoint>> checkpoints() override { return inner_->checkpoints(); }
  Result<store::Renamed> rename(const store::Renaming& renaming) override {
    return inner_->rename(renaming);
  }
  Result<bool> remembers(store::Renaming::Kind kind, std::string_view name,
                         const std::vector<std::string>& destinations) override {
    return inner_->remembers(kind, name, destinations);
  }
  Result<std::vector<std::string>> destinations() override { return inner_->destinations(); }
  Status forget_checkpoints(std::string_view job) override {
    return inner_->forget_checkpoints(job);
  }
  Result<store::Refresh> begin_refresh(store::StreamId stream, std::string_view token,
                                       bool resume) override {
    return inner_->begin_refresh(stream, token, resume);
  }
  Result<std::optional<store::Refresh>> unfinished_refresh(store::StreamId stream) override {
    return inner_->unfinished_refresh(stream);
  }
  Result<store::RefreshEnd> count_unseen(store::StreamId stream) override {
    return inner_->count_unseen(stream);
  }
  Result<std::int64_t> end_refresh(store::StreamId stream, std::string_view run) override {
    return inner_->end_refresh(stream, run);
  }
  Status release_quarantine(std::span<const std::int64_t> ids) override {
    return inner_->release_quarantine(ids);
  }
  Result<std::vector<store::QuarantineEntry>> released(std::int64_t after,
                                                       std::size_t count_max) override {
    return inner_->released(after, count_max);
  }
  Result<std::int64_t> dirty_count() override { return inner_->dirty_count(); }
  Result<std::int64_t> index_postings(std::size_t records_max,
                                      const std::function<bool(std::uint64_t)>& joins) override {
    return inner_->index_postings(records_max, joins);
  }
  Result<std::int64_t> link_references(std::size_t records_max) override {
    return inner_->link_references(records_max);
  }
  Result<std::vector<store::WaitingReference>> waiting_references(
      store::RecordId after, std::size_t records_max) override {
    return inner_->waiting_references(after, records_max);
  }
  Result<std::vector<store::RecordId>> referring_records(std::span<const std::string> names,
                                                         std::size_t records_max) override {
    return inner_->referring_records(names, records_max);
  }
  Result<std::vector<store::RecordId>> dirty_records(store::RecordId after,
                                                     std::size_t records_max) override {
    return inner_->dirty_records(after, records_max);
  }
  Result<std::vector<store::Posting>> postings(std::span<const std::uint64_t> identifiers,
                                               std::size_t records_max) override {
    return inner_->postings(identifiers, records_max);
  }
  Result<store::RecordId> last_record_id() override { return inner_->last_record_id(); }
  Result<std::vector<store::StoredRecord>> contents(std::span<const store::RecordId> ids) override {
    return inner_->contents(ids);
  }
  Result<std::vector<store::StoredRecord>> records(std::span<const store::RecordId> ids) override {
    return inner_->records(ids);
  }
  Result<std::vector<store::Profile>> profiles(std::span<const store::ProfileId> ids) override {
    return inner_->profiles(ids);
  }
  Result<store::ProfileId> next_profile_id() override { return inner_->next_profile_id(); }
  Status index_uids() override { return inner_->index_uids(); }
  Result<std::vector<bool>> uids_taken(std::span<const Uid> uids) override {
    return inner_->uids_taken(uids);
  }
  Result<std::vector<store::GenericIdentifier>> generic_identifiers() override {
    return inner_->generic_identifiers();
  }
  Result<std::vector<std::pair<store::ProfileId, std::int64_t>>> partings(
      std::span<const store::ProfileId> profiles) override {
    return inner_->partings(profiles);
  }
  Status lift_generic(std::span<const std::uint64_t> identifiers) override {
    return inner_->lift_generic(identifiers);
  }
  Status mark_all_dirty() override { return inner_->mark_all_dirty(); }
  Result<std::vector<store::ProfileEvent>> events(std::int64_t after,
                                                  std::size_t count_max) override {
    return inner_->events(after, count_max);
  }
  Result<std::int64_t> last_event() override { return inner_->last_event(); }
  Result<std::int64_t> mark(std::string_view destination) override {
    return inner_->mark(destination);
  }
  Result<std::vector<store::Profile>> scan_profiles(store::ProfileId after,
                                                    std::size_t count_max) override {
    return inner_->scan_profiles(after, count_max);
  }
  Result<std::vector<store::Delivery>> deliveries(
      std::string_view destination, std::span<const store::ProfileId> profiles) override {
    return inner_->deliveries(destination, profiles);
  }
  Result<std::vector<store::Delivery>> deliveries_in(std::string_view destination,
                                                     store::DeliveryState state,
                                                     store::ProfileId after,
                                                     std::size_t count_max) override {
    return inner_->deliveries_in(destination, state, after, count_max);
  }
  Result<std::int64_t> delivered_count(std::string_view destination) override {
    return inner_->delivered_count(destination);
  }
  Status acknowledge_upserts(std::string_view destination, std::string_view session) override {
    return inner_->acknowledge_upserts(destination, session);
  }
  Status apply(const store::DeliveryBatch& batch) override { return inner_->apply(batch); }
  Status scan_activities(store::RecordId after, store::RecordId last,
                         const std::function<void(const store::StoredRecord&)>& visit) override {
    return inner_->scan_activities(after, last, visit);
  }
  Result<std::vector<store::StoredRecord>> activities(std::span<const std::uint64_t> actors,
                                                      std::size_t count_max) override {
    return inner_->activities(actors, count_max);
  }
  Result<std::vector<store::RecordId>> find_records(std::uint64_t identifier) override {
    return inner_->find_records(identifier);
  }
  Result<std::optional<store::RecordId>> find_record(store::StreamId stream, Entity entity,
                                                     std::string_view key) override {
    return inner_->find_record(stream, entity, key);
  }
  Result<std::optional<store::ProfileId>> find_profile(const Uid& uid) override {
    return inner_->find_profile(uid);
  }
  Result<std::optional<std::string>> raw(store::RecordId record) override {
    return inner_->raw(record);
  }
  Result<std::vector<store::QuarantineEntry>> quarantine(std::string_view source,
                                                         std::int64_t after,
                                                         std::size_t count_max) override {
    return inner_->quarantine(source, after, count_max);
  }
  Result<std::vector<store::DeadLetter>> dead_letters(std::string_view destination,
                                                      std::int64_t after,
                                                      std::size_t count_max) override {
    return inner_->dead_letters(destination, after, count_max);
  }
  Status redrive(std::span<const std::int64_t> dead_letters) override {
    return inner_->redrive(dead_letters);
  }
  Result<std::vector<store::Withheld>> withheld(std::string_view destination,
                                                store::ProfileId after,
                                                std::size_t count_max) override {
    return inner_->withheld(destination, after, count_max);
  }
  Status put_run(const store::RunEntry& run) override { return inner_->put_run(run); }
  Result<std::vector<store::RunEntry>> runs(std::size_t count_max) override {
    return inner_->runs(count_max);
  }
  Result<std::vector<store::RunEntry>> runs_after(std::string_view run,
                                                  std::size_t count_max) override {
    return inner_->runs_after(run, count_max);
  }
  Result<store::Totals> totals() override { return inner_->totals(); }
  Result<std::int64_t> profile_count() override { return inner_->profile_count(); }
  Result<std::int64_t> waiting_count() override { return inner_->waiting_count(); }
  Result<std::optional<std::string>> value(std::string_view key) override {
    return inner_->value(key);
  }
  Status put_value(std::string_view key, std::string_view value) override {
    return inner_->put_value(key, value);
  }
  Result<bool> prune(const store::Cutoffs& cutoffs, store::PrunePlace& place, std::size_t rows_max,
                     store::Amounts& forgotten) override {
    return inner_->prune(cutoffs, place, rows_max, forgotten);
  }
  Result<bool> prunable(const store::Cutoffs& cutoffs, store::PrunePlace& place,
                        std::size_t rows_max, store::Amounts& would_go) override {
    return inner_->prunable(cutoffs, place, rows_max, would_go);
  }
  Result<store::Sizes> sizes(std::int64_t newest) override { return inner_->sizes(newest); }

 protected:
  std::unique_ptr<store::Store> owned_;
  store::Store* inner_;
};

}  // namespace rondom::engine::test
