#include "outbound_line.h"

#include <algorithm>

#include "files.h"

namespace rondom::audience_manager {
namespace {

constexpr std::size_t fields_max = 3;

bool split_ids(std::string_view text, std::vector<std::string_view>& ids) {
  if (text.empty()) return true;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view id = text.substr(0, comma);
    if (!is_digits(id)) return false;
    ids.push_back(id);
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string_view parse_outbound_line(std::string_view text, std::string_view separator,
                                     OutboundLine& line) {
  line = {};
  if (text.ends_with('\r')) text.remove_suffix(1);
  std::string_view fields[fields_max];
  std::size_t count = 0;
  while (true) {
    if (count == fields_max) return "It has more fields than a user and two lists of segments.";
    const std::size_t end = text.find(separator);
    fields[count++] = text.substr(0, end);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + separator.size());
  }
  line.user = fields[0];
  const bool blank = std::any_of(line.user.begin(), line.user.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
  });
  if (line.user.empty() || blank) return "It does not start with a user id.";
  if (count == 1) return "It has a user and no segments; is the option separator right?";
  if (!split_ids(fields[1], line.segments) || !split_ids(fields[2], line.removed))
    return "A segment is no number; is the option separator right?";
  std::vector<std::string_view> all = line.segments;
  all.insert(all.end(), line.removed.begin(), line.removed.end());
  std::sort(all.begin(), all.end());
  if (std::adjacent_find(all.begin(), all.end()) != all.end())
    return "A segment stands in it twice.";
  return {};
}

}  // namespace rondom::audience_manager
