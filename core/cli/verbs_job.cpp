// job new
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/cli.h"
#include "engine/plans.h"
#include "engine/starter_job.h"

namespace rondom::cli {

namespace {

constexpr std::size_t streams_max = 20;  // of one starter file

/// Streams that another job owns; one stream has one owner.
bool is_read_already(const config::Project& project, const std::string& source,
                     const std::string& stream) {
  for (const config::Job& job : project.jobs) {
    if (!job.source.has_value() || job.connection != source) continue;
    for (const config::SourceStream& one : job.source->streams) {
      if (one.stream == stream) return true;
    }
  }
  return false;
}

std::vector<std::string> presets_of(const plugin::ConnectorInfo& info) {
  std::vector<std::string> names;
  std::error_code failed;
  if (info.preset_directory.empty()) return names;
  for (const auto& entry : std::filesystem::directory_iterator(info.preset_directory, failed)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// A preset that is called like a stream is meant for it; a guess from names of fields knows less.
std::vector<engine::StarterJob::Preset> own_presets(
    const plugin::ConnectorInfo& info, const std::vector<std::string>& presets,
    const std::vector<plugin::CatalogStream>& streams) {
  std::vector<engine::StarterJob::Preset> own;
  for (const plugin::CatalogStream& stream : streams) {
    const std::string name = lower_ascii(stream.name);
    if (std::find(presets.begin(), presets.end(), name) == presets.end()) continue;
    config::Diagnostics ignored;  // the plugin's own; what is wrong with it is seen in the job
    own.push_back(
        {stream.name, name, config::read_yaml(info.preset_directory, name + ".yaml", ignored)});
  }
  return own;
}

/// What the job is to be called and read from, or the exit code of what is wrong with it.
std::optional<int> wrong_request(const config::Project& project, const Options& options) {
  const std::string& name = options.words.front();
  if (project.job(name) != nullptr) {
    return fail({ErrorCode::usage, "there is a job " + name + " already; nothing was written"});
  }
  const std::string file = "jobs/" + name + ".yaml";
  if (!config::is_job_name(name)) {
    return fail({ErrorCode::usage,
                 "the name of a job starts with a letter and holds letters, "
                 "digits, _ and - only"});
  }
  if (std::filesystem::exists(std::filesystem::path(project.root) / file)) {
    return fail({ErrorCode::usage, file + " is there already; nothing was written"});
  }
  if (project.connection(options.source) == nullptr) {
    return fail_unknown("connection", options.source, connection_names(project));
  }
  return std::nullopt;
}

}  // namespace

int job_new(const Options& options) {
  int exit_code = 0;
  const std::optional<Workspace> workspace = open_workspace(options, exit_code, Needs::settings);
  if (!workspace.has_value()) return exit_code;
  const config::Project& project = *workspace->project;
  if (const auto wrong = wrong_request(project, options)) return *wrong;
  const config::Connection& connection = *project.connection(options.source);
  const plugin::ConnectorInfo* info =
      workspace->surroundings.inventory.find(connection.connector, plugin::Kind::source);
  if (info == nullptr) {
    return fail({ErrorCode::usage, "connector " + connection.connector + " cannot be read from"});
  }
  engine::StarterJob starter{options.words.front(),
                             options.source,
                             connection.defaults.currency,
                             {},
                             options.preset,
                             {},
                             {}};
  const std::vector<std::string> presets = presets_of(*info);
  if (!options.preset.empty()) {
    if (std::find(presets.begin(), presets.end(), options.preset) == presets.end()) {
      return fail_unknown("preset of connector " + info->id, options.preset, presets);
    }
    config::Diagnostics diagnostics;
    starter.preset_map =
        config::read_yaml(info->preset_directory, options.preset + ".yaml", diagnostics);
  }
  const auto catalog = engine::discover(project, workspace->surroundings, options.source);
  if (!catalog.ok()) return fail(catalog.error());
  std::vector<std::string> known, taken;
  for (const plugin::CatalogStream& stream : catalog->streams) {
    known.push_back(stream.name);
    if (!options.stream.empty() && stream.name != options.stream) continue;
    if (is_read_already(project, options.source, stream.name)) {
      taken.push_back(stream.name);
    } else {
      starter.streams.push_back(stream);
    }
  }
  if (!options.stream.empty() && starter.streams.empty() && taken.empty()) {
    return fail_unknown("stream in " + options.source + " called", options.stream, known);
  }
  if (starter.streams.empty()) {
    return fail({ErrorCode::usage, taken.empty() ? options.source + " offers no streams"
                                                 : "every stream of it is read by a job already"});
  }
  if (starter.streams.size() > streams_max) {
    return fail({ErrorCode::usage, options.source + " has " + std::to_string(known.size()) +
                                       " streams: choose one with --stream "
                                       "(rondom discover " +
                                       options.source + " lists them)"});
  }
  if (options.preset.empty()) starter.own_presets = own_presets(*info, presets, starter.streams);
  const std::filesystem::path root(project.root);
  const std::string file = "jobs/" + starter.name + ".yaml";
  if (const Status written = write_new_file(root / file, engine::starter_job(starter));
      !written.ok()) {
    return fail(written.error());
  }
  std::printf("wrote %s\n", file.c_str());
  // With the fields at hand, validate finds a name that the source does not have.
  plugin::Catalog kept;
  kept.streams = starter.streams;
  const std::string saved = engine::catalog_path(project, starter.name);
  if (const Status written = write_new_file(
          saved, engine::catalog_json(kept, format_date(workspace->surroundings.clock->now())));
      !written.ok()) {
    return fail(written.error());
  }
  std::printf("wrote catalog/%s.json\n", starter.name.c_str());
  for (const std::string& stream : taken) {
    std::printf("left out %s: another job reads it\n", stream.c_str());
  }
  for (const engine::StarterJob::Preset& own : starter.own_presets) {
    std::printf("%s is mapped by the preset %s of the connector\n", own.stream.c_str(),
                own.name.c_str());
  }
  if (options.preset.empty() && starter.own_presets.empty() && !presets.empty()) {
    std::string text;
    for (const std::string& preset : presets) text += (text.empty() ? "" : ", ") + preset;
    std::printf("%s has presets for --preset: %s\n", info->id.c_str(), text.c_str());
  }
  std::printf("next: rondom preview %s\n", starter.name.c_str());
  return 0;
}

}  // namespace rondom::cli
