#include "pipeline/activate/work.h"

#include <algorithm>
#include <unordered_map>

#include "pipeline/activate/decide.h"
#include "pipeline/activate/held.h"
#include "pipeline/activate/shared_contacts.h"

namespace rondom::activate {
namespace {

constexpr std::size_t events_per_read = 10'000;
constexpr std::size_t deliveries_per_read = 10'000;
constexpr std::size_t changed_max = 1'000'000;
constexpr std::size_t gone_max = 250'000;

using store::DeliveryState;
using store::EventKind;

void sort_unique(std::vector<store::ProfileId>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

Result<Timestamp> stored_changes_at(const Definition& definition, store::Store& store) {
  RONDOM_TRY_ASSIGN(const auto text, store.value(changes_at_key(definition)));
  Value at;
  if (!text || text->empty()) return no_time;
  if (!parse_number(*text, at) || at.type() != ValueType::integer) {
    return Error{ErrorCode::bad_state, "the saved time of " + definition.name + " cannot be read"};
  }
  return at.as_integer();
}

class Collector {
 public:
  Collector(const Definition& definition, store::Store& store, bool resend_unknown)
      : definition_(definition), store_(store), resend_unknown_(resend_unknown) {}

  Result<Work> collect();

 private:
  Status read_events(std::int64_t mark);
  void take(const store::ProfileEvent& event);
  Status add_waiting(DeliveryState state);
  Status add_vanished(const std::vector<store::ProfileId>& ids);
  Status add_sharers();
  Result<bool> has_parted(std::span<const store::ProfileId> ids);
  bool shares_contacts() const {
    return definition_.purpose != nullptr && !contact_namespace(definition_.contact).empty();
  }
  void keep_gone_once();
  Status add_closed_elsewhere();
  Result<bool> anything_held();
  Result<bool> definition_changed();

  const Definition& definition_;
  store::Store& store_;
  const bool resend_unknown_;
  Work work_;
};

Result<bool> Collector::definition_changed() {
  RONDOM_TRY_ASSIGN(const auto stored, store_.value(definition_key(definition_)));
  return !stored || *stored != hex64(definition_.fingerprint);
}

Result<bool> Collector::anything_held() {
  RONDOM_TRY_ASSIGN(const std::int64_t delivered, store_.delivered_count(definition_.name));
  if (delivered > 0) return true;
  for (const DeliveryState state :
       {DeliveryState::in_flight, DeliveryState::unknown, DeliveryState::retry, DeliveryState::dead,
        DeliveryState::acknowledged}) {
    RONDOM_TRY_ASSIGN(const auto some, store_.deliveries_in(definition_.name, state, 0, 1));
    if (!some.empty()) return true;
  }
  return false;
}

void Collector::take(const store::ProfileEvent& event) {
  if (event.kind == EventKind::merged || event.kind == EventKind::retired) {
    const bool merged = event.kind == EventKind::merged;
    // Its records may say no to contact points of anybody, and no profile tells any longer to
    // which.
    if (!merged) work_.full = work_.full || shares_contacts();
    work_.gone.push_back({event.profile, merged ? event.other : 0});
    if (merged && event.other != 0) work_.changed.push_back(event.other);
  } else {
    work_.changed.push_back(event.profile);
    if (event.other != 0) work_.changed.push_back(event.other);
  }
}

Status Collector::read_events(std::int64_t mark) {
  std::int64_t after = mark;
  while (after < work_.mark) {
    RONDOM_TRY_ASSIGN(const auto events, store_.events(after, events_per_read));
    if (events.empty()) break;
    for (const store::ProfileEvent& event : events) take(event);
    after = events.back().seq;
    if (work_.changed.size() > 2 * changed_max || work_.full) {
      sort_unique(work_.changed);
      work_.full = work_.full || work_.changed.size() > changed_max;
      if (work_.full) work_.changed.clear();
    }
    if (work_.gone.size() >= gone_max) {
      work_.mark = after;
      break;
    }
  }
  return {};
}

/// Rows that wait for another attempt. Those whose profile no longer exists count as gone.
Status Collector::add_waiting(DeliveryState state) {
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(const auto rows,
                      store_.deliveries_in(definition_.name, state, after, deliveries_per_read));
    if (rows.empty()) return {};
    after = rows.back().profile;
    std::vector<store::ProfileId> due;
    for (const store::Delivery& row : rows) {
      if (row.next_at == no_time || row.next_at <= definition_.job->as_of) {
        due.push_back(row.profile);
      }
    }
    RONDOM_TRY(add_vanished(due));
    if (!work_.full) work_.changed.insert(work_.changed.end(), due.begin(), due.end());
  }
}

Status Collector::add_vanished(const std::vector<store::ProfileId>& ids) {
  RONDOM_TRY_ASSIGN(const auto profiles, store_.profiles(ids));
  auto profile = profiles.begin();
  for (const store::ProfileId id : ids) {
    if (profile != profiles.end() && profile->id == id) {
      ++profile;
    } else {
      work_.gone.push_back({id, 0});
    }
  }
  return {};
}

/// A merged profile whose row waits is met twice; the event that knows its survivor counts, in the
/// order in which the events came.
void Collector::keep_gone_once() {
  std::unordered_map<store::ProfileId, std::size_t> place;
  std::vector<Gone> once;
  once.reserve(work_.gone.size());
  for (const Gone& gone : work_.gone) {
    const auto [at, first] = place.try_emplace(gone.profile, once.size());
    if (first) {
      once.push_back(gone);
    } else if (once[at->second].into == 0) {
      once[at->second].into = gone.into;
    }
  }
  work_.gone = std::move(once);
}

/// Whose reason is not in their own values: other people's records, or somebody's judgement.
Status Collector::add_closed_elsewhere() {
  store::ProfileId after = 0;
  while (!work_.full) {
    RONDOM_TRY_ASSIGN(const auto withheld,
                      store_.withheld(definition_.name, after, deliveries_per_read));
    if (withheld.empty()) break;
    after = withheld.back().profile;
    for (const store::Withheld& one : withheld) {
      if (one.reason.ends_with(elsewhere_suffix) || one.reason == to_review_reason)
        work_.changed.push_back(one.profile);
    }
    work_.full = work_.changed.size() > changed_max;
  }
  if (work_.full) work_.changed.clear();
  sort_unique(work_.changed);
  return {};
}

/// Did a record leave one of them since the destination was last told? What that record still says
/// no to stands in none of the profile's values.
Result<bool> Collector::has_parted(std::span<const store::ProfileId> ids) {
  RONDOM_TRY_ASSIGN(const auto partings, store_.partings(ids));
  if (partings.empty()) return false;
  RONDOM_TRY_ASSIGN(const auto rows, store_.deliveries(definition_.name, ids));
  auto row = rows.begin();
  for (const auto& [profile, times] : partings) {
    while (row != rows.end() && row->profile < profile) ++row;
    const bool is_told = row != rows.end() && row->profile == profile;
    if (is_told ? parted_since(*row, times) : times != 0) return true;
  }
  return false;
}

/// Whoever shares a contact point with a changed profile.
Status Collector::add_sharers() {
  if (work_.full || !shares_contacts()) return {};
  std::vector<store::ProfileId> sharers;
  for (std::size_t at = 0; at < work_.changed.size(); at += profiles_per_chunk) {
    const std::size_t count = std::min(profiles_per_chunk, work_.changed.size() - at);
    const std::span<const store::ProfileId> ids(work_.changed.data() + at, count);
    RONDOM_TRY_ASSIGN(const auto profiles, store_.profiles(ids));
    RONDOM_TRY(append_sharers(*definition_.purpose, definition_.job->job->connection, store_,
                              profiles, sharers));
    sort_unique(sharers);
    RONDOM_TRY_ASSIGN(const bool parted, has_parted(ids));
    if (parted || sharers.size() > changed_max) {
      work_.full = true;
      work_.changed.clear();
      return {};
    }
  }
  work_.changed.insert(work_.changed.end(), sharers.begin(), sharers.end());
  sort_unique(work_.changed);
  return {};
}

Result<Work> Collector::collect() {
  RONDOM_TRY_ASSIGN(const std::int64_t mark, store_.mark(definition_.name));
  RONDOM_TRY_ASSIGN(work_.mark, store_.last_event());
  RONDOM_TRY_ASSIGN(const bool changed, definition_changed());
  RONDOM_TRY_ASSIGN(const bool held, anything_held());
  work_.nothing_held = !held;
  RONDOM_TRY_ASSIGN(work_.changes_at, stored_changes_at(definition_, store_));
  const Timestamp as_of = definition_.job->as_of;
  const bool time_has_come = work_.changes_at != no_time && as_of >= work_.changes_at;
  work_.full = mark == 0 || changed || definition_.depends_on_time || time_has_come;
  if (work_.full) work_.changes_at = no_time;
  if (!held) {
    if (!work_.full) RONDOM_TRY(read_events(mark));
  } else {
    RONDOM_TRY(read_events(mark));
    RONDOM_TRY(add_waiting(DeliveryState::retry));
    if (resend_unknown_) RONDOM_TRY(add_waiting(DeliveryState::unknown));
  }
  sort_unique(work_.changed);
  keep_gone_once();
  RONDOM_TRY(add_closed_elsewhere());
  RONDOM_TRY(add_sharers());
  return std::move(work_);
}

}  // namespace

Result<Work> collect_work(const Definition& definition, store::Store& store, bool resend_unknown) {
  return Collector(definition, store, resend_unknown).collect();
}

}  // namespace rondom::activate
