#include "cli/page.h"

#include <array>
#include <cstdio>

#include "cli/html.h"
#include "cli/page_parts.h"

namespace rondom::cli {

namespace {

constexpr std::array<const char*, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::int64_t days_of(std::int64_t microseconds) {
  const std::int64_t days = microseconds / microseconds_per_day;
  return microseconds % microseconds_per_day < 0 ? days - 1 : days;
}

std::string menu(const std::string& content) {
  static constexpr std::pair<const char*, const char*> entries[] = {
      {"permissions", "May we use it?"},
      {"contacts", "How to reach"},
      {"timeline", "What happened"},
      {"attributes", "What we worked out"},
      {"values", "Where each value comes from"},
      {"identity", "Why one"},
      {"destinations", "Where it was sent"}};
  std::string out = "<nav aria-label=\"On this page\"><ul>";
  for (const auto& [id, label] : entries) {
    if (content.find("id=\"" + std::string(id) + "\"") == std::string::npos) continue;
    out += "<li><a href=\"#" + std::string(id) + "\">" + label + "</a></li>";
  }
  return out + "</ul></nav>\n";
}

}  // namespace

std::string Page::date(Timestamp at) const {
  if (at == no_time) return "at an unknown time";
  const CivilDate civil = civil_from_days(days_of(zone->local_of(at)));
  return std::to_string(civil.day) + " " + month_names[static_cast<std::size_t>(civil.month - 1)] +
         " " + std::to_string(civil.year);
}

std::string Page::time(Timestamp at) const {
  if (at == no_time) return date(at);
  const std::int64_t local = zone->local_of(at);
  const std::int64_t seconds =
      (local - days_of(local) * microseconds_per_day) / microseconds_per_second;
  constexpr std::int64_t minute = 60, hour = 3600;
  char clock[16];
  std::snprintf(clock, sizeof clock, ", %02d:%02d", static_cast<int>(seconds / hour),
                static_cast<int>(seconds % hour / minute));
  return date(at) + clock;
}

std::string value_of_profile(const Page& page, AttributeId attribute) {
  return std::string(first_value(page.explanation.profile.values, attribute));
}

std::string spoken(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = c == '_' || c == '.' ? ' ' : c;
  return out;
}

std::string section(std::string_view id, std::string_view heading, std::string_view inside) {
  if (inside.empty()) return {};
  const std::string name(id);
  return "<section id=\"" + name + "\" aria-labelledby=\"" + name + "-heading\">\n<h2 id=\"" +
         name + "-heading\">" + html_text(heading) + "</h2>\n" + std::string(inside) +
         "</section>\n";
}

std::string chip(std::string_view text, std::string_view kind) {
  return html_element("span", html_apart(text), "chip " + std::string(kind));
}

std::string page_html(const Page& page) {
  const engine::Explanation& explained = page.explanation;
  const std::string content = permissions_part(page) + contacts_part(page) + timeline_part(page) +
                              attributes_part(page) + values_part(page) + identity_part(page) +
                              destinations_part(page);
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"robots\" content=\"noindex\">\n<title>";
  out += html_text(explained.title) + " · " + html_text(page.project) + "</title>\n<style>";
  out += page_style;
  out += "</style>\n</head>\n<body>\n<main>\n" + header_part(page) + menu(content) +
         pictures_part(page) + content + "</main>\n<footer><p>Made by Rondom for project " +
         html_apart(page.project) + ", as things were on " + page.time(explained.as_of) +
         " (times of " + html_text(page.zone_name) +
         "). It holds personal data: keep it no longer than you need it.</p></footer>\n"
         "</body>\n</html>\n";
  return out;
}

}  // namespace rondom::cli
