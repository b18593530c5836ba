#include "cli/identity_pictures.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "cli/svg.h"

namespace rondom::cli {

namespace {

using svg::Anchor;
using svg::Picture;
using svg::Point;

constexpr const char* ink = "#222222";
constexpr const char* grey = "#888888";
constexpr const char* pale = "#dddddd";
constexpr const char* speaks_for = "#2b7a4b";
constexpr const char* speaks_against = "#b5480f";
constexpr const char* blue = "#0b6e99";
constexpr double row_height = 26;
constexpr double below_text = 4;  // from the middle of a row to where its letters stand

std::string with_sign(double bits) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.3f", bits);
  return text;
}

std::string percent_of(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g %%", 100 * share);
  return text;
}

// ── two records ────────────────────────────────────────────────────────────────────────────────

struct Bar {
  std::string name, level;
  double bits = 0;
};

std::vector<Bar> bars_of(const engine::Comparison& comparison) {
  std::vector<Bar> bars{{"two records at random", "", comparison.score.prior / 1000.0}};
  for (const probabilistic::ScoreLine& line : comparison.score.lines) {
    bars.push_back({line.comparison, line.level, line.weight / 1000.0});
  }
  if (comparison.score.household != 0) {
    const bool companies = comparison.entity == Entity::organization;
    bars.push_back({companies ? "may be one concern" : "may be one household", "",
                    -comparison.score.household / 1000.0});
  }
  return bars;
}

/// From bits to places: everything that the picture shows fits between the margins.
class BitScale {
 public:
  BitScale(const std::vector<Bar>& bars, double least, double most, double from, double to)
      : least_(least), most_(most), left_(from), right_(to) {
    double sum = 0;
    for (const Bar& bar : bars) {
      sum += bar.bits;
      least_ = std::min(least_, sum);
      most_ = std::max(most_, sum);
    }
    least_ = std::min(least_, 0.0) - 1;
    most_ = std::max(most_, 0.0) + 1;
  }
  double x(double bits) const {
    return left_ + (bits - least_) / (most_ - least_) * (right_ - left_);
  }

 private:
  double least_, most_, left_, right_;
};

// ── the records of a profile ───────────────────────────────────────────────────────────────────

constexpr double box_width = 220, box_height = 24, link_width = 300, margin = 20;
constexpr std::size_t name_characters_max = 30, reason_characters_max = 44;
constexpr std::size_t records_drawn_max = 60, apart_drawn_max = 30;

using Link = engine::Explanation::Link;

std::string reason_of(const Link& link) {
  if (link.name_space == engine::likeness_link) return engine::likeness_words(link);
  return engine::reason_word(link.name_space) + (link.value.empty() ? "" : " " + link.value);
}

/// Where a record stands in the tree: its row and how many links it is away from the first one.
struct Place {
  std::size_t row = 0, depth = 0;
};

class Tree {
 public:
  explicit Tree(const engine::Explanation& explanation) {
    for (const Link& link : explanation.joined) {
      if (link.further) continue;
      links_[link.from].push_back({link.to, &link});
      links_[link.to].push_back({link.from, &link});
    }
    for (const auto& member : explanation.members) {
      if (places_.count(member.name) == 0) place(member.name, 0);
    }
  }
  const std::map<std::string, Place>& places() const { return places_; }
  struct Branch {
    std::string parent, child;
    const Link* link = nullptr;
  };
  const std::vector<Branch>& branches() const { return branches_; }
  std::size_t rows() const { return rows_; }
  std::size_t depth() const { return depth_; }

 private:
  struct Neighbour {
    std::string name;
    const Link* link = nullptr;
  };
  // The first child stands in its parent's row, so that a chain is a line.
  void place(const std::string& name, std::size_t depth) {
    struct Step {
      std::string name;
      std::size_t depth = 0;
      Branch branch;
    };
    std::vector<Step> open{{name, depth, {}}};
    bool starts_a_row = true;
    while (!open.empty() && places_.size() < records_drawn_max) {
      const Step step = open.back();
      open.pop_back();
      if (places_.count(step.name) != 0) continue;
      if (starts_a_row) ++rows_;
      places_[step.name] = {rows_ - 1, step.depth};
      depth_ = std::max(depth_, step.depth);
      if (step.branch.link != nullptr) branches_.push_back(step.branch);
      const std::size_t before = open.size();
      for (const Neighbour& next : links_[step.name]) {
        if (places_.count(next.name) == 0) {
          open.push_back({next.name, step.depth + 1, {step.name, next.name, next.link}});
        }
      }
      starts_a_row = open.size() == before;
    }
  }

  std::map<std::string, std::vector<Neighbour>> links_;
  std::map<std::string, Place> places_;
  std::vector<Branch> branches_;
  std::size_t rows_ = 0, depth_ = 0;
};

double x_of(std::size_t depth) {
  return margin + static_cast<double>(depth) * (box_width + link_width);
}

void draw_record(Picture& picture, Point middle_left, const std::string& name, const char* color) {
  picture.rectangle({middle_left.x, middle_left.y - box_height / 2}, box_width, box_height, color);
  picture.text({middle_left.x + box_width / 2, middle_left.y + below_text}, Anchor::middle,
               svg::shortened(name, name_characters_max), "white");
}

}  // namespace

std::string pair_picture(const engine::Comparison& comparison, const std::string& one,
                         const std::string& other) {
  constexpr double width = 900, left = 310, right = 90, top = 70;
  const std::vector<Bar> bars = bars_of(comparison);
  const double bottom = top + row_height * static_cast<double>(bars.size() + 1);
  const double merge = probabilistic::bits_of(comparison.merge_at) / 1000.0;
  const double review = probabilistic::bits_of(comparison.review_at) / 1000.0;
  const BitScale scale(bars, review, merge, left, width - right);
  Picture picture(width, bottom + 60, "How alike " + one + " and " + other + " are");
  picture.text({20, 24}, Anchor::start,
               svg::shortened(one, 50) + " and " + svg::shortened(other, 50));
  picture.line({scale.x(0), top - 8}, {scale.x(0), bottom}, pale);
  picture.line({scale.x(merge), top - 8}, {scale.x(merge), bottom}, speaks_for, 1, true);
  picture.text({scale.x(merge) + 4, top - 14}, Anchor::start,
               "one from " + percent_of(comparison.merge_at), speaks_for);
  picture.line({scale.x(review), top - 8}, {scale.x(review), bottom}, grey, 1, true);
  picture.text({scale.x(review) - 4, top - 14}, Anchor::end,
               "worth a look from " + percent_of(comparison.review_at), grey);
  double sum = 0, y = top;
  for (const Bar& bar : bars) {
    const double middle = y + row_height / 2 + below_text;
    const double before = scale.x(sum), after = scale.x(sum + bar.bits);
    const bool is_start = &bar == &bars.front();
    const char* color = is_start ? grey : bar.bits < 0 ? speaks_against : speaks_for;
    picture.text({20, middle}, Anchor::start,
                 svg::shortened(bar.name + (bar.level.empty() ? "" : ": " + bar.level), 38));
    picture.rectangle({std::min(before, after), y + 4}, std::max(std::abs(after - before), 1.0),
                      row_height - 8, color);
    if (bar.bits < 0) {
      picture.text({after - 6, middle}, Anchor::end, with_sign(bar.bits), color);
    } else {
      picture.text({after + 6, middle}, Anchor::start, with_sign(bar.bits), color);
    }
    sum += bar.bits;
    y += row_height;
    picture.line({scale.x(sum), y - 4}, {scale.x(sum), y + 4}, grey);
  }
  const double total = comparison.score.total / 1000.0;
  picture.text({20, y + row_height / 2 + below_text}, Anchor::start, "together");
  picture.rectangle({std::min(scale.x(0), scale.x(total)), y + 4},
                    std::max(std::abs(scale.x(total) - scale.x(0)), 1.0), row_height - 8, blue);
  picture.text({std::max(scale.x(0), scale.x(total)) + 6, y + row_height / 2 + below_text},
               Anchor::start, with_sign(total), blue);
  picture.text({20, bottom + 30}, Anchor::start,
               "bits of evidence: one more makes it twice as likely · " +
                   percent_of(probabilistic::probability(comparison.score.total)) +
                   " that they are one · model " + comparison.model + " " + comparison.fingerprint,
               grey);
  return picture.done();
}

std::string profile_picture(const engine::Explanation& explanation) {
  const Tree tree(explanation);
  const std::size_t apart = std::min(explanation.apart.size(), apart_drawn_max);
  constexpr double top = 60;
  constexpr double tall_row = 48;
  const double apart_top = top + tall_row * static_cast<double>(tree.rows()) + 30;
  const double height = apart_top + (apart > 0 ? tall_row * static_cast<double>(apart) + 20 : 0);
  const double width =
      std::max(x_of(tree.depth()) + box_width + margin, x_of(1) + box_width + margin);
  Picture picture(width, height, "Why " + explanation.title + " is one");
  picture.text({margin, 28}, Anchor::start,
               explanation.title + " · " + std::to_string(explanation.members.size()) +
                   (explanation.members.size() == 1 ? " record" : " records"));
  const auto middle = [&](const Place& place) {
    return Point{x_of(place.depth), top + tall_row * (static_cast<double>(place.row) + 0.5)};
  };
  for (const Tree::Branch& branch : tree.branches()) {
    const Point from = middle(tree.places().at(branch.parent));
    const Point to = middle(tree.places().at(branch.child));
    const char* color = branch.link->weakest ? speaks_against : grey;
    const double bend = from.x + box_width + 14;
    picture.path({{from.x + box_width, from.y}, {bend, from.y}, {bend, to.y}, {to.x, to.y}}, color,
                 branch.link->weakest ? 2.5 : 1.5);
    picture.text({bend + 8, to.y - 6}, Anchor::start,
                 svg::shortened(reason_of(*branch.link), reason_characters_max), ink);
    if (branch.link->weakest) {
      picture.text({bend + 8, to.y + 14}, Anchor::start, "weakest link", speaks_against);
    }
  }
  for (const auto& [name, place] : tree.places()) draw_record(picture, middle(place), name, blue);
  if (explanation.members.size() > tree.places().size()) {
    picture.text({margin, apart_top - 12}, Anchor::start,
                 "… and " + std::to_string(explanation.members.size() - tree.places().size()) +
                     " more records",
                 grey);
  }
  for (std::size_t i = 0; i < apart; ++i) {
    const Link& link = explanation.apart[i];
    const double y = apart_top + tall_row * (static_cast<double>(i) + 0.5);
    draw_record(picture, {x_of(0), y}, link.from, blue);
    picture.line({x_of(0) + box_width, y}, {x_of(1), y}, speaks_against, 1.5, true);
    picture.text({x_of(0) + box_width + 8, y - 6}, Anchor::start,
                 svg::shortened(reason_of(link), reason_characters_max), ink);
    picture.text({x_of(0) + box_width + 8, y + 16}, Anchor::start,
                 svg::shortened(link.refused.empty() ? "joined to somebody else" : link.refused,
                                reason_characters_max),
                 speaks_against);
    draw_record(picture, {x_of(1), y}, link.to, grey);
  }
  return picture.done();
}

}  // namespace rondom::cli
