#include "cli/attribute_text.h"

#include <algorithm>

#include "base/text.h"

namespace rondom::cli {

std::string place_of_attribute(const config::Attribute& attribute) {
  if (attribute.name == "customer" && attribute.like.empty()) return "rondom.yaml";
  return (attribute.at.file ? *attribute.at.file : std::string()) + ":" +
         std::to_string(attribute.at.line);
}

std::string label_of(const config::Project& project, const config::Attribute& attribute) {
  const auto label = attribute.label.find(project.defaults.language);
  if (label != attribute.label.end()) return label->second;
  return attribute.label.empty() ? std::string() : attribute.label.begin()->second;
}

std::string value_of(const config::Attribute& attribute) {
  return attribute.source.empty() ? attribute.value.text : "." + attribute.source;
}

std::string when_of(const config::Rule& rule) {
  return rule.when.present() ? rule.when.text : "always";
}

std::string decided_by(const config::Attribute& attribute, const enrich::Computed& computed) {
  const std::string count = std::to_string(attribute.rules.size());
  if (computed.rule == enrich::no_rule) return "none of its " + count + " rules holds";
  return "rule " + std::to_string(computed.rule + 1) + " of " + count +
         (computed.problem.empty() ? "" : " cannot be computed");
}

std::size_t rules_asked(const config::Attribute& attribute, const enrich::Computed& computed) {
  return std::min<std::size_t>(attribute.rules.size(), std::size_t{computed.rule} + 1);
}

std::vector<std::string> records_of(const engine::Activities& activities,
                                    const enrich::Evidence& evidence) {
  std::vector<std::string> names;
  for (const std::uint32_t item : evidence.items) {
    names.push_back(join(activities.lists[evidence.list][item].records, ", "));
  }
  return names;
}

}  // namespace rondom::cli
