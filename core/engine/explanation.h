// explanation: why a profile is what it is, as data. What `explain` prints and draws, what a
// customer's page shows and what a project's tests blame. Private to the engine and the verbs. One
// thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/comparison.h"
#include "engine/engine.h"
#include "engine/related.h"
#include "pipeline/activate/activate.h"
#include "pipeline/merge/merge.h"

namespace rondom::engine {

struct Explanation {
  Explanation();
  ~Explanation();
  Explanation(Explanation&&) noexcept;
  Explanation& operator=(Explanation&&) noexcept;

  /// Two records and what they share: an identifier, that somebody said so
  /// (resolve::decision_edge), or that they are alike (likeness_link; the value is how likely they
  /// are one).
  struct Link {
    std::string from, to, name_space, value;
    std::string refused;   // why it did not join them; empty = nothing against it
    bool further = false;  // the two hang together without it
    bool weakest = false;  // of the links that hold the profile together
    int decided = 0;       // likeness: what the run decided by, in thousandths of a bit
    std::optional<Comparison>
        evidence;  // likeness: the same field by field, as the model of today has it
  };
  struct Member {
    std::string name;  // record name
    Timestamp observed_at = no_time;
  };
  struct Permission {
    std::string purpose;
    activate::Permission permission;
    std::string destination = {};  // a connection of which something else holds; empty = all others
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
  std::vector<Link>
      joined;               // between members; first those that hold them together, strongest first
  std::vector<Link> apart;  // from a member to a record of somebody else
  std::vector<merge::Choice> choices;  // their cells live in `replay`
  bool stale = false;                  // today's rules would decide otherwise
  std::vector<Change> will_change;     // when stale
  /// Members that were somebody else's before.
  struct NewOwner {
    std::string name;
    bool to_review = false;  // nobody has looked: the profile is held back
  };
  std::vector<NewOwner> new_owners;
  RelatedProfiles related;
  std::vector<Permission> permissions;
  std::vector<Sent> sent;

  struct Replay;
  std::unique_ptr<Replay> replay;
};

Result<Explanation> explain_profile(const config::Project& project, store::Store& store,
                                    store::ProfileId profile, Timestamp as_of);

inline constexpr std::string_view likeness_link = "likeness";

/// "same e-mail", "alike": what two records share, in words.
std::string reason_word(std::string_view name_space);
/// What two alike records share: "alike in surname, birth date, 99.97 %".
std::string likeness_words(const Explanation::Link& link);
/// The winner of this choice was last seen too long ago, on the day of the question.
bool is_stale(const merge::Choice& choice, const Explanation& explanation);
/// What was acknowledged last took everything out again: left, unsubscribed or deleted.
bool was_taken_out(const store::Delivery& delivery);

/// How a delivery stands: "acknowledged", "taken out again", "dead letter".
std::string state_text(const store::Delivery& delivery);
/// What people call it: its name, else an e-mail address, else its label.
std::string title_of(const store::Profile& profile);

std::string explain_text(const Explanation& explanation);
std::string explain_json(const Explanation& explanation);

/// "name.given", "custom.tier": what a cell says something about.
std::string attribute_label(const Cell& cell);

}  // namespace rondom::engine
