// Query jobs of Bulk API 2.0: made, waited for, and their results page by page.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "records.h"

namespace rondom::salesforce {

/// Longest wait for one job in one run; a later run goes on waiting for the same job.
inline constexpr std::int64_t job_patience_ms = 60 * 60 * 1'000;
inline constexpr std::uint64_t job_first_wait_ms = 500, job_longest_wait_ms = 15'000;

/// Its id.
Result<std::string> create_query_job(Api& api, const std::string& soql);
/// Returns when there are results. False: Salesforce does not know the job (any more), or gave up
/// on it; `why` says so. Code::transient when it takes too long.
Result<bool> wait_for_query_job(Api& api, const std::string& job, std::string& why);

/// The results of one job, a page at a time. One thread at a time; borrows what it is given.
class BulkPages {
 public:
  BulkPages(Api& api, const Selection& selection, const std::string& job, std::int64_t page_size,
            const std::string& locator);
  bool done() const { return pages_.done(); }
  /// Where the next page begins.
  const std::string& locator() const { return pages_.position(); }
  /// Writes the next page, all of it or nothing.
  Status write_next(RecordWriter& out);

 private:
  Result<HttpReply> fetch();
  Status write_rows(std::string_view csv, RecordWriter& out);
  void take_header(const std::vector<std::string>& cells);

  Api& api_;
  const Selection& selection_;
  std::size_t width_;  // columns of the job
  Pager pages_;
  std::vector<std::size_t> column_;  // of each field; width_ = the job has none
};

}  // namespace rondom::salesforce
