// files: reading the files of a project folder. Private to config. Pure but for the file system.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace rondom::config {

/// A place that is a whole file: rendered without line and column.
Location whole_file(std::string_view file);

/// parse_yaml that says whether the tree is complete. `root` is a null node with a place otherwise.
bool parse_text(std::string_view text, std::string_view file, Diagnostics& diagnostics, Node& root);

/// Reads at most 8 MB of `root`/`file`. Problems are reported; false when there is nothing to
/// parse.
bool read_text(std::string_view root, std::string_view file, Diagnostics& diagnostics,
               std::string& text);

bool exists(std::string_view root, std::string_view file);

/// May a folder of the project hold folders? They are never read as part of it.
enum class Folders { reported, allowed };
/// The .yaml files directly inside a folder of the project, as "folder/name.yaml", sorted. Reports
/// what would otherwise be ignored silently: .yml files and folders inside.
std::vector<std::string> list_yaml(std::string_view root, std::string_view folder,
                                   Diagnostics& diagnostics, Folders inside = Folders::reported);

/// Names of plain files directly inside the project folder itself.
std::vector<std::string> list_top_level(std::string_view root);

}  // namespace rondom::config
