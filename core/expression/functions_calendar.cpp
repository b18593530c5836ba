// Functions of the calendar day on which a run happens: they look at Scope::as_of and tell when the
// passing of time alone changes what they give.
#include <algorithm>
#include <array>

#include "expression/function.h"

namespace rondom::expression {

namespace {

/// The local calendar of a run.
struct Today {
  std::shared_ptr<const Zone> zone;
  std::int64_t day = 0;  // since 1970
  CivilDate date;
};

std::int64_t floor_days(std::int64_t microseconds) {
  const std::int64_t days = microseconds / microseconds_per_day;
  return microseconds % microseconds_per_day < 0 ? days - 1 : days;
}

bool read_today(Call& call, Today& today) {
  if (call.scope().as_of == no_time) return call.fail("there is no time to look back from");
  today.zone = call.evaluation().ast().zones.find(call.scope().time_zone);
  if (today.zone == nullptr) return call.fail("there is no such time zone");
  today.day = floor_days(today.zone->local_of(call.scope().as_of));
  today.date = civil_from_days(today.day);
  return true;
}

/// A date or a time; null for nothing. Other values fail.
bool read_moment(Call& call, Value& out) {
  if (!call.value(0, out)) return false;
  if (out.is_text() && out.size() == 0) out = Value();
  if (out.is_text() && !moment_of_text(out.as_text(), out)) return call.fail("the text is no date");
  if (out.is_null() || out.type() == ValueType::date || out.type() == ValueType::time) return true;
  return call.fail("a date or time is needed");
}

bool is_before(CivilDate a, CivilDate b) {
  return a.month != b.month ? a.month < b.month : a.day < b.day;
}

/// Whole years. Who was born on 29 February has a birthday on 1 March where there is none.
int years_between(CivilDate born, CivilDate today) {
  return today.year - born.year - (is_before(today, born) ? 1 : 0);
}

Timestamp next_birthday(CivilDate born, const Today& today) {
  CivilDate next = born;
  next.year = is_before(today.date, born) ? today.date.year : today.date.year + 1;
  if (next.month == 2 && next.day == 29 && !is_leap_year(next.year)) {
    next.month = 3;
    next.day = 1;
  }
  return today.zone->utc_of(days_from_civil(next) * microseconds_per_day);
}

enum class Bound : std::uint8_t { certain, least, most };

struct PreparedBound final : Prepared {
  Bound bound = Bound::certain;
};

bool prepare_age(LiteralArguments literals, const Library*, std::shared_ptr<const Prepared>& out,
                 std::size_t& argument, Problem& problem) {
  auto prepared = std::make_shared<PreparedBound>();
  if (literals.size() >= 2) {
    argument = 1;
    const std::string_view word = literals[1].as_text();
    if (word != "least" && word != "most") {
      problem.message = "the age of a partial date is at \"least\" or at \"most\" so many years";
      return false;
    }
    prepared->bound = word == "least" ? Bound::least : Bound::most;
  }
  out = std::move(prepared);
  return true;
}

bool age(Call& call, Value& out) {
  Value moment;
  Today today;
  if (!read_moment(call, moment)) return false;
  out = Value();
  if (moment.is_null()) return true;
  if (!read_today(call, today)) return false;
  CivilDate earliest, latest;
  if (moment.type() == ValueType::time) {
    earliest = latest = civil_from_days(floor_days(today.zone->local_of(moment.as_time())));
  } else {
    const PartialDate date = moment.as_date();
    if (date.year == 0) return true;
    earliest = {date.year, date.month == 0 ? 1 : date.month, date.day == 0 ? 1 : date.day};
    latest = {date.year, date.month == 0 ? 12 : date.month, date.day};
    if (date.day == 0) latest.day = days_in_month(latest.year, latest.month);
  }
  const Bound bound = static_cast<const PreparedBound*>(call.prepared())->bound;
  if (bound != Bound::most) call.evaluation().changes_at(next_birthday(latest, today));
  if (bound != Bound::least) call.evaluation().changes_at(next_birthday(earliest, today));
  const int most = years_between(earliest, today.date);
  const int least = std::max(years_between(latest, today.date), 0);
  if (most < 0) {  // born after today
    call.evaluation().changes_at(next_birthday(earliest, today));
    return true;
  }
  if (bound == Bound::certain && least != most) return true;
  out = Value::integer(bound == Bound::most ? most : least);
  return true;
}

bool days_since(Call& call, Value& out) {
  Value moment;
  Today today;
  if (!read_moment(call, moment)) return false;
  out = Value();
  if (moment.is_null()) return true;
  if (!read_today(call, today)) return false;
  std::int64_t day = 0;
  if (moment.type() == ValueType::time) {
    day = floor_days(today.zone->local_of(moment.as_time()));
  } else {
    const PartialDate date = moment.as_date();
    if (!date.complete()) return true;
    day = days_from_civil({date.year, date.month, date.day});
  }
  call.evaluation().changes_at(today.zone->utc_of((today.day + 1) * microseconds_per_day));
  out = Value::integer(today.day - day);
  return true;
}

constexpr std::array<Function, 2> calendar_table{{
    {{"age", "age(date[, \"least\" or \"most\"])",
      "Whole years from a date to the day of the run, in the project's time zone; who was born on "
      "29 February is a year older on 1 March where there is none. Of a partial date (1980, "
      "1980-05) the years that are certain, else null; with \"least\" or \"most\" the years "
      "that they are at least, or at most.",
      R"x(.birth_date | age)x", R"({"birth_date":"1980-03-15"})", "45"},
     1,
     2,
     "vl",
     StaticType::number,
     age,
     prepare_age,
     true},
    {{"days_since", "days_since(date)",
      "Calendar days from a date or time to the day of the run, in the project's time zone: 0 is "
      "today, 1 yesterday; null for a partial date.",
      R"x(.last | days_since)x", R"({"last":"2026-03-13T22:59:00Z"})", "1"},
     1,
     1,
     "v",
     StaticType::number,
     days_since,
     nullptr,
     true},
}};

}  // namespace

std::span<const Function> calendar_functions() {
  return calendar_table;
}

}  // namespace rondom::expression
