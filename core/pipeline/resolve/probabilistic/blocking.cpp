#include "pipeline/resolve/probabilistic/blocking.h"

#include <algorithm>
#include <array>
#include <thread>

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

/// A house number with the first word of the street, and with the word behind it: what is left of an address
/// when the rest of its line is in another order, or missing.
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
        values.add(Hasher().add(std::uint64_t{one.name_space}).add(words.text(one.value)).value());
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

Blocks::Blocks(const Model& model, const Features& features, std::size_t threads) {
  const std::uint32_t records = features.size();
  threads = std::max<std::size_t>(1, std::min<std::size_t>(threads, records / 1000 + 1));
  // Each thread does a range of records; put together in order, the outcome is that of one thread.
  struct Range {
    std::vector<std::uint64_t> keys;
    std::vector<std::uint32_t> counts;
  };
  std::vector<Range> ranges(threads);
  const auto collect = [&](std::size_t number) {
    std::vector<std::uint64_t> keys;
    const auto first = static_cast<std::uint32_t>(std::uint64_t{records} * number / threads);
    const auto last = static_cast<std::uint32_t>(std::uint64_t{records} * (number + 1) / threads);
    for (std::uint32_t record = first; record < last; ++record) {
      block_keys(model, features, record, keys);
      ranges[number].keys.insert(ranges[number].keys.end(), keys.begin(), keys.end());
      ranges[number].counts.push_back(static_cast<std::uint32_t>(keys.size()));
    }
  };
  std::vector<std::thread> workers;
  for (std::size_t i = 1; i < threads; ++i) workers.emplace_back(collect, i);
  collect(0);
  for (std::thread& worker : workers) worker.join();

  std::vector<BlockKey> entries;
  std::size_t total = 0;
  for (const Range& range : ranges) total += range.keys.size();
  entries.reserve(total);
  std::uint32_t record = 0;
  for (const Range& range : ranges) {
    std::size_t at = 0;
    for (const std::uint32_t count : range.counts) {
      for (std::uint32_t i = 0; i < count; ++i) entries.push_back({range.keys[at++], record});
      ++record;
    }
  }
  ranges.clear();
  const auto by_key = [](const BlockKey& a, const BlockKey& b) {
    return a.key != b.key ? a.key < b.key : a.record < b.record;
  };
  if (threads > 1) {
    const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
    std::thread other([&] { std::sort(middle, entries.end(), by_key); });
    std::sort(entries.begin(), middle, by_key);
    other.join();
    std::inplace_merge(entries.begin(), middle, entries.end(), by_key);
  } else {
    std::sort(entries.begin(), entries.end(), by_key);
  }

  counts_.resize(model.blocking.size());
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i].name = model.blocking[i].name;
  std::vector<Block> found;
  for (std::size_t first = 0; first < entries.size();) {
    std::size_t last = first + 1;
    while (last < entries.size() && entries[last].key == entries[first].key) ++last;
    if (last - first > 1) {
      found.push_back({entries[first].key, static_cast<std::uint32_t>(first),
                       static_cast<std::uint32_t>(last)});
    }
    first = last;
  }
  const auto pairs_in = [](const Block& block) {
    const std::int64_t size = block.last - block.first;
    return size * (size - 1) / 2;
  };
  // What a rule may make; its largest blocks go first when it makes more.
  const std::int64_t rule_pairs_limit =
      std::min(pairs_of_rule_max,
               std::int64_t{model.pairs_per_record_max} * std::max<std::int64_t>(records, 1000));
  std::vector<std::uint32_t> size_max(counts_.size(), model.block_records_max);
  std::vector<std::int64_t> pairs(counts_.size() * (model.block_records_max + 1u), 0);
  for (const Block& block : found) {
    const std::uint32_t size = block.last - block.first;
    if (size > model.block_records_max) continue;
    pairs[rule_of(block.key) * (model.block_records_max + 1u) + size] += pairs_in(block);
  }
  for (std::size_t rule = 0; rule < counts_.size(); ++rule) {
    std::int64_t sum = 0;
    for (std::uint32_t size = 2; size <= model.block_records_max; ++size) {
      sum += pairs[rule * (model.block_records_max + 1u) + size];
      if (sum > rule_pairs_limit) {
        size_max[rule] = size - 1;
        break;
      }
    }
  }
  members_.resize(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) members_[i] = entries[i].record;
  std::vector<std::uint32_t> key_counts(records, 0);
  for (const Block& block : found) {
    RuleCount& count = counts_[rule_of(block.key)];
    const std::int64_t size = block.last - block.first;
    count.largest = std::max(count.largest, size);
    if (size > size_max[rule_of(block.key)]) {
      ++count.cut_blocks;
      count.cut_pairs += pairs_in(block);
      continue;
    }
    ++count.blocks;
    count.pairs += pairs_in(block);
    blocks_.push_back(block);
    for (std::uint32_t i = block.first; i < block.last; ++i) ++key_counts[members_[i]];
  }
  entries.clear();
  entries.shrink_to_fit();
  key_ends_.resize(records);
  std::uint32_t end = 0;
  for (std::uint32_t i = 0; i < records; ++i) key_ends_[i] = end += key_counts[i];
  keys_.resize(end);
  std::vector<std::uint32_t> next(records, 0);
  for (std::uint32_t i = 1; i < records; ++i) next[i] = key_ends_[i - 1];
  for (const Block& block : blocks_) {
    for (std::uint32_t i = block.first; i < block.last; ++i) keys_[next[members_[i]]++] = block.key;
  }
}

std::uint64_t Blocks::first_common_key(std::uint32_t a, std::uint32_t b) const {
  std::uint32_t i = a == 0 ? 0 : key_ends_[a - 1], j = b == 0 ? 0 : key_ends_[b - 1];
  while (i < key_ends_[a] && j < key_ends_[b]) {
    if (keys_[i] == keys_[j]) return keys_[i];
    if (keys_[i] < keys_[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return 0;
}

std::int64_t Blocks::pairs() const {
  std::int64_t sum = 0;
  for (const RuleCount& count : counts_) sum += count.pairs;
  return sum;
}

std::vector<std::size_t> Blocks::pieces(std::size_t count) const {
  std::vector<std::size_t> ends;
  const std::int64_t total = pairs();
  std::int64_t done = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const std::int64_t size = blocks_[i].last - blocks_[i].first;
    done += size * (size - 1) / 2;
    if (done * static_cast<std::int64_t>(count) >=
        total * static_cast<std::int64_t>(ends.size() + 1)) {
      ends.push_back(i + 1);
    }
  }
  if (ends.empty() || ends.back() != blocks_.size()) ends.push_back(blocks_.size());
  return ends;
}

}  // namespace rondom::probabilistic
