#include "engine/ties.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>

namespace rondom::engine {
namespace {

constexpr std::string_view found_with_key = "unify/likeness";
constexpr std::size_t dirty_per_look = 100'000;

std::string compared_key(Entity entity) {
  return std::string(found_with_key) + "/records/" + to_text(entity);
}

/// Sorted.
std::vector<store::RecordId> records_of(const Decisions& decisions) {
  std::vector<store::RecordId> records;
  for (const store::Decision& said : decisions.all())
    records.insert(records.end(), {said.a, said.b});
  std::sort(records.begin(), records.end());
  records.erase(std::unique(records.begin(), records.end()), records.end());
  return records;
}

/// Of these (sorted) the ones that changed since the last run.
Result<std::vector<store::RecordId>> dirty_among(store::Store& store,
                                                 const std::vector<store::RecordId>& records) {
  std::vector<store::RecordId> found;
  for (store::RecordId last = 0;;) {
    RONDOM_TRY_ASSIGN(const auto dirty, store.dirty_records(last, dirty_per_look));
    std::set_intersection(records.begin(), records.end(), dirty.begin(), dirty.end(),
                          std::back_inserter(found));
    if (dirty.size() < dirty_per_look) return found;
    last = dirty.back();
  }
}

/// The oldest record of a profile that is still there and still stands for the same person; 0:
/// there is none.
Result<store::RecordId> heir_of(store::Store& store, store::ProfileId profile) {
  const store::ProfileId ids[] = {profile};
  RONDOM_TRY_ASSIGN(const auto profiles, store.profiles(ids));
  if (profiles.empty()) return store::RecordId{0};
  const std::vector<store::RecordId>& members = profiles.front().members;
  RONDOM_TRY_ASSIGN(const auto owners, store.new_owners(members, store::Store::Since::last_unify));
  RONDOM_TRY_ASSIGN(const auto records, store.records(members));
  for (const store::StoredRecord& member : records) {
    const bool is_other = std::binary_search(owners.begin(), owners.end(), member.id);
    if (member.live && !is_other) return member.id;
  }
  return store::RecordId{0};
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

bool Decisions::say(store::RecordId a, store::RecordId b) const {
  const auto at = std::lower_bound(
      all_.begin(), all_.end(), std::pair(a, b),
      [](const store::Decision& one, const auto& pair) { return std::pair(one.a, one.b) < pair; });
  return at != all_.end() && at->a == a && at->b == b;
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

Status hand_on_decisions(store::Store& store) {
  RONDOM_TRY_ASSIGN(const Decisions decisions, Decisions::load(store));
  if (decisions.empty()) return {};
  RONDOM_TRY_ASSIGN(const auto named, dirty_among(store, records_of(decisions)));
  RONDOM_TRY_ASSIGN(const auto owners, store.new_owners(named, store::Store::Since::last_unify));
  RONDOM_TRY_ASSIGN(const auto records, store.records(named));
  std::map<store::ProfileId, store::RecordId> heir_in;
  std::map<store::RecordId, store::RecordId> heirs;  // 0: nobody
  for (const store::StoredRecord& record : records) {
    const bool stays = record.live && !std::binary_search(owners.begin(), owners.end(), record.id);
    if (stays || record.profile == 0) continue;
    auto [heir, is_new] = heir_in.try_emplace(record.profile, 0);
    if (is_new) {
      RONDOM_TRY_ASSIGN(heir->second, heir_of(store, record.profile));
    }
    heirs[record.id] = heir->second;
  }
  const auto stands_for = [&](store::RecordId id) {
    const auto heir = heirs.find(id);
    return heir == heirs.end() ? id : heir->second;
  };
  std::vector<store::Decision> said;
  for (const store::Decision& one : decisions.all()) {
    if (one.same) continue;
    const auto [a, b] = std::minmax({stands_for(one.a), stands_for(one.b)});
    const bool is_handed_on = std::pair(a, b) != std::pair(one.a, one.b);
    if (!is_handed_on || a == 0 || a == b || decisions.say(a, b)) continue;
    said.push_back({a, b, false, one.at});
  }
  return said.empty() ? Status() : store.decide(said, {});
}

Status forget_decisions_about_others(store::Store& store) {
  RONDOM_TRY_ASSIGN(const Decisions decisions, Decisions::load(store));
  if (decisions.empty()) return {};
  const std::vector<store::RecordId> records = records_of(decisions);
  RONDOM_TRY_ASSIGN(const auto owners, store.new_owners(records, store::Store::Since::last_unify));
  const std::vector<store::Decision> stale = decisions.about(owners);
  return stale.empty() ? Status() : store.decide({}, stale);
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
