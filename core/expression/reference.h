// Reference: the page of the language, and the examples of the language itself on it; those of the
// functions stand in their table.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rondom::expression {

struct Example {
  std::string_view expression;
  std::string_view input;    // JSON
  std::string_view output;   // JSON; run as a test
  std::string_view meaning;  // a sentence for the reference
};

std::span<const Example> path_examples();
std::span<const Example> literal_examples();
std::span<const Example> operator_examples();

/// docs/reference/expressions.md, made from functions() and from what the operators answer.
std::string reference();

}  // namespace rondom::expression
