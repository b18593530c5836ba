// Lines of outbound files: USER ID <separator> SEGMENT,SEGMENT <separator> REMOVED,REMOVED.
// Source: the vendor's page "Outbound data file name: syntax and examples". Plain functions, any
// thread.
#pragma once

#include <string_view>
#include <vector>

namespace rondom::audience_manager {

struct OutboundLine {
  std::string_view user;
  std::vector<std::string_view> segments, removed;  // digits, each once over both lists
};

/// Nothing but its end.
inline bool is_blank(std::string_view text) {
  return text.empty() || text == "\r";
}

/// Fills `line` with views into `text`. Returns why it cannot be read, or empty.
std::string_view parse_outbound_line(std::string_view text, std::string_view separator,
                                     OutboundLine& line);

}  // namespace rondom::audience_manager
