#include "cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/base.h"
#include "base/descriptor.h"
#include "base/printable.h"
#include "cli/cli.h"

namespace rondom::cli {

namespace {

constexpr std::int64_t progress_interval_microseconds = 100'000;

bool is_number(std::string_view text) {
  if (text.empty()) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == ',' || c == '.' || c == '-' || c == '!' || c == ' ';
  });
}

constexpr std::size_t printed_at_once_bytes = 64u << 10;
constexpr const char* bold_on = "\033[1m";
constexpr const char* warning_on = "\033[33m";
constexpr const char* colour_off = "\033[0m";
// Of the report of plugin test.
constexpr const char* good_on = "\x1b[32m";
constexpr const char* bad_on = "\x1b[31m";

/// One standard stream: what is printed goes through it.
struct PrintedStream {
  int descriptor;
  Printable text;
};

ssize_t write_printable(void* cookie, const char* bytes, std::size_t size) {
  auto& stream = *static_cast<PrintedStream*>(cookie);
  (void)write_all(stream.descriptor, stream.text.take({bytes, size}));
  return static_cast<ssize_t>(size);
}

/// Never closed and never freed: what is printed at the very end goes there too.
FILE* printing_to(int descriptor, std::vector<std::string> allowed, int buffering) {
  static std::array<PrintedStream*, STDERR_FILENO + 1> streams{};
  PrintedStream*& stream = streams.at(static_cast<std::size_t>(descriptor));
  stream = new PrintedStream{descriptor, Printable(std::move(allowed))};
  FILE* file = ::fopencookie(stream, "w", {nullptr, &write_printable, nullptr, nullptr});
  if (file == nullptr) return nullptr;
  std::setvbuf(file, nullptr, buffering, buffering == _IONBF ? 0 : printed_at_once_bytes);
  return file;
}

}  // namespace

void print_safely(const Options& options) {
  std::vector<std::string> own;
  if (colours(options)) own = {bold_on, warning_on, colour_off, good_on, bad_on};
  if (FILE* file = printing_to(STDERR_FILENO, own, _IONBF)) stderr = file;
  if (options.output != "text") return;
  std::fflush(stdout);
  const int buffering = ::isatty(STDOUT_FILENO) != 0 ? _IOLBF : _IOFBF;
  if (FILE* file = printing_to(STDOUT_FILENO, std::move(own), buffering)) stdout = file;
}

bool colours(const Options& options) {
  if (options.color == "always") return true;
  if (options.color == "never" || std::getenv("NO_COLOR") != nullptr) return false;
  return isatty(STDOUT_FILENO) != 0;
}

std::size_t shown_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string pad_right(std::string_view text, std::size_t width) {
  std::string out(text);
  const std::size_t shown = shown_width(text);
  if (shown < width) out.append(width - shown, ' ');
  return out;
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t shown = shown_width(text);
  return (shown < width ? std::string(width - shown, ' ') : std::string()) + std::string(text);
}

void Table::add(std::vector<std::string> row) {
  for (std::string& cell : row) {
    // Colours are the program's; the rest of a cell may come from anywhere.
    if (cell.find_first_of("\n\t\r") != std::string::npos) cell = printable_line(cell);
  }
  rows_.push_back(std::move(row));
}

std::string Table::render() const {
  std::vector<std::size_t> widths(header_.size(), 0);
  std::vector<bool> numeric(header_.size(), !rows_.empty());
  for (std::size_t c = 0; c < header_.size(); ++c) widths[c] = shown_width(header_[c]);
  for (const auto& row : rows_) {
    for (std::size_t c = 0; c < row.size() && c < widths.size(); ++c) {
      widths[c] = std::max(widths[c], shown_width(row[c]));
      if (!row[c].empty() && !is_number(row[c])) numeric[c] = false;
    }
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& row) {
    std::string text;
    for (std::size_t c = 0; c < header_.size(); ++c) {
      const std::string cell = c < row.size() ? row[c] : std::string();
      if (c > 0) text += "  ";
      text += numeric[c] ? pad_left(cell, widths[c]) : pad_right(cell, widths[c]);
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    out += text + "\n";
  };
  line(header_);
  for (const auto& row : rows_) line(row);
  return out;
}

std::string count(std::int64_t number) {
  return number == 0 ? "-" : with_thousands(number);
}

ProgressLine::ProgressLine(const Options& options)
    : enabled_(!options.quiet && isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() {
  clear();
}

void ProgressLine::show(std::string_view text, std::int64_t now_microseconds) {
  if (!enabled_ || (shown_ && now_microseconds - last_ < progress_interval_microseconds)) return;
  last_ = now_microseconds;
  shown_ = true;
  (void)write_all(STDERR_FILENO, "\r\033[K" + printable_line(text));
}

void ProgressLine::clear() {
  if (!shown_) return;
  shown_ = false;
  (void)write_all(STDERR_FILENO, "\r\033[K");
}

std::string bold(const Options& options, std::string_view text) {
  return colours(options) ? bold_on + std::string(text) + colour_off : std::string(text);
}

std::string warning(const Options& options, std::string_view text) {
  return colours(options) ? warning_on + std::string(text) + colour_off : std::string(text);
}

}  // namespace rondom::cli
