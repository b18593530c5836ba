// supervisor: the loop of the service. Starts what the planner says, hears what engines and people
// say, remembers, and ends in order.
//
// run() belongs to the thread that called open(); what Control offers may be called from any. The
// supervisor opens no store and runs no plugin.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/base.h"
#include "service/configurations.h"
#include "service/events.h"
#include "service/notify.h"
#include "service/service.h"

namespace rondom::service {

struct SupervisorOptions {
  std::string root;   // the project folder, absolute
  std::string state;  // the folder of its state, absolute
  std::string version;
  std::string program = "/proc/self/exe";  // whose `run JOB` is the engine
  std::vector<std::string> environment;    // of engines
  ConfigurationLoader load;
  const Clock* clock = nullptr;  // these four must live longer
  Random* random = nullptr;
  EventLog* log = nullptr;
  const Notifier* notifier = nullptr;
};

class Supervisor : public Control {
 public:
  /// Takes the project: no other service has it. Reads and checks its configuration. From here on
  /// the calling thread, and all that it starts, leave SIGTERM, SIGINT and SIGHUP to run().
  /// ErrorCode::busy: another service has the project, by name; bad_config; bad_state; unavailable.
  static Result<std::unique_ptr<Supervisor>> open(SupervisorOptions options);

  /// Until it is asked to stop (SIGTERM, SIGINT): jobs that run come to a safe point, for at most
  /// serve.shutdown_after. A second signal ends them and it at once: ErrorCode::cancelled.
  virtual Status run() = 0;
};

}  // namespace rondom::service
