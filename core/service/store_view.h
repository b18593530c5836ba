// store_view: what metrics and readiness tell of the store, as the verbs said it a moment ago.
//
// Asks `rondom status` and `rondom runs` as children, at most once in store_view_seconds, whoever asks and
// however often. Any thread; one asks, the others get what was known.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/base.h"

namespace rondom::service {

inline constexpr std::int64_t store_view_seconds = 15;

struct StoreFigures {
  bool up = false;
  std::map<std::string, std::int64_t> totals;  // as `rondom status -o json` names them
  /// Of runs that ended since `since`, by (job, result).
  std::map<std::pair<std::string, std::string>, std::int64_t> records, deliveries;
};

class StoreView {
 public:
  /// What a verb prints with -o json, or no value.
  using Ask = std::function<std::optional<std::string>(const std::vector<std::string>& verb)>;
  StoreView(const Clock& clock, Timestamp since, Ask ask)
      : clock_(clock), since_(since), ask_(std::move(ask)) {}
  StoreFigures figures();

 private:
  void refresh(StoreFigures& figures);
  void add_runs(StoreFigures& figures, const std::string& runs_json);

  const Clock& clock_;
  const Timestamp since_;
  const Ask ask_;
  std::mutex asking_;  // held by the one that asks; guards seen_
  std::set<std::string> seen_;
  std::mutex mutex_;  // guards what follows
  StoreFigures known_;
  std::int64_t asked_at_ = no_time;
};

}  // namespace rondom::service
