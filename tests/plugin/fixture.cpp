#include "fixture.h"

#include <rondom/plugin.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

extern "C" const rondom_plugin* echo_plugin_table(void);

namespace rondom::plugin::test {

namespace fs = std::filesystem;

std::string good_library(const std::string& name) {
  return std::string(RONDOM_FIXTURE_DIRECTORY) + "/good/" + name + ".so";
}
std::string hostile_library(const std::string& name) {
  return std::string(RONDOM_FIXTURE_DIRECTORY) + "/hostile/hostile_" + name + ".so";
}

ConnectorInfo connector(Kind kind, const std::string& id, const std::string& library,
                        const std::string& plugin_name) {
  ConnectorInfo info;
  info.kind = kind;
  info.id = id;
  info.library = library;
  info.plugin_name = plugin_name;
  return info;
}

ConnectorInfo echo(Kind kind) {
  ConnectorInfo info = connector(kind, "echo", good_library("echo"), "echo");
  info.standard_streams = true;
  return info;
}

HostOptions host_options() {
  HostOptions options;
  options.host_program = RONDOM_HOST_PROGRAM;
  options.hang_limit_ms = 60'000;
  return options;
}

HostServices Services::callbacks() {
  HostServices callbacks;
  callbacks.log = [this](std::string_view level, std::string_view message) {
    lines.push_back(std::string(level) + ": " + std::string(message));
    if (on_line) on_line(lines.back());
  };
  const auto get = [](const std::map<std::string, std::string>& from, std::string_view name,
                      ErrorCode missing) -> Result<std::string> {
    const auto found = from.find(std::string(name));
    if (found != from.end()) return found->second;
    if (missing == ErrorCode::failure) return std::string();
    return Error{missing, "There is no secret of that name."};
  };
  callbacks.secret_get = [this, get](std::string_view name) {
    return get(secrets, name, ErrorCode::bad_config);
  };
  callbacks.state_get = [this, get](std::string_view key) {
    return get(state, key, ErrorCode::failure);
  };
  callbacks.secret_put = [this](std::string_view name, std::string_view value) {
    secrets[std::string(name)] = value;
    return Status();
  };
  callbacks.state_put = [this](std::string_view key, std::string_view value) {
    state[std::string(key)] = value;
    return Status();
  };
  return callbacks;
}

bool Services::logged(const std::string& part) const {
  for (const std::string& line : lines) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

Status Transcript::push(std::string line) {
  lines.push_back(std::move(line));
  if (on_push) on_push();
  if (++pushes_ == fail_at) return {ErrorCode::failure, "The engine has enough."};
  return {};
}

Status Transcript::records(const SourceBatch& batch) {
  for (const SourceRecord& record : batch.records) {
    lines.push_back("record " + std::string(batch.stream) + " " + std::string(batch.origin) + ":" +
                    std::to_string(record.position) + " op" +
                    std::to_string(static_cast<int>(record.operation)) + " at" +
                    std::to_string(record.changed_at) + " [" + std::string(record.problem) + "] " +
                    std::string(record.json));
  }
  count += batch.records.size();
  return push("batch of " + std::to_string(batch.records.size()));
}

Status Transcript::checkpoint(std::string_view stream, std::string_view state_json) {
  return push("checkpoint " + std::string(stream) + " " + std::string(state_json));
}
Status Transcript::refresh_begin(std::string_view stream, std::string_view generation) {
  return push("begin " + std::string(stream) + " " + std::string(generation));
}
Status Transcript::refresh_complete(std::string_view stream) {
  return push("complete " + std::string(stream));
}

ReadRequest request_for(std::vector<std::string> streams) {
  ReadRequest request;
  for (std::string& name : streams) {
    ReadStream stream;
    stream.name = std::move(name);
    request.streams.push_back(std::move(stream));
  }
  return request;
}

Status read_hosted(const ConnectorInfo& info, const std::string& config, ReadSink& sink,
                   Services& services, const HostOptions& options) {
  auto source = open_source(info, config, services.callbacks(), options);
  if (!source.ok()) return source.status();
  return (*source)->read(request_for({"s"}), sink);
}

PluginEntry echo_entry() {
  return reinterpret_cast<PluginEntry>(&echo_plugin_table);
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::string text;
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe.get())) {
    text.append(buffer, got);
  }
  return text;
}

Folder::Folder(const std::string& name)
    : path_(std::string(RONDOM_FIXTURE_DIRECTORY) + "/scratch/" + name) {
  fs::remove_all(path_);
  fs::create_directories(path_);
  fs::permissions(path_, fs::perms::owner_all);
}
Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}
void Folder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path_ + "/" + name, std::ios::binary) << text;
}

}  // namespace rondom::plugin::test
