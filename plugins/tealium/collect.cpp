#include "collect.h"

namespace rondom::tealium {
namespace {

/// What a request is refused for whole, and a smaller one perhaps is not.
bool is_about_content(std::uint32_t status) {
  return status == 400 || status == 413 || status == 422;
}

}  // namespace

Status Collect::prepare(const WriteBatch& batch) {
  Result<JobOptions> options =
      job_options.parse(batch.options_json.empty() ? "{}" : batch.options_json);
  if (!options.ok()) return options.error();
  options_ = std::move(*options);
  for (const WriteRecord& record : batch.records) {
    if (record.action == "delete" && options_.visitor_attribute_id == 0) {
      return {Code::config,
              "Deleting a visitor needs the option visitor_attribute_id: the number of the Visitor "
              "ID attribute."};
    }
  }
  return {};
}

/// One request. Only what Tealium surely refused may be sent again; of the rest nobody knows.
Status Collect::send_once(std::span<const Entry> entries, WriteResults& results) {
  Json shared = Json::object();
  shared.set("tealium_account", Json::of(api_.config().account));
  shared.set("tealium_profile", Json::of(api_.config().profile));
  if (!options_.environment.empty()) {
    shared.set("tealium_environment", Json::of(options_.environment));
  }
  if (!options_.datasource.empty()) {
    shared.set("tealium_datasource", Json::of(options_.datasource));
  }
  Json events = Json::list();
  for (const Entry& entry : entries) events.push(entry.event);
  HttpRequest request = HttpRequest::post("/v3/collect/bulk-event");
  request.json(Json::object().set("shared", std::move(shared)).set("events", std::move(events)));
  const Result<HttpReply> reply = api_.send(request);
  if (!reply.ok()) return reply.error();
  if (reply->ok()) {
    for (const Entry& entry : entries) results.accepted(entry.index, entry.visitor);
    return {};
  }
  Failure failure = http_failure(*reply);
  if (failure.code == Code::data && !is_about_content(reply->status)) failure.code = Code::config;
  if (!http_not_applied(*reply)) failure.code = Code::unavailable;
  return failure;
}

/// One bad event spoils the whole request: the halves show which.
Status Collect::send(std::span<const Entry> entries, WriteResults& results) {
  std::vector<std::size_t> sizes;
  for (const Entry& entry : entries) sizes.push_back(entry.event.to_text().size() + 1);
  const auto give_back = [&](const Entry& entry, const Failure& why) {
    const bool may_be_there = why.code == Code::unavailable || why.code == Code::internal;
    if (may_be_there) {
      results.unknown(entry.index, why.message);
    } else {
      results.retry(entry.index, why.message);
    }
  };
  Status failed;
  for (const Range& part : batches_of(sizes, batch_max, request_bytes_max - 4'096)) {
    if (!failed.ok()) {
      for (std::size_t i = part.begin; i < part.end; ++i) {
        give_back(entries[i], {Code::transient, "Not tried: " + failed.error().message});
      }
      continue;
    }
    failed = bisect(
        part,
        [&](Range range) { return send_once(entries.subspan(range.begin, range.size()), results); },
        [&](std::size_t at, const Failure& why) {
          results.rejected(entries[at].index, why.message);
        },
        [&](Range range, const Failure& why) {
          for (std::size_t i = range.begin; i < range.end; ++i) give_back(entries[i], why);
        });
  }
  return failed;
}

Status Collect::write(const WriteBatch& batch, WriteResults& results) {
  const auto retry_from = [&](std::size_t first, const std::vector<std::size_t>& indexes,
                              const Failure& failure) {
    for (std::size_t i = first; i < indexes.size(); ++i) results.retry(indexes[i], failure.message);
  };
  std::vector<Entry> gone, known;
  std::vector<std::size_t> erased, all;
  for (std::size_t i = 0; i < batch.records.size(); ++i) all.push_back(i);
  Status ready = prepare(batch);
  std::vector<std::pair<std::size_t, std::string>> refused;
  for (std::size_t i = 0; ready.ok() && i < batch.records.size(); ++i) {
    const WriteRecord& record = batch.records[i];
    if (record.action == "delete") {
      erased.push_back(i);
      continue;
    }
    const Result<Json> fields = parse_json(record.json.empty() ? "{}" : record.json);
    Result<Json> event =
        fields.ok() ? event_of(options_, record, *fields) : Result<Json>(fields.error());
    if (!event.ok() && event.error().code == Code::config) {
      ready = event.error();
    } else if (!event.ok()) {
      refused.emplace_back(i, event.error().message);
    } else {
      (record.operation == Operation::remove ? gone : known)
          .push_back({i, std::move(*event), visitor_value(options_, record, *fields)});
    }
  }
  if (!ready.ok()) {
    retry_from(0, all, ready.error());
    return ready;
  }
  for (const auto& [index, why] : refused) results.rejected(index, why);
  Status status;
  for (std::size_t i = 0; status.ok() && i < erased.size(); ++i) {
    status = erase(batch.records[erased[i]], erased[i], results);
    if (!status.ok()) retry_from(i, erased, status.error());
  }
  for (const auto* entries : {&gone, &known}) {
    if (status.ok()) {
      status = send(*entries, results);
      continue;
    }
    for (const Entry& entry : *entries) results.retry(entry.index, status.error().message);
  }
  return status;
}

}  // namespace rondom::tealium
