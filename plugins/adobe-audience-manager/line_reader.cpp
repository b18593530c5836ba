#include "line_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>

#include "bounds.h"
#include "files.h"

namespace rondom::audience_manager {

Result<std::unique_ptr<LineReader>> LineReader::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return file_failure(path, "opened", errno);
  gzFile stream = ::gzdopen(descriptor, "rb");
  if (stream == nullptr) {
    ::close(descriptor);
    return Failure{Code::internal, "zlib cannot be started."};
  }
  ::gzbuffer(stream, block_bytes);
  return std::unique_ptr<LineReader>(new LineReader(stream, path));
}

LineReader::LineReader(gzFile stream, std::string path)
    : stream_(stream), path_(std::move(path)), block_(std::make_unique<char[]>(block_bytes)) {}

LineReader::~LineReader() {
  ::gzclose(stream_);
}

Result<bool> LineReader::fill() {
  const int got = ::gzread(stream_, block_.get(), block_bytes);
  const int error = errno;
  int code = Z_OK;
  ::gzerror(stream_, &code);
  if (got < 0 || code == Z_BUF_ERROR) {
    if (code == Z_ERRNO) return file_failure(path_, "read", error);
    return Failure{Code::data, path_ + " is cut off or damaged: gzip cannot unpack it."};
  }
  from_ = 0;
  to_ = static_cast<std::size_t>(got);
  return got > 0;
}

Result<bool> LineReader::next(std::string_view& line) {
  line_.clear();
  cut_ = false;
  bool any = false;
  while (true) {
    if (from_ == to_) {
      const Result<bool> more = fill();
      if (!more.ok()) return more.error();
      if (!*more) {
        if (!any) return false;
        break;  // a last line without its end
      }
    }
    any = true;
    const char* start = block_.get() + from_;
    const auto* end = static_cast<const char*>(memchr(start, '\n', to_ - from_));
    const std::size_t size = end == nullptr ? to_ - from_ : static_cast<std::size_t>(end - start);
    const std::size_t kept = std::min(size, line_bytes_max - line_.size());
    cut_ = cut_ || kept < size;
    line_.append(start, kept);
    const std::size_t used = size + (end == nullptr ? 0 : 1);
    from_ += used;
    offset_ += used;
    if (end != nullptr) break;
  }
  ++lines_;
  line = line_;
  return true;
}

Status LineReader::resume(std::uint64_t offset, std::uint64_t lines) {
  if (::gzseek(stream_, static_cast<z_off_t>(offset), SEEK_SET) < 0)
    return {Code::state, path_ + " is shorter than what was read of it."};
  offset_ = offset;
  lines_ = lines;
  return {};
}

}  // namespace rondom::audience_manager
