#include <algorithm>

#include "engine/engine.h"

namespace rondom::engine {

namespace {

class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  void close() { out_ += '}'; }
  void key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json_string(out_, name);
    out_ += ':';
  }
  void text(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(out_, value);
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    key(name);
    out_ += '[';
    for (const std::string& value : values) {
      if (out_.back() != '[') out_ += ',';
      append_json_string(out_, value);
    }
    out_ += ']';
  }
  void number(std::string_view name, std::int64_t value) {
    key(name);
    out_ += std::to_string(value);
  }
  void seconds(std::string_view name, double value) {
    key(name);
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    out_ += text;
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_stream(std::string& out, const StreamReport& stream) {
  JsonObject object(out);
  object.text("stream", stream.stream);
  object.number("read", stream.counts.read);
  object.number("new", stream.counts.created);
  object.number("changed", stream.counts.changed);
  object.number("unchanged", stream.counts.unchanged);
  object.number("deleted", stream.counts.removed);
  object.number("stale", stream.counts.stale);
  object.number("filtered", stream.counts.filtered);
  object.number("quarantined", stream.counts.quarantined);
  object.number("tombstoned", stream.counts.tombstoned);
  if (!stream.note.empty()) object.text("note", stream.note);
  if (!stream.drift.empty()) {
    object.key("drift");
    JsonObject drift(out);
    drift.texts("new", stream.drift.appeared);
    drift.texts("vanished", stream.drift.vanished);
    drift.texts("retyped", stream.drift.retyped);
    drift.close();
  }
  object.close();
}

void append_remapped(std::string& out, const RemapReport& stream) {
  JsonObject object(out);
  object.text("stream", stream.stream);
  object.number("records", stream.records);
  object.number("changed", stream.changed);
  object.number("filtered", stream.filtered);
  object.number("quarantined", stream.refused);
  object.number("not_kept", stream.not_kept);
  object.close();
}

void append_deliveries(std::string& out, const DeliveryReport& report) {
  JsonObject object(out);
  object.number("created", report.created);
  object.number("adopted", report.adopted);
  object.number("updated", report.updated);
  object.number("removed", report.removed);
  object.number("unchanged", report.unchanged);
  object.number("rejected", report.rejected);
  object.number("retried", report.retried);
  object.number("unknown", report.unknown);
  object.key("withheld");
  JsonObject withheld(out);
  for (const auto& [reason, count] : report.withheld) withheld.number(reason, count);
  withheld.close();
  if (report.refused_earlier > 0) object.number("refused_earlier", report.refused_earlier);
  if (!report.note.empty()) object.text("note", report.note);
  if (report.captured) object.text("captured_to", report.captured_to);
  object.close();
}

void append_job(std::string& out, const JobReport& job) {
  JsonObject object(out);
  object.text("job", job.job);
  object.text("status", job.status);
  object.key("streams");
  out += '[';
  for (std::size_t i = 0; i < job.streams.size(); ++i) {
    if (i > 0) out += ',';
    append_stream(out, job.streams[i]);
  }
  out += ']';
  if (!job.remapped.empty()) {
    object.key("remapped");
    out += '[';
    for (std::size_t i = 0; i < job.remapped.size(); ++i) {
      if (i > 0) out += ',';
      append_remapped(out, job.remapped[i]);
    }
    out += ']';
  }
  object.key("deliveries");
  if (job.deliveries.has_value())
    append_deliveries(out, *job.deliveries);
  else
    out += "null";
  if (job.error.has_value()) {
    object.text("error", job.error->message);
    object.text("error_code", to_text(job.error->code));
  }
  if (!job.trace.empty()) object.texts("trace", job.trace);
  if (!job.refused.empty()) object.texts("refused", job.refused);
  if (!job.warnings.empty()) object.texts("warnings", job.warnings);
  if (!job.guard_id.empty()) object.text("accept", job.guard_id);
  object.seconds("seconds", job.seconds);
  object.close();
}

void append_profiles(std::string& out, const UnifyReport& profiles) {
  JsonObject object(out);
  object.number("total", profiles.total);
  object.number("created", profiles.created);
  object.number("changed", profiles.changed);
  object.number("merged", profiles.merged);
  object.number("split", profiles.split);
  object.number("review", profiles.review);
  if (profiles.possible > 0) object.number("possible", profiles.possible);
  if (!profiles.compared_everybody.empty()) {
    object.text("compared_everybody", profiles.compared_everybody);
  }
  object.number("retired", profiles.retired);
  object.number("waiting", profiles.waiting);
  object.number("refused_links", profiles.refused_edges);
  object.number("new_owners", static_cast<std::int64_t>(profiles.new_owners.size()));
  object.number("generic_identifiers", static_cast<std::int64_t>(profiles.generic.size()));
  if (!profiles.no_longer_generic.empty()) {
    object.number("no_longer_generic",
                  static_cast<std::int64_t>(profiles.no_longer_generic.size()));
  }
  object.close();
}

void append_retention(std::string& out, const RetentionReport& retention) {
  JsonObject object(out);
  object.key("forgotten");
  JsonObject forgotten(out);
  for (std::size_t kind = 0; kind < store::history_count; ++kind) {
    const store::Amount& amount = retention.forgotten[kind];
    if (amount.rows > 0) forgotten.number(to_text(static_cast<store::History>(kind)), amount.rows);
  }
  forgotten.close();
  if (!retention.waiting.empty()) object.texts("waiting", retention.waiting);
  if (!retention.held.empty()) object.texts("held", retention.held);
  if (!retention.complete) object.text("goes_on", "next run");
  if (!retention.note.empty()) object.text("note", retention.note);
  object.close();
}

void append_views(std::string& out, const ViewsReport& views) {
  JsonObject object(out);
  object.number("profiles", views.profiles);
  object.number("views", views.views);
  if (!views.note.empty()) object.text("note", views.note);
  object.seconds("seconds", views.seconds);
  object.close();
}

bool says_something(const RetentionReport& retention) {
  const auto& forgotten = retention.forgotten;
  return !retention.waiting.empty() || !retention.held.empty() || !retention.note.empty() ||
         std::any_of(forgotten.begin(), forgotten.end(),
                     [](const store::Amount& amount) { return amount.rows > 0; });
}

}  // namespace

int RunReport::exit_code() const {
  const Error* failure = nullptr;
  bool guarded = false, partial = false;
  for (const JobReport& job : jobs) {
    if (job.status == "guarded") guarded = true;
    if (job.status == "partial") partial = true;
    if ((job.status == "failed" || job.status == "cancelled") && job.error.has_value() &&
        failure == nullptr) {
      failure = &*job.error;
    }
  }
  if (failure != nullptr) return exit_code_for(failure->code);
  if (guarded) return exit_code_for(ErrorCode::guarded);
  return partial ? 3 : 0;
}

std::string to_json(const RunReport& report) {
  std::string out;
  JsonObject object(out);
  object.text("run", report.run);
  object.text("status", report.status);
  object.key("jobs");
  out += '[';
  for (std::size_t i = 0; i < report.jobs.size(); ++i) {
    if (i > 0) out += ',';
    append_job(out, report.jobs[i]);
  }
  out += ']';
  object.key("profiles");
  append_profiles(out, report.profiles);
  if (says_something(report.retention)) {
    object.key("retention");
    append_retention(out, report.retention);
  }
  if (report.views.has_value()) {
    object.key("views");
    append_views(out, *report.views);
  }
  object.key("stages");
  JsonObject stages(out);
  for (const StageTime& stage : report.stages) stages.seconds(stage.stage, stage.busy_seconds);
  stages.close();
  object.seconds("seconds", report.seconds);
  object.number("peak_rss_bytes", report.peak_rss_bytes);
  object.close();
  return out;
}

}  // namespace rondom::engine
