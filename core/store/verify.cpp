// verify(): what the database says of its files, then the references between tables.
#include <algorithm>

#include "store/bitmap.h"
#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

constexpr std::size_t verified_per_scan = 5'000;
constexpr std::size_t problems_max = 100;
constexpr std::size_t in_flight_checked_max = 1'000'000;  // deliveries in flight that are looked at

void report(std::vector<std::string>& problems, std::string problem) {
  if (problems.size() < problems_max) problems.push_back(std::move(problem));
}

}  // namespace

Status TableStore::verify(std::vector<std::string>& problems) {
  RONDOM_TRY(refresh_catalog());
  RONDOM_TRY(database_->integrity(problems));
  RONDOM_TRY(verify_keys(problems));
  RONDOM_TRY(verify_postings(problems));
  RONDOM_TRY(verify_references(problems));
  RONDOM_TRY(verify_profiles(problems));
  RONDOM_TRY(verify_likeness(problems));
  return verify_deliveries(problems);
}

Status TableStore::verify_references(std::vector<std::string>& problems) {
  RONDOM_TRY_ASSIGN(const std::int64_t withdrawn,
                    Bitmap(*database_, bitmap_set::waiting).count_without(bitmap_set::live));
  RONDOM_TRY_ASSIGN(const std::int64_t open, Bitmap(*database_, bitmap_set::linking).count());
  if (withdrawn != 0 && open == 0) {
    report(problems, std::to_string(withdrawn) + " withdrawn records wait for another");
  }
  return {};
}

Status TableStore::verify_keys(std::vector<std::string>& problems) {
  struct Expected {
    StreamId stream;
    std::int64_t key_hash;
    bool live;
  };
  std::int64_t records_of_keys = 0;
  for (const StreamInfo& info : catalog_.streams()) {
    std::vector<Cell> after;
    std::size_t rows = verified_per_scan;
    std::int64_t live_keys = 0;
    while (rows == verified_per_scan) {
      rows = 0;
      std::vector<std::pair<RecordId, Expected>> expected;
      std::int64_t last = 0;
      const Scan scan{
          &tables::source_key, nullptr, {info.stream.id}, after, verified_per_scan, 0, false};
      RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
        ++rows;
        const KeyRow key = read_key_row(row);
        last = row[tables::source_key_column::key_hash].integer();
        live_keys += key.kind == VersionKind::mapped;
        for (const RecordId id : key.records) {
          expected.push_back({id, {info.stream.id, last, key.kind == VersionKind::mapped}});
        }
      }));
      std::sort(expected.begin(), expected.end(),
                [](const auto& a, const auto& b) { return a.first < b.first; });
      Rows keys(1);
      for (const auto& one : expected) keys.add({one.first});
      std::size_t found = 0;
      const Lookup lookup{&tables::record, nullptr, tables::record_column::live + 1, 0, false};
      RONDOM_TRY(database_->fetch(lookup, keys, [&](std::size_t k, auto row) {
        namespace column = tables::record_column;
        ++found;
        const Expected& key = expected[k].second;
        const bool belongs = row[column::stream].integer() == key.stream &&
                             row[column::key_hash].integer() == key.key_hash;
        const bool live = row[column::live].integer() != 0;
        if (!belongs || (live && !key.live)) {
          report(problems, "record " + std::to_string(expected[k].first) + " contradicts its key");
        }
      }));
      if (found != expected.size()) {
        report(problems, std::to_string(expected.size() - found) + " records of keys do not exist");
      }
      records_of_keys += static_cast<std::int64_t>(expected.size());
      after = {last};
    }
    RONDOM_TRY_ASSIGN(const std::int64_t marked,
                      Bitmap(*database_, bitmap_set::keys_base + info.stream.id).count());
    if (marked != live_keys) {
      report(problems, info.stream.name + " has " + std::to_string(live_keys) + " live keys, but " +
                           std::to_string(marked) + " are marked");
    }
  }
  RONDOM_TRY_ASSIGN(const std::int64_t records, database_->count(tables::record, {}));
  if (records != records_of_keys) {
    report(problems,
           std::to_string(records) + " records, but keys name " + std::to_string(records_of_keys));
  }
  return {};
}

Status TableStore::verify_postings(std::vector<std::string>& problems) {
  RONDOM_TRY_ASSIGN(const auto unposted_ids,
                    Bitmap(*database_, bitmap_set::unposted).members(-1, SIZE_MAX));
  if (!unposted_ids.empty()) return {};  // a run that was cut off builds them next time
  std::int64_t expected_in_all = 0;
  RecordId after = 0;
  std::size_t rows = verified_per_scan;
  while (rows == verified_per_scan) {
    rows = 0;
    Rows expected(2);
    const Scan scan{&tables::record, nullptr, {}, {after}, verified_per_scan, 0, false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
      namespace column = tables::record_column;
      ++rows;
      after = row[column::id].integer();
      const auto entity = static_cast<Entity>(row[column::entity].integer());
      if (!is_party(entity)) return;
      const bool live = row[column::live].integer() != 0;
      for (const std::uint64_t identifier : postings_of(row[column::canonical].bytes(), live)) {
        expected.add({to_signed(identifier), after});
      }
    }));
    expected.sort_unique(2);
    std::size_t found = 0;
    RONDOM_TRY(database_->fetch({&tables::posting}, expected, [&](std::size_t, auto) { ++found; }));
    if (found != expected.size()) {
      report(problems, std::to_string(expected.size() - found) +
                           " identifiers are missing before record " + std::to_string(after));
    }
    expected_in_all += static_cast<std::int64_t>(expected.size());
  }
  RONDOM_TRY_ASSIGN(const std::int64_t postings, database_->count(tables::posting, {}));
  if (postings != expected_in_all) {
    report(problems, std::to_string(postings) + " identifiers of records are stored, " +
                         std::to_string(expected_in_all) + " belong there");
  }
  return {};
}

Status TableStore::verify_profiles(std::vector<std::string>& problems) {
  std::int64_t members_in_all = 0, profiles_in_all = 0;
  ProfileId after = 0;
  std::size_t rows = verified_per_scan;
  while (rows == verified_per_scan) {
    RONDOM_TRY_ASSIGN(const auto profiles, scan_profiles(after, verified_per_scan));
    rows = profiles.size();
    std::vector<std::pair<RecordId, ProfileId>> members;
    Rows uids(1);
    for (const Profile& profile : profiles) {
      after = profile.id;
      const bool indexed = first_unindexed_uid() == 0 || profile.id < first_unindexed_uid();
      if (indexed) uids.add({bytes_of(profile.uid)});
      for (const RecordId record : profile.members) members.emplace_back(record, profile.id);
    }
    std::sort(members.begin(), members.end());
    Rows keys(1);
    for (const auto& member : members) keys.add({member.first});
    std::size_t agreeing = 0, existing = 0, named = 0;
    RONDOM_TRY(database_->fetch({&tables::member}, keys, [&](std::size_t k, auto row) {
      agreeing += row[1].integer() == members[k].second;
    }));
    RONDOM_TRY(database_->fetch({&tables::record, nullptr, 1, 0, false}, keys,
                                [&](std::size_t, auto) { ++existing; }));
    uids.sort_unique(1);
    RONDOM_TRY(database_->fetch({&tables::profile_uid}, uids, [&](std::size_t, auto) { ++named; }));
    if (agreeing != members.size() || existing != members.size()) {
      report(problems, "members of profiles up to " + std::to_string(after) +
                           " do not agree with their records");
    }
    if (named != uids.size()) {
      report(problems, "profiles up to " + std::to_string(after) + " have no uid of their own");
    }
    members_in_all += static_cast<std::int64_t>(members.size());
    profiles_in_all += static_cast<std::int64_t>(profiles.size());
  }
  RONDOM_TRY_ASSIGN(const std::int64_t stored, database_->count(tables::member, {}));
  if (stored != members_in_all) {
    report(problems, std::to_string(stored) + " memberships are stored, profiles name " +
                         std::to_string(members_in_all));
  }
  RONDOM_TRY_ASSIGN(const std::int64_t counted, Bitmap(*database_, bitmap_set::profiles).count());
  if (counted != profiles_in_all) report(problems, "the number of profiles does not agree");
  return {};
}

Status TableStore::verify_likeness(std::vector<std::string>& problems) {
  RONDOM_TRY_ASSIGN(const std::int64_t earlier, database_->count(tables::compared_as, {}));
  const Bitmap differs(*database_, bitmap_set::differs);
  RONDOM_TRY_ASSIGN(const std::int64_t differing, differs.count());
  RONDOM_TRY_ASSIGN(const std::int64_t strange, differs.count_without(bitmap_set::compared));
  if (earlier != differing || strange != 0) {
    report(problems, "what changed records said when they were compared is not what belongs there");
  }
  std::int64_t after = 0;
  std::size_t rows = verified_per_scan;
  while (rows == verified_per_scan) {
    rows = 0;
    std::vector<RecordId> ids, others;
    const Scan scan{&tables::likely, nullptr, {}, {Cell(after)}, verified_per_scan, 1, false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
      ++rows;
      ids.push_back(after = row[0].integer());
    }));
    RONDOM_TRY_ASSIGN(const auto sides, likely(ids));
    for (const Likely& side : sides) {
      for (const auto& [other, bits] : side.others) others.push_back(other);
    }
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
    RONDOM_TRY_ASSIGN(const auto answers, likely(others));
    const auto agrees = [&](RecordId record, RecordId other, std::int32_t bits) {
      const auto found =
          std::lower_bound(answers.begin(), answers.end(), other,
                           [](const Likely& one, RecordId wanted) { return one.record < wanted; });
      return found != answers.end() && found->record == other &&
             std::binary_search(found->others.begin(), found->others.end(),
                                std::pair(record, bits));
    };
    for (const Likely& side : sides) {
      for (const auto& [other, bits] : side.others) {
        if (agrees(side.record, other, bits)) continue;
        report(problems, "record " + std::to_string(side.record) + " is like " +
                             std::to_string(other) + ", and not the other way round");
      }
    }
  }
  return {};
}

Status TableStore::verify_deliveries(std::vector<std::string>& problems) {
  std::vector<std::int64_t> numbers;
  RONDOM_TRY(database_->scan({&tables::destination, nullptr, {}, {}, verified_per_scan, 0, false},
                             [&](std::size_t, auto row) { numbers.push_back(row[0].integer()); }));
  std::int64_t of_known = 0;
  for (const std::int64_t number : numbers) {
    const Cell prefix[] = {number};
    RONDOM_TRY_ASSIGN(const std::int64_t rows, database_->count(tables::delivery, prefix));
    of_known += rows;
    const std::string destination = catalog_.destination_name(number);
    RONDOM_TRY_ASSIGN(
        const auto in_flight,
        Bitmap(*database_, bitmap_set::flight_base + number).members(-1, in_flight_checked_max));
    RONDOM_TRY_ASSIGN(const auto found, deliveries(destination, in_flight));
    const auto agreeing = std::count_if(found.begin(), found.end(), [](const Delivery& delivery) {
      return delivery.state == DeliveryState::in_flight;
    });
    if (agreeing != static_cast<std::ptrdiff_t>(in_flight.size())) {
      report(problems, "deliveries in flight of " + destination + " do not agree with their rows");
    }
  }
  RONDOM_TRY_ASSIGN(const std::int64_t all, database_->count(tables::delivery, {}));
  if (all != of_known) {
    report(problems, std::to_string(all - of_known) + " deliveries belong to no destination");
  }
  return {};
}

}  // namespace rondom::store
