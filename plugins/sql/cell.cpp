#include "cell.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "times.h"

namespace rondom::sql {

namespace {

constexpr std::size_t exact_digits_max = 18;  // what the engine's numbers surely hold
constexpr double real_max = 1e17;
constexpr double real_min = 1e-300;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "-0012.50" -> "-12.50": ZEROFILL is no JSON. Empty when it is no plain decimal number, or one of
/// too many digits.
std::string plain_number(std::string_view text) {
  std::string out;
  if (text.starts_with('-')) {
    out = "-";
    text.remove_prefix(1);
  }
  while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
  std::size_t digits = 0;
  std::size_t points = 0;
  for (const char c : text) {
    if (is_digit(c)) {
      ++digits;
    } else if (c != '.' || ++points > 1) {
      return {};
    }
  }
  if (digits == 0 || digits > exact_digits_max || !is_digit(text.front()) || !is_digit(text.back()))
    return {};
  return out.append(text);
}

/// A whole number as JSON writes it.
bool fits_64_bits(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool zeros = text.starts_with("-0") || (text.starts_with('0') && text.size() > 1);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && !zeros;
}

void append_real(std::string& out, std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const double size = std::fabs(value);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!whole || !std::isfinite(value) || size > real_max || (size != 0 && size < real_min)) {
    append_json_string(out, text);
    return;
  }
  JsonWriter(out).raw(text.starts_with('.') ? "0" + std::string(text) : std::string(text));
}

void append_json_column(std::string& out, std::string_view text) {
  const Result<Json> parsed = parse_json(text);
  if (parsed.ok()) {
    out.append(text);
  } else {
    append_json_string(out, text);
  }
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_hex(std::string& out, std::string_view text) {
  std::string bytes;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(hex_digit(text[i]) * 16 + hex_digit(text[i + 1]));
  }
  append_base64(out, bytes);
}

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::int64_t order_of_number(std::string_view text) {
  const char* const end = text.data() + text.size();
  if (text.starts_with('-')) return order_of(-1);
  if (text.find_first_of("eE") != std::string_view::npos) {
    double number = 0;
    if (std::from_chars(text.data(), end, number).ec != std::errc()) return no_time;
    constexpr double whole_max = 9e18;
    return order_of(static_cast<std::int64_t>(std::min(number, whole_max)));
  }
  std::int64_t whole = 0;
  const auto read = std::from_chars(text.data(), end, whole);
  if (read.ec == std::errc::result_out_of_range) {
    return order_of(std::numeric_limits<std::int64_t>::max());
  }
  if (read.ec != std::errc()) return no_time;
  std::int64_t millionths = 0;
  const char* digit = read.ptr;
  if (digit != end && *digit == '.') ++digit;
  for (std::int64_t unit = 100'000; unit > 0 && digit != end && *digit >= '0' && *digit <= '9';
       unit /= 10) {
    millionths += (*digit++ - '0') * unit;
  }
  return order_of(whole, millionths);
}

}  // namespace

FieldType field_type(Kind kind) {
  switch (kind) {
    case Kind::integer: return FieldType::integer;
    case Kind::decimal:
    case Kind::real: return FieldType::decimal;
    case Kind::boolean: return FieldType::boolean;
    case Kind::date: return FieldType::date;
    case Kind::local_time:
    case Kind::utc_time: return FieldType::time;
    case Kind::json: return FieldType::object;
    case Kind::list: return FieldType::list;
    default: return FieldType::text;
  }
}

void append_json(std::string& out, const Cell& cell) {
  switch (cell.kind) {
    case Kind::null: out += "null"; return;
    case Kind::integer:
    case Kind::decimal: {
      if (fits_64_bits(cell.text)) {
        out += cell.text;
        return;
      }
      const std::string number = plain_number(cell.text);
      if (number.empty()) {
        append_json_string(out, cell.text);
      } else {
        out += number;
      }
      return;
    }
    case Kind::real: append_real(out, cell.text); return;
    case Kind::boolean:
      if (cell.text == "t" || cell.text == "1") {
        out += "true";
      } else if (cell.text == "f" || cell.text == "0") {
        out += "false";
      } else {
        append_json(out, {Kind::integer, Kind::text, cell.text});
      }
      return;
    case Kind::local_time:
    case Kind::utc_time:
      append_json_string(out, rfc3339(cell.text, cell.kind == Kind::utc_time));
      return;
    case Kind::json: append_json_column(out, cell.text); return;
    case Kind::bytes:
      out += '"';
      append_base64(out, cell.text);
      out += '"';
      return;
    case Kind::hex_bytes:
      out += '"';
      append_hex(out, cell.text);
      out += '"';
      return;
    case Kind::list: append_list(out, cell.text, cell.element); return;
    case Kind::text:
    case Kind::date: append_json_string(out, cell.text); return;
  }
}

void append_base64(std::string& out, std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) -> std::uint32_t {
      return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
    };
    const std::uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += base64_digits[three >> 18];
    out += base64_digits[(three >> 12) & 63];
    out += i + 1 < bytes.size() ? base64_digits[(three >> 6) & 63] : '=';
    out += i + 2 < bytes.size() ? base64_digits[three & 63] : '=';
  }
}

std::string from_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    if (c == '=') break;
    const std::size_t digit = base64_digits.find(c);
    if (digit == std::string_view::npos) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>((bits >> held) & 255);
  }
  return out;
}

Bound earlier(const Bound& bound, std::int64_t seconds) {
  Bound out = bound;
  if (bound.kind == Kind::integer) {
    std::int64_t number = 0;
    const char* end = bound.text.data() + bound.text.size();
    const auto read = std::from_chars(bound.text.data(), end, number);
    std::int64_t less = 0;
    if (read.ec == std::errc() && read.ptr == end &&
        !__builtin_sub_overflow(number, seconds, &less)) {
      out.text = std::to_string(less);
    }
    return out;
  }
  if (bound.kind == Kind::decimal || bound.kind == Kind::real) {
    // Less of the whole part and the fraction as it is: of a result below zero that is a little
    // earlier still.
    const std::size_t point = bound.text.find_first_of(".eE");
    Bound whole{Kind::integer, bound.text.substr(0, point)};
    const bool has_power = bound.text.find_first_of("eE") != std::string::npos;
    double number = 0;
    const char* end = bound.text.data() + bound.text.size();
    if (has_power && std::from_chars(bound.text.data(), end, number).ec == std::errc()) {
      char digits[40];
      const auto written =
          std::to_chars(digits, digits + sizeof digits, number - static_cast<double>(seconds));
      out.text.assign(digits, written.ptr);
    } else if (!has_power) {
      out.text = earlier(whole, seconds).text +
                 (point == std::string::npos ? std::string() : bound.text.substr(point));
    }
    return out;
  }
  out.text = time_less(bound.text, seconds);
  return out;
}

std::int64_t changed_at_us(const Cell& cell) {
  if (cell.kind == Kind::utc_time) return microseconds_of(cell.text);
  if (cell.kind == Kind::integer || cell.kind == Kind::decimal || cell.kind == Kind::real) {
    return order_of_number(cell.text);
  }
  if (cell.kind != Kind::local_time && cell.kind != Kind::date && cell.kind != Kind::text) {
    return no_time;
  }
  const std::int64_t local = microseconds_of(cell.text);
  if (local == no_time) return no_time;
  const std::int64_t since_year_one = local - microseconds_of("0001-01-01");
  return order_of(since_year_one / 1'000'000, since_year_one % 1'000'000);
}

}  // namespace rondom::sql
