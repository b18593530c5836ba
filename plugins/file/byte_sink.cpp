#include "byte_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <utility>

#include "bounds.h"
#include "file_list.h"

namespace rondom::file {

namespace {

constexpr int zstd_level = 3;
constexpr int gzip_level = 6;
constexpr std::size_t packed_bytes = 256u << 10;

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status sync_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return file_failure("The folder " + folder, "opened", errno);
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (result != 0) return file_failure("The folder " + folder, "made durable", error);
  return {};
}

/// Keeps SIGPIPE, which a closed pipe raises, from ending the process: the error code says it all.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    if (sigismember(&before_, SIGPIPE) == 0) {
      const timespec now{};
      while (sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) continue;
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
};

class GzipSink final : public ByteSink {
 public:
  explicit GzipSink(ByteSink& below)
      : below_(below), packed_(std::make_unique<char[]>(packed_bytes)) {
    ready_ = deflateInit2(&stream_, gzip_level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipSink() override {
    if (ready_) deflateEnd(&stream_);
  }
  GzipSink(const GzipSink&) = delete;
  GzipSink& operator=(const GzipSink&) = delete;

  Status write(std::string_view bytes) override { return run(bytes, Z_NO_FLUSH); }
  Status finish() override {
    RONDOM_TRY(run({}, Z_FINISH));
    return below_.finish();
  }

 private:
  Status run(std::string_view bytes, int flush) {
    if (!ready_) return {Code::internal, "zlib cannot be started."};
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(packed_.get());
      stream_.avail_out = static_cast<uInt>(packed_bytes);
      deflate(&stream_, flush);
      RONDOM_TRY(below_.write({packed_.get(), packed_bytes - stream_.avail_out}));
    } while (stream_.avail_out == 0);
    return {};
  }

  ByteSink& below_;
  std::unique_ptr<char[]> packed_;
  z_stream stream_{};
  bool ready_ = false;
};

class ZstdSink final : public ByteSink {
 public:
  explicit ZstdSink(ByteSink& below)
      : below_(below),
        packed_(std::make_unique<char[]>(packed_bytes)),
        stream_(ZSTD_createCCtx(), &ZSTD_freeCCtx) {
    ready_ = stream_ != nullptr &&
             ZSTD_isError(
                 ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, zstd_level)) == 0 &&
             ZSTD_isError(ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1)) == 0;
  }

  Status write(std::string_view bytes) override { return run(bytes, ZSTD_e_continue); }
  Status finish() override {
    RONDOM_TRY(run({}, ZSTD_e_end));
    return below_.finish();
  }

 private:
  Status run(std::string_view bytes, ZSTD_EndDirective directive) {
    if (!ready_) return {Code::internal, "zstd cannot be started."};
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (true) {
      ZSTD_outBuffer out{packed_.get(), packed_bytes, 0};
      const std::size_t left = ZSTD_compressStream2(stream_.get(), &out, &in, directive);
      if (ZSTD_isError(left) != 0) return {Code::internal, "zstd cannot pack the output."};
      RONDOM_TRY(below_.write({packed_.get(), out.pos}));
      const bool done = directive == ZSTD_e_end ? left == 0 : in.pos == in.size;
      if (done) return {};
    }
  }

  ByteSink& below_;
  std::unique_ptr<char[]> packed_;
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> stream_;
  bool ready_ = false;
};

}  // namespace

Status write_all(int descriptor, std::string_view bytes, const std::string& name) {
  const NoPipeSignal guard;
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return file_failure(name, "written", errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::unique_ptr<TemporaryFile>> TemporaryFile::create(std::string path) {
  // Removed first: a link that somebody put there is not followed and not written through.
  ::unlink(path.c_str());
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (descriptor < 0) {
    if (errno == ENOENT) {
      return Failure{Code::unavailable, "The folder " + folder_of(path) + " does not exist."};
    }
    return file_failure(path, "created", errno);
  }
  return std::unique_ptr<TemporaryFile>(new TemporaryFile(descriptor, std::move(path)));
}

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (named_) ::unlink(path_.c_str());
}

void TemporaryFile::make_nameless() {
  ::unlink(path_.c_str());
  named_ = false;
}

Status TemporaryFile::flush() {
  RONDOM_TRY(write_all(descriptor_, buffer_, path_));
  buffer_.clear();
  return {};
}

Status TemporaryFile::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() < write_buffer_bytes) return {};
  return flush();
}

Status TemporaryFile::finish() {
  RONDOM_TRY(flush());
  if (::fsync(descriptor_) != 0) return file_failure(path_, "made durable", errno);
  return {};
}

Status TemporaryFile::publish(const std::string& final_path) {
  if (::rename(path_.c_str(), final_path.c_str()) != 0) {
    return file_failure(final_path, "written", errno);
  }
  named_ = false;
  return sync_folder(final_path);
}

std::unique_ptr<ByteSink> compress_into(Compression compression, ByteSink& below) {
  if (compression == Compression::gzip) return std::make_unique<GzipSink>(below);
  if (compression == Compression::zstd) return std::make_unique<ZstdSink>(below);
  return nullptr;
}

std::string_view extension_of(Compression compression) {
  if (compression == Compression::gzip) return ".gz";
  return compression == Compression::zstd ? ".zst" : "";
}

}  // namespace rondom::file
