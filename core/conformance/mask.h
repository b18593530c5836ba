// mask: what `plugin run` shows of requests, replies and records: enough to follow, no secret and
// no personal data. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "conformance/subject.h"

namespace rondom::conformance {

/// Secrets of the configuration become "***", e-mail addresses their first letter and domain's end.
std::string masked_text(const Subject& subject, std::string_view text);
/// A query's values are left out but for those that are numbers.
std::string masked_url(const Subject& subject, std::string_view url);
/// Structure with masked texts, cut.
std::string masked_body(std::string_view body);
std::string masked_record(std::string_view json);

}  // namespace rondom::conformance
