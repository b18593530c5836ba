#include "engine/attribute_lane.h"

#include <algorithm>

#include "engine/activity_values.h"
#include "pipeline/normalize/normalize.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

bool points_at_something(const Value& value) {
  return value.is_text() || value.is_list() || value.is_object();
}

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

}  // namespace

AttributeLane::AttributeLane(const AttributeQuestion& question, const enrich::Plan& plan,
                             store::Store& store)
    : question_(question),
      plan_(plan),
      evaluator_(plan),
      reader_(*question.project, store, question.as_of),
      cleaners_(normalize::make_cleaners()) {}

AttributeLane::AttributeLane(const AttributeQuestion& question, const enrich::Plan& plan,
                             std::unique_ptr<store::Store> store)
    : AttributeLane(question, plan, *store) {
  own_ = std::move(store);
}

void AttributeLane::compute_one(const store::Profile& profile, const Activities& of,
                                enrich::Changes changes, std::span<enrich::Computed> out) {
  scratch_.reset();
  enrich::Input input;
  input.profile = segment::profile_value(profile.values, question_.entity, scratch_);
  for (std::size_t i = 0; i < activity_lists_count; ++i) {
    input.lists[i] =
        question_.lists_of_wanted.test(i) ? list_value(of, i, scratch_) : Value::list(nullptr, 0);
  }
  input.as_of = question_.as_of;
  const Value* country = input.profile.find("country");
  input.country = country != nullptr && country->is_text()
                      ? country->as_text()
                      : std::string_view(question_.project->defaults.country);
  input.arena = &scratch_;
  input.cleaners = cleaners_.get();
  evaluator_.evaluate(input, question_.wanted, changes, out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (changes == enrich::Changes::find) note_leaving(of, question_.wanted[i], out[i]);
    if (points_at_something(out[i].value)) out[i].value = kept(out[i].value, results_);
    if (!out[i].problem.empty()) out[i].problem = results_.copy(out[i].problem);
  }
}

/// An activity that is too old to count may have counted in this one.
void AttributeLane::note_leaving(const Activities& of, std::uint32_t attribute,
                                 enrich::Computed& computed) const {
  for (std::size_t list = 0; list < activity_lists_count; ++list) {
    const Timestamp leaves = of.leave_at[list];
    if (leaves == no_time || !plan_.reads(attribute, list)) continue;
    if (computed.changes_at != no_time && computed.changes_at <= leaves) continue;
    computed.changes_at = leaves;
    computed.certain = false;
  }
}

Status AttributeLane::compute(std::span<const store::Profile> profiles, const ActivitySweep* sweep,
                              enrich::Changes changes, std::span<enrich::Computed> out,
                              std::span<Activities> kept) {
  std::vector<Activities> found(profiles.size());
  if (question_.reads_activities()) {
    RONDOM_TRY_ASSIGN(found, reader_.read(profiles, sweep,
                                          kept.empty() ? ActivityReader::Names::left_out
                                                       : ActivityReader::Names::read));
  }
  const std::size_t each = question_.wanted.size();
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    compute_one(profiles[i], found[i], changes, out.subspan(i * each, each));
    if (!kept.empty()) kept[i] = std::move(found[i]);
  }
  return {};
}

}  // namespace rondom::engine
