// Lines: one operation as a line of JSON or CSV. Pure functions but for the columns they collect.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "options.h"
#include "rondom/sdk.hpp"

namespace rondom::file {

/// create, update, leave_segment, delete or unsubscribe.
std::string_view operation_of(const WriteRecord& record);

/// {"operation_id":…,"operation":…,"key":…,<mapped fields>} and a line end. Code::config when the
/// map uses one of the three names itself.
Status append_change_line(std::string& out, const WriteRecord& record);

/// Columns of a CSV file, the three of our own first.
class Columns {
 public:
  /// `fixed` empty: a column for each name that add() meets.
  explicit Columns(const std::vector<std::string>& fixed);
  /// Collects the names of a change line. Code::config for a name that a fixed list lacks, or when
  /// there are more than columns_max.
  Status add(std::string_view change_line);
  void append_header(std::string& out, char delimiter) const;
  /// One change line as CSV.
  void append_row(std::string& out, std::string_view change_line, char delimiter,
                  Formulas formulas) const;

 private:
  bool fixed_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> by_quoted_;  // name as JSON text -> index
};

}  // namespace rondom::file
