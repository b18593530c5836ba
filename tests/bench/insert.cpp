// The reference of the first-sync benchmark: how fast do the same bytes go into bare SQLite tables?
//   bench-insert DATABASE FILE...
//
// Reads the JSON lines, and per batch of 50,000 inserts id, a 64-bit key and the text into one table
// and (key, id) sorted into another, with the same page size, journal and synchronous setting as the
// store. No parsing, mapping, resolving, merging or delivering: what remains is what writing costs.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/base.h"

namespace {

constexpr std::size_t batch_records = 50'000;

void must(int code, sqlite3* database, const char* what) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  std::fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(database));
  std::exit(1);
}

void run(sqlite3* database, const char* sql) {
  must(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), database, sql);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench-insert DATABASE FILE...\n");
    return 2;
  }
  sqlite3* database = nullptr;
  must(sqlite3_open(argv[1], &database), database, "open");
  run(database, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
  run(database,
      "CREATE TABLE record(id INTEGER PRIMARY KEY, key INTEGER, text BLOB);"
      "CREATE TABLE record_key(key INTEGER, record INTEGER, PRIMARY KEY(key, record)) WITHOUT "
      "ROWID;");
  sqlite3_stmt* record = nullptr;
  sqlite3_stmt* key = nullptr;
  must(sqlite3_prepare_v2(database, "INSERT INTO record VALUES(?,?,?)", -1, &record, nullptr),
       database, "prepare");
  must(sqlite3_prepare_v2(database, "INSERT INTO record_key VALUES(?,?)", -1, &key, nullptr),
       database, "prepare");
  const auto start = std::chrono::steady_clock::now();
  std::int64_t id = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> keys;
  const auto flush_keys = [&] {
    std::sort(keys.begin(), keys.end());
    for (const auto& [hash, row] : keys) {
      sqlite3_bind_int64(key, 1, hash);
      sqlite3_bind_int64(key, 2, row);
      must(sqlite3_step(key), database, "insert key");
      sqlite3_reset(key);
    }
    keys.clear();
    run(database, "COMMIT; BEGIN");
  };
  run(database, "BEGIN");
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    std::string line;
    while (std::getline(file, line)) {
      const auto hash = static_cast<std::int64_t>(rondom::hash64(line));
      sqlite3_bind_int64(record, 1, ++id);
      sqlite3_bind_int64(record, 2, hash);
      sqlite3_bind_blob(record, 3, line.data(), static_cast<int>(line.size()), SQLITE_STATIC);
      must(sqlite3_step(record), database, "insert");
      sqlite3_reset(record);
      keys.emplace_back(hash, id);
      if (keys.size() == batch_records) flush_keys();
    }
  }
  flush_keys();
  run(database, "COMMIT");
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  sqlite3_finalize(record);
  sqlite3_finalize(key);
  sqlite3_close(database);
  std::printf("bare inserts: %lld records in %.2f s, %.0f records/s\n", static_cast<long long>(id),
              seconds, static_cast<double>(id) / seconds);
  return 0;
}
