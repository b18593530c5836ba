#include "engine/generic.h"

#include "engine/record_names.h"

namespace rondom::engine {

namespace {

/// Most generic identifiers show within so few records that they still are.
constexpr std::size_t carriers_first = 200;
constexpr std::size_t carriers_per_look = 2'000;

/// The live records of people and organizations that carry the identifier, until it is certain.
Result<bool> is_still_generic(store::Store& store, const Cancel* cancel,
                              store::GenericIdentifier& counted) {
  resolve::PeopleCount people(counted.name_space);
  std::int64_t parties = 0;
  store::RecordId last = 0;
  for (std::size_t records_max = carriers_first;; records_max = carriers_per_look) {
    if (cancel != nullptr && cancel->requested()) {
      return Error{ErrorCode::cancelled, "stopped on request; the next run continues here"};
    }
    RONDOM_TRY_ASSIGN(const auto ids, store.carriers(counted.identifier, last, records_max));
    RONDOM_TRY_ASSIGN(const auto records, store.contents(ids));
    std::vector<resolve::Candidate> candidates;
    for (const store::StoredRecord& record : records) {
      if (!record.live || !is_party(record.entity)) continue;
      candidates.push_back({record.id, record.entity, {}, {}, record.canonical});
    }
    parties += static_cast<std::int64_t>(candidates.size());
    resolve::add_people(candidates, people);
    if (people.people() > limits::people_per_identifier_again) return true;
    if (ids.size() < records_max) break;
    last = ids.back();
  }
  counted.records = parties;
  counted.people = static_cast<std::int64_t>(people.people());
  return false;
}

}  // namespace

Status reconsider_generic(const UnifyJob& job, store::Store& store, UnifyReport& report) {
  RONDOM_TRY_ASSIGN(const std::int64_t dirty, store.dirty_count());
  if (dirty == 0) return {};
  RONDOM_TRY_ASSIGN(auto generic, store.generic_identifiers());
  std::vector<std::uint64_t> lifted;
  for (store::GenericIdentifier& one : generic) {
    RONDOM_TRY_ASSIGN(const bool still, is_still_generic(store, job.cancel, one));
    if (still) continue;
    lifted.push_back(one.identifier);
    report.no_longer_generic.push_back(std::move(one));
  }
  return store.lift_generic(lifted);
}

}  // namespace rondom::engine
