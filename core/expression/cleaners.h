// Cleaners: the cleaning of attributes by their type, as functions of the language call it.
//
// pipeline/normalize makes them and whoever evaluates passes them in (Scope::cleaners), because
// this folder stands below it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "model/value.h"

namespace rondom::expression {

class Cleaners {
 public:
  enum class Kind : std::uint8_t { email, phone, postcode, country, language, name, address };
  virtual ~Cleaners() = default;
  /// The clean text; of a name and an address an object of their parts. What cannot be read stays
  /// as it was written (whole names and addresses as `full`); null when the text says nothing.
  /// `country` is ISO 3166-1 alpha-2 or empty. Values live in `arena` and in `text`. Any thread.
  virtual Value clean(Kind kind, std::string_view text, std::string_view country, Arena& arena) = 0;
  /// Grows whenever a text may come out otherwise than before.
  virtual std::uint64_t version() const = 0;
};

}  // namespace rondom::expression
