#include "cli/audience_estimate.h"

#include "pipeline/activate/activate.h"

namespace rondom::cli {

std::vector<std::string> jobs_that_send_to(const config::Project& project,
                                           const std::string& audience) {
  std::vector<std::string> names;
  for (const config::Job& job : project.jobs) {
    if (job.destination.has_value() && job.destination->audience == audience) {
      names.push_back(job.name);
    }
  }
  return names;
}

std::string words_json(const std::vector<std::string>& words) {
  std::string out = "[";
  for (const std::string& word : words) {
    if (out.size() > 1) out += ',';
    append_json_string(out, word);
  }
  return out + "]";
}

Result<AudienceEstimate> estimate_audience(engine::Engine& engine, engine::AudienceScan& scan,
                                           Timestamp as_of) {
  AudienceEstimate estimate;
  const std::vector<config::Purpose>& purposes = engine.project().purposes;
  estimate.purposes.resize(purposes.size());
  std::vector<std::int64_t> failed(scan.lines(0).size(), 0);
  std::vector<store::Profile> members;  // of the page
  const auto visit = [&](const store::Profile& profile, std::span<const int> failing) -> Status {
    ++estimate.profiles;
    if (failing[0] < 0) {
      members.push_back(profile);
    } else {
      ++failed[static_cast<std::size_t>(failing[0])];
    }
    return {};
  };
  const auto ask_permissions = [&]() -> Status {
    for (std::size_t i = 0; i < purposes.size() && !members.empty(); ++i) {
      RONDOM_TRY_ASSIGN(const auto permissions,
                        activate::permissions(engine.store(), purposes[i], as_of, members));
      for (const activate::Permission& one : permissions) {
        if (one.allowed) {
          ++estimate.purposes[i].reachable;
        } else {
          ++estimate.purposes[i].withheld[one.reason];
        }
      }
    }
    members.clear();
    return {};
  };
  RONDOM_TRY(scan.all(visit, ask_permissions));
  std::int64_t left = estimate.profiles;
  for (const std::int64_t one : failed) estimate.left.push_back(left -= one);
  return estimate;
}

std::string estimate_json(const config::Project& project, const config::Audience& audience,
                          const engine::AudienceScan& scan, const AudienceEstimate& estimate) {
  std::string out = "{\"audience\":";
  append_json_string(out, audience.name);
  out += std::string(",\"entity\":\"") + to_text(engine::entity_of(project, audience)) +
         "\",\"profiles\":" + std::to_string(estimate.profiles) +
         ",\"members\":" + std::to_string(estimate.members()) + ",\"funnel\":[";
  for (std::size_t i = 0; i < estimate.left.size(); ++i) {
    out += i > 0 ? ",{\"line\":" : "{\"line\":";
    append_json_string(out, scan.lines(0)[i]);
    out += ",\"left\":" + std::to_string(estimate.left[i]) + "}";
  }
  out += "],\"purposes\":[";
  for (std::size_t i = 0; i < estimate.purposes.size(); ++i) {
    out += i > 0 ? ",{\"purpose\":" : "{\"purpose\":";
    append_json_string(out, project.purposes[i].name);
    out += ",\"reachable\":" + std::to_string(estimate.purposes[i].reachable) + ",\"withheld\":{";
    bool first = true;
    for (const auto& [reason, number] : estimate.purposes[i].withheld) {
      if (!first) out += ',';
      first = false;
      append_json_string(out, reason);
      out += ":" + std::to_string(number);
    }
    out += "}}";
  }
  return out + "],\"jobs\":" + words_json(jobs_that_send_to(project, audience.name)) + "}";
}

}  // namespace rondom::cli
