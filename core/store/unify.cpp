// Writing what unify decided: profiles, members, aliases, events, generic identifiers.
#include <algorithm>

#include "store/bitmap.h"
#include "store/codec.h"
#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

constexpr std::size_t generic_identifiers_max = 10'000'000;
constexpr std::size_t carriers_max = 1'000'000'000;  // more than a store holds
constexpr std::size_t uids_per_run = 1'000'000;      // 24 bytes each
constexpr std::size_t uids_per_write = 20'000;

}  // namespace

Result<ProfileId> TableStore::next_profile_id() {
  RONDOM_TRY(refresh_catalog());
  return catalog_.take(Counter::profile);
}

Status TableStore::index_uids() {
  RONDOM_TRY(refresh_catalog());
  while (first_unindexed_uid() != 0) {
    RONDOM_TRY(transact(Durability::process, [&] { return index_run_of_uids(); }));
  }
  return {};
}

Status TableStore::index_run_of_uids() {
  std::vector<std::pair<Uid, ProfileId>> run;
  const Scan unindexed{&tables::profile, nullptr, {},   {first_unindexed_uid() - 1},
                       uids_per_run,     2,       false};
  RONDOM_TRY(database_->scan(unindexed, [&](std::size_t, auto row) {
    run.emplace_back(uid_of(row[1].bytes()), row[0].integer());
  }));
  const bool all = run.size() < uids_per_run;
  catalog_.set(Counter::unindexed_uids, all ? 1 : run.back().second + 2);
  std::sort(run.begin(), run.end());
  Rows rows(2);
  for (std::size_t i = 0; i < run.size(); ++i) {
    rows.add({bytes_of(run[i].first), run[i].second});
    if (rows.size() < uids_per_write && i + 1 < run.size()) continue;
    RONDOM_TRY(database_->upsert(tables::profile_uid, rows));
    rows.clear();
  }
  return {};
}

Result<std::optional<ProfileId>> TableStore::find_unindexed(const Uid& uid) {
  std::optional<ProfileId> found;
  ProfileId after = first_unindexed_uid() - 1;
  std::size_t rows = after < 0 ? 0 : uids_per_write;
  while (rows == uids_per_write && !found) {
    rows = 0;
    const Scan scan{&tables::profile, nullptr, {}, {after}, uids_per_write, 2, false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
      ++rows;
      after = row[0].integer();
      if (row[1].bytes() == bytes_of(uid)) found = after;
    }));
  }
  return found;
}

Result<std::vector<bool>> TableStore::uids_taken(std::span<const Uid> uids) {
  RONDOM_TRY(index_uids());
  std::vector<std::size_t> order(uids.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return uids[a] < uids[b]; });
  Rows keys(1);
  keys.reserve(uids.size());
  for (const std::size_t i : order) keys.add({bytes_of(uids[i])});
  std::vector<bool> taken(uids.size(), false);
  const Lookup lookup{&tables::profile_uid, nullptr, 1, 0, false};
  RONDOM_TRY(database_->fetch(lookup, keys, [&](std::size_t k, auto) { taken[order[k]] = true; }));
  return taken;
}

Result<std::vector<GenericIdentifier>> TableStore::generic_identifiers() {
  std::vector<GenericIdentifier> found;
  const Scan all{&tables::generic_identifier, nullptr, {}, {}, generic_identifiers_max, 0, false};
  RONDOM_TRY(database_->scan(all, [&](std::size_t, auto row) {
    found.push_back({to_unsigned(row[0].integer()), row[1].text(), row[2].text(), row[3].integer(),
                     row[4].integer()});
  }));
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.identifier < b.identifier; });
  return found;
}

Status TableStore::apply(const UnifyBatch& batch) {
  if (!batch.uids_later) RONDOM_TRY(index_uids());
  return transact(Durability::process, [&]() -> Status {
    RONDOM_TRY(write_profiles(batch));
    RONDOM_TRY(write_members(batch));
    RONDOM_TRY(write_aliases(batch));
    RONDOM_TRY(write_events(batch));
    RONDOM_TRY(write_generic(batch));
    RONDOM_TRY(write_partings(batch));
    for (const std::int64_t set : {bitmap_set::dirty, bitmap_set::new_owner}) {
      Bitmap work(*database_, set);
      RONDOM_TRY(work.load(batch.done));
      for (const RecordId record : batch.done) work.clear(record);
      RONDOM_TRY(work.flush());
    }
    return Status();
  });
}

Status TableStore::write_profiles(const UnifyBatch& batch) {
  std::vector<ProfileId> ids = batch.retired;
  for (const Profile& profile : batch.profiles) ids.push_back(profile.id);
  Bitmap exists(*database_, bitmap_set::profiles);
  RONDOM_TRY(exists.load(ids));
  Rows rows(tables::profile.columns.size()), uids(2), revived(1);
  ProfileId last = 0, first_later = INT64_MAX;
  std::int64_t more = 0;
  for (const Profile& profile : batch.profiles) {
    std::string members;
    append_ids(members, profile.members);
    rows.add({profile.id, bytes_of(profile.uid), static_cast<std::int64_t>(profile.entity),
              profile.founding_record, to_signed(profile.content_hash),
              to_signed(profile.config_fingerprint), std::string_view(profile.label),
              arena_.copy(members), std::string_view(profile.values)});
    last = std::max(last, profile.id);
    if (exists.test(profile.id)) continue;
    exists.set(profile.id);
    ++more;
    if (batch.uids_later)
      first_later = std::min(first_later, profile.id);
    else
      uids.add({bytes_of(profile.uid), profile.id});
    revived.add({profile.id});
  }
  for (const ProfileId profile : batch.retired) {
    if (exists.test(profile)) --more;
    exists.clear(profile);
  }
  if (profiles_.has_value()) *profiles_ += more;
  catalog_.raise(Counter::profile, last + 1);
  if (first_later != INT64_MAX && first_unindexed_uid() == 0) {
    catalog_.set(Counter::unindexed_uids, first_later + 1);
  }
  rows.sort_unique(1);
  uids.sort_unique(1);
  revived.sort_unique(1);
  RONDOM_TRY(database_->upsert(tables::profile, rows));
  RONDOM_TRY(database_->upsert(tables::profile_uid, uids));
  RONDOM_TRY(database_->erase(tables::profile_alias, revived));
  RONDOM_TRY(database_->erase(tables::profile, one_column(batch.retired)));
  return exists.flush();
}

Status TableStore::write_members(const UnifyBatch& batch) {
  Rows joined(2), left(1);
  for (const auto& [record, profile] : batch.members) {
    if (profile != 0)
      joined.add({record, profile});
    else
      left.add({record});
  }
  joined.sort_unique(1);
  left.sort_unique(1);
  RONDOM_TRY(database_->erase(tables::member, left));
  return database_->upsert(tables::member, joined);
}

Status TableStore::write_aliases(const UnifyBatch& batch) {
  if (batch.aliases.empty()) return {};
  Rows keys(1);
  for (const auto& alias : batch.aliases) keys.add({bytes_of(alias.first)});
  keys.sort_unique(1);
  std::vector<std::pair<Uid, ProfileId>> owners;
  RONDOM_TRY(database_->fetch({&tables::profile_uid}, keys, [&](std::size_t, auto row) {
    owners.emplace_back(uid_of(row[0].bytes()), row[1].integer());
  }));
  Rows uids(2), aliases(2);
  for (const auto& [uid, survivor] : batch.aliases) {
    const auto owner =
        std::lower_bound(owners.begin(), owners.end(), uid,
                         [](const auto& one, const Uid& wanted) { return one.first < wanted; });
    const bool known = owner != owners.end() && owner->first == uid;
    if (!known)
      uids.add({bytes_of(uid), survivor});
    else if (owner->second != survivor)
      aliases.add({owner->second, survivor});
  }
  uids.sort_unique(1);
  aliases.sort_unique(1);
  RONDOM_TRY(database_->upsert(tables::profile_uid, uids));
  return database_->upsert(tables::profile_alias, aliases);
}

Status TableStore::write_events(const UnifyBatch& batch) {
  if (batch.events.empty()) return {};
  RONDOM_TRY_ASSIGN(const std::int64_t run, catalog_.run_number(batch.run));
  std::int64_t seq = catalog_.take(Counter::event, static_cast<std::int64_t>(batch.events.size()));
  Rows rows(tables::profile_event.columns.size());
  for (const ProfileEvent& event : batch.events) {
    rows.add({seq++, static_cast<std::int64_t>(event.kind), event.profile, event.other, run});
  }
  return database_->insert(tables::profile_event, rows);
}

Status TableStore::write_generic(const UnifyBatch& batch) {
  Rows now(tables::generic_identifier.columns.size());
  for (const GenericIdentifier& one : batch.generic) {
    now.add({to_signed(one.identifier), std::string_view(one.name_space),
             std::string_view(one.value), one.records, one.people});
  }
  now.sort_unique(1);
  return database_->upsert(tables::generic_identifier, now);
}

Result<std::vector<std::pair<ProfileId, std::int64_t>>> TableStore::partings(
    std::span<const ProfileId> profiles) {
  std::vector<std::pair<ProfileId, std::int64_t>> found;
  RONDOM_TRY(database_->fetch({&tables::parting}, one_column(profiles), [&](std::size_t, auto row) {
    found.emplace_back(row[0].integer(), row[1].integer());
  }));
  return found;
}

Status TableStore::write_partings(const UnifyBatch& batch) {
  if (!batch.parted.empty()) {
    std::vector<ProfileId> parted = batch.parted;
    std::sort(parted.begin(), parted.end());
    RONDOM_TRY_ASSIGN(const auto before, partings(parted));
    Rows rows(tables::parting.columns.size());
    auto at = before.begin();
    for (const ProfileId profile : parted) {
      while (at != before.end() && at->first < profile) ++at;
      const bool known = at != before.end() && at->first == profile;
      rows.add({profile, (known ? at->second : 0) + 1});
    }
    rows.sort_unique(1);
    RONDOM_TRY(database_->upsert(tables::parting, rows));
  }
  return database_->erase(tables::parting, one_column(batch.retired));
}

Status TableStore::lift_generic(std::span<const std::uint64_t> identifiers) {
  if (identifiers.empty()) return {};
  RONDOM_TRY_ASSIGN(const auto carried, postings(identifiers, carriers_max));
  std::vector<RecordId> carriers;
  for (const Posting& posting : carried) carriers.push_back(posting.record);
  std::sort(carriers.begin(), carriers.end());
  carriers.erase(std::unique(carriers.begin(), carriers.end()), carriers.end());
  std::vector<std::int64_t> keys;
  for (const std::uint64_t identifier : identifiers) keys.push_back(to_signed(identifier));
  return transact(Durability::process, [&]() -> Status {
    RONDOM_TRY(database_->erase(tables::generic_identifier, one_column(keys)));
    return mark_dirty(carriers);
  });
}

}  // namespace rondom::store
