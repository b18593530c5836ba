#include "pipeline/merge/elements.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "pipeline/merge/choose.h"

namespace rondom::merge {
namespace {

using config::MergeRule;

constexpr char key_separator = '\x1f';

/// One element of one member: a run of entries.
struct Element {
  std::string_view key;
  std::span<const Entry> cells;
  int restriction = 0;  // consents under most_restrictive only
  bool stale = false;
  std::uint32_t member() const { return cells.front().member; }
  std::uint32_t group() const { return cells.front().cell.group; }
  const Entry* find(AttributeId id) const {
    for (const Entry& entry : cells) {
      if (entry.cell.attribute == id) return &entry;
    }
    return nullptr;
  }
  std::string_view value(AttributeId id) const {
    const Entry* entry = find(id);
    return entry == nullptr ? std::string_view() : entry->cell.value;
  }
};

struct ListStates {
  AttributeId status = 0;  // 0: elements of this list have no status of a contact point
  AttributeId verified_at = 0;
};

ListStates states_of(std::string_view list) {
  if (list == "emails") return {attribute::email_status, attribute::email_verified_at};
  if (list == "phones") return {attribute::phone_status, attribute::phone_verified_at};
  if (list == "addresses") return {attribute::address_status, 0};
  return {};
}

// How bad a status of a contact point is; 0 = it can be used.
int severity(std::string_view status) {
  constexpr auto bad = std::to_array<std::string_view>({"moved", "bounced", "blocked", "invalid"});
  const auto found = std::find(bad.begin(), bad.end(), status);
  return found == bad.end() ? 0 : static_cast<int>(found - bad.begin()) + 1;
}

std::string_view list_of(const Cell& cell) {
  const AttributeInfo* info = attribute_by_id(cell.attribute);
  return info == nullptr ? std::string_view() : info->group;
}

std::string_view join(const Element& element, std::span<const AttributeId> ids, bool fold,
                      Arena& arena) {
  std::string key;
  bool anything = false;
  for (const AttributeId id : ids) {
    const auto value = element.value(id);
    anything = anything || !value.empty();
    if (fold)
      key += fold_name(value);
    else
      key += value;
    key += key_separator;
  }
  return anything ? arena.copy(key) : std::string_view();
}

std::string_view address_key(const Element& element, Arena& arena) {
  using namespace attribute;  // NOLINT(google-build-using-namespace): ids of the registry only
  constexpr std::array<AttributeId, 6> parts = {
      address_postcode, address_house_number, address_house_number_suffix,
      address_unit,     address_street,       address_country};
  constexpr std::array<AttributeId, 7> line = {
      address_full,   address_house_number, address_house_number_suffix,
      address_unit,   address_locality,     address_subdivision,
      address_country};
  const bool has_parts =
      !element.value(address_postcode).empty() || !element.value(address_street).empty();
  return has_parts ? join(element, parts, true, arena) : join(element, line, true, arena);
}

constexpr std::array consent_parts = {
    attribute::consent_purpose,  attribute::consent_channel,    attribute::consent_contact,
    attribute::consent_status,   attribute::consent_at,         attribute::consent_basis,
    attribute::consent_evidence, attribute::consent_expires_at, attribute::consent_confirmed_at};

std::string_view consent_key(const CompiledRule& rule, const Element& element, Arena& arena) {
  // Under most_restrictive whatever decides the same thing is compared, and a yes gives way to a
  // no.
  const std::size_t used = rule.kind == MergeRule::most_restrictive ? 3 : consent_parts.size();
  return join(element, std::span(consent_parts).first(used), false, arena);
}

/// None takes back another: each stays.
std::string_view suppression_key(const Element& element, Arena& arena) {
  using namespace attribute;  // NOLINT(google-build-using-namespace): ids of the registry only
  constexpr std::array<AttributeId, 8> all = {
      suppression_kind,        suppression_channel,   suppression_purpose, suppression_contact,
      suppression_destination, suppression_begins_at, suppression_ends_at, suppression_note};
  return join(element, all, false, arena);
}

/// One wish replaces another about the same thing; how often and in which language are two things.
std::string_view preference_key(const Element& element, Arena& arena) {
  using namespace attribute;  // NOLINT(google-build-using-namespace): ids of the registry only
  std::string key;
  for (const AttributeId id : {preference_channel, preference_topic}) {
    key += element.value(id);
    key += key_separator;
  }
  for (const AttributeId id : {preference_choice, preference_frequency, preference_language}) {
    key += element.value(id).empty() ? '-' : '+';
  }
  return arena.copy(key);
}

// Two elements with the same key are one.
std::string_view key_of(const CompiledRule& rule, std::string_view list, const Element& element,
                        Arena& arena) {
  using namespace attribute;  // NOLINT(google-build-using-namespace): ids of the registry only
  if (list == "emails") return element.value(email_value);
  if (list == "phones") return element.value(phone_value);
  if (list == "tags") return element.value(tag_value);
  if (list == "addresses") return address_key(element, arena);
  if (list == "consents") return consent_key(rule, element, arena);
  if (list == "suppressions") return suppression_key(element, arena);
  if (list == "preferences") return preference_key(element, arena);
  // What began at another moment is another period; of one period the better record knows the end.
  constexpr std::array<AttributeId, 4> relation = {relation_type, relation_to, relation_role,
                                                   relation_valid_from};
  return join(element, relation, false, arena);
}

std::vector<Element> elements_of(const CompiledRule& rule, std::vector<Entry>& sorted,
                                 const Ranking& ranking, Arena& arena) {
  std::sort(sorted.begin(), sorted.end(), [&](const Entry& a, const Entry& b) {
    if (a.member != b.member) return ranking.recency(a.member) < ranking.recency(b.member);
    if (a.cell.group != b.cell.group) return a.cell.group < b.cell.group;
    if (a.cell.attribute != b.cell.attribute) return a.cell.attribute < b.cell.attribute;
    return a.cell.value < b.cell.value;
  });
  const std::string_view list = list_of(sorted.front().cell);
  std::vector<Element> elements;
  for (std::size_t at = 0; at < sorted.size();) {
    std::size_t end = at + 1;
    while (end < sorted.size() && sorted[end].member == sorted[at].member &&
           sorted[end].cell.group == sorted[at].cell.group) {
      ++end;
    }
    Element element;
    element.cells = std::span<const Entry>(sorted).subspan(at, end - at);
    element.key = key_of(rule, list, element, arena);
    if (rule.kind == MergeRule::most_restrictive) {
      element.restriction =
          restrictiveness(attribute::consent_status, element.value(attribute::consent_status));
    }
    if (says_something(element.cells)) elements.push_back(element);
    at = end;
  }
  return elements;
}

class Preference {
 public:
  Preference(const CompiledRule& rule, const Ranking& ranking) : rule_(rule), ranking_(ranking) {}
  bool operator()(const Element& a, const Element& b) const {
    if (a.restriction != b.restriction) return a.restriction > b.restriction;
    if (a.stale != b.stale) return b.stale;
    if (a.member() != b.member()) return ranking_.is_better(rule_.kind, a.member(), b.member());
    return a.group() < b.group();
  }

 private:
  const CompiledRule& rule_;
  const Ranking& ranking_;
};

// The newest of the worst statuses among copies of one contact point; nullptr when none is bad or
// the point was verified after it.
const Entry* bad_status(std::span<const Element> copies, const ListStates& states,
                        const Ranking& ranking, const Entry* verified) {
  const Entry* worst = nullptr;
  for (const Element& element : copies) {
    const Entry* status = element.find(states.status);
    if (status == nullptr || severity(status->cell.value) == 0) continue;
    const int bad = severity(status->cell.value);
    const int known = worst == nullptr ? 0 : severity(worst->cell.value);
    const bool newer =
        worst != nullptr && ranking.recency(status->member) < ranking.recency(worst->member);
    if (bad > known || (bad == known && newer)) worst = status;
  }
  if (worst == nullptr || verified == nullptr) return worst;
  const auto at = parse_time(verified->cell.value);
  const Timestamp stated_at = ranking.observed_at(worst->member);
  return at.ok() && stated_at != no_time && *at > stated_at ? nullptr : worst;
}

const Entry* latest_verification(std::span<const Element> copies, const ListStates& states) {
  const Entry* latest = nullptr;
  const AttributeInfo* info = attribute_by_id(states.verified_at);
  for (const Element& element : copies) {
    const Entry* entry = states.verified_at == 0 ? nullptr : element.find(states.verified_at);
    if (entry == nullptr) continue;
    const bool later =
        latest == nullptr || compare_values(info, entry->cell.value, latest->cell.value) > 0;
    if (later) latest = entry;
  }
  return latest;
}

// The usable status of the newest copy that has one, when every bad one is out of date.
const Entry* good_status(std::span<const Element> copies, const ListStates& states,
                         const Ranking& ranking) {
  const Entry* newest = nullptr;
  for (const Element& element : copies) {
    const Entry* status = element.find(states.status);
    if (status == nullptr || severity(status->cell.value) != 0) continue;
    if (newest == nullptr || ranking.recency(status->member) < ranking.recency(newest->member)) {
      newest = status;
    }
  }
  return newest;
}

void put(United& united, const Entry& winner) {
  const bool there =
      std::any_of(united.parts.begin(), united.parts.end(), [&](const United::Part& part) {
        return part.winner.cell.attribute == winner.cell.attribute;
      });
  if (!there) united.parts.push_back({winner, {}});
}

void add_losers(United& united, std::span<const Element> copies) {
  for (auto& part : united.parts) {
    for (const Element& element : copies) {
      if (element.member() == part.winner.member) continue;
      const Entry* other = element.find(part.winner.cell.attribute);
      if (other != nullptr && other->cell.value != part.winner.cell.value) {
        part.losers.push_back(*other);
      }
    }
  }
}

struct Ranked {
  United united;
  Element best;
  int severity = 0;
};

Ranked unite_copies(std::span<const Element> copies, const ListStates& states,
                    const Ranking& ranking, bool explain) {
  Ranked ranked;
  ranked.best = copies.front();
  if (states.status != 0) {
    const Entry* verified = latest_verification(copies, states);
    const Entry* status = bad_status(copies, states, ranking, verified);
    if (status != nullptr)
      ranked.severity = severity(status->cell.value);
    else
      status = good_status(copies, states, ranking);
    if (status != nullptr) put(ranked.united, *status);
    if (verified != nullptr) put(ranked.united, *verified);
  }
  for (const Entry& entry : ranked.best.cells) {
    if (entry.cell.attribute != states.status) put(ranked.united, entry);
  }
  if (explain) add_losers(ranked.united, copies);
  return ranked;
}

/// Consents that are no "yes", and suppressions: without them somebody would be written to who said
/// no.
bool closes(const Element& element) {
  using namespace attribute;  // NOLINT(google-build-using-namespace): ids of the registry only
  const std::string_view list = list_of(element.cells.front().cell);
  if (list == "suppressions") return true;
  return list == "consents" && element.value(consent_status) != "granted";
}

/// Consents that take a yes back, whatever its date.
bool says_no(const Element& element) {
  const std::string_view status = element.value(attribute::consent_status);
  return closes(element) && !status.empty() && status != "pending";
}

/// Of several noes about one thing each stays: the worst word may be the older one, or the only one
/// that ends.
void keep_other_noes(std::span<const Element> copies, const ListStates& states,
                     const Ranking& ranking, bool explain, Arena& arena,
                     std::vector<Ranked>& ranked) {
  if (!says_no(copies.front())) return;
  std::unordered_set<std::string_view> told = {join(copies.front(), consent_parts, false, arena)};
  for (std::size_t i = 1; i < copies.size(); ++i) {
    if (!says_no(copies[i])) continue;
    const std::string_view all = join(copies[i], consent_parts, false, arena);
    if (!told.insert(all).second) continue;
    ranked.push_back(unite_copies(copies.subspan(i, 1), states, ranking, explain));
  }
}

void leave_out_beyond_limit(std::vector<Ranked>& ranked) {
  if (ranked.size() <= elements_per_list_max) return;
  const auto beyond = ranked.begin() + static_cast<std::ptrdiff_t>(elements_per_list_max);
  ranked.erase(
      std::remove_if(beyond, ranked.end(), [](const Ranked& one) { return !closes(one.best); }),
      ranked.end());
}

}  // namespace

bool says_something(std::span<const Entry> element) {
  using namespace attribute;  // NOLINT(google-build-using-namespace): ids of the registry only
  return std::any_of(element.begin(), element.end(), [](const Entry& entry) {
    switch (entry.cell.attribute) {
      case email_usage:
      case email_status:
      case email_verified_at:
      case email_kind:
      case phone_usage:
      case phone_status:
      case phone_verified_at:
      case address_usage:
      case address_status: return false;
      default: return true;
    }
  });
}

std::vector<United> unite(const CompiledRule& rule, std::span<const Entry> entries,
                          const Ranking& ranking, Arena& arena, bool explain) {
  std::vector<Entry> sorted(entries.begin(), entries.end());
  std::vector<Element> elements = elements_of(rule, sorted, ranking, arena);
  Staleness staleness(rule);
  for (const Element& element : elements) staleness.add(ranking.observed_at(element.member()));
  for (Element& element : elements) {
    element.stale = staleness.is_stale(ranking.observed_at(element.member()));
  }
  const Preference better(rule, ranking);
  std::sort(elements.begin(), elements.end(), [&](const Element& a, const Element& b) {
    return a.key != b.key ? a.key < b.key : better(a, b);
  });
  const ListStates states = states_of(list_of(entries.front().cell));
  std::vector<Ranked> ranked;
  for (std::size_t at = 0; at < elements.size();) {
    std::size_t end = at + 1;
    while (end < elements.size() && elements[end].key == elements[at].key) ++end;
    const auto copies = std::span<const Element>(elements).subspan(at, end - at);
    ranked.push_back(unite_copies(copies, states, ranking, explain));
    if (rule.kind == MergeRule::most_restrictive) {
      keep_other_noes(copies, states, ranking, explain, arena, ranked);
    }
    at = end;
  }
  std::sort(ranked.begin(), ranked.end(), [&](const Ranked& a, const Ranked& b) {
    return a.severity != b.severity ? a.severity < b.severity : better(a.best, b.best);
  });
  leave_out_beyond_limit(ranked);
  std::vector<United> united;
  united.reserve(ranked.size());
  for (Ranked& element : ranked) united.push_back(std::move(element.united));
  return united;
}

std::vector<United> unite_identifiers(const CompiledRule& rule, std::span<const Entry> entries,
                                      const Ranking& ranking) {
  std::vector<Entry> sorted(entries.begin(), entries.end());
  Staleness staleness(rule);
  for (const Entry& entry : entries) staleness.add(ranking.observed_at(entry.member));
  const auto is_stale = [&](const Entry& entry) {
    return staleness.is_stale(ranking.observed_at(entry.member));
  };
  const auto better = [&](const Entry& a, const Entry& b) {
    if (is_stale(a) != is_stale(b)) return is_stale(b);
    if (a.member != b.member) return ranking.is_better(rule.kind, a.member, b.member);
    return a.cell.group != b.cell.group ? a.cell.group < b.cell.group : a.cell.value < b.cell.value;
  };
  std::sort(sorted.begin(), sorted.end(), [&](const Entry& a, const Entry& b) {
    return a.cell.value != b.cell.value ? a.cell.value < b.cell.value : better(a, b);
  });
  const auto end = std::unique(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
    return a.cell.value == b.cell.value;
  });
  sorted.erase(end, sorted.end());
  std::sort(sorted.begin(), sorted.end(), better);
  if (sorted.size() > elements_per_list_max) sorted.resize(elements_per_list_max);
  std::vector<United> united;
  united.reserve(sorted.size());
  for (const Entry& entry : sorted) united.push_back({{{entry, {}}}});
  return united;
}

}  // namespace rondom::merge
