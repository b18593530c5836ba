// Database: the thin, set-based face of SQLite and PostgreSQL that the store's logic stands on.
//
// Private to core/store. Every call takes or gives sets of rows of one table (tables.h); there is
// no SQL above this line. Cells view memory that the caller owns until the call returns; rows given
// to a RowSink are views that die when the sink returns. A sink must not call the database. One
// thread at a time per object. Failures are those of store.h.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "store/tables.h"

namespace rondom::store {

/// Hashes are stored as signed 64-bit integers; both directions keep every bit.
constexpr std::int64_t to_signed(std::uint64_t hash) {
  return std::bit_cast<std::int64_t>(hash);
}
constexpr std::uint64_t to_unsigned(std::int64_t cell) {
  return std::bit_cast<std::uint64_t>(cell);
}

/// One database value: null, a 64-bit integer, or bytes owned by somebody else.
class Cell {
 public:
  Cell() = default;
  Cell(std::int64_t number) : kind_(Kind::integer), number_(number) {}  // NOLINT
  Cell(std::string_view bytes)                                          // NOLINT
      : kind_(Kind::bytes), data_(bytes.data()), number_(static_cast<std::int64_t>(bytes.size())) {}

  bool is_null() const { return kind_ == Kind::null; }
  bool is_bytes() const { return kind_ == Kind::bytes; }
  std::int64_t integer() const { return kind_ == Kind::integer ? number_ : 0; }
  std::string_view bytes() const {
    return kind_ == Kind::bytes ? std::string_view(data_, static_cast<std::size_t>(number_))
                                : std::string_view();
  }
  std::string text() const { return std::string(bytes()); }
  bool operator==(const Cell& other) const {
    return kind_ == other.kind_ &&
           (kind_ == Kind::bytes ? bytes() == other.bytes() : number_ == other.number_);
  }
  bool operator<(const Cell& other) const {
    if (kind_ != other.kind_) return kind_ < other.kind_;
    return kind_ == Kind::bytes ? bytes() < other.bytes() : number_ < other.number_;
  }

 private:
  enum class Kind : std::uint8_t { null, integer, bytes };
  Kind kind_ = Kind::null;
  const char* data_ = nullptr;
  std::int64_t number_ = 0;  // the integer, or the size of the bytes
};

/// Null when empty: for columns that are empty more often than not.
inline Cell bytes_or_null(std::string_view bytes) {
  return bytes.empty() ? Cell() : Cell(bytes);
}

/// A flat block of rows with a fixed number of columns.
class Rows {
 public:
  explicit Rows(std::size_t columns) : columns_(columns) {}
  void add(std::initializer_list<Cell> row) { cells_.insert(cells_.end(), row.begin(), row.end()); }
  void add(std::span<const Cell> row) { cells_.insert(cells_.end(), row.begin(), row.end()); }
  void reserve(std::size_t rows) { cells_.reserve(rows * columns_); }
  void clear() { cells_.clear(); }
  std::size_t columns() const { return columns_; }
  std::size_t size() const { return cells_.size() / columns_; }
  bool empty() const { return cells_.empty(); }
  std::span<const Cell> operator[](std::size_t row) const {
    return {cells_.data() + row * columns_, columns_};
  }
  /// Orders by the first `key_columns` cells; of rows with equal keys only the last added stays.
  void sort_unique(std::size_t key_columns);

 private:
  std::size_t columns_;
  std::vector<Cell> cells_;
};

/// What a committed transaction survives.
enum class Durability : std::uint8_t {
  process,  // the death of this process; a power cut may take back the newest transactions, never
            // tear one: what they held is read again from the older checkpoint
  power,    // a power cut as well: for what happened outside and cannot be asked again
};

/// Gets the index of the key that found the row, and the row's cells.
using RowSink = std::function<void(std::size_t key, std::span<const Cell> row)>;

/// Rows by a set of keys. Keys are values of the first columns of the primary key, or of `index`.
struct Lookup {
  const Table* table = nullptr;
  const Index* index = nullptr;
  std::size_t columns = 0;        // only the first so many columns; 0 = all
  std::size_t limit_per_key = 0;  // 0 = all rows of a key
  bool descending = false;        // within a key
};

/// One range of a table in key order: rows whose first key columns equal `prefix` and whose next
/// ones are greater (descending: smaller) than `after`.
struct Scan {
  const Table* table = nullptr;
  const Index* index = nullptr;
  std::vector<Cell> prefix;
  std::vector<Cell> after;
  std::size_t limit = 0;
  std::size_t columns = 0;
  bool descending = false;
};

class Database {
 public:
  virtual ~Database() = default;

  virtual Status begin(Durability durability) = 0;
  virtual Status commit() = 0;
  virtual void rollback() = 0;

  /// Keys must be new.
  virtual Status insert(const Table& table, const Rows& rows) = 0;
  /// Keys must differ within one call.
  virtual Status upsert(const Table& table, const Rows& rows) = 0;
  /// `keys` hold the first columns of the primary key.
  virtual Status erase(const Table& table, const Rows& keys) = 0;
  virtual Status erase_all(const Table& table) = 0;
  virtual Status fetch(const Lookup& lookup, const Rows& keys, const RowSink& sink) = 0;
  virtual Status scan(const Scan& scan, const RowSink& sink) = 0;
  virtual Result<std::int64_t> count(const Table& table, std::span<const Cell> prefix) = 0;

  // schema
  virtual Result<bool> exists(const Table& table) = 0;
  virtual Status create(const Table& table) = 0;
  virtual Status add_column(const Table& table, std::size_t column) = 0;

  /// What a table takes with its indexes.
  virtual Result<std::int64_t> bytes_of(const Table& table) = 0;
  /// What is free inside of what the database takes.
  virtual Result<std::int64_t> free_bytes() = 0;
  /// Problems the database itself finds in its files.
  virtual Status integrity(std::vector<std::string>& problems) = 0;
  /// An own connection that sees committed data and cannot write.
  virtual Result<std::unique_ptr<Database>> reader() const = 0;
  /// "the store /path/to/file", for messages.
  virtual std::string name() const = 0;
};

/// `"a","b"` for the first `count` columns (0 = all), each with `prefix` before its name.
std::string column_list(const Table& table, std::size_t count, std::string_view prefix = "");
/// Quoted name of the n-th column of the primary key or of `index`.
std::string key_column(const Table& table, const Index* index, std::size_t n);
std::size_t key_column_count(const Table& table, const Index* index);
ColumnType key_column_type(const Table& table, const Index* index, std::size_t n);

}  // namespace rondom::store
