// comparison: two records side by side, as a model sees them. What `identity compare`, `profile
// explain` and their pictures show. Private to the engine and the verbs.
//
// The weights, the prior and what a household explains add up to the total exactly, in thousandths
// of a bit; a run that joined or did not join the two decided by the same sum. Reads only; one
// thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "pipeline/resolve/probabilistic/score.h"
#include "pipeline/resolve/resolve.h"

namespace rondom::engine {

struct Comparison {
  Entity entity = Entity::person;
  std::string model, fingerprint;
  double merge_at = 0, review_at = 0;
  probabilistic::Score score;
  std::vector<std::string> found_by;  // blocking rules that put both in one block; empty = none
  bool joined_by_identifiers = false;
};

/// What spoke most for their being one, in words: "names, birth_date". Empty when nothing did.
std::string strongest_fields(const Comparison& comparison);

/// {"model","hash","prior","fields":[…],"household","total","probability",…}: all in thousandths of
/// a bit.
std::string comparison_json(const Comparison& comparison);

/// Pairs among a few records of one entity.
class SideBySide {
 public:
  /// The candidates' texts and the rules must live as long. `records`: among how many live records
  /// of the entity the candidates are, on which the prior of an untrained model depends.
  /// `known_generic` as resolve::solve() takes it.
  SideBySide(const resolve::Rules& rules, probabilistic::Model model,
             std::vector<resolve::Candidate> candidates, std::int64_t records,
             std::span<const std::uint64_t> known_generic);
  ~SideBySide();

  /// Both are candidates.
  Comparison of(store::RecordId one, store::RecordId other) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// As many as the last run compared; else as many as are live now.
Result<std::int64_t> records_to_compare(store::Store& store, Entity entity);

/// Two live records by name, source.stream/key. `model_file` as IdentityRecords::load_model() takes
/// it; it is for people.
Result<Comparison> compare_records(const config::Project& project, store::Store& store,
                                   const std::string& one, const std::string& other,
                                   const std::string& model_file);

}  // namespace rondom::engine
