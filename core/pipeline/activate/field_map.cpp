#include "pipeline/activate/field_map.h"

#include <algorithm>

#include "pipeline/activate/map_compiler.h"

namespace rondom::activate {
namespace {

/// Appends the producer's JSON; nothing when it has no value.
Status append(const Producer& producer, const expression::Scope& scope, std::string& out);

/// False also where the condition is no boolean or cannot be told.
Result<bool> holds(const expression::Expression& when, const expression::Scope& scope) {
  if (!when.present()) return true;
  RONDOM_TRY_ASSIGN(const Value value, when.evaluate(scope));
  return value.type() == ValueType::boolean && value.as_boolean();
}

Status append_words(const Producer& producer, const expression::Scope& scope, std::string& out) {
  RONDOM_TRY_ASSIGN(const Value value, producer.expression.evaluate(scope));
  const std::string_view word = value.is_null() ? std::string_view() : value.to_text(*scope.arena);
  const auto found = std::lower_bound(
      producer.members.begin(), producer.members.end(), word,
      [](const auto& member, std::string_view text) { return member.first < text; });
  if (!value.is_null() && found != producer.members.end() && found->first == word) {
    return append(found->second, scope, out);
  }
  return producer.items.empty() ? Status() : append(producer.items.front(), scope, out);
}

Status append_list(const Producer& producer, const expression::Scope& scope, std::string& out) {
  out += '[';
  const std::size_t first = out.size();
  for (const Producer& item : producer.items) {
    const std::size_t before = out.size();
    if (before != first) out += ',';
    const std::size_t start = out.size();
    RONDOM_TRY(append(item, scope, out));
    if (out.size() == start) out.resize(before);
  }
  out += ']';
  return {};
}

Status append_object(const Producer& producer, const expression::Scope& scope, std::string& out) {
  out += '{';
  const std::size_t first = out.size();
  for (const auto& [name, member] : producer.members) {
    const std::size_t before = out.size();
    if (before != first) out += ',';
    append_json_string(out, name);
    out += ':';
    const std::size_t start = out.size();
    RONDOM_TRY(append(member, scope, out));
    if (out.size() == start) out.resize(before);
  }
  out += '}';
  return {};
}

Status append(const Producer& producer, const expression::Scope& scope, std::string& out) {
  RONDOM_TRY_ASSIGN(const bool counts, holds(producer.when, scope));
  if (!counts) return {};
  switch (producer.kind) {
    case Producer::Kind::nothing: return {};
    case Producer::Kind::constant: out += producer.json; return {};
    case Producer::Kind::words: return append_words(producer, scope, out);
    case Producer::Kind::list: return append_list(producer, scope, out);
    case Producer::Kind::object: return append_object(producer, scope, out);
    case Producer::Kind::expression: break;
  }
  RONDOM_TRY_ASSIGN(const Value value, producer.expression.evaluate(scope));
  if (!value.is_null()) value.append_json(out);
  return {};
}

}  // namespace

FieldMap::FieldMap(const config::Node& map, const config::ProfileSchema* schema,
                   config::Diagnostics& diagnostics, const expression::Library* library,
                   std::string_view contact) {
  MapCompiler compiler(schema, library, diagnostics, contact);
  for (auto& [name, producer] : compiler.compile(map)) {
    targets_.push_back({name, std::move(producer)});
  }
  std::stable_sort(targets_.begin(), targets_.end(),
                   [](const Target& a, const Target& b) { return a.name < b.name; });
  depends_on_time_ = compiler.depends_on_time();
  fingerprint_ = compiler.fingerprint();
}

Status FieldMap::render_target(const Target& target, const Input& input, std::string& scratch,
                               RenderedField& field) const {
  expression::Scope scope;
  scope.current = input.profile;
  scope.root = input.profile;
  scope.as_of = input.as_of;
  scope.country = input.country;
  scope.time_zone = input.time_zone;
  scope.arena = input.arena;
  scope.cleaners = input.cleaners;
  scratch.clear();
  const Status done = append(target.producer, scope, scratch);
  if (!done.ok()) {
    return Error{done.error().code, "field " + target.name + ": " + done.error().message};
  }
  field.name = target.name;
  field.json = input.arena->copy(scratch);
  field.hash = field.json.empty() ? 0 : hash64(field.json);
  return {};
}

Status FieldMap::render(const Input& input, std::vector<RenderedField>& fields) const {
  fields.clear();
  std::string scratch;
  for (const Target& target : targets_) {
    RONDOM_TRY(render_target(target, input, scratch, fields.emplace_back()));
  }
  return {};
}

Status FieldMap::render_one(std::string_view name, const Input& input, RenderedField& field) const {
  std::string scratch;
  field = {};
  for (const Target& target : targets_) {
    if (target.name == name) return render_target(target, input, scratch, field);
  }
  return {};
}

bool FieldMap::has(std::string_view name) const {
  return std::any_of(targets_.begin(), targets_.end(),
                     [&](const Target& target) { return target.name == name; });
}

Value with_permitted(const Value& profile, std::string_view contact_name, std::string_view contact,
                     Arena& arena) {
  const std::uint32_t before = profile.is_object() ? profile.size() : 0;
  Member* members = arena.array<Member>(before + 1);
  for (std::uint32_t i = 0; i < before; ++i) members[i] = profile.member(i);
  Member* permitted = nullptr;
  std::uint32_t count = 0;
  if (!contact_name.empty() && !contact.empty()) {
    permitted = arena.array<Member>(1);
    permitted[0] = {contact_name, Value::text(contact)};
    count = 1;
  }
  members[before] = {"permitted", Value::object(permitted, count)};
  return Value::object(members, before + 1);
}

}  // namespace rondom::activate
