// checks: the list of questions. Each is one function that is run in a child process with the
// plugin loaded and may ask anything of it; what it leaves behind ends with that process.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "conformance/conformance.h"
#include "conformance/subject.h"

namespace rondom::conformance {

/// What must be there for a check to be asked.
enum class Needs : std::uint8_t {
  table,        // the connector's table
  fixture,      // a configuration to open it with
  source,       // … and streams to read
  destination,  // … and records to write
  http_read,    // … and a cassette for what is read
  http_write,
  http,  // a cassette, whatever the kind
};

struct Check {
  const char* name;
  const char* asks;  // one sentence
  const char* why;   // for the reference page: what goes wrong otherwise, and how it is asked
  Needs needs;
  Finding (*run)(const Subject&);
};

/// In the order in which they are asked.
std::span<const Check> all_checks();
const Check* find_check(std::string_view name);

// One function a check, by theme in checks_*.cpp.
Finding check_spec(const Subject& subject);
Finding check_configuration(const Subject& subject);
Finding check_open_close(const Subject& subject);
Finding check_reachability(const Subject& subject);
Finding check_catalog(const Subject& subject);
Finding check_records_fit(const Subject& subject);
Finding check_last_checkpoint(const Subject& subject);
Finding check_resume(const Subject& subject);
Finding check_cursor_ties(const Subject& subject);
Finding check_retry(const Subject& subject);
Finding check_same_output(const Subject& subject);
Finding check_refresh(const Subject& subject);
Finding check_cancel(const Subject& subject);
Finding check_sink_refusal(const Subject& subject);
Finding check_records_max(const Subject& subject);
Finding check_bad_replies(const Subject& subject);
Finding check_schema_drift(const Subject& subject);
Finding check_huge_record(const Subject& subject);
Finding check_memory(const Subject& subject);
Finding check_secrets(const Subject& subject);
Finding check_write_twice(const Subject& subject);
Finding check_partial_failure(const Subject& subject);
Finding check_small_batches(const Subject& subject);
Finding check_flush_after_failure(const Subject& subject);
Finding check_exceptions(const Subject& subject);
Finding check_other_hosts(const Subject& subject);
Finding check_threads(const Subject& subject);
Finding check_standard_output(const Subject& subject);
Finding check_plugin_host(const Subject& subject);

}  // namespace rondom::conformance
