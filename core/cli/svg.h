// svg: the pieces that pictures are made of. Text from records is escaped here and nowhere else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rondom::cli::svg {

struct Point {
  double x = 0, y = 0;
};

/// Where a text begins, ends, or has its middle.
enum class Anchor { start, middle, end };

/// With one decimal, as coordinates are written.
std::string number(double value);
/// Safe between tags and within quotes; control characters and those that turn the direction of
/// writing are written as people read them (base/printable.h).
std::string escaped(std::string_view text);
/// Cut to that many characters, with … in place of what is missing.
std::string shortened(std::string_view text, std::size_t characters_max);

/// One picture on a white ground, in units of CSS pixels. `title` is what a screen reader says.
class Picture {
 public:
  Picture(double width, double height, std::string_view title);

  void text(Point at, Anchor anchor, std::string_view text, std::string_view color = "#222222");
  void line(Point from, Point to, std::string_view color, double width = 1, bool dashed = false);
  void rectangle(Point corner, double width, double height, std::string_view color);
  void circle(Point center, double radius, std::string_view color);
  void path(const std::vector<Point>& points, std::string_view color, double width);
  /// The whole file.
  std::string done();

 private:
  std::string out_;
};

}  // namespace rondom::cli::svg
