// An expression, a zero byte, and the JSON it is evaluated over.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expression/expression.h"
#include "expression/library.h"
#include "pipeline/normalize/normalize.h"

namespace {

using namespace rondom::expression;

/// Tables that texts of a few bytes can name.
const Library& library() {
  static const Library made = [] {
    Library all;
    auto table = std::make_shared<Lookup>("t");
    const bool filled = table->add("a", "1").ok() && table->add("b", R"({"c":[null,"d"]})").ok() &&
                        table->set_otherwise(R"("e")").ok();
    if (!filled) __builtin_trap();
    all.add(std::shared_ptr<const Lookup>(table));
    auto words = std::make_shared<Vocabulary>("v");
    for (const char* word : {"a", "B c", "d-e"}) (void)words->add(word, "a");
    all.add(std::shared_ptr<const Vocabulary>(words));
    return all;
  }();
  return made;
}

Cleaners& cleaners() {
  static const std::unique_ptr<Cleaners> made = rondom::normalize::make_cleaners();
  return *made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = bytes.find('\0');
  Expression expression;
  Problem problem;
  if (!Expression::compile(bytes.substr(0, zero), expression, problem, &library())) return 0;
  // Escapes make printed text longer; what is too long to be read was shorter when it was written.
  const bool readable = expression.print().size() <= rondom::limits::expression_bytes_max;
  Expression again;
  if (readable && (!Expression::compile(expression.print(), again, problem, &library()) ||
                   again.print() != expression.print())) {
    __builtin_trap();
  }
  rondom::Arena arena;
  Scope scope;
  rondom::JsonReader reader;
  if (zero != std::string_view::npos) {
    if (const auto value = reader.parse(bytes.substr(zero + 1), arena); value.ok()) {
      scope.current = scope.root = *value;
    }
  }
  scope.arena = &arena;
  scope.cleaners = &cleaners();
  scope.as_of = 0;
  scope.country = "NL";
  scope.time_zone = "Europe/Amsterdam";
  (void)expression.evaluate(scope);
  return 0;
}
