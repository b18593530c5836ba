// FakeHost: what the kit offers to a plugin in place of Rondom.
//
// A clock that moves by a millisecond a question and by what is slept; HTTP from the fixture's
// cassette, through the same client as in a run (authentication, retries, hosts, limits), with
// faults where a script says so; state in memory; a log that is kept. Any thread. Must outlive the
// instance that was opened with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/subject.h"
#include "net/net.h"
#include "plugin/services.h"

namespace rondom::conformance {

/// What becomes of one request of the plugin, its repetitions by the client included.
struct Fault {
  enum class Kind : std::uint8_t { none, reply, lost, change };
  Kind kind = Kind::none;
  std::uint32_t status = 0;  // of reply
  std::vector<net::Header> headers;
  std::string body;
  std::function<void(std::string& body)> change;  // of what the cassette says
};
/// Where no answer comes.
Fault lost_answer();
using Script = std::function<Fault(std::size_t request)>;  // counted from 0

/// One exchange on the wire; token requests are not among them.
struct Exchange {
  std::size_t request = 0;
  std::string method;
  std::string url;
  std::vector<net::Header> headers;  // without the authentication
  std::string body;
  std::uint32_t status = 0;
  std::string reply;
  bool answered = true;  // false: the cassette has nothing for it
};

class FakeHost final : public plugin::ServiceBackend {
 public:
  explicit FakeHost(const Subject& subject, Script script = {}, std::int64_t later_us = 0);
  ~FakeHost() override;

  void log(std::string_view level, std::string_view message) override;
  Result<std::string> call(plugin::Service service, std::string_view name,
                           std::string_view value) override;
  Status http(const net::Request& request, net::ReplySink& sink) override;
  std::int64_t now_us() override;
  Status sleep_ms(std::uint64_t milliseconds) override;
  bool cancelled() override;
  const rondom_ext_streams* standard_streams() override { return nullptr; }

  void cancel() { interrupt_.request(); }
  bool is_cancelled() const { return interrupt_.requested(); }
  /// Cancels as soon as so many requests were begun; at the first sleep.
  void cancel_at_request(std::size_t request) { cancel_at_request_ = request; }
  void cancel_at_sleep() { cancel_at_sleep_ = true; }
  /// After close(): whatever is asked from now on is against the rules.
  void end() { ended_ = true; }
  void begin() { ended_ = false; }
  std::size_t late_calls() const { return late_calls_; }

  std::size_t requests() const { return requests_; }  // of the plugin
  std::size_t sleeps() const { return sleeps_; }
  std::vector<Exchange> exchanges() const;
  std::vector<std::string> lines() const;  // of the log
  std::map<std::string, std::string> state() const;
  /// Requests that the cassette has no answer to: "GET /contacts".
  std::vector<std::string> unanswered() const;
  /// Told of every exchange and line as it happens.
  std::function<void(const Exchange&)> on_exchange;
  std::function<void(std::string_view level, std::string_view message)> on_log;

 private:
  class Wire;
  class Waits;
  class Chance;
  void count_call();
  Fault fault() const;

  const Subject& subject_;
  Script script_;
  ManualClock clock_;
  net::Interrupt interrupt_;
  std::unique_ptr<net::Transport> inner_;
  std::unique_ptr<net::Transport> real_;
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<Waits> waits_;
  std::unique_ptr<Chance> chance_;
  std::unique_ptr<net::TokenStore> tokens_;
  std::unique_ptr<net::HttpClient> client_;

  mutable std::mutex mutex_;
  std::vector<Exchange> exchanges_;
  std::vector<std::string> lines_;
  std::map<std::string, std::string> state_;
  std::map<std::string, std::string> secrets_;
  std::atomic<std::size_t> requests_{0};
  std::atomic<std::size_t> sleeps_{0};
  std::atomic<std::size_t> calls_{0};
  std::atomic<std::size_t> calls_after_cancel_{0};
  std::atomic<std::size_t> late_calls_{0};
  std::atomic<bool> ended_{false};
  std::size_t cancel_at_request_ = ~std::size_t{0};
  bool cancel_at_sleep_ = false;
};

/// "GET /contacts": a request without its query, which may hold anything.
std::string brief(const Exchange& exchange);

}  // namespace rondom::conformance
