// Consent to e-mail: given only where the job says so and nobody said no, and withdrawn with a mark
// that it was us.
#include "destination.h"

namespace rondom::klaviyo {
namespace {

/// {"type": "profile", "attributes": {"email": …, "subscriptions": {"email": {"marketing":
/// {"consent": …}}}}}
Json consent_of(const std::string& email, const char* consent) {
  Json marketing = Json::object();
  marketing.set("marketing", Json::object().set("consent", Json::of(std::string(consent))));
  Json attributes = Json::object();
  attributes.set("email", Json::of(email))
      .set("subscriptions", Json::object().set("email", std::move(marketing)));
  Json profile = Json::object();
  profile.set("type", Json::of(std::string("profile"))).set("attributes", std::move(attributes));
  return profile;
}

Json address_of(const std::string& email) {
  Json profile = Json::object();
  profile.set("type", Json::of(std::string("profile")))
      .set("attributes", Json::object().set("email", Json::of(email)));
  return profile;
}

Json job_of(std::string_view type, Json profiles) {
  return document(type,
                  Json::object().set("profiles", Json::object().set("data", std::move(profiles))));
}

}  // namespace

/// Sets or, with an empty moment, takes away the mark.
Status Lists::mark(const Entry& entry, const std::string& moment) const {
  ProfileFields fields;
  if (moment.empty()) {
    fields.unset.push(Json::of(std::string(own_mark)));
  } else {
    fields.properties.set(std::string(own_mark), Json::of(moment));
  }
  HttpRequest asked = request("PATCH", "/profiles/" + http_encoded(entry.id),
                              Json::object().set("data", profile_of(fields, entry.id)));
  const Result<HttpReply> reply = api_.send(asked.query("fields[profile]", "created").may_repeat());
  if (!reply.ok()) return reply.error();
  return reply->ok() ? Status() : Status(http_failure(*reply));
}

/// What they say from now on is theirs. A mark that stays would have that taken for ours, so
/// nothing is given to a profile that keeps it.
Status Lists::unmark(std::span<Entry* const> entries, WriteResults& results) const {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Entry& entry = *entries[i];
    if (entry.settled || !entry.state.marked) continue;
    Status done = mark(entry, "");
    if (done.ok()) continue;
    if (done.error().code == Code::data) {
      reject(entry, "the mark that Rondom closed it stays: " + done.error().message, results);
      continue;
    }
    Some left;
    for (Entry* one : entries.subspan(i)) {
      if (one->state.marked) left.push_back(one);
    }
    // Written all the same.
    give_back(left, {Code::unavailable, "the mark was not taken away: " + done.error().message},
              results);
    return done;
  }
  return {};
}

/// Whoever comes in now, and whom we had closed. Not whoever is merely changed: with double opt-in
/// each asking sends the person another mail. For the same reason a lost answer is not repeated
/// here. The mark goes first: were we to die in between, our own "no" would be taken for theirs,
/// and never the other way round.
Status Lists::give_consent(const Some& entries, WriteResults& results) const {
  Some asked, suppressed, open;
  for (Entry* entry : entries) {
    const bool fresh = entry->creates && !entry->state.subscribed;
    if (options_.subscribe && (fresh || entry->state.closed_by_us)) {
      if (entry->email.empty()) entry->email = entry->known_email;
      if (entry->email.empty()) {
        reject(*entry, "consent to e-mail needs an e-mail address: map email", results);
      } else {
        asked.push_back(entry);
      }
    } else if (!options_.subscribe && entry->state.closed_by_us && entry->state.suppressed) {
      suppressed.push_back(entry);
    } else if (!entry->state.refused) {
      open.push_back(entry);
    }
  }
  Status status;
  for (const Some* some : {&asked, &suppressed, &open}) {
    Status unmarked = unmark(*some, results);
    if (status.ok()) status = std::move(unmarked);
  }
  Call call;
  call.method = "POST";
  call.path = "/profile-subscription-bulk-create-jobs";
  call.of_written = true;
  call.body = [&](const Some& some) {
    Json profiles = Json::list();
    for (const Entry* entry : some) {
      Json one = consent_of(entry->email, "SUBSCRIBED");
      if (!entry->id.empty()) one.set("id", Json::of(entry->id));
      profiles.push(std::move(one));
    }
    Json data = data_of(job_of("profile-subscription-bulk-create-job", std::move(profiles)));
    Json attributes = *data.find("attributes");
    attributes.set("custom_source", Json::of(std::string(own_source)));
    data.set("attributes", std::move(attributes));
    if (!options_.list.empty()) {
      Json list = Json::object();
      list.set("data", reference("list", options_.list));
      data.set("relationships", Json::object().set("list", std::move(list)));
    }
    return Json(Json::object().set("data", std::move(data)));
  };
  RONDOM_TRY(send_all(asked, batches_of(asked.size(), subscribe_profiles_max), call, results));
  call.path = "/profile-suppression-bulk-delete-jobs";
  call.may_repeat = true;
  call.body = [](const Some& some) {
    Json profiles = Json::list();
    for (const Entry* entry : some) profiles.push(address_of(entry->known_email));
    return job_of("profile-suppression-bulk-delete-job", std::move(profiles));
  };
  RONDOM_TRY(
      send_all(suppressed, batches_of(suppressed.size(), unsubscribe_profiles_max), call, results));
  return status;
}

/// Those who still get mail, or would. The mark goes first: were we to die in between, a profile
/// that is closed and lacks it would look as if they had said no themselves. Who is gone needs
/// none, and a refusal of the mark stops no "no": it would only be taken for theirs.
Status Lists::withdraw_consent(const Some& entries, WriteResults& results) const {
  const bool suppress = options_.withdraw == "suppress";
  Some open;
  for (Entry* entry : entries) {
    const EmailState& state = entry->state;
    // Their consent would come back with the mail once staff lift what keeps it from them.
    const bool consents = !suppress && state.subscribed && !state.unsubscribed;
    if (!state.all_refused || consents) open.push_back(entry);
  }
  Call call;
  call.method = "POST";
  call.path =
      suppress ? "/profile-suppression-bulk-create-jobs" : "/profile-subscription-bulk-delete-jobs";
  call.may_repeat = true;
  call.body = [&](const Some& some) {
    Json profiles = Json::list();
    for (const Entry* entry : some) {
      profiles.push(suppress ? address_of(entry->known_email)
                             : consent_of(entry->known_email, "UNSUBSCRIBED"));
    }
    return job_of(
        suppress ? "profile-suppression-bulk-create-job" : "profile-subscription-bulk-delete-job",
        std::move(profiles));
  };
  for (const Range part : batches_of(open.size(), unsubscribe_profiles_max)) {
    const auto some = std::span<Entry* const>(open).subspan(part.begin, part.size());
    Status status;
    for (std::size_t i = 0; i < some.size() && status.ok(); ++i) {
      status = mark(*some[i], format_rfc3339(api_.context().now_us() / 1'000'000));
      if (!status.ok() && status.error().code == Code::data) status = Status();
    }
    if (status.ok()) status = send_all(some, {{0, some.size()}}, call, results);
    if (status.ok()) continue;
    give_back(some, status.error(), results);
    return status;
  }
  return {};
}

}  // namespace rondom::klaviyo
