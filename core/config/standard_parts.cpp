#include "config/attribute_definitions.h"
#include "config/readers.h"

namespace rondom::config {
namespace {

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

bool is_part_of_list(std::string_view type) {
  return activity_list_named(type) < activity_lists_count;
}

/// Names are seen by their letters alone: one too many only adds a part that nothing looks at.
void PartsRead::note(std::string_view expression, bool from_standard) {
  for (std::size_t dot = expression.find('.'); dot != std::string_view::npos;
       dot = expression.find('.', dot + 1)) {
    std::size_t end = dot + 1;
    while (end < expression.size() && is_name_letter(expression[end])) ++end;
    const std::string_view name = expression.substr(dot + 1, end - dot - 1);
    const Definition* part = name.empty() ? nullptr : definitions_.standard(name);
    if (part == nullptr) continue;
    if (from_standard || is_part_of_list(text_of(*part->body, "type"))) read_.emplace(name);
  }
}

void PartsRead::note(const Condition& condition) {
  note(condition.expression.text, false);
  for (const Condition& child : condition.children) note(child);
}

void PartsRead::note(const Node& map) {
  if (map.is_scalar()) note(map.text, false);
  for (const Node& item : map.items) note(item);
  for (const auto& [key, value] : map.members) note(value);
}

void PartsRead::note_readers(const Project& project) {
  for (const Attribute& customer : project.attributes) note(customer.value.text, false);
  for (const Audience& audience : project.audiences) {
    for (const Condition& condition : audience.all) note(condition);
  }
  for (const Job& job : project.jobs) {
    if (job.destination.has_value()) note(job.destination->map);
  }
}

std::vector<const Definition*> PartsRead::take(std::set<std::string, std::less<>>& known) const {
  std::vector<const Definition*> parts;
  for (const std::string& name : read_) {
    if (known.insert(name).second) parts.push_back(definitions_.standard(name));
  }
  return parts;
}

}  // namespace rondom::config
