#include "plugin/services.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/text.h"
#include "plugin/abi.h"

namespace rondom::plugin {
namespace {

constexpr std::uint32_t log_fields_max = 32;
constexpr std::uint64_t sleep_ms_max = 24ull * 60 * 60 * 1'000;

ServiceBackend& backend_of(void* ctx) {
  return *static_cast<ServiceBackend*>(ctx);
}

const char* level_text(std::uint32_t level) {
  switch (level) {
    case RONDOM_LOG_DEBUG: return "debug";
    case RONDOM_LOG_WARNING: return "warning";
    case RONDOM_LOG_ERROR: return "error";
    default: return "info";
  }
}

void set_error(rondom_error* error, ErrorCode code, std::string_view message) {
  if (error == nullptr || error->set == nullptr) return;
  error->set(error->ctx, abi_code_of(code), 0, borrow(message), borrow({}));
}

void append_fields(std::string& line, const rondom_field* fields, std::uint32_t count) {
  for (std::uint32_t i = 0; fields != nullptr && i < std::min(count, log_fields_max); ++i) {
    line += i == 0 ? " (" : ", ";
    line += view(fields[i].name);
    line += '=';
    line += view(fields[i].value);
  }
  if (fields != nullptr && count > 0) line += ')';
}

// The functions of the table. A callback of the engine may throw; nothing may pass into the plugin.

void host_log(void* ctx, std::uint32_t level, rondom_str message, const rondom_field* fields,
              std::uint32_t count) noexcept {
  try {
    std::string line(view(message));
    append_fields(line, fields, count);
    backend_of(ctx).log(level_text(level), excerpt(line, message_bytes_max));
  } catch (...) {  // a lost log line is not worth a failed run
  }
}

/// The body that a plugin streams.
class PluginBody final : public net::BodySource {
 public:
  explicit PluginBody(const rondom_http_request& request) : request_(request) {}
  Result<std::size_t> read(std::span<char> into) override {
    std::uint64_t written = 0;
    const rondom_code code =
        request_.read_body(request_.body_ctx, into.data(), into.size(), &written);
    if (code != RONDOM_OK) {
      return Error{error_code_of(code), "The connector ended the request while sending its body."};
    }
    if (written > into.size()) {
      return Error{ErrorCode::internal, "The connector wrote past the room for its body."};
    }
    return static_cast<std::size_t>(written);
  }

 private:
  const rondom_http_request& request_;
};

/// Hands a reply to the plugin.
class PluginReply final : public net::ReplySink {
 public:
  explicit PluginReply(const rondom_http_reply& reply) : reply_(reply) {}
  Status head(std::uint32_t status, std::span<const net::Header> headers) override {
    if (reply_.head == nullptr) return {};
    std::vector<rondom_field> fields;
    for (const net::Header& header : headers) {
      fields.push_back({borrow(header.name), borrow(header.value)});
    }
    return status_of(
        reply_.head(reply_.ctx, status, fields.data(), static_cast<std::uint32_t>(fields.size())));
  }
  Status body(std::string_view bytes) override {
    if (reply_.body == nullptr) return {};
    return status_of(reply_.body(reply_.ctx, borrow(bytes)));
  }

 private:
  static Status status_of(rondom_code code) {
    if (code == RONDOM_OK) return {};
    return {error_code_of(code), "The connector ended the transfer."};
  }
  const rondom_http_reply& reply_;
};

net::Request request_of(const rondom_http_request& theirs) {
  net::Request request;
  request.method = view(theirs.method);
  request.url = view(theirs.url);
  for (std::uint32_t i = 0; theirs.headers != nullptr && i < theirs.header_count; ++i) {
    request.headers.push_back(
        {std::string(view(theirs.headers[i].name)), std::string(view(theirs.headers[i].value))});
  }
  request.timeout_ms =
      static_cast<std::int64_t>(std::min(theirs.timeout_ms, std::uint64_t{sleep_ms_max}));
  request.idempotent = (theirs.flags & RONDOM_HTTP_IDEMPOTENT) != 0;
  return request;
}

rondom_code host_http(void* ctx, const rondom_http_request* request, const rondom_http_reply* reply,
                      rondom_error* error) noexcept {
  try {
    if (request == nullptr || reply == nullptr) {
      set_error(error, ErrorCode::internal, "A request or its reply is missing.");
      return RONDOM_E_INTERNAL;
    }
    const rondom_http_request theirs = complete(*request);
    const rondom_http_reply sink = complete(*reply);
    net::Request ours = request_of(theirs);
    PluginBody streamed(theirs);
    net::MemoryBody memory(view(theirs.body));
    ours.stream = &memory;
    if (theirs.read_body != nullptr) ours.stream = &streamed;
    if (theirs.read_body == nullptr && theirs.body.size == 0) ours.stream = nullptr;
    PluginReply answer(sink);
    const Status done = backend_of(ctx).http(ours, answer);
    if (done.ok()) return RONDOM_OK;
    const Error& failure = done.error();
    if (error != nullptr && error->set != nullptr) {
      error->set(error->ctx, abi_code_of(failure.code),
                 static_cast<std::uint64_t>(std::max(0L, failure.retry_after_ms)),
                 borrow(failure.message), borrow(failure.detail));
    }
    return abi_code_of(failure.code);
  } catch (...) {
    set_error(error, ErrorCode::internal, "The host could not send the request.");
    return RONDOM_E_INTERNAL;
  }
}

rondom_code service_call(void* ctx, Service service, rondom_str name, rondom_str value,
                         rondom_text_out* out, rondom_error* error) noexcept {
  try {
    const Result<std::string> answer = backend_of(ctx).call(service, view(name), view(value));
    if (!answer.ok()) {
      set_error(error, answer.error().code, answer.error().message);
      return abi_code_of(answer.error().code);
    }
    if (out != nullptr && !answer->empty()) out->append(out->ctx, borrow(*answer));
    return RONDOM_OK;
  } catch (...) {
    set_error(error, ErrorCode::internal, "The host could not answer.");
    return RONDOM_E_INTERNAL;
  }
}

rondom_code host_secret_get(void* ctx, rondom_str name, rondom_text_out* value,
                            rondom_error* error) noexcept {
  return service_call(ctx, Service::secret_get, name, {}, value, error);
}
rondom_code host_secret_put(void* ctx, rondom_str name, rondom_str value,
                            rondom_error* error) noexcept {
  return service_call(ctx, Service::secret_put, name, value, nullptr, error);
}
rondom_code host_state_get(void* ctx, rondom_str key, rondom_text_out* value,
                           rondom_error* error) noexcept {
  return service_call(ctx, Service::state_get, key, {}, value, error);
}
rondom_code host_state_put(void* ctx, rondom_str key, rondom_str value,
                           rondom_error* error) noexcept {
  return service_call(ctx, Service::state_put, key, value, nullptr, error);
}

void host_metric(void* ctx, std::uint32_t kind, rondom_str name, double value,
                 const rondom_field* labels, std::uint32_t count) noexcept {
  try {
    std::string line = kind == RONDOM_METRIC_COUNTER ? "count " : "gauge ";
    line += view(name);
    line += ' ' + std::to_string(value);
    append_fields(line, labels, count);
    backend_of(ctx).log("debug", excerpt(line, message_bytes_max));
  } catch (...) {  // as for log
  }
}

std::int64_t host_now_us(void* ctx) noexcept {
  try {
    return backend_of(ctx).now_us();
  } catch (...) {
    return 0;
  }
}

rondom_code host_sleep_ms(void* ctx, std::uint64_t milliseconds) noexcept {
  try {
    const Status slept = backend_of(ctx).sleep_ms(std::min(milliseconds, sleep_ms_max));
    return slept.ok() ? RONDOM_OK : RONDOM_E_CANCELLED;
  } catch (...) {
    return RONDOM_E_CANCELLED;
  }
}

std::uint32_t host_cancelled(void* ctx) noexcept {
  try {
    return backend_of(ctx).cancelled() ? 1 : 0;
  } catch (...) {
    return 1;
  }
}

const void* host_extension(void* ctx, const char* id) noexcept {
  try {
    if (id == nullptr || std::strcmp(id, RONDOM_EXT_STREAMS_1) != 0) return nullptr;
    return backend_of(ctx).standard_streams();
  } catch (...) {
    return nullptr;
  }
}

Error missing_service() {
  return {ErrorCode::unsupported, "This run does not offer that service."};
}

}  // namespace

HostTable::HostTable(ServiceBackend& backend) {
  abi_.struct_size = sizeof abi_;
  abi_.abi_minor = RONDOM_ABI_MINOR;
  abi_.ctx = &backend;
  abi_.log = &host_log;
  abi_.http = &host_http;
  abi_.secret_get = &host_secret_get;
  abi_.secret_put = &host_secret_put;
  abi_.state_get = &host_state_get;
  abi_.state_put = &host_state_put;
  abi_.metric = &host_metric;
  abi_.now_us = &host_now_us;
  abi_.sleep_ms = &host_sleep_ms;
  abi_.cancelled = &host_cancelled;
  abi_.extension = &host_extension;
}

Result<std::string> call_service(const HostServices& services, Service service,
                                 std::string_view name, std::string_view value) {
  const auto put = [&](const auto& callback) -> Result<std::string> {
    if (!callback) return missing_service();
    RONDOM_TRY(callback(name, value));
    return std::string();
  };
  switch (service) {
    case Service::secret_get:
      return services.secret_get ? services.secret_get(name) : missing_service();
    case Service::state_get:
      return services.state_get ? services.state_get(name) : missing_service();
    case Service::secret_put: return put(services.secret_put);
    case Service::state_put: return put(services.state_put);
  }
  return missing_service();
}

void LocalServices::log(std::string_view level, std::string_view message) {
  if (services_.log) services_.log(level, message);
}

Result<std::string> LocalServices::call(Service service, std::string_view name,
                                        std::string_view value) {
  return call_service(services_, service, name, value);
}

Status LocalServices::http(const net::Request& request, net::ReplySink& sink) {
  if (!services_.http) return missing_service();
  return services_.http(request, sink, interrupt_);
}

Status LocalServices::sleep_ms(std::uint64_t milliseconds) {
  if (!interrupt_.wait_for(static_cast<std::int64_t>(milliseconds))) return {};
  return {ErrorCode::cancelled, "Stopped while waiting."};
}

}  // namespace rondom::plugin
