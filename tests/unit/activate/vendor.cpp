#include "vendor.h"

#include "base/base.h"

namespace rondom::activate::test {

std::map<std::string, std::string> flat_fields(std::string_view json) {
  std::map<std::string, std::string> fields;
  if (json.size() < 3) return fields;
  for (const std::string_view pair : split(json.substr(1, json.size() - 2), ',')) {
    const std::size_t colon = pair.find(':');
    fields[std::string(pair.substr(1, colon - 2))] = std::string(pair.substr(colon + 1));
  }
  return fields;
}

std::string VendorDestination::find(const plugin::WriteRecord& record) const {
  if (!record.remote_id.empty()) return std::string(record.remote_id);
  if (!upserts_by_key) return {};
  for (const auto& [id, contact] : vendor_.contacts) {
    if (contact.key == record.key) return id;
  }
  return {};
}

std::string VendorDestination::apply(const plugin::WriteRecord& record, bool& adopted) {
  vendor_.log.push_back(std::string(record.action) + " " + std::string(record.key));
  actions.push_back(std::string(record.action) + " " + std::string(record.json));
  std::string id = find(record);
  adopted = false;
  if (record.operation == plugin::Operation::upsert) {
    const auto fields = flat_fields(record.json);
    if (id.empty() && info_.can_adopt) {
      for (const auto& [there, contact] : vendor_.contacts) {
        const auto email = contact.fields.find("email");
        const auto ours = fields.find("email");
        if (email != contact.fields.end() && ours != fields.end() &&
            email->second == ours->second) {
          id = there;
          adopted = true;
        }
      }
    }
    if (id.empty()) id = "r" + std::to_string(vendor_.next_id++);
    Vendor::Contact& contact = vendor_.contacts[id];
    contact.key = record.key;
    contact.subscribed = contact.in_segment = true;
    for (const auto& [name, value] : fields) contact.fields[name] = value;
  } else if (!id.empty()) {
    if (record.action == "delete") vendor_.contacts.erase(id);
    if (record.action == "leave_segment") vendor_.contacts[id].in_segment = false;
    if (record.action == "unsubscribe") vendor_.contacts[id].subscribed = false;
  }
  vendor_.applied[std::string(record.operation_id)] = id;
  return id;
}

Status VendorDestination::write(const plugin::WriteBatch& batch,
                                std::vector<plugin::WriteResult>& results) {
  const int number = static_cast<int>(batches.size());
  std::vector<std::string>& ids = batches.emplace_back();
  last_session = batch.session;
  const bool lost = number == loses_answer_of_batch;
  const bool failed = number == fails_batch;
  for (std::uint32_t i = 0; i < batch.records.size(); ++i) {
    const plugin::WriteRecord& record = batch.records[i];
    ids.emplace_back(record.operation_id);
    plugin::WriteResult result;
    result.index = i;
    const auto answer = answers.find(std::string(record.key));
    if (failed || lost) result.outcome = failed ? fails_with : plugin::WriteOutcome::unknown;
    if (failed) {
      results.push_back(result);
      continue;
    }
    if (answer != answers.end()) {
      result.outcome = answer->second;
      result.message = "the vendor said so";
    } else if (info_.filesystem) {
      open_files_[std::string(batch.session)].push_back(std::string(record.action) + " " +
                                                        std::string(record.key));
    } else {
      std::string id = apply(record, result.adopted);
      if (!lost) result.remote_id = id;
    }
    results.push_back(result);
  }
  if (lost) return {ErrorCode::transient, "the connection was lost"};
  if (failed) return {failure, "the batch failed"};
  return {};
}

Status VendorDestination::flush(std::string_view session) {
  if (flush_fails) return {ErrorCode::transient, "the connection was lost"};
  ++flushes;
  if (info_.filesystem) {
    auto open = open_files_.find(std::string(session));
    if (open != open_files_.end()) vendor_.files[open->first] = std::move(open->second);
    open_files_.erase(std::string(session));
  }
  return {};
}

Status VendorDestination::look_up(const plugin::WriteBatch& batch,
                                  std::vector<plugin::WriteResult>& results) {
  for (std::uint32_t i = 0; i < batch.records.size(); ++i) {
    looked_up.emplace_back(batch.records[i].json);
    plugin::WriteResult result;
    result.index = i;
    const auto found = vendor_.applied.find(std::string(batch.records[i].operation_id));
    result.outcome = found == vendor_.applied.end() ? plugin::WriteOutcome::retry
                                                    : plugin::WriteOutcome::accepted;
    if (found != vendor_.applied.end()) result.remote_id = found->second;
    results.push_back(result);
  }
  return {};
}

}  // namespace rondom::activate::test
