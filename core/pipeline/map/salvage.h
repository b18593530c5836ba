// Salvage: what a source record still refuses that cannot be mapped as a whole. A Mapper owns one;
// one thread.
//
// All or nothing holds for what we believe about somebody. It does not hold for their "no": one
// that can be read is heard, and one that may stand where nothing can be read is kept in mind as
// such.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "pipeline/map/evaluator.h"
#include "pipeline/map/map.h"
#include "pipeline/map/plan.h"

namespace rondom::map {

class Salvage {
 public:
  /// Gives the text of one cell; false when it cannot be read.
  using Produce = std::function<bool(const Producer&, Cell&)>;
  Salvage(const Plan& plan, Evaluator& evaluator, Produce produce)
      : plan_(plan), evaluator_(evaluator), produce_(std::move(produce)) {}

  /// One record for each party of the source record that says anything of the kind. See
  /// Mapper::refusals(). `key` is the source record's own.
  std::span<const MappedRecord> read(std::string_view key);

 private:
  void read_records(const RecordPlan& record, std::string_view key);
  void read_record(const RecordPlan& record, std::string_view key);
  void read_list(const ListPlan& list, RecordBuilder& out);
  void read_element(const ListPlan& list, const ElementPlan& element, bool certain,
                    RecordBuilder& out);
  void read_consent(const ElementPlan& element, bool certain, RecordBuilder& out);
  void read_suppression(const ElementPlan& element, RecordBuilder& out);
  void read_contact(const ElementPlan& element, RecordBuilder& out);
  void add_unreadable(RecordBuilder& out);
  RecordBuilder& next_builder();

  const Plan& plan_;
  Evaluator& evaluator_;
  Produce produce_;
  std::vector<std::unique_ptr<RecordBuilder>> builders_;
  std::vector<MappedRecord> records_;
  std::uint32_t group_ = 0;
  std::size_t elements_ = 0;
};

}  // namespace rondom::map
