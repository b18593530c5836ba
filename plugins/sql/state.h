// State: what a checkpoint of this connector holds, as JSON and back. Plain data.
#pragma once

#include <string>
#include <string_view>

#include "pages.h"

namespace rondom::sql {

struct State {
  std::string fingerprint;  // of what is read and in which order
  std::string generation;   // full: "<fingerprint>.<count>"
  Place place;
  bool started = false;
  bool done = false;  // the read came to its end
};

std::string to_json(const State& state);
/// Text of another version gives an empty state: reading starts anew.
State read_state(std::string_view json);

}  // namespace rondom::sql
