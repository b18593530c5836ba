// views: profiles and attributes as tables that analysts read with SQL, made anew from the store.
//
// `customers` and `organizations` hold what profiles say, `attributes_FILE` what
// attributes/FILE.yaml defines, each with the profile's id; `about` says as of when. Streams page
// by page; the store is only read.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace rondom::engine {

/// Can its views be made: names that collide, or a file that is the store's.
void check_views(const config::Project& project, config::Diagnostics& diagnostics);

/// Where the project's views are, for people; empty: it has none.
std::string views_place(const config::Project& project);

/// Makes them and lets everybody see them. ErrorCode::cancelled: those of before stay.
Result<ViewsReport> refresh_views(const config::Project& project, const Surroundings& surroundings,
                                  store::Store& store, Timestamp as_of, std::size_t threads);

}  // namespace rondom::engine
