// What changed since the last run: the search, the archive, and e-mail subscriptions.
#include <algorithm>
#include <map>

#include "source.h"
#include "times.h"

namespace rondom::hubspot {
namespace {

Result<Place> place_of(const std::string& text) {
  Place place;
  if (text.empty()) return place;
  const Result<Json> state = parse_json(text);
  if (!state.ok()) return Failure{Code::state, "The saved place is no JSON."};
  place.tie = state->text_or("tie", "");
  place.since = state->integer_or("since", 0);
  place.archived = state->integer_or("archived", place.since);
  if (place.tie.empty()) place.since = std::max<std::int64_t>(0, place.since - overlap_ms);
  return place;
}

std::string state_of(const Wanted& wanted, const Place& place) {
  Json state = Json::object();
  state.set("since", Json::of(place.since));
  state.set("archived", Json::of(place.archived));
  if (!place.tie.empty()) state.set("tie", Json::of(place.tie));
  if (!wanted.selected.is_null()) state.set("selected", wanted.selected);
  return state.to_text();
}

Json filter(std::string_view property, const char* operation, std::string value) {
  Json one = Json::object();
  one.set("propertyName", Json::of(std::string(property)))
      .set("operator", Json::of(std::string(operation)))
      .set("value", Json::of(std::move(value)));
  return one;
}

/// Ids are numbers of any length.
bool smaller_id(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

Result<Json> Records::search(const Wanted& wanted, const Place& place) const {
  const bool ties = !place.tie.empty();
  Json filters = Json::list();
  filters.push(filter(wanted.stream.modified, ties ? "EQ" : "GTE", std::to_string(place.since)));
  if (ties) filters.push(filter("hs_object_id", "GT", place.tie));
  Json sort = Json::object();
  sort.set("propertyName", Json::of(std::string(ties ? "hs_object_id" : wanted.stream.modified)))
      .set("direction", Json::of(std::string("ASCENDING")));
  Json groups = Json::list();
  groups.push(Json::object().set("filters", std::move(filters)));
  Json body = Json::object();
  body.set("filterGroups", std::move(groups))
      .set("sorts", Json::list().push(std::move(sort)))
      .set("properties", list_of(wanted.properties))
      .set("limit", Json::of(static_cast<std::int64_t>(search_page)));
  const std::string path = "/crm/v3/objects/" + std::string(wanted.stream.object) + "/search";
  return api_.call(HttpRequest::post(path).json(body));
}

/// Only ever the first page of a search, and each search begins where the last one ended: HubSpot
/// shows no more than 10,000 results of one search, and counted pages skip what moves back by a
/// place when a record before it is changed. Records of one moment that fill a page are read by
/// their ids.
Status Records::read_changes(const Wanted& wanted, const ReadStream& stream, RecordWriter& out) {
  const Result<Place> begun = place_of(stream.state_json);
  if (!begun.ok()) return begun.error();
  Place place = *begun;
  const std::int64_t started = api_.context().now_us() / 1'000;
  std::set<std::string> written;  // of the moment `place.since`, by the pages before
  std::uint64_t read = 0;
  for (std::uint64_t number = 1;; ++number) {
    if (number > pages_max) return {Code::data, "The changes did not end (pages_max)."};
    if (api_.context().cancelled()) return {Code::cancelled, "Stopped between two pages."};
    const Result<Json> page = search(wanted, place);
    if (!page.ok()) return page.error();
    const Json* results = page->find("results");
    if (results == nullptr || !results->is_list())
      return {Code::data, "HubSpot's answer to a search holds no results."};
    const bool ties = !place.tie.empty();
    const bool more = json_at(*page, "/paging/next/after") != nullptr;
    Objects objects;
    std::int64_t last = place.since;
    std::set<std::string> of_last = written;
    std::string behind = place.tie;
    for (const Json& object : results->items()) {
      const std::string id = object.text_or("id", "");
      const auto at = parse_time(property_of(object, wanted.stream.modified));
      const bool in_order = ties ? smaller_id(behind, id) && at == place.since : at && *at >= last;
      if (!in_order) {
        return {Code::data, "HubSpot's page " + std::to_string(number) + " of " +
                                std::string(wanted.stream.name) +
                                " holds what was not asked for; it may repeat the page before."};
      }
      if (ties) behind = id;
      if (*at != last) of_last.clear();
      last = *at;
      // Among ties the ids are in order: only the page that led here is remembered.
      if (ties ? written.count(id) == 0 : of_last.insert(id).second) objects.push_back(&object);
    }
    RONDOM_TRY(write_objects(wanted, objects, out));
    for (const Json* object : objects) {
      // A merge leaves one record, which names those that are gone.
      std::string merged = wanted.stream.name == email_status
                               ? std::string()
                               : property_of(*object, "hs_merged_object_ids");
      while (!merged.empty()) {
        const std::size_t end = std::min(merged.find(';'), merged.size());
        if (end > 0) {
          RONDOM_TRY(out.row()
                         .text("id", merged.substr(0, end))
                         .text("updatedAt", object->text_or("updatedAt", ""))
                         .operation(Operation::remove)
                         .changed_at(last * 1'000)
                         .done());
        }
        merged.erase(0, std::min(end + 1, merged.size()));
      }
    }
    read += objects.size();
    if (wanted.records_max != 0 && read >= wanted.records_max) return {};
    if (ties) {
      place.tie = more ? behind : std::string();
      if (!more) {
        ++place.since;
        written.clear();
      }
    } else if (more && last == place.since) {
      place.tie = "0";
      written = std::move(of_last);
    } else {
      place.since = last;
      written = std::move(of_last);
    }
    RONDOM_TRY(out.checkpoint(stream.name, state_of(wanted, place)));
    if (!more && !ties) break;
  }
  if (wanted.stream.name == email_status) return {};
  RONDOM_TRY(read_archived(wanted, place.archived - overlap_ms, out));
  place.archived = std::max(place.archived, started);
  return out.checkpoint(stream.name, state_of(wanted, place));
}

/// The search shows no archived records; their list is short, as HubSpot keeps them for 90 days.
Status Records::read_archived(const Wanted& wanted, std::int64_t since, RecordWriter& out) {
  HttpRequest first = HttpRequest::get("/crm/v3/objects/" + std::string(wanted.stream.object));
  first.query("limit", batch_max).query("archived", true);
  Pager pages = Pager::cursor(std::move(first), "/paging/next/after", Pager::in_query("after"));
  pages.items_at("/results");
  while (true) {
    const auto page = pages.next(api_.context());
    if (!page.ok()) return page.error();
    if (!*page) return {};
    for (const Json* object : (*page)->items()) {
      const std::string text = object->text_or("archivedAt", "");
      const auto at = parse_time(text);
      if (at && *at < since) continue;
      RONDOM_TRY(out.row()
                     .text("id", object->text_or("id", ""))
                     .text("updatedAt", text)
                     .operation(Operation::remove)
                     .changed_at(at ? *at * 1'000 : no_time)
                     .done());
    }
  }
}

/// What HubSpot has of some addresses, each in one list; nothing is taken of an answer with errors,
/// which do not say for certain whom they are about. False: it cannot answer for all of them.
Result<bool> Records::ask_subscriptions(std::span<const std::string> addresses, Told& told) const {
  Json inputs = Json::list();
  for (const std::string& address : addresses) inputs.push(Json::of(address));
  const Json body = Json::object().set("inputs", std::move(inputs));
  Told now;
  for (const bool all : {false, true}) {
    const std::string path = "/communication-preferences/v4/statuses/batch/" +
                             std::string(all ? "unsubscribe-all/read" : "read");
    const Result<Json> reply =
        api_.call(HttpRequest::post(path).query("channel", "EMAIL").json(body));
    if (!reply.ok()) return reply.error();
    const Json* errors = reply->find("errors");
    if (errors != nullptr && !errors->items().empty()) return false;
    const Json* results = reply->find("results");
    if (results == nullptr) return Failure{Code::data, "HubSpot's answer holds no results."};
    for (const Json& one : results->items()) {
      const Json* statuses = one.find(all ? "wideStatuses" : "statuses");
      if (statuses == nullptr) continue;
      auto& into =
          (all ? now.wide : now.subscriptions)[lower(one.text_or("subscriberIdString", ""))];
      into.insert(into.end(), statuses->items().begin(), statuses->items().end());
    }
  }
  told.subscriptions.merge(now.subscriptions);
  told.wide.merge(now.wide);
  return true;
}

/// One address of which nothing can be told does not keep the others from being heard.
Result<Records::Told> Records::subscriptions_of(const std::vector<std::string>& addresses) const {
  Told told;
  for (const Range whole : batches_of(addresses.size(), batch_max)) {
    Status failed;  // that no address is to blame for
    const auto ask = [&](Range part) -> Status {
      const Result<bool> all =
          ask_subscriptions(std::span(addresses).subspan(part.begin, part.size()), told);
      if (all.ok()) return *all ? Status() : Status(Code::data, "some have no answer");
      failed = all.status();
      return {Code::transient, "not asked"};
    };
    const auto alone = [&](std::size_t at, const Failure&) {
      told.unheard.insert(lower(addresses[at]));
    };
    const Status asked = bisect(whole, ask, alone, [](Range, const Failure&) {});
    if (!asked.ok()) return failed.ok() ? asked.error() : failed.error();
  }
  return told;
}

/// One record a contact: out of everything or not, each subscription, and whether mail bounces.
Status Records::write_email_status(const Objects& contacts, RecordWriter& out) {
  std::vector<std::string> addresses;
  for (const Json* contact : contacts) {
    const std::string address = property_of(*contact, "email");
    if (!address.empty()) addresses.push_back(address);
  }
  Result<Told> told = subscriptions_of(addresses);
  if (!told.ok()) return told.error();
  for (const Json* contact : contacts) {
    const std::string address = property_of(*contact, "email");
    if (address.empty()) continue;
    const bool opted_out = property_of(*contact, "hs_email_optout") == "true";
    if (!opted_out && told->unheard.count(lower(address)) != 0) {
      // With no subscriptions it would look as if they had said nothing.
      Json named = Json::object();
      named.set("id", Json::of(contact->text_or("id", "")));
      RONDOM_TRY(out.unreadable("HubSpot could not tell the subscriptions of this contact.",
                                named.to_text()));
      continue;
    }
    Json record = Json::object();
    record.set("id", Json::of(contact->text_or("id", ""))).set("email", Json::of(address));
    // A status may change without its contact, and is a newer version then.
    std::string updated = contact->text_or("updatedAt", "");
    const auto newer = [&](const std::string& at) {
      if (parse_time(at).value_or(0) > parse_time(updated).value_or(0)) updated = at;
    };
    bool out_of_all = opted_out;
    for (const Json& one : told->wide[lower(address)]) {
      if (one.text_or("status", "") != "UNSUBSCRIBED") continue;
      out_of_all = true;
      if (const Json* at = one.find("timestamp")) record.set("opted_out_at", *at);
      newer(one.text_or("timestamp", ""));
    }
    record.set("opted_out", Json::of_boolean(out_of_all));
    record.set("bounced", Json::of_boolean(
                              !property_of(*contact, "hs_email_hard_bounce_reason_enum").empty()));
    Json list = Json::list();
    for (const Json& one : told->subscriptions[lower(address)]) {
      Json kept = Json::object();
      kept.set("id", Json::of(std::to_string(one.integer_or("subscriptionId", 0))));
      for (const auto& [from, to] :
           {std::pair("subscriptionName", "name"), std::pair("status", "status"),
            std::pair("timestamp", "at"), std::pair("legalBasis", "legal_basis")}) {
        if (const Json* value = one.find(from); value != nullptr && !value->is_null())
          kept.set(to, *value);
      }
      newer(one.text_or("timestamp", ""));
      list.push(std::move(kept));
    }
    record.set("updatedAt", Json::of(updated));
    record.set("subscriptions", std::move(list));
    RONDOM_TRY(out.json(record.to_text(), changed_at(updated)));
  }
  return {};
}

}  // namespace rondom::hubspot
