#include "engine/freshness.h"

#include <nlohmann/json.hpp>

namespace rondom::engine {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// {"contacts": "2027-06-01T06:00:00Z"}; what cannot be read was not remembered.
Result<json> last_reads(store::Store& store, std::string_view job) {
  RONDOM_TRY_ASSIGN(const auto kept, store.value(last_read_key(job)));
  json reads = json::parse(kept.value_or("{}"), nullptr, false);
  return reads.is_object() ? reads : json::object();
}

}  // namespace

std::string last_read_key(std::string_view job) {
  return "last_read/" + std::string(job);
}

Status note_read(store::Store& store, const config::Job& job, Timestamp at) {
  json reads = json::object();  // streams that the job no longer has are forgotten
  for (const config::SourceStream& stream : job.source->streams) {
    reads[stream.stream] = format_time(at);
  }
  return store.put_value(last_read_key(job.name), reads.dump());
}

Result<bool> all_read_since(store::Store& store, const config::Project& project, Timestamp at) {
  for (const config::Job& job : project.jobs) {
    if (!job.source.has_value()) continue;
    RONDOM_TRY_ASSIGN(const json reads, last_reads(store, job.name));
    for (const config::SourceStream& stream : job.source->streams) {
      const auto read = parse_time(reads.value(stream.stream, ""));
      if (!read.ok() || *read < at) return false;
    }
  }
  return true;
}

Result<std::vector<StreamFreshness>> freshness(store::Store& store, const config::Project& project,
                                               Timestamp now) {
  std::vector<StreamFreshness> streams;
  for (const config::Job& job : project.jobs) {
    if (!job.source.has_value()) continue;
    std::optional<json> reads;
    for (const config::SourceStream& stream : job.source->streams) {
      if (stream.fresh_within == 0) continue;
      if (!reads.has_value()) {
        RONDOM_TRY_ASSIGN(reads, last_reads(store, job.name));
      }
      StreamFreshness& one = streams.emplace_back();
      one.job = job.name;
      one.stream = stream.stream;
      one.fresh_within = stream.fresh_within;
      const auto at = parse_time(reads->value(stream.stream, ""));
      if (at.ok()) one.last_read = *at;
      one.stale = !one.last_read.has_value() || now - *one.last_read > one.fresh_within;
    }
  }
  return streams;
}

std::string to_json(const std::vector<StreamFreshness>& streams) {
  ordered_json all = ordered_json::array();
  for (const StreamFreshness& one : streams) {
    all.push_back({{"job", one.job},
                   {"stream", one.stream},
                   {"last_read_at",
                    one.last_read ? ordered_json(format_time(*one.last_read)) : ordered_json()},
                   {"fresh_within_seconds", one.fresh_within / microseconds_per_second},
                   {"stale", one.stale}});
  }
  return all.dump();
}

}  // namespace rondom::engine
