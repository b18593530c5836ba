// email: RFC 5321/5322 addresses without comments, as one comparable form. Pure, any thread.
#pragma once

#include "pipeline/normalize/outcome.h"

namespace rondom::normalize {

/// The whole address in lower case: the RFC lets a local part be case sensitive, but no mail system
/// that customers use is, and two spellings must be one identifier. The raw text keeps the case.
/// The domain is in A-labels (IDNA). Refused: domain literals, hosts without a dot, several
/// addresses. Takes tidy text.
Outcome clean_email(std::string_view text, Arena& arena);

}  // namespace rondom::normalize
