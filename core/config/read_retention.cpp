// `retention` of rondom.yaml
#include <charconv>
#include <optional>

#include "config/readers.h"

namespace rondom::config {
namespace {

constexpr std::int64_t days_of_a_year = 366;
constexpr std::int64_t days_kept_max = 200 * days_of_a_year;
constexpr std::string_view for_good = "forever";

/// Days; 0 = for good.
std::optional<std::int64_t> days_kept(std::string_view text) {
  if (text == for_good) return 0;
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, count);
  if (read.ec != std::errc() || read.ptr + 1 != end || count <= 0 || count > days_kept_max) {
    return std::nullopt;
  }
  const std::int64_t days = *read.ptr == 'd'   ? count
                            : *read.ptr == 'w' ? 7 * count
                            : *read.ptr == 'y' ? days_of_a_year * count
                                               : 0;
  if (days == 0 || days > days_kept_max) return std::nullopt;
  return days;
}

}  // namespace

std::string retention_text(std::int64_t kept) {
  const std::int64_t days = kept / Retention::day;
  if (days == 0) return std::string(for_good);
  return days % days_of_a_year == 0 ? std::to_string(days / days_of_a_year) + "y"
                                    : std::to_string(days) + "d";
}

void read_retention(const Node& root, Reading& reading) {
  const Node* retention = map_of(root, "retention");
  if (retention == nullptr) return;
  for (const auto& [name, member] : Retention::kinds()) {
    const Node* node = retention->find(name);
    if (node == nullptr || !node->is_scalar()) continue;
    const std::optional<std::int64_t> days = days_kept(node->text);
    if (!days) {
      reading.diagnostics.error(node->at, std::string(name) + " must be days, weeks or years",
                                "write 90d, 6w or 2y, or forever");
      continue;
    }
    reading.project.retention.*member = {*days * Retention::day, node->at};
  }
}

}  // namespace rondom::config
