#include "cli/curve_picture.h"

#include <cmath>
#include <cstdio>

#include "cli/svg.h"

namespace rondom::cli {

namespace {

using svg::Anchor;
using svg::Point;

constexpr double width = 720, height = 400;
constexpr double left = 60, right = 150, top = 40, bottom = 50;

std::string short_share(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

/// Where a point of the curve stands.
struct Scale {
  double least_bits, most_bits, least_share;
  double x(double bits) const {
    return left + (bits - least_bits) / (most_bits - least_bits) * (width - left - right);
  }
  double y(double value) const {
    const double clamped = std::max(value, least_share);
    return top + (1 - clamped) / (1 - least_share) * (height - top - bottom);
  }
};

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
  svg::Picture picture(width, height, "Precision, recall and F1 over the threshold");
  for (double value = scale.least_share; value < 1 + tenth / 2; value += tenth) {
    picture.line({left, scale.y(value)}, {width - right, scale.y(value)}, "#dddddd");
    picture.text({left - 8, scale.y(value)}, Anchor::end, svg::number(value));
  }
  for (const engine::CurvePoint& point : evaluation.curve) {
    constexpr int labelled = 5000;
    if (point.bits % labelled != 0) continue;
    picture.text({scale.x(point.bits / 1000.0), height - bottom + 18}, Anchor::middle,
                 std::to_string(point.bits / 1000));
  }
  picture.text({(left + width - right) / 2, height - 10}, Anchor::middle,
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
    std::vector<Point> points;
    for (const engine::CurvePoint& point : evaluation.curve) {
      points.push_back({scale.x(point.bits / 1000.0), scale.y(point.quality.*series.value)});
    }
    picture.path(points, series.color, 2);
    constexpr double line_height = 20;
    picture.text({width - right + 12, label += line_height}, Anchor::start, series.name,
                 series.color);
  }
  const double at_default = scale.x(std::log2(evaluation.merge_at / (1 - evaluation.merge_at)));
  picture.line({at_default, top}, {at_default, height - bottom}, "#888888", 1, true);
  picture.text({at_default, top - 8}, Anchor::middle,
               "merge_at " + short_share(evaluation.merge_at) + ": F1 " +
                   short_share(evaluation.at_default.f1));
  picture.text({width - right + 12, height - bottom}, Anchor::start,
               "best F1 " + short_share(evaluation.best.quality.f1));
  return picture.done();
}

}  // namespace rondom::cli
