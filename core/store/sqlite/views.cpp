// Views in a file of their own. It is written beside the one that is read and takes its name when
// it is whole.
#include "store/views.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/views_file.h"

namespace rondom::store {
namespace {

const char* sqlite_type(ViewColumn::Type type) {
  switch (type) {
    case ViewColumn::Type::integer: return "INTEGER";
    case ViewColumn::Type::number: return "NUMERIC";
    default: return "TEXT";
  }
}

class SqliteViews final : public ViewWriter {
 public:
  SqliteViews(std::unique_ptr<ViewsFile> file, const std::string& owner, std::vector<View> views)
      : file_(std::move(file)), mark_(views_mark_of(owner)), views_(std::move(views)) {}

  Status begin() {
    auto opened = Connection::open(file_->building(), true);
    if (!opened.ok()) return file_->cannot_be_written();
    connection_ = std::move(opened).value();
    const std::string mark =
        "PRAGMA application_id=" + std::to_string(views_application_id) +
        ";PRAGMA user_version=" + std::to_string(static_cast<std::int32_t>(mark_));
    // What a crash leaves is thrown away: it need not survive one.
    RONDOM_TRY(connection_->execute(
        "PRAGMA page_size=8192;PRAGMA journal_mode=OFF;PRAGMA synchronous=OFF"));
    RONDOM_TRY(connection_->execute(mark.c_str()));
    RONDOM_TRY(connection_->execute("BEGIN"));
    for (std::size_t v = 0; v < views_.size(); ++v) RONDOM_TRY(make_tables(v));
    return {};
  }

  Status add(std::size_t view, std::span<const ViewCell> row) override {
    for (const Part& part : parts_[view]) {
      RONDOM_TRY_ASSIGN(sqlite3_stmt * statement, connection_->prepare(part.insert));
      for (std::size_t i = 0; i < part.columns.size(); ++i) {
        const ViewCell& cell = row[part.columns[i]];
        const int place = static_cast<int>(i) + 1;
        if (cell) {
          sqlite3_bind_text64(statement, place, cell->data(), cell->size(), SQLITE_STATIC,
                              SQLITE_UTF8);
        } else {
          sqlite3_bind_null(statement, place);
        }
      }
      const int code = sqlite3_step(statement);
      sqlite3_reset(statement);
      if (code != SQLITE_DONE) return connection_->failure(code);
    }
    return {};
  }

  Status publish() override {
    for (const View& view : views_) {
      RONDOM_TRY(connection_->execute(
          ("CREATE VIEW " + quoted_identifier(view.name) + " AS " + select_of(view, table_of(view)))
              .c_str()));
    }
    RONDOM_TRY(connection_->execute("COMMIT"));
    connection_.reset();
    return file_->publish();
  }

 private:
  struct Part {
    std::string insert;
    std::vector<std::size_t> columns;
  };
  static std::string table_of(const View& view) { return "kept_" + view.name; }

  Status make_tables(std::size_t v) {
    const View& view = views_[v];
    std::vector<Part>& parts = parts_.emplace_back();
    for (const std::vector<std::size_t>& columns : tables_of(view)) {
      const std::string name =
          quoted_identifier(table_of(view) + "_" + std::to_string(parts.size() + 1));
      std::string made, marks;
      for (const std::size_t column : columns) {
        made += (made.empty() ? "" : ",") + quoted_identifier(view.columns[column].name) + " " +
                sqlite_type(view.columns[column].type) + (column == 0 ? " PRIMARY KEY" : "");
        marks += marks.empty() ? "?" : ",?";
      }
      RONDOM_TRY(
          connection_->execute(("CREATE TABLE " + name + "(" + made + ") WITHOUT ROWID").c_str()));
      parts.push_back({"INSERT INTO " + name + " VALUES(" + marks + ")", columns});
    }
    return {};
  }

  std::unique_ptr<ViewsFile> file_;  // outlives the connection to it
  const std::uint32_t mark_;
  const std::vector<View> views_;
  std::unique_ptr<Connection> connection_;
  std::vector<std::vector<Part>> parts_;
};

}  // namespace

Result<std::unique_ptr<ViewWriter>> write_views_to_sqlite(const std::string& file,
                                                          const std::string& store_file,
                                                          const std::string& owner,
                                                          std::vector<View> views) {
  RONDOM_TRY_ASSIGN(auto made, ViewsFile::make(file, store_file, owner));
  auto writer = std::make_unique<SqliteViews>(std::move(made), owner, std::move(views));
  RONDOM_TRY(writer->begin());
  return std::unique_ptr<ViewWriter>(std::move(writer));
}

}  // namespace rondom::store
