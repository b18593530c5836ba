// Quarantine, runs, totals and small durable values.
#include <algorithm>

#include "store/bitmap.h"
#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

constexpr std::size_t rows_per_scan = 1'000;

}  // namespace

QuarantineEntry TableStore::read_quarantine(std::span<const Cell> row) {
  namespace column = tables::quarantine_column;
  QuarantineEntry entry;
  entry.id = row[column::id].integer();
  if (const StreamInfo* info =
          catalog_.stream(static_cast<StreamId>(row[column::stream].integer()))) {
    entry.source = info->stream.source;
    entry.stream = info->stream.name;
  }
  entry.key = row[column::key].text();
  entry.stage = row[column::stage].text();
  entry.reason = row[column::reason].text();
  entry.origin = row[column::origin].text();
  entry.raw = row[column::raw].text();
  entry.run = row[column::run].text();
  entry.position = static_cast<std::uint64_t>(row[column::position].integer());
  entry.observed_at = row[column::observed_at].integer();
  entry.generation = row[column::generation].integer();
  return entry;
}

Result<std::vector<QuarantineEntry>> TableStore::released(std::int64_t after,
                                                          std::size_t count_max) {
  RONDOM_TRY(refresh_catalog());
  RONDOM_TRY_ASSIGN(const auto ids,
                    Bitmap(*database_, bitmap_set::released).members(after, count_max));
  std::vector<QuarantineEntry> found;
  RONDOM_TRY(database_->fetch({&tables::quarantine}, one_column(ids), [&](std::size_t, auto row) {
    found.push_back(read_quarantine(row));
    found.back().released = true;
  }));
  return found;
}

Result<std::vector<QuarantineEntry>> TableStore::quarantine(std::string_view source,
                                                            std::int64_t after,
                                                            std::size_t count_max) {
  namespace column = tables::quarantine_column;
  RONDOM_TRY(refresh_catalog());
  std::vector<QuarantineEntry> found;
  std::size_t rows = rows_per_scan;
  while (rows == rows_per_scan && found.size() < count_max) {
    rows = 0;
    const Scan scan{&tables::quarantine, nullptr, {}, {after}, rows_per_scan, 0, false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
      ++rows;
      after = row[column::id].integer();
      const StreamInfo* info =
          catalog_.stream(static_cast<StreamId>(row[column::stream].integer()));
      if (!info || found.size() == count_max) return;
      if (!source.empty() && info->stream.source != source) return;
      found.push_back(read_quarantine(row));
    }));
  }
  Bitmap released(*database_, bitmap_set::released);
  std::vector<std::int64_t> ids;
  for (const QuarantineEntry& entry : found) ids.push_back(entry.id);
  RONDOM_TRY(released.load(ids));
  for (QuarantineEntry& entry : found) entry.released = released.test(entry.id);
  return found;
}

Status TableStore::put_run(const RunEntry& run) {
  return transact(Durability::process, [&]() -> Status {
    RONDOM_TRY_ASSIGN(const std::int64_t number, catalog_.run_number(run.id));
    Rows rows(tables::run.columns.size());
    rows.add({number, std::string_view(run.id), run.started_at, run.ended_at,
              std::string_view(run.status), std::string_view(run.report_json)});
    return database_->upsert(tables::run, rows);
  });
}

Result<std::vector<RunEntry>> TableStore::runs(std::size_t count_max) {
  return runs_from({}, true, count_max);
}

Result<std::vector<RunEntry>> TableStore::runs_after(std::string_view run, std::size_t count_max) {
  std::int64_t number = 0;
  const Scan by_id{&tables::run, &tables::run_by_id[0], {run}, {}, 1, 0, false};
  RONDOM_TRY(database_->scan(by_id, [&](std::size_t, auto row) { number = row[0].integer(); }));
  if (number == 0) return Error{ErrorCode::usage, "there is no run " + std::string(run)};
  return runs_from({number}, false, count_max);
}

Result<std::vector<RunEntry>> TableStore::runs_from(std::vector<Cell> behind, bool newest_first,
                                                    std::size_t count_max) {
  std::vector<RunEntry> found;
  std::size_t rows = rows_per_scan;
  while (rows == rows_per_scan && found.size() < count_max) {
    rows = 0;
    const Scan some{&tables::run, nullptr, {}, behind, rows_per_scan, 0, newest_first};
    std::int64_t last = 0;
    RONDOM_TRY(database_->scan(some, [&](std::size_t, auto row) {
      ++rows;
      last = row[0].integer();
      const bool named_only = row[4].bytes().empty();
      if (named_only || found.size() == count_max) return;
      found.push_back(
          {row[1].text(), row[2].integer(), row[3].integer(), row[4].text(), row[5].text()});
    }));
    behind = {last};
  }
  return found;
}

Result<std::int64_t> TableStore::profile_count() {
  if (profiles_.has_value()) return *profiles_;
  RONDOM_TRY_ASSIGN(const std::int64_t counted, Bitmap(*database_, bitmap_set::profiles).count());
  if (!read_only_) profiles_ = counted;
  return counted;
}

Result<std::int64_t> TableStore::waiting_count() {
  return Bitmap(*database_, bitmap_set::waiting).count();
}

Result<Totals> TableStore::totals() {
  Totals totals;
  RONDOM_TRY_ASSIGN(totals.records, last_record_id());
  totals.records -= catalog_.next(Counter::forgotten) - 1;
  RONDOM_TRY_ASSIGN(totals.live_records, Bitmap(*database_, bitmap_set::live).count());
  RONDOM_TRY_ASSIGN(totals.profiles, profile_count());
  RONDOM_TRY_ASSIGN(totals.waiting_references, waiting_count());
  const Bitmap to_review(*database_, bitmap_set::to_review);
  RONDOM_TRY_ASSIGN(totals.to_review, to_review.count());
  RONDOM_TRY_ASSIGN(const std::int64_t dead, to_review.count_without(bitmap_set::live));
  totals.to_review -= dead;
  RONDOM_TRY_ASSIGN(totals.dirty_records, dirty_count());
  RONDOM_TRY_ASSIGN(totals.quarantined, database_->count(tables::quarantine, {}));
  RONDOM_TRY_ASSIGN(totals.dead_letters, database_->count(tables::dead_letter, {}));
  return totals;
}

Result<std::optional<std::string>> TableStore::value(std::string_view key) {
  std::optional<std::string> found;
  Rows keys(1);
  keys.add({key});
  RONDOM_TRY(database_->fetch({&tables::value}, keys,
                              [&](std::size_t, auto row) { found = row[1].text(); }));
  return found;
}

Status TableStore::put_value(std::string_view key, std::string_view value) {
  // Plugin state and secrets: durable on return.
  return transact(Durability::power, [&]() -> Status {
    Rows rows(2);
    rows.add({key, value});
    return database_->upsert(tables::value, rows);
  });
}

}  // namespace rondom::store
