#include "engine/test_checks.h"

#include <algorithm>
#include <set>

#include "engine/deliver.h"
#include "engine/expected_value.h"
#include "engine/list_check.h"
#include "engine/profile_checks.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

class Checks {
 public:
  Checks(const TestWorld& world, const config::Expectations& expect,
         std::vector<TestFailure>& failures)
      : world_(world), expect_(expect), failures_(failures) {}

  Status run() {
    check_refused();
    for (const config::ExpectedList& list : expect_.records) check_records(list);
    for (const config::ExpectedList& list : expect_.waiting) check_waiting(list);
    if (expect_.has_profiles) RONDOM_TRY(check_profiles(world_, expect_, failures_));
    for (const config::ExpectedLink& link : expect_.links)
      RONDOM_TRY(check_link(world_, link, failures_));
    for (const config::ExpectedList& list : expect_.permitted) RONDOM_TRY(check_permitted(list));
    for (const config::ExpectedWithholding& job : expect_.withheld) RONDOM_TRY(check_withheld(job));
    for (const config::ExpectedList& list : expect_.deliveries) check_deliveries(list);
    return {};
  }

 private:
  void check_refused();
  void check_waiting(const config::ExpectedList& list);
  void check_records(const config::ExpectedList& list);
  /// The part of this name of the actual item at this place.
  using Part = std::function<Value(const std::string& name, std::size_t at)>;
  void report_maps(const config::ExpectedList& list, const std::string& what,
                   const std::vector<std::string>& actual,
                   const std::vector<std::vector<std::string>>& because, const Part& part,
                   const std::function<std::string(const std::string& name)>& rule = {});
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
    return name == "key" ? Value::text(records[at].key)
                         : value_at(world_, values[at], name, arena_);
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
