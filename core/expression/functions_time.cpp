// Functions that make dates and times. Null in, null out; so do empty texts and 0000-00-00.
#include <array>

#include "base/text.h"
#include "expression/date_format.h"
#include "expression/exact.h"
#include "expression/function.h"

namespace rondom::expression {

namespace {

struct PreparedFormat final : Prepared {
  DateFormat format;
};

bool prepare_format(LiteralArguments literals, std::shared_ptr<const Prepared>& out,
                    Problem& problem, bool needs_date) {
  auto prepared = std::make_shared<PreparedFormat>();
  if (!DateFormat::compile(literals[1].as_text(), prepared->format, problem.message,
                           problem.hint)) {
    return false;
  }
  if (needs_date && !prepared->format.has_date()) {
    problem.message = "the format needs yyyy, MM and dd";
    return false;
  }
  out = std::move(prepared);
  return true;
}

bool prepare_date(LiteralArguments literals, const Library*, std::shared_ptr<const Prepared>& out,
                  std::size_t& argument, Problem& problem) {
  argument = 1;
  return literals.size() < 2 || prepare_format(literals, out, problem, false);
}

bool prepare_datetime(LiteralArguments literals, const Library*,
                      std::shared_ptr<const Prepared>& out, std::size_t& argument,
                      Problem& problem) {
  if (literals.size() >= 3 && literals[2].is_text() &&
      open_zone(literals[2].as_text()) == nullptr) {
    argument = 2;
    problem.message = "there is no such time zone";
    problem.hint = "a name such as Europe/Amsterdam or UTC";
    return false;
  }
  argument = 1;
  return literals.size() < 2 || prepare_format(literals, out, problem, true);
}

const DateFormat* format_of(Call& call) {
  const auto* prepared = static_cast<const PreparedFormat*>(call.prepared());
  return prepared == nullptr ? nullptr : &prepared->format;
}

bool says_nothing(std::string_view text) {
  return text.empty() || is_zero_date(text);
}

bool find_zone(Call& call, std::string_view name, std::shared_ptr<const Zone>& zone) {
  zone = call.evaluation().ast().zones.find(name);
  return zone != nullptr || call.fail("there is no such time zone");
}

/// The local day that holds `at`.
bool local_day(Call& call, Timestamp at, CivilDate& day) {
  std::shared_ptr<const Zone> zone;
  if (!find_zone(call, call.scope().time_zone, zone)) return false;
  const std::int64_t local = zone->local_of(at);
  std::int64_t days = local / microseconds_per_day;
  if (local % microseconds_per_day < 0) --days;
  day = civil_from_days(days);
  return true;
}

bool date_of_text(Call& call, std::string_view text, Value& out) {
  if (format_of(call) == nullptr) {
    Value moment;
    if (!moment_of_text(text, moment)) return call.fail("the text is no date");
    if (moment.type() == ValueType::date) {
      out = moment;
      return true;
    }
    // The day as the text writes it: what its offset makes of it in UTC is another matter.
    PartialDate written;
    if (!parse_partial_date(text.substr(0, 10), written)) return call.fail("the text is no date");
    out = Value::date(written);
    return true;
  }
  DateFields fields;
  if (!format_of(call)->read(text, fields)) {
    return call.fail("the text does not fit the date format");
  }
  const PartialDate date{std::int16_t(fields.year.value_or(0)),
                         std::uint8_t(fields.month.value_or(0)),
                         std::uint8_t(fields.day.value_or(0))};
  // Whether the parts make a date is for one reader to know.
  PartialDate real;
  if (!parse_partial_date(to_text(date), real)) return call.fail("there is no such date");
  out = Value::date(real);
  return true;
}

bool date(Call& call, Value& out) {
  Value value;
  if (!call.value(0, value)) return false;
  out = Value();
  if (value.is_null()) return true;
  if (value.type() == ValueType::date) {
    out = value;
    return true;
  }
  if (value.type() == ValueType::time) {
    CivilDate day;
    if (!local_day(call, value.as_time(), day)) return false;
    if (day.year < 1 || day.year > 9999) return call.fail("the year is not from 1 to 9999");
    out = Value::date({std::int16_t(day.year), std::uint8_t(day.month), std::uint8_t(day.day)});
    return true;
  }
  std::string_view text;
  bool null = false;
  if (!call.text(0, text, null)) return false;
  text = trim_ascii(text);
  return says_nothing(text) || date_of_text(call, text, out);
}

/// ISO 8601 with or without an offset, "T" or a space between date and time.
bool read_iso(std::string_view text, DateFields& fields) {
  // Rondom's own patterns: they always compile.
  static const std::array<DateFormat, 7> formats = [] {
    std::array<DateFormat, 7> made;
    std::string problem;
    std::string hint;
    static constexpr std::array<std::string_view, 7> patterns{"yyyy-MM-ddTHH:mm:ssX",
                                                              "yyyy-MM-ddTHH:mm:ss.SX",
                                                              "yyyy-MM-ddTHH:mm:ss",
                                                              "yyyy-MM-ddTHH:mm:ss.S",
                                                              "yyyy-MM-ddTHH:mm",
                                                              "yyyy-MM-ddTHH:mmX",
                                                              "yyyy-MM-dd"};
    for (std::size_t i = 0; i < made.size(); ++i) {
      DateFormat::compile(patterns[i], made[i], problem, hint);
    }
    return made;
  }();
  std::string with_t(text);
  if (with_t.size() > 10 && with_t[10] == ' ') with_t[10] = 'T';
  for (const DateFormat& format : formats) {
    if (format.read(with_t, fields)) return true;
  }
  return false;
}

bool time_of_fields(Call& call, const DateFields& fields, Value& out) {
  const std::optional<std::int64_t> local = local_time_of(fields);
  if (!local) return call.fail("there is no such date");
  if (fields.offset_minutes) {
    out = Value::time(*local - *fields.offset_minutes * 60LL * microseconds_per_second);
    return true;
  }
  std::string_view name = call.scope().time_zone;
  bool null = false;
  if (call.has(2) && !call.text(2, name, null)) return false;
  std::shared_ptr<const Zone> zone;
  if (!find_zone(call, null ? call.scope().time_zone : name, zone)) return false;
  out = Value::time(zone->utc_of(*local));
  return true;
}

bool datetime(Call& call, Value& out) {
  Value value;
  if (!call.value(0, value)) return false;
  out = Value();
  if (value.is_null()) return true;
  if (value.type() == ValueType::time) {
    out = value;
    return true;
  }
  std::string_view text;
  bool null = false;
  if (!call.text(0, text, null)) return false;
  text = trim_ascii(text);
  if (says_nothing(text)) return true;
  if (text.size() > 64) return call.fail("the text is no time");
  DateFields fields;
  const DateFormat* format = format_of(call);
  if (format == nullptr ? !read_iso(text, fields) : !format->read(text, fields)) {
    return call.fail(format == nullptr ? "the text is no time"
                                       : "the text does not fit the time format");
  }
  return time_of_fields(call, fields, out);
}

struct PreparedUnit final : Prepared {
  std::int64_t microseconds = microseconds_per_second;
};

bool prepare_epoch(LiteralArguments literals, const Library*, std::shared_ptr<const Prepared>& out,
                   std::size_t& argument, Problem& problem) {
  auto prepared = std::make_shared<PreparedUnit>();
  if (literals.size() >= 2) {
    argument = 1;
    const std::string_view unit = literals[1].as_text();
    if (unit != "s" && unit != "ms" && unit != "us") {
      problem.message = "the unit is \"s\", \"ms\" or \"us\"";
      return false;
    }
    prepared->microseconds = unit == "s" ? microseconds_per_second : unit == "ms" ? 1'000 : 1;
  }
  out = std::move(prepared);
  return true;
}

/// 9999-12-31T23:59:59Z: past it no time has a text.
constexpr std::int64_t last_time = 253'402'300'800LL * microseconds_per_second - 1;

bool epoch(Call& call, Value& out) {
  Value value;
  if (!call.value(0, value)) return false;
  if (value.is_text()) {
    const std::string_view text = trim_ascii(value.as_text());
    if (text.empty())
      value = Value();
    else if (!parse_number(text, value))
      return call.fail("the text is no number");
  }
  out = Value();
  if (value.is_null()) return true;
  if (!value.is_number()) return call.fail("a number is needed");
  const std::int64_t unit = static_cast<const PreparedUnit*>(call.prepared())->microseconds;
  Exact at = exact_of(value);
  at.coefficient *= unit;
  const bool known = round_to(at, 0) && at.coefficient <= last_time && at.coefficient >= -last_time;
  if (!known) return call.fail("the number is no time of this unit");
  out = Value::time(std::int64_t(at.coefficient));
  return true;
}

bool year(Call& call, Value& out) {
  Value value;
  if (!call.value(0, value)) return false;
  out = Value();
  if (value.is_text() && value.size() == 0) return true;
  if (value.is_text() && !moment_of_text(value.as_text(), value)) {
    return call.fail("the text is no date");
  }
  if (value.is_null()) return true;
  if (value.type() == ValueType::date) {
    if (value.as_date().year != 0) out = Value::integer(value.as_date().year);
    return true;
  }
  if (value.type() != ValueType::time) return call.fail("a date or time is needed");
  CivilDate day;
  if (!local_day(call, value.as_time(), day)) return false;
  out = Value::integer(day.year);
  return true;
}

constexpr std::array<Function, 4> time_table{{
    {{"date", "date(text[, \"format\"])",
      "A date, partial where the format leaves parts out. Without format: ISO 8601. "
      "Format letters: yyyy MM dd.",
      R"x(.birthday | date("MM/dd"))x", R"({"birthday":"05/12"})", R"("--05-12")"},
     1,
     2,
     "tl",
     StaticType::date,
     date,
     prepare_date},
    {{"datetime", "datetime(text[, \"format\"[, zone]])",
      "A time. Without offset in the text it is local time of the zone, else of the project. A "
      "time "
      "that clocks skip is read by the offset before the change; of two the first is taken. "
      "Format letters: yyyy MM dd HH hh a mm ss SSS X.",
      R"x(.created | datetime("yyyy-MM-dd HH:mm:ss", "Europe/Amsterdam"))x",
      R"({"created":"2026-03-14 21:04:05"})", R"("2026-03-14T20:04:05Z")"},
     1,
     3,
     "tlt",
     StaticType::time,
     datetime,
     prepare_datetime},
    {{"epoch", "epoch(number[, \"unit\"])",
      "The time so many seconds after 1970; the unit may also be \"ms\" or \"us\".",
      ".server_timestamp | epoch", R"({"server_timestamp":1773522245})",
      R"("2026-03-14T21:04:05Z")"},
     1,
     2,
     "nl",
     StaticType::time,
     epoch,
     prepare_epoch},
    {{"year", "year(date)",
      "The year of a date or time, in the project's time zone; null when the year is unknown.",
      ".at | year", R"({"at":"2025-12-31T23:30:00Z"})", "2026"},
     1,
     1,
     "t",
     StaticType::number,
     year,
     nullptr},
}};

}  // namespace

std::span<const Function> time_functions() {
  return time_table;
}

}  // namespace rondom::expression
