#include "record_reader.h"

#include <string.h>

#include <utility>

#include "rondom/json.hpp"

namespace rondom::file {

Status WindowReader::resume(const Position& at) {
  if (at.offset < window_.offset() || !window_.skip_to(at.offset)) {
    if (window_.failed()) return window_.failure().error();
    return {Code::state, "The input is shorter than where the last run stopped."};
  }
  position_ = at;
  return {};
}

bool WindowReader::skip_line(char terminator) {
  while (true) {
    const void* found = memchr(window_.begin(), terminator, window_.size());
    if (found != nullptr) {
      window_.consume(static_cast<std::size_t>(static_cast<const char*>(found) - window_.begin()) +
                      1);
      return true;
    }
    window_.consume(window_.size());
    if (!window_.more()) return false;
  }
}

Step WindowReader::unreadable(Record& record, std::string_view raw, std::uint64_t line,
                              std::string problem) {
  excerpt_ = make_excerpt(raw);
  problem_ = std::move(problem);
  record = {excerpt_, problem_, line};
  return Step::record;
}

std::string make_excerpt(std::string_view raw) {
  std::string out;
  const std::string_view start = raw.substr(0, excerpt_bytes_max);
  for (std::size_t at = 0; at < start.size();) {
    const std::size_t length = start[at] == '\0' ? 0 : detail::utf8_length(start, at);
    const std::string_view piece = length == 0 ? "\xEF\xBF\xBD" : start.substr(at, length);
    if (out.size() + piece.size() > excerpt_bytes_max) break;
    out += piece;
    at += length == 0 ? 1 : length;
  }
  return out;
}

}  // namespace rondom::file
