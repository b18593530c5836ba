#include "store/sqlite/views_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>

#include "store/views.h"

namespace rondom::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* building_end = ".building-";
constexpr std::size_t building_letters = 6;  // mkostemp's
constexpr int building_attempts_max = 8;
constexpr std::size_t neighbours_max = 10'000;  // looked at for what a crash left
constexpr std::array<const char*, 3> side_files = {"-journal", "-wal", "-shm"};
constexpr std::size_t header_bytes = 100, user_version_at = 60, application_id_at = 68;
constexpr std::string_view sqlite_magic("SQLite format 3\0", 16);

/// The mark of its owner, where the file was made for views.
std::optional<std::uint32_t> mark_of(int descriptor) {
  std::array<char, header_bytes> header;
  if (::pread(descriptor, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size())) {
    return std::nullopt;
  }
  const auto number = [&](std::size_t at) {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < 4; ++i) out = out << 8 | static_cast<unsigned char>(header[at + i]);
    return out;
  };
  if (std::string_view(header.data(), sqlite_magic.size()) != sqlite_magic ||
      number(application_id_at) != views_application_id) {
    return std::nullopt;
  }
  return number(user_version_at);
}

bool is_ours(int descriptor) {
  return mark_of(descriptor).has_value();
}

int open_to_look(const std::string& file) {
  return ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// Does the name still stand for that file?
bool is_called(int descriptor, const std::string& file) {
  struct stat opened {
  }, named{};
  return ::fstat(descriptor, &opened) == 0 && ::lstat(file.c_str(), &named) == 0 &&
         is_same(opened, named);
}

std::string canonical(const std::string& file) {
  std::error_code failed;
  const fs::path path = fs::weakly_canonical(file, failed);
  return (failed ? fs::path(file).lexically_normal() : path).string();
}

}  // namespace

bool is_of_store(const std::string& file, const std::string& store_file) {
  const std::string own = canonical(file), store = canonical(store_file);
  if (own.starts_with(store + ".schema-")) return true;
  // What SQLite keeps beside the views would be the store's as well.
  for (const char* of_own : {"", "-journal", "-wal", "-shm"}) {
    for (const char* of_store : {"", "-journal", "-wal", "-shm", ".lock"}) {
      const std::string left = own + of_own, right = store + of_store;
      std::error_code not_there;
      if (left == right || fs::equivalent(left, right, not_there)) return true;
    }
  }
  return false;
}

std::uint32_t views_mark_of(std::string_view owner) {
  const std::uint64_t hash = hash64(owner);
  return static_cast<std::uint32_t>(hash ^ hash >> 32) | 1u;  // never 0
}

Result<std::unique_ptr<ViewsFile>> ViewsFile::make(const std::string& file,
                                                   const std::string& store_file,
                                                   const std::string& owner) {
  std::unique_ptr<ViewsFile> made(new ViewsFile(file, store_file, owner));
  RONDOM_TRY(made->may_be_replaced());
  std::error_code failed;
  fs::create_directories(fs::path(file).parent_path(), failed);
  made->remove_abandoned();
  RONDOM_TRY(made->make_building());
  return std::unique_ptr<ViewsFile>(std::move(made));
}

ViewsFile::~ViewsFile() {
  if (descriptor_ < 0) return;
  if (is_called(descriptor_, building_)) ::unlink(building_.c_str());
  ::close(descriptor_);
}

Status ViewsFile::cannot_be_written() const {
  return {ErrorCode::unavailable, "the views " + file_ + " cannot be written"};
}

Status ViewsFile::may_be_replaced() const {
  if (!store_file_.empty() && is_of_store(file_, store_file_)) {
    return {ErrorCode::bad_config, "the views cannot be in " + file_ + ": it is the store's"};
  }
  struct stat there {};
  if (::lstat(file_.c_str(), &there) != 0) {
    return errno == ENOENT ? Status() : cannot_be_written();
  }
  const auto refused = [&](const std::string& why) {
    return Status(ErrorCode::bad_config,
                  "the views cannot take the place of " + file_ + ": " + why +
                      "; move it away, or name another file in views.sqlite");
  };
  if (S_ISLNK(there.st_mode)) return refused("it is a symbolic link");
  if (!S_ISREG(there.st_mode)) return refused("it is no file");
  const int descriptor = open_to_look(file_);
  if (descriptor < 0) return cannot_be_written();
  const auto mark = mark_of(descriptor);
  const bool ours = mark.has_value() && is_called(descriptor, file_);
  ::close(descriptor);
  if (!ours) return refused("it was not made for views");
  // Before files had a mark, it was 0.
  return *mark == 0 || *mark == views_mark_of(owner_)
             ? Status()
             : refused("it has the views of another project or environment than " + owner_);
}

Status ViewsFile::make_building() {
  for (int attempt = 0; attempt < building_attempts_max; ++attempt) {
    building_ = file_ + building_end + std::string(building_letters, 'X');
    descriptor_ = ::mkostemp(building_.data(), O_CLOEXEC);
    if (descriptor_ < 0) return cannot_be_written();
    // Between its making and its lock somebody may have taken it for abandoned.
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 && is_called(descriptor_, building_)) {
      return {};
    }
    ::close(descriptor_);
    descriptor_ = -1;
  }
  return cannot_be_written();
}

void ViewsFile::remove_abandoned() const {
  const std::string start = file_ + building_end;
  std::error_code failed;
  std::size_t looked_at = 0;
  for (fs::directory_iterator at(fs::path(file_).parent_path(), failed), end;
       !failed && at != end && looked_at < neighbours_max; at.increment(failed), ++looked_at) {
    const std::string name = at->path().string();
    const std::size_t length = start.size() + building_letters;
    if (!name.starts_with(start) || name.size() < length) continue;
    const std::string one = name.substr(0, length);
    if (name != one) {
      for (const char* side : side_files) {
        if (name == one + side && ::access(one.c_str(), F_OK) != 0) ::unlink(name.c_str());
      }
      continue;
    }
    const int descriptor = open_to_look(one);
    if (descriptor < 0) continue;
    struct stat there {};
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && ::fstat(descriptor, &there) == 0 &&
        S_ISREG(there.st_mode) && (there.st_size == 0 || is_ours(descriptor)) &&
        is_called(descriptor, one)) {
      ::unlink(one.c_str());
    }
    ::close(descriptor);
  }
}

Status ViewsFile::keep_rights() const {
  struct stat before {};
  if (::lstat(file_.c_str(), &before) != 0) return {};
  // A group that is not ours cannot be given: then nobody of it may read, rather than everybody.
  const bool same_group = ::fchown(descriptor_, static_cast<uid_t>(-1), before.st_gid) == 0;
  const bool done = ::fchmod(descriptor_, before.st_mode & (same_group ? 0777 : 0707)) == 0;
  return done ? Status() : cannot_be_written();
}

/// What SQLite would play into the file of that name.
bool ViewsFile::move_sides(const std::string& from, const std::string& to) const {
  bool done = true;
  for (const char* side : side_files) {
    if (std::rename((from + side).c_str(), (to + side).c_str()) != 0 && errno != ENOENT) {
      done = false;
    }
  }
  return done;
}

Status ViewsFile::publish() {
  if (!is_called(descriptor_, building_) || !is_ours(descriptor_)) return cannot_be_written();
  RONDOM_TRY(may_be_replaced());
  RONDOM_TRY(keep_rights());
  if (::fsync(descriptor_) != 0) return cannot_be_written();
  // Aside before the name changes: what somebody wrote into the old file is not of the new one.
  if (!move_sides(file_, building_) || std::rename(building_.c_str(), file_.c_str()) != 0) {
    move_sides(building_, file_);
    return cannot_be_written();
  }
  for (const char* side : side_files) ::unlink((building_ + side).c_str());
  return {};
}

}  // namespace rondom::store
