#include "csv.h"

#include <string.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "csv_scan.h"
#include "encoding.h"
#include "rondom/json.hpp"

namespace rondom::file {

namespace {

std::string_view without_carriage_return(std::string_view row, const CsvDialect& dialect) {
  if (dialect.terminator == '\n' && row.ends_with('\r')) row.remove_suffix(1);
  return row;
}

/// One field of a row: its text with doubled quotes still in place, and where the next one starts.
struct Field {
  std::string_view text;
  bool quoted = false;
  bool doubled = false;  // holds doubled quotes
  std::size_t next = std::string_view::npos;
};

/// `row` is known to be well formed.
Field field_at(std::string_view row, std::size_t at, const CsvDialect& dialect) {
  Field field;
  if (dialect.quote != '\0' && at < row.size() && row[at] == dialect.quote) {
    field.quoted = true;
    std::size_t end = ++at;
    while (true) {
      const void* found = memchr(row.data() + end, dialect.quote, row.size() - end);
      if (found == nullptr) {
        end = row.size();
        break;
      }
      end = static_cast<std::size_t>(static_cast<const char*>(found) - row.data());
      if (end + 1 >= row.size() || row[end + 1] != dialect.quote) break;
      field.doubled = true;
      end += 2;
    }
    field.text = row.substr(at, end - at);
    at = end + 1;
  } else {
    std::size_t end = at;
    while (end < row.size() && row[end] != dialect.delimiter) ++end;
    field.text = row.substr(at, end - at);
    at = end;
  }
  if (at < row.size() && row[at] == dialect.delimiter) field.next = at + 1;
  return field;
}

void remove_doubled(std::string& out, std::string_view text, char quote) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == quote) ++i;
  }
}

/// Appends a value inside JSON quotes; false when it is no UTF-8 or holds a NUL byte.
bool append_value(std::string& out, std::string_view text) {
  std::size_t from = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (detail::plain_json_byte(c)) {
      ++at;
      continue;
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
      const std::size_t length = detail::utf8_length(text, at);
      if (length == 0) return false;
      at += length;
      continue;
    }
    if (c == '\0') return false;
    out.append(text, from, at - from);
    detail::append_escape(out, c);
    from = ++at;
  }
  out.append(text.data() + from, text.size() - from);
  return true;
}

class CsvReader final : public WindowReader {
 public:
  CsvReader(Window& window, const CsvOptions& options)
      : WindowReader(window, options.last_row_counts), options_(options), scan_(options.dialect) {}

  Status open(const std::string& name, std::vector<std::string>& warnings);

  std::vector<std::string> columns() const override { return names_; }

  Step next(Record& record) override {
    while (true) {
      Row row;
      if (const Step step = next_row(row, record); step != Step::record) return step;
      if (!row.problem.empty()) return Step::record;
      if (is_blank(row.text)) continue;
      return convert(row, record);
    }
  }

 private:
  struct Row {
    std::string_view text;
    std::uint64_t line = 0;
    std::string_view problem;  // the record is filled already
  };

  /// Spreadsheets leave lines of nothing but delimiters behind their last row.
  bool is_blank(std::string_view text) const {
    return text.find_first_not_of(options_.dialect.delimiter) == std::string_view::npos;
  }
  Step next_row(Row& row, Record& record);
  Step finish_row(Row& row, std::size_t size, std::size_t end_size);
  Step give_up_row(Row& row, Record& record, std::string problem);
  Step convert(const Row& row, Record& record);
  bool add_value(const Field& field, std::size_t column);
  Status name_columns(std::vector<std::string> names, const std::string& name,
                      std::vector<std::string>& warnings);
  Status count_columns(const std::string& name, std::vector<std::string>& names);

  const CsvOptions options_;
  RowScan scan_;
  std::vector<std::string> names_;
  std::vector<std::string> prefixes_;  // ,"name":" of each column
  std::string json_;
  std::string value_;
};

Step CsvReader::finish_row(Row& row, std::size_t size, std::size_t end_size) {
  const std::string_view whole = window_.view().substr(0, size);
  row.line = position_.line;
  row.text = without_carriage_return(whole, options_.dialect);
  if (scan_.saw_quote()) {
    position_.line += static_cast<std::uint64_t>(
        std::count(whole.begin(), whole.end(), options_.dialect.terminator));
  }
  ++position_.line;
  window_.consume(size + end_size);
  position_.offset = window_.offset();
  scan_.reset();
  return Step::record;
}

Step CsvReader::next_row(Row& row, Record& record) {
  while (true) {
    const RowScan::Found found = scan_.feed(window_.view());
    if (found == RowScan::Found::row) return finish_row(row, scan_.size(), scan_.end_size());
    if (found == RowScan::Found::broken) {
      return give_up_row(
          row, record,
          "there is text behind the closing quote of field " + std::to_string(scan_.fields()));
    }
    if (window_.size() > record_bytes_max) {
      return give_up_row(row, record,
                         scan_.in_quotes() ? "a quote is opened and not closed within 8 MiB"
                                           : std::string(too_long_problem));
    }
    if (window_.more()) continue;
    if (window_.failed()) return fail(window_.failure().error());
    if (window_.size() == 0 || !last_line_counts_) return Step::end;
    if (scan_.whole_at_end()) return finish_row(row, window_.size(), 0);
    return give_up_row(row, record, "a quote is opened and never closed");
  }
}

/// Reports the first line of the row, and goes on behind that line.
Step CsvReader::give_up_row(Row& row, Record& record, std::string problem) {
  const char terminator = options_.dialect.terminator;
  // The excerpt is the same however the bytes arrive.
  while (window_.size() < excerpt_bytes_max &&
         window_.view().find(terminator) == std::string_view::npos && window_.more()) {
  }
  const std::string_view text = window_.view();
  const std::string start(text.substr(0, std::min(text.find(terminator), excerpt_bytes_max)));
  scan_.reset();
  if (!skip_line(options_.dialect.terminator)) {
    if (window_.failed()) return fail(window_.failure().error());
    if (!last_line_counts_) return Step::end;
  }
  const std::uint64_t line = position_.line++;
  position_.offset = window_.offset();
  unreadable(record, start, line, std::move(problem));
  row.problem = record.problem;
  return Step::record;
}

bool CsvReader::add_value(const Field& field, std::size_t column) {
  std::string_view text = field.text;
  if (text.empty() && !field.quoted) return true;
  if (field.doubled) {
    value_.clear();
    remove_doubled(value_, text, options_.dialect.quote);
    text = value_;
  }
  if (!options_.null_values.empty() &&
      std::find(options_.null_values.begin(), options_.null_values.end(), text) !=
          options_.null_values.end()) {
    return true;
  }
  json_ += prefixes_[column];
  if (!append_value(json_, text)) return false;
  json_ += '"';
  return true;
}

Step CsvReader::convert(const Row& row, Record& record) {
  if (row.text.size() > record_bytes_max) {
    return unreadable(record, row.text, row.line, std::string(too_long_problem));
  }
  json_.clear();
  std::size_t fields = 0;
  std::size_t surplus = 0;  // number of the last field behind the header's that holds something
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const Field field = field_at(row.text, at, options_.dialect);
    at = field.next;
    if (fields >= prefixes_.size()) {
      if (!field.text.empty()) surplus = fields + 1;
    } else if (!add_value(field, fields)) {
      const bool nul = field.text.find('\0') != std::string_view::npos;
      return unreadable(record, row.text, row.line,
                        "field " + std::to_string(fields + 1) +
                            (nul ? " holds a NUL byte" : " is not valid in the file's encoding"));
    }
    ++fields;
  }
  const bool too_few = fields < prefixes_.size() && !options_.accept_ragged;
  if (surplus != 0 || too_few) {
    return unreadable(record, row.text, row.line,
                      "the row has " + std::to_string(too_few ? fields : surplus) +
                          " fields, the header has " + std::to_string(prefixes_.size()));
  }
  if (json_.empty()) {
    json_ = "{}";
  } else {
    json_.front() = '{';
    json_ += '}';
  }
  if (json_.size() > record_bytes_max) {
    return unreadable(record, row.text, row.line, std::string(too_long_problem));
  }
  record = {json_, {}, row.line};
  return Step::record;
}

Status CsvReader::name_columns(std::vector<std::string> names, const std::string& name,
                               std::vector<std::string>& warnings) {
  if (names.size() > columns_max) {
    return {Code::config, name + " has " + std::to_string(names.size()) + " columns; at most " +
                              std::to_string(columns_max) + " can be read."};
  }
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string& column = names[i];
    const std::size_t from = column.find_first_not_of(" \t");
    column = from == std::string::npos
                 ? std::string()
                 : column.substr(from, column.find_last_not_of(" \t") - from + 1);
    if (column.empty()) {
      column = "column_" + std::to_string(i + 1);
      if (options_.header) {
        warnings.push_back("Column " + std::to_string(i + 1) + " of " + name +
                           " has no name; it is read as " + column + ".");
      }
    }
    if (column.find('\0') != std::string::npos || !is_utf8(column)) {
      return {Code::data,
              "The name of column " + std::to_string(i + 1) + " of " + name +
                  " is not valid in the file's encoding; say encoding: in the options."};
    }
    const auto [found, added] = seen.emplace(column, i + 1);
    if (!added) {
      return {Code::config, name + " has two columns named " + column + " (" +
                                std::to_string(found->second) + " and " + std::to_string(i + 1) +
                                "); name all columns with columns: in the options."};
    }
    std::string prefix = ",";
    append_json_string(prefix, column);
    prefixes_.push_back(prefix + ":\"");
  }
  names_ = std::move(names);
  return {};
}

/// Without header and names, the first row says how many columns there are.
Status CsvReader::count_columns(const std::string& name, std::vector<std::string>& names) {
  RowScan scan(options_.dialect);
  while (true) {
    const RowScan::Found found = scan.feed(window_.view());
    std::string_view row;
    if (found == RowScan::Found::row) {
      row = window_.view().substr(0, scan.size());
    } else if (found == RowScan::Found::broken || window_.size() > record_bytes_max) {
      return {Code::data, "The first row of " + name +
                              " cannot be read, so its columns cannot be "
                              "counted; name them with columns: in the options."};
    } else if (window_.more()) {
      continue;
    } else if (window_.failed()) {
      return window_.failure().error();
    } else {
      row = window_.view();
    }
    if (!row.empty()) {
      names.resize(
          split_csv_row(without_carriage_return(row, options_.dialect), options_.dialect).size());
    }
    return {};
  }
}

Status CsvReader::open(const std::string& name, std::vector<std::string>& warnings) {
  Row row;
  Record record;
  const auto header_row = [&]() -> Step {
    do {
      if (const Step step = next_row(row, record); step != Step::record) return step;
    } while (row.problem.empty() && row.text.empty());
    return Step::record;
  };
  if (options_.dialect.separator_line) next_row(row, record);
  std::vector<std::string> names = options_.columns;
  if (options_.header) {
    const Step step = header_row();
    if (step == Step::failed) return failure_.error();
    if (step == Step::end) return {};
    if (!row.problem.empty()) {
      return {Code::data,
              "The header of " + name + " cannot be read: " + std::string(row.problem) + "."};
    }
    if (names.empty()) names = split_csv_row(row.text, options_.dialect);
  } else if (names.empty()) {
    RONDOM_TRY(count_columns(name, names));
  }
  return name_columns(std::move(names), name, warnings);
}

}  // namespace

Result<std::unique_ptr<RecordReader>> make_csv_reader(Window& window, const CsvOptions& options,
                                                      const std::string& name,
                                                      std::vector<std::string>& warnings) {
  auto reader = std::make_unique<CsvReader>(window, options);
  RONDOM_TRY(reader->open(name, warnings));
  return std::unique_ptr<RecordReader>(std::move(reader));
}

std::vector<std::string> split_csv_row(std::string_view row, const CsvDialect& dialect) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const Field field = field_at(row, at, dialect);
    std::string& text = fields.emplace_back();
    if (field.doubled) {
      remove_doubled(text, field.text, dialect.quote);
    } else {
      text = field.text;
    }
    at = field.next;
  }
  return fields;
}

}  // namespace rondom::file
