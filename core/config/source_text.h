// source_text: the bytes of one project file with their lines. Private to config. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace rondom::config {

/// Turns byte offsets into places (1-based, columns in characters). Nearly free for offsets that
/// come in ascending order. The text outlives it.
class SourceText {
 public:
  SourceText(std::string_view text, std::string_view file);

  std::string_view text() const { return text_; }
  std::string_view from(std::size_t offset) const;
  Location at(std::size_t offset, std::size_t characters = 1) const;
  /// Byte offset of a 0-based line and byte column; clamped to the text.
  std::size_t offset_of(std::size_t line, std::size_t column) const;
  std::size_t lines() const { return line_starts_.size(); }
  /// 0-based line, without its line break.
  std::string_view line(std::size_t index) const;

 private:
  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::vector<std::size_t> line_starts_;
  mutable std::size_t last_offset_ = 0;
  mutable std::size_t last_line_ = 0;
  mutable int last_column_ = 1;
};

/// Number of UTF-8 characters in valid UTF-8.
std::size_t count_characters(std::string_view text);

}  // namespace rondom::config
