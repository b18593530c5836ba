#include "config/source_text.h"

#include <algorithm>

namespace rondom::config {

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

SourceText::SourceText(std::string_view text, std::string_view file)
    : text_(text), file_(std::make_shared<const std::string>(file)) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
  }
}

std::string_view SourceText::from(std::size_t offset) const {
  return text_.substr(std::min(offset, text_.size()));
}

std::string_view SourceText::line(std::size_t index) const {
  if (index >= line_starts_.size()) return {};
  const std::size_t start = line_starts_[index];
  std::size_t end = index + 1 < line_starts_.size() ? line_starts_[index + 1] - 1 : text_.size();
  if (end > start && text_[end - 1] == '\r') --end;
  return text_.substr(start, end - start);
}

std::size_t SourceText::offset_of(std::size_t line, std::size_t column) const {
  if (line >= line_starts_.size()) return text_.size();
  return std::min(line_starts_[line] + column, text_.size());
}

Location SourceText::at(std::size_t offset, std::size_t characters) const {
  offset = std::min(offset, text_.size());
  const bool on_cached_line = offset >= last_offset_ && (last_line_ + 1 == line_starts_.size() ||
                                                         offset < line_starts_[last_line_ + 1]);
  if (!on_cached_line) {
    const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    last_line_ = static_cast<std::size_t>(next - line_starts_.begin()) - 1;
    last_offset_ = line_starts_[last_line_];
    last_column_ = 1;
  }
  last_column_ +=
      static_cast<int>(count_characters(text_.substr(last_offset_, offset - last_offset_)));
  last_offset_ = offset;
  Location place;
  place.file = file_;
  place.line = static_cast<int>(last_line_) + 1;
  place.column = last_column_;
  place.length = static_cast<int>(std::max<std::size_t>(characters, 1));
  return place;
}

}  // namespace rondom::config
