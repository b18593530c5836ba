// activity_text: what the verbs and the page say of an activity in the same way. Pure functions.
#pragma once

#include <string>

#include "engine/activities.h"

namespace rondom::cli {

struct ActivityWords {
  Timestamp at = no_time;
  std::string type;    // "order", "mail_opened"
  std::string what;    // "Order 2041 · 265.50 EUR · paid"
  std::string detail;  // may be empty
};
/// Puts " · " between.
void add_word(std::string& out, const std::string& word);
ActivityWords words_of(Entity entity, const engine::Activity& activity);

}  // namespace rondom::cli
