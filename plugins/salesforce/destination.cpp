#include "destination.h"

#include <algorithm>

#include "ingest.h"
#include "soql.h"
#include "values.h"

namespace rondom::salesforce {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

Status Records::check() {
  return api_.fetch(HttpRequest::get(api_.path("/limits"))).status();
}

Status Records::prepare(const WriteBatch& batch) {
  if (options_json_ == batch.options_json) return {};
  Result<WriteOptions> options =
      job_options.parse(batch.options_json.empty() ? "{}" : batch.options_json);
  if (!options.ok()) return options.error();
  Result<Object> object = describe(api_, options->object);
  if (!object.ok()) return object.error();
  options_ = std::move(*options);
  object_ = std::move(*object);
  RONDOM_TRY(check_options());
  options_json_ = batch.options_json;
  return {};
}

Status Records::check_options() const {
  const Field* external = object_.find(options_.external_id);
  if (external == nullptr) return object_.unknown(options_.external_id);
  if (!external->external_id || external->length < 36) {
    return {Code::config, object_.name + "." + external->name +
                              " must be a text field of at least 36 characters that is marked as "
                              "external id and unique."};
  }
  if (!options_.marker.empty()) {
    const Field* marker = object_.find(options_.marker);
    if (marker == nullptr) return object_.unknown(options_.marker);
    if (marker->type != "boolean" || !marker->updateable) {
      return {Code::config,
              object_.name + "." + marker->name + " is no checkbox that this user may change."};
    }
  }
  if (!options_.adopt_by.empty() && object_.find(options_.adopt_by) == nullptr) {
    return object_.unknown(options_.adopt_by);
  }
  return {};
}

Status Records::check_fields(const Json& fields) const {
  for (const Json::Member& member : fields.members()) {
    const Field* field = object_.find(member.first);
    if (field == nullptr) return object_.unknown(member.first);
    if (!field->createable && !field->updateable) {
      return {Code::config, object_.name + "." + field->name + " may not be written by this user."};
    }
    if (field->name == options_.external_id) {
      return {Code::config,
              "The field " + field->name + " holds the profile's id; take it out of the map."};
    }
  }
  return {};
}

std::string Records::too_long(const Json& fields) const {
  for (const Json::Member& member : fields.members()) {
    const Field* field = object_.find(member.first);
    if (field == nullptr || field->length == 0 || !member.second.is_text()) continue;
    const std::size_t size = characters(member.second.as_text());
    if (size <= static_cast<std::size_t>(field->length)) continue;
    return field->name + " would hold " + std::to_string(size) +
           " characters, and Salesforce takes " + std::to_string(field->length);
  }
  return {};
}

Result<std::map<std::string, std::vector<Json>>> Records::find(
    std::string_view field, const std::vector<std::string>& values) {
  std::map<std::string, std::vector<Json>> found;  // by the value, in lower case
  std::vector<std::string> fields{"Id", options_.external_id};
  if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.emplace_back(field);
  std::vector<std::size_t> sizes;
  for (const std::string& value : values) sizes.push_back(http_encoded(quoted(value)).size());
  for (const Range range : batches_of(sizes, look_up_max, look_up_bytes_max)) {
    const std::vector<std::string> part(values.begin() + static_cast<std::ptrdiff_t>(range.begin),
                                        values.begin() + static_cast<std::ptrdiff_t>(range.end));
    const Result<std::vector<Json>> records =
        api_.query(select_where_in(object_.name, fields, field, part), found_max);
    if (!records.ok()) return records.error();
    for (const Json& record : *records) {
      found[lower(record.text_or(field, ""))].push_back(record);
    }
  }
  return found;
}

/// Records that are there already and belong to no profile yet.
Status Records::adopt(std::vector<Entry>& entries, Session& session) {
  if (options_.adopt_by.empty()) return {};
  std::vector<std::string> values;
  for (const Entry& entry : entries) {
    const std::string value = entry.fields.text_or(options_.adopt_by, "");
    if (entry.id.empty() && !value.empty()) values.push_back(value);
  }
  const auto found = find(options_.adopt_by, values);
  if (!found.ok()) return found.error();
  std::set<std::string> taken;
  std::vector<Entry> kept;
  for (Entry& entry : entries) {
    const auto there = found->find(lower(entry.fields.text_or(options_.adopt_by, "")));
    if (entry.id.empty() && there != found->end()) {
      std::vector<std::string> free;
      bool ours = false;
      for (const Json& record : there->second) {
        const std::string external = record.text_or(options_.external_id, "");
        ours = ours || external == entry.key;
        const std::string id = record.text_or("Id", "");
        if (external.empty() && taken.count(id) == 0) free.push_back(id);
      }
      if (!ours && free.size() > 1) {
        session.rejected(entry.index, std::to_string(free.size()) +
                                          " records of Salesforce have the same " +
                                          options_.adopt_by + ": merge them there first");
        continue;
      }
      if (!ours && free.size() == 1) {
        taken.insert(free.front());
        entry.id = free.front();
        entry.adopted = true;
      }
    }
    kept.push_back(std::move(entry));
  }
  entries = std::move(kept);
  return {};
}

Status Records::take_upserts(std::vector<Entry>& entries, Session& session) {
  for (std::size_t i = 0; i < session.batch.records.size(); ++i) {
    const WriteRecord& record = session.batch.records[i];
    if (record.operation != Operation::upsert) continue;
    Result<Json> fields = parse_json(record.json);
    if (!fields.ok()) return fields.error();
    RONDOM_TRY(check_fields(*fields));
    if (const std::string long_one = too_long(*fields); !long_one.empty()) {
      session.rejected(i, long_one);
      continue;
    }
    if (!options_.marker.empty()) fields->set(options_.marker, Json::of_boolean(true));
    entries.push_back(
        {i, std::string(record.key), std::string(record.remote_id), std::move(*fields), false});
  }
  return {};
}

Status Records::write(const WriteBatch& batch, WriteResults& results) {
  Session session(batch, results);
  if (const Status ready = prepare(batch); !ready.ok()) return session.give_up(ready);
  if (const Status alone = stop_earlier(api_); !alone.ok()) return session.give_up(alone);
  std::vector<Entry> entries, marked, deleted;
  Status read = take_upserts(entries, session);
  if (read.ok()) read = take_removals(marked, deleted, session);
  if (read.ok()) read = adopt(entries, session);
  if (!read.ok()) return session.give_up(read);
  // Who said no comes first: nothing that fails later may keep them in.
  Status status = send_all(marked, true, session);
  if (status.ok()) {
    status = remove_all(deleted, session);
  } else {
    give_back(deleted, {Code::transient, "Not tried: " + status.error().message}, session);
  }
  const auto known_first = std::stable_partition(
      entries.begin(), entries.end(), [](const Entry& entry) { return !entry.id.empty(); });
  std::vector<Entry> made(std::make_move_iterator(known_first),
                          std::make_move_iterator(entries.end()));
  entries.erase(known_first, entries.end());
  for (auto* part : {&entries, &made}) {
    if (status.ok()) {
      status = send_all(*part, part == &entries, session);
    } else {
      give_back(*part, {Code::transient, "Not tried: " + status.error().message}, session);
    }
  }
  return status;
}

}  // namespace rondom::salesforce
