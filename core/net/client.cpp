#include "net/client.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/cleanse.h"
#include "base/text.h"
#include "net/form_body.h"
#include "net/relay.h"
#include "net/request_check.h"

namespace rondom::net {
namespace {

constexpr std::size_t token_reply_bytes_max = 256u << 10;

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

bool is_form(const Request& request) {
  const std::string_view type = header_value(request.headers, "content-type");
  return starts_with_ignoring_case(type, "application/x-www-form-urlencoded");
}

/// Of requests that were signed.
struct CleansedRequest {
  WireRequest& wire;
  Url& address;
  ~CleansedRequest() {
    for (Header& header : wire.headers) cleanse(header.value);
    cleanse(wire.url);
    cleanse(address.query);
  }
};

Status interrupted() {
  return {ErrorCode::cancelled, "The request was stopped because the run was."};
}

}  // namespace

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
  RONDOM_TRY(check_request(request, authenticator_));
  RONDOM_TRY_ASSIGN(Url target, resolve_at_base(options_.base_url, request.url));
  RONDOM_TRY(check_target(target, options_.hosts, options_.allow_plain_http));
  return run(request, std::move(target), true, sink, interrupt);
}

Status HttpClient::run(const Request& request, Url target, bool signed_by_us, ReplySink& sink,
                       Interrupt& interrupt) {
  MemoryBody memory(request.body);
  BodySource& given = request.stream != nullptr ? *request.stream : memory;
  std::string field = signed_by_us ? authenticator_.form_field() : std::string();
  if (!field.empty() && !is_form(request)) {
    return {ErrorCode::internal,
            "The connector sent no form, and its system takes the key in a form."};
  }
  const bool has_field = !field.empty();
  FormBody with_key(given, std::move(field));
  WatchedBody body(has_field ? static_cast<BodySource&>(with_key) : given);
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
  const Url bare = target;
  const bool moves = signed_by_us && request.url.rfind('/', 0) == 0;
  bool moved = false;  // to the server that the token's reply names

  while (true) {
    WireRequest wire;
    wire.method = request.method;
    wire.headers = request.headers;
    wire.idempotent = progress.attempt.idempotent;
    wire.limits = options_.limits;
    Url address = target;
    const CleansedRequest cleansed{wire, address};
    std::uint64_t generation = 0;
    if (signed_by_us) {
      RONDOM_TRY_ASSIGN(auto signature, authenticator_.sign(address, interrupt));
      generation = signature.generation;
      if (moves && !moved && !signature.instance.empty()) {
        RONDOM_TRY(move_to(signature.instance, address));
        if (!address.same_origin(target)) progress.subject = describe(request.method, address);
        target = address;
        moved = true;
      }
      for (Header& header : signature.headers) wire.headers.push_back(std::move(header));
    }
    wire.url = address.text();
    if (has_body) wire.body = &body;

    RONDOM_TRY_ASSIGN(Budget::Permit permit, budget_.acquire(interrupt));
    RetryPolicy policy = options_.retry;
    if (progress.deadline_us != 0) {
      const std::int64_t left = (progress.deadline_us - ports_.clock->monotonic()) / 1'000;
      if (left <= 0) {
        return {ErrorCode::transient, progress.subject + ": the time for the request ran out."};
      }
      wire.limits.total_ms = std::min(wire.limits.total_ms, left);
      // No wait that ends after the time for the request.
      policy.waits_total_ms =
          std::min(policy.waits_total_ms, progress.attempt.waited_ms + left - 1);
    }
    Relay relay(policy, progress, body, sink, chance(), ports_.clock->now());
    relay.may_renew = signed_by_us && options_.credentials.uses_tokens() && !progress.renewed;
    relay.may_redirect = follows;
    const Outcome outcome = ports_.transport->exchange(wire, relay, interrupt);
    if (outcome.kind == Outcome::Kind::complete) relay.finish();
    permit.give_back();

    if (!relay.stopped().ok()) return relay.stopped();
    if (!body.failed().ok()) return body.failed();
    const bool answered = outcome.kind == Outcome::Kind::complete ||
                          (relay.seen_head() && relay.then() != Relay::Then::deliver);
    if (answered && relay.then() == Relay::Then::deliver) return {};
    if (outcome.kind == Outcome::Kind::interrupted || interrupt.requested()) return interrupted();
    progress.attempt.body_repeatable = body.can_rewind();
    if (body.can_rewind()) body.rewind();

    if (!answered) {
      progress.attempt.outcome = outcome.kind;
      progress.attempt.status = 0;
      progress.attempt.told_wait_ms.reset();
      // A reply that began to be delivered cannot be begun again.
      const Decision decision =
          relay.delivering() || (outcome.nobody_there && !policy.waits_for_somebody)
              ? Decision{}
              : decide(policy, progress.attempt, chance());
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
        target = bare;
        moved = false;
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

/// The token's reply names a server: held to the same rules as any other address.
Status HttpClient::move_to(const std::string& instance, Url& address) const {
  RONDOM_TRY_ASSIGN(const Url server, parse_url(instance));
  RONDOM_TRY(check_target(server, options_.hosts, options_.allow_plain_http));
  address.scheme = server.scheme;
  address.host = server.host;
  address.port = server.port;
  // A server may live below a path.
  const std::string_view prefix = std::string_view(server.path);
  if (prefix.size() > 1) {
    address.path.insert(0, prefix.substr(0, prefix.size() - (prefix.back() == '/' ? 1 : 0)));
  }
  return {};
}

Status HttpClient::follow(Progress& progress, std::string_view location, Url& target) const {
  if (++progress.redirects > redirects_max) {
    return {ErrorCode::data, progress.subject + ": the server redirects too often."};
  }
  RONDOM_TRY_ASSIGN(Url next, resolve_reference(target, location));
  const bool to_https =
      target.scheme == "http" && next.scheme == "https" && next.has_default_port();
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
    case Outcome::Kind::too_large:
    case Outcome::Kind::unanswerable: return {ErrorCode::data, text};
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
  // Declared by the connector together with the credentials, or said by the user in the
  // configuration that holds them, so its host needs no rule; a plain connection would give the
  // secret away.
  if (target.scheme == "http" && !options_.allow_plain_http && !is_loopback(target)) {
    return Error{ErrorCode::not_permitted, "The token address is not encrypted."};
  }
  Request request;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  request.body = form;
  const CleansedAtEnd body_cleansed(request.body);
  request.idempotent = repeatable;
  Collector collector;
  const CleansedAtEnd reply_cleansed(collector.text);
  RONDOM_TRY(run(request, std::move(target), false, collector, interrupt));
  Result<Token> token = read_token(collector.status, collector.text, options_.credentials);
  if (token.ok()) {
    redact_.learn(token->access_token);
    redact_.learn(token->refresh_token);
  }
  return token;
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
