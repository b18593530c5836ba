// Evaluation: one run of one compiled expression over one scope.
//
// Every step returns false when the value cannot be computed; the reason is then in error(). Made
// texts and lists live in the scope's arena and count against a budget, as do the steps taken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "expression/ast.h"
#include "expression/expression.h"

namespace rondom::expression {

/// What `.`, `$` and `$index` are at one place of the tree.
struct Frame {
  Value current;
  Value root;
  std::int64_t index = -1;
};

class Evaluation {
 public:
  Evaluation(const Ast& ast, const Scope& scope) : ast_(ast), scope_(scope) {}

  bool run(NodeId id, const Frame& frame, Value& out);

  const Ast& ast() const { return ast_; }
  const Scope& scope() const { return scope_; }
  const std::string& error() const { return error_; }

  bool fail(std::string message);
  /// The passing of time alone changes what was computed at this moment, perhaps.
  void changes_at(Timestamp at) {
    Timestamp* known = scope_.changes_at;
    if (known == nullptr || at <= scope_.as_of) return;
    if (*known == no_time || at < *known) *known = at;
  }
  /// Leaves of a timed list what holds now. False after too much work.
  bool keep_what_holds(Value& list);
  /// False when the arena would get more than one evaluation may make.
  bool reserve(std::size_t bytes);
  /// False after more work than one evaluation may do.
  bool step(std::size_t steps = 1);
  /// A text made by a function, copied into the arena.
  bool make_text(std::string_view text, Value& out);
  /// Uninitialised room for a list; nullptr when the budget is spent.
  Value* make_items(std::size_t count);

 private:
  bool run_list(const Node& node, const Frame& frame, Value& out);
  bool run_path(const Node& node, const Frame& frame, Value& out);
  bool run_logic(const Node& node, const Frame& frame, Value& out);
  bool run_negation(const Node& node, const Frame& frame, Value& out);
  bool run_comparison(const Node& node, const Frame& frame, Value& out);
  bool run_membership(const Node& node, const Frame& frame, Value& out);
  bool run_call(const Node& node, const Frame& frame, Value& out);
  bool truth(const Value& value, const char* of, bool& out);

  const Ast& ast_;
  const Scope& scope_;
  std::size_t made_bytes_ = 0;
  std::size_t steps_ = 0;
  std::string error_;
};

/// Text that stands for a date or a time, read as one; false when it is none.
bool moment_of_text(std::string_view text, Value& out);

/// When an item happened: its `at`, or the item itself when it is a date or a time. False when
/// unknown.
bool moment_of_item(const Value& item, Value& out);
/// The instant that a moment stands for beside a time: a complete date is its midnight UTC.
bool instant_of(const Value& moment, Timestamp& out);

/// Grows a list in the arena.
class ListMaker {
 public:
  explicit ListMaker(Evaluation& evaluation) : evaluation_(evaluation) {}
  bool add(const Value& value);
  Value list() const { return Value::list(items_, count_); }
  std::uint32_t size() const { return count_; }
  const Value& item(std::uint32_t index) const { return items_[index]; }

 private:
  Evaluation& evaluation_;
  Value* items_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t room_ = 0;
};

}  // namespace rondom::expression
