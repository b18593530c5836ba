// courier: sends notices on a thread of its own, one after the other, so that nothing waits for who is told.
//
// A notice that cannot be delivered is logged and counted, and stops nothing. At most notices_waiting_max wait; more
// are not sent, which is logged and counted too. Any thread but for the destructor.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/events.h"
#include "service/notice_delivery.h"

namespace rondom::service {

inline constexpr std::size_t notices_waiting_max = 200;

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
  bool at_work_ = false, finished_ = false;
  std::thread thread_;  // begins with the first notice
};

}  // namespace rondom::service
