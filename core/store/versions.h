// Versions: which version of one source key counts. Pure logic, no database. Private.
//
// The rules, in full:
// - Versions are ordered by (observed_at, generation); no_time ranks below every time.
// - The version that counts is the newest one that nothing contradicts. Copies of one order that
// are mapped
//   to different records contradict each other: all of them are set aside, also when a further copy
//   comes later, and the best older version stays or returns. When none is left the key is not
//   live. Copies that are mapped to the same are one version, of which the text read last is kept.
// - A deletion read from the source is a version without outputs. At equal order it wins over any
//   copy (deleting is what happened last), and what is older than a deletion can never return.
// - A filtered version (`when` was false) is a version without outputs like any other.
// - What a refused row, or a copy that is set aside, says no to is no version that counts, but it
// stands
//   until a newer version counts, or the row itself is read as a whole after all.
// - The same order and the same raw content is the same version; another map may have given it
// other
//   outputs, then those replace the old ones.
// So the outcome is a function of the set of versions, not of their order, as long as no more than
// versions_kept_max older versions are needed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "store/raw_blocks.h"
#include "store/store.h"

namespace rondom::store {

/// Older versions that nothing contradicts, kept for each key beside the one that counts.
inline constexpr std::size_t versions_kept_max = 3;
/// All of them with the contradicting copies among them.
inline constexpr std::size_t versions_held_max = 16;

enum class VersionKind : std::uint8_t {
  none = 0,
  mapped = 1,
  removed = 2,
  filtered = 3,
  contradicted = 4,
  refused = 5  // what refused rows say no to; counts for nothing else
};

/// How a row was counted, so that it can be taken back when it turns out to be contradicted.
enum class Counted : std::uint8_t {
  nothing,
  created,
  changed,
  unchanged,
  removed,
  stale,
  filtered,
  quarantined
};

std::int64_t& counter_of(StreamCounts& counts, Counted counted);  // not for `nothing`

struct Version {
  Timestamp observed_at = no_time;
  std::int64_t generation = 0;
  std::uint64_t raw_hash = 0;
  VersionKind kind = VersionKind::mapped;
  std::int64_t map = 0;  // number of the map fingerprint
  std::int64_t run = 0;  // number of the run that counted it
  Counted counted = Counted::nothing;
  std::span<const Output> outputs;  // mapped and refused only
  RawPlace raw;                     // kept already, or …
  const Row* row = nullptr;         // … the row of this batch that it came with
  bool same_order(const Version& other) const {
    return observed_at == other.observed_at && generation == other.generation;
  }
};

/// All that is remembered of one source key.
class KeyVersions {
 public:
  /// `was_live`: it had a record before.
  explicit KeyVersions(bool was_live) : was_live_(was_live) {}
  void restore(const Version& version);

  /// Takes one version that was read. `set_aside` gets the copies that this contradiction (if it is
  /// one) puts or finds in quarantine, the given one last.
  Counted receive(Version version, std::vector<Version>& set_aside);
  /// The version that counts, mapped again from its kept raw text; nothing when it has been
  /// replaced.
  Counted map_again(Version version, std::vector<Version>& set_aside);
  /// A row whose raw content equals that of a version seen before.
  Counted receive_again(std::uint64_t raw_hash, std::int64_t generation,
                        std::vector<Version>& set_aside);
  /// Takes what a row says no to that is refused, or set aside. Nothing when a newer version
  /// counts; else it stands until one does, joined with what stood before. Texts are made in
  /// `arena`.
  void hear(Version version, Arena& arena);
  /// Forgets the contradicting copies of one order.
  void forget_contradiction(Timestamp observed_at, std::int64_t generation);

  /// Lets the next copy of any version be mapped again.
  void forget_map();

  /// The version that counts, or nullptr.
  const Version* top() const;
  /// Newest first. Drops what can no longer matter.
  std::span<const Version> prune();

 private:
  std::vector<Version>::iterator insert(const Version& version);
  Version* top_version();
  void forget_refused(const Version& read_whole);
  /// False when another copy has that order already.
  bool raise_generation(Version& version, std::int64_t generation);
  Counted seen_same(Version& copy, const Version& version);
  /// The same version by another text, which is kept instead: another map may find more in it.
  Counted take_text_of(Version& copy, Version version);
  Counted count_as_top(const Version& version, const Version* before);

  std::vector<Version> versions_;  // newest first
  bool was_live_;
};

}  // namespace rondom::store
