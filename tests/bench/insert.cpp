// The reference of the first-sync benchmark: what does it cost to write as many rows of the same
// sizes into bare SQLite tables?
//   bench-insert DATABASE FILE...
//
// Per record of the JSON lines: its text, a 64-bit key, two identifiers, a membership; per 1.5
// records a profile with its id and a delivery: in batches of 50,000, each table's rows sorted by
// key, identifiers in runs of 250,000, with the page size, journal and synchronous setting of the
// store. No reading back, parsing, mapping, resolving, merging or delivering: what remains is what
// writing costs.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/base.h"

namespace {

constexpr std::size_t batch_records = 50'000;
constexpr std::size_t identifier_run = 500'000;
constexpr std::int64_t records_per_profile_times_two = 3;
constexpr std::size_t profile_bytes = 220;
constexpr std::size_t delivery_bytes = 150;

void must(int code, sqlite3* database, const char* what) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  std::fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(database));
  std::exit(1);
}

class Inserter {
 public:
  explicit Inserter(const char* file) {
    must(sqlite3_open(file, &database_), database_, "open");
    run("PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        "PRAGMA cache_size=-65536;"
        "CREATE TABLE record(id INTEGER PRIMARY KEY, text BLOB);"
        "CREATE TABLE record_key(a INTEGER, b INTEGER, PRIMARY KEY(a, b)) WITHOUT ROWID;"
        "CREATE TABLE posting(a INTEGER, b INTEGER, PRIMARY KEY(a, b)) WITHOUT ROWID;"
        "CREATE TABLE profile_uid(a INTEGER, b INTEGER, PRIMARY KEY(a, b)) WITHOUT ROWID;"
        "CREATE TABLE member(id INTEGER PRIMARY KEY, profile INTEGER);"
        "CREATE TABLE profile(id INTEGER PRIMARY KEY, text BLOB);"
        "CREATE TABLE delivery(id INTEGER PRIMARY KEY, text BLOB); BEGIN;");
    record_ = prepare("INSERT INTO record VALUES(?,?)");
    profile_ = prepare("INSERT INTO profile VALUES(?,?)");
    delivery_ = prepare("INSERT INTO delivery VALUES(?,?)");
    member_ = prepare("INSERT INTO member VALUES(?,?)");
    key_ = prepare("INSERT INTO record_key VALUES(?,?)");
    posting_ = prepare("INSERT INTO posting VALUES(?,?)");
    uid_ = prepare("INSERT INTO profile_uid VALUES(?,?)");
  }
  ~Inserter() {
    for (sqlite3_stmt* one : {record_, profile_, delivery_, member_, key_, posting_, uid_}) {
      sqlite3_finalize(one);
    }
    sqlite3_close(database_);
  }
  Inserter(const Inserter&) = delete;
  Inserter& operator=(const Inserter&) = delete;

  void add(const std::string& line) {
    ++id_;
    const auto hash = static_cast<std::int64_t>(rondom::hash64(line));
    put_text(record_, id_, line);
    keys_.emplace_back(hash, id_);
    postings_.emplace_back(hash * 31, id_);
    postings_.emplace_back(hash * 37, id_);
    if (id_ * 2 / records_per_profile_times_two > profiles_) {
      ++profiles_;
      put_text(profile_, profiles_, std::string_view(line).substr(0, profile_bytes));
      put_text(delivery_, profiles_, std::string_view(line).substr(0, delivery_bytes));
      uids_.emplace_back(hash * 41, profiles_);
    }
    put_pair(member_, id_, profiles_);
    if (keys_.size() == batch_records) flush(false);
  }
  std::int64_t finish() {
    flush(true);
    run("COMMIT");
    return id_;
  }

 private:
  using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

  void run(const char* sql) {
    must(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr), database_, sql);
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    must(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr), database_, sql);
    return statement;
  }
  void step(sqlite3_stmt* statement) {
    must(sqlite3_step(statement), database_, "insert");
    sqlite3_reset(statement);
  }
  void put_text(sqlite3_stmt* statement, std::int64_t id, std::string_view text) {
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_blob(statement, 2, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    step(statement);
  }
  void put_pair(sqlite3_stmt* statement, std::int64_t a, std::int64_t b) {
    sqlite3_bind_int64(statement, 1, a);
    sqlite3_bind_int64(statement, 2, b);
    step(statement);
  }
  void put_sorted(sqlite3_stmt* statement, Pairs& pairs) {
    std::sort(pairs.begin(), pairs.end());
    for (const auto& [a, b] : pairs) put_pair(statement, a, b);
    pairs.clear();
  }
  void flush(bool all) {
    put_sorted(key_, keys_);
    put_sorted(uid_, uids_);
    if (all || postings_.size() >= identifier_run) put_sorted(posting_, postings_);
    run("COMMIT; BEGIN");
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt *record_ = nullptr, *profile_ = nullptr, *delivery_ = nullptr, *member_ = nullptr,
               *key_ = nullptr, *posting_ = nullptr, *uid_ = nullptr;
  std::int64_t id_ = 0, profiles_ = 0;
  Pairs keys_, postings_, uids_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench-insert DATABASE FILE...\n");
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  std::int64_t records = 0;
  {
    Inserter inserter(argv[1]);
    for (int i = 2; i < argc; ++i) {
      std::ifstream file(argv[i], std::ios::binary);
      std::string line;
      while (std::getline(file, line)) inserter.add(line);
    }
    records = inserter.finish();
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("bare inserts: %lld records in %.2f s, %.0f records/s\n",
              static_cast<long long>(records), seconds, static_cast<double>(records) / seconds);
  return 0;
}
