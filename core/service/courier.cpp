#include "service/courier.h"

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
    const One one{notice, target, secrets};
    std::unique_lock lock(mutex_);
    if (finished_ || waiting_.size() >= notices_waiting_max) {
      lock.unlock();
      tell_failed(one, finished_ ? "the service ends" : "too many wait to be sent");
      continue;
    }
    waiting_.push_back(one);
    if (!thread_.joinable()) thread_ = std::thread([this] { deliver_all(); });
    changed_.notify_all();
  }
}

void Courier::finish(std::int64_t grace_ms) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(grace_ms),
                      [this] { return waiting_.empty() && !at_work_; });
    finished_ = true;
    changed_.notify_all();
  }
  interrupt_.request();
  if (thread_.joinable()) thread_.join();
}

void Courier::deliver_all() {
  for (;;) {
    One one;
    {
      std::unique_lock lock(mutex_);
      at_work_ = false;
      changed_.notify_all();
      changed_.wait(lock, [this] { return finished_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      one = std::move(waiting_.front());
      waiting_.pop_front();
      at_work_ = true;
    }
    deliver(one);
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
