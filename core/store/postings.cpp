// Dirty records and the postings of identifiers.
#include <algorithm>
#include <limits>

#include "store/bitmap.h"
#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

constexpr std::size_t postings_per_chunk = 65'536;
constexpr std::size_t postings_per_write = 20'000;
constexpr std::size_t carriers_max = std::numeric_limits<std::int64_t>::max();  // all of them

void add_postings(std::span<const std::uint64_t> identifiers, RecordId record,
                  std::vector<Posting>& out) {
  for (const std::uint64_t identifier : identifiers) out.push_back({identifier, record});
}

/// In the order of the tree: identifiers are stored signed.
bool stored_before(const Posting& a, const Posting& b) {
  const std::int64_t left = to_signed(a.identifier), right = to_signed(b.identifier);
  return left != right ? left < right : a.record < b.record;
}

/// Hands those of `from` that are not in `other` to `write`, a bounded number of rows at a time.
/// Both are sorted.
Status write_difference(const std::vector<Posting>& from, const std::vector<Posting>& other,
                        const std::function<Status(const Rows&)>& write) {
  Rows rows(2);
  rows.reserve(std::min(from.size(), postings_per_write));
  auto skip = other.begin();
  for (const Posting& posting : from) {
    while (skip != other.end() && stored_before(*skip, posting)) ++skip;
    if (skip != other.end() && *skip == posting) continue;
    rows.add({to_signed(posting.identifier), posting.record});
    if (rows.size() < postings_per_write) continue;
    RONDOM_TRY(write(rows));
    rows.clear();
  }
  return write(rows);
}

}  // namespace

Result<std::int64_t> TableStore::dirty_count() {
  return Bitmap(*database_, bitmap_set::dirty).count();
}

Result<std::vector<RecordId>> TableStore::dirty_records(RecordId after, std::size_t records_max) {
  return Bitmap(*database_, bitmap_set::dirty).members(after, records_max);
}

Result<std::int64_t> TableStore::index_postings(
    std::size_t records_max, const std::function<bool(std::uint64_t identifier)>& joins) {
  Bitmap unposted(*database_, bitmap_set::unposted);
  RONDOM_TRY_ASSIGN(const auto ids, unposted.members(-1, records_max));
  if (ids.empty()) return 0;
  const Status written = transact(Durability::process, [&]() -> Status {
    std::vector<Posting> before, after;
    const auto add = [&](RecordId record, std::span<const std::uint64_t> identifiers) {
      add_postings(identifiers, record, after);
    };
    after.reserve(2 * ids.size());
    const Rows unknown = one_column(recent_.take(ids, add));
    RONDOM_TRY(database_->fetch({&tables::record}, unknown, [&](std::size_t, auto row) {
      namespace column = tables::record_column;
      const bool live = row[column::live].integer() != 0;
      add_postings(postings_of(row[column::canonical].bytes(), live), row[column::id].integer(),
                   after);
    }));
    Rows replaced(1);
    const Scan old{&tables::posted, nullptr, {}, {ids.front() - 1}, ids.size(), 0, false};
    RONDOM_TRY(database_->scan(old, [&](std::size_t, auto row) {
      if (row[0].integer() > ids.back()) return;
      add_postings(decode_identifiers(row[1].bytes()), row[0].integer(), before);
      replaced.add({row[0]});
    }));
    std::sort(before.begin(), before.end(), stored_before);
    std::sort(after.begin(), after.end(), stored_before);
    std::vector<std::uint64_t> left;
    RONDOM_TRY(write_difference(before, after, [&](const Rows& rows) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::uint64_t identifier = to_unsigned(rows[i][0].integer());
        if (joins(identifier)) left.push_back(identifier);
      }
      return database_->erase(tables::posting, rows);
    }));
    RONDOM_TRY(mark_carriers_dirty(left));
    RONDOM_TRY(write_difference(
        after, before, [&](const Rows& rows) { return database_->upsert(tables::posting, rows); }));
    RONDOM_TRY(database_->erase(tables::posted, replaced));
    RONDOM_TRY(unposted.load(ids));
    for (const RecordId id : ids) unposted.clear(id);
    return unposted.flush();
  });
  if (!written.ok()) return written.error();
  recent_.indexed(ids.back());
  return static_cast<std::int64_t>(ids.size());
}

Status TableStore::mark_carriers_dirty(std::vector<std::uint64_t>& identifiers) {
  std::sort(identifiers.begin(), identifiers.end());
  identifiers.erase(std::unique(identifiers.begin(), identifiers.end()), identifiers.end());
  std::vector<RecordId> ids;
  for (std::span<const std::uint64_t> rest = identifiers; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), postings_per_write));
    RONDOM_TRY_ASSIGN(const auto found, postings(some, carriers_max));
    for (const Posting& posting : found) ids.push_back(posting.record);
    rest = rest.subspan(some.size());
  }
  return ids.empty() ? Status() : mark_dirty(ids);
}

Result<std::vector<Posting>> TableStore::postings(std::span<const std::uint64_t> identifiers,
                                                  std::size_t records_max) {
  std::vector<std::int64_t> wanted;
  wanted.reserve(identifiers.size());
  for (const std::uint64_t identifier : identifiers) wanted.push_back(to_signed(identifier));
  std::vector<Posting> found;
  if (records_max == 0) return found;
  const Lookup lookup{&tables::posting, nullptr, 0, records_max, false};
  RONDOM_TRY(database_->fetch(lookup, one_column(wanted), [&](std::size_t, auto row) {
    found.push_back({to_unsigned(row[0].integer()), row[1].integer()});
  }));
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::vector<RecordId>> TableStore::carriers(std::uint64_t identifier, RecordId after,
                                                   std::size_t records_max) {
  std::vector<RecordId> found;
  if (records_max == 0) return found;
  const Scan scan{
      &tables::posting, nullptr, {to_signed(identifier)}, {after}, records_max, 0, false};
  RONDOM_TRY(
      database_->scan(scan, [&](std::size_t, auto row) { found.push_back(row[1].integer()); }));
  return found;
}

Status TableStore::scan_postings(const std::function<Status(std::span<const Posting>)>& chunk) {
  // Stored order is signed; the promised one is unsigned: first the hashes from 0 up, then the
  // others.
  struct Half {
    std::int64_t first, last;
  };
  for (const Half half : {Half{0, INT64_MAX}, Half{INT64_MIN, -1}}) {
    std::vector<Cell> after{half.first, std::int64_t{0}};
    while (true) {
      std::vector<Posting> postings;
      postings.reserve(postings_per_chunk);
      bool past = false;
      std::size_t rows = 0;
      const Scan scan{&tables::posting, nullptr, {}, after, postings_per_chunk, 0, false};
      RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
        ++rows;
        past = past || row[0].integer() > half.last;
        if (!past) postings.push_back({to_unsigned(row[0].integer()), row[1].integer()});
      }));
      if (!postings.empty()) RONDOM_TRY(chunk(postings));
      if (past || rows < postings_per_chunk) break;
      after = {to_signed(postings.back().identifier), postings.back().record};
    }
  }
  return {};
}

Status TableStore::mark_all_dirty() {
  return transact(Durability::process, [&]() -> Status {
    return Bitmap(*database_, bitmap_set::dirty)
        .add_intersection(bitmap_set::live, bitmap_set::party);
  });
}

}  // namespace rondom::store
