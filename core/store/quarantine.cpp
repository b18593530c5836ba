#include "store/quarantine.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "store/bitmap.h"

namespace rondom::store {
namespace {

using Identity = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::string>;

Identity identity(std::int64_t key_hash, std::int64_t raw_hash, bool keyless, std::int64_t position,
                  std::string_view origin) {
  if (!keyless) return {key_hash, raw_hash, 0, {}};
  return {key_hash, raw_hash, position, std::string(origin)};
}

}  // namespace

Status QuarantineWriter::flush() {
  if (entries_.empty()) return erase_released(Rows(1));
  RONDOM_TRY(read_kept_raw());
  namespace column = tables::quarantine_column;
  Rows keys(2);
  for (const Entry& entry : entries_) keys.add({stream_, entry.key_hash});
  keys.sort_unique(2);
  std::map<Identity, std::int64_t> ids;
  const Lookup by_key{&tables::quarantine, &tables::quarantine_by_key[0], column::origin + 1, 0,
                      false};
  RONDOM_TRY(database_.fetch(by_key, keys, [&](std::size_t, std::span<const Cell> row) {
    ids[identity(row[column::key_hash].integer(), row[column::raw_hash].integer(),
                 row[column::key].bytes().empty(), row[column::position].integer(),
                 row[column::origin].bytes())] = row[column::id].integer();
  }));
  Rows rows(tables::quarantine.columns.size());
  for (const Entry& entry : entries_) {
    const auto position = static_cast<std::int64_t>(entry.position);
    auto [known, added] = ids.try_emplace(identity(entry.key_hash, to_signed(entry.raw_hash),
                                                   entry.key.empty(), position, entry.origin));
    if (added) known->second = catalog_.take(Counter::quarantine);
    rows.add({known->second, stream_, entry.key_hash, to_signed(entry.raw_hash), entry.observed_at,
              entry.generation, position, entry.key, entry.stage, entry.reason, entry.origin, run_,
              entry.raw});
  }
  rows.sort_unique(1);
  entries_.clear();
  RONDOM_TRY(erase_released(rows));
  return database_.upsert(tables::quarantine, rows);
}

/// `written` are about to be written, by id: those stay.
Status QuarantineWriter::erase_released(const Rows& written) {
  if (released_.empty()) return {};
  Bitmap released(database_, bitmap_set::released);
  RONDOM_TRY(released.load(released_));
  Rows gone(1);
  for (const std::int64_t id : released_) {
    released.clear(id);
    bool stays = false;
    for (std::size_t i = 0; i < written.size() && !stays; ++i)
      stays = written[i][0].integer() == id;
    if (!stays) gone.add({id});
  }
  released_.clear();
  gone.sort_unique(1);
  RONDOM_TRY(released.flush());
  return database_.erase(tables::quarantine, gone);
}

Status QuarantineWriter::read_kept_raw() {
  std::vector<Entry*> wanted;
  for (Entry& entry : entries_) {
    if (entry.raw.empty() && entry.kept_raw.block != 0) wanted.push_back(&entry);
  }
  std::sort(wanted.begin(), wanted.end(),
            [](const Entry* a, const Entry* b) { return a->kept_raw < b->kept_raw; });
  Rows keys(1);
  for (const Entry* entry : wanted) keys.add({entry->kept_raw.block});
  keys.sort_unique(1);
  Status status;
  RONDOM_TRY(
      database_.fetch({&tables::raw_block}, keys, [&](std::size_t, std::span<const Cell> row) {
        const auto block = row[0].integer();
        for (Entry* entry : wanted) {
          if (entry->kept_raw.block != block) continue;
          auto raw = raw_at(row[1].bytes(), entry->kept_raw.index);
          if (raw.ok())
            entry->raw = arena_.copy(*raw);
          else
            status = raw.status();
        }
      }));
  return status;
}

}  // namespace rondom::store
