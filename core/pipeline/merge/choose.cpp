#include "pipeline/merge/choose.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "model/refusals.h"

namespace rondom::merge {
namespace {

using config::MergeRule;

constexpr std::size_t no_place = static_cast<std::size_t>(-1);

int sign(int number) {
  return (number > 0) - (number < 0);
}

// Numbers stand before words, so that a mixture has an order too.
int compare_numbers_first(std::string_view a, std::string_view b) {
  Value x;
  Value y;
  const bool a_is_number = parse_number(a, x);
  const bool b_is_number = parse_number(b, y);
  if (a_is_number != b_is_number) return a_is_number ? -1 : 1;
  int order = 0;
  if (a_is_number && compare(x, y, order)) return order;
  return sign(a.compare(b));
}

int compare_times(std::string_view a, std::string_view b) {
  const auto x = parse_time(a);
  const auto y = parse_time(b);
  if (!x.ok() || !y.ok() || *x == *y) return sign(a.compare(b));
  return *x < *y ? -1 : 1;
}

// "1990 EUR": by currency, then by amount.
int compare_money(std::string_view a, std::string_view b) {
  const auto split = [](std::string_view money) {
    const auto space = money.find(' ');
    return space == std::string_view::npos
               ? std::pair(money, std::string_view())
               : std::pair(money.substr(0, space), money.substr(space + 1));
  };
  const auto [amount_a, currency_a] = split(a);
  const auto [amount_b, currency_b] = split(b);
  if (currency_a != currency_b) return sign(currency_a.compare(currency_b));
  return compare_numbers_first(amount_a, amount_b);
}

std::size_t place_in(const std::vector<std::string>& order, std::string_view value) {
  const auto found = std::find(order.begin(), order.end(), value);
  return found == order.end() ? no_place : static_cast<std::size_t>(found - order.begin());
}

// By the rule's own list; a value that is not in it loses to every one that is.
int compare_by_order(const CompiledRule& rule, std::string_view a, std::string_view b) {
  const std::size_t place_a = place_in(rule.order, a);
  const std::size_t place_b = place_in(rule.order, b);
  if (place_a == place_b) return 0;
  if (place_a == no_place) return 1;
  if (place_b == no_place) return -1;
  const int order = place_a < place_b ? -1 : 1;
  return rule.kind == MergeRule::min ? order : -order;
}

class Contest {
 public:
  Contest(const CompiledRule& rule, std::span<const Entry> candidates, const Ranking& ranking,
          std::span<const std::string_view> death_of)
      : rule_(rule),
        candidates_(candidates),
        ranking_(ranking),
        death_of_(death_of),
        info_(attribute_by_id(candidates.front().cell.attribute)) {
    if (rule.kind != MergeRule::most_frequent) return;
    for (const Entry& entry : candidates) ++counts_[entry.cell.value];
  }

  // -1 when a is better by the rule alone, 1 when b is, 0 when only recency can tell.
  int compare_by_rule(std::size_t a, std::size_t b) const {
    const Entry& x = candidates_[a];
    const Entry& y = candidates_[b];
    switch (rule_.kind) {
      case MergeRule::most_recent:
      case MergeRule::unite: return 0;
      case MergeRule::trust:
      case MergeRule::first: return ranking_.compare_records(rule_.kind, x.member, y.member);
      case MergeRule::most_frequent: return descending(count_of(x), count_of(y));
      case MergeRule::longest:
        return descending(characters(x.cell.value), characters(y.cell.value));
      case MergeRule::shortest:
        return descending(characters(y.cell.value), characters(x.cell.value));
      case MergeRule::min:
      case MergeRule::max: return compare_size(x.cell.value, y.cell.value);
      case MergeRule::any: return descending(x.cell.value == "true", y.cell.value == "true");
      case MergeRule::all: return descending(x.cell.value == "false", y.cell.value == "false");
      case MergeRule::most_restrictive: return descending(restriction_of(x), restriction_of(y));
    }
    return 0;
  }

 private:
  template <typename T>
  static int descending(T a, T b) {
    return a == b ? 0 : (a > b ? -1 : 1);
  }

  std::size_t count_of(const Entry& entry) const { return counts_.find(entry.cell.value)->second; }

  int compare_size(std::string_view a, std::string_view b) const {
    if (!rule_.order.empty()) return compare_by_order(rule_, a, b);
    const int order = compare_values(info_, a, b);
    return rule_.kind == MergeRule::min ? order : -order;
  }

  int restriction_of(const Entry& entry) const {
    if (entry.cell.attribute == attribute::death_date) {
      return restrictiveness(attribute::death_status, death_of_[entry.member]);
    }
    return restrictiveness(entry.cell.attribute, entry.cell.value);
  }

  const CompiledRule& rule_;
  std::span<const Entry> candidates_;
  const Ranking& ranking_;
  std::span<const std::string_view> death_of_;
  const AttributeInfo* info_;
  std::unordered_map<std::string_view, std::size_t> counts_;  // most_frequent: of each value
};

// "unknown" is what sources say when they have nothing to say.
bool says_little(const Cell& cell) {
  return cell.attribute == attribute::gender && cell.value == "unknown";
}

}  // namespace

int restrictiveness(AttributeId id, std::string_view value) {
  constexpr auto death = std::to_array<std::string_view>({"alive", "presumed", "confirmed"});
  constexpr auto consent = std::to_array<std::string_view>(
      {"granted", "pending", "expired", unreadable_consent, "denied", "withdrawn"});
  const auto place = [&](const auto& words) {
    const auto found = std::find(words.begin(), words.end(), value);
    return found == words.end() ? 0 : static_cast<int>(found - words.begin()) + 1;
  };
  if (id == attribute::death_status) return place(death);
  if (id == attribute::consent_status) return place(consent);
  return value == "true" ? 1 : 0;
}

int compare_values(const AttributeInfo* info, std::string_view a, std::string_view b) {
  if (a == b) return 0;
  switch (info == nullptr ? AttributeType::text : info->type) {
    case AttributeType::time: return compare_times(a, b);
    case AttributeType::money: return compare_money(a, b);
    case AttributeType::integer:
    case AttributeType::decimal: return compare_numbers_first(a, b);
    case AttributeType::text:
      // custom.* has no type of its own
      if (info != nullptr && info->id == attribute::custom) return compare_numbers_first(a, b);
      return sign(a.compare(b));
    default: return sign(a.compare(b));  // ISO dates sort as text
  }
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::size_t choose(const CompiledRule& rule, std::span<const Entry> candidates,
                   const Ranking& ranking, std::span<const std::string_view> death_of) {
  const Contest contest(rule, candidates, ranking, death_of);
  Staleness staleness(rule);
  for (const Entry& entry : candidates) staleness.add(ranking.observed_at(entry.member));
  std::size_t best = 0;
  for (std::size_t at = 1; at < candidates.size(); ++at) {
    const bool best_little = says_little(candidates[best].cell);
    const bool other_little = says_little(candidates[at].cell);
    if (best_little != other_little) {
      if (best_little) best = at;
      continue;
    }
    const bool best_stale = staleness.is_stale(ranking.observed_at(candidates[best].member));
    const bool other_stale = staleness.is_stale(ranking.observed_at(candidates[at].member));
    if (best_stale != other_stale) {
      if (best_stale) best = at;
      continue;
    }
    const int order = contest.compare_by_rule(at, best);
    if (order > 0) continue;
    if (order < 0 ||
        ranking.recency(candidates[at].member) < ranking.recency(candidates[best].member))
      best = at;
  }
  return best;
}

}  // namespace rondom::merge
