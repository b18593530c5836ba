#include "pipeline/activate/deliverer.h"
#include "pipeline/activate/guard.h"
#include "pipeline/activate/planner.h"
#include "pipeline/activate/settle.h"

namespace rondom::activate {
namespace {

/// Counts what would be done and stops it when that is too much. Writes nothing.
Status check_guard(const Definition& definition, store::Store& store, const Work& work,
                   const Options& options, const Cancel& cancel) {
  Totals totals;
  RONDOM_TRY_ASSIGN(totals.acknowledged, store.delivered_count(definition.name));
  const std::int64_t looked_at =
      work.full ? totals.acknowledged : static_cast<std::int64_t>(work.changed.size());
  if (!may_trip(definition, totals.acknowledged,
                looked_at + static_cast<std::int64_t>(work.gone.size()))) {
    return {};
  }
  Planner planner(definition, store, options);
  RONDOM_TRY(planner.each_batch(work, &cancel, [&](PlannedBatch& batch) {
    totals.add(batch);
    return Status();
  }));
  const std::optional<Guard> guard = guard_for(definition, totals);
  if (!guard || definition.job->accepted_guard == guard->id) return {};
  return Error{ErrorCode::guarded, guard->message, guard->id};
}

Status deliver(const Definition& definition, store::Store& store, const Work& work,
               const Options& options, const Cancel& cancel, Deliverer& deliverer) {
  WithheldReader withheld(definition, store);
  Planner planner(definition, store, options);
  return planner.each_batch(work, &cancel, [&](PlannedBatch& batch) -> Status {
    if (work.full && !batch.of_gone) RONDOM_TRY(withheld.keep_changes(batch));
    return deliverer.take(batch);
  });
}

/// The destination has seen everything up to the work's mark.
Status finish(const Definition& definition, store::Store& store, const Work& work) {
  store::DeliveryBatch batch;
  batch.destination = definition.name;
  batch.run = definition.job->run;
  batch.mark = work.mark;
  RONDOM_TRY(store.apply(batch));
  return store.put_value(definition_key(definition), hex64(definition.fingerprint));
}

Status run_definition(const Definition& definition, store::Store& store,
                      plugin::Destination& destination, const Cancel& cancel, Counts& counts,
                      const std::function<void(const Counts&)>& progress) {
  RONDOM_TRY(settle_unfinished(definition, store, destination, cancel, counts));
  const Options options{.describe = false, .resend_unknown = destination.info().idempotent_upsert};
  RONDOM_TRY_ASSIGN(const Work work, collect_work(definition, store, options.resend_unknown));
  RONDOM_TRY(check_guard(definition, store, work, options, cancel));
  Deliverer deliverer(definition, store, destination, cancel, counts, progress);
  RONDOM_TRY(deliverer.open());
  const Status delivered = deliver(definition, store, work, options, cancel, deliverer);
  const Status closed = deliverer.close();
  RONDOM_TRY(delivered);
  RONDOM_TRY(closed);
  return finish(definition, store, work);
}

}  // namespace

Status run(const Job& job, store::Store& store, plugin::Destination& destination,
           const Cancel& cancel, Counts& counts,
           const std::function<void(const Counts&)>& progress) {
  RONDOM_TRY_ASSIGN(const Definition definition, make_definition(job));
  const Status done = run_definition(definition, store, destination, cancel, counts, progress);
  const Result<std::int64_t> unknown = count_unknown(definition, store);
  if (unknown.ok()) counts.unknown = *unknown;
  RONDOM_TRY(done);
  return unknown.status();
}

}  // namespace rondom::activate
