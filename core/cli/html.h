// html: pieces of a page. Whatever text goes in, it comes out as text.
//
// Pure functions, any thread. Names of elements, classes and labels are the program's own;
// everything else goes through html_text().
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rondom::cli {

/// As text of an element or of a quoted attribute. Controls and marks that turn text around are
/// written out ("\u202e"), bytes that are no UTF-8 become U+FFFD.
std::string html_text(std::string_view text);
/// The same in an element of its own, so that a name written from right to left moves nothing.
std::string html_apart(std::string_view text);

/// `<name class="classes">inside</name>`; `inside` is HTML.
std::string html_element(std::string_view name, std::string_view inside,
                         std::string_view classes = {});

/// A table with a caption. On a narrow screen each row stands as a card with the column's name
/// beside each value; the first cell of a row is its header.
class HtmlTable {
 public:
  /// `caption` and `columns` are text.
  HtmlTable(std::string_view caption, std::vector<std::string> columns);
  /// A row that names those that follow it; text.
  void add_heading(std::string_view heading);
  /// HTML, one for each column; an empty cell is left out on a narrow screen.
  void add(const std::vector<std::string>& cells);
  bool empty() const { return rows_ == 0; }
  std::string html() const;

 private:
  std::vector<std::string> columns_;
  std::string head_, body_;
  std::size_t rows_ = 0;
};

}  // namespace rondom::cli
