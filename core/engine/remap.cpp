#include "engine/remap.h"

#include <algorithm>

#include "engine/ingest_worker.h"

namespace rondom::engine {

namespace {

constexpr std::size_t records_per_transaction = 20'000;
constexpr std::size_t released_per_transaction = 1'000;

Result<store::Stream> stream_of(const IngestJob& job, const StreamPlan& plan, store::Store& store) {
  return store.stream(job.job->connection, plan.stream->stream, job.job->name);
}

/// The kept texts as a batch of the pipeline.
extract::Batch as_batch(const store::KeptRecords& kept, const std::string& stream) {
  extract::Batch batch;
  batch.stream = stream;
  batch.origins.emplace_back();
  for (const store::KeptRecord& record : kept.records) {
    extract::RawRecord& raw = batch.records.emplace_back();
    raw.offset = static_cast<std::uint32_t>(batch.bytes.size());
    raw.size = static_cast<std::uint32_t>(record.raw.size());
    raw.changed_at = record.observed_at;
    batch.bytes += record.raw;
  }
  return batch;
}

/// Stores what a map made of kept text, and counts it.
Status store_mapped(const IngestJob& job, const StreamPlan& plan, const store::Stream& stream,
                    PreparedBatch& batch, bool from_kept, store::Store& store,
                    RemapReport& report) {
  store::IngestBatch ingest;
  ingest.stream = stream.id;
  ingest.job = job.job->name;
  ingest.run = job.run;
  ingest.map_fingerprint = plan.fingerprint;
  ingest.keep_raw = plan.stream->keep_raw;
  ingest.from_kept = from_kept;
  ingest.rows = std::move(batch.rows);
  RONDOM_TRY_ASSIGN(const store::StreamCounts counts, store.apply(ingest));
  report.records += counts.read;
  report.changed += counts.changed + counts.created;
  report.filtered += counts.filtered;
  report.refused += counts.quarantined;
  return {};
}

Status remap_stream(const IngestJob& job, const StreamPlan& plan, const store::Stream& stream,
                    IngestWorker& worker, store::Store& store, RemapReport& report) {
  store::RecordId after = 0;
  do {
    const Cancel* const cancel = job.surroundings->cancel;
    if (cancel != nullptr && cancel->requested()) {
      return {ErrorCode::cancelled, "stopped on request; the next run continues here"};
    }
    RONDOM_TRY_ASSIGN(const store::KeptRecords kept,
                      store.outdated(stream.id, plan.fingerprint, after, records_per_transaction));
    after = kept.last;
    report.not_kept += kept.not_kept;
    if (kept.records.empty()) continue;
    PreparedBatch batch;
    batch.raw = as_batch(kept, plan.stream->stream);
    worker.map_all(batch);
    RONDOM_TRY(store_mapped(job, plan, stream, batch, true, store, report));
    if (job.options->progress) job.options->progress({job.job->name, "map", report.records, 0});
  } while (after != 0);
  return store.put_value(mapped_key(stream.id), hex64(plan.fingerprint));
}

/// Released entries of one stream, each with the place that its version has.
extract::Batch as_batch(const std::vector<store::QuarantineEntry>& entries,
                        const std::string& stream) {
  extract::Batch batch;
  batch.stream = stream;
  for (const store::QuarantineEntry& entry : entries) {
    extract::RawRecord& raw = batch.records.emplace_back();
    raw.offset = static_cast<std::uint32_t>(batch.bytes.size());
    raw.size = static_cast<std::uint32_t>(entry.raw.size());
    raw.changed_at = entry.observed_at;
    raw.position = entry.position;
    raw.origin = static_cast<std::uint32_t>(batch.origins.size());
    batch.origins.push_back(entry.origin);
    batch.bytes += entry.raw;
  }
  return batch;
}

/// Maps what somebody released from quarantine from the text that was kept there: its source may
/// never give it again.
Status map_released(const IngestJob& job, const StreamPlan& plan, const store::Stream& stream,
                    IngestWorker& worker, store::Store& store, RemapReport& report) {
  for (std::int64_t after = 0;;) {
    RONDOM_TRY_ASSIGN(auto entries, store.released(after, released_per_transaction));
    if (entries.empty()) return {};
    after = entries.back().id;
    std::erase_if(entries, [&](const store::QuarantineEntry& entry) {
      return entry.source != stream.source || entry.stream != stream.name;
    });
    if (entries.empty()) continue;
    PreparedBatch batch;
    batch.raw = as_batch(entries, plan.stream->stream);
    worker.map_all(batch);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      batch.rows[i].released = entries[i].id;
      batch.rows[i].generation = entries[i].generation;
    }
    RONDOM_TRY(store_mapped(job, plan, stream, batch, false, store, report));
  }
}

}  // namespace

std::string mapped_key(store::StreamId stream) {
  return "mapped/" + std::to_string(stream);
}

Status note_new_streams(const IngestJob& job, store::Store& store) {
  RONDOM_TRY_ASSIGN(const std::vector<store::Stream> known, store.streams());
  for (const StreamPlan& plan : *job.plans) {
    const bool is_known = std::any_of(known.begin(), known.end(), [&](const store::Stream& one) {
      return one.source == job.job->connection && one.name == plan.stream->stream;
    });
    if (is_known) continue;
    RONDOM_TRY_ASSIGN(const store::Stream made, stream_of(job, plan, store));
    RONDOM_TRY(store.put_value(mapped_key(made.id), hex64(plan.fingerprint)));
  }
  return {};
}

Status remap(const IngestJob& job, store::Store& store, std::vector<RemapReport>& reports) {
  IngestWorker::Streams streams;
  for (const StreamPlan& plan : *job.plans) {
    RONDOM_TRY_ASSIGN(const store::Stream stream, stream_of(job, plan, store));
    streams.by_name[plan.stream->stream] = {&plan, stream.id};
  }
  IngestWorker worker(*job.project, *job.job, streams, nullptr);
  worker.leave_out(job.leave_out);
  for (const StreamPlan& plan : *job.plans) {
    RONDOM_TRY_ASSIGN(const store::Stream stream, stream_of(job, plan, store));
    RONDOM_TRY_ASSIGN(const auto done, store.value(mapped_key(stream.id)));
    RemapReport report;
    report.stream = plan.stream->stream;
    Status status = map_released(job, plan, stream, worker, store, report);
    if (status.ok() && !(done.has_value() && *done == hex64(plan.fingerprint))) {
      status = remap_stream(job, plan, stream, worker, store, report);
    }
    if (report.records + report.not_kept > 0) reports.push_back(std::move(report));
    RONDOM_TRY(status);
  }
  return {};
}

}  // namespace rondom::engine
