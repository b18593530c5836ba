// PlannedOperation and PlannedBatch: what planning hands to plan() and run(). Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/activate/activate.h"

namespace rondom::activate {

namespace action {
inline constexpr std::string_view create = "create";
inline constexpr std::string_view update = "update";
inline constexpr std::string_view leave_segment = "leave_segment";
inline constexpr std::string_view remove = "delete";
inline constexpr std::string_view unsubscribe = "unsubscribe";
}  // namespace action

/// Delivery::pending of a removal whose profile no longer exists: nothing is kept once it is done.
inline constexpr std::string_view gone_marker = "gone";

inline bool is_upsert(std::string_view name) {
  return name == action::create || name == action::update;
}

struct PlannedOperation {
  store::Delivery row;      // as it stands in the store; a fresh one when there is none
  std::string_view action;  // one of namespace action
  std::string json;
  std::string pending;  // what is held there once it is applied
  std::string consent;
  bool exempt = false;  // a withdrawal: not counted by the guard
  std::string why;
  std::vector<PlannedChange::Field> fields;  // only when describing
};

struct PlannedBatch {
  bool of_gone = false;  // about profiles that are no more; else about profiles in rising order
  std::vector<PlannedOperation> operations;
  std::vector<store::Withheld> withheld;
  std::vector<store::ProfileId> not_withheld;
  std::vector<store::ProfileId> erased;  // rows that hold nothing and lead to nothing
  std::vector<store::Delivery> rows;     // rows to store without an operation
  Counts counts;                         // unchanged, unknown, withheld; what was looked at
};

}  // namespace rondom::activate
