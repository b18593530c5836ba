#include "net/retry.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "base/text.h"

namespace rondom::net {
namespace {

constexpr double seconds_at_most = 1e9;         // more is a time, not a duration
constexpr double milliseconds_at_least = 1e11;  // more is a time in milliseconds

std::optional<double> number(std::string_view text) {
  text = trim_ascii(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) return {};
  return value;
}

std::optional<Timestamp> http_date(std::string_view text) {
  if (text.empty()) return {};
  const std::string terminated(text);
  const std::time_t at = curl_getdate(terminated.c_str(), nullptr);
  if (at < 0) return {};
  return static_cast<Timestamp>(at) * microseconds_per_second;
}

std::int64_t wait_until(double at_ms, Timestamp now) {
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(at_ms) - now / 1'000);
}

/// Seconds from now, or a time: vendors use both under the same names.
std::optional<std::int64_t> reset_wait(std::string_view text, Timestamp now) {
  const std::optional<double> value = number(text);
  if (!value) return {};
  if (*value <= seconds_at_most) return static_cast<std::int64_t>(*value * 1'000);
  if (*value < milliseconds_at_least) return wait_until(*value * 1'000, now);
  return wait_until(std::min(*value, 1e15), now);
}

/// t= of the RateLimit header (draft-ietf-httpapi-ratelimit-headers).
std::optional<std::int64_t> rate_limit_wait(std::string_view text) {
  for (const std::string_view parameter : split(text, ';')) {
    const std::string_view trimmed = trim_ascii(parameter);
    if (trimmed.substr(0, 2) != "t=") continue;
    if (const auto seconds = number(trimmed.substr(2)); seconds && *seconds <= seconds_at_most) {
      return static_cast<std::int64_t>(*seconds * 1'000);
    }
  }
  return {};
}

}  // namespace

bool is_idempotent(std::string_view method) {
  for (const std::string_view known : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) {
    if (method == known) return true;
  }
  return false;
}

std::optional<std::int64_t> retry_after_ms(std::span<const Header> headers, Timestamp now) {
  const Timestamp here = http_date(header_value(headers, "Date")).value_or(now);
  for (const std::string_view name : {"Retry-After-Ms", "X-Ms-Retry-After-Ms"}) {
    if (const auto value = number(header_value(headers, name)); value && *value < 1e12) {
      return static_cast<std::int64_t>(*value);
    }
  }
  const std::string_view after = header_value(headers, "Retry-After");
  if (const auto wait = reset_wait(after, here)) return wait;
  if (const auto at = http_date(after)) {
    return wait_until(static_cast<double>(*at) / 1'000, here);
  }
  return {};
}

std::optional<std::int64_t> told_wait_ms(std::span<const Header> headers, Timestamp now) {
  if (const auto wait = retry_after_ms(headers, now)) return wait;
  const Timestamp here = http_date(header_value(headers, "Date")).value_or(now);
  if (const auto wait = rate_limit_wait(header_value(headers, "RateLimit"))) return wait;
  for (const std::string_view name :
       {"RateLimit-Reset", "X-RateLimit-Reset", "X-Rate-Limit-Reset"}) {
    if (const auto wait = reset_wait(header_value(headers, name), here)) return wait;
  }
  return {};
}

bool certainly_not_applied(std::uint32_t status, bool told_to_wait) {
  if (status == 423 || status == 425 || status == 429) return true;
  // Waiting mends no credentials (401), and of 408 nobody knows how much of the request arrived.
  const bool refused = status >= 400 && status < 500 && status != 401 && status != 408;
  return told_to_wait && (refused || status == 503);
}

bool is_repeatable(const Attempt& attempt) {
  if (!attempt.body_repeatable) return false;
  switch (attempt.outcome) {
    case Outcome::Kind::not_sent: return true;
    case Outcome::Kind::lost: return attempt.idempotent;
    case Outcome::Kind::complete: break;
    default: return false;
  }
  if (certainly_not_applied(attempt.status, attempt.told_wait_ms.has_value())) return true;
  const bool passing = attempt.status == 408 || attempt.status == 500 || attempt.status == 502 ||
                       attempt.status == 503 || attempt.status == 504;
  return passing && attempt.idempotent;
}

Decision decide(const RetryPolicy& policy, const Attempt& attempt, double chance) {
  if (!is_repeatable(attempt) || attempt.number >= policy.attempts_max) return {};
  std::int64_t ceiling = policy.first_wait_ms;
  for (int i = 1; i < attempt.number && ceiling < policy.longest_wait_ms; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, policy.longest_wait_ms);
  const auto jitter = static_cast<std::int64_t>(static_cast<double>(ceiling) * chance);
  std::int64_t wait = jitter;
  if (attempt.told_wait_ms) {
    if (*attempt.told_wait_ms > policy.longest_told_ms) return {};
    // Not all at once when the time is up: the jitter comes on top.
    if (*attempt.told_wait_ms > 0) wait = *attempt.told_wait_ms + jitter / 4;
  }
  if (attempt.waited_ms + wait > policy.waits_total_ms) return {};
  return {true, wait};
}

}  // namespace rondom::net
