// Rows of the CSV that Bulk API 2.0 reads and writes (RFC 4180): comma, quotes doubled, line ends
// inside quotes.
#pragma once

#include <cstddef>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rondom::salesforce {

/// Adds one row with its line end. Every value is quoted but the empty ones.
void append_row(std::string& csv, const std::vector<std::string>& cells);

/// Borrows the text. One thread at a time.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  /// The next row into `cells`; false at the end. Code::data when a quote is not closed or followed
  /// by something else than a comma or a line end.
  Result<bool> next(std::vector<std::string>& cells);

 private:
  Status cell(std::string& into);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace rondom::salesforce
