#include "engine/attributes.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>

#include "engine/activity_values.h"
#include "engine/attribute_lane.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

/// What a lane takes at a time: enough for reads by the set, few enough that lanes end together.
constexpr std::size_t profiles_per_part = profiles_per_range;
/// Ids asked for a profile, of those that are taken to be one after another.
constexpr store::ProfileId ids_per_profile_max = 2;

bool is_of_entity_by_id(std::span<const store::Profile> profiles, Entity entity) {
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    if (profiles[i].entity != entity) return false;
    if (i > 0 && profiles[i].id < profiles[i - 1].id) return false;
  }
  return true;
}

}  // namespace

struct AttributeReader::Inside {
  Inside(const config::Project& project, store::Store& in, Entity entity, Timestamp as_of,
         config::Diagnostics& diagnostics)
      : question{&project, entity, as_of, {}, {}, {}},
        plan(project, entity, segment::profile_fields(entity), diagnostics),
        store(in) {}

  Status load(std::span<const store::Profile> profiles, enrich::Changes changes);
  Status add_lanes(std::size_t parts);
  Status sweep_if_everybody(std::span<const store::Profile> profiles);
  AttributeLane& first() { return lanes.front(); }

  AttributeQuestion question;
  enrich::Plan plan;
  store::Store& store;
  std::size_t threads = 1;
  SweepLimits limits;
  std::unique_ptr<ActivitySweep> sweep;
  store::ProfileId last_asked = 0;
  std::size_t in_a_row = 0;  // asked for one after another
  store::ProfileId not_before = 0;
  std::deque<AttributeLane> lanes;  // the first one in the thread that asks

  // Of the last load().
  std::vector<store::ProfileId> ids;  // of the entity, ascending
  std::vector<enrich::Computed> computed;
  std::vector<Activities> activities;  // where the lists are wanted, or of a single profile
};

/// A lane for each thread that finds a part to do.
Status AttributeReader::Inside::add_lanes(std::size_t parts) {
  if (lanes.empty()) lanes.emplace_back(question, plan, store);
  while (lanes.size() < std::min(threads, parts)) {
    RONDOM_TRY_ASSIGN(auto reader, store.open_reader());
    lanes.emplace_back(question, plan, std::move(reader));
  }
  return {};
}

/// Who asks for one profile after another, page by page, will ask for the rest of them too.
Status AttributeReader::Inside::sweep_if_everybody(std::span<const store::Profile> profiles) {
  if (profiles.empty() || !question.reads_activities()) return {};
  const store::ProfileId first = profiles.front().id, last = profiles.back().id;
  const auto dense = static_cast<store::ProfileId>(profiles.size()) * ids_per_profile_max;
  const bool follows = first > last_asked && last - last_asked <= dense;
  in_a_row = follows ? in_a_row + profiles.size() : 0;
  last_asked = last;
  if (sweep != nullptr && (!follows || last > sweep->last())) sweep.reset();
  if (sweep != nullptr || in_a_row < limits.after_profiles || first <= not_before) return {};
  // Should it not pay from here on, it is not asked again with every page.
  not_before = first + static_cast<store::ProfileId>(limits.after_profiles);
  const ActivitySweep::Question about{question.project, question.entity,
                                      question.lists_of_wanted | question.lists_named, limits};
  RONDOM_TRY_ASSIGN(sweep, ActivitySweep::make(about, store, first - 1, threads));
  return {};
}

/// Each part has its place for what it finds, so that nothing depends on which lane does it.
Status AttributeReader::Inside::load(std::span<const store::Profile> given,
                                     enrich::Changes changes) {
  ids.clear();
  std::vector<store::Profile> sorted;
  std::span profiles = given;
  if (!is_of_entity_by_id(given, question.entity)) {
    std::copy_if(given.begin(), given.end(), std::back_inserter(sorted),
                 [&](const store::Profile& profile) { return profile.entity == question.entity; });
    std::sort(sorted.begin(), sorted.end(),
              [](const store::Profile& a, const store::Profile& b) { return a.id < b.id; });
    profiles = sorted;
  }
  const std::size_t each = question.wanted.size();
  const std::size_t parts = (profiles.size() + profiles_per_part - 1) / profiles_per_part;
  const bool keeps = question.lists_named.any() || given.size() == 1;
  computed.resize(profiles.size() * each);
  activities.clear();
  activities.resize(keeps ? profiles.size() : 0);
  RONDOM_TRY(add_lanes(parts));
  RONDOM_TRY(sweep_if_everybody(profiles));
  for (AttributeLane& lane : lanes) lane.reset();

  std::atomic<std::size_t> next = 0;
  std::vector<Status> statuses(parts);
  const auto work = [&](AttributeLane& lane) {
    for (std::size_t part = next++; part < parts; part = next++) {
      const std::size_t at = part * profiles_per_part;
      const std::size_t count = std::min(profiles_per_part, profiles.size() - at);
      statuses[part] =
          lane.compute(profiles.subspan(at, count), sweep.get(), changes,
                       std::span(computed).subspan(at * each, count * each),
                       keeps ? std::span(activities).subspan(at, count) : std::span<Activities>());
    }
  };
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(lanes.size(), parts); ++i) {
    others.emplace_back(work, std::ref(lanes[i]));
  }
  work(first());
  for (std::thread& other : others) other.join();
  for (const Status& status : statuses) RONDOM_TRY(status);
  for (const store::Profile& profile : profiles) ids.push_back(profile.id);
  return {};
}

AttributeReader::AttributeReader(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
AttributeReader::~AttributeReader() = default;

Result<std::unique_ptr<AttributeReader>> AttributeReader::make(
    const config::Project& project, store::Store& store, Entity entity, Timestamp as_of,
    const std::set<std::string>* names, std::size_t threads, const SweepLimits& limits) {
  config::Diagnostics diagnostics;
  auto inside = std::make_unique<Inside>(project, store, entity, as_of, diagnostics);
  if (!diagnostics.empty()) {
    return Error{ErrorCode::bad_config, diagnostics.render(project.root)};
  }
  inside->threads = std::max<std::size_t>(1, threads);
  inside->limits = limits;
  const enrich::Plan& plan = inside->plan;
  AttributeQuestion& question = inside->question;
  for (std::uint32_t i = 0; i < plan.size(); ++i) {
    const config::Attribute& attribute = plan.attribute(i);
    if (names == nullptr ? attribute.is_part : names->count(attribute.name) == 0) continue;
    question.wanted.push_back(i);
    for (std::size_t list = 0; list < activity_lists_count; ++list) {
      if (plan.reads(i, list)) question.lists_of_wanted.set(list);
    }
  }
  if (names != nullptr) {
    for (std::size_t i = 0; i < activity_lists_count; ++i) {
      question.lists_named.set(i, names->count(std::string(activity_lists()[i].name)) != 0);
    }
  }
  return std::unique_ptr<AttributeReader>(new AttributeReader(std::move(inside)));
}

bool AttributeReader::needed() const {
  return !inside_->question.wanted.empty() || inside_->question.lists_named.any();
}
const enrich::Plan& AttributeReader::plan() const {
  return inside_->plan;
}
const std::vector<std::uint32_t>& AttributeReader::wanted() const {
  return inside_->question.wanted;
}

std::uint64_t AttributeReader::fingerprint() const {
  Hasher hasher;
  for (const std::uint32_t id : inside_->question.wanted) {
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
  const std::size_t each = inside_->question.wanted.size();
  return std::span(inside_->computed).subspan(at * each, each);
}

Value AttributeReader::profile_value(const store::Profile& profile, Arena& arena) const {
  const Value value = segment::profile_value(profile.values, profile.entity, arena);
  const auto found = std::lower_bound(inside_->ids.begin(), inside_->ids.end(), profile.id);
  if (profile.entity != inside_->question.entity || found == inside_->ids.end() ||
      *found != profile.id) {
    return value;
  }
  const auto at = static_cast<std::size_t>(found - inside_->ids.begin());
  const std::span<const enrich::Computed> computed = this->computed(profile.id);
  Member* members = arena.array<Member>(value.size() + computed.size() + activity_lists_count);
  std::uint32_t count = 0;
  for (; count < value.size(); ++count) members[count] = value.member(count);
  for (std::size_t i = 0; i < computed.size(); ++i) {
    members[count++] = {inside_->plan.attribute(wanted()[i]).name, computed[i].value};
  }
  for (std::size_t i = 0; i < activity_lists_count; ++i) {
    if (!inside_->question.lists_named.test(i)) continue;
    const Value whole = list_value(inside_->activities[at], i, arena);
    members[count++] = {activity_lists()[i].name,
                        enrich::happened(whole, inside_->question.as_of, arena)};
  }
  return Value::object(members, count);
}

std::vector<enrich::Evidence> AttributeReader::evidence(std::uint32_t attribute) const {
  return inside_->first().evaluator().evidence(attribute);
}

std::vector<std::uint32_t> AttributeReader::inputs(std::uint32_t attribute) const {
  return inside_->first().evaluator().inputs(attribute);
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
                                               Timestamp as_of, std::size_t threads) {
  if (project.attributes.empty()) return ExportedAttributes();
  using Reader = std::shared_ptr<AttributeReader>;
  RONDOM_TRY_ASSIGN(Reader persons,
                    AttributeReader::make(project, store, Entity::person, as_of, nullptr, threads));
  RONDOM_TRY_ASSIGN(
      Reader organizations,
      AttributeReader::make(project, store, Entity::organization, as_of, nullptr, threads));
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
