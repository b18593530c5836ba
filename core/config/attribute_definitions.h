// attribute_definitions: attributes as files define them, and what `like` lends to one. Private to
// config. One thread; borrows the nodes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/readers.h"

namespace rondom::config {

struct Definition {
  const Node* name = nullptr;
  const Node* body = nullptr;
  bool shipped = false;  // comes with Rondom
};

/// The table of an attribute; reports what its shape does not show.
bool check_rules(const Node& rules, Diagnostics& diagnostics);

class Definitions {
 public:
  Definitions(const std::vector<AttributeDefinition>& own, Diagnostics& diagnostics);
  Definitions(const Definitions&) = delete;
  Definitions& operator=(const Definitions&) = delete;

  /// Reports a `like` that leads nowhere or round in a circle; find() of it must not be asked then.
  bool check_like(const Definition& definition);
  /// What holds for this key: its own word, else that of what it is like; nullptr = none.
  /// `from_standard`: it was not written in this project.
  const Node* find(const Definition& definition, std::string_view key, bool& from_standard) const;
  /// One that comes with Rondom, by its name without `standard.`; nullptr = none.
  const Definition* standard(std::string_view name) const;

 private:
  const Definition* target_of(const Definition& definition) const;

  Diagnostics& diagnostics_;
  Node standard_;
  std::map<std::string, Definition, std::less<>> by_name_;  // as written; standard.NAME
};

/// `orders`: a part of the list `.orders`.
bool is_part_of_list(std::string_view type);

/// What of Rondom's own attributes a project reads without having taken it: parts of lists, whoever
/// reads them, and what attributes of Rondom's own read.
class PartsRead {
 public:
  explicit PartsRead(const Definitions& definitions) : definitions_(definitions) {}
  void note(std::string_view expression, bool from_standard);
  /// Of the project, what is no definition: `customer`, audiences, maps of destinations.
  void note_readers(const Project& project);
  /// Those that were noted and are not `known`; they are known then.
  std::vector<const Definition*> take(std::set<std::string, std::less<>>& known) const;

 private:
  void note(const Condition& condition);
  void note(const Node& map);

  const Definitions& definitions_;
  std::set<std::string, std::less<>> read_;
};

}  // namespace rondom::config
