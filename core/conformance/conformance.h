// conformance: what every plugin must do, asked of one plugin file.
//
// The kit loads a plugin in a child process of its own for every question, with a host that is made
// up: a clock that ticks, HTTP from a cassette or with scripted faults, a memory for state, a log
// that is kept. Nothing leaves the machine and nothing waits. Where the plugin host itself is what
// is asked about, the plugin runs in the real one.
//
// Ownership: plain values. Threads: none may run when these functions are called, since they fork;
// one call at a time. Failures: USAGE for a library or fixtures that cannot be read; what a plugin
// does wrong is in the report.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/tapes.h"

namespace rondom::conformance {

enum class Outcome : std::uint8_t { passed, failed, skipped };

/// What a check found. `reason` says why it was skipped; a failure has the other two.
struct Finding {
  Outcome outcome = Outcome::passed;
  std::string reason;
  std::string expected;
  std::string seen;
};

struct Line {
  std::string connector;  // "acme"; empty for what is asked of the whole library
  std::string kind;       // "source", "destination" or empty
  std::string check;      // stable name, kebab-case
  std::string asks;       // one sentence
  Finding finding;
  std::int64_t milliseconds = 0;
};

struct Report {
  std::string library;
  std::vector<Line> lines;
  bool passed() const;  // nothing failed
};

inline constexpr int patience_seconds_default = 60;
inline constexpr int patience_seconds_max = 3'600;

struct Options {
  std::string library;       // the plugin file
  std::string fixtures;      // folder with conformance.yaml; empty = checks that need none
  std::string connector;     // only this one; empty = all
  std::string host_program;  // rondom-plugin-host; empty = beside our own executable
  int patience_seconds = patience_seconds_default;  // a check that takes longer failed
};

/// Runs every check that applies.
Result<Report> test_plugin(const Options& options);

std::string to_text(const Report& report, bool color);
std::string to_json(const Report& report);
std::string to_junit(const Report& report);
/// docs/reference/conformance.md: every check, with what it asks and why.
std::string reference_page();
/// Where a check is explained: "docs/reference/conformance.md#resume".
std::string read_on(std::string_view check);

/// One thing that happened between a plugin and its host.
struct Event {
  std::string connector;
  std::string what;    // request, reply, records, checkpoint, refresh_begin, result, log …
  std::string stream;  // where there is one
  std::string text;    // for people, and safe to show
  std::string json;    // members for programs, without braces: "\"status\":200"
};

struct RunOptions {
  std::string library;
  std::string fixtures;
  std::string connector;
  net::Tapes tapes;  // record: ask the real system and keep what it says
};

/// Opens each connector of the fixtures, checks, discovers, reads or writes, and tells what
/// happened. Secrets, and texts of records that may be personal, are masked. The first failure of
/// the plugin is returned when everything was told.
Status run_plugin(const RunOptions& options, const std::function<void(const Event&)>& tell);

}  // namespace rondom::conformance
