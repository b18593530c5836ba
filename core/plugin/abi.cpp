#include "plugin/abi.h"

#include <cstring>
#include <set>
#include <utility>

#include "base/text.h"

namespace rondom::plugin {
namespace {

// Sizes of the structs in ABI 1.0, below which a table cannot be right.
constexpr std::uint32_t plugin_bytes_min = 56;
constexpr std::uint32_t connector_bytes_min = 128;
constexpr std::uint32_t table_bytes_max = 64 * 1024;
constexpr std::uint32_t connectors_max = 256;
constexpr std::size_t id_bytes_max = 64;
constexpr std::size_t text_bytes_max = 4'096;
constexpr std::size_t spec_bytes_max = 1u << 20;

bool sane_text(const char* text, std::size_t bytes_max) {
  if (text == nullptr) return false;
  const std::size_t size = ::strnlen(text, bytes_max + 1);
  return size <= bytes_max && is_utf8({text, size});
}

bool sane_id(const char* id) {
  if (!sane_text(id, id_bytes_max) || *id == '\0') return false;
  for (const char* at = id; *at != '\0'; ++at) {
    const bool good = (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == '-';
    if (!good) return false;
  }
  return true;
}

Status refuse(std::string_view file, std::string what) {
  return {ErrorCode::internal, "Plugin file " + std::string(file) + " " + std::move(what)};
}

Status check_connector(const rondom_connector* theirs, std::string_view file) {
  if (theirs == nullptr) return refuse(file, "has an empty entry in its list of connectors.");
  if (theirs->struct_size < connector_bytes_min || theirs->struct_size > table_bytes_max) {
    return refuse(file, "has a connector table of an impossible size.");
  }
  const rondom_connector table = complete(*theirs);
  if (table.kind != RONDOM_KIND_SOURCE && table.kind != RONDOM_KIND_DESTINATION) {
    return refuse(file, "has a connector that is neither source nor destination.");
  }
  if (!sane_id(table.id)) return refuse(file, "has a connector without a proper id.");
  const std::string connector = "has a connector \"" + std::string(table.id) + "\" without ";
  if (!sane_text(table.version, text_bytes_max) || !sane_text(table.title, text_bytes_max)) {
    return refuse(file, connector + "version or title.");
  }
  if (!sane_text(table.spec_json, spec_bytes_max)) {
    return refuse(file, connector + "a description of its configuration.");
  }
  if (table.open == nullptr || table.close == nullptr) {
    return refuse(file, connector + "open() and close().");
  }
  if (table.kind == RONDOM_KIND_SOURCE && table.read == nullptr) {
    return refuse(file, connector + "read().");
  }
  if (table.kind == RONDOM_KIND_DESTINATION && table.write == nullptr) {
    return refuse(file, connector + "write().");
  }
  return {};
}

ConnectorInfo describe_one(const rondom_connector& theirs) {
  const rondom_connector table = complete(theirs);
  const auto has = [&](std::uint64_t bit) { return (table.capabilities & bit) != 0; };
  ConnectorInfo info;
  info.kind = static_cast<Kind>(table.kind);
  info.id = table.id;
  info.version = table.version;
  info.title = table.title;
  info.spec_json = table.spec_json;
  info.raw_network = has(RONDOM_CAP_RAW_NETWORK);
  info.filesystem = has(RONDOM_CAP_FILESYSTEM);
  info.standard_streams = has(RONDOM_CAP_STANDARD_STREAMS);
  info.idempotent_upsert = has(RONDOM_CAP_IDEMPOTENT_UPSERT);
  info.can_look_up = has(RONDOM_CAP_LOOK_UP) && table.look_up != nullptr;
  info.can_adopt = has(RONDOM_CAP_ADOPT);
  if (table.preferred_batch != 0) info.preferred_batch = table.preferred_batch;
  return info;
}

constexpr std::pair<rondom_code, ErrorCode> codes[] = {
    {RONDOM_E_CONFIG, ErrorCode::bad_config},
    {RONDOM_E_AUTH, ErrorCode::auth},
    {RONDOM_E_TRANSIENT, ErrorCode::transient},
    {RONDOM_E_RATE_LIMITED, ErrorCode::rate_limited},
    {RONDOM_E_DATA, ErrorCode::data},
    {RONDOM_E_STATE, ErrorCode::bad_state},
    {RONDOM_E_UNSUPPORTED, ErrorCode::unsupported},
    {RONDOM_E_CANCELLED, ErrorCode::cancelled},
    {RONDOM_E_INTERNAL, ErrorCode::internal},
    {RONDOM_E_UNAVAILABLE, ErrorCode::unavailable},
    {RONDOM_E_NOT_PERMITTED, ErrorCode::not_permitted},
};

}  // namespace

bool known_code(rondom_code code) {
  return code <= RONDOM_E_NOT_PERMITTED;
}

ErrorCode error_code_of(rondom_code code) {
  for (const auto& [abi, ours] : codes) {
    if (abi == code) return ours;
  }
  return ErrorCode::internal;
}

rondom_code abi_code_of(ErrorCode code) {
  for (const auto& [abi, ours] : codes) {
    if (ours == code) return abi;
  }
  return RONDOM_E_INTERNAL;
}

Status check_table(const rondom_plugin* plugin, std::string_view file) {
  if (plugin == nullptr) return refuse(file, "returned no table.");
  if (plugin->struct_size < plugin_bytes_min || plugin->struct_size > table_bytes_max) {
    return refuse(file, "returned a table of an impossible size.");
  }
  const rondom_plugin table = complete(*plugin);
  if (table.min_host_minor > RONDOM_ABI_MINOR) {
    return refuse(file, "needs plugin interface 1." + std::to_string(table.min_host_minor) +
                            " and this Rondom has 1." + std::to_string(RONDOM_ABI_MINOR) +
                            "; update Rondom.");
  }
  if (!sane_text(table.name, text_bytes_max) || !sane_text(table.version, text_bytes_max)) {
    return refuse(file, "has no name or version.");
  }
  if (table.connector_count == 0 || table.connector_count > connectors_max ||
      table.connectors == nullptr) {
    return refuse(file, "announces an impossible number of connectors.");
  }
  std::set<std::pair<std::uint32_t, std::string>> seen;
  for (std::uint32_t i = 0; i < table.connector_count; ++i) {
    RONDOM_TRY(check_connector(table.connectors[i], file));
    if (!seen.emplace(table.connectors[i]->kind, table.connectors[i]->id).second) {
      return refuse(file, "has two connectors of the same kind and id \"" +
                              std::string(table.connectors[i]->id) + "\".");
    }
  }
  return {};
}

std::vector<ConnectorInfo> describe(const rondom_plugin& plugin, const std::string& library) {
  const rondom_plugin table = complete(plugin);
  std::vector<ConnectorInfo> connectors;
  for (std::uint32_t i = 0; i < table.connector_count; ++i) {
    ConnectorInfo info = describe_one(*table.connectors[i]);
    info.library = library;
    info.plugin_name = table.name;
    info.plugin_version = table.version;
    connectors.push_back(std::move(info));
  }
  return connectors;
}

const rondom_connector* find_connector(const rondom_plugin& plugin, Kind kind,
                                       std::string_view id) {
  const rondom_plugin table = complete(plugin);
  for (std::uint32_t i = 0; i < table.connector_count; ++i) {
    const rondom_connector* connector = table.connectors[i];
    if (connector->kind == static_cast<std::uint32_t>(kind) && connector->id == id) {
      return connector;
    }
  }
  return nullptr;
}

std::string subject_of(const ConnectorInfo& info) {
  return "Connector \"" + info.id + "\" of plugin \"" + info.plugin_name + "\"";
}

}  // namespace rondom::plugin
