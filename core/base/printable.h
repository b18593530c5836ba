// printable: text of other origin, for a terminal.
//
// A terminal obeys what it is told: a name or an error of another system may move the cursor, wipe
// what stands there, turn text around or give the window a title. Here such characters become what
// people can read, "\u001b", and bytes that are no UTF-8 become U+FFFD. Line ends and tabs stay.
// What comes out is JSON where JSON went in. One thread for each object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rondom {

/// The same for a text that comes in pieces.
class Printable {
 public:
  /// `allowed`: sequences that pass as they are, such as the program's own colours.
  explicit Printable(std::vector<std::string> allowed = {}) : allowed_(std::move(allowed)) {}

  /// What can be shown by now: a character or a sequence that a piece cuts waits for the next one.
  std::string take(std::string_view piece);
  /// What still waits, at the end.
  std::string rest();

 private:
  std::vector<std::string> allowed_;
  std::string waiting_;
};

std::string printable(std::string_view text);
/// The same within a line: line ends and tabs are written as well.
std::string printable_line(std::string_view text);

}  // namespace rondom
