#include "csv.h"

namespace rondom::salesforce {

void append_row(std::string& csv, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) csv += ',';
    if (cells[i].empty()) continue;
    csv += '"';
    for (const char c : cells[i]) {
      if (c == '"') csv += '"';
      csv += c;
    }
    csv += '"';
  }
  csv += '\n';
}

Status CsvReader::cell(std::string& into) {
  if (at_ >= text_.size() || text_[at_] != '"') {
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    into = text_.substr(at_, end - at_);
    at_ = end;
    return {};
  }
  ++at_;
  while (true) {
    const std::size_t quote = text_.find('"', at_);
    if (quote == std::string_view::npos) {
      return {Code::data, "Salesforce's CSV ends inside a quoted value."};
    }
    into.append(text_.substr(at_, quote - at_));
    at_ = quote + 1;
    if (at_ >= text_.size() || text_[at_] != '"') break;
    into += '"';
    ++at_;
  }
  const bool ended =
      at_ == text_.size() || text_[at_] == ',' || text_[at_] == '\r' || text_[at_] == '\n';
  if (!ended) return {Code::data, "Salesforce's CSV has text behind a quoted value."};
  return {};
}

Result<bool> CsvReader::next(std::vector<std::string>& cells) {
  cells.clear();
  if (at_ >= text_.size()) return false;
  while (true) {
    RONDOM_TRY(cell(cells.emplace_back()));
    if (at_ < text_.size() && text_[at_] == ',') {
      ++at_;
      continue;
    }
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    return true;
  }
}

}  // namespace rondom::salesforce
