#include "store/catalog.h"

#include <algorithm>

namespace rondom::store {
namespace {

// More streams, maps or destinations than this in one project are not read.
constexpr std::size_t catalog_rows_max = 1'000'000;

Scan whole(const Table& table) {
  return {&table, nullptr, {}, {}, catalog_rows_max, 0, false};
}

}  // namespace

Status Catalog::load() {
  streams_.clear();
  destinations_.clear();
  fingerprints_.clear();
  map_numbers_.clear();
  counters_.fill(1);
  last_run_.clear();
  RONDOM_TRY(database_.scan(whole(tables::stream), [&](std::size_t, std::span<const Cell> row) {
    StreamInfo info;
    info.stream = {static_cast<StreamId>(row[0].integer()), row[1].text(), row[2].text(),
                   row[3].text()};
    info.generation = row[4].integer();
    info.completed = row[5].integer();
    streams_.push_back(std::move(info));
  }));
  RONDOM_TRY(
      database_.scan(whole(tables::destination), [&](std::size_t, std::span<const Cell> row) {
        destinations_[row[1].text()] = {row[0].integer(), row[2].integer(), {}};
      }));
  RONDOM_TRY(database_.scan(whole(tables::acknowledged_session),
                            [&](std::size_t, std::span<const Cell> row) {
                              for (auto& [name, info] : destinations_) {
                                if (info.id == row[0].integer())
                                  info.acknowledged.insert(row[1].text());
                              }
                            }));
  RONDOM_TRY(
      database_.scan(whole(tables::map_version), [&](std::size_t, std::span<const Cell> row) {
        fingerprints_.push_back(to_unsigned(row[1].integer()));
        map_numbers_[fingerprints_.back()] = row[0].integer();
      }));
  RONDOM_TRY(database_.scan(whole(tables::counter), [&](std::size_t, std::span<const Cell> row) {
    const auto counter = static_cast<std::size_t>(row[0].integer());
    if (counter < counter_count) counters_[counter] = row[1].integer();
  }));
  streams_changed_ = false;
  destinations_changed_ = false;
  fingerprints_stored_ = fingerprints_.size();
  counters_stored_ = counters_;
  return {};
}

Status Catalog::flush() {
  Rows rows(tables::stream.columns.size()), destinations(3), maps(2), counters(2);
  if (streams_changed_) {
    for (const StreamInfo& info : streams_) {
      rows.add({info.stream.id, std::string_view(info.stream.source),
                std::string_view(info.stream.name), std::string_view(info.stream.job),
                info.generation, info.completed});
    }
  }
  if (destinations_changed_) {
    for (const auto& [name, info] : destinations_) {
      destinations.add({info.id, std::string_view(name), info.mark});
    }
    destinations.sort_unique(1);
  }
  for (std::size_t i = fingerprints_stored_; i < fingerprints_.size(); ++i) {
    maps.add({static_cast<std::int64_t>(i) + 1, to_signed(fingerprints_[i])});
  }
  for (std::size_t i = 1; i < counter_count; ++i) {
    if (counters_[i] != counters_stored_[i]) {
      counters.add({static_cast<std::int64_t>(i), counters_[i]});
    }
  }
  RONDOM_TRY(database_.upsert(tables::stream, rows));
  RONDOM_TRY(database_.upsert(tables::destination, destinations));
  RONDOM_TRY(database_.insert(tables::map_version, maps));
  RONDOM_TRY(database_.upsert(tables::counter, counters));
  streams_changed_ = false;
  destinations_changed_ = false;
  fingerprints_stored_ = fingerprints_.size();
  counters_stored_ = counters_;
  return {};
}

StreamInfo* Catalog::stream(StreamId id) {
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [&](const StreamInfo& info) { return info.stream.id == id; });
  return found == streams_.end() ? nullptr : &*found;
}

StreamInfo& Catalog::add_stream(std::string_view source, std::string_view name,
                                std::string_view job) {
  StreamInfo info;
  info.stream.id = streams_.empty() ? 1 : streams_.back().stream.id + 1;
  info.stream.source = source;
  info.stream.name = name;
  info.stream.job = job;
  streams_changed_ = true;
  return streams_.emplace_back(std::move(info));
}

const DestinationInfo* Catalog::destination(std::string_view name) const {
  const auto found = destinations_.find(name);
  return found == destinations_.end() ? nullptr : &found->second;
}

DestinationInfo& Catalog::make_destination(std::string_view name) {
  const auto [found, added] = destinations_.try_emplace(std::string(name));
  if (added) found->second.id = static_cast<std::int64_t>(destinations_.size());
  destinations_changed_ = true;
  return found->second;
}

void Catalog::rename_destination(std::string_view from, std::string_view to) {
  DestinationInfo moved = std::move(destinations_[std::string(from)]);
  destinations_.erase(std::string(from));
  if (const auto there = destinations_.find(to); there != destinations_.end()) {
    destinations_[std::string(from)] = std::move(there->second);
  }
  destinations_[std::string(to)] = std::move(moved);
  destinations_changed_ = true;
}

std::string Catalog::destination_name(std::int64_t id) const {
  for (const auto& [name, info] : destinations_) {
    if (info.id == id) return name;
  }
  return {};
}

Status Catalog::add_acknowledged(DestinationInfo& destination, std::string_view session) {
  destination.acknowledged.emplace(session);
  Rows rows(2);
  rows.add({destination.id, session});
  return database_.upsert(tables::acknowledged_session, rows);
}

Status Catalog::forget_acknowledged(DestinationInfo& destination) {
  destination.acknowledged.clear();
  Rows keys(1);
  keys.add({destination.id});
  return database_.erase(tables::acknowledged_session, keys);
}

std::int64_t Catalog::map_number(std::uint64_t fingerprint) {
  const auto [found, added] =
      map_numbers_.try_emplace(fingerprint, static_cast<std::int64_t>(fingerprints_.size()) + 1);
  if (added) fingerprints_.push_back(fingerprint);
  return found->second;
}

std::uint64_t Catalog::fingerprint(std::int64_t map_number) const {
  if (map_number < 1 || static_cast<std::size_t>(map_number) > fingerprints_.size()) return 0;
  return fingerprints_[static_cast<std::size_t>(map_number) - 1];
}

Status Catalog::replace_fingerprint(std::uint64_t before, std::uint64_t now) {
  const auto found = map_numbers_.find(before);
  if (found == map_numbers_.end() || before == now) return {};
  const std::int64_t number = found->second;
  map_numbers_.erase(found);
  map_numbers_[now] = number;
  fingerprints_[static_cast<std::size_t>(number) - 1] = now;
  Rows rows(2);
  rows.add({number, to_signed(now)});
  return database_.upsert(tables::map_version, rows);
}

Result<std::int64_t> Catalog::run_number(std::string_view id) {
  if (!last_run_.empty() && last_run_ == id) return last_run_number_;
  std::int64_t number = 0;
  const Scan by_id{&tables::run, &tables::run_by_id[0], {id}, {}, 1, 0, false};
  RONDOM_TRY(database_.scan(
      by_id, [&](std::size_t, std::span<const Cell> row) { number = row[0].integer(); }));
  if (number == 0) {
    number = take(Counter::run);
    Rows rows(tables::run.columns.size());
    rows.add({number, id, no_time, no_time, std::string_view(), std::string_view()});
    RONDOM_TRY(database_.insert(tables::run, rows));
  }
  last_run_ = id;
  last_run_number_ = number;
  return number;
}

std::int64_t Catalog::take(Counter counter, std::int64_t count) {
  std::int64_t& next_number = counters_[static_cast<std::size_t>(counter)];
  const std::int64_t first = next_number;
  next_number += count;
  return first;
}

void Catalog::raise(Counter counter, std::int64_t next_number) {
  std::int64_t& current = counters_[static_cast<std::size_t>(counter)];
  current = std::max(current, next_number);
}

void Catalog::set(Counter counter, std::int64_t next_number) {
  counters_[static_cast<std::size_t>(counter)] = next_number;
}

}  // namespace rondom::store
