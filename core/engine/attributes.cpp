#include "engine/attributes.h"

#include <algorithm>
#include <bitset>

#include "expression/expression.h"
#include "pipeline/normalize/normalize.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

constexpr std::size_t profiles_per_load = 500;

/// Copies what a value points at into an arena of its own.
Value kept(const Value& value, Arena& arena) {
  if (value.is_text()) return Value::text(arena.copy(value.as_text()));
  if (value.is_list()) {
    Value* items = arena.array<Value>(value.size());
    for (std::uint32_t i = 0; i < value.size(); ++i) items[i] = kept(value.item(i), arena);
    return Value::list(items, value.size());
  }
  if (value.is_object()) {
    Member* members = arena.array<Member>(value.size());
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      members[i] = {arena.copy(value.member(i).name), kept(value.member(i).value, arena)};
    }
    return Value::object(members, value.size());
  }
  return value;
}

expression::Expression product_of_line() {
  expression::Expression product;
  expression::Problem problem;
  (void)expression::Expression::compile("times(.unit_price, default(.quantity, 1))", product,
                                        problem);
  return product;
}

/// A line with what it costs; null where that is not known.
Value with_total(const Value& line, Arena& arena) {
  static const expression::Expression product = product_of_line();
  if (!line.is_object()) return line;
  expression::Scope scope;
  scope.current = scope.root = line;
  scope.arena = &arena;
  const Result<Value> total = product.evaluate(scope);
  if (!total.ok() || total->is_null()) return line;
  Member* members = arena.array<Member>(line.size() + 1);
  for (std::uint32_t i = 0; i < line.size(); ++i) members[i] = line.member(i);
  members[line.size()] = {"total", *total};
  return Value::object(members, line.size() + 1);
}

Value order_value(const Activity& order, Arena& arena) {
  const Value value = segment::profile_value(order.canonical, Entity::order, arena);
  const Value* lines = value.find("lines");
  if (lines == nullptr || !lines->is_list()) return value;
  Value* items = arena.array<Value>(lines->size());
  for (std::uint32_t i = 0; i < lines->size(); ++i) items[i] = with_total(lines->item(i), arena);
  Member* members = arena.array<Member>(value.size());
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    members[i] = value.member(i);
    if (members[i].name == "lines") members[i].value = Value::list(items, lines->size());
  }
  return Value::object(members, value.size());
}

Value list_value(const Activities& of, std::size_t list, Arena& arena) {
  const Entity entity = activity_lists()[list].entity;
  const std::vector<Activity>& all = of.lists[list];
  Value* items = arena.array<Value>(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    items[i] = entity == Entity::order ? order_value(all[i], arena)
                                       : segment::profile_value(all[i].canonical, entity, arena);
  }
  return Value::list(items, static_cast<std::uint32_t>(all.size()));
}

}  // namespace

struct AttributeReader::Inside {
  Inside(const config::Project& of, store::Store& in, Entity kind, Timestamp at,
         config::Diagnostics& diagnostics)
      : project(of),
        entity(kind),
        as_of(at),
        plan(of, kind, segment::profile_fields(kind), diagnostics),
        evaluator(plan),
        reader(of, in) {}

  Status load(std::span<const store::Profile> profiles, enrich::Changes changes);
  void compute(const store::Profile& profile, const Activities& of, enrich::Changes changes);

  const config::Project& project;
  const Entity entity;
  const Timestamp as_of;
  enrich::Plan plan;
  enrich::Evaluator evaluator;
  ActivityReader reader;
  std::shared_ptr<expression::Cleaners> cleaners = normalize::make_cleaners();
  std::vector<std::uint32_t> wanted;
  std::bitset<activity_lists_count> lists_named;  // beside attributes
  bool reads_activities = false;

  // Of the last load().
  std::vector<store::ProfileId> ids;  // ascending
  std::vector<enrich::Computed> computed;
  std::vector<Activities> activities;  // where the lists are wanted, or of a single profile
  Arena results;
  Arena scratch;
};

void AttributeReader::Inside::compute(const store::Profile& profile, const Activities& of,
                                      enrich::Changes changes) {
  scratch.reset();
  enrich::Input input;
  input.profile = segment::profile_value(profile.values, entity, scratch);
  for (std::size_t i = 0; i < activity_lists_count; ++i) {
    input.lists[i] = list_value(of, i, scratch);
  }
  input.as_of = as_of;
  const Value* country = input.profile.find("country");
  input.country = country != nullptr && country->is_text()
                      ? country->as_text()
                      : std::string_view(project.defaults.country);
  input.arena = &scratch;
  input.cleaners = cleaners.get();
  std::vector<enrich::Computed> found;
  evaluator.evaluate(input, wanted, changes, found);
  for (enrich::Computed& one : found) {
    one.value = kept(one.value, results);
    computed.push_back(std::move(one));
  }
}

Status AttributeReader::Inside::load(std::span<const store::Profile> profiles,
                                     enrich::Changes changes) {
  ids.clear();
  computed.clear();
  activities.clear();
  results.reset();
  const bool keeps = lists_named.any() || profiles.size() == 1;
  std::vector<store::Profile> of_entity;
  for (const store::Profile& profile : profiles) {
    if (profile.entity == entity) of_entity.push_back(profile);
  }
  std::sort(of_entity.begin(), of_entity.end(),
            [](const store::Profile& a, const store::Profile& b) { return a.id < b.id; });
  for (std::size_t at = 0; at < of_entity.size(); at += profiles_per_load) {
    const std::size_t count = std::min(profiles_per_load, of_entity.size() - at);
    const std::span part(of_entity.data() + at, count);
    std::vector<Activities> found(count);
    if (reads_activities) {
      RONDOM_TRY_ASSIGN(found, reader.read(part));
    }
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(part[i].id);
      compute(part[i], found[i], changes);
      if (keeps) activities.push_back(std::move(found[i]));
    }
  }
  return {};
}

AttributeReader::AttributeReader(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
AttributeReader::~AttributeReader() = default;

Result<std::unique_ptr<AttributeReader>> AttributeReader::make(const config::Project& project,
                                                               store::Store& store, Entity entity,
                                                               Timestamp as_of,
                                                               const std::set<std::string>* names) {
  config::Diagnostics diagnostics;
  auto inside = std::make_unique<Inside>(project, store, entity, as_of, diagnostics);
  if (!diagnostics.empty()) {
    return Error{ErrorCode::bad_config, diagnostics.render(project.root)};
  }
  const enrich::Plan& plan = inside->plan;
  for (std::uint32_t i = 0; i < plan.size(); ++i) {
    if (names != nullptr && names->count(plan.attribute(i).name) == 0) continue;
    inside->wanted.push_back(i);
    inside->reads_activities = inside->reads_activities || plan.reads_activities(i);
  }
  if (names != nullptr) {
    for (std::size_t i = 0; i < activity_lists_count; ++i) {
      inside->lists_named.set(i, names->count(std::string(activity_lists()[i].name)) != 0);
    }
  }
  inside->reads_activities = inside->reads_activities || inside->lists_named.any();
  return std::unique_ptr<AttributeReader>(new AttributeReader(std::move(inside)));
}

bool AttributeReader::needed() const {
  return !inside_->wanted.empty() || inside_->lists_named.any();
}
const enrich::Plan& AttributeReader::plan() const {
  return inside_->plan;
}
const std::vector<std::uint32_t>& AttributeReader::wanted() const {
  return inside_->wanted;
}

std::uint64_t AttributeReader::fingerprint() const {
  Hasher hasher;
  for (const std::uint32_t id : inside_->wanted) {
    hasher.add(inside_->plan.attribute(id).name).add(inside_->plan.fingerprint(id));
  }
  return hasher.value();
}

Status AttributeReader::load(std::span<const store::Profile> profiles, enrich::Changes changes) {
  return inside_->load(profiles, changes);
}

std::span<const enrich::Computed> AttributeReader::computed(store::ProfileId profile) const {
  const auto found = std::lower_bound(inside_->ids.begin(), inside_->ids.end(), profile);
  if (found == inside_->ids.end() || *found != profile) return {};
  const auto at = static_cast<std::size_t>(found - inside_->ids.begin());
  const std::size_t each = inside_->wanted.size();
  return std::span(inside_->computed).subspan(at * each, each);
}

Value AttributeReader::profile_value(const store::Profile& profile, Arena& arena) const {
  const Value value = segment::profile_value(profile.values, profile.entity, arena);
  const auto found = std::lower_bound(inside_->ids.begin(), inside_->ids.end(), profile.id);
  if (profile.entity != inside_->entity || found == inside_->ids.end() || *found != profile.id) {
    return value;
  }
  const auto at = static_cast<std::size_t>(found - inside_->ids.begin());
  const std::span<const enrich::Computed> computed = this->computed(profile.id);
  Member* members = arena.array<Member>(value.size() + computed.size() + activity_lists_count);
  std::uint32_t count = 0;
  for (; count < value.size(); ++count) members[count] = value.member(count);
  for (std::size_t i = 0; i < computed.size(); ++i) {
    members[count++] = {inside_->plan.attribute(inside_->wanted[i]).name, computed[i].value};
  }
  for (std::size_t i = 0; i < activity_lists_count; ++i) {
    if (!inside_->lists_named.test(i)) continue;
    const Value whole = list_value(inside_->activities[at], i, arena);
    members[count++] = {activity_lists()[i].name, enrich::happened(whole, inside_->as_of, arena)};
  }
  return Value::object(members, count);
}

std::vector<enrich::Evidence> AttributeReader::evidence(std::uint32_t attribute) const {
  return inside_->evaluator.evidence(attribute);
}

const Activities& AttributeReader::activities() const {
  return inside_->activities.front();
}

std::string attributes_json(const AttributeReader& reader, const store::Profile& profile) {
  if (reader.wanted().empty()) return {};
  std::string json = "{";
  const auto computed = reader.computed(profile.id);
  for (std::size_t i = 0; i < computed.size(); ++i) {
    if (computed[i].value.is_null()) continue;
    if (json.size() > 1) json += ',';
    append_json_string(json, reader.plan().attribute(reader.wanted()[i]).name);
    json += ':';
    append_attribute_json(json, computed[i].value);
  }
  return json + '}';
}

Result<ExportedAttributes> exported_attributes(const config::Project& project, store::Store& store,
                                               Timestamp as_of) {
  if (project.attributes.empty()) return ExportedAttributes();
  using Reader = std::shared_ptr<AttributeReader>;
  RONDOM_TRY_ASSIGN(Reader persons,
                    AttributeReader::make(project, store, Entity::person, as_of, nullptr));
  RONDOM_TRY_ASSIGN(Reader organizations,
                    AttributeReader::make(project, store, Entity::organization, as_of, nullptr));
  return ExportedAttributes([persons, organizations](std::span<const store::Profile> profiles)
                                -> Result<std::vector<std::string>> {
    for (const Reader& reader : {persons, organizations}) {
      RONDOM_TRY(reader->load(profiles, enrich::Changes::ignore));
    }
    std::vector<std::string> out;
    for (const store::Profile& profile : profiles) {
      const Reader& reader = profile.entity == Entity::person ? persons : organizations;
      out.push_back(attributes_json(*reader, profile));
    }
    return out;
  });
}

void append_attribute_json(std::string& out, const Value& value) {
  if (value.type() == ValueType::money) {
    const int digits = currency_digits(value.currency());
    out += "{\"amount\":\"";
    append_decimal(out, value.minor_units(), digits);
    out += "\",\"currency\":\"" + std::string(value.currency()) + "\"}";
    return;
  }
  value.append_json(out);
}

}  // namespace rondom::engine
