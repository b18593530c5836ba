#include "destination.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace rondom::klaviyo {
namespace {

/// Answers with rows that are refused, of one batch that is sent again without them.
constexpr int refusal_rounds_max = 20;
constexpr std::string_view row_pointer = "/data/attributes/profiles/data/";

std::string text_at(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  if (found == nullptr) return {};
  return found->is_integer() ? std::to_string(found->as_integer()) : found->as_text();
}

/// The rows that the answer points at, with the reason of each.
std::map<std::size_t, std::string> refused_rows(const HttpReply& reply, std::size_t count) {
  std::map<std::size_t, std::string> rows;
  const Result<Json> json = parse_json(reply.body);
  const Json* errors = json.ok() ? json->find("errors") : nullptr;
  for (const Json& error : errors == nullptr ? std::vector<Json>() : errors->items()) {
    const Json* pointer = json_at(error, "/source/pointer");
    if (pointer == nullptr || !pointer->as_text().starts_with(row_pointer)) continue;
    const std::string row = pointer->as_text().substr(row_pointer.size());
    std::size_t number = count;
    std::from_chars(row.data(), row.data() + row.size(), number);
    if (number < count) rows.emplace(number, reason_of(error));
  }
  return rows;
}

}  // namespace

void Lists::reject(Entry& entry, std::string_view why, WriteResults& results) const {
  entry.settled = true;
  results.rejected(entry.index, why);
}

/// Those that have no result yet, and are wanted.
Lists::Some Lists::those(std::span<Entry> entries,
                         const std::function<bool(const Entry&)>& wanted) {
  Some found;
  for (Entry& entry : entries) {
    if (!entry.settled && (!wanted || wanted(entry))) found.push_back(&entry);
  }
  return found;
}

/// Marks what was not applied for certain as to be tried again, the rest as unknown.
void Lists::give_back(std::span<Entry* const> entries, const Failure& why,
                      WriteResults& results) const {
  const bool may_be_there = why.code == Code::unavailable || why.code == Code::internal;
  for (Entry* entry : entries) {
    if (entry->settled) continue;
    entry->settled = true;
    if (may_be_there) {
      results.unknown(entry->index, why.message);
    } else {
      results.retry(entry->index, why.message);
    }
  }
}

Status Lists::send_some(std::span<Entry* const> entries, const Call& call,
                        WriteResults& results) const {
  Some left;
  for (Entry* entry : entries) {
    if (!entry->settled) left.push_back(entry);
  }
  if (left.empty()) return {};
  for (int round = 0; round < refusal_rounds_max; ++round) {
    HttpRequest asked = request(std::string(call.method), call.path, call.body(left));
    if (call.may_repeat) asked.may_repeat();
    const Result<HttpReply> reply = api_.send(asked);
    if (!reply.ok()) return reply.error();
    if (reply->ok()) return call.take ? call.take(*reply, left) : Status();
    Failure failure = http_failure(*reply);
    if (!http_not_applied(*reply) && failure.code != Code::data) failure.code = Code::unavailable;
    const std::map<std::size_t, std::string> rows = refused_rows(*reply, left.size());
    // What the options name, and nothing that one entry is to blame for.
    if (call.of_written && reply->status == 404 && rows.empty()) failure.code = Code::config;
    if (failure.code != Code::data || rows.empty()) return failure;
    for (const auto& [row, why] : rows) reject(*left[row], why, results);
    left.erase(
        std::remove_if(left.begin(), left.end(), [](const Entry* one) { return one->settled; }),
        left.end());
    if (left.empty()) return {};
  }
  return {Code::data, "Klaviyo refused ever more profiles of one batch."};
}

Status Lists::send_all(std::span<Entry* const> entries, const std::vector<Range>& parts,
                       const Call& call, WriteResults& results) const {
  const auto send = [&](Range part) {
    return send_some(entries.subspan(part.begin, part.size()), call, results);
  };
  const auto refused = [&](std::size_t at, const Failure& why) {
    reject(*entries[at], why.message, results);
  };
  const auto not_sent = [&](Range part, const Failure& why) {
    const Code code = call.of_written ? Code::unavailable : why.code;
    give_back(entries.subspan(part.begin, part.size()), {code, why.message}, results);
  };
  for (const Range part : parts) {
    const Status sent = bisect(part, send, refused, not_sent);
    if (sent.ok()) continue;
    not_sent({part.end, entries.size()}, {Code::transient, sent.error().message});
    return sent.error();
  }
  return {};
}

Status Lists::prepare(const WriteBatch& batch) {
  Result<JobOptions> options =
      job_options.parse(batch.options_json.empty() ? "{}" : batch.options_json);
  if (!options.ok()) return options.error();
  options_ = std::move(*options);
  if (options_.list.empty() || options_.list == known_list_) return {};
  HttpRequest asked = request("GET", "/lists/" + http_encoded(options_.list));
  const Result<HttpReply> reply = api_.send(asked.query("fields[list]", "name"));
  if (!reply.ok()) return reply.error();
  if (reply->status == 404)
    return {Code::config, "Klaviyo has no list with the id that the option list names."};
  if (!reply->ok()) return http_failure(*reply);
  known_list_ = options_.list;
  return {};
}

/// By id, else by external_id, else by e-mail address: Klaviyo merges profiles, and the id of one
/// is lost.
Status Lists::find(const Some& entries) const {
  struct Known {
    std::string id, email, external_id;
    EmailState state;
  };
  std::map<std::string, Known> by_id;
  std::map<std::string, std::string> ids;  // by "external_id …" and "email …"
  const auto take = [&](const Json& profile) {
    const Json* attributes = profile.find("attributes");
    if (attributes == nullptr) return;
    Known known{profile.text_or("id", ""), lower(attributes->text_or("email", "")),
                attributes->text_or("external_id", ""), email_state(*attributes, options_.list)};
    if (!known.email.empty()) ids["email " + known.email] = known.id;
    if (!known.external_id.empty()) ids["external_id " + known.external_id] = known.id;
    by_id[known.id] = std::move(known);
  };
  const auto id_of = [&](const std::string& name) {
    const auto found = ids.find(name);
    return found == ids.end() ? std::string() : found->second;
  };
  for (const std::string_view field : {"id", "external_id", "email"}) {
    std::vector<std::string> values;
    for (const Entry* entry : entries) {
      if (field != "id" && by_id.count(entry->id) != 0) continue;
      const std::string& value = field == "id"      ? entry->id
                                 : field == "email" ? entry->email
                                                    : entry->external_id;
      if (!value.empty()) values.push_back(value);
    }
    RONDOM_TRY(api_.find(field, values, take));
  }
  for (Entry* one : entries) {
    Entry& entry = *one;
    std::string id = entry.id;
    if (by_id.count(id) == 0) {
      const std::string external =
          entry.external_id.empty() ? "" : id_of("external_id " + entry.external_id);
      const std::string email = entry.email.empty() ? "" : id_of("email " + entry.email);
      entry.split = !external.empty() && !email.empty() && external != email;
      entry.moved = !id.empty();
      entry.by_email = external.empty();
      id = external.empty() ? email : external;
    }
    const auto known = by_id.find(id);
    entry.there = known != by_id.end();
    if (!entry.there) continue;
    entry.id = known->second.id;
    entry.known_email = known->second.email;
    entry.known_external_id = known->second.external_id;
    entry.state = known->second.state;
  }
  return {};
}

Status Lists::write(const WriteBatch& batch, WriteResults& results) {
  const auto nothing_done = [&](const Failure& why) {
    for (std::size_t i = 0; i < batch.records.size(); ++i) results.retry(i, why.message);
    return Status(why);
  };
  if (const Status ready = prepare(batch); !ready.ok()) return nothing_done(ready.error());
  Entries upserts;
  std::map<std::string, Entries> removals;  // by action
  Status mapped;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const WriteRecord& record = batch.records[i];
    const Result<Json> fields = parse_json(record.json.empty() ? "{}" : record.json);
    if (!fields.ok()) return nothing_done(fields.error());
    Entry entry;
    entry.index = i;
    entry.creates = record.action == "create";
    entry.id = record.remote_id;
    entry.email = lower(text_at(*fields, "email"));
    entry.external_id = text_at(*fields, "external_id");
    if (record.operation == Operation::upsert) {
      Result<ProfileFields> profile = profile_fields(*fields);
      if (profile.ok()) {
        entry.fields = std::move(*profile);
      } else {
        mapped = profile.error();
      }
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
      give_back(those(entries), {Code::transient, status.error().message}, results);
    }
  }
  if (status.ok() && !mapped.ok()) {
    give_back(those(upserts), mapped.error(), results);
    return mapped;
  }
  if (status.ok()) return upsert(std::move(upserts), results);
  give_back(those(upserts), {Code::transient, status.error().message}, results);
  return status;
}

}  // namespace rondom::klaviyo
