// plan: the attributes of a project in the form in which they are evaluated. Private to enrich.
//
//   scan       a list that is gone through once: orders, the lines of orders, events …
//   atom       a condition on an item; a `where` with `and` is several. Each distinct one is
//              computed once an item, those that compare one column with constants together, by
//              one look-up (Switch)
//   window     within(duration)
//   selection  the items for which a chain of atoms and windows holds: bits that are and-ed
//   aggregate  count, sum … over a selection, of a column of its items
//   formula    what is left of an expression: its aggregates and the attributes that it reads
//              stand in slots
//   rule       when (a formula), and the value then. An attribute is a table of rules, of which the
//              first that holds decides; one of a single value is one rule that always holds
#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/config.h"
#include "expression/ast.h"
#include "pipeline/enrich/enrich.h"

namespace rondom::enrich {

/// The lists of activities, by their numbers, and the lines of orders.
enum class Scan : std::uint8_t {
  orders,
  events,
  opportunities,
  subscriptions,
  needs,
  survey_answers,
  lines
};
static_assert(std::size_t(Scan::lines) == activity_lists_count);
inline constexpr std::size_t scans = activity_lists_count + 1;
inline constexpr std::size_t list_of(Scan scan) {
  return scan == Scan::lines ? std::size_t(Scan::orders) : std::size_t(scan);
}
inline constexpr std::uint32_t none = ~0u;

/// A part of an attribute's expression that is evaluated for each item.
struct Part {
  const expression::Ast* ast = nullptr;
  expression::NodeId node = 0;
  std::string_view field;  // when it is `.field` alone
  std::string text;        // printed: equal texts are equal parts
};

struct Column {
  Scan scan = Scan::orders;
  Part part;
};

struct Atom {
  Scan scan = Scan::orders;
  Part part;
  std::uint32_t by_switch = none;  // computed by this one
};

/// Atoms that compare one column with constants.
struct Switch {
  std::uint32_t column = none;
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> texts;
  std::unordered_map<std::int64_t, std::vector<std::uint32_t>> integers;
  std::vector<std::uint32_t> atoms;
};

struct Window {
  Scan scan = Scan::orders;
  std::int64_t span = 0;  // microseconds
};

struct Stage {
  bool is_window = false;
  std::uint32_t id = 0;  // of an atom or window
  auto operator<=>(const Stage&) const = default;
};

struct Selection {
  Scan scan = Scan::orders;
  std::uint32_t parent = none;  // of lines: the orders whose lines they are
  std::uint32_t before = none;  // the same without the last stage, which others go on from too
  std::vector<Stage> stages;
  bool has_window = false;  // its own or its parent's
};

enum class Kind : std::uint8_t {
  count,
  exists,
  sum,
  average,
  least,
  greatest,
  latest,
  oldest,
  distinct,
  most_frequent
};

struct Aggregate {
  Kind kind = Kind::count;
  std::uint32_t selection = 0;
  std::uint32_t column = none;
  Part original;  // the same, to be interpreted
  std::string text;
};

struct Formula {
  std::shared_ptr<expression::Ast> ast;   // with slots; nullptr = none
  std::vector<std::uint32_t> attributes;  // whose slots it reads
  std::vector<std::uint32_t> aggregates;  // whose slots it reads
  bool present() const { return ast != nullptr; }
};

struct PlannedRule {
  Formula when;   // none: always
  Formula value;  // none: the constant
  Value constant;
};

struct PlannedAttribute {
  const config::Attribute* given = nullptr;
  std::vector<PlannedRule> rules;                    // one, where it has no table
  std::shared_ptr<const expression::Ast> list;       // of a part of a list: as it was written
  std::vector<std::uint32_t> inputs;                 // attributes
  std::bitset<activity_lists_count> reads;           // lists; it or what it reads
  bool depends_on_time = false;                      // it or what it reads
  std::optional<std::vector<std::string>> purposes;  // sorted; nothing = any
  ValueType type = ValueType::text;                  // of its values
  Value when_missing;
  std::uint64_t fingerprint = 0;
  bool sound = false;  // compiled; false: never evaluated
};

/// What evaluating an attribute takes, without what it was made from: a profile is computed by
/// going through all of these, which should lie side by side.
struct Recipe {
  std::uint32_t first = 0;  // of PlanInside::recipe_reads: `attributes` of them, then `aggregates`
  std::uint32_t attributes = 0, aggregates = 0;
  std::uint32_t slot = none;  // that has the value; none: the formula is interpreted
  ValueType type = ValueType::text;
  bool is_sound = false;
  bool is_table = false;
  bool is_plain = false;  // computed from one formula
  bool depends_on_time = false;
  Value when_missing;
};

struct PlanInside {
  const config::Project* project = nullptr;
  std::string time_zone, currency;
  std::vector<PlannedAttribute> attributes;
  std::vector<Recipe> recipes;  // of each
  std::vector<std::uint32_t> recipe_reads;
  std::map<std::string, std::uint32_t, std::less<>> by_name;
  std::vector<Column> columns;
  std::vector<Atom> atoms;
  std::vector<Switch> switches;
  std::vector<Window> windows;
  std::vector<Selection> selections;
  std::vector<Aggregate> aggregates;  // slot: attributes.size() + index
  std::size_t interpreted = 0;        // aggregates that were left in formulas
  Arena constants{1024};
};

/// Parts of lists within parts that are written out; deeper ones are computed as attributes are.
inline constexpr int parts_nested_max = 8;
/// Nodes of a formula up to which parts are written out: one that reads another many times grows
/// fast.
inline constexpr std::size_t written_out_nodes_max = 2'000;

/// Replaces the parts of attribute `index` that have a planned form by slots. `inputs` must be
/// known, and none be computed from itself.
void lower(PlanInside& plan, std::uint32_t index);

ValueType value_type(std::string_view attribute_type);

/// A value as the type asks, or why not ("1.5 is no whole number"). `from_source`: texts are read.
bool coerce(const Value& value, std::string_view type, std::string_view currency, bool from_source,
            Arena& arena, Value& out, std::string& problem);

}  // namespace rondom::enrich
