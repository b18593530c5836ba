#include "pipeline/normalize/address.h"

#include <algorithm>
#include <array>

#include "base/base.h"
#include "pipeline/normalize/address_words.h"
#include "pipeline/normalize/house_number.h"
#include "pipeline/normalize/street_number.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

enum class Place { behind, before, either };

// Where the house number stands; French is written both ways outside France.
Place number_place(std::string_view country) {
  for (const std::string_view other :
       {"FR", "GB", "IE", "US", "CA", "AU", "NZ", "MC", "GG", "JE", "IM", "ZA", "IN"}) {
    if (country == other) return Place::before;
  }
  if (country == "LU" || country == "BE" || country == "CH") return Place::either;
  return Place::behind;
}

// "Postbus 123", "Postfach 10 20 30": the digits of a post box are one number.
AddressSplit split_post_box(std::string_view text, std::string_view country, StreetLine& line,
                            Arena& arena) {
  const std::size_t word = post_box_word(text, country);
  if (word == 0) return AddressSplit::nothing;
  auto digits = text.substr(word);
  while (!digits.empty() && (digits.front() == ' ' || digits.front() == ':')) {
    digits.remove_prefix(1);
  }
  for (const std::string_view mark : {"nr. ", "nr ", "n° ", "no. ", "no "}) {
    if (starts_with_ignoring_case(digits, mark)) digits.remove_prefix(mark.size());
  }
  const auto number = without(digits, " ", arena);
  constexpr std::size_t box_digits_max = 8;
  if (!all_digits(number) || number.size() > box_digits_max) return AddressSplit::nothing;
  line = {trim_ascii(text.substr(0, word)), number, {}, {}};
  while (!line.street.empty() && line.street.back() == ':') line.street.remove_suffix(1);
  return AddressSplit::split;
}

// "Dam 12 n/a": a part that says nothing would be dropped the next time.
bool loses_words(const StreetLine& line) {
  return (!line.suffix.empty() && says_nothing(line.suffix)) ||
         (!line.unit.empty() && says_nothing(line.unit));
}

AddressSplit split_line(std::string_view text, std::string_view country, StreetLine& line,
                        Arena& arena) {
  if (!has_digit(text)) return AddressSplit::nothing;
  if (split_post_box(text, country, line, arena) == AddressSplit::split) return AddressSplit::split;
  switch (number_place(country)) {
    case Place::behind: return split_number_behind(text, country, line, arena);
    case Place::before: return split_number_before(text, country, line, arena);
    case Place::either: break;
  }
  const bool before = is_digit(text.front()) && starts_french_street(text);
  return before ? split_number_before(text, country, line, arena)
                : split_number_behind(text, country, line, arena);
}

}  // namespace

AddressSplit split_house_number(std::string_view text, std::string_view country, StreetLine& line,
                                Arena& arena) {
  if (text.empty() || all_digits(text)) return AddressSplit::nothing;
  if (country != "NL" && number_range(text) == text.size()) return AddressSplit::nothing;
  StreetLine read;
  if (!read_house_number(text, country, read, arena)) return AddressSplit::uncertain;
  if (read.suffix.empty() && read.unit.empty() && read.house_number == text) {
    return AddressSplit::nothing;
  }
  if (loses_words(read)) return AddressSplit::uncertain;
  line = read;
  return AddressSplit::split;
}

AddressSplit split_street(std::string_view text, std::string_view country, StreetLine& line,
                          Arena& arena) {
  const AddressSplit found = split_line(text, country, line, arena);
  const bool split = found == AddressSplit::split;
  return split && (says_nothing(line.street) || loses_words(line)) ? AddressSplit::uncertain
                                                                   : found;
}

}  // namespace rondom::normalize
