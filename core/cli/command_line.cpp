#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "cli/cli.h"
#include "cli/completion.h"
#include "cli/control.h"
#include "conformance/conformance.h"

namespace rondom::cli {

namespace {

constexpr std::size_t threads_max = 64;
constexpr std::size_t batch_records_max = 200'000;
constexpr std::size_t limit_max = 1'000'000;

struct Verb {
  std::function<int(const Options&)> run;
  std::string name;                  // "show"
  std::vector<std::string> outputs;  // what -o may be
};

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const auto near = did_you_mean(word, known);
  return near ? "; did you mean " + *near + "?" : "";
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* child : app.get_subcommands({})) names.push_back(child->get_name());
  return names;
}

std::string path_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : path_of(*app.get_parent()) + " " + app.get_name();
}

std::string no_verb(const CLI::App& app, const std::string& word) {
  const std::vector<std::string> verbs = verbs_of(app);
  const std::string similar = suggestion(word, verbs);
  return (app.get_parent() == nullptr ? "there is no verb " : app.get_name() + " has no verb ") +
         word + (similar.empty() ? "; there is " + join(verbs, ", ") : similar);
}

void print_help(const CLI::App& app) {
  const std::string before = app.get_parent() == nullptr ? "" : path_of(*app.get_parent()) + " ";
  const std::string text =
      app.get_formatter()->make_help(&app, before + app.get_name(), CLI::AppFormatMode::Normal);
  std::fputs(text.c_str(), stdout);
}

}  // namespace

struct CommandLine::Inside {
  explicit Inside(Options& wanted)
      : options(wanted),
        app("Customer data from every system, one explainable profile per customer.", "rondom") {}

  CLI::App* add(CLI::App* parent, const char* name, const char* description,
                int (*function)(const Options&),
                const std::vector<std::string>& outputs = {"text", "json"}) {
    return add_function(parent, name, description, function, outputs);
  }
  CLI::App* add_function(CLI::App* parent, const char* name, const char* description,
                         std::function<int(const Options&)> function,
                         const std::vector<std::string>& outputs) {
    CLI::App* command = parent->add_subcommand(name, description);
    command->group("Verbs");
    command->fallthrough();
    command->callback([this, command, function = std::move(function), outputs] {
      verb = {function, command->get_name(), outputs};
    });
    return command;
  }
  CLI::App* group(const char* name, const char* description) {
    CLI::App* command = app.add_subcommand(name, description);
    command->group("Verbs");
    command->require_subcommand(1);
    command->fallthrough();
    return command;
  }
  void one_word(CLI::App* command, const char* name, const char* description, bool required) {
    const auto keep = [this](const std::string& word) { options.words.push_back(word); };
    command->add_option_function<std::string>(name, keep, description)
        ->type_name("")
        ->required(required);
  }
  void many_words(CLI::App* command, const char* name, const char* description, bool required) {
    command->add_option(name, options.words, description)->type_name("")->required(required);
  }
  void limit(CLI::App* command, const char* description) {
    command->add_option("--limit", options.limit, description)
        ->type_name("N")
        ->capture_default_str()
        ->check(within(1, limit_max));
  }
  void threads(CLI::App* command) {
    command->add_option("--threads", options.threads, "Worker threads")
        ->type_name("N")
        ->capture_default_str()
        ->check(within(1, threads_max));
  }
  void accept(CLI::App* command) {
    command->add_option("--accept", options.accept, "Go on past this guard")
        ->type_name("ID")
        ->expected(1)
        ->take_all();
  }
  void as_of(CLI::App* command) {
    command->add_option("--as-of", options.as_of, "Date that counts as today")->type_name("DATE");
  }
  static CLI::Validator within(std::size_t from, std::size_t to) {
    return CLI::Validator(CLI::Range(from, to)).description("");
  }
  static CLI::Validator one_of(const std::vector<std::string>& words) {
    return CLI::Validator(
        [words](std::string& word) {
          const bool known = std::find(words.begin(), words.end(), word) != words.end();
          return known ? std::string() : word + " is none of " + join(words, ", ");
        },
        "");
  }

  void add_options() {
    app.add_option("-C,--directory", options.folder, "Project folder")
        ->type_name("DIR")
        ->capture_default_str();
    app.add_option("--env", options.environment, "Environment: env/<NAME>.yaml")->type_name("NAME");
    app.add_option("-o,--output", options.output,
                   "text, json, jsonl, csv or junit, as the verb can")
        ->type_name("FORMAT")
        ->check(one_of({"text", "json", "jsonl", "csv", "junit"}));
    app.add_option("--color", options.color, "auto, always or never")
        ->type_name("WHEN")
        ->check(one_of({"auto", "always", "never"}));
    CLI::Option* record =
        app.add_option("--record", options.record, "Keep what is said over HTTP in a new file")
            ->type_name("FILE");
    app.add_option("--play", options.play, "Answer HTTP from such a file; nothing leaves")
        ->type_name("FILE")
        ->excludes(record);
    app.add_option("--configuration", options.configuration,
                   "Files of the project that the service took")
        ->group("");
    app.add_flag("--progress-lines", options.progress_lines,
                 "Say how far a run is, for the service")
        ->group("");
    app.add_option("--plugin-host-wrapper", options.plugin_host_wrapper,
                   "Start plugins under this, such as \"gdb --args\"")
        ->type_name("COMMAND");
    app.add_flag("--core-dumps", options.core_dumps,
                 "Let a crash leave a core dump, which holds secrets");
    app.add_flag("-q,--quiet", options.quiet, "No progress");
    app.add_flag("-v,--verbose", options.verbose,
                 "Debug lines too, with what plugins say of their failures");
    app.set_version_flag("--version", "rondom " RONDOM_VERSION);
  }

  void add_project_verbs() {
    one_word(add(&app, "init", "Make a new project", init, {"text"}), "folder",
             "Where (default: the project folder)", false);
    one_word(add(&app, "demo", "Try an example shop in a folder of its own", demo, {"text"}),
             "folder", "Where (default: rondom-demo)", false);
    add(&app, "validate", "Check every file of the project; contacts no system", validate);
    CLI::App* connectors = group("connectors", "What can be connected to");
    add(connectors, "list", "Every connector of every plugin", connectors_list);
    one_word(add(connectors, "show", "One connector: configuration, abilities", connectors_show),
             "connector", "Its id", true);
    many_words(add(&app, "check", "Can the connections be reached with these credentials?", check),
               "connection", "Only these", false);
    CLI::App* fields =
        add(&app, "discover", "Which streams and fields does a source have?", discover);
    one_word(fields, "job", "Job or connection", true);
    fields->add_flag("--save", options.save, "Keep them for validate (catalog/<job>.json)");
    CLI::App* sample =
        add(&app, "preview", "Read a few records and show what the map makes of them", preview,
            {"text", "json", "jsonl"});
    one_word(sample, "job", "A job that reads", true);
    one_word(sample, "stream", "Only this stream", false);
    limit(sample, "Records of each stream");
    CLI::App* starter = add(group("job", "Job files"), "new",
                            "Write a first job file from what a source has", job_new, {"text"});
    one_word(starter, "name", "Its name: jobs/NAME.yaml", true);
    starter->add_option("--source", options.source, "Connection to read from")
        ->type_name("CONNECTION")
        ->required(true);
    starter->add_option("--stream", options.stream, "Only this stream")->type_name("STREAM");
    starter->add_option("--preset", options.preset, "The connector's own mapping")
        ->type_name("NAME");
    many_words(add(&app, "test", "Run the project's own tests (tests/*.yaml)", test), "file",
               "Only these files", false);
  }

  void add_plugin_verbs() {
    CLI::App* plugin = group("plugin", "For who writes connectors, and who gets them from others");
    CLI::App* scaffold = add(plugin, "new", "A folder with a connector that builds and is tested",
                             plugin_new, {"text"});
    one_word(scaffold, "name", "Its name and its folder: acme-crm", true);
    scaffold->add_option("--kind", options.kind, "source or destination")
        ->type_name("KIND")
        ->required(true)
        ->check(one_of({"source", "destination"}));
    CLI::App* installing =
        add(plugin, "install", "Verify a plugin and put it into the plugin folder", plugin_install);
    one_word(installing, "file", "The library: acme-crm.so", true);
    installing->add_flag("--site", options.site, "For every project of this machine");
    CLI::App* testing = add(plugin, "test", "Does it do what every plugin must do?", plugin_test,
                            {"text", "json", "junit"});
    one_word(testing, "file", "The library: acme-crm.so", false);
    fixtures(testing, false);
    testing->add_option("--patience", options.patience_seconds, "Seconds for one check")
        ->type_name("N")
        ->capture_default_str()
        ->check(within(1, conformance::patience_seconds_max));
    testing->add_flag("--reference", options.reference, "Print the page about the checks");
    CLI::App* running = add(plugin, "run", "Show each request, page, record and checkpoint",
                            plugin_run, {"text", "jsonl"});
    one_word(running, "file", "The library: acme-crm.so", true);
    fixtures(running, true);
  }
  void fixtures(CLI::App* command, bool required) {
    command->add_option("--fixtures", options.fixtures, "Folder with conformance.yaml")
        ->type_name("DIR")
        ->required(required);
    command->add_option("--connector", options.connector, "Only this one")->type_name("ID");
  }

  void add_running_verbs() {
    CLI::App* planning = add(&app, "plan", "What would be sent, without sending it", plan);
    many_words(planning, "job", "Destination jobs (default: every one)", false);
    planning->add_flag("--all", options.all,
                       "Every job, after today's maps and rules have been tried on a copy");
    as_of(planning);
    limit(planning, "Changes to show");
    CLI::App* running = add(&app, "run", "Read, unify and send", rondom::cli::run);
    many_words(running, "job", "Jobs to run", false);
    running->add_flag("--all", options.all, "Every job");
    as_of(running);
    accept(running);
    threads(running);
    running->add_option("--batch", options.batch_records, "Records per transaction")
        ->type_name("N")
        ->capture_default_str()
        ->check(within(1, batch_records_max));
    add(&app, "status", "Records, profiles and what waits for somebody", status);
    limit(add(&app, "waiting", "Records that refer to one that did not come yet", waiting),
          "How many");
    CLI::App* earlier = add(&app, "runs", "Earlier runs, newest first", runs);
    limit(earlier, "How many");
    earlier->add_option("--after", options.after, "Only those after this one, oldest first")
        ->type_name("RUN");
  }

  void add_service_verbs() {
    add_function(&app, "serve", "Run jobs by their schedules, until asked to stop", serve,
                 {"text"});
    add(&app, "health", "Does the service answer, and can it do its work?", health, {"text"});
    CLI::App* reloading =
        add(&app, "reload", "Let the service take the project as it is now", reload);
    reloading->add_flag("--wait", options.wait, "Until it is in force, or refused: exit 78");
    CLI::App* triggering = add(&app, "trigger", "Let the service run a job now", trigger);
    one_word(triggering, "job", "A job", true);
    accept(triggering);
    one_word(
        add(&app, "pause", "The service no longer starts the job by itself", rondom::cli::pause),
        "job", "A job", true);
    one_word(add(&app, "resume", "It starts by itself again", resume), "job", "A job", true);
    CLI::App* following = add(&app, "tail", "What the service does, as it happens", follow_events);
    one_word(following, "job", "Only of this job", false);
    limit(following, "How many of what happened before");
    following->add_flag("--once", options.once, "What happened so far, then end");
    CLI::App* watching =
        add(&app, "top", "Every job, how far it is and when it runs next", watch_jobs);
    watching->add_flag("--once", options.once, "Show it one time, then end");
    one_word(add(&app, "cancel", "The service stops the job's run at its next safe point", cancel),
             "job", "A job", true);
  }

  void add_profile_verbs() {
    const char* one = "Id, e-mail, phone, identifier or record";
    CLI::App* profile = group("profile", "Customers");
    one_word(add(profile, "find", "By e-mail, phone, identifier, record or name", profile_find),
             "text", "anna@example.com, +31612345678, kvk:12345678, crm.contacts/1, \"anna bak\"",
             true);
    CLI::App* showing = add(profile, "show", "One profile", profile_show);
    one_word(showing, "profile", one, true);
    as_of(showing);
    CLI::App* explaining =
        add(profile, "explain", "Why one person, why these values, may we mail?", profile_explain);
    one_word(explaining, "profile", one, true);
    as_of(explaining);
    picture(explaining, "Draw what joined the records and what was kept apart");
    CLI::App* page = add(profile, "page", "One page about them for people, in one HTML file",
                         profile_page, {"text"});
    one_word(page, "profile", one, true);
    page->add_option("--html", options.html, "Write it there (default: standard output)")
        ->type_name("FILE");
    as_of(page);
    CLI::App* linking = add(profile, "link", "Two records are one, now and later", profile_link);
    one_word(linking, "record", "source.stream/key", true);
    one_word(linking, "other", "source.stream/key", true);
    one_word(add(profile, "split", "A record is none of the others in its profile, now and later",
                 profile_split),
             "record", "source.stream/key", true);
    add(profile, "members", "Which records make which profile, as CSV", profile_members,
        {"text", "csv", "json", "jsonl"});
    as_of(add(profile, "export", "Every profile without ids, one JSON object a line",
              profile_export, {"text", "jsonl", "json"}));
  }

  void add_attribute_verbs() {
    CLI::App* attribute = group("attribute", "Derived attributes: what they mean and why");
    add(attribute, "list", "Every attribute of the project", attribute_list);
    one_word(add(attribute, "show", "One definition", attribute_show), "name", "Its name", true);
    CLI::App* why =
        add(attribute, "why", "Why is this its value for this customer?", attribute_why);
    one_word(why, "name", "The attribute's name", true);
    one_word(why, "profile", "Id, e-mail, phone, identifier or record", true);
    as_of(why);
  }

  void add_audience_verbs() {
    CLI::App* audience = group("audience", "Who is in an audience and why; nothing is written");
    as_of(add(audience, "list", "Every audience, with how many are in it", audience_list));
    CLI::App* showing =
        add(audience, "show", "What each line leaves over, and who of them may be reached",
            audience_show);
    one_word(showing, "audience", "Its name", true);
    as_of(showing);
    CLI::App* members =
        add(audience, "members", "Who is in it", audience_members, {"text", "json", "jsonl"});
    one_word(members, "audience", "Its name", true);
    as_of(members);
    limit(members, "How many");
    CLI::App* overlap = add(audience, "overlap", "How many are in both", audience_overlap);
    one_word(overlap, "audience", "Its name", true);
    one_word(overlap, "other", "Its name", true);
    as_of(overlap);
    CLI::App* why = add(audience, "why", "Which line decides about this customer?", audience_why);
    one_word(why, "audience", "Its name", true);
    one_word(why, "profile", "Id, e-mail, phone, identifier or record", true);
    as_of(why);
  }

  void add_review_verbs() {
    CLI::App* review =
        group("review", "What somebody has to look at: owner changes, possible doubles");
    add(review, "list", "Records that became somebody else's, and pairs that may be one",
        review_list);
    CLI::App* accepting =
        add(review, "accept", "A record is somebody else's indeed; the two of a pair are one",
            review_accept);
    many_words(accepting, "item", "Records or pairs as listed", false);
    accepting->add_flag("--all", options.all, "All records that became somebody else's; no pairs");
    many_words(add(review, "reject", "The two of a pair are not one, now and later", review_reject),
               "pair", "Pairs as listed", true);
    add(review, "decided", "What was said of pairs, newest first", review_decided);
    many_words(add(review, "undo", "Forget what was said of a pair", review_undo), "pair",
               "Pairs as review decided lists them", true);
  }

  void picture(CLI::App* command, const char* help) {
    command->add_option("--svg", options.svg, help)->type_name("FILE");
  }

  void identity_options(CLI::App* command) {
    command
        ->add_option(
            "--model", options.model,
            "Model file of people, or shipped (default: models/person-1.yaml, else shipped)")
        ->type_name("FILE");
    threads(command);
  }

  void add_identity_verbs() {
    CLI::App* identity = group("identity", "Who is who: records that are alike");
    CLI::App* evaluating =
        add(identity, "evaluate", "How well the model finds who is who", identity_evaluate);
    evaluating->add_option("--truth", options.truth, "CSV with the columns source, key and cluster")
        ->type_name("FILE")
        ->required(true);
    picture(evaluating, "Draw the curve over the threshold");
    evaluating
        ->add_option("--errors", options.errors,
                     "Write the pairs that were joined wrongly or missed, as CSV")
        ->type_name("FILE");
    identity_options(evaluating);
    identity_options(
        add(identity, "train", "Fit the model to these records, without labels", identity_train));
    CLI::App* comparing =
        add(identity, "compare", "How alike two records are, field by field", identity_compare);
    one_word(comparing, "record", "source.stream/key", true);
    one_word(comparing, "other", "source.stream/key", true);
    picture(comparing, "Draw what each field adds");
    identity_options(comparing);
    add(identity, "shared", "Identifiers of too many people to join anybody", identity_shared);
    identity_options(add(identity, "profile", "How complete and how distinct the records are",
                         identity_profile));
  }

  void add_refused_verbs() {
    CLI::App* quarantine = group("quarantine", "Records that were refused, with the reason");
    one_word(add(quarantine, "list", "Reasons and counts", quarantine_list), "connection",
             "Only of this source or job", false);
    CLI::App* show = add(quarantine, "show", "The records themselves", quarantine_show);
    one_word(show, "connection", "Only of this source or job", false);
    limit(show, "How many");
    many_words(add(quarantine, "release", "Map these again at the next run", quarantine_release),
               "id", "Numbers as shown", true);
    CLI::App* letters = group("deadletter", "Deliveries that a destination refused for good");
    CLI::App* letter_list = add(letters, "list", "What was refused and why", deadletter_list);
    one_word(letter_list, "job", "Only of this job", false);
    limit(letter_list, "How many");
    many_words(add(letters, "redrive", "Try these again at the next run", deadletter_redrive), "id",
               "Numbers as shown", true);
  }

  void add_access_verbs() {
    CLI::App* token = group("token", "Who may ask the service over the network");
    CLI::App* creating =
        add(token, "create", "A new token, which is shown this once", token_create);
    one_word(creating, "name", "Who will use it", true);
    creating
        ->add_option("--scope", options.scopes,
                     "read, operate and personal-data, with commas between them")
        ->type_name("SCOPES")
        ->delimiter(',')
        ->required(true);
    creating->add_option("--expires", options.expires, "How long it counts, such as 90d")
        ->type_name("DURATION");
    add(token, "list", "Names, scopes and times", token_list);
    one_word(add(token, "revoke", "It counts no longer", token_revoke), "name", "As listed", true);
    add(group("audit", "Who looked at whom"), "verify", "Each line follows from the one before it",
        audit_verify);
  }

  void add_other_verbs() {
    add(&app, "doctor", "What will stop the project from running, looked for before it does",
        doctor);
    add(group("secret", "What connections need and the project does not hold"), "check",
        "Where each one comes from, and which are missing; never what they are", secret_check);
    many_words(add(group("notify", "Who is told when a job does not do what it should"), "test",
                   "Send each of them a message, and say how that went", notify_test),
               "name", "Only these of notify.to", false);
    CLI::App* refreshing =
        add(group("views", "Profiles and attributes for analysts, to read with SQL"), "refresh",
            "Make them anew from the store", views_refresh);
    as_of(refreshing);
    threads(refreshing);
    CLI::App* memory = group("store", "The project's memory");
    add(memory, "verify", "Check it for damage", store_verify);
    one_word(add(memory, "backup", "A copy of it, checked, in a new file", store_backup), "file",
             "Where", true);
    add(memory, "migrate", "Bring an older one up to this program, with a copy as it was",
        store_migrate);
    one_word(add(memory, "restore", "Such a file becomes the store", store_restore), "file",
             "The backup", true);
    add(memory, "size", "What each kind of history takes, and will take", store_size);
    CLI::App* pruning = add(memory, "prune",
                            "Forget what is older than retention of rondom.yaml says", store_prune);
    pruning->add_flag("--dry-run", options.dry_run, "Say how much would go, and forget nothing");
    pruning->add_flag("--yes", options.yes, "Do not ask");
    CLI::App* state = group("state", "From where sources are read on");
    one_word(add(state, "show", "Of each job and stream", state_show), "job", "Only of this job",
             false);
    one_word(add(state, "export", "All of it as JSON", state_export), "job", "Only of this job",
             false);
    CLI::App* resetting = add(state, "reset", "Read a job from its beginning", state_reset);
    one_word(resetting, "job", "Its name", true);
    resetting->add_flag("--yes", options.yes, "Do not ask");
    CLI::App* renaming =
        add(state, "rename", "What is remembered of a job or connection gets its new name",
            state_rename);
    one_word(renaming, "old", "The name until now", true);
    one_word(renaming, "new", "The name that the project gives it", true);
    renaming->add_flag("--connection", options.connection, "A connection, not a job");
    add(&app, "version", "Version of the program", version);
    one_word(add_function(&app, "completion", "Completion script for a shell",
                          [this](const Options& wanted) {
                            return print_completion(app, wanted.words.front());
                          },
                          {"text"}),
             "shell", "bash, zsh or fish", true);
    many_words(add_function(&app, "help", "Help on a verb",
                            [this](const Options& wanted) { return help(wanted.words); }, {"text"}),
               "verb", "Such as: profile explain", false);
  }

  void set_footers(CLI::App* of) {
    for (CLI::App* child : of->get_subcommands({})) {
      child->footer(
          "-C, --env, -o, --color, -q, -v, --record and --play go with every verb: rondom --help");
      set_footers(child);
    }
  }

  int help(const std::vector<std::string>& path) {
    const CLI::App* about = &app;
    for (const std::string& word : path) {
      const std::vector<std::string> known = verbs_of(*about);
      if (std::find(known.begin(), known.end(), word) == known.end()) {
        return fail({ErrorCode::usage, no_verb(*about, word)});
      }
      about = about->get_subcommand(word);
    }
    print_help(*about);
    return 0;
  }

  /// The verb that the words came to, or the group or program they stopped at.
  const CLI::App& reached() const {
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
    return *at;
  }

  int explain(const CLI::ParseError& problem) {
    const CLI::App& at = reached();
    const std::string path = path_of(at);
    const std::vector<std::string> verbs = verbs_of(at);
    const std::vector<std::string> left = app.remaining(true);
    std::string message = problem.what();
    if (!verbs.empty()) {
      message = "which verb? " + join(verbs, ", ");
      for (const std::string& word : left) {
        if (word.empty() || word.front() == '-') continue;
        message = no_verb(at, word);
        break;
      }
    } else if (!left.empty()) {
      std::vector<std::string> known;
      for (const CLI::App* one : {&at, static_cast<const CLI::App*>(&app)}) {
        for (const CLI::Option* option : one->get_options()) {
          for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
        }
      }
      message = at.get_name() + " does not take " + left.front() +
                (left.front().front() == '-' ? suggestion(left.front(), known) : "");
    }
    return fail({ErrorCode::usage, message + " (" + path + " --help)"});
  }

  Options& options;
  CLI::App app;
  Verb verb;
};

CommandLine::CommandLine(Options& options) : inside_(std::make_unique<Inside>(options)) {
  Inside& in = *inside_;
  in.app.require_subcommand(1);
  in.app.fallthrough();
  in.app.get_formatter()->label("SUBCOMMAND", "VERB");
  in.app.get_formatter()->label("REQUIRED", "");
  in.add_options();
  in.add_project_verbs();
  in.add_plugin_verbs();
  in.add_running_verbs();
  in.add_service_verbs();
  in.add_profile_verbs();
  in.add_attribute_verbs();
  in.add_audience_verbs();
  in.add_review_verbs();
  in.add_identity_verbs();
  in.add_refused_verbs();
  in.add_access_verbs();
  in.add_other_verbs();
  in.set_footers(&in.app);
  in.app.footer(
      "Exit codes: 0 ok, 1 failure, 2 usage, 3 done with some refused, 4 changes pending (plan),\n"
      "5 stopped by the mass-change guard, 69 unavailable, 75 try again, 77 not permitted,\n"
      "78 bad configuration.");
}

CommandLine::~CommandLine() = default;

std::optional<int> CommandLine::parse(int argc, char** argv) {
  try {
    inside_->app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print_help(inside_->reached());
    return 0;
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return inside_->app.exit(problem);
    return inside_->explain(problem);
  }
  const std::vector<std::string>& outputs = inside_->verb.outputs;
  if (std::find(outputs.begin(), outputs.end(), inside_->options.output) == outputs.end()) {
    return fail({ErrorCode::usage, inside_->verb.name + " does not print " +
                                       inside_->options.output + ", only " +
                                       join(outputs, " or ")});
  }
  return std::nullopt;
}

std::string CommandLine::verb() const {
  const std::string path = path_of(inside_->reached());
  return path.substr(inside_->app.get_name().size() + 1);
}

int CommandLine::run() const {
  return inside_->verb.run(inside_->options);
}

}  // namespace rondom::cli
