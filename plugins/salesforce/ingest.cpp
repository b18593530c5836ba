#include "ingest.h"

#include <algorithm>

#include "csv.h"

namespace rondom::salesforce {
namespace {

using Kind = IngestEnd::Kind;

constexpr std::string_view ingest_jobs = "/jobs/ingest";
/// State of the job: the ingest job that may be at work. Later writes must not be overtaken by it.
constexpr std::string_view at_work = "ingest_job";

IngestEnd ends(Kind kind, Failure why) {
  IngestEnd end;
  end.kind = kind;
  end.why = std::move(why);
  return end;
}

class Run {
 public:
  Run(Api& api, const IngestJob& job, const std::string& csv) : api_(api), job_(job), csv_(csv) {}

  IngestEnd run();
  /// Stops a job of before. Failure: it may be at work still.
  Status stop(std::string id);

 private:
  std::string path(std::string_view rest = {}) const {
    return api_.path(std::string(ingest_jobs) + "/" + id_ + std::string(rest));
  }
  Status make();
  Status upload();
  /// Sets it to work. False: it is certain that it does not.
  Result<bool> begin();
  Status change_state(std::string_view state);
  Result<Json> ask();
  /// Salesforce itself says that it has no such job.
  bool is_gone();
  /// It is certain that it was stopped before it began.
  Status stopped();
  /// Its last word.
  Result<Json> wait();
  Status take_results(const Json& info, IngestEnd& end);
  Status take_rows(std::string_view what, RowEnd::Kind kind, std::map<std::string, RowEnd>& rows);

  Api& api_;
  const IngestJob& job_;
  const std::string& csv_;
  std::string id_;
};

Status Run::make() {
  Json body = Json::object();
  body.set("object", Json::of(job_.object));
  body.set("operation", Json::of(std::string(job_.upsert ? "upsert" : "update")));
  if (job_.upsert) body.set("externalIdFieldName", Json::of(job_.key));
  body.set("contentType", Json::of("CSV")).set("columnDelimiter", Json::of("COMMA"));
  body.set("lineEnding", Json::of("LF"));
  HttpRequest request = HttpRequest::post(api_.path(ingest_jobs));
  // A job that nothing is uploaded to does nothing, and Salesforce removes it after a week.
  request.json(body).may_repeat();
  const Result<Json> made = api_.json(request);
  if (!made.ok()) return made.status();
  id_ = made->text_or("id", "");
  if (!is_name(id_)) return {Code::transient, "Salesforce made an ingest job without an id."};
  return {};
}

Status Run::upload() {
  HttpRequest request = HttpRequest::put(path("/batches"));
  request.content("text/csv", csv_);
  return api_.fetch(request).status();
}

Status Run::change_state(std::string_view state) {
  HttpRequest request = HttpRequest::patch(path());
  request.json(Json::object().set("state", Json::of(std::string(state)))).may_repeat();
  return api_.fetch(request).status();
}

Result<Json> Run::ask() {
  return api_.json(HttpRequest::get(path()));
}

Result<bool> Run::begin() {
  const Status told = change_state("UploadComplete");
  if (told.ok()) return true;
  // Perhaps it heard us and only the answer was lost: then a second word is refused.
  const Result<Json> info = ask();
  if (!info.ok()) return Failure{Code::unavailable, told.error().message};
  if (info->text_or("state", "") != "Open") return true;
  // Our word may still be on its way: only a job that was stopped does not begin.
  if (!stopped().ok()) return Failure{Code::unavailable, told.error().message};
  return false;
}

Status Run::stopped() {
  Status told = change_state("Aborted");
  if (told.ok()) return told;
  const Result<Json> info = ask();
  if (info.ok() && info->text_or("state", "") == "Aborted") return {};
  return told;
}

bool Run::is_gone() {
  const Result<HttpReply> reply = api_.context().http(HttpRequest::get(path()));
  if (!reply.ok() || reply->ok()) return false;
  // A 404 without its word may be anybody's: a proxy's, or of a page that is being worked on.
  const std::string code = error_code(*reply);
  return code == "NOT_FOUND" || code == "ENTITY_NOT_FOUND" || code == "InvalidJob";
}

Status Run::stop(std::string id) {
  id_ = std::move(id);
  if (change_state("Aborted").ok()) return {};
  const Result<Json> info = ask();
  const std::string state = info.ok() ? info->text_or("state", "") : std::string();
  if (state == "JobComplete" || state == "Failed" || state == "Aborted") return {};
  // It removes jobs a week after their end.
  if (!info.ok() && is_gone()) return {};
  return {Code::transient,
          "An ingest job of before may be at work still, and would write over this."};
}

Result<Json> Run::wait() {
  std::int64_t waited = 0;
  bool stopped = false;
  for (std::uint64_t wait = ingest_first_wait_ms;;
       wait = std::min(wait * 2, ingest_longest_wait_ms)) {
    Result<Json> info = ask();
    if (!info.ok()) return info;
    const std::string state = info->text_or("state", "");
    if (state == "JobComplete" || state == "Failed" || state == "Aborted") return info;
    if (waited >= job_.patience_ms) {
      if (stopped) break;
      stopped = true;
      if (!change_state("Aborted").ok()) break;
      continue;
    }
    RONDOM_TRY(api_.context().sleep_ms(wait));
    waited += static_cast<std::int64_t>(wait);
  }
  return Failure{Code::unavailable, "The ingest job took too long and did not stop."};
}

/// "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
void split_error(std::string_view said, RowEnd& row) {
  const std::size_t colon = said.find(':');
  row.code = said.substr(0, colon);
  if (row.code.empty() || !is_name(row.code)) row.code = "UNKNOWN_EXCEPTION";
  std::string_view rest = colon == std::string_view::npos ? said : said.substr(colon + 1);
  constexpr std::string_view tail = " --", bare_tail = ":--";
  if (rest.ends_with(bare_tail)) rest.remove_suffix(bare_tail.size());
  if (rest.ends_with(tail)) rest.remove_suffix(tail.size());
  row.message = rest;
}

Status Run::take_rows(std::string_view what, RowEnd::Kind kind,
                      std::map<std::string, RowEnd>& rows) {
  HttpRequest request = HttpRequest::get(path("/" + std::string(what)));
  const Result<HttpReply> reply = api_.fetch_whole(request.header("Accept", "text/csv"));
  if (!reply.ok()) return reply.status();
  CsvReader reader(reply->body);
  std::vector<std::string> names, cells;
  Result<bool> more = reader.next(names);
  const auto column = [&names](std::string_view name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  const std::size_t key = column(job_.key), id = column("sf__Id"), error = column("sf__Error");
  while (more.ok() && *more) {
    more = reader.next(cells);
    if (!more.ok() || !*more) break;
    if (cells.size() != names.size() || key == names.size()) {
      return {Code::data, "The ingest job's results do not name their rows."};
    }
    RowEnd row;
    row.kind = kind;
    if (id < cells.size()) row.id = cells[id];
    // Without its column too: a refused row that says no reason is no accepted one.
    if (kind == RowEnd::Kind::refused) {
      split_error(error < cells.size() ? cells[error] : std::string(), row);
    }
    rows.insert_or_assign(cells[key], std::move(row));
  }
  return more.status();
}

/// The order of the rows is not that of the upload, and a row may be missing.
Status Run::take_results(const Json& info, IngestEnd& end) {
  RONDOM_TRY(take_rows("successfulResults", RowEnd::Kind::done, end.rows));
  if (end.kind != Kind::ended || info.integer_or("numberRecordsFailed", 1) != 0) {
    RONDOM_TRY(take_rows("failedResults", RowEnd::Kind::refused, end.rows));
  }
  if (end.kind == Kind::ended) return {};
  return take_rows("unprocessedrecords", RowEnd::Kind::unprocessed, end.rows);
}

/// Salesforce's sentence without what may be personal.
std::string said_of(const Json& info) {
  HttpReply said;
  said.status = 400;
  said.body = Json::object().set("message", Json::of(info.text_or("errorMessage", ""))).to_text();
  const std::string whole = http_failure(said).message;
  const std::size_t colon = whole.find(": ");
  return colon == std::string::npos ? std::string() : ": " + whole.substr(colon + 2);
}

IngestEnd Run::run() {
  for (int attempt = 1;; ++attempt) {
    if (const Status made = make(); !made.ok()) return ends(Kind::not_begun, made.error());
    const Status uploaded = upload();
    if (uploaded.ok()) break;
    // Whether it has the rows or not: it was not told to begin.
    (void)change_state("Aborted");
    if (uploaded.code() == Code::cancelled || attempt == upload_attempts_max) {
      Failure why = uploaded.error();
      if (why.code == Code::unavailable) why.code = Code::transient;
      return ends(Kind::not_begun, std::move(why));
    }
  }
  const Status kept = api_.context().state_put(at_work, id_);
  if (!kept.ok() && kept.code() != Code::unsupported) {
    (void)change_state("Aborted");
    return ends(Kind::not_begun, {Code::transient, kept.error().message});
  }
  const Result<bool> begun = begin();
  if (!begun.ok()) return ends(Kind::unheard, begun.error());
  if (!*begun) {
    (void)api_.context().state_put(at_work, {});
    return ends(Kind::not_begun, {Code::transient, "Salesforce did not begin the ingest job."});
  }
  const Result<Json> info = wait();
  if (!info.ok()) return ends(Kind::unheard, info.error());
  (void)api_.context().state_put(at_work, {});
  IngestEnd end;
  const std::string state = info->text_or("state", "");
  if (state == "Failed") end.kind = Kind::failed;
  if (state == "Aborted") end.kind = Kind::aborted;
  if (end.kind != Kind::ended) {
    end.why = {Code::transient, "The ingest job ended as " + state + said_of(*info) + "."};
  }
  const Status taken = take_results(*info, end);
  if (taken.ok()) return end;
  // What was read already is true; of the others nobody knows.
  end.kind = Kind::unheard;
  end.why = taken.error();
  return end;
}

}  // namespace

Status stop_earlier(Api& api) {
  const Result<std::string> id = api.context().state_get(at_work);
  if (!id.ok()) {
    if (id.error().code == Code::unsupported) return {};
    // Taken for none, it might write over what is written now.
    return {Code::transient,
            "It is not known whether an ingest job of before is at work: " + id.error().message};
  }
  if (id->empty()) return {};
  if (!is_name(*id)) return {Code::state, "What was kept of an ingest job of before is no id."};
  const IngestJob none;
  const std::string nothing;
  RONDOM_TRY(Run(api, none, nothing).stop(*id));
  return api.context().state_put(at_work, {});
}

IngestEnd ingest(Api& api, const IngestJob& job, const std::string& csv) {
  return Run(api, job, csv).run();
}

}  // namespace rondom::salesforce
