// Forgetting by age, a bounded part at a time (history.h).
//
// An activity that is out leaves its source key as a version without outputs, as one that was filtered: a full
// refresh finds the key known and brings nothing back.
#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "store/bitmap.h"
#include "store/change_set.h"
#include "store/ingest.h"
#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

// Rows of a table read, and keys changed, together: bounds the memory.
constexpr std::int64_t pruned_together = 5'000;
constexpr std::size_t runs_per_scan = 10'000;
constexpr std::size_t reports_together = 500;  // they are long
// What a row takes beside its texts, about.
constexpr std::int64_t pruned_row_bytes = 48;

constexpr std::string_view history_words[history_count] = {
    "orders",     "events",       "survey_answers", "versions", "raw",
    "quarantine", "dead_letters", "changes",        "runs"};

namespace part {
enum : std::int64_t { activities, keys, quarantine, dead_letters, changes, runs, count };
}  // namespace part

/// The operations of a delivery that end something at its destination.
bool takes_away(std::string_view action) {
  return action == "delete" || action == "unsubscribe" || action == "leave_segment";
}

struct Key {
  StreamId stream = 0;
  std::int64_t hash = 0;
  auto operator<=>(const Key&) const = default;
};

Timestamp happened_at(std::string_view canonical) {
  const auto at = parse_time(first_value(canonical, attribute::activity_at));
  return at.ok() ? *at : no_time;
}

std::int64_t pruned_bytes(std::string_view bytes) {
  return static_cast<std::int64_t>(bytes.size());
}

std::int64_t pruned_bytes(const Version& version) {
  std::int64_t bytes = pruned_row_bytes;
  for (const Output& output : version.outputs) {
    bytes += pruned_bytes(output.key) + pruned_bytes(output.canonical);
  }
  return bytes;
}

/// One call of prune() or prunable().
class Pruning {
 public:
  struct Tools {
    Database& database;
    Catalog& catalog;
    KnownCache& known;
    RecentPostings& recent;
    Arena& arena;
  };
  Pruning(const Tools& tools, const Cutoffs& cutoffs, PrunePlace& place, std::size_t rows_max,
          bool writes, Amounts& amounts)
      : database_(tools.database),
        catalog_(tools.catalog),
        known_(tools.known),
        recent_(tools.recent),
        arena_(tools.arena),
        cutoffs_(cutoffs),
        place_(place),
        left_(static_cast<std::int64_t>(rows_max)),
        writes_(writes),
        amounts_(amounts) {}

  /// True: it came round.
  Result<bool> go_on() {
    RONDOM_TRY(find_runs());
    RONDOM_TRY(find_refreshes());
    while (place_.part < part::count && left_ > 0) {
      RONDOM_TRY_ASSIGN(const bool is_done, go_through());
      if (is_done) place_ = {place_.part + 1, 0, 0};
    }
    if (place_.part < part::count) return false;
    place_ = {};
    return true;
  }

 private:
  bool wants(History kind) const { return cutoffs_[kind] != no_time; }
  std::size_t together() const {
    return static_cast<std::size_t>(std::min(pruned_together, left_));
  }
  bool wants_activities() const {
    return wants(History::orders) || wants(History::events) || wants(History::survey_answers);
  }
  void went(History kind, std::int64_t bytes) {
    Amount& amount = amounts_[static_cast<std::size_t>(kind)];
    ++amount.rows;
    amount.bytes += bytes;
  }

  Result<bool> go_through() {
    switch (place_.part) {
      case part::activities: return wants_activities() ? old_activities() : Result<bool>(true);
      case part::keys: {
        const bool any = wants(History::versions) || wants(History::raw);
        return any ? old_versions() : Result<bool>(true);
      }
      case part::quarantine: return wants(History::quarantine) ? old_refused() : Result<bool>(true);
      case part::dead_letters:
        return wants(History::dead_letters) ? old_letters() : Result<bool>(true);
      case part::changes: return wants(History::changes) ? old_changes() : Result<bool>(true);
      default: return wants(History::runs) ? old_reports() : Result<bool>(true);
    }
  }

  /// The runs that began before each cutoff, and before every one that did not, have smaller numbers than these: one
  /// whose clock was wrong makes none old that came before it.
  Status find_runs() {
    for (std::int64_t& number : first_kept_) number = 0;
    std::array<bool, history_count> is_found{};
    std::vector<Cell> after;
    for (std::size_t rows = runs_per_scan; rows == runs_per_scan;) {
      rows = 0;
      std::int64_t last = 0;
      const Scan scan{&tables::run, nullptr, {}, after, runs_per_scan, 3, false};
      RONDOM_TRY(database_.scan(scan, [&](std::size_t, auto row) {
        ++rows;
        last = row[0].integer();
        const Timestamp began = row[2].integer();
        for (std::size_t kind = 0; kind < history_count; ++kind) {
          const Timestamp cutoff = cutoffs_.before[kind];
          if (cutoff == no_time || is_found[kind]) continue;
          is_found[kind] = began == no_time || began >= cutoff;
          if (!is_found[kind]) first_kept_[kind] = last + 1;
        }
      }));
      after = {last};
    }
    return {};
  }
  std::int64_t first_kept(History kind) const {
    return first_kept_[static_cast<std::size_t>(kind)];
  }

  /// Whoever is in the middle of one is told from the unseen by the first record of its key.
  Status find_refreshes() {
    for (const StreamInfo& info : catalog_.streams()) {
      RONDOM_TRY_ASSIGN(const auto refresh, load_refresh(database_, info.stream.id));
      if (refresh) refreshing_.push_back(info.stream.id);
    }
    return {};
  }
  bool is_refreshing(StreamId stream) const {
    return std::find(refreshing_.begin(), refreshing_.end(), stream) != refreshing_.end();
  }

  Result<bool> old_activities() {
    const std::size_t limit = together();
    std::vector<Key> old;
    std::size_t rows = 0;
    const Scan scan{&tables::record, nullptr, {}, {place_.first}, limit, 0, false};
    RONDOM_TRY(database_.scan(scan, [&](std::size_t, auto row) {
      namespace column = tables::record_column;
      ++rows;
      place_.first = row[column::id].integer();
      const auto entity = static_cast<Entity>(row[column::entity].integer());
      if (history_of(entity) == history_count) return;
      if (!cutoffs_.leave_out(entity, happened_at(row[column::canonical].bytes()))) return;
      old.push_back(
          {static_cast<StreamId>(row[column::stream].integer()), row[column::key_hash].integer()});
    }));
    left_ -= static_cast<std::int64_t>(rows);
    RONDOM_TRY(look_at(std::move(old)));
    return rows < limit;
  }

  /// place_.first: twice the stream, and one more inside of it.
  Result<bool> old_versions() {
    const std::size_t limit = together();
    const std::vector<StreamInfo>& streams = catalog_.streams();
    const auto stream = std::find_if(streams.begin(), streams.end(), [&](const StreamInfo& info) {
      return info.stream.id >= place_.first / 2;
    });
    if (stream == streams.end()) return true;
    const StreamId id = stream->stream.id;
    std::vector<Cell> after;
    if (place_.first == 2 * std::int64_t{id} + 1) after = {place_.second};
    std::vector<Key> found;
    std::size_t rows = 0;
    const Scan scan{&tables::source_key, nullptr, {id}, after, limit, 0, false};
    RONDOM_TRY(database_.scan(scan, [&](std::size_t, auto row) {
      ++rows;
      place_.second = row[tables::source_key_column::key_hash].integer();
      if (may_hold_old(read_key_row(row))) found.push_back({id, place_.second});
    }));
    left_ -= static_cast<std::int64_t>(rows);
    place_.first = rows == limit ? 2 * std::int64_t{id} + 1 : 2 * (std::int64_t{id} + 1);
    RONDOM_TRY(look_at(std::move(found)));
    return false;
  }

  bool may_hold_old(const KeyRow& row) const {
    if (row.has_versions) return true;
    return row.kind == VersionKind::mapped && row.run < first_kept(History::raw);
  }

  /// Forgets what is old of these keys.
  Status look_at(std::vector<Key> found) {
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    for (std::size_t at = 0; at < found.size();) {
      const StreamId stream = found[at].stream;
      std::vector<std::int64_t> hashes;
      for (; at < found.size() && found[at].stream == stream; ++at) {
        hashes.push_back(found[at].hash);
      }
      if (!is_refreshing(stream)) RONDOM_TRY(look_at(stream, hashes));
    }
    return {};
  }

  Status look_at(StreamId stream, std::span<const std::int64_t> hashes) {
    arena_.reset();
    std::vector<KeyState> states;
    RONDOM_TRY(load_keys(database_, stream, hashes, states));
    std::erase_if(states, [](const KeyState& state) { return !state.exists; });
    std::vector<KeyState*> pointers;
    for (KeyState& state : states) pointers.push_back(&state);
    RONDOM_TRY(load_details(database_, stream, pointers, arena_));
    ChangeSet changes(database_, catalog_, recent_, arena_, stream, true);
    std::map<std::int64_t, std::int64_t> raw_gone;  // block -> how many of it
    for (const KeyState& state : states) settle(stream, state, changes, raw_gone);
    RONDOM_TRY(measure_raw(raw_gone));
    return writes_ ? changes.flush() : Status();
  }

  bool is_old(Entity entity, std::string_view canonical) const {
    return history_of(entity) < history_count && cutoffs_.leave_out(entity, happened_at(canonical));
  }

  void settle(StreamId stream, const KeyState& state, ChangeSet& changes,
              std::map<std::int64_t, std::int64_t>& raw_gone) {
    std::vector<RecordId> old;
    for (const RecordRow& record : state.records) {
      if (is_old(record.entity, record.canonical)) old.push_back(record.id);
    }
    if (place_.part == part::keys && !writes_ && !old.empty())
      return;  // counted with the activities
    std::sort(old.begin(), old.end());
    for (const RecordRow& record : state.records) {
      if (!std::binary_search(old.begin(), old.end(), record.id)) continue;
      went(static_cast<History>(history_of(record.entity)),
           2 * pruned_row_bytes + pruned_bytes(record.key) + pruned_bytes(record.canonical));
    }
    const bool has_top = state.row.kind != VersionKind::none;
    Version top = has_top ? state.top(arena_) : Version();
    bool changed = !old.empty();
    const bool all_gone = keep_wanted(top, changed);
    const auto forget_raw = [&](Version& version) {
      if (version.raw.block == 0 || version.run >= first_kept(History::raw)) return;
      ++raw_gone[version.raw.block];
      version.raw = {};
      changed = true;
    };
    KeyVersions versions(state.had_record());
    for (Version version : state.versions) {
      const bool is_content =
          version.kind == VersionKind::mapped || version.kind == VersionKind::filtered;
      const bool is_out = all_gone && version.kind == VersionKind::mapped;
      if (is_content && (is_out || version.run < first_kept(History::versions))) {
        went(History::versions, pruned_bytes(version));
        changed = true;
        continue;
      }
      forget_raw(version);
      versions.restore(version);
    }
    if (has_top) {
      forget_raw(top);
      versions.restore(top);
    }
    if (!changed || !writes_) return;
    changes.settle_without(
        state, versions,
        state.records.empty() ? std::string_view() : state.records.front().source_key, old);
    catalog_.take(Counter::forgotten, static_cast<std::int64_t>(old.size()));
    known_.forget(stream, state.key_hash);
  }

  /// Takes the activities that are out of the version that counts. True: nothing else was in it.
  bool keep_wanted(Version& top, bool& changed) {
    Output* kept = arena_.array<Output>(top.outputs.size());
    std::size_t count = 0;
    for (const Output& output : top.outputs) {
      if (!is_old(output.entity, output.canonical)) kept[count++] = output;
    }
    if (count == top.outputs.size()) return false;
    changed = true;
    top.outputs = {kept, count};
    if (count != 0) return false;
    top.kind = VersionKind::filtered;
    top.raw = {};
    return true;
  }

  /// A block is written once: of its bytes each that uses it has its share.
  Status measure_raw(const std::map<std::int64_t, std::int64_t>& gone) {
    if (gone.empty()) return {};
    std::vector<std::int64_t> blocks;
    for (const auto& [block, count] : gone) blocks.push_back(block);
    std::map<std::int64_t, std::int64_t> uses;
    RONDOM_TRY(database_.fetch({&tables::raw_use}, one_column(blocks), [&](std::size_t, auto row) {
      uses[row[0].integer()] = row[1].integer();
    }));
    Amount& amount = amounts_[static_cast<std::size_t>(History::raw)];
    return database_.fetch({&tables::raw_block}, one_column(blocks), [&](std::size_t, auto row) {
      const std::int64_t block = row[0].integer();
      const std::int64_t count = gone.at(block);
      amount.rows += count;
      amount.bytes +=
          pruned_bytes(row[1].bytes()) * count / std::max<std::int64_t>(count, uses[block]);
    });
  }

  /// When each of these runs began, by id; those that nothing is known of are left out.
  Result<std::map<std::string, Timestamp>> began(const std::vector<std::string>& ids) {
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

  struct Entry {
    std::int64_t id = 0;
    std::string run;
    std::int64_t bytes = 0;
    bool stays = false;
  };
  Result<bool> old_entries(const Table& table, std::size_t run_column, History kind,
                           std::int64_t kept_set, std::size_t action_column = 0) {
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
  Result<bool> old_refused() {
    return old_entries(tables::quarantine, tables::quarantine_column::run, History::quarantine,
                       bitmap_set::released);
  }
  Result<bool> old_letters() {
    constexpr std::size_t run_column = 6, action_column = 4;
    return old_entries(tables::dead_letter, run_column, History::dead_letters, 0, action_column);
  }

  Result<bool> old_changes() {
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

  Result<bool> old_reports() {
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
      old.push_back(
          {place_.first, row[1].text(), row[4].text(), row[2].integer(), row[3].integer()});
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

  Database& database_;
  Catalog& catalog_;
  KnownCache& known_;
  RecentPostings& recent_;
  Arena& arena_;
  const Cutoffs& cutoffs_;
  PrunePlace& place_;
  std::int64_t left_;
  const bool writes_;
  Amounts& amounts_;
  std::array<std::int64_t, history_count> first_kept_{};
  std::vector<StreamId> refreshing_;
};

}  // namespace

std::string_view to_text(History kind) {
  return history_words[static_cast<std::size_t>(kind)];
}

std::size_t history_of(Entity entity) {
  switch (entity) {
    case Entity::order: return static_cast<std::size_t>(History::orders);
    case Entity::event: return static_cast<std::size_t>(History::events);
    case Entity::survey_answer: return static_cast<std::size_t>(History::survey_answers);
    default: return history_count;
  }
}

bool Cutoffs::any() const {
  return std::any_of(before.begin(), before.end(), [](Timestamp at) { return at != no_time; });
}

Result<bool> TableStore::prune(const Cutoffs& cutoffs, PrunePlace& place, std::size_t rows_max,
                               Amounts& forgotten) {
  PrunePlace at = place;
  Amounts amounts{};
  bool came_round = false;
  RONDOM_TRY(transact(Durability::process, [&]() -> Status {
    Pruning pruning({*database_, catalog_, known_, recent_, arena_}, cutoffs, at, rows_max, true,
                    amounts);
    RONDOM_TRY_ASSIGN(came_round, pruning.go_on());
    return {};
  }));
  place = at;
  for (std::size_t kind = 0; kind < history_count; ++kind) {
    forgotten[kind].rows += amounts[kind].rows;
    forgotten[kind].bytes += amounts[kind].bytes;
  }
  return came_round;
}

Result<bool> TableStore::prunable(const Cutoffs& cutoffs, PrunePlace& place, std::size_t rows_max,
                                  Amounts& would_go) {
  RONDOM_TRY(refresh_catalog());
  Pruning pruning({*database_, catalog_, known_, recent_, arena_}, cutoffs, place, rows_max, false,
                  would_go);
  return pruning.go_on();
}

}  // namespace rondom::store
