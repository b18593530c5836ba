// enrich: derived attributes of a profile, computed from its values and its activities.
//
// A Plan compiles the attributes of a project once (docs/decisions/0023): which items of which list
// an aggregate looks at is worked out for all attributes together, in one pass over the activities,
// and the rest of each expression is a small formula over those results. Whatever has no faster
// form is interpreted, so a plan gives what core/expression gives, only sooner.
//
// Pure: a result is a function of the input alone; as_of comes from the run. A Plan is immutable
// and may be used from any thread; an Evaluator belongs to one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "model/model.h"

namespace rondom::expression {
class Cleaners;
}

namespace rondom::enrich {

/// Moments looked at to find when a value changes by time alone; behind them `changes_at` is a
/// moment to look again.
inline constexpr int moments_looked_at_max = 64;

/// One profile.
struct Input {
  Value profile;  // an object: the fields of the profile
  // What it did, also what is dated after as_of: that has not happened yet and counts nowhere, but
  // tells when a value will be another one.
  // By activity_lists(): lists of objects, newest first, each order once.
  std::array<Value, activity_lists_count> lists{};
  Timestamp as_of = no_time;
  std::string_view country;
  Arena* arena = nullptr;  // owns what is computed; must outlive the results
  expression::Cleaners* cleaners = nullptr;
};

inline constexpr std::uint32_t no_rule = ~0u;

struct Computed {
  Value value;  // of the attribute's type; null = none
  /// When the value is another one by the passing of time alone, if nothing else changes; no_time =
  /// never. Only from Changes::find.
  Timestamp changes_at = no_time;
  bool certain = true;       // false: it may be unchanged at changes_at, but does not change before
  std::string_view problem;  // why it cannot be computed; the value is null then, not when_missing
  /// Of a table: which of its rules decided, from 0; with a problem, the one that has it. Those
  /// before it do not hold. no_rule = none holds, or it has no table.
  std::uint32_t rule = no_rule;
};

/// What an aggregate of an attribute looked at, for `attribute why`.
struct Evidence {
  std::string expression;  // ".orders | where(.status == \"paid\") | sum(.total)"
  Value value;
  std::string problem;
  std::size_t list = 0;          // of activity_lists()
  bool known = true;             // false: which items counted is not told
  std::uint32_t rule = no_rule;  // of a table: the first of its rules that reads it
  std::vector<std::uint32_t>
      items;  // places in the list, in its order; an order once for all its lines
};

/// The activities of a list (Input::lists) that have happened by that moment: those that count.
Value happened(const Value& list, Timestamp as_of, Arena& arena);

struct PlanInside;

class Plan {
 public:
  /// Compiles the attributes of this entity and reports what is wrong with them. `profile_fields`:
  /// names of the profile's fields, dotted for members ("name.given"). `project` must outlive the
  /// plan.
  Plan(const config::Project& project, Entity entity, std::span<const std::string> profile_fields,
       config::Diagnostics& diagnostics);
  ~Plan();
  Plan(Plan&&) noexcept;

  std::size_t size() const;
  const config::Attribute& attribute(std::size_t index) const;
  /// The index of a name, or size().
  std::size_t index_of(std::string_view name) const;
  /// Attributes that it reads, directly; of a table, any of its rules.
  const std::vector<std::uint32_t>& inputs(std::size_t index) const;
  /// Of this attribute and all that it reads.
  bool reads(std::size_t index, std::size_t list) const;
  bool reads_activities(std::size_t index) const;
  /// Can the passing of time alone change it?
  bool depends_on_time(std::size_t index) const;
  /// May it be used for this purpose? So says it, and every attribute that it reads.
  bool allows(std::size_t index, std::string_view purpose) const;
  /// Of what its values mean: equal fingerprints, equal values of equal profiles.
  std::uint64_t fingerprint(std::size_t index) const;
  /// How much of it is evaluated in the one pass, and how much is interpreted: aggregates of each
  /// kind.
  struct Shares {
    std::size_t planned = 0, interpreted = 0;
  };
  Shares shares() const;

 private:
  friend class Evaluator;
  std::unique_ptr<PlanInside> inside_;
};

enum class Changes : std::uint8_t { ignore, find };

class EvaluatorInside;

/// Computes a plan for one profile after another.
class Evaluator {
 public:
  explicit Evaluator(const Plan& plan);
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  /// The attributes of `wanted` (indexes of the plan), in that order; `out` has a place for each.
  /// What they point at lives in the input's arena.
  void evaluate(const Input& input, std::span<const std::uint32_t> wanted, Changes changes,
                std::span<Computed> out);
  /// What decided about this attribute in the last evaluate(), which must have computed it. Of a
  /// table, what its rules read as far as they were asked.
  std::vector<Evidence> evidence(std::uint32_t attribute) const;
  /// The attributes whose values were looked at for it then, as far.
  std::vector<std::uint32_t> inputs(std::uint32_t attribute) const;

 private:
  std::unique_ptr<EvaluatorInside> inside_;
};

}  // namespace rondom::enrich
