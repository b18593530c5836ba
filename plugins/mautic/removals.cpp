// Contacts that leave: the segment, the channel, or Mautic altogether.
#include <algorithm>

#include "contact_json.h"
#include "destination.h"

namespace rondom::mautic {

Status Contacts::leave_segment(const std::string& contact) {
  if (segment_id_.empty()) return {};
  return call(
      HttpRequest::post("/api/segments/" + segment_id_ + "/contact/" + contact + "/remove"));
}

Result<std::map<std::string, Contacts::Removal>> Contacts::find_by(
    std::string_view column, const std::vector<std::string>& values) {
  const Result<std::vector<Json>> found = api_.find(column, values);
  if (!found.ok()) return found.error();
  std::map<std::string, Removal> by_value;
  for (const Json& contact : *found) {
    const std::string id = text_of(contact, "id");
    by_value.emplace(column == "id" ? id : email_of_contact(contact),
                     Removal{0, id, has_entry(contact, "")});
  }
  return by_value;
}

/// Whoever was made without our hearing of it has no id here, and an id is gone when its contact
/// was merged into another one: both are looked for by e-mail. Those whom Mautic does not have are
/// done.
Result<std::vector<Contacts::Removal>> Contacts::find_removed(
    const std::vector<std::size_t>& indexes, Session& session) {
  std::vector<std::string> ids, emails;
  std::map<std::size_t, std::string> email_by_index;
  for (const std::size_t index : indexes) {
    const WriteRecord& record = session.batch.records[index];
    if (!record.remote_id.empty()) ids.emplace_back(record.remote_id);
    const Result<Json> fields = parse_json(record.json.empty() ? "{}" : record.json);
    if (fields.ok()) email_by_index[index] = email_of(*fields);
  }
  const auto by_id = find_by("id", ids);
  if (!by_id.ok()) return by_id.error();
  const auto has_contact = [&](std::size_t index) {
    return by_id->count(std::string(session.batch.records[index].remote_id)) != 0;
  };
  for (const auto& [index, email] : email_by_index) {
    if (!email.empty() && !has_contact(index)) emails.push_back(email);
  }
  const auto by_email = find_by("email", emails);
  if (!by_email.ok()) return by_email.error();
  std::vector<Removal> removals;
  for (const std::size_t index : indexes) {
    const bool known = has_contact(index);
    const std::string& email = email_by_index[index];
    const auto there = known ? by_id->find(std::string(session.batch.records[index].remote_id))
                             : by_email->find(email);
    const bool found = there != (known ? by_id->end() : by_email->end());
    if (!known && settle_unknown_id(index, email, found, session)) continue;
    removals.push_back(there->second);
    removals.back().index = index;
  }
  return removals;
}

/// An address passes from one person to another, and what is done to a contact is not done to an
/// address: only an unsubscription is. True = this one has its result.
bool Contacts::settle_unknown_id(std::size_t index, const std::string& email, bool found,
                                 Session& session) {
  const WriteRecord& record = session.batch.records[index];
  const bool gone = !record.remote_id.empty(), unsubscribes = record.action == "unsubscribe";
  std::string_view why;
  if (email.empty() && !gone) {
    why = "cannot be found: Mautic gave no id and no address is known";
  } else if (email.empty() && unsubscribes) {
    why = "Mautic has no such contact any more, and no address is known";
  } else if (found && gone && !unsubscribes) {
    why =
        "Mautic has no such contact any more, and another one has its e-mail address: merged "
        "there, "
        "or somebody else";
  } else if (found) {
    return false;
  }
  if (why.empty()) {
    session.results.accepted(index);
  } else {
    session.results.rejected(index, why);
  }
  return true;
}

/// Those who said no come first, in as few requests as there can be; Mautic has none that takes
/// many out of a segment.
Status Contacts::remove(const std::vector<Removal>& removals, Session& session) {
  std::vector<Removal> deleted, others;
  std::vector<std::string> closing;
  for (const Removal& one : removals) {
    const std::string_view action = session.batch.records[one.index].action;
    (action == "delete" ? deleted : others).push_back(one);
    // Mautic keeps one entry a channel: ours would take the place of a bounce.
    if (action == "unsubscribe" && !one.closed) closing.push_back(one.contact);
  }
  Status status = set_do_not_contact(closing, true);
  for (const Removal& one : others) {
    if (status.ok()) status = leave_segment(one.contact);
    if (status.ok()) {
      session.results.accepted(one.index, one.contact);
    } else {
      session.results.retry(one.index, status.error().message);
    }
  }
  if (status.ok()) return remove_all(deleted, session);
  for (const Removal& later : deleted) session.results.retry(later.index, status.error().message);
  return status;
}

Status Contacts::remove_all(const std::vector<Removal>& removals, Session& session) {
  for (std::size_t at = 0; at < removals.size(); at += batch_max) {
    const std::size_t end = std::min(at + batch_max, removals.size());
    std::string ids;
    for (std::size_t i = at; i < end; ++i) ids += (ids.empty() ? "" : ",") + removals[i].contact;
    const Result<Json> said =
        api_.get(HttpRequest::remove("/api/contacts/batch/delete").query("ids", ids));
    Status status = said.status();
    if (said.ok()) {
      if (const auto told = entries_of(*said, "contacts"); !told.ok())
        status = concerning_all(told.error());
    }
    for (std::size_t i = at; i < removals.size(); ++i) {
      const Removal& one = removals[i];
      if (!status.ok()) {
        session.results.retry(one.index, status.error().message);
      } else if (i < end) {
        const Json* error = position(said->find("errors"), i - at);
        if (error == nullptr || error->integer_or("code", 0) == 404) {
          session.results.accepted(one.index, one.contact);
        } else {
          HttpReply refused;
          refused.status = static_cast<std::uint32_t>(error->integer_or("code", 0));
          refused.body = error->to_text();
          session.results.rejected(one.index, http_failure(refused).message);
        }
      }
    }
    if (!status.ok()) return status;
  }
  return {};
}

}  // namespace rondom::mautic
