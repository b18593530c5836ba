// Which attributes expressions read, and whether they may.
#include <algorithm>

#include "engine/attributes.h"
#include "expression/expression.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

void collect(const std::string& text, const expression::Library* library,
             std::set<std::string>& names) {
  expression::Expression compiled;
  expression::Problem ignored;
  if (!expression::Expression::compile(text, compiled, ignored, library)) return;
  for (const expression::FieldUse& use : compiled.fields()) names.insert(use.path.front());
}

void collect(const config::Condition& condition, const expression::Library* library,
             std::set<std::string>& names) {
  if (condition.expression.present()) collect(condition.expression.text, library, names);
  for (const config::Condition& child : condition.children) collect(child, library, names);
}

}  // namespace

void collect_names(const config::Audience& audience, const expression::Library* library,
                   std::set<std::string>& names) {
  for (const config::Condition& condition : audience.all) collect(condition, library, names);
}

/// Constants of a map are no paths, so what they would read as an expression does not matter.
void collect_names(const config::Node& map, const expression::Library* library,
                   std::set<std::string>& names) {
  if (map.is_scalar()) collect(map.text, library, names);
  for (const config::Node& item : map.items) collect_names(item, library, names);
  for (const auto& [key, value] : map.members) collect_names(value, library, names);
}

void check_attributes(const config::Project& project, config::Diagnostics& diagnostics) {
  for (const Entity entity : {Entity::person, Entity::organization}) {
    (void)enrich::Plan(project, entity, segment::profile_fields(entity), diagnostics);
  }
}

void check_purposes(const config::Project& project, const config::Job& job,
                    config::Diagnostics& diagnostics) {
  if (!job.destination.has_value() || project.attributes.empty()) return;
  const config::DestinationJob& destination = *job.destination;
  const Entity entity = entity_from(destination.entity).value_or(Entity::person);
  std::set<std::string> of_map, of_audience;
  collect_names(destination.map, project.library.get(), of_map);
  const config::Audience* audience = project.audience(destination.audience);
  if (audience != nullptr) collect_names(*audience, project.library.get(), of_audience);
  config::Diagnostics ignored;
  const enrich::Plan plan(project, entity, segment::profile_fields(entity), ignored);
  const auto check = [&](const std::set<std::string>& names, const config::Location& at,
                         const std::string& reads) {
    for (const std::string& name : names) {
      const std::size_t index = plan.index_of(name);
      if (index == plan.size() || plan.allows(index, destination.purpose)) continue;
      diagnostics.error(
          at,
          reads + " reads " + name + ", which may not be used for " +
              (destination.purpose.empty() ? "a job without a purpose" : destination.purpose),
          "its purposes are in " + (plan.attribute(index).at.file ? *plan.attribute(index).at.file
                                                                  : std::string("rondom.yaml")));
    }
  };
  check(of_map, destination.map.at, "the map");
  check(of_audience, job.at, "audience " + destination.audience);
}

}  // namespace rondom::engine
