#include "expression/library.h"

#include "expression/unicode_text.h"

namespace rondom::expression {

namespace {

constexpr std::size_t word_bytes_max = 1'024;  // longer texts are no word of a vocabulary
// Looking for the nearest is paid for each refused record: more words than these get no suggestion.
constexpr std::size_t words_for_suggestion = 500;

std::string folded(std::string_view word) {
  std::string out;
  for (const char c : to_lower(word)) {
    if (c != ' ' && c != '-' && c != '_' && c != '\t') out += c;
  }
  return out;
}

std::uint64_t hash_of(std::string_view word, std::string_view meaning) {
  return Hasher().add(word).add(meaning).value();
}

template <typename Tables>
auto named(const Tables& tables, std::string_view name) -> typename Tables::value_type {
  for (const auto& table : tables) {
    if (table->name() == name) return table;
  }
  return nullptr;
}

template <typename Tables>
std::vector<std::string> names_of(const Tables& tables) {
  std::vector<std::string> names;
  for (const auto& table : tables) names.push_back(table->name());
  return names;
}

}  // namespace

Status Lookup::add(std::string_view word, std::string_view json) {
  RONDOM_TRY_ASSIGN(const Value value, reader_.parse(json, values_));
  if (!words_.emplace(word, value).second) return {ErrorCode::data, "the word is there already"};
  longest_ = std::max(longest_, word.size());
  fingerprint_ += hash_of(word, json);
  return {};
}

Status Lookup::set_otherwise(std::string_view json) {
  RONDOM_TRY_ASSIGN(otherwise_, reader_.parse(json, values_));
  fingerprint_ += hash64(json);
  return {};
}

Value Lookup::find(std::string_view word) const {
  if (word.size() > longest_) return otherwise_;
  const auto found = words_.find(word);
  return found == words_.end() ? otherwise_ : found->second;
}

std::string Vocabulary::add(std::string_view word, std::string_view code) {
  std::string key = folded(word);
  const auto [entry, is_new] = codes_.emplace(key, code);
  if (!is_new) return entry->second == code ? std::string() : entry->second;
  fingerprint_ += hash_of(key, code);
  words_.push_back(std::move(key));
  return {};
}

const std::string* Vocabulary::find(std::string_view word) const {
  if (word.size() > word_bytes_max) return nullptr;
  const auto found = codes_.find(folded(word));
  return found == codes_.end() ? nullptr : &found->second;
}

std::string Vocabulary::suggestion(std::string_view word) const {
  if (word.size() > word_bytes_max || words_.size() > words_for_suggestion) return {};
  const auto near = did_you_mean(folded(word), words_);
  return near ? codes_.find(*near)->second : std::string();
}

std::shared_ptr<const Lookup> Library::lookup(std::string_view name) const {
  return named(lookups_, name);
}
std::shared_ptr<const Vocabulary> Library::vocabulary(std::string_view name) const {
  return named(vocabularies_, name);
}
std::vector<std::string> Library::lookup_names() const {
  return names_of(lookups_);
}
std::vector<std::string> Library::vocabulary_names() const {
  return names_of(vocabularies_);
}

}  // namespace rondom::expression
