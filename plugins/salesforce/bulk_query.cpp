#include "bulk_query.h"

#include <algorithm>

#include "csv.h"

namespace rondom::salesforce {
namespace {

constexpr std::string_view query_jobs = "/jobs/query";

/// The first row of a page names the columns.
bool is_header(const std::vector<std::string>& cells) {
  return std::all_of(cells.begin(), cells.end(),
                     [](const std::string& cell) { return is_name(cell); }) &&
         std::find(cells.begin(), cells.end(), "Id") != cells.end();
}

/// Rows that hold records.
Result<std::size_t> count_rows(std::string_view csv) {
  CsvReader reader(csv);
  std::vector<std::string> cells;
  std::size_t count = 0;
  for (bool first = true;; first = false) {
    const Result<bool> more = reader.next(cells);
    if (!more.ok()) return more.error();
    if (!*more) return count;
    count += first && is_header(cells) ? 0 : 1;
  }
}

}  // namespace

Result<std::string> create_query_job(Api& api, const std::string& soql) {
  Json body = Json::object();
  body.set("operation", Json::of("query")).set("query", Json::of(soql));
  body.set("contentType", Json::of("CSV")).set("columnDelimiter", Json::of("COMMA"));
  body.set("lineEnding", Json::of("LF"));
  HttpRequest request = HttpRequest::post(api.path(query_jobs));
  // A second job costs quota, but makes no difference to what is read.
  request.json(body).may_repeat();
  const Result<Json> made = api.json(request);
  if (!made.ok()) return made.error();
  const std::string id = made->text_or("id", "");
  if (!is_name(id)) return Failure{Code::data, "Salesforce made a query job without an id."};
  return id;
}

Result<bool> wait_for_query_job(Api& api, const std::string& job, std::string& why) {
  std::int64_t waited = 0;
  for (std::uint64_t wait = job_first_wait_ms;; wait = std::min(wait * 2, job_longest_wait_ms)) {
    const Result<HttpReply> reply =
        api.send(HttpRequest::get(api.path(std::string(query_jobs) + "/" + job)));
    if (!reply.ok()) return reply.error();
    if (reply->status == 404) {
      why = "Salesforce does not know the query job any more.";
      return false;
    }
    if (!reply->ok()) return failure_of(*reply);
    const Result<Json> json = reply->json();
    if (!json.ok()) return json.error();
    const std::string state = json->text_or("state", "");
    if (state == "JobComplete") return true;
    if (state == "Failed" || state == "Aborted") {
      HttpReply said;
      said.status = 400;
      said.body =
          Json::object().set("message", Json::of(json->text_or("errorMessage", ""))).to_text();
      why = "The query job ended as " + state + ". " + http_failure(said).message;
      return false;
    }
    if (waited >= job_patience_ms) {
      return Failure{Code::transient,
                     "The query job takes longer than an hour; the next run goes on waiting."};
    }
    RONDOM_TRY(api.context().sleep_ms(wait));
    waited += static_cast<std::int64_t>(wait);
  }
}

BulkPages::BulkPages(Api& api, const Selection& selection, const std::string& job,
                     std::int64_t page_size, const std::string& locator)
    : api_(api),
      selection_(selection),
      width_(selection.fields.size()),
      pages_(
          Pager::header(HttpRequest::get(api.path(std::string(query_jobs) + "/" + job + "/results"))
                            .query("maxRecords", page_size),
                        "Sforce-Locator", Pager::in_query("locator"))) {
  pages_.resume(locator);
  for (std::size_t i = 0; i < width_; ++i) column_.push_back(i);
}

Result<HttpReply> BulkPages::fetch() {
  for (int attempt = 1;; ++attempt) {
    Result<HttpReply> reply = api_.fetch_whole(pages_.request());
    if (!reply.ok()) return reply;
    const std::string_view told = reply->header("Sforce-NumberOfRecords");
    const Result<std::size_t> rows = count_rows(reply->body);
    const bool whole = rows.ok() && (told.empty() || std::to_string(*rows) == told);
    if (whole) return reply;
    if (attempt == page_attempts_max) {
      return Failure{Code::transient, "A page of the query job's results arrived incomplete."};
    }
  }
}

/// A job that is taken up again may be older than a field: what it does not name is empty.
void BulkPages::take_header(const std::vector<std::string>& cells) {
  width_ = cells.size();
  for (std::size_t i = 0; i < column_.size(); ++i) {
    const auto found = std::find(cells.begin(), cells.end(), selection_.fields[i].name);
    column_[i] = static_cast<std::size_t>(found - cells.begin());
  }
}

Status BulkPages::write_rows(std::string_view csv, RecordWriter& out) {
  CsvReader reader(csv);
  std::vector<std::string> cells, ordered(column_.size());
  for (bool first = true;; first = false) {
    const Result<bool> more = reader.next(cells);
    if (!more.ok()) return more.error();
    if (!*more) return {};
    if (first && is_header(cells)) {
      take_header(cells);
      continue;
    }
    if (cells.size() != width_) {
      RONDOM_TRY(out.unreadable("A row of the query job's results has " +
                                    std::to_string(cells.size()) + " values, not " +
                                    std::to_string(width_) + ".",
                                cells.front()));
      continue;
    }
    for (std::size_t i = 0; i < ordered.size(); ++i) {
      ordered[i] = column_[i] < width_ ? cells[column_[i]] : std::string();
    }
    RONDOM_TRY(write_record(selection_, ordered, out));
  }
}

Status BulkPages::write_next(RecordWriter& out) {
  const Result<HttpReply> reply = fetch();
  if (!reply.ok()) return reply.error();
  RONDOM_TRY(pages_.accept(*reply));
  return write_rows(reply->body, out);
}

}  // namespace rondom::salesforce
