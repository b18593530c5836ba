#include "outbound_name.h"

#include <charconv>

#include "files.h"

namespace rondom::audience_manager {
namespace {

constexpr std::size_t second_digits = 10;
constexpr std::size_t millisecond_digits = 13;
constexpr std::size_t digits_max = 18;

bool take_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// Ten digits and a part of three read as milliseconds of the same second, so the two never mix up.
std::optional<std::int64_t> milliseconds(std::string_view digits) {
  if (!is_digits(digits) || digits.size() < second_digits || digits.size() > digits_max)
    return std::nullopt;
  if (digits.size() < millisecond_digits) return number(digits.substr(0, second_digits)) * 1'000;
  return number(digits.substr(0, millisecond_digits));
}

}  // namespace

std::optional<OutboundName> parse_outbound_name(std::string_view name) {
  take_end(name, ".gz");
  const bool overwrite = take_end(name, ".overwrite");
  if (!overwrite && !take_end(name, ".sync")) return std::nullopt;
  const std::size_t dash = name.rfind('-');
  const std::size_t last = name.rfind('_');
  if (last == std::string_view::npos) return std::nullopt;
  std::string_view time = name.substr(last + 1);
  if (dash != std::string_view::npos && dash > last) {
    if (!is_digits(name.substr(dash + 1))) return std::nullopt;
    time = name.substr(last + 1, dash - last - 1);
  }
  const std::optional<std::int64_t> at = milliseconds(time);
  if (!at) return std::nullopt;
  std::string_view start = name.substr(0, last);
  OutboundName parsed;
  parsed.at_ms = *at;
  if (take_end(start, "full")) {
    parsed.full = true;
  } else if (!take_end(start, "iter")) {
    // A name may leave the mode out; only the extension tells then.
    parsed.full = overwrite;
    parsed.series = start;
    return parsed;
  }
  if (overwrite) parsed.full = true;
  if (!start.empty() && !take_end(start, "_")) return std::nullopt;
  parsed.series = start;
  return parsed;
}

}  // namespace rondom::audience_manager
