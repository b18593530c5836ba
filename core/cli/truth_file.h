// truth_file: a CSV file (RFC 4180) that says which records are one.
#pragma once

#include <string>
#include <vector>

#include "engine/identity.h"

namespace rondom::cli {

/// Columns source, key and cluster, and stream where keys of two streams of a source may be equal;
/// other columns are passed over. An error names the line.
Result<std::vector<engine::TruthRow>> read_truth(const std::string& path);

}  // namespace rondom::cli
