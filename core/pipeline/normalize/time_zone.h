// time_zone: local wall-clock time <-> UTC by the IANA rules that ICU carries.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace rondom::normalize {

/// Keeps the zone asked for last. One thread at a time.
class TimeZones {
 public:
  TimeZones();
  ~TimeZones();
  TimeZones(TimeZones&&) noexcept;
  TimeZones& operator=(TimeZones&&) noexcept;

  /// UTC of a local time given as microseconds since 1970-01-01T00:00 on the wall clock. A time
  /// that comes twice is the first of the two; one that is skipped is read with the offset before
  /// the gap. False when the zone is unknown. Empty is UTC.
  bool to_utc(std::string_view zone, Timestamp local, Timestamp& utc);
  bool to_local(std::string_view zone, Timestamp utc, Timestamp& local);

 private:
  struct Inside;
  bool load(std::string_view zone);
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom::normalize
