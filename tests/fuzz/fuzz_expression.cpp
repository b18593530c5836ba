// An expression, a zero byte, and the JSON it is evaluated over.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expression/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = bytes.find('\0');
  rondom::expression::Expression expression;
  rondom::expression::Problem problem;
  if (!rondom::expression::Expression::compile(bytes.substr(0, zero), expression, problem))
    return 0;
  // Escapes make printed text longer; what is too long to be read was shorter when it was written.
  const bool readable = expression.print().size() <= rondom::limits::expression_bytes_max;
  rondom::expression::Expression again;
  if (readable && (!rondom::expression::Expression::compile(expression.print(), again, problem) ||
                   again.print() != expression.print())) {
    __builtin_trap();
  }
  rondom::Arena arena;
  rondom::expression::Scope scope;
  rondom::JsonReader reader;
  if (zero != std::string_view::npos) {
    if (const auto value = reader.parse(bytes.substr(zero + 1), arena); value.ok()) {
      scope.current = scope.root = *value;
    }
  }
  scope.arena = &arena;
  scope.as_of = 0;
  scope.country = "NL";
  scope.time_zone = "Europe/Amsterdam";
  (void)expression.evaluate(scope);
  return 0;
}
