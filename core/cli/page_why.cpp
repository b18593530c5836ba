// Why it is one customer, and where each value comes from.
#include <set>

#include "cli/html.h"
#include "cli/page_parts.h"

namespace rondom::cli {

namespace {

using Link = engine::Explanation::Link;

constexpr std::size_t losers_shown_max = 5;
constexpr std::size_t links_shown_max = 50;
constexpr std::size_t depth_max = 40;

std::string record_html(std::string_view name) {
  return html_element("code", html_apart(name));
}

std::string link_words(const Link& link) {
  if (link.name_space == engine::likeness_link) return html_text(engine::likeness_words(link));
  return html_text(engine::reason_word(link.name_space)) + " " + html_apart(link.value);
}

/// Members and what joins them, as a tree: each member hangs under the one that it was reached
/// from.
class JoinTree {
 public:
  explicit JoinTree(const Page& page) : page_(page), explained_(page.explanation) {}

  std::string html() {
    std::string out;
    for (const engine::Explanation::Member& member : explained_.members) {
      if (seen_.insert(member.name).second) out += branch(member.name, {}, 0);
    }
    return "<ul role=\"list\" class=\"tree\">" + out + "</ul>\n";
  }

 private:
  std::string branch(const std::string& name, const std::string& why, std::size_t depth) {
    std::string out = "<li>";
    if (!why.empty()) out += html_element("span", why + " → ", "soft");
    out += record_html(name);
    for (const engine::Explanation::Member& member : explained_.members) {
      if (member.name == name && member.observed_at != no_time) {
        out += html_element("span", " · data of " + page_.date(member.observed_at), "soft");
        break;
      }
    }
    std::string below;
    for (const Link& link : explained_.joined) {
      if (depth == depth_max) break;
      if (link.further || (link.from != name && link.to != name)) continue;
      const std::string& other = link.from == name ? link.to : link.from;
      if (seen_.insert(other).second) below += branch(other, all_words(name, other), depth + 1);
    }
    return out + (below.empty() ? below : "<ul>" + below + "</ul>") + "</li>";
  }

  std::string all_words(const std::string& a, const std::string& b) const {
    std::string out;
    for (const Link& link : explained_.joined) {
      const bool between = (link.from == a && link.to == b) || (link.from == b && link.to == a);
      if (!between) continue;
      out += (out.empty() ? "" : "; ") + link_words(link);
      if (link.weakest) out += " (weakest link)";
    }
    return out;
  }

  const Page& page_;
  const engine::Explanation& explained_;
  std::set<std::string> seen_;
};

std::string kept_apart(const engine::Explanation& explained) {
  HtmlTable table("Records that have something in common and are somebody else’s",
                  {"Record", "In common", "With", "Kept apart because"});
  for (std::size_t i = 0; i < explained.apart.size() && i < links_shown_max; ++i) {
    const Link& link = explained.apart[i];
    table.add({record_html(link.to), link_words(link), record_html(link.from),
               html_text(link.refused.empty() ? "joined to somebody else" : link.refused)});
  }
  if (table.empty()) return {};
  std::string out = "<h3>Kept apart</h3>\n" + table.html();
  if (explained.apart.size() > links_shown_max) {
    out += "<p class=\"soft\">and " + std::to_string(explained.apart.size() - links_shown_max) +
           " more</p>\n";
  }
  return out;
}

/// What rows of the table stand together under, and what one of them is called.
std::pair<std::string, std::string> place_of(const Cell& cell) {
  static constexpr std::pair<std::string_view, std::string_view> lists[] = {
      {"emails", "E-mail"},
      {"phones", "Phone"},
      {"addresses", "Address"},
      {"consents", "Consent"},
      {"relations", "Relation"},
      {"tags", "Tag"},
      {"suppressions", "Suppression"},
      {"preferences", "Preference"}};
  if (cell.attribute == attribute::custom) return {"Fields of the project", spoken(cell.name)};
  if (cell.attribute == attribute::identifier) return {"Identifiers", spoken(cell.name)};
  const AttributeInfo* info = attribute_by_id(cell.attribute);
  if (info == nullptr) return {"Other", "?"};
  for (const auto& [list, title] : lists) {
    if (info->group != list) continue;
    return {std::string(title) + " " + std::to_string(cell.group), spoken(info->member)};
  }
  const std::string_view name = info->name;
  if (name.substr(0, 5) == "name.") return {"Name", spoken(name.substr(5))};
  return {"About", spoken(name)};
}

std::string value_html(const engine::Explanation& explained, const merge::Choice& choice) {
  const Cell& cell = choice.winner;
  std::string out = html_apart(cell.value);
  if (cell.raw.data() != nullptr && !cell.raw.empty() && cell.raw != cell.value) {
    out += html_element("div", html_element("small", "written as " + html_apart(cell.raw) + ": " +
                                                         html_text(rule_text(cell.rule))));
  }
  if (engine::is_stale(choice, explained)) out += " " + chip("old", "note");
  return out;
}

std::string rule_html(const merge::Choice& choice) {
  std::string out = html_text(choice.rule);
  if (choice.rule_at.file != nullptr) {
    out += " " + html_element("small", html_text("(" + *choice.rule_at.file + ":" +
                                                 std::to_string(choice.rule_at.line) + ")"));
  }
  return out;
}

std::string losers_html(const engine::Explanation& explained, const merge::Choice& choice) {
  std::string out;
  std::size_t shown = 0;
  std::set<std::string_view> seen{choice.winner.value};
  for (const merge::Choice::Loser& loser : choice.losers) {
    if (!seen.insert(loser.cell.value).second) continue;
    if (++shown > losers_shown_max) continue;
    out += html_element("li", html_element("del", html_apart(loser.cell.value)) + " " +
                                  record_html(explained.members[loser.member].name) +
                                  (loser.stale ? " (too old)" : ""));
  }
  if (shown > losers_shown_max) {
    out += html_element("li", "and " + std::to_string(shown - losers_shown_max) + " more");
  }
  return out.empty() ? out : html_element("ul", out);
}

}  // namespace

std::string identity_part(const Page& page) {
  const engine::Explanation& explained = page.explanation;
  const bool is_person = explained.profile.entity == Entity::person;
  const std::string intro =
      explained.members.size() == 1
          ? "<p>There is one record only.</p>\n"
          : "<p>These records are one " + std::string(is_person ? "person" : "organization") +
                "; what joins each to the one above it stands before it.</p>\n";
  return section("identity", is_person ? "Why one person" : "Why one organization",
                 intro + JoinTree(page).html() + kept_apart(explained));
}

std::string values_part(const Page& page) {
  const engine::Explanation& explained = page.explanation;
  HtmlTable table(
      "Each value, the record that it was taken from, the rule that chose it, and what it won over",
      {"What", "Value", "From", "Chosen by", "Over"});
  // A list's elements follow each other by attribute: all members of one belong under its heading.
  std::vector<std::string> headings;
  std::vector<std::vector<const merge::Choice*>> under;
  for (const merge::Choice& choice : explained.choices) {
    const std::string heading = place_of(choice.winner).first;
    std::size_t at = 0;
    while (at < headings.size() && headings[at] != heading) ++at;
    if (at == headings.size()) {
      headings.push_back(heading);
      under.emplace_back();
    }
    under[at].push_back(&choice);
  }
  std::vector<std::size_t> order;  // names first, what other systems call them last
  for (const bool last : {false, true}) {
    for (std::size_t i = 0; i < headings.size(); ++i) {
      const AttributeId of = under[i].front()->winner.attribute;
      const bool is_last = of == attribute::identifier || of == attribute::custom;
      if (is_last == last) order.push_back(i);
    }
  }
  for (const std::size_t i : order) {
    table.add_heading(headings[i]);
    for (const merge::Choice* choice : under[i]) {
      table.add({html_apart(place_of(choice->winner).second), value_html(explained, *choice),
                 record_html(explained.members[choice->member].name), rule_html(*choice),
                 losers_html(explained, *choice)});
    }
  }
  return table.empty() ? std::string()
                       : section("values", "Where each value comes from", table.html());
}

}  // namespace rondom::cli
