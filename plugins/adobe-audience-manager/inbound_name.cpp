#include "inbound_name.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "files.h"
#include "part.h"

namespace rondom::audience_manager {
namespace {

constexpr std::size_t mark_bytes_max = 64;
constexpr std::size_t second_digits = 10;

std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::string mark_path(const std::string& folder, const Naming& naming) {
  return folder + "/." + naming.stem() + ".last";
}

}  // namespace

std::string Naming::stem() const {
  std::string text = "ftp_dpm_" + std::to_string(data_source);
  if (target != 0) text += "_" + std::to_string(target);
  return text;
}

std::string Naming::name(std::int64_t second, bool overwrite, std::size_t split) const {
  std::string text = stem() + "_" + std::to_string(second) + (overwrite ? ".overwrite" : ".sync");
  if (split != 0) text += "." + std::to_string(split);
  if (packed) text += ".gz";
  return text;
}

Result<std::int64_t> last_second(const std::string& folder, const Naming& naming) {
  Result<std::vector<std::string>> names = names_in(folder);
  if (!names.ok()) return names.error();
  std::int64_t newest = 0;
  const std::string start = naming.stem() + "_";
  for (const std::string& name : *names) {
    if (!name.starts_with(start)) continue;
    const std::string_view rest = std::string_view(name).substr(start.size());
    const std::string_view digits = rest.substr(0, rest.find('.'));
    if (digits.size() == second_digits && is_digits(digits))
      newest = std::max(newest, number(digits));
  }
  const Result<std::string> mark = read_small(mark_path(folder, naming), mark_bytes_max);
  if (mark.ok()) return std::max(newest, number(*mark));
  if (mark.error().code == Code::unavailable) return newest;  // the first file
  return mark.error();
}

Status remember_second(const std::string& folder, const Naming& naming, std::int64_t second) {
  return replace_small(mark_path(folder, naming), std::to_string(second) + "\n");
}

}  // namespace rondom::audience_manager
