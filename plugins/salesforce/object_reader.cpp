#include "object_reader.h"

#include "bulk_query.h"
#include "values.h"

namespace rondom::salesforce {

Status ObjectReader::preview(std::uint64_t records_max) {
  RONDOM_TRY(out_.stream(selection_.object));
  const auto limit =
      std::min<std::uint64_t>(records_max, static_cast<std::uint64_t>(options_.page_size));
  const Result<QueryPage> page =
      api_.query_page(select_after(selection_, {}, static_cast<std::int64_t>(limit)), false);
  if (!page.ok()) return page.error();
  for (const Json& row : page->records) RONDOM_TRY(write_record(selection_, row, out_));
  return {};
}

void ObjectReader::start_over() {
  std::string fields = std::move(state_.fields);
  state_ = {};
  state_.fields = std::move(fields);
}

/// Values of a new field are older than the place that was reached.
void ObjectReader::begin_anew_for_other_fields() {
  std::string fields;
  for (const std::string& field : options_.fields) fields += (fields.empty() ? "" : ",") + field;
  if (state_.fields == fields) return;
  if (!state_.fresh()) {
    api_.context().log(LogLevel::info,
                       "Other fields are read than before; " + name_ + " is read whole.");
  }
  state_.fields = std::move(fields);
  start_over();
}

Status ObjectReader::read(const ReadStream& stream) {
  name_ = stream.name;
  Result<State> state = parse_state(stream.state_json);
  if (!state.ok()) return state.error();
  state_ = std::move(*state);
  begin_anew_for_other_fields();
  RONDOM_TRY(out_.stream(name_));
  const bool open = !stream.generation.empty();
  if (state_.stage == State::Stage::whole && open) {
    // All was handed over, and it was not noted: the run ended there, or a guard stopped it.
    RONDOM_TRY(out_.refresh_begin(name_, stream.generation));
    RONDOM_TRY(out_.refresh_complete(name_));
  } else if (state_.stage == State::Stage::changes || state_.stage == State::Stage::whole) {
    const bool away = state_.read_at != 0 && now_ - state_.read_at > away_seconds_max;
    if (away) {
      api_.context().log(LogLevel::info,
                         "The last read is so long ago that deletions may have gone unseen; " +
                             name_ + " is read whole.");
    }
    if (open || away || state_.fresh() || selection_.cursor.empty()) {
      start_over();
      return read_whole(stream);
    }
  } else {
    return read_whole(stream);
  }
  if (selection_.cursor.empty()) return {};
  state_.stage = State::Stage::changes;
  state_.begun.clear();
  // What was being saved while the last run read may have an earlier time than what that run saw.
  if (const auto since = seconds_of(state_.place.since)) {
    state_.place = {time_text(*since - options_.overlap_seconds), ""};
  }
  RONDOM_TRY(read_rows(selection_.marks_deleted));
  state_.read_at = now_;
  // All that was saved before this run is read: a mass change is not to be looked at for ever.
  if (std::string now = time_text(now_); now > state_.place.since)
    state_.place = {std::move(now), ""};
  return checkpoint();
}

Status ObjectReader::read_whole(const ReadStream& stream) {
  const std::string begun = state_.begun.empty() ? time_text(now_) : state_.begun;
  RONDOM_TRY(out_.refresh_begin(name_, stream.generation.empty() ? begun : stream.generation));
  if (state_.begun.empty()) {
    state_.begun = begun;
    state_.stage = State::Stage::rows;
    const Result<bool> large = is_large();
    if (!large.ok()) return large.error();
    if (*large) RONDOM_TRY(begin_job());
  }
  RONDOM_TRY(state_.stage == State::Stage::bulk ? read_bulk() : read_rows(false));
  const std::string since = state_.begun;
  start_over();
  state_.stage = State::Stage::whole;
  state_.place.since = state_.begun = since;
  // Deletions are known from where the read began.
  state_.read_at = seconds_of(since).value_or(now_);
  RONDOM_TRY(checkpoint());
  return out_.refresh_complete(name_);
}

/// By an estimate that costs nothing; counting in a query may take longer than a query may.
Result<bool> ObjectReader::is_large() {
  if (options_.bulk_from == 0) return true;
  const Result<HttpReply> reply = api_.send(
      HttpRequest::get(api_.path("/limits/recordCount")).query("sObjects", selection_.object));
  if (!reply.ok()) return reply.error();
  if (!reply->ok()) {
    if (error_code(*reply) == "REQUEST_LIMIT_EXCEEDED") return failure_of(*reply);
    return false;  // not every user may ask; queries get there as well
  }
  const Result<Json> json = reply->json();
  if (!json.ok()) return json.error();
  const Json* counts = json->find("sObjects");
  if (counts == nullptr || counts->items().empty()) return false;
  return counts->items().front().integer_or("count", 0) >= options_.bulk_from;
}

Status ObjectReader::begin_job() {
  const Result<std::string> job = create_query_job(api_, select(selection_));
  if (!job.ok()) return job.error();
  state_.stage = State::Stage::bulk;
  state_.job = *job;
  state_.locator.clear();
  return checkpoint();
}

Status ObjectReader::read_bulk() {
  std::string why;
  Result<bool> there = wait_for_query_job(api_, state_.job, why);
  if (there.ok() && !*there) {
    // Results are kept for some days. Once: a query that Salesforce gives up on would come to this
    // again.
    api_.context().log(LogLevel::info, why + " Another one is made.");
    // The read began when it began: what was deleted since and was seen already is to be heard of.
    RONDOM_TRY(begin_job());
    there = wait_for_query_job(api_, state_.job, why);
    if (there.ok() && !*there) return {Code::transient, why};
  }
  if (!there.ok()) return there.error();
  BulkPages pages(api_, selection_, state_.job, options_.bulk_page_size, state_.locator);
  while (!pages.done()) {
    if (api_.context().cancelled()) return {Code::cancelled, "Stopped between two pages."};
    RONDOM_TRY(pages.write_next(out_));
    if (pages.done()) break;
    state_.locator = pages.locator();
    RONDOM_TRY(checkpoint());
  }
  return {};
}

Status ObjectReader::write_page(const std::vector<Json>& rows) {
  const Place before = state_.place;
  for (const Json& row : rows) {
    const Place place = place_of(selection_, row);
    const bool again = place.id == before.id && place.since == before.since;
    if (again || place.since < state_.place.since) {
      return {Code::data, "Salesforce gave records of " + selection_.object +
                              " that lie before the place that was asked for."};
    }
    state_.place = place;
  }
  for (const Json& row : rows) RONDOM_TRY(write_record(selection_, row, out_));
  return checkpoint();
}

/// Every page is a query of its own behind the last record, so a record that changes meanwhile
/// comes again at the end, and none is skipped. nextRecordsUrl would go on in an order that was
/// true when the query was asked.
Status ObjectReader::read_rows(bool deleted_too) {
  const auto size = static_cast<std::size_t>(options_.page_size);
  for (std::uint64_t page = 0; page < pages_max; ++page) {
    if (api_.context().cancelled()) return {Code::cancelled, "Stopped between two pages."};
    const Result<QueryPage> rows =
        api_.query_page(select_after(selection_, state_.place, options_.page_size), deleted_too);
    if (!rows.ok()) return rows.error();
    if (rows->records.empty()) return {};
    RONDOM_TRY(write_page(rows->records));
    if (rows->records.size() < size && rows->next.empty()) return {};
  }
  return {Code::data, "The list did not end after " + std::to_string(pages_max) + " pages."};
}

}  // namespace rondom::salesforce
