#include "config/profile_schema.h"

#include <algorithm>

#include "config/shape.h"
#include "expression/checker.h"
#include "expression/function.h"
#include "expression/parser.h"

namespace rondom::config {
namespace {

using expression::Ast;
using AstNode = expression::Node;
using expression::NodeId;
using expression::StaticType;
using expression::Step;

constexpr std::size_t names_listed_max = 16;

StaticType static_type(AttributeType type) {
  switch (type) {
    case AttributeType::date: return StaticType::date;
    case AttributeType::time: return StaticType::time;
    case AttributeType::integer:
    case AttributeType::decimal: return StaticType::number;
    case AttributeType::boolean: return StaticType::boolean;
    case AttributeType::money: return StaticType::money;
    default: return StaticType::text;
  }
}

/// The shapes of an expression's parts, from the outside in. What the expression language itself
/// finds wrong with operands of some types it finds once more, now that more types are known.
class Walk {
 public:
  Walk(Ast& ast, const expression::Library* library, const ProfileSchema& schema,
       const Report& report)
      : ast_(ast), library_(library), schema_(schema), report_(report) {}

  Shape node(NodeId id, Shape current) {
    const Shape shape = shape_of(id, current);
    ast_.nodes[id].type = shape.type;
    return shape;
  }

  static constexpr Shape profile{StaticType::object, Place::profile};

 private:
  Shape shape_of(NodeId id, Shape current) {
    const AstNode& node = ast_.node(id);
    switch (node.kind) {
      case AstNode::Kind::current: return current;
      case AstNode::Kind::root: return profile;
      case AstNode::Kind::path: return path(node, current);
      case AstNode::Kind::call: return call(id, current);
      default: break;
    }
    for (const NodeId child : node.children) this->node(child, current);
    return is_sound(id) ? Shape{ast_.node(id).type, Place::unknown} : Shape();
  }

  bool is_sound(NodeId id) {
    expression::Problem problem;
    if (expression::check(ast_, library_, ast_.nodes[id], problem)) return true;
    report_(problem.offset, problem.length, problem.message, problem.hint);
    return false;
  }

  Shape path(const AstNode& node, Shape current) {
    Shape at = current;
    if (node.base == AstNode::Base::root) at = profile;
    if (node.base == AstNode::Base::child) at = this->node(node.children[0], current);
    bool spread = false;
    for (std::size_t i = 0; i < node.steps.size(); ++i) {
      const Step& step = node.steps[i];
      if (step.kind != Step::Kind::field) {
        spread = spread || step.kind == Step::Kind::spread;
        at = {StaticType::any, at.place};
        if (at.place != Place::unknown) at.type = StaticType::object;
        continue;
      }
      if (at.type == StaticType::list) {
        report_(node.offset, node.length, "a list has no field " + std::string(step.name),
                "[] takes every item, [0] the first");
        return {};
      }
      if (!field(node, i, at)) return {};
    }
    return spread ? Shape{StaticType::list, at.place} : at;
  }

  /// Follows one name; false when nothing can be said of what is behind it.
  bool field(const AstNode& node, std::size_t step, Shape& at) {
    const std::string name(node.steps[step].name);
    Shape found;
    if (!schema_.field(at.place, name, found)) {
      unknown(node, name, at.place);
      return false;
    }
    const bool has_more =
        step + 1 < node.steps.size() && node.steps[step + 1].kind == Step::Kind::field;
    if (at.place == Place::profile && has_more &&
        !schema_.member(name, node.steps[step + 1].name)) {
      unknown(node, name + "." + std::string(node.steps[step + 1].name), at.place);
      return false;
    }
    at = found;
    return true;
  }

  void unknown(const AstNode& node, const std::string& name, Place place) {
    if (place == Place::profile && name == "customer") {
      report_(node.offset, node.length, "nothing says when somebody is a customer",
              "write it in rondom.yaml, as in customer: .orders | within(730d) | exists");
      return;
    }
    const std::vector<std::string> names = schema_.names(place);
    const auto near = did_you_mean(name, names);
    std::string hint = near ? "did you mean " + *near + "?" : std::string();
    if (!near && names.size() <= names_listed_max) hint = "it has " + joined(names);
    report_(node.offset, node.length,
            place == Place::profile ? "no attribute " + name
                                    : schema_.word_of(place) + " has no field " + name,
            std::move(hint));
  }

  Shape call(NodeId id, Shape current) {
    const AstNode& node = ast_.node(id);
    const std::string_view name = node.function->info.name;
    std::vector<Shape> arguments;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const std::string_view letters = node.function->arguments;
      const char letter = letters[std::min(i, letters.size() - 1)];
      Shape inside = current;
      if (letter == 'i' || letter == 'c') inside = item_of(arguments.front());
      arguments.push_back(this->node(node.children[i], inside));
    }
    const auto argument = [&](std::size_t i) {
      return i < arguments.size() ? arguments[i] : Shape();
    };
    if (name == "within" && argument(0).place == Place::line) {
      report_(node.offset, node.length, "order lines have no time of their own",
              "put within() before each(.lines)");
    }
    if (!is_sound(id)) return {};
    if (name == "where" || name == "within") return {StaticType::list, argument(0).place};
    if (name == "latest" || name == "oldest" || name == "first" || name == "last") {
      return item_of(argument(0));
    }
    if (name == "each" || name == "distinct") {
      const Shape of = arguments.size() > 1 ? argument(1) : item_of(argument(0));
      return {StaticType::list, of.place};
    }
    if (name == "most_frequent" && arguments.size() < 2) return item_of(argument(0));
    if (name == "sum" || name == "avg" || name == "min" || name == "max" ||
        name == "most_frequent") {
      return arguments.size() > 1 ? argument(1) : Shape();
    }
    if (name == "default") return common(arguments, 0);
    if (name == "if") return arguments.size() > 2 ? common(arguments, 1) : argument(1);
    if (name == "minus") return common(arguments, 0);
    return {node.type, Place::unknown};
  }

  static Shape item_of(Shape list) {
    const bool known = list.place != Place::unknown;
    return {known ? StaticType::object : StaticType::any, list.place};
  }

  /// What all have in common; null goes with everything.
  static Shape common(const std::vector<Shape>& shapes, std::size_t from) {
    Shape out{StaticType::null, Place::unknown};
    for (std::size_t i = from; i < shapes.size(); ++i) {
      if (shapes[i].type == StaticType::null) continue;
      if (out.type == StaticType::null) {
        out = shapes[i];
      } else if (out.type != shapes[i].type) {
        return {};
      }
    }
    return out;
  }

  Ast& ast_;
  const expression::Library* library_;
  const ProfileSchema& schema_;
  const Report& report_;
};

}  // namespace

StaticType static_type(std::string_view attribute_type) {
  static const std::map<std::string_view, StaticType> types = {
      {"text", StaticType::text},      {"integer", StaticType::number},
      {"decimal", StaticType::number}, {"boolean", StaticType::boolean},
      {"date", StaticType::date},      {"time", StaticType::time},
      {"money", StaticType::money},    {"list", StaticType::list}};
  const auto found = types.find(attribute_type);
  return found == types.end() ? StaticType::any : found->second;
}

/// Of a list of plain texts nothing is known.
Place ProfileSchema::place_of_elements(const AttributeInfo& info) {
  if (info.id == attribute::tag_value) return Place::unknown;
  const auto known = std::find_if(lists_.begin(), lists_.end(),
                                  [&](const List& list) { return list.name == info.group; });
  const auto place =
      static_cast<Place>(std::size_t(Place::first_list) + std::size_t(known - lists_.begin()));
  if (known == lists_.end()) lists_.push_back({std::string(info.group), {}});
  return place;
}

ProfileSchema::ProfileSchema(const Project& project, Entity entity,
                             std::span<const std::string> profile_fields) {
  for (const AttributeInfo& info : attributes()) {
    const Shape shape{static_type(info.type), Place::unknown};
    const bool open = info.id == attribute::custom || info.id == attribute::identifier;
    if (info.group == "lines") {
      line_[std::string(info.member)] = shape;
      continue;
    }
    const std::string top(info.name.substr(0, info.name.find('.')));
    const Shape own = open ? Shape{StaticType::object, Place::unknown} : shape;
    for (std::size_t i = 0; i < activity_lists_count && info.group.empty(); ++i) {
      if (applies_to(info, activity_lists()[i].entity)) activities_[i][top] = own;
    }
    if (info.group.empty() && applies_to(info, entity)) {
      profile_[top] = top == info.name ? own : Shape{StaticType::object, Place::unknown};
    } else if (applies_to(info, entity)) {
      const Place place = place_of_elements(info);
      profile_[std::string(info.group)] = {StaticType::list, place};
      if (place != Place::unknown) {
        lists_[std::size_t(place) - std::size_t(Place::first_list)]
            .fields[std::string(info.member)] = shape;
      }
    }
  }
  line_["total"] = {StaticType::money, Place::unknown};
  activities_[0]["lines"] = {StaticType::list, Place::line};
  for (const std::string& name : profile_fields) {
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos) dotted_.push_back(name);
    profile_.try_emplace(name.substr(0, dot));
  }
  for (std::size_t i = 0; i < activity_lists_count; ++i) {
    profile_[std::string(activity_lists()[i].name)] = {StaticType::list, place_of_list(i)};
  }
  for (const Attribute& attribute : project.attributes) {
    if (!is_attribute_of(attribute, entity)) continue;
    const std::size_t list = activity_list_named(attribute.type);
    attributes_[attribute.name] = list < activity_lists_count
                                      ? Shape{StaticType::list, place_of_list(list)}
                                      : Shape{config::static_type(attribute.type), Place::unknown};
  }
}

const ProfileSchema::Fields& ProfileSchema::fields(Place place) const {
  if (place == Place::line) return line_;
  if (place < Place::order) return profile_;
  if (place >= Place::first_list) {
    return lists_[std::size_t(place) - std::size_t(Place::first_list)].fields;
  }
  return activities_[std::size_t(place) - std::size_t(Place::order)];
}

bool ProfileSchema::field(Place place, std::string_view name, Shape& out) const {
  const Fields& fields = this->fields(place);
  out = {};
  if (place == Place::unknown) return true;
  if (const auto found = fields.find(name); found != fields.end()) {
    out = found->second;
    return true;
  }
  const auto found = attributes_.find(name);
  if (place != Place::profile || found == attributes_.end()) return false;
  out = found->second;
  return true;
}

bool ProfileSchema::member(std::string_view name, std::string_view member) const {
  bool any = false;
  for (const std::string& dotted : dotted_) {
    const std::size_t dot = dotted.find('.');
    if (std::string_view(dotted).substr(0, dot) != name) continue;
    any = true;
    if (std::string_view(dotted).substr(dot + 1) == member) return true;
  }
  return !any;
}

std::vector<std::string> ProfileSchema::names(Place place) const {
  std::vector<std::string> names;
  for (const auto& [name, shape] : fields(place)) names.push_back(name);
  if (place != Place::profile) return names;
  for (const auto& [name, shape] : attributes_) names.push_back(name);
  for (const std::string& part : standard_parts()) names.push_back(part);
  names.insert(names.end(), dotted_.begin(), dotted_.end());
  return names;
}

std::string ProfileSchema::word_of(Place place) const {
  if (place == Place::line) return "an order line";
  if (place < Place::order) return "a profile";
  if (place < Place::first_list) {
    return std::string(
        activity_lists()[std::size_t(place) - std::size_t(Place::order)].with_article);
  }
  return "an element of " + lists_[std::size_t(place) - std::size_t(Place::first_list)].name;
}

Shape shape_of(std::string_view text, const expression::Library* library,
               const ProfileSchema& schema, const Report& report) {
  Ast ast;
  expression::Problem problem;
  if (!parse(text, library, ast, problem)) return {};
  return Walk(ast, library, schema, report).node(ast.root, Walk::profile);
}

}  // namespace rondom::config
