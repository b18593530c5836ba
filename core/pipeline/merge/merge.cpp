#include "pipeline/merge/merge.h"

#include <algorithm>
#include <compare>
#include <span>
#include <tuple>

#include "pipeline/merge/choose.h"
#include "pipeline/merge/elements.h"
#include "pipeline/merge/members.h"
#include "pipeline/merge/rules.h"

namespace rondom::merge {
namespace {

using config::MergeRule;

/// The entries of one (attribute, name), and the rule for it.
struct Run {
  std::span<const Entry> entries;
  std::size_t rule = 0;
  const AttributeInfo* info = nullptr;
  AttributeId attribute() const { return entries.front().cell.attribute; }
};

bool is_core_name(AttributeId id) {
  return id == attribute::name_given || id == attribute::name_surname;
}

// With one of these a full name is no longer needed.
bool is_name_part(AttributeId id) {
  return is_core_name(id) || id == attribute::name_initials;
}

class Merger {
 public:
  Merger(const Rules::Inside& rules, Entity entity, const std::vector<Member>& members,
         Arena& arena, RecordBuilder& out, std::vector<Choice>* explain)
      : rules_(rules.of(entity)),
        ranking_(rules, members),
        member_count_(members.size()),
        entries_(collect(members, ranking_)),
        arena_(arena),
        out_(out),
        explain_(explain) {}

  void run() {
    if (explain_ != nullptr) explain_->clear();
    find_runs();
    for (std::size_t at = 0; at < runs_.size();) at = merge_from(at);
    if (explain_ != nullptr) sort_explanations();
  }

 private:
  void find_runs() {
    runs_.reserve(entries_.size());
    for (std::size_t at = 0; at < entries_.size();) {
      const Cell& cell = entries_[at].cell;
      std::size_t end = at + 1;
      while (end < entries_.size() && entries_[end].cell.attribute == cell.attribute &&
             entries_[end].cell.name == cell.name) {
        ++end;
      }
      const auto entries = std::span<const Entry>(entries_).subspan(at, end - at);
      runs_.push_back(
          {entries, rules_.index_for(cell.attribute, cell.name), attribute_by_id(cell.attribute)});
      has_name_parts_ = has_name_parts_ || is_name_part(cell.attribute);
      at = end;
    }
  }

  // Returns the place of the first run that is not merged yet.
  std::size_t merge_from(std::size_t at) {
    const Run& run = runs_[at];
    if (run.info == nullptr) return at + 1;
    if (!run.info->group.empty()) return merge_list(at);
    if (run.attribute() == attribute::identifier) {
      emit(unite_identifiers(rules_.rule(run.rule), run.entries, ranking_), rules_.rule(run.rule),
           0);
    } else if (rules_.rule(run.rule).as_one && member_count_ > 1) {
      if (std::find(done_.begin(), done_.end(), run.rule) == done_.end()) merge_as_one(run.rule);
    } else if (run.attribute() != attribute::name_full || !has_name_parts_) {
      merge_scalar(run);
    }
    return at + 1;
  }

  std::size_t merge_list(std::size_t at) {
    const std::string_view list = runs_[at].info->group;
    std::size_t end = at + 1;
    while (end < runs_.size() && runs_[end].info != nullptr && runs_[end].info->group == list)
      ++end;
    const Entry* first = runs_[at].entries.data();
    const Entry* last = runs_[end - 1].entries.data() + runs_[end - 1].entries.size();
    const std::span<const Entry> entries(first, last);
    const CompiledRule& rule = rules_.rule(runs_[at].rule);
    if (is_one_element(entries)) {
      if (says_something(entries)) add_element(entries, rule);
    } else {
      emit(unite(rule, entries, ranking_, arena_, explain_ != nullptr), rule, 1);
    }
    return end;
  }

  // The common case costs nothing: one record, one e-mail.
  static bool is_one_element(std::span<const Entry> entries) {
    const Entry& first = entries.front();
    for (std::size_t at = 1; at < entries.size(); ++at) {
      const Entry& other = entries[at];
      if (other.member != first.member || other.cell.group != first.cell.group) return false;
      if (other.cell.attribute == entries[at - 1].cell.attribute) return false;
    }
    return true;
  }

  void add_element(std::span<const Entry> entries, const CompiledRule& rule) {
    for (const Entry& entry : entries) {
      Entry winner = entry;
      winner.cell.group = 1;
      add(winner, {}, "united, ", rule);
    }
  }

  // One candidate a member: its first cell.
  std::vector<Entry> candidates_of(const Run& run) const {
    std::vector<Entry> candidates;
    for (const Entry& entry : run.entries) {
      if (candidates.empty() || candidates.back().member != entry.member) {
        candidates.push_back(entry);
      }
    }
    return candidates;
  }

  void merge_scalar(const Run& run) {
    const CompiledRule& rule = rules_.rule(run.rule);
    if (run.entries.size() == 1) return add(run.entries.front(), {}, {}, rule);
    const std::vector<Entry> candidates = candidates_of(run);
    const std::size_t winner = choose(rule, candidates, ranking_, deaths());
    add(candidates[winner], candidates, {}, rule);
  }

  const std::vector<std::string_view>& deaths() {
    if (!deaths_.empty()) return deaths_;
    deaths_.resize(member_count_);
    for (const Run& run : runs_) {
      if (run.attribute() != attribute::death_status) continue;
      for (const Entry& entry : run.entries) deaths_[entry.member] = entry.cell.value;
    }
    return deaths_;
  }

  /// What one member has of a group that is taken whole.
  struct Holding {
    std::uint32_t member = 0;
    std::size_t parts = 0;
    std::size_t characters = 0;
    std::size_t full_characters =
        0;                   // of a full name, which repeats the parts that it was split into
    std::size_t equals = 0;  // members with exactly the same
    bool has_core = false;   // a given name or a surname
    bool has_parts = false;  // or initials
    bool has_name = false;   // or a full name
    std::vector<const Entry*> cells;
  };

  std::vector<Holding> holdings_of(std::size_t rule) const {
    std::vector<Holding> holdings(member_count_);  // newest first
    for (const Run& run : runs_) {
      if (run.rule != rule) continue;
      // One member's entries stand together; the first of them counts.
      const Entry* last = nullptr;
      for (const Entry& entry : run.entries) {
        if (last == nullptr || last->member != entry.member) {
          Holding& holding = holdings[ranking_.recency(entry.member)];
          holding.member = entry.member;
          hold(holding, entry);
        }
        last = &entry;
      }
    }
    std::erase_if(holdings, [](const Holding& holding) { return holding.parts == 0; });
    return holdings;
  }

  static void hold(Holding& holding, const Entry& entry) {
    ++holding.parts;
    if (entry.cell.attribute == attribute::name_full) {
      holding.full_characters += characters(entry.cell.value);
    } else {
      holding.characters += characters(entry.cell.value);
    }
    holding.has_core = holding.has_core || is_core_name(entry.cell.attribute);
    holding.has_parts = holding.has_parts || is_name_part(entry.cell.attribute);
    holding.has_name =
        holding.has_name || holding.has_parts || entry.cell.attribute == attribute::name_full;
    holding.cells.push_back(&entry);
  }

  static std::strong_ordering compare_cells(const Holding& a, const Holding& b) {
    return std::lexicographical_compare_three_way(
        a.cells.begin(), a.cells.end(), b.cells.begin(), b.cells.end(),
        [](const Entry* x, const Entry* y) {
          return std::tie(x->cell.attribute, x->cell.name, x->cell.value) <=>
                 std::tie(y->cell.attribute, y->cell.name, y->cell.value);
        });
  }

  static void count_equals(std::vector<Holding>& holdings) {
    std::vector<Holding*> sorted;
    sorted.reserve(holdings.size());
    for (Holding& holding : holdings) sorted.push_back(&holding);
    std::sort(sorted.begin(), sorted.end(),
              [](const Holding* a, const Holding* b) { return compare_cells(*a, *b) < 0; });
    for (std::size_t at = 0; at < sorted.size();) {
      std::size_t end = at + 1;
      while (end < sorted.size() && compare_cells(*sorted[at], *sorted[end]) == 0) ++end;
      for (std::size_t i = at; i < end; ++i) sorted[i]->equals = end - at;
      at = end;
    }
  }

  // Names without a given name or surname lose to names with one; so do full names, and a nickname
  // or title alone loses to all of them.
  static void keep_fullest_kind(std::vector<Holding>& holdings) {
    const auto keep = [&](bool Holding::*property) {
      const bool any = std::any_of(holdings.begin(), holdings.end(),
                                   [&](const Holding& holding) { return holding.*property; });
      if (!any) return;
      std::erase_if(holdings, [&](const Holding& holding) { return !(holding.*property); });
    };
    keep(&Holding::has_core);
    keep(&Holding::has_parts);
    keep(&Holding::has_name);
  }

  void keep_fresh(std::vector<Holding>& holdings, const CompiledRule& rule) const {
    Staleness staleness(rule);
    for (const Holding& holding : holdings) staleness.add(ranking_.observed_at(holding.member));
    std::erase_if(holdings, [&](const Holding& holding) {
      return staleness.is_stale(ranking_.observed_at(holding.member));
    });
  }

  bool is_better(MergeRule kind, const Holding& a, const Holding& b) const {
    if (kind == MergeRule::most_frequent && a.equals != b.equals) return a.equals > b.equals;
    const auto length = [](const Holding& one) {
      return one.characters + (one.has_parts ? 0 : one.full_characters);
    };
    if (kind == MergeRule::longest && length(a) != length(b)) return length(a) > length(b);
    if (kind == MergeRule::shortest && length(a) != length(b)) return length(a) < length(b);
    const int order = ranking_.compare_records(kind, a.member, b.member);
    if (order != 0) return order < 0;
    if (a.parts != b.parts) return a.parts > b.parts;
    return ranking_.recency(a.member) < ranking_.recency(b.member);
  }

  void merge_as_one(std::size_t rule_index) {
    done_.push_back(rule_index);
    const CompiledRule& rule = rules_.rule(rule_index);
    std::vector<Holding> holdings = holdings_of(rule_index);
    keep_fullest_kind(holdings);
    keep_fresh(holdings, rule);
    if (rule.kind == MergeRule::most_frequent) count_equals(holdings);
    std::size_t best = 0;
    for (std::size_t at = 1; at < holdings.size(); ++at) {
      if (is_better(rule.kind, holdings[at], holdings[best])) best = at;
    }
    for (const Entry* entry : holdings[best].cells) {
      if (entry->cell.attribute == attribute::name_full && has_name_parts_) continue;
      add(*entry, others_of(*entry), {}, rule);
    }
  }

  std::span<const Entry> others_of(const Entry& winner) const {
    if (explain_ == nullptr) return {};
    for (const Run& run : runs_) {
      const Cell& cell = run.entries.front().cell;
      if (cell.attribute == winner.cell.attribute && cell.name == winner.cell.name) {
        return run.entries;
      }
    }
    return {};
  }

  void emit(const std::vector<United>& elements, const CompiledRule& rule,
            std::uint32_t first_group) {
    std::uint32_t group = first_group;
    for (const United& element : elements) {
      for (const United::Part& part : element.parts) {
        Entry winner = part.winner;
        winner.cell.group = group;
        add(winner, part.losers, "united, ", rule);
      }
      ++group;
    }
  }

  void add(const Entry& winner, std::span<const Entry> others, std::string_view how,
           const CompiledRule& rule) {
    out_.add(winner.cell);
    if (explain_ == nullptr) return;
    Choice choice;
    choice.winner = winner.cell;
    choice.member = winner.member;
    choice.rule = std::string(how) + rule.text;
    choice.rule_at = rule.at;
    choice.stale_after = rule.stale_after;
    Staleness staleness(rule);
    staleness.add(ranking_.observed_at(winner.member));
    for (const Entry& other : others) staleness.add(ranking_.observed_at(other.member));
    for (const Entry& other : others) {
      if (other.member == winner.member || other.cell.value == winner.cell.value) continue;
      choice.losers.push_back(
          {other.cell, other.member, staleness.is_stale(ranking_.observed_at(other.member))});
    }
    explain_->push_back(std::move(choice));
  }

  void sort_explanations() {
    std::stable_sort(explain_->begin(), explain_->end(), [](const Choice& a, const Choice& b) {
      return std::tie(a.winner.attribute, a.winner.name, a.winner.group) <
             std::tie(b.winner.attribute, b.winner.name, b.winner.group);
    });
  }

  const EntityRules& rules_;
  Ranking ranking_;
  std::size_t member_count_;
  std::vector<Entry> entries_;
  Arena& arena_;
  RecordBuilder& out_;
  std::vector<Choice>* explain_;
  std::vector<Run> runs_;
  std::vector<std::size_t> done_;  // rules with as_one that are merged
  std::vector<std::string_view> deaths_;
  bool has_name_parts_ = false;
};

}  // namespace

void merge(const Rules& rules, Entity entity, const std::vector<Member>& members, Arena& arena,
           RecordBuilder& out, std::vector<Choice>* explain) {
  Merger(rules.inside(), entity, members, arena, out, explain).run();
}

}  // namespace rondom::merge
