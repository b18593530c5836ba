// certificate: how long a server's certificate counts (RFC 5280, 4.1.2.5). Pure; any thread.
#pragma once

#include <string_view>

#include "base/base.h"

namespace rondom::net {

/// The last moment of the first certificate in a PEM text (RFC 7468), which is the server's own
/// where a chain follows. ErrorCode::bad_config: there is none, or it belongs to another key than
/// that of `key`, a PEM text too.
Result<Timestamp> certificate_ends(std::string_view pem, std::string_view key);

}  // namespace rondom::net
