// What each route answers, once it is clear that it may.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "service/api_state.h"

namespace rondom::service {
namespace {

using net::problem;
using net::ServedAnswer;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* json_type = "application/json";
constexpr const char* plain_type = "text/plain; charset=utf-8";
constexpr const char* metrics_type = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::int64_t grace_of_verbs_ms = 2'000;

ServedAnswer json_answer(int status, std::string body) {
  ServedAnswer out;
  out.status = status;
  out.content_type = json_type;
  out.body = std::move(body);
  return out;
}

ServedAnswer text_answer(int status, const char* type, std::string body) {
  ServedAnswer out;
  out.status = status;
  out.content_type = type;
  out.body = std::move(body);
  return out;
}

std::int64_t whole_seconds(std::int64_t microseconds) {
  return microseconds / microseconds_per_second;
}

ordered_json time_json(const std::optional<Timestamp>& at) {
  return at.has_value() ? ordered_json(format_time(*at)) : ordered_json(nullptr);
}

/// Texts of other origin may hold what is no UTF-8.
std::string dumped(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json progress_json(const std::optional<RunProgress>& progress) {
  if (!progress.has_value()) return nullptr;
  return {{"phase", progress->phase},
          {"done", progress->done},
          {"total", progress->total},
          {"created", progress->created},
          {"quarantined", progress->quarantined},
          {"seconds", progress->seconds},
          {"memory_bytes", progress->memory_bytes}};
}

ordered_json job_json(const JobState& job) {
  return {{"job", job.job},
          {"schedule", job.schedule},
          {"state", job.state},
          {"next_at", time_json(job.next_at)},
          {"started_at", time_json(job.started_at)},
          {"last_finished_at", time_json(job.last_finished_at)},
          {"last_success_at", time_json(job.last_success_at)},
          {"last_status", job.last_status},
          {"last_exit", job.last_exit},
          {"last_error", job.last_error},
          {"runs", job.runs},
          {"failures", job.failures},
          {"missed", job.missed},
          {"last_seconds", job.last_seconds},
          {"progress", progress_json(job.progress)}};
}

ordered_json service_json(const ServiceState& state, const std::optional<StoreFigures>& store) {
  ordered_json up, age;
  if (store.has_value()) up = store->up;
  if (store.has_value() && store->age.has_value()) age = whole_seconds(*store->age);
  return {{"project", state.project},
          {"environment", state.environment},
          {"version", state.version},
          {"started_at", format_time(state.started_at)},
          {"stopping", state.stopping},
          {"configuration", state.configuration},
          {"configuration_since", format_time(state.configuration_since)},
          {"last_reload_ok", state.last_reload_ok},
          {"last_reload_error", state.last_reload_error},
          {"reloads", state.reloads},
          {"failed_reloads", state.failed_reloads},
          {"notices_sent", state.notices_sent},
          {"notices_failed", state.notices_failed},
          {"store_up", up},
          {"store_age_seconds", age}};
}

ServedAnswer jobs_answer(const ServiceState& state) {
  ordered_json out = ordered_json::array();
  for (const JobState& job : state.jobs) out.push_back(job_json(job));
  return json_answer(200, dumped(out));
}

ServedAnswer job_answer(const ServiceState& state, const std::string& name, int status) {
  for (const JobState& job : state.jobs) {
    if (job.job == name) return json_answer(status, dumped(job_json(job)));
  }
  return problem(404, "there is no such job");
}

/// The words of a route's verb, with what the request says for each placeholder.
std::vector<std::string> words_of(const Call& call) {
  std::vector<std::string> out;
  for (const std::string_view word : call.route.verb) {
    const std::size_t open = word.find_first_of("{[");
    if (open == std::string_view::npos) {
      out.emplace_back(word);
      continue;
    }
    const std::string name(word.substr(open + 1, word.size() - open - 2));
    const auto& from = word[open] == '{' ? call.parts : call.query;
    if (const auto found = from.find(name); found != from.end()) {
      out.push_back(std::string(word.substr(0, open)) + found->second);
    }
  }
  return out;
}

/// The id of the profile that an answer is about; empty when it is about none or several.
std::string profile_of(const std::string& answer) {
  const json document = json::parse(answer, nullptr, false);
  const json& one = document.is_array() && document.size() == 1 ? document.front() : document;
  if (!one.is_object()) return {};
  const auto found = one.find("profile");
  return found != one.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The job, item or id that an order is about, and the guards that it accepts.
std::string about_order(const Call& call) {
  std::vector<std::string> words;
  for (const auto& [name, part] : call.parts) words.push_back(part);
  if (!call.words.empty()) words.push_back("accept " + join(call.words, ","));
  return join(words, " ");
}

struct FailedVerb {
  std::string code, message;
};
FailedVerb failure_in(const std::string& text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("error")) return {};
  const json& error = document["error"];
  return {error.value("code", ""), error.value("message", "")};
}

double seconds_of(Timestamp at) {
  return std::floor(static_cast<double>(at) / 1e6);
}

}  // namespace

std::vector<std::string> verb_words(const ApiOptions& options, const std::vector<std::string>& verb,
                                    bool as_json) {
  std::vector<std::string> out{"-C", options.project_folder};
  if (!options.environment.empty()) out.insert(out.end(), {"--env", options.environment});
  if (as_json) out.insert(out.end(), {"-o", "json"});
  out.insert(out.end(), verb.begin(), verb.end());
  return out;
}

Result<VerbAnswer> ApiState::ask_verb(const std::vector<std::string>& verb,
                                      const std::function<bool()>& wanted,
                                      const std::string& files) {
  Command command;
  command.program = options.program;
  command.arguments = verb_words(options, verb, true);
  if (!files.empty()) {
    command.arguments.insert(command.arguments.begin(), {"--configuration", files});
  }
  command.directory = options.project_folder;
  command.milliseconds_max = verb_ms_max;
  command.grace_ms = grace_of_verbs_ms;
  command.at_once = [this] { return in_a_hurry(); };
  VerbAnswer answer;
  const auto keep = [&](Output output, std::string_view piece) {
    if (output == Output::error) return;  // for people; may name some
    answer.too_long = answer.too_long || answer.text.size() + piece.size() > verb_answer_bytes_max;
    if (!answer.too_long) answer.text += piece;
  };
  RONDOM_TRY_ASSIGN(
      answer.end, run_command(command, clock, keep, [&] { return !answer.too_long && wanted(); }));
  return answer;
}

ServedAnswer problem_of(const Route& route, const VerbAnswer& answer) {
  if (answer.too_long) {
    return problem(422, "the answer has more than 16 MiB: ask for less, or ask the verb itself");
  }
  if (answer.end.timed_out) return problem(504, "the answer took longer than a minute");
  const FailedVerb failed = failure_in(answer.text);
  // What the verb says of what was asked for may repeat it, and that may be somebody's address.
  const bool about_people = std::string_view(route.path).starts_with("/api/v1/profiles");
  if (about_people && failed.code == "failure") {
    return problem(404, "nobody, or more than one, is known by that");
  }
  if (failed.code == "usage") return problem(404, "there is no such thing");
  if (failed.code == "busy") {
    return problem(409, "an engine is at work: try again when it is done", {{"Retry-After", "5"}});
  }
  if (failed.code == "unavailable" || failed.code == "transient" || failed.code == "rate_limited" ||
      failed.code == "bad_config") {
    return problem(503, failed.message, {{"Retry-After", "10"}});
  }
  return problem(500, "the verb failed; the service's log says more");
}

ServedAnswer ApiState::verb_answer(const Call& call, const net::HttpReply& reply) {
  const Place place(verbs, verbs_at_once);
  if (!place.got()) {
    return problem(503, "too many such questions at once", {{"Retry-After", "1"}});
  }
  if (call.route.scope == Scope::operate) {
    if (auto refused = record_order(call)) return *refused;
  }
  const auto told = ask_verb(words_of(call), [&] { return !reply.gone(); });
  if (!told.ok()) {
    options.log("error", told.error().message);
    return problem(503, "the program could not be started", {{"Retry-After", "10"}});
  }
  const bool good = told->end.exit_code == 0 && !told->too_long;
  ServedAnswer answer =
      good ? json_answer(call.route.status, told->text) : problem_of(call.route, *told);
  if (answer.status >= 500) {
    options.log("error", std::string(call.route.method) + " " + call.route.path + ": exit code " +
                             std::to_string(told->end.exit_code));
  }
  if (call.route.scope != Scope::personal_data) return answer;
  // Before anything is shown: what cannot be written down is not told.
  const Status written =
      audit.add({call.who, std::string(call.route.method) + " " + call.route.path,
                 good ? profile_of(told->text) : "", answer.status, ""});
  if (written.ok()) return answer;
  options.log("error", written.error().message);
  return problem(503, "the audit cannot be written, so nothing about people is told");
}

ServedAnswer ApiState::events_answer(const Call& call) {
  const auto number_in = [&](const char* name) -> std::optional<std::int64_t> {
    const auto given = call.query.find(name);
    if (given == call.query.end()) return std::nullopt;
    return std::stoll(given->second);
  };
  const auto seen = number_in("after");
  const auto limit = static_cast<std::size_t>(number_in("limit").value_or(listed_default));
  const LoggedEvents found =
      options.events == nullptr ? LoggedEvents() : options.events->events(seen, limit);
  ordered_json events = ordered_json::array();
  for (const LoggedEvent& event : found.events) {
    ordered_json fields = ordered_json::object();
    for (const auto& [name, value] : event.fields) fields[name] = value;
    events.push_back({{"number", event.number},
                      {"time", format_time(event.at)},
                      {"level", event.level},
                      {"event", event.name},
                      {"fields", std::move(fields)}});
  }
  const std::int64_t last = found.events.empty() ? found.last : found.events.back().number;
  return json_answer(
      200, dumped({{"events", std::move(events)}, {"missed", found.missed}, {"last", last}}));
}

ServedAnswer ApiState::runs_answer(const Call& call, const net::HttpReply& reply) {
  const Place place(verbs, verbs_at_once);
  if (!place.got()) {
    return problem(503, "too many such questions at once", {{"Retry-After", "1"}});
  }
  const auto limit_given = call.query.find("limit");
  const std::int64_t limit =
      limit_given == call.query.end() ? listed_default : std::stol(limit_given->second);
  const auto before = call.query.find("before");
  const std::int64_t looked_at = before == call.query.end() ? limit : listed_max;
  const auto told =
      ask_verb({"runs", "--limit", std::to_string(looked_at)}, [&] { return !reply.gone(); });
  if (!told.ok()) return problem(503, "the program could not be started", {{"Retry-After", "10"}});
  if (told->end.exit_code != 0 || told->too_long) return problem_of(call.route, *told);
  if (before == call.query.end()) return json_answer(200, told->text);
  const Timestamp end = *parse_time(before->second);
  const ordered_json runs = ordered_json::parse(told->text, nullptr, false);
  ordered_json out = ordered_json::array();
  for (const ordered_json& run : runs) {
    const auto started = parse_time(run.value("started_at", ""));
    if (started.ok() && *started < end && static_cast<std::int64_t>(out.size()) < limit) {
      out.push_back(run);
    }
  }
  return json_answer(200, dumped(out));
}

std::optional<ServedAnswer> ApiState::record_order(const Call& call) {
  const Status written = audit.add(
      {call.who, std::string(call.route.method) + " " + call.route.path, "", 0, about_order(call)});
  if (written.ok()) return std::nullopt;
  options.log("error", written.error().message);
  return problem(503, "the audit cannot be written, so nothing is done", {{"Retry-After", "60"}});
}

/// The job after an order, or why it was not taken.
ServedAnswer ApiState::ordered(const Call& call, const std::function<Status()>& order) {
  if (auto refused = record_order(call)) return *refused;
  const Status status = order();
  const std::string job = call.parts.count("job") != 0 ? call.parts.at("job") : "";
  ServedAnswer answer;
  if (status.ok()) {
    answer = job.empty() ? json_answer(call.route.status,
                                       dumped(service_json(control.state(), store.known())))
                         : job_answer(control.state(), job, call.route.status);
  } else if (status.error().code == ErrorCode::usage) {
    answer = problem(404, "there is no such job");
  } else if (status.error().code == ErrorCode::busy ||
             status.error().code == ErrorCode::cancelled) {
    answer = problem(409, status.error().message);
  } else if (status.error().code == ErrorCode::bad_config) {
    const Error& error = status.error();
    answer =
        problem(422, error.detail.empty() ? error.message : error.message + "\n" + error.detail);
  } else if (status.error().code == ErrorCode::unavailable) {
    options.log("error", status.error().message);
    answer = problem(503, status.error().message);
  } else {
    options.log("error", status.error().message);
    answer = problem(500, "it could not be done; the service's log says more");
  }
  return answer;
}

ServedAnswer ApiState::ready_answer(const Call& call) {
  const ServiceState state = control.state();
  const StoreFigures figures = store.figures();
  const bool store_up = figures.up;
  std::string out;
  const auto check = [&](const char* name, bool good, const std::string& more = "") {
    out += std::string(good ? "[+]" : "[-]") + name + (good ? " ok" : " failed") + more + "\n";
  };
  check("configuration", !state.configuration.empty());
  check("store", store_up,
        figures.age.has_value()
            ? ", last seen " + std::to_string(whole_seconds(*figures.age)) + " s ago"
            : ", not seen yet");
  check("running", !state.stopping);
  for (const JobState& job : state.jobs) {
    out += "[ ]job " + job.job + " " + job.state +
           (job.last_status.empty() ? "" : ", last run " + job.last_status) + "\n";
  }
  const bool good = !state.configuration.empty() && store_up && !state.stopping;
  out += good ? "ready\n" : "not ready\n";
  const bool verbose = call.query.contains("verbose");
  return text_answer(good ? 200 : 503, plain_type,
                     verbose ? out
                     : good  ? "ready\n"
                             : "not ready\n");
}

ServedAnswer ApiState::metrics_answer() {
  const ServiceState state = control.state();
  MetricsText out;
  out.add("rondom_build_info", {{"version", state.version}}, 1);
  out.add("rondom_start_time_seconds", {}, seconds_of(state.started_at));
  out.add("rondom_config_reload_success", {}, state.last_reload_ok ? 1 : 0);
  out.add("rondom_config_last_reload_timestamp_seconds", {}, seconds_of(state.configuration_since));
  out.add("rondom_config_reloads_total", {{"result", "ok"}}, static_cast<double>(state.reloads));
  out.add("rondom_config_reloads_total", {{"result", "failed"}},
          static_cast<double>(state.failed_reloads));
  out.add("rondom_notices_total", {{"result", "sent"}}, static_cast<double>(state.notices_sent));
  out.add("rondom_notices_total", {{"result", "failed"}},
          static_cast<double>(state.notices_failed));
  for (const JobState& job : state.jobs) {
    const MetricsText::Labels labels{{"job", job.job}};
    out.add("rondom_job_running", labels, job.state == "running" ? 1 : 0);
    out.add("rondom_job_paused", labels, job.state == "paused" ? 1 : 0);
    out.add("rondom_job_runs_total", labels, static_cast<double>(job.runs));
    out.add("rondom_job_failures_total", labels, static_cast<double>(job.failures));
    out.add("rondom_job_missed_total", labels, static_cast<double>(job.missed));
    if (job.next_at.has_value()) {
      out.add("rondom_job_next_start_timestamp_seconds", labels, seconds_of(*job.next_at));
    }
    if (!job.last_status.empty()) {
      out.add("rondom_run_duration_seconds", labels, job.last_seconds);
      out.add("rondom_run_last_exit_code", labels, job.last_exit);
    }
    if (job.last_success_at.has_value()) {
      out.add("rondom_run_last_success_timestamp_seconds", labels,
              seconds_of(*job.last_success_at));
    }
  }
  const StoreFigures figures = store.figures();
  out.add("rondom_store_up", {}, figures.up ? 1 : 0);
  if (figures.age.has_value()) {
    out.add("rondom_store_figures_age_seconds", {}, static_cast<double>(*figures.age) / 1e6);
  }
  constexpr std::pair<const char*, const char*> totals[] = {
      {"live_records", "rondom_store_records"},    {"profiles", "rondom_store_profiles"},
      {"quarantined", "rondom_store_quarantined"}, {"dead_letters", "rondom_store_dead_letters"},
      {"to_unify", "rondom_store_to_unify"},       {"waiting", "rondom_store_waiting"},
      {"to_review", "rondom_store_to_review"}};
  for (const auto& [key, name] : totals) {
    if (const auto found = figures.totals.find(key); found != figures.totals.end()) {
      out.add(name, {}, static_cast<double>(found->second));
    }
  }
  for (const StreamState& one : figures.streams) {
    const MetricsText::Labels labels{{"job", one.job}, {"stream", one.stream}};
    out.add("rondom_stream_stale", labels, one.stale ? 1 : 0);
    if (one.last_read_at.has_value()) {
      out.add("rondom_stream_last_read_timestamp_seconds", labels, seconds_of(*one.last_read_at));
    }
  }
  for (const auto& [key, count] : figures.records) {
    out.add("rondom_records_total", {{"job", key.first}, {"result", key.second}},
            static_cast<double>(count));
  }
  for (const auto& [key, count] : figures.deliveries) {
    out.add("rondom_deliveries_total", {{"job", key.first}, {"result", key.second}},
            static_cast<double>(count));
  }
  requests.write(out);
  const net::HttpStatistics http = server->statistics();
  out.add("rondom_http_connections", {}, static_cast<double>(http.connections));
  out.add("rondom_http_refused_total", {{"reason", "full"}},
          static_cast<double>(http.refused_full));
  out.add("rondom_http_refused_total", {{"reason", "rate"}},
          static_cast<double>(http.refused_rate));
  out.add("rondom_http_refused_total", {{"reason", "malformed"}},
          static_cast<double>(http.refused_bad));
  out.add("rondom_http_shed_total", {}, static_cast<double>(http.shed));
  out.add("rondom_commands_running", {}, static_cast<double>(commands.load()));
  return text_answer(200, metrics_type, out.text());
}

ServedAnswer ApiState::answer_of(const Call& call, const net::HttpReply& reply) {
  const auto job = [&]() -> const std::string& { return call.parts.at("job"); };
  switch (call.route.answering) {
    case Answering::alive: return text_answer(200, plain_type, "alive\n");
    case Answering::ready: return ready_answer(call);
    case Answering::metrics: return metrics_answer();
    case Answering::description: return json_answer(200, openapi(control.state().version));
    case Answering::status:
      return json_answer(200, dumped(service_json(control.state(), store.known())));
    case Answering::jobs: return jobs_answer(control.state());
    case Answering::job: return job_answer(control.state(), job(), 200);
    case Answering::events: return events_answer(call);
    case Answering::trigger:
      return ordered(call, [&] { return control.trigger({job(), call.words}); });
    case Answering::pause: return ordered(call, [&] { return control.pause(job()); });
    case Answering::resume: return ordered(call, [&] { return control.resume(job()); });
    case Answering::cancel: return ordered(call, [&] { return control.cancel(job()); });
    case Answering::reload: return ordered(call, [&] { return control.reload(); });
    case Answering::runs: return runs_answer(call, reply);
    case Answering::verb: return verb_answer(call, reply);
    case Answering::command: break;  // streamed
  }
  return problem(500, "nothing answers this");
}

}  // namespace rondom::service
