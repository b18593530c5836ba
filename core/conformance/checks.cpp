#include "conformance/checks.h"

#include <array>

namespace rondom::conformance {
namespace {

const std::array<Check, 29>& list() {
  static const std::array<Check, 29> checks = {{
      {"spec", "Is the configuration described: a JSON Schema, every field, secrets marked?",
       "Reference pages, `validate` and the redaction of secrets come from it. Of a job's options "
       "(`x-options`) the "
       "same is asked.",
       Needs::table, check_spec},
      {"configuration", "Does open() refuse unknown, missing and mistyped fields by name, offline?",
       "A slip in a job should be found when it is opened, with the name of the field, not at the "
       "vendor. "
       "The fixture's configuration is changed one field at a time.",
       Needs::fixture, check_configuration},
      {"open-close", "Do 1,000 rounds of open() and close() leave nothing behind?",
       "Descriptors, threads and resident memory are compared between round 100 and round 1,000.",
       Needs::fixture, check_open_close},
      {"check-codes", "Does check() tell refusal, limit, failure and silence of its system apart?",
       "Every request is answered with 401, 403, 429, 500 or nothing. The code decides whether a "
       "job pauses, "
       "waits or tries again.",
       Needs::http, check_reachability},
      {"catalog", "Is the catalog well-formed, with keys and cursors among the fields?",
       "`discover`, `job new` and maps are written from it.", Needs::source, check_catalog},
      {"records", "Are records JSON objects of streams asked for, as the catalog describes them?",
       "Key fields are there, types fit, unreadable records say what is wrong with them.",
       Needs::source, check_records_fit},
      {"last-checkpoint", "Is every record covered by a checkpoint when read() returns?",
       "Records after the last checkpoint are read again by every run.", Needs::source,
       check_last_checkpoint},
      {"resume", "Does reading on from each checkpoint lose no record?",
       "A run can end anywhere. From every checkpoint a new instance reads on, and what came after "
       "it the "
       "first time must come again.",
       Needs::source, check_resume},
      {"cursor-ties",
       "Do records with the cursor of the last one before a checkpoint come as well?",
       "`cursor > last` loses what has the same time as the last record of a page. Give the "
       "fixture two such "
       "records on both sides of a page's end.",
       Needs::source, check_cursor_ties},
      {"retry", "Is a lost answer told, and is nothing lost or doubled by reading on?",
       "Each request in turn gets no answer. read() must say so, must not complete a refresh, and "
       "the next "
       "read from the last checkpoint must bring the rest; streams without a key must not bring "
       "anything twice.",
       Needs::http_read, check_retry},
      {"same-output", "Does the same fixture give the same records and checkpoints twice?",
       "Unchanged records are known by their bytes: an order of members that varies makes all of "
       "them new.",
       Needs::source, check_same_output},
      {"refresh", "Do refreshes begin, end and keep their name when they go on?",
       "What is absent at refresh_complete is removed. A refresh that goes on under another name "
       "would "
       "remove what was read before.",
       Needs::source, check_refresh},
      {"cancel", "Does read() end soon, with E_CANCELLED, when the host asks to stop?",
       "During a request, after a push and in a sleep.", Needs::source, check_cancel},
      {"sink-refusal", "Does read() end with the code that a sink answered, without another push?",
       "The host refuses when its disk is full or the run was stopped.", Needs::source,
       check_sink_refusal},
      {"records-max",
       "Does a preview of one record a stream bring no more, and complete no refresh?",
       "`preview` reads a few records; a refresh that such a read completed would remove the rest.",
       Needs::source, check_records_max},
      {"bad-replies", "Do truncated, malformed, foreign and deeply nested replies end in an error?",
       "Each of a dozen requests gets each of eight broken replies. The plugin must return, must "
       "not call it "
       "its own defect, and must not call it success when records are missing.",
       Needs::http_read, check_bad_replies},
      {"schema-drift",
       "Does it bring the same records when the system adds members to its replies?",
       "Vendors add fields without notice.", Needs::http_read, check_schema_drift},
      {"huge-record", "Does a record of 100 MB end in an error or in the other records?",
       "A text of a record in a reply, or a line in a file, is made 100 MB long. Nothing above "
       "RONDOM_RECORD_BYTES_MAX may be pushed.",
       Needs::source, check_huge_record},
      {"memory", "Does it push while it reads, and take no more memory when it reads again?",
       "A source that collects all pages before it pushes needs as much memory as there are "
       "records. The lists of replies are made so long that no batch could hold a page.",
       Needs::source, check_memory},
      {"write-twice", "Does sending the same operations again send, or leave, the same?",
       "Over HTTP: a new instance, an hour later, must send the same requests byte for byte, "
       "idempotency keys "
       "included; a tape cannot show what the vendor makes of them, so this is necessary, not "
       "sufficient. "
       "Into files: every file must hold bytes that a file held after the first time. That is "
       "asked of "
       "connectors that "
       "declare RONDOM_CAP_IDEMPOTENT_UPSERT. Of those with RONDOM_CAP_LOOK_UP, look_up() of a new "
       "instance must know what was written, and must not call accepted what never was. From "
       "others Rondom keeps what may have arrived.",
       Needs::destination, check_write_twice},
      {"partial-failure", "Are exactly the refused records reported as refused?",
       "Records named in `rejects:` must be rejected with a reason, the others accepted. When "
       "every "
       "request ends in 500, 400 or silence, none may be accepted. When every request from some "
       "point on ends in 500 or silence, none may be rejected: nobody refused it, and Rondom would "
       "not send it again. After silence to a request that writes, what was in it is unknown: "
       "`retry` says that it certainly did not arrive, which only a connector with "
       "RONDOM_CAP_IDEMPOTENT_UPSERT need not know.",
       Needs::destination, check_partial_failure},
      {"small-batches", "Are a batch without records and a batch of one written?",
       "The last batch of a run is often one of them.", Needs::destination, check_small_batches},
      {"flush-after-failure", "Does it go on after a failed write, flush() included?",
       "One instance serves a whole run: a batch that failed must not harm the next.",
       Needs::destination, check_flush_after_failure},
      {"exceptions", "Does every slot return a code, whatever texts it is given?",
       "Configurations, options, states, generations, stream names, fields, actions and sessions "
       "are "
       "replaced by texts that are no JSON, too deep or too long. No exception may come out, and "
       "what was given is "
       "to blame, so E_INTERNAL is wrong.",
       Needs::table, check_exceptions},
      {"other-hosts", "Does it work with hosts of other minor versions?",
       "With longer structs and strides, with optional services missing, and with a host struct "
       "that ends "
       "early, right before memory that cannot be read.",
       Needs::fixture, check_other_hosts},
      {"threads", "Are the thread rules kept?",
       "Calls come from changing threads, two instances work at a time, sinks are watched for use "
       "after their call "
       "or by two threads, and nothing may be left after close().",
       Needs::fixture, check_threads},
      {"standard-output", "Does it keep off standard output?",
       "It belongs to the host; in a run it ends in the log.", Needs::fixture,
       check_standard_output},
      {"secrets",
       "Are secrets kept out of log, messages and state, and personal data out of the first two?",
       "Also when the system answers with an error that names a person.", Needs::fixture,
       check_secrets},
      {"plugin-host", "Does it work in the real plugin host, with what it declares?",
       "There are no files without RONDOM_CAP_FILESYSTEM and no sockets without "
       "RONDOM_CAP_RAW_NETWORK. "
       "Crashes, exits and silence of the plugin show here as in a run. The clock is the real one: "
       "where a plugin asks "
       "its system something else because of that, only its defects count.",
       Needs::fixture, check_plugin_host},
  }};
  return checks;
}

}  // namespace

std::span<const Check> all_checks() {
  return list();
}

const Check* find_check(std::string_view name) {
  for (const Check& check : list()) {
    if (name == check.name) return &check;
  }
  return nullptr;
}

}  // namespace rondom::conformance
