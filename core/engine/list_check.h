// list_check: a list of expectations against what there is. Private to the engine.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/project_test.h"

namespace rondom::engine {

/// One part of an item that differs.
struct Difference {
  std::string name, expected, actual;
  std::string because = {};  // the rule that gave it, if one did
};

/// Every item of a list of expectations must find its own actual one, and none may be left over.
class ListCheck {
 public:
  using Fits = std::function<bool(const config::Node& expected, std::size_t actual)>;
  /// What differs between the two, and how many parts do not.
  using Compare = std::function<std::size_t(const config::Node& expected, std::size_t actual,
                                            std::vector<Difference>& differences)>;

  ListCheck(const config::ExpectedList& list, std::vector<std::string> actual, const Fits& fits);

  /// An expectation without a partner is held against the most similar one that is left.
  void report(const std::string& what, const std::vector<std::vector<std::string>>& because,
              std::vector<TestFailure>& failures, const Compare& compare = {});

 private:
  std::size_t most_similar(const config::Node& expected, const Compare& compare,
                           std::vector<Difference>& differences) const;

  const config::ExpectedList& list_;
  std::vector<std::string> actual_;
  std::vector<bool> used_;
  std::vector<int> partner_;
};

/// "[a, b]"
std::string listed(const std::vector<std::string>& names);

}  // namespace rondom::engine
