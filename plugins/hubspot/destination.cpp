#include "destination.h"

#include <algorithm>
#include <set>
#include <span>

namespace rondom::hubspot {
namespace {

/// The results of a batch that failed: certainly not applied, or nobody knows.
template <typename Entries>
void give_back(const Entries& entries, const Failure& why, WriteResults& results) {
  const bool unknown = why.code == Code::unavailable || why.code == Code::internal;
  for (const auto& entry : entries) {
    if (unknown) {
      results.unknown(entry.index, why.message);
    } else {
      results.retry(entry.index, why.message);
    }
  }
}

/// Which inputs an error of a batch is about: HubSpot names them in its context.
std::set<std::string> named_in(const Json& error) {
  std::set<std::string> names;
  const Json* context = error.find("context");
  if (context == nullptr) return names;
  for (const char* name : {"objectWriteTraceId", "ids", "id"}) {
    const Json* found = context->find(name);
    if (found == nullptr) continue;
    if (found->is_text()) names.insert(found->as_text());
    for (const Json& item : found->items()) names.insert(item.as_text());
  }
  return names;
}

}  // namespace

Status Contacts::check() {
  return api_.call(HttpRequest::get("/crm/v3/objects/contacts").query("limit", 1)).status();
}

/// One unknown property has HubSpot refuse the whole batch, so we ask first.
Status Contacts::check_fields(const Json& fields) {
  if (!fields_) {
    const Result<std::vector<Property>> properties = api_.properties("contacts");
    if (!properties.ok()) return properties.error();
    fields_.emplace();
    for (const Property& property : *properties) (*fields_)[property.name] = !property.read_only;
  }
  for (const Json::Member& member : fields.members()) {
    const auto known = fields_->find(member.first);
    if (known == fields_->end()) {
      return {Code::config, "HubSpot has no contact property \"" + member.first +
                                "\"; make it there first, or name another one in the map."};
    }
    if (!known->second) {
      return {Code::config, "HubSpot's contact property \"" + member.first + "\" is read-only."};
    }
  }
  return {};
}

/// Every input brings its position along, which HubSpot gives back beside what became of it.
Status Contacts::take_reply(const Json& reply, std::span<Entry> entries, WriteResults& results,
                            Entries& done) {
  std::map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    by_name["#" + std::to_string(i)] = i;
    const Entry& entry = entries[i];
    by_name[entry.id.empty() ? lower(entry.unique) : entry.id] = i;
  }
  const auto position = [&](const std::string& name) {
    const auto found = by_name.find(lower(name));
    return found == by_name.end() ? entries.size() : found->second;
  };
  std::vector<const Json*> good(entries.size());
  std::vector<const Json*> bad(entries.size());
  const Json* errors = reply.find("errors");
  const bool some_failed = errors != nullptr && !errors->items().empty();
  for (std::size_t n = 0; some_failed && n < errors->items().size(); ++n) {
    const Json& error = errors->items()[n];
    for (const std::string& name : named_in(error)) {
      if (const std::size_t at = position(name); at < entries.size()) bad[at] = &error;
    }
    if (entries.size() == 1) bad[0] = &error;
  }
  if (const Json* list = reply.find("results")) {
    for (const Json& one : list->items()) {
      std::size_t at = position(one.text_or("objectWriteTraceId", ""));
      if (at == entries.size()) {
        const bool by_id = !entries[0].id.empty();
        at = position(by_id ? one.text_or("id", "") : property_of(one, options_.id_property));
      }
      if (at < entries.size()) good[at] = &one;
    }
  }
  for (std::size_t i = 0; some_failed && i < entries.size(); ++i) {
    // Sent again in halves, which may be done twice without harm, until there is no doubt.
    if (good[i] == nullptr && bad[i] == nullptr && entries.size() > 1)
      return {Code::data, "HubSpot did not say which contact it refused."};
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Entry& entry = entries[i];
    if (good[i] != nullptr) {
      entry.adopted = entry.id.empty() && !good[i]->boolean_or("new", true);
      entry.id = good[i]->text_or("id", entry.id);
      done.push_back(std::move(entry));
    } else if (bad[i] == nullptr) {
      results.unknown(entry.index, "HubSpot said nothing about this contact.");
    } else {
      HttpReply said;
      said.status = bad[i]->text_or("category", "") == "RATE_LIMITS" ? 429 : 400;
      said.body = bad[i]->to_text();
      const std::string message =
          bad[i]->text_or("category", "") == "OBJECT_NOT_FOUND"
              ? "HubSpot has no such contact any more: archived or merged there"
              : http_failure(said).message;
      if (said.status == 429) {
        results.retry(entry.index, message);
      } else {
        results.rejected(entry.index, message);
      }
    }
  }
  return {};
}

/// `what` is upsert (by the id property) or update (by id).
Status Contacts::send(const std::string& what, std::span<Entry> entries, WriteResults& results,
                      Entries& done) {
  const auto request = [&](Range part) -> Status {
    const std::span<Entry> some = entries.subspan(part.begin, part.size());
    Json inputs = Json::list();
    for (std::size_t i = 0; i < some.size(); ++i) {
      Json input = Json::object();
      if (what == "upsert") {
        input.set("id", Json::of(some[i].unique)).set("idProperty", Json::of(options_.id_property));
      } else {
        input.set("id", Json::of(some[i].id));
      }
      input.set("properties", some[i].fields)
          .set("objectWriteTraceId", Json::of("#" + std::to_string(i)));
      inputs.push(std::move(input));
    }
    const Json body = Json::object().set("inputs", std::move(inputs));
    const Result<Json> reply =
        api_.call(HttpRequest::post("/crm/v3/objects/contacts/batch/" + what).json(body));
    if (!reply.ok()) return reply.error();
    return take_reply(*reply, some, results, done);
  };
  const auto refused = [&](std::size_t at, const Failure& why) {
    results.rejected(entries[at].index, why.message);
  };
  const auto not_sent = [&](Range part, const Failure& why) {
    give_back(entries.subspan(part.begin, part.size()), why, results);
  };
  for (const Range part : batches_of(entries.size(), batch_max)) {
    const Status sent = bisect(part, request, refused, not_sent);
    if (sent.ok()) continue;
    give_back(entries.subspan(part.end), {Code::transient, sent.error().message}, results);
    return sent.error();
  }
  return {};
}

/// A list that is not entered says nothing against who was to enter it: both may be done again.
/// They are contacts all the same, of whom HubSpot has to hear should they say no before that.
Status Contacts::enter_list(const Entries& done, WriteResults& results) {
  const Status entered =
      options_.list.empty() || done.empty() ? Status() : change_list("add", done);
  if (!entered.ok()) {
    Failure why = entered.error();
    if (why.code == Code::data) why.code = Code::config;  // the list that the options name
    why.message = "The list was not entered: " + why.message;
    for (const Entry& entry : done) results.unknown(entry.index, why.message);
    return why;
  }
  for (const Entry& entry : done) results.accepted(entry.index, entry.id, entry.adopted);
  return {};
}

Status Contacts::upsert(Entries entries, WriteResults& results) {
  std::set<std::string> seen;
  Entries made, known;
  for (Entry& entry : entries) {
    if (!entry.id.empty()) {
      known.push_back(std::move(entry));
    } else if (entry.unique.empty()) {
      results.rejected(entry.index,
                       "a contact is found by \"" + options_.id_property + "\": map that field");
    } else if (!seen.insert(lower(entry.unique)).second) {
      results.rejected(entry.index,
                       "another profile of this delivery has the same " + options_.id_property);
    } else {
      made.push_back(std::move(entry));
    }
  }
  Entries done;
  Status status = send("upsert", made, results, done);
  if (status.ok()) {
    status = send("update", known, results, done);
  } else {
    give_back(known, {Code::transient, status.error().message}, results);
  }
  const Status entered = enter_list(done, results);
  if (!status.ok()) return status;
  return entered.ok() ? Status() : Status(entered.error());
}

Status Contacts::write(const WriteBatch& batch, WriteResults& results) {
  const auto nothing_done = [&](const Failure& why) {
    for (std::size_t i = 0; i < batch.records.size(); ++i) results.retry(i, why.message);
    return Status(why);
  };
  Result<JobOptions> options =
      job_options.parse(batch.options_json.empty() ? "{}" : batch.options_json);
  if (!options.ok()) return nothing_done(options.error());
  options_ = std::move(*options);
  Entries upserts;
  std::map<std::string, Entries> removals;  // by action
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const WriteRecord& record = batch.records[i];
    Result<Json> fields = parse_json(record.json.empty() ? "{}" : record.json);
    if (!fields.ok()) return nothing_done(fields.error());
    Entry entry{i, {}, std::string(record.remote_id), {}, {}, false};
    if (const Json* unique = fields->find(options_.id_property))
      entry.unique =
          unique->is_integer() ? std::to_string(unique->as_integer()) : unique->as_text();
    entry.email = lower(fields->text_or("email", ""));
    // HubSpot's values are texts; what is to be cleared is sent as an empty one.
    entry.fields = Json::object();
    for (const Json::Member& member : fields->members()) {
      const Json& value = member.second;
      entry.fields.set(
          member.first,
          Json::of(value.is_text() || value.is_null() ? value.as_text() : value.to_text()));
    }
    if (record.operation == Operation::upsert) {
      if (const Status known = check_fields(entry.fields); !known.ok())
        return nothing_done(known.error());
      upserts.push_back(std::move(entry));
    } else {
      removals[std::string(record.action)].push_back(std::move(entry));
    }
  }
  // Who said no comes first: nothing that fails later may keep them in.
  Status status;
  for (const char* action : {"unsubscribe", "leave_segment", "delete"}) {
    Entries& entries = removals[action];
    if (status.ok()) {
      status = remove(std::move(entries), action, results);
    } else {
      give_back(entries, {Code::transient, status.error().message}, results);
    }
  }
  if (status.ok()) return upsert(std::move(upserts), results);
  give_back(upserts, {Code::transient, status.error().message}, results);
  return status;
}

}  // namespace rondom::hubspot
