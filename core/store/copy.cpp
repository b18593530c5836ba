// Copies of whole stores.
#include <filesystem>

#include "store/postgresql/postgresql_database.h"
#include "store/sqlite/sqlite_database.h"
#include "store/store.h"
#include "store/tables.h"

namespace rondom::store {
namespace {

constexpr std::size_t rows_per_copy = 20'000;

Status copy_table(Database& from, Database& to, const Table& table) {
  std::vector<Cell> after;
  Arena arena, key_arena;
  while (true) {
    arena.reset();
    Rows rows(table.columns.size());
    std::vector<Cell> row_copy;
    const auto keep = [](Arena& where, const Cell& cell) {
      return cell.is_bytes() ? Cell(where.copy(cell.bytes())) : cell;
    };
    const Scan scan{&table, nullptr, {}, after, rows_per_copy, 0, false};
    RONDOM_TRY(from.scan(scan, [&](std::size_t, auto row) {
      row_copy.clear();
      for (const Cell& cell : row) row_copy.push_back(keep(arena, cell));
      rows.add(row_copy);
    }));
    if (rows.empty()) return {};
    RONDOM_TRY(to.begin(Durability::process));
    RONDOM_TRY(to.insert(table, rows));
    RONDOM_TRY(to.commit());
    if (rows.size() < rows_per_copy) return {};
    key_arena.reset();
    after.clear();
    for (const Cell& cell : rows[rows.size() - 1].first(table.key_columns)) {
      after.push_back(keep(key_arena, cell));
    }
  }
}

Status copy_postgresql(const Options& from, const std::string& file) {
  RONDOM_TRY_ASSIGN(const auto source, open_postgresql({from.postgresql, from.owner, true}));
  RONDOM_TRY_ASSIGN(const auto target, open_sqlite({file, false}));
  std::vector<const Table*> all = {&tables::schema_version};
  for (const Migration& migration : migrations()) {
    for (const Step& step : migration.steps) {
      if (step.kind == Step::Kind::create_table) all.push_back(step.table);
    }
  }
  for (const Table* table : all) {
    RONDOM_TRY_ASSIGN(const bool exists, source->exists(*table));
    if (!exists) {
      return {ErrorCode::unavailable, source->name() + " is empty; the first run makes it"};
    }
    RONDOM_TRY(target->begin(Durability::process));
    RONDOM_TRY(target->create(*table));
    RONDOM_TRY(target->commit());
    RONDOM_TRY(copy_table(*source, *target, *table));
  }
  return {};
}

}  // namespace

Status copy_to_file(const Options& from, const std::string& sqlite_file) {
  for (const char* const part : {"", "-wal", "-shm"}) {
    std::error_code ignored;  // what cannot be removed cannot be opened either
    std::filesystem::remove(sqlite_file + part, ignored);
  }
  return from.postgresql.empty() ? copy_sqlite(from.sqlite_file, sqlite_file)
                                 : copy_postgresql(from, sqlite_file);
}

}  // namespace rondom::store
