// config: a project's YAML files as typed, checked data.
//
// load_project() reads everything below the project folder, reports *all* problems at once with
// file:line:column, and never contacts a system. Maps, expressions and merge rules stay as Nodes
// with their location: the pipeline step that owns them compiles them and adds its own diagnostics.
// Everything here is immutable after loading; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base.h"
#include "model/model.h"

namespace rondom::expression {
class Library;
}

namespace rondom::config {

/// A place in a project file, 1-based. `length` is for the caret line.
struct Location {
  std::shared_ptr<const std::string> file;  // relative to the project folder
  int line = 0;
  int column = 0;
  int length = 1;
};

struct Diagnostic {
  Location at;
  std::string message;  // "Contact has no field Loyalty_Teir__c"
  std::string hint;     // "did you mean .Loyalty_Tier__c?"; may be empty
};

/// Collects problems, at most limits::diagnostics_max errors and as many warnings. One thread.
class Diagnostics {
 public:
  /// The same message at the same place is kept once.
  void error(const Location& at, std::string message, std::string hint = {});
  /// Of what works and is hardly meant. A warning stops nothing: empty() and size() are of errors.
  void warning(const Location& at, std::string message, std::string hint = {});
  const std::vector<Diagnostic>& warnings() const { return warnings_; }
  /// Errors elsewhere than in these files (env/ stands for what is in it) become warnings: for what
  /// needs those files only.
  void keep_errors_of(std::initializer_list<std::string_view> files);
  bool empty() const { return errors_.empty(); }
  std::size_t size() const { return errors_.size(); }
  const std::vector<Diagnostic>& errors() const { return errors_; }
  /// All that were reported, with those that no longer fitted.
  std::size_t seen() const { return seen_; }
  /// As `rondom validate` prints them: sorted by place, source line and caret. `root` is the
  /// project folder the lines are read from.
  std::string render(std::string_view root) const;
  /// The warnings alone, in the same form.
  std::string render_warnings(std::string_view root) const;

 private:
  std::vector<Diagnostic> errors_, warnings_;
  std::size_t seen_ = 0;
};

/// A YAML node with its place. Scalars keep whether they were quoted: quoted is always text.
struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  Kind kind = Kind::null;
  bool quoted = false;
  std::string text;  // scalar
  Location at;
  std::vector<Node> items;  // list
  struct Member;
  std::vector<Member> members;                   // map, in file order; keys are scalars
  const Node* find(std::string_view key) const;  // map; nullptr when absent
  bool is_scalar() const { return kind == Kind::scalar; }
};
struct Node::Member {
  Node first;   // the key
  Node second;  // its value
};

/// What a scalar means. There is one resolver: quoted is text; unquoted is a number or boolean only
/// in JSON's syntax, else text.
enum class ScalarType : std::uint8_t { text, integer, decimal, boolean };
ScalarType scalar_type(const Node& scalar);
/// The whole node as JSON text, typed by scalar_type.
std::string to_json(const Node& node);
/// The place of `length` bytes at `offset` inside the text of a scalar at `at`. Exact for plain and
/// quoted scalars on one line without escapes, else the place of the scalar.
Location location_in(const Location& at, std::string_view text, std::size_t offset,
                     std::size_t length);

/// An expression or constant in a place where expressions are expected.
struct Expression {
  std::string text;
  Location at;
  bool as_written = true;  // the text stands so at that place
  bool present() const { return !text.empty(); }
};

struct Defaults {
  std::string country, language, currency, time_zone;
};

struct Connection {
  std::string name;
  std::string connector;
  std::string config_json = "{}";  // ${var:} resolved, ${secret:} still references
  Defaults defaults;               // project defaults overridden by the connection's
  Location at;
};

class Suppressions;  // config/suppressions.h

struct Purpose {
  std::string name, channel, legal_basis;
  std::map<std::string, std::string> label;
  bool double_opt_in = false;  // a yes counts from when it was confirmed
  /// Microseconds that a yes counts; 0 = until it is taken back.
  std::int64_t expires_after = 0;
  std::map<std::string, int> minimum_age;  // by country, "else" for all others; empty = any age
  bool birth_date_required = false;        // whose age is not known is not old enough
  std::string country;  // of the project: where a person is of whom nothing is known
  /// What suppressions/*.yaml say, of this purpose or not. nullptr: nothing.
  std::shared_ptr<const Suppressions> suppressions;
};

/// What is done about fields of a source that are not as they were.
enum class OnDrift : std::uint8_t { ignore, report, stop };
struct DriftPolicy {
  OnDrift appeared = OnDrift::report;
  OnDrift vanished = OnDrift::stop;  // of those that the map reads; the others are reported
  OnDrift retyped = OnDrift::report;
};

struct SourceStream {
  std::string stream;
  std::string entity;  // empty when `records` is used
  std::string preset;
  std::vector<Expression> key;  // empty = the catalog's
  Expression cursor;            // observed_at of the record
  Expression when;
  Expression country;
  std::string options_json = "{}";
  Node options;                   // the same with its places; null when there are none
  Node map;                       // kind map, when `entity`
  Node records;                   // kind list, when several records are made
  bool keep_raw = true;           // resolved default: on for parties, off for activities; with a
                                  // preset the entity is the plugin's to say and this is on
  std::int64_t fresh_within = 0;  // microseconds since its last completed read; 0 = any time
  DriftPolicy on_drift;
  Location at;
};

/// One line of an audience: an expression, or any/all/not over lines.
struct Condition {
  enum class Kind : std::uint8_t { expression, all, any, negation };
  Kind kind = Kind::expression;
  Expression expression;
  std::vector<Condition> children;
  Location at;
};

struct Audience {
  std::string name;
  std::vector<Condition> all;
  Location at;
};

/// A line of an attribute's table: the first that holds decides.
struct Rule {
  Expression when;   // empty: always
  Expression value;  // an expression, where `computed`, else the value itself
  bool computed = false;
  std::string because;  // the reason, for people
  Location at;
};

/// A derived attribute: one of attributes/*.yaml after `expand` and `like`, or `customer` of
/// rondom.yaml. What it means over a profile is pipeline/enrich's to say.
struct Attribute {
  std::string name;    // "spend_city_bike_2019"
  std::string family;  // the name as it is written: "spend_{category}_{year}"
  std::string type;  // text | integer | decimal | boolean | date | time | money | list, or the name
                     // of a list of activities that it is a part of
  std::string entity = "person";             // empty: of any party
  Expression value;                          // placeholders filled in
  std::string source;                        // or this field of the profile
  std::vector<Rule> rules;                   // or the value of the first that holds
  std::string definition, owner;             // for people
  std::map<std::string, std::string> label;  // by language
  std::optional<Node> when_missing;          // a scalar
  std::vector<std::string> purposes;         // empty = any
  std::string like;                          // the attribute that it is like; empty = none
  /// Others are made of it: a part of a list, or what came along with one that comes with Rondom.
  /// Nothing that is told of a customer by itself.
  bool is_part = false;
  Location at;  // of its name
};
bool is_attribute_of(const Attribute& attribute, Entity entity);
/// The place of a part of an expression, as near as it can be told.
Location place_in(const Expression& expression, std::size_t offset, std::size_t length);

/// Five cron fields as sets of bits: bit n stands for the value n.
struct Cron {
  std::uint64_t minutes = 0;
  std::uint32_t hours = 0;
  std::uint32_t days = 0;      // of the month, 1-31
  std::uint32_t months = 0;    // 1-12
  std::uint32_t weekdays = 0;  // 0-6, 0 is Sunday
  /// Neither day field starts with *: a day is met when one of them is, as in Vixie cron. Otherwise
  /// both must be.
  bool either_day = false;
};
inline constexpr std::uint32_t all_hours = (1U << 24) - 1;
inline constexpr std::uint32_t all_month_days = ~std::uint32_t{1};

/// When the service starts a job by itself.
struct Schedule {
  enum class Kind : std::uint8_t { none, every, cron, after, continuous };
  Kind kind = Kind::none;
  std::int64_t every = 0;  // microseconds
  Cron cron;
  std::string zone;                // of cron: its own, else the project's; empty = UTC
  std::vector<std::string> after;  // jobs
  /// As people read it: "every 15m", "cron 0 6 * * * Europe/Amsterdam", "after crm, webshop",
  /// "none".
  std::string text = "none";
};

struct SourceJob {
  std::vector<SourceStream> streams;
};
enum class OnLeave : std::uint8_t { keep, leave_segment, remove };
enum class OnWithdrawal : std::uint8_t { unsubscribe, remove };
struct DestinationJob {
  std::string audience;  // empty = every profile of `entity`
  std::string entity = "person";
  std::string purpose;
  std::string options_json = "{}";
  Node options;  // the same with its places; null when there are none
  std::string match_on;
  OnLeave on_leave = OnLeave::keep;
  OnWithdrawal on_withdrawal = OnWithdrawal::unsubscribe;
  double removals_percent_max = 5.0;
  double changes_percent_max = 100.0;
  bool clear_missing = false;  // on_missing: clear
  Node map;
};
struct Job {
  std::string name;
  std::string connection;  // of rondom.yaml
  Node schedule;
  Schedule starts;           // the same, read
  std::int64_t timeout = 0;  // microseconds a run may take; 0 = no limit
  std::optional<SourceJob> source;
  std::optional<DestinationJob> destination;
  double tombstones_percent_max = 10.0;
  Location at;
};

enum class IdentifierClass : std::uint8_t { unique, strong, weak };
struct IdentifierRule {
  std::string name_space;
  IdentifierClass strength = IdentifierClass::weak;
  std::uint32_t max_per_profile = 0;  // 0 = no limit
  std::vector<std::string> blocked;   // globs over the clean value
  Location at;
};
/// Joining on likeness, layer 2 of resolving.
struct Probabilistic {
  std::string model;    // "person-1", or a file below models/; empty = the shipped one
  double merge_at = 0;  // probability; 0 = the model's own
  double review_at = 0;
  Location at;
};
struct Identity {
  /// Highest priority first; built-ins appended when absent.
  std::vector<IdentifierRule> identifiers;
  std::vector<std::string> one_record_per_profile;  // source.stream
  std::optional<Probabilistic> probabilistic;       // none: records are joined by identifiers alone
};

enum class MergeRule : std::uint8_t {
  most_recent,
  trust,
  most_frequent,
  longest,
  shortest,
  min,
  max,
  unite,
  first,
  any,
  all,
  most_restrictive
};
struct AttributeMerge {
  std::string of;  // "name.*", "custom.loyalty_tier", "*"
  MergeRule rule = MergeRule::most_recent;
  bool as_one = false;
  std::vector<std::string> order;  // for min and max
  /// Microseconds; a value observed longer before the newest one than this loses to every fresher
  /// one. 0 = never.
  std::int64_t stale_after = 0;
  Location at;
};
struct Merge {
  std::vector<std::string> trust;                               // connection names, best first
  std::map<std::string, std::vector<AttributeMerge>> entities;  // "person", "organization"
};

enum class Delivery : std::uint8_t { capture, send };

struct Store {
  std::string sqlite = "var/rondom.db";  // absolute or relative to the project folder
  std::string postgresql;                // DSN, ${secret:} still references; empty = SQLite
};

/// A plugin from outside the installation that the project lets in, and what it may reach.
struct TrustedPlugin {
  std::string name;
  bool files = false;
  bool network = false;
  std::vector<std::string> paths;   // with files: as written; relative to the project folder
  std::vector<std::string> writes;  // the same, to be changed by a source too
  std::string sha256;               // empty = any build
  Location at;
  Location sha256_at;
};

/// Limits of each plugin host.
struct PluginLimits {
  std::int64_t memory_mb = 1'024;
  std::int64_t silent_seconds = 120;  // no sign of life
  std::int64_t idle_seconds = 3'600;  // alive without getting on
  std::int64_t records_without_checkpoint = 100'000'000;
};

inline constexpr std::string_view default_state = "var";

/// What `rondom serve` is told.
struct Serve {
  enum class CatchUp : std::uint8_t { one, none };
  std::string socket;                     // as written; empty = the usual one: control_socket()
  std::string listen = "127.0.0.1:8380";  // host:port; empty = no TCP
  Location listen_at;
  std::string tls_certificate, tls_key;  // PEM files, relative to the project folder; both or none
  std::int64_t concurrency = 1;          // engines at a time
  std::int64_t shutdown_after = 60 * microseconds_per_second;  // what a run has to come to its end
  std::int64_t jitter = 0;                                     // microseconds
  CatchUp catch_up = CatchUp::one;
};

/// Who is told when a job does not do what it should.
struct NotifyTarget {
  enum Kind : std::uint8_t { failed = 1, stopped = 2, quarantined = 4, stale = 8, recovered = 16 };
  std::string name;
  std::string webhook, signing_secret;  // ${secret:} still references; one of webhook and command
  std::vector<std::string> command;  // program and arguments; absolute or relative to the project
  unsigned on = failed | stopped | quarantined | stale | recovered;  // of Kind
  std::int64_t timeout = 30 * microseconds_per_second;  // one message, retries included
};
struct Notify {
  std::int64_t repeat = microseconds_per_day;  // a trouble that stays is told again after this
  std::vector<NotifyTarget> targets;           // by name
};

/// Where analysts read profiles and attributes with SQL; neither: nowhere.
struct Views {
  std::string sqlite;      // a file, relative to the project
  std::string postgresql;  // DSN, ${secret:} still references
  bool after_run = true;   // else when asked
  /// Whose they are: the project, and the environment where that has a store of its own.
  std::string owner;
  bool present() const { return !sqlite.empty() || !postgresql.empty(); }
};

/// How long history of each kind is kept: what is older is forgotten after a run.
struct Retention {
  struct Age {
    std::int64_t kept = 0;  // microseconds; 0 = for good
    Location at;            // of the value; without a file: nobody said so
  };
  static constexpr std::int64_t day = 86'400'000'000;
  Age orders, events, survey_answers;
  Age versions, raw, quarantine, dead_letters;
  Age changes{90 * day, {}}, runs{400 * day, {}};
  /// By their names in the file.
  static constexpr std::array<std::pair<std::string_view, Age Retention::*>, 9> kinds() {
    return {{{"orders", &Retention::orders},
             {"events", &Retention::events},
             {"survey_answers", &Retention::survey_answers},
             {"versions", &Retention::versions},
             {"raw", &Retention::raw},
             {"quarantine", &Retention::quarantine},
             {"dead_letters", &Retention::dead_letters},
             {"changes", &Retention::changes},
             {"runs", &Retention::runs}}};
  }
};
/// "90d", "2y": a duration of whole days; a year counts 366, so that nothing goes too early.
std::string retention_text(std::int64_t kept);

struct Project {
  std::string root;  // absolute
  /// Absolute: where its files of configuration are read from; the root, or a copy
  /// (copy_configuration).
  std::string files;
  std::string state{default_state};  // as written: absolute or relative to root; see state_folder()
  std::string name;
  std::string environment;  // empty = none
  Defaults defaults;
  Delivery deliver = Delivery::capture;
  Store store;
  std::vector<Connection> connections;  // by name
  std::vector<Purpose> purposes;
  std::vector<Job> jobs;  // sources first, then destinations, each by name
  std::vector<Audience> audiences;
  std::vector<Attribute> attributes;  // in order of file and place, `customer` first
  Identity identity;
  Merge merge;
  /// The tables of lookups/ and vocabularies/, for whoever compiles expressions. Never null.
  std::shared_ptr<const expression::Library> library;
  std::vector<std::string> plugin_directories;  // as written; relative to the project folder
  std::vector<TrustedPlugin> trusted_plugins;
  PluginLimits plugin_limits;
  Serve serve;
  Notify notify;
  Retention retention;
  Views views;
  std::vector<std::string> secret_sources;  // "credential", "file:DIR", "env", in order
  std::size_t files_read = 0;
  /// Hashes of what the rules of identity.yaml and merge.yaml mean: comments, spacing and the order
  /// of keys do not change them. For explain and re-runs.
  std::uint64_t identity_fingerprint = 0;
  std::uint64_t merge_fingerprint = 0;

  const Connection* connection(std::string_view name) const;
  const Job* job(std::string_view name) const;
  const Audience* audience(std::string_view name) const;
  const Purpose* purpose(std::string_view name) const;
  const Attribute* attribute(std::string_view name) const;
  const TrustedPlugin* trusted_plugin(std::string_view name) const;
};

/// Where everything goes that the program writes for itself: the store, tokens, what connectors
/// remember, sockets, temporary files. Absolute. The one place that says so; nothing else of the
/// project's folder is written by a run, except captured deliveries (captured_folder) and what file
/// connections name.
std::string state_folder(const Project& project);
/// The Unix socket of the service: serve.socket, relative to the project, else control.sock of the
/// state folder. Absolute.
std::string control_socket(const Project& project);
/// Where `deliver: capture` writes, as the report shows it: out/ of the project, or of its `state`.
std::string captured_folder(const Project& project);

/// Where ${secret:NAME} comes from, asked in the project's order. Values never reach a log.
class Secrets {
 public:
  virtual ~Secrets() = default;
  virtual Result<std::string> get(std::string_view name) const = 0;
  /// Which place get() has it from, for people: "env RONDOM_SECRET_CRM", "file:secrets/crm".
  virtual Result<std::string> place_of(std::string_view name) const = 0;
};
/// How secrets reach the outside world; tests give their own.
struct SecretAccess {
  struct File {
    std::string content;
    unsigned mode = 0;  // permission bits
  };
  /// Value of an environment variable.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  /// nullopt when there is no such file; an error when it is there and cannot be read.
  std::function<Result<std::optional<File>>(const std::string& path)> file;
};
SecretAccess system_secret_access();
std::unique_ptr<Secrets> make_secrets(const Project& project);
std::unique_ptr<Secrets> make_secrets(const Project& project, SecretAccess access);
/// A connection's config_json with its secrets filled in.
Result<std::string> resolve_secrets(std::string_view config_json, const Secrets& secrets);
/// The same for text that is not JSON: Store::postgresql.
Result<std::string> resolve_secrets_in_text(std::string_view text, const Secrets& secrets);
/// Names that a text refers to as ${secret:NAME}, in order, for `validate` and `secret check`.
std::vector<std::string> secret_references(std::string_view text);

/// `environment` empty = "dev" where env/dev.yaml exists, else none. Problems go to `diagnostics`;
/// returns a project as far as it could be read (use it only when diagnostics stay empty).
/// `files`: a copy of the folder's configuration (copy_configuration) to read in its place; empty =
/// none.
Project load_project(std::string_view folder, std::string_view environment,
                     Diagnostics& diagnostics, std::string_view files = {});

/// Copies every file of a project that load_project(), models/ and catalog/ are read from into
/// `into`, a folder that is made and must not hold anything; gives a fingerprint of all of it. What
/// others read when they run (the queries of a connector, tests, secrets) is not part of it.
Result<std::string> copy_configuration(std::string_view folder, const std::string& into);

/// May a job be called so? A letter, then letters, digits, _ and -; at most 64.
bool is_job_name(std::string_view name);

/// The attributes that come with Rondom, for `like: standard.NAME`: their YAML, as one would write
/// it.
std::string_view standard_attributes();
/// Those of them that other definitions may read without anybody having taken them
/// (`.counted_orders`).
const std::vector<std::string>& standard_parts();

/// One YAML file as a Node, with the traps of PROJECT.md refused. For project files of other steps.
Node read_yaml(std::string_view root, std::string_view file, Diagnostics& diagnostics);
Node parse_yaml(std::string_view text, std::string_view file, Diagnostics& diagnostics);

/// The registry of configuration keys: the reader, the reference page and the wrong-value tests all
/// come from it.
enum class KeyType : std::uint8_t {
  text,
  expression,
  integer,
  percent,
  boolean,
  choice,
  list,
  map,
  any
};
struct KeyInfo {
  std::string_view file;  // "rondom.yaml", "jobs/*.yaml", …
  std::string_view path;  // "connections.*.connector", "streams[].key"
  KeyType type;
  bool required;
  std::string_view choices;  // "keep|leave_segment|delete"
  std::string_view description;
};
const std::vector<KeyInfo>& keys();
/// docs/reference/project-files.md, made from keys().
std::string keys_reference();

}  // namespace rondom::config
