// What both directions do with files and folders. Plain functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "rondom/result.hpp"

namespace rondom::audience_manager {

/// A sentence for errno after something failed for `name`; `what`: "opened", "written", …
Failure file_failure(const std::string& name, const char* what, int error);

/// Names of the visible regular files of a folder, in byte order. At most folder_entries_max.
Result<std::vector<std::string>> names_in(const std::string& folder);

/// A whole small file; Code::data when it is larger than `bytes_max`.
Result<std::string> read_small(const std::string& path, std::size_t bytes_max);

/// Text of digits only, at least one and none but digits.
bool is_digits(std::string_view text);

}  // namespace rondom::audience_manager
