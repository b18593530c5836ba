#include <algorithm>

#include "store/bitmap.h"
#include "store/pruning.h"
#include "store/tables.h"

namespace rondom::store {
namespace {

constexpr std::size_t reports_together = 500;  // they are long

/// The operations of a delivery that end something at its destination.
bool takes_away(std::string_view action) {
  return action == "delete" || action == "unsubscribe" || action == "leave_segment";
}

struct Entry {
  std::int64_t id = 0;
  std::string run;
  std::int64_t bytes = 0;
  bool stays = false;
};

}  // namespace

/// When each of these runs began, by id; those that nothing is known of are left out.
Result<std::map<std::string, Timestamp>> Pruning::began(const std::vector<std::string>& ids) {
  std::map<std::string, Timestamp> found;
  Rows wanted(1);
  for (const std::string& id : ids) wanted.add({std::string_view(id)});
  wanted.sort_unique(1);
  const Lookup lookup{&tables::run, &tables::run_by_id[0], 3, 1, false};
  RONDOM_TRY(database_.fetch(lookup, wanted, [&](std::size_t, auto row) {
    if (row[2].integer() != no_time) found[row[1].text()] = row[2].integer();
  }));
  return found;
}

Result<bool> Pruning::old_entries(const Table& table, std::size_t run_column, History kind,
                                  std::int64_t kept_set, std::size_t action_column) {
  const std::size_t limit = together();
  std::vector<Entry> entries;
  const Scan scan{&table, nullptr, {}, {place_.first}, limit, 0, false};
  RONDOM_TRY(database_.scan(scan, [&](std::size_t, auto row) {
    Entry entry{row[0].integer(), row[run_column].text(), pruned_row_bytes};
    // Sent again by nothing but its letter: somebody who left would be held there for ever.
    entry.stays = action_column != 0 && takes_away(row[action_column].bytes());
    for (const Cell& cell : row) entry.bytes += pruned_bytes(cell.bytes());
    entries.push_back(std::move(entry));
  }));
  left_ -= static_cast<std::int64_t>(entries.size());
  if (entries.empty()) return true;
  place_.first = entries.back().id;
  const bool is_last = entries.size() < limit;
  std::vector<std::string> ids;
  std::vector<std::int64_t> numbers;
  for (const Entry& entry : entries) {
    ids.push_back(entry.run);
    numbers.push_back(entry.id);
  }
  RONDOM_TRY_ASSIGN(const auto times, began(ids));
  Bitmap kept(database_, kept_set);
  if (kept_set != 0) RONDOM_TRY(kept.load(numbers));
  Rows gone(1);
  for (const Entry& entry : entries) {
    const auto at = times.find(entry.run);
    if (entry.stays || at == times.end() || at->second >= cutoffs_[kind]) continue;
    if (kept_set != 0 && kept.test(entry.id)) continue;
    gone.add({entry.id});
    went(kind, entry.bytes);
  }
  if (writes_) RONDOM_TRY(database_.erase(table, gone));
  return is_last;
}
/// One that somebody released is still to be mapped.
Result<bool> Pruning::old_refused() {
  return old_entries(tables::quarantine, tables::quarantine_column::run, History::quarantine,
                     bitmap_set::released);
}
Result<bool> Pruning::old_letters() {
  constexpr std::size_t run_column = 6, action_column = 4;
  return old_entries(tables::dead_letter, run_column, History::dead_letters, 0, action_column);
}

Result<bool> Pruning::old_changes() {
  const std::size_t limit = together();
  std::int64_t consumed = catalog_.next(Counter::event) - 1;
  for (const auto& [name, destination] : catalog_.destinations()) {
    consumed = std::min(consumed, destination.mark);
  }
  Rows gone(1);
  std::size_t rows = 0;
  bool is_last = false;
  const Scan scan{&tables::profile_event, nullptr, {}, {place_.first}, limit, 0, false};
  RONDOM_TRY(database_.scan(scan, [&](std::size_t, auto row) {
    ++rows;
    const bool is_old =
        row[0].integer() <= consumed && row[4].integer() < first_kept(History::changes);
    is_last = is_last || !is_old;  // all that follow are newer
    if (is_last) return;
    place_.first = row[0].integer();
    gone.add({place_.first});
    went(History::changes, pruned_row_bytes);
  }));
  left_ -= static_cast<std::int64_t>(rows);
  if (writes_) RONDOM_TRY(database_.erase(tables::profile_event, gone));
  return is_last || rows < limit;
}

Result<bool> Pruning::old_reports() {
  const std::int64_t old_left = first_kept(History::runs) - 1 - place_.first;
  if (old_left <= 0) return true;
  const auto limit = std::min({together(), reports_together, static_cast<std::size_t>(old_left)});
  struct Run {
    std::int64_t number = 0;
    std::string id, status;
    Timestamp began = no_time, ended = no_time;
  };
  std::vector<Run> old;
  std::size_t rows = 0;
  const Scan scan{&tables::run, nullptr, {}, {place_.first}, limit, 0, false};
  RONDOM_TRY(database_.scan(scan, [&](std::size_t, auto row) {
    ++rows;
    place_.first = row[0].integer();
    if (row[5].bytes().empty() || place_.first >= first_kept(History::runs)) return;
    old.push_back({place_.first, row[1].text(), row[4].text(), row[2].integer(), row[3].integer()});
    went(History::runs, pruned_bytes(row[5].bytes()));
  }));
  left_ -= static_cast<std::int64_t>(rows);
  Rows short_ones(tables::run.columns.size());
  for (const Run& run : old) {
    short_ones.add({run.number, std::string_view(run.id), run.began, run.ended,
                    std::string_view(run.status), std::string_view()});
  }
  if (writes_) RONDOM_TRY(database_.upsert(tables::run, short_ones));
  return rows < limit;
}

}  // namespace rondom::store
