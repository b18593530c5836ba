// Records whose map has changed, with the raw texts to map them again.
#include <algorithm>

#include "store/key_state.h"
#include "store/raw_blocks.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

struct Candidate {
  std::int64_t key_hash = 0;
  RawPlace raw;
  Timestamp observed_at = no_time;
};

/// Fills in the texts, a block at a time. `candidates` are sorted by place.
Status read_texts(Database& database, const std::vector<Candidate>& candidates, KeptRecords& kept) {
  Rows blocks(1);
  std::vector<std::size_t> first;  // candidate of each block
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i > 0 && candidates[i - 1].raw.block == candidates[i].raw.block) continue;
    blocks.add({candidates[i].raw.block});
    first.push_back(i);
  }
  Status status;
  RONDOM_TRY(database.fetch({&tables::raw_block}, blocks, [&](std::size_t b, auto row) {
    if (!status.ok()) return;
    const auto opened = OpenBlock::open(row[1].bytes());
    if (!opened.ok()) {
      status = opened.status();
      return;
    }
    for (std::size_t i = first[b];
         i < candidates.size() && candidates[i].raw.block == row[0].integer(); ++i) {
      const auto text = opened->at(candidates[i].raw.index);
      if (!text.ok()) {
        status = text.status();
        return;
      }
      kept.records.push_back({candidates[i].observed_at, std::string(*text)});
    }
  }));
  return status;
}

}  // namespace

Result<KeptRecords> TableStore::outdated(StreamId stream, std::uint64_t map_fingerprint,
                                         RecordId after, std::size_t records_max) {
  RONDOM_TRY(refresh_catalog());
  std::vector<Candidate> live;
  KeptRecords kept;
  std::size_t looked_at = 0;
  {
    namespace column = tables::record_column;
    const Scan scan{&tables::record,       nullptr, {}, {after}, records_max,
                    column::raw_index + 1, false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
      ++looked_at;
      kept.last = row[column::id].integer();
      if (row[column::stream].integer() != stream || row[column::live].integer() == 0) return;
      live.push_back({row[column::key_hash].integer(),
                      {row[column::raw_block].integer(), row[column::raw_index].integer()},
                      row[column::observed_at].integer()});
    }));
  }
  if (looked_at < records_max) kept.last = 0;
  // One source record may have made several: they share key and text.
  std::sort(live.begin(), live.end(), [](const Candidate& a, const Candidate& b) {
    return a.key_hash != b.key_hash ? a.key_hash < b.key_hash : a.raw < b.raw;
  });
  live.erase(std::unique(live.begin(), live.end(),
                         [](const auto& a, const auto& b) { return a.key_hash == b.key_hash; }),
             live.end());
  Rows keys(2);
  keys.reserve(live.size());
  for (const Candidate& one : live) keys.add({stream, one.key_hash});
  std::vector<Candidate> outdated;
  namespace column = tables::source_key_column;
  const Lookup lookup{&tables::source_key, nullptr, column::map + 1, 0, false};
  RONDOM_TRY(database_->fetch(lookup, keys, [&](std::size_t k, auto row) {
    if (catalog_.fingerprint(row[column::map].integer()) == map_fingerprint) return;
    if (live[k].raw.block == 0)
      ++kept.not_kept;
    else
      outdated.push_back(live[k]);
  }));
  std::sort(outdated.begin(), outdated.end(),
            [](const Candidate& a, const Candidate& b) { return a.raw < b.raw; });
  RONDOM_TRY(read_texts(*database_, outdated, kept));
  return kept;
}

}  // namespace rondom::store
