// terminal: columns, colours and progress for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rondom::cli {

struct Options;

/// From here on everything that the program prints for people, whichever verb prints it, is text
/// that no terminal obeys (base/printable.h); of sequences only the program's own colours pass, and
/// only where it uses them. Standard error always, standard output where it is text: what programs
/// read stays as it is. Called once, before anything is printed; the streams are the process's own
/// from then on.
void print_safely(const Options& options);

/// Columns a terminal shows for this UTF-8 text (one per character).
std::size_t shown_width(std::string_view text);
/// `text` filled with blanks on the right (or left) up to `width` columns.
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);

/// A table whose columns fit their content; numbers are right-aligned. A cell is one line, whatever
/// its text says.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}
  void add(std::vector<std::string> row);
  bool empty() const { return rows_.empty(); }
  std::string render() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// Count as in reports: "2,114", and "-" for none.
std::string count(std::int64_t number);

/// One line on a terminal's standard error that is rewritten as work goes on; nothing when standard
/// error is no terminal or with --quiet. One thread at a time.
class ProgressLine {
 public:
  explicit ProgressLine(const Options& options);
  ~ProgressLine();
  void show(std::string_view text, std::int64_t now_microseconds);
  void clear();

 private:
  bool enabled_;
  bool shown_ = false;
  std::int64_t last_ = 0;
};

/// Does the user want colours, and can the output show them?
bool colours(const Options& options);
/// ANSI bold and colour when the output wants it, else the text alone.
std::string bold(const Options& options, std::string_view text);
std::string warning(const Options& options, std::string_view text);

}  // namespace rondom::cli
