#include "destination.h"

#include <algorithm>
#include <span>

namespace rondom::mautic {

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

/// An answer that cannot be understood says nothing against any one contact: it is no attempt.
Failure Contacts::concerning_all(Failure why) {
  if (why.code == Code::data) why.code = Code::transient;
  return why;
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
  if (!removals.ok()) return nothing_done(concerning_all(removals.error()));
  // Who leaves comes first: nothing that fails later may keep them in.
  if (Status left = remove(*removals, session); !left.ok()) {
    for (const Entry& entry : entries) results.retry(entry.index, left.error().message);
    return left;
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
