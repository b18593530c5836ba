// Which fields a contact of this Mautic has.
#include <algorithm>

#include "destination.h"

namespace rondom::mautic {
namespace {

/// What a contact has besides its fields (documentation of "Create contact").
constexpr std::string_view properties[] = {"points", "tags",      "owner",
                                           "stage",  "ipAddress", "lastActive"};

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t before = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = before + (a[i - 1] == b[j - 1] ? 0 : 1);
      before = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

/// Mautic drops a field that it does not know without a word, so we ask first.
Status Contacts::check_fields(const Entry& entry) {
  if (!fields_) {
    const Result<std::vector<std::string>> aliases = api_.field_aliases();
    if (!aliases.ok()) return aliases.error();
    fields_.emplace(aliases->begin(), aliases->end());
    fields_->insert(std::begin(properties), std::end(properties));
  }
  for (const auto& member : entry.fields.members()) {
    if (fields_->count(member.first) != 0) continue;
    const auto near = std::min_element(
        fields_->begin(), fields_->end(), [&](const std::string& a, const std::string& b) {
          return distance(member.first, a) < distance(member.first, b);
        });
    std::string message = "Mautic has no contact field \"" + member.first + "\"";
    if (near != fields_->end() && distance(member.first, *near) <= 2) {
      message += "; did you mean \"" + *near + "\"?";
    } else {
      message += "; make it there first.";
    }
    return {Code::config, message};
  }
  return {};
}

}  // namespace rondom::mautic
