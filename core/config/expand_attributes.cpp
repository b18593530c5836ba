// From definitions to attributes: `like` is applied, `expand` makes one for each combination.
#include <algorithm>
#include <map>
#include <set>

#include "config/attribute_definitions.h"
#include "config/readers.h"
#include "config/shape.h"
#include "expression/expression.h"
#include "expression/library.h"
#include "model/model.h"

namespace rondom::config {
namespace {

/// One value of a placeholder, and what people call it.
struct Filling {
  std::string text;
  std::map<std::string, std::string> label;
};
struct Placeholder {
  std::string name;
  std::vector<Filling> values;
};
/// One value of each placeholder.
using Combination = std::vector<std::pair<std::string_view, const Filling*>>;

enum class Use { name, expression, words };

bool is_attribute_name(std::string_view name) {
  return is_plain_name(name) && name.find('-') == std::string_view::npos &&
         lower_ascii(name) == name;
}

/// The parts of a name that is made: whatever is no letter, digit or _ becomes _.
std::string as_name(std::string_view text) {
  std::string out = lower_ascii(text);
  for (char& c : out) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '_';
  }
  return out;
}

/// Calls found(offset, length) for each {placeholder}; false ends it.
template <typename Found>
bool each_placeholder(std::string_view text, Found found) {
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    std::size_t end = at + 1;
    while (end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || text[end] == '_' ||
                                 (text[end] >= '0' && text[end] <= '9' && end > at + 1))) {
      ++end;
    }
    if (end == at + 1 || end == text.size() || text[end] != '}') continue;
    if (!found(at, end + 1 - at)) return false;
  }
  return true;
}

std::string filled(std::string_view text, const Combination& combination, Use use,
                   std::string_view language) {
  std::string out;
  std::size_t done = 0;
  each_placeholder(text, [&](std::size_t at, std::size_t length) {
    const std::string_view name = text.substr(at + 1, length - 2);
    out += text.substr(done, at - done);
    done = at + length;
    for (const auto& [known, filling] : combination) {
      if (known != name) continue;
      const auto label = filling->label.find(std::string(language));
      if (use == Use::name) out += as_name(filling->text);
      if (use == Use::expression) out += filling->text;
      if (use == Use::words) {
        out += label == filling->label.end() ? filling->text : label->second;
      }
    }
    return true;
  });
  return out + std::string(text.substr(done));
}

class Expander {
 public:
  explicit Expander(Reading& reading)
      : reading_(reading),
        diagnostics_(reading.diagnostics),
        definitions_(reading.attributes, reading.diagnostics),
        parts_(definitions_) {}

  /// Of all definitions, and of what comes with Rondom and is read though nobody has taken it.
  void expand_all();

 private:
  void expand(const Definition& definition);
  bool read_placeholders(const Definition& definition, std::vector<Placeholder>& placeholders);
  bool read_values(const Node& name, const Node& node, Placeholder& placeholder);
  bool read_range(const Node& range, Placeholder& placeholder);
  bool check_parts(const Definition& definition, const std::vector<Placeholder>& placeholders);
  bool check_placeholders(const Node& text, const Location& at,
                          const std::vector<Placeholder>& placeholders);
  bool is_complete(const Definition& definition);
  bool is_complete_part(const Definition& definition, const std::string& named);
  Expression written(const Definition& definition, const Node& node, bool from_standard,
                     const Combination& combination);
  void read_rules(const Definition& definition, const Combination& combination,
                  Attribute& attribute);
  void add(const Definition& definition, const Combination& combination);
  void check(const Attribute& attribute, const Expression& expression);
  const Node* find(const Definition& definition, std::string_view key) const {
    bool ignored = false;
    return definitions_.find(definition, key, ignored);
  }
  std::string text(const Definition& definition, std::string_view key) const {
    const Node* node = find(definition, key);
    return node != nullptr && node->is_scalar() ? node->text : std::string();
  }

  Reading& reading_;
  Diagnostics& diagnostics_;
  Definitions definitions_;
  PartsRead parts_;
  bool limit_reported_ = false;
};

bool Expander::read_range(const Node& range, Placeholder& placeholder) {
  std::vector<long long> numbers;
  for (const Node& item : range.items) {
    const bool digits = item.is_scalar() && !item.text.empty() && item.text.size() <= 9 &&
                        item.text.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) return false;  // its shape is reported
    numbers.push_back(std::stoll(item.text));
  }
  const long long first = numbers.empty() ? 0 : numbers.front();
  const long long last = numbers.empty() ? 0 : numbers.back();
  if (numbers.size() != 2 || last < first) {
    diagnostics_.error(range.at,
                       "a range is [first, last], two whole numbers, the lower one first");
    return false;
  }
  if (static_cast<std::size_t>(last - first) >= limits::attributes_max) {
    diagnostics_.error(range.at, "a project has at most " + std::to_string(limits::attributes_max) +
                                     " attributes, and this alone makes " +
                                     std::to_string(last - first + 1));
    return false;
  }
  for (long long value = first; value <= last; ++value) {
    placeholder.values.push_back({std::to_string(value), {}});
  }
  return true;
}

bool Expander::read_values(const Node& name, const Node& node, Placeholder& placeholder) {
  const Node* vocabulary = node.find("vocabulary");
  const Node* range = node.find("range");
  const Node* list = node.find("list");
  for (const Node* one : {vocabulary, range, list}) {  // of a wrong shape: reported
    const Node::Kind kind = one == vocabulary ? Node::Kind::scalar : Node::Kind::list;
    if (one != nullptr && one->kind != kind) return false;
  }
  if ((vocabulary != nullptr) + (range != nullptr) + (list != nullptr) != 1) {
    diagnostics_.error(name.at,
                       "{" + name.text + "} needs exactly one of vocabulary, range and list");
    return false;
  }
  if (range != nullptr) return read_range(*range, placeholder);
  if (list != nullptr) {
    for (const Node& item : list->items) {
      if (!item.is_scalar()) return false;
      placeholder.values.push_back({item.text, {}});
    }
  } else {
    const auto words = reading_.library->vocabulary(vocabulary->text);
    if (words == nullptr) {
      if (!reading_.library->complete()) return false;
      const auto near = did_you_mean(vocabulary->text, reading_.library->vocabulary_names());
      diagnostics_.error(
          vocabulary->at, "no vocabulary " + excerpt(vocabulary->text, 80),
          near ? "did you mean " + *near + "?" : "declare it in vocabularies/NAME.yaml");
      return false;
    }
    for (const expression::Term& term : words->terms()) {
      placeholder.values.push_back({term.code, term.label});
    }
  }
  for (const Filling& filling : placeholder.values) {
    if (filling.text.empty() || filling.text.find_first_of("\"\\{}") != std::string::npos) {
      diagnostics_.error(name.at,
                         "{" + name.text + "} cannot stand for " +
                             excerpt(filling.text.empty() ? "\"\"" : filling.text, 60),
                         "no value may be empty or hold quotes, backslashes or braces");
      return false;
    }
  }
  if (placeholder.values.empty()) {
    diagnostics_.error(name.at, "{" + name.text + "} has no values");
    return false;
  }
  return true;
}

bool Expander::read_placeholders(const Definition& definition,
                                 std::vector<Placeholder>& placeholders) {
  const Node* expand = definition.body->find("expand");
  if (expand == nullptr) return true;
  if (expand->kind != Node::Kind::map) return false;
  std::size_t count = 1;
  for (const auto& [name, node] : expand->members) {
    if (node.kind != Node::Kind::map) return false;
    Placeholder& placeholder = placeholders.emplace_back();
    placeholder.name = name.text;
    if (!read_values(name, node, placeholder)) return false;
    if (definition.name->text.find("{" + name.text + "}") == std::string::npos) {
      diagnostics_.error(
          name.at,
          "{" + name.text + "} does not stand in the name " + excerpt(definition.name->text, 80),
          "else all of them would have one name");
      return false;
    }
    count *= placeholder.values.size();
    if (count > limits::attributes_max) {
      diagnostics_.error(expand->at, "a project has at most " +
                                         std::to_string(limits::attributes_max) +
                                         " attributes, and this alone makes more");
      return false;
    }
  }
  return true;
}

bool Expander::check_placeholders(const Node& text, const Location& at,
                                  const std::vector<Placeholder>& placeholders) {
  return each_placeholder(text.text, [&](std::size_t offset, std::size_t length) {
    const std::string name = text.text.substr(offset + 1, length - 2);
    std::vector<std::string> known;
    for (const Placeholder& one : placeholders) known.push_back(one.name);
    if (std::find(known.begin(), known.end(), name) != known.end()) return true;
    const auto near = did_you_mean(name, known);
    const bool written_here = &text.at == &at;
    diagnostics_.error(
        written_here ? location_in(at, text.text, offset, length) : at,
        "{" + name + "} is not in expand",
        near ? "did you mean {" + *near + "}?" : "write expand: { " + name + ": { list: […] } }");
    return false;
  });
}

/// Placeholders that are unknown, wherever a definition may hold them.
bool Expander::check_parts(const Definition& definition,
                           const std::vector<Placeholder>& placeholders) {
  if (!check_placeholders(*definition.name, definition.name->at, placeholders)) return false;
  const Node* like = definition.body->find("like");
  for (const char* key : {"value", "source", "rules", "definition", "label"}) {
    bool from_standard = false;
    const Node* node = definitions_.find(definition, key, from_standard);
    if (node == nullptr) continue;
    const Location& at = from_standard && like != nullptr ? like->at : node->at;
    if (!check_placeholders(*node, from_standard ? at : node->at, placeholders)) return false;
    for (const auto& [language, text] : node->members) {
      if (!check_placeholders(text, from_standard ? at : text.at, placeholders)) return false;
    }
    for (const Node& rule : node->items) {
      for (const auto& [part, text] : rule.members) {
        if (!check_placeholders(text, from_standard ? at : text.at, placeholders)) return false;
      }
    }
  }
  return true;
}

bool Expander::is_complete(const Definition& definition) {
  const Location& at = definition.name->at;
  const std::string named = "attribute " + excerpt(definition.name->text, 80);
  int computations = 0;
  for (const char* key : {"value", "source", "rules"}) {
    if (find(definition, key) != nullptr) ++computations;
  }
  if (computations != 1) {
    diagnostics_.error(at, named + " needs exactly one of value, source and rules");
    return false;
  }
  const Node* rules = find(definition, "rules");
  if (rules != nullptr && !check_rules(*rules, diagnostics_)) return false;
  for (const char* key : {"type", "definition", "owner"}) {
    if (find(definition, key) != nullptr) continue;
    if (definition.shipped) continue;  // nobody has taken it, so nobody owns it
    diagnostics_.error(at, named + " has no " + key,
                       std::string(key) == "owner" ? "who decides what it means?"
                       : std::string(key) == "type"
                           ? "text, integer, decimal, boolean, date, time, money or list"
                           : "what does it mean, in words?");
    return false;
  }
  const Node* missing = find(definition, "when_missing");
  if (missing != nullptr && !missing->is_scalar()) {
    diagnostics_.error(missing->at,
                       missing->kind == Node::Kind::null ? "when_missing has no value"
                                                         : "when_missing is one value",
                       "leave it out for none");
    return false;
  }
  return !is_part_of_list(text(definition, "type")) || is_complete_part(definition, named);
}

bool Expander::is_complete_part(const Definition& definition, const std::string& named) {
  for (const char* key : {"source", "rules", "when_missing"}) {
    const Node* found = find(definition, key);
    if (found == nullptr) continue;
    diagnostics_.error(
        found->at, named + " is a part of ." + text(definition, "type") + ", which has no " + key,
        "its value is a list, as in ." + text(definition, "type") + " | where(…)");
    return false;
  }
  return true;
}

void Expander::check(const Attribute& attribute, const Expression& expression) {
  if (!expression.present()) return;
  if (expression.as_written) return check_expression(expression, reading_);
  expression::Expression compiled;
  expression::Problem problem;
  if (!expression::Expression::compile(expression.text, compiled, problem,
                                       reading_.library.get())) {
    diagnostics_.error(expression.at, attribute.name + ": " + problem.message, problem.hint);
  }
}

Expression Expander::written(const Definition& definition, const Node& node, bool from_standard,
                             const Combination& combination) {
  const Node* like = definition.body->find("like");
  Expression expression;
  expression.text = filled(node.text, combination, Use::expression, {});
  expression.at = from_standard && like != nullptr ? like->at : node.at;
  expression.as_written = !from_standard && expression.text == node.text;
  parts_.note(expression.text, from_standard);
  return expression;
}

void Expander::read_rules(const Definition& definition, const Combination& combination,
                          Attribute& attribute) {
  bool from_standard = false;
  const Node* rules = definitions_.find(definition, "rules", from_standard);
  if (rules == nullptr) return;
  for (const Node& item : rules->items) {
    const Node *when = item.find("when"), *value = item.find("value");
    if (value == nullptr || !value->is_scalar()) continue;  // reported
    Rule& rule = attribute.rules.emplace_back();
    if (when != nullptr) rule.when = written(definition, *when, from_standard, combination);
    rule.value = written(definition, *value, from_standard, combination);
    rule.computed = !value->quoted && expression::looks_like_expression(rule.value.text);
    rule.because = filled(text_of(item, "because"), combination, Use::words,
                          reading_.project.defaults.language);
    rule.at = from_standard ? rule.value.at : item.at;
    check(attribute, rule.when);
    if (rule.computed) check(attribute, rule.value);
  }
}

void Expander::add(const Definition& definition, const Combination& combination) {
  std::vector<Attribute>& all = reading_.project.attributes;
  if (all.size() >= limits::attributes_max) {
    if (!limit_reported_) {
      diagnostics_.error(
          definition.name->at,
          "a project has at most " + std::to_string(limits::attributes_max) + " attributes");
    }
    limit_reported_ = true;
    return;
  }
  Attribute attribute;
  const std::string& language = reading_.project.defaults.language;
  const auto words = [&](const std::string& of, std::string_view in) {
    return filled(of, combination, Use::words, in);
  };
  attribute.family = definition.name->text;
  attribute.name = filled(attribute.family, combination, Use::name, language);
  attribute.at = definition.name->at;
  attribute.type = text(definition, "type");
  attribute.is_part = definition.shipped || is_part_of_list(attribute.type);
  if (attribute.is_part) attribute.entity.clear();
  if (find(definition, "entity") != nullptr) attribute.entity = text(definition, "entity");
  attribute.definition = words(text(definition, "definition"), language);
  attribute.owner = text(definition, "owner");
  attribute.like = text_of(*definition.body, "like");
  bool from_standard = false;
  if (const Node* value = definitions_.find(definition, "value", from_standard)) {
    attribute.value = written(definition, *value, from_standard, combination);
  }
  if (const Node* source = definitions_.find(definition, "source", from_standard)) {
    attribute.source = filled(source->text, combination, Use::expression, language);
    attribute.value.at = written(definition, *source, from_standard, combination).at;
  }
  if (const Node* label = find(definition, "label"); label != nullptr) {
    for (const auto& [in, text] : label->members) {
      if (text.is_scalar()) attribute.label[in.text] = words(text.text, in.text);
    }
  }
  const Node* missing = find(definition, "when_missing");
  if (missing != nullptr && missing->is_scalar()) attribute.when_missing = *missing;
  if (const Node* purposes = find(definition, "purposes"); purposes != nullptr) {
    for (const Node& item : purposes->items) {
      if (!item.is_scalar()) continue;
      attribute.purposes.push_back(item.text);
      reading_.uses.push_back({NameUse::Kind::purpose, item.text, item.at});
    }
  }
  if (!is_attribute_name(attribute.name)) {
    diagnostics_.error(
        attribute.at,
        "the name of an attribute holds small letters, digits and _ "
        "and starts with a letter" +
            (attribute.name == attribute.family ? std::string()
                                                : "; this makes " + excerpt(attribute.name, 80)));
    return;
  }
  check(attribute, attribute.value);
  read_rules(definition, combination, attribute);
  all.push_back(std::move(attribute));
}

void Expander::expand(const Definition& definition) {
  std::vector<Placeholder> placeholders;
  if (!definitions_.check_like(definition) || !is_complete(definition) ||
      !read_placeholders(definition, placeholders) || !check_parts(definition, placeholders)) {
    return;
  }
  // The last placeholder counts fastest.
  std::vector<std::size_t> at(placeholders.size(), 0);
  while (true) {
    Combination combination;
    for (std::size_t i = 0; i < placeholders.size(); ++i) {
      combination.emplace_back(placeholders[i].name, &placeholders[i].values[at[i]]);
    }
    add(definition, combination);
    std::size_t next = placeholders.size();
    while (next > 0 && ++at[next - 1] == placeholders[next - 1].values.size()) at[--next] = 0;
    if (next == 0) return;
  }
}

void Expander::expand_all() {
  parts_.note_readers(reading_.project);
  for (const AttributeDefinition& given : reading_.attributes) {
    expand({&given.name, &given.body, false});
  }
  std::set<std::string, std::less<>> known;
  for (const Attribute& attribute : reading_.project.attributes) known.insert(attribute.name);
  for (auto parts = parts_.take(known); !parts.empty(); parts = parts_.take(known)) {
    for (const Definition* part : parts) expand(*part);
  }
}

void check_duplicates(const std::vector<Attribute>& attributes, Diagnostics& diagnostics) {
  std::map<std::string_view, const Attribute*> first;
  for (const Attribute& attribute : attributes) {
    const auto [known, is_new] = first.emplace(attribute.name, &attribute);
    if (is_new) continue;
    const Location& at = known->second->at;
    diagnostics.error(
        attribute.at, "a second attribute " + attribute.name,
        "the first is in " + (at.file ? *at.file : std::string()) + ":" + std::to_string(at.line));
  }
}

}  // namespace

Location place_in(const Expression& expression, std::size_t offset, std::size_t length) {
  if (!expression.as_written) return expression.at;
  return location_in(expression.at, expression.text, offset, length);
}

bool is_attribute_of(const Attribute& attribute, Entity entity) {
  return attribute.entity.empty() || entity_from(attribute.entity) == entity;
}

void complete_attributes(Reading& reading) {
  for (const Attribute& customer : reading.project.attributes) {
    check_expression(customer.value, reading);
  }
  Expander(reading).expand_all();
  check_duplicates(reading.project.attributes, reading.diagnostics);
}

}  // namespace rondom::config
