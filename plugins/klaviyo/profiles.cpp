#include "profiles.h"

#include <algorithm>

#include "email_state.h"

namespace rondom::klaviyo {
namespace {

constexpr std::string_view suppressed_at = "subscriptions.email.marketing.suppression.timestamp";
/// Before there was a Klaviyo: everybody who is suppressed at all.
constexpr std::int64_t long_ago = 946'684'800;  // 2000-01-01

}  // namespace

Result<Catalog> Profiles::discover() {
  Catalog catalog;
  for (const char* name : {"profiles", "unsubscribed", "bounced"}) {
    CatalogStream& stream = catalog.stream(name);
    const bool all = std::string_view(name) == "profiles";
    stream.key({"id"}).cursor(all ? "updated" : "suppressed_at");
    stream.field("id", FieldType::text).field("email", FieldType::text);
    stream.field("own", FieldType::boolean);
    if (!all) {
      stream.field("reason", FieldType::text).field("suppressed_at", FieldType::time);
      continue;
    }
    for (const char* field : {"phone_number", "external_id", "first_name", "last_name",
                              "organization", "locale", "title", "image"}) {
      stream.field(field, FieldType::text);
    }
    for (const char* field : {"created", "updated", "last_event_date"})
      stream.field(field, FieldType::time);
    for (const char* field : {"location", "properties", "subscriptions"})
      stream.field(field, FieldType::object);
  }
  return catalog;
}

Profiles::Place Profiles::place_of(const Json& state) {
  Place place;
  place.since = parse_rfc3339(state.text_or("since", ""));
  place.from = parse_rfc3339(state.text_or("from", ""));
  place.cursor = state.text_or("cursor", "");
  place.walking = !place.cursor.empty();
  return place;
}

std::string Profiles::state_of(const Place& place) {
  Json state = Json::object();
  if (place.since) state.set("since", Json::of(format_rfc3339(*place.since)));
  if (place.walking && place.from) state.set("from", Json::of(format_rfc3339(*place.from)));
  if (place.walking) state.set("cursor", Json::of(place.cursor));
  return state.to_text();
}

HttpRequest Profiles::first_page(const Walk& walk) {
  const bool all = walk.kind == Kind::profiles;
  const std::string by(all ? "updated" : suppressed_at);
  HttpRequest first = request("GET", "/profiles");
  if (walk.place.from) {
    const char* than = all ? "greater-than" : "greater-or-equal";
    first.query("filter", than + ("(" + by + "," + format_rfc3339(*walk.place.from) + ")"));
  }
  first.query("sort", by).query("additional-fields[profile]", "subscriptions");
  return first;
}

/// A profile with its attributes beside its id, and whether what it says of e-mail is our own
/// doing. Of who is suppressed nothing is told that changes without the time of their suppression.
Status Profiles::tell(Walk& walk, const Json& profile) {
  const Json* attributes = profile.find("attributes");
  const std::string id = profile.text_or("id", "");
  if (attributes == nullptr || id.empty())
    return {Code::data, "Klaviyo sent a profile without id or attributes."};
  const bool all = walk.kind == Kind::profiles;
  const std::optional<std::int64_t> changed =
      all ? parse_rfc3339(attributes->text_or("updated", "")) : last_suppressed(*attributes);
  if (!changed) return {Code::data, "Klaviyo sent a profile without a readable time of change."};
  walk.last = std::max(walk.last, *changed);
  Json record = Json::object();
  record.set("id", Json::of(id));
  for (const Json::Member& member : attributes->members()) {
    if (all || member.first == "email") record.set(member.first, member.second);
  }
  const EmailState state = email_state(*attributes);
  bool own = state.closed_by_us || (state.given_by_us && !state.refused);
  if (!all) {
    const std::optional<Suppression> why =
        walk.kind == Kind::bounced
            ? suppressed_for(*attributes, {"HARD_BOUNCE", "INVALID_EMAIL"})
            : suppressed_for(*attributes, {"UNSUBSCRIBE", "SPAM_COMPLAINT", "USER_SUPPRESSED"});
    if (!why) return {};
    own = walk.kind == Kind::unsubscribed && state.closed_by_us;
    record.set("reason", Json::of(why->reason)).set("suppressed_at", Json::of(why->at));
  }
  record.set("own", Json::of_boolean(own));
  ++walk.read;
  RecordFacts facts;
  facts.changed_at_us = *changed * 1'000'000;
  return walk.out.json(record.to_text(), facts);
}

/// Oldest change first, so who changes while we read comes once more at the end. Klaviyo's cursors
/// stand behind a profile and not behind a number of them: nobody is skipped, and many profiles of
/// one moment are no matter. Until the end is reached the old `since` stays, should the cursor no
/// longer be taken.
Status Profiles::walk(Walk& walk) const {
  const bool resumed = walk.place.walking;
  if (!resumed) {
    walk.place.from = walk.place.since;
    if (walk.full) walk.place.from.reset();
    if (walk.place.from) *walk.place.from -= overlap_seconds;
    if (!walk.place.from && walk.kind != Kind::profiles) walk.place.from = long_ago;
  }
  Pager pages = pages_of(first_page(walk));
  pages.resume(walk.place.cursor);
  for (bool first = true;; first = false) {
    const auto page = pages.next(api_.context());
    if (!page.ok() && first && resumed && page.error().code == Code::data) {
      walk.place.walking = false;
      walk.place.cursor.clear();
      return this->walk(walk);
    }
    if (!page.ok()) return page.error();
    if (!*page) break;
    for (const Json* profile : (*page)->items()) RONDOM_TRY(tell(walk, *profile));
    if (walk.records_max != 0 && walk.read >= walk.records_max) return {};
    if (pages.done() || walk.records_max != 0) continue;
    walk.place.cursor = pages.position();
    walk.place.walking = true;
    RONDOM_TRY(walk.out.checkpoint(walk.stream.name, state_of(walk.place)));
  }
  walk.place.walking = false;
  if (walk.last > 0) walk.place.since = std::max(walk.last, walk.place.since.value_or(0));
  return {};
}

Status Profiles::read_stream(const ReadStream& stream, std::uint64_t records_max,
                             RecordWriter& out) {
  std::optional<Kind> kind;
  if (stream.name == "profiles") kind = Kind::profiles;
  if (stream.name == "unsubscribed") kind = Kind::unsubscribed;
  if (stream.name == "bounced") kind = Kind::bounced;
  if (!kind) {
    return {Code::config, "Klaviyo has no stream \"" + stream.name +
                              "\"; there are profiles, unsubscribed and bounced."};
  }
  const Result<StreamOptions> options =
      job_options.parse(stream.options_json.empty() ? "{}" : stream.options_json);
  if (!options.ok()) return options.error();
  Walk walk{stream, out, *kind, options->mode == "full", records_max, 0, {}, 0};
  const bool known = !walk.full || !stream.generation.empty();
  if (known && !stream.state_json.empty()) {
    const Result<Json> state = parse_json(stream.state_json);
    if (!state.ok()) return {Code::state, "The saved place is no JSON."};
    walk.place = place_of(*state);
  }
  RONDOM_TRY(out.stream(stream.name));
  const bool refresh = walk.full && records_max == 0;
  if (refresh) {
    const std::string generation =
        stream.generation.empty() ? std::to_string(api_.context().now_us()) : stream.generation;
    RONDOM_TRY(out.refresh_begin(stream.name, generation));
  }
  RONDOM_TRY(this->walk(walk));
  if (records_max != 0) return {};
  // In this order: a stop between the two has the list read again rather than left incomplete.
  if (refresh) RONDOM_TRY(out.refresh_complete(stream.name));
  return out.checkpoint(stream.name, refresh ? "{}" : state_of(walk.place));
}

Status Profiles::read(const ReadRequest& request, RecordWriter& out) {
  for (const ReadStream& stream : request.streams)
    RONDOM_TRY(read_stream(stream, request.records_max, out));
  return {};
}

}  // namespace rondom::klaviyo
