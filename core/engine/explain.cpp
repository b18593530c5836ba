#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>
#include <unordered_map>

#include "engine/explanation.h"
#include "engine/identity.h"
#include "engine/record_names.h"
#include "engine/units.h"
#include "expression/zone.h"
#include "pipeline/resolve/probabilistic/score.h"
#include "pipeline/resolve/resolve.h"

namespace rondom::engine {

namespace {

constexpr std::string_view too_unlike = "not enough to join them: rondom review list";

/// "99.7 %": how likely two records with this evidence are one.
std::string percent(probabilistic::Millibits bits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", 100 * probabilistic::probability(bits));
  return text;
}

using Link = Explanation::Link;

}  // namespace

std::string title_of(const store::Profile& profile) {
  const auto value = [&](AttributeId id) { return first_value(profile.values, id); };
  std::string title;
  const AttributeId first =
      value(attribute::name_given).empty() ? attribute::name_initials : attribute::name_given;
  for (const AttributeId part : {first, attribute::name_surname_prefix, attribute::name_surname,
                                 attribute::organization_name}) {
    if (value(part).empty()) continue;
    title += (title.empty() ? "" : " ") + std::string(value(part));
  }
  if (title.empty()) title = value(attribute::name_full);
  if (title.empty()) title = value(attribute::email_value);
  return title.empty() ? profile.label : title;
}

std::string reason_word(std::string_view name_space) {
  if (name_space == "email") return "same e-mail";
  if (name_space == "phone") return "same phone";
  if (name_space == likeness_link) return "alike";
  if (name_space == resolve::decision_edge) return "somebody said so";
  return "same " + std::string(name_space);
}

std::string likeness_words(const Explanation::Link& link) {
  const std::string fields = link.evidence.has_value() ? strongest_fields(*link.evidence) : "";
  return "alike" + (fields.empty() ? "" : " in " + fields) + ", " + link.value;
}

/// On the day of the question, which the merge itself does not look at.
bool is_stale(const merge::Choice& choice, const Explanation& e) {
  const Timestamp observed_at = e.members[choice.member].observed_at;
  return choice.stale_after != 0 && observed_at != no_time &&
         observed_at < e.as_of - choice.stale_after;
}

/// What was acknowledged last took everything out again: left, unsubscribed or deleted.
bool was_taken_out(const store::Delivery& delivery) {
  return delivery.state == store::DeliveryState::acknowledged && delivery.fields.empty() &&
         delivery.action.empty();
}

std::string attribute_label(const Cell& cell) {
  if (cell.attribute == attribute::custom) return "custom." + std::string(cell.name);
  if (cell.attribute == attribute::identifier) return "identifier." + std::string(cell.name);
  const AttributeInfo* info = attribute_by_id(cell.attribute);
  return info == nullptr ? std::string("?") : std::string(info->name);
}

// The memory that merge's choices point into.
struct Explanation::Replay {
  RecordNames streams;
  UnitChunk chunk;
  std::vector<std::string> names;
  std::vector<merge::Member> members;
  Arena arena;
  RecordBuilder builder;
};

Explanation::Explanation() : replay(std::make_unique<Replay>()) {}
Explanation::~Explanation() = default;
Explanation::Explanation(Explanation&&) noexcept = default;
Explanation& Explanation::operator=(Explanation&&) noexcept = default;

namespace {

// What today's rules would make different, by attribute.
std::vector<Explanation::Change> differences(std::string_view stored, std::string_view today) {
  using Said = std::map<std::string, std::vector<std::string>>;
  const auto said = [](std::string_view bytes) {
    Said values;
    RecordReader reader(bytes);
    Cell cell;
    while (reader.next(cell)) values[attribute_label(cell)].emplace_back(cell.value);
    for (auto& [label, list] : values) std::sort(list.begin(), list.end());
    return values;
  };
  Said before = said(stored), after = said(today);
  std::vector<Explanation::Change> changes;
  for (const auto& [label, list] : after) before.try_emplace(label);
  for (auto& [label, old] : before) {
    const std::vector<std::string>& now = after[label];
    Explanation::Change change{label, {}, {}};
    std::set_difference(old.begin(), old.end(), now.begin(), now.end(),
                        std::back_inserter(change.gone));
    std::set_difference(now.begin(), now.end(), old.begin(), old.end(),
                        std::back_inserter(change.added));
    if (!change.gone.empty() || !change.added.empty()) changes.push_back(std::move(change));
  }
  return changes;
}

/// What decided, with the date that it was where the project is.
void tell_local_date(activate::Permission& permission, const std::string& time_zone) {
  const auto zone = expression::open_zone(time_zone);
  if (permission.decided_at == no_time || zone == nullptr) return;
  const std::string utc = format_date(permission.decided_at);
  const std::size_t at = permission.decided_by.find(utc);
  if (at == std::string::npos) return;
  permission.decided_by.replace(at, utc.size(), format_date(zone->local_of(permission.decided_at)));
}

/// What layer 2 found of the members: why they are one, and who may be one with them.
Status add_likeness(const UnifyJob& job, store::Store& store,
                    std::span<const std::uint64_t> generic,
                    std::vector<resolve::Candidate> candidates, Explanation& out) {
  RONDOM_TRY_ASSIGN(const auto pairs, store.alike(out.profile.members));
  if (pairs.empty()) return {};
  std::set<store::RecordId> known;
  for (const resolve::Candidate& candidate : candidates) known.insert(candidate.id);
  std::set<store::RecordId> unknown;
  for (const store::Alike& pair : pairs) {
    for (const store::RecordId id : {pair.a, pair.b}) {
      if (known.count(id) == 0) unknown.insert(id);
    }
  }
  const std::vector<store::RecordId> strangers(unknown.begin(), unknown.end());
  RONDOM_TRY_ASSIGN(const auto records, store.records(strangers));
  std::vector<std::string> stranger_names;
  stranger_names.reserve(records.size());
  for (const store::StoredRecord& record : records) {
    stranger_names.push_back(out.replay->streams.unique_of(record));
    candidates.push_back({record.id, record.entity, stranger_names.back(),
                          out.replay->streams.source_and_stream_of(record), record.canonical});
  }
  std::erase_if(candidates, [&](const resolve::Candidate& candidate) {
    return candidate.entity != out.profile.entity;
  });
  std::unordered_map<store::RecordId, std::string> names;
  for (const resolve::Candidate& candidate : candidates) {
    names.emplace(candidate.id, RecordNames::visible(candidate.name));
  }
  // Without a model there are no details; that the run joined them, and how sure it was, is on
  // record.
  std::optional<SideBySide> details;
  auto model = IdentityRecords::load_model(*job.project, out.profile.entity, "");
  if (model.ok()) {
    RONDOM_TRY_ASSIGN(const std::int64_t among, records_to_compare(store, out.profile.entity));
    details.emplace(*job.identity, std::move(*model), std::move(candidates), among, generic);
  }
  const std::set<store::RecordId> mine(out.profile.members.begin(), out.profile.members.end());
  for (const store::Alike& pair : pairs) {
    const bool a = mine.count(pair.a) != 0, b = mine.count(pair.b) != 0;
    const bool within = pair.joined && a && b;
    if ((!within && (pair.joined || a == b)) || names.count(pair.a) + names.count(pair.b) < 2) {
      continue;
    }
    Link link;
    link.from = names[pair.a];
    link.to = names[pair.b];
    link.name_space = likeness_link;
    link.value = percent(pair.bits);
    link.decided = pair.bits;
    if (details.has_value()) link.evidence = details->of(pair.a, pair.b);
    if (!within) {
      if (b) std::swap(link.from, link.to);
      link.refused = pair.reason.empty() ? std::string(too_unlike) : pair.reason;
    }
    (within ? out.joined : out.apart).push_back(std::move(link));
  }
  return {};
}

/// Puts what holds the members together before what only says the same once more, and marks the
/// weakest of it. What somebody said is stronger than identifiers, which come by their priority,
/// and those than likeness.
void order_links(std::vector<Link>& joined) {
  const auto strength = [](const Link& link) {
    if (link.name_space == resolve::decision_edge) return std::pair(0, 0);
    if (link.name_space != likeness_link) return std::pair(1, 0);
    return std::pair(2, -link.decided);
  };
  std::stable_sort(joined.begin(), joined.end(),
                   [&](const Link& x, const Link& y) { return strength(x) < strength(y); });
  std::map<std::string, std::string> parent;
  const auto root_of = [&](std::string name) {
    for (auto at = parent.find(name); at != parent.end(); at = parent.find(name)) name = at->second;
    return name;
  };
  std::size_t holding = 0;
  for (Link& link : joined) {
    const std::string one = root_of(link.from), other = root_of(link.to);
    link.further = one == other;
    if (link.further) continue;
    parent[other] = one;
    ++holding;
  }
  std::stable_partition(joined.begin(), joined.end(),
                        [](const Link& link) { return !link.further; });
  if (holding > 1) joined[holding - 1].weakest = true;
}

Status replay_identity(const UnifyJob& job, store::Store& store, Explanation& out) {
  Explanation::Replay& replay = *out.replay;
  RONDOM_TRY_ASSIGN(const auto hashes, generic_hashes(store));
  RONDOM_TRY_ASSIGN(replay.chunk, units_around(job, store, out.profile.members, hashes));
  RecordNames& names = replay.streams;
  RONDOM_TRY(names.load(store));
  std::vector<resolve::Candidate> candidates;
  std::vector<const store::StoredRecord*> records;
  replay.names.reserve(replay.chunk.records.size());
  for (const store::StoredRecord& record : replay.chunk.records) {
    replay.names.push_back(names.unique_of(record));
    if (!record.live) continue;
    candidates.push_back({record.id, record.entity, replay.names.back(),
                          names.source_and_stream_of(record), record.canonical});
    records.push_back(&record);
  }
  const Ties& ties = replay.chunk.ties;
  resolve::Solution solution =
      resolve::solve(*job.identity, candidates, true, hashes, ties.decisions);
  resolve::join_pairs(candidates, ties.alike, solution);

  const std::set<store::RecordId> mine(out.profile.members.begin(), out.profile.members.end());
  std::set<std::uint32_t> clusters;
  std::set<std::string> sources;
  std::vector<store::RecordId> now;
  for (std::uint32_t i = 0; i < candidates.size(); ++i) {
    if (mine.count(candidates[i].id) != 0) clusters.insert(solution.cluster[i]);
  }
  for (std::uint32_t i = 0; i < candidates.size(); ++i) {
    if (clusters.count(solution.cluster[i]) != 0) now.push_back(candidates[i].id);
    if (mine.count(candidates[i].id) == 0) continue;
    sources.insert(names.source_of(*records[i]));
    out.members.push_back({std::string(candidates[i].name), records[i]->observed_at});
    replay.members.push_back({candidates[i].name, names.source_of(*records[i]),
                              records[i]->observed_at, candidates[i].canonical});
  }
  out.sources = sources.size();
  std::sort(now.begin(), now.end());
  out.stale = clusters.size() > 1 || now != out.profile.members;
  for (const resolve::Edge& edge : solution.edges) {
    const bool a = mine.count(candidates[edge.a].id) != 0;
    const bool b = mine.count(candidates[edge.b].id) != 0;
    if (!a && !b) continue;
    Link link;
    link.from = RecordNames::visible(candidates[edge.a].name);
    link.to = RecordNames::visible(candidates[edge.b].name);
    link.name_space = edge.name_space;
    link.value = edge.value;
    link.refused = edge.refused;
    if (a && b && edge.refused.empty())
      out.joined.push_back(std::move(link));
    else if (a != b) {
      if (b) std::swap(link.from, link.to);
      out.apart.push_back(std::move(link));
    }
  }
  RONDOM_TRY(add_likeness(job, store, hashes, candidates, out));
  order_links(out.joined);
  const auto by_name = [](const auto& x, const auto& y) { return x.name < y.name; };
  std::sort(out.members.begin(), out.members.end(), by_name);
  std::sort(replay.members.begin(), replay.members.end(), by_name);
  for (auto& member : out.members) member.name = RecordNames::visible(member.name);
  return {};
}

/// Connections to which something else applies than to the others: a suppression may name one.
Status add_closed_destinations(const config::Project& project, store::Store& store, Timestamp as_of,
                               Explanation& out) {
  std::vector<std::pair<std::string, std::string>> told;  // purpose and connection
  for (const config::Job& job : project.jobs) {
    if (!job.destination.has_value()) continue;
    const config::Purpose* purpose = project.purpose(job.destination->purpose);
    std::pair<std::string, std::string> one{job.destination->purpose, job.connection};
    if (purpose == nullptr || std::find(told.begin(), told.end(), one) != told.end()) continue;
    told.push_back(std::move(one));
    const std::span<const store::Profile> whose(&out.profile, 1);
    RONDOM_TRY_ASSIGN(auto here,
                      activate::permissions(store, *purpose, as_of, whose, job.connection));
    tell_local_date(here.front(), project.defaults.time_zone);
    const auto general =
        std::find_if(out.permissions.begin(), out.permissions.end(), [&](const auto& known) {
          return known.purpose == purpose->name && known.destination.empty();
        });
    if (general == out.permissions.end()) continue;
    const activate::Permission& other = general->permission;
    if (here.front().reason == other.reason && here.front().contacts == other.contacts) continue;
    out.permissions.push_back({purpose->name, std::move(here.front()), job.connection});
  }
  return {};
}

}  // namespace

Result<Explanation> explain_profile(const config::Project& project, store::Store& store,
                                    store::ProfileId id, Timestamp as_of) {
  Explanation out;
  const std::vector<store::ProfileId> wanted{id};
  RONDOM_TRY_ASSIGN(auto profiles, store.profiles(wanted));
  if (profiles.empty()) return Error{ErrorCode::failure, "no such profile"};
  out.as_of = as_of;
  out.profile = std::move(profiles.front());
  out.title = title_of(out.profile);

  config::Diagnostics diagnostics;
  const resolve::Rules identity(project.identity);
  const merge::Rules merge_rules(project, diagnostics);
  if (!diagnostics.empty()) return Error{ErrorCode::bad_config, diagnostics.render(project.root)};
  UnifyJob job;
  job.project = &project;
  job.identity = &identity;
  job.merge = &merge_rules;
  RONDOM_TRY(replay_identity(job, store, out));
  Explanation::Replay& replay = *out.replay;
  merge::merge(merge_rules, out.profile.entity, replay.members, replay.arena, replay.builder,
               &out.choices);
  if (hash64(replay.builder.bytes()) != out.profile.content_hash) {
    out.stale = true;
    out.will_change = differences(out.profile.values, replay.builder.bytes());
  }
  std::vector<store::RecordId> members = out.profile.members;
  RONDOM_TRY_ASSIGN(const auto owners, store.new_owners(members, store::Store::Since::ever));
  RONDOM_TRY_ASSIGN(const auto records, store.records(owners));
  for (const store::StoredRecord& record : records) {
    RONDOM_TRY_ASSIGN(const auto next, store.owners_to_review(record.id - 1, 1));
    out.new_owners.push_back({std::string(RecordNames::visible(replay.streams.unique_of(record))),
                              !next.empty() && next.front() == record.id});
  }

  RONDOM_TRY_ASSIGN(out.related, related_profiles(store, out.profile));

  for (const config::Purpose& purpose : project.purposes) {
    const std::span<const store::Profile> one(&out.profile, 1);
    RONDOM_TRY_ASSIGN(auto permissions, activate::permissions(store, purpose, as_of, one));
    tell_local_date(permissions.front(), project.defaults.time_zone);
    out.permissions.push_back({purpose.name, std::move(permissions.front())});
  }
  RONDOM_TRY(add_closed_destinations(project, store, as_of, out));
  for (const config::Job& destination : project.jobs) {
    if (!destination.destination.has_value()) continue;
    for (const config::Delivery mode : {config::Delivery::send, config::Delivery::capture}) {
      RONDOM_TRY_ASSIGN(auto deliveries,
                        store.deliveries(activate::destination_name(destination, mode), wanted));
      for (store::Delivery& delivery : deliveries) {
        out.sent.push_back({destination.name + " → " + destination.connection +
                                (mode == config::Delivery::capture ? " (captured)" : ""),
                            std::move(delivery)});
      }
    }
  }
  return out;
}

}  // namespace rondom::engine
