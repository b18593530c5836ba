#include "csv_scan.h"

#include <string.h>

namespace rondom::file {

RowScan::Found RowScan::fast(std::string_view text) {
  const void* end = memchr(text.data(), dialect_.terminator, text.size());
  if (end == nullptr) return Found::unfinished;
  const auto size = static_cast<std::size_t>(static_cast<const char*>(end) - text.data());
  if (dialect_.quote != '\0' && memchr(text.data(), dialect_.quote, size) != nullptr) {
    return Found::unfinished;
  }
  return end_at(size);
}

RowScan::Found RowScan::feed(std::string_view text) {
  if (at_ == 0 && !text.empty() && fast(text) == Found::row) return Found::row;
  const char quote = dialect_.quote;
  while (at_ < text.size()) {
    const char c = text[at_];
    switch (state_) {
      case State::field_start:
        if (quote != '\0' && c == quote) {
          state_ = State::quoted;
          saw_quote_ = true;
          break;
        }
        state_ = State::plain;
        [[fallthrough]];
      case State::plain:
        if (c == dialect_.terminator) return end_at(at_);
        if (c == dialect_.delimiter) {
          state_ = State::field_start;
          ++fields_;
        }
        break;
      case State::quoted: {
        const void* found = memchr(text.data() + at_, quote, text.size() - at_);
        if (found == nullptr) {
          at_ = text.size();
          return Found::unfinished;
        }
        at_ = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
        state_ = State::quote;
        break;
      }
      case State::quote:
        if (c == quote) {
          state_ = State::quoted;
        } else if (c == dialect_.terminator) {
          return end_at(at_);
        } else if (c == dialect_.delimiter) {
          state_ = State::field_start;
          ++fields_;
        } else if (c == '\r') {
          state_ = State::carriage_return;
        } else {
          return Found::broken;
        }
        break;
      case State::carriage_return:
        if (c == dialect_.terminator) return end_at(at_);
        return Found::broken;
    }
    ++at_;
  }
  return Found::unfinished;
}

}  // namespace rondom::file
