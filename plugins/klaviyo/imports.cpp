// Bulk imports: a job of Klaviyo's that is asked after until it is done, and what became of each
// profile.
#include <algorithm>
#include <charconv>

#include "destination.h"

namespace rondom::klaviyo {
namespace {

constexpr std::uint64_t first_wait_ms = 100;
constexpr std::uint64_t longest_wait_ms = 5'000;
/// Half an hour at the longest wait.
constexpr int polls_max = 360;

/// Where the attributes of a refused profile are: Klaviyo gives back what it was sent, its shape is
/// not promised.
const Json* payload_of(const Json& error) {
  for (const std::string_view at :
       {"/attributes/original_payload/data/attributes", "/attributes/original_payload/attributes",
        "/attributes/original_payload"}) {
    const Json* found = json_at(error, std::string(at));
    if (found != nullptr && found->is_object()) return found;
  }
  return nullptr;
}

}  // namespace

/// Those without an id are looked for once it is done: later they are asked for by it.
Status Lists::import(const Some& entries, WriteResults& results) const {
  if (entries.empty()) return {};
  std::vector<std::size_t> sizes;
  for (const Entry* entry : entries)
    sizes.push_back(profile_of(entry->fields, entry->id).to_text().size() + 1);
  Call call;
  call.method = "POST";
  call.path = "/profile-bulk-import-jobs";
  call.body = [&](const Some& some) {
    Json profiles = Json::list();
    for (const Entry* entry : some) profiles.push(profile_of(entry->fields, entry->id));
    Json attributes = Json::object();
    attributes.set("profiles", Json::object().set("data", std::move(profiles)));
    Json body = document("profile-bulk-import-job", std::move(attributes));
    if (options_.list.empty()) return body;
    Json lists = Json::object();
    lists.set("data", Json::list().push(reference("list", options_.list)));
    Json data = data_of(body);
    data.set("relationships", Json::object().set("lists", std::move(lists)));
    return Json(Json::object().set("data", std::move(data)));
  };
  call.take = [&](const HttpReply& reply, const Some& some) {
    return follow(reply, some, results);
  };
  const std::vector<Range> parts = batches_of(sizes, import_profiles_max, import_bytes_max);
  RONDOM_TRY(send_all(entries, parts, call, results));
  Some made;
  for (Entry* entry : entries) {
    if (!entry->settled && entry->id.empty()) made.push_back(entry);
  }
  // They are there, whether Klaviyo shows them yet or not; who has no id is found by name later on.
  if (const Status found = find(made); !found.ok())
    api_.context().log(LogLevel::warning, "The ids of imported profiles could not be asked for.");
  return {};
}

/// Whatever goes wrong from here on, the job runs: nobody knows what became of its profiles.
Status Lists::follow(const HttpReply& reply, const Some& entries, WriteResults& results) const {
  const auto unknown = [&](const Failure& why) {
    for (Entry* entry : entries) {
      if (entry->settled) continue;
      entry->settled = true;
      results.unknown(entry->index, why.message);
    }
    return Status(why.code == Code::data ? Failure{Code::unavailable, why.message} : why);
  };
  const Result<Json> begun = reply.json();
  if (!begun.ok()) return unknown(begun.error());
  const std::string id = data_of(*begun).text_or("id", "");
  if (id.empty()) return unknown({Code::unavailable, "Klaviyo named no import job."});
  const Result<Json> done = wait_for(id);
  if (!done.ok()) return unknown(done.error());
  const std::int64_t failed = done->integer_or("failed_count", 0);
  if (failed == 0) return {};
  const Status taken = take_errors(id, failed, entries, results);
  return taken.ok() ? Status() : unknown(taken.error());
}

/// The attributes of a job that is complete.
Result<Json> Lists::wait_for(const std::string& id) const {
  std::uint64_t wait = first_wait_ms;
  for (int polls = 0; polls < polls_max; ++polls) {
    RONDOM_TRY(api_.context().sleep_ms(wait));
    wait = std::min(wait * 2, longest_wait_ms);
    const Result<Json> reply =
        api_.call(request("GET", "/profile-bulk-import-jobs/" + http_encoded(id)));
    if (!reply.ok()) return reply.error();
    const Json data = data_of(*reply);
    const Json* attributes = data.find("attributes");
    if (attributes == nullptr) return Failure{Code::data, "Klaviyo said nothing of the import."};
    const std::string status = attributes->text_or("status", "");
    if (status == "complete") return *attributes;
    if (status == "cancelled") return Failure{Code::unavailable, "Klaviyo cancelled the import."};
  }
  return Failure{Code::unavailable, "Klaviyo did not finish the import in half an hour."};
}

/// Each error names a profile, by what it was sent or by its row. When more failed than could be
/// told apart, the others may be among them.
Status Lists::take_errors(const std::string& id, std::int64_t failed, const Some& entries,
                          WriteResults& results) const {
  std::map<std::string, Entry*> by_name;
  for (Entry* entry : entries) {
    if (!entry->external_id.empty()) by_name["external_id " + entry->external_id] = entry;
    if (!entry->email.empty()) by_name["email " + entry->email] = entry;
    if (!entry->id.empty()) by_name["id " + entry->id] = entry;
  }
  const auto named = [&](const Json& error) -> Entry* {
    if (const Json* payload = payload_of(error)) {
      for (const char* name : {"id", "external_id", "email"}) {
        const std::string value = payload->text_or(name, "");
        const auto found = by_name.find(std::string(name) + " " +
                                        (name == std::string_view("email") ? lower(value) : value));
        if (found != by_name.end()) return found->second;
      }
    }
    constexpr std::string_view rows = "/data/attributes/profiles/data/";
    const Json* pointer = json_at(error, "/attributes/source/pointer");
    if (pointer == nullptr || !pointer->as_text().starts_with(rows)) return nullptr;
    const std::string row = pointer->as_text().substr(rows.size());
    std::size_t number = entries.size();
    std::from_chars(row.data(), row.data() + row.size(), number);
    return number < entries.size() ? entries[number] : nullptr;
  };
  Pager pages =
      pages_of(request("GET", "/profile-bulk-import-jobs/" + http_encoded(id) + "/import-errors"));
  std::int64_t told = 0;
  bool nameless = false;
  while (true) {
    const auto page = pages.next(api_.context());
    if (!page.ok()) return page.error();
    if (!*page) break;
    for (const Json* error : (*page)->items()) {
      Entry* entry = named(*error);
      nameless = nameless || entry == nullptr;
      if (entry == nullptr || entry->settled) continue;
      const Json* attributes = error->find("attributes");
      reject(*entry, reason_of(attributes == nullptr ? Json::object() : *attributes), results);
      ++told;
    }
  }
  if (told >= failed && !nameless) return {};
  for (Entry* entry : entries) {
    if (entry->settled) continue;
    entry->settled = true;
    results.unknown(entry->index, "Klaviyo refused some profiles without saying which.");
  }
  return {};
}

}  // namespace rondom::klaviyo
