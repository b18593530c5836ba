#include "cli/truth_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace rondom::cli {

namespace {

constexpr std::size_t truth_bytes_max = 1u << 30;

/// Takes rows off the text of a CSV file.
class CsvRows {
 public:
  explicit CsvRows(std::string_view text) : text_(text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text_.substr(0, byte_order_mark.size()) == byte_order_mark) {
      text_.remove_prefix(byte_order_mark.size());
    }
  }
  /// Line on which the last row began, from 1.
  std::size_t line() const { return row_line_; }

  bool next(std::vector<std::string>& fields) {
    fields.clear();
    if (text_.empty()) return false;
    row_line_ = line_;
    fields.emplace_back();
    bool quoted = false;
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '\n') ++line_;
      if (quoted) {
        if (c != '"') {
          fields.back() += c;
        } else if (!text_.empty() && text_.front() == '"') {
          fields.back() += '"';
          text_.remove_prefix(1);
        } else {
          quoted = false;
        }
      } else if (c == '"' && fields.back().empty()) {
        quoted = true;
      } else if (c == ',') {
        fields.emplace_back();
      } else if (c == '\n') {
        return true;
      } else if (c != '\r') {
        fields.back() += c;
      }
    }
    return true;
  }

 private:
  std::string_view text_;
  std::size_t line_ = 1, row_line_ = 1;
};

}  // namespace

Result<std::vector<engine::TruthRow>> read_truth(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::usage, "cannot read " + path};
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (text.size() > truth_bytes_max) return Error{ErrorCode::usage, path + " is over 1 GiB"};
  CsvRows rows(text);
  std::vector<std::string> fields;
  rows.next(fields);
  const auto column = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto found = std::find(fields.begin(), fields.end(), name);
    if (found == fields.end()) return std::nullopt;
    return static_cast<std::size_t>(found - fields.begin());
  };
  const auto source = column("source"), stream = column("stream"), key = column("key"),
             cluster = column("cluster");
  if (!source.has_value() || !key.has_value() || !cluster.has_value()) {
    return Error{ErrorCode::usage,
                 path + ":1: the first line names the columns source, key and cluster"};
  }
  const std::size_t columns = fields.size();
  std::vector<engine::TruthRow> out;
  while (rows.next(fields)) {
    if (fields.size() == 1 && fields.front().empty()) continue;
    if (fields.size() != columns) {
      return Error{ErrorCode::usage, path + ":" + std::to_string(rows.line()) + ": " +
                                         std::to_string(fields.size()) + " fields, not " +
                                         std::to_string(columns)};
    }
    engine::TruthRow row{fields[*source], {}, fields[*key], fields[*cluster]};
    if (stream.has_value()) row.stream = fields[*stream];
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace rondom::cli
