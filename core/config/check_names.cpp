// What takes more than one file to see: names that must exist, and names that must be there once.
#include <algorithm>
#include <map>
#include <set>

#include "config/readers.h"

namespace rondom::config {
namespace {

std::string place(const Location& at) {
  return (at.file ? *at.file : std::string()) + ":" + std::to_string(at.line);
}

std::vector<std::string> stream_names(const Project& project) {
  std::vector<std::string> names;
  for (const Job& job : project.jobs) {
    if (!job.source) continue;
    for (const SourceStream& stream : job.source->streams) {
      names.push_back(job.connection + "." + stream.stream);
    }
  }
  return names;
}

void check_uses(Reading& reading) {
  const Project& project = reading.project;
  struct Known {
    const char* what;
    std::vector<std::string> names;
    const char* cure;
  };
  const std::map<NameUse::Kind, Known> known = {
      {NameUse::Kind::connection,
       {"connection", names_of(project.connections),
        "declare it under connections: in rondom.yaml"}},
      {NameUse::Kind::purpose,
       {"purpose", names_of(project.purposes), "declare it under purposes: in rondom.yaml"}},
      {NameUse::Kind::audience,
       {"audience", names_of(project.audiences), "declare it in audiences/NAME.yaml"}},
      {NameUse::Kind::job, {"job", names_of(project.jobs), "declare it in jobs/NAME.yaml"}},
      {NameUse::Kind::stream,
       {"stream", stream_names(project), "write source.stream of a source job"}}};
  for (const NameUse& use : reading.uses) {
    const Known& all = known.at(use.kind);
    if (std::find(all.names.begin(), all.names.end(), use.name) != all.names.end()) continue;
    const auto nearest = did_you_mean(use.name, all.names);
    reading.diagnostics.error(use.at, std::string("no ") + all.what + " " + excerpt(use.name, 80),
                              nearest ? "did you mean " + *nearest + "?" : all.cure);
  }
}

template <typename Items>
void check_unique(const Items& items, const char* what, Diagnostics& diagnostics) {
  std::map<std::string, const Location*> first;
  for (const auto& item : items) {
    if (item.name.empty()) continue;
    const auto [known, is_new] = first.emplace(item.name, &item.at);
    if (is_new) continue;
    diagnostics.error(item.at, std::string("a second ") + what + " " + item.name,
                      "the first is in " + place(*known->second));
  }
}

void check_owners(Reading& reading) {
  std::map<std::pair<std::string, std::string>, std::pair<std::string, Location>> owners;
  for (const Job& job : reading.project.jobs) {
    if (!job.source) continue;
    for (const SourceStream& stream : job.source->streams) {
      if (stream.stream.empty()) continue;
      const auto [owner, is_new] =
          owners.try_emplace({job.connection, stream.stream}, job.name, stream.at);
      if (is_new) continue;
      reading.diagnostics.error(
          stream.at,
          "stream " + stream.stream + " of " + job.connection + " is read by job " +
              owner->second.first + " already",
          "one stream has one owner; the first is in " + place(owner->second.second));
    }
  }
}

/// Jobs that wait for one another would never start.
class Cycles {
 public:
  explicit Cycles(const Project& project) : project_(project) {}

  void check(Diagnostics& diagnostics) {
    for (const Job& job : project_.jobs) {
      std::set<std::string> visited;
      if (reaches(job.name, job.name, visited)) {
        diagnostics.error(job.schedule.at, "job " + job.name + " waits for itself",
                          "follow schedule: after from job to job");
      }
    }
  }

 private:
  bool reaches(const std::string& from, const std::string& goal, std::set<std::string>& visited) {
    std::vector<std::string> open = {from};
    while (!open.empty()) {
      const Job* job = project_.job(open.back());
      open.pop_back();
      if (job == nullptr) continue;
      for (const std::string& next : texts_of(job->schedule, "after")) {
        if (next == goal) return true;
        if (visited.insert(next).second) open.push_back(next);
      }
    }
    return false;
  }

  const Project& project_;
};

}  // namespace

void check_names(Reading& reading) {
  check_uses(reading);
  check_unique(reading.project.jobs, "job", reading.diagnostics);
  check_unique(reading.project.audiences, "audience", reading.diagnostics);
  check_owners(reading);
  Cycles(reading.project).check(reading.diagnostics);
}

}  // namespace rondom::config
