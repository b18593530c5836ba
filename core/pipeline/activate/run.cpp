#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/activate/deliverer.h"
#include "pipeline/activate/guard.h"
#include "pipeline/activate/planner.h"
#include "pipeline/activate/recover.h"
#include "pipeline/activate/settle.h"

namespace rondom::activate {
namespace {

/// Planned batches of a counting pass, kept while they are few, so that a usual run plans once.
class Kept {
 public:
  static constexpr std::size_t entries_max = 50'000;

  void add(PlannedBatch&& batch) {
    entries_ += batch.operations.size() + batch.withheld.size() + batch.not_withheld.size() +
                batch.erased.size() + batch.rows.size();
    complete_ = complete_ && entries_ <= entries_max;
    if (complete_) {
      batches_.push_back(std::move(batch));
    } else {
      batches_.clear();
    }
  }
  /// Is everything of the pass here?
  bool complete() const { return complete_; }
  std::vector<PlannedBatch>& batches() { return batches_; }

 private:
  std::vector<PlannedBatch> batches_;
  std::size_t entries_ = 0;
  bool complete_ = true;
};

/// Batches planned ahead of the one that is being delivered.
constexpr std::size_t batches_ahead_max = 2;

class Passes {
 public:
  Passes(const Definition& definition, store::Store& store, const Options& options,
         const Work& work, const Cancel& cancel)
      : definition_(definition), store_(store), options_(options), work_(work), cancel_(cancel) {}

  /// Counts what would be done and stops it when that is too much. Writes nothing.
  Status check_guard();
  Status deliver(Deliverer& deliverer);
  /// After a guard: were there withdrawals among what it stopped? They are exempt.
  bool has_exempt() const { return exempt_ > 0; }
  /// Delivers these and nothing else.
  Status deliver_exempt(Deliverer& deliverer);
  /// When time alone changes what the last pass planned.
  Timestamp changes_at() const { return changes_at_; }

 private:
  Status each_batch(store::Store& store, const Planner::Take& take);
  Status plan_ahead(store::Store& reader, Deliverer& deliverer);

  const Definition& definition_;
  store::Store& store_;
  const Options options_;
  const Work& work_;
  const Cancel& cancel_;
  std::optional<Kept> kept_;
  std::int64_t exempt_ = 0;
  Timestamp changes_at_ = no_time;  // written by whoever plans, read after that
};

/// Batches without what the store says already.
Status Passes::each_batch(store::Store& store, const Planner::Take& take) {
  WithheldReader withheld(definition_, store);
  Planner planner(definition_, store, options_);
  Status planned = planner.each_batch(work_, &cancel_, [&](PlannedBatch& batch) -> Status {
    if (work_.full && !batch.of_gone) RONDOM_TRY(withheld.keep_changes(batch));
    return take(batch);
  });
  changes_at_ = planner.changes_at();
  return planned;
}

Status Passes::check_guard() {
  Totals totals;
  RONDOM_TRY_ASSIGN(totals.acknowledged, store_.delivered_count(definition_.name));
  const std::int64_t looked_at =
      work_.full ? totals.acknowledged : static_cast<std::int64_t>(work_.changed.size());
  if (!may_trip(definition_, totals.acknowledged,
                looked_at + static_cast<std::int64_t>(work_.gone.size()))) {
    return {};
  }
  Kept kept;
  RONDOM_TRY(each_batch(store_, [&](PlannedBatch& batch) {
    totals.add(batch);
    kept.add(std::move(batch));
    return Status();
  }));
  if (kept.complete()) kept_ = std::move(kept);
  exempt_ = totals.withdrawn;
  const std::optional<Guard> guard = guard_for(definition_, totals, true);
  if (!guard || definition_.job->accepted_guard == guard->id) return {};
  return Error{ErrorCode::guarded, guard->message, guard->id};
}

/// Plans on a thread of its own, which only reads, while this one writes, sends and acknowledges.
/// What a batch changes concerns its own profiles only, so reading behind it loses nothing.
Status Passes::plan_ahead(store::Store& reader, Deliverer& deliverer) {
  BoundedQueue<PlannedBatch> planned(batches_ahead_max);
  Status planning;
  std::thread planner([&] {
    try {
      planning = each_batch(reader, [&](PlannedBatch& batch) -> Status {
        if (planned.put(std::move(batch))) return {};
        return {ErrorCode::cancelled, "delivery ended before planning did"};
      });
    } catch (const std::exception& defect) {
      planning = {ErrorCode::internal, std::string("planning failed: ") + defect.what()};
    }
    planned.finish();
  });
  Status delivering;
  while (auto batch = planned.take()) {
    delivering = deliverer.take(*batch);
    if (delivering.ok()) continue;
    planned.close();
    break;
  }
  planner.join();
  RONDOM_TRY(delivering);
  return planning;
}

Status Passes::deliver(Deliverer& deliverer) {
  if (!kept_) {
    if (work_.full) {
      const Result<std::unique_ptr<store::Store>> reader = store_.open_reader();
      if (reader.ok()) return plan_ahead(**reader, deliverer);
    }
    return each_batch(store_, [&](PlannedBatch& batch) { return deliverer.take(batch); });
  }
  for (PlannedBatch& batch : kept_->batches()) RONDOM_TRY(deliverer.take(batch));
  return {};
}

Status Passes::deliver_exempt(Deliverer& deliverer) {
  const auto take = [&](PlannedBatch& batch) {
    std::erase_if(batch.operations, [](const PlannedOperation& one) { return !one.exempt; });
    // Whose contact a survivor takes over is settled before anything is said about it.
    if (!batch.of_gone) batch.rows.clear();
    if (!batch.of_gone) batch.erased.clear();
    batch.withheld.clear();
    batch.not_withheld.clear();
    batch.counts = {};
    return deliverer.take(batch);
  };
  if (!kept_) return each_batch(store_, take);
  for (PlannedBatch& batch : kept_->batches()) RONDOM_TRY(take(batch));
  return {};
}

/// The destination has seen everything up to the work's mark.
Status finish(const Definition& definition, store::Store& store, const Work& work,
              Timestamp changes_at) {
  const std::string when = changes_at == no_time ? std::string() : std::to_string(changes_at);
  RONDOM_TRY(store.put_value(changes_at_key(definition), when));
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
  RONDOM_TRY(recover_lost(definition, store, counts));
  RONDOM_TRY(settle_unfinished(definition, store, destination, cancel, counts));
  const Options options{.describe = false, .resend_unknown = destination.info().idempotent_upsert};
  RONDOM_TRY_ASSIGN(const Work work, collect_work(definition, store, options.resend_unknown));
  Passes passes(definition, store, options, work, cancel);
  Status guard = passes.check_guard();
  const bool guarded = !guard.ok() && guard.error().code == ErrorCode::guarded;
  if (!guard.ok() && !(guarded && passes.has_exempt())) return guard;
  Deliverer deliverer(definition, store, destination, cancel, counts, progress);
  RONDOM_TRY(deliverer.open());
  const Status delivered = guarded ? passes.deliver_exempt(deliverer) : passes.deliver(deliverer);
  const Status closed = deliverer.close();
  RONDOM_TRY(delivered);
  RONDOM_TRY(closed);
  RONDOM_TRY(guard);
  return finish(definition, store, work, earlier(work.changes_at, passes.changes_at()));
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
