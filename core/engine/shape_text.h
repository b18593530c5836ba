// shape_text: what a stream was seen to hold, as the store keeps it. Private to the engine.
#pragma once

#include <string>

#include "engine/drift.h"

namespace rondom::engine {

std::string word_of(FieldType type);

}  // namespace rondom::engine
