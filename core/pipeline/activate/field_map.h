// FieldMap: a destination job's `map`, compiled: from a profile to the fields that are sent.
//
// The map-position rule holds: text that starts with . or $ is an expression over the profile,
// everything else a constant. { from, values, else }, { const }, { when, … }, lists and nested maps
// may stand wherever a value may. Immutable after construction; render() from any thread, each with
// its own arena.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "config/profile_schema.h"
#include "expression/expression.h"
#include "model/model.h"

namespace rondom::activate {

/// Computes one JSON value. A tree; a missing value renders as nothing.
struct Producer {
  enum class Kind : std::uint8_t { nothing, constant, expression, words, list, object };
  Kind kind = Kind::nothing;
  expression::Expression when;        // present: the producer counts only where it is true
  expression::Expression expression;  // expression and words
  std::string json;                   // constant
  struct Member;
  std::vector<Member> members;  // words: sorted; object: in file order
  std::vector<Producer> items;  // list; words: its `else`, if any
};
struct Producer::Member {
  std::string first;  // the word or name
  Producer second;
};

struct RenderedField {
  std::string_view name;  // lives as long as the FieldMap
  std::string_view json;  // in the arena; empty = no value
  std::uint64_t hash = 0;
};

class FieldMap {
 public:
  FieldMap() = default;
  /// Reports what is wrong with the map. `schema`: what it may read; nullptr = not checked.
  /// `contact`: see MapCompiler.
  FieldMap(const config::Node& map, const config::ProfileSchema* schema,
           config::Diagnostics& diagnostics, const expression::Library* library = nullptr,
           std::string_view contact = {});

  struct Input {
    Value profile;
    Timestamp as_of = no_time;
    std::string_view country;
    std::string_view time_zone;
    Arena* arena = nullptr;
    expression::Cleaners* cleaners = nullptr;
  };
  /// All fields, sorted by name. ErrorCode::data names the field that cannot be computed.
  Status render(const Input& input, std::vector<RenderedField>& fields) const;
  /// One field of the map; nothing when the map has no such field.
  Status render_one(std::string_view name, const Input& input, RenderedField& field) const;

  bool has(std::string_view name) const;
  bool depends_on_time() const { return depends_on_time_; }
  std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  struct Target {
    std::string name;
    Producer producer;
  };
  Status render_target(const Target& target, const Input& input, std::string& scratch,
                       RenderedField& field) const;

  std::vector<Target> targets_;  // sorted by name
  bool depends_on_time_ = false;
  std::uint64_t fingerprint_ = 0;
};

/// The profile with one member more: `permitted`, an object with the permitted contact under
/// `contact_name` ("email", "phone"; empty: an empty object). Lives in `arena`.
Value with_permitted(const Value& profile, std::string_view contact_name, std::string_view contact,
                     Arena& arena);

}  // namespace rondom::activate
