#include <algorithm>
#include <array>

#include "config/cron.h"
#include "config/readers.h"
#include "config/shape.h"
#include "model/model.h"

namespace rondom::config {
namespace {

constexpr std::array<std::string_view, 9> destination_keys = {
    "audience", "entity",        "purpose",    "options", "match_on",
    "on_leave", "on_withdrawal", "on_missing", "map"};

void read_cron(const Node& schedule, Schedule& starts, Reading& reading) {
  const Node* cron = schedule.find("cron");
  const Node* zone = schedule.find("zone");
  if (zone != nullptr && cron == nullptr) {
    reading.diagnostics.error(zone->at, "zone belongs to cron",
                              "the other schedules know no clock");
  }
  if (cron == nullptr || !cron->is_scalar()) return;
  starts.kind = Schedule::Kind::cron;
  starts.zone = reading.project.defaults.time_zone;
  if (zone != nullptr && zone->is_scalar()) {
    starts.zone = zone->text;
    if (!is_time_zone(zone->text)) {
      reading.diagnostics.error(zone->at, "no time zone " + excerpt(zone->text, 80),
                                "an IANA name such as Europe/Amsterdam, or UTC");
    }
  }
  CronProblem problem;
  if (!parse_cron(cron->text, starts.cron, problem)) {
    reading.diagnostics.error(location_in(cron->at, cron->text, problem.offset, problem.length),
                              problem.message, problem.hint);
  }
  starts.text = "cron " + cron->text + (starts.zone.empty() ? "" : " " + starts.zone);
}

std::int64_t read_duration(const Node& map, const char* key, Diagnostics& diagnostics) {
  const Node* node = map.find(key);
  if (node == nullptr || !node->is_scalar()) return 0;
  const std::optional<std::int64_t> duration = parse_duration(node->text);
  if (!duration) {
    diagnostics.error(node->at, std::string(key) + " must be a duration such as 15m, 1h or 1d");
  }
  return duration.value_or(0);
}

void read_schedule(const Node& root, Job& job, Reading& reading) {
  const Node* schedule = map_of(root, "schedule");
  if (schedule == nullptr) return;
  job.schedule = *schedule;
  Schedule& starts = job.starts;
  const std::size_t beside = schedule->find("zone") != nullptr ? 1 : 0;
  if (schedule->members.size() != 1 + beside) {
    reading.diagnostics.error(schedule->at,
                              "schedule needs exactly one of every, cron, after and continuous");
  }
  if (const Node* every = schedule->find("every"); every != nullptr && every->is_scalar()) {
    starts.kind = Schedule::Kind::every;
    starts.every = read_duration(*schedule, "every", reading.diagnostics);
    starts.text = "every " + every->text;
  }
  read_cron(*schedule, starts, reading);
  const Node* continuous = schedule->find("continuous");
  if (continuous != nullptr && continuous->is_scalar()) {
    starts.kind = Schedule::Kind::continuous;
    starts.text = "continuous";
    if (continuous->text == "false") {
      reading.diagnostics.error(continuous->at, "continuous: false says nothing",
                                "write continuous: true, or another schedule");
    }
  }
  if (const Node* after = list_of(*schedule, "after")) {
    starts.kind = Schedule::Kind::after;
    starts.after = texts_of(*schedule, "after");
    starts.text = "after " + join(starts.after, ", ");
    if (after->items.empty()) reading.diagnostics.error(after->at, "after names no job");
    for (const Node& item : after->items) {
      if (item.is_scalar()) reading.uses.push_back({NameUse::Kind::job, item.text, item.at});
    }
  }
}

void read_limit(const Node& limits, std::string_view key, bool applies, const char* whose,
                double& value, Diagnostics& diagnostics) {
  for (const auto& [name, node] : limits.members) {
    if (name.text != key) continue;
    if (!applies) {
      diagnostics.error(name.at, std::string(key) + " is a limit of " + whose);
    } else if (node.is_scalar()) {
      value = parse_percent(node.text).value_or(value);
    }
  }
}

std::vector<Expression> read_key(const Node& map) {
  const Node* key = map.find("key");
  std::vector<Expression> parts;
  if (key == nullptr) return parts;
  if (key->is_scalar()) parts.push_back({key->text, key->at});
  for (const Node& item : key->items) {
    if (item.is_scalar()) parts.push_back({item.text, item.at});
  }
  return parts;
}

void check_key(const Node& map, Reading& reading) {
  const Node* key = map.find("key");
  if (key == nullptr) return;
  const bool is_list = key->kind == Node::Kind::list;
  for (const Expression& part : read_key(map)) {
    const bool constant = is_list && !part.text.starts_with('.') && !part.text.starts_with('$');
    if (!constant) check_expression(part, reading);
  }
}

bool is_activity(std::string_view entity) {
  const std::optional<Entity> found = entity_from(entity);
  return found.has_value() && !is_party(*found);
}

/// The default of keep_raw, where the job itself says what the records become.
bool keeps_raw(const SourceStream& stream) {
  if (!stream.entity.empty()) return !is_activity(stream.entity);
  if (stream.records.items.empty()) return true;
  return std::any_of(stream.records.items.begin(), stream.records.items.end(),
                     [](const Node& record) { return !is_activity(text_of(record, "entity")); });
}

void check_records(const Node& records, Reading& reading) {
  if (records.items.empty()) reading.diagnostics.error(records.at, "records is empty");
  for (const Node& record : records.items) {
    if (record.kind != Node::Kind::map) continue;
    check_key(record, reading);
    check_expression(expression_of(record, "when"), reading);
    check_expression(expression_of(record, "for_each"), reading);
  }
}

/// Exactly one of entity + map, preset (with or without map), records.
void check_form(const Node& node, Diagnostics& diagnostics) {
  const bool entity = node.find("entity") != nullptr;
  const bool map = node.find("map") != nullptr;
  const bool preset = node.find("preset") != nullptr;
  const bool records = node.find("records") != nullptr;
  const char* problem = nullptr;
  if (records && (entity || map || preset)) {
    problem = "records stands alone: entity and map go inside it, a preset cannot be mixed in";
  } else if (preset && entity) {
    problem = "a preset brings its own entity; remove one of the two";
  } else if (entity && !map) {
    problem = "entity needs a map";
  } else if (map && !entity && !preset) {
    problem = "map needs an entity or a preset";
  } else if (!records && !preset && !entity) {
    problem = "a stream needs entity and map, a preset, or records";
  }
  if (problem != nullptr) diagnostics.error(node.at, problem);
}

OnDrift on_drift_of(const Node& node, std::string_view key, OnDrift otherwise) {
  const std::string word = text_of(node, key);  // another one was told with its place
  if (word == "ignore") return OnDrift::ignore;
  if (word == "report") return OnDrift::report;
  return word == "stop" ? OnDrift::stop : otherwise;
}

DriftPolicy drift_policy_of(const Node& stream) {
  DriftPolicy policy;
  const Node* const node = map_of(stream, "on_drift");
  if (node == nullptr) return policy;
  policy.appeared = on_drift_of(*node, "new", policy.appeared);
  policy.vanished = on_drift_of(*node, "vanished", policy.vanished);
  policy.retyped = on_drift_of(*node, "retyped", policy.retyped);
  return policy;
}

SourceStream read_stream(Node& node, Reading& reading) {
  SourceStream stream;
  stream.at = node.at;
  stream.stream = text_of(node, "stream");
  stream.entity = text_of(node, "entity");
  stream.preset = text_of(node, "preset");
  stream.key = read_key(node);
  stream.cursor = expression_of(node, "cursor");
  stream.when = expression_of(node, "when");
  stream.country = expression_of(node, "country");
  stream.fresh_within = read_duration(node, "fresh_within", reading.diagnostics);
  for (auto& [key, value] : node.members) {
    if (key.text == "options") {
      fill_options(value, reading);
    } else {
      refuse_references(value, reading.diagnostics);
    }
  }
  if (const Node* options = map_of(node, "options")) {
    stream.options_json = to_json(*options);
    stream.options = *options;
  }
  if (const Node* map = map_of(node, "map")) stream.map = *map;
  if (const Node* records = list_of(node, "records")) {
    stream.records = *records;
    check_records(*records, reading);
  }
  check_key(node, reading);
  check_expression(stream.cursor, reading);
  check_expression(stream.when, reading);
  check_expression(stream.country, reading);
  check_form(node, reading.diagnostics);
  stream.keep_raw = boolean_of(node, "keep_raw", keeps_raw(stream));
  stream.on_drift = drift_policy_of(node);
  return stream;
}

void refuse_keys_of_destinations(const Node& root, Diagnostics& diagnostics) {
  for (const auto& [key, value] : root.members) {
    if (std::find(destination_keys.begin(), destination_keys.end(), key.text) !=
        destination_keys.end()) {
      diagnostics.error(key.at, key.text + " belongs to a destination job",
                        "in a source job it may stand inside a stream, or not at all");
    }
  }
}

void read_source(Node& root, Job& job, Reading& reading) {
  SourceJob source;
  refuse_keys_of_destinations(root, reading.diagnostics);
  bool has_streams = false;
  for (auto& [key, value] : root.members) {
    if (key.text != "streams") continue;
    has_streams = true;
    if (value.kind == Node::Kind::list && value.items.empty()) {
      reading.diagnostics.error(value.at, "streams is empty");
    }
    if (value.kind == Node::Kind::null) {
      reading.diagnostics.error(value.at, "streams has no value");
    }
    for (Node& item : value.items) {
      if (item.kind == Node::Kind::map) source.streams.push_back(read_stream(item, reading));
    }
  }
  if (!has_streams) reading.diagnostics.error(root.at, "a source job needs streams");
  job.source = std::move(source);
}

void use_name(const Node& root, std::string_view key, NameUse::Kind kind, Reading& reading) {
  const Node* value = root.find(key);
  if (value == nullptr || !value->is_scalar() || value->text.empty()) return;
  reading.uses.push_back({kind, value->text, value->at});
}

void read_destination(Node& root, const Node& destination_key, Job& job, Reading& reading) {
  DestinationJob destination;
  for (auto& [key, value] : root.members) {
    if (key.text == "options") {
      fill_options(value, reading);
      if (value.kind == Node::Kind::map) {
        destination.options_json = to_json(value);
        destination.options = value;
      }
    } else if (key.text == "streams") {
      reading.diagnostics.error(key.at, "streams belongs to a source job");
    }
  }
  destination.audience = text_of(root, "audience");
  destination.purpose = text_of(root, "purpose");
  destination.match_on = text_of(root, "match_on");
  if (text_of(root, "entity") == "organization") destination.entity = "organization";
  if (root.find("purpose") == nullptr) {
    reading.diagnostics.error(destination_key.at, "every destination job names its purpose",
                              "add purpose: and declare it under purposes: in rondom.yaml");
  }
  if (root.find("map") == nullptr) {
    reading.diagnostics.error(destination_key.at, "a destination job needs a map",
                              "each line is a field of the target: expression");
  }
  use_name(root, "purpose", NameUse::Kind::purpose, reading);
  use_name(root, "audience", NameUse::Kind::audience, reading);
  const std::string on_leave = text_of(root, "on_leave");
  if (on_leave == "leave_segment") destination.on_leave = OnLeave::leave_segment;
  if (on_leave == "delete") destination.on_leave = OnLeave::remove;
  if (text_of(root, "on_withdrawal") == "delete") destination.on_withdrawal = OnWithdrawal::remove;
  destination.clear_missing = text_of(root, "on_missing") == "clear";
  if (const Node* map = map_of(root, "map")) destination.map = *map;
  job.destination = std::move(destination);
}

void read_limits(const Node& root, Job& job, Diagnostics& diagnostics) {
  const Node* limits = map_of(root, "limits");
  if (limits == nullptr) return;
  DestinationJob none;
  DestinationJob& target = job.destination ? *job.destination : none;
  const bool is_destination = job.destination.has_value();
  read_limit(*limits, "tombstones", !is_destination, "source jobs", job.tombstones_percent_max,
             diagnostics);
  read_limit(*limits, "removals", is_destination, "destination jobs", target.removals_percent_max,
             diagnostics);
  read_limit(*limits, "changes", is_destination, "destination jobs", target.changes_percent_max,
             diagnostics);
}

const Node* key_node(const Node& map, std::string_view name) {
  for (const auto& [key, value] : map.members) {
    if (key.text == name) return &key;
  }
  return nullptr;
}

}  // namespace

void read_job(Node& root, Reading& reading) {
  if (root.kind != Node::Kind::map) return;
  Job job;
  job.at = root.at;
  job.name = text_of(root, "job");
  if (const Node* name = root.find("job")) {
    job.at = name->at;
    check_name(name, "a job", reading.diagnostics);
  }
  for (const auto& [key, value] : root.members) {
    if (key.text != "streams" && key.text != "options") {
      refuse_references(value, reading.diagnostics);
    }
  }
  read_schedule(root, job, reading);
  job.timeout = read_duration(root, "timeout", reading.diagnostics);
  const Node* source = root.find("source");
  const Node* destination = root.find("destination");
  if ((source == nullptr) == (destination == nullptr)) {
    const Node* second = destination != nullptr ? key_node(root, "destination") : nullptr;
    reading.diagnostics.error(second != nullptr ? second->at : job.at,
                              "a job needs exactly one of source and destination");
    return;
  }
  if (source != nullptr) {
    job.connection = text_of(root, "source");
    use_name(root, "source", NameUse::Kind::connection, reading);
    read_source(root, job, reading);
    const std::int64_t fresh_within = read_duration(root, "fresh_within", reading.diagnostics);
    for (SourceStream& stream : job.source->streams) {
      if (stream.fresh_within == 0) stream.fresh_within = fresh_within;
    }
  } else {
    job.connection = text_of(root, "destination");
    use_name(root, "destination", NameUse::Kind::connection, reading);
    read_destination(root, *key_node(root, "destination"), job, reading);
    if (const Node* fresh = key_node(root, "fresh_within")) {
      reading.diagnostics.error(fresh->at, "fresh_within belongs to a source job");
    }
  }
  read_limits(root, job, reading.diagnostics);
  reading.project.jobs.push_back(std::move(job));
}

}  // namespace rondom::config
