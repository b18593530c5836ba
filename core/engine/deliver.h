// deliver: segment → activate for one destination job. Private to the engine.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/connections.h"
#include "engine/engine.h"
#include "engine/ingest.h"
#include "pipeline/activate/activate.h"

namespace rondom::engine {

struct DeliverJob {
  const config::Project* project = nullptr;
  const config::Job* job = nullptr;
  std::string run;
  Timestamp as_of = no_time;
  const RunOptions* options = nullptr;
  const Surroundings* surroundings = nullptr;
  StageTimers* timers = nullptr;
};

/// capture replaces sending, except that the file connector always writes.
bool captures(const config::Project& project, const config::Job& job);

/// Delivers (or captures) and fills report.deliveries; ErrorCode::guarded sets report.guard_id.
Status deliver(const DeliverJob& job, const Connections& connections, store::Store& store,
               JobReport& report);

/// What deliver() would do now, for `plan`. Writes nothing.
struct DeliveryPlan {
  DeliveryReport report;
  std::vector<activate::PlannedChange> changes;
  std::optional<activate::Guard> guard;
  struct FunnelLine {
    std::string line;
    std::int64_t left = 0;  // profiles still in after this line
  };
  std::int64_t profiles = 0;
  std::vector<FunnelLine> funnel;
  std::int64_t held = 0;     // profiles of which the destination holds something
  std::int64_t waiting = 0;  // operations whose fate is open or that are to be tried again
  std::map<std::string, std::int64_t> withheld_before;  // as the last run left it
};
Result<DeliveryPlan> plan_delivery(const DeliverJob& job, store::Store& store,
                                   std::size_t changes_max);

}  // namespace rondom::engine
