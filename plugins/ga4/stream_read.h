// stream_read: one report, day after day.
#pragma once

#include <map>
#include <set>
#include <string>

#include "report.h"
#include "state.h"

namespace rondom::ga4 {

/// Rows of one day.
inline constexpr std::size_t day_rows_max = 500'000;
inline constexpr int pages_max = 100'000;
/// How often a day is read anew because its rows moved from page to page meanwhile.
inline constexpr int restarts_max = 5;

/// One run of one stream. One thread at a time; lives shorter than what it refers to.
class StreamRead {
 public:
  StreamRead(const Api& api, Report report, const ReadStream& stream, RecordWriter& out,
             std::uint64_t records_max)
      : api_(api),
        report_(std::move(report)),
        stream_(stream),
        out_(out),
        records_max_(records_max) {}

  Status run();

 private:
  struct Notes {
    std::uint64_t rows = 0;
    std::map<std::string, std::uint64_t> nobody;
    std::set<std::string> hidden;
    bool thresholded = false, other_row = false, too_many = false;
    double sampled = 1;
  };

  Result<Day> begin();
  Status read_days();
  Status read_range(Day from, const std::string& to);
  Result<Table> ask(Day from, const std::string& to, std::int64_t offset);
  /// False = rows moved while pages were read; the day has to be read anew.
  Result<bool> take(const Table& table, std::size_t first);
  Status finish_days(Day end);
  Status checkpoint();
  void note(const Table& table);
  void warn() const;
  bool enough() const { return records_max_ != 0 && notes_.rows >= records_max_; }

  const Api& api_;
  Report report_;
  const ReadStream& stream_;
  RecordWriter& out_;
  std::uint64_t records_max_;
  State state_;
  Day today_ = 0;  // in UTC
  Day day_ = 0;    // the day that is being read
  Day end_ = 0;    // the first day that was not asked for
  std::optional<Day> last_;
  std::set<std::string> seen_;  // its rows
  bool whole_ = true;           // nothing of the range was withheld
  bool asked_ = false;
  Table quota_;  // of the last answer
  Notes notes_;
};

}  // namespace rondom::ga4
