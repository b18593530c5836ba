#include "store/versions.h"

#include <algorithm>
#include <optional>

#include "store/codec.h"
#include "store/refused.h"

namespace rondom::store {
namespace {

/// Newest first; at equal order a deletion stands first.
bool before(const Version& a, const Version& b) {
  if (a.observed_at != b.observed_at) return a.observed_at > b.observed_at;
  if (a.generation != b.generation) return a.generation > b.generation;
  const bool a_removed = a.kind == VersionKind::removed, b_removed = b.kind == VersionKind::removed;
  if (a_removed != b_removed) return a_removed;
  return a.raw_hash < b.raw_hash;
}

bool counts(const Version& version) {
  return version.kind != VersionKind::contradicted && version.kind != VersionKind::refused;
}

/// Is `a` of a later order?
bool is_newer(const Version& a, const Version& b) {
  return a.observed_at != b.observed_at ? a.observed_at > b.observed_at
                                        : a.generation > b.generation;
}

/// By another text: of a column that was added and nobody maps, or members in another order.
bool means_the_same(const Version& one, const Version& other) {
  if (one.kind != other.kind) return false;
  if (one.kind == VersionKind::filtered) return true;
  return one.kind == VersionKind::mapped && same_outputs(one.outputs, other.outputs);
}

bool is_copy(const Version& other, const Version& version) {
  return other.kind != VersionKind::refused && other.same_order(version);
}

}  // namespace

std::int64_t& counter_of(StreamCounts& counts, Counted counted) {
  switch (counted) {
    case Counted::created: return counts.created;
    case Counted::changed: return counts.changed;
    case Counted::removed: return counts.removed;
    case Counted::stale: return counts.stale;
    case Counted::filtered: return counts.filtered;
    case Counted::quarantined: return counts.quarantined;
    default: return counts.unchanged;
  }
}

void KeyVersions::restore(const Version& version) {
  insert(version);
}

std::vector<Version>::iterator KeyVersions::insert(const Version& version) {
  return versions_.insert(std::lower_bound(versions_.begin(), versions_.end(), version, before),
                          version);
}

Version* KeyVersions::top_version() {
  const auto found = std::find_if(versions_.begin(), versions_.end(), counts);
  return found == versions_.end() ? nullptr : &*found;
}

const Version* KeyVersions::top() const {
  const auto found = std::find_if(versions_.begin(), versions_.end(), counts);
  return found == versions_.end() ? nullptr : &*found;
}

Counted KeyVersions::count_as_top(const Version& version, const Version* before_it) {
  if (version.kind == VersionKind::removed) return Counted::removed;
  if (version.kind == VersionKind::filtered) return Counted::filtered;
  const bool was_live = was_live_;
  was_live_ = true;
  if (!was_live) return Counted::created;
  const bool same = before_it && before_it->kind == VersionKind::mapped &&
                    same_outputs(before_it->outputs, version.outputs);
  return same ? Counted::unchanged : Counted::changed;
}

Counted KeyVersions::seen_same(Version& copy, const Version& version) {
  if (&copy != top_version()) {
    if (copy.map != version.map) {
      copy.map = version.map;
      copy.kind = version.kind;
      copy.outputs = version.outputs;
    }
    return Counted::stale;
  }
  const Version earlier = copy;
  if (copy.raw.block == 0) copy.row = version.row;
  copy.map = version.map;
  copy.kind = version.kind;
  copy.outputs = version.outputs;
  if (earlier.kind == VersionKind::mapped && version.kind == VersionKind::mapped &&
      same_outputs(earlier.outputs, version.outputs)) {
    return Counted::unchanged;
  }
  const Counted counted = count_as_top(version, &earlier);
  if (copy.run != version.run) {
    copy.run = version.run;
    copy.counted = counted;
  }
  return counted;
}

Counted KeyVersions::take_text_of(Version& copy, Version version) {
  const bool is_top = &copy == top_version();
  version.run = copy.run;
  version.counted = copy.counted;
  versions_.erase(versions_.begin() + (&copy - versions_.data()));
  insert(version);
  return is_top ? Counted::unchanged : Counted::stale;
}

bool KeyVersions::raise_generation(Version& version, std::int64_t generation) {
  Version raised = version;
  raised.generation = generation;
  const bool alone = std::none_of(versions_.begin(), versions_.end(),
                                  [&](const Version& other) { return is_copy(other, raised); });
  if (!alone) return false;
  version.generation = generation;
  std::sort(versions_.begin(), versions_.end(), before);
  return true;
}

void KeyVersions::forget_map() {
  for (Version& version : versions_) version.map = 0;
}

void KeyVersions::hear(Version version, Arena& arena) {
  version.kind = VersionKind::refused;
  version.counted = Counted::quarantined;
  const Version* const newest = top_version();
  if (newest && is_newer(*newest, version)) return;
  const auto standing = std::find_if(versions_.begin(), versions_.end(), [](const Version& other) {
    return other.kind == VersionKind::refused;
  });
  if (standing != versions_.end()) {
    const auto joined = join_refusals(standing->outputs, version.outputs, arena);
    if (!is_newer(version, *standing)) version = *standing;
    version.outputs = joined;
    versions_.erase(standing);
  }
  if (!version.outputs.empty()) insert(version);
}

void KeyVersions::forget_refused(const Version& read_whole) {
  std::erase_if(versions_, [&](const Version& version) {
    return version.kind == VersionKind::refused && version.same_order(read_whole) &&
           version.raw_hash == read_whole.raw_hash;
  });
}

Counted KeyVersions::receive(Version version, std::vector<Version>& set_aside) {
  forget_refused(version);
  Version* newest = top_version();
  // Seen again in a later refresh with the same time and content: the same version, now of that
  // refresh.
  if (newest && newest->kind != VersionKind::removed && newest->raw_hash == version.raw_hash &&
      newest->observed_at == version.observed_at && version.generation > newest->generation) {
    if (raise_generation(*newest, version.generation)) newest = top_version();
  }
  std::vector<Version*> copies;
  for (Version& other : versions_) {
    if (is_copy(other, version)) copies.push_back(&other);
  }
  if (!copies.empty() && copies.front()->kind == VersionKind::removed) {
    return version.kind == VersionKind::removed ? Counted::removed : Counted::stale;
  }
  const auto same = std::find_if(copies.begin(), copies.end(), [&](const Version* copy) {
    return copy->raw_hash == version.raw_hash;
  });
  if (version.kind != VersionKind::removed) {
    if (same != copies.end() && counts(**same)) return seen_same(**same, version);
    if (same != copies.end()) {
      set_aside.push_back(version);
      return Counted::quarantined;
    }
    const auto alike = std::find_if(copies.begin(), copies.end(), [&](const Version* copy) {
      return means_the_same(*copy, version);
    });
    if (alike != copies.end()) return take_text_of(**alike, version);
    if (!copies.empty()) {
      for (Version* copy : copies) {
        if (!counts(*copy)) continue;
        set_aside.push_back(*copy);
        copy->kind = VersionKind::contradicted;
        copy->outputs = {};
        copy->raw = {};
        copy->row = nullptr;
      }
      set_aside.push_back(version);
      version.kind = VersionKind::contradicted;
      version.counted = Counted::quarantined;
      version.outputs = {};
      version.raw = {};
      version.row = nullptr;
      insert(version);
      return Counted::quarantined;
    }
  }
  std::optional<Version> before_it;
  if (newest) before_it = *newest;
  const auto placed = insert(version);
  if (&*placed != top_version()) {
    placed->counted = Counted::stale;
  } else {
    placed->counted = count_as_top(version, before_it ? &*before_it : nullptr);
  }
  return placed->counted;
}

Counted KeyVersions::map_again(Version version, std::vector<Version>& set_aside) {
  forget_refused(version);
  Version* const newest = top_version();
  if (!newest || newest->kind == VersionKind::removed || newest->raw_hash != version.raw_hash) {
    return Counted::stale;
  }
  if (newest->observed_at == version.observed_at) return seen_same(*newest, version);
  // The map reads the time from elsewhere now: the same version takes another place in the order.
  version.generation = newest->generation;
  version.raw = newest->raw;
  version.row = nullptr;
  versions_.erase(versions_.begin() + (newest - versions_.data()));
  return receive(version, set_aside);
}

Counted KeyVersions::receive_again(std::uint64_t raw_hash, std::int64_t generation,
                                   std::vector<Version>& set_aside) {
  const auto same = std::find_if(versions_.begin(), versions_.end(), [&](const Version& version) {
    return version.raw_hash == raw_hash && version.kind == VersionKind::mapped;
  });
  if (same == versions_.end()) return Counted::stale;  // superseded so often that it was dropped
  if (&*same == top_version() &&
      (generation <= same->generation || raise_generation(*same, generation))) {
    return Counted::unchanged;
  }
  if (generation <= same->generation) return Counted::stale;
  Version version = *same;
  version.generation = generation;
  return receive(version, set_aside);
}

void KeyVersions::forget_contradiction(Timestamp observed_at, std::int64_t generation) {
  std::erase_if(versions_, [&](const Version& version) {
    return version.kind == VersionKind::contradicted && version.observed_at == observed_at &&
           version.generation == generation;
  });
}

std::span<const Version> KeyVersions::prune() {
  std::size_t kept = 0, held = 0;
  bool removed = false;
  const Version* last = nullptr;
  std::vector<Version> rest;
  const Version* const newest = top();
  for (const Version& version : versions_) {
    if (version.kind == VersionKind::refused) {
      if (!newest || !is_newer(*newest, version)) rest.push_back(version);
      continue;
    }
    if (removed || held == versions_held_max || kept > versions_kept_max) continue;
    const bool repeated = last && counts(version) && counts(*last) &&
                          last->observed_at == version.observed_at &&
                          last->raw_hash == version.raw_hash;
    if (repeated) continue;
    rest.push_back(version);
    last = &version;
    ++held;
    if (counts(version)) ++kept;
    removed = version.kind == VersionKind::removed;
  }
  versions_ = std::move(rest);
  return versions_;
}

}  // namespace rondom::store
