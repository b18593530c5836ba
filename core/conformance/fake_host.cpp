#include "conformance/fake_host.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "conformance/child.h"
#include "net/url.h"

namespace rondom::conformance {
namespace {

// A plugin that asks so often will not end by itself.
constexpr std::size_t calls_max = 5'000'000;
constexpr std::size_t calls_after_cancel_max = 1'000;
constexpr std::size_t lines_max = 100'000;
constexpr std::int64_t tick_us = 1'000;
constexpr std::size_t piece_bytes = 64u << 10;

// Which request of the plugin the exchange on this thread belongs to.
thread_local std::size_t current_request = 0;

class Collector final : public net::WireSink {
 public:
  bool head(std::uint32_t status, std::vector<net::Header> headers) override {
    status_ = status;
    headers_ = std::move(headers);
    return true;
  }
  bool body(std::string_view bytes) override {
    body_ += bytes;
    return true;
  }
  std::uint32_t status_ = 0;
  std::vector<net::Header> headers_;
  std::string body_;
};

class NoTokens final : public net::TokenStore {
 public:
  Result<std::unique_ptr<Hold>> hold(net::Interrupt& /*interrupt*/) override {
    return std::unique_ptr<Hold>();
  }
  Result<std::optional<std::string>> load() override { return std::optional<std::string>(); }
  Status save(std::string_view /*refresh_token*/) override { return {}; }
};

/// A system without a cassette.
class Silence final : public net::Transport {
 public:
  net::Outcome exchange(const net::WireRequest& /*request*/, net::WireSink& /*sink*/,
                        net::Interrupt& /*interrupt*/) override {
    return {net::Outcome::Kind::unanswerable, "the fixtures have no cassette"};
  }
};

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

std::string path_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = scheme == std::string_view::npos ? 0 : url.find('/', scheme + 3);
  if (path == std::string_view::npos) return "/";
  return std::string(url.substr(path, url.find('?', path) - path));
}

}  // namespace

std::string brief(const Exchange& exchange) {
  return exchange.method + " " + path_of(exchange.url);
}

/// The wire: the cassette, or what the script has in its place.
class FakeHost::Wire final : public net::Transport {
 public:
  explicit Wire(FakeHost& host) : host_(host) {}

  net::Outcome exchange(const net::WireRequest& request, net::WireSink& sink,
                        net::Interrupt& interrupt) override {
    Exchange seen;
    seen.request = current_request;
    seen.method = request.method;
    seen.url = request.url;
    if (request.body != nullptr && !read_body(*request.body, seen.body)) {
      return {net::Outcome::Kind::stopped, "the body could not be read"};
    }
    net::MemoryBody memory(seen.body);
    net::WireRequest asked = request;
    if (request.body != nullptr) asked.body = &memory;
    const std::string& token_url = host_.subject_.declared.options.credentials.token_url;
    if (!token_url.empty() && path_of(request.url) == path_of(token_url)) {
      return token(asked, sink, interrupt);
    }
    keep_headers(request, seen);
    if (interrupt.requested()) return {net::Outcome::Kind::interrupted, "it was stopped"};
    net::Outcome outcome = answer(asked, sink, interrupt, seen);
    seen.answered = outcome.kind != net::Outcome::Kind::unanswerable;
    if (host_.on_exchange) host_.on_exchange(seen);
    const std::lock_guard lock(host_.mutex_);
    host_.exchanges_.push_back(std::move(seen));
    return outcome;
  }

 private:
  static bool read_body(net::BodySource& body, std::string& into) {
    std::string piece(piece_bytes, '\0');
    while (true) {
      const Result<std::size_t> got = body.read(piece);
      if (!got.ok()) return false;
      if (*got == 0) return true;
      into.append(piece, 0, *got);
    }
  }

  void keep_headers(const net::WireRequest& request, Exchange& seen) const {
    const std::string& key = host_.subject_.declared.options.credentials.header;
    for (const net::Header& header : request.headers) {
      if (same_name(header.name, "authorization")) continue;
      if (!key.empty() && same_name(header.name, key)) continue;
      seen.headers.push_back(header);
    }
  }

  net::Outcome token(const net::WireRequest& request, net::WireSink& sink,
                     net::Interrupt& interrupt) {
    Collector reply;
    net::Outcome outcome = host_.inner_->exchange(request, reply, interrupt);
    if (outcome.kind != net::Outcome::Kind::unanswerable) {
      sink.head(reply.status_, reply.headers_);
      sink.body(reply.body_);
      return outcome;
    }
    nlohmann::json made{
        {"access_token", "conformance"}, {"token_type", "Bearer"}, {"expires_in", 3'600}};
    const net::ClientOptions& options = host_.subject_.declared.options;
    if (!options.credentials.instance.empty()) {
      made[options.credentials.instance] = options.base_url;
    }
    sink.head(200, {{"Content-Type", "application/json"}});
    sink.body(made.dump());
    return {};
  }

  net::Outcome answer(const net::WireRequest& request, net::WireSink& sink,
                      net::Interrupt& interrupt, Exchange& seen) {
    const Fault fault = host_.fault();
    if (fault.kind == Fault::Kind::lost) {
      return {net::Outcome::Kind::lost, "no answer came in time"};
    }
    Collector reply;
    if (fault.kind == Fault::Kind::reply) {
      reply.status_ = fault.status;
      reply.headers_ = fault.headers;
      reply.body_ = fault.body;
    } else {
      net::Outcome outcome = host_.inner_->exchange(request, reply, interrupt);
      if (outcome.kind != net::Outcome::Kind::complete) {
        seen.status = reply.status_;
        if (reply.status_ != 0) {
          sink.head(reply.status_, reply.headers_);
          if (!reply.body_.empty()) sink.body(reply.body_);
        }
        return outcome;
      }
      if (fault.kind == Fault::Kind::change) change(fault, reply);
    }
    seen.status = reply.status_;
    seen.reply = reply.body_.substr(0, fixture_file_bytes_max);
    return deliver(reply, sink);
  }

  static void change(const Fault& fault, Collector& reply) {
    fault.change(reply.body_);
    std::erase_if(reply.headers_, [](const net::Header& header) {
      return same_name(header.name, "content-length");
    });
  }

  static net::Outcome deliver(Collector& reply, net::WireSink& sink) {
    if (!sink.head(reply.status_, std::move(reply.headers_))) {
      return {net::Outcome::Kind::stopped, ""};
    }
    std::string_view rest = reply.body_;
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, piece_bytes);
      if (!sink.body(piece)) return {net::Outcome::Kind::stopped, ""};
      rest.remove_prefix(piece.size());
    }
    return {};
  }

  FakeHost& host_;
};

/// Waits of the client: they move the clock.
class FakeHost::Waits final : public net::Sleeper {
 public:
  explicit Waits(FakeHost& host) : host_(host) {}
  bool sleep(std::int64_t milliseconds, net::Interrupt& interrupt) override {
    host_.clock_.advance(milliseconds * 1'000);
    return !interrupt.requested();
  }

 private:
  FakeHost& host_;
};

/// The same chances each time.
class FakeHost::Chance final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

Fault lost_answer() {
  Fault fault;
  fault.kind = Fault::Kind::lost;
  return fault;
}

FakeHost::FakeHost(const Subject& subject, Script script, std::int64_t later_us)
    : subject_(subject),
      script_(std::move(script)),
      clock_((subject.fixture == nullptr ? 0 : subject.fixture->now) + later_us),
      wire_(std::make_unique<Wire>(*this)),
      waits_(std::make_unique<Waits>(*this)),
      chance_(std::make_unique<Chance>()),
      tokens_(std::make_unique<NoTokens>()) {
  const std::vector<std::string> secrets = subject.declared.options.credentials.secrets();
  if (subject.tapes.record != nullptr) {
    const net::ClientOptions& options = subject.declared.options;
    real_ = std::make_unique<net::CurlTransport>(net::CurlOptions{options.proxy, options.ca_file},
                                                 clock_);
    inner_ = std::make_unique<net::RecordingTransport>(
        *real_, subject.tapes.record, subject.info.id, options.credentials,
        [this](std::string_view level, std::string_view message) { log(level, message); });
  } else if (subject.fixture != nullptr && !subject.fixture->cassette_text.empty()) {
    const Fixture& fixture = *subject.fixture;
    auto cassette = net::CassetteReader::parse(fixture.cassette_text, fixture.cassette_name);
    if (!cassette.ok()) conclude({Outcome::failed, "", "a cassette", cassette.error().message});
    inner_ =
        std::make_unique<net::PlayingTransport>(*cassette, fixture.cassette_connection, secrets);
  } else {
    inner_ = std::make_unique<Silence>();
  }
  net::ClientPorts ports;
  ports.transport = wire_.get();
  ports.clock = &clock_;
  ports.random = chance_.get();
  ports.sleeper = waits_.get();
  ports.tokens = tokens_.get();
  client_ = std::make_unique<net::HttpClient>(subject.declared.options, std::move(ports));
}

FakeHost::~FakeHost() = default;

Fault FakeHost::fault() const {
  return script_ ? script_(current_request) : Fault();
}

void FakeHost::count_call() {
  if (ended_) ++late_calls_;
  if (++calls_ > calls_max) {
    conclude({Outcome::failed, "", "an end after a bounded number of calls of the host",
              "more than " + std::to_string(calls_max) + " calls"});
  }
  if (is_cancelled() && ++calls_after_cancel_ > calls_after_cancel_max) {
    conclude(
        {Outcome::failed, "", "an end soon after the host asked to stop",
         "more than " + std::to_string(calls_after_cancel_max) + " further calls of the host"});
  }
}

void FakeHost::log(std::string_view level, std::string_view message) {
  count_call();
  if (on_log) on_log(level, message);
  const std::lock_guard lock(mutex_);
  if (lines_.size() < lines_max) lines_.emplace_back(message);
}

Result<std::string> FakeHost::call(plugin::Service service, std::string_view name,
                                   std::string_view value) {
  count_call();
  const std::lock_guard lock(mutex_);
  const std::string key(name);
  switch (service) {
    case plugin::Service::secret_get: return secrets_[key];
    case plugin::Service::secret_put: secrets_[key] = value; break;
    case plugin::Service::state_get: return state_[key];
    case plugin::Service::state_put: state_[key] = value; break;
  }
  return std::string();
}

Status FakeHost::http(const net::Request& request, net::ReplySink& sink) {
  count_call();
  current_request = requests_++;
  if (current_request == cancel_at_request_) cancel();
  if (is_cancelled()) return {ErrorCode::cancelled, "The exchange was stopped."};
  return client_->send(request, sink, interrupt_);
}

std::int64_t FakeHost::now_us() {
  count_call();
  clock_.advance(tick_us);
  return clock_.now();
}

Status FakeHost::sleep_ms(std::uint64_t milliseconds) {
  count_call();
  ++sleeps_;
  if (cancel_at_sleep_) cancel();
  if (is_cancelled()) return {ErrorCode::cancelled, "Stopped while waiting."};
  clock_.advance(static_cast<std::int64_t>(milliseconds) * 1'000);
  return {};
}

bool FakeHost::cancelled() {
  count_call();
  return is_cancelled();
}

std::vector<Exchange> FakeHost::exchanges() const {
  const std::lock_guard lock(mutex_);
  return exchanges_;
}

std::vector<std::string> FakeHost::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::map<std::string, std::string> FakeHost::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::vector<std::string> FakeHost::unanswered() const {
  std::vector<std::string> out;
  for (const Exchange& exchange : exchanges()) {
    if (!exchange.answered) out.push_back(brief(exchange));
  }
  return out;
}

}  // namespace rondom::conformance
