// Views in a file of their own. It is written beside the one that is read and takes its name when it is whole.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "store/sqlite/connection.h"
#include "store/views.h"

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
  SqliteViews(std::string file, std::vector<View> views)
      : file_(std::move(file)), building_(file_ + ".building"), views_(std::move(views)) {}
  ~SqliteViews() override {
    connection_.reset();
    std::error_code ignored;
    std::filesystem::remove(building_, ignored);  // it has another name by now, or is of no use
  }

  Status begin() {
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), failed);
    std::filesystem::remove(building_, failed);
    auto opened = Connection::open(building_, true);
    if (!opened.ok()) return cannot_be_written();
    connection_ = std::move(opened).value();
    // What a crash leaves is thrown away: it need not survive one.
    RONDOM_TRY(connection_->execute(
        "PRAGMA page_size=8192;PRAGMA journal_mode=OFF;PRAGMA synchronous=OFF;BEGIN"));
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
    return replace();
  }

 private:
  struct Part {
    std::string insert;
    std::vector<std::size_t> columns;
  };
  static std::string table_of(const View& view) { return "kept_" + view.name; }

  Status cannot_be_written() const {
    return {ErrorCode::unavailable, "the views " + file_ + " cannot be written"};
  }

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

  Status replace() {
    const int descriptor = ::open(building_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return cannot_be_written();
    struct stat before {};
    bool done = true;
    if (::stat(file_.c_str(), &before) == 0) {
      // A group that is not ours cannot be given: then nobody of it may read, rather than everybody.
      const bool same_group = ::fchown(descriptor, static_cast<uid_t>(-1), before.st_gid) == 0;
      done = ::fchmod(descriptor, before.st_mode & (same_group ? 0777 : 0707)) == 0;
    }
    done = done && ::fsync(descriptor) == 0;
    ::close(descriptor);
    done = done && std::rename(building_.c_str(), file_.c_str()) == 0;
    return done ? Status() : cannot_be_written();
  }

  const std::string file_, building_;
  const std::vector<View> views_;
  std::unique_ptr<Connection> connection_;
  std::vector<std::vector<Part>> parts_;
};

}  // namespace

Result<std::unique_ptr<ViewWriter>> write_views_to_sqlite(const std::string& file,
                                                          std::vector<View> views) {
  auto writer = std::make_unique<SqliteViews>(file, std::move(views));
  RONDOM_TRY(writer->begin());
  return std::unique_ptr<ViewWriter>(std::move(writer));
}

}  // namespace rondom::store
