// identity evaluate|train|profile: how records are told to be one, measured, fitted and looked
// through
#include <algorithm>
#include <cstdio>
#include <set>
#include <tuple>

#include "cli/cli.h"
#include "cli/curve_picture.h"
#include "cli/identity_pictures.h"
#include "cli/identity_text.h"
#include "cli/terminal.h"
#include "cli/truth_file.h"
#include "engine/identity_profile.h"

namespace rondom::cli {

namespace {

using engine::IdentityRecords;

std::unique_ptr<engine::Engine> open_for_reading(const Options& options,
                                                 std::optional<Workspace>& workspace,
                                                 int& exit_code) {
  return open_engine(options, true, workspace, exit_code);
}

/// What is learned of fewer is mostly what was given.
constexpr std::size_t records_that_teach = 1'000;

void say_what_to_expect(const config::Project& project, Entity entity, std::size_t records) {
  if (records < records_that_teach) {
    std::fprintf(stderr,
                 "warning: %s records say little of how people are written: most numbers stay as "
                 "they were\n",
                 count(static_cast<std::int64_t>(records)).c_str());
  }
  const auto& likeness = project.identity.probabilistic;
  if (!likeness.has_value()) {
    std::fprintf(stderr,
                 "note: probabilistic in identity.yaml uses it; until then it joins nobody\n");
  } else if (entity == Entity::person && !likeness->model.empty() &&
             "models/" + likeness->model + ".yaml" != IdentityRecords::model_path(entity)) {
    std::fprintf(stderr, "warning: identity.yaml names model %s, so that this one is not used\n",
                 likeness->model.c_str());
  }
}

/// Trains on the records of one entity and writes models/NAME.yaml. False: there are none.
Result<bool> train_entity(const Options& options, engine::Engine& engine, Entity entity,
                          std::string& json) {
  IdentityRecords records;
  RONDOM_TRY(records.load(engine.store(), entity));
  if (records.size() == 0) return false;
  // Training starts from what is shipped (or named), never from an earlier training: the same
  // records give the same model.
  RONDOM_TRY_ASSIGN(const auto start,
                    IdentityRecords::load_model(
                        engine.project(), entity,
                        options.model.empty() ? IdentityRecords::shipped : options.model));
  const resolve::Rules rules(engine.project().identity);
  const auto likeness = records.likeness(rules, start);
  probabilistic::Training training =
      probabilistic::train(start, likeness->features(), options.threads);
  training.model.trained_on = std::to_string(records.size()) + " records";
  const std::string path = IdentityRecords::model_path(entity);
  RONDOM_TRY(write_new_file(engine.project().root + "/" + path,
                            probabilistic::print_model(training.model)));
  const std::string hash = probabilistic::fingerprint(training.model);
  say_what_to_expect(engine.project(), entity, records.size());
  if (options.output == "json") {
    json += (json.empty() ? "" : ",") + std::string("{\"entity\":\"") + to_text(entity) +
            "\",\"from\":\"" + probabilistic::fingerprint(start) + "\",\"hash\":\"" + hash +
            "\",\"file\":";
    append_json_string(json, path);
    json += ",\"records\":" + std::to_string(records.size()) + "}";
    return true;
  }
  std::printf("%s: %s %s, fitted to %s records from %s %s\n", path.c_str(),
              training.model.name.c_str(), hash.c_str(),
              count(static_cast<std::int64_t>(records.size())).c_str(), start.name.c_str(),
              probabilistic::fingerprint(start).c_str());
  Table table({"  learned from", "pairs", "one person", "one household", "rounds", ""});
  for (const probabilistic::RuleTraining& rule : training.rules) {
    table.add({"  " + rule.rule, count(rule.pairs), share(rule.same), share(rule.household),
               std::to_string(rule.rounds), rule.used ? "" : "too few: not used"});
  }
  std::printf("%s  about %s pairs are one, of all\n", table.render().c_str(),
              count(static_cast<std::int64_t>(training.prior_pairs)).c_str());
  return true;
}

std::string some_of(const std::set<std::string>& names) {
  constexpr std::size_t shown_max = 10;
  std::string text;
  std::size_t shown = 0;
  for (const std::string& name : names) {
    if (shown++ == shown_max) return text + ", …";
    text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "none" : text;
}

/// A truth about other records than those that are stored measures nothing: the exit code then.
std::optional<int> wrong_truth(const Options& options, const engine::Evaluation& evaluation,
                               const std::vector<engine::TruthRow>& truth, store::Store& store) {
  const std::int64_t all = evaluation.records_of_truth;
  const std::int64_t stored = all - evaluation.records_not_stored;
  if (stored > 0 && stored * 2 >= all) return std::nullopt;
  const auto streams = store.streams();
  if (!streams.ok()) return fail(streams.error());
  std::set<std::string> known, named;
  for (const store::Stream& stream : *streams) known.insert(stream.source);
  for (const engine::TruthRow& row : truth) named.insert(row.source);
  const std::string text = std::to_string(all) + " records of " + options.truth +
                           (all == 1 ? " is stored" : " are stored") + ": its sources are " +
                           some_of(named) + ", those of the store " + some_of(known);
  if (stored == 0) return fail({ErrorCode::usage, "none of the " + text});
  std::fprintf(stderr, "warning: only %lld of the %s\n", static_cast<long long>(stored),
               text.c_str());
  return std::nullopt;
}

}  // namespace

int identity_evaluate(const Options& options) {
  const auto truth = read_truth(options.truth);
  if (!truth.ok()) return fail(truth.error());
  std::optional<Workspace> workspace;
  int exit_code = 0;
  const auto engine = open_for_reading(options, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto evaluation = engine::evaluate_identity(engine->project(), engine->store(), *truth,
                                                    options.model, options.threads);
  if (!evaluation.ok()) return fail(evaluation.error());
  if (const auto left = wrong_truth(options, *evaluation, *truth, engine->store())) return *left;
  if (!options.svg.empty()) {
    const Status written =
        write_new_file(std::filesystem::absolute(options.svg), curve_picture(*evaluation));
    if (!written.ok()) return fail(written.error());
  }
  if (!options.errors.empty()) {
    std::string rows = "error,one,other,bits\n";
    for (const engine::WrongPair& pair : evaluation->wrong) {
      rows += pair.missed ? "missed," : "joined wrongly,";
      rows += csv_field(pair.one) + "," + csv_field(pair.other) + "," + bits_text(pair.bits) + "\n";
    }
    const Status written = write_new_file(std::filesystem::absolute(options.errors), rows);
    if (!written.ok()) return fail(written.error());
  }
  if (options.output == "json") {
    std::printf("%s\n", json_of(*evaluation).c_str());
  } else {
    print(*evaluation);
    if (!options.svg.empty()) std::printf("%s: the curve\n", options.svg.c_str());
  }
  return 0;
}

int identity_train(const Options& options) {
  std::optional<Workspace> workspace;
  int exit_code = 0;
  const auto engine = open_for_reading(options, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  std::string json;
  bool any = false;
  for (const Entity entity : {Entity::person, Entity::organization}) {
    const auto trained = train_entity(options, *engine, entity, json);
    if (!trained.ok()) return fail(trained.error());
    any |= *trained;
  }
  if (!any) return fail({ErrorCode::failure, "there are no records yet: rondom run"});
  if (options.output == "json") std::printf("[%s]\n", json.c_str());
  return 0;
}

int identity_profile(const Options& options) {
  std::optional<Workspace> workspace;
  int exit_code = 0;
  const auto engine = open_for_reading(options, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto found =
      engine::profile_identity(engine->project(), engine->store(), options.model, options.threads);
  if (!found.ok()) return fail(found.error());
  std::string json;
  for (const engine::IdentityProfile& one : *found) {
    if (options.output == "json") {
      json += (json.empty() ? "" : ",") + std::string("{\"entity\":\"") + to_text(one.entity) +
              "\",\"records\":" + std::to_string(one.records) + ",\"attributes\":[";
      bool first = true;
      for (const engine::AttributeProfile& attribute : one.attributes) {
        json += first ? "{\"attribute\":" : ",{\"attribute\":";
        first = false;
        append_json_string(json, attribute.name);
        json += ",\"records\":" + std::to_string(attribute.records) +
                ",\"distinct\":" + std::to_string(attribute.distinct) +
                ",\"most_common_records\":" + std::to_string(attribute.most_common) + "}";
      }
      json += "],\"blocking\":" + json_of(one.rules) + "}";
      continue;
    }
    std::printf("%s · %s records\n", to_text(one.entity), count(one.records).c_str());
    Table table({"  attribute", "records", "share", "distinct", "on the most common"});
    for (const engine::AttributeProfile& attribute : one.attributes) {
      table.add({"  " + attribute.name, count(attribute.records),
                 share(static_cast<double>(attribute.records) / static_cast<double>(one.records)),
                 count(attribute.distinct), count(attribute.most_common)});
    }
    std::printf("%s", table.render().c_str());
    print_rules(one.rules);
  }
  if (options.output == "json") std::printf("[%s]\n", json.c_str());
  return 0;
}

int identity_compare(const Options& options) {
  std::optional<Workspace> workspace;
  int exit_code = 0;
  const auto engine = open_engine(options, true, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto found = engine::compare_records(engine->project(), engine->store(), options.words[0],
                                             options.words[1], options.model);
  if (!found.ok()) return fail(found.error());
  const probabilistic::Score& score = found->score;
  const double probability = probabilistic::probability(score.total);
  if (!options.svg.empty()) {
    const Status written = write_new_file(std::filesystem::absolute(options.svg),
                                          pair_picture(*found, options.words[0], options.words[1]));
    if (!written.ok()) return fail(written.error());
  }
  if (options.output == "json") {
    std::printf("%s\n", engine::comparison_json(*found).c_str());
    return 0;
  }
  Table table({"", "agreement", "bits", "of which rarity"});
  const auto exact = [](probabilistic::Millibits bits) {
    char text[32];
    std::snprintf(text, sizeof text, "%+.3f", bits / 1000.0);
    return std::string(text);
  };
  table.add({"two records at random", "", exact(score.prior), ""});
  for (const probabilistic::ScoreLine& line : score.lines) {
    table.add({line.comparison, line.level, exact(line.weight),
               line.by_frequency == 0 ? "" : exact(line.by_frequency)});
  }
  if (score.household != 0) {
    const bool companies = found->entity == Entity::organization;
    table.add({companies ? "may be one concern" : "may be one household", "",
               exact(-score.household), ""});
  }
  table.add({"together", "", exact(score.total), ""});
  std::printf("%s", table.render().c_str());
  std::string rules;
  for (const std::string& rule : found->found_by) rules += (rules.empty() ? "" : "; ") + rule;
  std::printf("probability %s: %s (merge_at %s, review_at %s)\ncompared because of: %s\n",
              share(probability).c_str(),
              probability >= found->merge_at    ? "one, unless others speak against it"
              : probability >= found->review_at ? "to review"
                                                : "apart",
              share(found->merge_at).c_str(), share(found->review_at).c_str(),
              rules.empty() ? "no blocking rule" : rules.c_str());
  if (found->joined_by_identifiers) std::printf("joined by their identifiers already\n");
  std::printf("model %s %s\n", found->model.c_str(), found->fingerprint.c_str());
  if (!options.svg.empty()) std::printf("%s: the picture\n", options.svg.c_str());
  return 0;
}

int identity_shared(const Options& options) {
  std::optional<Workspace> workspace;
  int exit_code = 0;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  auto generic = engine->store().generic_identifiers();
  if (!generic.ok()) return fail(generic.error());
  std::sort(generic->begin(), generic->end(), [](const auto& x, const auto& y) {
    return std::tie(y.people, x.name_space, x.value) < std::tie(x.people, y.name_space, y.value);
  });
  Table table({"IDENTIFIER", "value", "records", "people"});
  std::string json;
  for (const store::GenericIdentifier& one : *generic) {
    table.add({one.name_space, one.value, count(one.records), count(one.people)});
    json += json.empty() ? "{\"namespace\":" : ",{\"namespace\":";
    append_json_string(json, one.name_space);
    json += ",\"value\":";
    append_json_string(json, one.value);
    json += ",\"records\":" + std::to_string(one.records) +
            ",\"people\":" + std::to_string(one.people) + "}";
  }
  if (options.output == "json") {
    std::printf("[%s]\n", json.c_str());
  } else if (generic->empty()) {
    std::puts("no identifier stands on too many people");
  } else {
    std::printf(
        "%sas counted when each was found; they join nobody until at most %zu people have one\n",
        table.render().c_str(), limits::people_per_identifier_again);
  }
  return 0;
}

}  // namespace rondom::cli
