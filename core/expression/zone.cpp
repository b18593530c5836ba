#include "expression/zone.h"

#include <unicode/basictz.h>
#include <unicode/timezone.h>

namespace rondom::expression {

namespace {

constexpr std::int64_t microseconds_per_millisecond = 1'000;

std::int64_t floor_milliseconds(std::int64_t microseconds) {
  std::int64_t milliseconds = microseconds / microseconds_per_millisecond;
  if (microseconds % microseconds_per_millisecond < 0) --milliseconds;
  return milliseconds;
}

class Utc final : public Zone {
 public:
  Timestamp utc_of(std::int64_t local) const override { return local; }
  std::int64_t local_of(Timestamp utc) const override { return utc; }
};

class IcuZone final : public Zone {
 public:
  explicit IcuZone(std::unique_ptr<icu::BasicTimeZone> zone) : zone_(std::move(zone)) {}

  Timestamp utc_of(std::int64_t local) const override {
    std::int32_t raw = 0;
    std::int32_t saving = 0;
    UErrorCode status = U_ZERO_ERROR;
    zone_->getOffsetFromLocal(UDate(floor_milliseconds(local)), UCAL_TZ_LOCAL_FORMER,
                              UCAL_TZ_LOCAL_FORMER, raw, saving, status);
    return local - (std::int64_t(raw) + saving) * microseconds_per_millisecond;
  }

  std::int64_t local_of(Timestamp utc) const override {
    std::int32_t raw = 0;
    std::int32_t saving = 0;
    UErrorCode status = U_ZERO_ERROR;
    zone_->getOffset(UDate(floor_milliseconds(utc)), false, raw, saving, status);
    return utc + (std::int64_t(raw) + saving) * microseconds_per_millisecond;
  }

 private:
  std::unique_ptr<icu::BasicTimeZone> zone_;
};

}  // namespace

std::shared_ptr<const Zone> open_zone(std::string_view name) {
  if (name.empty() || name == "UTC") return std::make_shared<Utc>();
  const auto id = icu::UnicodeString::fromUTF8({name.data(), std::int32_t(name.size())});
  std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(id));
  if (zone == nullptr || *zone == icu::TimeZone::getUnknown()) return nullptr;
  auto* basic = dynamic_cast<icu::BasicTimeZone*>(zone.get());
  if (basic == nullptr) return nullptr;
  (void)zone.release();
  return std::make_shared<IcuZone>(std::unique_ptr<icu::BasicTimeZone>(basic));
}

std::shared_ptr<const Zone> ZoneCache::find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  for (const auto& [known, zone] : kept_) {
    if (known == name) return zone;
  }
  auto zone = open_zone(name);
  if (zone == nullptr) return nullptr;
  if (kept_.size() == kept_max) kept_.erase(kept_.begin());
  kept_.emplace_back(name, zone);
  return zone;
}

}  // namespace rondom::expression
