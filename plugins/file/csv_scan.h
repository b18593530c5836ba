// RowScan: where does a CSV row end? A state machine over a growing text that never looks twice.
#pragma once

#include <cstdint>
#include <string_view>

#include "csv.h"

namespace rondom::file {

class RowScan {
 public:
  enum class Found : std::uint8_t {
    row,         // size() bytes and a line end of end_size() bytes
    unfinished,  // more text is needed
    broken,      // text behind a closing quote: the row cannot be trusted
  };

  explicit RowScan(const CsvDialect& dialect) : dialect_(dialect) {}

  void reset() { *this = RowScan(dialect_); }
  /// `text` starts where the row starts and is the earlier text and more.
  Found feed(std::string_view text);
  /// The text has ended: is what is there a whole row?
  bool whole_at_end() const { return state_ != State::quoted; }
  std::size_t size() const { return size_; }
  std::size_t end_size() const { return end_size_; }
  bool in_quotes() const { return state_ == State::quoted; }
  bool saw_quote() const { return saw_quote_; }
  std::size_t fields() const { return fields_; }

 private:
  enum class State : std::uint8_t { field_start, plain, quoted, quote, carriage_return };

  Found fast(std::string_view text);
  Found end_at(std::size_t size) {
    size_ = size;
    end_size_ = 1;
    return Found::row;
  }

  CsvDialect dialect_;
  State state_ = State::field_start;
  bool saw_quote_ = false;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
  std::size_t end_size_ = 0;
  std::size_t fields_ = 1;
};

}  // namespace rondom::file
