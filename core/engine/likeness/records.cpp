#include "engine/likeness/records.h"

#include <algorithm>
#include <utility>

namespace rondom::engine {

void sort_unique(Ids& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

Status LiveRecords::load(Ids ids) {
  sort_unique(ids);
  std::erase_if(ids, [&](store::RecordId id) { return looked_for_.count(id) != 0; });
  RONDOM_TRY_ASSIGN(auto loaded, store_.contents(ids));
  looked_for_.insert(ids.begin(), ids.end());
  for (store::StoredRecord& record : loaded) {
    if (!record.live || record.entity != entity_) continue;
    const store::RecordId id = record.id;
    std::string name = names_.unique_of(record);
    records_.emplace(id, Named{std::move(record), std::move(name)});
  }
  return {};
}

const LiveRecords::Named* LiveRecords::find(store::RecordId id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : &found->second;
}

Status LikelyPairs::load(Ids ids) {
  sort_unique(ids);
  std::erase_if(ids, [&](store::RecordId id) { return rows_.count(id) != 0; });
  for (const store::RecordId id : ids) rows_[id];
  RONDOM_TRY_ASSIGN(const auto found, store_.likely(ids));
  for (const store::Likely& one : found) {
    rows_[one.record].others.insert(one.others.begin(), one.others.end());
  }
  return {};
}

LikelyPairs::Others& LikelyPairs::Row::change() {
  if (!stored.has_value()) stored = others;
  return others;
}

void LikelyPairs::set(store::RecordId a, store::RecordId b, std::int32_t bits) {
  for (const auto& [one, other] : {std::pair(a, b), std::pair(b, a)}) {
    Row& row = rows_.at(one);
    const auto known = row.others.find(other);
    if (known != row.others.end() && known->second == bits) continue;
    row.change()[other] = bits;
  }
}

void LikelyPairs::erase(store::RecordId a, store::RecordId b) {
  for (const auto& [one, other] : {std::pair(a, b), std::pair(b, a)}) {
    rows_.at(one).change().erase(other);
  }
}

void LikelyPairs::forget(store::RecordId id) {
  Others& others = rows_.at(id).change();
  for (const auto& [other, bits] : others) rows_.at(other).change().erase(id);
  others.clear();
}

void LikelyPairs::add_changes(std::vector<store::Likely>& changes) const {
  for (const auto& [id, row] : rows_) {
    if (!row.stored.has_value() || *row.stored == row.others) continue;
    changes.push_back({id, {row.others.begin(), row.others.end()}});
  }
}

}  // namespace rondom::engine
