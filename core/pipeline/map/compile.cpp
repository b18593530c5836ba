#include <set>

#include "base/text.h"
#include "pipeline/map/compiler.h"

namespace rondom::map {
namespace {

config::Node as_node(const config::Expression& expression) {
  config::Node node;
  node.kind = config::Node::Kind::scalar;
  node.text = expression.text;
  node.at = expression.at;
  return node;
}

/// A preset is either a bare map, or a stream's worth of keys (entity, key, map, records …).
bool is_whole_stream(const config::Node& preset) {
  return preset.find("map") != nullptr || preset.find("records") != nullptr ||
         preset.find("entity") != nullptr;
}

bool has_members(const config::Node& node) {
  return node.kind == config::Node::Kind::map && !node.members.empty();
}

const config::Node* find_in(const config::Node* node, std::string_view key) {
  return node != nullptr && node->kind == config::Node::Kind::map ? node->find(key) : nullptr;
}

/// A list of one record may be written as that record.
const config::Node* only_record(const config::Node* records) {
  if (records == nullptr) return nullptr;
  if (records->kind == config::Node::Kind::map) return records;
  return records->kind == config::Node::Kind::list && records->items.size() == 1
             ? &records->items.front()
             : nullptr;
}

}  // namespace

std::optional<Entity> Compiler::entity(std::string_view name, const config::Location& at) {
  const std::optional<Entity> found = entity_from(name);
  if (found) return found;
  const auto names = entity_names();
  const std::string hint = meant(name, {names.begin(), names.end()});
  error(at, "no entity " + std::string(name),
        hint.empty() ? "there is " + join({names.begin(), names.end()}, ", ") : hint);
  return std::nullopt;
}

std::vector<Operand> Compiler::key_parts(const config::Node& node, const Place& place) {
  std::vector<Operand> parts;
  if (node.kind == config::Node::Kind::list) {
    for (const config::Node& part : node.items) parts.push_back(key_part(part, place));
  } else {
    parts.push_back(key_part(node, place));
  }
  if (parts.empty()) error(node.at, "key has no parts");
  return parts;
}

void Compiler::compile_key(const config::Node* preset) {
  const Place place;
  for (const config::Expression& part : stream_.key) {
    plan_->key.push_back(key_part(as_node(part), place));
  }
  if (!plan_->key.empty()) return;
  if (const auto* key = find_in(preset, "key")) {
    plan_->key = key_parts(*key, place);
    return;
  }
  for (const std::string& name : fields_.key) plan_->key.push_back(field(name));
  if (plan_->key.empty()) {
    error(stream_.at, "stream " + stream_.stream + " has no key",
          "write key: the field that tells its records apart; rondom discover " + job_.name +
              " --save asks the source for it");
  }
}

void Compiler::compile_cursor(const config::Node* preset) {
  const Place place;
  if (stream_.cursor.present()) {
    plan_->cursor = expression(stream_.cursor.text, stream_.cursor.at, place);
  } else if (const auto* cursor = find_in(preset, "cursor")) {
    plan_->cursor = expression(*cursor, place);
  } else if (!fields_.cursor.empty()) {
    plan_->cursor = field(fields_.cursor);
    plan_->cursor_is_default = true;
  }
}

void Compiler::compile_settings(const config::Node* preset) {
  const Place place;
  Place in_preset;
  in_preset.from_preset = true;
  compile_key(preset);
  compile_cursor(preset);
  if (stream_.when.present()) {
    plan_->when = expression(stream_.when.text, stream_.when.at, place);
  } else if (const auto* when = find_in(preset, "when")) {
    plan_->when = expression(*when, in_preset);
  }
  if (stream_.country.present()) {
    plan_->country = key_part(as_node(stream_.country), place);
  } else if (const auto* country = find_in(preset, "country")) {
    plan_->country = key_part(*country, in_preset);
  }
}

void Compiler::compile_single_record(const config::Node* preset_entity,
                                     const config::Node* preset_map) {
  std::string name = stream_.entity;
  config::Location at = stream_.at;
  if (name.empty() && preset_entity != nullptr) {
    name = preset_entity->text;
    at = preset_entity->at;
  }
  if (name.empty()) {
    error(stream_.at, "stream " + stream_.stream + " makes nothing",
          "write entity: and map:, or records:");
    return;
  }
  const std::optional<Entity> found = entity(name, at);
  if (!found) return;
  RecordPlan record;
  record.entity = *found;
  const std::vector<MapEntry> entries = lay_over(*found, preset_map, &stream_.map);
  if (entries.empty()) {
    error(stream_.at, "stream " + stream_.stream + " has no map",
          "write map: which field goes where");
  }
  Place place;
  place.entity = *found;
  compile_targets(entries, place, record);
  plan_->records.push_back(std::move(record));
}

void Compiler::compile_record(const config::Node& node, bool from_preset,
                              const config::Node* changes) {
  if (node.kind != config::Node::Kind::map) {
    error(node.at, "records takes a list of { entity, map }");
    return;
  }
  if (!refuse_others(node, {"entity", "when", "for_each", "key", "map"}, "records")) return;
  const config::Node* name = node.find("entity");
  const config::Node* map = node.find("map");
  if (name == nullptr) error(node.at, "a record needs entity");
  if (map == nullptr) error(node.at, "a record needs map");
  if (name == nullptr || map == nullptr) return;
  const std::optional<Entity> found = entity(name->text, name->at);
  if (!found) return;

  RecordPlan record;
  record.entity = *found;
  Place place;
  place.entity = *found;
  place.from_preset = from_preset;
  if (const auto* for_each = node.find("for_each")) {
    Place items = place;
    items.is_evidence = true;
    record.for_each = expression(*for_each, items);
    place.inside_item = true;
    if (node.find("key") == nullptr) {
      error(for_each->at, "records made by for_each need a key of their own",
            "write key: [$.FIELD, $index]");
    }
  }
  if (const auto* when = node.find("when")) record.when = expression(*when, place);
  if (const auto* key = node.find("key")) record.key = key_parts(*key, place);
  const std::vector<MapEntry> entries =
      from_preset ? lay_over(*found, map, changes) : lay_over(*found, nullptr, map);
  compile_targets(entries, place, record);
  plan_->records.push_back(std::move(record));
}

void Compiler::compile_records(const config::Node& records, bool from_preset) {
  if (records.kind == config::Node::Kind::list) {
    for (const config::Node& record : records.items) compile_record(record, from_preset, nullptr);
    if (records.items.empty()) error(records.at, "records makes nothing");
  } else {
    compile_record(records, from_preset, nullptr);
  }
}

std::shared_ptr<const Plan> Compiler::compile(const config::Node& preset) {
  plan_->source = job_.connection;
  plan_->stream = stream_.stream;
  plan_->name_prefix = record_name(job_.connection, stream_.stream, "");
  const config::Connection* connection = project_.connection(job_.connection);
  plan_->defaults = connection != nullptr ? connection->defaults : project_.defaults;

  const bool is_map = preset.kind == config::Node::Kind::map;
  const config::Node* whole = is_map && is_whole_stream(preset) ? &preset : nullptr;
  compile_settings(whole);

  const config::Node* preset_map = whole ? whole->find("map") : (is_map ? &preset : nullptr);
  const config::Node* preset_records = find_in(whole, "records");
  const bool has_own_records = stream_.records.kind != config::Node::Kind::null;
  if (has_own_records) {
    if (has_members(stream_.map)) {
      error(stream_.map.at, "map and records do not go together", "each record has its own map");
    }
    compile_records(stream_.records, false);
  } else if (preset_records == nullptr) {
    compile_single_record(find_in(whole, "entity"), preset_map);
  } else if (!has_members(stream_.map)) {
    compile_records(*preset_records, true);
  } else if (const config::Node* record = only_record(preset_records)) {
    compile_record(*record, true, &stream_.map);
  } else {
    error(stream_.map.at, "the preset makes several records: a map cannot change them",
          "write records: with all of them");
  }
  if (errors_ > 0) return nullptr;
  plan_->fingerprint = hash64(print(*plan_));
  return plan_;
}

std::shared_ptr<const Plan> compile_stream(const config::Project& project, const config::Job& job,
                                           const config::SourceStream& stream,
                                           const config::Node& preset, const KnownFields& fields,
                                           config::Diagnostics& diagnostics) {
  return Compiler(project, job, stream, fields, diagnostics).compile(preset);
}

std::uint64_t fingerprint(const Plan& plan) {
  return plan.fingerprint;
}

std::uint64_t fingerprint_as(const Plan& plan, std::string_view source, std::string_view name) {
  return hash64(print(plan, source, name));
}

std::vector<std::string> namespaces_of(const Plan& plan) {
  std::set<std::string> found;
  for (const RecordPlan& record : plan.records) {
    for (const CellPlan& cell : record.scalars) {
      if (cell.attribute == attribute::identifier) found.insert(cell.name);
      if (!cell.value_prefix.empty()) {
        found.insert(cell.value_prefix.substr(0, cell.value_prefix.size() - 1));
      }
    }
  }
  return {found.begin(), found.end()};
}

std::vector<std::string> identifiers_of(const Plan& plan) {
  std::set<std::string> found;
  for (const RecordPlan& record : plan.records) {
    for (const CellPlan& cell : record.scalars) {
      if (cell.attribute == attribute::identifier) found.insert(cell.name);
    }
  }
  return {found.begin(), found.end()};
}

bool makes_activities_only(const Plan& plan) {
  for (const RecordPlan& record : plan.records) {
    if (is_party(record.entity)) return false;
  }
  return true;
}

}  // namespace rondom::map
