// What refused rows say no to, as records that are never live, and whom that concerns.
#include <algorithm>

#include "store/bitmap.h"
#include "store/change_set.h"
#include "store/record_reader.h"
#include "store/refused.h"

namespace rondom::store {
namespace {

/// Records looked at for one contact point; whoever has one of more people is not written to
/// anyway.
constexpr std::size_t carriers_max = 1'000;

bool is_about(const Output& refused, const Output& output) {
  return refused.entity == output.entity && (refused.key.empty() || refused.key == output.key);
}

}  // namespace

/// A version that was read as a whole speaks for itself. A deletion takes back nothing.
void ChangeSet::settle_refused(const KeyState& before, const std::vector<Version>& versions,
                               const Version* top, std::string_view source_key,
                               std::vector<RecordId>& records) {
  const auto refused = std::find_if(versions.begin(), versions.end(), [](const Version& version) {
    return version.kind == VersionKind::refused;
  });
  if (refused == versions.end() && !before.row.has_refused && before.records.empty()) return;
  bool changed = before.row.has_refused != (refused != versions.end());
  if (refused != versions.end()) {
    refused_run_ = refused->run;
    for (const Output& output : refused->outputs) {
      std::string canonical(output.canonical);
      for (const auto& [id, own] : live_) {
        if (is_about(output, *own)) canonical = with_contacts_of(canonical, own->canonical);
      }
      changed =
          write_refusals(before, output, canonical, refused->observed_at, source_key, records) ||
          changed;
    }
  } else if (top && top->kind == VersionKind::mapped) {
    for (const RecordRow& record : before.records) {
      if (!is_refusal_key(record.key) || record.canonical.empty()) continue;
      Output nothing;
      nothing.entity = record.entity;
      nothing.key = record.key;
      write_refusals(before, nothing, {}, top->observed_at, source_key, records);
    }
  }
  if (refused == versions.end() && !before.row.has_refused) return;
  for (const auto& [id, own] : live_) {
    const bool spoken_for =
        refused != versions.end() &&
        std::any_of(refused->outputs.begin(), refused->outputs.end(),
                    [output = own](const Output& one) { return is_about(one, *output); });
    const auto& known = before.row.records;
    const bool is_new = std::find(known.begin(), known.end(), id) == known.end();
    if (changed || is_new || !before.live()) mark_spoken_for(id, spoken_for);
  }
}

bool ChangeSet::write_refusals(const KeyState& before, const Output& refused,
                               std::string_view canonical, Timestamp observed_at,
                               std::string_view source_key, std::vector<RecordId>& records) {
  const std::string_view key =
      is_refusal_key(refused.key) ? refused.key : arena_.copy(refusal_key(refused.key));
  const auto old = std::find_if(before.records.begin(), before.records.end(), [&](const auto& one) {
    return one.entity == refused.entity && one.key == key;
  });
  // Of a record that is gone, the contact points that it had.
  const bool is_gone = live_.empty() && !canonical.empty() && old != before.records.end();
  const std::string_view kept =
      arena_.copy(is_gone ? with_contacts_of(canonical, old->canonical) : std::string(canonical));
  if (old != before.records.end() && old->canonical == kept) return false;
  const bool is_new = old == before.records.end();
  const RecordId id = is_new ? catalog_.take(Counter::record) : old->id;
  if (is_new) records.push_back(id);
  Rows& rows = is_new ? record_inserts_ : record_updates_;
  rows.add({id, stream_, before.key_hash, static_cast<std::int64_t>(refused.entity), 0, observed_at,
            0, 0, key, Cell(arena_.copy(source_key)), kept});
  recent_.forget(id);
  changed_.push_back(
      {id, true, false, false, true, false, is_new ? std::string_view() : old->canonical, false});
  for (const std::uint64_t contact : postings_of(kept, false)) {
    refused_contacts_.push_back(to_signed(contact));
  }
  return true;
}

/// Its profile is merged again, with what it hears now or no longer.
void ChangeSet::mark_spoken_for(RecordId id, bool spoken_for) {
  spoken_for_.emplace_back(id, spoken_for);
  changed_.push_back({id, true, true, true, false, false, {}, false});
}

/// Whoever else has such a contact point has not changed, but may be written to no longer:
/// destinations are told to look at them.
Status ChangeSet::flush_refused() {
  std::vector<RecordId> ids;
  for (const auto& [id, heard] : spoken_for_) ids.push_back(id);
  Bitmap spoken_for(database_, bitmap_set::refused);
  RONDOM_TRY(spoken_for.load(ids));
  for (const auto& [id, heard] : spoken_for_) {
    if (heard)
      spoken_for.set(id);
    else
      spoken_for.clear(id);
  }
  spoken_for_.clear();
  RONDOM_TRY(spoken_for.flush());
  if (refused_contacts_.empty()) return {};
  std::vector<RecordId> carriers;
  const Lookup lookup{&tables::posting, nullptr, 0, carriers_max, false};
  RONDOM_TRY(database_.fetch(lookup, one_column(refused_contacts_),
                             [&](std::size_t, auto row) { carriers.push_back(row[1].integer()); }));
  refused_contacts_.clear();
  std::vector<ProfileId> profiles;
  RONDOM_TRY(database_.fetch({&tables::member}, one_column(carriers),
                             [&](std::size_t, auto row) { profiles.push_back(row[1].integer()); }));
  std::sort(profiles.begin(), profiles.end());
  profiles.erase(std::unique(profiles.begin(), profiles.end()), profiles.end());
  if (profiles.empty()) return {};
  std::int64_t seq = catalog_.take(Counter::event, static_cast<std::int64_t>(profiles.size()));
  Rows events(tables::profile_event.columns.size());
  for (const ProfileId profile : profiles) {
    events.add({seq++, static_cast<std::int64_t>(EventKind::changed), profile, std::int64_t{0},
                refused_run_});
  }
  return database_.insert(tables::profile_event, events);
}

}  // namespace rondom::store
