// cron: five fields of text -> the sets they name. Private to config. Pure, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/config.h"

namespace rondom::config {

struct CronProblem {
  std::size_t offset = 0, length = 1;  // bytes of the text
  std::string message, hint;
};

/// Lists, ranges, steps and English names of months and days, as in Vixie cron. False: `problem`
/// says what is wrong and where; a schedule that no day ever meets is wrong too.
bool parse_cron(std::string_view text, Cron& cron, CronProblem& problem);

}  // namespace rondom::config
