#include "engine/retention.h"

#include <algorithm>
#include <sstream>

namespace rondom::engine {
namespace {

constexpr std::string_view agreed_key = "retention/agreed";
constexpr std::string_view place_key = "retention/place";
constexpr std::size_t rows_per_prune = 20'000;  // one transaction
constexpr std::size_t rows_per_count = 1'000'000;

/// Holds nothing of anybody.
bool is_impersonal(store::History kind) {
  return kind == store::History::changes || kind == store::History::runs;
}

/// What goes by source keys, which a refresh looks at.
constexpr store::History read_from_streams[] = {store::History::orders, store::History::events,
                                                store::History::survey_answers,
                                                store::History::versions, store::History::raw};

/// Runs that a clock is held against: once so many came after one that was wrong, that one is
/// forgotten.
constexpr std::size_t runs_compared = 10;

struct AgreedAge {
  std::string kind;
  std::int64_t kept = 0;
};
Result<std::vector<AgreedAge>> agreed_ages(store::Store& store) {
  std::vector<AgreedAge> ages;
  RONDOM_TRY_ASSIGN(const auto text, store.value(agreed_key));
  std::istringstream words(text.value_or(""));
  for (AgreedAge age; words >> age.kind >> age.kept;) ages.push_back(age);
  return ages;
}

Result<store::PrunePlace> stored_place(store::Store& store) {
  store::PrunePlace place;
  RONDOM_TRY_ASSIGN(const auto text, store.value(place_key));
  std::istringstream words(text.value_or(""));
  if (!(words >> place.part >> place.first >> place.second)) place = {};
  return place;
}

std::string text_of(const store::PrunePlace& place) {
  return std::to_string(place.part) + " " + std::to_string(place.first) + " " +
         std::to_string(place.second);
}

}  // namespace

store::Cutoffs cutoffs_of(const config::Retention& retention, Timestamp as_of) {
  store::Cutoffs cutoffs;
  const auto kinds = config::Retention::kinds();
  static_assert(kinds.size() == store::history_count);
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    const std::int64_t kept = (retention.*kinds[kind].second).kept;
    if (kept != 0) cutoffs.before[kind] = as_of - kept;
  }
  return cutoffs;
}

Result<store::Cutoffs> agreed_cutoffs(const config::Project& project, store::Store& store,
                                      Timestamp now, std::vector<std::string>& waiting) {
  store::Cutoffs cutoffs = cutoffs_of(project.retention, now);
  RONDOM_TRY_ASSIGN(const auto agreed, agreed_ages(store));
  for (std::size_t kind = 0; kind < store::history_count; ++kind) {
    if (cutoffs.before[kind] == no_time || is_impersonal(static_cast<store::History>(kind)))
      continue;
    const std::string_view name = store::to_text(static_cast<store::History>(kind));
    const auto age = std::find_if(agreed.begin(), agreed.end(),
                                  [&](const AgreedAge& one) { return one.kind == name; });
    if (age != agreed.end() && now - age->kept >= cutoffs.before[kind]) continue;
    // A shorter age than was agreed to: until then that one holds.
    cutoffs.before[kind] = age != agreed.end() ? now - age->kept : no_time;
    waiting.emplace_back(name);
  }
  return cutoffs;
}

Result<bool> clock_leaps(store::Store& store, const std::string& run, Timestamp now) {
  RONDOM_TRY_ASSIGN(const auto runs, store.runs(runs_compared + 1));
  Timestamp newest = no_time;
  for (const store::RunEntry& one : runs) {
    if (one.id != run) newest = std::max(newest, one.started_at);
  }
  if (newest == no_time) return false;
  return now < newest - clock_turned_back_max || now > newest + clock_ahead_max;
}

Status forget_agreements(const config::Project& project, store::Store& store) {
  RONDOM_TRY_ASSIGN(const auto agreed, agreed_ages(store));
  std::string before, text;
  for (const AgreedAge& age : agreed) {
    before += age.kind + " " + std::to_string(age.kept) + "\n";
    for (const auto& [name, member] : config::Retention::kinds()) {
      const std::int64_t kept = (project.retention.*member).kept;
      if (name != age.kind || kept == 0) continue;
      text += age.kind + " " + std::to_string(std::max(kept, age.kept)) + "\n";
    }
  }
  return before == text ? Status() : store.put_value(agreed_key, text);
}

Status agree(const config::Project& project, store::Store& store) {
  std::string text;
  for (const auto& [name, member] : config::Retention::kinds()) {
    const std::int64_t kept = (project.retention.*member).kept;
    if (kept != 0) text += std::string(name) + " " + std::to_string(kept) + "\n";
  }
  RONDOM_TRY_ASSIGN(const auto before, store.value(agreed_key));
  return before.value_or("") == text ? Status() : store.put_value(agreed_key, text);
}

Result<bool> prune(store::Store& store, const store::Cutoffs& cutoffs, std::size_t rows_max,
                   const Cancel* cancel, store::Amounts& forgotten) {
  if (!cutoffs.any()) return true;
  RONDOM_TRY_ASSIGN(store::PrunePlace place, stored_place(store));
  const std::string before = text_of(place);
  bool came_round = false;
  Status status;
  for (std::size_t rows = 0; status.ok() && !came_round && rows < rows_max;
       rows += rows_per_prune) {
    if (cancel != nullptr && cancel->requested()) break;
    const auto done = store.prune(cutoffs, place, rows_per_prune, forgotten);
    status = done.status();
    came_round = done.ok() && *done;
  }
  // A place that is lost is looked at again, no more.
  if (text_of(place) != before) RONDOM_TRY(store.put_value(place_key, text_of(place)));
  RONDOM_TRY(status);
  return came_round;
}

Status prune_all(const config::Project& project, store::Store& store, Timestamp now,
                 const Cancel* cancel, store::Amounts& forgotten) {
  const store::Cutoffs cutoffs = cutoffs_of(project.retention, now);
  store::PrunePlace place;
  for (bool came_round = !cutoffs.any(); !came_round;) {
    if (cancel != nullptr && cancel->requested()) {
      return {ErrorCode::cancelled, "stopped on request; what was forgotten is gone"};
    }
    RONDOM_TRY_ASSIGN(came_round, store.prune(cutoffs, place, rows_per_prune, forgotten));
  }
  return {};
}

Result<std::vector<std::string>> held_streams(store::Store& store, const store::Cutoffs& cutoffs) {
  std::vector<std::string> held;
  const bool asks_keys = std::any_of(std::begin(read_from_streams), std::end(read_from_streams),
                                     [&](store::History kind) { return cutoffs[kind] != no_time; });
  if (!asks_keys) return held;
  RONDOM_TRY_ASSIGN(const auto streams, store.streams());
  for (const store::Stream& stream : streams) {
    RONDOM_TRY_ASSIGN(const auto refresh, store.unfinished_refresh(stream.id));
    if (refresh.has_value()) held.push_back(stream.source + "." + stream.name);
  }
  std::sort(held.begin(), held.end());
  return held;
}

Result<store::Amounts> prunable(const config::Project& project, store::Store& store,
                                Timestamp now) {
  const store::Cutoffs cutoffs = cutoffs_of(project.retention, now);
  store::Amounts amounts{};
  store::PrunePlace place;
  for (bool came_round = !cutoffs.any(); !came_round;) {
    RONDOM_TRY_ASSIGN(came_round, store.prunable(cutoffs, place, rows_per_count, amounts));
  }
  return amounts;
}

}  // namespace rondom::engine
