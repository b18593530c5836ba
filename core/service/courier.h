// courier: sends notices on threads of its own, so that nothing waits for who is told.
//
// To one receiver they go one after the other, in their order; to several at a time, so that one
// who hangs holds up nobody but himself. A notice that cannot be delivered is logged and counted,
// and stops nothing. So many wait at most, in all and for one; more are not sent, which is logged
// and counted too. Any thread but for the destructor.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/events.h"
#include "service/notice_delivery.h"

namespace rondom::service {

inline constexpr std::size_t notices_waiting_max = 200;
inline constexpr std::size_t notices_waiting_for_one_max = 50;
inline constexpr std::size_t receivers_at_once_max = 8;  // more of them wait for one another

class Courier {
 public:
  /// All but `root` must live longer.
  Courier(const std::string& root, const Clock& clock, Random& random, EventLog& log);
  /// finish(0).
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  /// To each of `notify` who wants to know of it.
  void send(const config::Notify& notify, const std::shared_ptr<const config::Secrets>& secrets,
            const Notice& notice);
  /// What waits has so long to go; then no more is sent. Again: nothing.
  void finish(std::int64_t grace_ms);

  std::int64_t sent() const { return sent_; }
  std::int64_t failed() const { return failed_; }

 private:
  struct One {
    Notice notice;
    config::NotifyTarget target;
    std::shared_ptr<const config::Secrets> secrets;
  };
  /// Takes the first whose receiver nobody is at. With the lock.
  std::optional<One> next();
  bool may_wait(const One& one) const;
  void start_worker();
  void deliver_all();
  void deliver(const One& one);
  void tell_failed(const One& one, const std::string& error);

  NoticeDelivery delivery_;
  EventLog& log_;
  net::Interrupt interrupt_;
  std::atomic<std::int64_t> sent_{0}, failed_{0};
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::deque<One> waiting_;
  std::set<std::string, std::less<>> at_work_;  // receivers that somebody is at
  bool finished_ = false;
  std::vector<std::thread> workers_;  // each begins when there is something for it to do
};

}  // namespace rondom::service
