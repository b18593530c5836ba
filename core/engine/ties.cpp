#include "engine/ties.h"

#include <algorithm>
#include <charconv>

namespace rondom::engine {
namespace {

constexpr std::string_view found_with_key = "unify/likeness";

std::string compared_key(Entity entity) {
  return std::string(found_with_key) + "/records/" + to_text(entity);
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
  RONDOM_TRY_ASSIGN(const std::string found_with, pairs_found_with(store));
  if (found_with.empty()) return ties;
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

Status note_compared_records(store::Store& store, Entity entity, std::int64_t records) {
  return store.put_value(compared_key(entity), std::to_string(records));
}

Result<std::string> pairs_found_with(store::Store& store) {
  RONDOM_TRY_ASSIGN(auto models, store.value(found_with_key));
  return models.value_or("");
}

Status note_pairs_found_with(store::Store& store, const std::string& models) {
  return store.put_value(found_with_key, models);
}

}  // namespace rondom::engine
