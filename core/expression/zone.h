// Zones: local time <-> UTC by the IANA rules that ICU carries.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace rondom::expression {

/// One time zone. Immutable, any thread.
class Zone {
 public:
  virtual ~Zone() = default;
  /// UTC of a local time. A local time that clocks skip is read by the offset before the change
  /// (02:30 becomes 03:30 summer time); one that stands twice is the first of the two.
  virtual Timestamp utc_of(std::int64_t local_microseconds) const = 0;
  virtual std::int64_t local_of(Timestamp utc) const = 0;
};

/// nullptr when there is no zone of that name. "" and "UTC" are UTC.
std::shared_ptr<const Zone> open_zone(std::string_view name);

/// The zones one expression met last. Any thread.
class ZoneCache {
 public:
  std::shared_ptr<const Zone> find(std::string_view name);

 private:
  static constexpr std::size_t kept_max = 16;
  std::mutex mutex_;
  std::vector<std::pair<std::string, std::shared_ptr<const Zone>>> kept_;
};

}  // namespace rondom::expression
