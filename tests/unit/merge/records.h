// Records and rules for the tests of merge, written as short as they can be.
#pragma once

#include <deque>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/merge/merge.h"

namespace rondom::merge_test {

/// "emails.value#2" is the value of the second element; the rest is the value.
struct Given {
  std::string name;
  std::string value;
};

/// Owns the bytes and names that Members view.
class People {
 public:
  explicit People(Entity entity = Entity::person) : entity_(entity) {}

  /// `day` of March 2026; 0 = no time known.
  void add(const std::string& source, const std::string& key, int day,
           const std::vector<Given>& cells) {
    RecordBuilder builder;
    for (const Given& given : cells) builder.add(cell_of(given));
    const std::string& bytes = texts_.emplace_back(builder.bytes());
    const std::string& name = texts_.emplace_back(record_name(source, "people", key));
    const std::string& owned_source = texts_.emplace_back(source);
    const Timestamp at = day == 0 ? no_time : (20'513 + day) * microseconds_per_day;
    members_.push_back({name, owned_source, at, bytes});
  }

  const std::vector<merge::Member>& members() const { return members_; }

 private:
  Cell cell_of(const Given& given) {
    const std::string& name = texts_.emplace_back(given.name);
    const auto mark = name.find('#');
    const std::string_view attribute_name = std::string_view(name).substr(0, mark);
    const AttributeInfo* info = attribute_by_name(entity_, attribute_name);
    if (info == nullptr) throw std::invalid_argument(name);
    Cell cell;
    cell.attribute = info->id;
    cell.value = texts_.emplace_back(given.value);
    if (mark != std::string::npos)
      cell.group = static_cast<std::uint32_t>(std::stoul(name.substr(mark + 1)));
    if (info->id == attribute::custom || info->id == attribute::identifier) {
      cell.name = attribute_name.substr(attribute_name.find('.') + 1);
    }
    return cell;
  }

  Entity entity_;
  std::deque<std::string> texts_;
  std::vector<merge::Member> members_;
};

inline std::string text_of(const Cell& cell) {
  std::string text(attribute_by_id(cell.attribute)->name);
  if (!cell.name.empty()) text.append(".").append(cell.name);
  if (cell.group != 0) text.append("#").append(std::to_string(cell.group));
  return text.append("=").append(cell.value);
}

inline std::string text_of(std::string_view bytes) {
  std::string text;
  for (const Cell& cell : read_cells(bytes)) {
    if (!text.empty()) text += "; ";
    text += text_of(cell);
  }
  return text;
}

struct RuleLine {
  std::string of;
  config::MergeRule rule;
  bool as_one = false;
  std::vector<std::string> order = {};
  std::int64_t stale_after = 0;
};

inline config::Project project_with(const std::vector<RuleLine>& lines,
                                    std::vector<std::string> trust = {},
                                    const std::string& entity = "person") {
  config::Project project;
  project.merge.trust = std::move(trust);
  const auto file = std::make_shared<const std::string>("merge.yaml");
  int line = 2;
  for (const RuleLine& given : lines) {
    config::AttributeMerge rule;
    rule.of = given.of;
    rule.rule = given.rule;
    rule.as_one = given.as_one;
    rule.order = given.order;
    rule.stale_after = given.stale_after;
    rule.at.file = file;
    rule.at.line = ++line;
    rule.at.column = 5;
    project.merge.entities[entity].push_back(rule);
  }
  return project;
}

inline std::string merged(const std::vector<merge::Member>& members, const merge::Rules& rules,
                          Entity entity = Entity::person,
                          std::vector<merge::Choice>* explain = nullptr) {
  Arena arena;
  RecordBuilder out;
  merge::merge(rules, entity, members, arena, out, explain);
  return std::string(out.bytes());
}

inline std::string merged_text(const People& people, const std::vector<RuleLine>& lines = {},
                               std::vector<std::string> trust = {}) {
  config::Diagnostics diagnostics;
  const auto project = project_with(lines, std::move(trust));
  const merge::Rules rules(project, diagnostics);
  if (!diagnostics.empty()) return "! " + diagnostics.errors().front().message;
  return text_of(merged(people.members(), rules));
}

}  // namespace rondom::merge_test
