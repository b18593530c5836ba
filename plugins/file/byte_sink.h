// ByteSink: where written bytes go: a file, packed or not, or standard output.
//
// One thread. Each write may be kept back; finish() passes everything on and makes a file durable.
// After a failure nothing more is written.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bytes.h"
#include "rondom/result.hpp"

namespace rondom::file {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Status write(std::string_view bytes) = 0;
  /// Ok = all bytes are with the operating system, and on disk when it is a file.
  virtual Status finish() = 0;
};

/// A file of our own under a temporary name; removed when this object goes without publish().
class TemporaryFile final : public ByteSink {
 public:
  /// Creates `path` anew; what an earlier process left there is gone.
  static Result<std::unique_ptr<TemporaryFile>> create(std::string path);
  ~TemporaryFile() override;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  Status write(std::string_view bytes) override;
  Status finish() override;
  /// After finish(): gives the file its name, atomically, and makes that durable.
  Status publish(const std::string& final_path);
  /// Hands what is kept back to the operating system, without making it durable.
  Status flush();
  /// Takes the name away: the file lives as long as this object and never longer, whatever happens.
  void make_nameless();
  int descriptor() const { return descriptor_; }
  const std::string& path() const { return path_; }

 private:
  TemporaryFile(int descriptor, std::string path)
      : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_;
  std::string path_;
  bool named_ = true;
  std::string buffer_;
};

/// A descriptor that somebody else owns, written through at once (standard output).
Status write_all(int descriptor, std::string_view bytes, const std::string& name);

/// Packs into `below`, which must outlive it; finish() finishes both. nullptr for none.
std::unique_ptr<ByteSink> compress_into(Compression compression, ByteSink& below);

/// ".gz", ".zst" or nothing.
std::string_view extension_of(Compression compression);

}  // namespace rondom::file
