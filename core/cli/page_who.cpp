// The top of a customer's page, how to reach them, and whom they belong with.
#include <map>

#include "base/text.h"
#include "cli/html.h"
#include "cli/page_parts.h"
#include "pipeline/merge/merge.h"

namespace rondom::cli {

namespace {

constexpr std::size_t related_shown_max = 20;
constexpr std::size_t relations_shown_max = 100;

std::string amount_text(std::int64_t minor_units, const std::string& currency) {
  const int digits = currency_digits(currency);
  std::string number;
  append_decimal(number, minor_units, digits);
  return number + " " + currency;
}

std::string spent_text(const Page& page) {
  std::map<std::string, std::int64_t> sums;
  for (const PagePayment& payment : page.payments) sums[payment.currency] += payment.minor_units;
  std::string out;
  for (const auto& [currency, sum] : sums) {
    out += (out.empty() ? "" : " and ") + amount_text(sum, currency);
  }
  return out;
}

const PageMoment* newest(const Page& page, PageMoment::Kind kind) {
  for (const PageMoment& moment : page.moments) {
    if (moment.kind == kind && moment.at != no_time) return &moment;
  }
  return nullptr;
}

std::string facts(const Page& page) {
  std::string out;
  const auto add = [&](const char* name, const std::string& text) {
    if (text.empty()) return;
    out += html_element("div", html_element("dt", name) + html_element("dd", html_apart(text)));
  };
  add("Born", value_of_profile(page, attribute::birth_date));
  add("Language", value_of_profile(page, attribute::language));
  add("Industry", value_of_profile(page, attribute::industry));
  for (const PageAttribute& one : page.attributes) {
    if (one.name == "customer" && !one.value.empty()) {
      add("Customer", one.value == "true" ? "yes" : "no");
    }
  }
  if (page.orders > 0) add("Orders", std::to_string(page.orders));
  add("Paid in all", spent_text(page));
  if (const PageMoment* order = newest(page, PageMoment::Kind::order)) {
    add("Last order", page.date(order->at));
  }
  if (const PageMoment* event = newest(page, PageMoment::Kind::event)) {
    add("Last event", page.date(event->at));
  }
  return out.empty() ? out : "<dl class=\"facts\">" + out + "</dl>\n";
}

std::string warning_text(const std::string& html, const char* kind) {
  return html_element("p", html, std::string("warning ") + kind);
}

std::string warnings(const Page& page) {
  const engine::Explanation& explained = page.explanation;
  std::string out;
  const std::string death = value_of_profile(page, attribute::death_status);
  if (!death.empty() && death != "alive") {
    const std::string date = value_of_profile(page, attribute::death_date);
    out += warning_text("Deceased: " + html_text(death) + (date.empty() ? "" : ", ") +
                            html_text(date) + ". Nothing is sent.",
                        "bad");
  }
  if (value_of_profile(page, attribute::test_record) == "true") {
    out += warning_text("A test record: nothing is sent.", "note");
  }
  for (const engine::Explanation::NewOwner& owner : explained.new_owners) {
    out +=
        warning_text(html_apart(owner.name) + " was somebody else’s before: surname, birth date " +
                         "or e-mail address changed at once." +
                         (owner.to_review ? " Nothing is sent until somebody looked at it." : ""),
                     owner.to_review ? "bad" : "note");
  }
  if (explained.stale) {
    std::string changes;
    for (const engine::Explanation::Change& change : explained.will_change) {
      changes += html_element("li", html_text(spoken(change.attribute)));
    }
    out += html_element("div",
                        "Rules have changed since; the next run makes this profile anew." +
                            (changes.empty() ? changes : html_element("ul", changes)),
                        "warning note");
  }
  if (!page.complete) {
    out += warning_text("Only the newest " + std::to_string(engine::activities_read_max) +
                            " orders and events were looked at.",
                        "note");
  }
  return out;
}

/// The elements of a list, each with its members by name.
std::vector<std::map<std::string_view, std::string_view>> elements_of(const Page& page,
                                                                      std::string_view list) {
  std::map<std::uint32_t, std::map<std::string_view, std::string_view>> elements;
  RecordReader reader(page.explanation.profile.values);
  Cell cell;
  while (reader.next(cell)) {
    const AttributeInfo* info = attribute_by_id(cell.attribute);
    if (info != nullptr && info->group == list) elements[cell.group][info->member] = cell.value;
  }
  std::vector<std::map<std::string_view, std::string_view>> out;
  for (auto& [group, members] : elements) out.push_back(std::move(members));
  return out;
}

std::string status_chip(std::string_view status) {
  if (status.empty()) return chip("not checked", "");
  return chip(status, status == "active" ? "good" : status == "unknown" ? "" : "bad");
}

std::string address_text(const std::map<std::string_view, std::string_view>& members) {
  const auto part = [&](std::string_view name) {
    const auto found = members.find(name);
    return found == members.end() ? std::string() : std::string(found->second);
  };
  const auto joined = [](const std::string& a, const std::string& between, const std::string& b) {
    return a.empty() || b.empty() ? a + b : a + between + b;
  };
  std::string street = joined(part("street"), " ", part("house_number"));
  street = joined(street, " ", part("house_number_suffix"));
  street = joined(street, ", ", part("unit"));
  std::string place = joined(part("postcode"), " ", part("locality"));
  place = joined(place, ", ", part("country"));
  const std::string whole = joined(street, ", ", place);
  return whole.empty() ? part("full") : whole;
}

std::string contact_points(const Page& page) {
  HtmlTable table("Contact points, the one to use first on top",
                  {"Kind", "Where", "Status", "For", "Notes"});
  static constexpr std::pair<const char*, const char*> lists[] = {
      {"emails", "E-mail"}, {"phones", "Phone"}, {"addresses", "Address"}};
  for (const auto& [list, kind] : lists) {
    for (const auto& members : elements_of(page, list)) {
      const auto part = [&](std::string_view name) {
        const auto found = members.find(name);
        return found == members.end() ? std::string() : std::string(found->second);
      };
      const std::string where =
          std::string_view(list) == "addresses" ? address_text(members) : part("value");
      std::string notes;
      if (const auto at = parse_time(part("verified_at")); at.ok()) {
        notes = "confirmed " + page.date(*at);
      }
      if (!part("kind").empty()) notes += (notes.empty() ? "" : ", ") + part("kind") + " mailbox";
      table.add({kind, html_apart(where), status_chip(part("status")), html_text(part("usage")),
                 html_text(notes)});
    }
  }
  return table.empty() ? std::string() : table.html();
}

std::string identifiers(const Page& page) {
  HtmlTable table("Numbers and names that other systems know them by", {"Of", "Identifier"});
  RecordReader reader(page.explanation.profile.values);
  Cell cell;
  while (reader.next(cell)) {
    if (cell.attribute != attribute::identifier) continue;
    table.add({html_apart(spoken(cell.name)), html_element("code", html_apart(cell.value))});
  }
  return table.empty() ? std::string() : "<h3>Identifiers</h3>" + table.html();
}

/// Whom they live with or share a contact point with, as found and not as told.
std::string shared_with(const Page& page) {
  const engine::RelatedProfiles& related = page.explanation.related;
  HtmlTable table("Found by what they share; each is a customer of their own",
                  {"How", "Who", "Because"});
  for (std::size_t i = 0; i < related.found.size() && i < related_shown_max; ++i) {
    const engine::Related& one = related.found[i];
    table.add(
        {html_text(to_text(one.kind)), html_apart(one.title), html_apart(join(one.because, ", "))});
  }
  std::string out = table.empty() ? std::string() : "<h3>Shares with</h3>" + table.html();
  if (related.found.size() > related_shown_max) {
    out += "<p class=\"soft\">and " + std::to_string(related.found.size() - related_shown_max) +
           " more</p>\n";
  }
  for (const std::string& many : related.shared_by_many) {
    out += "<p class=\"soft\">" + html_apart(many) + ": relates nobody</p>\n";
  }
  return out;
}

std::string when_text(const Page& page, const engine::Relation& one) {
  const auto day = [&](const std::string& text) {
    const auto at = parse_time(text);
    return at.ok() ? page.date(*at) : text;
  };
  std::string out;
  if (!one.valid_from.empty()) out = "from " + day(one.valid_from);
  if (!one.valid_to.empty()) out += (out.empty() ? "until " : " until ") + day(one.valid_to);
  return html_text(out);
}

std::string relations(const Page& page, bool told_by_other) {
  HtmlTable table(told_by_other
                      ? "As the other side's records say of this one"
                      : "As their own records say; the other side is a profile of its own",
                  {"Relation", told_by_other ? "Who says so" : "With", "Role", "When", "Record"});
  std::size_t shown = 0, left_out = 0;
  for (const engine::Relation& one : page.relations.all) {
    if (one.told_by_other != told_by_other) continue;
    if (shown == relations_shown_max) {
      ++left_out;
      continue;
    }
    ++shown;
    const std::string chips =
        one.holds == Holds::now ? "" : " " + chip(engine::to_text(one.holds), "note");
    table.add({html_text(spoken(one.type)) + chips,
               one.title.empty() ? chip("not here yet", "note") : html_apart(one.title),
               html_apart(spoken(one.role)), when_text(page, one),
               html_element("code", html_apart(one.record))});
  }
  if (table.empty()) return {};
  std::string out = told_by_other ? "<h3>Who belongs here</h3>" : "<h3>Belongs with</h3>";
  out += table.html();
  if (left_out > 0) {
    out += "<p class=\"soft\">and " + std::to_string(left_out) + " more</p>\n";
  }
  if (told_by_other && !page.relations.complete) {
    out += "<p class=\"soft\">Only " + std::to_string(engine::referring_records_max) +
           " records that name this one were looked at</p>\n";
  }
  return out;
}

}  // namespace

std::string header_part(const Page& page) {
  const engine::Explanation& explained = page.explanation;
  std::string chips;
  for (const engine::Explanation::Permission& one : explained.permissions) {
    const bool allowed = one.permission.allowed;
    chips += chip(spoken(one.purpose) + (allowed ? ": yes" : ": no, " + one.permission.reason),
                  allowed ? "good" : "bad");
  }
  for (const auto& tag : elements_of(page, "tags")) {
    const auto value = tag.find("value");
    if (value != tag.end()) chips += chip(spoken(value->second), "");
  }
  const std::size_t records = explained.members.size();
  return "<header>\n<h1>" + html_apart(explained.title) + "</h1>\n<p class=\"soft\">" +
         to_text(explained.profile.entity) + " · " + std::to_string(records) +
         (records == 1 ? " record" : " records") + " from " + std::to_string(explained.sources) +
         (explained.sources == 1 ? " source" : " sources") + " · <code>" +
         to_text(explained.profile.uid) + "</code></p>\n" +
         (chips.empty() ? chips : html_element("div", chips, "chips") + "\n") + warnings(page) +
         facts(page) + "</header>\n";
}

std::string contacts_part(const Page& page) {
  return section("contacts", "How to reach, and how to recognise",
                 contact_points(page) + identifiers(page) + relations(page, false) +
                     relations(page, true) + shared_with(page));
}

}  // namespace rondom::cli
