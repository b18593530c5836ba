#include "engine/likeness/whole.h"

#include <algorithm>

#include "engine/identity.h"
#include "engine/units.h"
#include "pipeline/resolve/probabilistic/score.h"

namespace rondom::engine {
namespace {

constexpr std::int64_t keys_usual = 24;  // of a record, for the size of the index
constexpr std::size_t likely_rows_per_write = 100'000;

/// Blocks one after the other, as the store takes them.
class BlockStream {
 public:
  BlockStream(std::span<const probabilistic::BlockKey> entries, const probabilistic::Model& model,
              const std::vector<resolve::Candidate>& candidates)
      : entries_(entries), model_(model), candidates_(candidates) {}
  bool next(store::Block& block) {
    if (entries_.empty()) return false;
    const std::uint64_t key = entries_.front().key;
    std::size_t size = 1;
    while (size < entries_.size() && entries_[size].key == key) ++size;
    block.key = stored_key(model_.entity, key);
    block.size = static_cast<std::int64_t>(size);
    block.members.clear();
    if (block.size <= members_kept_max(model_)) {
      for (const auto& entry : entries_.first(size)) {
        block.members.push_back(candidates_[entry.record].id);
      }
      std::sort(block.members.begin(), block.members.end());
    }
    entries_ = entries_.subspan(size);
    return true;
  }

 private:
  std::span<const probabilistic::BlockKey> entries_;
  const probabilistic::Model& model_;
  const std::vector<resolve::Candidate>& candidates_;
};

Status write_likely(store::Store& store, const std::vector<resolve::Candidate>& candidates,
                    const std::vector<probabilistic::ScoredPair>& scored) {
  struct Side {
    store::RecordId record, other;
    std::int32_t bits;
  };
  std::vector<Side> sides;
  sides.reserve(2 * scored.size());
  for (const probabilistic::ScoredPair& pair : scored) {
    const store::RecordId a = candidates[pair.a].id, b = candidates[pair.b].id;
    sides.push_back({a, b, pair.bits});
    sides.push_back({b, a, pair.bits});
  }
  std::sort(sides.begin(), sides.end(), [](const Side& x, const Side& y) {
    return std::pair(x.record, x.other) < std::pair(y.record, y.other);
  });
  std::vector<store::Likely> rows;
  for (std::size_t at = 0; at < sides.size();) {
    store::Likely& row = rows.emplace_back();
    row.record = sides[at].record;
    for (; at < sides.size() && sides[at].record == row.record; ++at) {
      row.others.emplace_back(sides[at].other, sides[at].bits);
    }
    if (rows.size() < likely_rows_per_write && at < sides.size()) continue;
    RONDOM_TRY(store.write_likely(rows));
    rows.clear();
  }
  return {};
}

}  // namespace

Result<LikenessState> compare_everybody(const UnifyJob& job, store::Store& store,
                                        const LikenessModels& models, const Decisions& decisions) {
  LikenessState state;
  state.made_with = LikenessState::made_with_of(job, models);
  RONDOM_TRY_ASSIGN(const store::Totals totals, store.totals());
  RONDOM_TRY(store.begin_likeness(totals.live_records * keys_usual));
  std::vector<store::Alike> found;
  RONDOM_TRY_ASSIGN(const std::vector<std::uint64_t> generic, generic_hashes(store));
  // What is found to be shared by too many just now is no evidence for anybody from the next time
  // on, which the index does not know.
  bool generic_grew = false;
  for (const probabilistic::Model& trained : models.of_entity) {
    IdentityRecords records;
    RONDOM_TRY(records.load(store, trained.entity));
    const auto count = static_cast<std::int64_t>(records.size());
    RONDOM_TRY(note_compared_records(store, trained.entity, count));
    probabilistic::Model model = trained;
    if (model.records == 0) model.records = probabilistic::records_in_steps(count);
    const auto likeness = records.likeness(*job.identity, model, decisions.all());
    state.of_entity.push_back({count, probabilistic::BlockSizes(model)});
    Status written;
    const resolve::Likeness::BlockWatch watch{
        [&](std::span<const probabilistic::BlockKey> entries) {
          BlockStream stream(entries, model, likeness->candidates());
          written = store.write_blocks([&](store::Block& block) { return stream.next(block); });
        },
        [&](const probabilistic::BlockSizes& sizes) { state.of_entity.back().sizes = sizes; }};
    const probabilistic::ClusterRules rules = probabilistic::rules_of(model);
    const auto pairs = likeness->compare(model, rules.review_at, job.threads, &watch);
    RONDOM_TRY(written);
    RONDOM_TRY(write_likely(store, likeness->candidates(), pairs.scored));
    const auto stored = stored_pairs(*likeness, likeness->cluster(model, pairs, rules));
    found.insert(found.end(), stored.begin(), stored.end());
    generic_grew = generic_grew || likeness->generic() != generic;
  }
  if (!generic_grew) state.generic = LikenessState::generic_of(generic);
  std::sort(found.begin(), found.end(), [](const store::Alike& x, const store::Alike& y) {
    return std::pair(x.a, x.b) < std::pair(y.a, y.b);
  });
  state.possible = std::count_if(found.begin(), found.end(),
                                 [](const store::Alike& pair) { return !pair.joined; });
  RONDOM_TRY(store.replace_alike(found));
  RONDOM_TRY(store.finish_likeness(state.to_text()));
  return state;
}

}  // namespace rondom::engine
