// audience_estimate: how many an audience holds and how many of them may be reached, without
// writing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/audience_scan.h"

namespace rondom::cli {

/// How far each line brings everybody down, and who of the members may be reached for each purpose.
struct AudienceEstimate {
  struct Purpose {
    std::int64_t reachable = 0;
    std::map<std::string, std::int64_t> withheld;
  };
  std::int64_t profiles = 0;
  std::vector<std::int64_t> left;  // by line
  std::int64_t members() const { return left.empty() ? profiles : left.back(); }
  std::vector<Purpose> purposes;  // in order of the project's
};

/// Of the scan's first audience.
Result<AudienceEstimate> estimate_audience(engine::Engine& engine, engine::AudienceScan& scan,
                                           Timestamp as_of);
std::string estimate_json(const config::Project& project, const config::Audience& audience,
                          const engine::AudienceScan& scan, const AudienceEstimate& estimate);

/// Names of the jobs that send to it.
std::vector<std::string> jobs_that_send_to(const config::Project& project,
                                           const std::string& audience);
/// A JSON list.
std::string words_json(const std::vector<std::string>& words);

}  // namespace rondom::cli
