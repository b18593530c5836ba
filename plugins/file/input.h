// Input: bytes of a file or pipe -> a RecordReader, with everything about it found out:
// compression, encoding, format, delimiter.
//
// Owns the whole chain from the bytes to the reader. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bytes.h"
#include "encoding.h"
#include "options.h"
#include "record_reader.h"

namespace rondom::file {

/// What was found out, so that a file which grows is read on in the same way.
struct Detected {
  Format format = Format::csv;
  Encoding encoding = Encoding::utf_8;
  std::optional<char> delimiter;
};

class Input {
 public:
  /// `name` decides by its extension and stands in messages. `known`: found out earlier.
  static Result<std::unique_ptr<Input>> open(std::unique_ptr<ByteSource> bytes,
                                             const std::string& name, const ReadOptions& options,
                                             const std::optional<Detected>& known = std::nullopt);

  RecordReader& reader() { return *reader_; }
  const Detected& detected() const { return detected_; }
  bool compressed() const { return compressed_; }
  /// Repaired oddities, one sentence each.
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// Goes on at `at`, unless that lies before the first record.
  Status resume(const Position& at);

 private:
  Input() = default;
  Status build(const std::string& name, const ReadOptions& options,
               const std::optional<Detected>& known);
  Status build_reader(const std::string& name, const ReadOptions& options, std::string_view sample,
                      bool cut);

  std::unique_ptr<ByteSource> bytes_;
  std::unique_ptr<PeekBytes> raw_;
  std::unique_ptr<ByteSource> unpacked_;
  std::unique_ptr<PeekBytes> sampled_;
  std::unique_ptr<ByteSource> text_;
  std::unique_ptr<Window> window_;
  std::unique_ptr<RecordReader> reader_;
  Detected detected_;
  bool compressed_ = false;
  std::vector<std::string> warnings_;
};

/// By extension, else by content (`sample` is UTF-8).
Format detect_format(const std::string& name, std::string_view sample);

}  // namespace rondom::file
