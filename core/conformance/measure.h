// measure: what a child process holds, and texts of JSON that several checks look into.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/driver.h"

namespace rondom::conformance {

std::size_t open_descriptors();
std::size_t running_threads();
/// Threads more than `before`; those that were joined and are yet to be cleared away are waited
/// for.
std::size_t threads_left(std::size_t before);
std::size_t resident_bytes();
std::size_t resident_bytes_peak();
inline constexpr bool memory_is_measured =
#ifdef RONDOM_SANITIZER
    false;
#else
    true;
#endif

/// Fields of the configuration that the plugin never sees: authentication and network.
std::set<std::string> fields_of_the_host(const nlohmann::json& spec);

/// Records of `wanted` that are not in `got`, by stream, operation and text; each counted once.
std::vector<const Pushed*> missing(const std::vector<Pushed>& wanted,
                                   const std::vector<Pushed>& got);
std::vector<Pushed> records_of(const std::vector<Pushed>& pushed);
/// Positions of the checkpoints, at most `most` of them, spread evenly, the last among them.
std::vector<std::size_t> checkpoints_of(const std::vector<Pushed>& pushed, std::size_t most);
/// 0 … count-1, at most `most` of them, spread evenly.
std::vector<std::size_t> spread(std::size_t count, std::size_t most);

struct StreamFacts {
  std::vector<std::string> key;
  std::string cursor;
  std::vector<std::pair<std::string, std::string>> fields;  // name, type
};
/// What the catalog says of a stream; nothing when there is no catalog or it lacks the stream.
const StreamFacts* facts_of(const Subject& subject, const StreamFixture& stream);

std::string joined(const std::vector<std::string>& texts, std::size_t most = 3);
std::string number(std::size_t count, const char* of_what);

}  // namespace rondom::conformance
