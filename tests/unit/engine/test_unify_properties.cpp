// unify, over random people in random increments: the outcome is that of one run over all of them,
// ids go on as promised, and the event log tells what happened. Seeds are fixed and printed.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "engine/record_names.h"
#include "pipeline/resolve/probabilistic/model.h"
#include "support/seeds.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

const char* const identity_rules =
    "identifiers:\n"
    "  - { namespace: customer, class: unique }\n"
    "  - { namespace: email, class: strong, max_per_profile: 2, blocked: [\"info@*\"] }\n"
    "  - { namespace: phone, class: strong, max_per_profile: 2 }\n"
    "one_record_per_profile: [shop.customers]\n";

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  unsigned below(unsigned end) { return static_cast<unsigned>(engine_() % end); }
  template <typename T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(static_cast<unsigned>(all.size()))];
  }
  template <typename T>
  void shuffle(std::vector<T>& all) {
    for (std::size_t i = all.size(); i > 1; --i) {
      std::swap(all[i - 1], all[below(static_cast<unsigned>(i))]);
    }
  }
  UnifyLimits limits() {
    UnifyLimits limits;
    limits.bulk_records_min = below(2) == 0 ? 0 : 1'000'000;
    limits.chunk_records = below(2) == 0 ? 1 + below(4) : 1'000;
    limits.postings_records = below(2) == 0 ? 1 + below(4) : 1'000;
    limits.compared_share = below(4) == 0 ? 1'000'000 : 0;
    return limits;
  }

 private:
  std::mt19937 engine_;
};

Person random_person(Dice& dice, const std::string& stream, const std::string& key, Timestamp at) {
  Person person;
  person.stream = stream;
  person.key = key;
  person.at = at;
  person.given = dice.one_of<std::string>({"", "", "Anna", "Ann", "Bram", "Johan"});
  person.surname = dice.one_of<std::string>({"Bos", "Smit", "Vos"});
  person.birth = dice.one_of<std::string>({"", "", "1980-01-01", "1980-01-02", "1991-07-30"});
  for (const char* email :
       {"a@example.com", "b@example.com", "c@example.com", "info@example.com"}) {
    if (dice.below(5) == 0) person.emails.emplace_back(email);
  }
  for (const char* phone : {"+31201234567", "+31207654321"}) {
    if (dice.below(5) == 0) person.phones.emplace_back(phone);
  }
  person.customer = dice.one_of<std::string>({"", "", "", "1", "2", "3"});
  return person;
}

/// Somebody of a larger town: few have anything in common, and most records are of somebody who has
/// others.
Person townsperson(Dice& dice, const std::string& stream, const std::string& key, Timestamp at) {
  static const std::vector<std::string> given = {"Anna",   "Bram",  "Johan", "Els",
                                                 "Pieter", "Truus", "Koos",  "Marijke"};
  static const std::vector<std::string> start = {"Hout", "Ooster", "Wester", "Kamp", "Linden"};
  static const std::vector<std::string> end = {"man", "huis", "dijk", "beek", "veld"};
  const unsigned who = dice.below(25);
  Person person;
  person.stream = stream;
  person.key = key;
  person.at = at;
  if (dice.below(3) == 0) {  // only joined by its address: not like anybody
    person.emails.push_back("p" + std::to_string(who) + "@example.com");
    return person;
  }
  person.given = given[who % given.size()];
  person.surname = start[who % start.size()] + end[who / start.size() % end.size()];
  if (dice.below(3) != 0) {
    person.birth = "19" + std::to_string(50 + who) + "-0" + std::to_string(1 + who % 9) + "-11";
  }
  if (dice.below(6) == 0) person.given = person.given.substr(0, 1);
  if (dice.below(6) == 0) std::swap(person.surname[2], person.surname[3]);
  // Housemates share a telephone, some an address for mail.
  if (dice.below(3) == 0) person.phones.push_back("+3120765" + std::to_string(1000 + who / 3));
  if (dice.below(2) == 0) person.emails.push_back("p" + std::to_string(who) + "@example.com");
  if (dice.below(9) == 0) person.emails.push_back("h" + std::to_string(who / 3) + "@example.com");
  return person;
}

using State = std::map<std::pair<std::string, std::string>, Person>;  // (stream, key) -> latest

using Name = State::key_type;
using Said = std::map<std::pair<Name, Name>, bool>;  // of two records: are they one?

store::RecordId record_of(World& world, const Name& name) {
  const std::string source = name.first == "Contact" ? "crm" : "shop";
  const store::StreamId stream = value_of(world.store().stream(source, name.first, source)).id;
  return value_of(world.store().find_record(stream, Entity::person, name.second)).value_or(0);
}

void decide(World& world, const Said& said) {
  std::vector<store::Decision> decisions;
  for (const auto& [pair, same] : said) {
    const store::RecordId a = record_of(world, pair.first), b = record_of(world, pair.second);
    if (a != 0 && b != 0) decisions.push_back({std::min(a, b), std::max(a, b), same, 1});
  }
  require(world.store().decide(decisions, {}));
}

/// The stored pairs, by record name.
std::vector<std::string> pairs_of(World& world) {
  RecordNames names;
  require(names.load(world.store()));
  std::vector<std::string> lines;
  require(world.store().scan_alike([&](std::span<const store::Alike> pairs) -> Status {
    for (const store::Alike& pair : pairs) {
      const store::RecordId both[] = {pair.a, pair.b};
      const auto records = value_of(world.store().records(both));
      const std::string one = names.of(records[0]), other = names.of(records[1]);
      lines.push_back(std::min(one, other) + " " + std::max(one, other) + " " +
                      std::to_string(pair.bits) + " " + std::to_string(pair.mean) +
                      (pair.joined ? " joined" : " possible ") + pair.reason);
    }
    return {};
  }));
  std::sort(lines.begin(), lines.end());
  return lines;
}

struct Outcome {
  std::vector<std::string> profiles, pairs;
};

Outcome all_at_once(const Files& files, const State& state, const Said& said, Dice& dice) {
  World world(files);
  std::vector<Person> people;
  for (const auto& [name, person] : state) people.push_back(person);
  dice.shuffle(people);
  world.put(people);
  decide(world, said);
  world.unify(dice.limits());
  return {world.exported(), pairs_of(world)};
}

/// Two live records, and whether they are one; nothing when there are not two.
void say_something(World& world, const State& state, Dice& dice, Said& said) {
  if (state.size() < 2) return;
  auto one = state.begin(), other = state.begin();
  std::advance(one, dice.below(static_cast<unsigned>(state.size())));
  std::advance(other, dice.below(static_cast<unsigned>(state.size())));
  if (one == other) return;
  const auto pair = std::minmax(one->first, other->first);
  said[pair] = dice.below(2) == 0;
  decide(world, {{pair, said[pair]}});
}

/// What was said of a record that is gone holds for those who were one with it.
void hear_what_was_handed_on(World& world, Said& said) {
  RecordNames names;
  require(names.load(world.store()));
  for (const store::Decision& one : value_of(world.store().decisions())) {
    const store::RecordId both[] = {one.a, one.b};
    std::vector<Name> named;
    for (const store::StoredRecord& record : value_of(world.store().records(both))) {
      const std::string name = names.of(record);
      const std::size_t dot = name.find('.'), slash = name.find('/');
      named.emplace_back(name.substr(dot + 1, slash - dot - 1), name.substr(slash + 1));
    }
    said[std::minmax(named.at(0), named.at(1))] = one.same;
  }
}

/// What was said of a record that is somebody else's now was not said of her.
void forget(World& world, const std::vector<store::RecordId>& owners, Said& said) {
  std::erase_if(said, [&](const auto& one) {
    const auto is_other = [&](const Name& name) {
      return std::binary_search(owners.begin(), owners.end(), record_of(world, name));
    };
    return is_other(one.first.first) || is_other(one.first.second);
  });
}

struct Before {
  std::map<store::ProfileId, store::Profile> profiles;
  std::int64_t last_event = 0;
};

Before look(World& world) {
  Before before;
  for (store::Profile& profile : value_of(world.store().scan_profiles(0, 1'000'000))) {
    const store::ProfileId id = profile.id;
    before.profiles.emplace(id, std::move(profile));
  }
  before.last_event = value_of(world.store().last_event());
  return before;
}

/// Records that became somebody else's and are not unified yet, sorted.
std::vector<store::RecordId> new_owners(World& world) {
  std::vector<store::RecordId> all(
      static_cast<std::size_t>(value_of(world.store().last_record_id())));
  std::iota(all.begin(), all.end(), store::RecordId{1});
  return value_of(world.store().new_owners(all, store::Store::Since::last_unify));
}

// Promise: of the profiles whose founding records are together now, the one founded first keeps its
// id; whoever asks for another one finds it. A record that became somebody else's stands for nobody
// here.
void check_ids(World& world, const Before& before, const Before& after,
               const std::vector<store::RecordId>& owners) {
  const auto is_same_owner = [&](store::RecordId id) {
    return !std::binary_search(owners.begin(), owners.end(), id);
  };
  std::map<store::RecordId, store::ProfileId> now;
  for (const auto& [id, profile] : after.profiles) {
    for (const store::RecordId member : profile.members) {
      BOOST_TEST(now.emplace(member, id).second, "record " << member << " is in two profiles");
    }
    BOOST_TEST(std::binary_search(profile.members.begin(), profile.members.end(),
                                  profile.founding_record));
  }
  std::map<store::ProfileId, store::ProfileId> oldest_in;  // profile now -> oldest that went in
  for (const auto& [id, profile] : before.profiles) {
    const auto found = now.find(profile.founding_record);
    if (found != now.end() && is_same_owner(profile.founding_record))
      oldest_in.emplace(found->second, id);  // ascending: the first one stays
  }
  for (const auto& [id, oldest] : oldest_in) BOOST_TEST(id == oldest);
  for (const auto& [id, profile] : before.profiles) {
    const auto home = now.find(profile.founding_record);
    const auto found = value_of(world.store().find_profile(profile.uid));
    if (home != now.end() && is_same_owner(profile.founding_record)) {
      BOOST_TEST((found == home->second), "the id of profile " << id << " leads astray");
    } else if (found.has_value()) {
      BOOST_TEST(after.profiles.count(*found) == 1);
    }
    const auto kept = after.profiles.find(id);
    if (kept != after.profiles.end()) BOOST_TEST((kept->second.uid == profile.uid));
  }
}

// Replaying the events of a run over the profiles before it gives those after it.
void check_events(World& world, const Before& before, const Before& after) {
  std::set<store::ProfileId> living, changed;
  for (const auto& [id, profile] : before.profiles) living.insert(id);
  for (const store::ProfileEvent& event :
       value_of(world.store().events(before.last_event, 1'000'000))) {
    switch (event.kind) {
      case store::EventKind::created:
      case store::EventKind::split: BOOST_TEST(living.insert(event.profile).second); break;
      case store::EventKind::merged:
      case store::EventKind::retired: BOOST_TEST(living.erase(event.profile) == 1); break;
      case store::EventKind::changed: changed.insert(event.profile); break;
    }
    if (event.kind == store::EventKind::split) BOOST_TEST(before.profiles.count(event.other) == 1);
    if (event.kind == store::EventKind::merged) BOOST_TEST(after.profiles.count(event.other) == 1);
  }
  std::set<store::ProfileId> expected;
  for (const auto& [id, profile] : after.profiles) {
    expected.insert(id);
    const auto old = before.profiles.find(id);
    if (old != before.profiles.end()) {
      const bool parted = !std::includes(profile.members.begin(), profile.members.end(),
                                         old->second.members.begin(), old->second.members.end());
      BOOST_TEST((changed.count(id) == 1) == (parted || old->second.values != profile.values));
    }
  }
  BOOST_TEST((living == expected), "the events do not add up");
}

std::string shown(const Name& name) {
  return (name.first == "Contact" ? "crm.Contact/" : "shop.customers/") + name.second;
}

Files with_likeness() {
  return {{"identity.yaml", std::string(identity_rules) + "probabilistic: {}\n"}};
}

/// The shipped model of people, with these in place of what it has.
std::string model_of_people(const std::string& prior, const std::string& limit,
                            const std::string& merge_at = "", const std::string& review_at = "") {
  std::string text = probabilistic::shipped_model("person-1");
  const auto replace = [&](const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    BOOST_REQUIRE(at != std::string::npos);
    text.replace(at, text.find_first_of(",}", at) - at, by);
  };
  replace("household_per_record: ", "household_per_record: 0.5, " + prior);
  replace("block_records: ", limit);
  if (!merge_at.empty()) replace("merge_at: ", "merge_at: " + merge_at);
  if (!review_at.empty()) replace("review_at: ", "review_at: " + review_at);
  return text;
}

/// As if it had been fitted to records: how common their names are is known, as common as the
/// average one.
std::string with_names_counted(std::string text) {
  for (const auto& [of, share] : {std::pair("given_name", "0.01"), std::pair("surname", "0.003")}) {
    const std::string what = std::string("of: ") + of + "\n    by_frequency: true\n";
    const std::size_t at = text.find(what);
    BOOST_REQUIRE(at != std::string::npos);
    text.insert(at + what.size(), std::string("    frequencies: { rest: ") + share + " }\n");
  }
  return text;
}

BOOST_AUTO_TEST_SUITE(unify_properties)

struct Seen {
  std::size_t owners = 0, alike = 0, possible = 0, said = 0;
  std::map<std::string, int> compared_everybody;  // by reason; "": what changed was enough
};

Seen run_in_increments(const Files& files, bool somebody_says, unsigned first_seed,
                       unsigned seeds = support::seeds(16)) {
  Seen seen;
  for (unsigned seed = first_seed; seed < first_seed + seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      Dice dice(seed);
      World world(files);
      State state;
      Said said;
      Timestamp at = 1;
      for (unsigned increment = 0; increment < 6; ++increment) {
        const Before before = look(world);
        for (unsigned change = 1 + dice.below(8); change > 0; --change) {
          const bool crm = dice.below(3) != 0;
          const std::string stream = crm ? "Contact" : "customers";
          const std::string key = std::to_string(dice.below(crm ? 12 : 5));
          const auto known = state.find({stream, key});
          if (known != state.end() && dice.below(3) == 0) {
            known->second.at = ++at;
            world.remove(known->second);
            state.erase(known);
          } else {
            const Person person = random_person(dice, stream, key, ++at);
            world.put(person);
            state[{stream, key}] = person;
          }
        }
        const std::vector<store::RecordId> owners = new_owners(world);
        seen.owners += owners.size();
        forget(world, owners, said);
        const UnifyReport report = world.unify(dice.limits());
        ++seen.compared_everybody[report.compared_everybody];
        world.verify();
        hear_what_was_handed_on(world, said);
        const Outcome expected = all_at_once(files, state, said, dice);
        BOOST_TEST(world.exported() == expected.profiles, boost::test_tools::per_element());
        BOOST_TEST(pairs_of(world) == expected.pairs, boost::test_tools::per_element());
        BOOST_TEST(report.possible == std::count_if(expected.pairs.begin(), expected.pairs.end(),
                                                    [](const std::string& line) {
                                                      return line.find(" possible ") !=
                                                             std::string::npos;
                                                    }));
        require(world.store().scan_alike([&](std::span<const store::Alike> pairs) -> Status {
          for (const store::Alike& pair : pairs) ++(pair.joined ? seen.alike : seen.possible);
          return {};
        }));
        for (const auto& [pair, same] : said) {
          const std::string one = world.profile_of(shown(pair.first)).uid;
          const bool live = state.count(pair.first) != 0 && state.count(pair.second) != 0;
          if (!live || same) continue;  // "same" loses against a "not the same" in between
          ++seen.said;
          BOOST_TEST(one != world.profile_of(shown(pair.second)).uid);
        }
        const Before after = look(world);
        check_ids(world, before, after, owners);
        check_events(world, before, after);
        world.unify(dice.limits());
        BOOST_TEST(value_of(world.store().last_event()) == look(world).last_event);
        BOOST_TEST(look(world).last_event == after.last_event);
        if (somebody_says) say_something(world, state, dice, said);
      }
    }
  }
  return seen;
}

BOOST_AUTO_TEST_CASE(increments_equal_one_full_run) {
  const Seen seen = run_in_increments({{"identity.yaml", identity_rules}}, false, 20260314);
  BOOST_TEST(seen.owners > support::often(10));
}

BOOST_AUTO_TEST_CASE(so_they_do_with_likeness_and_decisions) {
  const Seen seen = run_in_increments(with_likeness(), true, 20260601);
  BOOST_TEST(seen.alike > support::often(50));
  BOOST_TEST(seen.possible > support::often(10));
  BOOST_TEST(seen.said > support::often(20));
}

BOOST_AUTO_TEST_CASE(and_when_only_what_changed_is_compared) {
  // The prior is fixed, so that one more record does not change every decision.
  Files files = with_likeness();
  files["models/person-1.yaml"] = model_of_people("records: 40", "block_records: 200");
  Seen seen = run_in_increments(files, true, 20261101, support::seeds(12));
  BOOST_TEST(seen.compared_everybody[""] > support::often(30));
  BOOST_TEST(seen.alike > support::often(30));
  BOOST_TEST(seen.possible > support::often(10));
  BOOST_TEST(seen.said > support::often(20));
}

BOOST_AUTO_TEST_CASE(and_when_blocks_become_too_large_and_are_compared_again) {
  Files files = with_likeness();
  files["models/person-1.yaml"] = model_of_people("records: 40", "block_records: 2");
  Seen seen = run_in_increments(files, true, 20261201, support::seeds(12));
  BOOST_TEST(seen.compared_everybody[""] > support::often(30));
}

/// How often what changed was enough to look at.
std::size_t run_in_a_town(const Files& files, unsigned first_seed) {
  std::size_t alone = 0;
  for (unsigned seed = first_seed; seed < first_seed + support::seeds(4); ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      Dice dice(seed);
      World world(files);
      State state;
      Timestamp at = 1;
      const auto put = [&] {
        const bool crm = dice.below(4) != 0;
        const Person person = townsperson(dice, crm ? "Contact" : "customers",
                                          std::to_string(dice.below(crm ? 70 : 20)), ++at);
        world.put(person);
        state[{person.stream, person.key}] = person;
      };
      for (int i = 0; i < 120; ++i) put();
      world.unify();
      for (int increment = 0; increment < 25; ++increment) {
        for (unsigned change = 1 + dice.below(3); change > 0; --change) {
          if (dice.below(2) == 0) {
            put();
            continue;
          }
          auto one = state.begin();
          std::advance(one, dice.below(static_cast<unsigned>(state.size())));
          one->second.at = ++at;
          world.remove(one->second);
          state.erase(one);
        }
        UnifyLimits limits = dice.limits();
        limits.compared_share = 0;
        alone += world.unify(limits).compared_everybody.empty();
        const Outcome expected = all_at_once(files, state, {}, dice);
        BOOST_TEST(world.exported() == expected.profiles, boost::test_tools::per_element());
        BOOST_TEST(pairs_of(world) == expected.pairs, boost::test_tools::per_element());
      }
      world.verify();
    }
  }
  return alone;
}

BOOST_AUTO_TEST_CASE(a_changed_record_concerns_whoever_hung_together_with_it) {
  Files files = with_likeness();
  files["models/person-1.yaml"] = model_of_people("records: 1000000", "block_records: 8");
  BOOST_TEST(run_in_a_town(files, 20270101) > support::often(80));
}

BOOST_AUTO_TEST_CASE(and_is_reported_beside_those_who_are_a_little_like_it) {
  Files files = with_likeness();
  files["models/person-1.yaml"] =
      model_of_people("records: 1000", "block_records: 8", "0.93", "0.01");
  BOOST_TEST(run_in_a_town(files, 20270201) > support::often(80));
}

BOOST_AUTO_TEST_CASE(a_block_that_is_compared_again_brings_together_whom_nothing_else_did) {
  // Four have a surname in common, and the one who leaves is like nobody.
  Files files = with_likeness();
  files["models/person-1.yaml"] =
      model_of_people("records: 1000", "block_records: 3", "0.3", "0.01");
  World world(files);
  State state;
  Dice dice(1);
  const char* const people[][3] = {{"1", "", "1961-05-11"},
                                   {"2", "Anna", ""},
                                   {"3", "Truus", "1975-01-02"},
                                   {"4", "Bram", "1950-12-24"}};
  for (const auto& [key, given, birth] : people) {
    Person person;
    person.key = key, person.given = given, person.birth = birth;
    person.surname = "Oosterbeek";
    state[{person.stream, person.key}] = person;
    world.put(person);
  }
  UnifyLimits limits;
  limits.compared_share = 0;
  world.unify(limits);
  BOOST_TEST(pairs_of(world).empty());
  const auto last = std::prev(state.end());
  last->second.at = 2;
  world.remove(last->second);
  state.erase(last);
  BOOST_TEST(world.unify(limits).compared_everybody == "");
  BOOST_TEST(pairs_of(world).size() == 1);
  const Outcome expected = all_at_once(files, state, {}, dice);
  BOOST_TEST(world.exported() == expected.profiles, boost::test_tools::per_element());
  BOOST_TEST(pairs_of(world) == expected.pairs, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(also_when_little_leads_to_a_join) {
  Files files = with_likeness();
  files["models/person-1.yaml"] =
      model_of_people("records: 1000", "block_records: 3", "0.3", "0.2");
  BOOST_TEST(run_in_a_town(files, 20270301) > support::often(80));
}

BOOST_AUTO_TEST_CASE(a_record_that_leaves_is_missed_by_those_it_was_not_like) {
  // Two that only share an address keep somebody who is like a third of it from joining; one of
  // them is not enough.
  Files files = with_likeness();
  files["models/person-1.yaml"] = model_of_people("records: 1000000", "block_records: 200");
  UnifyLimits limits;
  limits.compared_share = 0;
  for (const bool corrected : {false, true}) {
    World world(files);
    Person anna, again, one, other;
    anna.key = "anna", again.key = "again", one.key = "one", other.key = "other";
    for (Person* person : {&anna, &again}) {
      person->given = "Anna";
      person->surname = "Oosterbeek";
      person->birth = "1961-05-11";
    }
    for (Person* person : {&anna, &one, &other}) person->emails.emplace_back("anna@example.com");
    world.put({anna, again, one, other});
    world.unify(limits);
    BOOST_TEST(world.partition() == "again | anna+one+other");
    other.at = 2;
    if (corrected) {
      other.emails = {"somebody@example.com"};
      world.put(other);
    } else {
      world.remove(other);
    }
    BOOST_TEST(world.unify(limits).compared_everybody == "");
    BOOST_TEST(world.partition() == (corrected ? "again+anna+one | other" : "again+anna+one"));
  }
}

BOOST_AUTO_TEST_CASE(somebody_who_is_a_little_less_like_it_may_keep_a_record_from_a_join) {
  // And no longer does when he is gone, also where the two would not be joined for being alike.
  std::size_t kept_apart = 0;
  for (double bits = 2; bits < 6; bits += 0.2) {
    Files files = with_likeness();
    const std::string merge_at = std::to_string(1 / (1 + std::exp2(-bits)));
    files["models/person-1.yaml"] = with_names_counted(
        model_of_people("records: 1000", "block_records: 200", merge_at, "0.01"));
    World world(files);
    State state;
    Dice dice(1);
    const auto put = [&](const std::string& key, const std::string& given,
                         const std::string& customer) {
      Person person;
      person.key = key, person.given = given, person.surname = "Oosterbeek",
      person.customer = customer;
      world.put(person);
      state[{person.stream, person.key}] = person;
    };
    put("somebody", "Johanna", "");
    put("alike", "Johanna", "1000123");
    put("less", "Johana", "77");
    UnifyLimits limits;
    limits.compared_share = 0;
    world.unify(limits);
    const std::string before = world.partition();
    auto less = std::find_if(state.begin(), state.end(),
                             [](const auto& one) { return one.first.second == "less"; });
    less->second.at = 2;
    world.remove(less->second);
    state.erase(less);
    BOOST_TEST(world.unify(limits).compared_everybody == "");
    const Outcome expected = all_at_once(files, state, {}, dice);
    BOOST_TEST(world.exported() == expected.profiles, boost::test_tools::per_element());
    BOOST_TEST(pairs_of(world) == expected.pairs, boost::test_tools::per_element());
    kept_apart +=
        before != "alike+somebody | less" && world.partition() == "alike+somebody" ? 1 : 0;
  }
  BOOST_TEST(kept_apart > 5);
}

BOOST_AUTO_TEST_CASE(a_record_with_very_many_others_makes_everybody_be_compared) {
  // Nobody says a name, so that only the address holds them together.
  Files files = with_likeness();
  files["models/person-1.yaml"] = model_of_people("records: 1000000", "block_records: 200");
  World world(files);
  std::vector<Person> people;
  for (int i = 0; i < 60; ++i) {
    Person& person = people.emplace_back();
    person.key = std::to_string(i);
    person.emails.emplace_back("anna@example.com");
  }
  world.put(people);
  UnifyLimits limits;
  limits.compared_share = 0;
  limits.regrouped_records = 0;
  world.unify(limits);
  const auto change = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      ++people[i].at;
      people[i].birth = people[i].birth.empty() ? "1961-05-11" : "";
    }
    world.put(std::vector<Person>(people.begin(), people.begin() + static_cast<int>(count)));
    return world.unify(limits).compared_everybody;
  };
  BOOST_TEST(change(1) == "too many records hang together");
  BOOST_TEST(change(2) == "");
  limits.regrouped_records = regrouped_records_max;
  BOOST_TEST(change(1) == "");
}

BOOST_AUTO_TEST_CASE(a_block_of_which_only_the_size_is_kept_is_not_compared_again) {
  Files files = with_likeness();
  files["models/person-1.yaml"] = model_of_people("records: 200", "block_records: 2");
  World world(files);
  std::vector<Person> people;
  for (int i = 0; i < 6; ++i) {
    Person& person = people.emplace_back();
    person.key = std::to_string(i);
    person.given = std::string(1, static_cast<char>('A' + i)) + "nna";
    person.surname = "Bos";
    person.birth = "195" + person.key + "-0" + std::to_string(i + 1) + "-1" + person.key;
  }
  world.put(people);
  UnifyLimits limits;
  limits.compared_share = 0;
  BOOST_TEST(world.unify(limits).compared_everybody == "there is no index to start from");
  for (std::size_t i = 0; i < 3; ++i) {
    people[i].at = 2;
    world.remove(people[i]);
    BOOST_TEST(world.unify(limits).compared_everybody == "");
  }
  people[3].at = 2;
  world.remove(people[3]);
  BOOST_TEST(world.unify(limits).compared_everybody ==
             "a block that was too large is compared again");
}

BOOST_AUTO_TEST_CASE(following_few_records_equals_scanning_all) {
  constexpr unsigned seed = 4711;
  BOOST_TEST_MESSAGE("seed " << seed);
  Dice dice(seed);
  std::vector<Person> people;
  for (int i = 0; i < 400; ++i) {
    Person person = random_person(dice, i % 3 == 0 ? "customers" : "Contact", std::to_string(i), 1);
    // Many small families in place of one large one.
    const std::string family = std::to_string(dice.below(120));
    for (std::string& email : person.emails) email.insert(0, family);
    for (std::string& phone : person.phones) phone += family;
    if (!person.customer.empty()) person.customer += family;
    people.push_back(person);
  }
  std::vector<std::string> expected;
  const UnifyLimits ways[] = {{0, 1'000'000, 1'000'000, 1'000'000},
                              {0, 7, 50, 1'000},
                              {1'000'000, 1'000'000, 1'000'000, 1'000'000},
                              {1'000'000, 7, 50, 1'000},
                              {200, 13, 1, 1'000}};
  for (const UnifyLimits& limits : ways) {
    World world(Files{{"identity.yaml", identity_rules}});
    dice.shuffle(people);
    for (const std::size_t half : {0u, 1u}) {
      world.put(
          std::vector<Person>(people.begin() + static_cast<std::ptrdiff_t>(half * 200),
                              people.begin() + static_cast<std::ptrdiff_t>(half * 200 + 200)));
      world.unify(limits);
    }
    world.verify();
    BOOST_TEST(value_of(world.store().dirty_count()) == 0);
    if (expected.empty()) expected = world.exported();
    BOOST_TEST(expected.size() > 150);
    BOOST_TEST(expected.size() < 390);
    BOOST_TEST((world.exported() == expected),
               "bulk from " << limits.bulk_records_min << ", chunks of " << limits.chunk_records);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
