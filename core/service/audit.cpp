#include "service/audit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/descriptor.h"
#include "base/text.h"

namespace rondom::service {
namespace {

// What the first line follows from.
constexpr const char* nothing_before =
    "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view hash_key = ",\"hash\":\"";
constexpr std::size_t hash_digits = 64;
constexpr std::string_view line_end = "\"}";
constexpr std::size_t about_bytes_max = 1'000;
// What has to be said before anything else; of more there are damaged files.
constexpr std::size_t first_max = 8;

std::string audit_line(const AuditEntry& entry, Timestamp at, const std::string& previous) {
  std::string out = "{\"at\":\"" + format_time(at) + "\",\"who\":";
  append_json_string(out, entry.who);
  out += ",\"what\":";
  append_json_string(out, entry.what);
  if (!entry.subject.empty()) {
    out += ",\"profile\":";
    append_json_string(out, entry.subject);
  }
  if (!entry.about.empty()) {
    out += ",\"about\":";
    append_json_string(out, excerpt(entry.about, about_bytes_max));
  }
  if (entry.status != 0) out += ",\"status\":" + std::to_string(entry.status);
  return out + ",\"previous\":\"" + previous + "\"";
}

/// The hash that ends a line; empty when it does not fit to what stands before it.
std::string hash_of_line(std::string_view line) {
  const std::size_t tail = hash_key.size() + hash_digits + line_end.size();
  if (line.size() <= tail || !line.ends_with(line_end)) return {};
  const std::string_view body = line.substr(0, line.size() - tail);
  const std::string_view hash =
      line.substr(line.size() - line_end.size() - hash_digits, hash_digits);
  return line.substr(body.size(), hash_key.size()) == hash_key && sha256_hex(body) == hash
             ? std::string(hash)
             : std::string();
}

bool follows_from(std::string_view line, const std::string& previous) {
  return line.find(",\"previous\":\"" + previous + "\",\"hash\":\"") != std::string_view::npos;
}

constexpr std::string_view damaged_suffix = ".damaged-";
/// As it stands in a line: nobody else can be "rondom".
constexpr std::string_view began_anew = "\"who\":\"rondom\",\"what\":\"began anew: ";

std::vector<std::string> put_aside(const std::string& file) {
  namespace fs = std::filesystem;
  const std::string beginning = fs::path(file).filename().string() + std::string(damaged_suffix);
  std::vector<std::string> found;
  std::error_code unreadable;
  for (const fs::directory_entry& one :
       fs::directory_iterator(fs::path(file).parent_path(), unreadable)) {
    const std::string name = one.path().filename().string();
    if (name.starts_with(beginning)) found.push_back(one.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// A name beside the file that nothing has yet.
std::string name_aside(const std::string& file, Timestamp now) {
  std::string when = format_time(now).substr(0, 19) + "Z";
  std::erase_if(when, [](char c) { return c == '-' || c == ':'; });
  const std::string first = file + std::string(damaged_suffix) + when;
  std::string name = first;
  std::error_code unknown;
  // Bounded: by the files that are there.
  for (int i = 2; std::filesystem::exists(std::filesystem::symlink_status(name, unknown)); ++i) {
    name = first + "-" + std::to_string(i);
  }
  return name;
}

}  // namespace

Audit::~Audit() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status Audit::open() {
  auto before = check_audit(file_);
  if (!before.ok() && before.error().code == ErrorCode::data) {
    // A power cut leaves half a line. It is kept as it is, and what follows says that it is there.
    const std::string damage = before.error().message;
    if (std::rename(file_.c_str(), name_aside(file_, clock_.now()).c_str()) == 0) {
      say_first(damage);
      before = check_audit(file_);
    }
  }
  if (!before.ok()) return before.error();
  previous_ = before->last_hash;
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), ignored);
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor_ < 0) return {ErrorCode::unavailable, file_ + " cannot be written"};
  return {};
}

/// Kept until it stands there: a disk that is full now has room later.
void Audit::say_first(const std::string& why) {
  if (first_.size() < first_max) first_.push_back("began anew: " + why);
}

/// Is what is open still what stands there? Somebody may have moved or removed it.
bool Audit::is_there() const {
  struct stat open_one {
  }, there{};
  return ::fstat(descriptor_, &open_one) == 0 && ::stat(file_.c_str(), &there) == 0 &&
         open_one.st_ino == there.st_ino && open_one.st_dev == there.st_dev;
}

Status Audit::add(const AuditEntry& entry) {
  const std::lock_guard lock(mutex_);
  if (descriptor_ >= 0 && !is_there()) {
    ::close(descriptor_);
    descriptor_ = -1;
    say_first("the file with the hash " + previous_ + " is gone");
  }
  if (descriptor_ < 0) RONDOM_TRY(open());
  while (!first_.empty()) {
    RONDOM_TRY(append({"rondom", first_.front(), "", 0}));
    first_.pop_front();
  }
  return append(entry);
}

Status Audit::append(const AuditEntry& entry) {
  const std::string body = audit_line(entry, clock_.now(), previous_);
  const std::string hash = sha256_hex(body);
  if (!write_all(descriptor_, body + std::string(hash_key) + hash + std::string(line_end) + "\n") ||
      ::fdatasync(descriptor_) != 0) {
    // What stands there now is unknown: the next one looks.
    ::close(descriptor_);
    descriptor_ = -1;
    return {ErrorCode::unavailable, file_ + " cannot be written"};
  }
  previous_ = hash;
  return {};
}

Result<AuditCheck> check_audit(const std::string& file) {
  AuditCheck out;
  out.last_hash = nothing_before;
  out.damaged = put_aside(file);
  struct stat there {};
  if (::stat(file.c_str(), &there) != 0) return out;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::string hash = hash_of_line(line);
    if (hash.empty() || !follows_from(line, out.last_hash)) {
      return Error{ErrorCode::data, file + ", line " + std::to_string(out.entries + 1) +
                                        ": it does not follow from the one before it"};
    }
    if (line.find(began_anew) != std::string::npos) ++out.begun_anew;
    ++out.entries;
    out.last_hash = std::move(hash);
  }
  if (lines.bad()) return Error{ErrorCode::unavailable, file + " cannot be read"};
  return out;
}

}  // namespace rondom::service
