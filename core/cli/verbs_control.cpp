// reload, trigger, pause, resume, cancel, health: what is asked of the service.
#include <cstdio>

#include "cli/cli.h"
#include "cli/control.h"
#include "cli/terminal.h"

namespace rondom::cli {

namespace {

constexpr std::int64_t not_waited_ms = 1'000;
constexpr std::int64_t health_ms = 5'000;

int order(const Options& options, const char* action, const std::string& body, const char* done) {
  const std::string& job = options.words.front();
  // Names hold nothing that a path would need escaped; others are no job's.
  if (!config::is_job_name(job)) return fail({ErrorCode::usage, "there is no job " + job});
  const auto answer = ask_service(options, "POST", "/api/v1/jobs/" + job + "/" + action, body, 0);
  if (!answer.ok()) return fail(answer.error());
  if (options.output == "json") {
    std::fputs(answer->c_str(), stdout);
  } else {
    std::printf("%s %s\n", job.c_str(), done);
  }
  return 0;
}

}  // namespace

int trigger(const Options& options) {
  std::string body = "{\"accept\":[";
  for (const std::string& id : options.accept) {
    if (body.back() != '[') body += ',';
    append_json_string(body, id);
  }
  return order(options, "run", body + "]}", "starts as soon as there is room");
}

int pause(const Options& options) {
  return order(options, "pause", "", "no longer starts by itself");
}

int resume(const Options& options) {
  return order(options, "resume", "", "starts by itself again");
}

int cancel(const Options& options) {
  return order(options, "cancel", "", "was asked to stop");
}

int reload(const Options& options) {
  const auto answer =
      ask_service(options, "POST", "/api/v1/reload", "", options.wait ? 0 : not_waited_ms);
  if (!answer.ok() && !options.wait && answer.error().code == ErrorCode::transient) {
    std::printf("the service checks the project; its log says how it went\n");
    return 0;
  }
  if (!answer.ok()) return fail(answer.error());
  if (options.output == "json") {
    std::fputs(answer->c_str(), stdout);
  } else {
    std::printf("the project as it is now is in force\n");
  }
  return 0;
}

int health(const Options& options) {
  const auto answer = ask_service(options, "GET", "/readyz?verbose", "", health_ms);
  if (!answer.ok()) return fail(answer.error());
  std::fputs(answer->c_str(), stdout);
  return 0;
}

}  // namespace rondom::cli
