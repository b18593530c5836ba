// The attributes that come with Rondom, from their file, ready to be computed of a history.
#pragma once

#include <string>
#include <vector>

#include "unit/enrich/world.h"

namespace rondom::enrich::test {

/// Fields of a profile that shipped attributes read.
inline const std::vector<std::string>& standard_fields() {
  static const std::vector<std::string> names = {"birth_date", "emails",       "phones",
                                                 "addresses",  "name.surname", "name",
                                                 "custom",     "consents",     "preferences"};
  return names;
}

/// Every attribute of configs/attributes/standard.yaml, of category "bike", channel "email" and the
/// year 2025.
inline config::Project standard_project(const char* zone = "Europe/Amsterdam") {
  config::Diagnostics diagnostics;
  const config::Node file =
      config::parse_yaml(config::standard_attributes(), "standard", diagnostics);
  BOOST_REQUIRE(diagnostics.render("") == "");
  const auto filled = [](std::string text) {
    for (const auto& [placeholder, value] :
         {std::pair("{category}", "bike"), {"{channel}", "email"}, {"{year}", "2025"}}) {
      const std::string wanted = placeholder;
      for (std::size_t at = text.find(wanted); at != std::string::npos; at = text.find(wanted)) {
        text.replace(at, wanted.size(), value);
      }
    }
    return text;
  };
  std::vector<Given> given;
  for (const auto& [name, body] : file.members) {
    const config::Node *const value = body.find("value"), *const rules = body.find("rules");
    Given& one = given.emplace_back(Given{filled(name.text),
                                          body.find("type")->text,
                                          value == nullptr ? std::string() : filled(value->text),
                                          {}});
    for (std::size_t i = 0; rules != nullptr && i < rules->items.size(); ++i) {
      const config::Node& item = rules->items[i];
      const config::Node* const when = item.find("when");
      one.rules.push_back(rule(when == nullptr ? std::string() : filled(when->text),
                               filled(item.find("value")->text), item.find("because")->text));
    }
  }
  config::Project project = project_of(given, zone);
  for (std::size_t i = 0; i < given.size(); ++i) {
    const config::Node* const missing = file.members[i].second.find("when_missing");
    if (missing != nullptr) project.attributes[i].when_missing = *missing;
  }
  return project;
}

/// Computes shipped attributes of one history after another.
class Standard {
 public:
  explicit Standard(const char* zone = "Europe/Amsterdam")
      : project_(standard_project(zone)),
        plan_(project_, Entity::person, standard_fields(), diagnostics_),
        evaluator_(plan_) {
    BOOST_TEST(diagnostics_.render("") == "");
  }
  const Plan& plan() const { return plan_; }

  std::vector<Computed> all(History& who, Timestamp as_of, Changes changes) {
    std::vector<std::uint32_t> wanted(plan_.size());
    for (std::uint32_t i = 0; i < wanted.size(); ++i) wanted[i] = i;
    std::vector<Computed> computed(wanted.size());
    who.input.as_of = as_of;
    evaluator_.evaluate(who.input, wanted, changes, computed);
    return computed;
  }
  /// The number of the rule that decides about one, from 1; 0 = none.
  std::uint32_t rule_of(const std::string& name, const std::string& json, const char* as_of) {
    History who(json);
    const std::size_t index = plan_.index_of(name);
    BOOST_REQUIRE_MESSAGE(index != plan_.size(), name);
    return all(who, parse_time(as_of).value(), Changes::ignore)[index].rule + 1;
  }
  /// The value of one, as text.
  std::string of(const std::string& name, const std::string& json, const char* as_of) {
    History who(json);
    const std::size_t index = plan_.index_of(name);
    BOOST_REQUIRE_MESSAGE(index != plan_.size(), name);
    return shown(all(who, parse_time(as_of).value(), Changes::ignore)[index]);
  }

 private:
  config::Project project_;
  config::Diagnostics diagnostics_;
  Plan plan_;
  Evaluator evaluator_;
};

}  // namespace rondom::enrich::test
