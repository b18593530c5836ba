#include "control_file.h"

#include <algorithm>

#include "rondom/json.hpp"

namespace rondom::audience_manager {
namespace {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_part(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9');
}

/// Puts quotes around bare member names, outside of texts.
std::string with_quoted_names(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  bool inside = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (inside && c == '\\' && at + 1 < text.size()) {
      out += c;
      out += text[++at];
      continue;
    }
    if (c == '"') inside = !inside;
    if (inside || !is_name_start(c)) {
      out += c;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_name_part(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    const std::size_t next = text.find_first_not_of(" \t\r\n", end);
    const bool is_name = next != std::string_view::npos && text[next] == ':';
    if (is_name) out += '"';
    out += word;
    if (is_name) out += '"';
    at = end - 1;
  }
  return out;
}

Failure damaged(const std::string& what) {
  return {Code::data, "the control file " + what};
}

}  // namespace

Result<ControlFile> parse_control_file(std::string_view text) {
  const Result<Json> json = parse_json(with_quoted_names(text));
  if (!json.ok()) return damaged("cannot be read");
  const Json* files = json->find("Files");
  const Json* totals = json->find("Totals");
  if (files == nullptr || !files->is_list() || files->items().empty() || totals == nullptr)
    return damaged("names no files or no totals");
  ControlFile control;
  control.name = totals->text_or("FileName", "");
  std::int64_t bytes = 0, lines = 0;
  for (const Json& item : files->items()) {
    ControlledFile file;
    file.name = item.text_or("FileName", "");
    file.bytes = item.integer_or("FileByteSize", -1);
    file.lines = item.integer_or("FileLineCount", -1);
    file.number = item.integer_or("FileSequenceNumber", -1);
    if (file.name.empty() || file.name.find('/') != std::string::npos || file.bytes < 0 ||
        file.lines < 0 || file.number < 0) {
      return damaged("lacks the name, size, lines or number of a file");
    }
    bytes += file.bytes;
    lines += file.lines;
    control.files.push_back(std::move(file));
  }
  const auto count = static_cast<std::int64_t>(control.files.size());
  if (totals->integer_or("TotalNumberFiles", -1) != count ||
      totals->integer_or("TotalNumberLines", -1) != lines ||
      totals->integer_or("TotalByteSize", -1) != bytes) {
    return damaged("has totals that differ from its files");
  }
  std::sort(control.files.begin(), control.files.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  for (std::size_t i = 0; i < control.files.size(); ++i) {
    if (control.files[i].number != control.files.front().number + static_cast<std::int64_t>(i))
      return damaged("leaves out a number of a file, or says it twice");
  }
  return control;
}

}  // namespace rondom::audience_manager
