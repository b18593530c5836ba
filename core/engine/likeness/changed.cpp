#include "engine/likeness/changed.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "engine/identity.h"
#include "engine/likeness/blocks.h"
#include "engine/likeness/records.h"
#include "engine/units.h"
#include "pipeline/resolve/probabilistic/score.h"

namespace rondom::engine {
namespace {

using Pairs = std::vector<std::pair<store::RecordId, store::RecordId>>;

/// What every entity's part shares.
struct Shared {
  const UnifyJob& job;
  store::Store& store;
  const Decisions& decisions;
  const RecordNames& names;
  const std::vector<std::uint64_t>& generic;  // identifiers that are no evidence, sorted
};

/// The changed records of one entity, from their blocks to new groups. Each step returns why it
/// takes comparing everybody, or nothing.
class EntityChange {
 public:
  EntityChange(const Shared& shared, const probabilistic::Model& model,
               LikenessState::OfEntity& counts, std::vector<ChangedRecord> changed)
      : shared_(shared),
        model_(model),
        counts_(counts),
        changed_(std::move(changed)),
        rules_(probabilistic::rules_of(model)),
        usable_(resolve::usable_identifiers(*shared.job.identity, shared.generic)),
        records_(shared.store, shared.names, model.entity),
        blocks_(shared.store, model_),
        likely_(shared.store) {}

  Result<std::string> run(store::LikenessChange& change) {
    RONDOM_TRY_ASSIGN(std::string why, move_between_blocks());
    if (!why.empty()) return why;
    RONDOM_TRY(compare());
    Concerned concerned;
    RONDOM_TRY_ASSIGN(why, gather(concerned));
    if (!why.empty()) return why;
    RONDOM_TRY_ASSIGN(why, group(concerned, change));
    if (!why.empty()) return why;
    blocks_.add_changes(change.blocks);
    likely_.add_changes(change.likely);
    for (const ChangedRecord& one : changed_) {
      (one.is ? change.compared : change.no_longer).push_back(one.id);
    }
    return std::string();
  }

 private:
  const std::string& text_now(store::RecordId id) const {
    return records_.find(id)->record.canonical;
  }

  /// Features of texts by themselves, for their keys.
  struct Texts {
    Texts(const probabilistic::Model& model, const probabilistic::Usable& usable)
        : features(model, usable) {}
    std::uint32_t add(std::string_view canonical) {
      features.add(canonical);
      return features.size() - 1;
    }
    probabilistic::Features features;
  };

  Result<std::string> move_between_blocks() {
    Ids ids;
    for (const ChangedRecord& one : changed_) ids.push_back(one.id);
    RONDOM_TRY(records_.load(ids));
    Texts texts(model_, usable_);
    struct Move {
      store::RecordId id;
      Keys from, to;
    };
    std::vector<Move> moves;
    Keys all;
    std::int64_t records = counts_.records;
    for (const ChangedRecord& one : changed_) {
      records += (one.is ? 1 : 0) - (one.was ? 1 : 0);
      if (one.was == one.is && !one.differs) continue;
      Move& move = moves.emplace_back();
      move.id = one.id;
      if (one.is) move.to = blocks_.keys_of(texts.features, texts.add(text_now(one.id)));
      if (one.was) {
        move.from = one.differs ? blocks_.keys_of(texts.features, texts.add(one.before)) : move.to;
      }
      all.insert(all.end(), move.from.begin(), move.from.end());
      all.insert(all.end(), move.to.begin(), move.to.end());
      if (one.is) {
        compared_.push_back(one.id);
        keys_[one.id] = move.to;
      } else {
        gone_.push_back(one.id);
      }
    }
    RONDOM_TRY(blocks_.load(std::move(all)));
    for (const Move& move : moves) {
      Keys left, entered;
      std::set_difference(move.from.begin(), move.from.end(), move.to.begin(), move.to.end(),
                          std::back_inserter(left));
      std::set_difference(move.to.begin(), move.to.end(), move.from.begin(), move.from.end(),
                          std::back_inserter(entered));
      blocks_.leave(left, move.id);
      blocks_.enter(entered, move.id);
    }
    return blocks_.count(counts_, records);
  }

  /// Scores each changed record with all it shares a block with, and the members of blocks that are
  /// small enough again with one another; pairs that only a block brought together which is too
  /// large now are none any more.
  Status compare() {
    std::sort(compared_.begin(), compared_.end());
    Pairs pairs;
    Ids met = compared_;
    for (const store::RecordId id : compared_) {
      for (const store::RecordId other : blocks_.members(keys_.at(id))) {
        if (other == id || (other < id && is_compared(other))) continue;
        pairs.emplace_back(id, other);
        met.push_back(other);
      }
    }
    for (const ChangedBlocks::Crossed& block : blocks_.crossed()) {
      if (block.compared) {
        add_pairs_among(block.members, pairs);
        met.insert(met.end(), block.members.begin(), block.members.end());
      } else {
        RONDOM_TRY(part(block.members));
      }
    }
    sort_unique(met);
    RONDOM_TRY(records_.load(met));
    RONDOM_TRY(forget_old_pairs());
    return score(met, pairs);
  }

  bool is_compared(store::RecordId id) const {
    return std::binary_search(compared_.begin(), compared_.end(), id);
  }

  void add_pairs_among(const Ids& members, Pairs& pairs) const {
    for (std::size_t i = 0; i < members.size(); ++i) {
      for (std::size_t j = i + 1; j < members.size(); ++j) {
        if (is_compared(members[i]) || is_compared(members[j])) continue;  // with all they meet
        pairs.emplace_back(members[i], members[j]);
      }
    }
  }

  /// Pairs among these that share no block any more.
  Status part(const Ids& members) {
    RONDOM_TRY(likely_.load(members));
    Pairs suspected;
    Ids both;
    for (const store::RecordId id : members) {
      for (const auto& [other, bits] : likely_.of(id)) {
        if (other < id || !std::binary_search(members.begin(), members.end(), other)) continue;
        if (is_compared(id) || is_compared(other)) continue;
        suspected.emplace_back(id, other);
        both.insert(both.end(), {id, other});
      }
    }
    sort_unique(both);
    RONDOM_TRY(records_.load(both));
    Texts texts(model_, usable_);
    for (const store::RecordId id : both) {
      if (keys_.count(id) != 0 || records_.find(id) == nullptr) continue;
      keys_[id] = blocks_.keys_of(texts.features, texts.add(text_now(id)));
    }
    const auto meets = [&](const Pairs::value_type& pair) {
      return blocks_.share_one(keys_[pair.first], keys_[pair.second]);
    };
    // Two who are alike share a dozen blocks, and nearly any of them will do: one is looked up at a
    // time.
    while (true) {
      std::erase_if(suspected, meets);
      Keys next;
      for (const auto& [one, other] : suspected) {
        const std::optional<std::uint64_t> key = blocks_.unknown_shared(keys_[one], keys_[other]);
        if (key.has_value()) next.push_back(*key);
      }
      if (next.empty()) break;
      RONDOM_TRY(blocks_.load(std::move(next)));
    }
    for (const auto& [one, other] : suspected) {
      likely_.erase(one, other);
      seeds_.insert(seeds_.end(), {one, other});
    }
    return {};
  }

  Status forget_old_pairs() {
    Ids ids = gone_;
    ids.insert(ids.end(), compared_.begin(), compared_.end());
    RONDOM_TRY(likely_.load(ids));
    Ids partners;
    for (const store::RecordId id : ids) {
      for (const auto& [other, bits] : likely_.of(id)) partners.push_back(other);
    }
    RONDOM_TRY(likely_.load(partners));
    for (const store::RecordId id : ids) {
      for (const auto& [other, bits] : likely_.of(id)) {
        if (bits >= rules_.followed_at()) seeds_.push_back(other);
      }
      likely_.forget(id);
    }
    return {};
  }

  Status score(const Ids& met, const Pairs& pairs) {
    // In order of name, as compare_everybody() has them: which of two is the first is one of them.
    std::vector<const LiveRecords::Named*> named;
    for (const store::RecordId id : met) {
      const LiveRecords::Named* const one = records_.find(id);
      if (one != nullptr) named.push_back(one);
    }
    std::sort(named.begin(), named.end(),
              [](const auto* a, const auto* b) { return a->name < b->name; });
    Texts texts(model_, usable_);
    std::unordered_map<store::RecordId, std::uint32_t> number;
    for (const auto* one : named) number.emplace(one->record.id, texts.add(one->record.canonical));
    const probabilistic::Weights weights(model_, texts.features);
    probabilistic::Comparer comparer(model_, texts.features);
    probabilistic::Agreement agreement;
    std::vector<std::pair<Pairs::value_type, probabilistic::Millibits>> likely;
    Ids both;
    for (const auto& [one, other] : pairs) {
      const auto a = number.find(one), b = number.find(other);
      if (a == number.end() || b == number.end()) continue;
      comparer.compare(std::min(a->second, b->second), std::max(a->second, b->second), agreement);
      const probabilistic::Millibits bits = weights.prior() + weights.evidence(agreement);
      if (bits < rules_.review_at) continue;
      likely.emplace_back(std::pair(one, other), bits);
      both.insert(both.end(), {one, other});
    }
    RONDOM_TRY(likely_.load(both));
    for (const auto& [pair, bits] : likely) {
      // Whom a changed record is like is followed from it. Most of what a block brings together
      // that is compared again is known by another one, and news for nobody.
      const bool is_news = !is_compared(pair.first) && !likely_.is_known(pair.first, pair.second);
      if (is_news) seeds_.insert(seeds_.end(), {pair.first, pair.second});
      likely_.set(pair.first, pair.second, bits);
    }
    return {};
  }

  /// Whose groups may be others now, and whose are as they were, but worth a look beside one that
  /// may not be.
  struct Concerned {
    Ids changed, beside;
  };

  /// Those whose groups may be others now are all that hang together with a changed record by
  /// identifiers, decisions, or likeness that can lead to a join or keep one from it, now or
  /// before. What is less alike than that decides nothing, but is reported between groups: of such
  /// neighbours the whole groups are needed, and nothing that is beside them.
  Result<std::string> gather(Concerned& concerned) {
    Ids frontier = seeds_;
    for (const ChangedRecord& one : changed_) {
      frontier.push_back(one.id);
      if (one.differs) follow_identifiers(one.before);
    }
    frontier.insert(frontier.end(), compared_.begin(), compared_.end());
    RONDOM_TRY_ASSIGN(std::string why, follow(std::move(frontier), concerned.changed));
    if (!why.empty()) return why;
    Ids neighbours;
    for (const store::RecordId id : concerned.changed) {
      for (const auto& [other, bits] : likely_.of(id)) neighbours.push_back(other);
    }
    return follow(std::move(neighbours), concerned.beside);
  }

  void follow_identifiers(std::string_view canonical) {
    for_each_identifier(canonical, [&](std::string_view space, std::string_view value) {
      const std::uint64_t identifier = identifier_hash(space, value);
      if (!shared_.job.identity->connects(space, value) ||
          std::binary_search(shared_.generic.begin(), shared_.generic.end(), identifier)) {
        return;
      }
      if (followed_.insert(identifier).second) identifiers_.push_back(identifier);
    });
  }

  /// Adds to `reached` the records that were not reached yet and hang together with these.
  Result<std::string> follow(Ids frontier, Ids& reached) {
    const std::size_t records_max =
        shared_.job.limits.regrouped_records + regrouped_records_each * changed_.size();
    while (!frontier.empty() || !identifiers_.empty()) {
      sort_unique(frontier);
      std::erase_if(frontier, [&](store::RecordId id) { return !reached_.insert(id).second; });
      if (reached_.size() > records_max) return std::string("too many records hang together");
      RONDOM_TRY(records_.load(frontier));
      RONDOM_TRY(likely_.load(frontier));
      const auto said = shared_.decisions.about(frontier);
      Ids next;
      for (const store::RecordId id : frontier) {
        const LiveRecords::Named* record = records_.find(id);
        if (record == nullptr) {
          if (std::binary_search(gone_.begin(), gone_.end(), id)) reached.push_back(id);
          continue;
        }
        reached.push_back(id);
        follow_identifiers(record->record.canonical);
        for (const auto& [other, bits] : likely_.of(id)) {
          if (bits >= rules_.followed_at()) next.push_back(other);
        }
      }
      for (const store::Decision& decision : said) {
        if (decision.same) next.insert(next.end(), {decision.a, decision.b});
      }
      std::sort(identifiers_.begin(), identifiers_.end());
      RONDOM_TRY_ASSIGN(const auto postings, shared_.store.postings(identifiers_, records_max + 1));
      identifiers_.clear();
      for (const store::Posting& posting : postings) next.push_back(posting.record);
      frontier = std::move(next);
    }
    sort_unique(reached);
    return std::string();
  }

  Result<std::string> group(const Concerned& concerned, store::LikenessChange& change) {
    Ids around = concerned.changed;
    around.insert(around.end(), concerned.beside.begin(), concerned.beside.end());
    sort_unique(around);
    std::vector<resolve::Candidate> candidates;
    for (const store::RecordId id : around) {
      const LiveRecords::Named* one = records_.find(id);
      if (one == nullptr) continue;
      candidates.push_back({id, model_.entity, one->name,
                            shared_.names.source_and_stream_of(one->record),
                            one->record.canonical});
    }
    change.around.insert(change.around.end(), concerned.changed.begin(), concerned.changed.end());
    if (candidates.empty()) return std::string();
    const auto said = shared_.decisions.about(around);
    const resolve::Likeness likeness(*shared_.job.identity, model_, std::move(candidates),
                                     shared_.generic, said);
    if (likeness.generic() != shared_.generic) {
      return std::string("an identifier is shared by too many people from now on");
    }
    const auto clusters = likeness.cluster(model_, pairs_of(likeness), rules_);
    const auto is_changed = [&](store::RecordId id) {
      return std::binary_search(concerned.changed.begin(), concerned.changed.end(), id);
    };
    for (const store::Alike& pair : stored_pairs(likeness, clusters)) {
      if (is_changed(pair.a) || is_changed(pair.b)) change.alike.push_back(pair);
    }
    return std::string();
  }

  resolve::Likeness::Pairs pairs_of(const resolve::Likeness& likeness) const {
    std::unordered_map<store::RecordId, std::uint32_t> place;
    const auto& candidates = likeness.candidates();
    for (std::uint32_t i = 0; i < candidates.size(); ++i) place.emplace(candidates[i].id, i);
    resolve::Likeness::Pairs pairs;
    for (std::uint32_t i = 0; i < candidates.size(); ++i) {
      for (const auto& [other, bits] : likely_.of(candidates[i].id)) {
        const auto at = place.find(other);
        if (at == place.end() || at->second < i) continue;
        pairs.scored.push_back({i, at->second, bits, 0});
      }
    }
    probabilistic::sort_best_first(pairs.scored);
    return pairs;
  }

  const Shared& shared_;
  const probabilistic::Model& model_;
  LikenessState::OfEntity& counts_;
  std::vector<ChangedRecord> changed_;  // by id
  probabilistic::ClusterRules rules_;
  probabilistic::Usable usable_;
  LiveRecords records_;
  ChangedBlocks blocks_;
  LikelyPairs likely_;
  Ids compared_, gone_, seeds_;
  std::map<store::RecordId, Keys> keys_;
  std::unordered_set<std::uint64_t> followed_;
  std::vector<std::uint64_t> identifiers_;  // followed, and whose records are not known yet
  std::unordered_set<store::RecordId> reached_;
};

/// The dirty records of people and organizations, by entity.
Result<std::vector<std::vector<ChangedRecord>>> changed_records(store::Store& store,
                                                                std::size_t records_max) {
  RONDOM_TRY_ASSIGN(const Ids dirty, store.dirty_records(0, records_max));
  RONDOM_TRY_ASSIGN(const auto records, store.contents(dirty));
  RONDOM_TRY_ASSIGN(auto compared, store.compared(dirty));
  std::vector<std::vector<ChangedRecord>> changed(compared_entities.size());
  auto was = compared.begin();
  for (const store::StoredRecord& record : records) {
    const auto entity =
        std::find(compared_entities.begin(), compared_entities.end(), record.entity);
    if (entity == compared_entities.end()) continue;
    ChangedRecord one;
    one.id = record.id;
    one.is = record.live;
    while (was != compared.end() && was->id < record.id) ++was;
    if (was != compared.end() && was->id == record.id) {
      one.was = true;
      one.differs = was->changed || !record.live;
      one.before = was->changed ? was->canonical : record.canonical;
    }
    changed[static_cast<std::size_t>(entity - compared_entities.begin())].push_back(std::move(one));
  }
  return changed;
}

}  // namespace

Result<std::string> compare_changed(const UnifyJob& job, store::Store& store,
                                    const LikenessModels& models, const Decisions& decisions,
                                    LikenessState& state) {
  RONDOM_TRY_ASSIGN(const std::int64_t dirty, store.dirty_count());
  if (dirty * job.limits.compared_share > state.records()) return std::string("much has changed");
  RONDOM_TRY_ASSIGN(const auto generic, generic_hashes(store));
  if (LikenessState::generic_of(generic) != state.generic) {
    return std::string("identifiers that too many people share are others than before");
  }
  RecordNames names;
  RONDOM_TRY(names.load(store));
  const Shared shared{job, store, decisions, names, generic};
  RONDOM_TRY_ASSIGN(auto changed, changed_records(store, static_cast<std::size_t>(dirty)));
  store::LikenessChange change;
  for (std::size_t i = 0; i < compared_entities.size(); ++i) {
    if (changed[i].empty()) continue;
    LikenessState::OfEntity& counts = state.of_entity[i];
    probabilistic::Model model = models.of_entity[i];
    const std::int64_t before = probabilistic::records_in_steps(counts.records);
    if (model.records == 0) model.records = before;
    EntityChange entity(shared, model, counts, std::move(changed[i]));
    RONDOM_TRY_ASSIGN(std::string why, entity.run(change));
    const bool counts_on_records = models.of_entity[i].records == 0;
    if (counts_on_records && probabilistic::records_in_steps(counts.records) != before) {
      why = "there are many more or fewer records";
    }
    if (!why.empty()) return why;
  }
  for (Ids* ids : {&change.compared, &change.no_longer, &change.around}) sort_unique(*ids);
  std::sort(change.likely.begin(), change.likely.end(),
            [](const auto& a, const auto& b) { return a.record < b.record; });
  std::sort(change.alike.begin(), change.alike.end(),
            [](const auto& x, const auto& y) { return std::pair(x.a, x.b) < std::pair(y.a, y.b); });
  RONDOM_TRY_ASSIGN(const auto before, store.alike(change.around));
  const auto possible = [](const std::vector<store::Alike>& pairs) {
    return std::count_if(pairs.begin(), pairs.end(), [](const auto& pair) { return !pair.joined; });
  };
  state.possible += possible(change.alike) - possible(before);
  change.description = state.to_text();
  RONDOM_TRY(store.apply(change));
  return std::string();
}

}  // namespace rondom::engine
