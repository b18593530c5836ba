// abi: reading the tables of the C ABI without trusting them, and the two spellings of an error.
// Pure functions, any thread.
#pragma once

#include <rondom/plugin.h>

#include <cstring>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plugin/plugin.h"

namespace rondom::plugin {

inline std::string_view view(rondom_str text) {
  return text.data == nullptr ? std::string_view()
                              : std::string_view(text.data, static_cast<std::size_t>(text.size));
}
inline rondom_str borrow(std::string_view text) {
  return {text.data(), text.size()};
}

/// A copy of a struct of the other side, with zeroes where it is shorter than ours.
template <typename T>
T complete(const T& theirs) {
  T ours{};
  const std::size_t size = theirs.struct_size < sizeof(T) ? theirs.struct_size : sizeof(T);
  std::memcpy(&ours, &theirs, size);
  return ours;
}

/// What a code asks for; codes this version does not know are a defect.
ErrorCode error_code_of(rondom_code code);
bool known_code(rondom_code code);
rondom_code abi_code_of(ErrorCode code);

/// May this table be used? `file` names it in the sentence. Calls nothing of the plugin.
Status check_table(const rondom_plugin* plugin, std::string_view file);

/// The connectors of a table that passed check_table. `library` may be empty.
std::vector<ConnectorInfo> describe(const rondom_plugin& plugin, const std::string& library);

/// The table of one connector, or nullptr.
const rondom_connector* find_connector(const rondom_plugin& plugin, Kind kind, std::string_view id);

/// `Connector "crm" of plugin "acme"`, the subject of every sentence about it.
std::string subject_of(const ConnectorInfo& info);

}  // namespace rondom::plugin
