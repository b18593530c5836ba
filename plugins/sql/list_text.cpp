#include "cell.h"

namespace rondom::sql {

namespace {

constexpr int depth_max = 8;  // PostgreSQL knows six dimensions

/// {1,NULL,"a \"b\"",{2}} one item after another.
class ListText {
 public:
  ListText(std::string_view text, Kind element, std::string& out)
      : text_(text), element_(element), out_(out) {}

  bool run() {
    if (text_.starts_with('[')) {  // bounds that do not start at 1: [0:2]={…}
      const std::size_t equals = text_.find('=');
      if (equals == std::string_view::npos) return false;
      at_ = equals + 1;
    }
    return list(0) && at_ == text_.size();
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool list(int depth) {
    if (depth >= depth_max || peek() != '{') return false;
    ++at_;
    out_ += '[';
    if (peek() == '}') return ++at_, out_ += ']', true;
    while (at_ < text_.size()) {
      if (!(peek() == '{' ? list(depth + 1) : item())) return false;
      if (peek() == '}') return ++at_, out_ += ']', true;
      if (peek() != ',') return false;
      ++at_;
      out_ += ',';
    }
    return false;
  }

  bool item() {
    std::string value;
    const bool quoted = peek() == '"';
    if (quoted) ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (quoted ? c == '"' : (c == ',' || c == '}')) break;
      if (c == '\\') ++at_;
      if (at_ < text_.size()) value += text_[at_++];
    }
    if (quoted && peek() != '"') return false;
    if (quoted) ++at_;
    const bool nothing = !quoted && value == "NULL";
    append_json(out_, {nothing ? Kind::null : element_, Kind::text, value});
    return true;
  }

  std::string_view text_;
  Kind element_;
  std::string& out_;
  std::size_t at_ = 0;
};

}  // namespace

void append_list(std::string& out, std::string_view text, Kind element) {
  const std::size_t before = out.size();
  if (ListText(text, element, out).run()) return;
  out.resize(before);
  append_json_string(out, text);
}

}  // namespace rondom::sql
