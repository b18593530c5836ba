// What a record is put into a block by.
#include "pipeline/resolve/probabilistic/blocking.h"

#include <algorithm>
#include <array>

#include "base/base.h"
#include "pipeline/resolve/probabilistic/folding.h"

namespace rondom::probabilistic {
namespace {

constexpr std::size_t local_bytes_min = 4;     // shorter local parts are initials and roles
constexpr std::size_t values_of_part_max = 6;  // of one record
constexpr std::uint64_t hash_bits = (std::uint64_t{1} << 56) - 1;

/// The values that one record has for one part, hashed.
class PartValues {
 public:
  void add(std::string_view text) {
    if (!text.empty()) add(hash64(text));
  }
  void add(std::uint64_t hash) {
    if (size_ == values_.size()) return;
    if (std::find(begin(), end(), hash) == end()) values_[size_++] = hash;
  }
  const std::uint64_t* begin() const { return values_.data(); }
  const std::uint64_t* end() const { return values_.data() + size_; }
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }

 private:
  std::array<std::uint64_t, values_of_part_max> values_;
  std::size_t size_ = 0;
};

/// The first `count` characters; nothing when there are fewer.
std::string_view start_of(std::string_view text, std::size_t count) {
  std::size_t bytes = 0;
  while (count > 0 && bytes < text.size()) {
    ++bytes;
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0u) == 0x80u)
      ++bytes;
    --count;
  }
  return count > 0 ? std::string_view() : text.substr(0, bytes);
}

/// A house number with the first word of the street, and with the word behind it: what is left of
/// an address when the rest of its line is in another order, or missing.
void line_values(const Address& address, const Dictionary& words, PartValues& values) {
  constexpr std::size_t street_word_bytes_min = 3;
  const auto is_number = [](std::string_view word) {
    return word.front() >= '0' && word.front() <= '9';
  };
  const auto line = words_of(words.text(address.street));
  std::string_view number = words.text(address.number), name, behind;
  for (const std::string_view word : line) {
    if (is_number(word)) {
      if (number.empty()) number = word;
      continue;
    }
    if (word.size() < street_word_bytes_min) continue;
    if (name.empty()) name = word;
    if (behind.empty() && !number.empty()) behind = word;
  }
  if (number.empty() || (!address.whole_line && address.number != 0 && line.size() < 2)) return;
  for (const std::string_view word : {name, behind}) {
    if (!word.empty()) values.add(Hasher().add(word).add(number).value());
  }
}

void values_of(Part part, const Features& features, std::uint32_t record, PartValues& values) {
  const Dictionary& names = features.names();
  const Dictionary& words = features.words();
  const auto given = features.given(record);
  const auto surnames = features.surnames(record);
  const auto starts = [&](std::span<const TextId> list, std::size_t count) {
    if (!list.empty()) values.add(start_of(names.text(list.front()), count));
  };
  switch (part) {
    case Part::given:
      for (const TextId id : given) {
        if (names.text(id).size() > 1) values.add(names.text(id));
      }
      break;
    case Part::surname:
    case Part::organization_name:
      for (const TextId id : surnames) values.add(names.text(id));
      break;
    case Part::names:
      for (const TextId one : given) {
        for (const TextId other : surnames) {
          const std::string_view a = names.text(one), b = names.text(other);
          if (a.size() > 1) values.add(Hasher().add(std::min(a, b)).add(std::max(a, b)).value());
        }
      }
      break;
    case Part::given_start_3: starts(given, 3); break;
    case Part::given_start_2: starts(given, 2); break;
    case Part::surname_start_4: starts(surnames, 4); break;
    case Part::surname_start_2: starts(surnames, 2); break;
    case Part::birth_date: {
      const Date birth = features.birth(record);
      if (birth / 10'000 != 0 && birth / 100 % 100 != 0 && birth % 100 != 0)
        values.add(hash64(std::to_string(birth)));
      break;
    }
    case Part::birth_year:
      if (const Date year = features.birth(record) / 10'000; year != 0) {
        values.add(hash64(std::to_string(year)));
      }
      break;
    case Part::email:
      for (const Email& email : features.emails(record)) values.add(words.text(email.whole));
      break;
    case Part::email_local:
      for (const Email& email : features.emails(record)) {
        if (words.text(email.local).size() >= local_bytes_min) values.add(words.text(email.local));
      }
      break;
    case Part::phone_tail:
      for (const Phone& phone : features.phones(record)) values.add(words.text(phone.tail));
      break;
    case Part::identifier:
      for (const Identifier& one : features.identifiers(record)) {
        values.add(
            Hasher().add(features.name_space(one.name_space)).add(words.text(one.value)).value());
      }
      break;
    case Part::street_number:
      for (const Address& address : features.addresses(record)) {
        line_values(address, words, values);
        if (address.number == 0) continue;
        for (const TextId street : {address.street, address.unit}) {
          if (street == 0) continue;
          values.add(Hasher().add(words.text(street)).add(words.text(address.number)).value());
        }
      }
      break;
    case Part::postcode:
      for (const Address& address : features.addresses(record)) {
        values.add(words.text(address.postcode));
      }
      break;
    case Part::locality:
      for (const Address& address : features.addresses(record)) {
        values.add(words.text(address.locality));
      }
      break;
    case Part::organization_word:
      if (!surnames.empty()) {
        for (const std::string_view word : words_of(names.text(surnames.front()))) values.add(word);
      }
      break;
    case Part::organization_start_5: starts(surnames, 5); break;
    case Part::website: values.add(words.text(features.website(record))); break;
  }
}

}  // namespace

void block_keys(const Model& model, const Features& features, std::uint32_t record,
                std::vector<std::uint64_t>& keys) {
  constexpr std::size_t part_count = static_cast<std::size_t>(Part::website) + 1;
  std::array<PartValues, part_count> values;
  std::array<bool, part_count> known{};
  keys.clear();
  std::vector<std::uint64_t> open;
  std::vector<std::uint64_t> next;
  for (std::size_t rule = 0; rule < model.blocking.size(); ++rule) {
    open.assign(1, rule);
    for (const Part part : model.blocking[rule].parts) {
      const auto number = static_cast<std::size_t>(part);
      if (!known[number]) values_of(part, features, record, values[number]);
      known[number] = true;
      next.clear();
      for (const std::uint64_t hash : open) {
        for (const std::uint64_t value : values[number]) {
          if (next.size() < keys_per_record_max) next.push_back(Hasher(hash).add(value).value());
        }
      }
      open.swap(next);
      if (open.empty()) break;
    }
    for (const std::uint64_t hash : open) {
      if (keys.size() < keys_per_record_max) {
        keys.push_back(std::uint64_t{rule} << 56 | (hash & hash_bits));
      }
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

std::vector<std::string> common_rules(const Model& model, const Features& features, std::uint32_t a,
                                      std::uint32_t b) {
  std::vector<std::uint64_t> keys, others;
  block_keys(model, features, a, keys);
  block_keys(model, features, b, others);
  std::vector<std::string> names;
  for (const std::uint64_t key : keys) {
    if (!std::binary_search(others.begin(), others.end(), key)) continue;
    const std::string& name = model.blocking[rule_of(key)].name;
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

}  // namespace rondom::probabilistic
