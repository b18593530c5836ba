// segment: does a profile belong to an audience, and on which line did it fail?
//
// Pure functions of a profile's values. An Audience is compiled once and evaluated from any thread,
// each with its own Arena.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "expression/expression.h"
#include "model/model.h"

namespace rondom::segment {

/// The canonical profile as a Value tree for expressions. Lives in `arena` and in `values`. Also
/// what destination maps read.
///   scalars      .birth_date, .gender … typed by their attribute; .name.given and .death.status
///                nested
///   lists        .emails, .addresses, .consents … of objects in group order; .tags of texts. A
///                list of the entity that the profile does not have is empty, not null. Of
///                .relations expressions see those that hold at Scope::as_of; the tree has all
///   shortcuts    .email and .phone: the first that is not invalid; .country: as stated, else of
///                the first address that has one
///   open names   .custom.tier (a list when there are several values); .identifiers of { namespace,
///                value } and .identifier.kvk: the first value
Value profile_value(std::string_view values, Entity entity, Arena& arena);

/// Top-level names that profile_value() can give for this entity, sorted: what an expression over a
/// profile may start with. Also for checking destination maps.
std::vector<std::string> profile_fields(Entity entity);

/// Where a profile stops: the first line that is not true, -1 for a member.
struct Stop {
  int line = -1;
  std::string problem;  // why that line cannot be computed; empty = it can, and does not hold
};

class Audience {
 public:
  /// Reports lines that do not compile, read what a profile, its attributes, its activities or the
  /// elements of its lists do not have, or can be neither true nor false.
  Audience(const config::Audience& audience, Entity entity, const config::Project& project,
           config::Diagnostics& diagnostics);
  ~Audience();
  Audience(Audience&&) noexcept;
  /// A line that gives null does not hold. One that cannot be computed, or gives no boolean, stops
  /// with that problem: of this profile nobody can say whether it belongs. Values are made in
  /// `arena`. `time_zone`: whose calendar year() and days_since() go by; empty = UTC.
  Stop stop_of(const Value& profile, Timestamp as_of, Arena& arena,
               expression::Cleaners* cleaners = nullptr, std::string_view time_zone = {}) const;
  const std::vector<std::string>& lines() const;  // printed, for the funnel
  std::uint64_t fingerprint() const;
  bool depends_on_time() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom::segment
