#include "engine/name_search.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "model/model.h"
#include "model/names.h"

namespace rondom::engine {

namespace {

constexpr std::size_t profiles_per_page = 5'000;
constexpr std::size_t words_max = 8;  // of a question; those after them are not looked at

bool is_of_name(AttributeId attribute) {
  return (attribute >= attribute::name_full && attribute <= attribute::name_nickname) ||
         attribute == attribute::organization_name;
}

/// The words of all names, each behind a space.
void append_names(std::string_view values, std::string& names) {
  RecordReader reader(values);
  Cell cell;
  while (reader.next(cell)) {
    if (is_of_name(cell.attribute)) names += ' ' + fold_name(cell.value);
  }
}

}  // namespace

Result<std::vector<store::ProfileId>> profiles_called(store::Store& store, std::string_view text,
                                                      std::size_t most) {
  std::vector<std::string> words;
  const std::string folded = fold_name(text);
  for (const std::string_view word : split(folded, ' ')) {
    if (!word.empty() && words.size() < words_max) words.push_back(' ' + std::string(word));
  }
  std::vector<store::ProfileId> found;
  store::ProfileId after = 0;
  std::string names;
  while (!words.empty() && found.size() < most) {
    RONDOM_TRY_ASSIGN(const auto page, store.scan_profiles(after, profiles_per_page));
    if (page.empty()) break;
    after = page.back().id;
    for (const store::Profile& profile : page) {
      names.clear();
      append_names(profile.values, names);
      const bool is_called = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return names.find(word) != std::string::npos;
      });
      if (is_called && found.size() < most) found.push_back(profile.id);
    }
  }
  return found;
}

}  // namespace rondom::engine
