#include "cli/curve_picture.h"

#include <cmath>
#include <cstdio>

namespace rondom::cli {

namespace {

constexpr double width = 720, height = 400;
constexpr double left = 60, right = 150, top = 40, bottom = 50;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string short_share(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

/// Where a point of the curve stands.
struct Scale {
  double least_bits, most_bits, least_share;
  std::string x(double bits) const {
    return number(left + (bits - least_bits) / (most_bits - least_bits) * (width - left - right));
  }
  std::string y(double value) const {
    const double clamped = std::max(value, least_share);
    return number(top + (1 - clamped) / (1 - least_share) * (height - top - bottom));
  }
};

void add_text(std::string& out, const std::string& x, const std::string& y, const char* anchor,
              const std::string& text) {
  out +=
      "<text x=\"" + x + "\" y=\"" + y + "\" text-anchor=\"" + anchor + "\">" + text + "</text>\n";
}

void add_line(std::string& out, const std::string& x1, const std::string& y1, const std::string& x2,
              const std::string& y2, const char* style) {
  out += "<line x1=\"" + x1 + "\" y1=\"" + y1 + "\" x2=\"" + x2 + "\" y2=\"" + y2 + "\" " + style +
         "/>\n";
}

}  // namespace

std::string curve_picture(const engine::Evaluation& evaluation) {
  if (evaluation.curve.empty()) return {};
  double lowest = 1;
  for (const engine::CurvePoint& point : evaluation.curve) {
    lowest = std::min({lowest, point.quality.precision, point.quality.recall, point.quality.f1});
  }
  constexpr double tenth = 0.1;
  constexpr double steps_max = 9;
  const Scale scale{evaluation.curve.front().bits / 1000.0, evaluation.curve.back().bits / 1000.0,
                    std::min(steps_max, std::floor(lowest / tenth)) * tenth};
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) +
                    " " + number(height) + "\" font-family=\"sans-serif\" font-size=\"12\">\n";
  out += "<title>Precision, recall and F1 over the threshold</title>\n";
  out += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  constexpr const char* grid = "stroke=\"#ddd\"";
  for (double value = scale.least_share; value < 1 + tenth / 2; value += tenth) {
    add_line(out, number(left), scale.y(value), number(width - right), scale.y(value), grid);
    add_text(out, number(left - 8), scale.y(value), "end", number(value));
  }
  for (const engine::CurvePoint& point : evaluation.curve) {
    constexpr int labelled = 5000;
    if (point.bits % labelled != 0) continue;
    add_text(out, scale.x(point.bits / 1000.0), number(height - bottom + 18), "middle",
             std::to_string(point.bits / 1000));
  }
  add_text(out, number((left + width - right) / 2), number(height - 10), "middle",
           "evidence from which two records merge, in bits");
  struct Series {
    const char* name;
    const char* color;
    double resolve::Quality::*value;
  };
  const Series all[] = {{"precision", "#0b6e99", &resolve::Quality::precision},
                        {"recall", "#b5480f", &resolve::Quality::recall},
                        {"F1", "#222222", &resolve::Quality::f1}};
  double label = top;
  for (const Series& series : all) {
    std::string points;
    for (const engine::CurvePoint& point : evaluation.curve) {
      points += scale.x(point.bits / 1000.0) + "," + scale.y(point.quality.*series.value) + " ";
    }
    out += "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"" + std::string(series.color) +
           "\" points=\"" + points + "\"/>\n";
    constexpr double line_height = 20;
    out += "<g fill=\"" + std::string(series.color) + "\">";
    add_text(out, number(width - right + 12), number(label += line_height), "start", series.name);
    out += "</g>\n";
  }
  const double at_default = std::log2(evaluation.merge_at / (1 - evaluation.merge_at));
  add_line(out, scale.x(at_default), number(top), scale.x(at_default), number(height - bottom),
           "stroke=\"#888\" stroke-dasharray=\"4 3\"");
  add_text(out, scale.x(at_default), number(top - 8), "middle",
           "merge_at " + short_share(evaluation.merge_at) + ": F1 " +
               short_share(evaluation.at_default.f1));
  add_text(out, number(width - right + 12), number(height - bottom), "start",
           "best F1 " + short_share(evaluation.best.quality.f1));
  return out + "</svg>\n";
}

}  // namespace rondom::cli
