#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <utility>

#include "bytes.h"

namespace rondom::file {

namespace {

constexpr std::size_t packed_input_bytes = 256u << 10;

std::string broken(const std::string& name, std::uint64_t offset, const char* what) {
  return name + " is broken at byte " + std::to_string(offset) +
         " of the compressed file: " + what + ".";
}

/// Compressed input of either kind: a buffer that is refilled from below and counts what was used.
class PackedBytes : public ByteSource {
 public:
  bool seek(std::uint64_t) override { return false; }

 protected:
  PackedBytes(ByteSource& below, std::string name)
      : below_(below),
        name_(std::move(name)),
        input_(std::make_unique<char[]>(packed_input_bytes)) {}

  /// 1 = there is input, 0 = the input has ended, -1 = failed.
  int refill() {
    used_ += filled_;
    filled_ = 0;
    const std::ptrdiff_t got = below_.read(input_.get(), packed_input_bytes);
    if (got < 0) {
      fail(below_.failure());
      return -1;
    }
    filled_ = static_cast<std::size_t>(got);
    return got == 0 ? 0 : 1;
  }

  ByteSource& below_;
  std::string name_;
  std::unique_ptr<char[]> input_;
  std::size_t filled_ = 0;  // bytes in input_
  std::uint64_t used_ = 0;  // bytes of the file before input_
  bool inside_ = false;     // between the start and the end of a member
};

class GzipBytes final : public PackedBytes {
 public:
  GzipBytes(ByteSource& below, std::string name) : PackedBytes(below, std::move(name)) {
    ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  }
  ~GzipBytes() override {
    if (ready_) inflateEnd(&stream_);
  }
  GzipBytes(const GzipBytes&) = delete;
  GzipBytes& operator=(const GzipBytes&) = delete;

  std::ptrdiff_t read(char* into, std::size_t capacity) override {
    if (!failure().ok()) return -1;
    if (!ready_) return fail(Code::internal, "zlib cannot be started.");
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(capacity);
    while (stream_.avail_out == capacity) {
      if (stream_.avail_in == 0) {
        const int state = refill();
        if (state < 0) return -1;
        if (state == 0) {
          if (!inside_) return 0;
          return fail(Code::data, broken(name_, used_, "it ends in the middle"));
        }
        stream_.next_in = reinterpret_cast<Bytef*>(input_.get());
        stream_.avail_in = static_cast<uInt>(filled_);
      }
      if (!inside_ && !start_member()) continue;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        inside_ = false;
        first_ = false;
        inflateReset(&stream_);
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        // What was unpacked before the damage is given out; the next call reports it.
        fail(Code::data, broken(name_, used_ + filled_ - stream_.avail_in,
                                stream_.msg != nullptr ? stream_.msg : "it cannot be unpacked"));
        if (stream_.avail_out == capacity) return -1;
        break;
      }
    }
    return static_cast<std::ptrdiff_t>(capacity - stream_.avail_out);
  }

 private:
  /// Zeros after a member are padding of tapes and block devices.
  bool start_member() {
    while (!first_ && stream_.avail_in > 0 && *stream_.next_in == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
    }
    inside_ = stream_.avail_in > 0;
    return inside_;
  }

  z_stream stream_{};
  bool ready_ = false;
  bool first_ = true;
};

class ZstdBytes final : public PackedBytes {
 public:
  ZstdBytes(ByteSource& below, std::string name)
      : PackedBytes(below, std::move(name)), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {
    ready_ =
        stream_ != nullptr && ZSTD_isError(ZSTD_DCtx_setParameter(
                                  stream_.get(), ZSTD_d_windowLogMax, zstd_window_log_max)) == 0;
  }

  std::ptrdiff_t read(char* into, std::size_t capacity) override {
    if (!failure().ok()) return -1;
    if (!ready_) return fail(Code::internal, "zstd cannot be started.");
    ZSTD_outBuffer out{into, capacity, 0};
    while (out.pos == 0) {
      if (at_ == filled_ && !flushing_) {
        const int state = refill();
        at_ = 0;
        if (state < 0) return -1;
        if (state == 0) {
          if (!inside_) return 0;
          return fail(Code::data, broken(name_, used_, "it ends in the middle"));
        }
      }
      // One header or block a call, as the library asks for: what it unpacked in a call that finds
      // damage is lost, and so is the place.
      ZSTD_inBuffer in{input_.get() + at_, std::min(unit_left_, filled_ - at_), 0};
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &in);
      if (ZSTD_isError(left) != 0) {
        fail(Code::data, broken(name_, unit_start_, ZSTD_getErrorName(left)));
        if (out.pos == 0) return -1;
        break;
      }
      at_ += in.pos;
      unit_left_ -= in.pos;
      inside_ = left != 0;
      flushing_ = inside_ && out.pos == out.size;  // more may come out without further input
      if (unit_left_ == 0) {
        unit_start_ = used_ + at_;
        // What it asks for holds the header of the next block, which may be the damage.
        unit_left_ = !inside_ ? first_unit : left > block_header ? left - block_header : left;
      }
    }
    return static_cast<std::ptrdiff_t>(out.pos);
  }

 private:
  static constexpr std::size_t first_unit = 5;    // smallest start of a frame (RFC 8878, 3.1.1)
  static constexpr std::size_t block_header = 3;  // RFC 8878, 3.1.1.2
  std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream_;
  std::size_t at_ = 0;                  // in input_
  std::uint64_t unit_start_ = 0;        // of the file
  std::size_t unit_left_ = first_unit;  // bytes the library needs before it can go on
  bool ready_ = false;
  bool flushing_ = false;
};

}  // namespace

Compression detect_compression(std::string_view head) {
  if (head.starts_with("\x1f\x8b")) return Compression::gzip;
  if (head.starts_with("\x28\xb5\x2f\xfd")) return Compression::zstd;
  return Compression::none;
}

std::string_view unreadable_container(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("PK\x03\x04"sv)) return "an Excel workbook or another zip archive";
  if (head.starts_with("\xd0\xcf\x11\xe0"sv)) return "an old Excel workbook";
  if (head.starts_with("BZh"sv) && head.substr(3).find("1AY&SY"sv) == 1) return "a bzip2 file";
  if (head.starts_with("\xfd"
                       "7zXZ"sv))
    return "an xz file";
  if (head.starts_with("PAR1"sv)) return "a Parquet file";
  if (head.starts_with("%PDF-"sv)) return "a PDF document";
  if (head.starts_with("SQLite format 3"sv)) return "an SQLite database";
  return {};
}

std::unique_ptr<ByteSource> decompress(Compression compression, ByteSource& below,
                                       std::string name) {
  if (compression == Compression::gzip) return std::make_unique<GzipBytes>(below, std::move(name));
  if (compression == Compression::zstd) return std::make_unique<ZstdBytes>(below, std::move(name));
  return nullptr;
}

}  // namespace rondom::file
