// report: which report a stream is, how it is asked for, and what came. Plain values, no I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api.h"
#include "days.h"

namespace rondom::ga4 {

/// Limits of the Data API.
inline constexpr std::size_t dimensions_max = 9, metrics_max = 10;
inline constexpr std::int64_t page_max = 250'000;

/// What a job may say in the `options` of a stream.
struct ReportOptions {
  std::vector<std::string> dimensions, metrics;
  std::string person, currency;
  Json dimension_filter;
  std::int64_t days = 0, look_back_days = 0, days_per_request = 0, page = 0, tokens_left = 0;
};

inline constexpr auto report_options =
    Spec<ReportOptions>("ga4-report", "Options of a stream, which is a report of Analytics.")
        .field("dimensions", &ReportOptions::dimensions,
               "What rows are divided by; date and the person's come first of their own. Empty: "
               "sessionDefaultChannelGroup.")
        .field("metrics", &ReportOptions::metrics,
               "What is counted. Empty: sessions, screenPageViews, ecommercePurchases and "
               "purchaseRevenue.")
        .field("person", &ReportOptions::person,
               "The dimension that names a person: a user-scoped custom one. Empty: none does.")
        .fallback("customUser:crm_id")
        .field("currency", &ReportOptions::currency,
               "Currency of amounts, ISO 4217; else the property's.")
        .field("dimension_filter", &ReportOptions::dimension_filter,
               "Only these rows: a FilterExpression of the Data API.")
        .field("days", &ReportOptions::days, "How many days back the first run reads.")
        .fallback(30)
        .range(1, 3'650)
        .field("look_back_days", &ReportOptions::look_back_days,
               "How many days each run reads again, because Analytics still changes them.")
        .fallback(3)
        .range(1, 60)
        .field("days_per_request", &ReportOptions::days_per_request,
               "Days of one request: fewer mean less sampling, more save tokens.")
        .fallback(7)
        .range(1, 366)
        .field("page", &ReportOptions::page, "Rows of one answer, which must fit into 64 MiB.")
        .fallback(10'000)
        .range(10, page_max)
        .field("tokens_left", &ReportOptions::tokens_left,
               "Tokens of an hour and a day that are left to others.")
        .fallback(500)
        .range(0, 10'000'000);

/// A report that can be asked for.
struct Report {
  ReportOptions options;
  std::vector<std::string> dimensions;  // "date" first
  std::vector<std::string> metrics;
  std::string person;  // one of the dimensions; empty = none

  /// Equal for reports whose rows may stand side by side.
  std::string fingerprint() const;
  /// RunReportRequest of the page that begins at `offset`. `to` is a day or "today".
  Json request(Day from, const std::string& to, std::int64_t offset, std::int64_t limit) const;
};

/// Code::config for what Analytics would refuse, and for rows that could not be told apart.
Result<Report> parse_report(std::string_view options_json);

struct Row {
  std::string id;    // its dimensions, so that no two rows of a report have the same
  std::string json;  // the record
  std::optional<Day> day;
  std::string nobody;  // why it names no person, such as "(not set)"; empty = it does
};

/// One answer.
struct Table {
  std::vector<Row> rows;
  std::int64_t row_count = 0;  // of all pages
  bool thresholded = false, other_row = false;
  double sampled = 1;               // share of the events that were looked at
  std::vector<std::string> hidden;  // metrics that this user may not see: they read as 0
  std::string exhausted;            // the quota that is used up; empty = none
  std::int64_t tokens_left = -1;    // of the nearest limit; -1 = not said
};

/// Code::data when the answer is another report than the one asked for.
Result<Table> read_table(const Report& report, const Json& reply);

}  // namespace rondom::ga4
