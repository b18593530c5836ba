// views: tables for analysts, apart from the store: built anew as a whole and put in place of those
// before at once.
//
// A table has at most columns_per_table_max columns; a view joins tables by their first column and
// is what people read: its name and its columns stay. Nobody who reads waits for longer than a
// blink, or sees half of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace rondom::store {

inline constexpr std::size_t columns_per_table_max = 150;
/// Of SQLite 2,000, of PostgreSQL 1,664: what both can show at a time.
inline constexpr std::size_t columns_per_view_max = 1'600;

struct ViewColumn {
  enum class Type : std::uint8_t { text, integer, number };
  std::string name;
  Type type = Type::text;
};
/// Its first column is the key that joins the tables it is kept in.
struct View {
  std::string name;
  std::vector<ViewColumn> columns;
};

/// Text of a value as its type is written; nothing = null. Integers and numbers as JSON's.
using ViewCell = std::optional<std::string>;

class ViewWriter {
 public:
  virtual ~ViewWriter() = default;
  /// A row of that view, with all its columns.
  virtual Status add(std::size_t view, std::span<const ViewCell> row) = 0;
  /// From now on everybody who looks sees these. Without it everything is as it was.
  virtual Status publish() = 0;
};

/// Is it the store's file or one of those beside it, by whatever name? Or would one beside it be?
bool is_of_store(const std::string& file, const std::string& store_file);

/// A file of its own, which is replaced; ErrorCode::bad_config where there is one that was not made
/// so or is another owner's, or where it would be the store's. It keeps the mode and group that
/// somebody gave it; a new one is 0600.
Result<std::unique_ptr<ViewWriter>> write_views_to_sqlite(const std::string& file,
                                                          const std::string& store_file,
                                                          const std::string& owner,
                                                          std::vector<View> views);
/// The schema rondom_views of that database; ErrorCode::bad_config where it has another owner's, or
/// something else under a view's name, and ErrorCode::busy while somebody reads on. Rights on a
/// view stay as long as its columns do.
Result<std::unique_ptr<ViewWriter>> write_views_to_postgresql(const std::string& dsn,
                                                              const std::string& owner,
                                                              std::vector<View> views);

/// The tables that a view is kept in: the places of its columns, each with the key first.
std::vector<std::vector<std::size_t>> tables_of(const View& view);
/// SELECT … of the view over its tables, called so, each followed by its number.
std::string select_of(const View& view, const std::string& table);
std::string quoted_identifier(std::string_view name);

}  // namespace rondom::store
