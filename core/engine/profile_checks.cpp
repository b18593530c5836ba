#include "engine/profile_checks.h"

#include <algorithm>
#include <set>

#include "engine/attributes.h"
#include "engine/expected_value.h"
#include "engine/list_check.h"
#include "engine/purchases.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

constexpr std::size_t causes_shown_max = 8;

std::string fate_of(const TestWorld& world, const std::string& record) {
  for (const store::QuarantineEntry& entry : world.refused) {
    if (record_name(entry.source, entry.stream, entry.key) == record) {
      return record + " was quarantined: " + entry.reason;
    }
  }
  for (const auto& [stream, records] : world.records) {
    for (const FoundRecord& one : records) {
      if (one.name == record) return record + " makes no profile: it is an activity";
    }
  }
  std::vector<std::string> known;
  for (const FoundProfile& found : world.profiles) {
    known.insert(known.end(), found.members.begin(), found.members.end());
  }
  const auto near = did_you_mean(record, known);
  return "no record is called " + record +
         (near ? "; did you mean " + *near + "?" : ": it was not given, or `when` leaves it out");
}

/// What a derived attribute looked at, a line each.
std::vector<std::string> reasons_of(const AttributeReader& attributes, const FoundProfile& found,
                                    std::size_t index) {
  const config::Attribute& given = attributes.plan().attribute(index);
  std::vector<std::string> because = {
      given.name + " = " + (given.source.empty() ? given.value.text : "." + given.source) +
      (given.at.file ? " (" + *given.at.file + ":" + std::to_string(given.at.line) + ")" : "")};
  const auto computed = attributes.computed(found.profile.id);
  for (std::size_t i = 0; i < computed.size(); ++i) {
    if (attributes.wanted()[i] != index || computed[i].problem.empty()) continue;
    because.push_back("it cannot be computed: " + std::string(computed[i].problem));
  }
  for (const enrich::Evidence& one : attributes.evidence(static_cast<std::uint32_t>(index))) {
    because.push_back(one.expression + " gives " +
                      (one.problem.empty() ? shown(one.value) : "! " + one.problem) + ", of " +
                      std::to_string(one.items.size()) + " " +
                      std::string(activity_lists()[one.list].name));
  }
  return because;
}

Status check_values(const TestWorld& world, const config::ExpectedProfile& expected,
                    const FoundProfile& found, std::vector<TestFailure>& failures) {
  Arena arena;
  std::set<std::string> names;
  for (const config::ExpectedValue& one : expected.values) names.insert(one.name);
  RONDOM_TRY_ASSIGN(const auto attributes,
                    AttributeReader::make(*world.project, *world.store, found.profile.entity,
                                          world.as_of, &names));
  RONDOM_TRY(attributes->load({&found.profile, 1}, enrich::Changes::ignore));
  const Value profile = attributes->profile_value(found.profile, arena);
  std::optional<Explanation> explained;
  for (const config::ExpectedValue& one : expected.values) {
    const Value actual = value_at(world, profile, one.name, arena);
    if (matches(one.expected, actual)) continue;
    if (const std::size_t index = attributes->plan().index_of(one.name);
        index < attributes->plan().size()) {
      failures.push_back({one.at, one.name + " of " + listed(expected.members), shown(one.expected),
                          shown(actual), reasons_of(*attributes, found, index)});
      continue;
    }
    if (!explained) {
      RONDOM_TRY_ASSIGN(explained, world.explain(found));
    }
    std::vector<std::string> because = deciders_of(*explained, one.name);
    if (because.empty()) because.push_back("none of its records says anything about it");
    failures.push_back({one.at, one.name + " of " + listed(expected.members), shown(one.expected),
                        shown(actual), std::move(because)});
  }
  return {};
}

Status check_orders(const TestWorld& world, const config::ExpectedProfile& expected,
                    const FoundProfile& found, std::vector<TestFailure>& failures) {
  RONDOM_TRY_ASSIGN(const Purchases purchases,
                    purchases_of(*world.project, *world.store, found.profile, world.as_of));
  Arena arena;
  std::vector<Value> values;
  std::vector<std::string> actual;
  for (const Activity& order : purchases.orders) {
    values.push_back(segment::profile_value(order.canonical, Entity::order, arena));
    actual.push_back(listed(order.records));
  }
  const auto fits = [&](const config::Node& wanted, std::size_t at) {
    return std::all_of(wanted.members.begin(), wanted.members.end(), [&](const auto& part) {
      if (part.first.text != "records") {
        return matches(part.second, value_at(world, values[at], part.first.text, arena));
      }
      std::vector<std::string> records;
      for (const config::Node& record : part.second.items) records.push_back(record.text);
      return std::is_permutation(records.begin(), records.end(),
                                 purchases.orders[at].records.begin(),
                                 purchases.orders[at].records.end());
    });
  };
  for (const config::ExpectedList& list : expected.orders) {
    ListCheck(list, actual, fits).report("orders of " + listed(expected.members), {}, failures);
  }
  return {};
}

// Why are these records not exactly one profile?
Status explain_members(const TestWorld& world, const config::ExpectedProfile& expected,
                       const std::vector<const FoundProfile*>& found,
                       std::vector<std::string>& because) {
  const std::set<std::string> wanted(expected.members.begin(), expected.members.end());
  for (const std::string& record : expected.members) {
    if (world.profile_of(record) == nullptr) because.push_back(fate_of(world, record));
  }
  bool any_link = false;
  for (const FoundProfile* one : found) {
    RONDOM_TRY_ASSIGN(const Explanation explained, world.explain(*one));
    for (const Explanation::Link& link : explained.joined) {
      const bool extra = wanted.count(link.from) == 0 || wanted.count(link.to) == 0;
      if (extra && because.size() < causes_shown_max) because.push_back(sentence_of(world, link));
    }
    for (const Explanation::Link& link : explained.apart) {
      const FoundProfile* other = world.profile_of(link.to);
      if (std::find(found.begin(), found.end(), other) == found.end()) continue;
      any_link = true;
      // Both profiles know of it: it is told once.
      if (because.size() < causes_shown_max && link.from < link.to) {
        because.push_back(sentence_of(world, link));
      }
    }
  }
  if (found.size() > 1 && !any_link) because.emplace_back("no identifier is shared between them");
  return {};
}

}  // namespace

Status check_profiles(const TestWorld& world, const config::Expectations& expect,
                      std::vector<TestFailure>& failures) {
  std::set<const FoundProfile*> used;
  for (const config::ExpectedProfile& expected : expect.profiles) {
    std::vector<const FoundProfile*> found;
    for (const std::string& record : expected.members) {
      const FoundProfile* one = world.profile_of(record);
      if (one != nullptr && std::find(found.begin(), found.end(), one) == found.end()) {
        found.push_back(one);
      }
    }
    used.insert(found.begin(), found.end());
    if (found.size() == 1 && found.front()->members == expected.members) {
      RONDOM_TRY(check_values(world, expected, *found.front(), failures));
      RONDOM_TRY(check_orders(world, expected, *found.front(), failures));
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
    RONDOM_TRY(explain_members(world, expected, found, failure.because));
    failures.push_back(std::move(failure));
  }
  for (const FoundProfile& found : world.profiles) {
    if (used.count(&found) != 0) continue;
    failures.push_back({expect.profiles_at,
                        "profiles",
                        "nothing more than is listed",
                        "a profile of " + listed(found.members),
                        {}});
  }
  return {};
}

Status check_link(const TestWorld& world, const config::ExpectedLink& link,
                  std::vector<TestFailure>& failures) {
  TestFailure failure;
  failure.at = link.at;
  failure.what = "link from " + link.from + " to " + link.to;
  failure.expected = (link.by.empty() ? "any identifier" : link.by) +
                     (link.is_refused ? ", refused: " + link.refused : ", joined");
  const FoundProfile* from = world.profile_of(link.from);
  const FoundProfile* to = world.profile_of(link.to);
  if (from == nullptr || to == nullptr) {
    failure.actual = fate_of(world, from == nullptr ? link.from : link.to);
    failures.push_back(std::move(failure));
    return {};
  }
  RONDOM_TRY_ASSIGN(const Explanation explained, world.explain(*from));
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
    failure.because.push_back(sentence_of(world, one));
  }
  if (!between.empty()) {
    failure.actual = from == to ? "one profile" : "two profiles";
  } else {
    failure.actual = from == to ? "one profile, by way of other records" : "nothing shared";
  }
  failures.push_back(std::move(failure));
  return {};
}

}  // namespace rondom::engine
