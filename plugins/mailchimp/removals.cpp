// Members that leave: the tag, the subscription, or Mailchimp altogether.
#include "destination.h"
#include "member_json.h"

namespace rondom::mailchimp {

Status Audience::set_tags(const std::string& hash, const std::map<std::string, bool>& tags) {
  Json list = Json::list();
  for (const auto& [name, active] : tags) {
    if (name.empty()) continue;
    list.push(Json::object()
                  .set("name", Json::of(name))
                  .set("status", Json::of(std::string(active ? "active" : "inactive"))));
  }
  if (list.items().empty()) return {};
  return call("POST", "/members/" + hash + "/tags", Json::object().set("tags", std::move(list)));
}

/// Unsubscribes or archives one who gets mail now. The mark goes first: were we to die in between,
/// a member that is closed and lacks it would look as if they had said no themselves.
Status Audience::close(const std::string& hash, const Json& member, bool unsubscribe) {
  const std::string status = member.text_or("status", "");
  const bool open = status != "unsubscribed" && status != "cleaned" && status != "archived";
  const bool act = open || (unsubscribe && status == "archived");
  std::map<std::string, bool> tags = {{options_.tag, false}};
  if (act) tags[std::string(own_mark)] = true;
  RONDOM_TRY(set_tags(hash, tags));
  if (!act) return {};
  if (!unsubscribe) return call("DELETE", "/members/" + hash, Json());
  return call("PATCH", "/members/" + hash,
              Json::object().set("status", Json::of(std::string("unsubscribed"))));
}

/// Ok = this record has its result. Whoever came in without our hearing of it is found by e-mail,
/// and so is who is no longer found by name.
Status Audience::remove(std::size_t index, Session& session) {
  const WriteRecord& record = session.batch.records[index];
  const Result<Json> fields = parse_json(record.json);
  const std::string email = fields.ok() ? fields->text_or("email_address", "") : "";
  std::string hash(record.remote_id);
  if (hash.empty() && email.empty()) {
    session.results.rejected(index,
                             "cannot be found: Mailchimp gave no id and no address is known");
    return {};
  }
  if (hash.empty()) hash = subscriber_hash(email);
  hash = http_encoded(hash);
  const bool leave = record.action == "leave_segment";
  const bool permanent = record.action == "delete" && options_.removal == "permanent";
  Status status;
  if (permanent) {
    status = call("POST", "/members/" + hash + "/actions/delete-permanent", Json());
  } else if (leave && options_.leave == "tag") {
    status = set_tags(hash, {{options_.tag, false}});
  } else {
    Result<HttpReply> reply = send("GET", "/members/" + hash, Json());
    if (!reply.ok()) return reply.error();
    if (reply->status == 404 && !email.empty() && hash != subscriber_hash(email)) {
      hash = subscriber_hash(email);
      reply = send("GET", "/members/" + hash, Json());
      if (!reply.ok()) return reply.error();
    } else if (reply->status == 404 && email.empty() && record.action == "unsubscribe") {
      session.results.rejected(index,
                               "Mailchimp has no such member any more, and no address is known");
      return {};
    }
    if (reply->ok()) {
      const Result<Json> member = reply->json();
      if (!member.ok()) return {Code::transient, member.error().message};
      status = close(hash, *member, record.action == "unsubscribe");
    } else if (reply->status != 404) {
      status = http_failure(*reply);
    }
  }
  if (status.ok()) {
    session.results.accepted(index, record.remote_id);
  } else if (status.code() == Code::data) {
    session.results.rejected(index, status.error().message);
  } else {
    return status;
  }
  return {};
}

}  // namespace rondom::mailchimp
