#include "source.h"

namespace rondom::salesforce {
namespace {

constexpr std::string_view usual_objects[] = {"Contact", "Lead", "Account", "Opportunity"};

}  // namespace

Status Objects::check() {
  return api_.fetch(HttpRequest::get(api_.path("/limits"))).status();
}

Status Objects::list(const std::string& object, const ReadOptions& options, Catalog& catalog) {
  const Result<Object> described = describe(api_, object);
  if (!described.ok()) return described.status();
  const Result<Selection> selection = choose(*described, options.fields);
  if (!selection.ok()) return selection.status();
  CatalogStream& stream = catalog.stream(object).key({"Id"}).cursor(selection->cursor);
  for (const Field& field : selection->fields) {
    if (field.name != "IsDeleted") stream.field(field.name, field.kind());
  }
  return {};
}

Result<Catalog> Objects::discover() {
  const Result<ReadOptions> options = job_options.parse("{}");
  if (!options.ok()) return options.error();
  Catalog catalog;
  for (const std::string_view object : usual_objects) {
    const Status listed = list(std::string(object), *options, catalog);
    // An object that the user may not see is none to offer.
    if (!listed.ok() && listed.code() != Code::config) return listed.error();
  }
  return catalog;
}

Result<Catalog> Objects::discover_with_options(std::string_view options_json) {
  const Result<Json> json = parse_json(options_json.empty() ? "{}" : options_json);
  if (!json.ok()) return json.error();
  const Json* streams = json->find("streams");
  if (streams == nullptr || streams->items().empty()) return discover();
  Catalog catalog;
  for (const Json& stream : streams->items()) {
    const Json* given = stream.find("options");
    const Result<ReadOptions> options =
        job_options.parse(given == nullptr ? "{}" : given->to_text());
    if (!options.ok()) return options.error();
    RONDOM_TRY(list(stream.text_or("stream", ""), *options, catalog));
  }
  return catalog;
}

Status Objects::read(const ReadRequest& request, RecordWriter& out) {
  for (const ReadStream& stream : request.streams) {
    const Result<ReadOptions> options =
        job_options.parse(stream.options_json.empty() ? "{}" : stream.options_json);
    if (!options.ok()) return options.status();
    const Result<Object> object = describe(api_, stream.name);
    if (!object.ok()) return object.status();
    Result<Selection> selection = choose(*object, options->fields);
    if (!selection.ok()) return selection.status();
    const std::int64_t now =
        object->asked_at != 0 ? object->asked_at : api_.context().now_us() / 1'000'000;
    ObjectReader reader(api_, std::move(*selection), *options, now, out);
    RONDOM_TRY(request.records_max != 0 ? reader.preview(request.records_max)
                                        : reader.read(stream));
  }
  return {};
}

}  // namespace rondom::salesforce
