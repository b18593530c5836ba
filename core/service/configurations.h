// configurations: the project's configuration in force, as a copy that nobody edits.
//
// A new one is taken in two phases: the project's files are copied, the copy is read and checked
// completely, and only then is it the one in force. Engines read that copy and never the files that
// somebody may be editing. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "service/planner.h"

namespace rondom::service {

/// What the service needs to know of a project.
struct Configuration {
  std::string project, environment;
  std::string state;  // absolute folder
  config::Serve serve;
  std::vector<PlannedJob> jobs;
  config::Notify notify;
  std::shared_ptr<const config::Secrets> secrets;  // asked anew each time
};

/// Reads and checks a project whose files are in this folder. ErrorCode::bad_config: it is wrong;
/// `detail` holds every problem with its place.
using ConfigurationLoader = std::function<Result<Configuration>(const std::string& files)>;

/// What a project tells the service.
Configuration configuration_of(const config::Project& project);

struct TakenConfiguration {
  Configuration configuration;
  std::string files;        // absolute folder of the copy
  std::string fingerprint;  // of every byte of it
};

class Configurations {
 public:
  /// `root`: the project folder; copies go to `state`/configuration, where those of an earlier
  /// service are removed.
  Configurations(std::string root, const std::string& state, ConfigurationLoader load);

  /// A copy that was found right; one that was not is removed. As ConfigurationLoader and
  /// config::copy_configuration.
  Result<TakenConfiguration> take();
  /// Removes all copies but these.
  void keep_only(const std::set<std::string>& files);

 private:
  std::string root_, folder_;
  ConfigurationLoader load_;
  std::uint64_t next_ = 1;
};

}  // namespace rondom::service
