#include "store/views.h"

#include <algorithm>

namespace rondom::store {

std::string quoted_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::vector<std::vector<std::size_t>> tables_of(const View& view) {
  std::vector<std::vector<std::size_t>> tables;
  for (std::size_t at = 1; at < view.columns.size() || tables.empty();) {
    std::vector<std::size_t>& columns = tables.emplace_back(1, 0);
    const std::size_t end = std::min(view.columns.size(), at + columns_per_table_max - 1);
    for (; at < end; ++at) columns.push_back(at);
    if (view.columns.size() < 2) break;
  }
  return tables;
}

std::string select_of(const View& view, const std::string& table) {
  const auto tables = tables_of(view);
  const auto called = [&](std::size_t n) {
    return quoted_identifier(table + "_" + std::to_string(n + 1));
  };
  const std::string key = quoted_identifier(view.columns[0].name);
  std::string columns, from;
  for (std::size_t n = 0; n < tables.size(); ++n) {
    const std::string alias = "t" + std::to_string(n);
    for (std::size_t i = n == 0 ? 0 : 1; i < tables[n].size(); ++i) {
      columns += (columns.empty() ? "" : ",") + alias + "." +
                 quoted_identifier(view.columns[tables[n][i]].name);
    }
    from += (n == 0 ? "" : " JOIN ") + called(n) + " " + alias +
            (n == 0 ? "" : " ON " + alias + "." + key + "=t0." + key);
  }
  return "SELECT " + columns + " FROM " + from;
}

}  // namespace rondom::store
