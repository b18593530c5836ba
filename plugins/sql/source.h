// SqlSource: rows of tables, views and queries. See README.md for its options.
#pragma once

#include <memory>
#include <string_view>

#include "connection.h"
#include "options.h"

namespace rondom::sql {

class SqlSource final : public Source {
 public:
  static constexpr auto spec = Config::spec;
  static constexpr auto facts =
      Facts()
          .stream("<table>",
                  "A table, view or query. With a cursor column only what changed; whole, or with "
                  "a column that marks deletions, what is gone too.",
                  reads_changes | reads_deletions)
          .evidence("real server",
                    "PostgreSQL and MariaDB servers that the tests start, SQLite files.");
  static constexpr auto job_options = Options::spec;
  // Files: SQLite databases, and queries that stand in files of the project.
  static constexpr std::uint64_t capabilities = RONDOM_CAP_RAW_NETWORK | RONDOM_CAP_FILESYSTEM;

  SqlSource(Config config, Context& context) : config_(std::move(config)), context_(context) {}

  Status check() override;
  Result<Catalog> discover() override;
  Result<Catalog> discover_with_options(std::string_view options_json) override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  Config config_;
  Context& context_;
};

}  // namespace rondom::sql
