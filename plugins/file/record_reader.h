// RecordReader: text in a Window -> one JSON object after the other.
//
// Three of them: JSON lines, JSON (an array, or values after one another) and CSV. None keeps more
// than one record and one block in memory, whatever the input. Bad records come out with a problem
// and reading goes on; only input that cannot be continued ends it with a failure.
// One thread an object. The Window must outlive the reader.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bytes.h"

namespace rondom::file {

/// Borrowed until the next call of next().
struct Record {
  std::string_view json;     // one object; with a problem: the start of the raw text
  std::string_view problem;  // empty = readable; else one sentence
  std::uint64_t line = 0;    // where it starts, from 1
};

/// Where reading can go on, just behind a record.
struct Position {
  std::uint64_t offset = 0;  // in the unpacked UTF-8 text
  std::uint64_t line = 1;    // number of the line at that offset
  bool inside = false;       // JSON: inside the array, behind an element
};

enum class Step : std::uint8_t { record, end, failed };

class RecordReader {
 public:
  virtual ~RecordReader() = default;
  virtual Step next(Record& record) = 0;
  /// Behind the record that next() gave last.
  virtual Position position() const = 0;
  /// Continues at a position that a reader of the same text gave. Before the first next().
  virtual Status resume(const Position& at) = 0;
  /// Names of the columns, where the format knows them apart from the records.
  virtual std::vector<std::string> columns() const { return {}; }
  /// Why next() said failed.
  virtual const Status& failure() const = 0;
};

/// What the readers share: the window, the line number, the resume point, and how a record that is
/// too long is passed over without keeping it.
class WindowReader : public RecordReader {
 public:
  Position position() const override { return position_; }
  Status resume(const Position& at) override;
  const Status& failure() const override { return failure_; }

 protected:
  /// `last_line_counts`: a last line without its end is a record (else it is left unread).
  WindowReader(Window& window, bool last_line_counts)
      : window_(window), last_line_counts_(last_line_counts) {
    position_.offset = window.offset();
  }

  Step fail(Status status) {
    failure_ = std::move(status);
    return Step::failed;
  }
  /// Drops everything up to and with the next `terminator`. False when the input ends before it.
  bool skip_line(char terminator);
  /// Fills `record` as unreadable. `raw` may be any bytes.
  Step unreadable(Record& record, std::string_view raw, std::uint64_t line, std::string problem);

  Window& window_;
  bool last_line_counts_;
  Position position_;
  Status failure_;

 private:
  std::string excerpt_;
  std::string problem_;
};

inline constexpr std::string_view too_long_problem = "the record is longer than 8 MiB";

/// The start of `raw` as valid UTF-8, at most excerpt_bytes_max.
std::string make_excerpt(std::string_view raw);

/// One JSON object a line; blank lines are skipped.
std::unique_ptr<RecordReader> make_json_lines_reader(Window& window, bool last_line_counts);

/// The elements of one array, or values after one another. `name` is for messages.
std::unique_ptr<RecordReader> make_json_reader(Window& window, std::string name);

}  // namespace rondom::file
