#include "names.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace rondom::sql {

namespace {

constexpr std::size_t name_bytes_max = 128;

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string suggestion(std::string_view given, const std::vector<std::string>& names) {
  std::size_t nearest = std::max<std::size_t>(given.size() / 3, 1) + 1;
  std::string best;
  given = given.substr(0, name_bytes_max);
  for (const std::string& name : names) {
    if (name.size() > name_bytes_max) continue;
    std::size_t far = distance(given, name);
    if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
      far = std::min(far, distance(given, std::string_view(name).substr(dot + 1)));
    }
    if (far >= nearest) continue;
    nearest = far;
    best = name;
  }
  return best.empty() ? "" : "; did you mean " + best + "?";
}

}  // namespace rondom::sql
