// fields_seen: what a map reads and no record of a stream was seen to have. Private to the engine.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plans.h"
#include "plugin/plugin.h"

namespace rondom::engine {

/// Looks at the first records of one stream, and tells of misspelt fields and of dots that were
/// forgotten: where no saved catalog says what fields a source has, its records do. One thread.
class FieldsSeen {
 public:
  void look_at(std::string_view json);
  /// One sentence each, with its place. Fields of a preset are the connector's to know:
  /// `with_preset`.
  std::vector<std::string> warnings(const config::Project& project, const config::Job& job,
                                    const config::SourceStream& stream,
                                    const plugin::Inventory& inventory, bool with_preset) const;

 private:
  std::set<std::string, std::less<>> names_;
  std::int64_t records_ = 0;
};

}  // namespace rondom::engine
