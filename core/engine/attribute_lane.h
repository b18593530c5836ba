// attribute_lane: what one thread needs to compute the attributes of stored profiles. Private to
// the engine.
#pragma once

#include <bitset>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/activities.h"
#include "pipeline/enrich/enrich.h"

namespace rondom::engine {

/// What the lanes of one reader have in common.
struct AttributeQuestion {
  const config::Project* project = nullptr;
  Entity entity = Entity::person;
  Timestamp as_of = no_time;
  std::vector<std::uint32_t> wanted;                  // of the plan
  std::bitset<activity_lists_count> lists_of_wanted;  // that these read
  std::bitset<activity_lists_count> lists_named;      // beside attributes
  bool reads_activities() const { return (lists_of_wanted | lists_named).any(); }
};

/// One thread at a time. Question, plan and store must outlive it.
class AttributeLane {
 public:
  AttributeLane(const AttributeQuestion& question, const enrich::Plan& plan, store::Store& store);
  /// With a store of its own.
  AttributeLane(const AttributeQuestion& question, const enrich::Plan& plan,
                std::unique_ptr<store::Store> store);

  /// Forgets what was computed.
  void reset() { results_.reset(); }
  /// Profiles of the entity, whose activities come from the sweep where there is one. `out` takes
  /// wanted.size() results a profile, whose values live until reset(); `kept`, unless empty, their
  /// activities.
  Status compute(std::span<const store::Profile> profiles, const ActivitySweep* sweep,
                 enrich::Changes changes, std::span<enrich::Computed> out,
                 std::span<Activities> kept);
  const enrich::Evaluator& evaluator() const { return evaluator_; }

 private:
  void compute_one(const store::Profile& profile, const Activities& of, enrich::Changes changes,
                   std::span<enrich::Computed> out);

  void note_leaving(const Activities& of, std::uint32_t attribute,
                    enrich::Computed& computed) const;

  const AttributeQuestion& question_;
  const enrich::Plan& plan_;
  std::unique_ptr<store::Store> own_;
  enrich::Evaluator evaluator_;
  ActivityReader reader_;
  std::shared_ptr<expression::Cleaners> cleaners_;
  Arena results_, scratch_;
};

}  // namespace rondom::engine
