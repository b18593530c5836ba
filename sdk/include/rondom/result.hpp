// Status and Result: how expected failures travel inside a plugin. The code says what the host
// should do. Exceptions are for defects; the SDK turns one that escapes into Code::internal.
// Plain values, no thread rules.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "plugin.h"

namespace rondom {
inline namespace sdk_v1 {

enum class Code : std::uint32_t {
  ok = RONDOM_OK,
  config = RONDOM_E_CONFIG,                // the user must edit the job
  auth = RONDOM_E_AUTH,                    // credentials refused
  transient = RONDOM_E_TRANSIENT,          // try again later
  rate_limited = RONDOM_E_RATE_LIMITED,    // try again after retry_after_ms
  data = RONDOM_E_DATA,                    // what the other side sent is bad
  state = RONDOM_E_STATE,                  // saved state unusable, a full refresh is needed
  unsupported = RONDOM_E_UNSUPPORTED,      // cannot be done here
  cancelled = RONDOM_E_CANCELLED,          // the host asked us to stop
  internal = RONDOM_E_INTERNAL,            // a defect of this plugin
  unavailable = RONDOM_E_UNAVAILABLE,      // a system or file cannot be reached
  not_permitted = RONDOM_E_NOT_PERMITTED,  // file modes, grants, scopes
};

struct Failure {
  Code code = Code::internal;
  std::string message;               // one sentence: where and why; no secrets, no personal data
  std::uint64_t retry_after_ms = 0;  // rate_limited and transient
  std::string detail = {};           // longer text for the log
};

/// Outcome without a value; default-constructed = ok. One pointer wide, free of cost when ok.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Failure failure)  // NOLINT(google-explicit-constructor)
      : failure_(std::make_unique<Failure>(std::move(failure))) {}
  Status(Code code, std::string message) : Status(Failure{code, std::move(message)}) {}

  bool ok() const { return failure_ == nullptr; }
  explicit operator bool() const { return ok(); }
  Code code() const { return ok() ? Code::ok : failure_->code; }
  const Failure& error() const { return *failure_; }  // only when !ok()

 private:
  std::unique_ptr<Failure> failure_;
};

/// Outcome with a value of type T when ok.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}               // NOLINT(google-explicit-constructor)
  Result(Failure failure) : failure_(std::move(failure)) {}   // NOLINT(google-explicit-constructor)
  Result(const Status& failed) : failure_(failed.error()) {}  // NOLINT: only from a failed Status

  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Failure& error() const { return failure_; }  // only when !ok()
  Status status() const { return ok() ? Status() : Status(failure_); }

  T& operator*() & { return *value_; }  // only when ok()
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return std::move(*value_); }

 private:
  std::optional<T> value_;
  Failure failure_;
};

namespace detail {
inline rondom_str to_abi(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view from_abi(rondom_str text) {
  return text.data == nullptr ? std::string_view()
                              : std::string_view(text.data, static_cast<std::size_t>(text.size));
}
}  // namespace detail

}  // namespace sdk_v1
}  // namespace rondom

/// Return early from a function that returns Status or Result when `expression` (a Status) failed.
#ifndef RONDOM_TRY
#define RONDOM_TRY(expression)                                      \
  do {                                                              \
    if (auto rondom_status_ = (expression); !rondom_status_.ok()) { \
      return rondom_status_.error();                                \
    }                                                               \
  } while (false)
#endif
