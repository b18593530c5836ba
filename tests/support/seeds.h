// How many cases a property is tried with.
#pragma once

namespace rondom::support {

#if defined(RONDOM_SANITIZER)
/// A sanitizer looks for faults that each case shows, and takes ten times as long for one. Whether
/// the property holds is the other builds' to say.
constexpr unsigned one_case_in = 4;
#else
constexpr unsigned one_case_in = 1;
#endif

constexpr unsigned seeds(unsigned all) {
  return all / one_case_in;
}

/// More often than this something has to have been met, where all cases are tried; of fewer, once.
constexpr unsigned often(unsigned all) {
  return one_case_in == 1 ? all : 0;
}

}  // namespace rondom::support
