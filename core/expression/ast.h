// Ast: the parsed form of one expression. Built by the parser, then never changed; owns its texts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "expression/zone.h"
#include "model/value.h"

namespace rondom::expression {

struct Function;

/// What the checker knows of a value before there is one.
enum class StaticType : std::uint8_t {
  any,
  null,
  boolean,
  number,
  text,
  date,
  time,
  duration,
  money,
  list,
  object,
};
/// "a number", as in sentences.
const char* word_of(StaticType type);

enum class Operator : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
const char* to_text(Operator op);

/// One step of a path.
struct Step {
  enum class Kind : std::uint8_t {
    field,   // .name
    index,   // [2]
    spread,  // []
    filter,  // [name == literal]: the first item for which it holds
  };
  Kind kind = Kind::field;
  std::string_view name;
  std::uint32_t index = 0;
  Value literal;
};

/// What a function makes once of its literal arguments: a pattern, a date format.
struct Prepared {
  virtual ~Prepared() = default;
  /// Of what it was made from besides the expression's own text; 0 = nothing.
  virtual std::uint64_t fingerprint() const { return 0; }
};

using NodeId = std::uint32_t;

struct Node {
  enum class Kind : std::uint8_t {
    literal,
    list,        // [a, b] with at least one part that is no literal
    current,     // .
    root,        // $
    item_index,  // $index
    path,        // base and steps
    all_of,      // a and b and …
    any_of,      // a or b or …
    negation,    // not a
    comparison,  // a == b
    membership,  // a in b
    call,        // f(a, b)
    slot,        // a value that a plan computed before: Scope::slots[node.slot]
  };
  enum class Base : std::uint8_t { current, root, child };

  Kind kind = Kind::literal;
  Operator op = Operator::equal;
  Base base = Base::current;  // path
  bool piped = false;         // call: written as a | f(b)
  StaticType type = StaticType::any;
  std::uint16_t depth = 1;   // of the tree below, for limits::expression_depth_max
  std::uint32_t offset = 0;  // in the text
  std::uint32_t length = 1;
  std::uint32_t slot = 0;
  Value literal;
  const Function* function = nullptr;        // call
  std::vector<NodeId> children;              // operands, arguments, list parts, path base
  std::vector<Step> steps;                   // path
  std::shared_ptr<const Prepared> prepared;  // call
};

struct Ast {
  std::vector<Node> nodes;
  NodeId root = 0;
  Arena texts{512};
  std::vector<std::string> plain_path;  // when the whole expression is `.a.b`
  bool depends_on_time = false;
  bool reads_relations = false;
  mutable ZoneCache zones;

  const Node& node(NodeId id) const { return nodes[id]; }
};

}  // namespace rondom::expression
