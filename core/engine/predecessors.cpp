#include "engine/predecessors.h"

#include <algorithm>
#include <string>

namespace rondom::engine {

namespace {

bool has_finished(std::string_view status) {
  return status.empty() || status == "done" || status == "partial";
}

/// Every job before `job`, the nearest first.
std::vector<std::string> predecessors(const config::Project& project, const config::Job& job) {
  std::vector<std::string> found;
  const auto add = [&](const config::Job& one) {
    const config::Node* after = one.schedule.find("after");
    if (after == nullptr) return;
    for (const config::Node& name : after->items) {
      const bool known = std::find(found.begin(), found.end(), name.text) != found.end();
      if (!known && name.text != job.name) found.push_back(name.text);
    }
  };
  add(job);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const config::Job* const before = project.job(found[i]);
    if (before != nullptr) add(*before);
  }
  return found;
}

}  // namespace

std::string last_status_key(std::string_view job) {
  return "job/status/" + std::string(job);
}

Status note_status(store::Store& store, std::string_view job, std::string_view status) {
  return store.put_value(last_status_key(job), status);
}

Status check_predecessors(const config::Project& project, const config::Job& job,
                          const std::vector<JobReport>& reports, store::Store& store) {
  for (const std::string& name : predecessors(project, job)) {
    const auto now = std::find_if(reports.begin(), reports.end(),
                                  [&](const JobReport& report) { return report.job == name; });
    const bool in_this_run = now != reports.end();
    std::string status;
    if (in_this_run) {
      status = now->status;
    } else {
      // A job that sends brings no unsubscribes.
      const config::Job* const before = project.job(name);
      if (before == nullptr || !before->source.has_value()) continue;
      RONDOM_TRY_ASSIGN(const auto last, store.value(last_status_key(name)));
      status = last.value_or("");
    }
    if (has_finished(status)) continue;
    const bool guarded = status == "guarded";
    std::string why = guarded ? ", which a guard stopped" : ", which did not finish";
    if (!in_this_run) why += " the last time; run both: rondom run " + name + " " + job.name;
    return {guarded ? ErrorCode::guarded : ErrorCode::failure,
            "nothing was sent: it waits for job " + name + why};
  }
  return {};
}

}  // namespace rondom::engine
