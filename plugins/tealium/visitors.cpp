#include "visitors.h"

#include <algorithm>

namespace rondom::tealium {
namespace {

constexpr std::size_t visitors_per_checkpoint = 20;

}  // namespace

Result<Catalog> Visitors::discover() {
  RONDOM_TRY(check());
  Catalog catalog;
  CatalogStream& stream = catalog.stream("visitors");
  stream.key({"id"}).incremental_only();
  stream.field("id", FieldType::text).field("live", FieldType::boolean);
  for (const char* name :
       {"secondary_ids", "properties", "metrics", "dates", "flags", "badges", "audiences",
        "property_lists", "property_sets", "metric_lists", "metric_sets", "flag_lists"}) {
    stream.field(name, FieldType::object);
  }
  return catalog;
}

/// Tealium tells no time of a change, so versions are ordered by when they were asked for.
Status Visitors::read_one(const StreamOptions& options, const std::string& value,
                          RecordWriter& out) {
  HttpRequest request = HttpRequest::get(api_.place("/v3/customer/visitor"));
  request.query("attributeId", options.attribute_id)
      .query("attributeValue", value)
      .query("prettyName", options.names);
  const Result<HttpReply> reply = api_.send(request);
  if (!reply.ok()) return reply.error();
  RecordFacts about;
  about.changed_at_us = api_.context().now_us();
  Json record = Json::object().set("id", Json::of(value));
  if (reply->status == 404) {
    about.operation = Operation::remove;
    return out.json(record.to_text(), about);
  }
  if (!reply->ok()) {
    Failure failure = http_failure(*reply);
    if (reply->status == 400) failure.code = Code::config;
    return failure;
  }
  const Result<Json> json = reply->json();
  if (!json.ok()) return json.status();
  if (!json->is_object() || json->members().empty()) {
    return {Code::data, "Tealium answered without a visitor."};
  }
  if (const Json* live = json->find("live")) record.set("live", *live);
  for (const auto& [name, part] : visitor_of(*json).members()) {
    if (name != "id") record.set(name, part);
  }
  return out.json(record.to_text(), about);
}

Status Visitors::read(const ReadRequest& request, RecordWriter& out) {
  for (const ReadStream& stream : request.streams) {
    if (stream.name != "visitors") {
      return {Code::config, "Tealium has no stream \"" + stream.name +
                                "\"; there is only visitors. Files of AudienceStore and EventStore "
                                "are read by the file connector."};
    }
    const Result<StreamOptions> options =
        job_options.parse(stream.options_json.empty() ? "{}" : stream.options_json);
    if (!options.ok()) return options.error();
    std::vector<std::string> values = options->values;
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    if (values.size() > visitors_max) {
      return {Code::config, "More than 10,000 visitors: have AudienceStore write files of them."};
    }
    // A run that broke off goes on behind the visitor that it came to.
    std::string after;
    if (!stream.state_json.empty()) {
      const Result<Json> state = parse_json(stream.state_json);
      if (!state.ok()) return {Code::state, "The saved place is no JSON."};
      after = state->text_or("after", "");
    }
    // Of an attribute that is none, nobody is found: that must not look as if everybody were gone.
    RONDOM_TRY(api_.check_visitor_attribute(options->attribute_id));
    RONDOM_TRY(out.stream(stream.name));
    std::uint64_t read = 0;
    for (auto at = std::upper_bound(values.begin(), values.end(), after); at != values.end();
         ++at) {
      if (api_.context().cancelled()) return {Code::cancelled, "Stopped between two visitors."};
      if (request.records_max != 0 && read >= request.records_max) return {};
      RONDOM_TRY(read_one(*options, *at, out));
      if (++read % visitors_per_checkpoint != 0 || request.records_max != 0) continue;
      RONDOM_TRY(out.checkpoint(stream.name, Json::object().set("after", Json::of(*at)).to_text()));
    }
    if (request.records_max == 0) RONDOM_TRY(out.checkpoint(stream.name, "{}"));
  }
  return {};
}

}  // namespace rondom::tealium
