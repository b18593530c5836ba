#include "json_members.h"

#include <utility>

#include "rondom/json.hpp"

namespace rondom::file {

JsonMembers::JsonMembers(std::string_view object) : text_(object) {
  skip_space();
  if (at_ == text_.size() || text_[at_] != '{') {
    stop(false);
  } else {
    ++at_;
  }
}

void JsonMembers::skip_space() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
    ++at_;
  }
}

std::string_view JsonMembers::take_string() {
  const std::size_t from = at_;
  for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
    if (text_[at_] == '\\') ++at_;
  }
  if (at_ >= text_.size()) return {};
  ++at_;
  return text_.substr(from, at_ - from);
}

std::string_view JsonMembers::take_value() {
  const std::size_t from = at_;
  std::size_t depth = 0;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      if (take_string().empty()) return {};
      if (depth == 0) break;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (depth == 0 &&
        (c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
      break;
    }
    ++at_;
    if ((c == '}' || c == ']') && --depth == 0) break;
  }
  return text_.substr(from, at_ - from);
}

bool JsonMembers::next() {
  if (!valid_ || at_ >= text_.size()) return false;
  skip_space();
  if (at_ < text_.size() && text_[at_] == '}') return stop(true);
  if (!first_) {
    if (at_ >= text_.size() || text_[at_] != ',') return stop(false);
    ++at_;
    skip_space();
  }
  first_ = false;
  if (at_ >= text_.size() || text_[at_] != '"') return stop(false);
  name_ = take_string();
  skip_space();
  if (name_.empty() || at_ >= text_.size() || text_[at_] != ':') return stop(false);
  ++at_;
  skip_space();
  value_ = take_value();
  return value_.empty() ? stop(false) : true;
}

std::string unquote_json(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.front() != '"') return {};
  const std::string_view inside = quoted.substr(1, quoted.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  const Result<Json> json = parse_json(quoted);
  return json.ok() ? json->as_text() : std::string();
}

}  // namespace rondom::file
