// activity_sweep: what everybody did, read once in the order in which the store has it. Private to
// the engine.
//
// The activities of one customer lie as far apart in a store as they happened: who asks for those
// of one after another reads a page of the store for each. A sweep reads every page once and puts
// what it finds aside by ranges of profiles, in files without a name, from which a range is read in
// one piece.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "model/model.h"
#include "store/store.h"

namespace rondom::engine {

/// Profiles that are put aside together; parts of this size are read with the least work.
inline constexpr std::size_t profiles_per_range = 250;

/// When a sweep pays, and what it may take. Others than these are for tests.
struct SweepLimits {
  std::size_t after_profiles = 4'000;  // in a row, before anybody is taken to want everybody
  std::int64_t profiles_min = 20'000;  // at least so many to come
  std::int64_t records_per_profile =
      40;  // more records than this for each to come: too much to read
  std::size_t profiles_max = 2'000'000;     // in one sweep, some 100 bytes of memory each
  std::size_t range_bytes_max = 64u << 20;  // of a larger one nothing is kept
};

/// One activity as a sweep or the store has it; the bytes are somebody else's.
struct FoundActivity {
  store::RecordId id = 0;
  store::StreamId stream = 0;
  Entity entity = Entity::event;
  Timestamp observed_at = no_time, at = no_time;
  std::string_view key, source_key, canonical;
};

class ActivitySweep {
 public:
  struct Question {
    const config::Project* project = nullptr;
    Entity entity = Entity::person;
    std::bitset<activity_lists_count> lists;  // that are wanted; of others nothing is put aside
    SweepLimits limits;
  };

  /// Of the profiles of the entity after that one, up to profiles_max. Nothing (nullptr) when it
  /// does not pay, or when the state folder takes no file of that size: then each is read by
  /// itself, as ever. Reads with as many threads, each with a store of its own but the first.
  static Result<std::unique_ptr<ActivitySweep>> make(const Question& question, store::Store& store,
                                                     store::ProfileId after, std::size_t threads);
  ~ActivitySweep();

  /// The last profile that it looked at.
  store::ProfileId last() const { return last_; }

  /// What profiles in ascending order did. Bytes are kept in `buffer`. Any thread, each with a
  /// buffer.
  struct Found {
    bool known = false;                     // false: not swept, or changed since
    std::vector<FoundActivity> activities;  // newest first
  };
  Result<std::vector<Found>> of(std::span<const store::Profile> profiles,
                                std::string& buffer) const;

 private:
  class Lane;
  struct Swept {
    store::ProfileId id = 0;
    std::uint64_t members = 0;  // hash
  };
  struct Actor {
    std::uint64_t hash = 0;
    std::uint32_t profile = 0;  // place in swept_
    auto operator<=>(const Actor&) const = default;
  };
  struct Kept;
  ActivitySweep();
  template <typename Work>
  static Status in_all(std::vector<std::unique_ptr<Lane>>& lanes, const Work& work);
  Status read_profiles(const Question& question, std::vector<std::unique_ptr<Lane>>& lanes,
                       store::ProfileId after);
  void index_actors();
  Status read_activities(const Question& question, std::vector<std::unique_ptr<Lane>>& lanes,
                         store::RecordId last_record);

  std::vector<Swept> swept_;                // by id
  std::vector<Actor> actors_;               // until all is put aside
  std::vector<std::uint32_t> first_actor_;  // by the first bits of the hash
  std::unique_ptr<Kept> kept_;
  std::size_t range_bytes_max_ = 0;
  store::ProfileId last_ = 0;
};

}  // namespace rondom::engine
