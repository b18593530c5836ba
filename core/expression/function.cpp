#include "expression/function.h"

namespace rondom::expression {

bool Call::text(std::size_t index, std::string_view& out, bool& null) {
  Value found;
  if (!value(index, found)) return false;
  null = found.is_null();
  if (null) return true;
  if (found.is_list() || found.is_object()) {
    return fail(std::string("a text is needed, and this is of type ") +
                rondom::to_text(found.type()));
  }
  out = found.to_text(*scope().arena);
  return true;
}

bool Call::list(std::size_t index, Value& out) {
  if (!value(index, out)) return false;
  if (out.is_null()) out = Value::list(nullptr, 0);
  if (out.is_list()) return true;
  return fail(std::string("a list is needed, and this is of type ") + rondom::to_text(out.type()));
}

bool Call::fail(std::string_view message) {
  return evaluation_.fail(std::string(node_.function->info.name) + "(): " + std::string(message));
}

std::span<const Function> all_functions() {
  static const std::vector<Function> table = [] {
    std::vector<Function> all;
    for (const auto part :
         {choice_functions(), text_functions(), pattern_functions(), number_functions(),
          arithmetic_functions(), time_functions(), calendar_functions(), table_functions(),
          cleaner_functions(), list_functions(), aggregate_functions()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return table;
}

const Function* find_function(std::string_view name) {
  for (const Function& function : all_functions()) {
    if (function.info.name == name) return &function;
  }
  return nullptr;
}

const std::vector<FunctionInfo>& functions() {
  static const std::vector<FunctionInfo> infos = [] {
    std::vector<FunctionInfo> all;
    for (const Function& function : all_functions()) all.push_back(function.info);
    return all;
  }();
  return infos;
}

}  // namespace rondom::expression
