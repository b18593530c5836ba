// People that come in: new ones in batches, known ones one by one, and the tag for all of them.
#include <algorithm>
#include <set>

#include "destination.h"
#include "member_json.h"

namespace rondom::mailchimp {
namespace {

Json problem_of(const HttpReply& reply) {
  const Result<Json> json = parse_json(reply.body);
  return json.ok() ? *json : Json::object();
}

/// Why somebody who is in the audience gets no mail and is not brought back by us; empty = they may
/// get it.
std::string_view closed_because(const Json& member) {
  const std::string status = member.text_or("status", "");
  if (status == "subscribed" || status == "pending" || status == "transactional") return {};
  if (closed_by_us(member)) return {};
  if (status == "cleaned") return "Mailchimp cleaned the address: its mail bounces";
  if (status == "archived") return "archived in Mailchimp by somebody: bring it back there";
  return "unsubscribed in Mailchimp: only the person can subscribe again, by a form of Mailchimp";
}

/// Nothing of this was the member's fault, so it is tried again.
bool passing(const Failure& failure) {
  return failure.code != Code::data;
}

}  // namespace

/// Mailchimp answers 200 whatever became of single members; who is named nowhere is unknown.
Status Audience::take_created(const Json& reply, std::span<Entry> entries, Session& session,
                              std::vector<Entry>& done, std::vector<Entry>& there) {
  std::map<std::string, const Json*> made, errors;
  for (const char* name : {"new_members", "updated_members"}) {
    const Json* list = reply.find(name);
    if (list == nullptr) continue;
    for (const Json& member : list->items())
      made[lower(member.text_or("email_address", ""))] = &member;
  }
  if (const Json* list = reply.find("errors"); list != nullptr) {
    for (const Json& error : list->items())
      errors[lower(error.text_or("email_address", ""))] = &error;
  }
  for (Entry& entry : entries) {
    const auto error = errors.find(entry.email);
    if (const auto found = made.find(entry.email); found != made.end()) {
      entry.hash = name_of(*found->second, entry.hash);
      done.push_back(std::move(entry));
    } else if (error == errors.end()) {
      session.results.unknown(entry.index, "Mailchimp said nothing about this member.");
    } else if (error->second->text_or("error_code", "") == "ERROR_CONTACT_EXISTS") {
      there.push_back(std::move(entry));
    } else {
      session.results.rejected(entry.index, refusal(*error->second));
    }
  }
  return {};
}

/// New members only (update_existing is off): nobody's "no" is overwritten, and sending twice is
/// sending once. One bad member can spoil a whole batch: the halves show which.
Status Audience::create(std::span<Entry> entries, Session& session, std::vector<Entry>& done,
                        std::vector<Entry>& there) {
  if (entries.empty()) return {};
  Json members = Json::list();
  for (const Entry& entry : entries) {
    Json member = entry.member;
    members.push(std::move(member.set("status", Json::of(options_.status))));
  }
  Json body = Json::object();
  body.set("members", std::move(members)).set("update_existing", Json::of_boolean(false));
  const Result<HttpReply> reply = send("POST", "", body);
  if (!reply.ok()) {
    give_back(entries, reply.error(), session);
    return reply.status();
  }
  if (reply->ok()) {
    const Result<Json> json = reply->json();
    if (json.ok()) return take_created(*json, entries, session, done, there);
    give_back(entries, {Code::unavailable, json.error().message}, session);
    return {Code::unavailable, json.error().message};
  }
  const Failure failure = http_failure(*reply);
  if (passing(failure)) {
    const bool certain = http_not_applied(*reply) || failure.code == Code::auth;
    give_back(entries, certain ? failure : Failure{Code::unavailable, failure.message}, session);
    return failure;
  }
  if (entries.size() == 1) {
    session.results.rejected(entries.front().index, refusal(problem_of(*reply)));
    return {};
  }
  const std::size_t half = entries.size() / 2;
  const Status first = create(entries.first(half), session, done, there);
  if (!first.ok()) {
    give_back(entries.subspan(half), {Code::transient, first.error().message}, session);
    return first.error();
  }
  return create(entries.subspan(half), session, done, there);
}

/// Whom we closed is subscribed again, as they are permitted again. Mailchimp sometimes answers 200
/// and keeps the old status, so the answer is looked at.
Status Audience::reopen(Entry& entry, Session& session, bool& open) {
  const Result<HttpReply> reply = send("PATCH", "/members/" + http_encoded(entry.hash),
                                       Json::object().set("status", Json::of(options_.status)));
  if (!reply.ok()) return reply.error();
  if (!reply->ok()) {
    const Failure failure = http_failure(*reply);
    if (passing(failure)) return failure;
    session.results.rejected(entry.index, refusal(problem_of(*reply)));
    return {};
  }
  const Result<Json> member = reply->json();
  if (!member.ok()) return {Code::unavailable, member.error().message};
  open = member->text_or("status", "") == options_.status;
  if (!open) session.results.rejected(entry.index, "Mailchimp kept the member unsubscribed");
  return {};
}

/// Looks before anything is written: an edit moves a member's last_changed, by which an old no of
/// theirs would look newer than a yes that came since.
Status Audience::look(const Entry& entry, Session& session, bool& goes_on) {
  const Result<HttpReply> reply = send("GET", "/members/" + http_encoded(entry.hash), Json());
  if (!reply.ok()) return reply.error();
  goes_on = true;
  if (!reply->ok()) {
    const Failure failure = http_failure(*reply);
    return passing(failure) ? Status(failure) : Status();  // the edit will say what is wrong
  }
  const Result<Json> member = reply->json();
  if (!member.ok()) return Failure{Code::transient, member.error().message};
  const std::string_view why = closed_because(*member);
  goes_on = why.empty();
  if (!goes_on) session.results.rejected(entry.index, why);
  return {};
}

/// Edits a member without touching the status. Ok = the entry has its result, or is in `done`.
Status Audience::edit(Entry entry, Session& session, std::vector<Entry>& done) {
  bool goes_on = false;
  RONDOM_TRY(look(entry, session, goes_on));
  if (!goes_on) return {};
  const Result<HttpReply> reply =
      send("PATCH", "/members/" + http_encoded(entry.hash), entry.member);
  if (!reply.ok()) return reply.error();
  if (!reply->ok()) {
    const Failure failure = http_failure(*reply);
    if (passing(failure)) return failure;
    session.results.rejected(
        entry.index, reply->status == 404 ? "Mailchimp has no such member any more: deleted there, "
                                            "or the address was changed there"
                                          : refusal(problem_of(*reply)));
    return {};
  }
  const Result<Json> member = reply->json();
  if (!member.ok()) return Failure{Code::unavailable, member.error().message};
  entry.email = member->text_or("email_address", entry.email);
  entry.hash = name_of(*member, entry.hash);
  entry.tagged = options_.tag.empty() || has_tag(*member, options_.tag);
  const std::string status = member->text_or("status", "");
  bool open = status == "subscribed" || status == "pending";
  if (const std::string_view why = closed_because(*member); !why.empty()) {
    session.results.rejected(entry.index, why);
    return {};
  }
  if (!open) {
    RONDOM_TRY(reopen(entry, session, open));
    if (!open) return {};
  }
  if (has_tag(*member, own_mark))
    RONDOM_TRY(set_tags(http_encoded(entry.hash), {{std::string(own_mark), false}}));
  done.push_back(std::move(entry));
  return {};
}

/// A tag is a static segment by another name: its id, and made when the audience has none of the
/// name.
Status Audience::find_tag() {
  if (!tag_id_.empty()) return {};
  Result<HttpRequest> request = api_.request("GET", path_ + "/tag-search");
  if (!request.ok()) return request.error();
  const Result<Json> found = api_.fetch(request->query("name", options_.tag));
  if (!found.ok()) return found.error();
  const Json* tags = found->find("tags");
  for (const Json& tag : tags == nullptr ? std::vector<Json>() : tags->items()) {
    if (lower(tag.text_or("name", "")) == lower(options_.tag))
      tag_id_ = std::to_string(tag.integer_or("id", 0));
  }
  if (!tag_id_.empty()) return {};
  Json body = Json::object();
  body.set("name", Json::of(options_.tag)).set("static_segment", Json::list());
  const Result<HttpReply> made = send("POST", "/segments", body);
  if (!made.ok()) return made.error();
  if (!made->ok()) return http_failure(*made);
  const Result<Json> tag = made->json();
  if (!tag.ok()) return tag.error();
  tag_id_ = std::to_string(tag->integer_or("id", 0));
  return {};
}

/// A tag that is not put says nothing against who was to get it: both may be done again.
Status Audience::put_tag(std::span<Entry> done, Session& session) {
  Json emails = Json::list();
  for (const Entry& entry : done) {
    if (!entry.tagged && !options_.tag.empty()) emails.push(Json::of(entry.email));
  }
  std::set<std::string> refused;
  Status status;
  if (!emails.items().empty()) {
    status = find_tag();
    Result<HttpReply> reply = HttpReply{};
    if (status.ok()) {
      reply = send("POST", "/segments/" + tag_id_,
                   Json::object().set("members_to_add", std::move(emails)));
      status = reply.ok() && !reply->ok() ? Status(http_failure(*reply)) : reply.status();
    }
    const Result<Json> json = status.ok() ? reply->json() : Result<Json>(Json());
    if (!json.ok()) status = Failure{Code::unavailable, json.error().message};
    const Json* errors = json.ok() ? json->find("errors") : nullptr;
    for (const Json& error : errors == nullptr ? std::vector<Json>() : errors->items()) {
      const Json* addresses = error.find("email_addresses");
      if (addresses == nullptr) continue;
      for (const Json& one : addresses->items()) refused.insert(lower(one.as_text()));
    }
  }
  if (!status.ok()) {
    Failure why = status.error();
    // The one that the options name; it may have been deleted since it was looked for.
    if (why.code == Code::data) why.code = Code::config;
    if (why.code == Code::config) tag_id_.clear();
    why.message = "The tag was not put: " + why.message;
    status = why;
  }
  for (const Entry& entry : done) {
    if (!status.ok() && !entry.tagged) {
      // A member all the same, of whom Mailchimp has to hear should they say no before that.
      session.results.unknown(entry.index, status.error().message);
    } else if (!entry.tagged && refused.count(lower(entry.email)) != 0) {
      session.results.rejected(entry.index, "Mailchimp did not put the tag on the member");
    } else {
      session.results.accepted(entry.index, entry.hash,
                               entry.known && session.batch.records[entry.index].remote_id.empty());
    }
  }
  return status;
}

Status Audience::upsert(std::vector<Entry> entries, Session& session) {
  std::set<std::string> emails;
  std::vector<Entry> fresh, there, done;
  for (Entry& entry : entries) {
    if (!entry.known && entry.email.empty()) {
      session.results.rejected(entry.index,
                               "a member is made by its e-mail address: map email_address");
    } else if (!entry.email.empty() && !emails.insert(entry.email).second) {
      session.results.rejected(entry.index,
                               "another profile of this delivery has the same e-mail address");
    } else {
      (entry.known ? there : fresh).push_back(std::move(entry));
    }
  }
  Status status;
  const std::span<Entry> all(fresh);
  for (std::size_t at = 0; at < all.size(); at += batch_max) {
    const std::span<Entry> part = all.subspan(at, std::min(batch_max, all.size() - at));
    if (status.ok()) {
      status = create(part, session, done, there);
    } else {
      give_back(part, {Code::transient, status.error().message}, session);
    }
  }
  for (std::size_t i = 0; i < there.size(); ++i) {
    there[i].known = true;
    if (!status.ok()) {
      give_back({&there[i], 1}, {Code::transient, status.error().message}, session);
      continue;
    }
    status = edit(there[i], session, done);
    if (!status.ok()) give_back({&there[i], 1}, status.error(), session);
  }
  const std::span<Entry> made(done);
  for (std::size_t at = 0; at < made.size(); at += batch_max) {
    const Status put = put_tag(made.subspan(at, std::min(batch_max, made.size() - at)), session);
    if (status.ok()) status = put.ok() ? Status() : Status(put.error());
  }
  return status;
}

}  // namespace rondom::mailchimp
