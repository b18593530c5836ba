#include "engine/list_check.h"

#include "engine/expected_value.h"

namespace rondom::engine {

ListCheck::ListCheck(const config::ExpectedList& list, std::vector<std::string> actual,
                     const Fits& fits)
    : list_(list), actual_(std::move(actual)), used_(actual_.size(), false) {
  partner_ = pair_up(list.items.size(), actual_.size(),
                     [&](std::size_t i, std::size_t j) { return fits(list.items[i], j); });
  for (const int one : partner_) {
    if (one >= 0) used_[static_cast<std::size_t>(one)] = true;
  }
}

void ListCheck::report(const std::string& what,
                       const std::vector<std::vector<std::string>>& because,
                       std::vector<TestFailure>& failures, const Compare& compare) {
  const auto reason_of = [&](std::size_t at) {
    return at < because.size() ? because[at] : std::vector<std::string>();
  };
  for (std::size_t i = 0; i < partner_.size(); ++i) {
    if (partner_[i] >= 0) continue;
    const config::Node& expected = list_.items[i];
    std::vector<Difference> differences;
    const std::size_t other = most_similar(expected, compare, differences);
    if (other == actual_.size()) {
      failures.push_back({expected.at, what, shown(expected), "nothing like it", {}});
      continue;
    }
    used_[other] = true;
    if (differences.empty()) {
      failures.push_back({expected.at, what, shown(expected), actual_[other], reason_of(other)});
    }
    for (const Difference& one : differences) {
      std::vector<std::string> causes = reason_of(other);
      if (!one.because.empty()) causes.push_back(one.because);
      failures.push_back({expected.at, what + ": " + one.name + " of " + actual_[other],
                          one.expected, one.actual, std::move(causes)});
    }
  }
  for (std::size_t other = 0; other < actual_.size(); ++other) {
    if (used_[other]) continue;
    failures.push_back(
        {list_.at, what, "nothing more than is listed", actual_[other], reason_of(other)});
  }
}

std::size_t ListCheck::most_similar(const config::Node& expected, const Compare& compare,
                                    std::vector<Difference>& differences) const {
  std::size_t best = actual_.size(), best_score = 0;
  for (std::size_t i = 0; i < actual_.size(); ++i) {
    if (used_[i]) continue;
    std::vector<Difference> found;
    const std::size_t score = compare ? compare(expected, i, found) : 0;
    if (best != actual_.size() && score <= best_score) continue;
    best = i;
    best_score = score;
    differences = score > 0 ? found : std::vector<Difference>();
  }
  return best;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return "[" + out + "]";
}

}  // namespace rondom::engine
