#include "net/client.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "base/text.h"

namespace rondom::net {
namespace {

constexpr std::size_t token_reply_bytes_max = 256u << 10;
// Of a reply that nobody gets: read on for the sake of the connection, but not for ever.
constexpr std::size_t unwanted_bytes_max = 64u << 10;

/// Remembers whether the body was touched and what it failed with.
class WatchedBody final : public BodySource {
 public:
  explicit WatchedBody(BodySource& inner) : inner_(inner) {}
  Result<std::size_t> read(std::span<char> into) override {
    touched_ = true;
    Result<std::size_t> got = inner_.read(into);
    if (!got.ok()) failed_ = got.status();
    return got;
  }
  bool can_rewind() const override { return !touched_ || inner_.can_rewind(); }
  void rewind() override {
    if (touched_) inner_.rewind();
    touched_ = false;
  }
  std::int64_t size() const override { return inner_.size(); }
  const Status& failed() const { return failed_; }

 private:
  BodySource& inner_;
  bool touched_ = false;
  Status failed_;
};

/// Collects a small reply.
class Collector final : public ReplySink {
 public:
  std::uint32_t status = 0;
  std::string text;
  Status head(std::uint32_t code, std::span<const Header>) override {
    status = code;
    return {};
  }
  Status body(std::string_view bytes) override {
    if (text.size() + bytes.size() > token_reply_bytes_max) {
      return {ErrorCode::auth, "The token address answered with more than a token."};
    }
    text += bytes;
    return {};
  }
};

bool is_token_text(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && (c < '0' || c > '9') &&
        std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_header_text(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7f);
  });
}

/// Headers that the transport writes itself.
bool is_of_transport(std::string_view name) {
  const std::string lower = lower_ascii(name);
  for (const std::string_view own :
       {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te",
        "trailer", "expect", "accept-encoding", "cookie"}) {
    if (lower == own) return true;
  }
  return lower.substr(0, 6) == "proxy-";
}

bool is_redirect(std::uint32_t status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Status interrupted() {
  return {ErrorCode::cancelled, "The request was stopped because the run was."};
}

}  // namespace

std::string_view header_value(std::span<const Header> headers, std::string_view name) {
  for (const Header& header : headers) {
    if (header.name.size() == name.size() && starts_with_ignoring_case(header.name, name)) {
      return header.value;
    }
  }
  return {};
}

/// What is known of one request while it goes through its attempts.
struct HttpClient::Progress {
  std::string subject;
  Attempt attempt;
  bool renewed = false;
  int redirects = 0;
  std::int64_t deadline_us = 0;  // 0 = none
};

/// Between the wire and the sink: decides at the head whether the reply is the caller's.
class HttpClient::Relay final : public WireSink {
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
  Then judge() {
    if (status_ == 401 && may_renew && sent_.can_rewind()) return Then::renew;
    if (is_redirect(status_) && may_redirect && !location().empty()) return Then::redirect;
    if (status_ < 400) return Then::deliver;
    Attempt& attempt = progress_.attempt;
    attempt.outcome = Outcome::Kind::complete;
    attempt.status = status_;
    attempt.body_repeatable = sent_.can_rewind();
    attempt.told_wait_ms.reset();
    if (status_ == 429 || status_ == 503) attempt.told_wait_ms = told_wait_ms(headers_, now_);
    decision_ = decide(policy_, attempt, chance_);
    if (decision_.retry) return Then::retry;
    return certainly_not_applied(status_, attempt.told_wait_ms.has_value()) ? Then::give_up
                                                                            : Then::deliver;
  }
  bool release() {
    if (delivering_) return stopped_.ok();
    delivering_ = true;
    stopped_ = sink_.head(status_, headers_);
    if (!stopped_.ok()) return false;
    const std::string held = std::move(held_);
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

HttpClient::HttpClient(ClientOptions options, ClientPorts ports)
    : options_(std::move(options)),
      ports_(std::move(ports)),
      redact_(options_.credentials.secrets()),
      budget_(options_.budget, *ports_.clock, *ports_.sleeper),
      authenticator_(options_.credentials, *ports_.clock, ports_.tokens,
                     [this](const std::string& form, bool repeatable, Interrupt& interrupt) {
                       return fetch_token(form, repeatable, interrupt);
                     }) {}

Status HttpClient::send(const Request& request, ReplySink& sink, Interrupt& interrupt) {
  RONDOM_TRY(check(request));
  RONDOM_TRY_ASSIGN(Url target, resolve_at_base(options_.base_url, request.url));
  RONDOM_TRY(check_target(target, options_.hosts, options_.allow_plain_http));
  return run(request, std::move(target), true, sink, interrupt);
}

Status HttpClient::check(const Request& request) const {
  if (!is_token_text(request.method) || request.method.size() > 20) {
    return {ErrorCode::internal, "A request has no usable method."};
  }
  if (request.headers.size() > request_headers_max) {
    return {ErrorCode::data, "A request has more than 100 headers."};
  }
  std::size_t bytes = 0;
  for (const Header& header : request.headers) {
    bytes += header.name.size() + header.value.size();
    if (!is_token_text(header.name) || !is_header_text(header.value)) {
      return {ErrorCode::data, "A request has a header with characters that none may have."};
    }
    if (is_of_transport(header.name) || authenticator_.owns_header(header.name)) {
      return {ErrorCode::not_permitted,
              "The connector may not set header " + header.name + "; Rondom does."};
    }
  }
  if (bytes > request_header_bytes_max) {
    return {ErrorCode::data, "A request has more than 64 KiB of headers."};
  }
  return {};
}

Status HttpClient::run(const Request& request, Url target, bool signed_by_us, ReplySink& sink,
                       Interrupt& interrupt) {
  MemoryBody memory(request.body);
  WatchedBody body(request.stream != nullptr ? *request.stream : memory);
  const bool has_body = request.stream != nullptr || !request.body.empty() ||
                        request.method == "POST" || request.method == "PUT" ||
                        request.method == "PATCH";
  Progress progress;
  progress.subject = describe(request.method, target);
  progress.attempt.idempotent = request.idempotent || is_idempotent(request.method);
  if (request.timeout_ms > 0) {
    progress.deadline_us = ports_.clock->monotonic() + request.timeout_ms * 1'000;
  }
  const bool follows = request.method == "GET" || request.method == "HEAD";

  while (true) {
    WireRequest wire;
    wire.method = request.method;
    wire.headers = request.headers;
    wire.idempotent = progress.attempt.idempotent;
    wire.limits = options_.limits;
    Url address = target;
    std::uint64_t generation = 0;
    if (signed_by_us) {
      RONDOM_TRY_ASSIGN(auto signature, authenticator_.sign(address, interrupt));
      generation = signature.generation;
      for (Header& header : signature.headers) wire.headers.push_back(std::move(header));
    }
    wire.url = address.text();
    if (has_body) wire.body = &body;

    RONDOM_TRY_ASSIGN(std::optional<Budget::Permit> permit, budget_.acquire(interrupt));
    if (progress.deadline_us != 0) {
      const std::int64_t left = (progress.deadline_us - ports_.clock->monotonic()) / 1'000;
      if (left <= 0) {
        return {ErrorCode::transient, progress.subject + ": the time for the request ran out."};
      }
      wire.limits.total_ms = std::min(wire.limits.total_ms, left);
    }
    Relay relay(options_.retry, progress, body, sink, chance(), ports_.clock->now());
    relay.may_renew = signed_by_us && options_.credentials.uses_tokens() && !progress.renewed;
    relay.may_redirect = follows;
    const Outcome outcome = ports_.transport->exchange(wire, relay, interrupt);
    if (outcome.kind == Outcome::Kind::complete) relay.finish();
    permit.reset();

    if (!relay.stopped().ok()) return relay.stopped();
    if (!body.failed().ok()) return body.failed();
    if (outcome.kind == Outcome::Kind::interrupted || interrupt.requested()) return interrupted();
    const bool answered = outcome.kind == Outcome::Kind::complete ||
                          (relay.seen_head() && relay.then() != Relay::Then::deliver);
    if (answered && relay.then() == Relay::Then::deliver) return {};
    progress.attempt.body_repeatable = body.can_rewind();
    if (body.can_rewind()) body.rewind();

    if (!answered) {
      progress.attempt.outcome = outcome.kind;
      progress.attempt.status = 0;
      progress.attempt.told_wait_ms.reset();
      // A reply that began to be delivered cannot be begun again.
      const Decision decision =
          relay.delivering() ? Decision{} : decide(options_.retry, progress.attempt, chance());
      if (!decision.retry) {
        return failure(progress.subject, outcome, progress.attempt.idempotent);
      }
      RONDOM_TRY(wait(progress, decision.wait_ms, false, outcome.what, interrupt));
      continue;
    }
    switch (relay.then()) {
      case Relay::Then::redirect: RONDOM_TRY(follow(progress, relay.location(), target)); break;
      case Relay::Then::renew:
        progress.renewed = true;
        authenticator_.refused(generation);
        break;
      case Relay::Then::retry:
        RONDOM_TRY(wait(progress, relay.wait_ms(), progress.attempt.told_wait_ms.has_value(),
                        "status " + std::to_string(relay.status()), interrupt));
        break;
      default: return refusal(progress);
    }
  }
}

Status HttpClient::follow(Progress& progress, std::string_view location, Url& target) const {
  if (++progress.redirects > redirects_max) {
    return {ErrorCode::data, progress.subject + ": the server redirects too often."};
  }
  RONDOM_TRY_ASSIGN(Url next, resolve_reference(target, location));
  const bool to_https = target.scheme == "http" && next.scheme == "https";
  if (next.host != target.host || (!to_https && !next.same_origin(target))) {
    return {ErrorCode::not_permitted,
            progress.subject + ": the server redirects to " + next.scheme + "://" + next.host +
                ":" + std::to_string(next.port) + ", and only its own addresses are followed."};
  }
  target = std::move(next);
  return {};
}

Status HttpClient::refusal(const Progress& progress) const {
  const Attempt& attempt = progress.attempt;
  Error error{attempt.status == 429 ? ErrorCode::rate_limited : ErrorCode::transient,
              progress.subject + ": the server answered with status " +
                  std::to_string(attempt.status) + " in attempt " + std::to_string(attempt.number) +
                  " and wants us to wait."};
  error.retry_after_ms = static_cast<long>(
      std::min<std::int64_t>(attempt.told_wait_ms.value_or(0), std::int64_t{1} << 31));
  return error;
}

Status HttpClient::wait(Progress& progress, std::int64_t milliseconds, bool everybody,
                        const std::string& why, Interrupt& interrupt) {
  log("info", progress.subject + ": " + why + "; sent again in " + std::to_string(milliseconds) +
                  " ms (attempt " + std::to_string(progress.attempt.number + 1) + ").");
  if (everybody) budget_.hold(milliseconds);
  if (milliseconds > 0 && !ports_.sleeper->sleep(milliseconds, interrupt)) return interrupted();
  progress.attempt.waited_ms += milliseconds;
  ++progress.attempt.number;
  return {};
}

Status HttpClient::failure(const std::string& subject, const Outcome& outcome,
                           bool repeatable) const {
  const std::string text = subject + ": " + redact_(outcome.what) + ".";
  switch (outcome.kind) {
    case Outcome::Kind::not_sent: return {ErrorCode::transient, text};
    case Outcome::Kind::untrusted: return {ErrorCode::not_permitted, text};
    case Outcome::Kind::too_large: return {ErrorCode::data, text};
    case Outcome::Kind::interrupted: return interrupted();
    case Outcome::Kind::stopped: return {ErrorCode::internal, text};
    default: break;
  }
  if (repeatable) return {ErrorCode::transient, text};
  return {ErrorCode::unavailable, text + " It is not known whether the request was applied."};
}

Result<Token> HttpClient::fetch_token(const std::string& form, bool repeatable,
                                      Interrupt& interrupt) {
  RONDOM_TRY_ASSIGN(Url target, parse_url(options_.credentials.token_url));
  // Declared by the connector together with the credentials, so its host needs no rule; a plain
  // connection would give the secret away.
  if (target.scheme == "http" && !options_.allow_plain_http && !is_loopback(target)) {
    return Error{ErrorCode::not_permitted, "The token address is not encrypted."};
  }
  Request request;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  request.body = form;
  request.idempotent = repeatable;
  Collector collector;
  RONDOM_TRY(run(request, std::move(target), false, collector, interrupt));
  return read_token(collector.status, collector.text);
}

double HttpClient::chance() {
  std::array<std::uint8_t, 4> bytes{};
  const std::lock_guard lock(random_mutex_);
  ports_.random->fill(bytes);
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return static_cast<double>(value) / 4294967296.0;
}

void HttpClient::log(std::string_view level, const std::string& message) const {
  if (ports_.log) ports_.log(level, redact_(message));
}

}  // namespace rondom::net
