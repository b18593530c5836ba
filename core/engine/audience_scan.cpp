#include "engine/audience_scan.h"

#include <set>

#include "engine/attributes.h"
#include "pipeline/normalize/normalize.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

constexpr std::size_t profiles_per_page = 2'000;

bool makes_sense_for(const config::Project& project, const config::Audience& audience,
                     Entity entity) {
  config::Diagnostics diagnostics;
  const segment::Audience compiled(audience, entity, project, diagnostics);
  return diagnostics.empty();
}

}  // namespace

Entity entity_of(const config::Project& project, const config::Audience& audience) {
  for (const config::Job& job : project.jobs) {
    if (job.destination.has_value() && job.destination->audience == audience.name) {
      return entity_from(job.destination->entity).value_or(Entity::person);
    }
  }
  const bool is_of_people = makes_sense_for(project, audience, Entity::person) ||
                            !makes_sense_for(project, audience, Entity::organization);
  return is_of_people ? Entity::person : Entity::organization;
}

struct AudienceScan::Inside {
  const config::Project* project = nullptr;
  store::Store* store = nullptr;
  Entity entity = Entity::person;
  Timestamp as_of = no_time;
  std::vector<segment::Audience> audiences;
  std::unique_ptr<AttributeReader> attributes;  // null when no line reads any
  std::shared_ptr<expression::Cleaners> cleaners = normalize::make_cleaners();
  std::int64_t not_computed = 0;
  std::string first_problem;
};

AudienceScan::AudienceScan(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
AudienceScan::~AudienceScan() = default;

Result<std::unique_ptr<AudienceScan>> AudienceScan::make(
    const config::Project& project, store::Store& store, Entity entity, Timestamp as_of,
    std::span<const config::Audience* const> audiences, std::size_t threads) {
  auto inside = std::make_unique<Inside>();
  inside->project = &project;
  inside->store = &store;
  inside->entity = entity;
  inside->as_of = as_of;
  config::Diagnostics diagnostics;
  std::set<std::string> names;
  for (const config::Audience* audience : audiences) {
    collect_names(*audience, project.library.get(), names);
    inside->audiences.emplace_back(*audience, entity, project, diagnostics);
  }
  if (!diagnostics.empty()) return Error{ErrorCode::bad_config, diagnostics.render(project.root)};
  RONDOM_TRY_ASSIGN(inside->attributes,
                    AttributeReader::make(project, store, entity, as_of, &names, threads));
  if (!inside->attributes->needed()) inside->attributes = nullptr;
  return std::unique_ptr<AudienceScan>(new AudienceScan(std::move(inside)));
}

const std::vector<std::string>& AudienceScan::lines(std::size_t audience) const {
  return inside_->audiences[audience].lines();
}

std::string AudienceScan::problem() const {
  if (inside_->not_computed <= 1) return inside_->first_problem;
  return inside_->first_problem + ", and " + with_thousands(inside_->not_computed - 1) +
         " more that cannot be computed";
}

Status AudienceScan::look(std::span<const store::Profile> profiles, const Visit& visit) {
  Inside& in = *inside_;
  if (in.attributes != nullptr) {
    RONDOM_TRY(in.attributes->load(profiles, enrich::Changes::ignore));
  }
  Arena arena;
  std::vector<int> failing(in.audiences.size());
  for (const store::Profile& profile : profiles) {
    if (profile.entity != in.entity) continue;
    arena.reset();
    const Value value = in.attributes != nullptr
                            ? in.attributes->profile_value(profile, arena)
                            : segment::profile_value(profile.values, profile.entity, arena);
    for (std::size_t i = 0; i < in.audiences.size(); ++i) {
      segment::Stop stop = in.audiences[i].stop_of(value, in.as_of, arena, in.cleaners.get(),
                                                   in.project->defaults.time_zone);
      failing[i] = stop.line;
      if (stop.problem.empty()) continue;
      if (in.not_computed++ == 0) in.first_problem = std::move(stop.problem);
    }
    RONDOM_TRY(visit(profile, failing));
  }
  return {};
}

Status AudienceScan::all(const Visit& visit, const std::function<Status()>& page) {
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(const auto profiles, inside_->store->scan_profiles(after, profiles_per_page));
    if (profiles.empty()) return {};
    RONDOM_TRY(look(profiles, visit));
    if (page) RONDOM_TRY(page());
    after = profiles.back().id;
  }
}

Status AudienceScan::one(const store::Profile& profile, const Visit& visit) {
  return look({&profile, 1}, visit);
}

}  // namespace rondom::engine
