#include "conformance/fixtures.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "conformance/checks.h"

namespace rondom::conformance {
namespace {

using Json = nlohmann::json;

constexpr const char* file_name = "conformance.yaml";
constexpr int yaml_depth_max = 16;
// 2026-01-01T00:00:00Z: any fixed time does, as long as it is the same each time.
constexpr Timestamp default_now = 1'767'225'600ll * microseconds_per_second;

/// Ends the reading of a file; never leaves this one.
struct Refused {
  std::string what;
};

std::string at(const YAML::Node& node, const std::string& what) {
  return std::string(file_name) + ":" + std::to_string(node.Mark().line + 1) + ": " + what;
}

std::string text(const YAML::Node& node, const std::string& name) {
  if (!node.IsScalar()) throw Refused{at(node, name + " must be a text")};
  return node.Scalar();
}

Json scalar(const YAML::Node& node) {
  const std::string& value = node.Scalar();
  if (node.Tag() == "!") return value;  // it stands in quotes
  if (value == "true") return true;
  if (value == "false") return false;
  if (value == "~" || value == "null" || value.empty()) return nullptr;
  const Json number = Json::parse(value, nullptr, false);
  return number.is_number() ? number : Json(value);
}

Json json_of(const YAML::Node& node, int depth = 0) {
  if (depth > yaml_depth_max) throw Refused{at(node, "this is nested too deep")};
  if (node.IsScalar()) return scalar(node);
  if (node.IsSequence()) {
    Json list = Json::array();
    for (const YAML::Node& item : node) list.push_back(json_of(item, depth + 1));
    return list;
  }
  if (!node.IsMap()) return nullptr;
  Json object = Json::object();
  for (const auto& entry : node) {
    object[entry.first.Scalar()] = json_of(entry.second, depth + 1);
  }
  return object;
}

std::string object_text(const YAML::Node& node, const std::string& name) {
  if (!node.IsMap()) throw Refused{at(node, name + " must be an object")};
  return json_of(node).dump();
}

std::string read_file(const std::filesystem::path& path, const YAML::Node& node) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) throw Refused{at(node, path.filename().string() + " cannot be read")};
  if (in.tellg() > static_cast<std::streamoff>(fixture_file_bytes_max)) {
    throw Refused{at(node, path.filename().string() + " is too large")};
  }
  in.seekg(0);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string take(Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  std::string value = found->get<std::string>();
  object.erase(found);
  return value;
}

std::vector<RecordFixture> read_records(const std::string& lines, const YAML::Node& node) {
  std::vector<RecordFixture> records;
  std::size_t from = 0;
  for (std::size_t number = 1; from < lines.size(); ++number) {
    const std::size_t end = std::min(lines.find('\n', from), lines.size());
    const std::string line = lines.substr(from, end - from);
    from = end + 1;
    if (line.empty()) continue;
    Json fields = Json::parse(line, nullptr, false);
    if (!fields.is_object() || records.size() == fixture_records_max) {
      throw Refused{at(node, node.Scalar() + ":" + std::to_string(number) +
                                 ": this is no JSON object, or one too many")};
    }
    RecordFixture record;
    if (const std::string action = take(fields, "$action"); !action.empty()) record.action = action;
    record.key = take(fields, "$key");
    if (record.key.empty()) record.key = "profile-" + std::to_string(records.size() + 1);
    record.remote_id = take(fields, "$remote_id");
    record.fields_json = fields.dump();
    records.push_back(std::move(record));
  }
  return records;
}

/// The name that the exchanges on a cassette go by: of the first.
std::string connection_on(const std::string& cassette) {
  const std::size_t first = cassette.find('\n');
  if (first == std::string::npos) return {};
  const std::string line = cassette.substr(first + 1, cassette.find('\n', first + 1) - first - 1);
  const Json exchange = Json::parse(line, nullptr, false);
  return exchange.is_object() ? exchange.value("connection", "") : std::string();
}

void read_streams(const YAML::Node& node, Fixture& fixture) {
  if (!node.IsSequence()) throw Refused{at(node, "streams must be a list")};
  for (const YAML::Node& one : node) {
    StreamFixture stream;
    if (!one.IsMap()) throw Refused{at(one, "a stream is an object with stream and options")};
    for (const auto& entry : one) {
      const YAML::Node& name = entry.first;
      const YAML::Node& value = entry.second;
      if (name.Scalar() == "stream") {
        stream.stream = text(value, "stream");
      } else if (name.Scalar() == "options") {
        stream.options_json = object_text(value, "options");
      } else {
        throw Refused{at(name, "a stream has no " + name.Scalar())};
      }
    }
    fixture.streams.push_back(std::move(stream));
  }
}

void read_cannot(const YAML::Node& node, Fixture& fixture) {
  if (!node.IsMap()) throw Refused{at(node, "cannot must say a reason for each check")};
  for (const auto& entry : node) {
    const YAML::Node& name = entry.first;
    const YAML::Node& reason = entry.second;
    if (find_check(name.Scalar()) == nullptr) {
      throw Refused{at(name, "there is no check " + name.Scalar())};
    }
    const std::string why = text(reason, "a reason");
    if (why.empty()) throw Refused{at(reason, "a reason must be said")};
    fixture.cannot[name.Scalar()] = why;
  }
}

void read_member(const std::string& name, const YAML::Node& value,
                 const std::filesystem::path& folder, bool cassettes, Fixture& fixture) {
  if (name == "connector") {
    fixture.connector = text(value, name);
  } else if (name == "kind") {
    const std::string kind = text(value, name);
    if (kind != "source" && kind != "destination") {
      throw Refused{at(value, "kind is source or destination")};
    }
    fixture.kind = kind == "source" ? plugin::Kind::source : plugin::Kind::destination;
  } else if (name == "config") {
    fixture.config_json = object_text(value, name);
  } else if (name == "options") {
    fixture.options_json = object_text(value, name);
  } else if (name == "cassette") {
    fixture.cassette_name = text(value, name);
    if (!cassettes) return;
    fixture.cassette_text = read_file(folder / fixture.cassette_name, value);
    fixture.cassette_connection = connection_on(fixture.cassette_text);
  } else if (name == "now") {
    const Result<Timestamp> now = parse_time(text(value, name));
    if (!now.ok()) throw Refused{at(value, "now must be a time such as 2026-11-26T10:00:00Z")};
    fixture.now = *now;
  } else if (name == "streams") {
    read_streams(value, fixture);
  } else if (name == "stream") {
    fixture.stream = text(value, name);
  } else if (name == "records") {
    fixture.records = read_records(read_file(folder / text(value, name), value), value);
  } else if (name == "rejects") {
    if (!value.IsSequence()) throw Refused{at(value, "rejects must be a list of positions")};
    for (const YAML::Node& one : value) fixture.rejects.push_back(one.as<std::uint32_t>());
  } else if (name == "cannot") {
    read_cannot(value, fixture);
  } else {
    throw Refused{at(value, "there is no " + name)};
  }
}

Fixture read_one(const YAML::Node& node, const std::filesystem::path& folder, bool cassettes) {
  if (!node.IsMap()) throw Refused{at(node, "a connector is an object")};
  Fixture fixture;
  fixture.now = default_now;
  for (const auto& entry : node) {
    read_member(entry.first.Scalar(), entry.second, folder, cassettes, fixture);
  }
  if (fixture.connector.empty()) throw Refused{at(node, "connector is missing")};
  for (const std::uint32_t index : fixture.rejects) {
    if (index >= fixture.records.size()) {
      throw Refused{at(node, "rejects names a record that is not there")};
    }
  }
  return fixture;
}

Result<Fixtures> read_checked(const std::filesystem::path& folder, bool cassettes) {
  Fixtures fixtures;
  fixtures.folder = folder.string();
  const YAML::Node document = YAML::LoadFile((folder / file_name).string());
  if (!document.IsMap() || document.size() != 1 || !document["connectors"].IsSequence()) {
    throw Refused{std::string(file_name) + ": it must hold a list called connectors"};
  }
  for (const YAML::Node& node : document["connectors"]) {
    fixtures.connectors.push_back(read_one(node, folder, cassettes));
  }
  return fixtures;
}

}  // namespace

const Fixture* Fixtures::find(const std::string& connector, plugin::Kind kind) const {
  for (const Fixture& fixture : connectors) {
    if (fixture.connector == connector && fixture.kind == kind) return &fixture;
  }
  return nullptr;
}

Result<Fixtures> read_fixtures(const std::string& folder, bool cassettes) {
  if (folder.empty()) return Fixtures();
  try {
    return read_checked(std::filesystem::absolute(folder), cassettes);
  } catch (const Refused& refused) {
    return Error{ErrorCode::usage, folder + "/" + refused.what};
  } catch (const YAML::Exception& exception) {
    return Error{ErrorCode::usage, folder + "/" + file_name + ":" +
                                       std::to_string(exception.mark.line + 1) +
                                       ": it cannot be read as YAML"};
  }
}

}  // namespace rondom::conformance
