#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>
#include <unordered_map>

#include "engine/explanation.h"
#include "engine/record_names.h"
#include "engine/units.h"
#include "expression/zone.h"
#include "pipeline/resolve/probabilistic/score.h"
#include "pipeline/resolve/resolve.h"

namespace rondom::engine {

namespace {

constexpr std::size_t links_shown_max = 50;
constexpr std::size_t losers_shown_max = 3;
constexpr std::string_view likeness_link = "likeness";
constexpr std::string_view too_unlike = "not enough to join them: rondom review list";

/// "99.7 %": how likely two records with this evidence are one.
std::string percent(probabilistic::Millibits bits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", 100 * probabilistic::probability(bits));
  return text;
}

using Link = Explanation::Link;

std::string title_of(const store::Profile& profile) {
  const auto value = [&](AttributeId id) { return first_value(profile.values, id); };
  std::string title;
  for (const AttributeId part : {attribute::name_given, attribute::name_surname_prefix,
                                 attribute::name_surname, attribute::organization_name}) {
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
  if (name_space == likeness_link) return "alike,";
  if (name_space == resolve::decision_edge) return "somebody said so";
  return "same " + std::string(name_space);
}

}  // namespace

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
Status add_likeness(store::Store& store, const std::vector<resolve::Candidate>& candidates,
                    Explanation& out) {
  const std::set<store::RecordId> mine(out.profile.members.begin(), out.profile.members.end());
  std::unordered_map<store::RecordId, std::string> names;
  for (const resolve::Candidate& candidate : candidates) {
    names.emplace(candidate.id, RecordNames::visible(candidate.name));
  }
  RONDOM_TRY_ASSIGN(const auto pairs, store.alike(out.profile.members));
  std::vector<store::RecordId> strangers;
  for (const store::Alike& pair : pairs) {
    for (const store::RecordId id : {pair.a, pair.b}) {
      if (names.count(id) == 0) strangers.push_back(id);
    }
  }
  std::sort(strangers.begin(), strangers.end());
  RONDOM_TRY_ASSIGN(const auto records, store.records(strangers));
  for (const store::StoredRecord& record : records) {
    names.emplace(record.id, out.replay->streams.of(record));
  }
  for (const store::Alike& pair : pairs) {
    const bool a = mine.count(pair.a) != 0, b = mine.count(pair.b) != 0;
    Link link{names[pair.a], names[pair.b], std::string(likeness_link), percent(pair.bits), {}};
    if (pair.joined && a && b) {
      out.joined.push_back(std::move(link));
    } else if (!pair.joined && a != b) {
      if (b) std::swap(link.from, link.to);
      link.refused = pair.reason.empty() ? std::string(too_unlike) : pair.reason;
      out.apart.push_back(std::move(link));
    }
  }
  return {};
}

Status replay_identity(const UnifyJob& job, store::Store& store, Explanation& out) {
  Explanation::Replay& replay = *out.replay;
  RONDOM_TRY_ASSIGN(const auto generic, store.generic_identifiers());
  std::vector<std::uint64_t> hashes;
  for (const auto& one : generic) hashes.push_back(one.identifier);
  std::sort(hashes.begin(), hashes.end());
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
    Link link{std::string(RecordNames::visible(candidates[edge.a].name)),
              std::string(RecordNames::visible(candidates[edge.b].name)), edge.name_space,
              edge.value, edge.refused};
    if (a && b && edge.refused.empty())
      out.joined.push_back(std::move(link));
    else if (a != b) {
      if (b) std::swap(link.from, link.to);
      out.apart.push_back(std::move(link));
    }
  }
  RONDOM_TRY(add_likeness(store, candidates, out));
  const auto by_name = [](const auto& x, const auto& y) { return x.name < y.name; };
  std::sort(out.members.begin(), out.members.end(), by_name);
  std::sort(replay.members.begin(), replay.members.end(), by_name);
  for (auto& member : out.members) member.name = RecordNames::visible(member.name);
  return {};
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

void append_text(std::string& out, const Explanation& e, const config::Project& project) {
  const auto pad = [](std::string text, std::size_t width) {
    std::size_t shown = 0;
    for (const char c : text) shown += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    if (shown < width) text.append(width - shown, ' ');
    return text;
  };
  out += e.title + " · " + to_text(e.profile.uid) + " · " + std::to_string(e.members.size()) +
         (e.members.size() == 1 ? " record" : " records") + " from " + std::to_string(e.sources) +
         (e.sources == 1 ? " source\n" : " sources\n");
  if (e.stale) {
    out += "STALE         today's rules decide otherwise; the next run changes it\n";
    for (const Explanation::Change& change : e.will_change) {
      out += " will change   " + pad(change.attribute, 22) + " ";
      for (const std::string& value : change.gone) out += value + " ";
      out += change.gone.empty() ? "(nothing) → " : "→ ";
      for (std::size_t i = 0; i < change.added.size(); ++i)
        out += (i > 0 ? " " : "") + change.added[i];
      out += change.added.empty() ? "(nothing)\n" : "\n";
    }
  }
  out += e.profile.entity == Entity::person ? "WHY ONE PERSON\n" : "WHY ONE ORGANIZATION\n";
  if (e.members.size() == 1) out += " " + e.members.front().name + "   the only record\n";
  for (const Explanation::NewOwner& owner : e.new_owners) {
    out += " " + owner.name +
           " was somebody else's before: two of surname, birth date and e-mail changed" +
           " at once, so it left that person's profile\n";
    if (owner.to_review) {
      out += " nothing is sent of this profile until: rondom review accept " + owner.name + "\n";
    }
  }
  for (std::size_t i = 0; i < e.joined.size() && i < links_shown_max; ++i) {
    const Link& link = e.joined[i];
    out += " " + link.from + " ─ " + reason_word(link.name_space) + " " + link.value + " ─ " +
           link.to + "\n";
  }
  for (std::size_t i = 0; i < e.apart.size() && i < links_shown_max; ++i) {
    const Link& link = e.apart[i];
    out += " kept apart: " + link.to + ", " + reason_word(link.name_space) + " as " + link.from +
           " but " + (link.refused.empty() ? "joined to somebody else" : link.refused) + "\n";
  }
  out += "WHY THESE VALUES\n";
  for (const merge::Choice& choice : e.choices) {
    out += " " + pad(attribute_label(choice.winner), 22) + " " +
           pad(std::string(choice.winner.value), 28) + " " +
           pad(e.members[choice.member].name, 26) + " " + choice.rule;
    if (choice.rule_at.file != nullptr) {
      out += " (" + *choice.rule_at.file + ":" + std::to_string(choice.rule_at.line) + ")";
    }
    std::size_t shown = 0;
    std::set<std::string_view> seen{choice.winner.value};
    for (const auto& loser : choice.losers) {
      if (!seen.insert(loser.cell.value).second) continue;
      if (++shown > losers_shown_max) break;
      out += shown == 1 ? "   over " : ", ";
      out += "\"" + std::string(loser.cell.value) + "\" (" + e.members[loser.member].name +
             (loser.stale ? ", stale)" : ")");
    }
    if (is_stale(choice, e)) {
      out += "   stale: last seen " + format_date(e.members[choice.member].observed_at);
    }
    out += '\n';
    if (choice.winner.raw.data() != nullptr && !choice.winner.raw.empty() &&
        choice.winner.raw != choice.winner.value) {
      out += std::string(24, ' ') + "raw \"" + std::string(choice.winner.raw) + "\", " +
             rule_text(choice.winner.rule) + "\n";
    }
  }
  for (const auto& permission : e.permissions) {
    out += "MAY WE USE IT FOR " + permission.purpose + "?  ";
    if (permission.permission.allowed) {
      out += "yes";
      for (const std::string& contact : permission.permission.contacts) out += ", " + contact;
      if (!permission.permission.decided_by.empty()) out += ": " + permission.permission.decided_by;
    } else {
      out += "no: " + permission.permission.reason;
      if (!permission.permission.decided_by.empty())
        out += " (" + permission.permission.decided_by + ")";
    }
    out += '\n';
  }
  if (e.sent.empty()) {
    out += "SENT TO       nobody\n";
  }
  for (const auto& sent : e.sent) {
    static constexpr const char* states[] = {
        "", "acknowledged", "in flight", "unknown, parked", "will be tried again", "dead letter"};
    const bool taken_out = was_taken_out(sent.delivery);
    out += "SENT TO       " + sent.destination + " · " +
           (taken_out ? "taken out again" : states[static_cast<std::size_t>(sent.delivery.state)]);
    if (!sent.delivery.remote_id.empty()) {
      out += (taken_out ? " · was there as " : " · there ") + sent.delivery.remote_id;
    }
    if (!taken_out && !sent.delivery.consent.empty()) {
      out += " · permitted by " + sent.delivery.consent;
    }
    out += '\n';
  }
  (void)project;
}

void append_links(std::string& out, const std::vector<Link>& links) {
  out += '[';
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (i > 0) out += ',';
    const std::pair<const char*, const std::string*> fields[] = {
        {"from", &links[i].from},
        {"to", &links[i].to},
        {"namespace", &links[i].name_space},
        {"value", &links[i].value},
        {"refused", &links[i].refused}};
    out += '{';
    bool first = true;
    for (const auto& [name, value] : fields) {
      if (value->empty()) continue;
      if (!first) out += ',';
      first = false;
      append_json_string(out, name);
      out += ':';
      append_json_string(out, *value);
    }
    out += '}';
  }
  out += ']';
}

void append_list(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, texts[i]);
  }
  out += ']';
}

void append_cell_json(std::string& out, const Cell& cell, const std::string& record) {
  out += "{\"attribute\":";
  append_json_string(out, attribute_label(cell));
  if (cell.group != 0) out += ",\"element\":" + std::to_string(cell.group);
  out += ",\"value\":";
  append_json_string(out, cell.value);
  if (!cell.raw.empty()) {
    out += ",\"raw\":";
    append_json_string(out, cell.raw);
    out += ",\"cleaned_by\":";
    append_json_string(out, rule_text(cell.rule));
  }
  out += ",\"record\":";
  append_json_string(out, record);
}

void append_json(std::string& out, const Explanation& e) {
  out += "{\"profile\":";
  append_json_string(out, to_text(e.profile.uid));
  out += ",\"title\":";
  append_json_string(out, e.title);
  out += std::string(",\"stale\":") + (e.stale ? "true" : "false") + ",\"members\":[";
  for (std::size_t i = 0; i < e.members.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, e.members[i].name);
  }
  out += "],\"will_change\":[";
  for (std::size_t i = 0; i < e.will_change.size(); ++i) {
    out += i > 0 ? ",{\"attribute\":" : "{\"attribute\":";
    append_json_string(out, e.will_change[i].attribute);
    out += ",\"gone\":";
    append_list(out, e.will_change[i].gone);
    out += ",\"added\":";
    append_list(out, e.will_change[i].added);
    out += '}';
  }
  out += "],\"new_owners\":";
  std::vector<std::string> owner_names, to_review;
  for (const Explanation::NewOwner& owner : e.new_owners) {
    owner_names.push_back(owner.name);
    if (owner.to_review) to_review.push_back(owner.name);
  }
  append_list(out, owner_names);
  out += ",\"to_review\":";
  append_list(out, to_review);
  out += ",\"joined\":";
  append_links(out, e.joined);
  out += ",\"kept_apart\":";
  append_links(out, e.apart);
  out += ",\"values\":[";
  for (std::size_t i = 0; i < e.choices.size(); ++i) {
    const merge::Choice& choice = e.choices[i];
    if (i > 0) out += ',';
    append_cell_json(out, choice.winner, e.members[choice.member].name);
    out += ",\"rule\":";
    append_json_string(out, choice.rule);
    if (choice.rule_at.file != nullptr) {
      out += ",\"rule_at\":";
      append_json_string(out, *choice.rule_at.file + ":" + std::to_string(choice.rule_at.line));
    }
    out += ",\"over\":[";
    for (std::size_t l = 0; l < choice.losers.size(); ++l) {
      if (l > 0) out += ',';
      append_cell_json(out, choice.losers[l].cell, e.members[choice.losers[l].member].name);
      out += choice.losers[l].stale ? ",\"stale\":true}" : "}";
    }
    out += is_stale(choice, e) ? "],\"stale\":true}" : "]}";
  }
  out += "],\"permissions\":[";
  for (std::size_t i = 0; i < e.permissions.size(); ++i) {
    const auto& [purpose, permission] = e.permissions[i];
    out += i > 0 ? ",{\"purpose\":" : "{\"purpose\":";
    append_json_string(out, purpose);
    out += std::string(",\"allowed\":") + (permission.allowed ? "true" : "false") + ",\"reason\":";
    append_json_string(out, permission.reason);
    out += ",\"decided_by\":";
    append_json_string(out, permission.decided_by);
    out += '}';
  }
  out += "],\"sent\":[";
  for (std::size_t i = 0; i < e.sent.size(); ++i) {
    out += i > 0 ? ",{\"destination\":" : "{\"destination\":";
    append_json_string(out, e.sent[i].destination);
    out += ",\"remote_id\":";
    append_json_string(out, e.sent[i].delivery.remote_id);
    static constexpr const char* states[] = {"",        "acknowledged", "in_flight",
                                             "unknown", "retry",        "dead_letter"};
    out += ",\"state\":";
    append_json_string(out, was_taken_out(e.sent[i].delivery)
                                ? "taken_out"
                                : states[static_cast<std::size_t>(e.sent[i].delivery.state)]);
    out += '}';
  }
  out += "]}";
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

  for (const config::Purpose& purpose : project.purposes) {
    const std::span<const store::Profile> one(&out.profile, 1);
    RONDOM_TRY_ASSIGN(auto permissions, activate::permissions(store, purpose, as_of, one));
    tell_local_date(permissions.front(), project.defaults.time_zone);
    out.permissions.push_back({purpose.name, std::move(permissions.front())});
  }
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

Result<std::string> explain(Engine& engine, store::ProfileId id, bool json, Timestamp as_of) {
  const config::Project& project = engine.project();
  RONDOM_TRY_ASSIGN(const Explanation explained,
                    explain_profile(project, engine.store(), id, as_of));
  std::string text;
  if (json)
    append_json(text, explained);
  else
    append_text(text, explained, project);
  return text;
}

}  // namespace rondom::engine
