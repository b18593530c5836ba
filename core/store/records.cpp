// Reading records and profiles, and finding them.
#include <algorithm>
#include <cstring>

#include "model/place.h"
#include "model/refusals.h"
#include "store/bitmap.h"
#include "store/codec.h"
#include "store/raw_blocks.h"
#include "store/record_reader.h"
#include "store/refused.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

// A chain of merges longer than this is a damaged store.
constexpr int alias_hops_max = 100'000;

void read_stored_record(std::span<const Cell> row, StoredRecord& record) {
  namespace column = tables::record_column;
  record.id = row[column::id].integer();
  record.stream = static_cast<StreamId>(row[column::stream].integer());
  record.entity = static_cast<Entity>(row[column::entity].integer());
  record.key = row[column::key].bytes();
  record.source_key = row[column::source_key].bytes();
  record.observed_at = time_or_none(row[column::observed_at].integer());
  record.live = row[column::live].integer() != 0;
  record.canonical = row[column::canonical].bytes();
}

}  // namespace

Profile read_profile(std::span<const Cell> row) {
  Profile profile;
  profile.id = row[0].integer();
  profile.uid = uid_of(row[1].bytes());
  profile.entity = static_cast<Entity>(row[2].integer());
  profile.founding_record = row[3].integer();
  profile.content_hash = to_unsigned(row[4].integer());
  profile.config_fingerprint = to_unsigned(row[5].integer());
  profile.label = row[6].text();
  profile.members = read_ids(row[7].bytes());
  profile.values = row[8].text();
  return profile;
}

Rows one_column(std::span<const std::int64_t> ids) {
  Rows rows(1);
  rows.reserve(ids.size());
  for (const std::int64_t id : ids) rows.add({id});
  rows.sort_unique(1);
  return rows;
}

std::vector<std::uint64_t> postings_of(std::string_view canonical, bool live) {
  if (live) return identifiers_of(canonical);
  std::vector<std::uint64_t> identifiers;
  for (const Refusal& refusal : refusals_of(canonical)) {
    identifiers.push_back(identifier_hash(refusal.name_space, refusal.contact));
  }
  std::sort(identifiers.begin(), identifiers.end());
  identifiers.erase(std::unique(identifiers.begin(), identifiers.end()), identifiers.end());
  return identifiers;
}

std::string encode_identifiers(std::span<const std::uint64_t> identifiers) {
  return std::string(reinterpret_cast<const char*>(identifiers.data()), identifiers.size_bytes());
}

std::vector<std::uint64_t> decode_identifiers(std::string_view bytes) {
  std::vector<std::uint64_t> identifiers(bytes.size() / sizeof(std::uint64_t));
  std::memcpy(identifiers.data(), bytes.data(), identifiers.size() * sizeof(std::uint64_t));
  return identifiers;
}

std::vector<std::uint64_t> identifiers_of(std::string_view canonical) {
  std::vector<std::uint64_t> identifiers;
  for_each_identifier(canonical, [&](std::string_view name_space, std::string_view value) {
    identifiers.push_back(identifier_hash(name_space, value));
  });
  for_each_place(canonical, [&](std::string_view place) {
    identifiers.push_back(identifier_hash(place_namespace, place));
  });
  std::sort(identifiers.begin(), identifiers.end());
  identifiers.erase(std::unique(identifiers.begin(), identifiers.end()), identifiers.end());
  return identifiers;
}

Result<std::vector<StoredRecord>> TableStore::contents(std::span<const RecordId> ids) {
  std::vector<StoredRecord> found;
  found.reserve(ids.size());
  RONDOM_TRY(database_->fetch({&tables::record}, one_column(ids), [&](std::size_t, auto row) {
    read_stored_record(row, found.emplace_back());
  }));
  RONDOM_TRY(add_refusals(*database_, found));
  return found;
}

Result<std::vector<StoredRecord>> TableStore::records(std::span<const RecordId> ids) {
  RONDOM_TRY_ASSIGN(std::vector<StoredRecord> found, contents(ids));
  std::size_t at = 0;
  RONDOM_TRY(database_->fetch({&tables::member}, one_column(ids), [&](std::size_t, auto row) {
    while (at < found.size() && found[at].id < row[0].integer()) ++at;
    if (at < found.size() && found[at].id == row[0].integer()) found[at].profile = row[1].integer();
  }));
  return found;
}

Result<std::vector<Profile>> TableStore::profiles(std::span<const ProfileId> ids) {
  std::vector<Profile> found;
  RONDOM_TRY(database_->fetch({&tables::profile}, one_column(ids),
                              [&](std::size_t, auto row) { found.push_back(read_profile(row)); }));
  return found;
}

Result<std::vector<Profile>> TableStore::scan_profiles(ProfileId after, std::size_t count_max) {
  std::vector<Profile> found;
  RONDOM_TRY(database_->scan({&tables::profile, nullptr, {}, {after}, count_max, 0, false},
                             [&](std::size_t, auto row) { found.push_back(read_profile(row)); }));
  return found;
}

Result<RecordId> TableStore::last_record_id() {
  RONDOM_TRY(refresh_catalog());
  return catalog_.next(Counter::record) - 1;
}

Result<std::vector<RecordId>> TableStore::find_records(std::uint64_t identifier) {
  std::vector<RecordId> found;
  Rows keys(1);
  keys.add({to_signed(identifier)});
  RONDOM_TRY(database_->fetch({&tables::posting}, keys,
                              [&](std::size_t, auto row) { found.push_back(row[1].integer()); }));
  return found;
}

Result<std::optional<RecordId>> TableStore::find_record(StreamId stream, Entity entity,
                                                        std::string_view key) {
  const std::int64_t key_hash = to_signed(hash64(key));
  std::vector<RecordId> candidates;
  Rows keys(2);
  keys.add({stream, key_hash});
  RONDOM_TRY(database_->fetch({&tables::source_key}, keys, [&](std::size_t, auto row) {
    candidates = read_key_row(row).records;
  }));
  RONDOM_TRY(database_->fetch({&tables::output_key}, keys, [&](std::size_t, auto row) {
    candidates.push_back(row[2].integer());
  }));
  std::optional<RecordId> dead, live;
  const Lookup lookup{&tables::record, nullptr, tables::record_column::key + 1, 0, false};
  RONDOM_TRY(database_->fetch(lookup, one_column(candidates), [&](std::size_t, auto row) {
    namespace column = tables::record_column;
    if (row[column::entity].integer() != static_cast<std::int64_t>(entity)) return;
    if (row[column::key].bytes() != key) return;
    (row[column::live].integer() != 0 ? live : dead) = row[column::id].integer();
  }));
  return live ? live : dead;
}

Result<std::optional<ProfileId>> TableStore::find_profile(const Uid& uid) {
  std::optional<ProfileId> found;
  Rows keys(1);
  keys.add({bytes_of(uid)});
  RONDOM_TRY(database_->fetch({&tables::profile_uid}, keys,
                              [&](std::size_t, auto row) { found = row[1].integer(); }));
  RONDOM_TRY(refresh_catalog());
  if (!found) {
    RONDOM_TRY_ASSIGN(found, find_unindexed(uid));
  }
  for (int hop = 0; found && hop < alias_hops_max; ++hop) {
    std::optional<ProfileId> survivor;
    Rows alias(1);
    alias.add({*found});
    RONDOM_TRY(database_->fetch({&tables::profile_alias}, alias,
                                [&](std::size_t, auto row) { survivor = row[1].integer(); }));
    if (!survivor) break;
    found = survivor;
  }
  if (!found) return found;
  bool exists = false;
  Rows profile(1);
  profile.add({*found});
  RONDOM_TRY(database_->fetch({&tables::profile, nullptr, 1, 0, false}, profile,
                              [&](std::size_t, auto) { exists = true; }));
  if (!exists) found.reset();
  return found;
}

Result<std::optional<std::string>> TableStore::raw(RecordId record) {
  RawPlace place;
  Rows keys(1);
  keys.add({record});
  const Lookup lookup{&tables::record, nullptr, tables::record_column::raw_index + 1, 0, false};
  RONDOM_TRY(database_->fetch(lookup, keys, [&](std::size_t, auto row) {
    namespace column = tables::record_column;
    place = {row[column::raw_block].integer(), row[column::raw_index].integer()};
  }));
  std::optional<std::string> text;
  if (place.block == 0) return text;
  Rows block(1);
  block.add({place.block});
  Status status;
  RONDOM_TRY(database_->fetch({&tables::raw_block}, block, [&](std::size_t, auto row) {
    auto raw = raw_at(row[1].bytes(), place.index);
    if (raw.ok())
      text = std::move(*raw);
    else
      status = raw.status();
  }));
  RONDOM_TRY(status);
  return text;
}

Result<std::vector<StoredRecord>> TableStore::activities(std::span<const std::uint64_t> actors,
                                                         std::size_t count_max) {
  struct Done {
    Timestamp at;
    RecordId record;
  };
  std::vector<Done> done;
  std::vector<std::int64_t> wanted;
  for (const std::uint64_t actor : actors) wanted.push_back(to_signed(actor));
  std::vector<StoredRecord> found;
  if (count_max == 0) return found;
  const Lookup newest{&tables::activity, &tables::activity_by_actor[0], 0, count_max, true};
  RONDOM_TRY(database_->fetch(newest, one_column(wanted), [&](std::size_t, auto row) {
    done.push_back({row[2].integer(), row[0].integer()});
  }));
  std::sort(done.begin(), done.end(), [](const Done& a, const Done& b) {
    return a.at != b.at ? a.at > b.at : a.record > b.record;
  });
  if (done.size() > count_max) done.resize(count_max);
  std::vector<RecordId> ids;
  for (const Done& one : done) ids.push_back(one.record);
  // Activities are in no profile and no contact point of theirs says no.
  std::vector<StoredRecord> by_id;
  by_id.reserve(ids.size());
  RONDOM_TRY(database_->fetch({&tables::record}, one_column(ids), [&](std::size_t, auto row) {
    read_stored_record(row, by_id.emplace_back());
  }));
  found.reserve(done.size());
  for (const Done& one : done) {
    const auto record =
        std::lower_bound(by_id.begin(), by_id.end(), one.record,
                         [](const StoredRecord& stored, RecordId id) { return stored.id < id; });
    if (record != by_id.end() && record->id == one.record) found.push_back(std::move(*record));
  }
  return found;
}

Status TableStore::scan_activities(RecordId after, RecordId last,
                                   const std::function<void(const StoredRecord&)>& visit) {
  namespace column = tables::record_column;
  StoredRecord record;
  if (last <= after) return {};
  const auto rows_max = static_cast<std::size_t>(last - after);
  const Scan scan{&tables::record, nullptr, {}, {after}, rows_max, 0, false};
  return database_->scan(scan, [&](std::size_t, std::span<const Cell> row) {
    // Where ids are missing, the last rows are beyond.
    if (row[column::id].integer() > last || row[column::live].integer() == 0) return;
    if (is_party(static_cast<Entity>(row[column::entity].integer()))) return;
    read_stored_record(row, record);
    visit(record);
  });
}

}  // namespace rondom::store
