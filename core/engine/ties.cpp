#include "engine/ties.h"

#include <algorithm>
#include <charconv>

#include "engine/identity.h"

namespace rondom::engine {
namespace {

/// Which models and thresholds the stored pairs were found with; empty: none are stored.
constexpr std::string_view found_with_key = "unify/likeness";

std::string compared_key(Entity entity) {
  return std::string(found_with_key) + "/records/" + to_text(entity);
}

store::Alike pair_of(store::RecordId one, store::RecordId other, probabilistic::Millibits bits,
                     probabilistic::Millibits mean) {
  store::Alike pair;
  pair.a = std::min(one, other);
  pair.b = std::max(one, other);
  pair.bits = bits;
  pair.mean = mean;
  return pair;
}

Status find_alike(const UnifyJob& job, store::Store& store, const probabilistic::Model& model,
                  const Decisions& decisions, std::vector<store::Alike>& found) {
  IdentityRecords records;
  RONDOM_TRY(records.load(store, model.entity));
  RONDOM_TRY(store.put_value(compared_key(model.entity), std::to_string(records.size())));
  if (records.size() < 2) return {};
  const auto likeness = records.likeness(*job.identity, model, decisions.all());
  const probabilistic::ClusterRules rules = probabilistic::rules_of(model);
  const auto pairs = likeness->compare(model, rules.review_at, job.threads);
  const probabilistic::Clusters clusters = likeness->cluster(model, pairs, rules);
  const auto id_of = [&](std::uint32_t at) { return likeness->candidates()[at].id; };
  for (const probabilistic::Join& join : clusters.joins) {
    found.push_back(pair_of(id_of(join.a), id_of(join.b), join.bits, join.mean));
    found.back().joined = true;
  }
  for (const probabilistic::PossibleSame& possible : clusters.possible) {
    if (possible.reason == resolve::said_not_the_same) continue;  // somebody has looked
    found.push_back(pair_of(id_of(possible.a), id_of(possible.b), possible.bits, possible.mean));
    found.back().reason = possible.reason;
  }
  return {};
}

}  // namespace

Result<Decisions> Decisions::load(store::Store& store) {
  Decisions decisions;
  RONDOM_TRY_ASSIGN(decisions.all_, store.decisions());
  for (std::size_t i = 0; i < decisions.all_.size(); ++i) {
    decisions.of_record_.emplace(decisions.all_[i].a, i);
    decisions.of_record_.emplace(decisions.all_[i].b, i);
  }
  return decisions;
}

std::vector<store::Decision> Decisions::about(std::span<const store::RecordId> records) const {
  std::vector<store::Decision> out;
  if (all_.empty()) return out;
  std::vector<std::size_t> numbers;
  for (const store::RecordId record : records) {
    const auto [first, last] = of_record_.equal_range(record);
    for (auto at = first; at != last; ++at) numbers.push_back(at->second);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  for (const std::size_t number : numbers) out.push_back(all_[number]);
  return out;
}

Result<Ties> ties_of(store::Store& store, const Decisions& decisions,
                     std::span<const store::RecordId> records) {
  Ties ties;
  ties.decisions = decisions.about(records);
  RONDOM_TRY_ASSIGN(const auto found_with, store.value(found_with_key));
  if (!found_with.has_value() || found_with->empty()) return ties;
  RONDOM_TRY_ASSIGN(const auto pairs, store.alike(records));
  for (const store::Alike& pair : pairs) {
    if (pair.joined) ties.alike.emplace_back(pair.a, pair.b);
  }
  return ties;
}

Result<std::optional<std::int64_t>> compared_records(store::Store& store, Entity entity) {
  RONDOM_TRY_ASSIGN(const auto text, store.value(compared_key(entity)));
  std::int64_t records = 0;
  if (!text.has_value()) return std::optional<std::int64_t>();
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), records);
  if (problem != std::errc() || end != text->data() + text->size()) {
    return Error{ErrorCode::internal, "the store says \"" + *text + "\" where a number belongs"};
  }
  return std::optional<std::int64_t>(records);
}

Status forget_decisions_about_others(store::Store& store) {
  RONDOM_TRY_ASSIGN(const Decisions decisions, Decisions::load(store));
  if (decisions.empty()) return {};
  std::vector<store::RecordId> records;
  for (const store::Decision& said : decisions.all())
    records.insert(records.end(), {said.a, said.b});
  std::sort(records.begin(), records.end());
  records.erase(std::unique(records.begin(), records.end()), records.end());
  RONDOM_TRY_ASSIGN(const auto owners, store.new_owners(records, store::Store::Since::last_unify));
  const std::vector<store::Decision> stale = decisions.about(owners);
  return stale.empty() ? Status() : store.undecide(stale);
}

Status refresh_alike(const UnifyJob& job, store::Store& store, UnifyReport& report) {
  RONDOM_TRY_ASSIGN(const auto last, store.value(found_with_key));
  const std::string found_with = last.value_or("");
  if (!job.project->identity.probabilistic.has_value()) {
    if (found_with.empty()) return {};
    RONDOM_TRY(store.replace_alike({}));
    return store.put_value(found_with_key, "");
  }
  std::string now;
  std::vector<probabilistic::Model> models;
  for (const Entity entity : {Entity::person, Entity::organization}) {
    RONDOM_TRY_ASSIGN(probabilistic::Model model,
                      IdentityRecords::load_model(*job.project, entity, ""));
    now += probabilistic::fingerprint(model) + " ";
    models.push_back(std::move(model));
  }
  RONDOM_TRY_ASSIGN(const std::int64_t dirty, store.dirty_count());
  if (dirty > 0 || now != found_with) {
    RONDOM_TRY_ASSIGN(const Decisions decisions, Decisions::load(store));
    std::vector<store::Alike> found;
    for (const probabilistic::Model& model : models) {
      RONDOM_TRY(find_alike(job, store, model, decisions, found));
    }
    std::sort(found.begin(), found.end(), [](const store::Alike& x, const store::Alike& y) {
      return std::pair(x.a, x.b) < std::pair(y.a, y.b);
    });
    RONDOM_TRY(store.replace_alike(found));
    RONDOM_TRY(store.put_value(found_with_key, now));  // last: what is cut off is done again
  }
  return store.scan_alike([&](std::span<const store::Alike> chunk) -> Status {
    for (const store::Alike& pair : chunk) report.possible += pair.joined ? 0 : 1;
    return {};
  });
}

}  // namespace rondom::engine
