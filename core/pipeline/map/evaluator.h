// Evaluator: gives the values of operands over one source record. A Mapper owns one; one thread.
//
// Every function that returns bool returns false when the record is to be refused; failure() then
// says why, without personal data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "expression/expression.h"
#include "model/model.h"
#include "pipeline/map/plan.h"

namespace rondom::map {

class Evaluator {
 public:
  Evaluator(const Plan& plan, expression::Cleaners* cleaners)
      : positions_(plan.slots, 0), time_zone_(plan.defaults.time_zone) {
    scope_.cleaners = cleaners;
  }

  /// Values made from here on live in `arena`.
  void start(const Value& source, std::string_view country, Arena& arena);
  void set_country(std::string_view country) { scope_.country = country; }

  /// `.` becomes an item of a list until leave() is given what enter() returned.
  struct Outer {
    Value current;
    std::int64_t index;
  };
  Outer enter(const Value& item, std::int64_t index);
  void leave(const Outer& outer);

  bool value(const Operand& operand, Value& out);
  /// The text of one scalar; empty when there is none.
  bool text(const Operand& operand, std::string_view& out);
  /// Was the last text() a text already, before it was asked for as one?
  bool was_text() const { return was_text_; }
  /// Whether a condition holds; one that is not written does.
  bool holds(const Operand& condition, bool& out);
  /// The items that for_each goes over; none for null.
  bool items(const Operand& for_each, std::span<const Value>& out);
  /// Key of the parts; empty when one of them is.
  bool key(const std::vector<Operand>& parts, std::string_view& out);

  /// prefix + key with its dots, slashes and backslashes escaped: record_name() without a heap.
  std::string_view name_of(std::string_view prefix, std::string_view key);
  std::string_view joined(std::string_view a, std::string_view b);

  Arena& arena() { return *scope_.arena; }
  bool fail(std::string_view message);
  const std::string& failure() const { return failure_; }

 private:
  bool follow(const Operand& operand, Value& out);
  bool evaluate(const Operand& operand, Value& out);

  expression::Scope scope_;
  std::vector<std::uint32_t> positions_;  // where each path member stood in the last record
  std::vector<std::string_view> key_texts_;
  std::string time_zone_;
  std::string failure_;
  bool was_text_ = false;
};

}  // namespace rondom::map
