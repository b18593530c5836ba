#include "model/owner_change.h"

#include <algorithm>
#include <string>
#include <vector>

#include "model/model.h"

namespace rondom {

namespace {

struct Signs {
  std::string surname;  // folded
  std::string_view birth_date;
  std::vector<std::string_view> emails;
};

Signs signs_of(std::string_view canonical) {
  Signs signs;
  RecordReader reader(canonical);
  Cell cell;
  while (reader.next(cell)) {
    if (cell.attribute == attribute::name_surname) signs.surname = fold_name(cell.value);
    if (cell.attribute == attribute::birth_date) signs.birth_date = cell.value;
    if (cell.attribute == attribute::email_value) signs.emails.push_back(cell.value);
  }
  return signs;
}

/// Both known, and neither holds the other.
bool differ(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  return a.find(b) == std::string_view::npos && b.find(a) == std::string_view::npos;
}

bool share_nothing(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  if (a.empty() || b.empty()) return false;
  return std::none_of(a.begin(), a.end(), [&](std::string_view one) {
    return std::find(b.begin(), b.end(), one) != b.end();
  });
}

}  // namespace

bool is_owner_change(std::string_view before, std::string_view after) {
  const Signs old = signs_of(before), now = signs_of(after);
  const int changes = int{differ(old.surname, now.surname)} +
                      int{differ(old.birth_date, now.birth_date)} +
                      int{share_nothing(old.emails, now.emails)};
  return changes >= 2;
}

}  // namespace rondom
