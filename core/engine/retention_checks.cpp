// Attributes and audiences that look further back than what is kept.
#include <algorithm>
#include <cctype>
#include <limits>

#include "engine/retention.h"
#include "pipeline/enrich/look_back.h"

namespace rondom::engine {
namespace {

constexpr std::size_t readers_named_max = 4;
constexpr std::size_t parts_in_parts_max = 8;
constexpr std::size_t looked_at_bytes_max = 100'000;

struct Reader {
  std::string name;
  std::string text;
};

void add_conditions(const std::string& name, const config::Condition& condition,
                    std::vector<Reader>& readers) {
  if (condition.expression.present()) readers.push_back({name, condition.expression.text});
  for (const config::Condition& child : condition.children) add_conditions(name, child, readers);
}

bool is_list_part(const config::Attribute& attribute) {
  return activity_list_named(attribute.type) < activity_lists_count;
}

bool is_of_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Parts of lists as what they stand for.
std::string with_parts(const config::Project& project, std::string text) {
  for (std::size_t round = 0; round < parts_in_parts_max; ++round) {
    bool is_changed = false;
    for (const config::Attribute& part : project.attributes) {
      if (!is_list_part(part) || !part.value.present()) continue;
      const std::string read = "." + part.name;
      for (std::size_t at = text.find(read); at != std::string::npos; at = text.find(read, at)) {
        const std::size_t end = at + read.size();
        const bool is_whole = (end == text.size() || !is_of_name(text[end])) &&
                              (at == 0 || !is_of_name(text[at - 1]));
        if (!is_whole || text.size() > looked_at_bytes_max) {
          at = end;
          continue;
        }
        text.replace(at, read.size(), "(" + part.value.text + ")");
        at += part.value.text.size() + 2;
        is_changed = true;
      }
    }
    if (!is_changed) break;
  }
  return text;
}

std::vector<Reader> readers_of(const config::Project& project) {
  std::vector<Reader> readers;
  for (const config::Attribute& attribute : project.attributes) {
    if (is_list_part(attribute)) continue;  // who reads it looks back
    const std::string& family = attribute.family.empty() ? attribute.name : attribute.family;
    if (attribute.value.present()) readers.push_back({family, attribute.value.text});
    for (const config::Rule& rule : attribute.rules) {
      if (rule.when.present()) readers.push_back({family, rule.when.text});
      if (rule.computed) readers.push_back({family, rule.value.text});
    }
  }
  for (const config::Audience& audience : project.audiences) {
    for (const config::Condition& condition : audience.all) {
      add_conditions("audience " + audience.name, condition, readers);
    }
  }
  for (Reader& reader : readers) reader.text = with_parts(project, reader.text);
  return readers;
}

Timestamp start_of(int year) {
  return days_from_civil({year, 1, 1}) * config::Retention::day;
}

/// What of it is further back than `cutoff`; empty: nothing.
std::string beyond(const enrich::LookBack& look, Timestamp cutoff, Timestamp now) {
  if (!look.is_bounded()) return "any time";
  const Timestamp by_span = look.span ? now - *look.span : std::numeric_limits<Timestamp>::min();
  const Timestamp by_year =
      look.first_year ? start_of(*look.first_year) : std::numeric_limits<Timestamp>::min();
  if (std::max(by_span, by_year) >= cutoff) return {};
  return by_span >= by_year ? std::to_string(*look.span / config::Retention::day) + "d"
                            : std::to_string(*look.first_year);
}

}  // namespace

void check_retention(const config::Project& project, Timestamp now,
                     config::Diagnostics& diagnostics) {
  const store::Cutoffs cutoffs = cutoffs_of(project.retention, now);
  std::array<std::vector<std::pair<std::string, std::string>>, store::history_count> found;
  for (const Reader& reader : readers_of(project)) {
    for (const enrich::LookBack& look : enrich::look_backs(reader.text, project.library.get())) {
      const std::size_t kind = store::history_of(activity_lists()[look.list].entity);
      if (kind == store::history_count || cutoffs.before[kind] == no_time) continue;
      const std::string how_far = beyond(look, cutoffs.before[kind], now);
      const auto is_it = [&](const auto& one) { return one.first == reader.name; };
      auto& all = found[kind];
      if (how_far.empty() || std::any_of(all.begin(), all.end(), is_it)) continue;
      all.emplace_back(reader.name, how_far);
    }
  }
  for (std::size_t kind = 0; kind < found.size(); ++kind) {
    if (found[kind].empty()) continue;
    std::string names;
    for (std::size_t i = 0; i < found[kind].size() && i < readers_named_max; ++i) {
      names += (i > 0 ? ", " : "") + found[kind][i].first + " (" + found[kind][i].second + ")";
    }
    if (found[kind].size() > readers_named_max) {
      names += " and " + std::to_string(found[kind].size() - readers_named_max) + " more";
    }
    const auto [name, member] = config::Retention::kinds()[kind];
    const config::Retention::Age& age = project.retention.*member;
    diagnostics.warning(age.at,
                        std::string(name) + " are kept " + config::retention_text(age.kept) +
                            ", and further back look " + names,
                        "what is older counts nowhere: keep more, or let them look back less");
  }
}

}  // namespace rondom::engine
