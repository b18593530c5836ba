#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>

#include "store/bitmap.h"
#include "store/postgresql/postgresql_database.h"
#include "store/sqlite/sqlite_database.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

/// Is there nothing in the log of a closed database that is not in its file?
bool is_log_empty(const std::string& store) {
  std::error_code absent;
  const std::uintmax_t bytes = std::filesystem::file_size(store + "-wal", absent);
  return absent || bytes == 0;
}

/// For the copy, and for what the new tables may need.
constexpr std::uintmax_t copies_during_migration = 2;

Status run_step(Database& database, const Step& step) {
  if (step.kind == Step::Kind::create_table) return database.create(*step.table);
  return database.add_column(*step.table, step.column);
}

Status run_migration(Database& database, const Migration& migration, bool first, Timestamp now) {
  if (first) RONDOM_TRY(database.create(tables::schema_version));
  for (const Step& step : migration.steps) RONDOM_TRY(run_step(database, step));
  if (migration.posts_anew) {
    RONDOM_TRY(Bitmap(database, bitmap_set::unposted)
                   .add_intersection(bitmap_set::party, bitmap_set::party));
  }
  Rows rows(2);
  rows.add({migration.version, now});
  return database.insert(tables::schema_version, rows);
}

/// As it was, beside itself: whoever goes back to the program from before, or loses power on the
/// way, has it.
Result<std::string> keep_copy(const Options& options, std::int64_t from, std::int64_t to) {
  namespace fs = std::filesystem;
  const std::string& file = options.sqlite_file;
  const std::string folder = fs::path(file).parent_path().string();
  std::uintmax_t size = 0;
  for (const char* const part : {"", "-wal"}) {
    std::error_code absent;
    const std::uintmax_t bytes = fs::file_size(file + part, absent);
    size += absent ? 0 : bytes;
  }
  std::error_code failed;
  const std::uintmax_t free =
      options.free_bytes ? options.free_bytes(folder) : fs::space(folder, failed).available;
  constexpr std::uintmax_t megabyte = 1'000'000;
  if (!failed && free < copies_during_migration * size) {
    return Error{ErrorCode::unavailable,
                 file + " is of schema " + std::to_string(from) + ". To bring it up to " +
                     std::to_string(to) + ", with a copy as it was, takes " +
                     std::to_string(copies_during_migration * size / megabyte + 1) +
                     " MB of the disk, which has " + std::to_string(free / megabyte) +
                     " MB. Nothing was changed"};
  }
  std::string copy = file + ".schema-" + std::to_string(from);
  RONDOM_TRY(copy_durably(file, copy));
  return copy;
}

/// The version of an older store, which is about to be brought up; 0 for others.
Result<std::int64_t> older_version(Database& database) {
  RONDOM_TRY_ASSIGN(const std::int64_t current, schema_version_of(database));
  return current < schema_version() ? current : 0;
}

}  // namespace

Result<std::int64_t> schema_version_of(Database& database) {
  RONDOM_TRY_ASSIGN(const bool exists, database.exists(tables::schema_version));
  std::int64_t version = 0;
  if (!exists) return version;
  const Scan newest{&tables::schema_version, nullptr, {}, {}, 1, 0, true};
  RONDOM_TRY(database.scan(
      newest, [&](std::size_t, std::span<const Cell> row) { version = row[0].integer(); }));
  return version;
}

std::int64_t schema_version() {
  return migrations().back().version;
}

Status migrate(Database& database, std::span<const Migration> steps, bool read_only,
               Timestamp now) {
  RONDOM_TRY_ASSIGN(const std::int64_t current, schema_version_of(database));
  const std::int64_t newest = steps.back().version;
  if (current > newest) {
    return {ErrorCode::bad_state, database.name() + " was written by a newer Rondom (schema " +
                                      std::to_string(current) + ", this program knows " +
                                      std::to_string(newest) + "); install that version again"};
  }
  if (current == newest) return {};
  if (read_only && current == 0) {
    return {ErrorCode::unavailable, database.name() + " is empty; the first run makes it"};
  }
  if (read_only) {
    return {ErrorCode::bad_state, database.name() + " was written by an older Rondom (schema " +
                                      std::to_string(current) + "); the next run brings it up to " +
                                      std::to_string(newest)};
  }
  // A new store is made in one transaction, an older one is brought up a version at a time.
  for (std::size_t next = 0; next < steps.size();) {
    if (steps[next].version <= current) {
      ++next;
      continue;
    }
    const std::size_t last = current == 0 ? steps.size() : next + 1;
    RONDOM_TRY(database.begin(Durability::power));
    Status status;
    for (bool first = current == 0; status.ok() && next < last; ++next, first = false) {
      status = run_migration(database, steps[next], first, now);
    }
    if (status.ok()) status = database.commit();
    if (!status.ok()) {
      database.rollback();
      return status;
    }
  }
  return {};
}

Result<std::unique_ptr<Store>> open(const Options& options, const Clock& clock) {
  std::unique_ptr<EngineLock> lock;
  std::unique_ptr<Database> database;
  if (!options.postgresql.empty()) {
    RONDOM_TRY_ASSIGN(database,
                      open_postgresql({options.postgresql, options.owner, options.read_only}));
  } else {
    if (!options.read_only && options.sqlite_file != ":memory:") {
      RONDOM_TRY_ASSIGN(lock, EngineLock::take(options.sqlite_file, options.owner));
    }
    RONDOM_TRY_ASSIGN(database, open_sqlite({options.sqlite_file, options.read_only}));
  }
  Migrated migrated;
  if (!options.read_only && !options.is_copy && options.sqlite_file != ":memory:") {
    RONDOM_TRY_ASSIGN(migrated.from, older_version(*database));
    migrated.to = schema_version();
    if (migrated.from != 0 && options.postgresql.empty()) {
      RONDOM_TRY_ASSIGN(migrated.copy, keep_copy(options, migrated.from, migrated.to));
    }
  }
  RONDOM_TRY(migrate(*database, migrations(), options.read_only, clock.now()));
  if (migrated.from != 0 && options.migrated) options.migrated(migrated);
  auto opened = TableStore::open(std::move(database), std::move(lock), options.read_only);
  const bool sends = options.postgresql.empty() && options.sqlite_file != ":memory:" &&
                     !options.read_only && !options.is_copy;
  if (!opened.ok() || !sends) return opened;
  RONDOM_TRY(static_cast<TableStore&>(**opened).remember_sent(
      std::make_unique<SentLog>(options.sqlite_file), clock.now()));
  return opened;
}

TableStore::TableStore(std::unique_ptr<Database> database, std::unique_ptr<EngineLock> lock,
                       bool read_only)
    : lock_(std::move(lock)),
      database_(std::move(database)),
      catalog_(*database_),
      read_only_(read_only) {}

Result<std::unique_ptr<Store>> TableStore::open(std::unique_ptr<Database> database,
                                                std::unique_ptr<EngineLock> lock, bool read_only) {
  std::unique_ptr<TableStore> store(
      new TableStore(std::move(database), std::move(lock), read_only));
  RONDOM_TRY(store->refresh_catalog());
  return std::unique_ptr<Store>(std::move(store));
}

TableStore::~TableStore() {
  database_.reset();
  if (sent_ && is_log_empty(sent_->store())) sent_->clear();
}

Status TableStore::remember_sent(std::unique_ptr<SentLog> sent, Timestamp now) {
  RONDOM_TRY_ASSIGN(const auto number, value(sent_number_key));
  sent_number_ = number ? std::strtoll(number->c_str(), nullptr, 10) : 0;
  RONDOM_TRY_ASSIGN(const auto lost, sent->after(sent_number_));
  sent_ = std::move(sent);
  if (lost.empty()) return {};
  std::map<std::string, std::string> by_destination;
  for (const SentLog::Entry& entry : lost) by_destination[entry.destination] += entry.deliveries;
  for (auto& [destination, deliveries] : by_destination) {
    RONDOM_TRY_ASSIGN(const auto waiting, value(lost_key(destination)));
    if (waiting) deliveries = *waiting + deliveries;
  }
  return transact(Durability::power, [&]() -> Status {
    sent_number_ = std::max(sent_number_, lost.back().number);
    Rows rows(2);
    const std::string last = std::to_string(sent_number_), at = std::to_string(now);
    rows.add({sent_number_key, std::string_view(last)});
    rows.add({lost_at_key, std::string_view(at)});
    std::deque<std::string> keys;
    for (const auto& [destination, deliveries] : by_destination) {
      rows.add({std::string_view(keys.emplace_back(lost_key(destination))),
                std::string_view(deliveries)});
    }
    return database_->upsert(tables::value, rows);
  });
}

Result<std::unique_ptr<Store>> TableStore::open_reader() const {
  RONDOM_TRY_ASSIGN(auto database, database_->reader());
  return open(std::move(database), nullptr, true);
}

Status TableStore::refresh_catalog() {
  if (!catalog_stale_ && !read_only_) return {};
  RONDOM_TRY(catalog_.load());
  known_.clear();
  recent_.clear();
  catalog_stale_ = false;
  return {};
}

Status TableStore::begin(Durability durability) {
  if (read_only_) return {ErrorCode::internal, database_->name() + " was opened for reading only"};
  RONDOM_TRY(refresh_catalog());
  Status begun = database_->begin(durability);
  if (!begun.ok()) {
    database_->rollback();
    catalog_stale_ = true;
  }
  arena_.reset();
  return begun;
}

Status TableStore::finish(Status outcome) {
  if (outcome.ok()) outcome = catalog_.flush();
  if (outcome.ok()) outcome = database_->commit();
  if (outcome.ok()) return {};
  database_->rollback();
  catalog_stale_ = true;
  profiles_.reset();
  return outcome;
}

Error TableStore::no_such_stream(StreamId stream) const {
  return {ErrorCode::internal, database_->name() + " has no stream " + std::to_string(stream)};
}

Result<std::int64_t> TableStore::destination_number(std::string_view name) {
  RONDOM_TRY(refresh_catalog());
  const DestinationInfo* found = catalog_.destination(name);
  return found ? found->id : 0;
}

}  // namespace rondom::store
