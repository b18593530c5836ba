#include "plugin/documents.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"

namespace rondom::plugin {
namespace {

// Ordered: the fields of a configuration stay in the order their author chose.
using Json = nlohmann::ordered_json;

constexpr int manifest_version = 1;
constexpr std::size_t streams_max = 10'000;

struct Capability {
  const char* name;
  bool ConnectorInfo::*member;
};
constexpr Capability capabilities[] = {
    {"raw_network", &ConnectorInfo::raw_network},
    {"filesystem", &ConnectorInfo::filesystem},
    {"standard_streams", &ConnectorInfo::standard_streams},
    {"idempotent_upsert", &ConnectorInfo::idempotent_upsert},
    {"look_up", &ConnectorInfo::can_look_up},
    {"adopt", &ConnectorInfo::can_adopt},
};

Json parse(std::string_view text) {
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

void append_member(std::string& out, const char* name, std::string_view text) {
  append_json_string(out, name);
  out += ": ";
  append_json_string(out, text);
}

void append_connector(std::string& out, const ConnectorInfo& info) {
  out += "    { ";
  append_member(out, "kind", info.kind == Kind::source ? "source" : "destination");
  out += ", ";
  append_member(out, "id", info.id);
  out += ", ";
  append_member(out, "version", info.version);
  out += ",\n      ";
  append_member(out, "title", info.title);
  out += ",\n      \"capabilities\": [";
  bool first = true;
  for (const Capability& capability : capabilities) {
    if (!(info.*capability.member)) continue;
    if (!first) out += ", ";
    append_json_string(out, capability.name);
    first = false;
  }
  out += "],\n      \"preferred_batch\": " + std::to_string(info.preferred_batch);
  out += ",\n      \"spec\": " + info.spec_json + " }";
}

ConnectorInfo parse_connector(const Json& json) {
  ConnectorInfo info;
  info.kind = json.at("kind").get<std::string>() == "source" ? Kind::source : Kind::destination;
  info.id = json.at("id").get<std::string>();
  info.version = json.at("version").get<std::string>();
  info.title = json.at("title").get<std::string>();
  info.preferred_batch = json.at("preferred_batch").get<std::uint32_t>();
  info.spec_json = json.at("spec").dump();
  for (const Json& name : json.at("capabilities")) {
    for (const Capability& capability : capabilities) {
      if (name.get<std::string>() == capability.name) info.*capability.member = true;
    }
  }
  return info;
}

std::string text_or_empty(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

CatalogStream parse_stream(const Json& json) {
  CatalogStream stream;
  stream.name = json.at("name").get<std::string>();
  if (const auto key = json.find("key"); key != json.end()) {
    stream.key = key->get<std::vector<std::string>>();
  }
  stream.cursor = text_or_empty(json, "cursor");
  stream.full_refresh = json.value("full_refresh", true);
  if (const auto fields = json.find("fields"); fields != json.end()) {
    for (const Json& field : *fields) {
      stream.fields.push_back({field.at("name").get<std::string>(),
                               field.at("type").get<std::string>(),
                               text_or_empty(field, "example")});
    }
  }
  if (const auto schema = json.find("schema"); schema != json.end()) {
    stream.schema_json = schema->dump();
  }
  return stream;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  std::string out = "{\n  \"manifest\": " + std::to_string(manifest_version) + ",\n  ";
  append_member(out, "library", manifest.library);
  out += ",\n  ";
  append_member(out, "sha256", manifest.sha256);
  out += ",\n  \"min_host_minor\": " + std::to_string(manifest.min_host_minor) + ",\n  ";
  if (!manifest.connectors.empty()) {
    append_member(out, "plugin", manifest.connectors[0].plugin_name);
    out += ",\n  ";
    append_member(out, "version", manifest.connectors[0].plugin_version);
    out += ",\n  ";
  }
  out += "\"connectors\": [\n";
  for (std::size_t i = 0; i < manifest.connectors.size(); ++i) {
    append_connector(out, manifest.connectors[i]);
    out += i + 1 < manifest.connectors.size() ? ",\n" : "\n";
  }
  return out + "  ]\n}\n";
}

Result<Manifest> parse_manifest(std::string_view json) {
  const Json document = parse(json);
  if (document.is_discarded() || !document.is_object()) {
    return Error{ErrorCode::data, "it is no JSON object"};
  }
  try {
    if (document.at("manifest").get<int>() != manifest_version) {
      return Error{ErrorCode::data, "it was written by another version of Rondom"};
    }
    Manifest manifest;
    manifest.library = document.at("library").get<std::string>();
    manifest.sha256 = document.at("sha256").get<std::string>();
    manifest.min_host_minor = document.at("min_host_minor").get<std::uint32_t>();
    for (const Json& connector : document.at("connectors")) {
      ConnectorInfo info = parse_connector(connector);
      info.plugin_name = document.at("plugin").get<std::string>();
      info.plugin_version = document.at("version").get<std::string>();
      manifest.connectors.push_back(std::move(info));
    }
    return manifest;
  } catch (const Json::exception&) {
    return Error{ErrorCode::data, "a member is missing or has the wrong type"};
  }
}

Result<Catalog> parse_catalog(std::string_view json, const std::string& subject) {
  const Json document = parse(json);
  const Error broken{ErrorCode::internal, subject + " gave a catalog that cannot be read."};
  if (document.is_discarded() || !document.is_object()) return broken;
  try {
    const Json& streams = document.at("streams");
    if (!streams.is_array() || streams.size() > streams_max) return broken;
    Catalog catalog;
    for (const Json& stream : streams) catalog.streams.push_back(parse_stream(stream));
    return catalog;
  } catch (const Json::exception&) {
    return broken;
  }
}

bool is_json_object(std::string_view json) {
  const Json document = parse(json);
  return !document.is_discarded() && document.is_object();
}

}  // namespace rondom::plugin
