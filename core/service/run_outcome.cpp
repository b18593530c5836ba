#include "service/run_outcome.h"

#include <signal.h>

#include <cstring>

#include "model/json.h"

namespace rondom::service {
namespace {

constexpr std::size_t sentence_bytes_max = 500;
constexpr int signalled = 128;

std::string one_line(std::string_view text) {
  return excerpt(text.substr(0, text.find('\n')), sentence_bytes_max);
}

std::string text_in(const Value& object, std::string_view name) {
  const Value* const value = object.find(name);
  return value != nullptr && value->is_text() ? std::string(value->as_text()) : "";
}

std::int64_t count_in(const Value& object, std::string_view name) {
  const Value* const value = object.find(name);
  return value != nullptr && value->type() == ValueType::integer ? value->as_integer() : 0;
}

void read_reported_job(const Value& job, RunOutcome& outcome) {
  if (!job.is_object()) return;
  if (const std::string error = text_in(job, "error"); !error.empty() && outcome.error.empty()) {
    outcome.error = one_line(error);
    outcome.error_code = text_in(job, "error_code");
  }
  const Value* const streams = job.find("streams");
  for (std::uint32_t i = 0; streams != nullptr && streams->is_list() && i < streams->size(); ++i) {
    const Value& stream = streams->item(i);
    if (!stream.is_object()) continue;
    outcome.read += count_in(stream, "read");
    outcome.refused += count_in(stream, "quarantined");
  }
  if (const Value* const sent = job.find("deliveries"); sent != nullptr && sent->is_object()) {
    for (const char* name : {"created", "adopted", "updated", "removed"}) {
      outcome.sent += count_in(*sent, name);
    }
    outcome.refused += count_in(*sent, "rejected");
  }
}

void read_report(std::string_view report, RunOutcome& outcome) {
  JsonReader reader;
  Arena arena;
  const Result<Value> read = reader.parse(report, arena);
  if (!read.ok() || !read->is_object()) return;
  if (const Value* const error = read->find("error"); error != nullptr && error->is_object()) {
    outcome.status = "failed";
    outcome.error = one_line(text_in(*error, "message"));
    outcome.error_code = text_in(*error, "code");
    return;
  }
  outcome.run = text_in(*read, "run");
  outcome.status = text_in(*read, "status");
  const Value* const jobs = read->find("jobs");
  for (std::uint32_t i = 0; jobs != nullptr && jobs->is_list() && i < jobs->size(); ++i) {
    read_reported_job(jobs->item(i), outcome);
  }
}

bool is_known_status(std::string_view status) {
  for (const char* known : {"done", "partial", "guarded", "failed", "cancelled"}) {
    if (status == known) return true;
  }
  return false;
}

}  // namespace

RunOutcome outcome_of(std::string_view report, bool cut, const ChildEnd& end, StopReason stopped) {
  RunOutcome outcome;
  outcome.exit_code = end.signal != 0 ? signalled + end.signal : end.exit_code;
  if (!cut) read_report(report, outcome);
  if (end.signal != 0) {
    const char* const name = ::sigabbrev_np(end.signal);
    outcome.status = "crashed";
    outcome.error = "the engine was ended by signal " +
                    std::string(name == nullptr ? std::to_string(end.signal) : name);
  } else if (!is_known_status(outcome.status)) {
    outcome.status = "failed";
    outcome.error =
        cut ? "the engine's report is larger than the service keeps"
            : "the engine ended with exit code " + std::to_string(end.exit_code) + " and no report";
  }
  // What it was asked is the reason, unless it was done before it heard.
  if (!outcome.good() && stopped == StopReason::timeout) {
    outcome.status = "timed_out";
    outcome.error = "the job ran longer than its timeout";
  } else if (!outcome.good() && stopped != StopReason::none) {
    outcome.status = "cancelled";
  }
  return outcome;
}

}  // namespace rondom::service
