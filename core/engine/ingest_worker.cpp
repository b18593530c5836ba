#include "engine/ingest_worker.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/refused_row.h"

namespace rondom::engine {

namespace {

// When hardly a key of a batch was known, the next ones are mapped without asking first; every so
// often one batch asks again.
constexpr int batches_without_probe = 8;
constexpr double known_share_worth_asking = 0.05;

std::int64_t elapsed_microseconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               since)
      .count();
}

bool refers_to_record(RecordBuilder& record) {
  const auto& cells = record.cells();
  return std::any_of(cells.begin(), cells.end(),
                     [](const Cell& cell) { return cell.attribute == attribute::relation_to; });
}

}  // namespace

IngestWorker::IngestWorker(const config::Project& project, const config::Job& job,
                           const Streams& streams, std::unique_ptr<store::Store> reader)
    : streams_(streams), reader_(std::move(reader)) {
  const config::Connection* connection = project.connection(job.connection);
  const config::Defaults& defaults =
      connection != nullptr ? connection->defaults : project.defaults;
  defaults_ = {defaults.country, defaults.language, defaults.currency, defaults.time_zone,
               &project};
}

IngestWorker::~IngestWorker() = default;

map::Mapper& IngestWorker::mapper_for(std::string_view stream) {
  auto found = mappers_.find(stream);
  if (found == mappers_.end()) {
    const auto& entry = streams_.by_name.find(stream)->second;
    found =
        mappers_.emplace(std::string(stream), map::Mapper(entry.plan->plan, cleaners_.get())).first;
  }
  return found->second;
}

void IngestWorker::refuse(store::Row& row, Arena& arena, std::string_view stage,
                          std::string_view reason) {
  row.kind = store::RowKind::refused;
  row.stage = stage;
  row.reason = arena.copy(reason);
  row.outputs = {};
}

/// A row is all or nothing, but for the "no" in it.
void IngestWorker::hear_refusals(PreparedBatch& batch, store::Row& row, map::Mapper& mapper,
                                 const normalize::Context& context) {
  std::vector<store::Output> heard;
  clean_refusals(mapper.refusals(scratch_), context, normalizer_, batch.arena, heard);
  if (heard.empty()) return;
  row.refusals = batch.refusals.emplace_back(std::move(heard));
}

void IngestWorker::map_record(PreparedBatch& batch, std::size_t record, map::Mapper& mapper,
                              std::vector<store::Output>& outputs) {
  const extract::RawRecord& raw = batch.raw.records[record];
  store::Row& row = batch.rows[record];
  scratch_.reset();
  const map::Identity identity = mapper.identify(batch.raw.text(raw), scratch_);
  row.key = batch.arena.copy(identity.key);
  row.raw_hash = identity.raw_hash;
  if (!identity.problem.empty()) return refuse(row, batch.arena, "map", identity.problem);
  if (raw.operation == plugin::Operation::remove) {
    row.kind = store::RowKind::removed;
    row.observed_at = mapper.removed_at(raw.changed_at);
    return;
  }
  const map::Mapped mapped = mapper.map(raw.changed_at, scratch_);
  row.observed_at = mapped.observed_at;
  if (mapped.kind == map::Mapped::Kind::filtered) {
    row.kind = store::RowKind::filtered;
    return;
  }
  normalize::Context context = defaults_;
  if (!mapped.country.empty()) context.country = mapped.country;
  if (mapped.kind == map::Mapped::Kind::refused) {
    row.time_read = mapped.time_read;
    refuse(row, batch.arena, "map", mapped.reason);
    return hear_refusals(batch, row, mapper, context);
  }
  const std::size_t first = outputs.size();
  for (const map::MappedRecord& output : mapped.records) {
    if (const Status clean = normalizer_.normalize(output.entity, context, *output.cells, scratch_);
        !clean.ok()) {
      outputs.resize(first);
      refuse(row, batch.arena, "normalize", clean.error().message);
      return hear_refusals(batch, row, mapper, context);
    }
    store::Output stored;
    stored.entity = output.entity;
    stored.key = batch.arena.copy(output.key);
    stored.canonical = batch.arena.copy(output.cells->bytes());
    if (is_party(output.entity)) {
      const std::vector<std::uint64_t> found = store::identifiers_of(stored.canonical);
      auto* const kept = batch.arena.array<std::uint64_t>(found.size());
      std::copy(found.begin(), found.end(), kept);
      stored.identifiers = {kept, found.size()};
      stored.identifiers_known = true;
      stored.may_refer = refers_to_record(*output.cells);
    } else {
      stored.actor = activity_actor_of(stored.canonical);
      if (const auto at = parse_time(first_value(stored.canonical, attribute::activity_at));
          at.ok()) {
        stored.at = at.value();
      }
    }
    outputs.push_back(stored);
  }
  row.kind = store::RowKind::mapped;
  const auto made = outputs.begin() + static_cast<std::ptrdiff_t>(first);
  const auto kept = std::remove_if(made, outputs.end(), [&](const store::Output& output) {
    return left_out_.leave_out(output.entity, output.at);
  });
  if (kept == made && made != outputs.end()) row.kind = store::RowKind::filtered;
  outputs.erase(kept, outputs.end());
}

void IngestWorker::map_again(PreparedBatch& batch, std::size_t row) {
  std::vector<store::Output>& outputs = batch.late_outputs.emplace_back();
  map_record(batch, row, mapper_for(batch.raw.stream), outputs);
  if (batch.rows[row].kind == store::RowKind::mapped) batch.rows[row].outputs = outputs;
}

Status IngestWorker::skip_unchanged(PreparedBatch& batch, const Streams::Entry& stream,
                                    const std::atomic<std::uint64_t>& applied,
                                    map::Mapper& mapper) {
  const std::size_t count = batch.raw.records.size();
  std::vector<std::pair<std::uint64_t, std::uint32_t>> keys;
  keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const extract::RawRecord& raw = batch.raw.records[i];
    store::Row& row = batch.rows[i];
    if (raw.unreadable) continue;
    scratch_.reset();
    const map::Identity identity = mapper.identify(batch.raw.text(raw), scratch_);
    row.key = batch.arena.copy(identity.key);
    row.raw_hash = identity.raw_hash;
    if (!identity.problem.empty()) {
      refuse(row, batch.arena, "map", identity.problem);
    } else {
      keys.emplace_back(hash64(row.key), static_cast<std::uint32_t>(i));
    }
  }
  std::sort(keys.begin(), keys.end());
  std::vector<std::uint64_t> unique;
  unique.reserve(keys.size());
  for (const auto& key : keys) {
    if (unique.empty() || unique.back() != key.first) unique.push_back(key.first);
  }
  batch.known_after = applied.load(std::memory_order_acquire);
  RONDOM_TRY_ASSIGN(const std::vector<store::KnownRow> known, reader_->known(stream.id, unique));
  std::size_t hits = 0;
  std::size_t at = 0;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    while (at < known.size() && known[at].key_hash < keys[k].first) ++at;
    const bool twice = (k > 0 && keys[k - 1].first == keys[k].first) ||
                       (k + 1 < keys.size() && keys[k + 1].first == keys[k].first);
    const std::uint32_t record = keys[k].second;
    store::Row& row = batch.rows[record];
    const bool same = at < known.size() && known[at].key_hash == keys[k].first && known[at].live &&
                      known[at].raw_hash == row.raw_hash &&
                      known[at].map_fingerprint == stream.plan->fingerprint;
    if (at < known.size() && known[at].key_hash == keys[k].first && known[at].raw_hash != 0) ++hits;
    if (same && !twice && batch.raw.records[record].operation == plugin::Operation::upsert) {
      row.kind = store::RowKind::unchanged;
    }
  }
  if (static_cast<double>(hits) < known_share_worth_asking * static_cast<double>(count)) {
    batches_until_probe_[batch.raw.stream] = batches_without_probe;
  }
  return {};
}

void IngestWorker::lay_out_rows(PreparedBatch& batch) {
  const std::size_t count = batch.raw.records.size();
  batch.rows.resize(count);
  batch.outputs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const extract::RawRecord& raw = batch.raw.records[i];
    store::Row& row = batch.rows[i];
    row.raw = batch.raw.text(raw);
    row.origin = batch.raw.origins[raw.origin];
    row.position = raw.position;
    row.observed_at = raw.changed_at;  // until its own time is read
    if (raw.unreadable) refuse(row, batch.arena, "extract", batch.raw.problems[raw.problem]);
  }
}

void IngestWorker::map_rows(PreparedBatch& batch, bool keep_raw) {
  map::Mapper& mapper = mapper_for(batch.raw.stream);
  const std::size_t count = batch.raw.records.size();
  // Spans are set once all outputs stand still.
  std::vector<std::size_t> first_output(count + 1, 0);
  for (std::size_t i = 0; i < count; ++i) {
    first_output[i] = batch.outputs.size();
    if (batch.rows[i].kind != store::RowKind::mapped) continue;  // refused or unchanged already
    map_record(batch, i, mapper, batch.outputs);
  }
  first_output[count] = batch.outputs.size();
  for (std::size_t i = 0; i < count; ++i) {
    store::Row& row = batch.rows[i];
    if (row.kind == store::RowKind::mapped) {
      row.outputs = std::span<const store::Output>(batch.outputs)
                        .subspan(first_output[i], first_output[i + 1] - first_output[i]);
      if (keep_raw) row.packed = raw_packer_.add(row.raw);
    }
    if (row.kind != store::RowKind::unchanged && !row.key.empty()) {
      batch.mapped_keys.push_back(hash64(row.key));
    }
  }
}

void IngestWorker::map_all(PreparedBatch& batch) {
  lay_out_rows(batch);
  map_rows(batch, false);
}

Status IngestWorker::prepare(PreparedBatch& batch, const std::atomic<std::uint64_t>& applied) {
  if (batch.raw.mark != extract::Mark::none || batch.raw.records.empty()) return {};
  const auto start = std::chrono::steady_clock::now();
  const auto found = streams_.by_name.find(batch.raw.stream);
  if (found == streams_.by_name.end()) {
    return {ErrorCode::internal,
            "the connector pushed records of a stream that nobody asked for: " + batch.raw.stream};
  }
  const Streams::Entry& stream = found->second;
  map::Mapper& mapper = mapper_for(batch.raw.stream);
  lay_out_rows(batch);
  int& until_probe = batches_until_probe_[batch.raw.stream];
  if (until_probe == 0) {
    RONDOM_TRY(skip_unchanged(batch, stream, applied, mapper));
  } else {
    --until_probe;
  }
  map_rows(batch, stream.plan->stream->keep_raw);
  batch.raw_blocks = raw_packer_.take();
  std::sort(batch.mapped_keys.begin(), batch.mapped_keys.end());
  batch.busy_microseconds = elapsed_microseconds(start);
  return {};
}

}  // namespace rondom::engine
