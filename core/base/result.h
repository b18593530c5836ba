// Result: how expected failures travel.
//
// Every function of the core that can fail in an expected way returns Status or Result<T>. The code
// says what the caller should do; the message is one sentence for a person. Exceptions are for our
// own defects and end the operation at the nearest boundary (command line, plugin host, thread).
// Values are plain data: copy and move freely, no thread rules.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace rondom {

/// What the caller should do. Each code maps to one exit code (see exit_code_for).
enum class ErrorCode {
  failure,        // the operation did not succeed and no rule below applies
  usage,          // the command line is wrong
  bad_config,     // the user must edit a file of the project
  auth,           // credentials refused
  transient,      // worth trying again later
  rate_limited,   // worth trying again after retry_after_ms
  data,           // this record or reply is bad; quarantine or dead-letter it
  bad_state,      // saved state cannot be used; a full refresh is needed
  unsupported,    // the other side cannot do this
  cancelled,      // somebody asked us to stop
  internal,       // a defect in Rondom or in a plugin
  unavailable,    // a system or file cannot be reached
  busy,           // another engine holds the project
  not_permitted,  // file modes, grants, scopes
  guarded,        // stopped by the mass-change guard before anything moved
};

/// Process exit code of an error, as documented in the README ("Exit codes").
int exit_code_for(ErrorCode code);

/// Stable lower-case word of a code, for logs and -o json.
const char* to_text(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::failure;
  std::string message;      // one sentence: where and why, never a secret, never personal data
  std::string detail = {};  // optional longer text for the log
  long retry_after_ms = 0;  // only for rate_limited and transient
};

/// Outcome without a value. Default-constructed = ok.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  Status(ErrorCode code, std::string message) : error_(Error{code, std::move(message)}) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *error_; }  // only when !ok()

 private:
  std::optional<Error> error_;
};

/// Outcome with a value of type T when ok.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}             // NOLINT(google-explicit-constructor)
  Result(Error error) : error_(std::move(error)) {}         // NOLINT(google-explicit-constructor)
  Result(const Status& failed) : error_(failed.error()) {}  // NOLINT: only from a failed Status

  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return error_; }  // only when !ok()
  Status status() const { return ok() ? Status() : Status(error_); }

  T& value() & { return *value_; }  // only when ok()
  const T& value() const& { return *value_; }
  T&& value() && { return std::move(*value_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Error error_;
};

}  // namespace rondom

/// Return early from a function that returns Status or Result when `expression` (a Status) failed.
#define RONDOM_TRY(expression)                                      \
  do {                                                              \
    if (auto rondom_status_ = (expression); !rondom_status_.ok()) { \
      return rondom_status_.error();                                \
    }                                                               \
  } while (false)

#define RONDOM_CONCAT_INNER_(a, b) a##b
#define RONDOM_CONCAT_(a, b) RONDOM_CONCAT_INNER_(a, b)

/// `RONDOM_TRY_ASSIGN(auto x, f())`: assign the value of a Result, or return its error.
#define RONDOM_TRY_ASSIGN(target, expression)                   \
  auto RONDOM_CONCAT_(rondom_result_, __LINE__) = (expression); \
  if (!RONDOM_CONCAT_(rondom_result_, __LINE__).ok()) {         \
    return RONDOM_CONCAT_(rondom_result_, __LINE__).error();    \
  }                                                             \
  target = std::move(RONDOM_CONCAT_(rondom_result_, __LINE__)).value()
