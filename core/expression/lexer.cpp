#include "expression/lexer.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace rondom::expression {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct Unit {
  std::string_view word;
  std::int64_t microseconds;
};

constexpr std::array<Unit, 7> units{{{"us", 1},
                                     {"ms", 1'000},
                                     {"s", 1'000'000},
                                     {"m", 60'000'000},
                                     {"h", 3'600'000'000},
                                     {"d", microseconds_per_day},
                                     {"w", 7 * microseconds_per_day}}};

/// Signs people bring along from other languages, and what they mean here.
struct Foreign {
  std::string_view sign;
  const char* hint;
};

constexpr std::array<Foreign, 9> foreign_signs{{{"&&", "write `and`"},
                                                {"||", "write `or`"},
                                                {"&", "write `and`"},
                                                {"!", "write `not`"},
                                                {"=", "write `==`"},
                                                {"'", "texts stand in double quotes"},
                                                {"`", "texts stand in double quotes"},
                                                {"{", "there are no objects in expressions"},
                                                {"#", "there are no comments in expressions"}}};

void append_code_point(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += char(code);
  } else if (code < 0x800) {
    out += char(0xc0 | (code >> 6));
    out += char(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += char(0xe0 | (code >> 12));
    out += char(0x80 | ((code >> 6) & 0x3f));
    out += char(0x80 | (code & 0x3f));
  } else {
    out += char(0xf0 | (code >> 18));
    out += char(0x80 | ((code >> 12) & 0x3f));
    out += char(0x80 | ((code >> 6) & 0x3f));
    out += char(0x80 | (code & 0x3f));
  }
}

class Lexer {
 public:
  Lexer(std::string_view text, Arena& arena, std::vector<Token>& tokens, Problem& problem)
      : text_(text), arena_(arena), tokens_(tokens), problem_(problem) {}

  bool run() {
    while (true) {
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      if (!next()) return false;
    }
    add(Token::Kind::end, at_);
    return true;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  bool fail(std::size_t offset, std::size_t length, std::string message, std::string hint = {}) {
    problem_ = {offset, length, std::move(message), std::move(hint)};
    return false;
  }

  Token& add(Token::Kind kind, std::size_t start) {
    Token token;
    token.kind = kind;
    token.offset = std::uint32_t(start);
    token.length = std::uint32_t(at_ - start);
    token.text = text_.substr(start, at_ - start);
    return tokens_.emplace_back(token);
  }

  bool next() {
    const char c = peek();
    if (c == '.') return dot_or_field();
    if (c == '$') return root();
    if (c == '"') return text_literal();
    if (is_digit(c) || (c == '-' && is_digit(peek(1)))) return number();
    if (is_word_start(c)) return word();
    return symbol();
  }

  bool dot_or_field() {
    const std::size_t start = at_++;
    if (peek() == '"') {
      std::string_view name;
      if (!quoted(name)) return false;
      add(Token::Kind::field, start).text = name;
      return true;
    }
    if (is_digit(peek())) {
      return fail(start, 2, "a number starts with a digit and so does no field",
                  "write 0.5 for the number, .\"5\" for the field");
    }
    if (!is_word_start(peek())) {
      add(Token::Kind::dot, start);
      return true;
    }
    const std::size_t name = at_;
    while (is_word_part(peek())) ++at_;
    add(Token::Kind::field, start).text = text_.substr(name, at_ - name);
    return true;
  }

  bool root() {
    const std::size_t start = at_++;
    const std::size_t name = at_;
    while (is_word_part(peek())) ++at_;
    const std::string_view variable = text_.substr(name, at_ - name);
    if (variable.empty()) {
      add(Token::Kind::root, start);
    } else if (variable == "index") {
      add(Token::Kind::item_index, start);
    } else {
      return fail(start, at_ - start, "there is no $" + std::string(variable),
                  "$.field is a field of the whole record, $index the place in a list");
    }
    return true;
  }

  bool word() {
    const std::size_t start = at_;
    while (is_word_part(peek())) ++at_;
    add(Token::Kind::word, start);
    return true;
  }

  /// "1980-01-31" or "1980-01" at this place: nothing is subtracted in expressions.
  std::size_t date_length() const {
    constexpr std::string_view shape = "0000-00-00";
    std::size_t length = 0;
    for (const char c : shape) {
      if (c == '-' ? peek(length) != '-' : !is_digit(peek(length))) break;
      ++length;
    }
    constexpr std::size_t of_month = 7, of_day = 10;
    return length == of_day ? of_day : length >= of_month ? of_month : 0;
  }

  bool number() {
    const std::size_t start = at_;
    if (const std::size_t length = date_length(); length != 0) {
      return fail(start, length, "a date is written in double quotes",
                  '"' + std::string(text_.substr(start, length)) + '"');
    }
    if (peek() == '-') ++at_;
    while (is_digit(peek())) ++at_;
    const std::size_t whole_end = at_;
    if (peek() == '.' && is_digit(peek(1))) {
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
      at_ += 1 + sign;
      while (is_digit(peek())) ++at_;
    }
    const std::size_t number_end = at_;
    while (is_word_part(peek())) ++at_;
    if (at_ != number_end) return duration(start, whole_end, number_end);
    Value literal;
    if (!parse_number(text_.substr(start, at_ - start), literal)) {
      return fail(start, at_ - start, "this is no number",
                  "no leading zeros, and no more digits than 64 bits hold");
    }
    add(Token::Kind::literal, start).literal = literal;
    return true;
  }

  bool duration(std::size_t start, std::size_t whole_end, std::size_t number_end) {
    const std::string_view word = text_.substr(number_end, at_ - number_end);
    for (const Unit& unit : units) {
      if (unit.word != word) continue;
      Value count;
      std::int64_t microseconds = 0;
      if (whole_end != number_end || !parse_number(text_.substr(start, whole_end - start), count) ||
          __builtin_mul_overflow(count.as_integer(), unit.microseconds, &microseconds)) {
        return fail(start, at_ - start, "this is no duration", "a whole number and a unit: 30d");
      }
      add(Token::Kind::literal, start).literal = Value::duration(microseconds);
      return true;
    }
    return fail(start, at_ - start, "a number cannot end in \"" + std::string(word) + "\"",
                "durations: 90s 15m 1h 30d 2w");
  }

  bool text_literal() {
    const std::size_t start = at_;
    std::string_view text;
    if (!quoted(text)) return false;
    add(Token::Kind::literal, start).literal = Value::text(text);
    return true;
  }

  bool quoted(std::string_view& out) {
    const std::size_t start = at_++;
    std::string made;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] != '\\') {
        made += text_[at_++];
      } else if (!escape(made)) {
        return false;
      }
    }
    if (at_ == text_.size()) return fail(start, at_ - start, "the text has no closing quote");
    ++at_;
    if (made.find('\0') != std::string::npos) {
      return fail(start, at_ - start, "a text cannot hold a NUL character");
    }
    out = arena_.copy(made);
    return true;
  }

  bool escape(std::string& made) {
    const std::size_t start = at_++;
    const char c = peek();
    ++at_;
    switch (c) {
      case '"':
      case '\\':
      case '/': made += c; return true;
      case 'n': made += '\n'; return true;
      case 'r': made += '\r'; return true;
      case 't': made += '\t'; return true;
      case 'u': return code_point(start, made);
      default: at_ = start + 1;
    }
    return fail(start, 2, "unknown escape in a text", R"(known: \" \\ \/ \n \r \t \u00e9)");
  }

  bool hex4(std::uint32_t& code) {
    code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const int digit = is_digit(c)              ? c - '0'
                        : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                        : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                                 : -1;
      if (digit < 0) return false;
      code = code * 16 + std::uint32_t(digit);
    }
    return true;
  }

  bool code_point(std::size_t start, std::string& made) {
    std::uint32_t code = 0;
    bool good = hex4(code);
    if (good && code >= 0xd800 && code < 0xdc00) {
      std::uint32_t low = 0;
      good = peek() == '\\' && peek(1) == 'u';
      at_ += good ? 2 : 0;
      good = good && hex4(low) && low >= 0xdc00 && low < 0xe000;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
      good = false;
    }
    constexpr std::size_t escape_length = 6;
    if (!good) {
      return fail(start, std::min(escape_length, text_.size() - start),
                  "\\u needs four hexadecimal digits of a character");
    }
    append_code_point(made, code);
    return true;
  }

  bool symbol() {
    static constexpr std::array<std::string_view, 12> symbols{"==", "!=", "<=", ">=", "<", ">",
                                                              "(",  ")",  "[",  "]",  ",", "|"};
    const std::string_view rest = text_.substr(at_);
    for (const Foreign& foreign : foreign_signs) {
      const bool comparison =
          rest.size() > 1 && rest[1] == '=' && (foreign.sign == "=" || foreign.sign == "!");
      if (rest.starts_with(foreign.sign) && !comparison) {
        return fail(at_, foreign.sign.size(), "unexpected \"" + std::string(foreign.sign) + "\"",
                    foreign.hint);
      }
    }
    for (const std::string_view each : symbols) {
      if (!rest.starts_with(each)) continue;
      const std::size_t start = at_;
      at_ += each.size();
      add(Token::Kind::symbol, start);
      return true;
    }
    static constexpr std::string_view arithmetic = "+-*/%";
    if (rest.front() == '-' && !tokens_.empty() && tokens_.back().kind == Token::Kind::field &&
        at_ == tokens_.back().offset + tokens_.back().length && rest.size() > 1 &&
        is_word_part(rest[1])) {
      std::size_t end = 1;
      while (end < rest.size() && (is_word_part(rest[end]) || rest[end] == '-')) ++end;
      return fail(at_, 1, "unexpected \"-\"",
                  "a name with a hyphen is written .\"" + std::string(tokens_.back().text) +
                      std::string(rest.substr(0, end)) + "\"");
    }
    return fail(at_, 1, "unexpected character",
                rest.front() == '+'
                    ? "texts are put together by concat(.a, \" \", .b); expressions do not "
                      "calculate; use functions such as sum()"
                : arithmetic.find(rest.front()) != std::string_view::npos
                    ? "expressions do not calculate; use functions such as sum()"
                    : "");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Arena& arena_;
  std::vector<Token>& tokens_;
  Problem& problem_;
};

}  // namespace

bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_word_part(char c) {
  return is_word_start(c) || is_digit(c);
}

bool is_plain_name(std::string_view name) {
  if (name.empty() || !is_word_start(name.front())) return false;
  for (const char c : name) {
    if (!is_word_part(c)) return false;
  }
  return true;
}

bool tokenize(std::string_view text, Arena& arena, std::vector<Token>& tokens, Problem& problem) {
  return Lexer(text, arena, tokens, problem).run();
}

}  // namespace rondom::expression
