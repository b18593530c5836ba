#include <string.h>

#include "encoding.h"
#include "record_reader.h"

namespace rondom::file {

namespace {

bool is_line_space(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

class JsonLinesReader final : public WindowReader {
 public:
  JsonLinesReader(Window& window, bool last_line_counts) : WindowReader(window, last_line_counts) {}

  Step next(Record& record) override {
    while (true) {
      const char* start = window_.begin();
      const std::size_t unseen = window_.size() - scanned_;
      // An empty window may have no address at all.
      const auto* found =
          unseen == 0 ? nullptr : static_cast<const char*>(memchr(start + scanned_, '\n', unseen));
      if (found == nullptr) {
        scanned_ = window_.size();
        if (scanned_ > record_bytes_max) return skip_long_line(record);
        if (window_.more()) continue;
        if (window_.failed()) return fail(window_.failure().error());
        if (scanned_ == 0 || !last_line_counts_) return Step::end;
        found = window_.end();
        start = window_.begin();
      }
      const std::string_view line(start, static_cast<std::size_t>(found - start));
      window_.consume(line.size() + (found == window_.end() ? 0 : 1));
      scanned_ = 0;
      const std::uint64_t number = position_.line++;
      position_.offset = window_.offset();
      if (const Step step = judge(line, number, record); step == Step::record) return step;
    }
  }

 private:
  /// Step::end stands for a blank line.
  Step judge(std::string_view line, std::uint64_t number, Record& record) {
    std::string_view text = line.substr(byte_order_mark(line));
    while (!text.empty() && is_line_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_line_space(text.back())) text.remove_suffix(1);
    if (text.empty()) return Step::end;
    if (text.size() > record_bytes_max) {
      return unreadable(record, text, number, std::string(too_long_problem));
    }
    if (text.front() != '{' || text.back() != '}') {
      return unreadable(record, line, number, "the line is not one JSON object");
    }
    if (memchr(text.data(), '\0', text.size()) != nullptr) {
      return unreadable(record, line, number, "the line holds a NUL byte");
    }
    if (!is_utf8(text)) {
      return unreadable(record, line, number, "the line is not valid in the file's encoding");
    }
    record = {text, {}, number};
    return Step::record;
  }

  Step skip_long_line(Record& record) {
    const std::string start(window_.view().substr(0, excerpt_bytes_max));
    scanned_ = 0;
    if (!skip_line('\n')) {
      if (window_.failed()) return fail(window_.failure().error());
      if (!last_line_counts_) return Step::end;
    }
    const std::uint64_t number = position_.line++;
    position_.offset = window_.offset();
    return unreadable(record, start, number, std::string(too_long_problem));
  }

  std::size_t scanned_ = 0;  // bytes of the window known to hold no line end
};

}  // namespace

std::unique_ptr<RecordReader> make_json_lines_reader(Window& window, bool last_line_counts) {
  return std::make_unique<JsonLinesReader>(window, last_line_counts);
}

}  // namespace rondom::file
