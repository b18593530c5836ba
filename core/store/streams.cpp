// Streams, known rows, ingest batches and checkpoints.
#include <algorithm>

#include "store/ingest.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

// More scopes than this in one job are left alone by forget_checkpoints.
constexpr std::size_t checkpoints_max = 100'000;

}  // namespace

StreamCounts& StreamCounts::operator+=(const StreamCounts& other) {
  read += other.read;
  created += other.created;
  changed += other.changed;
  unchanged += other.unchanged;
  removed += other.removed;
  stale += other.stale;
  filtered += other.filtered;
  quarantined += other.quarantined;
  tombstoned += other.tombstoned;
  return *this;
}

Result<Stream> TableStore::stream(std::string_view source, std::string_view name,
                                  std::string_view job) {
  RONDOM_TRY(refresh_catalog());
  for (const StreamInfo& info : catalog_.streams()) {
    if (info.stream.source != source || info.stream.name != name) continue;
    if (info.stream.job == job) return info.stream;
    return Error{ErrorCode::bad_config, "stream " + std::string(source) + "." + std::string(name) +
                                            " of job " + std::string(job) +
                                            " is already read by job " + info.stream.job};
  }
  Stream made;
  RONDOM_TRY(transact(Durability::process, [&]() -> Status {
    made = catalog_.add_stream(source, name, job).stream;
    return {};
  }));
  return made;
}

Result<std::vector<Stream>> TableStore::streams() {
  RONDOM_TRY(refresh_catalog());
  std::vector<Stream> found;
  for (const StreamInfo& info : catalog_.streams()) found.push_back(info.stream);
  return found;
}

Result<std::vector<KnownRow>> TableStore::known(StreamId stream,
                                                std::span<const std::uint64_t> key_hashes) {
  RONDOM_TRY(refresh_catalog());
  struct Wanted {
    std::int64_t key_hash;
    std::size_t position;
  };
  std::vector<Wanted> wanted(key_hashes.size());
  std::vector<KnownRow> rows(key_hashes.size());
  for (std::size_t i = 0; i < key_hashes.size(); ++i) {
    rows[i].key_hash = key_hashes[i];
    wanted[i] = {to_signed(key_hashes[i]), i};
  }
  // Stored hashes are signed: look up in the order of the tree.
  std::sort(wanted.begin(), wanted.end(),
            [](const Wanted& a, const Wanted& b) { return a.key_hash < b.key_hash; });
  Rows keys(2);
  keys.reserve(wanted.size());
  for (const Wanted& one : wanted) keys.add({stream, one.key_hash});
  std::vector<KnownCache::Entry> cached;
  cached.reserve(wanted.size());
  namespace column = tables::source_key_column;
  const Lookup lookup{&tables::source_key, nullptr, column::record + 1, 0, false};
  RONDOM_TRY(database_->fetch(lookup, keys, [&](std::size_t k, std::span<const Cell> row) {
    KnownRow& known = rows[wanted[k].position];
    const std::int64_t map = row[column::map].integer(), state = row[column::state].integer();
    // The newest version could not be read: whatever comes now must be looked at.
    const bool open = map == 0 || has_refused(state);
    if (!open) known.raw_hash = to_unsigned(row[column::raw_hash].integer());
    known.map_fingerprint = catalog_.fingerprint(map);
    known.live = kind_of_state(state) == VersionKind::mapped;
    const bool certain = known.live && !has_contradictions(state) && !open;
    if (certain)
      cached.push_back({wanted[k].key_hash, known.raw_hash, row[column::record].integer()});
  }));
  if (!read_only_) known_.add(stream, std::move(cached));
  return rows;
}

Result<StreamCounts> TableStore::apply(const IngestBatch& batch) {
  StreamCounts counts;
  RONDOM_TRY(transact(Durability::process, [&]() -> Status {
    const StreamInfo* info = catalog_.stream(batch.stream);
    if (!info) return no_such_stream(batch.stream);
    RONDOM_TRY_ASSIGN(const std::int64_t run, catalog_.run_number(batch.run));
    BatchIngest ingest(*database_, catalog_, known_, recent_, arena_, batch, *info, run);
    RONDOM_TRY_ASSIGN(counts, ingest.apply());
    return {};
  }));
  return counts;
}

Result<std::optional<std::string>> TableStore::checkpoint(std::string_view job,
                                                          std::string_view scope) {
  std::optional<std::string> state;
  Rows keys(2);
  keys.add({job, scope});
  RONDOM_TRY(
      database_->fetch({&tables::checkpoint}, keys,
                       [&](std::size_t, std::span<const Cell> row) { state = row[2].text(); }));
  return state;
}

Result<std::vector<JobCheckpoint>> TableStore::checkpoints() {
  std::vector<JobCheckpoint> out;
  const Scan all{&tables::checkpoint, nullptr, {}, {}, checkpoints_max, 0, false};
  RONDOM_TRY(database_->scan(all, [&](std::size_t, std::span<const Cell> row) {
    out.push_back({row[0].text(), row[1].text(), row[2].text()});
  }));
  return out;
}

Status TableStore::forget_checkpoints(std::string_view job) {
  return transact(Durability::process, [&]() -> Status {
    std::vector<std::string> scopes;
    const Scan of_job{&tables::checkpoint, nullptr, {job}, {}, checkpoints_max, 2, false};
    RONDOM_TRY(database_->scan(
        of_job, [&](std::size_t, std::span<const Cell> row) { scopes.push_back(row[1].text()); }));
    Rows keys(2);
    for (const std::string& scope : scopes) keys.add({job, std::string_view(scope)});
    return database_->erase(tables::checkpoint, keys);
  });
}

}  // namespace rondom::store
