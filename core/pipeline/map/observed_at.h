// When was this version of the record made? Reads the cursor of a record. One thread per reader.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/base.h"
#include "expression/expression.h"
#include "model/model.h"

namespace rondom::map {

class TimeReader {
 public:
  /// `time_zone` (IANA, empty = UTC) is where times without an offset were written down.
  explicit TimeReader(std::string_view time_zone);

  enum class Outcome : std::uint8_t { read, nothing, unreadable };
  /// RFC 3339, the same with a blank for T, without seconds, with an offset of four digits or
  /// without any, or a date (midnight UTC). "0000-00-00 …" says nothing.
  Outcome read(std::string_view text, Timestamp& at);

 private:
  Timestamp to_utc(Timestamp local);
  bool offset_at(Timestamp local, std::int64_t& offset) const;

  /// Local time minus UTC during one quarter of an hour.
  struct Known {
    std::int64_t step = no_time;
    std::int64_t offset = 0;
  };
  static constexpr std::size_t known_offsets_max = 256;
  std::string time_zone_;
  expression::Expression in_zone_;
  std::array<Known, known_offsets_max> known_{};
};

}  // namespace rondom::map
