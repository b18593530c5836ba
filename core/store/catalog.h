// Catalog: the small tables the store keeps in memory (streams, destinations, map fingerprints,
// counters), and the numbers it hands out. Private.
//
// What was changed since load() is written by flush(), in the transaction of whoever changed it;
// after a rollback the owner loads again.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/database.h"
#include "store/store.h"

namespace rondom::store {

enum class Counter : std::uint8_t {
  record = 1,
  raw_block,
  quarantine,
  profile,
  event,
  dead_letter,
  run,
  unindexed_uids,  // one more than the first profile whose uid is not indexed; 1 = all are
  references,      // references_state, see references.h
  forgotten        // records that are no longer there
};
inline constexpr std::size_t counter_count = 11;  // one more than the last Counter

struct StreamInfo {
  Stream stream;
  std::int64_t generation = 0;  // last one given out
  std::int64_t completed = 0;   // last refresh that was complete
};

struct DestinationInfo {
  std::int64_t id = 0;
  std::int64_t mark = 0;
  std::set<std::string, std::less<>>
      acknowledged;  // sessions whose upserts in flight count as such
};

class Catalog {
 public:
  explicit Catalog(Database& database) : database_(database) {}

  Status load();
  Status flush();

  const std::vector<StreamInfo>& streams() const { return streams_; }
  StreamInfo* stream(StreamId id);
  StreamInfo& add_stream(std::string_view source, std::string_view name, std::string_view job);
  void stream_changed() { streams_changed_ = true; }

  const DestinationInfo* destination(std::string_view name) const;
  const std::map<std::string, DestinationInfo, std::less<>>& destinations() const {
    return destinations_;
  }
  DestinationInfo& make_destination(std::string_view name);
  std::string destination_name(std::int64_t id) const;
  /// One that is called `to` already gets the name that becomes free.
  void rename_destination(std::string_view from, std::string_view to);
  /// Written at once, not by flush(): in the transaction that is open.
  Status add_acknowledged(DestinationInfo& destination, std::string_view session);
  Status forget_acknowledged(DestinationInfo& destination);

  /// Number of a map fingerprint; 0 is never given, it stands for "map again".
  std::int64_t map_number(std::uint64_t fingerprint);
  std::uint64_t fingerprint(std::int64_t map_number) const;
  /// The same map, told by another fingerprint. Written at once.
  Status replace_fingerprint(std::uint64_t before, std::uint64_t now);

  /// Number of a run; a run nobody has put yet gets a row without status.
  Result<std::int64_t> run_number(std::string_view id);

  std::int64_t next(Counter counter) const { return counters_[static_cast<std::size_t>(counter)]; }
  /// The first of `count` new numbers.
  std::int64_t take(Counter counter, std::int64_t count = 1);
  void raise(Counter counter, std::int64_t next);
  void set(Counter counter, std::int64_t next);

 private:
  Database& database_;
  std::vector<StreamInfo> streams_;
  bool streams_changed_ = false;
  std::map<std::string, DestinationInfo, std::less<>> destinations_;
  bool destinations_changed_ = false;
  std::vector<std::uint64_t> fingerprints_;  // by number - 1
  std::unordered_map<std::uint64_t, std::int64_t> map_numbers_;
  std::size_t fingerprints_stored_ = 0;
  std::array<std::int64_t, counter_count> counters_{};
  std::array<std::int64_t, counter_count> counters_stored_{};
  std::string last_run_;
  std::int64_t last_run_number_ = 0;
};

}  // namespace rondom::store
