#include "report.h"

#include <algorithm>
#include <charconv>

namespace rondom::ga4 {
namespace {

constexpr std::string_view date = "date";

Json named(const std::vector<std::string>& names) {
  Json list = Json::list();
  for (const std::string& name : names) {
    list.push(Json::object().set("name", Json::of(name)));
  }
  return list;
}

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Numbers of 64 bits are texts in Google's JSON.
Json int64(std::int64_t number) {
  return Json::of(std::to_string(number));
}

std::int64_t read_int64(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  if (found == nullptr) return 0;
  if (found->is_integer()) return found->as_integer();
  std::int64_t number = 0;
  const std::string& text = found->as_text();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// What stands in the place of a value when there is none, or none that may be shown.
bool is_placeholder(std::string_view value) {
  return value.empty() || value == "(not set)" || value == "(other)" ||
         value == "(data not available)" || value == "(not provided)";
}

Status check_headers(const Json& reply, std::string_view member,
                     const std::vector<std::string>& wanted) {
  const Json* headers = reply.find(member);
  bool same = headers != nullptr && headers->items().size() == wanted.size();
  for (std::size_t i = 0; same && i < wanted.size(); ++i) {
    same = headers->items()[i].text_or("name", "") == wanted[i];
  }
  if (same) return {};
  return {Code::data, "Analytics answered with other columns than were asked for."};
}

void read_metadata(const Json& reply, Table& table) {
  const Json* metadata = reply.find("metadata");
  if (metadata == nullptr) return;
  table.thresholded = metadata->boolean_or("subjectToThresholding", false);
  table.other_row = metadata->boolean_or("dataLossFromOtherRow", false);
  if (const Json* samples = metadata->find("samplingMetadatas")) {
    for (const Json& sample : samples->items()) {
      const std::int64_t all = read_int64(sample, "samplingSpaceSize");
      if (all <= 0) continue;
      const auto share =
          static_cast<double>(read_int64(sample, "samplesReadCount")) / static_cast<double>(all);
      table.sampled = std::min(table.sampled, share);
    }
  }
  const Json* restrictions =
      json_at(*metadata, "/schemaRestrictionResponse/activeMetricRestrictions");
  if (restrictions == nullptr) return;
  for (const Json& one : restrictions->items())
    table.hidden.push_back(one.text_or("metricName", ""));
}

void read_quota(const Json& reply, Table& table) {
  const Json* quota = reply.find("propertyQuota");
  if (quota == nullptr) return;
  for (const auto& [name, status] : quota->members()) {
    const std::int64_t remaining = status.integer_or("remaining", 0);
    const bool tokens = name.starts_with("tokens");
    if (tokens && (table.tokens_left < 0 || remaining < table.tokens_left)) {
      table.tokens_left = remaining;
    }
    // What is nothing is left out of Google's JSON, so a quota that was never used says nothing.
    const bool used = status.integer_or("consumed", 0) > 0 || tokens;
    if (used && remaining <= 0 && name != "concurrentRequests") table.exhausted = name;
  }
}

void write_metric(JsonWriter& out, const std::string& value) {
  const Result<Json> number = parse_json(value);
  if (number.ok() && number->is_number()) {
    out.raw(value);
  } else {
    out.text(value);
  }
}

Result<Row> read_row(const Report& report, const Json& row, const std::string& currency) {
  const Json* dimensions = row.find("dimensionValues");
  const Json* metrics = row.find("metricValues");
  if (dimensions == nullptr || metrics == nullptr ||
      dimensions->items().size() != report.dimensions.size() ||
      metrics->items().size() != report.metrics.size()) {
    return Failure{Code::data, "Analytics sent a row with other columns than were asked for."};
  }
  Row found;
  std::vector<std::string> values;
  for (const Json& value : dimensions->items()) values.push_back(value.text_or("value", ""));
  found.day = day_of(values[0]);
  if (found.day) values[0] = text_of(*found.day);
  std::string person;
  for (std::size_t i = 0; i < values.size(); ++i) {
    found.id += (i == 0 ? "" : "|") + http_encoded(values[i]);
    if (report.dimensions[i] == report.person) person = values[i];
  }
  if (!report.person.empty() && is_placeholder(person)) {
    found.nobody = person.empty() ? "empty" : person;
    person.clear();
  }
  JsonWriter out(found.json);
  out.begin_object().name("id").text(found.id);
  if (!person.empty()) out.name("person").text(person);
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.name(report.dimensions[i]).text(values[i]);
  }
  for (std::size_t i = 0; i < report.metrics.size(); ++i) {
    out.name(report.metrics[i]);
    write_metric(out, metrics->items()[i].text_or("value", ""));
  }
  if (!currency.empty()) out.name("report_currency").text(currency);
  out.end_object();
  return found;
}

}  // namespace

std::string Report::fingerprint() const {
  Json all = Json::object();
  all.set("dimensions", named(dimensions)).set("metrics", named(metrics));
  all.set("person", Json::of(person)).set("currency", Json::of(options.currency));
  all.set("filter", options.dimension_filter);
  return all.to_text();
}

Json Report::request(Day from, const std::string& to, std::int64_t offset,
                     std::int64_t limit) const {
  Json range = Json::object();
  range.set("startDate", Json::of(text_of(from))).set("endDate", Json::of(to));
  Json order = Json::list();
  for (const std::string& name : dimensions) {
    order.push(
        Json::object().set("dimension", Json::object().set("dimensionName", Json::of(name))));
  }
  Json body = Json::object();
  body.set("dateRanges", Json::list().push(std::move(range)));
  body.set("dimensions", named(dimensions)).set("metrics", named(metrics));
  body.set("orderBys", std::move(order));
  body.set("offset", int64(offset)).set("limit", int64(limit));
  body.set("returnPropertyQuota", Json::of_boolean(true));
  if (!options.currency.empty()) body.set("currencyCode", Json::of(options.currency));
  if (!options.dimension_filter.is_null()) body.set("dimensionFilter", options.dimension_filter);
  return body;
}

Result<Report> parse_report(std::string_view options_json) {
  Result<ReportOptions> options = report_options.parse(options_json.empty() ? "{}" : options_json);
  if (!options.ok()) return options.error();
  Report report;
  report.options = std::move(*options);
  report.person = report.options.person;
  report.dimensions = {std::string(date)};
  if (!report.person.empty()) report.dimensions.push_back(report.person);
  std::vector<std::string> more = report.options.dimensions;
  if (more.empty()) more = {"sessionDefaultChannelGroup"};
  for (const std::string& name : more) {
    if (!holds(report.dimensions, name)) report.dimensions.push_back(name);
  }
  report.metrics = report.options.metrics;
  if (report.metrics.empty()) {
    report.metrics = {"sessions", "screenPageViews", "ecommercePurchases", "purchaseRevenue"};
  }
  if (report.dimensions.size() > dimensions_max || report.metrics.size() > metrics_max) {
    return Failure{
        Code::config,
        "A report has at most 9 dimensions (date and the person's counted) and 10 metrics."};
  }
  std::vector<std::string> names = {"id", "person", "report_currency"};
  for (const auto* list : {&report.dimensions, &report.metrics}) {
    for (const std::string& name : *list) {
      if (name.empty() || holds(names, name)) {
        return Failure{Code::config, "\"" + name + "\" cannot be a column of a report here."};
      }
      names.push_back(name);
    }
  }
  return report;
}

Result<Table> read_table(const Report& report, const Json& reply) {
  if (reply.text_or("kind", "") != "analyticsData#runReport") {
    return Failure{Code::data, "Analytics answered with something that is no report."};
  }
  Table table;
  table.row_count = read_int64(reply, "rowCount");
  read_metadata(reply, table);
  read_quota(reply, table);
  const Json* rows = reply.find("rows");
  if (rows == nullptr) return table;
  RONDOM_TRY(check_headers(reply, "dimensionHeaders", report.dimensions));
  RONDOM_TRY(check_headers(reply, "metricHeaders", report.metrics));
  const Json* currency = json_at(reply, "/metadata/currencyCode");
  for (const Json& row : rows->items()) {
    Result<Row> read = read_row(report, row, currency == nullptr ? "" : currency->as_text());
    if (!read.ok()) return read.error();
    table.rows.push_back(std::move(*read));
  }
  return table;
}

}  // namespace rondom::ga4
