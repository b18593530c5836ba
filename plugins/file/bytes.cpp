#include "bytes.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace rondom::file {

namespace {

constexpr std::uint64_t wait_bytes = 64u << 20;

}  // namespace

DescriptorBytes::DescriptorBytes(int descriptor, bool owned, std::string name, OnWait on_wait,
                                 int wait_ms)
    : descriptor_(descriptor),
      owned_(owned),
      name_(std::move(name)),
      on_wait_(std::move(on_wait)),
      wait_ms_(wait_ms) {}

DescriptorBytes::~DescriptorBytes() {
  if (owned_) ::close(descriptor_);
}

Status DescriptorBytes::wait() {
  while (true) {
    pollfd waiting{descriptor_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, on_wait_ ? wait_ms_ : -1);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) {
      return {Code::unavailable, name_ + " cannot be read: " + strerror(errno) + "."};
    }
    if (ready == 0) RONDOM_TRY(on_wait_());
  }
}

std::ptrdiff_t DescriptorBytes::read(char* into, std::size_t capacity) {
  if (on_wait_) {
    if (since_wait_bytes_ >= wait_bytes) {
      since_wait_bytes_ = 0;
      if (const Status status = on_wait_(); !status.ok()) return fail(status);
    }
    if (const Status status = wait(); !status.ok()) return fail(status);
  }
  while (true) {
    const ssize_t got = ::read(descriptor_, into, capacity);
    if (got >= 0) {
      since_wait_bytes_ += static_cast<std::uint64_t>(got);
      return got;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {
      if (const Status status = wait(); !status.ok()) return fail(status);
      continue;
    }
    return fail(Code::unavailable, name_ + " cannot be read: " + strerror(errno) + ".");
  }
}

bool DescriptorBytes::seek(std::uint64_t offset) {
  struct stat status {};
  const bool inside = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) &&
                      offset <= static_cast<std::uint64_t>(status.st_size);
  return inside &&
         ::lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) == static_cast<off_t>(offset);
}

std::string_view PeekBytes::peek(std::size_t size) {
  while (held_.size() < size) {
    const std::size_t have = held_.size();
    held_.resize(size);
    const std::ptrdiff_t got = below_.read(held_.data() + have, size - have);
    held_.resize(have + static_cast<std::size_t>(std::max<std::ptrdiff_t>(got, 0)));
    if (got <= 0) break;
  }
  return std::string_view(held_).substr(0, size);
}

std::ptrdiff_t PeekBytes::read(char* into, std::size_t capacity) {
  if (used_ < held_.size()) {
    const std::size_t size = std::min(capacity, held_.size() - used_);
    memcpy(into, held_.data() + used_, size);
    used_ += size;
    return static_cast<std::ptrdiff_t>(size);
  }
  // A failure seen while peeking is final: reading on could give bytes from behind it.
  if (!below_.failure().ok()) return fail(below_.failure());
  const std::ptrdiff_t got = below_.read(into, capacity);
  return got < 0 ? fail(below_.failure()) : got;
}

bool PeekBytes::seek(std::uint64_t offset) {
  if (!below_.seek(offset)) return false;
  held_.clear();
  used_ = 0;
  return true;
}

bool Window::more() {
  if (ended_ || failed()) return false;
  if (capacity_ - to_ < block_) {
    const std::size_t kept = size();
    if (capacity_ < kept + block_) {
      const std::size_t capacity = std::max(2 * kept, kept + block_);
      auto larger = std::make_unique_for_overwrite<char[]>(capacity);
      if (kept != 0) memcpy(larger.get(), begin(), kept);
      buffer_ = std::move(larger);
      capacity_ = capacity;
    } else {
      memmove(buffer_.get(), begin(), kept);
    }
    from_ = 0;
    to_ = kept;
  }
  const std::ptrdiff_t got = bytes_.read(buffer_.get() + to_, block_);
  if (got <= 0) {
    ended_ = got == 0;
    return false;
  }
  to_ += static_cast<std::size_t>(got);
  return true;
}

bool Window::skip_to(std::uint64_t offset) {
  while (true) {
    const std::uint64_t wanted = offset - offset_;
    if (wanted <= size()) {
      consume(static_cast<std::size_t>(wanted));
      return true;
    }
    if (bytes_.seek(offset)) {
      from_ = to_ = 0;
      offset_ = offset;
      ended_ = false;
      return true;
    }
    consume(size());
    if (!more()) return false;
  }
}

}  // namespace rondom::file
