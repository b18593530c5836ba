#include "pipeline/enrich/plan.h"

#include <algorithm>

#include "config/profile_schema.h"
#include "expression/expression.h"
#include "expression/parser.h"

namespace rondom::enrich {
namespace {

using expression::Ast;
using expression::StaticType;
using expression::word_of;

/// Grows with every change of what the same definition gives.
constexpr std::uint64_t values_version = 1;

/// Names that a profile has for expressions beside its fields and attributes.
constexpr std::string_view permitted_name = "permitted";

class Compiler {
 public:
  Compiler(PlanInside& plan, const config::ProfileSchema& schema,
           std::span<const std::string> profile_fields, config::Diagnostics& diagnostics)
      : plan_(plan), schema_(schema), fields_(profile_fields), diagnostics_(diagnostics) {}

  void compile();

 private:
  void start(std::uint32_t index);
  void start_value(PlannedAttribute& attribute, Hasher& hasher);
  void start_rules(PlannedAttribute& attribute, Hasher& hasher);
  bool start_formula(PlannedAttribute& attribute, const config::Expression& written,
                     Formula& formula, Hasher& hasher, config::Shape& shape);
  void start_constant(PlannedAttribute& attribute, const config::Rule& given, PlannedRule& rule,
                      Hasher& hasher);
  void check_name(const config::Attribute& given);
  bool fits(const PlannedAttribute& attribute, const config::Shape& shape) const;
  void read_missing(PlannedAttribute& attribute);
  bool visit(std::uint32_t index);
  void report_cycle(std::uint32_t index);
  void combine(PlannedAttribute& attribute);

  PlanInside& plan_;
  const config::ProfileSchema& schema_;
  std::span<const std::string> fields_;
  config::Diagnostics& diagnostics_;
  enum class Mark : std::uint8_t { fresh, open, done };
  std::vector<Mark> marks_;
  std::vector<std::uint32_t> path_;
};

void Compiler::check_name(const config::Attribute& given) {
  const bool taken = std::any_of(fields_.begin(), fields_.end(),
                                 [&](const std::string& field) {
                                   return field.substr(0, field.find('.')) == given.name;
                                 }) ||
                     given.name == permitted_name ||
                     activity_list_named(given.name) < activity_lists_count;
  if (!taken) return;
  diagnostics_.error(given.at, "a profile has a field " + given.name + " already",
                     "choose another name for the attribute");
}

bool Compiler::fits(const PlannedAttribute& attribute, const config::Shape& shape) const {
  const std::size_t list = activity_list_named(attribute.given->type);
  if (list < activity_lists_count) {
    return shape.type == StaticType::list && shape.place == config::place_of_list(list);
  }
  if (shape.type == StaticType::any || shape.type == StaticType::null) return true;
  const StaticType wanted = config::static_type(attribute.given->type);
  return shape.type == wanted || (wanted == StaticType::money && shape.type == StaticType::number);
}

void Compiler::read_missing(PlannedAttribute& attribute) {
  const config::Attribute& given = *attribute.given;
  if (!given.when_missing.has_value()) return;
  const config::Node& node = *given.when_missing;
  std::string problem;
  const Value text = Value::text(plan_.constants.copy(node.text));
  if (coerce(text, given.type, plan_.currency, true, plan_.constants, attribute.when_missing,
             problem) &&
      value_type(given.type) != ValueType::list) {
    return;
  }
  diagnostics_.error(node.at, "when_missing: " + excerpt(node.text, 60) +
                                  " is of another type than " + given.type);
}

/// Compiles an expression over the profile. False when it is not sound, which then was reported.
bool Compiler::start_formula(PlannedAttribute& attribute, const config::Expression& written,
                             Formula& formula, Hasher& hasher, config::Shape& shape) {
  const config::Attribute& given = *attribute.given;
  const bool of_source = !given.source.empty();
  formula.ast = std::make_shared<Ast>();
  expression::Problem problem;
  if (!parse(written.text, plan_.project->library.get(), *formula.ast, problem)) {
    // The reader has said so of an expression; a source is only seen to be none here.
    if (of_source) {
      diagnostics_.error(written.at, "source is the name of a field, such as custom.tier");
    }
    return false;
  }
  bool sound = true;
  const config::Report report = [&](std::size_t offset, std::size_t length,
                                    const std::string& message, const std::string& hint) {
    diagnostics_.error(of_source ? written.at : config::place_in(written, offset, length), message,
                       hint);
    sound = false;
  };
  shape = config::shape_of(written.text, plan_.project->library.get(), schema_, report);
  expression::Expression whole;
  if (!expression::Expression::compile(written.text, whole, problem,
                                       plan_.project->library.get())) {
    return false;
  }
  attribute.depends_on_time =
      attribute.depends_on_time || whole.depends_on_time() || whole.reads_relations();
  hasher.add(whole.meaning());
  for (const expression::FieldUse& use : whole.fields()) {
    const std::string& name = use.path.front();
    const std::size_t list = activity_list_named(name);
    if (list < activity_lists_count) attribute.reads.set(list);
    const auto found = plan_.by_name.find(name);
    if (found != plan_.by_name.end()) attribute.inputs.push_back(found->second);
  }
  return sound;
}

void Compiler::start_value(PlannedAttribute& attribute, Hasher& hasher) {
  const config::Attribute& given = *attribute.given;
  config::Expression written = given.value;
  if (!given.source.empty()) written.text = "." + given.source;
  config::Shape shape;
  PlannedRule& rule = attribute.rules.emplace_back();
  attribute.sound = start_formula(attribute, written, rule.value, hasher, shape);
  if (!attribute.sound || !given.source.empty()) return;
  if (!fits(attribute, shape)) {
    const bool is_part = activity_list_named(given.type) < activity_lists_count;
    diagnostics_.error(
        config::place_in(written, 0, written.text.size()),
        given.name + (is_part ? " is a part of ." : " is of type ") + given.type +
            ", and its value is " +
            (is_part && shape.type == StaticType::list ? "another list" : word_of(shape.type)),
        is_part ? "as in ." + given.type + " | where(…)" : std::string());
    attribute.sound = false;
  } else if (activity_list_named(given.type) < activity_lists_count) {
    const auto list = std::make_shared<Ast>();
    expression::Problem ignored;
    if (parse(written.text, plan_.project->library.get(), *list, ignored)) attribute.list = list;
  }
}

void Compiler::start_constant(PlannedAttribute& attribute, const config::Rule& given,
                              PlannedRule& rule, Hasher& hasher) {
  const Value text = Value::text(plan_.constants.copy(given.value.text));
  std::string problem;
  if (!coerce(text, attribute.given->type, plan_.currency, true, plan_.constants, rule.constant,
              problem)) {
    diagnostics_.error(given.value.at,
                       attribute.given->name + " is of type " + attribute.given->type + ", and " +
                           excerpt(given.value.text, 60) + " is not",
                       "an expression starts with . or $");
    attribute.sound = false;
  }
  hasher.add(given.value.text);
}

void Compiler::start_rules(PlannedAttribute& attribute, Hasher& hasher) {
  attribute.sound = true;
  for (const config::Rule& given : attribute.given->rules) {
    PlannedRule& rule = attribute.rules.emplace_back();
    config::Shape shape;
    hasher.add(given.when.present() ? 1u : 0u).add(given.computed ? 1u : 0u);
    if (given.when.present()) {
      const bool sound = start_formula(attribute, given.when, rule.when, hasher, shape);
      attribute.sound = attribute.sound && sound;
      const bool condition = shape.type == StaticType::boolean || shape.type == StaticType::any ||
                             shape.type == StaticType::null;
      if (sound && !condition) {
        diagnostics_.error(config::place_in(given.when, 0, given.when.text.size()),
                           std::string("when is true or false, and this is ") + word_of(shape.type),
                           "compare it, or ask whether there is any: … | exists");
        attribute.sound = false;
      }
    }
    if (!given.computed) {
      start_constant(attribute, given, rule, hasher);
      continue;
    }
    const bool sound = start_formula(attribute, given.value, rule.value, hasher, shape);
    attribute.sound = attribute.sound && sound;
    if (!sound || fits(attribute, shape)) continue;
    diagnostics_.error(config::place_in(given.value, 0, given.value.text.size()),
                       attribute.given->name + " is of type " + attribute.given->type +
                           ", and this value is " + word_of(shape.type));
    attribute.sound = false;
  }
}

void Compiler::start(std::uint32_t index) {
  PlannedAttribute& attribute = plan_.attributes[index];
  const config::Attribute& given = *attribute.given;
  attribute.type = value_type(given.type);
  check_name(given);
  read_missing(attribute);
  Hasher hasher;
  hasher.add(values_version);
  if (given.rules.empty()) {
    start_value(attribute, hasher);
  } else {
    start_rules(attribute, hasher);
  }
  hasher.add(given.type).add(given.source.empty() ? 0u : 1u);
  hasher.add(plan_.time_zone).add(plan_.currency);
  Arena scratch;
  hasher.add(attribute.when_missing.is_null() ? 0u : 1u)
      .add(attribute.when_missing.to_text(scratch));
  attribute.fingerprint = hasher.value();
  std::sort(attribute.inputs.begin(), attribute.inputs.end());
  attribute.inputs.erase(std::unique(attribute.inputs.begin(), attribute.inputs.end()),
                         attribute.inputs.end());
  if (given.purposes.empty()) return;
  attribute.purposes = given.purposes;
  std::sort(attribute.purposes->begin(), attribute.purposes->end());
}

void Compiler::report_cycle(std::uint32_t index) {
  const auto from = std::find(path_.begin(), path_.end(), index);
  std::string way;
  for (auto at = from; at != path_.end(); ++at) way += plan_.attributes[*at].given->name + " -> ";
  const config::Attribute& given = *plan_.attributes[index].given;
  diagnostics_.error(given.at,
                     "attribute " + given.name + " is computed from itself: " + way + given.name);
}

/// What holds for what it reads holds for it. The inputs are combined already.
void Compiler::combine(PlannedAttribute& attribute) {
  Hasher hasher;
  hasher.add(attribute.fingerprint);
  for (const std::uint32_t input : attribute.inputs) {
    const PlannedAttribute& of = plan_.attributes[input];
    attribute.sound = attribute.sound && of.sound;
    attribute.reads |= of.reads;
    attribute.depends_on_time = attribute.depends_on_time || of.depends_on_time;
    hasher.add(of.given->name).add(of.fingerprint);
    if (!of.purposes.has_value()) continue;
    if (!attribute.purposes.has_value()) {
      attribute.purposes = of.purposes;
      continue;
    }
    std::vector<std::string> both;
    std::set_intersection(attribute.purposes->begin(), attribute.purposes->end(),
                          of.purposes->begin(), of.purposes->end(), std::back_inserter(both));
    attribute.purposes = std::move(both);
  }
  attribute.fingerprint = hasher.value();
}

/// Depth first; false when the attribute takes part in a circle. Depth is bounded by the number of
/// attributes (limits::attributes_max).
bool Compiler::visit(std::uint32_t index) {
  PlannedAttribute& attribute = plan_.attributes[index];
  if (marks_[index] == Mark::done) return attribute.sound;
  if (marks_[index] == Mark::open) {
    report_cycle(index);
    return false;
  }
  marks_[index] = Mark::open;
  path_.push_back(index);
  for (const std::uint32_t input : attribute.inputs) {
    if (!visit(input)) attribute.sound = false;
  }
  path_.pop_back();
  marks_[index] = Mark::done;
  combine(attribute);
  return attribute.sound;
}

void Compiler::compile() {
  const auto count = static_cast<std::uint32_t>(plan_.attributes.size());
  for (std::uint32_t i = 0; i < count; ++i) start(i);
  marks_.assign(count, Mark::fresh);
  for (std::uint32_t i = 0; i < count; ++i) (void)visit(i);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (plan_.attributes[i].sound) lower(plan_, i);
  }
}

}  // namespace

namespace {

void add_recipe(PlanInside& plan, const PlannedAttribute& attribute) {
  Recipe& recipe = plan.recipes.emplace_back();
  recipe.type = attribute.type;
  recipe.depends_on_time = attribute.depends_on_time;
  recipe.when_missing = attribute.when_missing;
  recipe.is_sound = attribute.sound;
  recipe.is_table = !attribute.given->rules.empty();
  if (!recipe.is_sound || recipe.is_table || attribute.rules.size() != 1) return;
  const PlannedRule& rule = attribute.rules.front();
  if (rule.when.present() || !rule.value.present()) return;
  recipe.is_plain = true;
  recipe.first = static_cast<std::uint32_t>(plan.recipe_reads.size());
  for (const auto* reads : {&rule.value.attributes, &rule.value.aggregates}) {
    plan.recipe_reads.insert(plan.recipe_reads.end(), reads->begin(), reads->end());
  }
  recipe.attributes = static_cast<std::uint32_t>(rule.value.attributes.size());
  recipe.aggregates = static_cast<std::uint32_t>(rule.value.aggregates.size());
  const expression::Node& root = rule.value.ast->node(rule.value.ast->root);
  if (root.kind == expression::Node::Kind::slot) recipe.slot = root.slot;
}

}  // namespace

Plan::Plan(const config::Project& project, Entity entity,
           std::span<const std::string> profile_fields, config::Diagnostics& diagnostics)
    : inside_(std::make_unique<PlanInside>()) {
  inside_->project = &project;
  inside_->time_zone = project.defaults.time_zone;
  inside_->currency = project.defaults.currency;
  for (const config::Attribute& given : project.attributes) {
    if (!config::is_attribute_of(given, entity)) continue;
    const auto index = static_cast<std::uint32_t>(inside_->attributes.size());
    if (!inside_->by_name.emplace(given.name, index).second) continue;  // reported: a second one
    inside_->attributes.emplace_back().given = &given;
  }
  const config::ProfileSchema schema(project, entity, profile_fields);
  Compiler(*inside_, schema, profile_fields, diagnostics).compile();
  for (const PlannedAttribute& attribute : inside_->attributes) add_recipe(*inside_, attribute);
}

Plan::~Plan() = default;
Plan::Plan(Plan&&) noexcept = default;

std::size_t Plan::size() const {
  return inside_->attributes.size();
}
const config::Attribute& Plan::attribute(std::size_t index) const {
  return *inside_->attributes[index].given;
}
std::size_t Plan::index_of(std::string_view name) const {
  const auto found = inside_->by_name.find(name);
  return found == inside_->by_name.end() ? size() : found->second;
}
const std::vector<std::uint32_t>& Plan::inputs(std::size_t index) const {
  return inside_->attributes[index].inputs;
}
bool Plan::reads(std::size_t index, std::size_t list) const {
  return inside_->attributes[index].reads.test(list);
}
bool Plan::reads_activities(std::size_t index) const {
  return inside_->attributes[index].reads.any();
}
bool Plan::depends_on_time(std::size_t index) const {
  return inside_->attributes[index].depends_on_time;
}
bool Plan::allows(std::size_t index, std::string_view purpose) const {
  const auto& purposes = inside_->attributes[index].purposes;
  return !purposes.has_value() ||
         std::find(purposes->begin(), purposes->end(), purpose) != purposes->end();
}
std::uint64_t Plan::fingerprint(std::size_t index) const {
  return inside_->attributes[index].fingerprint;
}
Plan::Shares Plan::shares() const {
  return {inside_->aggregates.size(), inside_->interpreted};
}

}  // namespace rondom::enrich
