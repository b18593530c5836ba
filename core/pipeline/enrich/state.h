// state: the attributes of one profile at one moment, computed as they are asked for. Private to
// enrich. One thread; buffers are kept from profile to profile.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/enrich/facts.h"

namespace rondom::enrich {

class State {
 public:
  State(const PlanInside& plan, Facts& facts);

  /// `base`: the state of the input's own moment, which knows what no passing of time changes;
  /// nullptr for that one itself. `changes`: whether somebody asks for may_change_at.
  void begin(Timestamp at, State* base, Changes changes);

  struct Result {
    Value value;
    std::string_view problem;           // lives in the input's arena
    Timestamp may_change_at = no_time;  // not after the moment at which it does; of Changes::find
  };
  Result attribute(std::uint32_t id);
  Result aggregate(std::uint32_t id);

  /// What many attributes take, in an order in which each finds what it reads.
  struct Schedule {
    std::vector<std::uint32_t> aggregates, attributes;
  };
  /// All of a schedule, of a state that has just begun and that nobody asks for may_change_at:
  /// without looking for each whether it is there. slot() is what came out.
  void compute(const Schedule& schedule);
  const expression::Slot& slot(std::uint32_t attribute) const { return slots_[attribute]; }
  /// Which rule gave an attribute that was asked for; no_rule = none held.
  std::uint32_t deciding_rule(std::uint32_t id) const { return decided_[id]; }
  /// The items that an aggregate counts; false when that is not known, because it was interpreted.
  bool counted(std::uint32_t id, std::vector<std::uint32_t>& items);

 private:
  struct Chosen {
    Bits bits;  // none at all of a selection that is empty
    bool known = false, failed = false;
    bool is_empty() const { return bits.empty(); }
    void drop_if_empty() {
      if (std::all_of(bits.begin(), bits.end(), [](std::uint64_t word) { return word == 0; })) {
        bits.clear();
      }
    }
  };
  struct WindowBits {
    Bits bits;
    bool known = false;
  };
  struct Known {
    bool known = false;
    Timestamp may_change_at = no_time;
  };

  Timestamp find_attribute(std::uint32_t id);
  void take(std::uint32_t id, const Recipe& recipe, expression::Slot& slot, Timestamp& edge);
  void put(std::uint32_t id, const Recipe& recipe, expression::Slot& slot, Timestamp& edge);
  Timestamp find_aggregate(std::uint32_t id);
  void aggregate(const Aggregate& aggregate, expression::Slot& slot);
  const Chosen& selection(std::uint32_t id);
  const Bits& window(std::uint32_t id);
  Timestamp next_edge(std::uint32_t selection);
  void narrow(Chosen& chosen, const Stage& stage, std::size_t words);
  void possible(const Selection& of, Bits& bits, bool& failed);
  bool compute(const Aggregate& aggregate, Value& out);
  bool add_up(const Aggregate& aggregate, const Chosen& chosen, Value& out);
  bool extreme(const Aggregate& aggregate, const Chosen& chosen, Value& out);
  bool extreme_moment(const Aggregate& aggregate, const Chosen& chosen, Value& out);
  bool most_frequent(const Aggregate& aggregate, const Chosen& chosen, Value& out);
  bool count_distinct(const Aggregate& aggregate, const Chosen& chosen, Value& out);
  void decide(std::uint32_t id, expression::Slot& slot, Timestamp& edge);
  bool holds(const PlannedRule& rule, expression::Slot& slot, Timestamp& edge);
  void evaluate(const Formula& formula, expression::Slot& slot, Timestamp& edge);
  Timestamp interpret(const expression::Ast& ast, expression::NodeId node, expression::Slot& slot);
  void finish(const PlannedAttribute& attribute, expression::Slot& slot) const;

  const PlanInside& plan_;
  Facts& facts_;
  State* base_ = nullptr;
  Timestamp at_ = no_time;
  Changes changes_ = Changes::find;
  expression::Scope scope_;
  std::vector<expression::Slot> slots_;  // attributes, then aggregates
  std::vector<Known> known_;
  std::vector<std::uint32_t> decided_;  // by attribute
  std::vector<Chosen> selections_;
  std::vector<WindowBits> windows_;
  Bits possible_orders_, possible_lines_, failures_;
};

}  // namespace rondom::enrich
