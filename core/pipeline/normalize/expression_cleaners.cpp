// The cleaners as expressions call them: a record of one cell, cleaned as every record is.
#include <algorithm>
#include <array>
#include <mutex>

#include "pipeline/normalize/normalize.h"

namespace rondom::normalize {
namespace {

using Kind = expression::Cleaners::Kind;

constexpr std::uint32_t only_group = 1;
constexpr std::size_t parts_max = 16;  // of a name or an address

AttributeId attribute_of(Kind kind) {
  switch (kind) {
    case Kind::email: return attribute::email_value;
    case Kind::phone: return attribute::phone_value;
    case Kind::postcode: return attribute::address_postcode;
    case Kind::country: return attribute::country;
    case Kind::language: return attribute::language;
    case Kind::name: return attribute::name_full;
    case Kind::address: return attribute::address_full;
  }
  return attribute::name_full;
}

bool has_parts(Kind kind) {
  return kind == Kind::name || kind == Kind::address;
}

/// "name.given" and "addresses.street" -> "given", "street"; empty for a cell of something else.
std::string_view part_of(Kind kind, const Cell& cell) {
  const std::string_view prefix = kind == Kind::name ? "name." : "addresses.";
  const std::string_view name = attribute_by_id(cell.attribute)->name;
  if (!name.starts_with(prefix) || cell.attribute == attribute::address_status) return {};
  return name.substr(prefix.size());
}

class ExpressionCleaners final : public expression::Cleaners {
 public:
  Value clean(Kind kind, std::string_view text, std::string_view country, Arena& arena) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!normalizer_) normalizer_ = std::make_unique<Normalizer>();
    const AttributeInfo* info = attribute_by_id(attribute_of(kind));
    record_.clear();
    record_.add({info->id, info->group.empty() ? 0 : only_group, text, {}, Rule::mapped, {}});
    Context context;
    context.country = country;
    if (!normalizer_->normalize(Entity::person, context, record_, arena).ok()) {
      return Value::text(text);
    }
    return has_parts(kind) ? parts(kind, arena) : only_value(info->id);
  }

  std::uint64_t version() const override { return rules_version; }

 private:
  Value only_value(AttributeId id) {
    for (const Cell& cell : record_.cells()) {
      if (cell.attribute == id) return Value::text(cell.value);
    }
    return {};
  }

  Value parts(Kind kind, Arena& arena) {
    std::array<Member, parts_max> found;
    std::uint32_t count = 0;
    record_.bytes();  // puts the cells in the order of the registry
    for (const Cell& cell : record_.cells()) {
      const std::string_view part = part_of(kind, cell);
      if (part.empty() || count == found.size()) continue;
      found[count++] = {part, Value::text(cell.value)};
    }
    if (count == 0) return {};
    auto* members = arena.array<Member>(count);
    std::copy_n(found.begin(), count, members);
    return Value::object(members, count);
  }

  std::mutex mutex_;
  std::unique_ptr<Normalizer> normalizer_;  // its caches are large and most jobs never ask
  RecordBuilder record_;
};

}  // namespace

std::unique_ptr<expression::Cleaners> make_cleaners() {
  return std::make_unique<ExpressionCleaners>();
}

}  // namespace rondom::normalize
