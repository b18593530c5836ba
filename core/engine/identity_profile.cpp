#include "engine/identity_profile.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace rondom::engine {

namespace {

/// Counts the values of attributes by their hashes.
class Values {
 public:
  void add(const Cell& cell) {
    names_[{cell.attribute, std::string(cell.name)}].push_back(hash64(cell.value));
  }

  std::vector<AttributeProfile> attributes(std::size_t records) {
    std::vector<AttributeProfile> out;
    for (auto& [id, hashes] : names_) {
      AttributeProfile one;
      const AttributeInfo* info = attribute_by_id(id.first);
      if (info == nullptr) continue;
      one.name = std::string(info->name);
      if (!id.second.empty()) one.name += "." + id.second;
      one.records = static_cast<std::int64_t>(std::min(hashes.size(), records));
      std::sort(hashes.begin(), hashes.end());
      for (std::size_t first = 0; first < hashes.size();) {
        std::size_t last = first;
        while (last < hashes.size() && hashes[last] == hashes[first]) ++last;
        ++one.distinct;
        one.most_common = std::max(one.most_common, static_cast<std::int64_t>(last - first));
        first = last;
      }
      out.push_back(std::move(one));
    }
    return out;
  }

 private:
  std::map<std::pair<AttributeId, std::string>, std::vector<std::uint64_t>> names_;
};

}  // namespace

Result<std::vector<IdentityProfile>> profile_identity(const config::Project& project,
                                                      store::Store& store,
                                                      const std::string& model_file,
                                                      std::size_t threads) {
  const resolve::Rules rules(project.identity);
  std::vector<IdentityProfile> out;
  for (const Entity entity : {Entity::person, Entity::organization}) {
    IdentityRecords records;
    RONDOM_TRY(records.load(store, entity));
    if (records.size() == 0) continue;
    RONDOM_TRY_ASSIGN(const auto model,
                      IdentityRecords::load_model(
                          project, entity, entity == Entity::person ? model_file : std::string()));
    IdentityProfile& profile = out.emplace_back();
    profile.entity = entity;
    profile.records = static_cast<std::int64_t>(records.size());
    Values values;
    for (const store::StoredRecord& record : records.records()) {
      // Of a list each value counts once a record: its attribute says how many records have one.
      std::vector<std::tuple<AttributeId, std::string_view, std::string_view>> seen;
      RecordReader reader(record.canonical);
      Cell cell;
      while (reader.next(cell)) {
        const std::tuple key{cell.attribute, cell.name, cell.value};
        if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
        seen.push_back(key);
        values.add(cell);
      }
    }
    profile.attributes = values.attributes(records.size());
    const auto likeness = records.likeness(rules, model);
    profile.rules = probabilistic::Blocks(model, likeness->features(), threads).counts();
  }
  return out;
}

}  // namespace rondom::engine
