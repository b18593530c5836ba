// Context: the services of the host, as a connector sees them.
//
// The SDK owns it; it lives as long as the connector. Every function may be called from any thread.
// Services that a host lacks answer Code::unsupported, or do nothing where nothing can be answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "detail/error_sink.hpp"
#include "result.hpp"

namespace rondom {
inline namespace sdk_v1 {

enum class LogLevel : std::uint32_t {
  debug = RONDOM_LOG_DEBUG,
  info = RONDOM_LOG_INFO,
  warning = RONDOM_LOG_WARNING,
  error = RONDOM_LOG_ERROR,
};

struct LogField {
  std::string_view name;
  std::string_view value;
};

/// Descriptors of the user's own stdin and stdout; -1 = not given. Not to be closed.
struct StandardStreams {
  int input = -1;
  int output = -1;
};

struct HttpRequest;  // http.hpp
struct HttpReply;

class Context {
 public:
  explicit Context(const rondom_host* host) : host_(host) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// One sentence for the log of the run; no secrets, no personal data.
  void log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields = {}) const {
    const auto call = slot(&rondom_host::log, offsetof(rondom_host, log));
    if (call == nullptr) return;
    std::vector<rondom_field> list;
    for (const LogField& f : fields)
      list.push_back({detail::to_abi(f.name), detail::to_abi(f.value)});
    call(host_->ctx, static_cast<std::uint32_t>(level), detail::to_abi(message), list.data(),
         static_cast<std::uint32_t>(list.size()));
  }

  Result<std::string> secret_get(std::string_view name) const {
    return get(slot(&rondom_host::secret_get, offsetof(rondom_host, secret_get)), name);
  }
  /// Durable on return.
  Status secret_put(std::string_view name, std::string_view value) const {
    return put(slot(&rondom_host::secret_put, offsetof(rondom_host, secret_put)), name, value);
  }
  /// Small state of this job and connector; empty when the key is unknown.
  Result<std::string> state_get(std::string_view key) const {
    return get(slot(&rondom_host::state_get, offsetof(rondom_host, state_get)), key);
  }
  Status state_put(std::string_view key, std::string_view value) const {
    return put(slot(&rondom_host::state_put, offsetof(rondom_host, state_put)), key, value);
  }

  void count(std::string_view metric, double value = 1) const {
    send_metric(RONDOM_METRIC_COUNTER, metric, value);
  }
  void gauge(std::string_view metric, double value) const {
    send_metric(RONDOM_METRIC_GAUGE, metric, value);
  }

  /// Microseconds since 1970 UTC; 0 when the host has no clock.
  std::int64_t now_us() const {
    const auto call = slot(&rondom_host::now_us, offsetof(rondom_host, now_us));
    return call == nullptr ? 0 : call(host_->ctx);
  }
  /// Fails with Code::cancelled as soon as the host asks to stop.
  Status sleep_ms(std::uint64_t milliseconds) const {
    const auto call = slot(&rondom_host::sleep_ms, offsetof(rondom_host, sleep_ms));
    if (call == nullptr) return {Code::unsupported, "This host cannot wait."};
    if (call(host_->ctx, milliseconds) == RONDOM_OK) return {};
    return {Code::cancelled, "Stopped while waiting."};
  }
  /// Ask at every safe point of long work.
  bool cancelled() const {
    const auto call = slot(&rondom_host::cancelled, offsetof(rondom_host, cancelled));
    return call != nullptr && call(host_->ctx) != 0;
  }

  /// One exchange through the host's HTTP client (http.hpp); ok for every status the server
  /// answered, save 429 and "503, later" that outlast the host's patience. A failure with
  /// Code::unavailable says of a POST or PATCH that it may have been applied; with transient and
  /// rate_limited it certainly was not.
  Result<HttpReply> http(const HttpRequest& request) const;
  /// The same, where only 2xx is a success: everything else is http_failure() of the reply.
  Result<HttpReply> fetch(const HttpRequest& request) const;
  /// The same as http(); the body of a 2xx goes to `body` piece by piece, as it arrives, and the
  /// reply's is empty. A failed Status ends the transfer and is returned.
  Result<HttpReply> http_stream(const HttpRequest& request,
                                const std::function<Status(std::string_view)>& body) const;

  /// Of a host extension, e.g. RONDOM_EXT_STREAMS_1; nullptr when it is not offered.
  const void* extension(const char* id) const {
    const auto call = slot(&rondom_host::extension, offsetof(rondom_host, extension));
    return call == nullptr ? nullptr : call(host_->ctx, id);
  }
  StandardStreams standard_streams() const {
    const auto* streams = static_cast<const rondom_ext_streams*>(extension(RONDOM_EXT_STREAMS_1));
    if (streams == nullptr) return {};
    return {streams->input_descriptor, streams->output_descriptor};
  }

 private:
  /// The function in a slot, or nullptr when this host's table ends before it.
  template <typename Function>
  Function slot(Function rondom_host::*member, std::size_t offset) const {
    if (host_ == nullptr || offset + sizeof(Function) > host_->struct_size) return nullptr;
    return host_->*member;
  }

  Result<HttpReply> exchange(const HttpRequest& request,
                             const std::function<Status(std::string_view)>* stream) const;

  template <typename Function>
  Result<std::string> get(Function call, std::string_view name) const {
    if (call == nullptr)
      return Failure{Code::unsupported, "This host does not offer that service."};
    std::string value;
    detail::TextSink text(value);
    detail::ErrorSink error;
    const rondom_code code = call(host_->ctx, detail::to_abi(name), text.abi(), error.abi());
    if (code != RONDOM_OK) return error.failure(code);
    return value;
  }
  template <typename Function>
  Status put(Function call, std::string_view name, std::string_view value) const {
    if (call == nullptr) return {Code::unsupported, "This host does not offer that service."};
    detail::ErrorSink error;
    const rondom_code code =
        call(host_->ctx, detail::to_abi(name), detail::to_abi(value), error.abi());
    if (code != RONDOM_OK) return error.failure(code);
    return {};
  }
  void send_metric(std::uint32_t kind, std::string_view name, double value) const {
    const auto call = slot(&rondom_host::metric, offsetof(rondom_host, metric));
    if (call != nullptr) call(host_->ctx, kind, detail::to_abi(name), value, nullptr, 0);
  }

  const rondom_host* host_;
};

}  // namespace sdk_v1
}  // namespace rondom
