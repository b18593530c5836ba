#include <algorithm>
#include <array>
#include <map>

#include "csv.h"
#include "csv_scan.h"

namespace rondom::file {

namespace {

constexpr std::array<char, 4> delimiters = {',', ';', '\t', '|'};
constexpr std::size_t sample_rows = 50;

char detect_terminator(std::string_view sample) {
  const bool has_newline = sample.find('\n') != std::string_view::npos;
  return !has_newline && sample.find('\r') != std::string_view::npos ? '\r' : '\n';
}

/// How many of the first rows have as many fields as most of them; 0 when that is one field.
struct Score {
  std::size_t rows = 0;
  std::size_t fields = 0;
};

Score score(std::string_view sample, bool cut, const CsvDialect& dialect) {
  std::map<std::size_t, std::size_t> rows_by_fields;
  RowScan scan(dialect);
  for (std::size_t rows = 0; rows < sample_rows && !sample.empty(); ++rows) {
    scan.reset();
    const RowScan::Found found = scan.feed(sample);
    if (found == RowScan::Found::unfinished && cut) break;
    const bool whole = found == RowScan::Found::row;
    std::string_view row =
        whole ? sample.substr(0, scan.size()) : sample.substr(0, sample.find(dialect.terminator));
    const std::size_t used = row.size() + 1;
    if (row.ends_with('\r')) row.remove_suffix(1);
    if (!row.empty() && found != RowScan::Found::broken) {
      ++rows_by_fields[split_csv_row(row, dialect).size()];
    }
    sample.remove_prefix(std::min(sample.size(), used));
  }
  Score best;
  for (const auto& [fields, rows] : rows_by_fields) {
    if (fields > 1 && rows >= best.rows) best = {rows, fields};
  }
  return best;
}

}  // namespace

CsvDialect detect_dialect(std::string_view sample, bool cut, std::optional<char> delimiter,
                          char quote) {
  CsvDialect dialect;
  dialect.quote = quote;
  dialect.terminator = detect_terminator(sample);
  if (sample.size() > 5 && sample.starts_with("sep=") && (sample[5] == '\r' || sample[5] == '\n')) {
    dialect.separator_line = true;
    dialect.delimiter = delimiter.value_or(sample[4]);
    return dialect;
  }
  if (delimiter) {
    dialect.delimiter = *delimiter;
    return dialect;
  }
  Score best;
  for (const char candidate : delimiters) {
    CsvDialect trial = dialect;
    trial.delimiter = candidate;
    const Score found = score(sample, cut, trial);
    const bool better =
        found.rows > best.rows || (found.rows == best.rows && found.fields > best.fields);
    if (better) {
      best = found;
      dialect.delimiter = candidate;
    }
  }
  return dialect;
}

namespace {

/// Numbers and phone numbers start with a sign and are no formulas.
bool is_signed_number(std::string_view rest) {
  return std::all_of(rest.begin(), rest.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == ' ' || c == '.' || c == ',' || c == '-' || c == '(' ||
           c == ')' || c == '/' || c == 'e' || c == 'E';
  });
}

bool is_handle(std::string_view rest) {
  return std::all_of(rest.begin(), rest.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.';
  });
}

bool looks_like_formula(std::string_view value) {
  if (value.empty()) return false;
  const std::string_view rest = value.substr(1);
  switch (value.front()) {
    case '=':
    case '\t':
    case '\r':
    case '\n': return true;
    case '+':
    case '-': return !is_signed_number(rest);
    case '@': return !is_handle(rest);
    default: return false;
  }
}

}  // namespace

void append_csv_field(std::string& out, std::string_view value, char delimiter, Formulas formulas) {
  const bool guard = formulas == Formulas::escape && looks_like_formula(value);
  const bool quote = value.empty() || guard || value.front() == ' ' || value.back() == ' ' ||
                     value.find_first_of("\"\r\n") != std::string_view::npos ||
                     value.find(delimiter) != std::string_view::npos;
  if (!quote) {
    out += value;
    return;
  }
  out += '"';
  if (guard) out += '\'';
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace rondom::file
