#include "pipeline/normalize/time_zone.h"

#include <unicode/basictz.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

namespace rondom::normalize {
namespace {

constexpr std::int64_t microseconds_per_millisecond = 1'000;

double to_milliseconds(Timestamp at) {
  const std::int64_t whole = at / microseconds_per_millisecond;
  return static_cast<double>(at % microseconds_per_millisecond < 0 ? whole - 1 : whole);
}

}  // namespace

struct TimeZones::Inside {
  std::string name;
  std::unique_ptr<icu::BasicTimeZone> zone;
};

TimeZones::TimeZones() : inside_(std::make_unique<Inside>()) {}
TimeZones::~TimeZones() = default;
TimeZones::TimeZones(TimeZones&&) noexcept = default;
TimeZones& TimeZones::operator=(TimeZones&&) noexcept = default;

bool TimeZones::load(std::string_view zone) {
  if (inside_->name == zone) return inside_->zone != nullptr;
  inside_->name = zone;
  inside_->zone.reset();
  const auto id = icu::UnicodeString::fromUTF8(
      icu::StringPiece(zone.data(), static_cast<int32_t>(zone.size())));
  std::unique_ptr<icu::TimeZone> made(icu::TimeZone::createTimeZone(id));
  if (made == nullptr || *made == icu::TimeZone::getUnknown()) return false;
  auto* basic = dynamic_cast<icu::BasicTimeZone*>(made.get());
  if (basic == nullptr) return false;
  (void)made.release();
  inside_->zone.reset(basic);
  return true;
}

bool TimeZones::to_utc(std::string_view zone, Timestamp local, Timestamp& utc) {
  utc = local;
  if (zone.empty() || zone == "UTC") return true;
  if (!load(zone)) return false;
  int32_t raw = 0;
  int32_t saving = 0;
  UErrorCode error = U_ZERO_ERROR;
  inside_->zone->getOffsetFromLocal(to_milliseconds(local), UCAL_TZ_LOCAL_FORMER,
                                    UCAL_TZ_LOCAL_FORMER, raw, saving, error);
  if (U_FAILURE(error)) return false;
  utc = local - (std::int64_t{raw} + saving) * microseconds_per_millisecond;
  return true;
}

bool TimeZones::to_local(std::string_view zone, Timestamp utc, Timestamp& local) {
  local = utc;
  if (zone.empty() || zone == "UTC") return true;
  if (!load(zone)) return false;
  int32_t raw = 0;
  int32_t saving = 0;
  UErrorCode error = U_ZERO_ERROR;
  inside_->zone->getOffset(to_milliseconds(utc), false, raw, saving, error);
  if (U_FAILURE(error)) return false;
  local = utc + (std::int64_t{raw} + saving) * microseconds_per_millisecond;
  return true;
}

}  // namespace rondom::normalize
