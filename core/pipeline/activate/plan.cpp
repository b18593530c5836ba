#include "pipeline/activate/guard.h"
#include "pipeline/activate/planner.h"

namespace rondom::activate {
namespace {

void count(const PlannedOperation& operation, Counts& counts) {
  if (operation.action == action::create) {
    ++counts.created;
  } else if (operation.action == action::update) {
    ++counts.updated;
  } else {
    ++counts.removed;
  }
}

void add_looked_at(const PlannedBatch& batch, Counts& counts) {
  counts.unchanged += batch.counts.unchanged;
  counts.unknown += batch.counts.unknown;
  for (const auto& [reason, number] : batch.counts.withheld) counts.withheld[reason] += number;
}

PlannedChange described(PlannedOperation& operation) {
  PlannedChange change;
  change.profile = operation.row.profile;
  change.key = operation.row.key;
  change.action = operation.action;
  change.fields = std::move(operation.fields);
  change.why = std::move(operation.why);
  return change;
}

}  // namespace

void check(const config::Project& project, const config::Job& job,
           std::span<const std::string> profile_fields, config::Diagnostics& diagnostics) {
  if (!job.destination) return;
  const config::DestinationJob& target = *job.destination;
  std::vector<std::string> fields(profile_fields.begin(), profile_fields.end());
  fields.emplace_back("permitted");
  const config::ProfileSchema schema(project, entity_from(target.entity).value_or(Entity::person),
                                     fields);
  const config::Purpose* purpose = project.purpose(target.purpose);
  const FieldMap map(
      target.map, &schema, diagnostics, project.library.get(),
      purpose == nullptr ? std::string_view() : contact_namespace(contact_kind(purpose->channel)));
  if (!target.match_on.empty() && !map.has(target.match_on)) {
    diagnostics.error(target.map.at, "match_on names the field " + target.match_on +
                                         ", which the map does not give");
  }
  if (target.purpose.empty() && target.entity == "person") {
    diagnostics.error(job.at, "a job that delivers persons needs a purpose",
                      "without one everybody is withheld");
  } else if (!target.purpose.empty() && purpose == nullptr) {
    diagnostics.error(job.at, "no purpose " + target.purpose + " in rondom.yaml");
  }
}

Result<Counts> plan(const Job& job, store::Store& store, std::size_t changes_max,
                    std::vector<PlannedChange>& changes, std::optional<Guard>& guard) {
  guard.reset();
  changes.clear();
  RONDOM_TRY_ASSIGN(const Definition definition, make_definition(job));
  RONDOM_TRY_ASSIGN(const Work work, collect_work(definition, store, false));
  Totals totals;
  RONDOM_TRY_ASSIGN(totals.acknowledged, store.delivered_count(definition.name));
  Counts counts;
  Planner planner(definition, store, {.describe = changes_max > 0, .resend_unknown = false});
  RONDOM_TRY(planner.each_batch(work, nullptr, [&](PlannedBatch& batch) {
    totals.add(batch);
    add_looked_at(batch, counts);
    for (PlannedOperation& operation : batch.operations) {
      count(operation, counts);
      if (changes.size() < changes_max) changes.push_back(described(operation));
    }
    return Status();
  }));
  guard = guard_for(definition, totals, false);
  return counts;
}

}  // namespace rondom::activate
