// Bitmap: a durable set of ids, kept in chunks of 32,768 bits. Private.
//
// A Bitmap object is the working copy of one set inside one transaction: chunks are loaded when
// named, changed in memory and written by flush(). Ids are not negative. A stored chunk is its bits
// or, of few members, their places in it, 16 bits each, little-endian, ascending.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "store/database.h"

namespace rondom::store {

/// Numbers of the sets; per stream and per destination ones add its id.
namespace bitmap_set {
inline constexpr std::int64_t dirty = 1;       // party records that unify must look at
inline constexpr std::int64_t unposted = 2;    // of those, postings not built from today's content
inline constexpr std::int64_t live = 3;        // records that are live
inline constexpr std::int64_t party = 4;       // records of persons and organizations
inline constexpr std::int64_t profiles = 5;    // profiles that exist
inline constexpr std::int64_t new_owner = 6;   // records that became somebody else's, until unified
inline constexpr std::int64_t had_owner = 7;   // those of ever, for explain
inline constexpr std::int64_t linking = 8;     // records whose references must be looked at
inline constexpr std::int64_t waiting = 9;     // records that refer to one that is not there
inline constexpr std::int64_t to_review = 10;  // records of had_owner that nobody has looked at
inline constexpr std::int64_t refused = 11;   // live records about which refused rows say something
inline constexpr std::int64_t released = 12;  // quarantine entries that are to be mapped again
inline constexpr std::int64_t compared = 13;  // records in the index of likeness
inline constexpr std::int64_t differs = 14;  // of those, they say something else than when compared
inline constexpr std::int64_t seen_base = 1'000'000;    // + stream: seen in the running refresh
inline constexpr std::int64_t held_base = 2'000'000;    // + destination: profiles held there
inline constexpr std::int64_t flight_base = 4'000'000;  // + destination: upserts in flight
inline constexpr std::int64_t keys_base = 3'000'000;    // + stream: first records of its live keys
}  // namespace bitmap_set

class Bitmap {
 public:
  static constexpr std::int64_t chunk_bits = 32'768;

  Bitmap(Database& database, std::int64_t set) : database_(&database), set_(set) {}

  /// Chunks of these ids, in any order. Must be loaded before test, set and clear.
  Status load(std::span<const std::int64_t> ids);
  bool test(std::int64_t id) const;
  void set(std::int64_t id);
  void clear(std::int64_t id);
  Status flush();

  // On what is stored, not on the working copy:
  Result<std::int64_t> count() const;
  /// Members greater than `after`, at most `limit`, ascending.
  Result<std::vector<std::int64_t>> members(std::int64_t after, std::size_t limit) const;
  /// The same without the members of the set `other`.
  Result<std::vector<std::int64_t>> members_without(std::int64_t other, std::int64_t after,
                                                    std::size_t limit) const;
  Result<std::int64_t> count_without(std::int64_t other) const;
  Status erase_all();
  /// Adds every member of `other`.
  Status add_all(std::int64_t other);
  /// Adds every member of both `a` and `b`.
  Status add_intersection(std::int64_t a, std::int64_t b);

 private:
  struct Chunk {
    std::string bits;  // empty = all clear
    bool changed = false;
  };
  std::int64_t row_of(std::int64_t chunk) const { return (set_ << 32) | chunk; }
  /// Calls f(chunk number, bits) for every stored chunk from `from` on, in order; f returns false
  /// to stop.
  Status each_chunk(std::int64_t from,
                    const std::function<bool(std::int64_t, std::string_view)>& f) const;
  Status each_chunk_without(std::int64_t other, std::int64_t from,
                            const std::function<bool(std::int64_t, std::string_view)>& f) const;

  Database* database_;
  std::int64_t set_;
  std::map<std::int64_t, Chunk> chunks_;
};

}  // namespace rondom::store
