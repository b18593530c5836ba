// What a source offers and what the map makes of it, without a store.
#include <utility>

#include "engine/connections.h"
#include "engine/engine.h"
#include "engine/fields_seen.h"
#include "engine/plans.h"
#include "pipeline/map/map.h"
#include "pipeline/normalize/normalize.h"

namespace rondom::engine {

Status check_connection(const config::Project& project, const Surroundings& surroundings,
                        std::string_view connection) {
  const config::Connection* found = project.connection(connection);
  if (found == nullptr) {
    return {ErrorCode::usage, "no connection " + std::string(connection)};
  }
  if (surroundings.inventory.find(found->connector, plugin::Kind::source) != nullptr) {
    RONDOM_TRY_ASSIGN(const auto source,
                      Connections(project, surroundings).open_source(connection));
    return source->check();
  }
  RONDOM_TRY_ASSIGN(const auto destination,
                    Connections(project, surroundings).open_destination(connection));
  return destination->check();
}

Result<plugin::Catalog> discover(const config::Project& project, const Surroundings& surroundings,
                                 std::string_view job_or_connection) {
  std::string connection(job_or_connection);
  std::string options = "{}";
  if (const config::Job* job = project.job(job_or_connection); job != nullptr) {
    if (!job->source.has_value()) {
      return Error{ErrorCode::usage, "job " + connection + " sends; only sources are discovered"};
    }
    connection = job->connection;
    options = "{\"streams\":[";
    for (std::size_t i = 0; i < job->source->streams.size(); ++i) {
      const config::SourceStream& stream = job->source->streams[i];
      if (i > 0) options += ',';
      options += "{\"stream\":";
      append_json_string(options, stream.stream);
      options += ",\"options\":" + stream.options_json + "}";
    }
    options += "]}";
  }
  RONDOM_TRY_ASSIGN(const auto source, Connections(project, surroundings).open_source(connection));
  return source->discover(options);
}

namespace {

// Keeps the first records of a read and then ends it.
class PreviewSink final : public plugin::ReadSink {
 public:
  PreviewSink(std::size_t records_max, std::string_view stream)
      : records_max_(records_max), stream_(stream) {}
  Status records(const plugin::SourceBatch& batch) override {
    for (const plugin::SourceRecord& record : batch.records) {
      if (!stream_.empty() && batch.stream != stream_) continue;
      if (seen.size() >= records_max_) return {ErrorCode::cancelled, "enough for a preview"};
      seen.push_back({std::string(batch.stream), std::string(record.json),
                      std::string(record.problem), record.changed_at, record.operation});
    }
    return {};
  }
  Status checkpoint(std::string_view, std::string_view) override { return {}; }
  Status refresh_begin(std::string_view, std::string_view) override { return {}; }
  Status refresh_complete(std::string_view) override { return {}; }

  struct Seen {
    std::string stream, json, problem;
    Timestamp changed_at = no_time;
    plugin::Operation operation = plugin::Operation::upsert;
  };
  std::vector<Seen> seen;

 private:
  std::size_t records_max_;
  std::string_view stream_;
};

PreviewRecord preview_one(const PreviewSink::Seen& seen, map::Mapper& mapper,
                          normalize::Normalizer& normalizer, normalize::Context context) {
  PreviewRecord out;
  out.stream = seen.stream;
  out.raw = seen.json;
  if (!seen.problem.empty()) {
    out.outcome = "quarantined";
    out.reason = seen.problem;
    return out;
  }
  Arena arena;
  const map::Identity identity = mapper.identify(seen.json, arena);
  if (!identity.problem.empty()) {
    out.outcome = "quarantined";
    out.reason = std::string(identity.problem);
    return out;
  }
  if (seen.operation == plugin::Operation::remove) {
    out.outcome = "deleted";
    return out;
  }
  const map::Mapped mapped = mapper.map(seen.changed_at, arena);
  out.outcome = mapped.kind == map::Mapped::Kind::mapped     ? "mapped"
                : mapped.kind == map::Mapped::Kind::filtered ? "filtered"
                                                             : "quarantined";
  out.reason = std::string(mapped.reason);
  if (mapped.kind != map::Mapped::Kind::mapped) return out;
  if (!mapped.country.empty()) context.country = mapped.country;
  for (const map::MappedRecord& record : mapped.records) {
    if (const Status clean = normalizer.normalize(record.entity, context, *record.cells, arena);
        !clean.ok()) {
      out.outcome = "quarantined";
      out.reason = clean.error().message;
      out.canonical.clear();
      return out;
    }
    std::string json;
    append_record_json(json, record.cells->bytes());
    std::string line = "{\"entity\":\"" + std::string(to_text(record.entity)) + "\",\"key\":";
    append_json_string(line, record.key);
    out.canonical.push_back(line + ",\"values\":" + json + "}");
  }
  return out;
}

}  // namespace

Result<std::vector<PreviewRecord>> preview(const config::Project& project,
                                           const Surroundings& surroundings,
                                           std::string_view job_name, std::string_view stream,
                                           std::size_t records_max,
                                           std::vector<std::string>& warnings) {
  const config::Job* job = project.job(job_name);
  if (job == nullptr || !job->source.has_value()) {
    return Error{ErrorCode::usage, "no source job " + std::string(job_name)};
  }
  config::Diagnostics diagnostics;
  const auto plans = compile_job(project, *job, surroundings.inventory, diagnostics);
  if (!diagnostics.empty()) return Error{ErrorCode::bad_config, diagnostics.render(project.root)};
  const config::Connection* connection = project.connection(job->connection);
  if (connection == nullptr)
    return Error{ErrorCode::bad_config, "no connection " + job->connection};
  const config::Defaults& defaults = connection->defaults;
  const normalize::Context context{defaults.country, defaults.language, defaults.currency,
                                   defaults.time_zone, &project};
  normalize::Normalizer normalizer;
  const auto cleaners = normalize::make_cleaners();
  std::vector<PreviewRecord> records;
  for (const StreamPlan& plan : plans) {
    if (!stream.empty() && plan.stream->stream != stream) continue;
    plugin::ReadRequest request;
    request.records_max = records_max;
    request.streams.push_back({plan.stream->stream, plan.stream->options_json, {}, {}});
    // A read that was stopped half-way is not asked to read again: each stream gets a fresh one.
    RONDOM_TRY_ASSIGN(const auto source,
                      Connections(project, surroundings).open_source(job->connection));
    PreviewSink sink(records_max, plan.stream->stream);
    const Status read = source->read(request, sink);
    if (!read.ok() && sink.seen.size() < records_max) return read.error();
    std::vector<std::string> said;
    if (known_fields(project, job->name, plan.stream->stream).names.empty()) {
      FieldsSeen fields;
      for (const PreviewSink::Seen& seen : sink.seen) fields.look_at(seen.json);
      said = fields.warnings(project, *job, *plan.stream, surroundings.inventory, true);
    }
    warnings.insert(warnings.end(), said.begin(), said.end());
    map::Mapper mapper(plan.plan, cleaners.get());
    for (const PreviewSink::Seen& seen : sink.seen) {
      records.push_back(preview_one(seen, mapper, normalizer, context));
      records.back().warnings = std::exchange(said, {});
    }
  }
  return records;
}

}  // namespace rondom::engine
