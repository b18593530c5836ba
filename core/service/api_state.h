// api_state: what the routes answer with. Private to the api_*.cpp files; any of the server's
// workers.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/http_server.h"
#include "service/api.h"
#include "service/api_routes.h"
#include "service/audit.h"
#include "service/command.h"
#include "service/metrics.h"
#include "service/store_view.h"

namespace rondom::service {

inline constexpr std::size_t verbs_at_once = 4;  // that are asked for an answer
inline constexpr std::size_t commands_at_once = 4;
inline constexpr std::int64_t verb_ms_max = 60'000;
inline constexpr std::int64_t command_ms_max = 10 * 60 * 1'000;
inline constexpr std::size_t verb_answer_bytes_max = 16u << 20;
inline constexpr std::size_t command_arguments_max = 1'000;
inline constexpr std::int64_t listed_max = 1'000;
inline constexpr std::int64_t listed_default = 20;

/// One request that may be answered.
struct Call {
  const net::ServedRequest& request;
  const Route& route;
  std::map<std::string, std::string> parts;  // of the path
  std::map<std::string, std::string> query;
  std::vector<std::string> words;  // `accept` or `arguments` of the body
  std::string directory;           // of the body
  std::string who;                 // "token reporting", "user 1000"
};

/// A place among a limited number, while it lives.
class Place {
 public:
  Place(std::atomic<std::size_t>& taken, std::size_t all) : taken_(taken) {
    got_ = taken_.fetch_add(1) < all;
    if (!got_) --taken_;
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (got_) --taken_;
  }
  bool got() const { return got_; }

 private:
  std::atomic<std::size_t>& taken_;
  bool got_;
};

/// What a verb said, asked for an answer.
struct VerbAnswer {
  CommandEnd end;
  std::string text;
  bool too_long = false;
};

struct ApiState {
  ApiState(Control& given_control, ApiOptions given_options);

  void answer(const net::ServedRequest& request, net::HttpReply& reply);

  Control& control;
  const ApiOptions options;
  const Clock& clock;
  Tokens tokens;
  Audit audit;
  StoreView store;
  RequestMetrics requests;
  std::atomic<std::size_t> verbs{0}, commands{0};
  std::atomic<bool> ending{false}, stopping{false}, at_once{false};
  net::HttpServer* server = nullptr;

  // api_answers.cpp
  net::ServedAnswer answer_of(const Call& call, const net::HttpReply& reply);
  /// `files`: of the configuration that it works with; empty: the project's, as they are now.
  Result<VerbAnswer> ask_verb(const std::vector<std::string>& verb,
                              const std::function<bool()>& wanted, const std::string& files = {});
  /// No child gets time to come to an end of its own.
  bool in_a_hurry() const {
    return at_once || (ending && options.in_a_hurry && options.in_a_hurry());
  }
  // api_command.cpp
  /// Answers in pieces; the status that it began with.
  int stream_command(const Call& call, net::HttpReply& reply);

 private:
  /// Whether it may be asked by whoever asks; else what to say.
  std::optional<net::ServedAnswer> turned_away(const net::ServedRequest& request,
                                               const Route& route, std::string& who);
  std::optional<net::ServedAnswer> read_query(Call& call);
  std::optional<net::ServedAnswer> read_body(Call& call);
  net::ServedAnswer prepared(const net::ServedRequest& request, const Route& route, Call& call,
                             net::HttpReply& reply, bool& sent);
  net::ServedAnswer verb_answer(const Call& call, const net::HttpReply& reply);
  net::ServedAnswer events_answer(const Call& call);
  net::ServedAnswer runs_answer(const Call& call, const net::HttpReply& reply);
  net::ServedAnswer ordered(const Call& call, const std::function<Status()>& order);
  /// Before it is carried out. No value: it may be.
  std::optional<net::ServedAnswer> record_order(const Call& call);
  net::ServedAnswer ready_answer(const Call& call);
  net::ServedAnswer metrics_answer();
};

/// -C, --env and -o json before a verb, as the service's project wants it.
std::vector<std::string> verb_words(const ApiOptions& options, const std::vector<std::string>& verb,
                                    bool as_json);
/// When the child failed: its own words where they are no person's.
net::ServedAnswer problem_of(const Route& route, const VerbAnswer& answer);

}  // namespace rondom::service
