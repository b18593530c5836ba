#include "cli/svg.h"

#include <cstdio>

#include "base/printable.h"

namespace rondom::cli::svg {

namespace {

/// "Line spacing" of a text whose middle stands on its point, as a share of the letters.
constexpr double font_size = 12;

const char* word(Anchor anchor) {
  switch (anchor) {
    case Anchor::start: return "start";
    case Anchor::middle: return "middle";
    case Anchor::end: return "end";
  }
  return "start";
}

bool continues_a_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable_line(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t characters_max) {
  std::size_t characters = 0, end = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (continues_a_character(text[i])) continue;
    if (characters + 1 == characters_max) end = i;
    if (++characters > characters_max) return std::string(text.substr(0, end)) + "…";
  }
  return std::string(text);
}

Picture::Picture(double width, double height, std::string_view title) {
  const std::string size = number(width) + " " + number(height);
  out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size +
         "\" role=\"img\" font-family=\"sans-serif\" font-size=\"" + number(font_size) + "\">\n" +
         "<title>" + escaped(title) + "</title>\n" +
         "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
}

void Picture::text(Point at, Anchor anchor, std::string_view text, std::string_view color) {
  out_ += "<text x=\"" + number(at.x) + "\" y=\"" + number(at.y) + "\" text-anchor=\"" +
          word(anchor) + "\" fill=\"" + std::string(color) + "\">" + escaped(text) + "</text>\n";
}

void Picture::line(Point from, Point to, std::string_view color, double width, bool dashed) {
  out_ += "<line x1=\"" + number(from.x) + "\" y1=\"" + number(from.y) + "\" x2=\"" + number(to.x) +
          "\" y2=\"" + number(to.y) + "\" stroke=\"" + std::string(color) + "\" stroke-width=\"" +
          number(width) + (dashed ? "\" stroke-dasharray=\"4 3\"/>\n" : "\"/>\n");
}

void Picture::rectangle(Point corner, double width, double height, std::string_view color) {
  out_ += "<rect x=\"" + number(corner.x) + "\" y=\"" + number(corner.y) + "\" width=\"" +
          number(width) + "\" height=\"" + number(height) + "\" fill=\"" + std::string(color) +
          "\"/>\n";
}

void Picture::circle(Point center, double radius, std::string_view color) {
  out_ += "<circle cx=\"" + number(center.x) + "\" cy=\"" + number(center.y) + "\" r=\"" +
          number(radius) + "\" fill=\"" + std::string(color) + "\"/>\n";
}

void Picture::path(const std::vector<Point>& points, std::string_view color, double width) {
  out_ += "<polyline fill=\"none\" stroke=\"" + std::string(color) + "\" stroke-width=\"" +
          number(width) + "\" points=\"";
  for (const Point& point : points) out_ += number(point.x) + "," + number(point.y) + " ";
  out_ += "\"/>\n";
}

std::string Picture::done() {
  return out_ + "</svg>\n";
}

}  // namespace rondom::cli::svg
