#include "service/configurations.h"

#include <filesystem>
#include <utility>

namespace rondom::service {

Configuration configuration_of(const config::Project& project) {
  Configuration configuration;
  configuration.project = project.name;
  configuration.environment = project.environment;
  configuration.state = config::state_folder(project);
  configuration.serve = project.serve;
  configuration.notify = project.notify;
  configuration.secrets = config::make_secrets(project);
  for (const config::Job& job : project.jobs) {
    configuration.jobs.push_back({job.name, job.starts, job.timeout});
  }
  return configuration;
}

Configurations::Configurations(std::string root, const std::string& state, ConfigurationLoader load)
    : root_(std::move(root)), folder_(state + "/configuration"), load_(std::move(load)) {
  keep_only({});
}

Result<TakenConfiguration> Configurations::take() {
  TakenConfiguration taken;
  taken.files = folder_ + "/" + std::to_string(next_++);
  std::error_code ignored;
  std::filesystem::remove_all(taken.files, ignored);
  const auto refused = [&](const Error& error) {
    std::filesystem::remove_all(taken.files, ignored);
    return error;
  };
  auto fingerprint = config::copy_configuration(root_, taken.files);
  if (!fingerprint.ok()) return refused(fingerprint.error());
  taken.fingerprint = std::move(fingerprint).value();
  auto loaded = load_(taken.files);
  if (!loaded.ok()) return refused(loaded.error());
  taken.configuration = std::move(loaded).value();
  return taken;
}

void Configurations::keep_only(const std::set<std::string>& files) {
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder_, failed);
  if (failed) return;
  for (const std::filesystem::directory_iterator end; entries != end; entries.increment(failed)) {
    if (failed) return;
    std::error_code ignored;
    if (!files.contains(entries->path().string())) {
      std::filesystem::remove_all(entries->path(), ignored);
    }
  }
}

}  // namespace rondom::service
