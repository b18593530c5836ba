#include "engine/comparison.h"

#include <algorithm>
#include <cstdio>

#include "engine/identity.h"
#include "engine/units.h"

namespace rondom::engine {

namespace {

constexpr std::size_t fields_named_max = 3;

}  // namespace

std::string strongest_fields(const Comparison& comparison) {
  std::vector<const probabilistic::ScoreLine*> lines;
  for (const probabilistic::ScoreLine& line : comparison.score.lines) {
    if (line.weight > 0) lines.push_back(&line);
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto* x, const auto* y) { return x->weight > y->weight; });
  if (lines.size() > fields_named_max) lines.resize(fields_named_max);
  std::string text;
  for (const auto* line : lines) text += (text.empty() ? "" : ", ") + line->comparison;
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string comparison_json(const Comparison& comparison) {
  const auto decimal = [](double value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return std::string(text);
  };
  const probabilistic::Score& score = comparison.score;
  std::string out = "{\"model\":";
  append_json_string(out, comparison.model);
  out += ",\"hash\":\"" + comparison.fingerprint + "\",\"prior\":" + std::to_string(score.prior) +
         ",\"fields\":[";
  for (std::size_t i = 0; i < score.lines.size(); ++i) {
    const probabilistic::ScoreLine& line = score.lines[i];
    out += i > 0 ? ",{\"field\":" : "{\"field\":";
    append_json_string(out, line.comparison);
    out += ",\"level\":\"" + line.level + "\",\"millibits\":" + std::to_string(line.weight) +
           ",\"by_frequency\":" + std::to_string(line.by_frequency) + "}";
  }
  out += "],\"household\":" + std::to_string(-score.household) +
         ",\"total\":" + std::to_string(score.total) +
         ",\"probability\":" + decimal(probabilistic::probability(score.total), 6) +
         ",\"merge_at\":" + decimal(comparison.merge_at, 4) +
         ",\"review_at\":" + decimal(comparison.review_at, 4) + ",\"blocked_by\":[";
  for (std::size_t i = 0; i < comparison.found_by.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, comparison.found_by[i]);
  }
  return out +
         "],\"joined_by_identifiers\":" + (comparison.joined_by_identifiers ? "true" : "false") +
         "}";
}

struct SideBySide::Inside {
  Inside(const resolve::Rules& rules, probabilistic::Model the_model,
         std::vector<resolve::Candidate> candidates, std::int64_t records,
         std::span<const std::uint64_t> known_generic)
      : fingerprint(probabilistic::fingerprint(the_model)),
        model(among(std::move(the_model), records)),
        likeness(rules, model, std::move(candidates), known_generic),
        weights(model, likeness.features()) {}

  static probabilistic::Model among(probabilistic::Model model, std::int64_t records) {
    if (model.records == 0) model.records = records;
    return model;
  }

  std::uint32_t place_of(store::RecordId id) const {
    const auto& candidates = likeness.candidates();
    const auto found = std::find_if(candidates.begin(), candidates.end(),
                                    [id](const resolve::Candidate& each) { return each.id == id; });
    return static_cast<std::uint32_t>(found - candidates.begin());
  }

  std::string fingerprint;
  probabilistic::Model model;
  resolve::Likeness likeness;
  probabilistic::Weights weights;
};

SideBySide::SideBySide(const resolve::Rules& rules, probabilistic::Model model,
                       std::vector<resolve::Candidate> candidates, std::int64_t records,
                       std::span<const std::uint64_t> known_generic)
    : inside_(std::make_unique<Inside>(rules, std::move(model), std::move(candidates), records,
                                       known_generic)) {}

SideBySide::~SideBySide() = default;

Comparison SideBySide::of(store::RecordId one, store::RecordId other) const {
  const probabilistic::Model& model = inside_->model;
  const probabilistic::Features& features = inside_->likeness.features();
  const std::uint32_t a = inside_->place_of(one), b = inside_->place_of(other);
  Comparison out;
  out.entity = model.entity;
  out.model = model.name;
  out.fingerprint = inside_->fingerprint;
  out.merge_at = model.merge_at;
  out.review_at = model.review_at;
  probabilistic::Agreement agreement;
  probabilistic::Comparer(model, features).compare(a, b, agreement);
  out.score = inside_->weights.explain(agreement, model);
  out.found_by = probabilistic::common_rules(model, features, a, b);
  const auto& groups = inside_->likeness.joined_by_identifiers();
  out.joined_by_identifiers = groups[a] == groups[b];
  return out;
}

Result<std::int64_t> records_to_compare(store::Store& store, Entity entity) {
  RONDOM_TRY_ASSIGN(const auto compared, compared_records(store, entity));
  if (compared.has_value()) return probabilistic::records_in_steps(*compared);
  std::int64_t live = 0;
  RONDOM_TRY(for_each_live(store, entity, [&live](const store::StoredRecord&) { ++live; }));
  return probabilistic::records_in_steps(live);
}

Result<Comparison> compare_records(const config::Project& project, store::Store& store,
                                   const std::string& one, const std::string& other,
                                   const std::string& model_file) {
  const resolve::Rules rules(project.identity);
  RecordNames names;
  RONDOM_TRY(names.load(store));
  RONDOM_TRY_ASSIGN(const auto generic, generic_hashes(store));
  for (const Entity entity : {Entity::person, Entity::organization}) {
    RONDOM_TRY_ASSIGN(const auto a, live_record(store, one, entity));
    RONDOM_TRY_ASSIGN(const auto b, live_record(store, other, entity));
    if (!a.has_value() || !b.has_value()) continue;
    RONDOM_TRY_ASSIGN(auto model, IdentityRecords::load_model(
                                      project, entity, entity == Entity::person ? model_file : ""));
    // Those around them too: the two may be joined by way of others.
    UnifyJob job;
    job.project = &project;
    job.identity = &rules;
    RONDOM_TRY_ASSIGN(const UnitChunk around, units_around(job, store, {a->id, b->id}, generic));
    std::vector<std::string> record_names;
    record_names.reserve(around.records.size());
    std::vector<resolve::Candidate> candidates;
    for (const store::StoredRecord& record : around.records) {
      if (!record.live || record.entity != entity) continue;
      record_names.push_back(names.unique_of(record));
      candidates.push_back({record.id, record.entity, record_names.back(),
                            names.source_and_stream_of(record), record.canonical});
    }
    RONDOM_TRY_ASSIGN(const std::int64_t among, records_to_compare(store, entity));
    return SideBySide(rules, std::move(model), std::move(candidates), among, generic)
        .of(a->id, b->id);
  }
  return Error{ErrorCode::failure, "there are no two live records " + one + " and " + other +
                                       " of people, or of organizations"};
}

}  // namespace rondom::engine
