#include "pipeline/resolve/facts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <tuple>

#include "pipeline/resolve/probabilistic/compare.h"
#include "pipeline/resolve/probabilistic/levels.h"

namespace rondom::resolve {
namespace {

std::uint8_t generation_of(std::string_view suffix) {
  struct Word {
    std::string_view text;
    Generation generation;
  };
  static constexpr std::array<Word, 12> words = {{{"jr", Generation::junior},
                                                  {"junior", Generation::junior},
                                                  {"jnr", Generation::junior},
                                                  {"sr", Generation::senior},
                                                  {"senior", Generation::senior},
                                                  {"snr", Generation::senior},
                                                  {"ii", Generation::second},
                                                  {"2nd", Generation::second},
                                                  {"iii", Generation::third},
                                                  {"3rd", Generation::third},
                                                  {"iv", Generation::fourth},
                                                  {"4th", Generation::fourth}}};
  const std::string folded = fold_name(suffix);
  for (const Word& word : words) {
    if (folded == word.text) return static_cast<std::uint8_t>(word.generation);
  }
  return 0;
}

/// "Morris II", "David Jr": written behind a name, where there is no field for it. A single "I"
/// tells a generation only beside others of one name, so it is one here as well.
std::uint8_t generation_behind(std::string_view name) {
  const std::size_t last = name.find_last_of(' ');
  if (last == std::string_view::npos || last == 0) return 0;
  const std::string_view word = name.substr(last + 1);
  if (word == "I") return static_cast<std::uint8_t>(Generation::first);
  return generation_of(word);
}

/// Bytes of the first UTF-8 character.
std::string_view first_character(std::string_view text) {
  std::size_t bytes = text.empty() ? 0 : 1;
  while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0u) == 0x80u) ++bytes;
  return text.substr(0, bytes);
}

std::uint64_t person_signature(std::string_view given, std::string_view surname,
                               std::uint32_t birth) {
  if (given.empty() && surname.empty()) return 0;
  const std::uint64_t hash =
      Hasher().add(first_character(given)).add(surname).add(std::uint64_t{birth}).value();
  return hash == 0 ? 1 : hash;
}

/// Whole names tell people at one contact point apart. On a document number they say too little: a
/// surname that changed is in them.
bool whole_names_compatible(const Facts& a, const Facts& b) {
  const auto holds_given_of = [](const Facts& whole, const Facts& parts) {
    return std::all_of(whole.full.begin(), whole.full.end(), [&](std::string_view full) {
      return std::all_of(parts.given.begin(), parts.given.end(), [&](std::string_view given) {
        return full_name_may_hold(full, given, parts.surnames.values());
      });
    });
  };
  if (!holds_given_of(a, b) || !holds_given_of(b, a)) return false;
  return std::all_of(a.full.begin(), a.full.end(), [&](std::string_view full) {
    return std::all_of(b.full.begin(), b.full.end(),
                       [&](std::string_view other) { return full_names_compatible(full, other); });
  });
}

/// Relatives with names much alike share addresses and phones; on a document number a name that is
/// much alike is a slip of the pen.
bool names_compatible(const Facts& a, const Facts& b, bool contact_point) {
  for (const std::string_view one : a.given) {
    for (const std::string_view other : b.given) {
      if (one == other || given_names_compatible(one, other)) continue;
      if (contact_point || !given_names_alike(one, other)) return false;
    }
  }
  return !contact_point || whole_names_compatible(a, b);
}

template <typename Set>
bool differ(const Set& a, const Set& b) {
  if (std::equal(a.begin(), a.end(), b.begin(), b.end())) return false;
  for (auto one : a) {
    for (auto other : b) {
      if (one != other) return true;
    }
  }
  return false;
}

std::string limit_reason(const Rules::Namespace& rule) {
  if (rule.strength == config::IdentifierClass::unique) return "different " + rule.name;
  std::string what = rule.name == "email"   ? "e-mail addresses"
                     : rule.name == "phone" ? "phone numbers"
                                            : rule.name + " values";
  return "more than " + std::to_string(rule.max_per_profile) + " " + what;
}

/// First namespace (highest priority) that would hold more values than it may.
const Rules::Namespace* first_limit_exceeded(const Rules& rules, const Facts& a, const Facts& b) {
  const NumberedValue* left = a.values.begin();
  const NumberedValue* right = b.values.begin();
  while (left != a.values.end() || right != b.values.end()) {
    const std::uint64_t left_space = left != a.values.end() ? *left >> 32 : UINT64_MAX;
    const std::uint64_t right_space = right != b.values.end() ? *right >> 32 : UINT64_MAX;
    const std::uint64_t space = std::min(left_space, right_space);
    std::uint32_t distinct = 0, on_left = 0, on_right = 0;
    const auto in = [space](const NumberedValue* at, const NumberedValue* end) {
      return at != end && (*at >> 32) == space;
    };
    while (in(left, a.values.end()) || in(right, b.values.end())) {
      const bool take_left = in(left, a.values.end());
      const bool take_right = in(right, b.values.end());
      const NumberedValue next =
          take_left && take_right ? std::min(*left, *right) : (take_left ? *left : *right);
      if (take_left && *left == next) ++left, ++on_left;
      if (take_right && *right == next) ++right, ++on_right;
      ++distinct;
    }
    const Rules::Namespace& rule = rules.by_priority(static_cast<int>(space));
    if (rule.max_per_profile == 0 || distinct <= rule.max_per_profile) continue;
    // What one side holds already the other side does not make worse. Of what is unique one value
    // too many may be somebody else's, so that only the very same values count as that, unless
    // somebody said so.
    const bool said = a.said_same || b.said_same;
    const bool is_same = distinct == on_left && distinct == on_right;
    const bool is_within = distinct == on_left || distinct == on_right;
    const bool by_value = rule.strength == config::IdentifierClass::unique && !said;
    if (by_value ? !is_same : !is_within) return &rule;
  }
  return nullptr;
}

}  // namespace

void Facts::absorb(const Facts& other) {
  given.insert_all(other.given);
  full.insert_all(other.full);
  surnames.insert_all(other.surnames);
  births.insert_all(other.births);
  generations.insert_all(other.generations);
  single_streams.insert_all(other.single_streams);
  values.insert_all(other.values);
  apart.insert_all(other.apart);
  said_same = said_same || other.said_same;
}

std::vector<PlacedDecision> placed_decisions(
    std::span<const store::Decision> decisions,
    std::span<const std::pair<store::RecordId, std::uint32_t>> records) {
  std::vector<PlacedDecision> placed;
  const auto place_of = [&](store::RecordId id) -> std::optional<std::uint32_t> {
    const auto found = std::lower_bound(
        records.begin(), records.end(), id,
        [](const auto& record, store::RecordId wanted) { return record.first < wanted; });
    if (found == records.end() || found->first != id) return {};
    return found->second;
  };
  for (const store::Decision& decision : decisions) {
    const auto a = place_of(decision.a), b = place_of(decision.b);
    if (a && b) placed.push_back({std::min(*a, *b), std::max(*a, *b), decision.same});
  }
  std::sort(placed.begin(), placed.end(), [](const PlacedDecision& x, const PlacedDecision& y) {
    return std::tie(x.a, x.b) < std::tie(y.a, y.b);
  });
  return placed;
}

void mark_decisions(std::span<const PlacedDecision> decisions, std::vector<Facts>& facts) {
  std::uint64_t number = 0;
  for (const PlacedDecision& decision : decisions) {
    if (decision.same) {
      facts[decision.a].said_same = facts[decision.b].said_same = true;
      continue;
    }
    facts[decision.a].apart.insert(2 * number);
    facts[decision.b].apart.insert(2 * number + 1);
    ++number;
  }
}

bool said_apart(const Facts& a, const Facts& b) {
  return std::any_of(a.apart.begin(), a.apart.end(),
                     [&](std::uint64_t side) { return b.apart.contains(side ^ 1u); });
}

void PeopleCount::add(Entity entity, const Signature& signature) {
  if (signature.name != 0) {
    (entity == Entity::organization ? organizations_ : named_).push_back(signature.name);
    return;
  }
  if (entity == Entity::organization) return;
  const bool by_phone = space_ == "email" || (space_ != "phone" && signature.email == 0);
  const std::uint64_t told_by = by_phone ? signature.phone : signature.email;
  if (told_by != 0) nameless_.push_back(told_by);
}

std::size_t PeopleCount::people() {
  std::size_t most = 0;
  for (std::vector<std::uint64_t>* all : {&named_, &nameless_, &organizations_}) {
    std::sort(all->begin(), all->end());
    all->erase(std::unique(all->begin(), all->end()), all->end());
    most = std::max(most, all->size());
  }
  return most;
}

namespace {

Signature signature_of(const Candidate& candidate, const NameParts& parts, std::uint32_t birth) {
  Signature signature;
  if (candidate.entity == Entity::organization) {
    signature.name = person_signature({}, fold_name(parts.organization), 0);
  } else if (parts.is_whole()) {
    signature.name = person_signature({}, whole_name(parts), birth);
  } else {
    const std::string_view given = parts.given.empty() ? parts.initials : parts.given;
    signature.name = person_signature(fold_name(given), fold_name(parts.surname), birth);
  }
  if (signature.name != 0) return signature;
  std::string_view email, phone;  // the smallest: the same in any order
  for_each_identifier(candidate.canonical, [&](std::string_view space, std::string_view value) {
    std::string_view* const of = space == "email" ? &email : space == "phone" ? &phone : nullptr;
    if (of != nullptr && !value.empty() && (of->empty() || value < *of)) *of = value;
  });
  if (!email.empty()) signature.email = identifier_hash("email", email);
  if (!phone.empty()) signature.phone = identifier_hash("phone", phone);
  return signature;
}

}  // namespace

Facts facts_of(const Candidate& candidate, bool count_people, Arena& arena) {
  Facts facts;
  facts.entity = candidate.entity;
  const NameParts parts = name_parts(candidate.canonical);
  const std::uint32_t birth = full_date(parts.birth);
  if (count_people) facts.signature = signature_of(candidate, parts, birth);
  if (candidate.entity == Entity::organization) return facts;
  if (!parts.given.empty()) {
    facts.given.insert(parts.given);
  } else if (!parts.initials.empty()) {
    facts.given.insert(arena.copy(first_character(fold_name(parts.initials))));
  } else if (const std::string whole = whole_name(parts); !whole.empty()) {
    facts.full.insert(arena.copy(whole));
  }
  if (!parts.surname.empty()) facts.surnames.insert(parts.surname);
  if (birth != 0) facts.births.insert(birth);
  if (!parts.suffix.empty()) {
    const std::uint8_t generation = generation_of(parts.suffix);
    if (generation != 0) facts.generations.insert(generation);
  } else {
    for (const std::string_view name : {parts.given, parts.surname}) {
      const std::uint8_t generation = generation_behind(name);
      if (generation != 0) facts.generations.insert(generation);
    }
  }
  return facts;
}

namespace {

/// By what they say of themselves.
std::string birth_or_suffix_difference(const Facts& a, const Facts& b, bool compare_births) {
  for (std::uint32_t one : a.births) {
    for (std::uint32_t other : b.births) {
      if (compare_births && !births_compatible(one, other)) return "different birth dates";
    }
  }
  return differ(a.generations, b.generations) ? "different name suffixes" : "";
}

std::string name_difference(const Rules& rules, const Facts& a, const Facts& b, Shared shared) {
  if (!shared.compare_names) return {};
  if (!names_compatible(a, b, shared.contact_point())) {
    return shared.contact_point() ? "different given names: a shared contact point"
                                  : "different given names: a shared identifier";
  }
  return are_colleagues(rules, a, b, shared) ? std::string(colleagues) : std::string();
}

/// Both have values of this namespace, and none of them in common.
bool values_differ(const Rules& rules, const Facts& a, const Facts& b, std::string_view space) {
  bool there = false, here = false;
  for (const NumberedValue value : a.values) {
    if (rules.by_priority(priority_of(value)).name != space) continue;
    if (b.values.contains(value)) return false;
    there = true;
  }
  for (const NumberedValue value : b.values) {
    here = here || rules.by_priority(priority_of(value)).name == space;
  }
  return here && there;
}

}  // namespace

std::string refusal(const Rules& rules, const Facts& a, const Facts& b, Shared shared) {
  std::string names = name_difference(rules, a, b, shared);
  return names.empty() ? standing_refusal(rules, a, b, true) : names;
}

std::string standing_refusal(const Rules& rules, const Facts& a, const Facts& b,
                             bool compare_births) {
  if (said_apart(a, b)) return std::string(said_not_the_same);
  const Rules::Namespace* exceeded = first_limit_exceeded(rules, a, b);
  if (exceeded != nullptr && exceeded->strength == config::IdentifierClass::unique) {
    return limit_reason(*exceeded);
  }
  std::string reason = birth_or_suffix_difference(a, b, compare_births);
  if (!reason.empty()) return reason;
  for (std::uint32_t stream : a.single_streams) {
    if (b.single_streams.contains(stream)) return "two records of a source that holds no doubles";
  }
  return exceeded != nullptr ? limit_reason(*exceeded) : std::string();
}

bool are_two(const Rules& rules, const Facts& a, const Facts& b, Shared shared) {
  return !name_difference(rules, a, b, shared).empty() || differ(a.generations, b.generations) ||
         born_apart(a, b);
}

bool born_apart(const Facts& a, const Facts& b) {
  return std::any_of(a.births.begin(), a.births.end(), [&](std::uint32_t one) {
    return std::any_of(b.births.begin(), b.births.end(), [&](std::uint32_t other) {
      return probabilistic::birth_level(one, other) > probabilistic::birth_levels::near;
    });
  });
}

bool are_colleagues(const Rules& rules, const Facts& a, const Facts& b, Shared shared) {
  if (!shared.phone || shared.email || a.surnames.empty() || b.surnames.empty()) return false;
  // Who married and took another name and address was born on the same day.
  for (const std::uint32_t one : a.births) {
    for (const std::uint32_t other : b.births) {
      if (births_compatible(one, other)) return false;
    }
  }
  for (const std::string_view one : a.surnames) {
    for (const std::string_view other : b.surnames) {
      if (surnames_related(one, other)) return false;
    }
  }
  return values_differ(rules, a, b, "email");
}

int telling(const Facts& facts) {
  const bool initials_only = std::all_of(facts.given.begin(), facts.given.end(), [](auto given) {
    return first_character(given).size() == given.size() || given.ends_with('.');
  });
  int grade = 0;
  if (!facts.given.empty() || !facts.full.empty()) {
    grade = initials_only && facts.full.empty() ? 1 : 2;
  }
  return 8 * grade + 4 * (facts.births.empty() ? 0 : 1) + 2 * (facts.generations.empty() ? 0 : 1) +
         (facts.surnames.empty() ? 0 : 1);
}

}  // namespace rondom::resolve
