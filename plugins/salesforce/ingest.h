// Ingest jobs of Bulk API 2.0: made, filled, set to work, waited for, and what became of each row.
//
// Source: Salesforce's Bulk API 2.0 Developer Guide (ingest jobs, preparing CSV files, limits). One
// thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "api.h"

namespace rondom::salesforce {

inline constexpr std::uint64_t ingest_first_wait_ms = 200, ingest_longest_wait_ms = 15'000;
/// Jobs that are made for one upload when the answer to it is lost: a job takes one only.
inline constexpr int upload_attempts_max = 3;
/// Salesforce takes 100 MB; a job's results repeat its rows and must fit into one reply (64 MiB).
inline constexpr std::int64_t ingest_bytes_max = 40'000'000;
/// Characters that Salesforce takes in one value and in one row.
inline constexpr std::size_t ingest_cell_max = 32'000, ingest_row_max = 400'000;
/// What empties a field; an empty value leaves it as it is.
inline constexpr std::string_view ingest_null = "#N/A";

struct IngestJob {
  std::string object;
  std::string key;      // the column that says which record a row is: Id, or the external id
  bool upsert = false;  // by the external id; else an update by Id
  /// Longest wait for it; then it is aborted, and what it did until then counts.
  std::int64_t patience_ms = 60 * 60 * 1'000;
};

/// What became of a row.
struct RowEnd {
  enum class Kind : std::uint8_t { done, refused, unprocessed };
  Kind kind = Kind::done;
  std::string id;  // Salesforce's, of what is done
  std::string code, message;
};

struct IngestEnd {
  enum class Kind : std::uint8_t {
    ended,      // `rows` says what became of them; those that are missing there: nobody knows
    not_begun,  // nothing was applied; `why`
    unheard,    // it may run, or have run; `why`
    failed,     // Salesforce gave up on it: as `ended`, and `why`
    aborted,    // somebody stopped it: as `ended`, and `why`
  };
  Kind kind = Kind::ended;
  Failure why{Code::ok, {}};
  std::map<std::string, RowEnd> rows;  // by the value of the key column
};

/// Runs one job. `csv` begins with the names of the columns; lines end with LF, columns with a
/// comma. not_begun with Code::data, config or not_permitted: Salesforce makes no such job for this
/// object or user.
IngestEnd ingest(Api& api, const IngestJob& job, const std::string& csv);

/// Stops an ingest job whose last word was not heard, in this run or before a crash: what it has
/// not done yet would come after what is written now. Code::transient when it may be at work still.
Status stop_earlier(Api& api);

}  // namespace rondom::salesforce
