// Attributes, histories and the slow way to compute: straight interpretation, one attribute at a
// time.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "expression/expression.h"
#include "pipeline/enrich/enrich.h"

namespace rondom::enrich::test {

inline const std::vector<std::string>& profile_fields() {
  static const std::vector<std::string> names = {"birth_date", "country",    "custom",    "email",
                                                 "name",       "name.given", "relations", "tags"};
  return names;
}

struct Given {
  std::string name, type, value;
  std::vector<config::Rule> rules = {};
};

inline config::Expression written(const std::string& text) {
  return {text, {std::make_shared<const std::string>("attributes/a.yaml"), 1, 1, int(text.size())}};
}
/// A rule; a value that starts with a point is computed, `when` may be empty.
inline config::Rule rule(const std::string& when, const std::string& value,
                         const std::string& because = "so") {
  config::Rule rule;
  if (!when.empty()) rule.when = written(when);
  rule.value = written(value);
  rule.computed = expression::looks_like_expression(value);
  rule.because = because;
  rule.at = rule.value.at;
  return rule;
}

inline config::Attribute attribute_of(const Given& given) {
  config::Attribute attribute;
  attribute.name = attribute.family = given.name;
  attribute.type = given.type;
  attribute.value = written(given.value);
  attribute.rules = given.rules;
  attribute.is_part = activity_list_named(given.type) < activity_lists_count;
  attribute.at = attribute.value.at;
  attribute.definition = attribute.owner = "test";
  return attribute;
}

inline config::Project project_of(const std::vector<Given>& attributes,
                                  const char* zone = "Europe/Amsterdam") {
  config::Project project;
  project.name = "test";
  project.defaults = {"NL", "nl", "EUR", zone};
  for (const Given& given : attributes) project.attributes.push_back(attribute_of(given));
  return project;
}

/// A profile and its activities as JSON, read once; `at`, money and dates become what the engine
/// gives.
class History {
 public:
  explicit History(const std::string& json) {
    const Result<Value> read = reader_.parse(json, arena_);
    BOOST_REQUIRE_MESSAGE(read.ok(), json);
    const Value whole = typed(*read);
    const auto part = [&](const char* name) {
      const Value* found = whole.find(name);
      return found == nullptr ? Value() : *found;
    };
    input.profile = part("profile");
    for (std::size_t i = 0; i < activity_lists_count; ++i) {
      input.lists[i] = part(activity_lists()[i].name.data());
      if (input.lists[i].is_null()) input.lists[i] = Value::list(nullptr, 0);
    }
    input.country = "NL";
    input.arena = &arena_;
  }

  Input input;
  Arena& arena() { return arena_; }

 private:
  /// "12.50 EUR" is money; texts under `at` and `birth_date` are times and dates.
  Value typed(const Value& value, std::string_view name = {}) {
    if (value.is_list()) {
      Value* items = arena_.array<Value>(value.size());
      for (std::uint32_t i = 0; i < value.size(); ++i) items[i] = typed(value.item(i), name);
      return name == "relations" ? Value::timed_list(items, value.size())
                                 : Value::list(items, value.size());
    }
    if (value.is_object()) {
      Member* members = arena_.array<Member>(value.size());
      for (std::uint32_t i = 0; i < value.size(); ++i) {
        const Member& member = value.member(i);
        members[i] = {member.name, typed(member.value, member.name)};
      }
      return Value::object(members, value.size());
    }
    if (!value.is_text()) return value;
    const std::string_view text = value.as_text();
    if ((name == "at" || name == "expires_at" || name.starts_with("valid_")) && text.ends_with("Z"))
      return Value::time(parse_time(text).value());
    PartialDate date;
    if ((name == "birth_date" || name == "at") && parse_partial_date(text, date)) {
      return Value::date(date);
    }
    Value number;
    if (text.size() > 4 && text[text.size() - 4] == ' ' &&
        parse_number(text.substr(0, text.size() - 4), number)) {
      const bool whole = number.type() == ValueType::integer;
      std::int64_t minor = whole ? number.as_integer() : number.coefficient();
      for (int digit = whole ? 0 : number.scale(); digit < 2; ++digit) minor *= 10;
      return Value::money(minor, text.substr(text.size() - 3));
    }
    return value;
  }

  JsonReader reader_;
  Arena arena_;
};

inline std::string shown(const Value& value) {
  std::string out;
  value.append_json(out);
  return out;
}
inline std::string shown(const Computed& computed) {
  return computed.problem.empty() ? shown(computed.value) : "! " + std::string(computed.problem);
}

/// Computes an attribute as its definition reads, with nothing shared and nothing prepared.
class Interpreter {
 public:
  Interpreter(const config::Project& project, const Input& input, Timestamp as_of)
      : project_(project), input_(input), as_of_(as_of) {}

  /// "! …" when it cannot be computed.
  std::string operator()(const std::string& name) {
    std::string problem;
    const Value value = compute(name, problem);
    return problem.empty() ? shown(value) : "! " + problem;
  }

 private:
  Value compute(const std::string& name, std::string& problem) {
    const config::Attribute& attribute = *project_.attribute(name);
    if (attribute.rules.empty()) return typed(attribute, attribute.value.text, problem);
    for (std::size_t i = 0; i < attribute.rules.size(); ++i) {
      const config::Rule& rule = attribute.rules[i];
      Value holds = Value::boolean(true);
      if (rule.when.present()) holds = evaluate(rule.when.text, problem);
      if (problem.empty() && !holds.is_null() && holds.type() != ValueType::boolean) {
        problem = "when is neither true nor false";
      }
      Value value;
      if (problem.empty() && (holds.is_null() || !holds.as_boolean())) continue;
      if (problem.empty() && rule.computed) value = typed(attribute, rule.value.text, problem);
      if (problem.empty() && !rule.computed) value = Value::text(rule.value.text);
      if (!problem.empty()) problem = "rule " + std::to_string(i + 1) + ": " + problem;
      return value;
    }
    return {};
  }

  Value evaluate(const std::string& text, std::string& problem) {
    expression::Expression& expression = kept_.emplace_back();
    expression::Problem ignored;
    BOOST_REQUIRE(expression::Expression::compile(text, expression, ignored));
    std::vector<Member> members;
    const auto add = [&](std::string_view member, const Value& value) {
      members.push_back({member, value});
    };
    for (std::uint32_t i = 0; i < input_.profile.size(); ++i)
      members.push_back(input_.profile.member(i));
    for (std::size_t i = 0; i < activity_lists_count; ++i) {
      add(activity_lists()[i].name, so_far(input_.lists[i]));
    }
    for (const expression::FieldUse& use : expression.fields()) {
      const config::Attribute* input = project_.attribute(use.path.front());
      if (input == nullptr) continue;
      const Value value = compute(input->name, problem);
      if (!problem.empty()) return {};
      add(input->name, value);
    }
    expression::Scope scope;
    Member* copied = input_.arena->array<Member>(members.size());
    std::copy(members.begin(), members.end(), copied);
    scope.current = scope.root = Value::object(copied, static_cast<std::uint32_t>(members.size()));
    scope.as_of = as_of_;
    scope.country = input_.country;
    scope.time_zone = project_.defaults.time_zone;
    scope.arena = input_.arena;
    const Result<Value> result = expression.evaluate(scope);
    if (!result.ok()) {
      problem = result.error().message;
      return {};
    }
    return *result;
  }

  Value typed(const config::Attribute& attribute, const std::string& text, std::string& problem) {
    const Value result = evaluate(text, problem);
    if (!problem.empty()) return {};
    const std::string_view type = to_text(result.type());
    const bool fits = result.is_null() || type == attribute.type ||
                      (type == "list" && attribute.is_part) ||
                      (type == "integer" && attribute.type == "decimal");
    if (fits) return result;
    problem = "the value is of type " + std::string(type) + ", and the attribute of type " +
              attribute.type;
    return {};
  }

  /// Without what is dated after the moment asked for.
  Value so_far(const Value& list) {
    if (!list.is_list()) return list;
    Value* items = input_.arena->array<Value>(list.size());
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      const Value& item = list.item(i);
      const Value* at = item.is_object() ? item.find("at") : nullptr;
      const Value none;
      const Value& moment = at == nullptr ? none : *at;
      const bool is_day = moment.type() == ValueType::date && moment.as_date().complete();
      if (moment.type() == ValueType::time && moment.as_time() > as_of_) continue;
      if (is_day && parse_time(shown(moment).substr(1, 10) + "T00:00:00Z").value() > as_of_)
        continue;
      items[count++] = item;
    }
    return Value::list(items, count);
  }

  const config::Project& project_;
  const Input& input_;
  const Timestamp as_of_;
  std::deque<expression::Expression> kept_;  // results may be their texts
};

}  // namespace rondom::enrich::test
