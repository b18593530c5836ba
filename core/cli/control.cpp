#include "cli/control.h"

#include "cli/terminal.h"
#include "model/json.h"
#include "net/local_client.h"

namespace rondom::cli {

namespace {

constexpr std::int64_t quick_ms = 2'000;

ErrorCode code_of_status(int status) {
  switch (status) {
    case 404: return ErrorCode::usage;
    case 401:
    case 403: return ErrorCode::not_permitted;
    case 409:
    case 429:
    case 503: return ErrorCode::busy;
    case 422: return ErrorCode::bad_config;
    default: return ErrorCode::failure;
  }
}

std::string text_of(const Value& object, std::string_view name) {
  const Value* const value = object.find(name);
  return value != nullptr && value->is_text() ? std::string(value->as_text()) : "";
}

/// The first line says it, the rest are the places.
Error refusal_of(const net::LocalReply& reply) {
  JsonReader reader;
  Arena arena;
  const auto problem = reader.parse(reply.body, arena);
  std::string text;
  if (problem.ok() && problem->is_object()) text = text_of(*problem, "detail");
  if (text.empty()) text = "the service answered " + std::to_string(reply.status);
  const std::size_t line = text.find('\n');
  return {code_of_status(reply.status), text.substr(0, line),
          line == std::string::npos ? "" : text.substr(line + 1)};
}

std::string minute_of(std::string_view time) {
  constexpr std::size_t to_the_minute = 16;
  return time.empty() ? "-" : std::string(time.substr(0, to_the_minute));
}

}  // namespace

Result<std::string> ask_service(const Options& options, const std::string& method,
                                const std::string& path, const std::string& body,
                                std::int64_t timeout_ms) {
  // A project whose files are wrong just now has its service all the same.
  const config::Project project = project_for_plugins(options);
  if (project.root.empty()) {
    return Error{ErrorCode::bad_config,
                 options.folder + " is no Rondom project: it has no rondom.yaml"};
  }
  net::LocalRequest request{config::control_socket(project), method, path, body, timeout_ms};
  RONDOM_TRY_ASSIGN(net::LocalReply reply, net::ask_local(request));
  if (reply.status >= 300 || reply.status < 200) return refusal_of(reply);
  return std::move(reply.body);
}

std::optional<std::string> service_schedule(const Options& options) {
  const auto answer = ask_service(options, "GET", "/api/v1/jobs", "", quick_ms);
  JsonReader reader;
  Arena arena;
  if (!answer.ok()) return std::nullopt;
  const auto jobs = reader.parse(*answer, arena);
  if (!jobs.ok() || !jobs->is_list()) return std::nullopt;
  Table table({"JOB", "starts", "state", "next (UTC)", "last", "ended (UTC)"});
  for (std::uint32_t i = 0; i < jobs->size(); ++i) {
    const Value& job = jobs->item(i);
    if (!job.is_object()) continue;
    const std::string last = text_of(job, "last_status");
    table.add({text_of(job, "job"), text_of(job, "schedule"), text_of(job, "state"),
               minute_of(text_of(job, "next_at")), last.empty() ? "-" : last,
               minute_of(text_of(job, "last_finished_at"))});
  }
  return table.empty() ? "" : table.render();
}

}  // namespace rondom::cli
