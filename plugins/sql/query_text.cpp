#include "query_text.h"

#include <algorithm>

#include "connection.h"

namespace rondom::sql {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Scan {
 public:
  Scan(std::string_view text, Driver driver) : text_(text), driver_(driver) {}

  Result<std::string> run() {
    int depth = 0;
    std::size_t end = text_.size();
    while (at_ < text_.size()) {
      const std::size_t from = at_;
      if (!skip_space_and_comment()) return wrong(from, problem_);
      if (at_ > from) continue;
      if (end != text_.size()) return wrong(from, "only one statement is allowed");
      const char c = text_[at_];
      if (c == ';') {
        end = at_++;
        if (depth != 0) return wrong(from, "a ; inside brackets");
        continue;
      }
      if (!started_) {
        if (!starts()) return wrong(from, "a query begins with SELECT or WITH");
        continue;
      }
      if (c == '(') ++depth;
      if (c == ')' && --depth < 0) return wrong(from, "a ) without its (");
      if (!skip_token()) return wrong(from, "this is not closed");
    }
    if (!started_) return wrong(0, "there is no query");
    if (depth != 0) return wrong(text_.size(), "a ( without its )");
    return std::string(text_.substr(0, end));
  }

 private:
  Failure wrong(std::size_t byte, const std::string& why) const {
    const std::string_view before = text_.substr(0, byte);
    const auto characters = std::count_if(before.begin(), before.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    });
    return {Code::config,
            "query, " + place_in(text_, static_cast<std::size_t>(characters)) + ": " + why + "."};
  }

  char next(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  bool skip_space_and_comment() {
    const char c = text_[at_];
    if (is_space(c)) return ++at_, true;
    const bool maria = driver_ == Driver::mariadb;
    const bool dashes =
        c == '-' && next(1) == '-' && (!maria || next(2) == '\0' || is_space(next(2)));
    const bool line = dashes || (c == '#' && maria);
    if (line) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return true;
    }
    if (c != '/' || next(1) != '*') return true;
    if (next(2) == '!' || (next(2) == 'M' && next(3) == '!')) {
      problem_ = "a comment that the server would run";
      return false;
    }
    int depth = 1;  // PostgreSQL nests them
    for (at_ += 2; at_ < text_.size() && depth > 0;) {
      if (text_[at_] == '*' && next(1) == '/') {
        --depth;
        at_ += 2;
      } else if (text_[at_] == '/' && next(1) == '*' && driver_ == Driver::postgresql) {
        ++depth;
        at_ += 2;
      } else {
        ++at_;
      }
    }
    problem_ = "a comment that is not closed";
    return depth == 0;
  }

  bool starts() {
    std::string word;
    while (is_word(next(0)))
      word += static_cast<char>(std::toupper(static_cast<unsigned char>(text_[at_++])));
    started_ = word == "SELECT" || word == "WITH";
    return started_;
  }

  bool skip_token() {
    const char c = text_[at_];
    if (is_word(c)) {
      const bool escapes =
          (c == 'e' || c == 'E') && next(1) == '\'' && driver_ == Driver::postgresql;
      if (escapes) return ++at_, skip_quoted('\'', true);
      while (is_word(next(0)) || next(0) == '$') ++at_;
      return true;
    }
    if (c == '\'' || c == '"') return skip_quoted(c, driver_ == Driver::mariadb);
    if (c == '`' && driver_ != Driver::postgresql) return skip_quoted('`', false);
    if (c == '[' && driver_ == Driver::sqlite) return skip_quoted(']', false);
    if (c == '$' && driver_ == Driver::postgresql) return skip_dollars();
    ++at_;
    return true;
  }

  bool skip_quoted(char quote, bool escapes) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (escapes && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        if (next(1) != quote) return ++at_, true;
        ++at_;
      }
    }
    return false;
  }

  bool skip_dollars() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_word(text_[end])) ++end;
    if (end >= text_.size() || text_[end] != '$')
      return ++at_, true;  // a parameter, the server's matter
    const std::string_view mark = text_.substr(at_, end + 1 - at_);
    const std::size_t close = text_.find(mark, end + 1);
    if (close == std::string_view::npos) return false;
    at_ = close + mark.size();
    return true;
  }

  std::string_view text_;
  Driver driver_;
  std::size_t at_ = 0;
  bool started_ = false;
  const char* problem_ = "";
};

}  // namespace

Result<std::string> checked_query(std::string_view text, Driver driver) {
  if (text.size() > query_bytes_max) return Failure{Code::config, "query: larger than 1 MiB."};
  if (text.find('\0') != std::string_view::npos)
    return Failure{Code::config, "query: holds a NUL."};
  return Scan(text, driver).run();
}

}  // namespace rondom::sql
