// A store in memory with what activate uses, that can die at any commit: from then on nothing is
// written any more, as when the process was killed there. One thread.
#pragma once

#include <climits>
#include <map>
#include <set>

#include "unused_store.h"

namespace rondom::activate::test {

class MemoryStore final : public UnusedStore {
 public:
  struct PerDestination {
    std::map<ProfileId, Delivery> deliveries;
    std::map<ProfileId, std::string> withheld;
    std::int64_t mark = 0;
  };
  std::map<ProfileId, Profile> profile_rows;
  std::map<RecordId, StoredRecord> record_rows;
  std::vector<ProfileEvent> event_rows;
  std::map<std::string, PerDestination, std::less<>> destinations;
  std::vector<DeadLetter> letters;
  std::set<RecordId> to_review;
  std::map<std::string, std::string, std::less<>> values;
  std::map<ProfileId, std::int64_t> parting_rows;
  int commits = 0;
  int dies_at_commit = -1;  // this one is not done and none after it; -1: never
  int dies_for = INT_MAX;   // … or only so many: then the disk has room again

  void add_event(EventKind kind, ProfileId profile, ProfileId other = 0) {
    event_rows.push_back({static_cast<std::int64_t>(event_rows.size()) + 1, kind, profile, other});
  }
  PerDestination& at(std::string_view name) { return destinations[std::string(name)]; }

  Result<std::vector<RecordId>> owners_to_review(RecordId after, std::size_t count_max) override {
    std::vector<RecordId> found;
    for (auto at = to_review.upper_bound(after); at != to_review.end(); ++at) {
      if (found.size() < count_max) found.push_back(*at);
    }
    return found;
  }
  Result<std::vector<std::pair<ProfileId, std::int64_t>>> partings(
      std::span<const ProfileId> ids) override {
    std::vector<std::pair<ProfileId, std::int64_t>> found;
    for (const ProfileId id : ids) {
      if (const auto at = parting_rows.find(id); at != parting_rows.end()) found.push_back(*at);
    }
    return found;
  }
  Result<std::vector<Profile>> profiles(std::span<const ProfileId> ids) override {
    std::vector<Profile> found;
    for (const ProfileId id : ids) {
      if (const auto one = profile_rows.find(id); one != profile_rows.end()) {
        found.push_back(one->second);
      }
    }
    return found;
  }
  Result<std::vector<Profile>> scan_profiles(ProfileId after, std::size_t count_max) override {
    std::vector<Profile> found;
    for (auto one = profile_rows.upper_bound(after);
         one != profile_rows.end() && found.size() < count_max; ++one) {
      found.push_back(one->second);
    }
    return found;
  }
  Result<std::vector<StoredRecord>> records(std::span<const RecordId> ids) override {
    std::vector<StoredRecord> found;
    for (const RecordId id : ids) {
      if (const auto one = record_rows.find(id); one != record_rows.end()) {
        found.push_back(one->second);
      }
    }
    return found;
  }
  Result<std::vector<Posting>> postings(std::span<const std::uint64_t> identifiers,
                                        std::size_t records_max) override {
    std::set<Posting> all;
    for (const auto& row : record_rows) {
      const auto& canonical = row.second.canonical;
      for_each_identifier(canonical, [&](std::string_view space, std::string_view value) {
        all.insert({identifier_hash(space, value), row.first});
      });
    }
    std::vector<Posting> found;
    for (const std::uint64_t identifier : identifiers) {
      std::size_t count = 0;
      for (auto one = all.lower_bound({identifier, 0});
           one != all.end() && one->identifier == identifier && count < records_max;
           ++one, ++count) {
        found.push_back(*one);
      }
    }
    return found;
  }
  Result<std::vector<ProfileEvent>> events(std::int64_t after, std::size_t count_max) override {
    std::vector<ProfileEvent> found;
    for (const ProfileEvent& event : event_rows) {
      if (event.seq > after && found.size() < count_max) found.push_back(event);
    }
    return found;
  }
  Result<std::int64_t> last_event() override {
    return event_rows.empty() ? 0 : event_rows.back().seq;
  }
  Result<std::int64_t> mark(std::string_view destination) override { return at(destination).mark; }
  Result<std::vector<Delivery>> deliveries(std::string_view destination,
                                           std::span<const ProfileId> ids) override {
    std::vector<Delivery> found;
    for (const ProfileId id : ids) {
      const auto& rows = at(destination).deliveries;
      if (const auto one = rows.find(id); one != rows.end()) found.push_back(one->second);
    }
    return found;
  }
  Result<std::vector<Delivery>> deliveries_in(std::string_view destination, DeliveryState state,
                                              ProfileId after, std::size_t count_max) override {
    std::vector<Delivery> found;
    const auto& rows = at(destination).deliveries;
    for (auto one = rows.upper_bound(after); one != rows.end() && found.size() < count_max; ++one) {
      if (one->second.state == state) found.push_back(one->second);
    }
    return found;
  }
  Result<std::int64_t> delivered_count(std::string_view destination) override {
    std::int64_t count = 0;
    for (const auto& [id, row] : at(destination).deliveries) count += !row.fields.empty();
    return count;
  }
  Result<std::vector<DeadLetter>> dead_letters(std::string_view, std::int64_t,
                                               std::size_t) override {
    return letters;
  }
  Result<std::vector<Withheld>> withheld(std::string_view destination, ProfileId after,
                                         std::size_t count_max) override {
    std::vector<Withheld> found;
    const auto& rows = at(destination).withheld;
    for (auto one = rows.upper_bound(after); one != rows.end() && found.size() < count_max; ++one) {
      found.push_back({one->first, one->second});
    }
    return found;
  }
  Status acknowledge_upserts(std::string_view destination, std::string_view session) override {
    if (is_dead()) return dead();
    for (auto& [id, row] : at(destination).deliveries) {
      if (row.state != DeliveryState::in_flight || row.session != session) continue;
      if (row.action != "create" && row.action != "update") continue;
      row.fields = std::move(row.pending);
      row.pending.clear();
      row.action.clear();
      row.state = DeliveryState::acknowledged;
      row.attempts = 0;
      row.next_at = no_time;
    }
    return {};
  }
  Status apply(const DeliveryBatch& batch) override {
    if (is_dead()) return dead();
    PerDestination& here = at(batch.destination);
    for (const Delivery& row : batch.upserts) here.deliveries[row.profile] = row;
    for (const ProfileId id : batch.erased) here.deliveries.erase(id);
    for (const Withheld& one : batch.withheld) here.withheld[one.profile] = one.reason;
    for (const ProfileId id : batch.no_longer_withheld) here.withheld.erase(id);
    letters.insert(letters.end(), batch.dead_letters.begin(), batch.dead_letters.end());
    if (batch.mark) here.mark = *batch.mark;
    return {};
  }
  Result<std::optional<std::string>> value(std::string_view key) override {
    const auto found = values.find(key);
    return found == values.end() ? std::optional<std::string>() : found->second;
  }
  Status put_value(std::string_view key, std::string_view text) override {
    if (is_dead()) return dead();
    values[std::string(key)] = std::string(text);
    return {};
  }
  using UnusedStore::apply;

 private:
  bool is_dead() {
    if (dies_at_commit < 0) return false;
    const int commit = commits++;
    return commit >= dies_at_commit && commit - dies_at_commit < dies_for;
  }
  static Status dead() { return {ErrorCode::unavailable, "the process was killed here"}; }
};

}  // namespace rondom::activate::test
