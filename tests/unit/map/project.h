// A small project around one stream under test, written as YAML the way a user writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "pipeline/map/map.h"

namespace rondom::map_tests {

/// What became of one cell, in a form that a test can compare: "emails.value[1]=a@example.com".
inline std::string cell_text(const Cell& cell) {
  const AttributeInfo* info = attribute_by_id(cell.attribute);
  std::string text(info->name);
  if (!cell.name.empty()) text += '.' + std::string(cell.name);
  if (cell.group > 0) text += '[' + std::to_string(cell.group) + ']';
  return text + '=' + std::string(cell.value);
}

struct Record {
  Entity entity = Entity::person;
  std::string key;
  std::vector<std::string> cells;  // in the order of a record's bytes
};

struct Outcome {
  map::Mapped::Kind kind = map::Mapped::Kind::mapped;
  std::string key;
  std::string problem;  // of the key
  std::string reason;
  std::string country;
  Timestamp observed_at = no_time;
  std::uint64_t raw_hash = 0;
  std::vector<Record> records;
};

inline Record copy_of(const map::MappedRecord& mapped) {
  Record record;
  record.entity = mapped.entity;
  record.key = std::string(mapped.key);
  for (const Cell& cell : read_cells(mapped.cells->bytes()))
    record.cells.push_back(cell_text(cell));
  return record;
}

inline Outcome run(map::Mapper& mapper, std::string_view json, Arena& arena,
                   Timestamp changed_at = no_time) {
  Outcome outcome;
  const map::Identity identity = mapper.identify(json, arena);
  outcome.problem = std::string(identity.problem);
  outcome.raw_hash = identity.raw_hash;
  const map::Mapped mapped = mapper.map(changed_at, arena);
  outcome.kind = mapped.kind;
  outcome.key = std::string(mapped.key);
  outcome.reason = std::string(mapped.reason);
  outcome.country = std::string(mapped.country);
  outcome.observed_at = mapped.observed_at;
  for (const map::MappedRecord& record : mapped.records) outcome.records.push_back(copy_of(record));
  return outcome;
}

/// The project "acme": connection salesforce reads Account and Contact, webshop customers and
/// orders.
class Fixture {
 public:
  Fixture() {
    project.defaults = {"NL", "nl", "EUR", "Europe/Amsterdam"};
    for (const char* name : {"salesforce", "webshop"}) {
      config::Connection connection;
      connection.name = name;
      connection.connector = "sql";
      connection.defaults = project.defaults;
      project.connections.push_back(connection);
    }
    config::Purpose newsletter;
    newsletter.name = "email_marketing";
    newsletter.channel = "email";
    project.purposes.push_back(newsletter);
    project.jobs.push_back(source_job("crm", "salesforce", {"Account", "Contact"}));
    project.jobs.push_back(source_job("shop", "webshop", {"customers", "orders"}));
    fields.key = {"Id"};
  }

  static config::Job source_job(const char* name, const char* connection,
                                std::vector<const char*> streams) {
    config::Job job;
    job.name = name;
    job.connection = connection;
    job.source.emplace();
    for (const char* stream : streams) {
      config::SourceStream named;
      named.stream = stream;
      job.source->streams.push_back(named);
    }
    return job;
  }

  /// `yaml` is one entry of `streams:`; `preset` a plugin's own file.
  std::shared_ptr<const map::Plan> compile(std::string_view yaml,
                                           std::string_view preset_yaml = {}) {
    diagnostics = config::Diagnostics();
    const config::SourceStream stream =
        read_stream(config::parse_yaml(yaml, "crm.yaml", diagnostics));
    config::Node preset_node;
    if (!preset_yaml.empty())
      preset_node = config::parse_yaml(preset_yaml, "preset.yaml", diagnostics);
    return map::compile_stream(project, project.jobs[job], stream, preset_node, fields,
                               diagnostics);
  }

  /// Compiles and maps one record; a map that does not compile gives its messages as the reason.
  Outcome map(std::string_view yaml, std::string_view json, Timestamp changed_at = no_time) {
    const auto plan = compile(yaml, preset);
    if (plan == nullptr) {
      Outcome broken;
      broken.kind = map::Mapped::Kind::refused;
      broken.reason = problems();
      return broken;
    }
    Arena arena;
    map::Mapper mapper(plan);
    return run(mapper, json, arena, changed_at);
  }

  /// "line:column: message (hint)", one a line.
  std::string problems() const {
    std::string text;
    for (const config::Diagnostic& problem : diagnostics.errors()) {
      if (!text.empty()) text += '\n';
      text += std::to_string(problem.at.line) + ':' + std::to_string(problem.at.column) + ": " +
              problem.message;
      if (!problem.hint.empty()) text += " (" + problem.hint + ")";
    }
    return text;
  }

  config::Project project;
  std::size_t job = 0;  // whose stream is compiled
  map::KnownFields fields;
  std::string preset;
  config::Diagnostics diagnostics;

 private:
  static config::Expression as_expression(const config::Node& node) { return {node.text, node.at}; }

  static config::SourceStream read_stream(const config::Node& node) {
    config::SourceStream stream;
    stream.stream = "Contact";
    stream.at = node.at;
    for (const auto& [name, value] : node.members) {
      if (name.text == "stream") stream.stream = value.text;
      if (name.text == "entity") stream.entity = value.text;
      if (name.text == "preset") stream.preset = value.text;
      if (name.text == "cursor") stream.cursor = as_expression(value);
      if (name.text == "when") stream.when = as_expression(value);
      if (name.text == "country") stream.country = as_expression(value);
      if (name.text == "map") stream.map = value;
      if (name.text == "records") stream.records = value;
      if (name.text != "key") continue;
      if (value.is_scalar()) stream.key.push_back(as_expression(value));
      for (const config::Node& part : value.items) stream.key.push_back(as_expression(part));
    }
    return stream;
  }
};

inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace rondom::map_tests
