#include "pipeline/activate/recover.h"

#include <algorithm>
#include <map>
#include <utility>

#include "pipeline/activate/deliverer.h"

namespace rondom::activate {
namespace {

constexpr std::size_t lost_rows_per_read = 10'000;

using store::DeliveryState;

/// By key. Of several about one the last counts: it was made when those before it were settled.
using Lost = std::map<std::string, store::Delivery, std::less<>>;

Lost last_words(std::string_view text, std::string& last_session) {
  Lost lost;
  for (store::Delivery& delivery : store::deliveries_from(text)) {
    last_session = std::max(last_session, delivery.session);
    const std::string key = delivery.key;
    lost.insert_or_assign(key, std::move(delivery));
  }
  return lost;
}

/// Which profile each of them belongs to, as far as the store still has a row of it.
Status find_rows(const Definition& definition, store::Store& store, Lost& lost) {
  for (const DeliveryState state :
       {DeliveryState::acknowledged, DeliveryState::in_flight, DeliveryState::unknown,
        DeliveryState::retry, DeliveryState::dead}) {
    store::ProfileId after = 0;
    while (true) {
      RONDOM_TRY_ASSIGN(const auto rows,
                        store.deliveries_in(definition.name, state, after, lost_rows_per_read));
      if (rows.empty()) break;
      after = rows.back().profile;
      for (const store::Delivery& row : rows) {
        const auto found = lost.find(row.key);
        if (found != lost.end()) found->second.profile = row.profile;
      }
    }
  }
  return {};
}

/// The one who has that uid now; not the survivor that it was merged into.
Result<store::ProfileId> find_profile(store::Store& store, const std::string& key) {
  Uid uid;
  if (!parse_uid(key, uid)) return store::ProfileId{0};
  RONDOM_TRY_ASSIGN(const auto id, store.find_profile(uid));
  if (!id) return store::ProfileId{0};
  const store::ProfileId ids[] = {*id};
  RONDOM_TRY_ASSIGN(const auto profiles, store.profiles(ids));
  return profiles.empty() || profiles.front().uid != uid ? store::ProfileId{0} : *id;
}

/// A destination goes on behind the last session that it heard of: names of sessions sort by their
/// number.
Status go_on_behind(const Definition& definition, store::Store& store, const std::string& session) {
  RONDOM_TRY_ASSIGN(const std::int64_t current, current_session(definition, store));
  if (session <= session_name(definition, current)) return {};
  const std::string digits = session.substr(session.rfind('-') + 1);
  const std::int64_t number = std::strtoll(digits.c_str(), nullptr, 10);
  if (session_name(definition, number) != session) return {};
  return store.put_value(session_key(definition), std::to_string(number));
}

}  // namespace

Status recover_lost(const Definition& definition, store::Store& store, Counts& counts) {
  const std::string key = store::lost_key(definition.name);
  RONDOM_TRY_ASSIGN(const auto text, store.value(key));
  if (!text || text->empty()) return {};
  std::string last_session;
  Lost lost = last_words(*text, last_session);
  RONDOM_TRY(find_rows(definition, store, lost));
  RONDOM_TRY(go_on_behind(definition, store, last_session));
  store::DeliveryBatch batch;
  batch.destination = definition.name;
  batch.run = definition.job->run;
  store::UnifyBatch looked_at;
  looked_at.run = definition.job->run;
  looked_at.uids_later = true;
  std::vector<store::Delivery> waiting;
  for (auto& [name, row] : lost) {
    if (row.profile == 0) {
      RONDOM_TRY_ASSIGN(row.profile, find_profile(store, name));
    }
    if (row.profile == 0 && !definition.job->sources_were_read) {
      waiting.push_back(std::move(row));
      continue;
    }
    // Nobody has this one; so it is held for a profile that is no more.
    store::ProfileEvent event;
    if (row.profile == 0) {
      RONDOM_TRY_ASSIGN(row.profile, store.next_profile_id());
      event.kind = store::EventKind::retired;
      // Whatever a look-up says: taking out what did not arrive does no harm, and nobody would do
      // it later.
      if (row.fields.empty() && is_upsert(row.action)) row.fields = row.pending;
    }
    // What it turns out to hold may not be what it should, though nothing changed since.
    event.profile = row.profile;
    looked_at.events.push_back(event);
    row.state = DeliveryState::unknown;
    batch.upserts.push_back(std::move(row));
    ++counts.lost;
  }
  if (!batch.upserts.empty()) {
    RONDOM_TRY(store.apply(looked_at));
    RONDOM_TRY(store.apply(batch));
  }
  counts.lost_waiting = static_cast<std::int64_t>(waiting.size());
  return store.put_value(key, store::deliveries_text(waiting));
}

}  // namespace rondom::activate
