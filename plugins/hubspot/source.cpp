#include "source.h"

#include <algorithm>
#include <map>

#include "times.h"

namespace rondom::hubspot {
namespace {

constexpr std::string_view owners = "owners";
constexpr Stream streams[] = {{"contacts", "contacts", "lastmodifieddate"},
                              {"companies", "companies", "hs_lastmodifieddate"},
                              {"deals", "deals", "hs_lastmodifieddate"},
                              {email_status, "contacts", "lastmodifieddate"}};
/// Follow-up requests for the associations of one page of records.
constexpr std::size_t association_pages_max = 10'000;

constexpr auto options_spec =
    Spec<StreamOptions>("hubspot", "Options of a stream of HubSpot.")
        .field("properties", &StreamOptions::properties, "Names of properties. Empty: all.")
        .field("associations", &StreamOptions::associations,
               "Kinds of objects whose ids are wanted, such as companies.");

FieldType type_of(const Property& property) {
  if (property.type == "datetime") return FieldType::time;
  return property.type == "date" ? FieldType::date : FieldType::text;  // all values are texts
}

Json in_order(const std::vector<std::string>& names) {
  const std::set<std::string> sorted(names.begin(), names.end());
  return list_of({sorted.begin(), sorted.end()});
}

}  // namespace

Status Records::check() {
  return api_.call(HttpRequest::get("/crm/v3/objects/contacts").query("limit", 1)).status();
}

Result<Catalog> Records::discover() {
  Catalog catalog;
  for (const Stream& stream : streams) {
    CatalogStream& one = catalog.stream(std::string(stream.name)).key({"id"}).cursor("updatedAt");
    one.field("id", FieldType::text);
    if (stream.name == email_status) {
      one.incremental_only()
          .field("email", FieldType::text)
          .field("opted_out", FieldType::boolean)
          .field("opted_out_at", FieldType::time)
          .field("bounced", FieldType::boolean)
          .field("subscriptions", FieldType::list)
          .field("updatedAt", FieldType::time);
      continue;
    }
    one.field("createdAt", FieldType::time).field("updatedAt", FieldType::time);
    one.field("associations", FieldType::object);
    const Result<std::vector<Property>> properties = api_.properties(stream.object);
    if (!properties.ok()) return properties.error();
    for (const Property& property : *properties) one.field(property.name, type_of(property));
  }
  catalog.stream(std::string(owners))
      .key({"id"})
      .cursor("updatedAt")
      .field("id", FieldType::text)
      .field("email", FieldType::text)
      .field("firstName", FieldType::text)
      .field("lastName", FieldType::text)
      .field("updatedAt", FieldType::time);
  return catalog;
}

Result<Wanted> Records::wanted(const ReadStream& stream, std::uint64_t records_max) const {
  const auto known = std::find_if(std::begin(streams), std::end(streams),
                                  [&](const Stream& one) { return one.name == stream.name; });
  if (known == std::end(streams)) {
    return Failure{Code::config, "HubSpot has no stream \"" + stream.name +
                                     "\"; there are contacts, companies, deals, owners and "
                                     "email_status."};
  }
  Result<StreamOptions> options =
      options_spec.parse(stream.options_json.empty() ? "{}" : stream.options_json);
  if (!options.ok()) return options.error();
  Wanted wanted{*known, {}, options->associations, {}, records_max};
  std::set<std::string> names = {std::string(known->modified), "hs_object_id"};
  if (known->name == email_status) {
    names.insert({"email", "hs_email_optout", "hs_email_hard_bounce_reason_enum"});
  } else {
    wanted.selected = Json::object();
    wanted.selected.set("properties", in_order(options->properties))
        .set("associations", in_order(options->associations));
    const Result<std::vector<Property>> there = api_.properties(known->object);
    if (!there.ok()) return there.error();
    std::set<std::string> all;
    for (const Property& property : *there) all.insert(property.name);
    for (const std::string& name : options->properties) {
      // HubSpot leaves out what it does not know without a word.
      if (all.count(name) == 0) {
        return Failure{Code::config, "HubSpot's " + std::string(known->object) +
                                         " have no property \"" + name + "\"."};
      }
    }
    if (options->properties.empty()) {
      names.insert(all.begin(), all.end());
    } else {
      names.insert(options->properties.begin(), options->properties.end());
      if (all.count("hs_merged_object_ids") != 0) names.insert("hs_merged_object_ids");
    }
  }
  wanted.properties.assign(names.begin(), names.end());
  return wanted;
}

/// By kind: {"<id>": ["<other id>", …]}. A record with very many comes in several answers.
Result<std::vector<Json>> Records::associations(const Wanted& wanted,
                                                const Objects& objects) const {
  std::vector<Json> by_kind;
  for (const std::string& kind : wanted.associations) {
    std::map<std::string, Json> found;
    Json inputs = Json::list();
    for (const Json* object : objects)
      inputs.push(Json::object().set("id", Json::of(object->text_or("id", ""))));
    const std::string path = "/crm/v4/associations/" + std::string(wanted.stream.object) + "/" +
                             http_encoded(kind) + "/batch/read";
    for (std::size_t page = 0; !inputs.items().empty(); ++page) {
      if (page == association_pages_max)
        return Failure{Code::data, "The associations of a page did not end."};
      const Result<Json> reply =
          api_.call(HttpRequest::post(path).json(Json::object().set("inputs", inputs)));
      if (!reply.ok()) return reply.error();
      inputs = Json::list();
      const Json* results = reply->find("results");
      if (results == nullptr) return Failure{Code::data, "HubSpot's answer holds no results."};
      for (const Json& one : results->items()) {
        const Json* from = json_at(one, "/from/id");
        const Json* to = one.find("to");
        if (from == nullptr || to == nullptr) continue;
        Json& ids = found.emplace(from->as_text(), Json::list()).first->second;
        for (const Json& other : to->items())
          ids.push(Json::of(std::to_string(other.integer_or("toObjectId", 0))));
        if (const Json* after = json_at(one, "/paging/next/after")) {
          Json more = Json::object();
          more.set("id", *from).set("after", *after);
          inputs.push(std::move(more));
        }
      }
    }
    Json all = Json::object();
    for (auto& [id, ids] : found) all.set(id, std::move(ids));
    by_kind.push_back(std::move(all));
  }
  return by_kind;
}

Status Records::write_objects(const Wanted& wanted, const Objects& objects, RecordWriter& out) {
  if (wanted.stream.name == email_status) return write_email_status(objects, out);
  const Result<std::vector<Json>> related = associations(wanted, objects);
  if (!related.ok()) return related.error();
  for (const Json* object : objects) {
    const std::string id = object->text_or("id", "");
    Json record = Json::object();
    record.set("id", Json::of(id));
    for (const char* name : {"createdAt", "updatedAt"}) {
      if (const Json* value = object->find(name)) record.set(name, *value);
    }
    if (const Json* properties = object->find("properties")) {
      for (const Json::Member& property : properties->members()) {
        if (!property.second.is_null() && record.find(property.first) == nullptr)
          record.set(property.first, property.second);
      }
    }
    Json others = Json::object();
    for (std::size_t kind = 0; kind < related->size(); ++kind) {
      const Json* ids = (*related)[kind].find(id);
      others.set(wanted.associations[kind], ids == nullptr ? Json::list() : *ids);
    }
    if (!related->empty()) record.set("associations", std::move(others));
    RONDOM_TRY(out.json(record.to_text(), changed_at(object->text_or("updatedAt", ""))));
  }
  return {};
}

/// Every record, in the order of the list. What is changed meanwhile is read again by the next run,
/// which begins at the moment when this one began.
Status Records::read_all(const Wanted& wanted, const ReadStream& stream, RecordWriter& out) {
  std::int64_t begun = api_.context().now_us() / 1'000;
  std::string generation = stream.generation, after;
  if (!generation.empty() && !stream.state_json.empty()) {
    const Result<Json> state = parse_json(stream.state_json);
    if (!state.ok()) return {Code::state, "The saved place is no JSON."};
    after = state->text_or("after", "");
    begun = state->integer_or("begun", begun);
  }
  if (generation.empty()) generation = std::to_string(begun);
  const bool whole = wanted.records_max == 0;
  if (whole) RONDOM_TRY(out.refresh_begin(stream.name, generation));

  std::string names;
  for (const std::string& name : wanted.properties) names += (names.empty() ? "" : ",") + name;
  const bool in_address = names.size() <= properties_in_address_max;
  HttpRequest first = HttpRequest::get("/crm/v3/objects/" + std::string(wanted.stream.object));
  first.query("limit", batch_max).query("archived", false);
  if (in_address) first.query("properties", names);
  Pager pages = Pager::cursor(std::move(first), "/paging/next/after", Pager::in_query("after"));
  pages.items_at("/results").resume(after);
  std::uint64_t read = 0;
  while (true) {
    const auto page = pages.next(api_.context());
    if (!page.ok()) return page.error();
    if (!*page) break;
    Objects objects = (*page)->items();
    std::vector<Json> filled;
    if (!in_address) {
      std::vector<std::string> ids;
      for (const Json* object : objects) ids.push_back(object->text_or("id", ""));
      Result<std::vector<Json>> found =
          api_.batch_read(wanted.stream.object, "", ids, wanted.properties);
      if (!found.ok()) return found.error();
      filled = std::move(*found);
      objects.clear();
      for (const Json& object : filled) objects.push_back(&object);
    }
    RONDOM_TRY(write_objects(wanted, objects, out));
    read += objects.size();
    if (!whole && read >= wanted.records_max) return {};
    if (whole && !pages.done()) {
      Json state = Json::object();
      state.set("after", Json::of(pages.position())).set("begun", Json::of(begun));
      state.set("selected", wanted.selected);
      RONDOM_TRY(out.checkpoint(stream.name, state.to_text()));
    }
  }
  if (!whole) return {};
  // In this order: a stop between the two has the list read again rather than left incomplete.
  RONDOM_TRY(out.refresh_complete(stream.name));
  Json state = Json::object();
  state.set("since", Json::of(begun)).set("selected", wanted.selected);
  return out.checkpoint(stream.name, state.to_text());
}

Status Records::read_owners(const ReadStream& stream, std::uint64_t records_max,
                            RecordWriter& out) {
  const bool whole = records_max == 0;
  if (whole) RONDOM_TRY(out.refresh_begin(stream.name, std::to_string(api_.context().now_us())));
  Pager pages = Pager::cursor(HttpRequest::get("/crm/v3/owners").query("limit", batch_max),
                              "/paging/next/after", Pager::in_query("after"));
  pages.items_at("/results");
  std::uint64_t read = 0;
  while (true) {
    const auto page = pages.next(api_.context());
    if (!page.ok()) return page.error();
    if (!*page) break;
    for (const Json* owner : (*page)->items()) RONDOM_TRY(out.json(owner->to_text()));
    read += (*page)->items().size();
    if (!whole && read >= records_max) return {};
  }
  return whole ? out.refresh_complete(stream.name) : Status();
}

/// Values of other properties are older than the place that was reached, and a list that was begun
/// without them is no part of one with them. A place that does not say for which it is stays.
void Records::begin_anew_for_other_options(const Wanted& wanted, ReadStream& stream) const {
  const Result<Json> state = parse_json(stream.state_json.empty() ? "{}" : stream.state_json);
  const Json* const before = state.ok() ? state->find("selected") : nullptr;
  if (wanted.selected.is_null() || before == nullptr ||
      before->to_text() == wanted.selected.to_text()) {
    return;
  }
  api_.context().log(LogLevel::info, "Other properties or associations are read than before; " +
                                         stream.name + " is read whole.");
  stream.state_json.clear();
  stream.generation.clear();
}

Status Records::read(const ReadRequest& request, RecordWriter& out) {
  for (ReadStream stream : request.streams) {
    RONDOM_TRY(out.stream(stream.name));
    if (stream.name == owners) {
      RONDOM_TRY(read_owners(stream, request.records_max, out));
      continue;
    }
    const Result<Wanted> asked = wanted(stream, request.records_max);
    if (!asked.ok()) return asked.error();
    begin_anew_for_other_options(*asked, stream);
    const bool changes = asked->stream.name == email_status ||
                         stream.state_json.find("\"since\"") != std::string::npos;
    RONDOM_TRY(changes ? read_changes(*asked, stream, out) : read_all(*asked, stream, out));
  }
  return {};
}

}  // namespace rondom::hubspot
