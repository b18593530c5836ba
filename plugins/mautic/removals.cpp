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

/// Whoever was made without our hearing of it has no id here, and is found by e-mail. Those whom
/// Mautic does not have are done.
Result<std::vector<Contacts::Removal>> Contacts::find_removed(
    const std::vector<std::size_t>& indexes, Session& session) {
  std::vector<std::string> ids, emails;
  std::map<std::size_t, std::string> names;  // by index: the id, or the e-mail
  for (const std::size_t index : indexes) {
    const WriteRecord& record = session.batch.records[index];
    std::string& name = names[index];
    if (!record.remote_id.empty()) {
      ids.push_back(name = record.remote_id);
    } else if (const Result<Json> fields = parse_json(record.json); fields.ok()) {
      if (!email_of(*fields).empty()) emails.push_back(name = email_of(*fields));
    }
  }
  std::map<std::string, Removal> known;
  for (const bool by_id : {true, false}) {
    const Result<std::vector<Json>> found =
        by_id ? api_.find("id", ids) : api_.find("email", emails);
    if (!found.ok()) return found.error();
    for (const Json& contact : *found) {
      const std::string id = text_of(contact, "id");
      known.emplace(by_id ? id : email_of_contact(contact), Removal{0, id, has_entry(contact, "")});
    }
  }
  std::vector<Removal> removals;
  for (const std::size_t index : indexes) {
    const auto there = known.find(names[index]);
    if (there == known.end()) {
      session.results.accepted(index);
      continue;
    }
    removals.push_back(there->second);
    removals.back().index = index;
  }
  return removals;
}

/// Those who said no come first, in as few requests as there can be; Mautic has none that takes many
/// out of a segment.
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
