// Bytes: where the readers get their input from. A chain of ByteSources ends in a Window, in which
// the readers of records look for their boundaries.
//
// Each object is used by one thread. A source borrows the one below it, which must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bounds.h"
#include "rondom/result.hpp"

namespace rondom::file {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills at most `capacity` bytes. 0 = end; -1 = failed, see failure(). May give less than asked.
  virtual std::ptrdiff_t read(char* into, std::size_t capacity) = 0;
  /// Continues at `offset` of this source's own bytes; false when it cannot, then nothing moved.
  virtual bool seek(std::uint64_t offset) = 0;
  const Status& failure() const { return failure_; }

 protected:
  std::ptrdiff_t fail(Code code, std::string message) {
    failure_ = Status(code, std::move(message));
    return -1;
  }
  std::ptrdiff_t fail(const Status& below) {
    failure_ = Status(below.error());
    return -1;
  }

 private:
  Status failure_;
};

/// A file descriptor, read with read(2). Owns it when told so. `name` is for messages. `on_wait` is
/// called every `wait_ms` while a pipe gives nothing, and now and then during long reads; when it
/// fails, the read does.
class DescriptorBytes final : public ByteSource {
 public:
  using OnWait = std::function<Status()>;
  DescriptorBytes(int descriptor, bool owned, std::string name, OnWait on_wait = {},
                  int wait_ms = 1'000);
  ~DescriptorBytes() override;
  DescriptorBytes(const DescriptorBytes&) = delete;
  DescriptorBytes& operator=(const DescriptorBytes&) = delete;
  std::ptrdiff_t read(char* into, std::size_t capacity) override;
  bool seek(std::uint64_t offset) override;
  int descriptor() const { return descriptor_; }

 private:
  /// Until there is something to read, or the end.
  Status wait();

  int descriptor_;
  bool owned_;
  std::string name_;
  OnWait on_wait_;
  int wait_ms_;
  std::uint64_t since_wait_bytes_ = 0;
};

/// Lets the start of another source be looked at without using it up.
class PeekBytes final : public ByteSource {
 public:
  explicit PeekBytes(ByteSource& below) : below_(below) {}
  /// The first bytes, at most `size`; shorter only at the end or on a failure, which the read that
  /// reaches it will report. Call before the first read.
  std::string_view peek(std::size_t size);
  std::ptrdiff_t read(char* into, std::size_t capacity) override;
  bool seek(std::uint64_t offset) override;

 private:
  ByteSource& below_;
  std::string held_;
  std::size_t used_ = 0;
};

enum class Compression : std::uint8_t { none, gzip, zstd };

/// By the first bytes of a file.
Compression detect_compression(std::string_view head);
/// "an Excel workbook or zip archive" when `head` starts a format that is not read here, else
/// empty.
std::string_view unreadable_container(std::string_view head);

/// Unpacks `below`; several members or frames after one another are one text. Input that ends or
/// breaks inside a member is a failure of Code::data with the offset, after everything before it
/// was given out.
std::unique_ptr<ByteSource> decompress(Compression compression, ByteSource& below,
                                       std::string name);

/// The bytes that are read but not used, in one piece, with their offset in the stream.
class Window {
 public:
  explicit Window(ByteSource& bytes, std::size_t block = block_bytes)
      : bytes_(bytes), block_(block) {}

  const char* begin() const { return buffer_.get() + from_; }
  const char* end() const { return buffer_.get() + to_; }
  std::size_t size() const { return to_ - from_; }
  std::string_view view() const { return {begin(), size()}; }
  /// Offset of begin().
  std::uint64_t offset() const { return offset_; }

  void consume(std::size_t size) {
    from_ += size;
    offset_ += size;
  }
  /// Appends one more block; pointers into the window move. False at the end or on a failure.
  bool more();
  bool failed() const { return !bytes_.failure().ok(); }
  const Status& failure() const { return bytes_.failure(); }
  /// Continues at `offset`, not before begin(). False when the input ends earlier or fails.
  bool skip_to(std::uint64_t offset);

 private:
  ByteSource& bytes_;
  std::size_t block_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t from_ = 0;
  std::size_t to_ = 0;
  std::uint64_t offset_ = 0;
  bool ended_ = false;
};

}  // namespace rondom::file
