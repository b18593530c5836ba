// Profiles that leave: the list, e-mail, or Klaviyo altogether.
#include "destination.h"

namespace rondom::klaviyo {

/// The profile with all that Klaviyo holds of it; that takes its time there. Who is gone already is
/// done.
Status Lists::forget(Entry& entry, WriteResults& results) const {
  Json profile = reference("profile", entry.id);
  profile.set("attributes", Json::object());
  Json attributes = Json::object();
  attributes.set("profile", Json::object().set("data", std::move(profile)));
  HttpRequest asked = request("POST", "/data-privacy-deletion-jobs",
                              document("data-privacy-deletion-job", std::move(attributes)));
  const Result<HttpReply> reply = api_.send(asked.may_repeat());
  if (!reply.ok()) return reply.error();
  if (reply->ok() || reply->status == 404) return {};
  Failure failure = http_failure(*reply);
  if (failure.code == Code::data) {
    reject(entry, failure.message, results);
    return {};
  }
  if (!http_not_applied(*reply)) failure.code = Code::unavailable;
  return failure;
}

/// An address passes from one person to another, and what is done to a profile is not done to an
/// address: only an unsubscription is. Who is somebody else is left as is, for ours is gone; who
/// may be, is for people to look at.
void Lists::leave_others_alone(Entry& entry, WriteResults& results) const {
  const bool somebody_else = entry.by_email && !entry.external_id.empty() &&
                             !entry.known_external_id.empty() &&
                             entry.known_external_id != entry.external_id;
  if (entry.split || somebody_else) {
    entry.settled = true;
    results.accepted(entry.index, {});
  } else if (entry.by_email && entry.moved) {
    reject(entry,
           "Klaviyo has no such profile any more, and another one has its e-mail address: merged "
           "there, or somebody else",
           results);
  }
}

Status Lists::remove(Entries entries, std::string_view action, WriteResults& results) const {
  const Some all = those(entries);
  if (all.empty()) return {};
  if (const Status found = find(all); !found.ok()) {
    give_back(all, found.error(), results);
    return found.error();
  }
  for (Entry* entry : all) {
    const bool nameless = entry->email.empty() && entry->external_id.empty();
    if (entry->there) {
      if (action == "unsubscribe" && entry->known_email.empty())
        reject(*entry, "the profile has no e-mail address at Klaviyo", results);
      if (action != "unsubscribe") leave_others_alone(*entry, results);
    } else if (nameless && entry->id.empty()) {
      reject(*entry, "cannot be found: Klaviyo gave no id and no address is known", results);
    } else if (nameless && action == "unsubscribe") {
      reject(*entry, "Klaviyo has no such profile any more, and no address is known", results);
    } else {
      entry->settled = true;
      results.accepted(entry->index, entry->id);
    }
  }
  Status status;
  if (action == "delete") {
    for (Entry* entry : those(entries)) {
      status = forget(*entry, results);
      if (status.ok()) continue;
      give_back({&entry, 1}, status.error(), results);
      break;
    }
  } else {
    if (action == "unsubscribe") status = withdraw_consent(those(entries), results);
    if (status.ok()) status = change_list("DELETE", those(entries), results);
  }
  if (!status.ok()) give_back(all, {Code::transient, status.error().message}, results);
  for (const Entry* entry : those(entries)) results.accepted(entry->index, entry->id);
  return status;
}

}  // namespace rondom::klaviyo
