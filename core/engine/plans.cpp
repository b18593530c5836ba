#include "engine/plans.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "pipeline/normalize/normalize.h"

namespace rondom::engine {

namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string text_member(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value != nullptr && value->is_text() ? std::string(value->as_text()) : std::string();
}

config::Node read_preset(const config::Project& project, const config::Job& job,
                         const config::SourceStream& stream, const plugin::Inventory& inventory,
                         config::Diagnostics& diagnostics) {
  if (stream.preset.empty()) return {};
  const config::Connection* connection = project.connection(job.connection);
  if (connection == nullptr) return {};
  // Files that a system wrote come by another connector, and the system's own knows what is in
  // them.
  const std::size_t dot = stream.preset.find('.');
  const bool of_another = dot != std::string::npos;
  const std::string connector = of_another ? stream.preset.substr(0, dot) : connection->connector;
  const plugin::ConnectorInfo* info = inventory.find(connector, plugin::Kind::source);
  if (info == nullptr && of_another) {
    diagnostics.error(stream.at, "preset \"" + stream.preset +
                                     "\": there is no source connector \"" + connector + "\"");
  }
  if (info == nullptr) return {};  // the unknown connector is reported once, by validate
  const std::string file = stream.preset.substr(of_another ? dot + 1 : 0) + ".yaml";
  if (info->preset_directory.empty() ||
      !std::filesystem::exists(std::filesystem::path(info->preset_directory) / file)) {
    diagnostics.error(stream.at,
                      "connector " + info->id + " has no preset \"" + stream.preset + "\"");
    return {};
  }
  return config::read_yaml(info->preset_directory, file, diagnostics);
}

/// What the project's own jobs write into the records of this stream, as the connector declares it.
/// By what a job adopts contacts is left out: the system had it first, and it says whose record it
/// is.
std::vector<map::OwnField> own_fields(const config::Project& project, const config::Job& job,
                                      const config::SourceStream& stream,
                                      const plugin::Inventory& inventory) {
  std::vector<map::OwnField> own;
  const config::Connection* connection = project.connection(job.connection);
  const plugin::ConnectorInfo* info =
      connection == nullptr ? nullptr : inventory.find(connection->connector, plugin::Kind::source);
  if (info == nullptr) return own;
  JsonReader reader;
  Arena arena;
  const auto spec = reader.parse(info->spec_json, arena);
  const Value* streams = spec.ok() && spec->is_object() ? spec->find("x-written-streams") : nullptr;
  if (streams == nullptr || !streams->is_list()) return own;
  bool is_written = false;
  for (std::uint32_t i = 0; i < streams->size(); ++i) {
    const Value& name = streams->item(i);
    is_written = is_written || (name.is_text() && name.as_text() == stream.stream);
  }
  if (!is_written) return own;
  for (const config::Job& other : project.jobs) {
    if (!other.destination.has_value() || other.connection != job.connection) continue;
    for (const auto& [key, value] : other.destination->map.members) {
      if (key.text != other.destination->match_on) own.push_back({key.text, other.name});
    }
  }
  return own;
}

/// Everything but the record that decides about its values: the map, the defaults under which it is
/// read, and the cleaners.
std::uint64_t whole_fingerprint(std::uint64_t map, const config::Project& project,
                                const config::Job& job) {
  const config::Connection* connection = project.connection(job.connection);
  const config::Defaults& defaults =
      connection != nullptr ? connection->defaults : project.defaults;
  return Hasher()
      .add(map)
      .add(normalize::rules_version)
      .add(defaults.country)
      .add(defaults.language)
      .add(defaults.currency)
      .add(defaults.time_zone)
      .value();
}

}  // namespace

std::uint64_t fingerprint_as(const StreamPlan& plan, const config::Project& project,
                             const config::Job& job, std::string_view source,
                             std::string_view name) {
  return whole_fingerprint(map::fingerprint_as(*plan.plan, source, name), project, job);
}

std::string catalog_path(const config::Project& project, std::string_view job) {
  return project.files + "/catalog/" + std::string(job) + ".json";
}

std::string catalog_json(const plugin::Catalog& catalog, std::string_view saved_on) {
  std::string out = "{\n  \"saved_on\": ";
  append_json_string(out, saved_on);
  out += ",\n  \"streams\": [";
  bool first_stream = true;
  for (const plugin::CatalogStream& stream : catalog.streams) {
    out += first_stream ? "\n    {\"stream\": " : ",\n    {\"stream\": ";
    first_stream = false;
    append_json_string(out, stream.name);
    out += ", \"key\": [";
    for (std::size_t i = 0; i < stream.key.size(); ++i) {
      if (i > 0) out += ", ";
      append_json_string(out, stream.key[i]);
    }
    out += "], \"cursor\": ";
    append_json_string(out, stream.cursor);
    out += ",\n     \"fields\": [";
    for (std::size_t i = 0; i < stream.fields.size(); ++i) {
      out += i > 0 ? ",\n       {\"name\": " : "\n       {\"name\": ";
      append_json_string(out, stream.fields[i].name);
      out += ", \"type\": ";
      append_json_string(out, stream.fields[i].type);
      out += "}";
    }
    out += "]}";
  }
  return out + "\n  ]\n}\n";
}

map::KnownFields known_fields(const config::Project& project, std::string_view job,
                              std::string_view stream) {
  map::KnownFields known;
  const std::string text = read_file(catalog_path(project, job));
  if (text.empty()) return known;
  JsonReader reader;
  Arena arena;
  const auto parsed = reader.parse(text, arena);
  if (!parsed.ok() || !parsed->is_object()) return known;
  const Value* streams = parsed->find("streams");
  if (streams == nullptr || !streams->is_list()) return known;
  for (std::uint32_t i = 0; i < streams->size(); ++i) {
    const Value& entry = streams->item(i);
    if (!entry.is_object() || text_member(entry, "stream") != stream) continue;
    known.saved_on = text_member(*parsed, "saved_on");
    known.cursor = text_member(entry, "cursor");
    if (const Value* key = entry.find("key"); key != nullptr && key->is_list()) {
      for (std::uint32_t k = 0; k < key->size(); ++k) {
        if (key->item(k).is_text()) known.key.emplace_back(key->item(k).as_text());
      }
    }
    if (const Value* fields = entry.find("fields"); fields != nullptr && fields->is_list()) {
      for (std::uint32_t f = 0; f < fields->size(); ++f) {
        if (fields->item(f).is_object())
          known.names.push_back(text_member(fields->item(f), "name"));
      }
    }
  }
  return known;
}

void check_fields_seen(const config::Project& project, const config::Job& job,
                       const config::SourceStream& stream, const plugin::Inventory& inventory,
                       const std::vector<std::string>& names, config::Diagnostics& diagnostics,
                       const std::vector<std::string>& gone) {
  map::KnownFields seen;
  seen.names = names;
  seen.gone = gone;
  const config::Node preset = read_preset(project, job, stream, inventory, diagnostics);
  (void)map::compile_stream(project, job, stream, preset, seen, diagnostics);
}

std::vector<StreamPlan> compile_job(const config::Project& project, const config::Job& job,
                                    const plugin::Inventory& inventory,
                                    config::Diagnostics& diagnostics) {
  std::vector<StreamPlan> plans;
  for (const config::SourceStream& stream : job.source->streams) {
    StreamPlan plan;
    plan.stream = &stream;
    const config::Node preset = read_preset(project, job, stream, inventory, diagnostics);
    map::KnownFields known = known_fields(project, job.name, stream.stream);
    known.own = own_fields(project, job, stream, inventory);
    plan.plan = map::compile_stream(project, job, stream, preset, known, diagnostics);
    if (plan.plan != nullptr)
      plan.fingerprint = whole_fingerprint(map::fingerprint(*plan.plan), project, job);
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace rondom::engine
