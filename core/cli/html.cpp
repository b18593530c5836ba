#include "cli/html.h"

#include "cli/svg.h"

namespace rondom::cli {

std::string html_text(std::string_view text) {
  return svg::escaped(text);
}

std::string html_apart(std::string_view text) {
  return html_element("bdi", html_text(text));
}

std::string html_element(std::string_view name, std::string_view inside, std::string_view classes) {
  std::string out = "<" + std::string(name);
  if (!classes.empty()) out += " class=\"" + std::string(classes) + "\"";
  return out.append(">").append(inside).append("</").append(name).append(">");
}

HtmlTable::HtmlTable(std::string_view caption, std::vector<std::string> columns)
    : columns_(std::move(columns)) {
  // The roles say what the elements mean anyway: a style that lays them out as cards takes that
  // away.
  head_ = "<table role=\"table\"><caption>" + html_text(caption) +
          "</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">";
  for (std::string& column : columns_) {
    column = html_text(column);
    head_ += "<th scope=\"col\" role=\"columnheader\">" + column + "</th>";
  }
  head_ += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
}

void HtmlTable::add_heading(std::string_view heading) {
  if (rows_ > 0) body_ += "</tbody><tbody role=\"rowgroup\">\n";
  body_ +=
      "<tr role=\"row\" class=\"heading\"><th scope=\"rowgroup\" role=\"rowheader\" colspan=\"" +
      std::to_string(columns_.size()) + "\">" + html_text(heading) + "</th></tr>\n";
}

void HtmlTable::add(const std::vector<std::string>& cells) {
  ++rows_;
  body_ += "<tr role=\"row\">";
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string cell = i < cells.size() ? cells[i] : std::string();
    if (i == 0) {
      body_ += "<th scope=\"row\" role=\"rowheader\">" + cell + "</th>";
    } else if (cell.empty()) {
      body_ += "<td role=\"cell\"></td>";
    } else {
      body_ += "<td role=\"cell\" data-label=\"" + columns_[i] + "\"><div>" + cell + "</div></td>";
    }
  }
  body_ += "</tr>\n";
}

std::string HtmlTable::html() const {
  return head_ + body_ + "</tbody></table>\n";
}

}  // namespace rondom::cli
