// fixtures: conformance.yaml and the files beside it: what the kit knows of a connector's system.
// Plain values; reading touches the folder only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "plugin/plugin.h"

namespace rondom::conformance {

inline constexpr std::size_t fixture_file_bytes_max = 16u << 20;
inline constexpr std::size_t fixture_records_max = 1'000;

struct StreamFixture {
  std::string stream;
  std::string options_json = "{}";
};

/// One line of a destination's records: mapped fields, and what the line says of the operation.
struct RecordFixture {
  std::string fields_json;
  std::string action = "create";  // $action
  std::string key;                // $key; default: profile-N
  std::string remote_id;          // $remote_id
};

struct Fixture {
  std::string connector;
  plugin::Kind kind = plugin::Kind::source;
  std::string config_json = "{}";
  std::string cassette_text;  // empty = none
  std::string cassette_name;
  std::string cassette_connection;  // what the exchanges on it are called
  Timestamp now = 0;                // when the kit's clock starts
  std::vector<StreamFixture> streams;
  std::string stream;  // of a destination
  std::string options_json = "{}";
  std::vector<RecordFixture> records;
  std::vector<std::uint32_t> rejects;         // records that the system refuses
  std::map<std::string, std::string> cannot;  // check -> reason
};

struct Fixtures {
  std::string folder;  // absolute; empty = none
  std::vector<Fixture> connectors;
  const Fixture* find(const std::string& connector, plugin::Kind kind) const;
};

/// USAGE with file, line and reason. `cassettes`: false while they are yet to be recorded.
Result<Fixtures> read_fixtures(const std::string& folder, bool cassettes);

}  // namespace rondom::conformance
