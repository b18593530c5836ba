// shell_words: a command as somebody would type it, taken apart without a shell. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace rondom::cli {

/// Words apart at blanks; '…' and "…" hold them together and \ takes the next character as it is.
/// Nothing is expanded: $, * and ` stand for themselves. ErrorCode::usage when a quote is not
/// closed.
Result<std::vector<std::string>> shell_words(std::string_view text);

}  // namespace rondom::cli
