#include "stream_read.h"

#include <algorithm>
#include <cmath>

namespace rondom::ga4 {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;
constexpr std::uint64_t hour_ms = 3'600'000;

std::string count(std::uint64_t number) {
  return std::to_string(number);
}

}  // namespace

Status StreamRead::run() {
  today_ = api_.context().now_us() / day_us;
  Status read = read_days();
  warn();
  return read;
}

/// The first day to read. Rows of another report must not stand beside those of this one, so all of
/// them are told anew and the old ones go.
Result<Day> StreamRead::begin() {
  const Result<State> saved = parse_state(stream_.state_json);
  if (!saved.ok()) return saved.error();
  state_ = *saved;
  const ReportOptions& options = report_.options;
  const bool other_report = !state_.fresh() && state_.fingerprint != report_.fingerprint();
  const bool resumed = state_.next && state_.generation == stream_.generation && !other_report;
  Day first = today_ - options.days;
  if (other_report || (state_.next && !resumed)) {
    const bool refresh = other_report || !state_.generation.empty();
    state_ = State();
    if (refresh) state_.generation = count(static_cast<std::uint64_t>(api_.context().now_us()));
  } else if (resumed) {
    first = *state_.next;
    // Days that were finished in a run of an earlier day have changed since.
    if (state_.asked_on != today_)
      first = std::min(first, state_.asked_on - options.look_back_days);
  } else if (state_.read_to) {
    first = *state_.read_to - options.look_back_days;
  }
  state_.fingerprint = report_.fingerprint();
  state_.asked_on = today_;
  return first;
}

/// In ranges of a few days. The last one ends "today", which is the property's: it may be the day
/// before or after the one in UTC.
Status StreamRead::read_days() {
  Result<Day> first = begin();
  if (!first.ok()) return first.error();
  if (records_max_ != 0) state_.generation.clear();
  if (!state_.generation.empty()) {
    RONDOM_TRY(out_.refresh_begin(stream_.name, state_.generation));
  }
  Day from = std::min(*first, today_ - 1);
  while (true) {
    const Day end = from + report_.options.days_per_request;
    const bool last = end >= today_;
    day_ = from;
    seen_.clear();
    whole_ = true;
    end_ = last ? today_ + 2 : end;
    RONDOM_TRY(read_range(from, last ? "today" : text_of(end - 1)));
    if (enough()) return {};
    RONDOM_TRY(finish_days(end_));
    if (last) break;
    from = end;
  }
  if (records_max_ != 0) return {};
  state_.next.reset();
  state_.read_to = std::max(last_.value_or(today_ - 1), today_ - 1);
  const bool refreshed = !state_.generation.empty();
  state_.generation.clear();
  if (refreshed) RONDOM_TRY(out_.refresh_complete(stream_.name));
  return out_.checkpoint(stream_.name, state_.to_text());
}

Result<Table> StreamRead::ask(Day from, const std::string& to, std::int64_t offset) {
  const Context& context = api_.context();
  if (context.cancelled()) return Failure{Code::cancelled, "Stopped between two pages."};
  const bool short_of_tokens =
      quota_.tokens_left >= 0 && quota_.tokens_left < report_.options.tokens_left;
  if (asked_ && (short_of_tokens || !quota_.exhausted.empty())) {
    const std::string what = quota_.exhausted.empty()
                                 ? count(static_cast<std::uint64_t>(quota_.tokens_left)) +
                                       " tokens are left, tokens_left wants more"
                                 : quota_.exhausted + " is used up";
    return Failure{Code::rate_limited,
                   "The quota of the property: " + what + ". A later run goes on here.", hour_ms};
  }
  std::int64_t limit = report_.options.page;
  if (records_max_ != 0) limit = std::min(limit, static_cast<std::int64_t>(records_max_));
  const Result<Json> reply = api_.run_report(report_.request(from, to, offset, limit));
  if (!reply.ok()) return reply.error();
  Result<Table> table = read_table(report_, *reply);
  if (!table.ok()) return table.error();
  asked_ = true;
  quota_.exhausted = table->exhausted;
  quota_.tokens_left = table->tokens_left;
  note(*table);
  return table;
}

void StreamRead::note(const Table& table) {
  notes_.thresholded = notes_.thresholded || table.thresholded;
  notes_.other_row = notes_.other_row || table.other_row;
  notes_.sampled = std::min(notes_.sampled, table.sampled);
  notes_.hidden.insert(table.hidden.begin(), table.hidden.end());
  if (table.thresholded || table.other_row || table.sampled < 1) whole_ = false;
}

/// Pages are counted in rows, and rows come and go while they are read. So each page begins with
/// the last row of the one before: when another stands there, the day is read anew.
Status StreamRead::read_range(Day from, const std::string& to) {
  std::int64_t offset = 0;
  std::string expected;
  int restarts = 0;
  for (int pages = 0; pages < pages_max; ++pages) {
    const Result<Table> table = ask(from, to, offset);
    if (!table.ok()) return table.error();
    const bool same =
        expected.empty() || (!table->rows.empty() && table->rows.front().id == expected);
    const Result<bool> taken = same ? take(*table, expected.empty() ? 0 : 1) : Result<bool>(false);
    if (!taken.ok()) return taken.error();
    if (!*taken) {
      if (++restarts > restarts_max) {
        return {Code::data, "Analytics sends the same rows again and again."};
      }
      from = day_;
      offset = 0;
      expected.clear();
      seen_.clear();
      continue;
    }
    const auto rows = static_cast<std::int64_t>(table->rows.size());
    if (enough() || offset + rows >= table->row_count) return {};
    if (rows < 2) return {Code::data, "Analytics sends fewer rows than it says there are."};
    expected = table->rows.back().id;
    offset += rows - 1;
  }
  return {Code::data, "The report did not end (pages_max)."};
}

Result<bool> StreamRead::take(const Table& table, std::size_t first) {
  const Day keep_from = today_ - report_.options.look_back_days - 2;
  RecordFacts facts;
  facts.changed_at_us = api_.context().now_us();
  for (std::size_t i = first; i < table.rows.size(); ++i) {
    const Row& row = table.rows[i];
    if (enough()) return true;
    if (!row.day) {
      RONDOM_TRY(out_.unreadable("a row without a readable date", row.json));
      ++notes_.rows;
      continue;
    }
    if (*row.day >= end_) {
      return Failure{Code::data, "Analytics sends rows of days that were not asked for."};
    }
    if (*row.day < day_) return false;
    if (*row.day > day_) RONDOM_TRY(finish_days(*row.day));
    if (!seen_.insert(row.id).second) return false;
    if (seen_.size() > day_rows_max) {
      return Failure{Code::config, "A day has more than 500,000 rows: take fewer dimensions."};
    }
    last_ = std::max(last_.value_or(*row.day), *row.day);
    if (*row.day >= keep_from) state_.known[*row.day].insert(row.id);
    ++notes_.rows;
    if (!row.nobody.empty()) ++notes_.nobody[row.nobody];
    RONDOM_TRY(out_.json(row.json, facts));
  }
  return true;
}

/// Of days before `end` every row was read. Those that were there before and are not any more go,
/// unless Analytics withholds rows: then it says nothing when one is not there.
Status StreamRead::finish_days(Day end) {
  RecordFacts gone;
  gone.operation = Operation::remove;
  gone.changed_at_us = api_.context().now_us();
  for (auto& [day, ids] : state_.known) {
    if (day < day_ || day >= end || !whole_) continue;
    for (auto id = ids.begin(); id != ids.end();) {
      if (day == day_ && seen_.count(*id) != 0) {
        ++id;
        continue;
      }
      RONDOM_TRY(out_.json(Json::object().set("id", Json::of(*id)).to_text(), gone));
      id = ids.erase(id);
    }
  }
  day_ = end;
  seen_.clear();
  return checkpoint();
}

Status StreamRead::checkpoint() {
  if (records_max_ != 0) return {};
  if (state_.forget(today_ - report_.options.look_back_days - 2)) notes_.too_many = true;
  state_.next = day_;
  return out_.checkpoint(stream_.name, state_.to_text());
}

/// What the numbers do not say themselves.
void StreamRead::warn() const {
  const auto say = [this](const std::string& what) {
    api_.context().log(LogLevel::warning, "Report " + stream_.name + ": " + what);
  };
  std::uint64_t nobody = 0;
  std::string kinds;
  for (const auto& [kind, rows] : notes_.nobody) {
    nobody += rows;
    kinds += (kinds.empty() ? "" : ", ") + count(rows) + " " + kind;
  }
  if (nobody > 0) {
    say(count(nobody) + " of " + count(notes_.rows) + " rows name nobody in " + report_.person +
        " (" + kinds + "); they have no person.");
  }
  if (notes_.sampled < 1) {
    say("it is sampled: Analytics looked at " +
        count(static_cast<std::uint64_t>(std::floor(notes_.sampled * 100))) +
        " % of the events. Fewer days_per_request may help.");
  }
  if (notes_.thresholded) {
    say("Analytics withholds rows of few users (thresholding), so numbers may be missing.");
  }
  if (notes_.other_row) {
    say("Analytics gathers rare rows in one row (other), so people may be missing.");
  }
  for (const std::string& metric : notes_.hidden) {
    say("the metric " + metric + " is hidden from this user and reads as 0.");
  }
  if (notes_.too_many) {
    say("there are too many rows to notice which ones Analytics takes back later.");
  }
}

}  // namespace rondom::ga4
