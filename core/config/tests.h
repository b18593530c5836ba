// tests: a project's own tests, tests/*.yaml, as typed, checked data.
//
// Raw source records go in, profiles and what may be sent come out: mapping, identity, merge and
// consent are tried together. Immutable after loading; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"

namespace rondom::config {

/// One raw record of a source, as JSON.
struct GivenRecord {
  std::string json;
  Location at;  // of the record in the test, or of the name of the file that holds it
};

struct GivenStream {
  std::string source;  // connection name
  std::string stream;
  std::vector<GivenRecord> records;
  Location at;
};

/// A value that is looked up under `name` and compared with `expected`.
struct ExpectedValue {
  std::string name;  // a path without its first dot: "name.given", "emails[0].value"
  Node expected;     // null: there is no value
  Location at;
};

/// A list that names everything there is, under the name it is about: addresses of a purpose,
/// deliveries of a job, records or refusals of a stream, orders of a profile.
struct ExpectedList {
  std::string name;
  std::vector<Node> items;
  Location at;
};

struct ExpectedProfile {
  std::vector<std::string> members;  // record names, sorted
  std::vector<ExpectedValue> values;
  std::vector<ExpectedList> orders;  // none or one: maps of records and attributes
  Location at;
};

/// What became of an identifier that two records share.
struct ExpectedLink {
  std::string from, to;  // record names
  std::string by;        // namespace; empty = any
  bool is_refused = false;
  std::string refused;  // text that the reason holds; empty = any
  Location at;
};

/// Everybody whom a job withholds, for one reason: how many, or who.
struct ExpectedWithheld {
  std::string reason;
  bool is_count = false;
  std::int64_t count = 0;
  std::vector<std::string> members;  // one record name for each profile
  Location at;
};
struct ExpectedWithholding {
  std::string job;
  std::vector<ExpectedWithheld> reasons;
  Location at;
};

struct Expectations {
  bool has_profiles = false;
  Location profiles_at;
  std::vector<ExpectedProfile> profiles;  // all there are
  std::vector<ExpectedLink> links;        // some of them
  std::vector<ExpectedList> permitted;    // by purpose: addresses
  std::vector<ExpectedList> deliveries;   // by job: maps of fields
  std::vector<ExpectedList> records;      // by source.stream: maps of entity, key and attributes
  std::vector<ExpectedList> quarantined;  // by source.stream: texts that the reasons hold
  std::vector<ExpectedWithholding> withheld;
  std::vector<ExpectedList> waiting;  // none or one: names that references wait for
};

struct ProjectTest {
  std::string name;
  Timestamp as_of = no_time;
  std::vector<GivenStream> given;
  Expectations expect;
  Location at;
};

/// Files of tests/, sorted, as "tests/name.yaml".
std::vector<std::string> test_files(const Project& project, Diagnostics& diagnostics);

/// The tests of these files in their order. Names of streams, purposes, jobs and attributes are
/// checked against `project`; every problem goes to `diagnostics`.
std::vector<ProjectTest> load_tests(const Project& project, const std::vector<std::string>& files,
                                    Diagnostics& diagnostics);

}  // namespace rondom::config
