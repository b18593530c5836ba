// plugin new
#include <cstdio>
#include <filesystem>

#include "cli/cli.h"
#include "cli/scaffold.h"

namespace rondom::cli {

int plugin_new(const Options& options) {
  const Result<ScaffoldNames> names = scaffold_names(options.words.front());
  if (!names.ok()) return fail(names.error());
  const std::filesystem::path templates = program_prefix() / "share/rondom/template";
  std::error_code failed;
  if (!std::filesystem::is_directory(templates / options.kind, failed)) {
    return fail({ErrorCode::unavailable,
                 "the templates are part of the SDK, which is not installed beside this program (" +
                     templates.string() + " is missing; package rondom-sdk-dev)"});
  }
  const std::filesystem::path target = std::filesystem::path(options.folder) / names->name;
  const auto files = make_scaffold({templates / "common", templates / options.kind}, *names,
                                   target.lexically_normal());
  if (!files.ok()) return fail(files.error());
  const std::string folder = target.lexically_normal().string();
  for (const std::string& file : *files) std::printf("wrote %s/%s\n", folder.c_str(), file.c_str());
  std::printf("next: cd %s && cmake -B build && cmake --build build && ctest --test-dir build\n",
              folder.c_str());
  return 0;
}

}  // namespace rondom::cli
