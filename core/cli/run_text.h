// run_text: what run and plan say in the same way.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/base.h"
#include "engine/engine.h"

namespace rondom::cli {

struct Options;

/// --as-of; nothing when it is not given. Sets the exit code, and says why, when it is no time.
std::optional<Timestamp> as_of(const Options& options, int& exit_code);

/// "3,118: no consent 2,907 · bounced 211"; empty when nobody was withheld.
std::string withheld_text(const std::map<std::string, std::int64_t>& withheld);

/// That nothing of these streams is forgotten; a line or two.
std::string held_text(const std::vector<std::string>& streams);

/// "48,210 mapped again · 1,204 change · 2 refused !"
std::string remap_text(const engine::RemapReport& stream);

}  // namespace rondom::cli
