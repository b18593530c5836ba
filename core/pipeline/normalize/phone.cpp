#include "pipeline/normalize/phone.h"

#include <algorithm>

#include "base/base.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t digits_max = 16;
constexpr std::size_t fast_bytes_max = 32;

// Part of a country's numbering plan: national numbers of `length` digits that start with one of
// `prefixes`, separated by spaces. Far from complete: what is not here goes to the library.
struct Plan {
  std::string_view country;
  std::string_view code;
  std::size_t length;
  std::string_view prefixes;
};

constexpr std::array<Plan, 4> plans = {{
    {"NL", "31", 9,
     "61 62 63 64 65 68 10 13 15 20 23 24 26 30 33 35 36 38 40 43 45 46 50 53 55 58 70 71 72 73 74 "
     "75 76 77 78 79"},
    {"BE", "32", 9, "470 471 472 473 474 475 476 477 478 479 491 492 493 494 495 496 497 498 499"},
    {"DE", "49", 10, "170 171 172 173 174 175 176 177 178 179"},
    {"FR", "33", 9, "60 61 62 64 66 67 68"},
}};

// Countries of which libphonenumber knows 00 as the international prefix.
constexpr std::string_view dials_00 = "NL BE DE FR LU GB AT CH ES IT PT DK";

const Plan* plan_of_country(std::string_view country) {
  for (const Plan& plan : plans) {
    if (plan.country == country) return &plan;
  }
  return nullptr;
}

const Plan* plan_of_code(std::string_view digits) {
  for (const Plan& plan : plans) {
    if (digits.substr(0, plan.code.size()) == plan.code) return &plan;
  }
  return nullptr;
}

bool fits(const Plan& plan, std::string_view national) {
  if (national.size() != plan.length) return false;
  const std::size_t width = plan.prefixes.find(' ');
  const std::string_view prefix = national.substr(0, width);
  for (std::size_t at = 0; at < plan.prefixes.size(); at += width + 1) {
    if (plan.prefixes.substr(at, width) == prefix) return true;
  }
  return false;
}

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = 0; at < words.size(); at += 3) {
    if (words.substr(at, 2) == word) return true;
  }
  return false;
}

struct Dialled {
  std::array<char, digits_max> bytes{};
  std::size_t count = 0;
  bool plus = false;
  bool optional_zero = false;  // "+31 (0) 20 …"; the zero itself is left out
  std::string_view digits() const { return {bytes.data(), count}; }
};

// Digits with single separators between them; anything else is not for the fast path.
bool read_digits(std::string_view text, Dialled& dialled) {
  if (text.empty() || text.size() > fast_bytes_max) return false;
  if (text.front() == '+') {
    dialled.plus = true;
    text.remove_prefix(1);
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_digit(c)) {
      if (dialled.count == digits_max) return false;
      dialled.bytes[dialled.count++] = c;
    } else if (text.substr(at, 3) == "(0)" && dialled.count != 0 && !dialled.optional_zero) {
      dialled.optional_zero = true;
      at += 2;
    } else if ((c != ' ' && c != '-' && c != '.') || (at == 0 && dialled.plus)) {
      return false;
    }
  }
  return dialled.count != 0 && is_digit(text.back()) && (dialled.plus || is_digit(text.front()));
}

void write(const Plan& plan, std::string_view national, bool international, PhoneReading& reading) {
  auto& out = reading.e164;
  out.bytes[0] = '+';
  auto* end = std::copy(plan.code.begin(), plan.code.end(), out.bytes.data() + 1);
  end = std::copy(national.begin(), national.end(), end);
  out.size = static_cast<std::size_t>(end - out.bytes.data());
  reading.international = international;
  reading.problem = nullptr;
}

}  // namespace

bool read_fast(std::string_view text, std::string_view country, PhoneReading& reading) {
  Dialled dialled;
  if (!read_digits(text, dialled)) return false;
  std::string_view digits = dialled.digits();
  const bool prefixed = !dialled.plus && digits.substr(0, 2) == "00" && has_word(dials_00, country);
  if (dialled.plus || prefixed) {
    if (prefixed) digits.remove_prefix(2);
    const Plan* plan = plan_of_code(digits);
    if (plan == nullptr) return false;
    const auto national = digits.substr(plan->code.size());
    if (dialled.optional_zero && plan->country != "NL") return false;
    if (!fits(*plan, national)) return false;
    write(*plan, national, true, reading);
    return true;
  }
  const Plan* plan = plan_of_country(country);
  if (plan == nullptr || dialled.optional_zero || digits.front() != '0') return false;
  digits.remove_prefix(1);
  if (!fits(*plan, digits)) return false;
  write(*plan, digits, false, reading);
  return true;
}

const PhoneReading& Phones::cached(std::string_view text, std::string_view country) {
  key_.assign(country);
  key_.push_back('|');
  key_.append(text);
  Slot& slot = slots_[hash64(key_) & (slots_max - 1)];
  if (slot.key != key_) {
    slot.key = key_;
    slot.reading = read_with_library(text, country);
  }
  return slot.reading;
}

Outcome Phones::clean(std::string_view text, std::string_view country, Arena& arena) {
  // Without a country nobody's international prefix is known; 00 is ITU's (E.123).
  if (country.empty() && text.substr(0, 2) == "00") {
    text = concatenate({"+", text.substr(2)}, arena);
  }
  PhoneReading reading;
  if (!read_fast(text, country, reading)) reading = cached(text, country);
  if (reading.problem != nullptr) return problem(reading.problem);
  const Rule rule = reading.international ? Rule::phone_international : Rule::phone_national;
  if (reading.e164.view() == text) return {text, Rule::none, nullptr};
  return {arena.copy(reading.e164.view()), rule, nullptr};
}

}  // namespace rondom::normalize
