#include "service/notice_delivery.h"

#include <openssl/hmac.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base/cleanse.h"
#include "net/net.h"
#include "net/redact.h"
#include "service/command.h"

namespace rondom::service {
namespace {

constexpr int attempts_max = 5;
constexpr std::int64_t connect_ms = 10'000;
constexpr std::int64_t longest_wait_ms = 10'000;
constexpr std::int64_t reply_bytes_max = 1 << 20;
constexpr std::int64_t grace_of_command_ms = 2'000;
constexpr std::uint32_t first_success = 200, last_success = 299;

/// Only how it went.
class StatusSink final : public net::ReplySink {
 public:
  std::uint32_t status = 0;
  Status head(std::uint32_t code, std::span<const net::Header>) override {
    status = code;
    return {};
  }
  Status body(std::string_view) override { return {}; }
};

net::ClientOptions client_options(const net::Url& url) {
  net::ClientOptions options;
  options.hosts = {{url.host, url.has_default_port() ? std::uint16_t{0} : url.port}};
  options.retry.attempts_max = attempts_max;
  options.retry.longest_wait_ms = longest_wait_ms;
  options.limits.connect_ms = connect_ms;
  options.limits.body_bytes_max = reply_bytes_max;
  return options;
}

/// The values of all secrets that a text names.
std::vector<std::string> values_in(std::string_view text, const config::Secrets& secrets) {
  std::vector<std::string> values;
  for (const std::string& name : config::secret_references(text)) {
    if (auto value = secrets.get(name); value.ok()) values.push_back(std::move(*value));
  }
  return values;
}

}  // namespace

Result<std::string> webhook_signature(std::string_view key, std::string_view id,
                                      std::string_view seconds, std::string_view body) {
  constexpr std::string_view prefix = "whsec_";
  if (key.starts_with(prefix)) key.remove_prefix(prefix.size());
  const auto bytes = net::from_base64(key);
  if (!bytes.has_value() || bytes->empty()) {
    return Error{ErrorCode::bad_config, "signing_secret is no base64"};
  }
  const std::string text = std::string(id) + "." + std::string(seconds) + "." + std::string(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), bytes->data(), static_cast<int>(bytes->size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return "v1," + net::base64(std::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

NoticeDelivery::NoticeDelivery(std::string root, const Clock& clock, Random& random)
    : root_(std::move(root)),
      clock_(clock),
      random_(random),
      transport_(std::make_unique<net::CurlTransport>(net::CurlOptions{}, clock)) {}

NoticeDelivery::~NoticeDelivery() = default;

Status NoticeDelivery::deliver(const config::NotifyTarget& target, const config::Secrets& secrets,
                               const Notice& notice, net::Interrupt& interrupt) {
  return target.command.empty() ? post(target, secrets, notice, interrupt)
                                : run(target, notice, interrupt);
}

Status NoticeDelivery::post(const config::NotifyTarget& target, const config::Secrets& secrets,
                            const Notice& notice, net::Interrupt& interrupt) {
  RONDOM_TRY_ASSIGN(std::string address, config::resolve_secrets_in_text(target.webhook, secrets));
  const CleansedAtEnd cleansed(address);
  RONDOM_TRY_ASSIGN(const net::Url url, net::parse_url(address));
  net::Request request;
  request.method = "POST";
  request.url = address;
  request.body = body_of(notice);
  request.timeout_ms = target.timeout / 1'000;
  request.idempotent = true;  // its id says that it is the same
  const std::string seconds = std::to_string(notice.at / microseconds_per_second);
  request.headers = {{"Content-Type", "application/json"},
                     {"webhook-id", notice.id},
                     {"webhook-timestamp", seconds}};
  if (!target.signing_secret.empty()) {
    RONDOM_TRY_ASSIGN(std::string key,
                      config::resolve_secrets_in_text(target.signing_secret, secrets));
    const CleansedAtEnd key_cleansed(key);
    RONDOM_TRY_ASSIGN(std::string signature,
                      webhook_signature(key, notice.id, seconds, request.body));
    request.headers.push_back({"webhook-signature", std::move(signature)});
  }
  net::SystemSleeper sleeper;
  net::ClientPorts ports;
  ports.transport = transport_.get();
  ports.clock = &clock_;
  ports.random = &random_;
  ports.sleeper = &sleeper;
  net::HttpClient client(client_options(url), ports);
  StatusSink reply;
  const Status sent = client.send(request, reply, interrupt);
  if (!sent.ok()) {
    const net::Redactor redact(values_in(target.webhook, secrets));
    return {sent.error().code, redact(sent.error().message)};
  }
  if (reply.status >= first_success && reply.status <= last_success) return {};
  return {ErrorCode::failure, "the webhook answered " + std::to_string(reply.status)};
}

Status NoticeDelivery::run(const config::NotifyTarget& target, const Notice& notice,
                           net::Interrupt& interrupt) {
  Command command;
  command.program = (std::filesystem::path(root_) / target.command.front()).string();
  command.name = target.command.front();
  command.arguments.assign(target.command.begin() + 1, target.command.end());
  command.directory = root_;
  command.input = body_of(notice) + "\n";
  command.milliseconds_max = target.timeout / 1'000;
  command.grace_ms = grace_of_command_ms;
  RONDOM_TRY_ASSIGN(const CommandEnd end, run_command(
                                              command, clock_, [](Output, std::string_view) {},
                                              [&] { return !interrupt.requested(); }));
  if (end.timed_out) {
    return {ErrorCode::transient, "the command took longer than its timeout"};
  }
  if (interrupt.requested() && end.exit_code != 0) {
    return {ErrorCode::cancelled, "the command was stopped with the service"};
  }
  if (end.exit_code == 0) return {};
  return {ErrorCode::failure, "the command ended with exit code " + std::to_string(end.exit_code)};
}

}  // namespace rondom::service
