#include "cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/base.h"
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

}  // namespace

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
  std::fprintf(stderr, "\r\033[K%.*s", static_cast<int>(text.size()), text.data());
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (!shown_) return;
  shown_ = false;
  std::fprintf(stderr, "\r\033[K");
  std::fflush(stderr);
}

std::string bold(const Options& options, std::string_view text) {
  return colours(options) ? "\033[1m" + std::string(text) + "\033[0m" : std::string(text);
}

std::string warning(const Options& options, std::string_view text) {
  return colours(options) ? "\033[33m" + std::string(text) + "\033[0m" : std::string(text);
}

}  // namespace rondom::cli
