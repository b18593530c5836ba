#include "pipeline/map/evaluator.h"

#include <algorithm>
#include <cstring>

namespace rondom::map {
namespace {

bool needs_escape(char c) {
  return c == '.' || c == '/' || c == '\\';
}

std::size_t escaped_size(std::string_view text) {
  return text.size() +
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), needs_escape));
}

char* write_escaped(char* out, std::string_view text) {
  for (const char c : text) {
    if (needs_escape(c)) *out++ = '\\';
    *out++ = c;
  }
  return out;
}

/// Records of one stream mostly have their members at the same places.
const Value* find_near(const Value& object, std::string_view name, std::uint32_t& position) {
  const std::uint32_t count = object.size();
  if (position < count && object.member(position).name == name) {
    return &object.member(position).value;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const Member& member = object.member(i);
    if (member.name != name) continue;
    position = i;
    return &member.value;
  }
  return nullptr;
}

}  // namespace

void Evaluator::start(const Value& source, std::string_view country, Arena& arena) {
  scope_.current = source;
  scope_.root = source;
  scope_.index = -1;
  scope_.country = country;
  scope_.time_zone = time_zone_;
  scope_.arena = &arena;
  failure_.clear();
}

Evaluator::Outer Evaluator::enter(const Value& item, std::int64_t index) {
  const Outer outer{scope_.current, scope_.index};
  scope_.current = item;
  scope_.index = index;
  return outer;
}

void Evaluator::leave(const Outer& outer) {
  scope_.current = outer.current;
  scope_.index = outer.index;
}

bool Evaluator::fail(std::string_view message) {
  failure_ = message;
  return false;
}

bool Evaluator::evaluate(const Operand& operand, Value& out) {
  Result<Value> result = operand.expression.evaluate(scope_);
  if (!result.ok()) return fail(result.error().message);
  out = *result;
  return true;
}

bool Evaluator::follow(const Operand& operand, Value& out) {
  const Value* at = &scope_.current;
  std::uint32_t slot = operand.first_slot;
  for (const std::string& name : operand.path) {
    if (!at->is_object()) {
      if (!at->is_null()) return evaluate(operand, out);
      break;
    }
    const Value* found = find_near(*at, name, positions_[slot++]);
    if (found == nullptr) {
      out = Value();
      return true;
    }
    at = found;
  }
  out = *at;
  return true;
}

bool Evaluator::value(const Operand& operand, Value& out) {
  switch (operand.kind) {
    case Operand::Kind::none: out = Value(); return true;
    case Operand::Kind::constant: out = Value::text(operand.constant); return true;
    case Operand::Kind::path: return follow(operand, out);
    case Operand::Kind::expression: return evaluate(operand, out);
  }
  return true;
}

bool Evaluator::text(const Operand& operand, std::string_view& out) {
  Value found;
  if (!value(operand, found)) return false;
  was_text_ = found.is_text();
  if (was_text_) {
    out = found.as_text();
    return true;
  }
  if (found.is_list()) {
    return fail("a list stands where one value belongs: use first, last or join");
  }
  if (found.is_object()) {
    return fail("an object stands where one value belongs: name one of its fields");
  }
  out = found.is_null() ? std::string_view() : found.to_text(arena());
  return true;
}

bool Evaluator::holds(const Operand& condition, bool& out) {
  out = true;
  if (!condition.present()) return true;
  Value found;
  if (!value(condition, found)) return false;
  switch (found.type()) {
    case ValueType::null: out = false; return true;
    case ValueType::boolean: out = found.as_boolean(); return true;
    case ValueType::integer:
      // Databases and spreadsheets without a boolean type say 0 and 1.
      if (found.as_integer() != 0 && found.as_integer() != 1) break;
      out = found.as_integer() == 1;
      return true;
    case ValueType::text: {
      const std::string_view word = found.as_text();
      const bool is_no = word.empty() || word == "0" || word == "false" || word == "False";
      const bool is_yes = word == "1" || word == "true" || word == "True";
      if (!is_no && !is_yes) break;
      out = is_yes;
      return true;
    }
    default: break;
  }
  return fail("the condition is neither true nor false");
}

bool Evaluator::items(const Operand& for_each, std::span<const Value>& out) {
  Value found;
  if (!value(for_each, found)) return false;
  out = {};
  if (found.is_list()) {
    if (found.size() > 0) out = {&found.item(0), found.size()};
    return true;
  }
  if (found.is_null() || (found.is_text() && found.as_text().empty())) return true;
  return fail("for_each needs a list");
}

bool Evaluator::key(const std::vector<Operand>& parts, std::string_view& out) {
  out = {};
  if (parts.size() == 1) {
    if (!text(parts.front(), out)) return false;
    if (trim_ascii(out).empty()) out = {};
    return true;
  }
  key_texts_.clear();
  std::size_t size = 0;
  for (const Operand& part : parts) {
    std::string_view one;
    if (!text(part, one)) return false;
    if (trim_ascii(one).empty()) return true;
    size += escaped_size(one) + 1;
    key_texts_.push_back(one);
  }
  if (key_texts_.empty()) return true;
  char* const bytes = arena().array<char>(size);
  char* end = bytes;
  for (const std::string_view one : key_texts_) {
    if (end != bytes) *end++ = '/';
    end = write_escaped(end, one);
  }
  out = {bytes, static_cast<std::size_t>(end - bytes)};
  return true;
}

std::string_view Evaluator::name_of(std::string_view prefix, std::string_view key) {
  const std::size_t size = prefix.size() + escaped_size(key);
  char* const bytes = arena().array<char>(size);
  std::memcpy(bytes, prefix.data(), prefix.size());
  write_escaped(bytes + prefix.size(), key);
  return {bytes, size};
}

std::string_view Evaluator::joined(std::string_view a, std::string_view b) {
  char* const bytes = arena().array<char>(a.size() + b.size());
  std::memcpy(bytes, a.data(), a.size());
  std::memcpy(bytes + a.size(), b.data(), b.size());
  return {bytes, a.size() + b.size()};
}

}  // namespace rondom::map
