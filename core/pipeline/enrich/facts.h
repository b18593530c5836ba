// facts: what is true of the activities of one profile at any moment: the one pass over them.
// Private to enrich. One thread; buffers are kept from profile to profile.
#pragma once

#include <cstdint>
#include <vector>

#include "expression/expression.h"
#include "pipeline/enrich/bits.h"
#include "pipeline/enrich/plan.h"

namespace rondom::enrich {

/// The items of one scan.
struct Items {
  std::vector<Value> values;
  std::vector<std::uint32_t> orders;  // of lines: the place of their order
  std::vector<Timestamp> instants;    // no_time = none
  bool comparable = true;             // every moment is an instant
  std::size_t words = 0;              // of 64 items
};

class Facts {
 public:
  explicit Facts(const PlanInside& plan);

  /// Starts a profile. `profile` is what `$` is; lists are read when they are asked for.
  void begin(const Input& input, const Value& profile);
  const Items& items(Scan scan);
  /// False when an order's lines are no list: nothing of them is planned then.
  bool lines_are_lists();

  /// Bits of the items for which it holds, and of those for which it cannot be computed.
  struct AtomBits {
    const std::uint64_t* true_for = nullptr;
    const std::uint64_t* failed_for = nullptr;  // nullptr = for none
  };
  AtomBits atom(std::uint32_t id);
  /// False when it cannot be computed for this item.
  bool column(std::uint32_t id, std::uint32_t item, Value& out);
  const Input& input() const { return *input_; }
  const Value& profile() const { return profile_; }

 private:
  struct Bitmap {
    Bits true_for, failed_for;
    bool known = false, failed = false;
    void start(std::size_t words);
  };
  struct ColumnValues {
    std::vector<Value> values;
    std::vector<std::uint8_t> state;  // 0 unknown, 1 known, 2 failed
    std::uint32_t place = 0;  // of its member in the item before: most often in the next too
    bool known = false;
  };
  void read(Scan scan, Value list);
  void read_lines();
  bool evaluate(const Part& part, const Value& item, Value& out, std::uint32_t& place);
  void fill(std::uint32_t atom);
  void fill_switch(std::uint32_t id);
  void ask(std::uint32_t atom, std::uint32_t item);

  const PlanInside& plan_;
  const Input* input_ = nullptr;
  Value profile_;
  Items items_[scans];
  bool read_[scans] = {};
  bool lines_are_lists_ = true;
  std::vector<Bitmap> atoms_;
  std::vector<std::uint8_t> switches_;
  std::vector<ColumnValues> columns_;
};

}  // namespace rondom::enrich
