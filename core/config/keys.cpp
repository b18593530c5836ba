// The registry of configuration keys. Paths: `a.b` a key of a map, `*` any name, `[]` each item of
// a list. A map or list without keys below it is free: another step or a connector reads it.
#include "config/config.h"

namespace rondom::config {
namespace {

constexpr std::string_view rondom_yaml = "rondom.yaml";
constexpr std::string_view env_yaml = "env/*.yaml";
constexpr std::string_view jobs_yaml = "jobs/*.yaml";
constexpr std::string_view audiences_yaml = "audiences/*.yaml";
constexpr std::string_view identity_yaml = "identity.yaml";
constexpr std::string_view merge_yaml = "merge.yaml";
constexpr std::string_view lookups_yaml = "lookups/*.yaml";
constexpr std::string_view vocabularies_yaml = "vocabularies/*.yaml";
constexpr std::string_view suppressions_yaml = "suppressions/*.yaml";
constexpr std::string_view channels = "email|phone|sms|post|push|chat|social";
constexpr std::string_view channels_of_purposes = "email|phone|sms|post|push|chat|social|internal";
constexpr std::string_view suppression_kinds =
    "deceased|moved|bounced|list|test_record|complaint|fraud|legal|manual";
constexpr std::string_view attributes_yaml = "attributes/*.yaml";
constexpr std::string_view tests_yaml = "tests/*.yaml";

constexpr std::string_view entities =
    "person|organization|event|order|opportunity|subscription|need|survey_answer";
constexpr std::string_view on_drift = "ignore|report|stop";
constexpr std::string_view legal_bases =
    "consent|contract|legal_obligation|vital_interest|public_task|legitimate_interest";
constexpr std::string_view merge_rules =
    "most_recent|trust|most_frequent|longest|shortest|min|max|union|first|any|all|most_restrictive";

void add_project_keys(std::vector<KeyInfo>& keys) {
  using enum KeyType;
  const std::vector<KeyInfo> own = {
      {rondom_yaml, "project", text, true, "", "Name of the project."},
      {rondom_yaml, "state", text, false, "",
       "Folder for all that the program writes for itself, absolute or relative to the project: "
       "the "
       "store, tokens, what connectors remember, and out/ for captured deliveries. Default: var, "
       "with "
       "out/ beside it."},
      {rondom_yaml, "defaults", map, false, "", "What holds where a record does not say."},
      {rondom_yaml, "defaults.country", text, false, "",
       "ISO 3166 country whose rules phone numbers, postcodes and numbers follow, such as NL."},
      {rondom_yaml, "defaults.language", text, false, "", "BCP 47 language, such as nl."},
      {rondom_yaml, "defaults.currency", text, false, "", "ISO 4217 currency, such as EUR."},
      {rondom_yaml, "defaults.time_zone", text, false, "",
       "IANA time zone of times without an offset, such as Europe/Amsterdam."},
      {rondom_yaml, "purposes", map, false, "", "What people can agree to, by name."},
      {rondom_yaml, "purposes.*", map, false, "", "One purpose."},
      {rondom_yaml, "purposes.*.channel", choice, true, channels_of_purposes,
       "Channel the purpose uses; internal: nobody is written to, as of one's own customer list."},
      {rondom_yaml, "purposes.*.legal_basis", choice, true, legal_bases,
       "GDPR article 6 ground. With consent, nothing is sent without one."},
      {rondom_yaml, "purposes.*.double_opt_in", boolean, false, "",
       "A yes counts from its `confirmed_at` on, and not before. Default: false."},
      {rondom_yaml, "purposes.*.expires_after", text, false, "",
       "Duration, such as 730d, for which a yes counts. One without a date has run out. Default: "
       "until it is taken back."},
      {rondom_yaml, "purposes.*.minimum_age", map, false, "",
       "How old somebody must be, by country; a date of birth that is not whole counts as its last "
       "day."},
      {rondom_yaml, "purposes.*.minimum_age.*", integer, false, "",
       "Years, for this country (ISO 3166) or, as `else`, for all others. Of several countries of "
       "somebody the highest counts."},
      {rondom_yaml, "purposes.*.birth_date_required", boolean, false, "",
       "Is whose age is not known too young? Default: false."},
      {rondom_yaml, "purposes.*.label", map, false, "", "Name for people, by language."},
      {rondom_yaml, "purposes.*.label.*", text, false, "", "The name in this language."},
      {rondom_yaml, "secrets", list, false, "",
       "Where ${secret:NAME} is looked up, in this order. Default: [credential, file:secrets, "
       "env]."},
      {rondom_yaml, "secrets[]", text, false, "",
       "`credential` (systemd), `file:DIR` (one file a secret, readable by its owner alone) or "
       "`env` (RONDOM_SECRET_NAME)."},
      {rondom_yaml, "plugins", list, false, "", "Extra folders that hold plugins."},
      {rondom_yaml, "plugins[]", text, false, "", "A folder, relative to the project."},
      {rondom_yaml, "trusted_plugins", map, false, "",
       "Plugins that were not installed with Rondom and may be used, by the plugin's name. "
       "`rondom connectors show` says what each asks for."},
      {rondom_yaml, "trusted_plugins.*", map, false, "", "One plugin."},
      {rondom_yaml, "trusted_plugins.*.allow", list, false, "",
       "What it may reach beside the hosts that it declares. Default: nothing."},
      {rondom_yaml, "trusted_plugins.*.allow[]", choice, false, "files|network",
       "`files`: what is beneath paths. `network`: any host, by sockets of its own."},
      {rondom_yaml, "trusted_plugins.*.paths", list, false, "",
       "With files: what a source may read and a destination may change."},
      {rondom_yaml, "trusted_plugins.*.paths[]", text, false, "",
       "A folder or file, relative to the project."},
      {rondom_yaml, "trusted_plugins.*.writes", list, false, "",
       "With files: what a source may change too, such as a folder for what it has read."},
      {rondom_yaml, "trusted_plugins.*.writes[]", text, false, "",
       "A folder or file, relative to the project. A folder that is missing is made."},
      {rondom_yaml, "trusted_plugins.*.sha256", text, false, "",
       "The build that is trusted, as `rondom connectors show` prints it: the library and its "
       "presets. "
       "Without it any file of this name in the folder is."},
      {rondom_yaml, "serve", map, false, "", "What `rondom serve` does."},
      {rondom_yaml, "serve.socket", text, false, "",
       "Unix socket of its interface, relative to the project. Default: control.sock in the state "
       "folder."},
      {rondom_yaml, "serve.listen", text, false, "",
       "Address and port of its interface over TCP, or none. Default: 127.0.0.1:8380. Another "
       "address than this machine's own needs tls."},
      {rondom_yaml, "serve.tls", map, false, "", "What makes TCP encrypted."},
      {rondom_yaml, "serve.tls.certificate", text, true, "",
       "PEM file of the certificate and those above it."},
      {rondom_yaml, "serve.tls.key", text, true, "", "PEM file of its key."},
      {rondom_yaml, "serve.concurrency", integer, false, "",
       "Jobs at a time, 1 to 16. Default: 1. A store takes one engine at a time, so the others "
       "wait "
       "for it."},
      {rondom_yaml, "serve.shutdown_after", text, false, "",
       "How long a run that is asked to stop may take to come to its end. Default: 60s."},
      {rondom_yaml, "serve.jitter", text, false, "",
       "Starts are late by a time between nothing and this, so that not all projects start at the "
       "full hour. Default: none."},
      {rondom_yaml, "serve.catch_up", choice, false, "one|none",
       "What happens to starts that were missed while the service was down: `one` start makes up "
       "for "
       "all of them, or `none`. Default: one."},
      {rondom_yaml, "notify", map, false, "",
       "Who is told, while `rondom serve` runs, of jobs that do not do what they should. `rondom "
       "notify test` tries it."},
      {rondom_yaml, "notify.repeat", text, false, "",
       "A trouble is told once, again after this while it stays, and once when it is over. "
       "Default: "
       "1d."},
      {rondom_yaml, "notify.to", map, true, "", "Who, by name."},
      {rondom_yaml, "notify.to.*", map, false, "", "One of them: webhook or command."},
      {rondom_yaml, "notify.to.*.webhook", text, false, "",
       "Address that the message is POSTed to as JSON; https, or http on this machine. "
       "${secret:NAME} is filled in."},
      {rondom_yaml, "notify.to.*.signing_secret", text, false, "",
       "Key of its signature, base64, with or without `whsec_`, as ${secret:NAME}: the headers "
       "webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks. Default: not "
       "signed."},
      {rondom_yaml, "notify.to.*.command", list, false, "",
       "Program and arguments, without a shell; it reads the message as JSON from its standard "
       "input."},
      {rondom_yaml, "notify.to.*.command[]", text, false, "",
       "First the program, absolute or relative to the project: /usr/local/bin/page, bin/page."},
      {rondom_yaml, "notify.to.*.events", list, false, "", "Of what. Default: of everything."},
      {rondom_yaml, "notify.to.*.events[]", choice, false,
       "failed|stopped|quarantined|stale|recovered",
       "`failed`: a run failed, crashed or took too long. `stopped`: a limit stopped it (exit code "
       "5). "
       "`quarantined`: it refused records. `stale`: a stream is older than its fresh_within. "
       "`recovered`: what was told is over."},
      {rondom_yaml, "notify.to.*.timeout", text, false, "",
       "What one message may take, with everything that is tried again, 1s to 5m. Default: 30s."},
      {rondom_yaml, "views", map, false, "",
       "Where analysts read profiles and attributes with SQL: exactly one of sqlite and "
       "postgresql."},
      {rondom_yaml, "views.sqlite", text, false, "",
       "A file of its own, made anew each time: relative to the project, or absolute, then also "
       "outside of it. It keeps the mode and group that it was given. The store's file, a symbolic "
       "link and whatever was not made for views are never replaced."},
      {rondom_yaml, "views.postgresql", text, false, "",
       "PostgreSQL connection string; the views are in its schema rondom_views. ${secret:NAME} is "
       "filled in."},
      {rondom_yaml, "views.refresh", choice, false, "run|never",
       "run: at the end of each run. never: when `rondom views refresh` says so. Default: run."},
      {rondom_yaml, "retention", map, false, "",
       "How long history is kept, by its kind: days or years such as 90d or 2y (a year counts 366 "
       "days), or forever. What is older is forgotten after a run, once `rondom store prune` was "
       "told so; nothing personal is forgotten unless a line here says so."},
      {rondom_yaml, "retention.orders", text, false, "",
       "Orders, by when they were placed. What is older counts in no attribute and no audience. "
       "Default: forever."},
      {rondom_yaml, "retention.events", text, false, "",
       "Events, by when they happened, as orders. Default: forever."},
      {rondom_yaml, "retention.survey_answers", text, false, "",
       "Answers to surveys, by when they were given, as orders. Default: forever."},
      {rondom_yaml, "retention.versions", text, false, "",
       "Older versions of a record, by when they were read. The newest one always stays. Default: "
       "forever (three of each record)."},
      {rondom_yaml, "retention.raw", text, false, "",
       "What the source said, beside the clean record, by when it was read. Without it a changed "
       "map waits for the next read. Default: forever."},
      {rondom_yaml, "retention.quarantine", text, false, "",
       "Refused records, by when they were refused last. Default: forever."},
      {rondom_yaml, "retention.dead_letters", text, false, "",
       "Deliveries that a destination refused, by when. What was forgotten cannot be redriven. "
       "Default: forever."},
      {rondom_yaml, "retention.changes", text, false, "",
       "That profiles were made, changed, merged or ended, once every destination has consumed it. "
       "No personal data. Default: 90d."},
      {rondom_yaml, "retention.runs", text, false, "",
       "Reports of runs; the run, its times and its outcome stay. No personal data. Default: "
       "400d."},
      {rondom_yaml, "plugin_limits", map, false, "",
       "When a plugin's process is ended. The defaults are for big sources."},
      {rondom_yaml, "plugin_limits.memory_mb", integer, false, "",
       "Memory of each, in MiB, at least 64. Default: 1024."},
      {rondom_yaml, "plugin_limits.silent_seconds", integer, false, "",
       "Without a sign of life. Default: 120."},
      {rondom_yaml, "plugin_limits.idle_seconds", integer, false, "",
       "Alive without a record, a result or an exchange. Default: 3600."},
      {rondom_yaml, "plugin_limits.records_without_checkpoint", integer, false, "",
       "Records pushed since the last checkpoint of a read. Default: 100000000."},
      {rondom_yaml, "customer", expression, false, "",
       "When somebody is a customer, true or false: `.orders | within(730d) | exists`. Read as "
       "`.customer`."},
  };
  keys.insert(keys.end(), own.begin(), own.end());
}

/// The keys that env/<name>.yaml may override.
void add_environment_keys(std::string_view file, bool required, std::vector<KeyInfo>& keys) {
  using enum KeyType;
  const std::vector<KeyInfo> own = {
      {file, "vars", map, false, "", "Values for ${var:NAME}."},
      {file, "vars.*", text, false, "", "One value: text, a number or a boolean."},
      {file, "deliver", choice, false, "capture|send",
       "capture writes what would be sent to out/ instead (see `state`); the connector `file` "
       "writes "
       "all the same. "
       "Default: capture."},
      {file, "store", map, false, "", "Where profiles are kept: exactly one of the two."},
      {file, "store.sqlite", text, false, "",
       "SQLite file, relative to the project. Default: rondom.db in the folder `state`."},
      {file, "store.postgresql", text, false, "", "PostgreSQL connection string."},
      {file, "connections", map, false, "", "Logins to other systems, by name."},
      {file, "connections.*", map, false, "",
       "One login, one quota budget, one source name in explain and merge.yaml."},
      {file, "connections.*.connector", text, required, "", "The connector's name."},
      {file, "connections.*.config", map, false, "",
       "The connector's own options; ${var:NAME} and ${secret:NAME} are filled in."},
      {file, "connections.*.defaults", map, false, "", "Overrides defaults for this source."},
      {file, "connections.*.defaults.country", text, false, "", "ISO 3166 country."},
      {file, "connections.*.defaults.language", text, false, "", "BCP 47 language."},
      {file, "connections.*.defaults.currency", text, false, "", "ISO 4217 currency."},
      {file, "connections.*.defaults.time_zone", text, false, "", "IANA time zone."},
  };
  keys.insert(keys.end(), own.begin(), own.end());
}

void add_job_keys(std::vector<KeyInfo>& keys) {
  using enum KeyType;
  const std::vector<KeyInfo> own = {
      {jobs_yaml, "job", text, true, "", "Name of the job."},
      {jobs_yaml, "source", text, false, "", "Connection to read from. Or destination."},
      {jobs_yaml, "destination", text, false, "", "Connection to write to. Or source."},
      {jobs_yaml, "schedule", map, false, "",
       "When `rondom serve` starts it: exactly one of every, cron, after and continuous."},
      {jobs_yaml, "schedule.every", text, false, "",
       "A duration such as 15m, 1h or 1d, from the time one start was due to the next."},
      {jobs_yaml, "schedule.cron", text, false, "",
       "Five cron fields, quoted: \"0 6 * * *\". Minute, hour, day of the month, month (1-12 or "
       "jan), day of the week (0-7 or mon; 0 and 7 are Sunday); each `*`, a value, a range `1-5`, "
       "a "
       "list `1,3`, or a step `*/15`. With both day fields given, one of them is enough."},
      {jobs_yaml, "schedule.zone", text, false, "",
       "IANA time zone of cron. Default: defaults.time_zone, else UTC."},
      {jobs_yaml, "schedule.after", list, false, "",
       "Jobs that must have finished, each since this one last started."},
      {jobs_yaml, "schedule.after[]", text, false, "", "A job's name."},
      {jobs_yaml, "schedule.continuous", boolean, false, "", "true: it starts again when it ends."},
      {jobs_yaml, "timeout", text, false, "",
       "How long a run of the service may take, such as 2h; one that takes longer is stopped. "
       "Default: "
       "any time."},
      {jobs_yaml, "fresh_within", text, false, "",
       "Source: its streams are stale when the last completed read is longer ago, such as 2h. "
       "Default: they never are."},
      {jobs_yaml, "limits", map, false, "",
       "Changes of more than this stop the job before the first of them."},
      {jobs_yaml, "limits.tombstones", percent, false, "",
       "Source: records that vanish from a stream. Default: 10%. Up to 20 are free, unless none "
       "is left."},
      {jobs_yaml, "limits.removals", percent, false, "",
       "Destination: profiles that are removed. Default: 5%. Free while at most 100 are held."},
      {jobs_yaml, "limits.changes", percent, false, "",
       "Destination: profiles that change. Default: 100%. Free while at most 100 are held."},
      {jobs_yaml, "streams", list, false, "", "Source: what is read."},
      {jobs_yaml, "streams[]", map, false, "",
       "One stream: `entity` and `map`, or `preset`, or `records`."},
      {jobs_yaml, "streams[].stream", text, true, "", "The connector's name of the stream."},
      {jobs_yaml, "streams[].entity", choice, false, entities, "What a record becomes."},
      {jobs_yaml, "streams[].preset", text, false, "",
       "The plugin's own mapping, or another plugin's as in `tealium.event_store`; keys of `map` "
       "replace its keys, `~` removes one."},
      {jobs_yaml, "streams[].key", expression, false, "",
       "What tells records apart, or a list of parts. Default: from the connector's catalog."},
      {jobs_yaml, "streams[].key[]", expression, false, "",
       "A part: an expression when it starts with . or $, else a constant."},
      {jobs_yaml, "streams[].cursor", expression, false, "",
       "When the record last changed. Default: from the connector's catalog."},
      {jobs_yaml, "streams[].when", expression, false, "", "Only records for which this is true."},
      {jobs_yaml, "streams[].country", expression, false, "",
       "Whose rules phones, postcodes and numbers of this record follow."},
      {jobs_yaml, "streams[].options", map, false, "", "The connector's own options."},
      {jobs_yaml, "streams[].map", map, false, "", "Attribute: expression or constant."},
      {jobs_yaml, "streams[].records", list, false, "",
       "When one source record makes several; all are written or none."},
      {jobs_yaml, "streams[].records[]", map, false, "", "One of them."},
      {jobs_yaml, "streams[].records[].entity", choice, true, entities, "What it is."},
      {jobs_yaml, "streams[].records[].when", expression, false, "", "Only when this is true."},
      {jobs_yaml, "streams[].records[].for_each", expression, false, "",
       "One for each item of this list; `.` is the item and `$` the source record."},
      {jobs_yaml, "streams[].records[].key", expression, false, "",
       "What tells it apart, or a list of parts. Default: the stream's key."},
      {jobs_yaml, "streams[].records[].key[]", expression, false, "",
       "A part: an expression when it starts with . or $, else a constant."},
      {jobs_yaml, "streams[].records[].map", map, true, "", "Attribute: expression or constant."},
      {jobs_yaml, "streams[].fresh_within", text, false, "",
       "The same for this stream. Default: the job's."},
      {jobs_yaml, "streams[].keep_raw", boolean, false, "",
       "Keep the source record itself. Default: true for parties, false for activities."},
      {jobs_yaml, "streams[].on_drift", map, false, "",
       "What is done when the fields of the source are not as they were."},
      {jobs_yaml, "streams[].on_drift.new", choice, false, on_drift,
       "A field that no record had before. Default: report, once."},
      {jobs_yaml, "streams[].on_drift.vanished", choice, false, on_drift,
       "A field that the map reads and no record has any more. Default: stop. One that the map "
       "does not "
       "read is reported, unless ignore is said."},
      {jobs_yaml, "streams[].on_drift.retyped", choice, false, on_drift,
       "A field that holds another type of value, such as text where it was a number. Default: "
       "report."},
      {jobs_yaml, "audience", text, false, "",
       "Destination: who is sent. Default: every profile of the entity."},
      {jobs_yaml, "entity", choice, false, "person|organization",
       "Destination: what is sent. Default: person."},
      {jobs_yaml, "purpose", text, false, "",
       "Destination: what for; required there. Profiles without permission are withheld."},
      {jobs_yaml, "options", map, false, "", "Destination: the connector's own options."},
      {jobs_yaml, "match_on", text, false, "",
       "Destination: field by which records that are there already are adopted, and by which a "
       "removal names whom it is about."},
      {jobs_yaml, "on_leave", choice, false, "keep|leave_segment|delete",
       "Destination: when a profile leaves the audience. Default: keep."},
      {jobs_yaml, "on_withdrawal", choice, false, "unsubscribe|delete",
       "Destination: when consent is gone. Default: unsubscribe."},
      {jobs_yaml, "on_missing", choice, false, "keep|clear",
       "Destination: what the target holds where there is no value. Default: keep, but for what "
       "came from a record that has left the profile: that is cleared."},
      {jobs_yaml, "map", map, false, "",
       "Destination: target field: expression over the profile, or constant. Required there."},
  };
  keys.insert(keys.end(), own.begin(), own.end());
}

void add_rule_keys(std::vector<KeyInfo>& keys) {
  using enum KeyType;
  const std::vector<KeyInfo> own = {
      {audiences_yaml, "audience", text, true, "", "Name of the audience."},
      {audiences_yaml, "all", list, true, "", "Conditions that all hold, one a line."},
      {audiences_yaml, "all[]", expression, false, "",
       "An expression, or a map of one key: `any`, `all` or `not`. They nest."},
      {audiences_yaml, "all[].any", list, false, "", "Holds when one of these holds."},
      {audiences_yaml, "all[].all", list, false, "", "Holds when all of these hold."},
      {audiences_yaml, "all[].not", expression, false, "", "Holds when this condition does not."},

      {identity_yaml, "identifiers", list, false, "",
       "What joins records, highest priority first. kvk, vat, lei, email and phone are built in "
       "and may be changed here."},
      {identity_yaml, "identifiers[]", map, false, "", "One kind of identifier."},
      {identity_yaml, "identifiers[].namespace", text, true, "",
       "Its name, as in identifier.NAME of a map."},
      {identity_yaml, "identifiers[].class", choice, true, "unique|strong|weak",
       "unique: two different ones never share a profile. strong: joins when names allow. weak: "
       "never joins alone."},
      {identity_yaml, "identifiers[].max_per_profile", integer, false, "",
       "More different ones than this on a profile are refused."},
      {identity_yaml, "identifiers[].blocked", list, false, "", "Values that join nobody."},
      {identity_yaml, "identifiers[].blocked[]", text, false, "", "A value; * and ? match any."},
      {identity_yaml, "identifiers[].expires_after", text, false, "",
       "Duration after which a weak identifier is forgotten, such as 90d."},
      {identity_yaml, "one_record_per_profile", list, false, "",
       "Streams without doubles: two of their records never share a profile."},
      {identity_yaml, "one_record_per_profile[]", text, false, "", "source.stream"},
      {identity_yaml, "probabilistic", map, false, "",
       "Joins records that are alike and share no identifier; `{}` is enough. Without this key "
       "only "
       "identifiers join."},
      {identity_yaml, "probabilistic.model", text, false, "",
       "The model for people: a name in models/ or a shipped one. Default: models/person-1.yaml, "
       "else "
       "the shipped person-1."},
      {identity_yaml, "probabilistic.merge_at", any, false, "",
       "Probability from which two records are joined. Default: the model's."},
      {identity_yaml, "probabilistic.review_at", any, false, "",
       "Probability from which two records are kept for `rondom review list`. Default: the "
       "model's."},

      {merge_yaml, "trust", list, false, "", "Connections, best first."},
      {merge_yaml, "trust[]", text, false, "", "A connection's name."},
  };
  keys.insert(keys.end(), own.begin(), own.end());
}

void add_merge_keys(std::vector<KeyInfo>& keys) {
  using enum KeyType;
  const std::vector<KeyInfo> own = {
      {merge_yaml, "person", list, false, "", "Rules for people; the first that matches decides."},
      {merge_yaml, "person[]", map, false, "", "One rule."},
      {merge_yaml, "person[].of", text, true, "", "Attribute, group such as name.*, or \"*\"."},
      {merge_yaml, "person[].rule", choice, true, merge_rules, "How the value is chosen."},
      {merge_yaml, "person[].as_one", boolean, false, "",
       "Take the group whole from one record, never mixed."},
      {merge_yaml, "person[].order", list, false, "", "For min and max: values, lowest first."},
      {merge_yaml, "person[].order[]", text, false, "", "A value."},
      {merge_yaml, "person[].stale_after", text, false, "",
       "Duration, such as 730d: what is older than the newest value by more loses to fresher "
       "ones."},
      {merge_yaml, "organization", list, false, "",
       "Rules for organizations; the first that matches decides."},
      {merge_yaml, "organization[]", map, false, "", "One rule."},
      {merge_yaml, "organization[].of", text, true, "", "Attribute, group, or \"*\"."},
      {merge_yaml, "organization[].rule", choice, true, merge_rules, "How the value is chosen."},
      {merge_yaml, "organization[].as_one", boolean, false, "",
       "Take the group whole from one record, never mixed."},
      {merge_yaml, "organization[].order", list, false, "",
       "For min and max: values, lowest first."},
      {merge_yaml, "organization[].order[]", text, false, "", "A value."},
      {merge_yaml, "organization[].stale_after", text, false, "",
       "Duration, such as 730d: what is older than the newest value by more loses to fresher "
       "ones."},
  };
  keys.insert(keys.end(), own.begin(), own.end());
}

void add_table_keys(std::vector<KeyInfo>& keys) {
  using enum KeyType;
  const std::vector<KeyInfo> own = {
      {lookups_yaml, "lookup", text, true, "", "Name of the table: `.x | lookup(\"NAME\")`."},
      {lookups_yaml, "values", map, true, "", "What each text of the source stands for."},
      {lookups_yaml, "values.*", any, false, "",
       "A text, a number, true or false, or a map with several of them."},
      {lookups_yaml, "else", any, false, "", "What every other text stands for. Default: null."},

      {vocabularies_yaml, "vocabulary", text, true, "",
       "Name of the list: `.x | vocabulary(\"NAME\")`. An unknown word puts the record in "
       "quarantine."},
      {vocabularies_yaml, "terms", list, true, "", "The terms."},
      {vocabularies_yaml, "terms[]", map, false, "",
       "One term. Each word stands for one term; case, spaces, hyphens and underscores do not "
       "matter."},
      {vocabularies_yaml, "terms[].code", text, true, "", "What is kept of it."},
      {vocabularies_yaml, "terms[].label", map, false, "", "Name for people, by language."},
      {vocabularies_yaml, "terms[].label.*", text, false, "", "The name in this language."},
      {vocabularies_yaml, "terms[].synonyms", list, false, "", "Other words for it."},
      {vocabularies_yaml, "terms[].synonyms[]", text, false, "", "A word."},
  };
  keys.insert(keys.end(), own.begin(), own.end());
}

void add_suppression_keys(std::vector<KeyInfo>& keys) {
  using enum KeyType;
  const std::vector<KeyInfo> own = {
      {suppressions_yaml, "suppressions", text, true, "",
       "Name of the list. Nothing is sent to whom it names, whatever was agreed to."},
      {suppressions_yaml, "kind", choice, false, suppression_kinds,
       "Why it is on the list. Default: list."},
      {suppressions_yaml, "closes", choice, false, "person|contact_point",
       "Whoever is named, wholly, or the address or number alone. Default: person; of kind bounced "
       "contact_point."},
      {suppressions_yaml, "channel", choice, false, channels,
       "The channel that is closed. Default: every one."},
      {suppressions_yaml, "purpose", text, false, "",
       "The purpose that is closed. Default: every one."},
      {suppressions_yaml, "destination", text, false, "",
       "The connection to which nothing goes. Default: every one."},
      {suppressions_yaml, "begins_at", text, false, "",
       "From when on: a date, or a time with its offset. Default: always."},
      {suppressions_yaml, "ends_at", text, false, "",
       "Until when; of a date, its end. Default: for good."},
      {suppressions_yaml, "note", text, false, "", "Who decided, and where that can be read."},
      {suppressions_yaml, "entries", list, true, "", "Whom it names."},
      {suppressions_yaml, "entries[]", map, false, "",
       "Exactly one of email, phone and identifier with value, in full or as SHA-256; keys of the "
       "list may be said otherwise for it."},
      {suppressions_yaml, "entries[].email", text, false, "", "An e-mail address."},
      {suppressions_yaml, "entries[].email_sha256", text, false, "",
       "SHA-256, in hexadecimal, of the address in small letters."},
      {suppressions_yaml, "entries[].phone", text, false, "", "A number as E.164: +31612345678."},
      {suppressions_yaml, "entries[].phone_sha256", text, false, "",
       "SHA-256, in hexadecimal, of the number as E.164."},
      {suppressions_yaml, "entries[].identifier", text, false, "",
       "Namespace of another identifier, as maps fill it: customer_login."},
      {suppressions_yaml, "entries[].value", text, false, "", "Its value."},
      {suppressions_yaml, "entries[].value_sha256", text, false, "",
       "SHA-256, in hexadecimal, of its value."},
      {suppressions_yaml, "entries[].kind", choice, false, suppression_kinds,
       "Why this one is on it, where it differs."},
      {suppressions_yaml, "entries[].closes", choice, false, "person|contact_point",
       "Whoever is named, wholly, or the address or number alone, where it differs from the "
       "list's."},
      {suppressions_yaml, "entries[].channel", choice, false, channels,
       "The channel that is closed, where it differs from the list's."},
      {suppressions_yaml, "entries[].purpose", text, false, "",
       "The purpose that is closed, where it differs from the list's."},
      {suppressions_yaml, "entries[].destination", text, false, "",
       "The connection to which nothing goes, where it differs from the list's."},
      {suppressions_yaml, "entries[].begins_at", text, false, "",
       "From when on: a date, or a time with its offset, where it differs from the list's."},
      {suppressions_yaml, "entries[].ends_at", text, false, "",
       "Until when; of a date, its end, where it differs from the list's."},
      {suppressions_yaml, "entries[].note", text, false, "",
       "Who decided, and where that can be read, where it differs from the list's."},
  };
  keys.insert(keys.end(), own.begin(), own.end());
}

void add_attribute_keys(std::vector<KeyInfo>& keys) {
  using enum KeyType;
  const std::vector<KeyInfo> own = {
      {attributes_yaml, "*", map, false, "",
       "One attribute, by its name; read as `.NAME`. A name may hold {placeholders} of `expand`."},
      {attributes_yaml, "*.type", choice, false,
       "text|integer|decimal|boolean|date|time|money|list|"
       "orders|events|opportunities|subscriptions|needs|survey_answers",
       "What its values are; or the list that it is a part of, for other definitions to go on "
       "from. "
       "Required, unless `like` has it."},
      {attributes_yaml, "*.value", expression, false, "",
       "How it is computed, from `.orders`, `.events`, fields of the profile and other attributes. "
       "Or source, or rules."},
      {attributes_yaml, "*.source", text, false, "",
       "The field of the profile that it is: custom.loyalty_tier. Or value, or rules."},
      {attributes_yaml, "*.rules", list, false, "",
       "A table instead of one value: the first rule that holds decides. Where none holds there is "
       "no "
       "value."},
      {attributes_yaml, "*.rules[]", map, false, "", "One rule."},
      {attributes_yaml, "*.rules[].when", expression, false, "",
       "When it holds. The last rule may leave it out: it then holds for all that are left."},
      {attributes_yaml, "*.rules[].value", text, true, "",
       "The value: a constant, or an expression where it starts with `.` or `$`."},
      {attributes_yaml, "*.rules[].because", text, true, "",
       "What has to be so for it to hold, in words; `attribute why` and the profile page say it."},
      {attributes_yaml, "*.definition", text, false, "",
       "What it means, in words that everybody agreed on. Required."},
      {attributes_yaml, "*.owner", text, false, "",
       "Who decides about the definition. Required, unless `like` has it."},
      {attributes_yaml, "*.label", map, false, "", "Name for people, by language."},
      {attributes_yaml, "*.label.*", text, false, "", "The name in this language."},
      {attributes_yaml, "*.when_missing", any, false, "",
       "The value where there is none. Default: no value."},
      {attributes_yaml, "*.purposes", list, false, "",
       "What it may be used for: other jobs may not read it. Default: everything."},
      {attributes_yaml, "*.purposes[]", text, false, "", "A purpose of rondom.yaml."},
      {attributes_yaml, "*.entity", choice, false, "person|organization",
       "Whose attribute it is. Default: person; of a part of a list, both."},
      {attributes_yaml, "*.expand", map, false, "",
       "Makes one attribute for each value of its placeholders."},
      {attributes_yaml, "*.expand.*", map, false, "",
       "A placeholder, {so}, and its values: exactly one of the keys below."},
      {attributes_yaml, "*.expand.*.vocabulary", text, false, "",
       "The codes of a vocabulary; in a label, their labels."},
      {attributes_yaml, "*.expand.*.range", list, false, "", "[first, last], whole numbers."},
      {attributes_yaml, "*.expand.*.range[]", integer, false, "", "A whole number."},
      {attributes_yaml, "*.expand.*.list", list, false, "", "The values themselves."},
      {attributes_yaml, "*.expand.*.list[]", text, false, "", "A value."},
      {attributes_yaml, "*.like", text, false, "",
       "Takes from another attribute what is not said here: type, owner, when_missing and "
       "purposes; from one that comes with Rondom (`standard.NAME`) also value, label and "
       "definition."},
  };
  keys.insert(keys.end(), own.begin(), own.end());
}

void add_test_keys(std::vector<KeyInfo>& keys) {
  using enum KeyType;
  const std::vector<KeyInfo> own = {
      {tests_yaml, "[]", map, false, "", "One test; a file is a list of them."},
      {tests_yaml, "[].test", text, true, "", "What it shows, in a sentence."},
      {tests_yaml, "[].as_of", text, true, "",
       "Date or RFC 3339 time that counts as now, such as 2026-03-14."},
      {tests_yaml, "[].given", map, true, "", "Raw source records, by source.stream."},
      {tests_yaml, "[].given.*", any, false, "",
       "A list of records as the source gives them, or a .json or .jsonl file that holds them, "
       "relative to the project."},
      {tests_yaml, "[].expect", map, true, "", "What becomes of them."},
      {tests_yaml, "[].expect.profiles", list, false, "", "Every profile there is."},
      {tests_yaml, "[].expect.profiles[]", map, false, "", "One profile."},
      {tests_yaml, "[].expect.profiles[].members", list, true, "", "All records that make it."},
      {tests_yaml, "[].expect.profiles[].members[]", text, false, "",
       "A record's name: source.stream/key."},
      {tests_yaml, "[].expect.profiles[].orders", list, false, "",
       "Every order of the profile: maps of `records`, all that tell of it, and attributes."},
      {tests_yaml, "[].expect.profiles[].orders[]", map, false, "", "One order."},
      {tests_yaml, "[].expect.profiles[].orders[].*", any, false, "",
       "An attribute of an order and its value, or `records`."},
      {tests_yaml, "[].expect.profiles[].*", any, false, "",
       "An attribute and its value; `~` for none. Attributes that are not named are free."},
      {tests_yaml, "[].expect.links", list, false, "",
       "What two records share and what became of it; links that are not named are free."},
      {tests_yaml, "[].expect.links[]", map, false, "", "One link."},
      {tests_yaml, "[].expect.links[].from", text, true, "", "A record's name."},
      {tests_yaml, "[].expect.links[].to", text, true, "", "The other record's name."},
      {tests_yaml, "[].expect.links[].by", text, false, "",
       "The identifier that they share: email, phone, … Default: any."},
      {tests_yaml, "[].expect.links[].refused", text, false, "",
       "Words of the reason why it did not join them. Without it, it must have joined them."},
      {tests_yaml, "[].expect.permitted", map, false, "",
       "By purpose: every address or number that may be used."},
      {tests_yaml, "[].expect.permitted.*", list, false, "", "Of this purpose."},
      {tests_yaml, "[].expect.permitted.*[]", text, false, "", "An address or number."},
      {tests_yaml, "[].expect.withheld", map, false, "", "By job: whom it withholds, by reason."},
      {tests_yaml, "[].expect.withheld.*", map, false, "", "Of this job, every reason there is."},
      {tests_yaml, "[].expect.withheld.*.*", any, false, "",
       "How many profiles, or a list that names a record of each."},
      {tests_yaml, "[].expect.deliveries", map, false, "", "By job: everything that it sends."},
      {tests_yaml, "[].expect.deliveries.*", list, false, "", "Of this job."},
      {tests_yaml, "[].expect.deliveries.*[]", map, false, "",
       "One delivery: fields and values; fields that are not named are free."},
      {tests_yaml, "[].expect.records", map, false, "",
       "By source.stream: every canonical record that the map makes."},
      {tests_yaml, "[].expect.records.*", list, false, "", "Of this stream."},
      {tests_yaml, "[].expect.records.*[]", map, false, "",
       "One record: `entity`, `key` and attributes; those that are not named are free."},
      {tests_yaml, "[].expect.waiting", list, false, "",
       "The name of the record that each waiting reference waits for."},
      {tests_yaml, "[].expect.waiting[]", text, false, "", "A record's name: source.stream/key."},
      {tests_yaml, "[].expect.quarantined", map, false, "",
       "By source.stream: every record that is refused. A refusal that is not expected fails the "
       "test."},
      {tests_yaml, "[].expect.quarantined.*", list, false, "", "Of this stream."},
      {tests_yaml, "[].expect.quarantined.*[]", text, false, "", "Words of the reason."},
  };
  keys.insert(keys.end(), own.begin(), own.end());
}

std::vector<KeyInfo> all_keys() {
  std::vector<KeyInfo> keys;
  add_project_keys(keys);
  add_environment_keys(rondom_yaml, true, keys);
  add_environment_keys(env_yaml, false, keys);
  add_job_keys(keys);
  add_rule_keys(keys);
  add_merge_keys(keys);
  add_table_keys(keys);
  add_suppression_keys(keys);
  add_attribute_keys(keys);
  add_test_keys(keys);
  return keys;
}

}  // namespace

const std::vector<KeyInfo>& keys() {
  static const std::vector<KeyInfo> registry = all_keys();
  return registry;
}

}  // namespace rondom::config
