// starter_job: a first version of a job file, from what a source says it has. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "plugin/plugin.h"

namespace rondom::engine {

struct StarterJob {
  std::string name;
  std::string source;    // connection
  std::string currency;  // of the project
  std::vector<plugin::CatalogStream> streams;
  std::string preset;       // of the connector; empty = the map is guessed from names of fields
  config::Node preset_map;  // what the preset says, for the comments
  struct Preset {
    std::string stream, name;
    config::Node map;
  };
  std::vector<Preset> own_presets;  // those that are called like a stream, where none was asked for
};

/// The text of jobs/<name>.yaml. Fields that nobody would guess stand in it as comments.
std::string starter_job(const StarterJob& job);

/// A field as an expression: .a.b, ."odd name"; quoted for YAML where that is needed.
std::string field_expression(std::string_view name);

}  // namespace rondom::engine
