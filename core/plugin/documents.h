// documents: the JSON texts of this folder: manifests, catalogs, configuration schemas. Pure
// functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plugin/plugin.h"

namespace rondom::plugin {

/// What `<name>.plugin.json` says of the library beside it.
struct Manifest {
  std::string library;  // file name, no path
  std::string sha256;   // of that file, lower-case hex
  std::uint32_t min_host_minor = 0;
  std::vector<ConnectorInfo> connectors;  // library and preset_directory still empty
};

constexpr std::string_view manifest_suffix = ".plugin.json";  // instead of the library's
constexpr std::size_t manifest_bytes_max = 16u << 20;
constexpr std::size_t library_bytes_max = 1u << 30;

std::string to_json(const Manifest& manifest);
/// ErrorCode::data with the reason.
Result<Manifest> parse_manifest(std::string_view json);

/// What discover() wrote. ErrorCode::internal when it is no catalog.
Result<Catalog> parse_catalog(std::string_view json, const std::string& subject);

bool is_json_object(std::string_view json);

}  // namespace rondom::plugin
