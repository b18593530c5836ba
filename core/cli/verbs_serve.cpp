// serve
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "service/api.h"
#include "service/child.h"
#include "service/supervisor.h"

extern char** environ;

namespace rondom::cli {

namespace {

std::optional<std::string> from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// Somebody asks again to stop, and the supervisor, which has ended, no longer takes the signal.
bool is_asked_again() {
  sigset_t pending;
  return ::sigpending(&pending) == 0 &&
         (::sigismember(&pending, SIGTERM) == 1 || ::sigismember(&pending, SIGINT) == 1);
}

/// For whoever sits at the terminal: what will happen.
void print_schedule(const service::ServiceState& state) {
  constexpr std::size_t to_the_minute = 16;
  std::printf("%s · env %s · %zu jobs · stop with Ctrl-C\n", state.project.c_str(),
              state.environment.empty() ? "none" : state.environment.c_str(), state.jobs.size());
  Table table({"JOB", "starts", "state", "next (UTC)"});
  for (const service::JobState& job : state.jobs) {
    std::string next = job.next_at ? format_time(*job.next_at).substr(0, to_the_minute) : "-";
    table.add({job.job, job.schedule, job.state, std::move(next)});
  }
  if (!table.empty()) std::fputs(table.render().c_str(), stdout);
  std::fflush(stdout);
}

std::string in_project(const config::Project& project, const std::string& file) {
  return file.empty() ? file : (std::filesystem::path(project.root) / file).string();
}

service::ApiOptions api_options(const Options& options, const Workspace& workspace,
                                service::EventLog& log) {
  const config::Project& project = *workspace.project;
  service::ApiOptions out;
  out.project_folder = project.root;
  out.environment = options.environment;
  out.state_folder = config::state_folder(project);
  out.socket = config::control_socket(project);
  out.listen = project.serve.listen;
  out.certificate = in_project(project, project.serve.tls_certificate);
  out.key = in_project(project, project.serve.tls_key);
  out.clock = workspace.surroundings.clock;
  out.events = &log;
  out.in_a_hurry = is_asked_again;
  out.log = [&log](std::string_view level, std::string_view message) {
    log.write(service::Event::api_said,
              {{"message", std::string(level) + ": " + std::string(message)}});
  };
  return out;
}

}  // namespace

int serve(const Options& options) {
  int exit_code = 0;
  const std::optional<Workspace> workspace = open_workspace(options, exit_code);
  if (!workspace.has_value()) return exit_code;
  const Clock& clock = *workspace->surroundings.clock;
  service::EventLog log(STDERR_FILENO, clock,
                        service::is_journal(STDERR_FILENO, std::getenv("JOURNAL_STREAM")));
  const service::Notifier notifier(from_environment, ::getpid());
  service::SupervisorOptions wanted;
  wanted.root = workspace->project->root;
  wanted.state = config::state_folder(*workspace->project);
  wanted.version = RONDOM_VERSION;
  wanted.environment = service::environment_for_children(environ, "RONDOM_WITHIN_SERVICE=1");
  wanted.load = [&options](const std::string& files) -> Result<service::Configuration> {
    auto project = checked_project(options, files);
    if (!project.ok()) return project.error();
    return service::configuration_of(*project);
  };
  wanted.clock = &clock;
  wanted.random = workspace->surroundings.random;
  wanted.log = &log;
  wanted.notifier = &notifier;
  const auto supervisor = service::Supervisor::open(std::move(wanted));
  if (!supervisor.ok()) return fail(supervisor.error());
  service::ServiceApi api(**supervisor, api_options(options, *workspace, log));
  if (const Status listens = api.start(); !listens.ok()) return fail(listens.error());
  if (::isatty(STDOUT_FILENO) != 0 && !options.quiet) print_schedule((*supervisor)->state());
  const Status ended = (*supervisor)->run();
  constexpr std::int64_t at_once = 0;
  ended.ok() ? api.stop() : api.stop(at_once);
  return ended.ok() ? 0 : fail(ended.error());
}

}  // namespace rondom::cli
