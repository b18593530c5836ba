// What the tests of net share: a transport that answers from a list, a clock that moves only by the
// waits, and chance that is always the same.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "net/net.h"
#include "net/relay.h"
#include "support/clock_sleeper.h"

namespace rondom::net::test {

/// One exchange on the wire as it shall go.
struct Step {
  Outcome::Kind outcome = Outcome::Kind::complete;
  std::uint32_t status = 200;  // 0 = no head before the end
  std::vector<Header> headers;
  std::string body;
  bool reads_body = true;
};

struct Seen {
  std::string method;
  std::string url;
  std::string body;
  std::vector<Header> headers;
  bool idempotent = false;
};

class FakeTransport final : public Transport {
 public:
  std::deque<Step> steps;
  std::vector<Seen> seen;

  Outcome exchange(const WireRequest& request, WireSink& sink, Interrupt& interrupt) override {
    Seen now{request.method, request.url, "", request.headers, request.idempotent};
    const Step step = steps.empty() ? Step{} : steps.front();
    if (!steps.empty()) steps.pop_front();
    if (request.body != nullptr && step.reads_body) {
      char buffer[7];
      while (true) {
        const Result<std::size_t> got = request.body->read(buffer);
        if (!got.ok()) return {Outcome::Kind::stopped, "the body could not be read"};
        if (*got == 0) break;
        now.body.append(buffer, *got);
      }
    }
    seen.push_back(std::move(now));
    if (interrupt.requested()) return {Outcome::Kind::interrupted, "it was stopped"};
    if (step.status != 0) {
      if (!sink.head(step.status, step.headers)) return {Outcome::Kind::stopped, ""};
      if (!step.body.empty() && !sink.body(step.body)) return {Outcome::Kind::stopped, ""};
    }
    return {step.outcome, "the connection ended"};
  }
};

/// Every byte is zero: no jitter at all.
class NoChance final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = 0;
  }
};

class MemoryTokens final : public TokenStore {
 public:
  std::optional<std::string> kept;
  bool broken = false;
  Result<std::unique_ptr<Hold>> hold(Interrupt& /*interrupt*/) override {
    return std::unique_ptr<Hold>();
  }
  Result<std::optional<std::string>> load() override { return kept; }
  Status save(std::string_view token) override {
    if (broken) return {ErrorCode::unavailable, "The disk is full."};
    kept = token;
    return {};
  }
};

class TextSink final : public ReplySink {
 public:
  std::uint32_t status = 0;
  int heads = 0;
  std::string text;
  std::size_t stop_after = ~std::size_t{0};
  Status head(std::uint32_t code, std::span<const Header>) override {
    status = code;
    ++heads;
    return {};
  }
  Status body(std::string_view bytes) override {
    text += bytes;
    if (text.size() > stop_after) return {ErrorCode::data, "Seen enough."};
    return {};
  }
};

/// A body that can be read once.
class OneWayBody final : public BodySource {
 public:
  explicit OneWayBody(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::span<char> into) override { return bytes_.read(into); }

 private:
  MemoryBody bytes_;
};

constexpr Timestamp noon = 1'780'000'000 * microseconds_per_second;

/// A client with all of these.
struct World {
  explicit World(ClientOptions given = {}) : options(std::move(given)) {
    if (options.base_url.empty()) options.base_url = "https://api.example.com";
    options.hosts.push_back({"api.example.com", 0});
    ClientPorts ports;
    ports.transport = &transport;
    ports.clock = &clock;
    ports.random = &chance;
    ports.sleeper = &sleeper;
    ports.tokens = &tokens;
    ports.log = [this](std::string_view, std::string_view message) { log += message; };
    client = std::make_unique<HttpClient>(options, ports);
  }

  Status send(std::string method, std::string url = "/people", std::string body = {}) {
    Request request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.body = std::move(body);
    sink = TextSink();
    return client->send(request, sink, interrupt);
  }
  std::string authorization(std::size_t request) const {
    return std::string(header_value(transport.seen.at(request).headers, "Authorization"));
  }

  ClientOptions options;
  ManualClock clock{noon};
  rondom::test::ClockSleeper sleeper{clock};
  NoChance chance;
  FakeTransport transport;
  MemoryTokens tokens;
  TextSink sink;
  Interrupt interrupt;
  std::string log;
  std::unique_ptr<HttpClient> client;
};

}  // namespace rondom::net::test
