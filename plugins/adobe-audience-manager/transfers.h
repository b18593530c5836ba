// Transfers: what of the outbound files in a folder is whole, in the order in which it was sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "control_file.h"
#include "outbound_name.h"
#include "rondom/result.hpp"

namespace rondom::audience_manager {

/// How the files are written, as the template at Audience Manager has it.
struct Layout {
  std::string_view separator;
  bool header = false;  // the first line of each file
};

struct Transfer {
  OutboundName name;
  std::string shown;                  // "ftp_1_2_full_1500727351632", for people and states
  std::vector<ControlledFile> files;  // in their order; none when it is not whole
  std::string missing;                // why it is not whole; empty = it is, as far as sizes say
};

/// All transfers whose names start with `start`, oldest first; of one time the full one first. Two
/// destinations in one folder are an error, as the whole set of one would delete the other's.
Result<std::vector<Transfer>> find_transfers(const std::string& folder, std::string_view start);

/// Reads the files and compares what is in them with the control file: a sentence when the transfer
/// must not be read, else empty.
Result<std::string> check_contents(const std::string& folder, const Transfer& transfer,
                                   const Layout& layout);

}  // namespace rondom::audience_manager
