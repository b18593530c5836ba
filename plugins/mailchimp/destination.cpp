#include "destination.h"

#include <algorithm>

namespace rondom::mailchimp {
namespace {

/// What a member has besides merge fields and interests.
constexpr std::string_view properties[] = {
    "email_address", "email_type", "language",         "vip",
    "ip_signup",     "ip_opt",     "timestamp_signup", "timestamp_opt"};
constexpr std::string_view interest_prefix = "interest.";

bool is_property(std::string_view name) {
  return std::find(std::begin(properties), std::end(properties), name) != std::end(properties);
}

/// Text fields take texts, number fields numbers; what is to be cleared is sent as an empty text.
Json merge_value(const Json& value, std::string_view type) {
  if (type == "number" && value.is_text()) {
    const Result<Json> number = parse_json(value.as_text());
    return number.ok() && number->is_number() ? *number : value;
  }
  if (value.is_null()) return Json::of(std::string());
  if (value.is_boolean()) return Json::of(std::string(value.as_boolean() ? "true" : "false"));
  if (value.is_number() && type != "number") return Json::of(value.to_text());
  return value;
}

}  // namespace

Result<HttpReply> Audience::send(const std::string& method, const std::string& path,
                                 const Json& body) {
  Result<HttpRequest> request = api_.request(method, path_ + path);
  if (!request.ok()) return request.error();
  if (!body.is_null()) request->json(body);
  request->may_repeat();
  return api_.send(*request);
}

/// Sends what may arrive twice without harm. Who is gone there (404) is as wanted.
Status Audience::call(const std::string& method, const std::string& path, const Json& body) {
  const Result<HttpReply> reply = send(method, path, body);
  if (!reply.ok()) return reply.error();
  if (reply->ok() || reply->status == 404) return {};
  return http_failure(*reply);
}

Status Audience::prepare(const WriteBatch& batch) {
  Result<JobOptions> options =
      job_options.parse(batch.options_json.empty() ? "{}" : batch.options_json);
  if (!options.ok()) return options.error();
  if (options->tag != tag_name_) tag_id_.clear();
  tag_name_ = options->tag;
  options_ = std::move(*options);
  if (!list_.empty() && (options_.list.empty() || options_.list == list_)) return {};
  const Result<std::string> list = api_.list_id(options_.list);
  if (!list.ok()) return list.error();
  list_ = *list;
  path_ = "/lists/" + http_encoded(list_);
  tag_id_.clear();
  // What is not known is asked again at the next batch.
  Status noted = note_merge_fields();
  if (!noted.ok()) list_.clear();
  return noted;
}

Status Audience::note_merge_fields() {
  merge_fields_.clear();
  const Result<HttpRequest> request = api_.request(
      "GET", path_ + "/merge-fields?count=1000&fields=merge_fields.tag,merge_fields.type");
  if (!request.ok()) return request.error();
  const Result<HttpReply> reply = api_.send(*request);
  if (!reply.ok()) return reply.error();
  if (reply->status == 404) {
    list_.clear();
    return {Code::config, "Mailchimp has no audience with the id that the option list names."};
  }
  if (!reply->ok()) return http_failure(*reply);
  const Result<Json> json = reply->json();
  if (!json.ok()) return json.error();
  const Json* fields = json->find("merge_fields");
  if (fields == nullptr) return {Code::data, "Mailchimp answered without merge fields."};
  for (const Json& field : fields->items())
    merge_fields_[field.text_or("tag", "")] = field.text_or("type", "");
  return {};
}

/// The mapped fields as Mailchimp's member. A merge field that the audience lacks stops the job: it
/// would be dropped, or the whole batch refused.
Result<Json> Audience::member_of(const Json& fields) const {
  Json member = Json::object(), merge = Json::object(), interests = Json::object();
  for (const auto& [name, value] : fields.members()) {
    if (name == "vip") {
      member.set(name, Json::of_boolean(value.as_boolean()));
    } else if (is_property(name)) {
      member.set(name, value.is_null() ? Json::of(std::string()) : value);
    } else if (name.starts_with(interest_prefix)) {
      interests.set(name.substr(interest_prefix.size()), Json::of_boolean(value.as_boolean()));
    } else if (const auto known = merge_fields_.find(name); known != merge_fields_.end()) {
      merge.set(name, merge_value(value, known->second));
    } else {
      std::string message = "The audience has no merge field \"" + name + "\"; it has";
      for (const auto& field : merge_fields_) {
        if (message.size() < 300) message += " " + field.first;
      }
      return Failure{Code::config, message + ". Make it in Mailchimp, or correct the map."};
    }
  }
  if (!merge.members().empty()) member.set("merge_fields", std::move(merge));
  if (!interests.members().empty()) member.set("interests", std::move(interests));
  return member;
}

/// Marks what was not applied for certain as to be tried again, the rest as unknown.
void Audience::give_back(std::span<const Entry> entries, const Failure& failure,
                         Session& session) const {
  const bool may_be_there = failure.code == Code::unavailable || failure.code == Code::internal;
  for (const Entry& entry : entries) {
    if (may_be_there) {
      session.results.unknown(entry.index, failure.message);
    } else {
      session.results.retry(entry.index, failure.message);
    }
  }
}

Status Audience::write(const WriteBatch& batch, WriteResults& results) {
  Session session{batch, results};
  const auto retry_from = [&](std::size_t first, const std::vector<std::size_t>& indexes,
                              const Failure& failure) {
    for (std::size_t i = first; i < indexes.size(); ++i) results.retry(indexes[i], failure.message);
  };
  const auto nothing_done = [&](const Failure& failure) {
    for (std::size_t i = 0; i < batch.records.size(); ++i) results.retry(i, failure.message);
    return Status(failure);
  };
  if (const Status ready = prepare(batch); !ready.ok()) return nothing_done(ready.error());
  std::vector<Entry> entries;
  std::vector<std::size_t> order, upserts;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const WriteRecord& record = batch.records[i];
    if (record.operation != Operation::upsert) {
      order.push_back(i);
      continue;
    }
    const Result<Json> fields = parse_json(record.json);
    if (!fields.ok()) return nothing_done(fields.error());
    Result<Json> member = member_of(*fields);
    if (!member.ok()) return nothing_done(member.error());
    Entry entry;
    entry.index = i;
    entry.email = lower(member->text_or("email_address", ""));
    entry.known = !record.remote_id.empty();
    entry.hash = entry.known ? std::string(record.remote_id) : subscriber_hash(entry.email);
    entry.member = std::move(*member);
    entries.push_back(std::move(entry));
    upserts.push_back(i);
  }
  // Who said no comes first: nothing that fails later may keep them in.
  std::stable_partition(order.begin(), order.end(),
                        [&](std::size_t i) { return batch.records[i].action == "unsubscribe"; });
  for (std::size_t n = 0; n < order.size(); ++n) {
    const Status status = remove(order[n], session);
    if (status.ok()) continue;
    retry_from(n, order, status.error());
    retry_from(0, upserts, status.error());
    return status.error();
  }
  return upsert(std::move(entries), session);
}

}  // namespace rondom::mailchimp
