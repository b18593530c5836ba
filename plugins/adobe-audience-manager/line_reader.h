// LineReader: the lines of a plain or gzip file, with their place in the unpacked text. One thread.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rondom/result.hpp"

namespace rondom::audience_manager {

class LineReader {
 public:
  static Result<std::unique_ptr<LineReader>> open(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// The next line without its end, valid until the next call; false at the end. A line beyond
  /// line_bytes_max is cut to that, see cut().
  Result<bool> next(std::string_view& line);
  bool cut() const { return cut_; }
  /// Lines given so far, and the bytes behind the last of them.
  std::uint64_t lines() const { return lines_; }
  std::uint64_t offset() const { return offset_; }
  /// Before the first next(): goes on behind `offset` bytes and `lines` lines.
  Status resume(std::uint64_t offset, std::uint64_t lines);

 private:
  LineReader(gzFile stream, std::string path);
  Result<bool> fill();

  gzFile stream_;
  std::string path_;
  std::unique_ptr<char[]> block_;
  std::size_t from_ = 0, to_ = 0;
  std::string line_;
  bool cut_ = false;
  std::uint64_t lines_ = 0, offset_ = 0;
};

}  // namespace rondom::audience_manager
