// Upper and lower case of any script, and patterns; ICU behind.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace rondom::expression {

std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

/// A compiled regular expression. Immutable, any thread.
class Pattern {
 public:
  enum class Outcome { none, found, too_slow };
  virtual ~Pattern() = default;
  /// The first place of `text` that matches: its first group, or the whole when it has no group.
  virtual Outcome search(std::string_view text, std::string& found) const = 0;
};

/// nullptr with a problem when it is no regular expression.
std::shared_ptr<const Pattern> compile_pattern(std::string_view text, std::string& problem);

}  // namespace rondom::expression
