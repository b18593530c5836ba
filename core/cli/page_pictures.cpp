// The pictures of a customer's page. Places across are shares of the width, so that text keeps its
// size on every screen.
#include <algorithm>
#include <cstdio>
#include <map>

#include "cli/html.h"
#include "cli/page_parts.h"

namespace rondom::cli {

namespace {

constexpr int months_shown = 24;
constexpr int months_a_year = 12;
constexpr std::size_t rows_max = 8;
constexpr std::size_t dots_max = 500;
constexpr double hundred = 100;

std::string width_part(double part) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f%%", part * hundred);
  return text;
}

/// Months since year 0.
int month_of(const Page& page, Timestamp at) {
  const std::int64_t local = page.zone->local_of(at);
  std::int64_t days = local / microseconds_per_day;
  if (local % microseconds_per_day < 0) --days;
  const CivilDate date = civil_from_days(days);
  return date.year * months_a_year + date.month - 1;
}

std::string month_text(int month) {
  char text[24];
  std::snprintf(text, sizeof text, "%04d-%02d", month / months_a_year, month % months_a_year + 1);
  return text;
}

std::string money_text(std::int64_t minor_units, const std::string& currency) {
  std::string number;
  append_decimal(number, minor_units, currency_digits(currency));
  return number + " " + currency;
}

std::string text_at(double x, int y, const char* anchor, const std::string& text) {
  return "<text x=\"" + width_part(x) + "\" y=\"" + std::to_string(y) + "\" text-anchor=\"" +
         anchor + "\">" + html_text(text) + "</text>\n";
}

std::string level(int y) {
  const std::string at = std::to_string(y);
  return "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"" + at + "\" y2=\"" + at + "\"/>\n";
}

std::string figure(const std::string& caption, const std::string& told, int pixels,
                   const std::string& inside) {
  return "<figure><figcaption>" + html_text(caption) +
         "</figcaption>\n<svg role=\"img\" aria-label=\"" + html_text(told) +
         "\" width=\"100%\" height=\"" + std::to_string(pixels) + "\">\n" + inside +
         "</svg></figure>\n";
}

/// What a row of dots stands for; rare kinds share the last one.
std::map<std::string, std::size_t> rows_of(const Page& page, std::vector<std::string>& names) {
  std::map<std::string, std::size_t> counts;
  for (const PageMoment& moment : page.moments) {
    if (moment.at != no_time) ++counts[moment.type];
  }
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  const auto kind = [](const std::string& type) {
    return type == "order" ? 0 : type == "consent" ? 1 : 2;
  };
  std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
    return std::pair(kind(a.first), b.second) < std::pair(kind(b.first), a.second);
  });
  std::map<std::string, std::size_t> rows;
  for (const auto& [type, count] : sorted) {
    const bool shares = names.size() == rows_max;
    if (shares) {
      names.back() = "other";
    } else {
      names.push_back(spoken(type) + " · " + std::to_string(count));
    }
    rows[type] = names.size() - 1;
  }
  return rows;
}

}  // namespace

std::string spend_picture(const Page& page) {
  if (page.payments.empty()) return {};
  const std::string& currency = page.payments.front().currency;  // of the newest
  const int last = month_of(page, page.explanation.as_of);
  const int first = last - months_shown + 1;
  std::vector<std::int64_t> sums(months_shown, 0);
  std::vector<int> orders(months_shown, 0);
  bool others = false;
  for (const PagePayment& payment : page.payments) {
    others = others || payment.currency != currency;
    if (payment.at == no_time || payment.currency != currency) continue;
    const int month = month_of(page, payment.at) - first;
    if (month < 0 || month >= months_shown) continue;
    sums[static_cast<std::size_t>(month)] += payment.minor_units;
    ++orders[static_cast<std::size_t>(month)];
  }
  const auto most = std::max_element(sums.begin(), sums.end());
  if (*most <= 0) return {};
  constexpr int bars_top = 22, bars_foot = 132, bars_height = 156;
  std::string inside = level(bars_foot);
  for (int i = 0; i < months_shown; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double from = double(i) / months_shown;
    const int month = first + i;
    if (month % months_a_year == 0 || i == 0) {
      inside +=
          text_at(from, bars_height - 6, "start", month_text(month).substr(0, i == 0 ? 7 : 4));
    }
    if (sums[at] <= 0) continue;
    const int bar =
        std::max(2, int(double(bars_foot - bars_top) * double(sums[at]) / double(*most)));
    inside += "<rect class=\"bar\" x=\"" + width_part(from + 0.004) + "\" width=\"" +
              width_part(1.0 / months_shown - 0.008) + "\" y=\"" + std::to_string(bars_foot - bar) +
              "\" height=\"" + std::to_string(bar) + "\" rx=\"2\"><title>" + month_text(month) +
              ": " + html_text(money_text(sums[at], currency)) + ", " + std::to_string(orders[at]) +
              (orders[at] == 1 ? " order" : " orders") + "</title></rect>\n";
  }
  const double peak = (double(most - sums.begin()) + 0.5) / months_shown;
  const char* anchor = peak < 0.2 ? "start" : peak > 0.8 ? "end" : "middle";
  inside += text_at(peak, bars_top - 8, anchor, money_text(*most, currency));
  std::int64_t sum = 0;
  for (const std::int64_t one : sums) sum += one;
  const std::string whole = money_text(sum, currency) + " in " + std::to_string(months_shown) +
                            " months, most in " + month_text(first + int(most - sums.begin())) +
                            ": " + money_text(*most, currency);
  return figure("Paid a month" + std::string(others ? ", in " + currency + " only" : ""), whole,
                bars_height, inside);
}

std::string moments_picture(const Page& page) {
  std::vector<std::string> names;
  const auto rows = rows_of(page, names);
  Timestamp first = page.explanation.as_of, last = page.explanation.as_of;
  for (const PageMoment& moment : page.moments) {
    if (moment.at == no_time) continue;
    first = std::min(first, moment.at);
    last = std::max(last, moment.at);
  }
  if (names.empty() || first == last) return {};
  constexpr int dots_height = 38, dot_below = 20, label_below = 6, years_height = 24;
  constexpr double edge = 0.015;
  const auto place = [&](Timestamp at) {
    return edge + (1 - 2 * edge) * double(at - first) / double(last - first);
  };
  std::string inside;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const int row = int(i) * dots_height;
    inside +=
        text_at(0, row + label_below + 6, "start", names[i]) + level(row + label_below + dot_below);
  }
  std::size_t drawn = 0;
  for (const PageMoment& moment : page.moments) {
    if (moment.at == no_time || drawn == dots_max) continue;
    ++drawn;
    const int y = int(rows.at(moment.type)) * dots_height + label_below + dot_below;
    const char* kind = moment.kind == PageMoment::Kind::order     ? " order"
                       : moment.kind == PageMoment::Kind::consent ? " consent"
                                                                  : "";
    inside += "<circle class=\"dot" + std::string(kind) + "\" cx=\"" +
              width_part(place(moment.at)) + "\" cy=\"" + std::to_string(y) + "\" r=\"5\"><title>" +
              page.date(moment.at) + ": " + html_text(moment.what) + "</title></circle>\n";
  }
  const int pixels = int(names.size()) * dots_height + years_height;
  inside += text_at(0, pixels - 6, "start", page.date(first)) +
            text_at(1, pixels - 6, "end", page.date(last));
  std::string told = "From " + page.date(first) + " to " + page.date(last);
  for (const std::string& name : names) told += ", " + name;
  return figure("What happened when", told, pixels, inside);
}

std::string pictures_part(const Page& page) {
  const std::string pictures = spend_picture(page) + moments_picture(page);
  return pictures.empty()
             ? pictures
             : section("pictures", "At a glance", html_element("div", pictures, "pictures") + "\n");
}

}  // namespace rondom::cli
