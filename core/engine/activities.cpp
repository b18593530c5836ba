#include "engine/activities.h"

#include <algorithm>

#include "engine/retention.h"

namespace rondom::engine {

namespace {

template <typename Item>
void sort_once(std::vector<Item>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

bool is_told_once(Entity entity) {
  return entity == Entity::order || entity == Entity::opportunity;
}

/// One system tells of each under a key of its own, and none at the moment of another: nothing is
/// told twice, and newest first is their order.
bool are_apart(const std::vector<const FoundActivity*>& newest_first) {
  std::vector<std::string_view> keys;
  keys.reserve(newest_first.size());
  for (std::size_t i = 0; i < newest_first.size(); ++i) {
    const FoundActivity& one = *newest_first[i];
    if (one.at == no_time || one.stream != newest_first.front()->stream) return false;
    if (i > 0 && one.at >= newest_first[i - 1]->at) return false;
    keys.push_back(one.key);
  }
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

const store::StoredRecord* record_in(const std::vector<store::StoredRecord>& records,
                                     store::RecordId id) {
  const auto found = std::lower_bound(
      records.begin(), records.end(), id,
      [](const store::StoredRecord& record, store::RecordId at) { return record.id < at; });
  return found == records.end() || found->id != id ? nullptr : &*found;
}

}  // namespace

ActivityReader::ActivityReader(const config::Project& project, store::Store& store, Timestamp as_of)
    : store_(store),
      as_of_(as_of),
      left_out_(cutoffs_of(project.retention, as_of)),
      rules_(project, ignored_) {}

/// Notes when it no longer will.
bool ActivityReader::counts(const FoundActivity& activity, Activities& among) const {
  const std::size_t kind = store::history_of(activity.entity);
  if (kind == store::history_count || left_out_.before[kind] == no_time) return true;
  const auto at = parse_time(first_value(activity.canonical, attribute::activity_at));
  if (!at.ok()) return true;
  if (left_out_.leave_out(activity.entity, *at)) return false;
  const auto& lists = activity_lists();
  const auto list = static_cast<std::size_t>(
      std::find_if(lists.begin(), lists.end(),
                   [&](const ActivityList& one) { return one.entity == activity.entity; }) -
      lists.begin());
  const Timestamp leaves = *at + (as_of_ - left_out_.before[kind]) + 1;
  Timestamp& first = among.leave_at[list];
  if (first == no_time || leaves < first) first = leaves;
  return true;
}

/// Leaves those that stand on live records of their profile only.
Status ActivityReader::keep_own(std::span<const store::Profile> profiles,
                                std::vector<Actor>& identifiers) {
  std::vector<std::uint64_t> hashes;
  for (const Actor& one : identifiers) hashes.push_back(one.hash);
  sort_once(hashes);
  RONDOM_TRY_ASSIGN(const auto postings, store_.postings(hashes, carriers_max + 1));
  const auto postings_of = [&](std::uint64_t hash) {
    const auto from = std::lower_bound(postings.begin(), postings.end(), hash,
                                       [](const store::Posting& posting, std::uint64_t wanted) {
                                         return posting.identifier < wanted;
                                       });
    auto to = from;
    while (to != postings.end() && to->identifier == hash) ++to;
    return std::span<const store::Posting>(from, to);
  };
  const auto is_elsewhere = [&](const Actor& one, const store::Posting& posting) {
    const std::vector<store::RecordId>& members = profiles[one.profile].members;
    return !std::binary_search(members.begin(), members.end(), posting.record);
  };
  std::vector<store::RecordId> others;
  for (const Actor& one : identifiers) {
    for (const store::Posting& posting : postings_of(one.hash)) {
      if (is_elsewhere(one, posting)) others.push_back(posting.record);
    }
  }
  sort_once(others);
  RONDOM_TRY_ASSIGN(const auto records, store_.records(others));
  std::erase_if(identifiers, [&](const Actor& one) {
    const auto carriers = postings_of(one.hash);
    if (carriers.empty() || carriers.size() > carriers_max) return true;
    return std::any_of(carriers.begin(), carriers.end(), [&](const store::Posting& posting) {
      if (!is_elsewhere(one, posting)) return false;
      const store::StoredRecord* record = record_in(records, posting.record);
      return record != nullptr && record->live;
    });
  });
  return {};
}

/// Everything that an activity of these profiles may say it was done by.
Result<std::vector<ActivityReader::Actor>> ActivityReader::actors(
    std::span<const store::Profile> profiles) {
  std::vector<store::RecordId> ids;
  for (const store::Profile& profile : profiles) {
    ids.insert(ids.end(), profile.members.begin(), profile.members.end());
  }
  sort_once(ids);
  RONDOM_TRY(load_names());
  RONDOM_TRY_ASSIGN(const auto members, store_.records(ids));
  std::vector<Actor> actors, identifiers;
  for (std::uint32_t i = 0; i < profiles.size(); ++i) {
    for (const store::RecordId id : profiles[i].members) {
      const store::StoredRecord* member = record_in(members, id);
      if (member == nullptr || !member->live) continue;
      actors.push_back({identifier_hash(record_namespace, names_.of(*member)), i});
      for_each_identifier(member->canonical,
                          [&](std::string_view name_space, std::string_view value) {
                            identifiers.push_back({identifier_hash(name_space, value), i});
                          });
    }
  }
  sort_once(identifiers);
  RONDOM_TRY(keep_own(profiles, identifiers));
  actors.insert(actors.end(), identifiers.begin(), identifiers.end());
  sort_once(actors);
  return actors;
}

Activities ActivityReader::sorted_out(std::span<const FoundActivity> newest_first, bool complete) {
  Activities out;
  out.complete = complete;
  const bool named = wanted_names_ == Names::read;
  std::vector<const FoundActivity*> orders, opportunities;
  for (const FoundActivity& one : newest_first) {
    if (!counts(one, out)) continue;
    if (one.entity == Entity::order) {
      orders.push_back(&one);
    } else if (one.entity == Entity::opportunity) {
      opportunities.push_back(&one);
    }
    for (std::size_t i = 0; i < activity_lists_count; ++i) {
      if (activity_lists()[i].entity != one.entity || is_told_once(one.entity)) continue;
      Activity& activity = out.lists[i].emplace_back();
      if (named) activity.records.push_back(names_.of(one.stream, one.key));
      activity.canonical = one.canonical;
    }
  }
  for (std::size_t i = 0; i < activity_lists_count; ++i) {
    const Entity entity = activity_lists()[i].entity;
    if (entity == Entity::order) out.lists[i] = each_once(orders, merge::orders_of);
    if (entity == Entity::opportunity) {
      out.lists[i] = each_once(opportunities, merge::opportunities_of);
    }
  }
  return out;
}

/// What several systems tell of, once.
std::vector<Activity> ActivityReader::each_once(const std::vector<const FoundActivity*>& found,
                                                decltype(merge::orders_of)& sorted_out) {
  const bool named = wanted_names_ == Names::read;
  const bool apart = are_apart(found);
  std::vector<std::string> names(found.size());
  std::vector<merge::OrderRecord> told;
  told.reserve(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const FoundActivity& one = *found[i];
    if (named || !apart) names[i] = names_.unique_of(one.stream, one.key, one.source_key);
    told.push_back({{names[i], names_.source_of(one.stream), one.observed_at, one.canonical},
                    names_.source_and_stream_of(one.stream),
                    one.key});
  }
  std::vector<merge::Order> orders(apart ? found.size() : 0);
  for (std::uint32_t i = 0; i < orders.size(); ++i) orders[i].records = {i};
  if (!apart) orders = sorted_out(rules_, told);
  RecordBuilder builder;
  std::vector<Activity> out;
  out.reserve(orders.size());
  for (const merge::Order& one : orders) {
    Activity& activity = out.emplace_back();
    for (std::size_t i = 0; named && i < one.records.size(); ++i) {
      activity.records.emplace_back(RecordNames::visible(names[one.records[i]]));
    }
    // What is computed with leaves out by itself what a record leaves empty.
    activity.canonical = apart && !named ? found[one.records.front()]->canonical
                                         : merge::values_of(one, told, builder);
  }
  return out;
}

Status ActivityReader::read_part(std::span<const store::Profile> profiles,
                                 std::span<Activities> out) {
  if (profiles.empty()) return {};
  RONDOM_TRY_ASSIGN(const auto actors, this->actors(profiles));
  std::vector<std::uint64_t> hashes;
  for (const Actor& one : actors) hashes.push_back(one.hash);
  sort_once(hashes);
  const bool alone = profiles.size() == 1;
  const std::size_t count_max = alone ? activities_read_max : activities_batch_max;
  RONDOM_TRY_ASSIGN(const auto records, store_.activities(hashes, count_max));
  if (!alone && records.size() == count_max) {
    const std::size_t half = profiles.size() / 2;
    RONDOM_TRY(read_part(profiles.first(half), out.first(half)));
    return read_part(profiles.subspan(half), out.subspan(half));
  }
  std::vector<std::vector<FoundActivity>> by_profile(profiles.size());
  std::vector<std::size_t> counts(profiles.size(), 0);  // also of those that are gone
  for (const store::StoredRecord& record : records) {
    const ActivityHead said = activity_head_of(record.canonical);
    const auto at = parse_time(said.at);
    const std::uint64_t by = said.actor;
    auto actor = std::lower_bound(actors.begin(), actors.end(), Actor{by, 0});
    for (; actor != actors.end() && actor->hash == by; ++actor) {
      if (++counts[actor->profile] > activities_read_max || !record.live) continue;
      by_profile[actor->profile].push_back({record.id, record.stream, record.entity,
                                            record.observed_at, at.ok() ? *at : no_time, record.key,
                                            record.source_key, record.canonical});
    }
  }
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    out[i] = sorted_out(by_profile[i], counts[i] < activities_read_max);
  }
  return {};
}

Status ActivityReader::load_names() {
  if (!names_known_) RONDOM_TRY(names_.load(store_));
  names_known_ = true;
  return {};
}

Status ActivityReader::read_all(std::span<const store::Profile> profiles,
                                std::span<Activities> out) {
  constexpr std::size_t profiles_per_read = 500;
  for (std::size_t at = 0; at < profiles.size(); at += profiles_per_read) {
    const std::size_t count = std::min(profiles_per_read, profiles.size() - at);
    RONDOM_TRY(read_part(profiles.subspan(at, count), out.subspan(at, count)));
  }
  return {};
}

Result<std::vector<Activities>> ActivityReader::read(std::span<const store::Profile> profiles,
                                                     const ActivitySweep* sweep, Names names) {
  RONDOM_TRY(load_names());
  wanted_names_ = names;
  std::vector<Activities> out(profiles.size());
  if (sweep == nullptr) {
    RONDOM_TRY(read_all(profiles, out));
    return out;
  }
  RONDOM_TRY_ASSIGN(const auto found, sweep->of(profiles, buffer_));
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    const std::span<const FoundActivity> all = found[i].activities;
    if (found[i].known && all.size() < activities_read_max) {
      out[i] = sorted_out(all, true);
    } else {
      RONDOM_TRY(read_all(profiles.subspan(i, 1), std::span(out).subspan(i, 1)));
    }
  }
  return out;
}

}  // namespace rondom::engine
