// Views in the schema rondom_views. Everything is one transaction, so that nobody sees half of it.
#include <libpq-fe.h>

#include <memory>

#include "store/views.h"

namespace rondom::store {
namespace {

constexpr std::size_t copied_bytes_max = 4u << 20;  // of a table, before they are sent
constexpr const char* views_connect_seconds = "10";

struct EndConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct EndResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, EndResult>;

const char* postgresql_type(ViewColumn::Type type) {
  switch (type) {
    case ViewColumn::Type::integer: return "bigint";
    case ViewColumn::Type::number: return "numeric";
    default: return "text";
  }
}

void append_copied(std::string& out, const ViewCell& cell) {
  if (!cell) {
    out += "\\N";
    return;
  }
  for (const char c : *cell) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\0': break;  // no text of PostgreSQL holds one
      default: out += c;
    }
  }
}

class PostgresqlViews final : public ViewWriter {
 public:
  explicit PostgresqlViews(std::vector<View> views) : views_(std::move(views)) {}

  Status begin(const std::string& dsn) {
    const char* keywords[] = {"connect_timeout", "dbname", nullptr};
    const char* values[] = {views_connect_seconds, dsn.c_str(), nullptr};
    connection_.reset(PQconnectdbParams(keywords, values, 1));
    if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK) {
      return {ErrorCode::unavailable, "the database of the views cannot be reached"};
    }
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    // One writer at a time; the number of the build is the transaction's own.
    RONDOM_TRY(command("SET client_encoding TO 'UTF8'"));
    RONDOM_TRY(command("CREATE SCHEMA IF NOT EXISTS rondom_views"));
    RONDOM_TRY(command("SET search_path TO rondom_views"));
    RONDOM_TRY(command("BEGIN"));
    RONDOM_TRY(command("SELECT pg_advisory_xact_lock(1919905380,2)"));
    RONDOM_TRY_ASSIGN(build_, ask("SELECT txid_current()"));
    for (std::size_t v = 0; v < views_.size(); ++v) RONDOM_TRY(make_tables(v));
    return {};
  }

  Status add(std::size_t view, std::span<const ViewCell> row) override {
    for (Part& part : parts_[view]) {
      for (std::size_t i = 0; i < part.columns.size(); ++i) {
        if (i > 0) part.waiting += '\t';
        append_copied(part.waiting, row[part.columns[i]]);
      }
      part.waiting += '\n';
      if (part.waiting.size() > copied_bytes_max) RONDOM_TRY(copy(part));
    }
    return {};
  }

  Status publish() override {
    for (std::vector<Part>& parts : parts_) {
      for (Part& part : parts) RONDOM_TRY(copy(part));
    }
    std::string kept;
    for (std::size_t v = 0; v < views_.size(); ++v) {
      RONDOM_TRY(replace(v));
      kept += (kept.empty() ? "'" : ",'") + literal(views_[v].name) + "'";
    }
    // Those that the project no longer has, then the tables of earlier builds.
    RONDOM_TRY(drop("VIEW",
                    "SELECT viewname FROM pg_views WHERE schemaname='rondom_views' AND "
                    "viewname IN (SELECT name FROM rondom_views.\"views made\") AND "
                    "viewname NOT IN (" +
                        kept + ")"));
    RONDOM_TRY(drop("TABLE",
                    "SELECT tablename FROM pg_tables WHERE schemaname='rondom_views' AND "
                    "tablename LIKE 'kept\\_%' AND tablename NOT LIKE '%\\_" +
                        build_ + "\\_%'"));
    RONDOM_TRY(command("DELETE FROM \"views made\""));
    for (const View& view : views_) {
      RONDOM_TRY(command("INSERT INTO \"views made\" VALUES('" + literal(view.name) + "')"));
    }
    return command("COMMIT");
  }

 private:
  struct Part {
    std::string name;
    std::vector<std::size_t> columns;
    std::string waiting;
  };
  /// By its number: names are short in PostgreSQL.
  std::string table_of(std::size_t v) const { return "kept_" + std::to_string(v) + "_" + build_; }

  static std::string literal(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '\'') out += '\'';
      out += c;
    }
    return out;
  }

  Status make_tables(std::size_t v) {
    if (v == 0) RONDOM_TRY(command("CREATE TABLE IF NOT EXISTS \"views made\"(name text)"));
    const View& view = views_[v];
    std::vector<Part>& parts = parts_.emplace_back();
    for (const std::vector<std::size_t>& columns : tables_of(view)) {
      const std::string name =
          quoted_identifier(table_of(v) + "_" + std::to_string(parts.size() + 1));
      std::string made;
      for (const std::size_t column : columns) {
        made += (made.empty() ? "" : ",") + quoted_identifier(view.columns[column].name) + " " +
                postgresql_type(view.columns[column].type) + (column == 0 ? " PRIMARY KEY" : "");
      }
      RONDOM_TRY(command("CREATE TABLE " + name + "(" + made + ")"));
      parts.push_back({name, columns, {}});
    }
    return {};
  }

  /// In place where the columns allow it: then the rights on it stay.
  Status replace(std::size_t v) {
    const std::string name = quoted_identifier(views_[v].name);
    const std::string as = name + " AS " + select_of(views_[v], table_of(v));
    RONDOM_TRY(command("SAVEPOINT before_view"));
    if (command("CREATE OR REPLACE VIEW " + as).ok()) return {};
    RONDOM_TRY(command("ROLLBACK TO before_view"));
    RONDOM_TRY(command("DROP VIEW IF EXISTS " + name));
    return command("CREATE VIEW " + as);
  }

  Status drop(const std::string& what, const std::string& names) {
    const Answer answer(PQexec(connection_.get(), names.c_str()));
    RONDOM_TRY(check(answer.get()));
    for (int i = 0; i < PQntuples(answer.get()); ++i) {
      RONDOM_TRY(command("DROP " + what + " " + quoted_identifier(PQgetvalue(answer.get(), i, 0))));
    }
    return {};
  }

  Status copy(Part& part) {
    if (part.waiting.empty()) return {};
    const Answer begun(PQexec(connection_.get(), ("COPY " + part.name + " FROM STDIN").c_str()));
    if (PQresultStatus(begun.get()) != PGRES_COPY_IN) return check(begun.get());
    const bool sent = PQputCopyData(connection_.get(), part.waiting.data(),
                                    static_cast<int>(part.waiting.size())) == 1 &&
                      PQputCopyEnd(connection_.get(), nullptr) == 1;
    part.waiting.clear();
    const Answer ended(PQgetResult(connection_.get()));
    while (const Answer rest{PQgetResult(connection_.get())}) continue;
    RONDOM_TRY(check(ended.get()));
    return sent ? Status() : Status(ErrorCode::unavailable, "the database of the views is gone");
  }

  Status check(const PGresult* result) const {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
    const char* primary = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
    const bool is_there = PQstatus(connection_.get()) == CONNECTION_OK;
    return {is_there ? ErrorCode::internal : ErrorCode::unavailable,
            "the database of the views: " + std::string(primary ? primary : "it is gone")};
  }
  Status command(const std::string& sql) {
    const Answer answer(PQexec(connection_.get(), sql.c_str()));
    return check(answer.get());
  }
  Result<std::string> ask(const std::string& sql) {
    const Answer answer(PQexec(connection_.get(), sql.c_str()));
    RONDOM_TRY(check(answer.get()));
    return std::string(PQntuples(answer.get()) > 0 ? PQgetvalue(answer.get(), 0, 0) : "");
  }

  std::unique_ptr<PGconn, EndConnection> connection_;  // ending it rolls back what is not whole
  const std::vector<View> views_;
  std::string build_;
  std::vector<std::vector<Part>> parts_;
};

}  // namespace

Result<std::unique_ptr<ViewWriter>> write_views_to_postgresql(const std::string& dsn,
                                                              std::vector<View> views) {
  auto writer = std::make_unique<PostgresqlViews>(std::move(views));
  RONDOM_TRY(writer->begin(dsn));
  return std::unique_ptr<ViewWriter>(std::move(writer));
}

}  // namespace rondom::store
