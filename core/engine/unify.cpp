#include "engine/unify.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "engine/generic.h"
#include "engine/likeness/refresh.h"
#include "engine/record_names.h"
#include "engine/units.h"

namespace rondom::engine {

namespace {

using SteadyClock = std::chrono::steady_clock;

std::int64_t microseconds_since(SteadyClock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - start).count();
}

// One source record can make a person and an organization, which then have one record name.
Uid profile_uid(KeyedUids& uids, Entity entity, const std::string& label, std::uint32_t counter) {
  if (entity == Entity::person) return uids.of(label, counter);
  std::string text = label;
  text += '\0';  // in no record name
  text += to_text(entity);
  return uids.of(text, counter);
}

// Do two profiles say the same? How a value came about (its raw text and rule) is for explain
// alone: nobody downstream has to look at a profile because of it.
bool same_values(std::string_view a, std::string_view b) {
  RecordReader left(a), right(b);
  Cell one, other;
  while (true) {
    const bool more = left.next(one);
    if (more != right.next(other)) return false;
    if (!more) return true;
    if (std::tie(one.attribute, one.group, one.value, one.name) !=
        std::tie(other.attribute, other.group, other.value, other.name)) {
      return false;
    }
  }
}

// One future profile.
struct Cluster {
  Entity entity = Entity::person;
  std::string label;             // smallest unique record name
  store::RecordId smallest = 0;  // the record of that name
  std::string values;
  std::uint64_t content_hash = 0;
  Uid uid;                               // should this become a new profile
  std::vector<store::RecordId> members;  // sorted
};

struct SolvedUnit {
  std::vector<Cluster> clusters;  // by label
};

struct SolvedChunk {
  std::vector<store::StoredRecord> records;  // canonical bytes dropped
  std::vector<std::vector<std::uint32_t>> units;
  std::vector<SolvedUnit> solved;
  std::vector<store::GenericIdentifier> generic;
  std::int64_t refused = 0;
  std::int64_t busy_microseconds = 0;
};

/// The ties of a chunk, unit by unit.
class UnitTies {
 public:
  void assign(const UnitChunk& chunk) {
    ties_ = chunk.ties;
    of_record_.clear();
    for (std::size_t i = 0; i < ties_.alike.size(); ++i) {
      of_record_.emplace(ties_.alike[i].first, i);
    }
    for (std::size_t i = 0; i < ties_.decisions.size(); ++i) {
      of_record_.emplace(ties_.decisions[i].a, ties_.alike.size() + i);
    }
  }
  /// A tie with both ends in the unit has the first one there.
  Ties of(const std::vector<resolve::Candidate>& unit) const {
    Ties found;
    if (of_record_.empty()) return found;
    std::vector<std::size_t> numbers;
    for (const resolve::Candidate& candidate : unit) {
      const auto [first, last] = of_record_.equal_range(candidate.id);
      for (auto at = first; at != last; ++at) numbers.push_back(at->second);
    }
    std::sort(numbers.begin(), numbers.end());
    for (const std::size_t number : numbers) {
      if (number < ties_.alike.size()) {
        found.alike.push_back(ties_.alike[number]);
      } else {
        found.decisions.push_back(ties_.decisions[number - ties_.alike.size()]);
      }
    }
    return found;
  }

 private:
  Ties ties_;
  std::unordered_multimap<store::RecordId, std::size_t> of_record_;  // by its smaller record
};

// Solves and merges the units of a chunk. Pure but for the scratch it owns; one thread.
class Solver {
 public:
  Solver(const UnifyJob& job, const RecordNames& names, std::vector<std::uint64_t> generic)
      : job_(job), names_(names), known_generic_(std::move(generic)), uids_(job.profile_key) {}

  SolvedChunk solve(UnitChunk chunk) {
    const auto start = SteadyClock::now();
    SolvedChunk out;
    record_names_.clear();
    record_names_.reserve(chunk.records.size());
    for (const store::StoredRecord& record : chunk.records) {
      record_names_.push_back(names_.unique_of(record));
    }
    out.solved.reserve(chunk.units.size());
    unit_ties_.assign(chunk);
    for (const std::vector<std::uint32_t>& unit : chunk.units) {
      out.solved.push_back(solve_unit(chunk.records, unit, out));
    }
    for (store::StoredRecord& record : chunk.records) {
      record.canonical.clear();
      record.canonical.shrink_to_fit();
    }
    out.records = std::move(chunk.records);
    out.units = std::move(chunk.units);
    out.busy_microseconds = microseconds_since(start);
    return out;
  }

 private:
  SolvedUnit solve_unit(const std::vector<store::StoredRecord>& records,
                        const std::vector<std::uint32_t>& unit, SolvedChunk& out) {
    candidates_.clear();
    positions_.clear();
    for (const std::uint32_t position : unit) {
      const store::StoredRecord& record = records[position];
      if (!record.live) continue;
      candidates_.push_back({record.id, record.entity, record_names_[position],
                             names_.source_and_stream_of(record), record.canonical});
      positions_.push_back(position);
    }
    SolvedUnit solved;
    if (candidates_.empty()) return solved;
    const Ties ties = unit_ties_.of(candidates_);
    resolve::Solution solution =
        resolve::solve(*job_.identity, candidates_, false, known_generic_, ties.decisions);
    resolve::join_pairs(candidates_, ties.alike, solution);
    out.refused += solution.refused;
    for (auto& generic : solution.generic) {
      if (!std::binary_search(known_generic_.begin(), known_generic_.end(), generic.identifier)) {
        out.generic.push_back(std::move(generic));
      }
    }
    std::vector<std::vector<std::uint32_t>> clusters(solution.clusters);
    for (std::uint32_t i = 0; i < candidates_.size(); ++i) {
      clusters[solution.cluster[i]].push_back(i);
    }
    solved.clusters.reserve(clusters.size());
    for (const std::vector<std::uint32_t>& members : clusters) {
      solved.clusters.push_back(merge_cluster(records, members));
    }
    std::sort(solved.clusters.begin(), solved.clusters.end(),
              [](const Cluster& a, const Cluster& b) {
                return std::tie(a.label, a.entity) < std::tie(b.label, b.entity);
              });
    return solved;
  }

  Cluster merge_cluster(const std::vector<store::StoredRecord>& records,
                        const std::vector<std::uint32_t>& members) {
    Cluster cluster;
    merge_members_.clear();
    for (const std::uint32_t i : members) {
      const store::StoredRecord& record = records[positions_[i]];
      const std::string& name = record_names_[positions_[i]];
      cluster.members.push_back(record.id);
      if (cluster.label.empty() || name < cluster.label) {
        cluster.label = name;
        cluster.smallest = record.id;
      }
      merge_members_.push_back(
          {name, names_.source_of(record), record.observed_at, record.canonical});
    }
    std::sort(cluster.members.begin(), cluster.members.end());
    // merge() sees its members by name, so that positions in explain are stable.
    std::sort(merge_members_.begin(), merge_members_.end(),
              [](const merge::Member& a, const merge::Member& b) { return a.name < b.name; });
    cluster.entity = candidates_[members.front()].entity;
    arena_.reset();
    builder_.clear();
    merge::merge(*job_.merge, cluster.entity, merge_members_, arena_, builder_);
    cluster.values = builder_.bytes();
    cluster.content_hash = hash64(cluster.values);
    cluster.uid = profile_uid(uids_, cluster.entity, cluster.label, 0);
    return cluster;
  }

  const UnifyJob& job_;
  const RecordNames& names_;
  std::vector<std::uint64_t> known_generic_;  // sorted
  KeyedUids uids_;
  std::vector<std::string> record_names_;
  UnitTies unit_ties_;
  std::vector<resolve::Candidate> candidates_;
  std::vector<std::uint32_t> positions_;
  std::vector<merge::Member> merge_members_;
  Arena arena_;
  RecordBuilder builder_;
};

// Gives clusters their profile ids and writes a chunk. Runs on the thread that owns the store.
class Founder {
 public:
  Founder(const UnifyJob& job, store::Store& store, UnifyReport& report, bool first_profiles_ever)
      : job_(job),
        store_(store),
        report_(report),
        uids_(job.profile_key),
        first_profiles_ever_(first_profiles_ever) {}

  Status write(SolvedChunk& chunk) {
    const auto start = SteadyClock::now();
    store::UnifyBatch batch;
    batch.run = job_.run;
    batch.uids_later = first_profiles_ever_;
    RONDOM_TRY(load_old_profiles(chunk));
    RONDOM_TRY_ASSIGN(next_id_, store_.next_profile_id());
    founded_.clear();
    for (std::size_t i = 0; i < chunk.units.size(); ++i) {
      write_unit(chunk.records, chunk.units[i], chunk.solved[i], batch);
    }
    RONDOM_TRY(give_uids(batch));
    for (const store::StoredRecord& record : chunk.records) batch.done.push_back(record.id);
    batch.generic = std::move(chunk.generic);
    std::sort(batch.members.begin(), batch.members.end());
    std::sort(batch.profiles.begin(), batch.profiles.end(),
              [](const store::Profile& a, const store::Profile& b) { return a.id < b.id; });
    std::sort(batch.retired.begin(), batch.retired.end());
    for (const store::GenericIdentifier& generic : batch.generic)
      report_.generic.push_back(generic);
    report_.refused_edges += chunk.refused;
    RONDOM_TRY(store_.apply(batch));
    job_.timers->add("resolve and merge", chunk.busy_microseconds);
    job_.timers->add("store profiles", microseconds_since(start));
    return {};
  }

 private:
  Status load_old_profiles(const SolvedChunk& chunk) {
    std::vector<store::ProfileId> ids;
    for (const store::StoredRecord& record : chunk.records) {
      if (record.profile != 0) ids.push_back(record.profile);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    old_.clear();
    new_owners_.clear();
    if (ids.empty()) return {};
    std::vector<store::RecordId> records;
    for (const store::StoredRecord& record : chunk.records) records.push_back(record.id);
    std::sort(records.begin(), records.end());
    RONDOM_TRY_ASSIGN(new_owners_, store_.new_owners(records, store::Store::Since::last_unify));
    for (const store::RecordId id : new_owners_) report_.new_owners.push_back(id);
    RONDOM_TRY_ASSIGN(auto profiles, store_.profiles(ids));
    for (store::Profile& profile : profiles) old_.emplace(profile.id, std::move(profile));
    return {};
  }

  /// Does the record still stand for the person that it stood for when its profile was made?
  bool is_same_owner(store::RecordId id) const {
    return !std::binary_search(new_owners_.begin(), new_owners_.end(), id);
  }

  // Which cluster keeps which old profile (see DESIGN §1, promise 2). A record that is somebody
  // else's now takes no profile along: what destinations hold there is about the person before.
  void choose_survivors(const SolvedUnit& unit, const std::vector<store::ProfileId>& old_ids,
                        std::vector<store::ProfileId>& survivor) {
    std::unordered_map<store::RecordId, std::size_t> cluster_of;
    for (std::size_t c = 0; c < unit.clusters.size(); ++c) {
      for (const store::RecordId id : unit.clusters[c].members) {
        if (is_same_owner(id)) cluster_of.emplace(id, c);
      }
    }
    for (const store::ProfileId id : old_ids) {  // oldest first: it wins
      const auto found = cluster_of.find(old_.at(id).founding_record);
      if (found != cluster_of.end() && survivor[found->second] == 0) survivor[found->second] = id;
    }
    for (const store::ProfileId id : old_ids) {
      const store::Profile& old = old_.at(id);
      if (cluster_of.count(old.founding_record) != 0) continue;
      // Its founding record is gone: the free part with the smallest label goes on as this profile.
      std::size_t best = unit.clusters.size();
      for (const store::RecordId member : old.members) {
        const auto found = cluster_of.find(member);
        if (found != cluster_of.end() && survivor[found->second] == 0) {
          best = std::min(best, found->second);
        }
      }
      if (best < unit.clusters.size()) survivor[best] = id;
    }
  }

  void write_unit(const std::vector<store::StoredRecord>& records,
                  const std::vector<std::uint32_t>& positions, SolvedUnit& unit,
                  store::UnifyBatch& batch) {
    std::vector<store::ProfileId> old_ids;
    for (const std::uint32_t position : positions) {
      const store::ProfileId id = records[position].profile;
      if (id != 0 && old_.count(id) != 0) old_ids.push_back(id);
    }
    std::sort(old_ids.begin(), old_ids.end());
    old_ids.erase(std::unique(old_ids.begin(), old_ids.end()), old_ids.end());

    if (old_ids.empty()) return found_unit(records, positions, unit, batch);

    std::vector<store::ProfileId> survivor(unit.clusters.size(), 0);
    choose_survivors(unit, old_ids, survivor);

    std::unordered_map<store::RecordId, store::ProfileId> now;
    for (std::size_t c = 0; c < unit.clusters.size(); ++c) {
      Cluster& cluster = unit.clusters[c];
      const store::ProfileId id = survivor[c] != 0 ? survivor[c] : next_id_++;
      for (const store::RecordId member : cluster.members) now.emplace(member, id);
      if (survivor[c] != 0)
        keep_profile(old_.at(id), cluster, batch);
      else
        found_profile(id, cluster, records, positions, batch);
    }
    for (const std::uint32_t position : positions) {
      const store::StoredRecord& record = records[position];
      const auto found = now.find(record.id);
      const store::ProfileId profile = found == now.end() ? 0 : found->second;
      if (profile != record.profile) batch.members.emplace_back(record.id, profile);
    }
    for (const store::ProfileId id : old_ids) {
      if (std::find(survivor.begin(), survivor.end(), id) == survivor.end()) {
        end_profile(old_.at(id), now, batch);
      }
    }
  }

  // Nobody here was a profile before: the way of every first sync.
  void found_unit(const std::vector<store::StoredRecord>& records,
                  const std::vector<std::uint32_t>& positions, SolvedUnit& unit,
                  store::UnifyBatch& batch) {
    for (Cluster& cluster : unit.clusters) {
      const store::ProfileId id = next_id_++;
      for (const store::RecordId member : cluster.members) batch.members.emplace_back(member, id);
      found_profile(id, cluster, records, positions, batch);
    }
    for (const std::uint32_t position : positions) {
      const store::StoredRecord& record = records[position];
      // Withdrawn before it ever had a profile that still exists.
      if (!record.live && record.profile != 0) batch.members.emplace_back(record.id, 0);
    }
  }

  void keep_profile(const store::Profile& old, Cluster& cluster, store::UnifyBatch& batch) {
    const bool bytes_changed = old.content_hash != cluster.content_hash;
    if (!bytes_changed && old.members == cluster.members &&
        old.label == RecordNames::visible(cluster.label) &&
        old.config_fingerprint == config_fingerprint()) {
      return;
    }
    store::Profile profile = written(old.id, cluster);
    profile.uid = old.uid;
    profile.founding_record = founder_of(old, cluster);
    const bool parted = !std::includes(cluster.members.begin(), cluster.members.end(),
                                       old.members.begin(), old.members.end());
    if (parted) batch.parted.push_back(old.id);
    const bool values_changed = bytes_changed && !same_values(old.values, profile.values);
    batch.profiles.push_back(std::move(profile));
    // Whoever is told of profiles has to hear of a parting, though it changed nothing that they
    // say.
    if (values_changed || parted) {
      batch.events.push_back({0, store::EventKind::changed, old.id, 0});
    }
    if (values_changed) ++report_.changed;
  }

  /// A record that is somebody else's now stands for the profile no longer, though it may still be
  /// a member.
  store::RecordId founder_of(const store::Profile& old, const Cluster& cluster) const {
    const auto stands_for_it = [&](store::RecordId id) {
      return std::binary_search(cluster.members.begin(), cluster.members.end(), id) &&
             is_same_owner(id);
    };
    if (stands_for_it(old.founding_record)) return old.founding_record;
    if (is_same_owner(cluster.smallest)) return cluster.smallest;
    const auto other = std::find_if(cluster.members.begin(), cluster.members.end(), stands_for_it);
    return other == cluster.members.end() ? cluster.smallest : *other;
  }

  void found_profile(store::ProfileId id, Cluster& cluster,
                     const std::vector<store::StoredRecord>& records,
                     const std::vector<std::uint32_t>& positions, store::UnifyBatch& batch) {
    store::Profile profile = written(id, cluster);
    profile.founding_record = cluster.smallest;
    profile.uid = cluster.uid;
    founded_.push_back({batch.profiles.size(), cluster.label});
    store::ProfileId split_from = 0;
    if (!old_.empty()) {
      for (const std::uint32_t position : positions) {
        const store::StoredRecord& record = records[position];
        if (record.profile != 0 && is_same_owner(record.id) &&
            std::binary_search(profile.members.begin(), profile.members.end(), record.id)) {
          split_from = record.profile;
          break;
        }
      }
    }
    batch.profiles.push_back(std::move(profile));
    if (split_from != 0) {
      batch.events.push_back({0, store::EventKind::split, id, split_from});
      ++report_.split;
    } else {
      batch.events.push_back({0, store::EventKind::created, id, 0});
      ++report_.created;
    }
  }

  void end_profile(const store::Profile& old,
                   const std::unordered_map<store::RecordId, store::ProfileId>& now,
                   store::UnifyBatch& batch) {
    store::ProfileId into = 0;
    if (const auto found = now.find(old.founding_record);
        found != now.end() && is_same_owner(old.founding_record)) {
      into = found->second;
    }
    for (const store::RecordId member : old.members) {
      if (into != 0) break;
      if (!is_same_owner(member)) continue;
      if (const auto found = now.find(member); found != now.end()) into = found->second;
    }
    batch.retired.push_back(old.id);
    if (into != 0) {
      batch.aliases.emplace_back(old.uid, into);
      batch.events.push_back({0, store::EventKind::merged, old.id, into});
      ++report_.merged;
    } else {
      batch.events.push_back({0, store::EventKind::retired, old.id, 0});
      ++report_.retired;
    }
  }

  store::Profile written(store::ProfileId id, Cluster& cluster) const {
    store::Profile profile;
    profile.id = id;
    profile.entity = cluster.entity;
    profile.content_hash = cluster.content_hash;
    profile.config_fingerprint = config_fingerprint();
    profile.label = RecordNames::visible(cluster.label);
    profile.values = std::move(cluster.values);
    profile.members = cluster.members;
    return profile;
  }

  std::uint64_t config_fingerprint() const {
    return job_.project->identity_fingerprint ^ (job_.project->merge_fingerprint * 31);
  }

  // Ids of newly founded profiles; one that is taken (a label founded twice) counts up. In a store
  // that never had a profile nothing can be taken, and unique labels differ within a run.
  Status give_uids(store::UnifyBatch& batch) {
    if (first_profiles_ever_) return {};
    std::vector<Founded> open = std::move(founded_);
    for (std::uint32_t counter = 0; !open.empty(); ++counter) {
      if (counter > uid_attempts_max) {
        return {ErrorCode::internal, "no free id was found for a new profile"};
      }
      std::vector<Uid> wanted;
      for (const Founded& one : open) {
        store::Profile& profile = batch.profiles[one.at];
        if (counter > 0) profile.uid = profile_uid(uids_, profile.entity, one.label, counter);
        wanted.push_back(profile.uid);
      }
      RONDOM_TRY_ASSIGN(const std::vector<bool> taken, store_.uids_taken(wanted));
      std::vector<Founded> again;
      for (std::size_t i = 0; i < open.size(); ++i) {
        if (taken[i]) again.push_back(std::move(open[i]));
      }
      open = std::move(again);
    }
    return {};
  }

  static constexpr std::uint32_t uid_attempts_max = 1'000;
  const UnifyJob& job_;
  store::Store& store_;
  UnifyReport& report_;
  KeyedUids uids_;
  bool first_profiles_ever_;
  std::unordered_map<store::ProfileId, store::Profile> old_;
  std::vector<store::RecordId>
      new_owners_;  // sorted; records of this chunk that are somebody else's
  struct Founded {
    std::size_t at = 0;  // in batch.profiles
    std::string label;   // unique
  };
  std::vector<Founded> founded_;
  store::ProfileId next_id_ = 1;
};

constexpr std::size_t chunks_waiting_max = 1;

bool cancelled(const UnifyJob& job) {
  return job.cancel != nullptr && job.cancel->requested();
}

Error cancelled_error() {
  return {ErrorCode::cancelled, "stopped on request; the next run continues here"};
}

Status unify_in_bulk(const UnifyJob& job, store::Store& store, const RecordNames& names,
                     std::int64_t total, UnifyReport& report) {
  RONDOM_TRY_ASSIGN(auto reader, store.open_reader());
  RONDOM_TRY_ASSIGN(const auto generic, generic_hashes(store));
  RONDOM_TRY_ASSIGN(const store::ProfileId next, store.next_profile_id());
  Founder founder(job, store, report, next <= 1);
  BoundedQueue<UnitChunk> loaded(chunks_waiting_max);
  BoundedQueue<SolvedChunk> queue(chunks_waiting_max);
  Status load_status;
  Status solve_status;
  std::thread loading([&] {
    try {
      load_status = bulk_units(job, *reader, generic, [&](UnitChunk chunk) -> Status {
        if (cancelled(job) || !loaded.put(std::move(chunk))) return cancelled_error();
        return {};
      });
    } catch (const std::exception& defect) {
      load_status = {ErrorCode::internal, std::string("grouping failed: ") + defect.what()};
    }
    loaded.finish();
  });
  std::thread solving([&] {
    try {
      Solver solver(job, names, generic);
      while (auto chunk = loaded.take()) {
        if (!queue.put(solver.solve(std::move(*chunk)))) break;
      }
    } catch (const std::exception& defect) {
      solve_status = {ErrorCode::internal, std::string("resolving failed: ") + defect.what()};
    }
    loaded.close();
    queue.finish();
  });
  Status write_status;
  std::int64_t done = 0;
  while (auto chunk = queue.take()) {
    done += static_cast<std::int64_t>(chunk->records.size());
    write_status = founder.write(*chunk);
    if (!write_status.ok()) {
      queue.close();
      break;
    }
    if (job.progress) job.progress(std::min(done, total), total);
  }
  solving.join();
  loading.join();
  RONDOM_TRY(write_status);
  RONDOM_TRY(solve_status);
  RONDOM_TRY(load_status);
  const auto start = SteadyClock::now();
  RONDOM_TRY(store.index_uids());
  job.timers->add("store profiles", microseconds_since(start));
  return {};
}

Status unify_few(const UnifyJob& job, store::Store& store, const RecordNames& names,
                 UnifyReport& report) {
  Founder founder(job, store, report, false);
  while (true) {
    if (cancelled(job)) return cancelled_error();
    RONDOM_TRY_ASSIGN(const auto generic, generic_hashes(store));
    Result<UnitChunk> chunk = few_units(job, store, generic);
    if (!chunk.ok() && chunk.error().code == ErrorCode::unsupported) {
      // What hangs together is too much to be followed record by record, and no reason to leave
      // everybody else waiting.
      RONDOM_TRY_ASSIGN(const std::int64_t dirty, store.dirty_count());
      return unify_in_bulk(job, store, names, dirty, report);
    }
    RONDOM_TRY(chunk.status());
    if (chunk->records.empty()) return {};
    Solver solver(job, names, generic);
    SolvedChunk solved = solver.solve(std::move(*chunk));
    RONDOM_TRY(founder.write(solved));
  }
}

constexpr std::string_view fingerprint_key = "unify/fingerprint";

// New identity or merge rules, of the project or of a newer program, concern every record, not only
// those that changed.
Status mark_dirty_after_rule_change(const UnifyJob& job, store::Store& store) {
  const std::string fingerprint = hex64(job.project->identity_fingerprint) +
                                  hex64(job.project->merge_fingerprint) + " " +
                                  std::to_string(resolve::rules_version);
  RONDOM_TRY_ASSIGN(const auto last, store.value(fingerprint_key));
  if (last.has_value() && *last == fingerprint) return {};
  if (last.has_value()) RONDOM_TRY(store.mark_all_dirty());
  return store.put_value(fingerprint_key, fingerprint);
}

constexpr std::size_t new_owners_named_max = 5;

Status name_new_owners(const RecordNames& names, store::Store& store, UnifyReport& report) {
  std::vector<store::RecordId>& ids = report.new_owners;
  report.review += static_cast<std::int64_t>(ids.size());
  std::sort(ids.begin(), ids.end());
  const std::span<const store::RecordId> first(ids.data(),
                                               std::min(ids.size(), new_owners_named_max));
  RONDOM_TRY_ASSIGN(const auto records, store.records(first));
  for (const store::StoredRecord& record : records) {
    report.new_owner_names.emplace_back(RecordNames::visible(names.unique_of(record)));
  }
  return {};
}

}  // namespace

Status unify(const UnifyJob& job, store::Store& store, UnifyReport& report) {
  const auto start = SteadyClock::now();
  RONDOM_TRY(mark_dirty_after_rule_change(job, store));
  // Whom a record is added to depends on everybody it might be: when one of them goes, so may it.
  const JoiningTags tags(*job.identity, job.project->identity);
  RONDOM_TRY_ASSIGN(const auto generic, generic_hashes(store));
  const auto joins = [&](std::uint64_t identifier) {
    return tags.joins(identifier) &&
           !std::binary_search(generic.begin(), generic.end(), identifier);
  };
  while (true) {
    if (cancelled(job)) return cancelled_error();
    RONDOM_TRY_ASSIGN(const std::int64_t indexed,
                      store.index_postings(job.limits.postings_records, joins));
    if (indexed == 0) break;
  }
  job.timers->add("index identifiers", microseconds_since(start));
  const auto linking = SteadyClock::now();
  while (true) {
    if (cancelled(job)) return cancelled_error();
    RONDOM_TRY_ASSIGN(const std::int64_t linked, store.link_references(job.limits.link_records));
    if (linked == 0) break;
  }
  job.timers->add("link references", microseconds_since(linking));
  RONDOM_TRY(reconsider_generic(job, store, report));
  const auto comparing = SteadyClock::now();
  RONDOM_TRY(hand_on_decisions(store));
  RONDOM_TRY(forget_decisions_about_others(store));
  RONDOM_TRY(refresh_alike(job, store, report));
  if (job.project->identity.probabilistic.has_value()) {
    job.timers->add("compare records", microseconds_since(comparing));
  }
  RecordNames names;
  RONDOM_TRY(names.load(store));
  RONDOM_TRY_ASSIGN(const std::int64_t dirty, store.dirty_count());
  if (dirty >= job.limits.bulk_records_min) {
    RONDOM_TRY(unify_in_bulk(job, store, names, dirty, report));
  }
  RONDOM_TRY(unify_few(job, store, names, report));
  RONDOM_TRY(name_new_owners(names, store, report));
  RONDOM_TRY_ASSIGN(report.total, store.profile_count());
  RONDOM_TRY_ASSIGN(report.waiting, store.waiting_count());
  report.seconds = static_cast<double>(microseconds_since(start)) / 1e6;
  return {};
}

}  // namespace rondom::engine
