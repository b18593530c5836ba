// outcome: what one cleaner found, without the cost of an Error on the hot path. Plain data.
#pragma once

#include <string_view>

#include "model/model.h"

namespace rondom::normalize {

struct Outcome {
  std::string_view value;  // empty without a problem = the text says nothing
  Rule rule = Rule::none;
  const char* problem = nullptr;  // "is no date": the end of a sentence; nullptr = fine
};

inline Outcome problem(const char* sentence_end) {
  return {{}, Rule::none, sentence_end};
}

/// `rule` when the value is another text than the raw one.
inline Rule rule_when_changed(std::string_view value, std::string_view raw, Rule rule) {
  return value == raw ? Rule::none : rule;
}

}  // namespace rondom::normalize
