#include "pipeline/normalize/postcode.h"

#include <array>

#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t postcode_letters_max = 10;

// Written form: 9 is a digit, A a letter, 1 a digit but zero, * either; a space or hyphen is put
// there, any other letter stands for itself.
struct Form {
  std::string_view country;
  std::string_view pattern;
};
constexpr auto forms = std::to_array<Form>({
    {"NL", "1999 AA"},  {"BE", "1999"},     {"DE", "99999"},      {"FR", "99999"},
    {"LU", "1999"},     {"AT", "1999"},     {"CH", "1999"},       {"LI", "1999"},
    {"DK", "9999"},     {"NO", "9999"},     {"SE", "999 99"},     {"FI", "99999"},
    {"ES", "99999"},    {"PT", "9999-999"}, {"IT", "99999"},      {"PL", "99-999"},
    {"CZ", "999 99"},   {"SK", "999 99"},   {"HU", "1999"},       {"SI", "1999"},
    {"HR", "99999"},    {"RO", "999999"},   {"BG", "1999"},       {"GR", "999 99"},
    {"EE", "99999"},    {"US", "99999"},    {"US", "99999-9999"}, {"TR", "99999"},
    {"GB", "A9 9AA"},   {"GB", "A99 9AA"},  {"GB", "AA9 9AA"},    {"GB", "AA99 9AA"},
    {"GB", "A9A 9AA"},  {"GB", "AA9A 9AA"}, {"GB", "GIR 0AA"},    {"GB", "BFPO 9"},
    {"GB", "BFPO 99"},  {"GB", "BFPO 999"}, {"GB", "BFPO 9999"},  {"JE", "JE9 9AA"},
    {"JE", "JE99 9AA"}, {"GG", "GY9 9AA"},  {"GG", "GY99 9AA"},   {"IM", "IM9 9AA"},
    {"IM", "IM99 9AA"}, {"IE", "A99 ****"}, {"IE", "D6W ****"},   {"CA", "A9A 9A9"},
    {"AU", "9999"},
});

struct Letters {
  std::array<char, postcode_letters_max> bytes{};
  std::size_t count = 0;
  std::string_view view() const { return {bytes.data(), count}; }
};

// Letters and digits in capitals; false when there is anything but spaces and hyphens between them.
bool read_letters(std::string_view text, Letters& out) {
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    if (!is_digit(c) && !is_ascii_letter(c)) return false;
    if (out.count == out.bytes.size()) return false;
    out.bytes[out.count++] = upper_ascii_char(c);
  }
  return out.count != 0;
}

bool is_mark(char c) {
  return c == ' ' || c == '-';
}

bool is_allowed(char form, char c) {
  switch (form) {
    case '9': return is_digit(c);
    case '0': return c == '0';
    case '1': return is_digit(c) && c != '0';
    case '*': return is_digit(c) || is_ascii_letter(c);
    case 'A': return is_ascii_letter(c);
    default: return c == form;
  }
}

bool fits_pattern(std::string_view pattern, std::string_view letters) {
  std::size_t at = 0;
  for (const char form : pattern) {
    if (is_mark(form)) continue;
    if (at == letters.size() || !is_allowed(form, letters[at])) return false;
    ++at;
  }
  return at == letters.size();
}

std::string_view write(std::string_view pattern, std::string_view letters, Arena& arena) {
  auto* out = static_cast<char*>(arena.allocate(pattern.size(), 1));
  std::size_t at = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    out[i] = is_mark(pattern[i]) ? pattern[i] : letters[at++];
  }
  return {out, pattern.size()};
}

// "B-1000", "NL-1234 AB", "D 12345".
std::string_view without_country(std::string_view letters, std::string_view country) {
  const bool own_letters = country == "JE" || country == "IM";  // they are part of the postcode
  if (letters.size() > 2 && letters.substr(0, 2) == country && is_digit(letters[2]) &&
      !own_letters) {
    return letters.substr(2);
  }
  const bool one_letter =
      country == "BE" || country == "DE" || country == "FR" || country == "LU" || country == "AT";
  if (one_letter && letters.size() > 1 && letters[0] == country[0] && is_digit(letters[1])) {
    return letters.substr(1);
  }
  return letters;
}

bool is_among(char c, std::string_view letters) {
  return letters.find(c) != std::string_view::npos;
}

// Royal Mail, "PAF Programmers Guide", postcode format: letters that stand nowhere in such a place.
bool is_never_british(std::string_view letters) {
  if (letters.substr(0, 3) == "GIR" || letters.substr(0, 4) == "BFPO") return false;
  const auto outward = letters.substr(0, letters.size() - 3);
  if (is_among(outward[0], "QVX")) return true;
  if (is_ascii_letter(outward[1]) && is_among(outward[1], "IJZ")) return true;
  return is_among(letters[letters.size() - 2], "CIKMOV") || is_among(letters.back(), "CIKMOV");
}

// What fits the form but was never issued. NL: for what the letters once stood for. DE:
// Leitregionen without a place. FR: numbers of departments.
bool is_never_issued(std::string_view country, std::string_view letters) {
  if (country == "NL") {
    const auto end = letters.substr(letters.size() - 2);
    return end == "SA" || end == "SD" || end == "SS";
  }
  const auto start = letters.substr(0, 2);
  if (country == "DE") return start == "00" || start == "05" || start == "43" || start == "62";
  if (country == "FR") return start == "96" || start == "99";
  if (country == "ES") return start == "00" || start > "52";
  return country == "GB" && is_never_british(letters);
}

}  // namespace

PostcodeReading read_postcode(std::string_view text, std::string_view country, Arena& arena) {
  Letters read;
  const bool readable = read_letters(text, read);
  const auto letters = readable ? without_country(read.view(), country) : std::string_view();
  bool known = false;
  for (const Form& form : forms) {
    if (form.country != country) continue;
    known = true;
    if (!readable || !fits_pattern(form.pattern, letters)) continue;
    if (is_never_issued(country, letters)) break;
    const auto value = write(form.pattern, letters, arena);
    if (value == text) return {{text, Rule::none, nullptr}};
    return {{value, Rule::postcode, nullptr}};
  }
  const auto value = upper(text, arena);
  return {{value, rule_when_changed(value, text, Rule::postcode), nullptr}, !known, known};
}

}  // namespace rondom::normalize
