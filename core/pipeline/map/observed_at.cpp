#include "pipeline/map/observed_at.h"

#include <charconv>

#include "base/text.h"

namespace rondom::map {
namespace {

/// Offsets of time zones change at multiples of this.
constexpr std::int64_t offset_step = 900 * microseconds_per_second;

/// Takes exactly `digits` digits off the front.
bool take(std::string_view& rest, std::size_t digits, int& number) {
  if (rest.size() < digits) return false;
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + digits, number);
  if (problem != std::errc() || end != rest.data() + digits || !is_digit(rest.front()))
    return false;
  rest.remove_prefix(digits);
  return true;
}

bool take(std::string_view& rest, char c) {
  if (rest.empty() || rest.front() != c) return false;
  rest.remove_prefix(1);
  return true;
}

/// ".123456", of any length, as microseconds.
std::int64_t take_fraction(std::string_view& rest) {
  std::int64_t microseconds = 0;
  std::int64_t unit = microseconds_per_second / 10;
  while (!rest.empty() && is_digit(rest.front())) {
    microseconds += (rest.front() - '0') * unit;
    unit /= 10;
    rest.remove_prefix(1);
  }
  return microseconds;
}

bool take_date(std::string_view& rest, CivilDate& date) {
  return take(rest, 4, date.year) && take(rest, '-') && take(rest, 2, date.month) &&
         take(rest, '-') && take(rest, 2, date.day);
}

bool is_real(const CivilDate& date) {
  return date.year >= 1 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= days_in_month(date.year, date.month);
}

bool take_clock(std::string_view& rest, std::int64_t& microseconds) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take(rest, 2, hour) || !take(rest, ':') || !take(rest, 2, minute)) return false;
  std::int64_t fraction = 0;
  if (take(rest, ':')) {
    if (!take(rest, 2, second)) return false;
    if (take(rest, '.')) {
      if (rest.empty() || !is_digit(rest.front())) return false;
      fraction = take_fraction(rest);
    }
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  const std::int64_t seconds = hour * 3600 + minute * 60 + second;
  microseconds = seconds * microseconds_per_second + fraction;
  return true;
}

/// "Z", "+01:00", "+0100", "+01" as microseconds east of UTC.
bool take_offset(std::string_view& rest, std::int64_t& offset) {
  offset = 0;
  if (take(rest, 'Z') || take(rest, 'z')) return true;
  const bool is_west = !rest.empty() && rest.front() == '-';
  if (!take(rest, '+') && !take(rest, '-')) return false;
  int hours = 0;
  int minutes = 0;
  if (!take(rest, 2, hours)) return false;
  if (!rest.empty()) {
    take(rest, ':');
    if (!take(rest, 2, minutes)) return false;
  }
  if (hours > 23 || minutes > 59) return false;
  offset = (hours * 3600 + minutes * 60) * microseconds_per_second * (is_west ? -1 : 1);
  return true;
}

bool is_utc(std::string_view zone) {
  return zone.empty() || zone == "UTC" || zone == "Etc/UTC" || zone == "Z";
}

/// "2026-03-14 21:04:05" without its zone.
std::string local_text(Timestamp local) {
  std::string text = format_time(local);
  text[10] = ' ';
  text.resize(19);
  return text;
}

}  // namespace

TimeReader::TimeReader(std::string_view time_zone)
    : time_zone_(is_utc(time_zone) ? "" : time_zone) {
  if (time_zone_.empty()) return;
  std::string text = R"(. | datetime("yyyy-MM-dd HH:mm:ss", )";
  append_json_string(text, time_zone_);
  text += ')';
  expression::Problem problem;
  if (!expression::Expression::compile(text, in_zone_, problem)) in_zone_ = {};
}

TimeReader::Outcome TimeReader::read(std::string_view text, Timestamp& at) {
  std::string_view rest = trim_ascii(text);
  if (rest.empty() || rest.starts_with("0000-00-00")) return Outcome::nothing;
  CivilDate date;
  if (!take_date(rest, date) || !is_real(date)) return Outcome::unreadable;
  at = days_from_civil(date) * microseconds_per_day;
  if (rest.empty()) return Outcome::read;

  std::int64_t clock = 0;
  if (!take(rest, 'T') && !take(rest, 't') && !take(rest, ' ')) return Outcome::unreadable;
  if (!take_clock(rest, clock)) return Outcome::unreadable;
  at += clock;
  if (rest.empty()) {
    at = to_utc(at);
    return at == no_time ? Outcome::unreadable : Outcome::read;
  }
  take(rest, ' ');
  std::int64_t offset = 0;
  if (!take_offset(rest, offset) || !rest.empty()) return Outcome::unreadable;
  at -= offset;
  return Outcome::read;
}

bool TimeReader::offset_at(Timestamp local, std::int64_t& offset) const {
  if (!in_zone_.present()) return false;
  Arena arena(512);
  const std::string text = local_text(local);
  expression::Scope scope;
  scope.current = Value::text(text);
  scope.root = scope.current;
  scope.arena = &arena;
  const Result<Value> utc = in_zone_.evaluate(scope);
  if (!utc.ok() || utc->type() != ValueType::time) return false;
  offset = local - utc->as_time();
  return true;
}

Timestamp TimeReader::to_utc(Timestamp local) {
  if (time_zone_.empty()) return local;
  std::int64_t step = local / offset_step;
  if (local % offset_step < 0) --step;
  Known& known = known_[static_cast<std::size_t>(step) % known_offsets_max];
  if (known.step != step) {
    std::int64_t offset = 0;
    if (!offset_at(step * offset_step, offset)) return no_time;
    known = {step, offset};
  }
  return local - known.offset;
}

}  // namespace rondom::map
