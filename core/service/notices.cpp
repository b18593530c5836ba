#include "service/notices.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace rondom::service {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view failed_prefix = "failed/";
constexpr std::string_view stopped_way = "stopped";
constexpr std::string_view quarantined_way = "quarantined";
constexpr std::string_view stale_prefix = "stale/";

bool is_of_runs(std::string_view way) {
  return way.starts_with(failed_prefix) || way == stopped_way;
}

/// The trouble that is told of now, or none.
const Trouble* met(const std::string& way, std::int64_t repeat, Timestamp now, Troubles& troubles) {
  const bool is_full = !troubles.contains(way) && troubles.size() >= troubles_of_a_job_max;
  Trouble& trouble = troubles[is_full ? std::string(failed_prefix) + "other" : way];
  if (!trouble.active) {
    trouble.active = true;
    trouble.told = false;
    trouble.since = now;
    trouble.times = 0;
  }
  ++trouble.times;
  // A clock that was set back would keep it quiet for as long.
  if (trouble.told_at != no_time) trouble.told_at = std::min(trouble.told_at, now);
  const std::int64_t rest = trouble.told ? repeat : std::min(repeat, notice_rest);
  if (trouble.told_at != no_time && now - trouble.told_at < rest) return nullptr;
  trouble.told = true;
  trouble.told_at = now;
  return &trouble;
}

/// Since when the told ones of these were there; none when nothing was told.
template <typename Is>
std::optional<Timestamp> ended(Troubles& troubles, Timestamp now, Is is_over) {
  std::optional<Timestamp> since;
  for (auto at = troubles.begin(); at != troubles.end();) {
    Trouble& trouble = at->second;
    const bool is_one = is_over(at->first);
    if (is_one && trouble.active) {
      if (trouble.told) since = std::min(since.value_or(trouble.since), trouble.since);
      trouble.active = trouble.told = false;
    }
    // Kept for as long as it would be told too soon again.
    const bool forget =
        is_one && (trouble.told_at == no_time || now - trouble.told_at >= notice_rest);
    at = forget ? troubles.erase(at) : std::next(at);
  }
  return since;
}

Notice notice(NoticeKind kind, const std::string& job, const Trouble* trouble, Timestamp now) {
  Notice out;
  out.kind = kind;
  out.job = job;
  out.at = now;
  if (trouble != nullptr) {
    out.since = trouble->since;
    out.times = trouble->times;
  }
  return out;
}

const char* type_of(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::failed: return "job.failed";
    case NoticeKind::stopped: return "job.stopped";
    case NoticeKind::quarantined: return "records.quarantined";
    case NoticeKind::stale: return "stream.stale";
    case NoticeKind::recovered: return "recovered";
    case NoticeKind::test: return "test";
  }
  return "test";
}

}  // namespace

const char* to_text(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::failed: return "failed";
    case NoticeKind::stopped: return "stopped";
    case NoticeKind::quarantined: return "quarantined";
    case NoticeKind::stale: return "stale";
    case NoticeKind::recovered: return "recovered";
    case NoticeKind::test: return "test";
  }
  return "test";
}

std::string sentence_of(const Notice& notice) {
  std::string where = "Rondom, project " + notice.project +
                      (notice.environment.empty() ? "" : " (" + notice.environment + ")") + ": ";
  const std::string job = "job " + notice.job;
  const std::string since = notice.since == no_time ? "" : " since " + format_time(notice.since);
  switch (notice.kind) {
    case NoticeKind::failed:
      return where + job + " " + (notice.status == "failed" ? "failed" : notice.status) +
             (notice.times > 1
                  ? ", " + std::to_string(notice.times) + " times in the same way" + since
                  : "") +
             (notice.error.empty() ? "" : ": " + notice.error);
    case NoticeKind::stopped:
      return where + job + " was stopped by a limit before anything changed" +
             (notice.error.empty() ? "" : ": " + notice.error);
    case NoticeKind::quarantined:
      return where + job + " refused " + with_thousands(notice.refused) + " records" +
             (notice.times > 1 ? " in its last run, some in each" + since : "") +
             ": rondom quarantine list, rondom deadletter list";
    case NoticeKind::stale:
      return where + "stream " + notice.stream + " of " + job + " is stale, last read completely " +
             (notice.since == no_time ? "never" : format_time(notice.since));
    case NoticeKind::recovered:
      return where + (notice.stream.empty() ? job : "stream " + notice.stream + " of " + job) +
             " is well again; the trouble was there" + since;
    case NoticeKind::test: return where + "this is a test of its notices; all is well";
  }
  return where;
}

std::string body_of(const Notice& notice) {
  ordered_json data = {{"project", notice.project}, {"environment", notice.environment}};
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) data[name] = value;
  };
  text("job", notice.job);
  text("stream", notice.stream);
  text("status", notice.status);
  if (!notice.status.empty()) data["exit_code"] = notice.exit_code;
  text("error", notice.error);
  text("error_code", notice.error_code);
  text("run", notice.run);
  if (notice.refused > 0) data["refused"] = notice.refused;
  if (notice.since != no_time) data["since"] = format_time(notice.since);
  if (notice.times > 0) data["times"] = notice.times;
  const ordered_json body = {{"type", type_of(notice.kind)},
                             {"timestamp", format_time(notice.at)},
                             {"text", sentence_of(notice)},
                             {"data", std::move(data)}};
  return body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::vector<Notice> notices_of(const std::string& job, const RunOutcome& outcome,
                               StopReason stopped, std::int64_t repeat, Timestamp now,
                               Troubles& troubles) {
  std::vector<Notice> notices;
  const auto add = [&](NoticeKind kind, const Trouble* trouble) {
    Notice& one = notices.emplace_back(notice(kind, job, trouble, now));
    one.status = outcome.status;
    one.exit_code = outcome.exit_code;
    one.run = outcome.run;
    one.refused = outcome.refused;
    if (outcome.good()) return;
    one.error = outcome.error;
    one.error_code = outcome.error_code;
  };
  if (outcome.status == "guarded") {
    if (const Trouble* trouble = met(std::string(stopped_way), repeat, now, troubles)) {
      add(NoticeKind::stopped, trouble);
    }
    return notices;
  }
  if (!outcome.good()) {
    // Somebody, or the end of the service, wanted it so.
    if (outcome.status == "cancelled" && stopped != StopReason::timeout) return notices;
    const std::string way =
        std::string(failed_prefix) + (outcome.status == "failed" && !outcome.error_code.empty()
                                          ? outcome.error_code
                                          : outcome.status);
    if (const Trouble* trouble = met(way, repeat, now, troubles)) add(NoticeKind::failed, trouble);
    return notices;
  }
  auto since = ended(troubles, now, is_of_runs);
  if (outcome.refused > 0) {
    if (const Trouble* trouble = met(std::string(quarantined_way), repeat, now, troubles)) {
      add(NoticeKind::quarantined, trouble);
    }
  } else {
    const auto also =
        ended(troubles, now, [](std::string_view way) { return way == quarantined_way; });
    if (also.has_value()) since = std::min(since.value_or(*also), *also);
  }
  if (since.has_value()) {
    add(NoticeKind::recovered, nullptr);
    notices.back().since = *since;
  }
  return notices;
}

std::vector<Notice> notices_of_stream(const std::string& job, const std::string& stream, bool stale,
                                      Timestamp since, std::int64_t repeat, Timestamp now,
                                      Troubles& troubles) {
  const std::string way = std::string(stale_prefix) + stream;
  std::vector<Notice> notices;
  if (stale) {
    const Trouble* const trouble = met(way, repeat, now, troubles);
    if (trouble == nullptr) return notices;
    notices.push_back(notice(NoticeKind::stale, job, trouble, now));
    notices.back().since = since;
    notices.back().times = 0;  // of looks
  } else {
    const auto told = ended(troubles, now, [&](std::string_view one) { return one == way; });
    if (!told.has_value()) return notices;
    notices.push_back(notice(NoticeKind::recovered, job, nullptr, now));
    notices.back().since = *told;
  }
  notices.back().stream = stream;
  return notices;
}

}  // namespace rondom::service
