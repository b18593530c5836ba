// store_view: what metrics and readiness tell of the store, as the verbs said it a moment ago.
//
// Asks `rondom status` and `rondom runs` as children, on a thread of its own: whoever wants the
// figures gets the last ones at once, with their age, and waits a second at most, while nothing is
// known yet. What is counted of runs is exact: each run is read once, from the last one that was
// read on. Any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/base.h"
#include "service/service.h"

namespace rondom::service {

/// How old figures may get, in seconds, while somebody asks for them, and when nobody has for
/// store_view_wanted_seconds.
inline constexpr std::int64_t store_view_seconds = 15;
inline constexpr std::int64_t store_view_idle_seconds = 60;
inline constexpr std::int64_t store_view_wanted_seconds = 300;
/// How long a store is taken to be away that was not found: a new project has none before its first
/// run.
inline constexpr std::int64_t store_view_away_seconds = 2;
/// Runs that one look reads at most; the next one goes on from there.
inline constexpr std::size_t store_view_runs_max = 2'000;
/// How long who asks waits for the very first look.
inline constexpr std::int64_t first_look_ms_max = 1'000;
inline constexpr std::size_t store_view_page = 100;  // of them, in one answer of the verb

struct StoreFigures {
  bool up = false;                             // the last look found it
  std::optional<std::int64_t> age;             // microseconds since a look found it; none: never
  std::map<std::string, std::int64_t> totals;  // as `rondom status -o json` names them
  std::vector<StreamState> streams;            // those that have to be fresh
  /// Of runs that ended since `since`, by (job, result).
  std::map<std::pair<std::string, std::string>, std::int64_t> records, deliveries;
};

class StoreView {
 public:
  /// What a verb prints with -o json, or no value.
  using Ask = std::function<std::optional<std::string>(const std::vector<std::string>& verb)>;
  using Found = std::function<void(const StoreFigures&)>;
  /// `found` hears of each look that found the store, on the thread that looks.
  StoreView(const Clock& clock, Timestamp since, Ask ask, Found found = {})
      : clock_(clock), since_(since), ask_(std::move(ask)), found_(std::move(found)) {}
  ~StoreView() { stop(); }
  StoreView(const StoreView&) = delete;
  StoreView& operator=(const StoreView&) = delete;

  /// From here on it looks by itself.
  void start();
  /// Nobody waits from here on, and it looks no more.
  void let_go();
  /// The same, and waits for a look under way: `ask` should come to its end. Again: nothing.
  void stop();
  /// What no look has found yet is neither up nor has an age.
  StoreFigures figures();
  /// The same; none while nothing is known yet.
  std::optional<StoreFigures> known() const;
  /// One look, by the one thread that looks. start() is for all others.
  void look();

 private:
  void look_again_and_again();
  bool is_due() const;
  std::optional<StoreFigures> known_now() const;
  bool read_runs(StoreFigures& figures);
  bool find_beginning(StoreFigures& figures);
  void take(const nlohmann::json& run, bool is_newest, StoreFigures& figures);

  const Clock& clock_;
  const Timestamp since_;
  const Ask ask_;
  const Found found_;
  // Of the one that looks.
  std::string last_run_;  // read, as all before it; empty: none
  Timestamp last_started_ = no_time;

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  StoreFigures known_;
  std::int64_t looked_at_ = no_time, found_at_ = no_time, wanted_at_ = no_time;
  bool wanted_ = false, stopping_ = false;
  std::thread looker_;
};

}  // namespace rondom::service
