// library_checks: what is asked of a plugin file as a whole, before any connector of it.
#pragma once

#include <span>
#include <string>

#include "conformance/checks.h"

namespace rondom::conformance {

struct LibraryCheck {
  const char* name;
  const char* asks;
  const char* why;
  bool in_child;  // loads the library
  Finding (*run)(const std::string& library);
};
std::span<const LibraryCheck> library_checks();

/// What a check needs, for people.
const char* needs_text(Needs needs);

}  // namespace rondom::conformance
