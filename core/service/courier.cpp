#include "service/courier.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rondom::service {
namespace {

bool wants(const config::NotifyTarget& target, NoticeKind kind) {
  using config::NotifyTarget;
  switch (kind) {
    case NoticeKind::failed: return (target.on & NotifyTarget::failed) != 0;
    case NoticeKind::stopped: return (target.on & NotifyTarget::stopped) != 0;
    case NoticeKind::quarantined: return (target.on & NotifyTarget::quarantined) != 0;
    case NoticeKind::stale: return (target.on & NotifyTarget::stale) != 0;
    case NoticeKind::recovered: return (target.on & NotifyTarget::recovered) != 0;
    case NoticeKind::test: return true;
  }
  return true;
}

}  // namespace

Courier::Courier(const std::string& root, const Clock& clock, Random& random, EventLog& log)
    : delivery_(root, clock, random), log_(log) {}

Courier::~Courier() {
  finish(0);
}

void Courier::send(const config::Notify& notify,
                   const std::shared_ptr<const config::Secrets>& secrets, const Notice& notice) {
  for (const config::NotifyTarget& target : notify.targets) {
    if (!wants(target, notice.kind)) continue;
    One one{notice, target, secrets};
    std::unique_lock lock(mutex_);
    if (finished_ || !may_wait(one)) {
      const char* const why = finished_ ? "the service ends" : "too many wait to be sent";
      lock.unlock();
      tell_failed(one, why);
      continue;
    }
    waiting_.push_back(std::move(one));
    if (at_work_.size() == workers_.size()) start_worker();
    changed_.notify_all();
  }
}

bool Courier::may_wait(const One& one) const {
  const auto for_one = std::count_if(waiting_.begin(), waiting_.end(), [&](const One& other) {
    return other.target.name == one.target.name;
  });
  return waiting_.size() < notices_waiting_max &&
         static_cast<std::size_t>(for_one) < notices_waiting_for_one_max;
}

void Courier::start_worker() {
  if (workers_.size() < receivers_at_once_max) workers_.emplace_back([this] { deliver_all(); });
}

void Courier::finish(std::int64_t grace_ms) {
  std::vector<std::thread> workers;
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(grace_ms),
                      [this] { return waiting_.empty() && at_work_.empty(); });
    finished_ = true;
    workers.swap(workers_);
    changed_.notify_all();
  }
  interrupt_.request();
  for (std::thread& worker : workers) worker.join();
}

std::optional<Courier::One> Courier::next() {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [this](const One& one) {
    return !at_work_.contains(one.target.name);
  });
  if (found == waiting_.end()) return std::nullopt;
  std::optional<One> one(std::move(*found));
  waiting_.erase(found);
  at_work_.insert(one->target.name);
  return one;
}

void Courier::deliver_all() {
  std::unique_lock lock(mutex_);
  for (;;) {
    std::optional<One> one = next();
    if (!one && finished_ && waiting_.empty()) return;
    if (!one) {
      changed_.wait(lock);
      continue;
    }
    // There may be something for another one as well.
    if (!waiting_.empty() && at_work_.size() == workers_.size() && !finished_) start_worker();
    lock.unlock();
    deliver(*one);
    lock.lock();
    at_work_.erase(one->target.name);
    changed_.notify_all();
  }
}

void Courier::deliver(const One& one) {
  const Status status = interrupt_.requested()
                            ? Status(ErrorCode::cancelled, "the service ends")
                            : delivery_.deliver(one.target, *one.secrets, one.notice, interrupt_);
  if (!status.ok()) return tell_failed(one, status.error().message);
  ++sent_;
  log_.write(Event::notice_sent, {{"to", one.target.name},
                                  {"kind", to_text(one.notice.kind)},
                                  {"job", one.notice.job},
                                  {"stream", one.notice.stream}});
}

void Courier::tell_failed(const One& one, const std::string& error) {
  ++failed_;
  log_.write(Event::notice_failed, {{"to", one.target.name},
                                    {"kind", to_text(one.notice.kind)},
                                    {"job", one.notice.job},
                                    {"stream", one.notice.stream},
                                    {"error", error}});
}

}  // namespace rondom::service
