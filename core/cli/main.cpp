// The rondom program: command line in, one verb, exit code out.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>

#include "cli/cli.h"
#include "cli/completion.h"

namespace {

using rondom::cli::Options;
using Verb = std::function<int(const Options&)>;

class CommandLine {
 public:
  explicit CommandLine(Options& options) : options_(options) {
    app_.description(
        "Rondom: customer data from every system, one explainable profile per customer.");
    app_.require_subcommand(1);
    app_.add_option("-C,--directory", options.folder, "Project folder")->type_name("DIR");
    app_.add_option("--env", options.environment, "Environment: env/<NAME>.yaml")->type_name("NAME");
    app_.add_option("-o,--output", options.output, "Output format: text, json, jsonl or csv")
        ->check(CLI::IsMember({"text", "json", "jsonl", "csv"}));
    app_.add_option("--color", options.color, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    app_.add_flag("-q,--quiet", options.quiet, "No progress");
    app_.fallthrough();
    app_.footer(
        "Exit codes: 0 ok, 1 failure, 2 usage, 3 done with some refused, 4 changes pending (plan),\n"
        "5 stopped by the mass-change guard, 69 unavailable, 75 try again, 77 not permitted,\n"
        "78 bad configuration.");
    add_verbs();
  }

  CLI::App& app() { return app_; }
  const Verb& verb() const { return verb_; }

 private:
  CLI::App* add(CLI::App* parent, const char* name, const char* description, Verb verb) {
    CLI::App* command = parent->add_subcommand(name, description);
    command->fallthrough();
    command->callback([this, verb = std::move(verb)] { verb_ = verb; });
    return command;
  }
  CLI::App* group(const char* name, const char* description) {
    CLI::App* command = app_.add_subcommand(name, description);
    command->require_subcommand(1);
    command->fallthrough();
    return command;
  }
  void words(CLI::App* command, const char* name, const char* description, bool required) {
    CLI::Option* option = command->add_option(name, options_.words, description);
    if (required) option->required();
  }

  void add_verbs() {
    using namespace rondom::cli;
    words(add(&app_, "init", "Make a new project", init), "folder", "Where (default: here)", false);
    add(&app_, "validate", "Check every file of the project; contacts no system", validate);
    CLI::App* connectors = group("connectors", "What can be connected to");
    add(connectors, "list", "Every connector of every plugin", connectors_list);
    words(add(connectors, "show", "One connector: configuration, abilities", connectors_show),
          "connector", "Its id", true);
    words(add(&app_, "check", "Can the connections be reached with these credentials?", check),
          "connection", "Only these", false);
    CLI::App* discover_command =
        add(&app_, "discover", "Which streams and fields does a source have?", discover);
    words(discover_command, "job", "Job or connection", true);
    discover_command->add_flag("--save", options_.save, "Keep them for validate (catalog/<job>.json)");
    CLI::App* preview_command =
        add(&app_, "preview", "Read a few records and show what the map makes of them", preview);
    words(preview_command, "job", "Job, then optionally a stream", true);
    preview_command->add_option("--limit", options_.limit, "Records per stream");
    CLI::App* plan_command =
        add(&app_, "plan", "What would be sent, without sending it", plan);
    words(plan_command, "job", "Destination jobs", false);
    plan_command->add_flag("--all", options_.all, "Every destination job");
    plan_command->add_option("--as-of", options_.as_of, "Date that counts as today")->type_name("DATE");
    plan_command->add_option("--limit", options_.limit, "Changes to show");
    CLI::App* run_command = add(&app_, "run", "Read, unify and send", run);
    words(run_command, "job", "Jobs to run", false);
    run_command->add_flag("--all", options_.all, "Every job");
    run_command->add_option("--as-of", options_.as_of, "Date that counts as today")->type_name("DATE");
    run_command->add_option("--accept", options_.accept, "Go on past this guard")->type_name("ID");
    run_command->add_option("--threads", options_.threads, "Worker threads")
        ->check(CLI::Range(1, 64));
    run_command->add_option("--batch", options_.batch_records, "Records per transaction")
        ->check(CLI::Range(1, 200'000));
    add(&app_, "status", "Jobs, profiles and what waits for somebody", status);
    CLI::App* runs_command = add(&app_, "runs", "Earlier runs, newest first", runs);
    runs_command->add_option("--limit", options_.limit, "How many");

    CLI::App* profile = group("profile", "Customers");
    words(add(profile, "find", "By e-mail, phone, identifier or record", profile_find), "text",
          "jan@example.com, +31612345678, kvk:12345678, crm.Contact/003A", true);
    words(add(profile, "show", "One profile", profile_show), "profile", "Id, e-mail or record", true);
    words(add(profile, "explain", "Why one person, why these values, may we mail?", profile_explain),
          "profile", "Id, e-mail or record", true);
    add(profile, "members", "Which records make which profile (-o csv)", profile_members);
    add(profile, "export", "Every profile without ids, one JSON object a line", profile_export);

    CLI::App* quarantine = group("quarantine", "Records that were refused, with the reason");
    CLI::App* quarantine_list_command =
        add(quarantine, "list", "Reasons and counts", quarantine_list);
    words(quarantine_list_command, "connection", "Only of this source", false);
    CLI::App* quarantine_show_command =
        add(quarantine, "show", "The records themselves", quarantine_show);
    words(quarantine_show_command, "connection", "Only of this source or job", false);
    quarantine_show_command->add_option("--limit", options_.limit, "How many");
    words(add(quarantine, "release", "Map these again at the next run", quarantine_release), "id",
          "Numbers as shown", true);
    CLI::App* deadletter = group("deadletter", "Deliveries that a destination refused for good");
    words(add(deadletter, "list", "What was refused and why", deadletter_list), "job", "Only of this job",
          false);
    words(add(deadletter, "redrive", "Try these again at the next run", deadletter_redrive), "id",
          "Numbers as shown", true);
    CLI::App* store = group("store", "The project's memory");
    add(store, "verify", "Check it for damage", store_verify);
    add(&app_, "version", "Version of program and store", version);
    CLI::App* completion = add(&app_, "completion", "Completion script for a shell",
                               [this](const Options& options) {
                                 return print_completion(app_, options.words.front());
                               });
    words(completion, "shell", "bash, zsh or fish", true);
  }

  Options& options_;
  CLI::App app_;
  Verb verb_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (argc > 0) options.program = argv[0];
  try {
    CommandLine line(options);
    try {
      line.app().parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
      const int code = line.app().exit(problem);
      return code == 0 ? 0 : rondom::exit_code_for(rondom::ErrorCode::usage);
    }
    rondom::cli::stop_requested();
    return line.verb()(options);
  } catch (const std::exception& defect) {
    std::fprintf(stderr, "rondom: a defect: %s\n", defect.what());
    return rondom::exit_code_for(rondom::ErrorCode::internal);
  }
}
