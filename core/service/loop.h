// loop: the supervisor's inside. Private to supervisor*.cpp.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "service/configurations.h"
#include "service/courier.h"
#include "service/engines.h"
#include "service/memory_file.h"
#include "service/planner.h"
#include "service/supervisor.h"
#include "store/engine_lock.h"

namespace rondom::service {

/// How one job did since the service started.
struct JobTally {
  std::int64_t runs = 0, failures = 0, missed = 0;
  bool told_waiting = false;  // that another engine is in the way
};

class Loop final : public Supervisor {
 public:
  Loop(SupervisorOptions options, std::unique_ptr<store::EngineLock> lock);
  ~Loop() override;

  Status prepare();
  Status run() override;

  ServiceState state() const override;
  Status trigger(const Trigger& trigger) override;
  Status pause(std::string_view job) override;
  Status resume(std::string_view job) override;
  Status reload() override;
  Status cancel(std::string_view job) override;
  Status rename(std::string_view job, std::string_view to) override;
  void see(const std::vector<StreamState>& streams) override;

 private:
  std::string memory_path() const { return options_.state + "/service.json"; }
  PlannerOptions planner_options() const;
  Status remember();
  void remember_or_say();
  Status changed(Status outcome, Event event, std::string_view job);

  std::optional<Timestamp> start_due();
  void start(const Start& start);
  void finish(const FinishedEngine& finished);
  void notify(std::vector<Notice> notices);
  void say_status();
  std::string status_text() const;
  int wait_milliseconds(std::optional<Timestamp> look_again, std::int64_t now) const;
  bool hear_signals();
  void stop(int signal);
  void reload_on_signal();
  void take_over(TakenConfiguration taken);
  Status reject(const Error& error);
  ServiceState described() const;
  /// What state() tells from now on. Called with mutex_ held, before anything is said of what has
  /// changed.
  void tell();
  void wake();
  void show_life();

  const SupervisorOptions options_;
  const Clock& clock_;
  EventLog& log_;
  const Notifier& notifier_;
  std::unique_ptr<store::EngineLock> lock_;
  Courier courier_;
  int signals_ = -1, wake_ = -1;
  std::int64_t next_sign_ = 0;
  Timestamp started_at_ = 0;

  std::mutex reload_mutex_;  // one reload at a time; taken before mutex_
  Configurations configurations_;
  std::thread reloader_;
  std::mutex wish_mutex_;  // of the next two
  bool reload_wanted_ = false, reloading_ = false;

  mutable std::mutex mutex_;  // of all below
  TakenConfiguration taken_;
  Timestamp taken_at_ = 0;
  std::int64_t reloads_ = 0, failed_reloads_ = 0;
  std::string reload_error_;
  Planner planner_;
  Engines engines_;
  ServiceMemory memory_, remembered_;
  std::map<std::string, JobTally, std::less<>> tallies_;
  std::string said_status_;
  std::atomic<bool> stopping_{false};
  bool at_once_ = false;

  mutable std::mutex
      told_mutex_;  // of what follows; taken last, and never held while something is waited for
  std::shared_ptr<const ServiceState> told_;
};

}  // namespace rondom::service
