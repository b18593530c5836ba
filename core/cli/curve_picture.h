// curve_picture: precision, recall and F1 over the threshold, as SVG.
#pragma once

#include <string>

#include "engine/identity.h"

namespace rondom::cli {

/// A whole SVG document without scripts or outside references.
std::string curve_picture(const engine::Evaluation& evaluation);

}  // namespace rondom::cli
