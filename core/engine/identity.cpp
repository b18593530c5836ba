#include "engine/identity.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <unordered_map>

#include "engine/units.h"

namespace rondom::engine {

namespace {

constexpr store::RecordId load_chunk = 50'000;
// The curve: merging from these many bits on. Beyond both ends nothing changes that anybody would
// use.
constexpr int curve_bits_least = -6;
constexpr int curve_bits_most = 24;

std::string shipped_name(Entity entity) {
  return std::string(to_text(entity)) + "-1";
}

std::optional<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

/// Numbers for names, in order of appearance.
class Numbers {
 public:
  std::uint32_t of(const std::string& name) {
    return numbers_.emplace(name, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

}  // namespace

Status for_each_live(store::Store& store, Entity entity,
                     const std::function<void(store::StoredRecord)>& take) {
  RONDOM_TRY_ASSIGN(const store::RecordId last, store.last_record_id());
  std::vector<store::RecordId> ids;
  for (store::RecordId first = 1; first <= last; first += load_chunk) {
    ids.clear();
    for (store::RecordId id = first; id <= last && id < first + load_chunk; ++id) ids.push_back(id);
    RONDOM_TRY_ASSIGN(auto records, store.records(ids));
    for (store::StoredRecord& record : records) {
      if (record.live && record.entity == entity) take(std::move(record));
    }
  }
  return {};
}

std::string IdentityRecords::model_path(Entity entity) {
  return "models/" + shipped_name(entity) + ".yaml";
}

Result<probabilistic::Model> IdentityRecords::load_model(const config::Project& project,
                                                         Entity entity, const std::string& file) {
  const auto& asked = project.identity.probabilistic;
  const bool named = asked.has_value() && entity == Entity::person && !asked->model.empty();
  const std::string name = named ? asked->model : shipped_name(entity);
  std::string path = file.empty() ? project.files + "/models/" + name + ".yaml" : file;
  std::optional<std::string> text = file == shipped ? std::nullopt : content_of(path);
  if (!text.has_value() && !file.empty() && file != shipped) {
    return Error{ErrorCode::bad_config, "cannot read the model " + file};
  }
  if (!text.has_value()) {
    path = file == shipped ? shipped_name(entity) : name;
    const char* known = probabilistic::shipped_model(path);
    if (known == nullptr) {
      return Error{ErrorCode::bad_config, "there is no model " + path + ": neither models/" + path +
                                              ".yaml nor one that comes with the program"};
    }
    text = known;
  }
  config::Diagnostics diagnostics;
  probabilistic::Model model = probabilistic::parse_model(*text, path, diagnostics);
  if (diagnostics.empty() && model.entity != entity) {
    return Error{ErrorCode::bad_config, path + " is a model of " + to_text(model.entity)};
  }
  if (asked.has_value()) {
    if (asked->merge_at > 0) model.merge_at = asked->merge_at;
    if (asked->review_at > 0) model.review_at = asked->review_at;
    model.review_at = std::min(model.review_at, model.merge_at);
  }
  if (diagnostics.empty()) return model;
  return Error{ErrorCode::bad_config, diagnostics.render(project.root)};
}

Status IdentityRecords::load(store::Store& store, Entity entity) {
  RONDOM_TRY(names_.load(store));
  RONDOM_TRY(for_each_live(store, entity, [this](store::StoredRecord record) {
    records_.push_back(std::move(record));
  }));
  for (const store::StoredRecord& record : records_) {
    record_names_.push_back(names_.unique_of(record));
  }
  RONDOM_TRY_ASSIGN(generic_, generic_hashes(store));
  return {};
}

std::unique_ptr<resolve::Likeness> IdentityRecords::likeness(
    const resolve::Rules& rules, const probabilistic::Model& model,
    std::span<const store::Decision> decisions) const {
  std::vector<resolve::Candidate> candidates;
  candidates.reserve(records_.size());
  for (std::size_t i = 0; i < records_.size(); ++i) {
    candidates.push_back({records_[i].id, records_[i].entity, record_names_[i],
                          names_.source_and_stream_of(records_[i]), records_[i].canonical});
  }
  return std::make_unique<resolve::Likeness>(rules, model, std::move(candidates), generic_,
                                             decisions);
}

namespace {

/// One entity's records in groups, for every threshold that is asked for.
class EntityGroups {
 public:
  Status load(const config::Project& project, store::Store& store, const resolve::Rules& rules,
              Entity entity, const std::string& model_file, std::size_t threads) {
    RONDOM_TRY(records_.load(store, entity));
    RONDOM_TRY_ASSIGN(model_, IdentityRecords::load_model(project, entity, model_file));
    report_.entity = entity;
    report_.model = model_.name;
    report_.trained = !model_.trained_on.empty();
    report_.fingerprint = probabilistic::fingerprint(model_);
    if (model_.records == 0) {
      model_.records = probabilistic::records_in_steps(static_cast<std::int64_t>(records_.size()));
    }
    report_.records = static_cast<std::int64_t>(records_.size());
    if (records_.size() == 0) return {};
    const auto start = std::chrono::steady_clock::now();
    likeness_ = records_.likeness(rules, model_);
    default_rules_ = probabilistic::rules_of(model_);
    pairs_ = likeness_->compare(model_, default_rules_.review_at, threads);
    default_ = likeness_->cluster(model_, pairs_, default_rules_);
    report_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    report_.compared = pairs_.compared;
    report_.rules = pairs_.rules;
    report_.edges = static_cast<std::int64_t>(pairs_.scored.size());
    report_.possible = static_cast<std::int64_t>(default_.possible.size());
    curve_pairs_ = likeness_->compare(model_, curve_bits_least * 1000, threads);
    return {};
  }

  const EntityEvaluation& report() const { return report_; }
  const IdentityRecords& records() const { return records_; }
  const probabilistic::Model& model() const { return model_; }
  std::size_t size() const { return records_.size(); }
  const resolve::Likeness& likeness() const { return *likeness_; }
  const std::vector<std::uint32_t>& by_identifiers() const {
    return likeness_->joined_by_identifiers();
  }
  const std::vector<std::uint32_t>& at_default() const { return default_.group; }
  std::vector<std::uint32_t> at(probabilistic::Millibits bits) const {
    probabilistic::ClusterRules rules = default_rules_;
    rules.start_at = bits;
    rules.review_at = INT32_MAX;
    return likeness_->cluster(model_, curve_pairs_, rules).group;
  }

 private:
  IdentityRecords records_;
  probabilistic::Model model_;
  std::unique_ptr<resolve::Likeness> likeness_;
  probabilistic::ClusterRules default_rules_;
  resolve::Likeness::Pairs pairs_, curve_pairs_;
  probabilistic::Clusters default_;
  EntityEvaluation report_;
};

/// True clusters by record, and what of them is stored.
class Truth {
 public:
  explicit Truth(const std::vector<TruthRow>& rows) {
    for (const TruthRow& row : rows) {
      const std::uint32_t cluster = clusters_.of(row.cluster);
      by_record_.emplace(key_of(row.source, row.stream, row.key), cluster);
    }
  }
  std::size_t size() const { return by_record_.size(); }

  /// Cluster of a record, or -1.
  std::int64_t cluster_of(const IdentityRecords& records, const store::StoredRecord& record) const {
    const std::string& source = records.names().source_of(record);
    for (const std::string& stream : {records.names().stream_of(record), std::string()}) {
      for (const std::string& key : {record.key, record.source_key}) {
        const auto found = by_record_.find(key_of(source, stream, key));
        if (found != by_record_.end()) return found->second;
      }
    }
    return -1;
  }

  /// Pairs of the truth, stored or not.
  std::int64_t pairs() const {
    std::vector<std::uint32_t> all;
    for (const auto& [record, cluster] : by_record_) all.push_back(cluster);
    std::int64_t sum = 0;
    const auto counts = resolve::sizes(all);
    for (std::size_t size = 2; size < counts.size(); ++size) {
      sum += counts[size] * static_cast<std::int64_t>(size * (size - 1) / 2);
    }
    return sum;
  }

 private:
  static std::string key_of(std::string_view source, std::string_view stream,
                            std::string_view key) {
    std::string out(source);
    return out.append(1, '\0').append(stream).append(1, '\0').append(key);
  }
  Numbers clusters_;
  std::unordered_map<std::string, std::uint32_t> by_record_;
};

/// Groups of several entities as one list, only of the records that the truth names.
class Judge {
 public:
  Judge(const Truth& truth, const std::vector<EntityGroups>& entities) : entities_(entities) {
    for (const EntityGroups& entity : entities) {
      std::vector<std::int64_t>& clusters = clusters_.emplace_back();
      if (entity.size() == 0) continue;
      for (const resolve::Candidate& candidate : entity.likeness().candidates()) {
        const auto& records = entity.records().records();
        const auto found = std::lower_bound(
            records.begin(), records.end(), candidate.id,
            [](const store::StoredRecord& record, store::RecordId id) { return record.id < id; });
        clusters.push_back(truth.cluster_of(entity.records(), *found));
        if (clusters.back() >= 0) {
          actual_.push_back(static_cast<std::uint32_t>(clusters.back()));
        } else {
          ++without_truth_;
        }
      }
    }
    missing_pairs_ = truth.pairs() - resolve::quality(actual_, actual_).pairs_true;
  }

  resolve::Quality judge(
      const std::function<std::vector<std::uint32_t>(const EntityGroups&)>& groups_of,
      std::vector<std::int64_t>* sizes = nullptr) const {
    std::vector<std::uint32_t> found;
    std::uint32_t before = 0;
    for (std::size_t e = 0; e < entities_.size(); ++e) {
      if (entities_[e].size() == 0) continue;
      const std::vector<std::uint32_t> groups = groups_of(entities_[e]);
      for (std::size_t i = 0; i < groups.size(); ++i) {
        if (clusters_[e][i] >= 0) found.push_back(before + groups[i]);
      }
      before += static_cast<std::uint32_t>(groups.size());
    }
    if (sizes != nullptr) *sizes = resolve::sizes(found);
    return resolve::quality(found, actual_, missing_pairs_);
  }

  /// Pairs on which the default and the truth differ.
  std::vector<WrongPair> wrong() const {
    std::vector<WrongPair> out;
    for (std::size_t e = 0; e < entities_.size(); ++e) {
      if (entities_[e].size() > 0) add_wrong(entities_[e], clusters_[e], out);
    }
    return out;
  }

  const std::vector<std::uint32_t>& actual() const { return actual_; }
  std::int64_t without_truth() const { return without_truth_; }

 private:
  static void add_wrong(const EntityGroups& entity, const std::vector<std::int64_t>& actual,
                        std::vector<WrongPair>& out) {
    const std::vector<std::uint32_t>& found = entity.at_default();
    const auto& candidates = entity.likeness().candidates();
    probabilistic::Comparer comparer(entity.model(), entity.likeness().features());
    const probabilistic::Weights weights(entity.model(), entity.likeness().features());
    const auto add_pairs = [&](bool missed, auto group_of, auto other_of) {
      std::vector<std::uint32_t> order;
      for (std::uint32_t i = 0; i < found.size(); ++i) {
        if (actual[i] >= 0) order.push_back(i);
      }
      std::stable_sort(order.begin(), order.end(),
                       [&](std::uint32_t a, std::uint32_t b) { return group_of(a) < group_of(b); });
      for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::size_t j = i + 1; j < order.size() && group_of(order[j]) == group_of(order[i]);
             ++j) {
          if (other_of(order[i]) == other_of(order[j])) continue;
          if (out.size() == wrong_pairs_max) return;
          probabilistic::Agreement agreement;
          comparer.compare(order[i], order[j], agreement);
          out.push_back({missed, std::string(RecordNames::visible(candidates[order[i]].name)),
                         std::string(RecordNames::visible(candidates[order[j]].name)),
                         weights.prior() + weights.evidence(agreement)});
        }
      }
    };
    const auto true_of = [&](std::uint32_t i) { return actual[i]; };
    const auto found_of = [&](std::uint32_t i) { return std::int64_t{found[i]}; };
    add_pairs(false, found_of, true_of);
    add_pairs(true, true_of, found_of);
  }

  const std::vector<EntityGroups>& entities_;
  std::vector<std::vector<std::int64_t>>
      clusters_;  // per entity and candidate; -1 = not in the truth
  std::vector<std::uint32_t> actual_;
  std::int64_t without_truth_ = 0, missing_pairs_ = 0;
};

}  // namespace

std::size_t best_of(const std::vector<CurvePoint>& curve) {
  std::size_t first = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    if (curve[i].quality.f1 > curve[first].quality.f1) first = i;
  }
  std::size_t last = first;
  while (last + 1 < curve.size() && curve[last + 1].quality.f1 == curve[first].quality.f1) ++last;
  return first + (last - first) / 2;
}

Result<Evaluation> evaluate_identity(const config::Project& project, store::Store& store,
                                     const std::vector<TruthRow>& rows,
                                     const std::string& model_file, std::size_t threads) {
  const resolve::Rules rules(project.identity);
  Evaluation out;
  std::vector<EntityGroups> entities(2);
  RONDOM_TRY(entities[0].load(project, store, rules, Entity::person, model_file, threads));
  RONDOM_TRY(entities[1].load(project, store, rules, Entity::organization, {}, threads));
  for (const EntityGroups& entity : entities) {
    if (entity.size() > 0) out.entities.push_back(entity.report());
  }
  const Truth truth(rows);
  const Judge judge(truth, entities);
  out.records_of_truth = static_cast<std::int64_t>(truth.size());
  out.records_not_stored = out.records_of_truth - static_cast<std::int64_t>(judge.actual().size());
  out.records_without_truth = judge.without_truth();
  out.merge_at = entities[0].model().merge_at;
  out.by_identifiers = judge.judge([](const EntityGroups& one) { return one.by_identifiers(); });
  out.at_default =
      judge.judge([](const EntityGroups& one) { return one.at_default(); }, &out.sizes_found);
  out.sizes_true = resolve::sizes(judge.actual());
  out.wrong = judge.wrong();
  for (int bits = curve_bits_least; bits <= curve_bits_most; ++bits) {
    CurvePoint point;
    point.bits = bits * 1000;
    point.merge_at = probabilistic::probability(point.bits);
    point.quality = judge.judge([&](const EntityGroups& one) { return one.at(point.bits); });
    out.curve.push_back(point);
  }
  out.best = out.curve[best_of(out.curve)];
  return out;
}

}  // namespace rondom::engine
