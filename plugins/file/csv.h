// CSV: RFC 4180 and what people have beyond it.
//
// A field that starts with the quote character runs to the closing quote, over line ends; a quote
// anywhere else is an ordinary character. A row whose quotes do not work out is unreadable, and
// reading goes on with the line behind its first line. Values become JSON strings; an empty field
// without quotes is left out of the record.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record_reader.h"

namespace rondom::file {

/// How the text is cut; found by detect_dialect or said by the user.
struct CsvDialect {
  char delimiter = ',';
  char quote = '"';             // '\0' = no quoting
  char terminator = '\n';       // '\r' for files of old Macs; before '\n' a '\r' is dropped
  bool separator_line = false;  // the first line is Excel's "sep=;"
};

struct CsvOptions {
  CsvDialect dialect;
  bool header = true;                    // the first row names the columns
  std::vector<std::string> columns;      // replace the header's names, or name what has no header
  std::vector<std::string> null_values;  // texts that mean "no value"
  bool accept_ragged = false;            // rows that are too short are filled up
  bool last_row_counts = true;           // a last line without its end is a row
};

/// Guesses from the start of a file what `delimiter` does not say. `cut`: the text goes on.
CsvDialect detect_dialect(std::string_view sample, bool cut, std::optional<char> delimiter,
                          char quote);

/// Reads the header (or the first row, to count columns) at once. `name` is for messages. Fails
/// with Code::config when the columns cannot be named, Code::data when the header cannot be read.
/// `warnings` gets one sentence for each oddity that was repaired.
Result<std::unique_ptr<RecordReader>> make_csv_reader(Window& window, const CsvOptions& options,
                                                      const std::string& name,
                                                      std::vector<std::string>& warnings);

/// Cuts one row without its line end into fields, quotes removed. For headers, samples and tests.
std::vector<std::string> split_csv_row(std::string_view row, const CsvDialect& dialect);

/// What of a CSV file spreadsheet programs could take for a formula.
enum class Formulas : std::uint8_t { escape, keep };

/// Appends one field, quoted when needed; with Formulas::escape a text that a spreadsheet program
/// could run as a formula gets an apostrophe in front.
void append_csv_field(std::string& out, std::string_view value, char delimiter, Formulas formulas);

}  // namespace rondom::file
