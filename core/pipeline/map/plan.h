// The compiled form of one stream's map. Built by compile_*.cpp, read by mapper.cpp and print.cpp;
// immutable afterwards, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "expression/expression.h"
#include "model/model.h"

namespace rondom::map {

/// The smallest thing that gives a value.
struct Operand {
  enum class Kind : std::uint8_t { none, constant, path, expression };
  Kind kind = Kind::none;
  std::string constant;
  std::vector<std::string> path;  // kind path: members from the current value down
  std::uint32_t first_slot = 0;   // kind path: where the mapper remembers each member's position
  expression::Expression expression;  // kinds path and expression
  bool present() const { return kind != Kind::none; }
};

/// `from` / `values` / `else`.
struct Words {
  Operand from;
  std::vector<std::pair<std::string, Operand>> entries;  // sorted by word
  Operand otherwise;
};

/// `to` / `key`: the name of another source record.
struct Reference {
  std::string prefix;  // "source.stream/", parts escaped
  std::vector<Operand> key;
};

/// How one cell is made. One of operand, words, reference is present.
struct Producer {
  Operand when;
  Operand operand;
  std::unique_ptr<Words> words;
  std::unique_ptr<Reference> reference;
  bool required = false;
};

struct CellPlan {
  AttributeId attribute = 0;
  std::string name;          // custom.<name>, identifier.<namespace>
  std::string value_prefix;  // actor.<namespace>: "namespace:"
  std::string target;        // as messages call it: "name.given", "emails.value"
  bool weak = false;         // usage and status alone say nothing: they do not make an element
  bool money = false;
  Producer producer;
};

/// One element of a list, or with `for_each` as many as the source holds.
struct ElementPlan {
  Operand when;
  Operand for_each;
  std::vector<ElementPlan> inner;  // only with for_each
  std::vector<CellPlan> cells;     // only without
  bool every_purpose = false;      // a refusal that names none; a "yes" always names its purpose
};

struct ListPlan {
  std::string group;
  std::vector<AttributeId> needed;  // an element without one of these is left out …
                                    // … empty: without any value of the record
  bool is_consents = false;
  bool is_suppressions = false;
  std::vector<ElementPlan> elements;
};

struct RecordPlan {
  Entity entity = Entity::person;
  Operand when;
  Operand for_each;
  std::vector<Operand> key;  // empty: the source record's own
  std::vector<CellPlan> scalars;
  std::vector<ListPlan> lists;
};

struct Plan {
  std::string source;
  std::string stream;
  config::Defaults defaults;
  std::vector<Operand> key;
  Operand when;
  Operand cursor;
  bool cursor_is_default = false;  // from the catalog: the connector's own changed_at goes first
  Operand country;
  std::vector<RecordPlan> records;
  std::string name_prefix;  // of this stream's records: "source.stream/"
  /// Names of the project that texts of its records may be: purposes, connections.
  std::vector<std::string> names;
  std::uint32_t slots = 0;  // positions remembered for paths
  std::uint64_t fingerprint = 0;
};

/// Everything that decides the result, as text. Equal text, equal mapping.
std::string print(const Plan& plan);
/// As it would be if `source` were called `name`.
std::string print(const Plan& plan, std::string_view source, std::string_view name);

}  // namespace rondom::map
