// Names of outbound files: [SYNC_TYPE][_DID][_MASTER_DPID][_PID_ALIAS]_(full|iter)_TIMESTAMP[SPLIT]
// with .sync or .overwrite and perhaps .gz. Source: the vendor's pages "Outbound data file name"
// and "Outbound template macros". Plain functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondom::audience_manager {

/// When and of what a file is, as far as its name says so.
struct OutboundName {
  std::string series;      // before the mode: "s3_1234_20914_acme"
  bool full = false;       // the whole set, not what changed
  std::int64_t at_ms = 0;  // Unix time

  bool same_transfer(const OutboundName& other) const {
    return series == other.series && full == other.full && at_ms == other.at_ms;
  }
};

/// Nothing when it is no such name. A number of the part behind the time ("001", "-1") is passed
/// over: the control file says which parts there are. A time of ten digits is in seconds, and so is
/// the start of one with eleven to twelve; else its first thirteen are milliseconds.
std::optional<OutboundName> parse_outbound_name(std::string_view name);

}  // namespace rondom::audience_manager
