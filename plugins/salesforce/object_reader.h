// object_reader: reads one object in one run: whole at first, by queries or by a bulk job, later
// what changed and what was deleted. One thread at a time; borrows what it is given.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "records.h"
#include "state.h"

namespace rondom::salesforce {

/// What a job may say in the `options` of a stream.
struct ReadOptions {
  std::vector<std::string> fields;
  std::int64_t bulk_from = 0;
  std::int64_t page_size = 0;
  std::int64_t bulk_page_size = 0;
  std::int64_t overlap_seconds = 0;
};

/// Salesforce keeps deleted records for 15 days. Who was away longer reads everything again, as a
/// deletion may have gone unseen.
inline constexpr std::int64_t away_seconds_max = 14 * 86'400;

class ObjectReader {
 public:
  ObjectReader(Api& api, Selection selection, const ReadOptions& options, std::int64_t now,
               RecordWriter& out)
      : api_(api), selection_(std::move(selection)), options_(options), now_(now), out_(out) {}

  Status read(const ReadStream& stream);
  /// The first records, for people.
  Status preview(std::uint64_t records_max);

 private:
  Status read_whole(const ReadStream& stream);
  Status read_bulk();
  Status read_rows(bool deleted_too);
  Status write_page(const std::vector<Json>& rows);
  Status begin_job();
  void start_over();
  void begin_anew_for_other_fields();
  Result<bool> is_large();
  Status checkpoint() { return out_.checkpoint(name_, state_.to_text()); }

  Api& api_;
  const Selection selection_;
  const ReadOptions& options_;
  const std::int64_t now_;  // seconds since 1970, by Salesforce's clock where it tells
  RecordWriter& out_;
  std::string name_;
  State state_;
};

}  // namespace rondom::salesforce
