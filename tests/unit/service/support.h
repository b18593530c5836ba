// What the tests of the service share.
#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "config/config.h"

namespace rondom::service::test {

inline constexpr std::int64_t second = microseconds_per_second;
inline constexpr int patience_ms = 20'000;  // for what another process does

inline Timestamp at(const char* text) {
  return parse_time(text).value();
}

/// A schedule as a job's file says it, read by the one reader there is.
inline config::Schedule schedule(const std::string& yaml) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("rondom-schedule-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "jobs");
  std::ofstream(folder / "rondom.yaml")
      << "project: acme\nconnections:\n  crm: { connector: file }\n";
  for (const char* name : {"j", "a", "b"}) {
    std::ofstream(folder / "jobs" / (std::string(name) + ".yaml"))
        << "job: " << name << "\nsource: crm\nstreams:\n  - stream: " << name
        << "\n    entity: person\n    map: { email: .a }\n"
        << (name == std::string("j") ? "schedule: " + yaml + "\n" : "");
  }
  config::Diagnostics diagnostics;
  const config::Project project = config::load_project(folder.string(), "", diagnostics);
  std::filesystem::remove_all(folder);
  BOOST_REQUIRE_MESSAGE(diagnostics.empty(), yaml << ": " << diagnostics.render(""));
  return project.job("j")->starts;
}

inline config::Schedule cron(const std::string& fields, const std::string& zone) {
  return schedule("{ cron: \"" + fields + "\", zone: " + zone + " }");
}

}  // namespace rondom::service::test
