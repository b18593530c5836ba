// Contacts that leave: the list, e-mail, or HubSpot altogether.
#include <algorithm>
#include <span>

#include "destination.h"

namespace rondom::hubspot {

/// Whoever was made without our hearing of it, or is no longer there by id (merged, made anew), is
/// found by the id property. Those whom HubSpot does not have are done. Brings id and e-mail of the
/// others.
Status Contacts::find(Entries& entries, WriteResults& results) {
  std::vector<std::string> wanted = {"email"};
  if (options_.id_property != "email") wanted.push_back(options_.id_property);
  std::map<std::string, std::pair<std::string, std::string>> known;  // id and e-mail, by name
  const auto name_of = [&](const Entry& entry, bool by_id) {
    if (by_id) return entry.id.empty() ? std::string() : "id " + entry.id;
    return lower(entry.unique);
  };
  const auto known_as = [&](const Entry& entry) {
    const auto by_id = known.find(name_of(entry, true));
    return by_id != known.end() ? by_id : known.find(name_of(entry, false));
  };
  for (const bool by_id : {true, false}) {
    std::vector<std::string> names;
    for (const Entry& entry : entries) {
      const std::string& name = by_id ? entry.id : entry.unique;
      if (!name.empty() && known_as(entry) == known.end()) names.push_back(name);
    }
    const auto found =
        api_.batch_read("contacts", by_id ? "" : options_.id_property, names, wanted);
    if (!found.ok()) return found.error();
    for (const Json& contact : *found) {
      const std::string id = contact.text_or("id", "");
      known["id " + id] = {id, property_of(contact, "email")};
      const std::string unique = lower(property_of(contact, options_.id_property));
      if (!unique.empty()) known[unique] = known["id " + id];
    }
  }
  Entries there;
  for (Entry& entry : entries) {
    const auto found = known_as(entry);
    if (found != known.end()) {
      std::tie(entry.id, entry.email) = found->second;
      there.push_back(std::move(entry));
    } else if (entry.id.empty() && entry.unique.empty()) {
      results.rejected(entry.index, "cannot be found: HubSpot gave no id and no " +
                                        options_.id_property + " is known");
    } else {
      results.accepted(entry.index, entry.id);
    }
  }
  entries = std::move(there);
  return {};
}

Status Contacts::change_list(const char* how, std::span<const Entry> entries) {
  Json ids = Json::list();
  for (const Entry& entry : entries) ids.push(Json::of(entry.id));
  const std::string path =
      "/crm/v3/lists/" + http_encoded(options_.list) + "/memberships/" + std::string(how);
  return api_.call(HttpRequest::put(path).json(ids)).status();
}

Status Contacts::unsubscribe(std::span<const Entry> entries) {
  Json inputs = Json::list();
  for (const Entry& entry : entries) {
    Json one = Json::of(entry.email);
    if (!options_.subscription.empty()) {
      const Result<Json> number = parse_json(options_.subscription);
      if (!number.ok() || !number->is_integer())
        return {Code::config, "The option subscription is no number."};
      one = Json::object();
      one.set("channel", Json::of(std::string("EMAIL")))
          .set("statusState", Json::of(std::string("UNSUBSCRIBED")))
          .set("subscriberIdString", Json::of(entry.email))
          .set("subscriptionId", *number);
    }
    inputs.push(std::move(one));
  }
  HttpRequest request =
      HttpRequest::post("/communication-preferences/v4/statuses/batch/" +
                        std::string(options_.subscription.empty() ? "unsubscribe-all" : "write"));
  if (options_.subscription.empty()) request.query("channel", "EMAIL");
  const Result<Json> reply =
      api_.call(request.json(Json::object().set("inputs", std::move(inputs))));
  if (!reply.ok()) return reply.error();
  const Json* errors = reply->find("errors");
  if (errors == nullptr || errors->items().empty()) return {};
  // Sent again in halves until it is known who is meant: saying no twice is saying no.
  HttpReply said;
  said.status = 400;
  said.body = errors->items()[0].to_text();
  return http_failure(said);
}

Status Contacts::remove(Entries entries, std::string_view action, WriteResults& results) {
  if (entries.empty()) return {};
  const auto give_back = [&](std::span<const Entry> some, const Failure& why) {
    for (const Entry& entry : some) results.retry(entry.index, why.message);
  };
  if (const Status found = find(entries, results); !found.ok()) {
    give_back(entries, found.error());
    return found.error();
  }
  Entries able;
  for (Entry& entry : entries) {
    if (action == "unsubscribe" && entry.email.empty()) {
      results.rejected(entry.index, "the contact has no e-mail address at HubSpot");
    } else {
      able.push_back(std::move(entry));
    }
  }
  const std::span<const Entry> all(able);
  const auto send = [&](Range part) -> Status {
    const std::span<const Entry> some = all.subspan(part.begin, part.size());
    if (action == "delete") {
      std::vector<std::string> ids;
      for (const Entry& entry : some) ids.push_back(entry.id);
      RONDOM_TRY(api_.call(HttpRequest::post("/crm/v3/objects/contacts/batch/archive")
                               .json(Json::object().set("inputs", inputs_of(ids))))
                     .status());
    } else {
      if (action == "unsubscribe") RONDOM_TRY(unsubscribe(some));
      if (!options_.list.empty()) RONDOM_TRY(change_list("remove", some));
    }
    for (const Entry& entry : some) results.accepted(entry.index, entry.id);
    return {};
  };
  for (const Range part : batches_of(able.size(), batch_max)) {
    const Status status = bisect(
        part, send,
        [&](std::size_t at, const Failure& why) { results.rejected(all[at].index, why.message); },
        [&](Range rest, const Failure& why) {
          give_back(all.subspan(rest.begin, rest.size()), why);
        });
    if (status.ok()) continue;
    give_back(all.subspan(part.end), status.error());
    return status.error();
  }
  return {};
}

}  // namespace rondom::hubspot
