// Pairs of records that are alike, and what somebody said of two records.
#include <algorithm>

#include "store/bitmap.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

constexpr std::size_t pairs_per_scan = 20'000;
constexpr std::size_t decisions_max = 1'000'000;

Alike alike_of(std::span<const Cell> row) {
  Alike pair;
  pair.a = row[0].integer();
  pair.b = row[1].integer();
  pair.bits = static_cast<std::int32_t>(row[2].integer());
  pair.mean = static_cast<std::int32_t>(row[3].integer());
  pair.joined = row[4].integer() != 0;
  pair.reason = row[5].text();
  return pair;
}

bool by_records(const Alike& one, const Alike& other) {
  return std::pair(one.a, one.b) < std::pair(other.a, other.b);
}

bool same_records(const Alike& one, const Alike& other) {
  return one.a == other.a && one.b == other.b;
}

/// What is to be written, to be erased, and whose joins differ, so that `before` becomes `now`.
struct AlikeChange {
  std::vector<Alike> written, erased;
  std::vector<RecordId> concerned;
};

AlikeChange change_between(std::span<const Alike> before, std::span<const Alike> now) {
  AlikeChange change;
  const auto concerns = [&](const Alike& pair) {
    change.concerned.push_back(pair.a);
    change.concerned.push_back(pair.b);
  };
  std::size_t i = 0, j = 0;
  while (i < before.size() || j < now.size()) {
    if (j == now.size() || (i < before.size() && by_records(before[i], now[j]))) {
      if (before[i].joined) concerns(before[i]);
      change.erased.push_back(before[i++]);
    } else if (i == before.size() || !same_records(before[i], now[j])) {
      if (now[j].joined) concerns(now[j]);
      change.written.push_back(now[j++]);
    } else {
      if (before[i].joined != now[j].joined) concerns(now[j]);
      if (before[i] != now[j]) change.written.push_back(now[j]);
      ++i, ++j;
    }
  }
  return change;
}

}  // namespace

Status TableStore::mark_dirty(std::span<const RecordId> records) {
  Bitmap dirty(*database_, bitmap_set::dirty);
  RONDOM_TRY(dirty.load(records));
  for (const RecordId record : records) dirty.set(record);
  return dirty.flush();
}

Status TableStore::replace_alike(std::span<const Alike> now) {
  std::vector<Alike> before;
  RONDOM_TRY(scan_alike([&](std::span<const Alike> chunk) -> Status {
    before.insert(before.end(), chunk.begin(), chunk.end());
    return {};
  }));
  if (std::equal(before.begin(), before.end(), now.begin(), now.end())) return {};
  return transact(Durability::process, [&]() -> Status { return change_alike(before, now); });
}

Status TableStore::change_alike(std::span<const Alike> before, std::span<const Alike> now) {
  const AlikeChange change = change_between(before, now);
  if (change.written.empty() && change.erased.empty()) return {};
  Rows rows(tables::alike.columns.size()), keys(2);
  for (const Alike& pair : change.written) {
    rows.add({pair.a, pair.b, std::int64_t{pair.bits}, std::int64_t{pair.mean},
              std::int64_t{pair.joined}, std::string_view(pair.reason)});
  }
  for (const Alike& pair : change.erased) keys.add({pair.a, pair.b});
  RONDOM_TRY(database_->erase(tables::alike, keys));
  RONDOM_TRY(database_->upsert(tables::alike, rows));
  return mark_dirty(change.concerned);
}

Result<std::vector<Alike>> TableStore::alike(std::span<const RecordId> records) {
  std::vector<Alike> found;
  Rows keys(1);
  for (const RecordId record : records) keys.add({record});
  const auto take = [&](std::size_t, auto row) { found.push_back(alike_of(row)); };
  RONDOM_TRY(database_->fetch({&tables::alike}, keys, take));
  RONDOM_TRY(database_->fetch({&tables::alike, tables::alike_by_b}, keys, take));
  std::sort(found.begin(), found.end(), by_records);
  found.erase(std::unique(found.begin(), found.end(), same_records), found.end());
  return found;
}

Status TableStore::scan_alike(const std::function<Status(std::span<const Alike>)>& chunk) {
  std::vector<Cell> after;
  while (true) {
    std::vector<Alike> pairs;
    const Scan scan{&tables::alike, nullptr, {}, after, pairs_per_scan, 0, false};
    RONDOM_TRY(
        database_->scan(scan, [&](std::size_t, auto row) { pairs.push_back(alike_of(row)); }));
    if (pairs.empty()) return {};
    RONDOM_TRY(chunk(pairs));
    if (pairs.size() < pairs_per_scan) return {};
    after = {Cell(pairs.back().a), Cell(pairs.back().b)};
  }
}

Result<std::vector<Decision>> TableStore::decisions() {
  std::vector<Decision> found;
  const Scan all{&tables::decision, nullptr, {}, {}, decisions_max, 0, false};
  RONDOM_TRY(database_->scan(all, [&](std::size_t, auto row) {
    found.push_back({row[0].integer(), row[1].integer(), row[2].integer() != 0, row[3].integer()});
  }));
  return found;
}

Status TableStore::decide(std::span<const Decision> said, std::span<const Decision> forgotten) {
  return transact(Durability::power, [&]() -> Status {
    Rows rows(tables::decision.columns.size()), keys(2);
    std::vector<RecordId> concerned;
    for (const Decision& one : said) {
      rows.add({one.a, one.b, std::int64_t{one.same}, std::int64_t{one.at}});
      concerned.insert(concerned.end(), {one.a, one.b});
    }
    for (const Decision& one : forgotten) {
      keys.add({one.a, one.b});
      concerned.insert(concerned.end(), {one.a, one.b});
    }
    rows.sort_unique(2);
    keys.sort_unique(2);
    RONDOM_TRY(database_->erase(tables::decision, keys));
    RONDOM_TRY_ASSIGN(const std::int64_t held, database_->count(tables::decision, {}));
    if (held + static_cast<std::int64_t>(rows.size()) > static_cast<std::int64_t>(decisions_max)) {
      return {ErrorCode::unsupported,
              "more than a million decisions about pairs of records do not fit"};
    }
    RONDOM_TRY(database_->upsert(tables::decision, rows));
    return mark_dirty(concerned);
  });
}

}  // namespace rondom::store
