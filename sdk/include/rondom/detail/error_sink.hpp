// Sinks the SDK hands to the host: text and errors of host services, copied into strings.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "../result.hpp"

namespace rondom {
inline namespace sdk_v1 {
namespace detail {

class TextSink {
 public:
  explicit TextSink(std::string& into) {
    abi_.struct_size = sizeof abi_;
    abi_.ctx = &into;
    abi_.append = &TextSink::append;
  }
  rondom_text_out* abi() { return &abi_; }

 private:
  static void append(void* ctx, rondom_str text) noexcept {
    try {
      static_cast<std::string*>(ctx)->append(from_abi(text));
    } catch (...) {  // out of memory: the caller sees a short text, never an exception in the host
    }
  }
  rondom_text_out abi_{};
};

class ErrorSink {
 public:
  ErrorSink() {
    abi_.struct_size = sizeof abi_;
    abi_.ctx = this;
    abi_.set = &ErrorSink::set;
  }
  ErrorSink(const ErrorSink&) = delete;
  ErrorSink& operator=(const ErrorSink&) = delete;
  rondom_error* abi() { return &abi_; }

  /// What was said, with the code that was returned.
  Failure failure(rondom_code code) {
    failure_.code = static_cast<Code>(code);
    if (failure_.message.empty()) failure_.message = "The host refused without a reason.";
    return std::move(failure_);
  }

 private:
  static void set(void* ctx, rondom_code, std::uint64_t retry_after_ms, rondom_str message,
                  rondom_str detail) noexcept {
    try {
      Failure& failure = static_cast<ErrorSink*>(ctx)->failure_;
      failure.retry_after_ms = retry_after_ms;
      failure.message = from_abi(message);
      failure.detail = from_abi(detail);
    } catch (...) {  // out of memory: the code alone has to do
    }
  }
  rondom_error abi_{};
  Failure failure_;
};

}  // namespace detail
}  // namespace sdk_v1
}  // namespace rondom
