// Backups of a project's SQLite store, and back again.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "store/engine_lock.h"
#include "store/sqlite/sqlite_database.h"
#include "store/store.h"

namespace rondom::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* parts_of_a_store[] = {"", "-wal", "-shm", "-sent", "-sent.1"};

Error with_pg_dump(const char* what) {
  return {ErrorCode::unsupported,
          std::string("this store is in PostgreSQL, whose own tools ") + what};
}

Status make_durable(const std::string& path) {
  const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = number >= 0 && ::fsync(number) == 0;
  if (number >= 0) ::close(number);
  return done ? Status() : Status(ErrorCode::unavailable, path + " could not be made durable");
}

/// Its tables are those of an earlier Rondom: the next run brings them up, and cross references are
/// checked by the program that knows them.
Result<bool> is_of_older_schema(const std::string& file) {
  RONDOM_TRY_ASSIGN(const auto database, open_sqlite({file, true}));
  RONDOM_TRY_ASSIGN(const std::int64_t version, schema_version_of(*database));
  return version > 0 && version < schema_version();
}

/// A file that somebody wants to rely on is read from one end to the other.
Status is_sound(const std::string& file, const Clock& clock) {
  Options options;
  options.sqlite_file = file;
  options.read_only = true;
  std::vector<std::string> problems;
  RONDOM_TRY_ASSIGN(const bool is_older, is_of_older_schema(file));
  if (is_older) {
    RONDOM_TRY_ASSIGN(const auto database, open_sqlite({file, true}));
    RONDOM_TRY(database->integrity(problems));
  } else {
    RONDOM_TRY_ASSIGN(const auto store, open(options, clock));
    RONDOM_TRY(store->verify(problems));
  }
  if (problems.empty()) return {};
  return {ErrorCode::bad_state,
          file + " is damaged: " + problems.front() + (problems.size() == 1 ? "" : ", and more")};
}

/// Beside `to`, checked; only then under that name.
Status copy_checked(const std::string& from, const std::string& to,
                    const std::function<Status(const std::string& file)>& check) {
  const std::string part = to + ".part";
  Options source;
  source.sqlite_file = from;
  Status done = copy_to_file(source, part);
  if (done.ok()) done = check(part);
  if (done.ok()) done = make_durable(part);
  std::error_code failed;
  for (const char* const side : {"-wal", "-shm"}) fs::remove(part + side, failed);
  if (done.ok()) fs::rename(part, to, failed);
  if (done.ok() && failed) done = {ErrorCode::unavailable, to + " cannot be written"};
  if (done.ok()) {
    const fs::path folder = fs::path(to).parent_path();
    done = make_durable(folder.empty() ? "." : folder.string());
  }
  if (!done.ok()) fs::remove(part, failed);
  return done;
}

/// All of them or, when one cannot be moved, none.
Status move_parts(const std::string& from, const std::string& to) {
  std::vector<std::string> moved;
  for (const char* const part : parts_of_a_store) {
    std::error_code failed;
    if (!fs::exists(from + part, failed)) continue;
    fs::rename(from + part, to + part, failed);
    if (!failed) {
      moved.emplace_back(part);
      continue;
    }
    bool is_as_before = true;
    for (const std::string& one : moved) {
      fs::rename(to + one, from + one, failed);
      is_as_before = is_as_before && !failed;
    }
    return {ErrorCode::unavailable, from + part + " cannot be moved aside; the store is " +
                                        (is_as_before ? "as it was" : "in parts at " + to)};
  }
  return {};
}

}  // namespace

Status copy_durably(const std::string& from, const std::string& to) {
  return copy_checked(from, to, [](const std::string&) { return Status(); });
}

Status backup(const Options& from, const std::string& file, const Clock& clock) {
  if (!from.postgresql.empty()) return with_pg_dump("make backups: pg_dump");
  std::error_code failed;
  if (fs::exists(fs::symlink_status(file, failed))) {
    return {ErrorCode::usage, file + " is there already, and a backup replaces none"};
  }
  return copy_checked(from.sqlite_file, file,
                      [&](const std::string& part) { return is_sound(part, clock); });
}

Result<std::string> restore(const Options& to, const std::string& file, const Clock& clock) {
  if (!to.postgresql.empty()) return with_pg_dump("bring backups back: pg_restore or psql");
  const std::string& target = to.sqlite_file;
  std::error_code failed;
  if (!fs::exists(file, failed)) return Error{ErrorCode::usage, "there is no file " + file};
  if (fs::equivalent(file, target, failed)) {
    return Error{ErrorCode::usage, file + " is the store itself"};
  }
  fs::create_directories(fs::path(target).parent_path(), failed);
  RONDOM_TRY_ASSIGN(const auto alone, EngineLock::take(target, to.owner));
  const std::string fresh = target + ".restored";
  const auto check = [&](const std::string& part) { return is_sound(part, clock); };
  if (const Status copied = copy_checked(file, fresh, check); !copied.ok()) {
    const bool is_empty = fs::file_size(file, failed) == 0 && !failed;
    if (!is_empty && copied.error().code != ErrorCode::bad_state) return copied.error();
    return Error{ErrorCode::bad_state,
                 file + " is damaged, or no backup of a store; the store is as it was"};
  }
  std::string aside;
  if (fs::exists(target, failed)) {
    std::string when = format_time(clock.now()).substr(0, 19) + "Z";
    std::erase_if(when, [](char c) { return c == '-' || c == ':'; });
    const std::string first = target + ".before-" + when;
    aside = first;
    // Bounded: by the files that are there.
    for (int i = 2; fs::exists(aside, failed); ++i) aside = first + "-" + std::to_string(i);
    // A log that belongs to another database would be played into this one.
    if (const Status moved = move_parts(target, aside); !moved.ok()) {
      fs::remove(fresh, failed);
      return moved.error();
    }
  }
  fs::rename(fresh, target, failed);
  if (failed) {
    if (!aside.empty()) (void)move_parts(aside, target);
    return Error{ErrorCode::unavailable, target + " cannot be written; the store is as it was"};
  }
  RONDOM_TRY(make_durable(fs::path(target).parent_path().string()));
  return aside;
}

}  // namespace rondom::store
