// activate: what a destination should hold, against what it acknowledged, as operations.
//
// Two halves. plan_profile() is pure: permission, mapping, diff per field. Run is the loop around
// it: in flight before sending, per-record results, unknown ones looked up, dead letters; it owns
// no thread and talks to the Store and Destination that it is given. Nothing leaves without asking:
// a profile passes only with a granted consent for the job's purpose on the contact point that is
// sent, alive, and not suppressed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "model/model.h"
#include "pipeline/activate/permission.h"
#include "plugin/plugin.h"
#include "store/store.h"

namespace rondom::expression {
class Cleaners;
}

namespace rondom::activate {

/// Is this profile inside the audience? Given by the engine (steps do not include one another).
using Membership = std::function<Result<bool>(const Value& profile, Arena& arena)>;
/// The profile as a Value tree; given by the engine (segment::profile_value and derived
/// attributes).
using ProfileValue = std::function<Value(const store::Profile& profile, Arena& arena)>;
/// Called with the profiles that are asked for next, so that what they need is read set-wise.
using Prepare = std::function<Status(std::span<const store::Profile> profiles)>;

struct Job {
  const config::Project* project = nullptr;
  const config::Job* job = nullptr;
  std::string destination;  // destination_name() of the mode in use; empty = the project's mode
  Membership in_audience;   // empty: everybody of the job's entity
  ProfileValue profile_value;
  Prepare prepare;  // empty: nothing to prepare
  std::uint64_t audience_fingerprint = 0;
  expression::Cleaners* cleaners = nullptr;  // for expressions of the map
  bool depends_on_time =
      false;  // audience or map: every profile is looked at, not only changed ones
  std::string run;
  Timestamp as_of = no_time;
  std::int64_t now_monotonic = 0;
  std::optional<std::string> accepted_guard;  // run --accept ID
  std::size_t batch_records = 0;              // 0 = what the connector prefers
  /// Every source was read since the store lost commits: whom it does not know, no source has.
  bool sources_were_read = true;
};

struct Counts {
  std::int64_t created = 0, adopted = 0, updated = 0, removed = 0, unchanged = 0, rejected = 0,
               retried = 0, unknown = 0;
  std::map<std::string, std::int64_t> withheld;
  /// Deliveries that only lost commits knew: made sure of in this run, and left until every source
  /// was read.
  std::int64_t lost = 0, lost_waiting = 0;
};

/// One planned operation, for `plan`.
struct PlannedChange {
  store::ProfileId profile = 0;
  std::string key;     // profile uid
  std::string action;  // create | update | leave_segment | delete | unsubscribe
  struct Field {
    std::string name, value;  // new value as text
  };
  std::vector<Field> fields;  // only those that change
  std::string why;            // "withdrew in mailchimp, 13 March"; may be empty
};

/// The guard's verdict when a run would remove or change too much.
struct Guard {
  std::string id;  // what --accept takes
  std::string message;
};

/// Checks the job's map against the canonical schema, its purpose and match_on. Called by validate
/// and before a run. `profile_fields`: names of the profile's fields as profile_value gives them,
/// dotted for members ("name.given"). `permitted` is known beside them, and the project's
/// attributes.
void check(const config::Project& project, const config::Job& job,
           std::span<const std::string> profile_fields, config::Diagnostics& diagnostics);

/// Counts and (up to `changes_max`) examples of what run() would do now. Writes nothing anywhere.
Result<Counts> plan(const Job& job, store::Store& store, std::size_t changes_max,
                    std::vector<PlannedChange>& changes, std::optional<Guard>& guard);

/// Settles what an earlier run left in flight, then delivers. ErrorCode::guarded when the guard
/// stops it before the first write. Counts are filled as far as it came, also on failure.
Status run(const Job& job, store::Store& store, plugin::Destination& destination,
           const Cancel& cancel, Counts& counts,
           const std::function<void(const Counts&)>& progress);

/// Who may be reached for this purpose, in order of `profiles`: permission_for() and what other
/// profiles' records say about contact points that are shared. What plan() and run() go by; for
/// explain and project tests. Set-wise. `destination`: a connection, whose own suppressions count
/// too.
Result<std::vector<Permission>> permissions(store::Store& store, const config::Purpose& purpose,
                                            Timestamp as_of,
                                            std::span<const store::Profile> profiles,
                                            std::string_view destination = {});

/// Destination name in the store: job plus delivery mode, so that captured and sent stay apart.
std::string destination_name(const config::Job& job, config::Delivery mode);
std::string destination_name(std::string_view job, config::Delivery mode);
/// Keys of the small values that the store keeps of such a destination.
std::vector<std::string> value_keys(std::string_view destination);

}  // namespace rondom::activate
