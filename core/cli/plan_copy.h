// plan_copy: the file in which `plan --all` tries things out.
#pragma once

#include <string>

#include "config/config.h"

namespace rondom::cli {

/// A name for a copy of the project's store, in its var folder. Copies that dead processes left are
/// removed when it is made, its own when it goes.
class PlanCopy {
 public:
  explicit PlanCopy(const config::Project& project);
  ~PlanCopy();
  PlanCopy(const PlanCopy&) = delete;
  PlanCopy& operator=(const PlanCopy&) = delete;

  const std::string& file() const { return file_; }

 private:
  std::string file_;
};

}  // namespace rondom::cli
