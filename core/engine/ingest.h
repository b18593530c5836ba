// ingest: extract → map → normalize → store for one source job.
//
// Three kinds of threads: the source's own (pushes, feels back-pressure), map workers (parse, skip
// what is unchanged, map, clean) and the writer, which is the caller: it applies batches in the
// source's order, each in one transaction with its checkpoints.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/plans.h"

namespace rondom::engine {

/// Busy time of a stage, summed over threads.
class StageTimers {
 public:
  void add(std::string_view stage, std::int64_t microseconds);
  std::vector<StageTime> times() const;

 private:
  struct Entry {
    std::string stage;
    std::int64_t microseconds = 0;
  };
  std::vector<Entry> entries_;
};

struct IngestJob {
  const config::Project* project = nullptr;
  const config::Job* job = nullptr;
  const std::vector<StreamPlan>* plans = nullptr;
  std::string run;
  const RunOptions* options = nullptr;
  const Surroundings* surroundings = nullptr;
  StageTimers* timers = nullptr;
  store::Cutoffs leave_out{};  // activities that are too old to be kept
};

/// Reads the job's streams from `source` into `store`. `report` is filled as far as it came, also
/// on failure. ErrorCode::guarded: a full refresh would tombstone too much; report.guard_id is set.
Status ingest(const IngestJob& job, plugin::Source& source, store::Store& store, JobReport& report);

/// Up to this many records may vanish from a stream whatever their share, unless nothing is left.
inline constexpr std::int64_t guard_floor_records = 20;

}  // namespace rondom::engine
