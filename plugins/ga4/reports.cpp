#include "reports.h"

#include <map>

#include "stream_read.h"

namespace rondom::ga4 {
namespace {

constexpr std::size_t names_bytes_max = 400;

/// What the property has, by its name in reports.
struct Columns {
  std::map<std::string, FieldType> types;
  std::string custom;  // names of custom dimensions, for people

  explicit Columns(const Json& metadata) {
    read(metadata, "dimensions");
    read(metadata, "metrics");
  }
  void read(const Json& metadata, std::string_view member) {
    const Json* list = metadata.find(member);
    if (list == nullptr) return;
    for (const Json& one : list->items()) {
      const std::string type = one.text_or("type", "");
      const std::string name = one.text_or("apiName", "");
      types[name] = member == "dimensions"   ? FieldType::text
                    : type == "TYPE_INTEGER" ? FieldType::integer
                                             : FieldType::decimal;
      if (name.starts_with("customUser:") && custom.size() < names_bytes_max) custom += " " + name;
    }
    types["date"] = FieldType::date;
  }
};

Failure unknown(const std::string& name, const Columns& columns) {
  return {Code::config, "The property has no \"" + name + "\"; " +
                            (columns.custom.empty()
                                 ? "it has no user-scoped custom dimension at all."
                                 : "its user-scoped custom dimensions are" + columns.custom + ".")};
}

void add(CatalogStream& stream) {
  stream.key({"id"}).incremental_only();
  stream.field("id", FieldType::text).field("person", FieldType::text);
  stream.field("report_currency", FieldType::text);
}

}  // namespace

Status Reports::check() {
  return api_.metadata().status();
}

/// One stream with everything that a report may be made of.
Result<Catalog> Reports::discover() {
  const Result<Json> metadata = api_.metadata();
  if (!metadata.ok()) return metadata.error();
  Catalog catalog;
  CatalogStream& stream = catalog.stream("activity");
  add(stream);
  for (const auto& [name, type] : Columns(*metadata).types) stream.field(name, type);
  return catalog;
}

Result<Catalog> Reports::discover_with_options(std::string_view options_json) {
  const Result<Json> json = parse_json(options_json.empty() ? "{}" : options_json);
  if (!json.ok()) return json.error();
  const Json* streams = json->find("streams");
  if (streams == nullptr || streams->items().empty()) return discover();
  const Result<Json> metadata = api_.metadata();
  if (!metadata.ok()) return metadata.error();
  const Columns columns(*metadata);
  Catalog catalog;
  for (const Json& asked : streams->items()) {
    const Json* given = asked.find("options");
    const Result<Report> report = parse_report(given == nullptr ? "{}" : given->to_text());
    if (!report.ok()) return report.error();
    CatalogStream& stream = catalog.stream(asked.text_or("stream", ""));
    add(stream);
    for (const auto* names : {&report->dimensions, &report->metrics}) {
      for (const std::string& name : *names) {
        const auto found = columns.types.find(name);
        if (found == columns.types.end()) return unknown(name, columns);
        stream.field(name, found->second);
      }
    }
  }
  return catalog;
}

Status Reports::read(const ReadRequest& request, RecordWriter& out) {
  for (const ReadStream& stream : request.streams) {
    Result<Report> report = parse_report(stream.options_json);
    if (!report.ok()) return report.error();
    RONDOM_TRY(out.stream(stream.name));
    RONDOM_TRY(StreamRead(api_, std::move(*report), stream, out, request.records_max).run());
  }
  return {};
}

}  // namespace rondom::ga4
