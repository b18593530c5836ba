#include "options.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "query_text.h"

namespace rondom::sql {

Result<Options> parse_options(std::string_view json) {
  Result<Options> parsed = Options::spec.parse(json.empty() ? "{}" : json);
  if (!parsed.ok()) return parsed;
  const Options& options = *parsed;
  const auto wrong = [](std::string message) { return Failure{Code::config, std::move(message)}; };
  if (!options.query.empty() && !options.table.empty()) {
    return wrong("options: table and query exclude one another.");
  }
  if (options.mode == "incremental" && options.cursor.empty()) {
    return wrong("options: mode: incremental needs cursor.");
  }
  if (!options.query.empty() && options.key.empty()) {
    return wrong("options: a query needs key, the columns that tell its rows apart.");
  }
  if (!options.query.empty() && !options.columns.empty()) {
    return wrong("options: a query says its columns itself; leave columns out.");
  }
  return parsed;
}

Result<std::string> query_of(const Options& options) {
  const std::string& query = options.query;
  const bool file = query.ends_with(".sql") && std::none_of(query.begin(), query.end(), [](char c) {
                      return c == ' ' || c == '\n';
                    });
  if (!file) return query;
  const std::filesystem::path path(query);
  const bool outside = path.is_absolute() || path.lexically_normal().string().starts_with("..");
  if (outside)
    return Failure{Code::config, "query: " + query + " is not below the project's folder."};
  std::ifstream in(path, std::ios::binary);
  if (!in) return Failure{Code::config, "query: the file " + query + " cannot be read."};
  std::string text(query_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace rondom::sql
