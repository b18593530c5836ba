// What the tests of the file plugin share: bytes in memory, a folder that goes away, a host and
// sinks that remember what they were told.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "input.h"
#include "rondom/sdk.hpp"

namespace rondom::file::test {

/// Bytes in memory, at most `block` a read.
class MemoryBytes final : public ByteSource {
 public:
  explicit MemoryBytes(std::string text, std::size_t block = 1u << 20)
      : text_(std::move(text)), block_(block) {}
  std::ptrdiff_t read(char* into, std::size_t capacity) override;
  bool seek(std::uint64_t) override { return false; }

 private:
  std::string text_;
  std::size_t block_;
  std::size_t at_ = 0;
};

/// `size` bytes that are never all in memory: `head`, then `fill` over and over, then `tail`.
class EndlessBytes final : public ByteSource {
 public:
  EndlessBytes(std::string head, char fill, std::uint64_t fill_size, std::string tail)
      : head_(std::move(head)), fill_(fill), left_(fill_size), tail_(std::move(tail)) {}
  std::ptrdiff_t read(char* into, std::size_t capacity) override;
  bool seek(std::uint64_t) override { return false; }

 private:
  std::string head_;
  char fill_;
  std::uint64_t left_;
  std::string tail_;
};

struct Seen {
  std::string json;
  std::string problem;
  std::uint64_t line = 0;
  bool operator==(const Seen&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Seen& seen);

struct ReadAll {
  std::vector<Seen> records;
  std::vector<Position> positions;  // behind each record
  Status failure;
  std::vector<std::string> warnings;
};
ReadAll read_all(std::unique_ptr<ByteSource> bytes, const ReadOptions& options,
                 const std::string& name = "test.dat", const Position& from = {});
ReadAll read_text(std::string text, const ReadOptions& options,
                  const std::string& name = "test.dat", std::size_t block = 1u << 20);

ReadOptions options_of(std::string_view json);

std::string gzip(std::string_view text);
std::string zstd(std::string_view text);

/// A folder of its own, removed with everything in it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path(std::string_view name = {}) const;
  void write(std::string_view name, std::string_view text) const;
  void append(std::string_view name, std::string_view text) const;
  std::string read(std::string_view name) const;
  /// Names of all entries, hidden ones too, sorted.
  std::vector<std::string> list() const;

 private:
  std::filesystem::path path_;
};

/// A host that remembers the log.
class Host {
 public:
  Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  const rondom_host* table() const { return &table_; }
  std::vector<std::string> log;
  bool cancelled = false;
  rondom_ext_streams streams{sizeof(rondom_ext_streams), -1, -1, 0};

 private:
  rondom_host table_{};
};

/// What read() said, in order: "begin G", "record JSON", "bad PROBLEM", "checkpoint", "complete".
class Sink {
 public:
  Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  const rondom_read_out& table() const { return table_; }
  std::vector<std::string> events;
  std::vector<std::string> records;                              // all of them, "origin:line json"
  std::string state;                                             // of the last checkpoint
  std::vector<std::pair<std::string, std::size_t>> checkpoints;  // state and records before it
  std::string generation;                                        // of the refresh that is going on
  std::function<bool()> stop;                                    // asked at each checkpoint

 private:
  rondom_read_out table_{};
};

/// One read of one stream; what an engine keeps of it goes into `sink`.
Status read_stream(const Folder& folder, std::string_view stream, std::string_view options,
                   Sink& sink, Host& host, std::string_view state = {},
                   std::string_view generation = {}, std::uint64_t records_max = 0);

}  // namespace rondom::file::test
