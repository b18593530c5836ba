#include "api.h"

#include <algorithm>
#include <array>

namespace rondom::salesforce {
namespace {

constexpr std::uint64_t again_wait_ms = 1'000;

/// The member of a refusal, which is a list of one object (REST), or the object itself (OAuth,
/// Bulk).
const Json* refusal_of(const Json& body) {
  if (body.is_list()) return body.items().empty() ? nullptr : &body.items().front();
  return &body;
}

}  // namespace

std::string error_code(const HttpReply& reply) {
  const Result<Json> body = parse_json(reply.body);
  const Json* refusal = body.ok() ? refusal_of(*body) : nullptr;
  return refusal == nullptr ? std::string() : refusal->text_or("errorCode", "");
}

Failure failure_of(const HttpReply& reply) {
  Failure failure = http_failure(reply);
  const std::string code = error_code(reply);
  if (code.empty()) return failure;
  failure.message = "Salesforce says " + code + ". " + failure.message;
  const auto is = [&code](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), code) != words.end();
  };
  if (code == "REQUEST_LIMIT_EXCEEDED") {
    failure.code = Code::rate_limited;
    failure.retry_after_ms = std::max(failure.retry_after_ms, quota_wait_ms);
    failure.message += " The organisation's quota of API requests is used up; a later run goes on.";
  } else if (is({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "EXCEEDED_ID_LIMIT",
                 "INVALID_QUERY_LOCATOR"})) {
    failure.code = Code::transient;
  } else if (is({"INSUFFICIENT_ACCESS", "API_DISABLED_FOR_ORG", "FUNCTIONALITY_NOT_ENABLED",
                 "INSUFFICIENT_ACCESS_OR_READONLY", "API_CURRENTLY_DISABLED"})) {
    failure.code = Code::not_permitted;
  } else if (is({"INVALID_TYPE", "MALFORMED_QUERY", "INVALID_FIELD_FOR_OPERATION"})) {
    failure.code = Code::config;
  }
  return failure;
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 80) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string Api::path(std::string_view rest) const {
  return "/services/data/v" + version_ + std::string(rest);
}

Result<HttpReply> Api::fetch(const HttpRequest& request) {
  Result<HttpReply> reply = context_->http(request);
  if (reply.ok() && !reply->ok()) return failure_of(*reply);
  return reply;
}

Result<HttpReply> Api::fetch_whole(const HttpRequest& request) {
  for (int attempt = 1;; ++attempt) {
    Result<HttpReply> reply = fetch(request);
    if (reply.ok() || reply.error().code != Code::transient || attempt == page_attempts_max) {
      return reply;
    }
    if (attempt > 1) RONDOM_TRY(context_->sleep_ms(again_wait_ms));
  }
}

Result<Json> Api::json(const HttpRequest& request) {
  const Result<HttpReply> reply = fetch_whole(request);
  if (!reply.ok()) return reply.error();
  return reply->json();
}

Result<QueryPage> Api::page_at(const HttpRequest& request) {
  const Result<Json> reply = json(request);
  if (!reply.ok()) return reply.error();
  const Json* records = reply->find("records");
  if (records == nullptr || !records->is_list()) {
    return Failure{Code::data, "Salesforce answered a query without a list of records."};
  }
  QueryPage page{records->items(), {}};
  if (!reply->boolean_or("done", true)) page.next = reply->text_or("nextRecordsUrl", "");
  if (!page.next.empty() && (page.next.front() != '/' || page.records.empty())) {
    return Failure{Code::data, "Salesforce's answer to a query names no usable next page."};
  }
  return page;
}

Result<QueryPage> Api::query_page(const std::string& soql, bool all) {
  if (soql.size() > query_bytes_max) {
    return Failure{Code::config, "The query for the fields is " + std::to_string(soql.size()) +
                                     " bytes long, and " + std::to_string(query_bytes_max) +
                                     " can be sent: name fewer in options.fields."};
  }
  return page_at(HttpRequest::get(path(all ? "/queryAll" : "/query")).query("q", soql));
}

Result<std::vector<Json>> Api::query(const std::string& soql, std::size_t records_max) {
  std::vector<Json> records;
  Result<QueryPage> page = query_page(soql, false);
  while (page.ok()) {
    records.insert(records.end(), page->records.begin(), page->records.end());
    if (records.size() > records_max) {
      return Failure{Code::data, "Salesforce found more than " + std::to_string(records_max) +
                                     " records, or its next page leads in a circle."};
    }
    if (page->next.empty()) return records;
    page = page_at(HttpRequest::get(page->next));
  }
  return page.error();
}

}  // namespace rondom::salesforce
