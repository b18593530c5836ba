#include "pipeline/activate/guard.h"

#include <cstdio>

namespace rondom::activate {
namespace {

constexpr std::size_t guard_id_characters = 10;

double percent_of(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

std::string percent_text(double percent) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", percent);
  return text;
}

std::string sentence(const Definition& definition, const Totals& totals, const char* verb,
                     std::int64_t count, double limit, const std::string& id, bool running) {
  std::string sent = "nothing was sent";
  if (running && totals.withdrawn > 0) {
    sent = "nothing but " + with_thousands(totals.withdrawn) +
           (totals.withdrawn == 1 ? " withdrawal was sent" : " withdrawals was sent");
  }
  return definition.job->job->name + " would " + verb + " " + with_thousands(count) + " of " +
         with_thousands(totals.acknowledged) + " delivered profiles (" +
         percent_text(percent_of(count, totals.acknowledged)) + ", limit " + percent_text(limit) +
         "), so " + sent + "; --accept " + id + " goes on";
}

}  // namespace

void Totals::add(const PlannedBatch& batch) {
  for (const PlannedOperation& operation : batch.operations) {
    if (operation.action == action::create) {
      ++created;
    } else if (operation.action == action::update) {
      ++updated;
    } else if (operation.exempt) {
      ++withdrawn;
    } else {
      ++removed;
    }
  }
}

bool may_trip(const Definition& definition, std::int64_t acknowledged, std::int64_t looked_at) {
  if (acknowledged <= guard_floor) return false;
  const double percent = percent_of(looked_at, acknowledged);
  return percent > definition.target->removals_percent_max ||
         percent > definition.target->changes_percent_max;
}

std::optional<Guard> guard_for(const Definition& definition, const Totals& totals, bool running) {
  if (totals.acknowledged <= guard_floor) return std::nullopt;
  const config::DestinationJob& target = *definition.target;
  const bool removals =
      percent_of(totals.removed, totals.acknowledged) > target.removals_percent_max;
  const bool changes = percent_of(totals.updated, totals.acknowledged) > target.changes_percent_max;
  if (!removals && !changes) return std::nullopt;
  Hasher hasher;
  // Not how many are held: withdrawals are delivered all the same, and the guard keeps its name.
  hasher.add(definition.name).add(definition.fingerprint);
  hasher.add(static_cast<std::uint64_t>(totals.updated));
  hasher.add(static_cast<std::uint64_t>(totals.removed));
  Guard guard;
  guard.id = hex64(hasher.value()).substr(0, guard_id_characters);
  guard.message = removals ? sentence(definition, totals, "remove", totals.removed,
                                      target.removals_percent_max, guard.id, running)
                           : sentence(definition, totals, "change", totals.updated,
                                      target.changes_percent_max, guard.id, running);
  return guard;
}

}  // namespace rondom::activate
