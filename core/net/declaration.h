// declaration: from what a connector declares ("x-auth" and "x-http" of its schema) and what the
// user configured to the options of a client. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "net/client.h"

namespace rondom::net {

struct Declared {
  bool uses_http = false;
  std::string text;  // of the declaration; the same for connectors that declare the same
  ClientOptions options;
  /// The configuration without credentials and network settings: what the plugin gets.
  std::string plugin_config_json;
};

/// `config_json` has its secrets resolved. Fails with bad_config and a sentence that names the
/// field: no or several alternatives of authentication given, an address that is none.
Result<Declared> read_declaration(std::string_view spec_json, std::string_view config_json);

}  // namespace rondom::net
