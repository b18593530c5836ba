// views refresh
#include <cstdio>

#include "cli/cli.h"
#include "cli/run_text.h"
#include "engine/views.h"

namespace rondom::cli {

int views_refresh(const Options& options) {
  int exit_code = 0;
  const std::optional<Timestamp> at = as_of(options, exit_code);
  if (exit_code != 0) return exit_code;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const config::Project& project = engine->project();
  if (!project.views.present()) {
    return fail(
        {ErrorCode::usage, "rondom.yaml does not say where: views: { sqlite: analysts/views.db }"});
  }
  const auto report =
      engine::refresh_views(project, engine->surroundings(), engine->store(),
                            at.value_or(workspace->surroundings.clock->now()), options.threads);
  if (!report.ok()) return fail(report.error());
  const std::string place = engine::views_place(project);
  if (options.output == "json") {
    std::string text;
    append_json_string(text, place);
    std::printf("{\"profiles\":%lld,\"views\":%lld,\"place\":%s,\"seconds\":%.3f}\n",
                static_cast<long long>(report->profiles), static_cast<long long>(report->views),
                text.c_str(), report->seconds);
  } else {
    std::printf("%s profiles in %lld views of %s\n", with_thousands(report->profiles).c_str(),
                static_cast<long long>(report->views), place.c_str());
  }
  return 0;
}

}  // namespace rondom::cli
