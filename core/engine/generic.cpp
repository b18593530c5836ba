#include "engine/generic.h"

#include "engine/record_names.h"

namespace rondom::engine {

namespace {

/// Most generic identifiers show within so many records that they still are.
constexpr std::size_t carriers_first = 200;
constexpr std::size_t carriers_growth = 50;

/// The live records of people and organizations among the first `records_max` that carry the identifier.
Result<bool> is_still_generic(store::Store& store, std::uint64_t identifier,
                              store::GenericIdentifier& counted) {
  for (std::size_t records_max = carriers_first;; records_max *= carriers_growth) {
    const std::uint64_t wanted[] = {identifier};
    RONDOM_TRY_ASSIGN(const auto postings, store.postings(wanted, records_max));
    std::vector<store::RecordId> ids;
    for (const store::Posting& posting : postings) ids.push_back(posting.record);
    RONDOM_TRY_ASSIGN(const auto records, store.records(ids));
    std::vector<resolve::Candidate> candidates;
    for (const store::StoredRecord& record : records) {
      if (!record.live || !is_party(record.entity)) continue;
      candidates.push_back({record.id, record.entity, {}, {}, record.canonical});
    }
    counted.records = static_cast<std::int64_t>(candidates.size());
    counted.people =
        static_cast<std::int64_t>(resolve::people_among(candidates, counted.name_space));
    const bool too_many =
        counted.people > static_cast<std::int64_t>(limits::people_per_identifier_again);
    if (too_many || postings.size() < records_max) return too_many;
  }
}

}  // namespace

Status reconsider_generic(const UnifyJob& job, store::Store& store, UnifyReport& report) {
  RONDOM_TRY_ASSIGN(const std::int64_t dirty, store.dirty_count());
  if (dirty == 0) return {};
  RONDOM_TRY_ASSIGN(auto generic, store.generic_identifiers());
  std::vector<std::uint64_t> lifted;
  for (store::GenericIdentifier& one : generic) {
    if (job.cancel != nullptr && job.cancel->requested()) {
      return {ErrorCode::cancelled, "stopped on request; the next run continues here"};
    }
    RONDOM_TRY_ASSIGN(const bool still, is_still_generic(store, one.identifier, one));
    if (still) continue;
    lifted.push_back(one.identifier);
    report.no_longer_generic.push_back(std::move(one));
  }
  return store.lift_generic(lifted);
}

}  // namespace rondom::engine
