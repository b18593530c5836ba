// explanation: why a profile is what it is, as data. What `explain` prints and what a project's tests
// blame. Private to the engine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/activate/activate.h"
#include "pipeline/merge/merge.h"

namespace rondom::engine {

struct Explanation {
  Explanation();
  ~Explanation();
  Explanation(Explanation&&) noexcept;
  Explanation& operator=(Explanation&&) noexcept;

  /// Two records and the identifier that they share.
  struct Link {
    std::string from, to, name_space, value;
    std::string refused;  // why it did not join them; empty = nothing against it
  };
  struct Member {
    std::string name;  // record name
    Timestamp observed_at = no_time;
  };
  struct Permission {
    std::string purpose;
    activate::Permission permission;
  };
  /// What today's rules would make of one attribute.
  struct Change {
    std::string attribute;
    std::vector<std::string> gone, added;
  };
  struct Sent {
    std::string destination;
    store::Delivery delivery;
  };

  store::Profile profile;
  Timestamp as_of = no_time;
  std::string title;
  std::vector<Member> members;  // by name
  std::size_t sources = 0;
  std::vector<Link> joined;            // between members
  std::vector<Link> apart;             // from a member to a record of somebody else
  std::vector<merge::Choice> choices;  // their cells live in `replay`
  bool stale = false;                  // today's rules would decide otherwise
  std::vector<Change> will_change;     // when stale
  /// Members that were somebody else's before.
  struct NewOwner {
    std::string name;
    bool to_review = false;  // nobody has looked: the profile is held back
  };
  std::vector<NewOwner> new_owners;
  std::vector<Permission> permissions;
  std::vector<Sent> sent;

  struct Replay;
  std::unique_ptr<Replay> replay;
};

Result<Explanation> explain_profile(const config::Project& project, store::Store& store,
                                    store::ProfileId profile, Timestamp as_of);

/// "name.given", "custom.tier": what a cell says something about.
std::string attribute_label(const Cell& cell);

}  // namespace rondom::engine
