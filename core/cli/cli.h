// cli: the verbs of the rondom program.
//
// main.cpp parses the command line into Options and calls one verb. A verb prints its result to
// standard output (text for people or JSON for programs), problems to standard error, and returns
// the exit code of the README's table.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "engine/engine.h"

namespace rondom::cli {

struct Options {
  std::string folder = ".";     // -C
  std::string environment;      // --env
  std::string output = "text";  // -o text | json | jsonl | csv, one that the verb can
  std::string color = "auto";
  bool quiet = false;
  bool verbose = false;
  std::string record, play;         // a cassette (net/cassette.h)
  std::string configuration;        // --configuration: a copy of the project's files
  std::string plugin_host_wrapper;  // a command with words, such as gdb --args
  bool core_dumps = false;
  bool progress_lines = false;  // how far a run is, for the service that started it

  std::vector<std::string> words;  // jobs, ids, texts: what the verb works on
  bool all = false;
  bool save = false;
  bool once = false;        // of tail and top
  bool wait = false;        // of reload
  bool yes = false;         // of state reset and store prune
  bool dry_run = false;     // of store prune
  bool connection = false;  // of state rename
  std::string as_of;
  std::vector<std::string> accept;
  std::size_t threads = 2;
  std::size_t batch_records = 50'000;
  std::size_t limit = 20;
  std::string after;                      // of runs: a run
  std::string source, stream, preset;     // of job new
  std::string fixtures, connector;        // of plugin test and plugin run
  std::size_t patience_seconds = 60;      // of plugin test
  bool reference = false;                 // plugin test: the page about the checks
  std::string kind;                       // of plugin new: source | destination
  bool site = false;                      // of plugin install
  std::vector<std::string> scopes;        // of token create
  std::string expires;                    // of token create: a duration
  std::string truth, svg, model, errors;  // of identity: files
  std::string html;                       // of profile page: file
};

/// A loaded project and everything the engine needs, or the exit code to leave with.
struct Workspace {
  std::shared_ptr<const config::Project> project;
  std::unique_ptr<config::Secrets> secrets;
  engine::Surroundings surroundings;
};

/// The store of what comes from a cassette, so that a played run leaves nothing in the real one.
std::string played_store(const config::Project& project);

/// Where plugins are looked for: the project's own folders (when -C names a project), then beside
/// the program (a build tree), then where packages and the site put them.
std::vector<std::string> plugin_directories(const Options& options);
/// Where the site puts plugins for every project of the machine.
inline constexpr const char* site_plugin_directory = "/usr/local/lib/rondom/plugins";
/// What the project of -C names as folders of plugins of its own, absolute; empty without a
/// project.
std::vector<std::string> own_plugin_directories(const Options& options);
/// The folder above the program's: the build, or the prefix that it is installed to.
std::filesystem::path program_prefix();
plugin::Inventory inventory_for(const config::Project& project);
/// "source" or "destination".
const char* kind_word(plugin::Kind kind);
/// The project that -C names, or an empty one; its mistakes are for validate to tell.
config::Project project_for_plugins(const Options& options);
/// What of a project has to be right for a verb. Who asks a system for its fields, or looks at what
/// is stored, needs no job: mistakes there are only told.
enum class Needs { every_file, settings };
/// Loads and checks the project; every mistake goes to `diagnostics`. No value when there is no
/// project at all, which is printed.
std::optional<Workspace> load_workspace(const Options& options, config::Diagnostics& diagnostics,
                                        int& exit_code, Needs needs = Needs::every_file);
/// As load_workspace, but prints every mistake and gives no value when there is one.
std::optional<Workspace> open_workspace(const Options& options, int& exit_code,
                                        Needs needs = Needs::every_file);
/// The project whose files are in `files` (config::copy_configuration), found right in all of them,
/// else ErrorCode::bad_config with every problem in `detail`.
Result<config::Project> checked_project(const Options& options, const std::string& files);
/// Makes the folders that it needs; what was there is replaced.
Status write_new_file(const std::filesystem::path& file, std::string_view content);
/// Every mistake with its place, to standard error.
void print_problems(const config::Diagnostics& diagnostics, std::string_view root,
                    std::size_t files);
/// As open_workspace, and opens the engine.
std::unique_ptr<engine::Engine> open_engine(const Options& options, bool read_only,
                                            std::optional<Workspace>& workspace, int& exit_code,
                                            Needs needs = Needs::every_file);
/// Prints "rondom: message" to standard error and gives the error's exit code.
int fail(const Error& error);
/// Fails with ErrorCode::usage and the name that was probably meant: "there is no job x; did you
/// …".
int fail_unknown(std::string_view what, std::string_view word,
                 const std::vector<std::string>& known);
std::vector<std::string> job_names(const config::Project& project);
std::vector<std::string> connection_names(const config::Project& project);

// project files
int init(const Options& options);
int demo(const Options& options);
int validate(const Options& options);
int discover(const Options& options);
int preview(const Options& options);
int test(const Options& options);
int job_new(const Options& options);

// plugins
int connectors_list(const Options& options);
int connectors_show(const Options& options);
int check(const Options& options);
int plugin_new(const Options& options);
int plugin_install(const Options& options);
int plugin_test(const Options& options);
int plugin_run(const Options& options);

// running
int run(const Options& options);
int plan(const Options& options);
int status(const Options& options);
int runs(const Options& options);
int waiting(const Options& options);

// the service
int serve(const Options& options);
int reload(const Options& options);
int trigger(const Options& options);
int pause(const Options& options);
int resume(const Options& options);
int cancel(const Options& options);
int follow_events(const Options& options);
int watch_jobs(const Options& options);

// profiles
int profile_find(const Options& options);
int profile_show(const Options& options);
int profile_explain(const Options& options);
int profile_page(const Options& options);
int profile_members(const Options& options);
int profile_export(const Options& options);
/// What a verb about one profile starts with: whom it is asked about, and on which day.
struct ProfileQuestion {
  explicit ProfileQuestion(const Options& options);
  std::optional<Workspace> workspace;
  std::unique_ptr<engine::Engine> engine;  // nullptr: the problem was printed; leave with exit_code
  store::ProfileId id = 0;
  Timestamp as_of = 0;
  int exit_code = 0;
};
/// A profile id, an e-mail address, a phone number, namespace:value, or source.stream/key of
/// exactly one.
Result<store::ProfileId> find_profile(engine::Engine& engine, std::string_view text);

// derived attributes
int attribute_list(const Options& options);
int attribute_show(const Options& options);
int attribute_why(const Options& options);

// audiences, apart from who sends to them
int audience_list(const Options& options);
int audience_show(const Options& options);
int audience_members(const Options& options);
int audience_overlap(const Options& options);
int audience_why(const Options& options);

// what waits for somebody's judgement
int review_list(const Options& options);
int review_accept(const Options& options);
int review_reject(const Options& options);
int review_decided(const Options& options);
int review_undo(const Options& options);
int profile_link(const Options& options);
int profile_split(const Options& options);

// who is who
int identity_evaluate(const Options& options);
int identity_train(const Options& options);
int identity_profile(const Options& options);
int identity_shared(const Options& options);
int identity_compare(const Options& options);

// what was refused
int quarantine_list(const Options& options);
int quarantine_show(const Options& options);
int quarantine_release(const Options& options);
int deadletter_list(const Options& options);
int deadletter_redrive(const Options& options);

// the service
int token_create(const Options& options);
int token_list(const Options& options);
int token_revoke(const Options& options);
int audit_verify(const Options& options);

// the rest
int doctor(const Options& options);
int secret_check(const Options& options);
int notify_test(const Options& options);
int store_verify(const Options& options);
int store_backup(const Options& options);
int store_migrate(const Options& options);
int store_restore(const Options& options);
int store_size(const Options& options);
int views_refresh(const Options& options);
int store_prune(const Options& options);
int state_show(const Options& options);
int state_export(const Options& options);
int state_reset(const Options& options);
int state_rename(const Options& options);
int version(const Options& options);

/// Asked to stop by SIGINT or SIGTERM; the second signal ends the process at once.
const Cancel& stop_requested();

}  // namespace rondom::cli
