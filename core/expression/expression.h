// expression: the one expression language (PROJECT.md, "Constructs and functions").
//
// compile() once, evaluate() per record. Total by construction: no loops, no user functions, no
// I/O, bounded depth and output. A compiled Expression is immutable and may be evaluated from any
// thread, each with its own Scope.
//
// What the language says where values are unusual:
//   a field of null, or of a plain value, is null; of a list it is an error, [] takes every item
//   []        the items; nulls are left out; one value stands for a list of one
//   [k == v]  the first item for which it holds, or null
//   == and != with the literal null ask whether there is a value; any other comparison with null is
//             false, and so is `in`. Null counts as false in and, or, not and in conditions
//   text beside a date or a time is read as one; money compares with a number by its amount; values
//             of other different types are unequal, and < > <= >= between them is an error
//   a list or object compared with a plain value is an error, found by compile() where it can be
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "model/model.h"

namespace rondom::expression {

/// Where a problem is inside the expression text (bytes, 0-based) and what to do about it.
struct Problem {
  std::size_t offset = 0;
  std::size_t length = 1;
  std::string message;
  std::string hint;
};

class Cleaners;
class Library;

/// A value that stands in place of a part of an expression, because it was computed before.
struct Slot {
  Value value;
  std::string_view error;  // why it could not be computed; empty = it could
};

/// What an expression is evaluated against.
struct Scope {
  Value current;                 // `.`
  Value root;                    // `$`
  std::int64_t index = -1;       // `$index`
  Timestamp as_of = no_time;     // for within()
  std::string_view country;      // whose rules number() and phone() follow
  std::string_view time_zone;    // IANA, for local times without an offset
  Arena* arena = nullptr;        // owns what evaluation makes; must be set
  Cleaners* cleaners = nullptr;  // for email(), phone() and their like, which fail without
  /// When set: lowered to the first moment after as_of at which the passing of time alone may
  /// change the result, never to a later one than the moment at which it does. no_time = never.
  Timestamp* changes_at = nullptr;
  const Slot* slots = nullptr;  // for the slot nodes of a plan (pipeline/enrich)
};

/// A field path that an expression reads, for "has no field" checks: {"ecommerce", "total"}.
struct FieldUse {
  std::vector<std::string> path;
  std::size_t offset = 0;
  std::size_t length = 0;
  bool from_root = false;
};

struct Ast;

class Expression {
 public:
  Expression() = default;
  /// Fails with the first problem; nothing is thrown. `library` holds the tables that lookup() and
  /// vocabulary() may name; without it there are none.
  static bool compile(std::string_view text, Expression& out, Problem& problem,
                      const Library* library = nullptr);
  /// A constant that needs no parsing.
  static Expression constant(std::string_view text);

  bool present() const { return ast_ != nullptr; }
  /// ErrorCode::data with a sentence, never with values of the record, when it cannot be computed
  /// ("number(): the text is no number").
  Result<Value> evaluate(const Scope& scope) const;
  /// For a plain path (`.Email`, `.a.b`): its members, so that hot loops can skip evaluation. Empty
  /// otherwise.
  const std::vector<std::string>& plain_path() const;
  std::vector<FieldUse> fields() const;
  /// Canonical text: compile(print()) is the same expression.
  std::string print() const;
  /// print(), and what the tables that it names hold: equal text, equal results. For fingerprints.
  std::string meaning() const;
  /// True when it gives an object whatever the record holds: nothing for a place of one value.
  bool gives_object() const;
  /// True when the result depends on Scope::as_of, by what is asked and not by what is read.
  bool depends_on_time() const;
  /// True when it reads a field `relations`: over a profile, those that hold at Scope::as_of.
  bool reads_relations() const;

 private:
  std::shared_ptr<const Ast> ast_;
};

/// In a map position: text that starts with `.` or `$` is an expression.
bool looks_like_expression(std::string_view text);

struct FunctionInfo {
  std::string_view name;
  std::string_view signature;  // "money(currency)"
  std::string_view description;
  std::string_view example;         // an expression …
  std::string_view example_input;   // … over this JSON …
  std::string_view example_output;  // … gives this JSON; run as a test
};
/// Every function, for the reference and its tests.
const std::vector<FunctionInfo>& functions();

}  // namespace rondom::expression
