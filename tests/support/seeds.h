// How many cases a property is tried with.
#pragma once

namespace rondom::support {

#if defined(RONDOM_SANITIZER)
/// A sanitizer looks for faults that each case shows, and takes ten times as long for one. Whether the property
/// holds is the other builds' to say.
constexpr unsigned one_case_in = 4;
#else
constexpr unsigned one_case_in = 1;
#endif

constexpr unsigned seeds(unsigned all) {
  return all / one_case_in;
}

}  // namespace rondom::support
