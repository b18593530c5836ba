#include "service/memory_file.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/whole_file.h"
#include "engine/durable_file.h"

namespace rondom::service {
namespace {

using nlohmann::json;

constexpr int memory_format = 1;
constexpr std::size_t memory_bytes_max = 8u << 20;

void put_time(json& object, const char* name, Timestamp at) {
  if (at != no_time) object[name] = format_time(at);
}

Timestamp time_in(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return no_time;
  const Result<Timestamp> at = parse_time(found->get_ref<const std::string&>());
  return at.ok() ? *at : no_time;
}

json to_json(const JobMemory& job) {
  json object = {{"schedule", job.schedule}};
  put_time(object, "dealt_with", job.dealt_with);
  put_time(object, "since", job.since);
  put_time(object, "last_start", job.last_start);
  put_time(object, "last_good_end", job.last_good_end);
  if (job.paused) object["paused"] = true;
  if (job.owed) object["owed"] = true;
  if (job.triggered) object["triggered"] = true;
  if (!job.accept.empty()) object["accept"] = job.accept;
  return object;
}

JobMemory job_in(const json& object) {
  JobMemory job;
  job.schedule = object.value("schedule", "");
  job.dealt_with = time_in(object, "dealt_with");
  job.since = time_in(object, "since");
  job.last_start = time_in(object, "last_start");
  job.last_good_end = time_in(object, "last_good_end");
  job.paused = object.value("paused", false);
  job.owed = object.value("owed", false);
  job.triggered = object.value("triggered", false);
  job.accept = object.value("accept", std::vector<std::string>());
  return job;
}

json to_json(const LastRun& run) {
  json object = {{"status", run.status}, {"exit", run.exit_code}, {"seconds", run.seconds}};
  put_time(object, "finished_at", run.finished_at);
  put_time(object, "success_at", run.success_at);
  if (!run.error.empty()) object["error"] = run.error;
  return object;
}

LastRun run_in(const json& object) {
  LastRun run;
  run.status = object.value("status", "");
  run.error = object.value("error", "");
  run.exit_code = object.value("exit", 0);
  run.seconds = object.value("seconds", 0.0);
  run.finished_at = time_in(object, "finished_at");
  run.success_at = time_in(object, "success_at");
  return run;
}

json to_json(const Troubles& troubles) {
  json all = json::object();
  for (const auto& [way, trouble] : troubles) {
    json& one = all[way] = {{"times", trouble.times}};
    put_time(one, "since", trouble.since);
    put_time(one, "told_at", trouble.told_at);
    if (trouble.active) one["active"] = true;
    if (trouble.told) one["told"] = true;
  }
  return all;
}

Troubles troubles_in(const json& object) {
  Troubles troubles;
  for (const auto& [way, one] : object.items()) {
    Trouble& trouble = troubles[way];
    trouble.times = one.value("times", std::int64_t{0});
    trouble.since = time_in(one, "since");
    trouble.told_at = time_in(one, "told_at");
    trouble.active = one.value("active", false);
    trouble.told = one.value("told", false);
  }
  return troubles;
}

Error not_ours(const std::string& file) {
  return {ErrorCode::bad_state,
          file +
              " is not what the service wrote; it holds which jobs are paused, so look at it, then "
              "move it away"};
}

}  // namespace

Result<ServiceMemory> load_memory(const std::string& file) {
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown)) return ServiceMemory{};
  RONDOM_TRY_ASSIGN(const std::string bytes, whole_file(file, memory_bytes_max));
  // The library's exceptions end here: a file of somebody else's making is an expected failure.
  try {
    const json read = json::parse(bytes);
    if (read.at("format").get<int>() != memory_format) return not_ours(file);
    ServiceMemory memory;
    memory.seed = read.at("seed").get<std::uint64_t>();
    for (const auto& [name, job] : read.at("jobs").items()) {
      memory.jobs[name] = job_in(job);
      const auto last = job.find("last_run");
      if (last != job.end()) memory.last_runs[name] = run_in(*last);
      const auto troubles = job.find("troubles");
      if (troubles != job.end()) memory.troubles[name] = troubles_in(*troubles);
    }
    return memory;
  } catch (const json::exception&) {
    return not_ours(file);
  }
}

Status save_memory(const std::string& file, const ServiceMemory& memory) {
  json jobs = json::object();
  for (const auto& [name, job] : memory.jobs) jobs[name] = to_json(job);
  for (const auto& [name, run] : memory.last_runs) {
    if (jobs.contains(name)) jobs[name]["last_run"] = to_json(run);
  }
  for (const auto& [name, troubles] : memory.troubles) {
    if (jobs.contains(name)) jobs[name]["troubles"] = to_json(troubles);
  }
  const json whole = {{"format", memory_format}, {"seed", memory.seed}, {"jobs", std::move(jobs)}};
  const std::string text = whole.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
  if (engine::replace_durably(file, text)) return {};
  return {ErrorCode::unavailable, file + " cannot be written"};
}

Status rename_in_memory(const std::string& file, const std::string& job, const std::string& to) {
  RONDOM_TRY_ASSIGN(ServiceMemory memory, load_memory(file));
  auto known = memory.jobs.extract(job);
  if (known.empty()) return {};
  memory.jobs[to] = known.mapped();
  if (auto last = memory.last_runs.extract(job); !last.empty()) {
    memory.last_runs[to] = last.mapped();
  }
  return save_memory(file, memory);
}

}  // namespace rondom::service
