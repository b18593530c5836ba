// Collections sent, and what is made of the answers.
#include <algorithm>

#include "destination.h"

namespace rondom::salesforce {

std::string cleaned(std::string_view text) {
  HttpReply said;
  said.status = 400;
  said.body = Json::object().set("message", Json::of(std::string(text))).to_text();
  const std::string whole = http_failure(said).message;
  const std::size_t colon = whole.find(": ");
  return colon == std::string::npos ? std::string() : whole.substr(colon + 2);
}

bool is_passing(std::string_view code) {
  return code == "UNABLE_TO_LOCK_ROW" || code == "SERVER_UNAVAILABLE" ||
         code == "REQUEST_LIMIT_EXCEEDED" || code == "TXN_SECURITY_METERING_ERROR" ||
         code == "APEX_REST_SERVICES_DISABLED" || code == "API_CURRENTLY_DISABLED";
}

HttpRequest Records::request_of(std::span<const Entry> entries, bool by_id) const {
  Json records = Json::list();
  for (const Entry& entry : entries) {
    Json one = Json::object();
    one.set("attributes", Json::object().set("type", Json::of(object_.name)));
    if (by_id) one.set("Id", Json::of(entry.id));
    if (!by_id || entry.adopted) one.set(options_.external_id, Json::of(entry.key));
    for (const Json::Member& member : entry.fields.members()) one.set(member.first, member.second);
    records.push(std::move(one));
  }
  Json body = Json::object();
  body.set("allOrNone", Json::of_boolean(false)).set("records", std::move(records));
  std::string path = "/composite/sobjects";
  if (!by_id) path += "/" + object_.name + "/" + options_.external_id;
  HttpRequest request = HttpRequest::patch(api_.path(path));
  // The external id, or the record's own, makes the second time the same as the first.
  request.json(body).may_repeat();
  if (options_.allow_duplicates) request.header("Sforce-Duplicate-Rule-Header", "allowSave=true");
  return request;
}

Result<std::vector<RecordError>> Records::errors_of(const HttpReply& reply,
                                                    std::span<Entry> entries) const {
  const Result<Json> json = reply.json();
  // It was taken; only what became of the records is not known.
  if (!json.ok()) return Failure{Code::unavailable, json.error().message};
  if (json->items().size() != entries.size()) {
    return Failure{Code::unavailable, "Salesforce answered with " +
                                          std::to_string(json->items().size()) + " results for " +
                                          std::to_string(entries.size()) + " records."};
  }
  std::vector<RecordError> errors(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Json& result = json->items()[i];
    if (result.boolean_or("success", false)) {
      if (const std::string id = result.text_or("id", ""); !id.empty()) entries[i].id = id;
      continue;
    }
    const Json* list = result.find("errors");
    const Json none;
    const Json& first = list != nullptr && !list->items().empty() ? list->items().front() : none;
    errors[i].code = first.text_or("statusCode", "UNKNOWN_EXCEPTION");
    errors[i].message = cleaned(first.text_or("message", ""));
    std::string fields;
    if (const Json* named = first.find("fields")) {
      for (const Json& field : named->items())
        fields += (fields.empty() ? "" : ", ") + field.as_text();
    }
    if (!fields.empty()) errors[i].message += " (" + fields + ")";
  }
  return errors;
}

void Records::settle(const Entry& entry, const RecordError& error, Session& session) const {
  const std::string& code = error.code;
  if (code.empty()) {
    session.accepted(entry.index, entry.id, entry.adopted);
  } else if (is_passing(code)) {
    session.retry(entry.index, code + ": " + error.message);
  } else if (code == "ENTITY_IS_DELETED" || code == "INVALID_CROSS_REFERENCE_KEY") {
    session.rejected(entry.index, code + ": the record was deleted or merged in Salesforce");
  } else if (code == "DUPLICATES_DETECTED") {
    session.rejected(entry.index,
                     code +
                         ": a duplicate rule of Salesforce takes it for a double of another "
                         "record; merge them there, or say options.adopt_by");
  } else {
    session.rejected(entry.index, code + ": " + error.message);
  }
}

/// Marks what was not applied for certain as to be tried again, the rest as unknown.
void Records::give_back(std::span<const Entry> entries, const Failure& failure, Session& session) {
  const bool may_be_there = failure.code == Code::unavailable || failure.code == Code::internal;
  for (const Entry& entry : entries) {
    if (may_be_there) {
      session.unknown(entry.index, failure.message);
    } else {
      session.retry(entry.index, failure.message);
    }
  }
}

/// One collection. Records that somebody else holds are tried again by themselves. What is left in
/// `entries` after a failure was not settled.
Status Records::send(std::vector<Entry>& entries, bool by_id, Session& session) {
  for (int attempt = 1; !entries.empty(); ++attempt) {
    const Result<HttpReply> reply = api_.fetch(request_of(entries, by_id));
    const Result<std::vector<RecordError>> errors =
        reply.ok() ? errors_of(*reply, entries) : reply.error();
    if (!errors.ok()) {
      Failure failure = errors.error();
      // The first request was taken: the whole is not to be sent again in halves.
      if (attempt > 1 && failure.code == Code::data) failure.code = Code::transient;
      return failure;
    }
    std::vector<Entry> held;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const RecordError& error = (*errors)[i];
      if (error.code == "UNABLE_TO_LOCK_ROW" && attempt < lock_attempts_max) {
        held.push_back(std::move(entries[i]));
      } else {
        settle(entries[i], error, session);
      }
    }
    entries = std::move(held);
    if (!entries.empty()) RONDOM_TRY(api_.context().sleep_ms(lock_wait_ms));
  }
  return {};
}

Status Records::send_collections(std::vector<Entry>& entries, bool by_id, Session& session) {
  const auto part_of = [&entries](Range part) {
    return std::vector<Entry>(entries.begin() + static_cast<std::ptrdiff_t>(part.begin),
                              entries.begin() + static_cast<std::ptrdiff_t>(part.end));
  };
  const auto refused = [&](std::size_t i, const Failure& failure) {
    session.rejected(entries[i].index, failure.message);
  };
  for (const Range batch : batches_of(entries.size(), collection_max)) {
    std::optional<std::vector<Entry>> tried;
    const auto try_one = [&](Range part) -> Status {
      tried = part_of(part);
      return send(*tried, by_id, session);
    };
    const auto not_sent = [&](Range part, const Failure& failure) {
      give_back(tried ? *tried : part_of(part), failure, session);
      tried.reset();
    };
    Status status = bisect(batch, try_one, refused, not_sent);
    if (status.ok()) continue;
    if (batch.end < entries.size()) {
      give_back(part_of({batch.end, entries.size()}),
                {Code::transient, "Not tried: " + status.error().message}, session);
    }
    return status;
  }
  return {};
}

}  // namespace rondom::salesforce
