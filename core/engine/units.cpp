#include "engine/units.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace rondom::engine {

namespace {

// Union by smallest element: the root of a set is its smallest record id, in any order of joining.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), 0U);
  }
  std::uint32_t root(std::uint32_t x) {
    while (parent_[x] != x) {
      parent_[x] = parent_[parent_[x]];
      x = parent_[x];
    }
    return x;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = root(a);
    b = root(b);
    if (a < b)
      parent_[b] = a;
    else
      parent_[a] = b;
  }

 private:
  std::vector<std::uint32_t> parent_;
};

constexpr std::size_t dirty_page = 100'000;

Result<std::vector<bool>> dirty_flags(store::Store& reader, store::RecordId last) {
  std::vector<bool> dirty(static_cast<std::size_t>(last) + 1, false);
  store::RecordId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(const auto ids, reader.dirty_records(after, dirty_page));
    if (ids.empty()) return dirty;
    for (const store::RecordId id : ids) dirty[static_cast<std::size_t>(id)] = true;
    after = ids.back();
  }
}

// Old members of the profiles that dirty records belong to are in the same unit: they decide
// together who keeps the profile's id.
Status join_old_members(store::Store& reader, const std::vector<bool>& dirty, DisjointSets& sets) {
  RONDOM_TRY_ASSIGN(const store::ProfileId next, reader.next_profile_id());
  if (next <= 1) return {};
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(const auto profiles, reader.scan_profiles(after, unify_chunk_records));
    if (profiles.empty()) return {};
    for (const store::Profile& profile : profiles) {
      const bool touched =
          std::any_of(profile.members.begin(), profile.members.end(), [&](auto id) {
            return static_cast<std::size_t>(id) < dirty.size() &&
                   dirty[static_cast<std::size_t>(id)];
          });
      if (!touched) continue;
      for (const store::RecordId id : profile.members) {
        sets.join(static_cast<std::uint32_t>(profile.members.front()),
                  static_cast<std::uint32_t>(id));
      }
    }
    after = profiles.back().id;
  }
}

Status join_by_identifiers(store::Store& reader, const JoiningTags& tags,
                           const std::vector<std::uint64_t>& generic, DisjointSets& sets) {
  std::uint64_t identifier = 0;
  std::uint32_t first = 0;
  bool joins = false;
  return reader.scan_postings([&](std::span<const store::Posting> postings) -> Status {
    for (const store::Posting& posting : postings) {
      if (posting.identifier != identifier || first == 0) {
        identifier = posting.identifier;
        first = static_cast<std::uint32_t>(posting.record);
        joins = tags.joins(identifier) &&
                !std::binary_search(generic.begin(), generic.end(), identifier);
      } else if (joins) {
        sets.join(first, static_cast<std::uint32_t>(posting.record));
      }
    }
    return {};
  });
}

Status join_by_ties(store::Store& reader, const Decisions& decisions, DisjointSets& sets) {
  const auto join = [&](store::RecordId a, store::RecordId b) {
    sets.join(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b));
  };
  for (const store::Decision& decision : decisions.all()) {
    if (decision.same) join(decision.a, decision.b);
  }
  return reader.scan_alike([&](std::span<const store::Alike> chunk) -> Status {
    for (const store::Alike& pair : chunk) {
      if (pair.joined) join(pair.a, pair.b);
    }
    return {};
  });
}

// The units that hold a dirty record, each a chain of its records: four bytes a record and a bit,
// because this is what grows with the store.
class UnitChains {
 public:
  UnitChains(DisjointSets sets, const std::vector<bool>& dirty)
      : next_(dirty.size(), 0), touched_(dirty.size(), false) {
    for (std::size_t id = dirty.size(); id-- > 1;) {
      const std::uint32_t root = sets.root(static_cast<std::uint32_t>(id));
      if (dirty[id]) touched_[root] = true;
      if (root == id) continue;
      // Downwards and behind the root, which is the smallest: the chain ascends.
      next_[id] = next_[root];
      next_[root] = static_cast<std::uint32_t>(id);
    }
  }

  /// (root, record) of whole units from `root` on, until there are at least `records`; moves `root`
  /// behind them. Empty at the end.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> take(std::uint32_t& root,
                                                            std::size_t records) const {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> members;
    for (; root < touched_.size() && members.size() < records; ++root) {
      if (!touched_[root]) continue;
      for (std::uint32_t id = root; id != 0; id = next_[id]) members.emplace_back(root, id);
    }
    return members;
  }

 private:
  std::vector<std::uint32_t> next_;  // 0: the last of its unit
  std::vector<bool> touched_;        // roots of units that hold a dirty record
};

Result<UnitChunk> load_units(store::Store& reader, const Decisions& decisions,
                             std::span<const std::pair<std::uint32_t, std::uint32_t>> members) {
  UnitChunk chunk;
  std::vector<store::RecordId> ids;
  ids.reserve(members.size());
  for (const auto& member : members) ids.push_back(member.second);
  std::sort(ids.begin(), ids.end());
  RONDOM_TRY_ASSIGN(chunk.records, reader.records(ids));
  RONDOM_TRY_ASSIGN(chunk.ties, ties_of(reader, decisions, ids));
  const auto index_of = [&](store::RecordId id) -> std::ptrdiff_t {
    const auto at = std::lower_bound(chunk.records.begin(), chunk.records.end(), id,
                                     [](const store::StoredRecord& record, store::RecordId wanted) {
                                       return record.id < wanted;
                                     });
    if (at == chunk.records.end() || at->id != id) return -1;
    return at - chunk.records.begin();
  };
  for (std::size_t i = 0; i < members.size();) {
    std::vector<std::uint32_t>& unit = chunk.units.emplace_back();
    const std::uint32_t root = members[i].first;
    for (; i < members.size() && members[i].first == root; ++i) {
      const std::ptrdiff_t at = index_of(members[i].second);
      if (at >= 0 && is_party(chunk.records[static_cast<std::size_t>(at)].entity)) {
        unit.push_back(static_cast<std::uint32_t>(at));
      }
    }
    if (unit.empty()) chunk.units.pop_back();
  }
  return chunk;
}

Error group_too_large(const UnifyJob& job) {
  return {ErrorCode::unsupported,
          "one group of connected records is larger than " +
              with_thousands(static_cast<std::int64_t>(job.limits.group_records_max)) +
              "; an identifier that is no identifier glues it: block it in identity.yaml"};
}

}  // namespace

Result<std::vector<std::uint64_t>> generic_hashes(store::Store& store) {
  RONDOM_TRY_ASSIGN(const auto generic, store.generic_identifiers());
  std::vector<std::uint64_t> hashes;
  for (const store::GenericIdentifier& one : generic) hashes.push_back(one.identifier);
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

JoiningTags::JoiningTags(const resolve::Rules& rules, const config::Identity& identity) {
  for (const config::IdentifierRule& rule : identity.identifiers) {
    const auto* known = rules.find(rule.name_space);
    if (known != nullptr && known->strength != config::IdentifierClass::weak) {
      joins_[identifier_tag(identifier_hash(rule.name_space, ""))] = true;
    }
  }
}

Status bulk_units(const UnifyJob& job, store::Store& reader,
                  const std::vector<std::uint64_t>& generic,
                  const std::function<Status(UnitChunk)>& chunk) {
  RONDOM_TRY_ASSIGN(const store::RecordId last, reader.last_record_id());
  if (last > bulk_record_id_max) {
    return {ErrorCode::unsupported, "more records than one engine groups at a time (" +
                                        with_thousands(bulk_record_id_max) + ")"};
  }
  RONDOM_TRY_ASSIGN(const std::vector<bool> dirty, dirty_flags(reader, last));
  DisjointSets sets(static_cast<std::size_t>(last) + 1);
  RONDOM_TRY(join_old_members(reader, dirty, sets));
  RONDOM_TRY(join_by_identifiers(reader, JoiningTags(*job.identity, job.project->identity), generic,
                                 sets));
  RONDOM_TRY_ASSIGN(const Decisions decisions, Decisions::load(reader));
  RONDOM_TRY(join_by_ties(reader, decisions, sets));
  const UnitChains chains(std::move(sets), dirty);
  for (std::uint32_t root = 1;;) {
    const auto members = chains.take(root, job.limits.chunk_records);
    if (members.empty()) return {};
    RONDOM_TRY_ASSIGN(UnitChunk loaded, load_units(reader, decisions, members));
    RONDOM_TRY(chunk(std::move(loaded)));
  }
}

Result<UnitChunk> few_units(const UnifyJob& job, store::Store& store,
                            const std::vector<std::uint64_t>& generic) {
  RONDOM_TRY_ASSIGN(std::vector<store::RecordId> dirty,
                    store.dirty_records(0, job.limits.chunk_records));
  while (true) {
    Result<UnitChunk> chunk = units_around(job, store, dirty, generic);
    const bool too_large = !chunk.ok() && chunk.error().code == ErrorCode::unsupported;
    if (!too_large || dirty.size() <= 1) return chunk;
    dirty.resize((dirty.size() + 1) / 2);  // several groups together were too much for one chunk
  }
}

Result<UnitChunk> units_around(const UnifyJob& job, store::Store& store,
                               std::vector<store::RecordId> frontier,
                               const std::vector<std::uint64_t>& generic) {
  const JoiningTags tags(*job.identity, job.project->identity);
  RONDOM_TRY_ASSIGN(const Decisions decisions, Decisions::load(store));
  std::vector<RecordPair> tied;
  std::unordered_map<store::RecordId, std::uint32_t> known;          // id -> position
  std::unordered_map<std::uint64_t, std::uint32_t> first_carrier;    // identifier -> position
  std::unordered_map<store::ProfileId, std::uint32_t> first_member;  // profile -> position
  std::vector<store::StoredRecord> records;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> joins;
  while (!frontier.empty()) {
    std::sort(frontier.begin(), frontier.end());
    frontier.erase(std::unique(frontier.begin(), frontier.end()), frontier.end());
    RONDOM_TRY_ASSIGN(std::vector<store::StoredRecord> loaded, store.records(frontier));
    RONDOM_TRY_ASSIGN(const Ties ties, ties_of(store, decisions, frontier));
    frontier.clear();
    std::vector<std::uint64_t> identifiers;
    std::vector<store::ProfileId> profiles;
    for (store::StoredRecord& record : loaded) {
      if (!is_party(record.entity) || known.count(record.id) != 0) continue;
      const auto position = static_cast<std::uint32_t>(records.size());
      known.emplace(record.id, position);
      if (record.profile != 0) {
        const auto [at, first] = first_member.try_emplace(record.profile, position);
        if (first)
          profiles.push_back(record.profile);
        else
          joins.emplace_back(at->second, position);
      }
      if (record.live) {
        for_each_identifier(
            record.canonical, [&](std::string_view name_space, std::string_view value) {
              const std::uint64_t identifier = identifier_hash(name_space, value);
              if (!tags.joins(identifier) || !job.identity->connects(name_space, value) ||
                  std::binary_search(generic.begin(), generic.end(), identifier)) {
                return;
              }
              const auto [at, first] = first_carrier.try_emplace(identifier, position);
              if (first)
                identifiers.push_back(identifier);
              else
                joins.emplace_back(at->second, position);
            });
      }
      records.push_back(std::move(record));
    }
    const auto tie = [&](store::RecordId a, store::RecordId b) {
      tied.emplace_back(a, b);
      for (const store::RecordId id : {a, b}) {
        if (known.count(id) == 0) frontier.push_back(id);
      }
    };
    for (const RecordPair& pair : ties.alike) tie(pair.first, pair.second);
    for (const store::Decision& decision : ties.decisions) {
      if (decision.same) tie(decision.a, decision.b);
    }
    if (records.size() > job.limits.group_records_max + job.limits.chunk_records) {
      return group_too_large(job);
    }
    std::sort(identifiers.begin(), identifiers.end());
    RONDOM_TRY_ASSIGN(const auto postings,
                      store.postings(identifiers, job.limits.group_records_max + 1));
    std::uint64_t identifier = 0;
    std::size_t carriers = 0;
    for (const store::Posting& posting : postings) {
      carriers = posting.identifier == identifier ? carriers + 1 : 1;
      identifier = posting.identifier;
      if (carriers > job.limits.group_records_max) return group_too_large(job);
      if (known.count(posting.record) == 0) frontier.push_back(posting.record);
    }
    std::sort(profiles.begin(), profiles.end());
    RONDOM_TRY_ASSIGN(const auto old_profiles, store.profiles(profiles));
    for (const store::Profile& profile : old_profiles) {
      for (const store::RecordId member : profile.members) {
        if (known.count(member) == 0) frontier.push_back(member);
      }
    }
  }

  for (const RecordPair& pair : tied) {
    const auto a = known.find(pair.first), b = known.find(pair.second);
    if (a != known.end() && b != known.end()) joins.emplace_back(a->second, b->second);
  }
  UnitChunk chunk;
  std::vector<std::uint32_t> order(records.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return records[a].id < records[b].id; });
  std::vector<std::uint32_t> rank(records.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
  DisjointSets sets(records.size());
  for (const auto& [a, b] : joins) sets.join(rank[a], rank[b]);
  std::unordered_map<std::uint32_t, std::size_t> unit_of;
  chunk.records.reserve(records.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    chunk.records.push_back(std::move(records[order[i]]));
    const auto [at, first] = unit_of.try_emplace(sets.root(i), chunk.units.size());
    if (first) chunk.units.emplace_back();
    chunk.units[at->second].push_back(i);
  }
  std::vector<store::RecordId> ids;
  for (const store::StoredRecord& record : chunk.records) ids.push_back(record.id);
  RONDOM_TRY_ASSIGN(chunk.ties, ties_of(store, decisions, ids));
  return chunk;
}

}  // namespace rondom::engine
