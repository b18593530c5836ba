// People to contacts: looked for, made or edited, and into the segment.
#include <algorithm>
#include <span>

#include "contact_json.h"
#include "destination.h"

namespace rondom::mautic {

/// Finds contacts that are there already, by e-mail address.
Status Contacts::adopt_known(std::vector<Entry>& entries, Session& session) {
  std::map<std::string, std::size_t> by_email;  // position in entries
  std::vector<Entry> kept;
  for (Entry& entry : entries) {
    if (entry.id.empty()) {
      const std::string email = email_of(entry.fields);
      if (email.empty()) {
        session.results.rejected(entry.index,
                                 "a contact is made by its e-mail address: map the field email");
        continue;
      }
      if (!by_email.emplace(email, kept.size()).second) {
        session.results.rejected(entry.index,
                                 "another profile of this delivery has the same e-mail address");
        continue;
      }
    }
    kept.push_back(std::move(entry));
  }
  entries = std::move(kept);
  std::vector<std::string> emails;
  for (const auto& [email, position] : by_email) emails.push_back(email);
  const Result<std::vector<Json>> found = api_.find("email", emails);
  if (!found.ok()) return found.error();
  for (const Json& contact : *found) {
    const auto known = by_email.find(email_of_contact(contact));
    if (known == by_email.end() || !entries[known->second].id.empty()) continue;
    entries[known->second].id = text_of(contact, "id");
    entries[known->second].email_there = known->first;
    entries[known->second].adopted = true;
  }
  return {};
}

Status Contacts::note_emails(std::vector<Entry>& entries) {
  std::map<std::string, Entry*> by_id;
  std::vector<std::string> ids;
  for (Entry& entry : entries) {
    if (entry.id.empty() || !entry.email_there.empty()) continue;
    if (by_id.emplace(entry.id, &entry).second) ids.push_back(entry.id);
  }
  const Result<std::vector<Json>> found = api_.find("id", ids);
  if (!found.ok()) return found.error();
  for (const Json& contact : *found) {
    const auto known = by_id.find(text_of(contact, "id"));
    if (known != by_id.end()) known->second->email_there = email_of_contact(contact);
  }
  return {};
}

Status Contacts::take_reply(const Json& reply, std::span<Entry> entries, Session& session,
                            std::vector<Entry>& done) {
  const Json* const contacts = reply.find("contacts");
  const Json* const codes = reply.find("statusCodes");
  const Json* const errors = reply.find("errors");
  const std::size_t done_before = done.size();
  std::vector<std::string> lifted;  // said no once, so we had it said there; permitted again now
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Entry& entry = entries[i];
    const Json* const code = position(codes, i);
    if (code == nullptr) {
      session.results.unknown(entry.index, "Mautic said nothing about this contact.");
      continue;
    }
    if (code->as_integer() == 404) {
      session.results.rejected(entry.index,
                               "Mautic has no such contact any more: deleted or merged there");
      continue;
    }
    if (code->as_integer() >= 500) {
      session.results.unknown(entry.index, "Mautic failed at this contact.");
      continue;
    }
    if (code->as_integer() >= 400) {
      HttpReply one;
      one.status = static_cast<std::uint32_t>(code->as_integer());
      if (const Json* error = position(errors, i)) one.body = error->to_text();
      session.results.rejected(entry.index, http_failure(one).message);
      continue;
    }
    const Json* const contact = position(contacts, i);
    if (contact == nullptr && entry.id.empty()) {
      session.results.unknown(entry.index, "Mautic did not say which contact it made.");
      continue;
    }
    if (contact != nullptr) {
      if (code->as_integer() == 200 && entry.id.empty()) entry.adopted = true;
      entry.id = text_of(*contact, "id");
      if (has_entry(*contact, own_comment)) lifted.push_back(entry.id);
    }
    done.push_back(std::move(entry));
  }
  const Status contactable = set_do_not_contact(lifted, false);
  if (contactable.ok()) return {};
  for (std::size_t i = done.size(); i-- > done_before;) {
    if (std::find(lifted.begin(), lifted.end(), done[i].id) == lifted.end()) continue;
    session.results.unknown(done[i].index, contactable.error().message);
    done.erase(done.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return {};
}

Status Contacts::send_once(const std::string& method, const std::string& path,
                           std::span<Entry> entries, Session& session, std::vector<Entry>& done) {
  Json body = Json::list();
  for (const Entry& entry : entries) {
    Json one = Json::object();
    for (const auto& member : entry.fields.members()) {
      // An e-mail that is named again has Mautic merge the contact with a double, for good.
      const bool held = member.first == "email" && !entry.email_there.empty() &&
                        email_of(entry.fields) == entry.email_there;
      if (!held) one.set(member.first, member.second);
    }
    if (!entry.id.empty()) {
      // Without it Mautic skips what is to be cleared.
      one.set("id", Json::of(entry.id)).set("overwriteWithBlank", Json::of_boolean(true));
    }
    body.push(std::move(one));
  }
  HttpRequest request = HttpRequest::of(method, path);
  request.json(body);
  if (method == "PATCH") request.may_repeat();
  const Result<HttpReply> reply = api_.send(request);
  if (!reply.ok()) return reply.error();
  if (reply->ok()) {
    const Result<Json> json = reply->json();
    if (json.ok()) return take_reply(*json, entries, session, done);
    for (const Entry& entry : entries) session.results.unknown(entry.index, json.error().message);
    return {};
  }
  const Failure failure = http_failure(*reply);
  const bool certain = http_not_applied(*reply) || failure.code == Code::auth;
  return certain ? failure : Failure{Code::unavailable, failure.message};
}

/// One bad contact can spoil a whole batch: the halves show which.
Status Contacts::send(const std::string& method, const std::string& path, std::span<Entry> entries,
                      Session& session, std::vector<Entry>& done) {
  return bisect(
      {0, entries.size()},
      [&](Range part) {
        return send_once(method, path, entries.subspan(part.begin, part.size()), session, done);
      },
      [&](std::size_t at, const Failure& why) {
        session.results.rejected(entries[at].index, why.message);
      },
      [&](Range part, const Failure& why) {
        give_back(entries.subspan(part.begin, part.size()), why, session);
      });
}

Result<Json> Contacts::ask_to_enter(std::span<Entry> some) {
  Json ids = Json::list();
  for (const Entry& entry : some) ids.push(Json::of(entry.id));
  HttpRequest request = HttpRequest::post("/api/segments/" + segment_id_ + "/contacts/add");
  request.json(Json::object().set("ids", std::move(ids))).may_repeat();
  const Result<HttpReply> reply = api_.send(request);
  if (!reply.ok()) return reply.error();
  if (reply->ok()) {
    Result<Json> said = reply->json();
    // It may have been done all the same.
    return said.ok() ? said : Failure{Code::unavailable, said.error().message};
  }
  Failure why = http_failure(*reply);
  if (why.code == Code::data) why.code = Code::config;  // the segment that the options name
  return why;
}

/// A segment that is not entered says nothing against who was to enter it: both may be done again.
/// They are contacts all the same, of whom Mautic has to hear should they say no before that.
Status Contacts::enter_segment(std::span<Entry> done, Session& session) {
  const bool asked = !segment_id_.empty() && !done.empty();
  const Result<Json> said = asked ? ask_to_enter(done) : Result<Json>(Json::object());
  if (!said.ok()) {
    const Failure why{said.error().code, "The segment was not entered: " + said.error().message,
                      said.error().retry_after_ms};
    for (const Entry& entry : done) session.results.unknown(entry.index, why.message);
    return why;
  }
  for (const Entry& entry : done) {
    const Json* details = said->find("details");
    const Json* one = details == nullptr ? nullptr : details->find(entry.id);
    if (asked && (one == nullptr || !one->boolean_or("success", false))) {
      session.results.rejected(entry.index, "Mautic did not add the contact to the segment");
    } else {
      session.results.accepted(entry.index, entry.id, entry.adopted);
    }
  }
  return {};
}

Status Contacts::upsert(std::vector<Entry> entries, Session& session) {
  if (entries.empty()) return {};
  Status known = adopt_known(entries, session);
  if (known.ok()) known = note_emails(entries);
  if (!known.ok()) {
    give_back(entries, {Code::transient, known.error().message}, session);
    return concerning_all(known.error());
  }
  const auto made_first = std::stable_partition(
      entries.begin(), entries.end(), [](const Entry& entry) { return entry.id.empty(); });
  const auto made = static_cast<std::size_t>(made_first - entries.begin());
  const std::span<Entry> all(entries);
  std::vector<Entry> done;
  Status status = send("POST", "/api/contacts/batch/new", all.first(made), session, done);
  if (status.ok()) {
    status = send("PATCH", "/api/contacts/batch/edit", all.subspan(made), session, done);
  } else {
    give_back(all.subspan(made), {Code::transient, status.error().message}, session);
  }
  Status entered = enter_segment(done, session);
  if (!status.ok()) return status;
  return entered;
}

}  // namespace rondom::mautic
