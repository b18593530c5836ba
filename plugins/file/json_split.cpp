#include <string.h>

#include <algorithm>
#include <utility>

#include "encoding.h"
#include "record_reader.h"

namespace rondom::file {

namespace {

bool is_json_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Finds where one value ends, fed with consecutive pieces of text. Knows strings and brackets and
/// nothing else: whether the value is valid JSON is for whoever parses it.
class ValueScanner {
 public:
  /// Offset just behind the value in `text`, which continues the earlier pieces; npos when it goes
  /// on.
  std::size_t feed(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
      if (in_string_) {
        at = leave_string(text, at);
        if (!in_string_ && depth_ == 0) return at;
        continue;
      }
      const char c = text[at];
      if (c == '{' || c == '[') {
        if (bare_) return at;
        ++depth_;
      } else if (c == '}' || c == ']') {
        if (depth_ == 0) return at;
        if (--depth_ == 0) return at + 1;
      } else if (c == '"') {
        if (bare_) return at;
        in_string_ = true;
      } else if (depth_ == 0) {
        if (c == ',' || is_json_space(c)) return at;
        bare_ = true;
      }
      ++at;
    }
    return std::string_view::npos;
  }
  /// At the end of the input: a number or word may end here, the rest may not.
  bool may_end() const { return bare_; }

 private:
  std::size_t leave_string(std::string_view text, std::size_t at) {
    if (escaped_) {
      escaped_ = false;
      return at + 1;
    }
    while (at < text.size() && text[at] != '"' && text[at] != '\\') ++at;
    if (at == text.size()) return at;
    if (text[at] == '\\') {
      escaped_ = true;
    } else {
      in_string_ = false;
    }
    return at + 1;
  }

  std::uint64_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool bare_ = false;
};

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

class JsonReader final : public WindowReader {
 public:
  JsonReader(Window& window, std::string name)
      : WindowReader(window, true), name_(std::move(name)) {}

  Status resume(const Position& at) override {
    RONDOM_TRY(WindowReader::resume(at));
    place_ = at.inside ? Place::behind_element : Place::between_values;
    return {};
  }

  Step next(Record& record) override {
    while (true) {
      if (!skip_space()) return at_end();
      const char c = *window_.begin();
      if (place_ == Place::start && c == '[') {
        window_.consume(1);
        place_ = Place::first_element;
        continue;
      }
      if (place_ == Place::behind_array) return broken("there is text behind the end of the array");
      if (place_ == Place::first_element || place_ == Place::behind_element) {
        if (c == ']') {
          window_.consume(1);
          place_ = Place::behind_array;
          mark(false);
          continue;
        }
        if (place_ == Place::behind_element) {
          if (c != ',') return broken("a comma is missing between two elements");
          window_.consume(1);
          place_ = Place::element;
          continue;
        }
      }
      if (c == ',' || c == ']' || c == '}') return broken("a value is expected");
      return value(record);
    }
  }

 private:
  enum class Place : std::uint8_t {
    start,
    between_values,
    first_element,
    element,
    behind_element,
    behind_array
  };

  bool in_array() const {
    return place_ == Place::first_element || place_ == Place::element ||
           place_ == Place::behind_element;
  }
  void mark(bool inside) { position_ = {window_.offset(), line_, inside}; }

  /// False at the end of the input.
  bool skip_space() {
    if (line_ == 0) line_ = position_.line;
    while (true) {
      const std::string_view text = window_.view();
      std::size_t at = 0;
      for (; at < text.size() && is_json_space(text[at]); ++at) line_ += text[at] == '\n' ? 1 : 0;
      window_.consume(at);
      if (at < text.size()) return true;
      if (!window_.more()) return false;
    }
  }

  Step at_end() {
    if (window_.failed()) return fail(window_.failure().error());
    if (in_array()) return broken("the array is not closed");
    return Step::end;
  }

  Step broken(const char* what) {
    return fail(Status(Code::data, name_ + " is broken on line " + std::to_string(line_) +
                                       ", byte " + std::to_string(window_.offset()) + ": " + what +
                                       "."));
  }

  Step value(Record& record) {
    ValueScanner scanner;
    std::size_t scanned = 0;
    while (true) {
      const std::size_t end = scanner.feed(window_.view().substr(scanned));
      if (end != std::string_view::npos) return found(record, scanned + end);
      scanned = window_.size();
      if (scanned > record_bytes_max) return skip_long_value(record, scanner);
      if (window_.more()) continue;
      if (window_.failed()) return fail(window_.failure().error());
      if (scanner.may_end() && !in_array()) return found(record, scanned);
      return broken("it ends inside a value");
    }
  }

  Step found(Record& record, std::size_t size) {
    const std::string_view text = window_.view().substr(0, size);
    const std::uint64_t line = line_;
    line_ += count_lines(text);
    window_.consume(size);
    finish_value();
    if (size > record_bytes_max) {
      return unreadable(record, text, line, std::string(too_long_problem));
    }
    if (text.front() != '{') return unreadable(record, text, line, "the element is no JSON object");
    if (memchr(text.data(), '\0', text.size()) != nullptr) {
      return unreadable(record, text, line, "the element holds a NUL byte");
    }
    if (!is_utf8(text)) {
      return unreadable(record, text, line, "the element is not valid in the file's encoding");
    }
    record = {text, {}, line};
    return Step::record;
  }

  void finish_value() {
    place_ = in_array() ? Place::behind_element : Place::between_values;
    mark(in_array());
  }

  Step skip_long_value(Record& record, ValueScanner& scanner) {
    const std::string start(window_.view().substr(0, excerpt_bytes_max));
    const std::uint64_t line = line_;
    line_ += count_lines(window_.view());
    window_.consume(window_.size());
    while (true) {
      if (!window_.more()) {
        if (window_.failed()) return fail(window_.failure().error());
        return broken("it ends inside a value");
      }
      const std::size_t end = scanner.feed(window_.view());
      const std::size_t size = end == std::string_view::npos ? window_.size() : end;
      line_ += count_lines(window_.view().substr(0, size));
      window_.consume(size);
      if (end != std::string_view::npos) break;
    }
    finish_value();
    return unreadable(record, start, line, std::string(too_long_problem));
  }

  std::string name_;
  Place place_ = Place::start;
  std::uint64_t line_ = 0;
};

}  // namespace

std::unique_ptr<RecordReader> make_json_reader(Window& window, std::string name) {
  return std::make_unique<JsonReader>(window, std::move(name));
}

}  // namespace rondom::file
