// What the tests of the boundary share: where things are, and a sink that writes down what it got.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/plugin.h"

namespace rondom::plugin::test {

std::string good_library(const std::string& name);
std::string hostile_library(const std::string& name);

/// Info of a connector as a manifest would give it.
ConnectorInfo connector(Kind kind, const std::string& id, const std::string& library,
                        const std::string& plugin_name);
ConnectorInfo echo(Kind kind);

/// Host in the build directory, patience of a test.
HostOptions host_options();

/// The engine's services, in memory.
struct Services {
  std::map<std::string, std::string> secrets;
  std::map<std::string, std::string> state;
  std::vector<std::string> lines;  // "level: message"
  std::function<void(const std::string& line)> on_line;

  HostServices callbacks();
  bool logged(const std::string& part) const;
};

/// One line for everything that is pushed; `fail_at` counts pushes, 0 = never.
class Transcript final : public ReadSink {
 public:
  std::vector<std::string> lines;
  std::size_t count = 0;  // records
  std::size_t fail_at = 0;
  std::function<void()> on_push;

  Status records(const SourceBatch& batch) override;
  Status checkpoint(std::string_view stream, std::string_view state_json) override;
  Status refresh_begin(std::string_view stream, std::string_view generation) override;
  Status refresh_complete(std::string_view stream) override;

 private:
  Status push(std::string line);
  std::size_t pushes_ = 0;
};

ReadRequest request_for(std::vector<std::string> streams);

/// Opens the connector in a plugin host and reads stream "s". The status of whatever failed first.
Status read_hosted(const ConnectorInfo& info, const std::string& config, ReadSink& sink,
                   Services& services, const HostOptions& options);

/// The in-process twin of the echo plugin.
PluginEntry echo_entry();

/// Everything a command prints; for nm and the like.
std::string output_of(const std::string& command);

/// A fresh folder below the build directory, removed at the end.
class Folder {
 public:
  explicit Folder(const std::string& name);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

}  // namespace rondom::plugin::test
