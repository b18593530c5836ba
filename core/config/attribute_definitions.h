// attribute_definitions: attributes as files define them, and what `like` lends to one. Private to
// config. One thread; borrows the nodes.
#pragma once

#include <map>
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

 private:
  const Definition* target_of(const Definition& definition) const;

  Diagnostics& diagnostics_;
  Node standard_;
  std::map<std::string, Definition, std::less<>> by_name_;  // as written; standard.NAME
};

}  // namespace rondom::config
