#include "config/suppressions.h"

namespace rondom::config {
namespace {

std::string key_of(std::string_view name_space, std::string_view value) {
  std::string key(name_space);
  key += ':';
  key += name_space == "email" ? lower_ascii(value) : std::string(value);
  return key;
}

}  // namespace

void Suppressions::add(Index& index, std::string key, Suppression suppression) {
  Hasher hasher;
  hasher.add(fingerprint_).add(std::uint64_t{&index == &hashed_}).add(key);
  for (const std::string* text : {&suppression.kind, &suppression.channel, &suppression.purpose,
                                  &suppression.destination, &suppression.list}) {
    hasher.add(*text);
  }
  hasher.add(static_cast<std::uint64_t>(suppression.begins_at));
  hasher.add(static_cast<std::uint64_t>(suppression.ends_at));
  hasher.add(std::uint64_t{suppression.contact_only});
  fingerprint_ = hasher.value();
  index[std::move(key)].push_back(static_cast<std::uint32_t>(entries_.size()));
  entries_.push_back(std::move(suppression));
}

void Suppressions::add(std::string_view name_space, std::string_view value,
                       Suppression suppression) {
  add(plain_, key_of(name_space, value), std::move(suppression));
}

void Suppressions::add_hashed(std::string_view name_space, std::string_view sha256,
                              Suppression suppression) {
  std::string key(name_space);
  key += ':';
  key += lower_ascii(sha256);
  add(hashed_, std::move(key), std::move(suppression));
}

void Suppressions::each(std::string_view name_space, std::string_view value,
                        const std::function<void(const Suppression&)>& take) const {
  const auto look_up = [&](const Index& index, const std::string& key) {
    const auto found = index.find(key);
    if (found == index.end()) return;
    for (const std::uint32_t place : found->second) take(entries_[place]);
  };
  if (!plain_.empty()) look_up(plain_, key_of(name_space, value));
  if (hashed_.empty()) return;
  const std::string text = name_space == "email" ? lower_ascii(value) : std::string(value);
  std::string key(name_space);
  key += ':';
  key += sha256_hex(text);
  look_up(hashed_, key);
}

}  // namespace rondom::config
