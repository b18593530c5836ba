// Views in the schema rondom_views. Everything is one transaction, so that nobody sees half of it.
#include <libpq-fe.h>

#include <memory>

#include "store/views.h"

namespace rondom::store {
namespace {

constexpr std::size_t copied_bytes_max = 4u << 20;  // of a table, before they are sent
constexpr const char* views_connect_seconds = "10";
constexpr const char* other_writer_wait = "60s";
/// Each time we ask for what is read, readers queue behind us: far less than the second after which
/// PostgreSQL looks for who waits for whom, and would end a reader.
constexpr const char* reader_wait = "200ms";
constexpr const char* reader_pause_seconds = "0.05";
constexpr int reader_waits_max = 20;  // about five seconds

constexpr const char* state_lock_not_available = "55P03";
constexpr const char* state_invalid_definition = "42P16";  // the columns do not allow it

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
  PostgresqlViews(std::string owner, std::vector<View> views)
      : owner_(std::move(owner)), views_(std::move(views)) {}

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
    RONDOM_TRY(command("SET search_path TO rondom_views"));
    RONDOM_TRY(command("BEGIN ISOLATION LEVEL READ COMMITTED"));
    RONDOM_TRY(command(wait_at_most(other_writer_wait)));
    if (Status alone = command("SELECT pg_advisory_xact_lock(1919905380,2)"); !alone.ok()) {
      if (state_ != state_lock_not_available) return alone;
      return {ErrorCode::busy, "another one writes these views; the views are as they were"};
    }
    RONDOM_TRY(command(wait_at_most(reader_wait)));
    RONDOM_TRY(command("CREATE SCHEMA IF NOT EXISTS rondom_views"));
    // What we made, so that nothing else is ever taken away.
    RONDOM_TRY(command("CREATE TABLE IF NOT EXISTS rondom_made(project text,kind text,name text)"));
    RONDOM_TRY_ASSIGN(build_, ask("SELECT txid_current()"));
    RONDOM_TRY(check_all_is_ours());
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
    RONDOM_TRY(take_from_readers());
    for (std::size_t v = 0; v < views_.size(); ++v) RONDOM_TRY(replace(v));
    // Those that the project no longer has, then the tables of earlier builds.
    RONDOM_TRY(drop("VIEW",
                    "SELECT viewname FROM pg_views JOIN rondom_made ON kind='view' AND "
                    "name=viewname WHERE schemaname='rondom_views' AND viewname NOT IN (" +
                        names_of_views() + ")"));
    RONDOM_TRY(drop("TABLE",
                    "SELECT tablename FROM pg_tables JOIN rondom_made ON kind='table' AND "
                    "name=tablename WHERE schemaname='rondom_views'"));
    RONDOM_TRY(command("DELETE FROM rondom_made"));
    for (const View& view : views_) RONDOM_TRY(note_made("view", view.name));
    for (const std::vector<Part>& parts : parts_) {
      for (const Part& part : parts) RONDOM_TRY(note_made("table", part.table));
    }
    return command("COMMIT");
  }

 private:
  struct Part {
    std::string table;
    std::string name;  // quoted
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

  static std::string wait_at_most(const std::string& time) {
    return "SET LOCAL lock_timeout TO '" + time + "'";
  }

  std::string names_of_views() const {
    std::string names;
    for (const View& view : views_)
      names += (names.empty() ? "'" : ",'") + literal(view.name) + "'";
    return names;
  }

  Status check_all_is_ours() {
    RONDOM_TRY_ASSIGN(
        const std::string other,
        ask("SELECT project FROM rondom_made WHERE project<>'" + literal(owner_) + "' LIMIT 1"));
    if (!other.empty()) {
      return {ErrorCode::bad_config,
              "the schema rondom_views of that database has the views of project " + other +
                  ", and these are of " + owner_ +
                  "; name another database in views.postgresql, or drop that schema"};
    }
    RONDOM_TRY_ASSIGN(const std::string foreign,
                      ask("SELECT relname FROM pg_class WHERE relnamespace=to_regnamespace("
                          "'rondom_views') AND relname IN (" +
                          names_of_views() +
                          ") AND (relkind<>'v' OR relname NOT IN (SELECT name FROM rondom_made "
                          "WHERE kind='view')) LIMIT 1"));
    if (foreign.empty()) return {};
    return {ErrorCode::bad_config, "rondom_views." + foreign +
                                       " of that database was not made for views; rename it, or "
                                       "name another database in views.postgresql"};
  }

  /// Locks all that will be replaced, or nothing and tries again: nobody ever queues behind us for
  /// long.
  Status take_from_readers() {
    RONDOM_TRY_ASSIGN(
        const std::string all,
        ask("SELECT string_agg(quote_ident(viewname),',' ORDER BY viewname) FROM pg_views JOIN "
            "rondom_made ON kind='view' AND name=viewname WHERE schemaname='rondom_views'"));
    if (all.empty()) return {};
    RONDOM_TRY(command("SAVEPOINT before_readers"));
    for (int waits = 0; waits < reader_waits_max; ++waits) {
      Status taken = command("LOCK TABLE " + all + " IN ACCESS EXCLUSIVE MODE");
      if (taken.ok() || state_ != state_lock_not_available) return taken;
      RONDOM_TRY(command("ROLLBACK TO before_readers"));
      RONDOM_TRY(command(std::string("SELECT pg_sleep(") + reader_pause_seconds + ")"));
    }
    return {ErrorCode::busy,
            "somebody has been reading them in a transaction for seconds; the views are as they "
            "were"};
  }

  Status note_made(const std::string& kind, const std::string& name) {
    return command("INSERT INTO rondom_made VALUES('" + literal(owner_) + "','" + kind + "','" +
                   literal(name) + "')");
  }

  Status make_tables(std::size_t v) {
    const View& view = views_[v];
    std::vector<Part>& parts = parts_.emplace_back();
    for (const std::vector<std::size_t>& columns : tables_of(view)) {
      const std::string table = table_of(v) + "_" + std::to_string(parts.size() + 1);
      const std::string name = quoted_identifier(table);
      std::string made;
      for (const std::size_t column : columns) {
        made += (made.empty() ? "" : ",") + quoted_identifier(view.columns[column].name) + " " +
                postgresql_type(view.columns[column].type) + (column == 0 ? " PRIMARY KEY" : "");
      }
      RONDOM_TRY(command("CREATE TABLE " + name + "(" + made + ")"));
      parts.push_back({table, name, columns, {}});
    }
    return {};
  }

  /// In place where the columns allow it: then the rights on it stay.
  Status replace(std::size_t v) {
    const std::string name = quoted_identifier(views_[v].name);
    const std::string as = name + " AS " + select_of(views_[v], table_of(v));
    RONDOM_TRY(command("SAVEPOINT before_view"));
    Status replaced = command("CREATE OR REPLACE VIEW " + as);
    if (replaced.ok() || state_ != state_invalid_definition) return replaced;
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

  Status check(const PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    state_ = state ? state : "";
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
  const std::string owner_;
  const std::vector<View> views_;
  std::string build_;
  std::string state_;  // of the last command that failed, five letters
  std::vector<std::vector<Part>> parts_;
};

}  // namespace

Result<std::unique_ptr<ViewWriter>> write_views_to_postgresql(const std::string& dsn,
                                                              const std::string& owner,
                                                              std::vector<View> views) {
  auto writer = std::make_unique<PostgresqlViews>(owner, std::move(views));
  RONDOM_TRY(writer->begin(dsn));
  return std::unique_ptr<ViewWriter>(std::move(writer));
}

}  // namespace rondom::store
