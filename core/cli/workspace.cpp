#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/cli.h"
#include "cli/failure.h"
#include "cli/shell_words.h"
#include "engine/retention.h"
#include "net/cassette.h"
#include "plugin/confinement.h"

namespace rondom::cli {

namespace {

Cancel& cancel_flag() {
  static Cancel flag;
  return flag;
}

extern "C" void on_stop_signal(int) {
  if (cancel_flag().requested()) _exit(exit_code_for(ErrorCode::cancelled));
  cancel_flag().request();
}

// Effects of the real world, alive for the whole process.
SystemClock& system_clock() {
  static SystemClock clock;
  return clock;
}
SystemRandom& system_random() {
  static SystemRandom random;
  return random;
}

/// Where the installation keeps its plugins.
std::vector<std::string> installed_directories() {
  std::vector<std::string> folders;
  for (const std::filesystem::path& folder :
       {program_prefix() / "plugins", program_prefix() / "lib/rondom/plugins"}) {
    if (std::filesystem::is_directory(folder)) folders.push_back(folder.string());
  }
  return folders;
}

std::vector<std::string> own_directories(const config::Project& project) {
  std::vector<std::string> folders;
  for (const std::string& folder : project.plugin_directories) {
    folders.push_back((std::filesystem::path(project.root) / folder).lexically_normal().string());
  }
  return folders;
}

std::vector<std::string> directories_for(const config::Project& project) {
  std::vector<std::string> folders = own_directories(project);
  std::vector<std::string> more = installed_directories();
  if (std::filesystem::is_directory(site_plugin_directory)) more.push_back(site_plugin_directory);
  for (std::string& folder : more) {
    // The program of the site has the site's folder as its own.
    if (std::find(folders.begin(), folders.end(), folder) == folders.end()) {
      folders.push_back(std::move(folder));
    }
  }
  return folders;
}

config::Project project_of(const Options& options) {
  config::Project project;
  std::error_code failed;
  const auto root = std::filesystem::canonical(options.folder, failed);
  if (!failed && std::filesystem::exists(root / "rondom.yaml", failed)) {
    config::Diagnostics ignored;  // validate tells; here only the folders matter
    project = config::load_project(root.string(), options.environment, ignored);
  }
  return project;
}

void log_to_stderr(std::string_view level, std::string_view message) {
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(level.size()), level.data(),
               static_cast<int>(message.size()), message.data());
}

/// Those outside the settings become a line: what is asked for works without the rest.
void tell_mistakes_elsewhere(config::Diagnostics& diagnostics) {
  const std::size_t all = diagnostics.size();
  diagnostics.keep_errors_of({"rondom.yaml", "env/"});
  const std::size_t elsewhere = all - diagnostics.size();
  if (elsewhere == 0) return;
  log_to_stderr("warning", std::to_string(elsewhere) + (elsewhere == 1 ? " mistake" : " mistakes") +
                               " in other files than rondom.yaml: rondom validate shows them");
}

/// Of an installation, whose service is another user: what root writes there it could not change.
Status root_keeps_out(const config::Project& project) {
  struct stat about {};
  const std::string folder = config::state_folder(project);
  if (project.state == config::default_state || ::geteuid() != 0) return {};
  if (::stat(folder.c_str(), &about) != 0 || about.st_uid == 0) return {};
  const passwd* const owner = ::getpwuid(about.st_uid);
  const std::string name = owner == nullptr ? "#" + std::to_string(about.st_uid) : owner->pw_name;
  return {ErrorCode::not_permitted, folder + " belongs to " + name +
                                        ", who could not change what root writes there: start " +
                                        "the service, or runuser -u " + name + " -- rondom …"};
}

Status prepare_host(const Options& options, plugin::HostOptions& host) {
  host.stdin_descriptor = STDIN_FILENO;
  host.stdout_descriptor = STDOUT_FILENO;
  host.core_dumps = options.core_dumps;
  Result<std::vector<std::string>> words = shell_words(options.plugin_host_wrapper);
  if (!words.ok()) {
    return {ErrorCode::usage, "--plugin-host-wrapper: " + words.error().message};
  }
  host.wrapper = std::move(words).value();
  if (!host.wrapper.empty()) {
    log_to_stderr("warning", "plugins run under " + host.wrapper.front() +
                                 ": they may take any time and memory, can be traced, and their "
                                 "paths are not held");
  }
  if (options.core_dumps) {
    log_to_stderr("warning",
                  "a crash may leave a core dump, with secrets in it; the paths of plugins are not "
                  "held");
  }
  return {};
}

/// The store's own files come and go with who has it open: that one is not there says nothing.
bool is_of_store(const std::filesystem::path& file, const config::Project& project) {
  if (!project.store.postgresql.empty()) return false;
  std::error_code failed;
  const auto store = std::filesystem::weakly_canonical(
      std::filesystem::path(project.root) / project.store.sqlite, failed);
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    if (file == store.string() + suffix) return true;
  }
  return false;
}

/// A verb's answer goes into any file, but not over one of those that the service and the store
/// keep: with the service up, it is written by who owns those. A new one may stand beside them:
/// where only the state folder can be written to there is no other place.
Status answers_stay_out(const Options& options, const config::Project& project) {
  std::error_code failed;
  const auto state = std::filesystem::weakly_canonical(config::state_folder(project), failed);
  for (const std::string* file : {&options.html, &options.svg, &options.errors, &options.record}) {
    if (file->empty()) continue;
    const auto there = std::filesystem::weakly_canonical(*file, failed);
    const auto parted = std::mismatch(state.begin(), state.end(), there.begin(), there.end());
    const bool taken = parted.first == state.end() && std::filesystem::exists(there, failed);
    if (is_of_store(there, project)) {
      return {ErrorCode::usage, *file + " is a file of the store: name another file"};
    }
    if (failed || taken) {
      return {ErrorCode::usage, *file +
                                    " is there already, in the state folder, where nothing that "
                                    "Rondom may keep is replaced: name another file"};
    }
  }
  return {};
}

Status open_tapes(const Options& options, net::Tapes& tapes) {
  if (!options.record.empty()) {
    RONDOM_TRY_ASSIGN(tapes.record, net::CassetteWriter::create(options.record));
  }
  if (!options.play.empty()) {
    RONDOM_TRY_ASSIGN(tapes.play, net::CassetteReader::load(options.play));
  }
  return {};
}

}  // namespace

const Cancel& stop_requested() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_handler = on_stop_signal;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    signal(SIGPIPE, SIG_IGN);
    return true;
  }();
  (void)installed;
  return cancel_flag();
}

std::string played_store(const config::Project& project) {
  return project.state + "/played.db";
}

std::filesystem::path program_prefix() {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::filesystem::path("..") : self.parent_path().parent_path();
}

std::vector<std::string> plugin_directories(const Options& options) {
  return directories_for(project_of(options));
}

std::vector<std::string> own_plugin_directories(const Options& options) {
  return own_directories(project_of(options));
}

config::Project project_for_plugins(const Options& options) {
  return project_of(options);
}

plugin::Inventory inventory_for(const config::Project& project) {
  return plugin::take_inventory(directories_for(project), installed_directories());
}

std::vector<std::string> job_names(const config::Project& project) {
  std::vector<std::string> names;
  for (const config::Job& job : project.jobs) names.push_back(job.name);
  return names;
}

std::vector<std::string> connection_names(const config::Project& project) {
  std::vector<std::string> names;
  for (const config::Connection& connection : project.connections) {
    names.push_back(connection.name);
  }
  return names;
}

std::optional<Workspace> load_workspace(const Options& options, config::Diagnostics& diagnostics,
                                        int& exit_code, Needs needs) {
  std::error_code failed;
  if (!std::filesystem::exists(std::filesystem::path(options.folder) / "rondom.yaml", failed)) {
    exit_code = fail({ErrorCode::bad_config, options.folder +
                                                 " is no Rondom project: it has no rondom.yaml "
                                                 "(rondom init makes one)"});
    return std::nullopt;
  }
  const std::string root = std::filesystem::canonical(options.folder).string();
  auto project = std::make_shared<config::Project>(
      config::load_project(root, options.environment, diagnostics, options.configuration));
  if (!options.play.empty()) {  // never the real ones
    project->store = {played_store(*project), {}};
    project->views = {};
  }
  Workspace workspace;
  workspace.surroundings.inventory =
      plugin::take_inventory(directories_for(*project), installed_directories());
  for (const std::string& problem : workspace.surroundings.inventory.problems) {
    log_to_stderr("warning", problem);
  }
  engine::validate(*project, workspace.surroundings.inventory, diagnostics);
  engine::check_retention(*project, system_clock().now(), diagnostics);
  if (needs == Needs::settings) tell_mistakes_elsewhere(diagnostics);
  if (!diagnostics.empty()) {
    exit_code = exit_code_for(ErrorCode::bad_config);
    workspace.project = std::move(project);
    return workspace;
  }
  workspace.secrets = config::make_secrets(*project);
  workspace.surroundings.clock = &system_clock();
  workspace.surroundings.random = &system_random();
  workspace.surroundings.cancel = &stop_requested();
  workspace.surroundings.secrets = workspace.secrets.get();
  workspace.surroundings.log = [verbose = options.verbose](std::string_view level,
                                                           std::string_view message) {
    if (verbose || level != "debug") log_to_stderr(level, message);
  };
  Status ready = prepare_host(options, workspace.surroundings.host);
  if (ready.ok()) ready = answers_stay_out(options, *project);
  if (ready.ok()) ready = open_tapes(options, workspace.surroundings.tapes);
  if (!ready.ok()) {
    exit_code = fail(ready.error());
    return std::nullopt;
  }
  if (const std::string weakness = plugin::weakness_of(plugin::kernel_confinement());
      !weakness.empty()) {
    log_to_stderr("warning", weakness);
  }
  workspace.project = std::move(project);
  return workspace;
}

Result<config::Project> checked_project(const Options& options, const std::string& files) {
  std::error_code failed;
  const std::string root = std::filesystem::canonical(options.folder, failed).string();
  if (failed) return Error{ErrorCode::unavailable, options.folder + " is not there any more"};
  config::Diagnostics diagnostics;
  config::Project project = config::load_project(root, options.environment, diagnostics, files);
  engine::validate(project, inventory_for(project), diagnostics);
  if (diagnostics.empty()) return project;
  return Error{ErrorCode::bad_config,
               std::to_string(diagnostics.size()) +
                   (diagnostics.size() == 1 ? " error in " : " errors in ") +
                   std::to_string(project.files_read) + " files of the project",
               diagnostics.render(files)};
}

std::optional<Workspace> open_workspace(const Options& options, int& exit_code, Needs needs) {
  config::Diagnostics diagnostics;
  std::optional<Workspace> workspace = load_workspace(options, diagnostics, exit_code, needs);
  if (!workspace.has_value()) return std::nullopt;
  if (const Status may = root_keeps_out(*workspace->project); !may.ok()) {
    exit_code = fail(may.error());
    return std::nullopt;
  }
  if (diagnostics.empty()) return workspace;
  print_problems(diagnostics, workspace->project->root, workspace->project->files_read);
  answer_problems(diagnostics);
  return std::nullopt;
}

std::unique_ptr<engine::Engine> open_engine(const Options& options, bool read_only,
                                            std::optional<Workspace>& workspace, int& exit_code,
                                            Needs needs) {
  workspace = open_workspace(options, exit_code, needs);
  if (!workspace.has_value()) return nullptr;
  auto opened = engine::Engine::open(workspace->project, workspace->surroundings, read_only);
  if (!opened.ok()) {
    exit_code = fail(opened.error());
    return nullptr;
  }
  return std::move(opened).value();
}

}  // namespace rondom::cli
