#include "store/sent_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/hex.h"

namespace rondom::store {
namespace {

using nlohmann::json;

constexpr std::size_t checksum_digits = 16;

json as_json(const Delivery& delivery) {
  return {{"key", delivery.key},
          {"action", delivery.action},
          {"operation", delivery.operation_id},
          {"session", delivery.session},
          {"remote", to_hex(delivery.remote_id)},
          {"fields", to_hex(delivery.fields)},
          {"pending", to_hex(delivery.pending)},
          {"mapping", hex64(delivery.mapping_fingerprint)},
          {"attempts", delivery.attempts}};
}

Delivery from_json(const json& read) {
  Delivery delivery;
  delivery.key = read.value("key", "");
  delivery.action = read.value("action", "");
  delivery.operation_id = read.value("operation", "");
  delivery.session = read.value("session", "");
  delivery.remote_id = from_hex(read.value("remote", ""));
  delivery.fields = from_hex(read.value("fields", ""));
  delivery.pending = from_hex(read.value("pending", ""));
  delivery.mapping_fingerprint = std::strtoull(read.value("mapping", "").c_str(), nullptr, 16);
  delivery.attempts = read.value("attempts", 0);
  delivery.state = DeliveryState::in_flight;
  return delivery;
}

std::string checksum(std::string_view text) {
  return hex64(hash64(text));
}

std::string line_of(const SentLog::Entry& entry) {
  const std::string text = json{
      {"number", entry.number},
      {"destination", entry.destination},
      {"deliveries",
       entry.deliveries}}.dump(-1, ' ', false, json::error_handler_t::replace);
  return checksum(text) + " " + text + "\n";
}

bool read_line(std::string_view line, SentLog::Entry& entry) {
  if (line.size() <= checksum_digits + 1) return false;
  const std::string_view text = line.substr(checksum_digits + 1);
  if (line.substr(0, checksum_digits) != checksum(text)) return false;
  const json read = json::parse(text, nullptr, false);
  if (!read.is_object()) return false;
  entry.number = read.value("number", std::int64_t{0});
  entry.destination = read.value("destination", "");
  entry.deliveries = read.value("deliveries", "");
  return true;
}

}  // namespace

std::string deliveries_text(std::span<const Delivery> deliveries) {
  std::string lines;
  for (const Delivery& delivery : deliveries) {
    lines += as_json(delivery).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  }
  return lines;
}

std::vector<Delivery> deliveries_from(std::string_view lines) {
  std::vector<Delivery> deliveries;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const json read = json::parse(lines.substr(0, end), nullptr, false);
    if (read.is_object()) deliveries.push_back(from_json(read));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return deliveries;
}

std::string lost_key(std::string_view destination) {
  return "lost/" + std::string(destination);
}

SentLog::~SentLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::vector<SentLog::Entry>> SentLog::after(std::int64_t number) const {
  std::vector<Entry> found;
  for (const std::string& name : {older(), file_}) {
    std::ifstream file(name, std::ios::binary);
    for (std::string line; std::getline(file, line);) {
      Entry entry;
      if (read_line(line, entry) && entry.number > number) found.push_back(std::move(entry));
    }
    if (file.bad()) return Error{ErrorCode::unavailable, name + " cannot be read"};
  }
  return found;
}

Status SentLog::open() {
  if (descriptor_ >= 0) return {};
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
    return {ErrorCode::unavailable, file_ + " cannot be written: " + std::strerror(errno)};
  }
  bytes_ = status.st_size;
  // What was cut off in the middle of a line must not spoil the next one.
  if (bytes_ > 0 && ::write(descriptor_, "\n", 1) == 1) ++bytes_;
  return {};
}

Status SentLog::reserve(const Entry& entry) {
  RONDOM_TRY(open());
  if (bytes_ > bytes_max_) {
    ::close(descriptor_);
    descriptor_ = -1;
    std::error_code failed;
    std::filesystem::rename(file_, older(), failed);
    RONDOM_TRY(open());
  }
  const auto bytes = static_cast<off_t>(line_of(entry).size());
  // Where a file system cannot promise room, add() finds out.
  if (::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, bytes_, bytes) == 0) return {};
  if (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINTR) return {};
  return {ErrorCode::unavailable, file_ + " cannot be written: " + std::strerror(errno)};
}

Status SentLog::add(const Entry& entry) {
  RONDOM_TRY(open());
  const std::string line = line_of(entry);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      return {ErrorCode::unavailable, file_ + " cannot be written: " + std::strerror(errno)};
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  bytes_ += static_cast<std::int64_t>(line.size());
  if (::fdatasync(descriptor_) != 0) {
    return {ErrorCode::unavailable, file_ + " cannot be made durable: " + std::strerror(errno)};
  }
  return {};
}

void SentLog::clear() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  for (const std::string& name : {file_, older()}) {
    std::error_code ignored;
    std::filesystem::remove(name, ignored);
  }
}

}  // namespace rondom::store
