// Profiles and audiences for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "pipeline/segment/segment.h"

namespace rondom::segment_tests {

/// One cell as a test writes it.
struct Given {
  AttributeId attribute;
  std::uint32_t group;
  std::string_view value;
  std::string_view name = {};
};

inline std::string profile_bytes(const std::vector<Given>& cells) {
  RecordBuilder builder;
  for (const Given& given : cells) {
    Cell cell;
    cell.attribute = given.attribute;
    cell.group = given.group;
    cell.value = given.value;
    cell.name = given.name;
    builder.add(cell);
  }
  return std::string(builder.bytes());
}

/// Anna: two e-mails, one address, a tag.
inline std::string anna() {
  return profile_bytes({{attribute::custom, 0, "gold", "tier"},
                        {attribute::identifier, 0, "8812", "customer_login"},
                        {attribute::name_given, 0, "Anna"},
                        {attribute::name_surname, 0, "Berg"},
                        {attribute::birth_date, 0, "1980-02-29"},
                        {attribute::test_record, 0, "false"},
                        {attribute::email_value, 1, "anna@example.com"},
                        {attribute::email_usage, 1, "personal"},
                        {attribute::email_value, 2, "a.berg@work.example"},
                        {attribute::address_country, 1, "BE"},
                        {attribute::address_locality, 1, "Gent"},
                        {attribute::consent_purpose, 1, "email_marketing"},
                        {attribute::consent_status, 1, "granted"},
                        {attribute::consent_at, 1, "2026-02-02T10:00:00Z"},
                        {attribute::tag_value, 1, "vip"},
                        {attribute::tag_value, 2, "press"}});
}

inline config::Condition condition_of(const config::Node& node) {
  config::Condition condition;
  condition.at = node.at;
  if (node.is_scalar()) {
    condition.expression = {node.text, node.at};
    return condition;
  }
  using Kind = config::Condition::Kind;
  const auto& [name, lines] = node.members.front();
  condition.kind = name.text == "any" ? Kind::any : name.text == "not" ? Kind::negation : Kind::all;
  if (lines.kind == config::Node::Kind::list) {
    for (const config::Node& line : lines.items) condition.children.push_back(condition_of(line));
  } else {
    condition.children.push_back(condition_of(lines));
  }
  return condition;
}

/// `yaml` is the list of lines below `all:`.
inline config::Audience audience_of(std::string_view yaml, config::Diagnostics& diagnostics) {
  const config::Node node = config::parse_yaml(yaml, "newsletter.yaml", diagnostics);
  config::Audience audience;
  audience.name = "newsletter";
  for (const config::Node& line : node.items) audience.all.push_back(condition_of(line));
  return audience;
}

}  // namespace rondom::segment_tests
