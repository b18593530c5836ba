#include "engine/related.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "engine/explanation.h"
#include "model/place.h"

namespace rondom::engine {

namespace {

bool is_contact_point(std::string_view name_space) {
  return name_space == "email" || name_space == "phone";
}

/// What a person may share with others: contact points and front doors.
struct Shareable {
  std::string words;  // "same e-mail thuis@example.com"
  bool place = false;
};

using Shareables = std::map<std::uint64_t, Shareable>;

void add_shareables(std::string_view canonical, Shareables& out) {
  for_each_identifier(canonical, [&](std::string_view name_space, std::string_view value) {
    if (!is_contact_point(name_space)) return;
    out[identifier_hash(name_space, value)] = {
        (name_space == "email" ? "same e-mail " : "same phone ") + std::string(value), false};
  });
  for_each_place(canonical, [&](std::string_view place) {
    out[identifier_hash(place_namespace, place)] = {"same address", true};
  });
}

std::set<std::string> surnames_of(std::string_view values) {
  std::set<std::string> names;
  RecordReader reader(values);
  Cell cell;
  while (reader.next(cell)) {
    if (cell.attribute == attribute::name_surname) names.insert(fold_name(cell.value));
  }
  return names;
}

bool share_one(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& one) { return b.count(one) != 0; });
}

Related::Kind kind_of(bool place, bool contact_point, bool surname) {
  if ((place && (contact_point || surname)) || (contact_point && surname)) {
    return Related::Kind::household;
  }
  return place ? Related::Kind::address : Related::Kind::contact_point;
}

/// What the records of both carry, by the other profile.
class Sharing {
 public:
  explicit Sharing(const Shareables& mine) : mine_(mine) {}

  Status read(store::Store& store, const store::Profile& profile, RelatedProfiles& out) {
    RONDOM_TRY(find_carriers(store, out));
    std::vector<store::RecordId> others;
    for (const auto& [record, what] : carried_) {
      if (!std::binary_search(profile.members.begin(), profile.members.end(), record)) {
        others.push_back(record);
      }
    }
    RONDOM_TRY_ASSIGN(const auto records, store.records(others));
    for (const store::StoredRecord& record : records) {
      if (!record.live || record.profile == 0 || record.entity != Entity::person) continue;
      shared_with_[record.profile].insert(carried_[record.id].begin(), carried_[record.id].end());
    }
    return {};
  }
  const std::map<store::ProfileId, std::set<std::uint64_t>>& shared_with() const {
    return shared_with_;
  }

 private:
  Status find_carriers(store::Store& store, RelatedProfiles& out) {
    std::vector<std::uint64_t> hashes;
    for (const auto& [hash, what] : mine_) hashes.push_back(hash);
    RONDOM_TRY_ASSIGN(const auto generic, store.generic_identifiers());
    for (const store::GenericIdentifier& one : generic) {
      if (std::erase(hashes, one.identifier) == 0) continue;
      out.shared_by_many.push_back(one.name_space + " " + one.value + " stands on " +
                                   with_thousands(one.records) + " records of " +
                                   with_thousands(one.people) + " people");
    }
    RONDOM_TRY_ASSIGN(const auto postings, store.postings(hashes, related_profiles_max + 1));
    for (std::size_t first = 0; first < postings.size();) {
      std::size_t last = first;
      while (last < postings.size() && postings[last].identifier == postings[first].identifier) {
        ++last;
      }
      const Shareable& what = mine_.at(postings[first].identifier);
      if (last - first > related_profiles_max) {
        out.shared_by_many.push_back((what.place ? "the address" : what.words.substr(5)) +
                                     " stands on more than " +
                                     std::to_string(related_profiles_max) + " records");
      } else {
        for (std::size_t i = first; i < last; ++i) {
          carried_[postings[i].record].push_back(postings[i].identifier);
        }
      }
      first = last;
    }
    return {};
  }

  const Shareables& mine_;
  std::map<store::RecordId, std::vector<std::uint64_t>> carried_;
  std::map<store::ProfileId, std::set<std::uint64_t>> shared_with_;
};

}  // namespace

const char* to_text(Related::Kind kind) {
  switch (kind) {
    case Related::Kind::household: return "household";
    case Related::Kind::address: return "address";
    case Related::Kind::contact_point: return "contact point";
  }
  return "contact point";
}

Result<RelatedProfiles> related_profiles(store::Store& store, const store::Profile& profile) {
  RelatedProfiles out;
  if (profile.entity != Entity::person) return out;
  RONDOM_TRY_ASSIGN(const auto members, store.records(profile.members));
  Shareables mine;
  for (const store::StoredRecord& member : members) {
    if (member.live) add_shareables(member.canonical, mine);
  }
  Sharing sharing(mine);
  RONDOM_TRY(sharing.read(store, profile, out));
  std::vector<store::ProfileId> ids;
  for (const auto& [other, what] : sharing.shared_with()) {
    if (other != profile.id) ids.push_back(other);
  }
  RONDOM_TRY_ASSIGN(const auto others, store.profiles(ids));
  const std::set<std::string> surnames = surnames_of(profile.values);
  for (const store::Profile& other : others) {
    Related related;
    related.profile = other.id;
    related.uid = other.uid;
    related.title = title_of(other);
    bool place = false, contact_point = false;
    for (const std::uint64_t hash : sharing.shared_with().at(other.id)) {
      const Shareable& what = mine.at(hash);
      (what.place ? place : contact_point) = true;
      related.because.push_back(what.words);
    }
    const bool surname = share_one(surnames, surnames_of(other.values));
    if (surname) related.because.emplace_back("same surname");
    std::sort(related.because.begin(), related.because.end());
    related.because.erase(std::unique(related.because.begin(), related.because.end()),
                          related.because.end());
    related.kind = kind_of(place, contact_point, surname);
    out.found.push_back(std::move(related));
  }
  std::sort(out.found.begin(), out.found.end(), [](const Related& x, const Related& y) {
    return std::tie(x.kind, x.title, x.uid) < std::tie(y.kind, y.title, y.uid);
  });
  return out;
}

}  // namespace rondom::engine
