#include "destination.h"

#include <algorithm>
#include <span>

#include "contact_json.h"

namespace rondom::mautic {
namespace {

/// What a contact has besides its fields (documentation of "Create contact").
constexpr std::string_view properties[] = {"points", "tags",      "owner",
                                           "stage",  "ipAddress", "lastActive"};

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t before = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = before + (a[i - 1] == b[j - 1] ? 0 : 1);
      before = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

Status Contacts::check() {
  return api_.get(HttpRequest::get("/api/contacts").query("limit", 1).query("minimal", 1)).status();
}

/// Sends one request that may arrive twice without harm. What is gone there (404) is as wanted.
Status Contacts::call(const HttpRequest& request) {
  HttpRequest repeatable = request;
  repeatable.may_repeat();
  const Result<HttpReply> reply = api_.send(repeatable);
  if (!reply.ok()) return reply.error();
  if (reply->ok() || reply->status == 404) return {};
  return http_failure(*reply);
}

Status Contacts::prepare(const WriteBatch& batch) {
  const Result<Json> options = parse_json(batch.options_json.empty() ? "{}" : batch.options_json);
  if (!options.ok()) return options.error();
  const std::string alias = options->text_or("segment", "");
  if (alias == segment_alias_) return {};
  segment_id_.clear();
  if (!alias.empty()) {
    const Result<std::string> found = api_.segment_id(alias);
    if (!found.ok()) return found.error();
    segment_id_ = *found;
  }
  segment_alias_ = alias;
  return {};
}

/// Mautic drops a field that it does not know without a word, so we ask first.
Status Contacts::check_fields(const Entry& entry) {
  if (!fields_) {
    const Result<std::vector<std::string>> aliases = api_.field_aliases();
    if (!aliases.ok()) return aliases.error();
    fields_.emplace(aliases->begin(), aliases->end());
    fields_->insert(std::begin(properties), std::end(properties));
  }
  for (const auto& member : entry.fields.members()) {
    if (fields_->count(member.first) != 0) continue;
    const auto near = std::min_element(
        fields_->begin(), fields_->end(), [&](const std::string& a, const std::string& b) {
          return distance(member.first, a) < distance(member.first, b);
        });
    std::string message = "Mautic has no contact field \"" + member.first + "\"";
    if (near != fields_->end() && distance(member.first, *near) <= 2) {
      message += "; did you mean \"" + *near + "\"?";
    } else {
      message += "; make it there first.";
    }
    return {Code::config, message};
  }
  return {};
}

/// Marks what was not applied for certain as to be tried again, the rest as unknown.
void Contacts::give_back(std::span<Entry> entries, const Failure& why, Session& session) {
  const Code code = why.code;
  const bool may_be_there = code == Code::unavailable || code == Code::internal;
  for (const Entry& entry : entries) {
    if (may_be_there) {
      session.results.unknown(entry.index, why.message);
    } else {
      session.results.retry(entry.index, why.message);
    }
  }
}

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
    if (contact != nullptr) {
      if (code->as_integer() == 200 && entry.id.empty()) entry.adopted = true;
      entry.id = text_of(*contact, "id");
      if (has_entry(*contact, own_comment)) {
        // They said no once, so we had it said here; they are permitted again now.
        const Status lifted =
            call(HttpRequest::post("/api/contacts/" + entry.id + "/dnc/email/remove"));
        if (!lifted.ok()) {
          session.results.unknown(entry.index, lifted.error().message);
          continue;
        }
      }
    }
    done.push_back(std::move(entry));
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

Status Contacts::enter_segment(std::span<Entry> done, Session& session) {
  Json ids = Json::list();
  for (const Entry& entry : done) {
    ids.push(Json::of(entry.id));
  }
  Result<Json> said = Json::object();
  const bool asked = !segment_id_.empty() && !ids.items().empty();
  if (asked) {
    Json body = Json::object();
    body.set("ids", std::move(ids));
    HttpRequest request = HttpRequest::post("/api/segments/" + segment_id_ + "/contacts/add");
    request.json(body).may_repeat();
    said = api_.get(request);
  }
  for (const Entry& entry : done) {
    if (!said.ok()) {
      session.results.unknown(entry.index, "the segment was not entered: " + said.error().message);
      continue;
    }
    const Json* details = said->find("details");
    const Json* one = details == nullptr ? nullptr : details->find(entry.id);
    if (asked && (one == nullptr || !one->boolean_or("success", false))) {
      session.results.rejected(entry.index, "Mautic did not add the contact to the segment");
    } else {
      session.results.accepted(entry.index, entry.id, entry.adopted);
    }
  }
  return said.status();
}

Status Contacts::upsert(std::vector<Entry> entries, Session& session) {
  if (entries.empty()) return {};
  Status known = adopt_known(entries, session);
  if (known.ok()) known = note_emails(entries);
  if (!known.ok()) {
    give_back(entries, {Code::transient, known.error().message}, session);
    return known;
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

Status Contacts::write(const WriteBatch& batch, WriteResults& results) {
  Session session{batch, results};
  const auto nothing_done = [&](const Status& status) {
    for (std::size_t i = 0; i < batch.records.size(); ++i) results.retry(i, status.error().message);
    return Status(status.error());
  };
  if (const Status ready = prepare(batch); !ready.ok()) return nothing_done(ready);
  std::vector<Entry> entries;
  std::vector<std::size_t> removed_ones;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const WriteRecord& record = batch.records[i];
    if (record.operation == Operation::upsert) {
      Result<Json> fields = parse_json(record.json);
      if (!fields.ok()) return nothing_done(fields.status());
      entries.push_back({i, std::move(*fields), std::string(record.remote_id), {}, false});
      if (const Status known = check_fields(entries.back()); !known.ok())
        return nothing_done(known);
    } else {
      removed_ones.push_back(i);
    }
  }
  const Result<std::vector<Removal>> removals = find_removed(removed_ones, session);
  if (!removals.ok()) return nothing_done(removals.status());
  std::vector<Removal> deleted, others;
  for (const Removal& one : *removals) {
    (batch.records[one.index].action == "delete" ? deleted : others).push_back(one);
  }
  // Who said no comes first: nothing that fails later may keep them in.
  for (std::size_t n = 0; n < others.size(); ++n) {
    const Removal& one = others[n];
    Status status = batch.records[one.index].action == "unsubscribe" ? unsubscribe(one)
                                                                     : leave_segment(one.contact);
    if (status.ok()) {
      results.accepted(one.index, one.contact);
      continue;
    }
    for (std::size_t rest = n; rest < others.size(); ++rest)
      results.retry(others[rest].index, status.error().message);
    for (const Removal& later : deleted) results.retry(later.index, status.error().message);
    for (const Entry& entry : entries) results.retry(entry.index, status.error().message);
    return status;
  }
  if (Status removed = remove_all(deleted, session); !removed.ok()) {
    for (const Entry& entry : entries) results.retry(entry.index, removed.error().message);
    return removed;
  }
  for (std::size_t at = 0; at < entries.size(); at += batch_max) {
    const std::size_t end = std::min(at + batch_max, entries.size());
    const auto first = entries.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last = entries.begin() + static_cast<std::ptrdiff_t>(end);
    Status status = upsert({first, last}, session);
    if (status.ok()) continue;
    for (std::size_t rest = end; rest < entries.size(); ++rest)
      results.retry(entries[rest].index, status.error().message);
    return status;
  }
  return {};
}

}  // namespace rondom::mautic
