#include "pages.h"

namespace rondom::sql {

namespace {

std::string expression(const OrderColumn& column, const Connection& connection) {
  const std::string name = connection.quoted(column.name);
  return column.exact ? connection.exact(name) : name;
}

std::string joined(const std::vector<std::string>& texts, const char* between) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : between) + text;
  return out;
}

/// Strictly behind `after`, in a form that an index serves.
std::string behind(const std::vector<OrderColumn>& order, const std::vector<Bound>& after,
                   Statement& statement, const Connection& connection) {
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < order.size(); ++i) {
    names.push_back(expression(order[i], connection));
    values.push_back(connection.placed(statement, after[i]));
  }
  if (names.size() == 1) return names[0] + " > " + values[0];
  if (connection.compares_rows()) {
    return "(" + joined(names, ", ") + ") > (" + joined(values, ", ") + ")";
  }
  std::string nested = names.back() + " > " + values.back();
  for (std::size_t i = names.size() - 1; i-- > 0;) {
    nested = "(" + names[i] + " > " + values[i] + " OR (" + names[i] + " = " + values[i] + " AND " +
             nested + "))";
  }
  return names[0] + " >= " + values[0] + " AND " + nested;
}

Statement begin(const Relation& relation, const std::string& columns) {
  Statement statement;
  statement.text = "SELECT " + columns + " FROM " + relation.from;
  statement.query_at = relation.query_at;
  return statement;
}

}  // namespace

std::vector<Phase> phases_of(const Relation& relation) {
  std::vector<Phase> phases;
  for (const OrderColumn& column : relation.key) {
    if (column.not_null) continue;
    phases.push_back(Phase::keyless);
    break;
  }
  if (relation.cursor && !relation.cursor->not_null) phases.push_back(Phase::undated);
  phases.push_back(relation.cursor ? Phase::changes : Phase::everything);
  return phases;
}

std::vector<OrderColumn> order_of(const Relation& relation, Phase phase) {
  std::vector<OrderColumn> order;
  if (phase == Phase::keyless) return order;
  if (phase == Phase::changes) order.push_back(*relation.cursor);
  order.insert(order.end(), relation.key.begin(), relation.key.end());
  return order;
}

Statement all_columns(const Relation& relation) {
  return begin(relation, relation.columns);
}

Statement newest_cursor(const Relation& relation, const Connection& connection) {
  const std::string name = connection.quoted(relation.cursor->name);
  Statement statement = begin(relation, name);
  statement.query_at = 0;
  const std::string order = expression(*relation.cursor, connection);
  statement.text += " WHERE " + name + " IS NOT NULL ORDER BY " + order + " DESC LIMIT 1";
  return statement;
}

Statement page(const Relation& relation, const Place& place, std::size_t rows,
               const Connection& connection) {
  Statement statement = begin(relation, relation.columns);
  const std::vector<OrderColumn> order = order_of(relation, place.phase);
  std::vector<std::string> conditions;
  std::vector<std::string> absent;
  for (const OrderColumn& column : relation.key) {
    if (column.not_null) continue;
    const std::string name = connection.quoted(column.name);
    absent.push_back(name + " IS NULL");
    if (place.phase != Phase::keyless) conditions.push_back(name + " IS NOT NULL");
  }
  if (place.phase == Phase::keyless) conditions.push_back("(" + joined(absent, " OR ") + ")");
  if (place.phase == Phase::undated) {
    conditions.push_back(connection.quoted(relation.cursor->name) + " IS NULL");
  }
  if (place.phase == Phase::changes) {
    const std::string cursor = expression(*relation.cursor, connection);
    if (place.after.empty() && place.since) {
      conditions.push_back(cursor + " >= " + connection.placed(statement, *place.since));
    } else if (place.after.empty() && !relation.cursor->not_null) {
      conditions.push_back(connection.quoted(relation.cursor->name) + " IS NOT NULL");
    }
    if (place.until)
      conditions.push_back(cursor + " <= " + connection.placed(statement, *place.until));
  }
  if (!place.after.empty()) conditions.push_back(behind(order, place.after, statement, connection));
  if (!conditions.empty()) statement.text += " WHERE " + joined(conditions, " AND ");
  std::vector<std::string> columns;
  for (const OrderColumn& column : order) columns.push_back(expression(column, connection));
  if (!columns.empty()) statement.text += " ORDER BY " + joined(columns, ", ");
  if (rows > 0) statement.text += " LIMIT " + std::to_string(rows);
  return statement;
}

}  // namespace rondom::sql
