// A plugin in plain C ABI whose slots each hostile plugin fills as it likes. The configuration text
// chooses the deed.
#pragma once

#include <rondom/plugin.h>

#include <cstring>
#include <string>

namespace raw {

inline std::string& deed() {
  static std::string text;
  return text;
}
inline bool is(const char* name) {
  return deed().find(name) != std::string::npos;
}

inline rondom_code open(const rondom_host*, rondom_str config, rondom_instance** instance,
                        rondom_error*) {
  deed().assign(config.data, static_cast<std::size_t>(config.size));
  static int something = 0;
  *instance = reinterpret_cast<rondom_instance*>(&something);
  return RONDOM_OK;
}
inline void close(rondom_instance*) {}

inline rondom_str text(const char* value) {
  return {value, std::strlen(value)};
}

inline rondom_connector connector(std::uint32_t kind, const char* id) {
  rondom_connector table{};
  table.struct_size = sizeof table;
  table.kind = kind;
  table.id = id;
  table.version = "1";
  table.title = "Hostile";
  table.spec_json = "{}";
  table.open = &open;
  table.close = &close;
  return table;
}

inline rondom_plugin plugin(const rondom_connector* const* connectors, std::uint32_t count) {
  rondom_plugin table{};
  table.struct_size = sizeof table;
  table.connector_count = count;
  table.name = "hostile";
  table.version = "1";
  table.sdk_version = "none";
  table.connectors = connectors;
  return table;
}

}  // namespace raw
