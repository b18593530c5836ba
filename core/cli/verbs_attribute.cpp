// attribute list|show|why
#include <cstdio>

#include "base/text.h"
#include "cli/attribute_text.h"
#include "cli/cli.h"
#include "cli/failure.h"
#include "cli/run_text.h"
#include "cli/terminal.h"
#include "engine/attributes.h"
#include "engine/expected_value.h"
#include "pipeline/segment/segment.h"

namespace rondom::cli {

namespace {

constexpr std::size_t named_records_max = 5;

/// The plan of an attribute's entity, and its index there.
enrich::Plan plan_for(const config::Project& project, const config::Attribute& attribute,
                      config::Diagnostics& diagnostics) {
  const Entity entity = entity_from(attribute.entity).value_or(Entity::person);
  return enrich::Plan(project, entity, segment::profile_fields(entity), diagnostics);
}

void append_member(std::string& json, const char* name, std::string_view text) {
  json += std::string(json.size() > 1 ? "," : "") + "\"" + name + "\":";
  append_json_string(json, text);
}

void append_words(std::string& json, const char* name, const std::vector<std::string>& words) {
  json += std::string(",\"") + name + "\":[";
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) json += ',';
    append_json_string(json, words[i]);
  }
  json += ']';
}

std::string definition_json(const config::Project& project, const config::Attribute& attribute) {
  std::string json = "{";
  append_member(json, "name", attribute.name);
  append_member(json, "type", attribute.type);
  append_member(json, "entity", attribute.entity.empty() ? "any" : attribute.entity);
  append_member(json, "label", label_of(project, attribute));
  append_member(json, "definition", attribute.definition);
  append_member(json, "owner", attribute.owner);
  if (attribute.rules.empty()) append_member(json, "value", value_of(attribute));
  for (std::size_t i = 0; i < attribute.rules.size(); ++i) {
    const config::Rule& rule = attribute.rules[i];
    std::string one = "{";
    if (rule.when.present()) append_member(one, "when", rule.when.text);
    append_member(one, "value", rule.value.text);
    append_member(one, "because", rule.because);
    json += (i == 0 ? ",\"rules\":[" : ",") + one + "}";
  }
  if (!attribute.rules.empty()) json += ']';
  if (!attribute.like.empty()) append_member(json, "like", attribute.like);
  if (attribute.when_missing.has_value()) {
    append_member(json, "when_missing", attribute.when_missing->text);
  }
  append_words(json, "purposes", attribute.purposes);
  append_member(json, "defined_in", place_of_attribute(attribute));
  return json + "}";
}

std::optional<Workspace> open_attributes(const Options& options, int& exit_code) {
  std::optional<Workspace> workspace = open_workspace(options, exit_code);
  if (!workspace.has_value()) return workspace;
  config::Diagnostics diagnostics;
  engine::check_attributes(*workspace->project, diagnostics);
  if (diagnostics.empty()) return workspace;
  print_problems(diagnostics, workspace->project->root, workspace->project->files_read);
  exit_code = fail({ErrorCode::bad_config, "the attributes are not sound"});
  return std::nullopt;
}

int fail_unknown_attribute(const config::Project& project, const std::string& name) {
  std::vector<std::string> known;
  for (const config::Attribute& one : project.attributes) known.push_back(one.name);
  return fail_unknown("attribute", name, known);
}

std::vector<std::string> input_names(const enrich::Plan& plan, std::size_t index) {
  std::vector<std::string> names;
  for (const std::uint32_t input : plan.inputs(index)) names.push_back(plan.attribute(input).name);
  return names;
}

/// What an attribute is now and what made it so, for one profile.
struct Why {
  std::unique_ptr<engine::AttributeReader> reader;  // what the values point into
  const config::Attribute* attribute = nullptr;
  enrich::Computed computed;
  std::vector<enrich::Evidence> evidence;
  std::vector<std::string> read;  // names of attributes
  std::vector<std::pair<std::string, Value>> inputs;
  engine::Activities activities;
};

std::string why_json(const config::Project& project, const Why& why, const store::Profile& profile,
                     Timestamp as_of) {
  std::string json = "{\"attribute\":" + definition_json(project, *why.attribute);
  append_member(json, "profile", to_text(profile.uid));
  append_member(json, "as_of", format_time(as_of));
  json += ",\"value\":";
  engine::append_attribute_json(json, why.computed.value);
  if (!why.computed.problem.empty()) append_member(json, "problem", why.computed.problem);
  if (why.computed.changes_at != no_time) {
    append_member(json, why.computed.certain ? "changes_at" : "unchanged_until",
                  format_time(why.computed.changes_at));
  }
  const std::size_t asked = rules_asked(*why.attribute, why.computed);
  for (std::size_t i = 0; i < asked; ++i) {
    const bool holds = i == why.computed.rule && why.computed.problem.empty();
    std::string one =
        "{\"rule\":" + std::to_string(i + 1) + ",\"holds\":" + (holds ? "true" : "false");
    append_member(one, "because", why.attribute->rules[i].because);
    json += (i == 0 ? ",\"rules\":[" : ",") + one + "}";
  }
  if (asked > 0) json += ']';
  json += ",\"inputs\":{";
  for (std::size_t i = 0; i < why.inputs.size(); ++i) {
    if (i > 0) json += ',';
    append_json_string(json, why.inputs[i].first);
    json += ':';
    engine::append_attribute_json(json, why.inputs[i].second);
  }
  json += "},\"of\":[";
  for (std::size_t i = 0; i < why.evidence.size(); ++i) {
    const enrich::Evidence& one = why.evidence[i];
    std::string part = "{";
    append_member(part, "expression", one.expression);
    part += ",\"value\":";
    engine::append_attribute_json(part, one.value);
    if (!one.problem.empty()) append_member(part, "problem", one.problem);
    if (one.rule != enrich::no_rule) part += ",\"rule\":" + std::to_string(one.rule + 1);
    if (one.known) append_words(part, "records", records_of(why.activities, one));
    json += (i > 0 ? "," : "") + part + "}";
  }
  return json + "],\"activities_complete\":" + (why.activities.complete ? "true" : "false") + "}";
}

/// The rules that were asked, down to the one that decided.
void print_rules(const config::Attribute& attribute, const enrich::Computed& computed) {
  std::printf("  = %s   %s\n", decided_by(attribute, computed).c_str(),
              place_of_attribute(attribute).c_str());
  for (std::size_t i = 0; i < rules_asked(attribute, computed); ++i) {
    const bool decides = i == computed.rule;
    const char* answer = !decides ? "no " : computed.problem.empty() ? "yes" : "?  ";
    std::printf("  %zu %s  %s   (%s)\n", i + 1, answer, attribute.rules[i].because.c_str(),
                when_of(attribute.rules[i]).c_str());
  }
}

void print_why(const Why& why, Timestamp as_of) {
  const config::Attribute& attribute = *why.attribute;
  std::printf("%s  %s\n", attribute.name.c_str(),
              why.computed.problem.empty() ? engine::shown(why.computed.value).c_str()
                                           : "cannot be computed");
  if (!why.computed.problem.empty()) {
    std::printf("! %.*s\n", static_cast<int>(why.computed.problem.size()),
                why.computed.problem.data());
  }
  std::printf("%s\n", attribute.definition.c_str());
  if (attribute.rules.empty()) {
    std::printf("  = %s   %s\n", value_of(attribute).c_str(),
                place_of_attribute(attribute).c_str());
  } else {
    print_rules(attribute, why.computed);
  }
  for (const auto& [name, value] : why.inputs) {
    std::printf("  .%s is %s\n", name.c_str(), engine::shown(value).c_str());
  }
  for (const enrich::Evidence& one : why.evidence) {
    const std::string of_rule =
        one.rule == enrich::no_rule ? "" : "(" + std::to_string(one.rule + 1) + ") ";
    std::printf("  %s%s\n    gives %s", of_rule.c_str(), one.expression.c_str(),
                one.problem.empty() ? engine::shown(one.value).c_str() : one.problem.c_str());
    if (one.known) {
      std::vector<std::string> records = records_of(why.activities, one);
      const std::size_t count = records.size();
      if (count > named_records_max) records.resize(named_records_max);
      std::printf(
          ", of %zu %s%s%s%s", count,
          (count == 1 ? activity_lists()[one.list].one : activity_lists()[one.list].name).data(),
          count > 0 ? ": " : "", join(records, ", ").c_str(),
          count > named_records_max ? ", …" : "");
    }
    std::printf("\n");
  }
  if (why.computed.changes_at != no_time) {
    std::printf("as of %s; %s %s when nothing else happens\n", format_time(as_of).c_str(),
                why.computed.certain ? "changes on" : "does not change before",
                format_time(why.computed.changes_at).c_str());
  } else {
    std::printf("as of %s; time alone does not change it\n", format_time(as_of).c_str());
  }
  if (!why.activities.complete) {
    std::printf("! only the newest %zu activities were looked at\n", engine::activities_read_max);
  }
}

Result<Why> ask_why(engine::Engine& engine, const config::Attribute& attribute,
                    const store::Profile& profile, Timestamp as_of) {
  std::set<std::string> names{attribute.name};
  RONDOM_TRY_ASSIGN(auto reader, engine::AttributeReader::make(engine.project(), engine.store(),
                                                               profile.entity, as_of, &names));
  RONDOM_TRY(reader->load({&profile, 1}, enrich::Changes::find));
  const auto index = static_cast<std::uint32_t>(reader->plan().index_of(attribute.name));
  Why why;
  why.attribute = &attribute;
  why.computed = reader->computed(profile.id).front();
  why.evidence = reader->evidence(index);
  for (const std::uint32_t input : reader->inputs(index)) {
    why.read.push_back(reader->plan().attribute(input).name);
  }
  why.activities = reader->activities();
  why.reader = std::move(reader);
  return why;
}

/// The attributes that it reads, as they are.
Status ask_inputs(engine::Engine& engine, const store::Profile& profile, Timestamp as_of,
                  Arena& arena, Why& why) {
  if (why.read.empty()) return {};
  const std::set<std::string> names(why.read.begin(), why.read.end());
  RONDOM_TRY_ASSIGN(const auto reader,
                    engine::AttributeReader::make(engine.project(), engine.store(), profile.entity,
                                                  as_of, &names));
  RONDOM_TRY(reader->load({&profile, 1}, enrich::Changes::ignore));
  const Value whole = reader->profile_value(profile, arena);
  for (const std::string& name : why.read) {
    const Value* value = whole.find(name);
    // Shown as text, so that nothing points into the reader.
    why.inputs.emplace_back(name, value == nullptr || value->is_null()
                                      ? Value()
                                      : Value::text(arena.copy(engine::shown(*value))));
  }
  return {};
}

}  // namespace

int attribute_list(const Options& options) {
  int exit_code = 0;
  const auto workspace = open_attributes(options, exit_code);
  if (!workspace.has_value()) return exit_code;
  const config::Project& project = *workspace->project;
  Table table({"ATTRIBUTE", "type", "label", "owner", "defined in"});
  std::string json = "[";
  for (const config::Attribute& one : project.attributes) {
    table.add({one.name, one.type, label_of(project, one), one.owner, place_of_attribute(one)});
    json += (json.size() > 1 ? ",\n" : "") + definition_json(project, one);
  }
  if (options.output == "json") {
    std::printf("%s]\n", json.c_str());
  } else if (table.empty()) {
    std::puts("no attributes: attributes/*.yaml defines them");
  } else {
    std::fputs(table.render().c_str(), stdout);
  }
  return 0;
}

int attribute_show(const Options& options) {
  int exit_code = 0;
  const auto workspace = open_attributes(options, exit_code);
  if (!workspace.has_value()) return exit_code;
  const config::Project& project = *workspace->project;
  const config::Attribute* attribute = project.attribute(options.words.front());
  if (attribute == nullptr) return fail_unknown_attribute(project, options.words.front());
  config::Diagnostics ignored;
  const enrich::Plan plan = plan_for(project, *attribute, ignored);
  const std::size_t index = plan.index_of(attribute->name);
  std::vector<std::string> readers;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    for (const std::uint32_t input : plan.inputs(i)) {
      if (input == index) readers.push_back(plan.attribute(i).name);
    }
  }
  if (options.output == "json") {
    std::string json = definition_json(project, *attribute);
    json.pop_back();
    append_words(json, "reads", input_names(plan, index));
    append_words(json, "read_by", readers);
    json += std::string(",\"depends_on_time\":") +
            (plan.depends_on_time(index) ? "true" : "false") + "}";
    std::printf("%s\n", json.c_str());
    return 0;
  }
  Table table({attribute->name, attribute->type});
  const auto row = [&](const char* name, const std::string& text) {
    if (!text.empty()) table.add({name, text});
  };
  row("label", label_of(project, *attribute));
  row("definition", attribute->definition);
  row("owner", attribute->owner);
  row("value", value_of(*attribute));
  for (std::size_t i = 0; i < attribute->rules.size(); ++i) {
    const config::Rule& rule = attribute->rules[i];
    row(("rule " + std::to_string(i + 1)).c_str(),
        rule.value.text + ": " + rule.because + " (" + when_of(rule) + ")");
  }
  row("like", attribute->like);
  row("when missing", attribute->when_missing.has_value() ? attribute->when_missing->text : "");
  row("purposes", attribute->purposes.empty() ? "any" : join(attribute->purposes, ", "));
  row("reads", join(input_names(plan, index), ", "));
  row("read by", join(readers, ", "));
  row("changes",
      plan.depends_on_time(index) ? "also by the passing of time" : "with the data only");
  row("defined in", place_of_attribute(*attribute));
  std::fputs(table.render().c_str(), stdout);
  return 0;
}

int attribute_why(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const std::optional<Timestamp> at = as_of(options, exit_code);
  if (exit_code != 0) return exit_code;
  const auto engine = open_engine(options, true, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const config::Project& project = engine->project();
  const config::Attribute* attribute = project.attribute(options.words[0]);
  if (attribute == nullptr) return fail_unknown_attribute(project, options.words[0]);
  const auto id = find_profile(*engine, options.words[1]);
  if (!id.ok()) return fail(id.error());
  const std::vector<store::ProfileId> wanted{*id};
  const auto profiles = engine->store().profiles(wanted);
  if (!profiles.ok()) return fail(profiles.error());
  const store::Profile& profile = profiles->front();
  if (!config::is_attribute_of(*attribute, profile.entity)) {
    return fail({ErrorCode::failure, attribute->name + " is an attribute of " + attribute->entity +
                                         "s, and this is a " + to_text(profile.entity)});
  }
  const Timestamp moment = at.value_or(engine->surroundings().clock->now());
  auto why = ask_why(*engine, *attribute, profile, moment);
  if (!why.ok()) return fail(why.error());
  Arena arena;
  const Status inputs = ask_inputs(*engine, profile, moment, arena, *why);
  if (!inputs.ok()) return fail(inputs.error());
  if (options.output == "json") {
    std::printf("%s\n", why_json(project, *why, profile, moment).c_str());
  } else {
    print_why(*why, moment);
  }
  return 0;
}

}  // namespace rondom::cli
