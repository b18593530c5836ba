// split_whole_address(): street, postcode, place and country out of one text.
#include <algorithm>

#include "base/base.h"
#include "pipeline/normalize/address.h"
#include "pipeline/normalize/address_words.h"
#include "pipeline/normalize/postcode.h"
#include "pipeline/normalize/street_number.h"
#include "pipeline/normalize/text.h"
#include "pipeline/normalize/words.h"

namespace rondom::normalize {
namespace {

bool is_postcode(std::string_view text, std::string_view country, std::string_view& postcode,
                 Arena& arena) {
  const PostcodeReading reading = read_postcode(text, country, arena);
  if (!reading.known || !reading.fits) return false;
  postcode = reading.outcome.value;
  return true;
}

// A place may have digits only after "Cedex": "Paris Cedex 08".
bool is_locality(std::string_view text) {
  if (text.size() < 2 || is_digit(text.front()) || says_nothing(text)) return false;
  const LineWords words = line_words(text);
  if (!words.complete || words.count > 6) return false;
  for (std::size_t at = 0; at < words.count; ++at) {
    if (!has_digit(words.word[at])) continue;
    if (at == 0 || !equals_ignoring_case(words.word[at - 1], "cedex")) return false;
  }
  return true;
}

bool postcode_comes_last(std::string_view country) {
  for (const std::string_view other : {"GB", "IE", "JE", "GG", "IM"}) {
    if (country == other) return true;
  }
  return false;
}

// "1234 AB Utrecht", "10115 Berlin", from word `first` to the end.
bool read_place(const LineWords& words, std::size_t first, std::string_view country,
                WholeAddress& address, Arena& arena) {
  if (!words.complete) return false;
  for (const std::size_t count : {std::size_t{2}, std::size_t{1}}) {
    if (first + count >= words.count) continue;
    std::string_view postcode;
    if (!is_postcode(words.range(first, first + count), country, postcode, arena)) continue;
    const auto locality = words.range(first + count, words.count);
    if (!is_locality(locality)) continue;
    address.postcode = postcode;
    address.locality = locality;
    return true;
  }
  return false;
}

// "London SW1A 1AA": the postcode at the end, with the place before it or in the part before.
bool read_british_place(LineParts& parts, std::string_view country, WholeAddress& address,
                        Arena& arena) {
  const LineWords words = line_words(parts.part[parts.count - 1]);
  for (const std::size_t count : {std::size_t{2}, std::size_t{1}}) {
    if (words.count < count || !words.complete) continue;
    const auto text = words.range(words.count - count, words.count);
    if (!is_postcode(text, country, address.postcode, arena)) continue;
    auto locality = words.range(0, words.count - count);
    --parts.count;
    if (locality.empty() && parts.count > 1) locality = parts.part[--parts.count];
    address.locality = locality;
    return is_locality(locality);
  }
  return false;
}

bool read_street(std::string_view text, std::string_view country, WholeAddress& address,
                 Arena& arena) {
  switch (split_street(text, country, address.street, arena)) {
    case AddressSplit::split: return true;
    case AddressSplit::uncertain: return false;
    case AddressSplit::nothing: break;
  }
  address.street = {text, {}, {}, {}};
  return text.find(',') == std::string_view::npos;
}

// "Kerkstraat 12 1234 AB Utrecht": the one place where a street ends and a postcode begins.
bool read_without_commas(std::string_view text, std::string_view country, WholeAddress& address,
                         Arena& arena) {
  const LineWords words = line_words(text);
  if (read_place(words, 0, country, address, arena)) return true;
  bool found = false;
  for (std::size_t at = 2; at < words.count; ++at) {
    WholeAddress read;
    if (!read_place(words, at, country, read, arena)) continue;
    if (split_street(words.range(0, at), country, read.street, arena) != AddressSplit::split) {
      continue;
    }
    if (found) return false;
    found = true;
    read.country = address.country;
    address = read;
  }
  return found;
}

// Takes a country off the end; a place of that name stays where nothing else would be left.
std::string_view take_country(LineParts& parts, std::string_view country, WholeAddress& address,
                              Arena& arena) {
  if (parts.count < 2) return country;
  const auto last = parts.part[parts.count - 1];
  if (has_digit(last)) return country;
  const Outcome outcome = clean_country(last, arena);
  if (outcome.problem != nullptr) return country;
  if (!has_digit(parts.part[parts.count - 2])) return country;
  --parts.count;
  address.country = last;
  return outcome.value;
}

}  // namespace

bool split_whole_address(std::string_view text, std::string_view country, WholeAddress& address,
                         Arena& arena) {
  address = {};
  LineParts parts = line_parts(text);
  if (!parts.complete || parts.count == 0) return false;
  country = take_country(parts, country, address, arena);
  if (postcode_comes_last(country)) {
    if (!read_british_place(parts, country, address, arena)) return false;
  } else if (parts.count == 1) {
    return read_without_commas(parts.part[0], country, address, arena);
  } else {
    auto place = parts.part[parts.count - 1];
    std::size_t taken = 1;
    std::string_view postcode;
    if (!has_digit(place) && is_postcode(parts.part[parts.count - 2], country, postcode, arena)) {
      place = concatenate({parts.part[parts.count - 2], " ", place}, arena);
      taken = 2;
    }
    if (!read_place(line_words(place), 0, country, address, arena)) return false;
    parts.count -= taken;
  }
  if (parts.count == 0) return true;
  const char* const begin = parts.part[0].data();
  const auto& last = parts.part[parts.count - 1];
  const std::string_view street(begin, static_cast<std::size_t>(last.data() + last.size() - begin));
  return read_street(street, country, address, arena);
}

}  // namespace rondom::normalize
