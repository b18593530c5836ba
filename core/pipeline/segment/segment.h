// segment: does a profile belong to an audience, and on which line did it fail?
//
// Pure function over a profile's values; compile once, evaluate from any thread (one Evaluator each).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "expression/expression.h"
#include "model/model.h"

namespace rondom::segment {

/// The canonical profile as a Value tree for expressions (.name.given, .emails, .country, .tags,
/// .custom.tier, .consents …). Lives in `arena`. Also what destination maps read.
Value profile_value(std::string_view values, Entity entity, Arena& arena);

class Audience {
 public:
  Audience(const config::Audience& audience, Entity entity, config::Diagnostics& diagnostics);
  ~Audience();
  Audience(Audience&&) noexcept;
  /// Index of the first line that is not true, or -1 for a member. One arena per thread.
  Result<int> first_failing_line(const Value& profile, Timestamp as_of, Arena& arena) const;
  const std::vector<std::string>& lines() const;  // printed, for the funnel
  std::uint64_t fingerprint() const;
  bool depends_on_time() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom::segment
