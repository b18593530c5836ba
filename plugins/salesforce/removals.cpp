// Records of people that leave: the marker, the opt-out, or the record altogether.
#include <algorithm>

#include "destination.h"

namespace rondom::salesforce {
namespace {

constexpr std::string_view opt_out = "HasOptedOutOfEmail";

}  // namespace

/// A job that asks for what cannot be done there is stopped, not half done.
Status Records::take_removals(std::vector<Entry>& marked, std::vector<Entry>& deleted,
                              Session& session) {
  for (std::size_t i = 0; i < session.batch.records.size(); ++i) {
    const WriteRecord& record = session.batch.records[i];
    if (record.operation == Operation::upsert) continue;
    Entry entry{i, std::string(record.key), std::string(record.remote_id), Json::object(), false};
    if (record.action == "delete") {
      deleted.push_back(std::move(entry));
      continue;
    }
    if (record.action == "unsubscribe") {
      const Field* field = object_.find(opt_out);
      if (field == nullptr || !field->updateable) {
        return {Code::config, "on_withdrawal: unsubscribe needs the field " + std::string(opt_out) +
                                  " on " + object_.name + ", and the right to change it."};
      }
      entry.fields.set(std::string(opt_out), Json::of_boolean(true));
    } else if (options_.marker.empty()) {
      return {Code::config,
              "on_leave: leave_segment needs options.marker, a checkbox that is cleared."};
    }
    if (!options_.marker.empty()) entry.fields.set(options_.marker, Json::of_boolean(false));
    marked.push_back(std::move(entry));
  }
  RONDOM_TRY(find_removed(marked, session));
  return find_removed(deleted, session);
}

/// Whoever was made without our hearing of it has no id here, and is found by the external id.
/// Those whom Salesforce does not have are done.
Status Records::find_removed(std::vector<Entry>& entries, Session& session) {
  std::vector<std::string> keys;
  for (const Entry& entry : entries) {
    if (entry.id.empty()) keys.push_back(entry.key);
  }
  const auto found = find(options_.external_id, keys);
  if (!found.ok()) return found.error();
  std::vector<Entry> kept;
  for (Entry& entry : entries) {
    if (entry.id.empty()) {
      const auto there = found->find(entry.key);
      if (there == found->end()) {
        session.accepted(entry.index);
        continue;
      }
      entry.id = there->second.front().text_or("Id", "");
    }
    kept.push_back(std::move(entry));
  }
  entries = std::move(kept);
  return {};
}

Status Records::remove_all(std::span<Entry> entries, Session& session) {
  for (std::size_t at = 0; at < entries.size(); at += collection_max) {
    const std::span<Entry> part =
        entries.subspan(at, std::min(collection_max, entries.size() - at));
    std::string ids;
    for (const Entry& entry : part) ids += (ids.empty() ? "" : ",") + entry.id;
    const Result<HttpReply> reply = api_.fetch(HttpRequest::remove(api_.path("/composite/sobjects"))
                                                   .query("ids", ids)
                                                   .query("allOrNone", false));
    const Result<std::vector<RecordError>> errors =
        reply.ok() ? errors_of(*reply, part) : reply.error();
    if (!errors.ok()) {
      give_back(entries.subspan(at), errors.error(), session);
      return errors.error();
    }
    for (std::size_t i = 0; i < part.size(); ++i) {
      const std::string& code = (*errors)[i].code;
      const bool gone = code == "ENTITY_IS_DELETED" || code == "NOT_FOUND" ||
                        code == "INVALID_CROSS_REFERENCE_KEY";
      settle(part[i], gone ? RecordError{} : (*errors)[i], session);
    }
  }
  return {};
}

}  // namespace rondom::salesforce
