// Control file: the .info that Audience Manager sends with every transfer. It says which files
// there are, how large they are and how many lines they have. Source: the vendor's page
// "Transfer-control files for log file transfers", whose example has member names without quotes;
// both ways are read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rondom/result.hpp"

namespace rondom::audience_manager {

struct ControlledFile {
  std::string name;
  std::int64_t bytes = 0;  // as it is transferred, so packed when it is packed
  std::int64_t lines = 0;  // of the unpacked text, headers and blank ones too
  std::int64_t number = 0;
};

struct ControlFile {
  std::string name;                   // of the whole transfer, "ftp_1_2_full_1500727351632.sync"
  std::vector<ControlledFile> files;  // by number
};

/// Code::data with the reason when it is damaged or its totals contradict its files.
Result<ControlFile> parse_control_file(std::string_view text);

}  // namespace rondom::audience_manager
