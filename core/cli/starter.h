// starter: the files that `rondom init` writes: a small project that runs as it is.
#pragma once

#include <string_view>
#include <vector>

namespace rondom::cli {

struct StarterFile {
  std::string_view path;
  std::string_view content;
};

const std::vector<StarterFile>& starter_files();
/// What it is called where its folder has no name for a project.
inline constexpr std::string_view starter_project_name = "my-customers";
/// Where the starter's destination writes.
inline constexpr std::string_view starter_output_folder = "out";

}  // namespace rondom::cli
