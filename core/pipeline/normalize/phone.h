// phone: text -> E.164. A fast path for common Dutch, Belgian, German and French spellings that
// gives what libphonenumber gives (tests/unit/normalize/test_phone.cpp compares them),
// libphonenumber for everything else, and a bounded cache before the latter.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/normalize/outcome.h"

namespace rondom::normalize {

/// E.164 takes 15 digits after the plus sign.
struct PhoneText {
  std::array<char, 24> bytes{};
  std::size_t size = 0;
  std::string_view view() const { return {bytes.data(), size}; }
};

struct PhoneReading {
  PhoneText e164;
  bool international = false;     // the text names its country code
  const char* problem = nullptr;  // nullptr = a valid number
};

/// libphonenumber, some 12 µs a number. `country` is ISO 3166-1 alpha-2 or empty. Any thread.
PhoneReading read_with_library(std::string_view text, std::string_view country);

/// True when the text has a shape that the fast path knows; then `reading` is a valid number.
/// Nothing of the sort: false, `reading` untouched. Pure, any thread.
bool read_fast(std::string_view text, std::string_view country, PhoneReading& reading);

/// One thread at a time.
class Phones {
 public:
  Phones() : slots_(slots_max) {}
  /// Takes tidy text.
  Outcome clean(std::string_view text, std::string_view country, Arena& arena);

 private:
  static constexpr std::size_t slots_max = 4096;  // power of two
  struct Slot {
    std::string key;
    PhoneReading reading;
  };
  const PhoneReading& cached(std::string_view text, std::string_view country);
  std::vector<Slot> slots_;
  std::string key_;
};

}  // namespace rondom::normalize
