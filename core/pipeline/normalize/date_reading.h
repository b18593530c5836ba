// date_reading: the day that a text names, without a clock. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/model.h"

namespace rondom::normalize {

enum class Reading : std::uint8_t {
  date,
  nothing,  // "0000-00-00": a program's word for no date
  unreadable,
};

/// "2024-03-01", "1-3-2024", "1 maart 2024", "1980", "--02-29" into `date`, whose month and day are
/// 0 where the text does not name them. `country` (ISO 3166-1 alpha-2) says which of two numbers is
/// the day.
Reading read_date(std::string_view text, std::string_view country, PartialDate& date);

}  // namespace rondom::normalize
