// Profile events, deliveries, dead letters and withheld profiles.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "store/bitmap.h"
#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

constexpr std::size_t open_deliveries_per_scan = 10'000;

// Sessions acknowledged as a whole, before their rows are rewritten one by one.
constexpr std::size_t acknowledged_sessions_max = 100;

bool is_upsert_in_flight(const Delivery& delivery) {
  return delivery.state == DeliveryState::in_flight &&
         (delivery.action == "create" || delivery.action == "update");
}

/// A row of a session that was acknowledged as a whole, as it would be had it been told by itself.
bool settle_if_acknowledged(const DestinationInfo& destination, Delivery& delivery) {
  if (!is_upsert_in_flight(delivery) || !destination.acknowledged.contains(delivery.session)) {
    return false;
  }
  delivery.state = DeliveryState::acknowledged;
  delivery.fields = std::exchange(delivery.pending, {});
  delivery.action.clear();
  delivery.attempts = 0;
  delivery.next_at = no_time;
  return true;
}

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
  RONDOM_TRY(refresh_catalog());
  const DestinationInfo* const info = catalog_.destination(destination);
  if (info == nullptr) return found;
  found.reserve(profiles.size());
  RONDOM_TRY(database_->fetch(
      {&tables::delivery}, profile_keys(info->id, profiles), [&](std::size_t, auto row) {
        settle_if_acknowledged(*info, found.emplace_back(read_delivery(row)));
      }));
  return found;
}

Result<std::vector<Delivery>> TableStore::deliveries_in(std::string_view destination,
                                                        DeliveryState state, ProfileId after,
                                                        std::size_t count_max) {
  std::vector<Delivery> found;
  RONDOM_TRY(refresh_catalog());
  const DestinationInfo* const info = catalog_.destination(destination);
  if (info == nullptr || count_max == 0) return found;
  std::vector<ProfileId> profiles;
  switch (state) {
    case DeliveryState::acknowledged: return acknowledged_deliveries(*info, after, count_max);
    case DeliveryState::in_flight: {
      RONDOM_TRY_ASSIGN(
          profiles,
          Bitmap(*database_, bitmap_set::flight_base + info->id).members(after, count_max));
      RONDOM_TRY(add_open(info->id, state, after, count_max, profiles));
      std::sort(profiles.begin(), profiles.end());
      if (profiles.size() > count_max) profiles.resize(count_max);
      break;
    }
    default: RONDOM_TRY(add_open(info->id, state, after, count_max, profiles));
  }
  return deliveries(destination, profiles);
}

/// Up to `count_max` profiles of open deliveries in this state.
Status TableStore::add_open(std::int64_t destination, DeliveryState state, ProfileId after,
                            std::size_t count_max, std::vector<ProfileId>& profiles) {
  std::size_t rows = open_deliveries_per_scan;
  std::size_t added = 0;
  while (rows == open_deliveries_per_scan && added < count_max) {
    rows = 0;
    const Scan scan{&tables::delivery_open,   nullptr, {destination}, {after},
                    open_deliveries_per_scan, 3,       false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
      ++rows;
      after = row[1].integer();
      const bool wanted = row[2].integer() == static_cast<std::int64_t>(state);
      if (!wanted || added >= count_max) return;
      profiles.push_back(after);
      ++added;
    }));
  }
  return {};
}

Result<std::vector<Delivery>> TableStore::acknowledged_deliveries(
    const DestinationInfo& destination, ProfileId after, std::size_t count_max) {
  std::vector<Delivery> found;
  const std::size_t per_scan = std::min(count_max, open_deliveries_per_scan);
  std::size_t rows = per_scan;
  while (rows == per_scan && found.size() < count_max) {
    rows = 0;
    const Scan scan{&tables::delivery, nullptr, {destination.id}, {after}, per_scan, 0, false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
      ++rows;
      after = row[1].integer();
      if (found.size() >= count_max) return;
      Delivery delivery = read_delivery(row);
      settle_if_acknowledged(destination, delivery);
      if (delivery.state == DeliveryState::acknowledged) found.push_back(std::move(delivery));
    }));
  }
  return found;
}

Result<std::int64_t> TableStore::delivered_count(std::string_view destination) {
  RONDOM_TRY_ASSIGN(const std::int64_t number, destination_number(destination));
  if (number == 0) return 0;
  return Bitmap(*database_, bitmap_set::held_base + number).count();
}

Status TableStore::apply(const DeliveryBatch& batch) {
  // What is committed here was or will be said to somebody outside: it survives a power cut.
  const SentLog::Entry sent = in_flight_of(batch);
  RONDOM_TRY(transact(Durability::power, [&]() -> Status {
    RONDOM_TRY(count_sent(sent));
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
  }));
  return note_sent(sent);
}

/// What is about to be sent; without deliveries where that is nothing, or the server sees to its
/// own log.
SentLog::Entry TableStore::in_flight_of(const DeliveryBatch& batch) const {
  SentLog::Entry entry{sent_number_ + 1, batch.destination, {}};
  if (!sent_) return entry;
  std::vector<Delivery> in_flight;
  std::copy_if(batch.upserts.begin(), batch.upserts.end(), std::back_inserter(in_flight),
               [](const Delivery& one) { return one.state == DeliveryState::in_flight; });
  entry.deliveries = deliveries_text(in_flight);
  return entry;
}

/// Within the transaction.
Status TableStore::count_sent(const SentLog::Entry& sent) {
  if (sent.deliveries.empty()) return {};
  RONDOM_TRY(sent_->reserve(sent));
  Rows rows(2);
  const std::string number = std::to_string(sent.number);
  rows.add({sent_number_key, std::string_view(number)});
  return database_->upsert(tables::value, rows);
}

/// After it is committed, before anything of it is sent.
Status TableStore::note_sent(const SentLog::Entry& sent) {
  if (sent.deliveries.empty()) return {};
  sent_number_ = sent.number;
  return sent_->add(sent);
}

Status TableStore::write_deliveries(const DeliveryBatch& batch, std::int64_t destination) {
  Rows rows(tables::delivery.columns.size()), open(3);
  std::vector<ProfileId> touched = batch.erased;
  for (const Delivery& delivery : batch.upserts) touched.push_back(delivery.profile);
  Bitmap held(*database_, bitmap_set::held_base + destination);
  Bitmap flight(*database_, bitmap_set::flight_base + destination);
  RONDOM_TRY(held.load(touched));
  RONDOM_TRY(flight.load(touched));
  const auto mark = [](Bitmap& set, ProfileId profile, bool member) {
    if (member)
      set.set(profile);
    else
      set.clear(profile);
  };
  for (const Delivery& delivery : batch.upserts) {
    add_delivery(rows, destination, delivery);
    mark(held, delivery.profile, is_held(delivery));
    mark(flight, delivery.profile, is_upsert_in_flight(delivery));
    if (delivery.state != DeliveryState::acknowledged && !is_upsert_in_flight(delivery)) {
      open.add({destination, delivery.profile, static_cast<std::int64_t>(delivery.state)});
    }
  }
  for (const ProfileId profile : batch.erased) {
    held.clear(profile);
    flight.clear(profile);
  }
  rows.sort_unique(2);
  open.sort_unique(2);
  bool any_open = false;
  RONDOM_TRY(database_->scan({&tables::delivery_open, nullptr, {destination}, {}, 1, 0, false},
                             [&](std::size_t, auto) { any_open = true; }));
  RONDOM_TRY(database_->upsert(tables::delivery, rows));
  RONDOM_TRY(database_->erase(tables::delivery, profile_keys(destination, batch.erased)));
  if (any_open) {
    RONDOM_TRY(database_->erase(tables::delivery_open, profile_keys(destination, touched)));
  }
  RONDOM_TRY(database_->upsert(tables::delivery_open, open));
  RONDOM_TRY(held.flush());
  return flight.flush();
}

Status TableStore::acknowledge_upserts(std::string_view destination, std::string_view session) {
  RONDOM_TRY_ASSIGN(const std::int64_t number, destination_number(destination));
  if (number == 0) return {};
  return transact(Durability::power, [&]() -> Status {
    DestinationInfo& info = catalog_.make_destination(destination);
    RONDOM_TRY(catalog_.add_acknowledged(info, session));
    if (info.acknowledged.size() > acknowledged_sessions_max) {
      RONDOM_TRY(rewrite_acknowledged(info));
    }
    Bitmap flight(*database_, bitmap_set::flight_base + number);
    RONDOM_TRY(Bitmap(*database_, bitmap_set::held_base + number)
                   .add_all(bitmap_set::flight_base + number));
    return flight.erase_all();
  });
}

/// Tells every row by itself what its session was told, so that the sessions can be forgotten.
Status TableStore::rewrite_acknowledged(DestinationInfo& destination) {
  ProfileId after = 0;
  std::size_t rows = open_deliveries_per_scan;
  while (rows == open_deliveries_per_scan) {
    rows = 0;
    std::vector<Delivery> settled;
    const Scan scan{
        &tables::delivery, nullptr, {destination.id}, {after}, open_deliveries_per_scan, 0, false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
      ++rows;
      after = row[1].integer();
      Delivery delivery = read_delivery(row);
      if (settle_if_acknowledged(destination, delivery)) settled.push_back(std::move(delivery));
    }));
    Rows changed(tables::delivery.columns.size());
    for (const Delivery& delivery : settled) add_delivery(changed, destination.id, delivery);
    RONDOM_TRY(database_->upsert(tables::delivery, changed));
  }
  return catalog_.forget_acknowledged(destination);
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
