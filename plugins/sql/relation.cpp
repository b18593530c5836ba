#include "relation.h"

#include <algorithm>

#include "names.h"
#include "query_text.h"

namespace rondom::sql {

namespace {

constexpr std::string_view query_prefix = "SELECT * FROM (\n";

Failure wrong(std::string message) {
  return {Code::config, std::move(message)};
}

Result<Table> find_table(const std::string& name, Connection& connection) {
  Result<std::vector<Table>> tables = connection.tables();
  if (!tables.ok()) return tables.error();
  std::vector<std::string> names;
  for (const Table& table : *tables) {
    if (table.stream == name ||
        (!table.schema.empty() && table.schema + "." + table.name == name)) {
      return table;
    }
    names.push_back(table.stream);
  }
  return wrong("There is no table or view " + name + ", or the account may not see it" +
               suggestion(name, names) + (names.empty() ? "; it sees none." : ""));
}

Result<std::size_t> find_column(const std::string& name, const char* option,
                                const std::vector<Column>& columns) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
    names.push_back(columns[i].name);
  }
  return wrong(std::string("options: ") + option + ": there is no column " + name +
               suggestion(name, names));
}

Status refuse_doubles(const std::vector<Column>& columns) {
  std::vector<std::string_view> names;
  for (const Column& column : columns) names.push_back(column.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return {};
  return wrong("query: two columns are called " + std::string(*twice) +
               "; name one otherwise (AS).");
}

std::string listed(const std::vector<std::string>& columns, const Connection& connection) {
  std::string out;
  for (const std::string& name : columns)
    out += (out.empty() ? "" : ", ") + connection.quoted(name);
  return out.empty() ? "*" : out;
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

Result<StreamShape> shape_of(std::string_view stream, const Options& options, Driver driver,
                             bool key_needed, Connection& connection) {
  StreamShape shape;
  TableFacts facts;
  if (!options.query.empty()) {
    Result<std::string> text = query_of(options);
    if (!text.ok()) return text.error();
    Result<std::string> query = checked_query(*text, driver);
    if (!query.ok()) return query.error();
    shape.relation.from = "(\n" + *query + "\n) AS rondom_query";
    shape.relation.query_at = query_prefix.size();
  } else {
    const std::string name = options.table.empty() ? std::string(stream) : options.table;
    Result<Table> table = find_table(name, connection);
    if (!table.ok()) return table.error();
    Result<TableFacts> found = connection.facts(*table);
    if (!found.ok()) return found.error();
    facts = std::move(*found);
    shape.relation.from = (table->schema.empty() ? "" : connection.quoted(table->schema) + ".") +
                          connection.quoted(table->name);
  }
  // What is wrong with a name of `columns` is said by the list of all of them.
  Result<std::vector<Column>> columns = connection.columns(all_columns(shape.relation));
  if (!columns.ok()) return columns.error();
  RONDOM_TRY(refuse_doubles(*columns));
  if (!options.columns.empty()) {
    std::vector<Column> chosen;
    for (const std::string& name : options.columns) {
      const Result<std::size_t> index = find_column(name, "columns", *columns);
      if (!index.ok()) return index.error();
      chosen.push_back((*columns)[*index]);
    }
    columns = std::move(chosen);
    RONDOM_TRY(refuse_doubles(*columns));
  }
  shape.columns = std::move(*columns);
  std::vector<std::string> all;
  for (const Column& column : shape.columns) all.push_back(column.name);
  // A query keeps its *: the place of a mistake in it is counted from its start.
  if (options.query.empty()) shape.relation.columns = listed(all, connection);

  const std::vector<std::string>& key = options.key.empty() ? facts.key : options.key;
  if (key.empty() && key_needed) {
    return wrong(std::string(stream) +
                 " has no primary key; say which columns tell its rows apart: "
                 "options: { key: [...] }.");
  }
  // A primary key holds no two values that its own collation calls equal.
  const bool proven = !facts.key.empty() &&
                      std::all_of(facts.key.begin(), facts.key.end(),
                                  [&](const std::string& part) { return contains(key, part); });
  const auto order_column = [&](const std::string& name,
                                const char* option) -> Result<OrderColumn> {
    const Result<std::size_t> index = find_column(name, option, shape.columns);
    if (!index.ok()) return index.error();
    const Kind kind = shape.columns[*index].kind;
    return OrderColumn{name, *index, contains(facts.not_null, name), !proven && kind == Kind::text};
  };
  for (const std::string& name : key) {
    Result<OrderColumn> column = order_column(name, "key");
    if (!column.ok()) return column.error();
    shape.relation.key.push_back(std::move(*column));
  }
  if (!options.cursor.empty()) {
    Result<OrderColumn> column = order_column(options.cursor, "cursor");
    if (!column.ok()) return column.error();
    shape.relation.cursor = std::move(*column);
  }
  if (!options.deleted.empty()) {
    const Result<std::size_t> index = find_column(options.deleted, "deleted", shape.columns);
    if (!index.ok()) return index.error();
    shape.deleted = *index;
  }
  return shape;
}

}  // namespace rondom::sql
