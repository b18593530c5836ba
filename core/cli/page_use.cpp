// What may be done with a customer, what happened, what was worked out, and where it was sent.
#include "base/text.h"
#include "cli/html.h"
#include "cli/page_parts.h"

namespace rondom::cli {

namespace {

constexpr std::size_t moments_shown_max = 60;
constexpr std::size_t records_shown_max = 5;

const char* class_of(PageMoment::Kind kind) {
  switch (kind) {
    case PageMoment::Kind::order: return "order";
    case PageMoment::Kind::consent: return "consent";
    default: return "event";
  }
}

std::string records_html(std::vector<std::string> records) {
  const std::size_t count = records.size();
  if (count > records_shown_max) records.resize(records_shown_max);
  std::string out;
  for (const std::string& record : records) {
    out += (out.empty() ? "" : ", ") + html_element("code", html_apart(record));
  }
  return count > records_shown_max
             ? out + " and " + std::to_string(count - records_shown_max) + " more"
             : out;
}

std::string moment_html(const Page& page, const PageMoment& moment) {
  std::string when = "<time>" + page.time(moment.at) + "</time>";
  if (moment.at != no_time) {
    when = "<time datetime=\"" + format_time(moment.at) + "\">" + page.time(moment.at) + "</time>";
  }
  std::string what = "<span class=\"kind " + std::string(class_of(moment.kind)) +
                     "\" aria-hidden=\"true\"></span>" + html_apart(moment.what);
  const std::string detail = moment.detail.empty() ? "" : html_apart(moment.detail) + " · ";
  what += html_element("div", html_element("small", detail + records_html(moment.records)));
  return html_element("li", when + html_element("div", what)) + "\n";
}

std::string part_html(const PageAttribute::Part& part) {
  std::string out =
      html_element("code", html_text(part.expression)) + " gives " + html_apart(part.value);
  if (part.known) {
    out += ", of " + std::to_string(part.records.size()) + " " +
           std::string(part.records.size() == 1 ? activity_lists()[part.list].one
                                                : activity_lists()[part.list].name);
    if (!part.records.empty()) out += ": " + records_html(part.records);
  }
  return html_element("li", out);
}

/// The rule that decided, and before it those that do not hold.
std::string rules_html(const PageAttribute& one) {
  if (one.decided_by.empty()) return {};
  const std::size_t refused = one.rules.size() - (one.decided ? 1 : 0);
  std::string out = html_element("strong", html_text(one.decided_by));
  if (one.decided) out += ": " + html_apart(one.rules.back());
  std::string before;
  for (std::size_t i = 0; i < refused; ++i) {
    before += html_element("li", html_element("span", "no: ", "soft") + html_apart(one.rules[i]));
  }
  return html_element("li", out + (before.empty() ? before : html_element("ul", before)));
}

std::string why_html(const PageAttribute& one) {
  std::string out = rules_html(one);
  for (const auto& [name, value] : one.inputs) {
    out += html_element("li", html_element("code", "." + html_text(name)) + " is " +
                                  (value.empty() ? "nothing" : html_apart(value)));
  }
  for (const PageAttribute::Part& part : one.parts) out += part_html(part);
  if (out.empty()) out = html_element("li", html_element("code", html_text(one.expression)));
  out = html_element("ul", out);
  if (!one.changes.empty()) out += html_element("small", html_text(one.changes));
  return out;
}

}  // namespace

std::string permissions_part(const Page& page) {
  const engine::Explanation& explained = page.explanation;
  HtmlTable table("By purpose, with the statement that decides", {"For", "Allowed", "Because"});
  for (std::size_t i = 0; i < explained.permissions.size(); ++i) {
    const engine::Explanation::Permission& one = explained.permissions[i];
    const activate::Permission& permission = one.permission;
    std::string purpose = html_apart(spoken(one.purpose));
    if (!one.destination.empty()) purpose += " at " + html_apart(one.destination);
    if (i < page.purposes.size() && !page.purposes[i].second.empty()) {
      purpose += "<br>" + html_element("small", html_apart(page.purposes[i].second));
    }
    std::string because = permission.allowed ? std::string() : html_text(permission.reason);
    if (!permission.decided_by.empty()) {
      because += (because.empty() ? "" : ": ") + html_apart(permission.decided_by);
    }
    if (permission.allowed && !permission.contacts.empty()) {
      because += (because.empty() ? "reach at " : "; reach at ") +
                 html_apart(join(permission.contacts, ", "));
    }
    if (permission.changes_at != no_time) {
      because += "; may change on " + page.time(permission.changes_at);
    }
    table.add({purpose, permission.allowed ? chip("yes", "good") : chip("no", "bad"), because});
  }
  if (table.empty()) return {};
  return section("permissions", "May we use it?", table.html());
}

std::string timeline_part(const Page& page) {
  if (page.moments.empty()) return {};
  std::string out =
      "<p class=\"soft\">Orders, events and consents, newest first.</p>\n"
      "<ol role=\"list\" class=\"timeline\">\n";
  for (std::size_t i = 0; i < page.moments.size() && i < moments_shown_max; ++i) {
    out += moment_html(page, page.moments[i]);
  }
  out += "</ol>\n";
  if (page.moments.size() > moments_shown_max) {
    out += "<p class=\"soft\">" +
           with_thousands(static_cast<std::int64_t>(page.moments.size() - moments_shown_max)) +
           " older ones are not shown.</p>\n";
  }
  return section("timeline", "What happened", out);
}

std::string attributes_part(const Page& page) {
  HtmlTable table("Each with what it means and what it was made of",
                  {"Attribute", "Value", "Means", "Made of"});
  std::string without;
  for (const PageAttribute& one : page.attributes) {
    if (one.value.empty() && one.problem.empty()) {
      without += (without.empty() ? "" : ", ") + html_apart(spoken(one.name));
      continue;
    }
    std::string name = html_apart(one.label.empty() ? spoken(one.name) : one.label);
    name += "<br>" + html_element("small", html_element("code", html_apart(one.name)));
    std::string means = html_apart(one.definition);
    const std::string from = join({one.owner, one.place}, " · ");
    means += "<br>" + html_element("small", html_apart(from));
    table.add({name,
               one.problem.empty()
                   ? html_element("strong", html_apart(one.value))
                   : chip("cannot be computed", "bad") + " " + html_text(one.problem),
               means, why_html(one)});
  }
  if (!without.empty()) without = "<p class=\"soft\">Without a value: " + without + "</p>\n";
  return section("attributes", "What we worked out",
                 (table.empty() ? std::string() : table.html()) + without);
}

std::string destinations_part(const Page& page) {
  HtmlTable table("What each destination last acknowledged",
                  {"Job", "State", "Known there as", "Fields", "Permitted by"});
  for (const PageDestination& one : page.destinations) {
    std::string state = html_text(one.state);
    if (!one.withheld.empty()) state += "<br>" + chip("withheld: " + one.withheld, "bad");
    std::string fields;
    for (const std::string& field : one.fields) {
      fields += (fields.empty() ? "" : ", ") + html_apart(field);
    }
    table.add(
        {html_apart(one.name), state,
         one.remote_id.empty() ? std::string() : html_element("code", html_apart(one.remote_id)),
         fields, html_apart(one.consent)});
  }
  return section("destinations", "Where it was sent",
                 table.empty() ? "<p>Nowhere.</p>\n" : table.html());
}

}  // namespace rondom::cli
