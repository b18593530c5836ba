// People that come in: few one by one, many by bulk import; then the list and, if the job says so,
// consent.
#include <functional>
#include <set>

#include "destination.h"

namespace rondom::klaviyo {

/// What can be known before anything is sent. False = it has its result.
bool Lists::is_fit(Entry& entry, WriteResults& results) const {
  const std::string_view why = [&]() -> std::string_view {
    if (!entry.creates && !entry.there)
      return "Klaviyo has no such profile any more: deleted there";
    if (entry.creates && entry.email.empty() && entry.external_id.empty())
      return "a profile is made by its e-mail address or external_id: map email or external_id";
    if (entry.split)
      return "its external_id and its e-mail address belong to two different profiles of Klaviyo";
    if (entry.creates && entry.there && !entry.external_id.empty() &&
        !entry.known_external_id.empty() && entry.known_external_id != entry.external_id)
      return "Klaviyo's profile with this e-mail address has another external_id";
    if (options_.subscribe && entry.state.bounces)
      return "Klaviyo gave the address up: its mail bounces";
    if (entry.state.list_refused)
      return "suppressed for this list in Klaviyo: only the person or staff can lift it there";
    if (options_.subscribe && entry.state.refused && !entry.state.closed_by_us)
      return "unsubscribed or suppressed in Klaviyo: only the person can subscribe again, by a "
             "form of Klaviyo, or staff can lift it there";
    return {};
  }();
  if (!why.empty()) reject(entry, why, results);
  return why.empty();
}

Status Lists::write_one(Entry& entry, WriteResults& results) const {
  Json body = Json::object();
  body.set("data", profile_of(entry.fields, entry.id));
  HttpRequest asked = entry.there ? request("PATCH", "/profiles/" + http_encoded(entry.id), body)
                                  : request("POST", "/profile-import", body);
  asked.query("fields[profile]", "created");
  const Result<HttpReply> reply = api_.send(asked.may_repeat());
  if (!reply.ok()) return reply.error();
  if (reply->ok()) {
    const Result<Json> json = reply->json();
    if (!json.ok()) return {Code::unavailable, json.error().message};
    entry.adopted = entry.creates && (entry.there || reply->status == 200);
    entry.id = data_of(*json).text_or("id", entry.id);
    return {};
  }
  Failure failure = http_failure(*reply);
  if (failure.code != Code::data) {
    if (!http_not_applied(*reply)) failure.code = Code::unavailable;
    return failure;
  }
  if (reply->status == 404) {
    failure.message = "Klaviyo has no such profile any more: deleted there";
  } else if (reply->status == 409) {
    failure.message = "another profile of Klaviyo has one of its identifiers";
  }
  reject(entry, failure.message, results);
  return {};
}

/// POST = in, DELETE = out; both may be asked for twice. Entries without an id are in no list that
/// we know of.
Status Lists::change_list(std::string_view method, const Some& entries,
                          WriteResults& results) const {
  if (options_.list.empty() || entries.empty()) return {};
  const std::string path = "/lists/" + http_encoded(options_.list) + "/relationships/profiles";
  Call call;
  call.method = method;
  call.path = path;
  call.may_repeat = true;
  call.of_written = method == "POST";
  call.body = [](const Some& some) {
    Json ids = Json::list();
    for (const Entry* entry : some) ids.push(reference("profile", entry->id));
    return Json(Json::object().set("data", std::move(ids)));
  };
  return send_all(entries, batches_of(entries.size(), list_profiles_max), call, results);
}

Status Lists::upsert(Entries entries, WriteResults& results) {
  const Some all = those(entries);
  if (const Status found = find(all); !found.ok()) {
    give_back(all, found.error(), results);
    return found.error();
  }
  std::set<std::string> seen;
  for (Entry* entry : all) {
    if (!is_fit(*entry, results)) continue;
    entry->adopted = entry->creates && entry->there;
    if (!entry->there) drop_clearing(entry->fields);
    bool first = true;
    for (const std::string& name :
         {"id " + entry->id, "email " + entry->email, "external_id " + entry->external_id}) {
      if (name.back() != ' ') first = seen.insert(name).second && first;
    }
    if (!first) {
      reject(*entry, "another profile of this delivery has the same identifier", results);
    } else if (profile_of(entry->fields, entry->id).to_text().size() > profile_bytes_max) {
      reject(*entry, "the profile is larger than the 100 KB that Klaviyo takes", results);
    }
  }
  // A bulk import skips what is to be cleared, so those go one by one as well.
  const bool few = those(entries).size() <= single_profiles_max;
  const auto is_single = [&](const Entry& entry) { return few || entry.fields.clears; };
  const Some singles = those(entries, is_single);
  Status status = import(those(entries, std::not_fn(is_single)), results);
  for (Entry* entry : singles) {
    if (!status.ok()) break;
    status = write_one(*entry, results);
    if (!status.ok()) give_back({&entry, 1}, status.error(), results);
  }
  if (!status.ok()) give_back(all, {Code::transient, status.error().message}, results);
  const auto note = [&](const Status& more, const char* what) {
    if (more.ok()) return;
    // Written, and not all that was asked for: sent again, which may be done.
    const Failure why{Code::unavailable, std::string(what) + more.error().message};
    give_back(those(entries), why, results);
    if (status.ok()) status = more.error();
  };
  note(change_list("POST", those(entries, is_single), results), "the list was not entered: ");
  note(give_consent(those(entries), results), "consent was not passed on: ");
  for (const Entry* entry : those(entries))
    results.accepted(entry->index, entry->id, entry->adopted);
  return status;
}

}  // namespace rondom::klaviyo
