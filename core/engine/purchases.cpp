#include "engine/purchases.h"

#include <algorithm>

#include "engine/record_names.h"
#include "pipeline/merge/merge.h"
#include "pipeline/merge/orders.h"

namespace rondom::engine {

namespace {

void sort_unique(std::vector<std::uint64_t>& hashes) {
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

/// Those that stand on live records of this profile only.
Result<std::vector<std::uint64_t>> own_identifiers(store::Store& store,
                                                   const store::Profile& profile,
                                                   const std::vector<std::uint64_t>& identifiers) {
  RONDOM_TRY_ASSIGN(const auto postings, store.postings(identifiers, carriers_max + 1));
  std::vector<store::RecordId> others;
  for (const store::Posting& posting : postings) {
    if (!std::binary_search(profile.members.begin(), profile.members.end(), posting.record)) {
      others.push_back(posting.record);
    }
  }
  std::sort(others.begin(), others.end());
  others.erase(std::unique(others.begin(), others.end()), others.end());
  RONDOM_TRY_ASSIGN(const auto records, store.records(others));
  const auto is_live_elsewhere = [&](store::RecordId id) {
    const auto found = std::lower_bound(
        records.begin(), records.end(), id,
        [](const store::StoredRecord& record, store::RecordId at) { return record.id < at; });
    return found != records.end() && found->id == id && found->live;
  };
  std::vector<std::uint64_t> own;
  for (std::size_t from = 0, to = 0; from < postings.size(); from = to) {
    bool shared = false;
    while (to < postings.size() && postings[to].identifier == postings[from].identifier) {
      shared = shared || is_live_elsewhere(postings[to].record);
      ++to;
    }
    if (!shared && to - from <= carriers_max) own.push_back(postings[from].identifier);
  }
  return own;
}

/// Everything that an activity of this profile may say it was done by.
Result<std::vector<std::uint64_t>> actors_of(store::Store& store, const RecordNames& names,
                                             const store::Profile& profile) {
  RONDOM_TRY_ASSIGN(const auto members, store.records(profile.members));
  std::vector<std::uint64_t> identifiers, actors;
  for (const store::StoredRecord& member : members) {
    if (!member.live) continue;
    actors.push_back(identifier_hash(record_namespace, names.of(member)));
    for_each_identifier(member.canonical, [&](std::string_view name_space, std::string_view value) {
      identifiers.push_back(identifier_hash(name_space, value));
    });
  }
  sort_unique(identifiers);
  RONDOM_TRY_ASSIGN(const auto own, own_identifiers(store, profile, identifiers));
  actors.insert(actors.end(), own.begin(), own.end());
  sort_unique(actors);
  return actors;
}

}  // namespace

Result<Purchases> purchases_of(const config::Project& project, store::Store& store,
                               const store::Profile& profile) {
  RecordNames names;
  RONDOM_TRY(names.load(store));
  RONDOM_TRY_ASSIGN(const auto actors, actors_of(store, names, profile));
  RONDOM_TRY_ASSIGN(auto activities, store.activities(actors, activities_read_max));
  Purchases out;
  out.complete = activities.size() < activities_read_max;
  std::erase_if(activities, [](const store::StoredRecord& record) {
    return !record.live || record.entity != Entity::order;
  });

  std::vector<std::string> record_names;
  record_names.reserve(activities.size());
  std::vector<merge::OrderRecord> records;
  for (const store::StoredRecord& record : activities) {
    record_names.push_back(names.unique_of(record));
    records.push_back(
        {{record_names.back(), names.source_of(record), record.observed_at, record.canonical},
         names.source_and_stream_of(record),
         record.key});
  }
  config::Diagnostics diagnostics;
  const merge::Rules rules(project, diagnostics);
  RecordBuilder builder;
  for (const merge::Order& order : merge::orders_of(rules, records)) {
    Purchase& purchase = out.orders.emplace_back();
    for (const std::uint32_t at : order.records) {
      purchase.records.emplace_back(RecordNames::visible(record_names[at]));
    }
    purchase.canonical = merge::values_of(order, records, builder);
  }
  return out;
}

}  // namespace rondom::engine
