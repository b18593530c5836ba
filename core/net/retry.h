// retry: whether a request is sent again, and when. Pure: time and chance are given.
//
// What is repeatable follows RFC 9110 section 9.2.2: idempotent methods, and others only when the
// request was certainly not acted upon: it never left, or the server says so (429, RFC 6585; 425,
// RFC 8470; 423, RFC 4918; 503 and other refusals with Retry-After). Waits follow the server's
// word, else exponential back-off with full jitter.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "net/exchange.h"
#include "net/transport.h"

namespace rondom::net {

struct RetryPolicy {
  int attempts_max = 6;
  std::int64_t first_wait_ms = 500;
  std::int64_t longest_wait_ms = 30'000;      // of our own back-off
  std::int64_t longest_told_ms = 5 * 60'000;  // a server that says more ends the call
  std::int64_t waits_total_ms = 10 * 60'000;  // of one request
  bool waits_for_somebody = true;             // false: where nobody is there, one attempt says so
};

/// GET, HEAD, OPTIONS, TRACE, PUT, DELETE.
bool is_idempotent(std::string_view method);

/// How long the server asks to wait, from Retry-After (seconds or date), Retry-After-Ms, RateLimit
/// ("t=30"), and the *RateLimit-Reset headers (seconds, or a time as seconds or milliseconds since
/// 1970). `now` is used for times when the reply has no Date. Never negative.
std::optional<std::int64_t> told_wait_ms(std::span<const Header> headers, Timestamp now);
/// The same, from Retry-After and Retry-After-Ms alone. Many servers send the others with every
/// answer, so that they say nothing about this request.
std::optional<std::int64_t> retry_after_ms(std::span<const Header> headers, Timestamp now);

/// One attempt that ended without success.
struct Attempt {
  int number = 1;  // counted from 1
  Outcome::Kind outcome = Outcome::Kind::complete;
  std::uint32_t status = 0;  // of a complete one
  std::optional<std::int64_t> told_wait_ms;
  bool idempotent = false;
  bool body_repeatable = true;
  std::int64_t waited_ms = 0;  // so far, for this request
};

struct Decision {
  bool retry = false;
  std::int64_t wait_ms = 0;
};

/// The server says that it did nothing.
bool certainly_not_applied(std::uint32_t status, bool told_to_wait);
/// May it be sent again at all?
bool is_repeatable(const Attempt& attempt);
/// `chance` in [0, 1).
Decision decide(const RetryPolicy& policy, const Attempt& attempt, double chance);

}  // namespace rondom::net
