// Entry points for fuzzers: foreign bytes through each reader, twice in different pieces. They
// abort when the pieces make a difference or when a reader does not keep its word. Not part of the
// plugin.
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "encoding.h"
#include "input.h"

namespace rondom::file {

namespace {

/// Bytes in memory, given out `block` at a time.
class PieceBytes final : public ByteSource {
 public:
  PieceBytes(std::string_view text, std::size_t block) : text_(text), block_(block) {}
  std::ptrdiff_t read(char* into, std::size_t capacity) override {
    const std::size_t size = std::min({capacity, block_, text_.size() - at_});
    memcpy(into, text_.data() + at_, size);
    at_ += size;
    return static_cast<std::ptrdiff_t>(size);
  }
  bool seek(std::uint64_t) override { return false; }

 private:
  std::string_view text_;
  std::size_t block_;
  std::size_t at_ = 0;
};

void require(bool holds) {
  if (!holds) abort();
}

/// Everything a reader says about `text`, as one text.
std::string read_all(std::string_view text, std::size_t block, const ReadOptions& options) {
  auto input = Input::open(std::make_unique<PieceBytes>(text, block), "fuzz", options);
  if (!input.ok()) return "refused: " + input.error().message;
  std::string seen;
  Record record;
  Position before = (*input)->reader().position();
  while (true) {
    const Step step = (*input)->reader().next(record);
    if (step != Step::record) {
      return seen + (step == Step::failed ? (*input)->reader().failure().error().message : "end");
    }
    const Position after = (*input)->reader().position();
    require(after.offset > before.offset);
    require(record.problem.empty() || record.json.size() <= excerpt_bytes_max);
    require(is_utf8(record.json) && record.json.size() <= record_bytes_max);
    before = after;
    seen += std::to_string(record.line) + ":" + std::string(record.json) + "|" +
            std::string(record.problem) + "\n";
  }
}

void read_twice(const std::uint8_t* data, std::size_t size, const ReadOptions& options) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  require(read_all(text, 1u << 20, options) == read_all(text, 7, options));
}

}  // namespace

int fuzz_csv(const std::uint8_t* data, std::size_t size) {
  ReadOptions options;
  options.format = Format::csv;
  read_twice(data, size, options);
  options.header = false;
  options.accept_ragged = true;
  options.encoding = Encoding::utf_8;
  read_twice(data, size, options);
  return 0;
}

int fuzz_json_split(const std::uint8_t* data, std::size_t size) {
  ReadOptions options;
  options.format = Format::json;
  read_twice(data, size, options);
  options.format = Format::json_lines;
  read_twice(data, size, options);
  return 0;
}

}  // namespace rondom::file
