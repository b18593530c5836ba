// The reference page of the canonical attributes.
#pragma once

#include <string>

namespace rondom {

/// docs/reference/attributes.md, made from the table of attributes.
std::string attributes_reference();

}  // namespace rondom
