// plans: a source job's streams compiled for mapping, with what is known of the source's fields.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "pipeline/map/map.h"
#include "plugin/plugin.h"

namespace rondom::engine {

struct StreamPlan {
  const config::SourceStream* stream = nullptr;
  std::shared_ptr<const map::Plan> plan;
  std::uint64_t fingerprint = 0;
};

/// Compiles every stream of a source job; problems go to `diagnostics` (then plans may be null).
std::vector<StreamPlan> compile_job(const config::Project& project, const config::Job& job,
                                    const plugin::Inventory& inventory,
                                    config::Diagnostics& diagnostics);

/// The fingerprint that the plan would have if `source` were called `name`.
std::uint64_t fingerprint_as(const StreamPlan& plan, const config::Project& project,
                             const config::Job& job, std::string_view source,
                             std::string_view name);

/// Catalogs saved by `rondom discover --save`: catalog/<job>.json in the project folder.
std::string catalog_path(const config::Project& project, std::string_view job);
/// The saved catalog as text to write; `saved_on` is a date for messages.
std::string catalog_json(const plugin::Catalog& catalog, std::string_view saved_on);
/// What the saved catalog says of a stream; empty names when nothing was saved.
map::KnownFields known_fields(const config::Project& project, std::string_view job,
                              std::string_view stream);

/// Reports the fields that a stream's map reads and that are none of `names`, what its records were
/// seen to hold, or are among `gone`: paths inside of those.
void check_fields_seen(const config::Project& project, const config::Job& job,
                       const config::SourceStream& stream, const plugin::Inventory& inventory,
                       const std::vector<std::string>& names, config::Diagnostics& diagnostics,
                       const std::vector<std::string>& gone = {});

}  // namespace rondom::engine
