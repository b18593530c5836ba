// relay: one attempt's reply between the wire and the caller. Private to the client.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cleanse.h"
#include "net/exchange.h"
#include "net/retry.h"
#include "net/transport.h"

namespace rondom::net {

/// A reply up to this size is held until it is whole, so that one that is cut off can be had again.
inline constexpr std::size_t held_reply_bytes_max = 256u << 10;
/// Of a reply that nobody gets: read on for the sake of the connection, but not for ever.
inline constexpr std::size_t unwanted_bytes_max = 64u << 10;

/// What is known of one request while it goes through its attempts.
struct Progress {
  std::string subject;
  Attempt attempt;
  bool renewed = false;
  int redirects = 0;
  std::int64_t deadline_us = 0;  // 0 = none
};

/// Between the wire and the sink: decides at the head whether the reply is the caller's.
class Relay final : public WireSink {
 public:
  enum class Then : std::uint8_t { deliver, retry, give_up, renew, redirect };

  Relay(const RetryPolicy& policy, Progress& progress, const BodySource& sent, ReplySink& sink,
        double chance, Timestamp now)
      : policy_(policy),
        progress_(progress),
        sent_(sent),
        sink_(sink),
        chance_(chance),
        now_(now) {}
  ~Relay() override { cleanse(held_); }

  bool may_renew = false;
  bool may_redirect = false;

  bool head(std::uint32_t status, std::vector<Header> headers) override {
    status_ = status;
    headers_ = std::move(headers);
    then_ = judge();
    return true;
  }
  bool body(std::string_view bytes) override {
    if (then_ != Then::deliver) {
      unwanted_ += bytes.size();
      return unwanted_ <= unwanted_bytes_max;
    }
    if (!delivering_ && held_.size() + bytes.size() <= held_reply_bytes_max) {
      held_ += bytes;
      return true;
    }
    return release() && give(bytes);
  }
  /// The whole reply is there.
  void finish() {
    if (then_ == Then::deliver) release();
  }

  bool seen_head() const { return status_ != 0; }
  bool delivering() const { return delivering_; }
  std::uint32_t status() const { return status_; }
  Then then() const { return then_; }
  std::int64_t wait_ms() const { return decision_.wait_ms; }
  std::string_view location() const { return header_value(headers_, "Location"); }
  const Status& stopped() const { return stopped_; }

 private:
  Then judge();
  bool release() {
    if (delivering_) return stopped_.ok();
    delivering_ = true;
    stopped_ = sink_.head(status_, headers_);
    if (!stopped_.ok()) return false;
    std::string held = std::move(held_);
    const CleansedAtEnd cleansed(held);  // it may be a token
    return held.empty() || give(held);
  }
  bool give(std::string_view bytes) {
    stopped_ = sink_.body(bytes);
    return stopped_.ok();
  }

  const RetryPolicy& policy_;
  Progress& progress_;
  const BodySource& sent_;
  ReplySink& sink_;
  double chance_;
  Timestamp now_;
  std::uint32_t status_ = 0;
  std::vector<Header> headers_;
  Then then_ = Then::deliver;
  Decision decision_;
  std::string held_;
  std::size_t unwanted_ = 0;
  bool delivering_ = false;
  Status stopped_;
};

}  // namespace rondom::net
