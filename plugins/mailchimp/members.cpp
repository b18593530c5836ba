#include "members.h"

#include <algorithm>
#include <set>

#include "member_json.h"

namespace rondom::mailchimp {
namespace {

constexpr std::string_view utc = "+00:00";  // as Mailchimp writes it

/// Each run looks back this far: what was being saved while the last one read has an earlier time.
constexpr std::int64_t overlap_seconds = 300;
constexpr std::size_t pages_max = 100'000;
/// Members with one and the same time of change that are kept apart.
constexpr std::size_t moment_members_max = 1'000'000;
/// How often the members of one moment are read again when they changed meanwhile.
constexpr int moment_attempts_max = 5;

struct Kind {
  std::string_view stream;
  std::vector<std::string> statuses;
};

/// Without a status the API leaves out who is archived.
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"members", {"", "archived"}}, {"unsubscribed", {"unsubscribed"}}, {"cleaned", {"cleaned"}}};
  return all;
}

const Kind* kind_of(std::string_view stream) {
  for (const Kind& kind : kinds()) {
    if (kind.stream == stream) return &kind;
  }
  return nullptr;
}

Failure repeats() {
  return {Code::data, "Mailchimp sends the same members again and again."};
}

}  // namespace

Result<Catalog> Members::discover() {
  Catalog catalog;
  for (const Kind& kind : kinds()) {
    CatalogStream& stream = catalog.stream(std::string(kind.stream));
    stream.key({"list_id", "contact_id"}).cursor("last_changed");
    for (const char* name : {"list_id", "contact_id", "id", "email_address", "full_name", "status",
                             "unsubscribe_reason", "email_type", "language", "ip_signup", "ip_opt",
                             "email_client", "source", "sms_phone_number"}) {
      stream.field(name, FieldType::text);
    }
    for (const char* name : {"timestamp_signup", "timestamp_opt", "last_changed"})
      stream.field(name, FieldType::time);
    for (const char* name : {"vip", "own", "consents_to_one_to_one_messaging"})
      stream.field(name, FieldType::boolean);
    for (const char* name : {"merge_fields", "interests", "stats", "location", "last_note"})
      stream.field(name, FieldType::object);
    for (const char* name : {"tags", "marketing_permissions"}) stream.field(name, FieldType::list);
    for (const char* name : {"web_id", "member_rating", "tags_count"})
      stream.field(name, FieldType::integer);
  }
  return catalog;
}

Result<Json> Members::page(const Walk& walk, const Window& window) {
  if (context_.cancelled()) return Failure{Code::cancelled, "Stopped between two pages."};
  Result<HttpRequest> request =
      api_.request("GET", "/lists/" + http_encoded(walk.list) + "/members");
  if (!request.ok()) return request.error();
  request->query("count", page_size).query("offset", window.offset);
  request->query("sort_field", "last_changed").query("sort_dir", "ASC");
  request->query("exclude_fields", "_links,members._links");
  if (!walk.status.empty()) request->query("status", walk.status);
  if (window.since) request->query("since_last_changed", format_rfc3339(*window.since, utc));
  if (window.before) request->query("before_last_changed", format_rfc3339(*window.before, utc));
  Result<Json> reply = api_.fetch(*request);
  if (!reply.ok()) return reply.error();
  const Json* members = reply->find("members");
  if (members == nullptr || !members->is_list()) {
    return Failure{Code::data, "Mailchimp answered without a list of members."};
  }
  for (const Json& member : members->items()) {
    if (!parse_rfc3339(member.text_or("last_changed", ""))) {
      return Failure{Code::data, "Mailchimp sent a member without a readable last_changed."};
    }
  }
  return reply;
}

/// Passes a member on as it is, with all tags (a list holds 50 at most) and the mark of our own
/// doing.
Status Members::tell(Walk& walk, const Json& member) {
  const std::string id = member.text_or("id", "");
  const std::int64_t changed = *parse_rfc3339(member.text_or("last_changed", ""));
  if (const auto known = walk.told.find(id); known != walk.told.end() && known->second == changed)
    return {};
  walk.told[id] = changed;
  Json record = member;
  const Json* tags = member.find("tags");
  if (tags != nullptr &&
      member.integer_or("tags_count", 0) > static_cast<std::int64_t>(tags->items().size())) {
    const Result<Json> all = api_.get("/lists/" + http_encoded(walk.list) + "/members/" +
                                      http_encoded(id) + "/tags?count=1000&exclude_fields=_links");
    if (!all.ok()) return all.error();
    if (const Json* list = all->find("tags"); list != nullptr) record.set("tags", *list);
  }
  record.set("own", Json::of_boolean(closed_by_us(record)));
  ++walk.read;
  RecordFacts facts;
  facts.changed_at_us = changed * 1'000'000;
  return walk.out.json(record.to_text(), facts);
}

Status Members::note_place(Walk& walk, std::int64_t second) {
  walk.places[walk.status] = second;
  for (auto at = walk.told.begin(); at != walk.told.end();)
    at = at->second < second - 1 ? walk.told.erase(at) : std::next(at);
  if (walk.records_max != 0) return {};
  Json places = Json::object();
  for (const auto& [status, place] : walk.places)
    places.set(status, Json::of(format_rfc3339(place, utc)));
  Json state = Json::object();
  state.set("since", std::move(places)).set("list", Json::of(walk.list));
  return walk.out.checkpoint(walk.stream.name, state.to_text());
}

/// More members than a page holds have one time of change, such as after an import: nothing but the
/// offset tells them apart. Who changes meanwhile leaves the moment and moves the rest, so the
/// count that Mailchimp gives must stay, and all must have been seen; else the moment is read
/// again.
Status Members::read_moment(Walk& walk, std::int64_t second) {
  for (int attempt = 0; attempt < moment_attempts_max; ++attempt) {
    std::set<std::string> seen;
    Window window{second - 1, second + 2, 0};
    std::optional<std::int64_t> total;
    bool steady = true;
    while (steady) {
      const Result<Json> reply = page(walk, window);
      if (!reply.ok()) return reply.error();
      const std::int64_t count = reply->integer_or("total_items", -1);
      steady = count >= 0 && (!total || *total == count);
      total = count;
      const std::vector<Json>& members = reply->find("members")->items();
      const std::size_t before = seen.size();
      for (const Json& member : members) {
        seen.insert(member.text_or("id", ""));
        RONDOM_TRY(tell(walk, member));
      }
      if (seen.size() > moment_members_max)
        return {Code::unsupported, "More than 1,000,000 members changed in one second."};
      if (walk.records_max != 0 && walk.read >= walk.records_max) return {};
      if (members.size() < page_size) break;
      steady = steady && seen.size() > before;
      window.offset += members.size();
    }
    if (steady && static_cast<std::int64_t>(seen.size()) >= *total) return {};
  }
  return repeats();
}

/// By the time of the last change, which only moves forward: who changes while we read comes once
/// more at the end, and nobody is skipped, as an offset into the whole list would do. Whether
/// Mailchimp counts the moment of since_last_changed in is not said, so it is asked for with a
/// second to spare.
Status Members::walk(Walk& walk) {
  std::optional<std::int64_t> since;
  std::int64_t reached = 0;
  if (const auto saved = walk.places.find(walk.status); saved != walk.places.end()) {
    reached = saved->second;
    since = std::max<std::int64_t>(reached - overlap_seconds, 0);
  }
  walk.told.clear();
  for (std::size_t pages = 0; pages < pages_max; ++pages) {
    const Result<Json> reply = page(walk, {since, std::nullopt, 0});
    if (!reply.ok()) return reply.error();
    const std::vector<Json>& members = reply->find("members")->items();
    std::int64_t last = 0;
    for (const Json& member : members) {
      RONDOM_TRY(tell(walk, member));
      last = std::max(last, *parse_rfc3339(member.text_or("last_changed", "")));
    }
    if (walk.records_max != 0 && walk.read >= walk.records_max) return {};
    if (members.size() < page_size) return note_place(walk, std::max(last, reached));
    if (!since || last > *since + 1) {
      since = last - 1;
    } else {
      RONDOM_TRY(read_moment(walk, last));
      if (last + 1 <= *since) return repeats();
      since = last + 1;
    }
    reached = std::max(reached, last);
    RONDOM_TRY(note_place(walk, last));
  }
  return {Code::data, "The list of members did not end."};
}

Status Members::read_stream(const ReadStream& stream, std::uint64_t records_max,
                            RecordWriter& out) {
  const Kind* kind = kind_of(stream.name);
  if (kind == nullptr) {
    return {Code::config, "Mailchimp has no stream \"" + stream.name +
                              "\"; there are members, unsubscribed and cleaned."};
  }
  const Result<StreamOptions> options =
      job_options.parse(stream.options_json.empty() ? "{}" : stream.options_json);
  if (!options.ok()) return options.error();
  Result<std::string> list = api_.list_id(options->list);
  if (!list.ok()) return list.error();
  Walk walk{stream, out, *list, {}, options->mode == "full", records_max, 0, {}, {}};
  bool moved = false;
  const bool resumed = !walk.full || !stream.generation.empty();
  if (resumed && !stream.state_json.empty()) {
    const Result<Json> state = parse_json(stream.state_json);
    if (!state.ok()) return {Code::state, "The saved place is no JSON."};
    // Members of another audience are older than the place that was reached in this one.
    moved = state->text_or("list", walk.list) != walk.list;
    if (moved) {
      context_.log(LogLevel::info,
                   "Another audience is read than before; " + stream.name + " is read whole.");
    } else if (const Json* since = state->find("since"); since != nullptr) {
      for (const auto& [status, text] : since->members()) {
        if (const auto second = parse_rfc3339(text.as_text())) walk.places[status] = *second;
      }
    }
  }
  RONDOM_TRY(out.stream(stream.name));
  const bool refresh = walk.full && records_max == 0;
  if (refresh) {
    std::string generation = stream.generation.empty() ? "members" : stream.generation;
    if (moved) generation += "+";  // what was begun in another audience is no part of it
    RONDOM_TRY(out.refresh_begin(stream.name, generation));
  }
  for (const std::string& status : kind->statuses) {
    walk.status = status;
    RONDOM_TRY(this->walk(walk));
  }
  if (!refresh) return {};
  RONDOM_TRY(out.checkpoint(stream.name, "{}"));
  return out.refresh_complete(stream.name);
}

Status Members::read(const ReadRequest& request, RecordWriter& out) {
  for (const ReadStream& stream : request.streams) {
    RONDOM_TRY(read_stream(stream, request.records_max, out));
  }
  return {};
}

}  // namespace rondom::mailchimp
