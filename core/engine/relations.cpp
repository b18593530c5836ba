#include "engine/relations.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "engine/explanation.h"
#include "engine/record_names.h"

namespace rondom::engine {

namespace {

std::vector<Relation> told_in(std::string_view values, Timestamp as_of) {
  std::map<std::uint32_t, Relation> by_group;
  RecordReader reader(values);
  Cell cell;
  while (reader.next(cell) && cell.attribute <= attribute::relation_valid_to) {
    switch (cell.attribute) {
      case attribute::relation_type: by_group[cell.group].type = cell.value; break;
      case attribute::relation_to: by_group[cell.group].record = cell.value; break;
      case attribute::relation_role: by_group[cell.group].role = cell.value; break;
      case attribute::relation_valid_from: by_group[cell.group].valid_from = cell.value; break;
      case attribute::relation_valid_to: by_group[cell.group].valid_to = cell.value; break;
      default: break;
    }
  }
  std::vector<Relation> out;
  for (auto& [group, one] : by_group) {
    one.holds = holds_at(one.valid_from, one.valid_to, as_of);
    out.push_back(std::move(one));
  }
  return out;
}

/// The profile whose live record has this name; nullopt = the record is not here, or belongs to
/// none yet.
Result<std::optional<store::Profile>> profile_of(store::Store& store, const std::string& record) {
  for (const Entity entity : {Entity::person, Entity::organization}) {
    RONDOM_TRY_ASSIGN(const auto found, live_record(store, record, entity));
    if (!found.has_value() || found->profile == 0) continue;
    const store::ProfileId ids[] = {found->profile};
    RONDOM_TRY_ASSIGN(auto profiles, store.profiles(ids));
    if (!profiles.empty()) return std::optional<store::Profile>(std::move(profiles.front()));
  }
  return std::optional<store::Profile>();
}

/// Names of the records that the profile is made of.
Result<std::vector<std::string>> names_of(store::Store& store, const store::Profile& profile) {
  RecordNames names;
  RONDOM_TRY(names.load(store));
  RONDOM_TRY_ASSIGN(const auto members, store.records(profile.members));
  std::vector<std::string> out;
  for (const store::StoredRecord& member : members) out.push_back(names.of(member));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// What other profiles say of this one, as they were merged.
Status add_told_by_others(store::Store& store, const store::Profile& profile, Timestamp as_of,
                          Relations& out) {
  RONDOM_TRY_ASSIGN(const auto own, names_of(store, profile));
  RONDOM_TRY_ASSIGN(const auto ids, store.referring_records(own, referring_records_max + 1));
  out.complete = ids.size() <= referring_records_max;
  RONDOM_TRY_ASSIGN(const auto records, store.records(ids));
  std::vector<store::ProfileId> others;
  for (const store::StoredRecord& record : records) {
    if (record.live && record.profile != 0 && record.profile != profile.id) {
      others.push_back(record.profile);
    }
  }
  std::sort(others.begin(), others.end());
  others.erase(std::unique(others.begin(), others.end()), others.end());
  RONDOM_TRY_ASSIGN(const auto profiles, store.profiles(others));
  for (const store::Profile& other : profiles) {
    for (Relation& one : told_in(other.values, as_of)) {
      if (!std::binary_search(own.begin(), own.end(), one.record)) continue;
      one.told_by_other = true;
      one.uid = other.uid;
      one.title = title_of(other);
      out.all.push_back(std::move(one));
    }
  }
  return {};
}

}  // namespace

const char* to_text(Holds holds) {
  switch (holds) {
    case Holds::now: return "now";
    case Holds::no_longer: return "former";
    case Holds::not_yet: return "to come";
  }
  return "now";
}

Result<Relations> relations_of(store::Store& store, const store::Profile& profile,
                               Timestamp as_of) {
  Relations out;
  out.all = told_in(profile.values, as_of);
  for (Relation& one : out.all) {
    RONDOM_TRY_ASSIGN(const auto other, profile_of(store, one.record));
    if (!other.has_value()) continue;
    one.uid = other->uid;
    one.title = title_of(*other);
  }
  RONDOM_TRY(add_told_by_others(store, profile, as_of, out));
  const auto rank = [](Holds holds) {
    return holds == Holds::now ? 0 : holds == Holds::not_yet ? 1 : 2;
  };
  std::sort(out.all.begin(), out.all.end(), [&](const Relation& a, const Relation& b) {
    return std::tuple(rank(a.holds), a.told_by_other, std::tie(a.type, a.title, a.record),
                      std::tie(a.role, a.valid_from, a.valid_to, a.uid)) <
           std::tuple(rank(b.holds), b.told_by_other, std::tie(b.type, b.title, b.record),
                      std::tie(b.role, b.valid_from, b.valid_to, b.uid));
  });
  return out;
}

std::string relations_json(const Relations& relations) {
  std::string out = "[";
  for (const Relation& one : relations.all) {
    out += out.size() > 1 ? ",{\"type\":" : "{\"type\":";
    append_json_string(out, one.type);
    const auto add = [&](const char* name, std::string_view value) {
      out += std::string(",\"") + name + "\":";
      if (value.empty()) {
        out += "null";
      } else {
        append_json_string(out, value);
      }
    };
    add("role", one.role);
    add("told_by", one.told_by_other ? "other" : "this");
    add("record", one.record);
    add("profile", one.title.empty() ? std::string() : rondom::to_text(one.uid));
    add("title", one.title);
    add("valid_from", one.valid_from);
    add("valid_to", one.valid_to);
    add("holds", to_text(one.holds));
    out += '}';
  }
  return out + "]";
}

}  // namespace rondom::engine
