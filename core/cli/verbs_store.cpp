// store backup|restore|migrate, state show|export|reset|rename: what is remembered, and where
// connectors go on.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "engine/plans.h"
#include "engine/renaming.h"
#include "service/audit.h"
#include "service/command.h"
#include "service/memory_file.h"
#include "store/engine_lock.h"

namespace rondom::cli {

namespace {

constexpr std::size_t state_shown_bytes = 60;

store::Options store_of(const config::Project& project) {
  store::Options out;
  out.postgresql = project.store.postgresql;  // never opened
  out.sqlite_file = (std::filesystem::path(project.root) / project.store.sqlite).string();
  out.owner = "rondom store restore, process " + std::to_string(::getpid());
  return out;
}

std::string absolute(const std::string& file) {
  std::error_code failed;
  const auto whole = std::filesystem::absolute(file, failed);
  return failed ? file : whole.lexically_normal().string();
}

void tell_file(const Options& options, const char* key, const std::string& file) {
  std::string text;
  append_json_string(text, file);
  if (options.output == "json") {
    std::printf("{\"%s\":%s}\n", key, text.c_str());
  } else {
    std::printf("%s\n", file.c_str());
  }
}

bool says_yes(const std::string& question) {
  if (::isatty(STDIN_FILENO) == 0) return false;
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

std::string checkpoints_json(const std::vector<store::JobCheckpoint>& all) {
  std::string out = "[";
  for (const store::JobCheckpoint& one : all) {
    out += out.size() > 1 ? ",{\"job\":" : "{\"job\":";
    append_json_string(out, one.job);
    out += ",\"stream\":";
    append_json_string(out, one.scope);
    out += ",\"state\":";
    append_json_string(out, one.state);
    out += '}';
  }
  return out + "]";
}

/// The service says so itself, in the same file.
Status audit_rename(const Workspace& workspace, const std::string& from, const std::string& to) {
  if (std::getenv(service::within_service_variable) != nullptr) return {};
  service::Audit audit(config::state_folder(*workspace.project) + "/" + service::audit_file,
                       *workspace.surroundings.clock);
  return audit.add({"user " + std::to_string(::geteuid()), "state rename", from + " " + to, 0});
}

/// What a service that is not up remembers of a job; one that is up does it itself.
Status rename_for_service(const Workspace& workspace, const std::string& from,
                          const std::string& to) {
  if (std::getenv(service::within_service_variable) != nullptr) return {};
  const std::string state = config::state_folder(*workspace.project);
  const std::string file = state + "/service.json";
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) return {};
  RONDOM_TRY_ASSIGN(const auto lock,
                    store::EngineLock::take(state + "/service", "rondom state rename, process " +
                                                                    std::to_string(::getpid())));
  return service::rename_in_memory(file, from, to);
}

void tell_renamed(const Options& options, const store::Renamed& renamed) {
  const auto number = [](std::int64_t n) { return std::to_string(n); };
  const std::string& from = options.words[0];
  const std::string& to = options.words[1];
  if (options.output == "json") {
    std::printf("{\"streams\":%s,\"checkpoints\":%s,\"destinations\":%s,\"referring\":%s}\n",
                number(renamed.streams).c_str(), number(renamed.checkpoints).c_str(),
                number(renamed.destinations).c_str(), number(renamed.referring).c_str());
    return;
  }
  std::string what;
  const auto add = [&](std::int64_t n, const char* one, const char* many) {
    if (n > 0) what += (what.empty() ? "" : ", ") + number(n) + (n == 1 ? one : many);
  };
  add(renamed.streams, " stream", " streams");
  add(renamed.checkpoints, " checkpoint", " checkpoints");
  add(renamed.destinations, " destination", " destinations");
  add(renamed.referring, " record that refers to it", " records that refer to it");
  std::printf("%s is %s now: %s\n", from.c_str(), to.c_str(), what.c_str());
}

/// Of the job that was named, or of all.
Result<std::vector<store::JobCheckpoint>> wanted_checkpoints(const Options& options,
                                                             engine::Engine& engine) {
  RONDOM_TRY_ASSIGN(auto all, engine.store().checkpoints());
  if (!options.words.empty()) {
    std::erase_if(all, [&](const auto& one) { return one.job != options.words.front(); });
  }
  return all;
}

}  // namespace

int store_backup(const Options& options) {
  int exit_code = 0;
  const auto workspace = open_workspace(options, exit_code, Needs::settings);
  if (!workspace.has_value()) return exit_code;
  const std::string file = absolute(options.words.front());
  const Status done =
      store::backup(store_of(*workspace->project), file, *workspace->surroundings.clock);
  if (!done.ok()) return fail(done.error());
  tell_file(options, "backup", file);
  return 0;
}

int store_migrate(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto settings = open_workspace(options, exit_code, Needs::settings);
  if (!settings.has_value()) return exit_code;
  const store::Options where = store_of(*settings->project);
  std::error_code failed;
  if (where.postgresql.empty() && !std::filesystem::exists(where.sqlite_file, failed)) {
    return fail({ErrorCode::usage, "there is no store yet; the first run makes it"});
  }
  // Opening it for writing does it; what was done is told while that goes on.
  if (open_engine(options, false, workspace, exit_code, Needs::settings) == nullptr) {
    return exit_code;
  }
  const std::string version = std::to_string(store::schema_version());
  if (options.output == "json") {
    std::printf("{\"schema\":%s}\n", version.c_str());
  } else {
    std::printf("the store is of schema %s\n", version.c_str());
  }
  return 0;
}

int store_restore(const Options& options) {
  int exit_code = 0;
  const auto workspace = open_workspace(options, exit_code, Needs::settings);
  if (!workspace.has_value()) return exit_code;
  const auto aside = store::restore(store_of(*workspace->project), absolute(options.words.front()),
                                    *workspace->surroundings.clock);
  if (!aside.ok()) return fail(aside.error());
  std::string text;
  append_json_string(text, *aside);
  if (options.output == "json") {
    std::printf("{\"aside\":%s}\n", text.c_str());
    return 0;
  }
  std::puts("the store is that of the backup: sources are read on from there at the next run");
  std::puts(
      "what was sent since then is not known any more; rondom plan shows what would be sent again");
  if (!aside->empty()) std::printf("what was there before: %s\n", aside->c_str());
  return 0;
}

int state_show(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const auto all = wanted_checkpoints(options, *engine);
  if (!all.ok()) return fail(all.error());
  if (options.output == "json") {
    std::printf("%s\n", checkpoints_json(*all).c_str());
    return 0;
  }
  Table table({"JOB", "stream", "goes on from"});
  for (const store::JobCheckpoint& one : *all) {
    table.add(
        {one.job, one.scope.empty() ? "all" : one.scope, excerpt(one.state, state_shown_bytes)});
  }
  std::fputs(all->empty() ? "nothing was read yet\n" : table.render().c_str(), stdout);
  return 0;
}

int state_export(const Options& options) {
  Options as_json = options;
  as_json.output = "json";
  return state_show(as_json);
}

int state_reset(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const std::string& job = options.words.front();
  const auto all = wanted_checkpoints(options, *engine);
  if (!all.ok()) return fail(all.error());
  if (all->empty()) {
    const std::vector<std::string> known = job_names(*workspace->project);
    if (std::find(known.begin(), known.end(), job) == known.end()) {
      return fail_unknown("job", job, known);
    }
  }
  if (!options.yes && !says_yes("Job " + job + " is read from its beginning at the next run?")) {
    return fail({ErrorCode::usage, "nothing was changed: job " + job +
                                       " would be read from its beginning at the next run; "
                                       "say --yes"});
  }
  if (const Status done = engine->store().forget_checkpoints(job); !done.ok()) {
    return fail(done.error());
  }
  if (options.output == "json") {
    std::printf("{\"reset\":%zu}\n", all->size());
  } else {
    std::printf("%s is read from its beginning at the next run\n", job.c_str());
  }
  return 0;
}

int state_rename(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const std::string& from = options.words[0];
  const std::string& to = options.words[1];
  const auto kind = options.connection ? store::Renaming::Kind::source : store::Renaming::Kind::job;
  if (const Status noted = audit_rename(*workspace, from, to); !noted.ok()) {
    return fail(noted.error());
  }
  const auto renamed = engine::rename(*engine, kind, from, to);
  if (!renamed.ok()) return fail(renamed.error());
  tell_renamed(options, *renamed);
  if (options.connection) return 0;
  if (const Status followed = rename_for_service(*workspace, from, to); !followed.ok()) {
    std::fprintf(stderr, "rondom: what the service remembers of %s is not renamed: %s\n",
                 from.c_str(), followed.error().message.c_str());
  }
  const std::string& files = workspace->project->files;
  std::error_code failed;
  if (std::filesystem::exists(engine::catalog_path(*workspace->project, from), failed)) {
    std::fprintf(stderr,
                 "its saved fields are a file of the project: mv %s/catalog/%s.json "
                 "%s/catalog/%s.json\n",
                 files.c_str(), from.c_str(), files.c_str(), to.c_str());
  }
  return 0;
}

}  // namespace rondom::cli
