// The bridge from C++ classes to the C table, and the one macro of the SDK.
//
//   RONDOM_PLUGIN("acme", "1.0.0", rondom::source<Contacts>(), rondom::destination<Audience>())
//
// A connector class X has X::spec (a constant or a static function), derives from Source or
// Destination and is constructed from (Config, Context&), (Config) or nothing. Optional constants:
//   static constexpr std::uint64_t capabilities = RONDOM_CAP_FILESYSTEM | …;
//   static constexpr std::uint32_t preferred_batch = 500;
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "detail/slots.hpp"
#include "spec.hpp"

namespace rondom {
inline namespace sdk_v1 {

/// How one connector's table is made. Given by source<X>() and destination<X>().
struct ConnectorEntry {
  const rondom_connector* (*make)(const char* plugin_version);
};

template <typename X>
constexpr ConnectorEntry source() {
  static_assert(std::is_base_of_v<Source, X>, "a source derives from rondom::Source");
  return {&detail::make_source_table<X>};
}
template <typename X>
constexpr ConnectorEntry destination() {
  static_assert(std::is_base_of_v<Destination, X>,
                "a destination derives from rondom::Destination");
  return {&detail::make_destination_table<X>};
}

namespace detail {

inline constexpr const char* sdk_version = "1.0.0";

/// The table of the whole plugin. Lives for ever: nothing of it is ever destroyed.
inline const rondom_plugin* make_plugin(const char* name, const char* version,
                                        std::initializer_list<ConnectorEntry> entries) noexcept {
  try {
    auto* connectors = new std::vector<const rondom_connector*>();
    for (const ConnectorEntry& entry : entries) connectors->push_back(entry.make(version));
    auto* plugin = new rondom_plugin{};
    plugin->struct_size = sizeof *plugin;
    plugin->abi_minor = RONDOM_ABI_MINOR;
    plugin->connector_count = static_cast<std::uint32_t>(connectors->size());
    plugin->name = name;
    plugin->version = version;
    plugin->sdk_version = sdk_version;
    plugin->connectors = connectors->data();
    return plugin;
  } catch (...) {
    return nullptr;
  }
}

}  // namespace detail
}  // namespace sdk_v1
}  // namespace rondom

/// Defines a function that returns the plugin's table, for connectors linked into a program.
#define RONDOM_PLUGIN_TABLE(function, name, version, ...)                    \
  extern "C" const rondom_plugin* function(void) {                           \
    static const rondom_plugin* const table =                                \
        ::rondom::sdk_v1::detail::make_plugin(name, version, {__VA_ARGS__}); \
    return table;                                                            \
  }

/// Defines the one exported symbol of a plugin.
#define RONDOM_PLUGIN(name, version, ...) \
  RONDOM_PLUGIN_TABLE(rondom_plugin_v1, name, version, __VA_ARGS__)
