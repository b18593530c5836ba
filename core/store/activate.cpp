// Profile events, deliveries, dead letters and withheld profiles.
#include <algorithm>
#include <cstdint>
#include <iterator>

#include "store/bitmap.h"
#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

constexpr std::size_t open_deliveries_per_scan = 10'000;

Delivery read_delivery(std::span<const Cell> row) {
  Delivery delivery;
  delivery.profile = row[1].integer();
  delivery.state = static_cast<DeliveryState>(row[2].integer());
  delivery.attempts = static_cast<std::int32_t>(row[3].integer());
  delivery.next_at = row[4].integer();
  delivery.mapping_fingerprint = to_unsigned(row[5].integer());
  delivery.action = row[6].text();
  delivery.operation_id = row[7].text();
  delivery.session = row[8].text();
  delivery.key = row[9].text();
  delivery.remote_id = row[10].text();
  delivery.consent = row[11].text();
  delivery.fields = row[12].text();
  delivery.pending = row[13].text();
  return delivery;
}

void add_delivery(Rows& rows, std::int64_t destination, const Delivery& delivery) {
  rows.add({destination, delivery.profile, static_cast<std::int64_t>(delivery.state),
            delivery.attempts, delivery.next_at, to_signed(delivery.mapping_fingerprint),
            std::string_view(delivery.action), bytes_or_null(delivery.operation_id),
            bytes_or_null(delivery.session), bytes_or_null(delivery.key),
            bytes_or_null(delivery.remote_id), bytes_or_null(delivery.consent),
            bytes_or_null(delivery.fields), bytes_or_null(delivery.pending)});
}

/// Does the destination hold something of this profile, as far as it told us?
bool is_held(const Delivery& delivery) {
  return !delivery.fields.empty();
}

Rows profile_keys(std::int64_t destination, std::span<const ProfileId> profiles) {
  Rows keys(2);
  keys.reserve(profiles.size());
  for (const ProfileId profile : profiles) keys.add({destination, profile});
  keys.sort_unique(2);
  return keys;
}

}  // namespace

Result<std::vector<ProfileEvent>> TableStore::events(std::int64_t after, std::size_t count_max) {
  std::vector<ProfileEvent> found;
  const Scan scan{&tables::profile_event, nullptr, {}, {after}, count_max, 0, false};
  RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
    found.push_back({row[0].integer(), static_cast<EventKind>(row[1].integer()), row[2].integer(),
                     row[3].integer()});
  }));
  return found;
}

Result<std::int64_t> TableStore::last_event() {
  RONDOM_TRY(refresh_catalog());
  return catalog_.next(Counter::event) - 1;
}

Result<std::int64_t> TableStore::mark(std::string_view destination) {
  RONDOM_TRY(refresh_catalog());
  const DestinationInfo* found = catalog_.destination(destination);
  return found ? found->mark : 0;
}

Result<std::vector<Delivery>> TableStore::deliveries(std::string_view destination,
                                                     std::span<const ProfileId> profiles) {
  std::vector<Delivery> found;
  RONDOM_TRY_ASSIGN(const std::int64_t number, destination_number(destination));
  if (number == 0) return found;
  RONDOM_TRY(database_->fetch({&tables::delivery}, profile_keys(number, profiles),
                              [&](std::size_t, auto row) { found.push_back(read_delivery(row)); }));
  return found;
}

Result<std::vector<Delivery>> TableStore::deliveries_in(std::string_view destination,
                                                        DeliveryState state, ProfileId after,
                                                        std::size_t count_max) {
  std::vector<Delivery> found;
  RONDOM_TRY_ASSIGN(const std::int64_t number, destination_number(destination));
  if (number == 0 || count_max == 0) return found;
  const bool open = state != DeliveryState::acknowledged;
  const Table& table = open ? tables::delivery_open : tables::delivery;
  std::vector<ProfileId> profiles;
  std::size_t rows = open_deliveries_per_scan;
  while (rows == open_deliveries_per_scan && profiles.size() < count_max) {
    rows = 0;
    const Scan scan{&table, nullptr, {number}, {after}, open_deliveries_per_scan, 3, false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
      ++rows;
      after = row[1].integer();
      const bool wanted = row[2].integer() == static_cast<std::int64_t>(state);
      if (wanted && profiles.size() < count_max) profiles.push_back(after);
    }));
  }
  return deliveries(destination, profiles);
}

Result<std::int64_t> TableStore::delivered_count(std::string_view destination) {
  RONDOM_TRY_ASSIGN(const std::int64_t number, destination_number(destination));
  if (number == 0) return 0;
  return Bitmap(*database_, bitmap_set::held_base + number).count();
}

Status TableStore::apply(const DeliveryBatch& batch) {
  // What is committed here was or will be said to somebody outside: it survives a power cut.
  return transact(Durability::power, [&]() -> Status {
    const DestinationInfo* found = catalog_.destination(batch.destination);
    if (!found || batch.mark) {
      DestinationInfo& made = catalog_.make_destination(batch.destination);
      if (batch.mark) made.mark = *batch.mark;
      found = &made;
    }
    const std::int64_t number = found->id;
    RONDOM_TRY(write_deliveries(batch, number));
    Rows letters(tables::dead_letter.columns.size()), withheld(3);
    for (const DeadLetter& letter : batch.dead_letters) {
      letters.add({catalog_.take(Counter::dead_letter), number, letter.profile,
                   std::string_view(letter.operation_id), std::string_view(letter.action),
                   std::string_view(letter.reason),
                   std::string_view(letter.run.empty() ? batch.run : letter.run),
                   std::string_view(letter.json)});
    }
    for (const Withheld& one : batch.withheld) {
      withheld.add({number, one.profile, std::string_view(one.reason)});
    }
    withheld.sort_unique(2);
    RONDOM_TRY(database_->insert(tables::dead_letter, letters));
    RONDOM_TRY(database_->erase(tables::withheld, profile_keys(number, batch.no_longer_withheld)));
    return database_->upsert(tables::withheld, withheld);
  });
}

Status TableStore::write_deliveries(const DeliveryBatch& batch, std::int64_t destination) {
  Rows rows(tables::delivery.columns.size()), open(3);
  std::vector<ProfileId> touched = batch.erased;
  for (const Delivery& delivery : batch.upserts) touched.push_back(delivery.profile);
  Bitmap held(*database_, bitmap_set::held_base + destination);
  RONDOM_TRY(held.load(touched));
  for (const Delivery& delivery : batch.upserts) {
    add_delivery(rows, destination, delivery);
    if (is_held(delivery))
      held.set(delivery.profile);
    else
      held.clear(delivery.profile);
    if (delivery.state != DeliveryState::acknowledged) {
      open.add({destination, delivery.profile, static_cast<std::int64_t>(delivery.state)});
    }
  }
  for (const ProfileId profile : batch.erased) held.clear(profile);
  rows.sort_unique(2);
  open.sort_unique(2);
  RONDOM_TRY(database_->upsert(tables::delivery, rows));
  RONDOM_TRY(database_->erase(tables::delivery, profile_keys(destination, batch.erased)));
  RONDOM_TRY(database_->erase(tables::delivery_open, profile_keys(destination, touched)));
  RONDOM_TRY(database_->upsert(tables::delivery_open, open));
  return held.flush();
}

Status TableStore::acknowledge_upserts(std::string_view destination, std::string_view session) {
  RONDOM_TRY_ASSIGN(const std::int64_t number, destination_number(destination));
  if (number == 0) return {};
  return transact(Durability::power, [&]() -> Status {
    std::vector<ProfileId> before;
    RONDOM_TRY(in_flight(number, before));
    const std::int64_t in_flight_state = static_cast<std::int64_t>(DeliveryState::in_flight);
    const std::int64_t acknowledged = static_cast<std::int64_t>(DeliveryState::acknowledged);
    const Database::Parameter values[] = {
        {number}, {session, ColumnType::blob}, {in_flight_state}, {acknowledged}, {no_time}};
    RONDOM_TRY(database_->change(
        "UPDATE delivery SET state=?4, fields=pending, pending=NULL, action='', attempts=0, "
        "next_at=?5 WHERE destination=?1 AND session=?2 AND state=?3 AND "
        "action IN ('create','update')",
        values));
    const Database::Parameter open_values[] = {{number}, {in_flight_state}, {acknowledged}};
    RONDOM_TRY(database_->change(
        "DELETE FROM delivery_open WHERE destination=?1 AND state=?2 AND EXISTS (SELECT 1 FROM "
        "delivery d WHERE d.destination=delivery_open.destination AND "
        "d.profile=delivery_open.profile AND d.state=?3)",
        open_values));
    std::vector<ProfileId> after;
    RONDOM_TRY(in_flight(number, after));
    std::vector<ProfileId> settled;
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                        std::back_inserter(settled));
    Bitmap held(*database_, bitmap_set::held_base + number);
    RONDOM_TRY(held.load(settled));
    for (const ProfileId profile : settled) held.set(profile);
    return held.flush();
  });
}

/// Profiles whose delivery is in flight, in order.
Status TableStore::in_flight(std::int64_t destination, std::vector<ProfileId>& profiles) {
  const Scan scan{&tables::delivery_open, nullptr, {destination}, {}, SIZE_MAX, 0, false};
  return database_->scan(scan, [&](std::size_t, auto row) {
    if (row[2].integer() == static_cast<std::int64_t>(DeliveryState::in_flight)) {
      profiles.push_back(row[1].integer());
    }
  });
}

Result<std::vector<DeadLetter>> TableStore::dead_letters(std::string_view destination,
                                                         std::int64_t after,
                                                         std::size_t count_max) {
  std::vector<DeadLetter> found;
  RONDOM_TRY(refresh_catalog());
  Scan scan{&tables::dead_letter, nullptr, {}, {after}, count_max, 0, false};
  if (!destination.empty()) {
    RONDOM_TRY_ASSIGN(const std::int64_t number, destination_number(destination));
    scan.index = &tables::dead_letter_by_destination[0];
    scan.prefix = {number};
  }
  RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
    DeadLetter letter;
    letter.id = row[0].integer();
    letter.destination = catalog_.destination_name(row[1].integer());
    letter.profile = row[2].integer();
    letter.operation_id = row[3].text();
    letter.action = row[4].text();
    letter.reason = row[5].text();
    letter.run = row[6].text();
    letter.json = row[7].text();
    found.push_back(std::move(letter));
  }));
  return found;
}

Status TableStore::redrive(std::span<const std::int64_t> dead_letters) {
  return transact(Durability::power, [&]() -> Status {
    const Rows letters = one_column(dead_letters);
    Rows keys(2);
    RONDOM_TRY(database_->fetch({&tables::dead_letter, nullptr, 3, 0, false}, letters,
                                [&](std::size_t, auto row) {
                                  keys.add({row[1], row[2]});
                                }));
    keys.sort_unique(2);
    std::vector<std::pair<std::int64_t, Delivery>> again;
    RONDOM_TRY(database_->fetch({&tables::delivery}, keys, [&](std::size_t, auto row) {
      Delivery delivery = read_delivery(row);
      if (delivery.state != DeliveryState::dead) return;
      delivery.state = DeliveryState::retry;
      delivery.attempts = 0;
      delivery.next_at = no_time;
      again.emplace_back(row[0].integer(), std::move(delivery));
    }));
    Rows rows(tables::delivery.columns.size()), open(3);
    for (const auto& [destination, delivery] : again) {
      add_delivery(rows, destination, delivery);
      open.add({destination, delivery.profile, static_cast<std::int64_t>(delivery.state)});
    }
    RONDOM_TRY(database_->upsert(tables::delivery, rows));
    RONDOM_TRY(database_->upsert(tables::delivery_open, open));
    return database_->erase(tables::dead_letter, letters);
  });
}

Result<std::vector<Withheld>> TableStore::withheld(std::string_view destination, ProfileId after,
                                                   std::size_t count_max) {
  std::vector<Withheld> found;
  RONDOM_TRY_ASSIGN(const std::int64_t number, destination_number(destination));
  if (number == 0) return found;
  const Scan scan{&tables::withheld, nullptr, {number}, {after}, count_max, 0, false};
  RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
    found.push_back({row[1].integer(), row[2].text()});
  }));
  return found;
}

}  // namespace rondom::store
