#include "engine/pairs.h"

#include <algorithm>
#include <unordered_map>

#include "engine/record_names.h"
#include "engine/ties.h"
#include "pipeline/resolve/probabilistic/score.h"

namespace rondom::engine {
namespace {

constexpr std::size_t id_digits = 8;

std::string pair_id(const std::string& one, const std::string& other) {
  const auto [first, second] = std::minmax(one, other);
  return hex64(Hasher().add(first).add(second).value()).substr(0, id_digits);
}

/// Names pairs; those with a record that is gone are left out.
template <typename Named>
Status name_pairs(store::Store& store, std::vector<Named>& pairs) {
  RecordNames names;
  RONDOM_TRY(names.load(store));
  std::vector<store::RecordId> ids;
  for (const Pair& pair : pairs) ids.insert(ids.end(), {pair.a, pair.b});
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  RONDOM_TRY_ASSIGN(const auto records, store.records(ids));
  std::unordered_map<store::RecordId, std::string> name_of;
  for (const store::StoredRecord& record : records) name_of.emplace(record.id, names.of(record));
  std::erase_if(pairs, [&](const Pair& pair) {
    return name_of.count(pair.a) == 0 || name_of.count(pair.b) == 0;
  });
  for (Pair& pair : pairs) {
    pair.one = name_of[pair.a];
    pair.other = name_of[pair.b];
    if (pair.other < pair.one) std::swap(pair.one, pair.other);
    pair.id = pair_id(pair.one, pair.other);
  }
  return {};
}

Result<std::vector<std::string>> names_of(store::Store& store, std::vector<store::RecordId> ids) {
  std::vector<std::string> found;
  if (ids.empty()) return found;
  RecordNames names;
  RONDOM_TRY(names.load(store));
  std::sort(ids.begin(), ids.end());
  RONDOM_TRY_ASSIGN(const auto records, store.records(ids));
  for (const store::StoredRecord& record : records) found.push_back(names.of(record));
  std::sort(found.begin(), found.end());
  return found;
}

/// What was said to keep `record` apart from those who share a profile with `other`.
Status note_said_apart(store::Store& store, const Decisions& decisions,
                       const store::StoredRecord& record, const store::StoredRecord& other,
                       std::vector<store::Decision>& stale,
                       std::vector<store::RecordId>& no_longer) {
  if (other.profile == 0 || decisions.empty()) return {};
  const store::ProfileId ids[] = {other.profile};
  RONDOM_TRY_ASSIGN(const auto profiles, store.profiles(ids));
  if (profiles.empty()) return {};
  const std::vector<store::RecordId>& members = profiles.front().members;
  const store::RecordId about[] = {record.id};
  for (const store::Decision& said : decisions.about(about)) {
    const store::RecordId third = said.a == record.id ? said.b : said.a;
    const bool concerns = !said.same && third != other.id &&
                          std::binary_search(members.begin(), members.end(), third);
    if (!concerns) continue;
    stale.push_back(said);
    no_longer.push_back(third);
  }
  return {};
}

store::Decision decision(store::RecordId one, store::RecordId other, bool same, Timestamp at) {
  return {std::min(one, other), std::max(one, other), same, at};
}

}  // namespace

Result<std::vector<PossiblePair>> possible_pairs(store::Store& store) {
  std::vector<PossiblePair> pairs;
  RONDOM_TRY(store.scan_alike([&](std::span<const store::Alike> chunk) -> Status {
    for (const store::Alike& alike : chunk) {
      if (alike.joined) continue;
      PossiblePair& pair = pairs.emplace_back();
      pair.a = alike.a;
      pair.b = alike.b;
      pair.probability = probabilistic::probability(alike.bits);
      pair.reason = alike.reason;
    }
    return {};
  }));
  RONDOM_TRY_ASSIGN(const auto decisions, store.decisions());
  std::erase_if(pairs, [&](const Pair& pair) {
    return std::any_of(decisions.begin(), decisions.end(), [&](const store::Decision& said) {
      return said.a == pair.a && said.b == pair.b;
    });
  });
  RONDOM_TRY(name_pairs(store, pairs));
  std::sort(pairs.begin(), pairs.end(), [](const PossiblePair& x, const PossiblePair& y) {
    if (x.probability != y.probability) return x.probability > y.probability;
    return std::tie(x.one, x.other) < std::tie(y.one, y.other);
  });
  return pairs;
}

Result<std::vector<DecidedPair>> decided_pairs(store::Store& store) {
  RONDOM_TRY_ASSIGN(const auto decisions, store.decisions());
  std::vector<DecidedPair> pairs;
  for (const store::Decision& said : decisions) {
    DecidedPair& pair = pairs.emplace_back();
    pair.a = said.a;
    pair.b = said.b;
    pair.same = said.same;
    pair.at = said.at;
  }
  RONDOM_TRY(name_pairs(store, pairs));
  std::sort(pairs.begin(), pairs.end(), [](const DecidedPair& x, const DecidedPair& y) {
    if (x.at != y.at) return x.at > y.at;
    return std::tie(x.one, x.other) < std::tie(y.one, y.other);
  });
  return pairs;
}

Result<std::vector<std::string>> link_records(store::Store& store, const std::string& one,
                                              const std::string& other, Timestamp now) {
  for (const Entity entity : {Entity::person, Entity::organization}) {
    RONDOM_TRY_ASSIGN(const auto a, live_record(store, one, entity));
    RONDOM_TRY_ASSIGN(const auto b, live_record(store, other, entity));
    if (!a.has_value() || !b.has_value()) continue;
    if (a->id == b->id) return Error{ErrorCode::usage, "that is one record"};
    RONDOM_TRY_ASSIGN(const Decisions decisions, Decisions::load(store));
    std::vector<store::Decision> stale;
    std::vector<store::RecordId> no_longer;
    RONDOM_TRY(note_said_apart(store, decisions, *a, *b, stale, no_longer));
    RONDOM_TRY(note_said_apart(store, decisions, *b, *a, stale, no_longer));
    const store::Decision said[] = {decision(a->id, b->id, true, now)};
    RONDOM_TRY(store.decide(said, stale));
    return names_of(store, std::move(no_longer));
  }
  return Error{ErrorCode::usage, "there are no two live records " + one + " and " + other +
                                     " of people, or of organizations"};
}

Result<std::vector<std::string>> split_record(store::Store& store, const std::string& record,
                                              Timestamp now) {
  for (const Entity entity : {Entity::person, Entity::organization}) {
    RONDOM_TRY_ASSIGN(const auto found, live_record(store, record, entity));
    if (!found.has_value() || found->profile == 0) continue;
    const store::ProfileId ids[] = {found->profile};
    RONDOM_TRY_ASSIGN(const auto profiles, store.profiles(ids));
    if (profiles.empty()) continue;
    std::vector<store::RecordId> others;
    for (const store::RecordId member : profiles.front().members) {
      if (member != found->id) others.push_back(member);
    }
    if (others.size() > split_records_max) {
      return Error{ErrorCode::unsupported,
                   "its profile holds more than " + std::to_string(split_records_max) + " records"};
    }
    std::vector<store::Decision> said;
    for (const store::RecordId member : others) {
      said.push_back(decision(found->id, member, false, now));
    }
    RONDOM_TRY(store.decide(said, {}));
    return names_of(store, std::move(others));
  }
  return Error{ErrorCode::usage, "there is no live record " + record + " in a profile"};
}

}  // namespace rondom::engine
