// Visitors that are erased at Tealium, and what became of operations whose answer was lost.
#include "collect.h"

namespace rondom::tealium {

/// Tealium queues the deletion and takes days for it; asking twice is asking once. Who is not there
/// is gone as wanted.
Status Collect::erase(const WriteRecord& record, std::size_t index, WriteResults& results) {
  const Result<Json> fields = parse_json(record.json.empty() ? "{}" : record.json);
  const std::string visitor = record.remote_id.empty() && fields.ok()
                                  ? visitor_value(options_, record, *fields)
                                  : std::string(record.remote_id);
  if (visitor.empty()) {
    results.rejected(index, "cannot be found: no " + options_.visitor_attribute + " is known");
    return {};
  }
  HttpRequest request = HttpRequest::remove(api_.place("/v3/privacy/visitor"));
  request.content("application/x-www-form-urlencoded",
                  "attributeId=" + std::to_string(options_.visitor_attribute_id) +
                      "&attributeValue=" + http_encoded(visitor));
  const Result<HttpReply> reply = api_.send(request);
  if (!reply.ok()) return reply.error();
  if (reply->status == 404) {
    results.accepted(index, record.remote_id);
    return {};
  }
  if (!reply->ok()) {
    const Failure failure = http_failure(*reply);
    if (failure.code != Code::data) return failure;
    results.rejected(index, failure.message);
    return {};
  }
  if (const Result<Json> said = reply->json(); said.ok()) {
    api_.context().log(LogLevel::info, "Tealium queued the deletion of a visitor.",
                       {{"transaction", said->text_or("transactionId", "")}});
  }
  results.accepted(index, record.remote_id);
  return {};
}

/// The visitor keeps the id of the last operation, where the user has it kept. Another one there
/// says nothing for certain: it may be on its way, or overtaken. Who left or said no is said again:
/// twice is as good as once, and a no must not get lost for fear of a double.
Status Collect::look_for(const WriteRecord& record, std::size_t index, WriteResults& results) {
  if (record.operation == Operation::remove) {
    results.retry(index, "may have arrived; saying it again does no harm");
    return {};
  }
  const Result<Json> fields = parse_json(record.json.empty() ? "{}" : record.json);
  const std::string visitor =
      fields.ok() ? visitor_value(options_, record, *fields) : std::string(record.remote_id);
  const bool can_look = options_.visitor_attribute_id != 0 && !visitor.empty() &&
                        !options_.operation_attribute.empty();
  const auto not_shown = [&](const char* why) {
    if (options_.unknown == "resend") {
      results.retry(index, why);
    } else {
      results.unknown(index, why);
    }
  };
  if (!can_look) {
    not_shown("may have arrived; it cannot be looked up");
    return {};
  }
  HttpRequest request = HttpRequest::get(api_.place("/v3/customer/visitor"));
  request.query("attributeId", options_.visitor_attribute_id)
      .query("attributeValue", visitor)
      .query("prettyName", true);
  const Result<HttpReply> reply = api_.send(request);
  if (!reply.ok()) return reply.error();
  if (!reply->ok() && reply->status != 404) return http_failure(*reply);
  const Result<Json> json = reply->status == 404 ? Result<Json>(Json::object()) : reply->json();
  if (!json.ok()) return {Code::transient, json.error().message};
  const Json* properties = visitor_of(*json).find("properties");
  const std::string last =
      properties == nullptr ? "" : properties->text_or(options_.operation_attribute, "");
  if (last == record.operation_id) {
    results.accepted(index, visitor);
  } else {
    not_shown("may have arrived; Tealium does not show it");
  }
  return {};
}

Status Collect::look_up(const WriteBatch& batch, WriteResults& results) {
  Result<JobOptions> options =
      job_options.parse(batch.options_json.empty() ? "{}" : batch.options_json);
  if (!options.ok()) return options.error();
  options_ = std::move(*options);
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    RONDOM_TRY(look_for(batch.records[i], i, results));
  }
  return {};
}

}  // namespace rondom::tealium
