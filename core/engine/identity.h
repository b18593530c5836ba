// identity: the probabilistic layer on the records that a store holds: evaluate, train, profile.
//
// Reads only; what a run does is unify's. One thread calls; comparing uses as many threads as
// asked.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/record_names.h"
#include "pipeline/resolve/likeness.h"
#include "pipeline/resolve/quality.h"

namespace rondom::engine {

/// By id.
Status for_each_live(store::Store& store, Entity entity,
                     const std::function<void(store::StoredRecord)>& take);

/// The live records of one entity with the model they are compared by.
class IdentityRecords {
 public:
  /// In place of a file: the model that comes with the program, whatever the project has.
  static constexpr const char* shipped = "shipped";
  /// The model: models/NAME.yaml of the project, else the one that comes with the program; `file`
  /// wins over both. NAME and the thresholds are those of the project's `probabilistic:` where it
  /// has them. Problems of a model file are one error with their places.
  static Result<probabilistic::Model> load_model(const config::Project& project, Entity entity,
                                                 const std::string& file);
  /// Where the model of that entity stands in the project, once trained: "models/person-1.yaml".
  static std::string model_path(Entity entity);

  Status load(store::Store& store, Entity entity);
  std::size_t size() const { return records_.size(); }
  const std::vector<store::StoredRecord>& records() const { return records_; }  // by id
  const RecordNames& names() const { return names_; }
  /// Ready to be compared. The records, the rules and the model must live as long.
  std::unique_ptr<resolve::Likeness> likeness(
      const resolve::Rules& rules, const probabilistic::Model& model,
      std::span<const store::Decision> decisions = {}) const;

 private:
  RecordNames names_;
  std::vector<store::StoredRecord> records_;
  std::vector<std::string> record_names_;
  std::vector<std::uint64_t> generic_;
};

/// Which records are one, as somebody who knows says.
struct TruthRow {
  std::string source, stream, key;  // stream may be empty: any
  std::string cluster;
};

struct CurvePoint {
  double merge_at = 0;  // probability
  probabilistic::Millibits bits = 0;
  resolve::Quality quality;
};

struct EntityEvaluation {
  Entity entity = Entity::person;
  std::string model, fingerprint;
  bool trained = false;
  std::int64_t records = 0, compared = 0, edges = 0, possible = 0;
  std::vector<probabilistic::RuleCount> rules;
  double seconds = 0;  // from the records in memory to groups
};

/// Two records of which the model says something else than the truth.
struct WrongPair {
  bool missed = false;  // truly one and not found; else joined and truly two
  std::string one, other;
  probabilistic::Millibits bits = 0;
};
inline constexpr std::size_t wrong_pairs_max = 10'000;

struct Evaluation {
  std::vector<EntityEvaluation> entities;
  std::int64_t records_of_truth = 0, records_not_stored = 0, records_without_truth = 0;
  double merge_at = 0;
  resolve::Quality by_identifiers, at_default;
  std::vector<std::int64_t> sizes_found, sizes_true;
  std::vector<CurvePoint> curve;
  CurvePoint best;
  std::vector<WrongPair> wrong;  // at the default threshold, at most wrong_pairs_max
};

/// The point with the best F1; of several in a row the middle one, which is farthest from doing
/// worse. The curve is not empty.
std::size_t best_of(const std::vector<CurvePoint>& curve);

/// Person and organization records together against the truth. Records that the truth does not name
/// are resolved with the others and not counted.
Result<Evaluation> evaluate_identity(const config::Project& project, store::Store& store,
                                     const std::vector<TruthRow>& truth,
                                     const std::string& model_file, std::size_t threads);

}  // namespace rondom::engine
