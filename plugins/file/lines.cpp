#include "lines.h"

#include <algorithm>
#include <iterator>

#include "bounds.h"
#include "json_members.h"

namespace rondom::file {

namespace {

constexpr std::size_t own_columns = 3;
constexpr std::string_view own_names[own_columns] = {"operation_id", "operation", "key"};

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// The map's names are the same for every record, so that a look at the text is nearly always
/// enough.
Status check_names(std::string_view json) {
  bool suspicious = false;
  for (const std::string_view name : own_names) {
    suspicious = suspicious || json.find(quoted(name)) != std::string_view::npos;
  }
  if (!suspicious) return {};
  for (JsonMembers members(json); members.next();) {
    for (const std::string_view name : own_names) {
      if (members.name() != quoted(name)) continue;
      return {Code::config, "The map has a field named " + std::string(name) +
                                ", which the file destination writes itself; rename it."};
    }
  }
  return {};
}

void append_cell(std::string& out, std::string_view json, char delimiter, Formulas formulas) {
  if (json.empty() || json == "null") return;
  if (json.front() == '"') {
    append_csv_field(out, unquote_json(json), delimiter, formulas);
  } else {
    append_csv_field(out, json, delimiter, Formulas::keep);
  }
}

}  // namespace

std::string_view operation_of(const WriteRecord& record) {
  if (!record.action.empty()) return record.action;
  return record.operation == Operation::remove ? "delete" : "update";
}

Status append_change_line(std::string& out, const WriteRecord& record) {
  RONDOM_TRY(check_names(record.json));
  out += "{\"operation_id\":";
  append_json_string(out, record.operation_id);
  out += ",\"operation\":";
  append_json_string(out, operation_of(record));
  out += ",\"key\":";
  append_json_string(out, record.key);
  const std::size_t open = record.json.find('{');
  const std::size_t close = record.json.rfind('}');
  if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
    std::string_view members = record.json.substr(open + 1, close - open - 1);
    if (members.find_first_not_of(" \t\r\n") != std::string_view::npos) {
      out += ',';
      // A line is a line: the engine writes compact JSON, others might not.
      if (members.find_first_of("\r\n") == std::string_view::npos) {
        out += members;
      } else {
        std::copy_if(members.begin(), members.end(), std::back_inserter(out),
                     [](char c) { return c != '\n' && c != '\r'; });
      }
    }
  }
  out += "}\n";
  return {};
}

Columns::Columns(const std::vector<std::string>& fixed) : fixed_(!fixed.empty()) {
  names_.assign(own_names, own_names + own_columns);
  names_.insert(names_.end(), fixed.begin(), fixed.end());
  for (std::size_t i = 0; i < names_.size(); ++i) by_quoted_.emplace(quoted(names_[i]), i);
}

Status Columns::add(std::string_view change_line) {
  for (JsonMembers members(change_line); members.next();) {
    const std::string name(members.name());
    if (by_quoted_.count(name) != 0) continue;
    if (fixed_) {
      return {Code::config,
              "The map gives a field " + unquote_json(name) + " that columns: does not list."};
    }
    if (names_.size() == columns_max) {
      return {Code::config,
              "A CSV file can have at most " + std::to_string(columns_max) + " columns."};
    }
    by_quoted_.emplace(name, names_.size());
    names_.push_back(unquote_json(name));
  }
  return {};
}

void Columns::append_header(std::string& out, char delimiter) const {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (i != 0) out += delimiter;
    append_csv_field(out, names_[i], delimiter, Formulas::keep);
  }
  out += '\n';
}

void Columns::append_row(std::string& out, std::string_view change_line, char delimiter,
                         Formulas formulas) const {
  std::vector<std::string_view> cells(names_.size());
  for (JsonMembers members(change_line); members.next();) {
    const auto found = by_quoted_.find(std::string(members.name()));
    if (found != by_quoted_.end()) cells[found->second] = members.value();
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) out += delimiter;
    append_cell(out, cells[i], delimiter, i < own_columns ? Formulas::keep : formulas);
  }
  out += '\n';
}

}  // namespace rondom::file
