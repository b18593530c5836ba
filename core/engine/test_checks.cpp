#include "engine/test_checks.h"

#include <algorithm>
#include <set>

#include "engine/deliver.h"
#include "engine/expected_value.h"
#include "expression/expression.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

constexpr std::size_t causes_shown_max = 8;

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return "[" + out + "]";
}

// One part of an item that differs.
struct Difference {
  std::string name, expected, actual;
  std::string because = {};  // the rule that gave it, if one did
};

// Every item of a list of expectations must find its own actual one, and none may be left over.
class ListCheck {
 public:
  using Fits = std::function<bool(const config::Node& expected, std::size_t actual)>;
  /// What differs between the two, and how many parts do not.
  using Compare = std::function<std::size_t(const config::Node& expected, std::size_t actual,
                                            std::vector<Difference>& differences)>;

  ListCheck(const config::ExpectedList& list, std::vector<std::string> actual, const Fits& fits)
      : list_(list), actual_(std::move(actual)), used_(actual_.size(), false) {
    partner_ = pair_up(list.items.size(), actual_.size(),
                       [&](std::size_t i, std::size_t j) { return fits(list.items[i], j); });
    for (const int one : partner_) {
      if (one >= 0) used_[static_cast<std::size_t>(one)] = true;
    }
  }

  /// An expectation without a partner is held against the most similar one that is left.
  void report(const std::string& what, const std::vector<std::vector<std::string>>& because,
              std::vector<TestFailure>& failures, const Compare& compare = {}) {
    const auto reason_of = [&](std::size_t at) {
      return at < because.size() ? because[at] : std::vector<std::string>();
    };
    for (std::size_t i = 0; i < partner_.size(); ++i) {
      if (partner_[i] >= 0) continue;
      const config::Node& expected = list_.items[i];
      std::vector<Difference> differences;
      const std::size_t other = most_similar(expected, compare, differences);
      if (other == actual_.size()) {
        failures.push_back({expected.at, what, shown(expected), "nothing like it", {}});
        continue;
      }
      used_[other] = true;
      if (differences.empty()) {
        failures.push_back({expected.at, what, shown(expected), actual_[other], reason_of(other)});
      }
      for (const Difference& one : differences) {
        std::vector<std::string> causes = reason_of(other);
        if (!one.because.empty()) causes.push_back(one.because);
        failures.push_back({expected.at, what + ": " + one.name + " of " + actual_[other],
                            one.expected, one.actual, std::move(causes)});
      }
    }
    for (std::size_t other = 0; other < actual_.size(); ++other) {
      if (used_[other]) continue;
      failures.push_back(
          {list_.at, what, "nothing more than is listed", actual_[other], reason_of(other)});
    }
  }

 private:
  std::size_t most_similar(const config::Node& expected, const Compare& compare,
                           std::vector<Difference>& differences) const {
    std::size_t best = actual_.size(), best_score = 0;
    for (std::size_t i = 0; i < actual_.size(); ++i) {
      if (used_[i]) continue;
      std::vector<Difference> found;
      const std::size_t score = compare ? compare(expected, i, found) : 0;
      if (best != actual_.size() && score <= best_score) continue;
      best = i;
      best_score = score;
      differences = score > 0 ? found : std::vector<Difference>();
    }
    return best;
  }

  const config::ExpectedList& list_;
  std::vector<std::string> actual_;
  std::vector<bool> used_;
  std::vector<int> partner_;
};

class Checks {
 public:
  Checks(const TestWorld& world, const config::Expectations& expect,
         std::vector<TestFailure>& failures)
      : world_(world), expect_(expect), failures_(failures) {}

  Status run() {
    check_refused();
    for (const config::ExpectedList& list : expect_.records) check_records(list);
    for (const config::ExpectedList& list : expect_.waiting) check_waiting(list);
    if (expect_.has_profiles) RONDOM_TRY(check_profiles());
    for (const config::ExpectedLink& link : expect_.links) RONDOM_TRY(check_link(link));
    for (const config::ExpectedList& list : expect_.permitted) RONDOM_TRY(check_permitted(list));
    for (const config::ExpectedWithholding& job : expect_.withheld) RONDOM_TRY(check_withheld(job));
    for (const config::ExpectedList& list : expect_.deliveries) check_deliveries(list);
    return {};
  }

 private:
  Value value_at(const Value& root, const std::string& path) {
    expression::Expression expression;
    expression::Problem problem;
    if (!expression::Expression::compile("." + path, expression, problem)) return {};
    expression::Scope scope;
    scope.current = root;
    scope.root = root;
    scope.as_of = world_.as_of;
    scope.country = world_.project->defaults.country;
    scope.time_zone = world_.project->defaults.time_zone;
    scope.arena = &arena_;
    auto value = expression.evaluate(scope);
    return value.ok() ? *value : Value();
  }

  void check_refused();
  void check_waiting(const config::ExpectedList& list);
  void check_records(const config::ExpectedList& list);
  /// The part of this name of the actual item at this place.
  using Part = std::function<Value(const std::string& name, std::size_t at)>;
  void report_maps(const config::ExpectedList& list, const std::string& what,
                   const std::vector<std::string>& actual,
                   const std::vector<std::vector<std::string>>& because, const Part& part,
                   const std::function<std::string(const std::string& name)>& rule = {});
  Status check_profiles();
  Status check_values(const config::ExpectedProfile& expected, const FoundProfile& found);
  Status explain_members(const config::ExpectedProfile& expected,
                         const std::vector<const FoundProfile*>& found,
                         std::vector<std::string>& because);
  std::string fate_of(const std::string& record) const;
  Status check_link(const config::ExpectedLink& link);
  Status check_permitted(const config::ExpectedList& list);
  Status check_withheld(const config::ExpectedWithholding& job);
  void check_deliveries(const config::ExpectedList& list);

  const TestWorld& world_;
  const config::Expectations& expect_;
  std::vector<TestFailure>& failures_;
  Arena arena_;
};

void Checks::check_refused() {
  std::map<std::string, std::vector<const store::QuarantineEntry*>> by_stream;
  for (const store::QuarantineEntry& entry : world_.refused) {
    by_stream[entry.source + "." + entry.stream].push_back(&entry);
  }
  for (const config::ExpectedList& list : expect_.quarantined) {
    const auto entries = by_stream[list.name];
    std::vector<std::string> actual;
    for (const auto* entry : entries) actual.push_back(entry->reason);
    by_stream.erase(list.name);
    ListCheck(list, actual, [&](const config::Node& words, std::size_t at) {
      return entries[at]->reason.find(words.text) != std::string::npos;
    }).report("records of " + list.name + " that are refused", {}, failures_);
  }
  for (const auto& [stream, entries] : by_stream) {
    for (const store::QuarantineEntry* entry : entries) {
      config::Location at;
      at.file = std::make_shared<const std::string>(entry->origin);
      at.line = static_cast<int>(entry->position);
      failures_.push_back({at,
                           entry->key.empty() ? "a record of " + stream : stream + "/" + entry->key,
                           "no refusal",
                           "quarantined: " + entry->reason,
                           {}});
    }
  }
}

void Checks::check_waiting(const config::ExpectedList& list) {
  std::vector<std::string> actual;
  std::vector<std::vector<std::string>> because;
  for (const store::WaitingReference& one : world_.waiting) {
    actual.push_back(one.to);
    because.push_back({one.name + " refers to it"});
  }
  ListCheck(list, actual, [&](const config::Node& expected, std::size_t at) {
    return expected.text == actual[at];
  }).report("references that wait", because, failures_);
}

void Checks::check_records(const config::ExpectedList& list) {
  static const std::vector<FoundRecord> none;
  const auto found = world_.records.find(list.name);
  const std::vector<FoundRecord>& records = found == world_.records.end() ? none : found->second;
  std::vector<Value> values;
  std::vector<std::string> actual;
  for (const FoundRecord& record : records) {
    values.push_back(segment::profile_value(record.canonical, record.entity, arena_));
    actual.push_back(std::string(to_text(record.entity)) + " " + record.key);
  }
  const auto part = [&](const std::string& name, std::size_t at) {
    if (name == "entity") return Value::text(to_text(records[at].entity));
    return name == "key" ? Value::text(records[at].key) : value_at(values[at], name);
  };
  report_maps(list, "records of " + list.name, actual, {}, part);
}

void Checks::report_maps(const config::ExpectedList& list, const std::string& what,
                         const std::vector<std::string>& actual,
                         const std::vector<std::vector<std::string>>& because, const Part& part,
                         const std::function<std::string(const std::string& name)>& rule) {
  const auto compare = [&](const config::Node& expected, std::size_t at,
                           std::vector<Difference>& differences) {
    std::size_t equal = 0;
    for (const auto& [name, value] : expected.members) {
      const Value found = part(name.text, at);
      if (matches(value, found)) {
        // The key says which one is meant, whatever else is alike.
        equal += name.text == "key" ? expected.members.size() : 1;
      } else {
        differences.push_back({name.text, shown(value), shown(found), rule ? rule(name.text) : ""});
      }
    }
    return equal;
  };
  const auto fits = [&](const config::Node& expected, std::size_t at) {
    std::vector<Difference> differences;
    compare(expected, at, differences);
    return differences.empty();
  };
  ListCheck(list, actual, fits).report(what, because, failures_, compare);
}

Status Checks::check_values(const config::ExpectedProfile& expected, const FoundProfile& found) {
  const Value profile = segment::profile_value(found.profile.values, found.profile.entity, arena_);
  std::optional<Explanation> explained;
  for (const config::ExpectedValue& one : expected.values) {
    const Value actual = value_at(profile, one.name);
    if (matches(one.expected, actual)) continue;
    if (!explained) {
      RONDOM_TRY_ASSIGN(explained, world_.explain(found));
    }
    std::vector<std::string> because = deciders_of(*explained, one.name);
    if (because.empty()) because.push_back("none of its records says anything about it");
    failures_.push_back({one.at, one.name + " of " + listed(expected.members), shown(one.expected),
                         shown(actual), std::move(because)});
  }
  return {};
}

std::string Checks::fate_of(const std::string& record) const {
  for (const store::QuarantineEntry& entry : world_.refused) {
    if (record_name(entry.source, entry.stream, entry.key) == record) {
      return record + " was quarantined: " + entry.reason;
    }
  }
  for (const auto& [stream, records] : world_.records) {
    for (const FoundRecord& one : records) {
      if (one.name == record) return record + " makes no profile: it is an activity";
    }
  }
  std::vector<std::string> known;
  for (const FoundProfile& found : world_.profiles) {
    known.insert(known.end(), found.members.begin(), found.members.end());
  }
  const auto near = did_you_mean(record, known);
  return "no record is called " + record +
         (near ? "; did you mean " + *near + "?" : ": it was not given, or `when` leaves it out");
}

// Why are these records not exactly one profile?
Status Checks::explain_members(const config::ExpectedProfile& expected,
                               const std::vector<const FoundProfile*>& found,
                               std::vector<std::string>& because) {
  const std::set<std::string> wanted(expected.members.begin(), expected.members.end());
  for (const std::string& record : expected.members) {
    if (world_.profile_of(record) == nullptr) because.push_back(fate_of(record));
  }
  bool any_link = false;
  for (const FoundProfile* one : found) {
    RONDOM_TRY_ASSIGN(const Explanation explained, world_.explain(*one));
    for (const Explanation::Link& link : explained.joined) {
      const bool extra = wanted.count(link.from) == 0 || wanted.count(link.to) == 0;
      if (extra && because.size() < causes_shown_max) because.push_back(sentence_of(world_, link));
    }
    for (const Explanation::Link& link : explained.apart) {
      const FoundProfile* other = world_.profile_of(link.to);
      if (std::find(found.begin(), found.end(), other) == found.end()) continue;
      any_link = true;
      // Both profiles know of it: it is told once.
      if (because.size() < causes_shown_max && link.from < link.to) {
        because.push_back(sentence_of(world_, link));
      }
    }
  }
  if (found.size() > 1 && !any_link) because.emplace_back("no identifier is shared between them");
  return {};
}

Status Checks::check_profiles() {
  std::set<const FoundProfile*> used;
  for (const config::ExpectedProfile& expected : expect_.profiles) {
    std::vector<const FoundProfile*> found;
    for (const std::string& record : expected.members) {
      const FoundProfile* one = world_.profile_of(record);
      if (one != nullptr && std::find(found.begin(), found.end(), one) == found.end()) {
        found.push_back(one);
      }
    }
    used.insert(found.begin(), found.end());
    if (found.size() == 1 && found.front()->members == expected.members) {
      RONDOM_TRY(check_values(expected, *found.front()));
      continue;
    }
    std::string actual;
    for (const FoundProfile* one : found)
      actual += (actual.empty() ? "" : " and ") + listed(one->members);
    TestFailure failure{expected.at,
                        "members of a profile",
                        listed(expected.members),
                        actual.empty() ? "no such profile" : actual,
                        {}};
    RONDOM_TRY(explain_members(expected, found, failure.because));
    failures_.push_back(std::move(failure));
  }
  for (const FoundProfile& found : world_.profiles) {
    if (used.count(&found) != 0) continue;
    failures_.push_back({expect_.profiles_at,
                         "profiles",
                         "nothing more than is listed",
                         "a profile of " + listed(found.members),
                         {}});
  }
  return {};
}

Status Checks::check_link(const config::ExpectedLink& link) {
  TestFailure failure;
  failure.at = link.at;
  failure.what = "link from " + link.from + " to " + link.to;
  failure.expected = (link.by.empty() ? "any identifier" : link.by) +
                     (link.is_refused ? ", refused: " + link.refused : ", joined");
  const FoundProfile* from = world_.profile_of(link.from);
  const FoundProfile* to = world_.profile_of(link.to);
  if (from == nullptr || to == nullptr) {
    failure.actual = fate_of(from == nullptr ? link.from : link.to);
    failures_.push_back(std::move(failure));
    return {};
  }
  RONDOM_TRY_ASSIGN(const Explanation explained, world_.explain(*from));
  std::vector<Explanation::Link> between;
  for (const auto* links : {&explained.joined, &explained.apart}) {
    for (const Explanation::Link& one : *links) {
      const bool same = (one.from == link.from && one.to == link.to) ||
                        (one.from == link.to && one.to == link.from);
      if (same) between.push_back(one);
    }
  }
  for (const Explanation::Link& one : between) {
    if (!link.by.empty() && one.name_space != link.by) continue;
    const bool holds = link.is_refused ? !one.refused.empty() &&
                                             one.refused.find(link.refused) != std::string::npos
                                       : one.refused.empty() && from == to;
    if (holds) return {};
  }
  for (const Explanation::Link& one : between) {
    failure.because.push_back(sentence_of(world_, one));
  }
  if (!between.empty()) {
    failure.actual = from == to ? "one profile" : "two profiles";
  } else {
    failure.actual = from == to ? "one profile, by way of other records" : "nothing shared";
  }
  failures_.push_back(std::move(failure));
  return {};
}

Status Checks::check_permitted(const config::ExpectedList& list) {
  const config::Purpose* purpose = world_.project->purpose(list.name);
  if (purpose == nullptr) return {};
  std::vector<store::Profile> profiles;
  for (const FoundProfile& found : world_.profiles) profiles.push_back(found.profile);
  RONDOM_TRY_ASSIGN(const auto permissions,
                    activate::permissions(*world_.store, *purpose, world_.as_of, profiles));
  std::vector<std::string> actual;
  std::vector<std::vector<std::string>> because;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < permissions.size(); ++i) {
    if (!permissions[i].allowed) continue;
    for (const std::string& contact : permissions[i].contacts) {
      if (!seen.insert(contact).second) continue;
      actual.push_back(contact);
      because.push_back({listed(world_.profiles[i].members) + ": " + permissions[i].decided_by});
    }
  }
  const std::size_t before = failures_.size();
  ListCheck(list, actual, [&](const config::Node& expected, std::size_t at) {
    return expected.text == actual[at];
  }).report("addresses permitted for " + list.name, because, failures_);
  for (std::size_t f = before; f < failures_.size(); ++f) {
    for (std::size_t i = 0; i < permissions.size(); ++i) {
      const auto& found = world_.profiles[i];
      const bool has = found.profile.values.find(failures_[f].expected) != std::string::npos;
      if (!has || permissions[i].allowed) continue;
      std::string why = listed(found.members) + ": " + permissions[i].reason;
      if (!permissions[i].decided_by.empty()) why += ", " + permissions[i].decided_by;
      failures_[f].because.push_back(std::move(why));
    }
  }
  return {};
}

Status Checks::check_withheld(const config::ExpectedWithholding& expected) {
  const config::Job* job = world_.project->job(expected.job);
  if (job == nullptr) return {};
  const std::string destination = activate::destination_name(
      *job, captures(*world_.project, *job) ? config::Delivery::capture : config::Delivery::send);
  std::map<std::string, std::vector<const FoundProfile*>> actual;
  std::size_t left = world_.profiles.size();
  store::ProfileId after = 0;
  while (left-- > 0) {
    RONDOM_TRY_ASSIGN(const auto one, world_.store->withheld(destination, after, 1));
    if (one.empty()) break;
    after = one.front().profile;
    for (const FoundProfile& found : world_.profiles) {
      if (found.profile.id == after) actual[one.front().reason].push_back(&found);
    }
  }
  const auto names_of = [](const std::vector<const FoundProfile*>& found) {
    std::vector<std::string> names;
    for (const FoundProfile* one : found) names.push_back(one->members.front());
    return names;
  };
  const auto elsewhere = [&](const std::string& reason) {
    std::vector<std::string> because;
    for (const auto& [other, found] : actual) {
      if (other != reason) because.push_back(other + ": " + listed(names_of(found)));
    }
    return because;
  };
  for (const config::ExpectedWithheld& one : expected.reasons) {
    const std::vector<const FoundProfile*> found = actual[one.reason];
    const std::string what = expected.job + " withholds for: " + one.reason;
    const auto because = elsewhere(one.reason);
    actual.erase(one.reason);
    if (one.is_count) {
      if (one.count == static_cast<std::int64_t>(found.size())) continue;
      failures_.push_back({one.at, what, std::to_string(one.count),
                           std::to_string(found.size()) + " " + listed(names_of(found)), because});
      continue;
    }
    std::set<const FoundProfile*> wanted;
    for (const std::string& member : one.members) wanted.insert(world_.profile_of(member));
    if (wanted == std::set<const FoundProfile*>(found.begin(), found.end())) continue;
    failures_.push_back({one.at, what, listed(one.members), listed(names_of(found)), because});
  }
  for (const auto& [reason, found] : actual) {
    if (found.empty()) continue;
    failures_.push_back({expected.at,
                         expected.job + " withholds for: " + reason,
                         "nobody",
                         std::to_string(found.size()) + " " + listed(names_of(found)),
                         {}});
  }
  return {};
}

void Checks::check_deliveries(const config::ExpectedList& list) {
  static const std::vector<CapturedWrite> none;
  const auto found = world_.sent.find(list.name);
  const std::vector<CapturedWrite>& writes = found == world_.sent.end() ? none : found->second;
  std::vector<Value> fields;
  std::vector<std::string> actual;
  std::vector<std::vector<std::string>> because;
  JsonReader reader;
  for (const CapturedWrite& write : writes) {
    auto parsed = reader.parse(write.json, arena_);
    fields.push_back(parsed.ok() ? *parsed : Value());
    actual.push_back(write.action + " " + shown(fields.back()));
    const FoundProfile* profile = world_.profile_with_uid(write.key);
    because.push_back({"the profile of " + (profile ? listed(profile->members) : write.key)});
  }
  const auto part = [&](const std::string& name, std::size_t at) {
    const Value* field = fields[at].is_object() ? fields[at].find(name) : nullptr;
    return field == nullptr ? Value() : *field;
  };
  const config::Job* job = world_.project->job(list.name);
  const auto rule = [&](const std::string& name) -> std::string {
    if (job == nullptr || !job->destination) return "";
    for (const auto& [field, value] : job->destination->map.members) {
      if (field.text == name) return name + ": " + shown(value) + " (" + place_of(field.at) + ")";
    }
    return "the map has no field " + name + " (" + place_of(job->destination->map.at) + ")";
  };
  report_maps(list, "deliveries of " + list.name, actual, because, part, rule);
}

}  // namespace

Status check_expectations(const TestWorld& world, const config::Expectations& expect,
                          std::vector<TestFailure>& failures) {
  return Checks(world, expect, failures).run();
}

}  // namespace rondom::engine
