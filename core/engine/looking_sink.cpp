#include "engine/looking_sink.h"

#include <algorithm>

namespace rondom::engine {
namespace {

constexpr std::size_t fields_told_max = 10;
constexpr std::size_t guard_digits = 8;

std::string shape_key(store::StreamId stream) {
  return "fields/" + std::to_string(stream);
}

/// What the map of a stream reads and none of `names` is: its place each.
std::vector<std::string> read_and_gone(const IngestJob& job, const config::SourceStream& stream,
                                       const std::vector<std::string>& names,
                                       const std::vector<std::string>& vanished) {
  config::Diagnostics unseen;
  check_fields_seen(*job.project, *job.job, stream, job.surroundings->inventory, names, unseen,
                    vanished);
  std::vector<std::string> said;
  const auto add = [&](const std::vector<config::Diagnostic>& all) {
    for (const config::Diagnostic& one : all) {
      for (const std::string& field : vanished) {
        const std::string what = " has no field " + field;
        const std::size_t at = one.message.find(what);
        if (at == std::string::npos) continue;
        const std::string_view rest = std::string_view(one.message).substr(at + what.size());
        if (!rest.empty() && !rest.starts_with(',')) continue;
        said.push_back(field + " (" + (one.at.file ? *one.at.file : std::string()) + ":" +
                       std::to_string(one.at.line) + ")");
      }
    }
  };
  add(unseen.errors());
  add(unseen.warnings());  // of presets
  return said;
}

std::string some_of(const std::vector<std::string>& fields) {
  const std::size_t told = std::min(fields_told_max, fields.size());
  const std::vector<std::string> first(fields.begin(),
                                       fields.begin() + static_cast<std::ptrdiff_t>(told));
  const std::size_t more = fields.size() - told;
  return join(first, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

}  // namespace

LookingSink::LookingSink(const IngestJob& job, const plugin::ReadRequest& request,
                         extract::Sink& sink)
    : job_(job), sink_(sink) {
  for (const StreamPlan& plan : *job.plans) {
    const std::string& name = plan.stream->stream;
    Looked& looked = streams_[name];
    looked.stream = plan.stream;
    looked.untold = known_fields(*job.project, job.job->name, name).names.empty();
  }
  for (const plugin::ReadStream& stream : request.streams) {
    const auto found = streams_.find(stream.name);
    if (found == streams_.end()) continue;
    found->second.whole = stream.state_json.empty();
    found->second.resumed = !stream.generation.empty();
  }
}

Status LookingSink::remember_before(const IngestWorker::Streams& streams, store::Store& store) {
  for (const auto& [name, entry] : streams.by_name) {
    RONDOM_TRY_ASSIGN(const auto text, store.value(shape_key(entry.id)));
    if (!text.has_value()) continue;
    auto shape = shape_from(*text);
    Looked& looked = streams_[name];
    // Whoever asks for something else gets other fields.
    const bool same = shape.has_value() && shape->options == hash64(looked.stream->options_json);
    if (same) looked.watch = DriftWatch(std::move(*shape));
  }
  return {};
}

Status LookingSink::keep(const IngestWorker::Streams& streams, store::Store& store) const {
  for (const auto& [name, looked] : streams_) {
    const auto entry = streams.by_name.find(name);
    const bool told_again = !stopped_.ok() && name == stopped_stream_;
    if (told_again || entry == streams.by_name.end() || !looked.watch.saw_any()) continue;
    const std::string key = shape_key(entry->second.id);
    Shape shape = looked.watch.shape();
    shape.options = hash64(looked.stream->options_json);
    const std::string text = to_json(shape);
    RONDOM_TRY_ASSIGN(const auto before, store.value(key));
    if (before != text) RONDOM_TRY(store.put_value(key, text));
  }
  return {};
}

void LookingSink::tell(JobReport& report) const {
  for (const StreamPlan& plan : *job_.plans) {
    const auto found = streams_.find(plan.stream->stream);
    if (found == streams_.end()) continue;
    const Looked& looked = found->second;
    tell_drift(looked, report);
    if (!looked.untold || !looked.whole) continue;
    for (std::string& said : looked.fields.warnings(*job_.project, *job_.job, *plan.stream,
                                                    job_.surroundings->inventory, false)) {
      report.warnings.push_back(std::move(said));
    }
  }
}

Status LookingSink::records(const plugin::SourceBatch& batch) {
  RONDOM_TRY(stopped_);
  const auto found = streams_.find(batch.stream);
  if (batch.stream != held_stream_) RONDOM_TRY(release());
  if (found == streams_.end()) return sink_.records(batch);
  look_at(batch, found->second);
  stopped_ = check_drift(found->second);
  if (!stopped_.ok()) held_.drop();
  RONDOM_TRY(stopped_);
  if (!held_.empty()) {
    held_.records(batch);
    return is_to_hold(found->second) ? Status() : release();
  }
  return sink_.records(batch);
}

Status LookingSink::checkpoint(std::string_view scope, std::string_view state) {
  RONDOM_TRY(stopped_);
  if (held_.empty()) return sink_.checkpoint(scope, state);
  held_.checkpoint(scope, state);
  return held_.is_full() ? release() : Status();
}

Status LookingSink::refresh_begin(std::string_view stream, std::string_view token) {
  RONDOM_TRY(stopped_);
  RONDOM_TRY(release());
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return sink_.refresh_begin(stream, token);
  found->second.whole = true;
  const bool may_stop = found->second.stream->on_drift.vanished == config::OnDrift::stop;
  if (!may_stop || found->second.resumed) return sink_.refresh_begin(stream, token);
  held_stream_ = stream;
  held_.refresh_begin(stream, token);
  return {};
}

Status LookingSink::refresh_complete(std::string_view stream) {
  RONDOM_TRY(stopped_);
  const auto found = streams_.find(stream);
  if (found != streams_.end() && !found->second.resumed && !found->second.is_judged) {
    found->second.watch.saw_whole();
    stopped_ = check_drift(found->second);
    if (!stopped_.ok()) held_.drop();
    RONDOM_TRY(stopped_);
  }
  RONDOM_TRY(release());
  return sink_.refresh_complete(stream);
}

Status LookingSink::finish() {
  RONDOM_TRY(stopped_);
  return release();
}

/// As long as its few records lack what they would be stopped for if no more came.
bool LookingSink::is_to_hold(const Looked& looked) const {
  return !held_.is_full() && looked.watch.may_tell_of_vanished() &&
         looked.watch.drift().vanished.empty();
}

Status LookingSink::release() {
  held_stream_.clear();
  return held_.release(sink_);
}

void LookingSink::look_at(const plugin::SourceBatch& batch, Looked& looked) {
  const bool for_map = looked.untold && looked.whole;
  for (const plugin::SourceRecord& record : batch.records) {
    if (looked.watch.saw_enough() && !for_map) return;
    if (!record.problem.empty() || record.operation == plugin::Operation::remove) continue;
    if (for_map) looked.fields.look_at(record.json);
    looked.watch.look_at(record.json);
  }
}

/// Before the records that show it are handed on.
Status LookingSink::check_drift(Looked& looked) {
  if (looked.is_judged) return {};
  looked.is_judged = looked.watch.saw_enough();
  const Drift drift = looked.watch.drift();
  const config::DriftPolicy& policy = looked.stream->on_drift;
  std::vector<std::string> why;
  if (policy.appeared == config::OnDrift::stop && !drift.appeared.empty()) {
    why.push_back("it has new fields: " + some_of(drift.appeared));
  }
  if (policy.vanished == config::OnDrift::stop && drift.vanished != looked.not_missed) {
    const auto gone = read_and_gone(job_, *looked.stream, looked.watch.names(), drift.vanished);
    if (!gone.empty()) why.push_back("no record has what its map reads: " + some_of(gone));
    if (gone.empty()) looked.not_missed = drift.vanished;
  }
  if (policy.retyped == config::OnDrift::stop && !drift.retyped.empty()) {
    why.push_back("it has other values than before: " + some_of(drift.retyped));
  }
  return why.empty() ? Status() : stop(looked.stream->stream, join(why, "; "));
}

Status LookingSink::stop(const std::string& stream, const std::string& why) {
  const std::string id =
      hex64(Hasher().add(job_.job->name).add(stream).add(why).value()).substr(0, guard_digits);
  const auto& accepted = job_.options->accepted_guards;
  if (std::find(accepted.begin(), accepted.end(), id) != accepted.end()) return {};
  guard_id_ = id;
  stopped_stream_ = stream;
  return {ErrorCode::guarded, stream + " is not as it was: " + why +
                                  "; nothing more was read. If that is right: rondom run " +
                                  job_.job->name + " --accept " + id};
}

void LookingSink::tell_drift(const Looked& looked, JobReport& report) {
  const config::DriftPolicy& policy = looked.stream->on_drift;
  Drift drift = looked.watch.drift();
  if (policy.appeared == config::OnDrift::ignore) drift.appeared.clear();
  if (policy.vanished == config::OnDrift::ignore) drift.vanished.clear();
  if (policy.retyped == config::OnDrift::ignore) drift.retyped.clear();
  const auto say = [&](const char* what, const std::vector<std::string>& fields) {
    if (fields.empty()) return;
    report.warnings.push_back(looked.stream->stream + what + some_of(fields));
  };
  say(" has new fields: ", drift.appeared);
  say(" no longer has: ", drift.vanished);
  say(" has other values than before: ", drift.retyped);
  for (StreamReport& stream : report.streams) {
    if (stream.stream == looked.stream->stream) stream.drift = drift;
  }
}

}  // namespace rondom::engine
