// The probabilistic layer as a whole: model files, blocking, training, clustering.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "persons.h"
#include "pipeline/resolve/quality.h"

namespace rondom::resolve::test {
namespace {

using namespace probabilistic;

/// The shipped model, as if there were a thousand records.
Model shipped_for_a_thousand() {
  Model model = shipped_person();
  model.records = 1000;
  return model;
}

/// At the model's own thresholds.
Clusters resolved(const Persons& people, const config::Identity& identity,
                  const Model& model = shipped_for_a_thousand()) {
  const Rules rules(identity);
  const Likeness likeness(rules, model, people.candidates, {});
  const ClusterRules thresholds = rules_of(model);
  return likeness.cluster(model, likeness.compare(model, thresholds.review_at, 1), thresholds);
}

/// "one", or why two records are not.
std::string verdict(const Says& one, const Says& other, const Model& model) {
  Persons people;
  people.add(one);
  people.add(other);
  const Clusters found = resolved(people, strong_ssn(), model);
  if (found.group[1] == 0) return "one";
  return found.possible.empty() ? "not alike" : found.possible[0].reason;
}

/// The shipped model as if it had been fitted: how common names are is known to it.
Model with_names_counted() {
  Model model = shipped_for_a_thousand();
  for (Comparison& comparison : model.comparisons) {
    if (comparison.kind == Kind::given_name || comparison.kind == Kind::surname) {
      comparison.frequencies.rest = 1e-4;
    }
  }
  return model;
}

std::string verdict(const Says& one, const Says& other, bool names_are_counted) {
  return verdict(one, other, names_are_counted ? with_names_counted() : shipped_for_a_thousand());
}

BOOST_AUTO_TEST_SUITE(likeness)

std::string problems(const std::string& yaml) {
  config::Diagnostics diagnostics;
  parse_model(yaml, "models/x.yaml", diagnostics);
  std::string out;
  for (const config::Diagnostic& one : diagnostics.errors()) {
    out += std::to_string(one.at.line) + ": " + one.message + "\n";
  }
  return out;
}

BOOST_AUTO_TEST_CASE(shipped_models_read_and_write_themselves) {
  for (const char* name : {"person-1", "organization-1"}) {
    config::Diagnostics diagnostics;
    const Model model = parse_model(shipped_model(name), name, diagnostics);
    BOOST_TEST(diagnostics.empty());
    BOOST_TEST(print_model(model) == shipped_model(name));
    for (const Comparison& comparison : model.comparisons) {
      double m = 0, u = 0, household = 0;
      for (const Level& level : comparison.levels) {
        m += level.m;
        u += level.u;
        household += level.household;
      }
      BOOST_TEST(std::abs(m - 1) < 1e-3, comparison.name << " m " << m);
      BOOST_TEST(std::abs(u - 1) < 1e-3, comparison.name << " u " << u);
      BOOST_TEST(std::abs(household - 1) < 1e-3, comparison.name << " household " << household);
    }
    Model other = model;
    other.comparisons.front().levels.front().m *= 0.9;
    BOOST_TEST(fingerprint(other) != fingerprint(model));
  }
  BOOST_TEST(shipped_model("nobody") == nullptr);
}

BOOST_AUTO_TEST_CASE(mistakes_in_a_model_are_told_with_their_place) {
  const std::string good = shipped_model("person-1");
  BOOST_TEST(problems(good).empty());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return problems(text);
  };
  BOOST_TEST(with("merge_at: 0.93", "merge_at: 1.5").find("3: ") == std::string::npos);
  BOOST_TEST(with("merge_at: 0.93", "merge_at: 1.5") ==
             "4: merge_at is a number from 0.01 to 0.999999\n");
  BOOST_TEST(with("of: surname", "of: sirname").find("no comparison and no attribute sirname") !=
             std::string::npos);
  BOOST_TEST(with("level: nickname", "level: exactly").find("given_name has no level exactly") !=
             std::string::npos);
  BOOST_TEST(with("by: [email]", "by: [mail]").find("nothing can be blocked by mail") !=
             std::string::npos);
  BOOST_TEST(with("review_at: 0.8", "review_at: 0.98") == "4: review_at is above merge_at\n");
  BOOST_TEST(with("entity: person", "entity: order").find("person or organization") !=
             std::string::npos);
}

/// People with several records each, with slips of the pen; the truth is `person`.
struct Population {
  Persons persons;
  std::vector<std::uint32_t> person;
};

std::string slip(std::string text, std::mt19937& random) {
  if (text.size() < 4) return text;
  const std::size_t at = 1 + random() % (text.size() - 2);
  if (random() % 2 == 0) {
    std::swap(text[at], text[at + 1]);
  } else {
    text.erase(at, 1);
  }
  return text;
}

Population population(unsigned seed, std::uint32_t people) {
  static const std::vector<std::string> given = {
      "Anna", "Bram", "Cees",  "Daan", "Eva",  "Fleur",  "Gijs",   "Hanna", "Ilse",
      "Jan",  "Kees", "Lotte", "Mees", "Noor", "Olivia", "Pieter", "Ruben"};
  static const std::vector<std::string> first = {"Bak", "Jan", "Vis",  "Smit", "Meij",  "Boer",
                                                 "Mul", "Dek", "Brou", "Hoek", "Linde", "Wolf"};
  static const std::vector<std::string> last = {"ker",  "sen", "ser",  "man",
                                                "stra", "ma",  "veld", "huis"};
  std::mt19937 random(seed);
  const auto pick = [&](const auto& list) { return list[random() % list.size()]; };
  Population out;
  std::uint32_t number = 0;
  for (std::uint32_t i = 0; i < people; ++i) {
    const std::string day = std::to_string(10 + random() % 18);
    Says says{.given = pick(given),
              .surname = pick(first) + pick(last),
              .birth = std::to_string(1940 + random() % 65) + "-0" +
                       std::to_string(1 + random() % 9) + "-" + day,
              .street = pick(first) + "straat",
              .number = std::to_string(1 + random() % 80),
              .postcode = std::to_string(1000 + random() % 8000) + "AB"};
    const std::size_t records = 1 + random() % 3;
    for (std::size_t r = 0; r < records; ++r) {
      Says said = says;
      if (random() % 5 == 0) said.given = slip(said.given, random);
      if (random() % 5 == 0) said.surname = slip(said.surname, random);
      if (random() % 10 == 0) said.birth.back() = said.birth.back() == '9' ? '8' : '9';
      if (random() % 8 == 0) said.birth.clear();
      if (random() % 8 == 0) said.street = slip(said.street, random);
      if (random() % 8 == 0) said.postcode.clear();
      out.persons.add(said, "crm.people/" + std::to_string(1'000'000 + number++));
      out.person.push_back(i);
    }
  }
  return out;
}

struct Outcome {
  Training training;
  Likeness::Pairs pairs;
  Clusters clusters;
};

Outcome resolve_all(const std::vector<Candidate>& candidates, const Rules& rules,
                    std::size_t threads) {
  const Model start = shipped_person();
  const Likeness likeness(rules, start, candidates, {});
  Outcome out;
  out.training = train(start, likeness.features(), threads);
  const ClusterRules thresholds = rules_of(out.training.model);
  out.pairs = likeness.compare(out.training.model, thresholds.review_at, threads);
  out.clusters = likeness.cluster(out.training.model, out.pairs, thresholds);
  return out;
}

BOOST_AUTO_TEST_CASE(people_are_found_without_labels) {
  const Population all = population(1, 1500);
  const Rules rules(strong_ssn());
  const Outcome outcome = resolve_all(all.persons.candidates, rules, 2);
  const Quality found = quality(outcome.clusters.group, all.person);
  BOOST_TEST(found.precision > 0.99);
  BOOST_TEST(found.recall > 0.97);
  // EM must not call everything a match: the prior that it comes to is near the truth.
  const double truth = static_cast<double>(found.pairs_true);
  BOOST_TEST(outcome.training.prior_pairs > 0.85 * truth);
  BOOST_TEST(outcome.training.prior_pairs < 1.15 * truth);
  for (const Comparison& comparison : outcome.training.model.comparisons) {
    double before = INFINITY, sum = 0;
    for (const Level& level : comparison.levels) {
      sum += level.m;
      if (level.name == "swapped") continue;
      BOOST_TEST(level.m / level.u <= before * 1.0001, comparison.name << " " << level.name);
      before = level.m / level.u;
    }
    BOOST_TEST(std::abs(sum - 1) < 0.01, comparison.name << " " << sum);
  }
}

// One date in ten has a slip, always the same one, so that 0.9² + 0.1² of the pairs agree on it.
// The pairs of a rule that blocks by birth date always do: had they counted, it would be something
// else.
BOOST_AUTO_TEST_CASE(a_rule_does_not_teach_about_its_own_fields) {
  const Population all = population(5, 1500);
  const Rules rules(strong_ssn());
  const Outcome outcome = resolve_all(all.persons.candidates, rules, 1);
  for (const Comparison& comparison : outcome.training.model.comparisons) {
    if (comparison.kind != Kind::birth_date) continue;
    BOOST_TEST(comparison.levels.front().m > 0.79);
    BOOST_TEST(comparison.levels.front().m < 0.85);
  }
}

// Ten records with one surname are ten people, or one person with ten records.
BOOST_AUTO_TEST_CASE(a_value_is_as_common_as_it_is_among_others) {
  const auto share_of_rare_names = [](std::size_t records_each) {
    Persons people;
    for (std::size_t i = 0; i < 400; ++i) {
      const std::string number = std::to_string(i / records_each);
      people.add({.given = "Anna",
                  .surname = "Q" + number + "x" + number,
                  .birth = "1980-02-12",
                  .email = "q" + number + "@example.com"});
    }
    const Rules rules(strong_ssn());
    const Model start = shipped_person();
    const Likeness likeness(rules, start, people.candidates, {});
    const Training training = train(start, likeness.features(), 1);
    return training.model.comparisons[1].frequencies.rest;
  };
  BOOST_TEST(share_of_rare_names(1) < 0.002);
  BOOST_TEST(share_of_rare_names(4) < 0.004);  // not 4 of 400
}

BOOST_AUTO_TEST_CASE(order_and_threads_do_not_matter) {
  const Population all = population(2, 700);
  const Rules rules(strong_ssn());
  const Outcome expected = resolve_all(all.persons.candidates, rules, 1);
  BOOST_TEST(expected.clusters.joins.size() > 300u);
  std::mt19937 random(3);
  for (const std::size_t threads : {2u, 3u}) {
    std::vector<Candidate> shuffled = all.persons.candidates;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    const Outcome again = resolve_all(shuffled, rules, threads);
    BOOST_TEST(print_model(again.training.model) == print_model(expected.training.model));
    BOOST_TEST(again.clusters.group == expected.clusters.group);
    BOOST_TEST_REQUIRE(again.pairs.scored.size() == expected.pairs.scored.size());
    for (std::size_t i = 0; i < expected.pairs.scored.size(); ++i) {
      const ScoredPair &one = again.pairs.scored[i], &other = expected.pairs.scored[i];
      BOOST_TEST_REQUIRE((one.a == other.a && one.b == other.b && one.bits == other.bits));
    }
    BOOST_TEST(again.clusters.possible.size() == expected.clusters.possible.size());
  }
}

BOOST_AUTO_TEST_CASE(every_pair_of_a_block_is_compared_once) {
  const Population all = population(4, 300);
  const Model model = shipped_person();
  const Rules rules(strong_ssn());
  const Likeness one(rules, model, all.persons.candidates, {});
  const Blocks blocks(model, one.features(), 1);
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen, wanted;
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    blocks.pairs_of(block, [&](std::uint32_t a, std::uint32_t b, std::size_t) {
      BOOST_TEST_REQUIRE((a < b && seen.emplace(a, b).second));
    });
    blocks.all_pairs_of(block, [&](std::uint32_t a, std::uint32_t b) { wanted.emplace(a, b); });
  }
  BOOST_TEST((seen == wanted));
  BOOST_TEST(seen.size() > 300u);
}

BOOST_AUTO_TEST_CASE(a_rule_that_explodes_is_cut_and_reported) {
  Persons people;
  for (int i = 0; i < 1000; ++i) {
    people.add(
        {.given = "N" + std::to_string(i) + "a", .surname = "Bakker", .birth = "1980-02-12"});
  }
  Model model = shipped_person();
  const Rules rules(strong_ssn());
  const Likeness likeness(rules, model, people.candidates, {});
  const Blocks blocks(model, likeness.features(), 2);
  std::int64_t cut = 0;
  for (const RuleCount& count : blocks.counts()) {
    BOOST_TEST(count.pairs <= 20 * 1000);
    if (count.name != "surname + birth_date") continue;
    cut = count.cut_pairs;
    BOOST_TEST(count.largest == 1000);
    BOOST_TEST(count.cut_blocks == 1);
  }
  BOOST_TEST(cut == 1000 * 999 / 2);
}

/// Evidence between records as a table; what is not in it is strongly against.
struct Table {
  std::map<std::pair<std::uint32_t, std::uint32_t>, Millibits> bits;
  std::vector<ScoredPair> pairs() const {
    std::vector<ScoredPair> out;
    for (const auto& [pair, value] : bits) out.push_back({pair.first, pair.second, value, 0});
    std::sort(out.begin(), out.end(), [](const ScoredPair& a, const ScoredPair& b) {
      return std::tuple(-a.bits, a.a, a.b) < std::tuple(-b.bits, b.a, b.b);
    });
    return out;
  }
  Millibits of(std::uint32_t a, std::uint32_t b) const {
    const auto found = bits.find({a, b});
    return found == bits.end() ? -12'000 : found->second;
  }
};

class NoVetoes final : public Vetoes {
 public:
  std::string refusal(std::uint32_t, std::uint32_t) override { return {}; }
  void joined(std::uint32_t, std::uint32_t) override {}
};

const ClusterRules usual{5'000, 2'000, 0, -6'000, 10'000};

BOOST_AUTO_TEST_CASE(a_chain_does_not_hold) {
  // 0-1-2-3-4: each is alike the next one and nobody else.
  const Table chain{{{{0, 1}, 9'000}, {{1, 2}, 8'500}, {{2, 3}, 8'000}, {{3, 4}, 7'500}}};
  NoVetoes vetoes;
  const Clusters found = cluster({0, 1, 2, 3, 4}, chain.pairs(), usual, vetoes,
                                 [&](std::uint32_t a, std::uint32_t b) { return chain.of(a, b); });
  std::map<std::uint32_t, int> sizes;
  for (const std::uint32_t group : found.group) ++sizes[group];
  for (const auto& [group, size] : sizes) BOOST_TEST(size <= 3);
  BOOST_TEST(!found.possible.empty());
  for (const PossibleSame& one : found.possible) {
    BOOST_TEST(one.reason == "the others of the two groups are less alike");
    BOOST_TEST(found.group[one.a] != found.group[one.b]);
    BOOST_TEST(one.mean < usual.mean_at);
  }
}

BOOST_AUTO_TEST_CASE(pairs_that_blocking_missed_are_looked_at) {
  // 0-2 was never a candidate and is alike all the same.
  Table table{{{{0, 1}, 9'000}, {{1, 2}, 8'000}}};
  const std::vector<ScoredPair> pairs = table.pairs();
  table.bits[{0, 2}] = 7'000;
  NoVetoes vetoes;
  const Clusters found = cluster({0, 1, 2}, pairs, usual, vetoes,
                                 [&](std::uint32_t a, std::uint32_t b) { return table.of(a, b); });
  BOOST_TEST(found.group == (std::vector<std::uint32_t>{0, 0, 0}));
  BOOST_TEST(found.joins.size() == 2u);
  BOOST_TEST(found.joins[1].mean == 7'500);
}

BOOST_AUTO_TEST_CASE(vetoes_hold_for_whole_groups) {
  Says father{.given = "Jan",
              .surname = "Bakker",
              .birth = "1954-03-02",
              .street = "Kerkstraat",
              .number = "12",
              .postcode = "1234AB",
              .suffix = "Sr"};
  Says son = father;
  son.suffix = "Jr";
  Says either = father;
  either.suffix.clear();
  Persons people;
  people.add(father);
  people.add(son);
  people.add(either);
  const Clusters found = resolved(people, strong_ssn());
  // The third one is as likely father as son: it stays by itself.
  BOOST_TEST(found.group == (std::vector<std::uint32_t>{0, 1, 2}));
  BOOST_TEST_REQUIRE(found.possible.size() == 3u);
  for (const PossibleSame& one : found.possible) {
    BOOST_TEST(one.reason ==
               (one.b == 2 ? "as much like somebody else" : "different name suffixes"));
  }
}

BOOST_AUTO_TEST_CASE(a_generation_may_stand_behind_a_name) {
  const auto reason = [](const std::string& one, const std::string& other) {
    Persons people;
    people.add({.given = one, .surname = "Klein", .birth = "1982-04-12"});
    people.add({.given = other, .surname = "Klein", .birth = "1982-04-12"});
    const Clusters found = resolved(people, strong_ssn());
    return found.group[1] == 0 ? "one" : found.possible.empty() ? "" : found.possible[0].reason;
  };
  BOOST_TEST(reason("Morris I", "Morris II") == "different name suffixes");
  BOOST_TEST(reason("Morris Jr.", "Morris Senior") == "different name suffixes");
  BOOST_TEST(reason("Morris", "Morris II") == "one");
  BOOST_TEST(reason("Morris J", "Morris") == "one");
}

BOOST_AUTO_TEST_CASE(a_third_one_joins_whom_it_is_more_like) {
  Says father{.given = "Jan",
              .surname = "Bakker",
              .birth = "1954-03-02",
              .street = "Kerkstraat",
              .number = "12",
              .postcode = "1234AB"};
  Says son = father;
  son.birth = "1981-11-20";
  Says either = father;
  either.birth.clear();
  const auto groups = [&](const Says& third) {
    Persons people;
    people.add(father);
    people.add(son);
    people.add(third);
    return resolved(people, strong_ssn()).group;
  };
  BOOST_TEST(groups(either) == (std::vector<std::uint32_t>{0, 1, 2}));
  either.birth = "1981-11-21";
  BOOST_TEST(groups(either) == (std::vector<std::uint32_t>{0, 1, 1}));
}

BOOST_AUTO_TEST_CASE(names_and_a_town_are_no_grounds_by_a_model_that_does_not_know_the_names) {
  const Says here{.given = "Daan",
                  .surname = "Visser",
                  .street = "Kerkstraat",
                  .number = "12",
                  .postcode = "2312AB",
                  .locality = "Leiden"};
  Says there = here;
  there.number = "88";
  there.postcode = "2317XX";
  BOOST_TEST(verdict(here, there, false) == "little more than a name");
  BOOST_TEST(verdict(here, there, true) == "one");
  Says said = here;
  said.email = "d.visser@example.com";
  there.email = "mail77@example.org";
  BOOST_TEST(verdict(said, there, false) ==
             "little more than a name, and what else they say differs");
  // The day of birth is a ground, and so is a front door, until neither phone nor mail is the same.
  said.birth = there.birth = "1980-02-11";
  BOOST_TEST(verdict(said, there, false) == "one");
  Says moved = here;
  moved.email = "mail77@example.org";
  moved.phone = "+31612345678";
  said.birth.clear();
  BOOST_TEST(verdict(said, moved, false) == "one");
  said.phone = "+31687654321";
  BOOST_TEST(verdict(said, moved, false) ==
             "one door, and neither the same phone nor the same e-mail address");
  BOOST_TEST(verdict(said, moved, true) == "one");
  said.ssn = moved.ssn = "123456782";
  said.email = moved.email = "";
  BOOST_TEST(verdict(said, moved, false) == "one");
}

BOOST_AUTO_TEST_CASE(numbers_are_given_out_in_rows) {
  const Says one{.given = "Daan", .surname = "Visser", .phone = "+31612345678"};
  Says next = one;
  next.phone = "+31612345679";
  BOOST_TEST(verdict(one, next, false) == "little more than a name");
}

BOOST_AUTO_TEST_CASE(father_and_son_are_two_whatever_else_they_share) {
  Says father{.given = "Jan",
              .surname = "Bakker",
              .birth = "1954-03-02",
              .street = "Kerkstraat",
              .number = "12",
              .postcode = "1234AB",
              .locality = "Leiden"};
  Says son = father;
  son.birth = "1981-11-20";
  // A model may have learned that birth dates are often wrong.
  const auto apart = [&](bool counted) {
    Model model = counted ? with_names_counted() : shipped_for_a_thousand();
    for (Comparison& comparison : model.comparisons) {
      if (comparison.kind == Kind::birth_date) comparison.levels.back().m = 0.5;
    }
    return verdict(father, son, model);
  };
  BOOST_TEST(apart(true) == "one door, and different birth dates");
  BOOST_TEST(apart(false) == "one door, and different birth dates");
  father.phone = son.phone = "+31201234567";
  BOOST_TEST(apart(true) == "different birth dates: a shared telephone number");
  // A number that was issued to one person says more than a date that somebody typed.
  father.phone.clear();
  father.ssn = son.ssn = "123456782";
  BOOST_TEST(apart(true) == "one");
}

BOOST_AUTO_TEST_CASE(colleagues_are_not_one_by_likeness_either) {
  Says one{.given = "Daan",
           .surname = "Visser",
           .email = "d.visser@example.com",
           .phone = "+31201234567",
           .street = "Kade",
           .number = "1",
           .postcode = "2312AB"};
  Says other = one;
  other.surname = "Bakker";
  other.email = "mail77@example.org";
  BOOST_TEST(verdict(one, other, true) ==
             "different surnames and e-mail addresses: a shared telephone number");
}

// Couples that share a door, a number and often an address, and say nothing of when they were born:
// what one person's records have in common, housemates' have as well. Two of one house are two all
// the same.
BOOST_AUTO_TEST_CASE(training_does_not_take_couples_for_one_person) {
  static const std::vector<std::string> names = {
      "Anna", "Bram",  "Dirk",  "Eva",     "Fleur", "Gijs",  "Tess",  "Ilse",  "Julia", "Kees",
      "Lars", "Lotte", "Marco", "Monique", "Noor",  "Petra", "Ruben", "Sanne", "Thijs", "Wouter"};
  std::mt19937 random(4);
  Population all;
  std::uint32_t person = 0, record = 0;
  const auto add = [&](const Says& says) {
    all.persons.add(says, "crm.people/" + std::to_string(1'000'000 + record++));
    all.person.push_back(person);
  };
  for (std::uint32_t house = 0; house < 1'200; ++house) {
    Says says{.given = names[random() % names.size()],
              .surname = names[random() % names.size()] + "sen",
              .email = "mail" + std::to_string(house) + "@example.com",
              .phone = "+316" + std::to_string(10'000'000 + house * 7'919),
              .street = names[random() % names.size()] + "straat",
              .number = std::to_string(1 + random() % 80),
              .postcode = std::to_string(1000 + random() % 8000) + "AB"};
    add(says);
    if (random() % 3 == 0) {
      Says again = says;
      (random() % 2 == 0 ? again.email : again.phone).clear();
      add(again);
    }
    ++person;
    if (random() % 3 != 0) continue;
    Says partner = says;
    while (partner.given == says.given) partner.given = names[random() % names.size()];
    if (random() % 2 == 0) partner.email = "x" + std::to_string(house) + "@example.com";
    add(partner);
    ++person;
  }
  const Rules rules(strong_ssn());
  const Outcome outcome = resolve_all(all.persons.candidates, rules, 1);
  const Quality found = quality(outcome.clusters.group, all.person);
  BOOST_TEST(found.precision > 0.99);
  BOOST_TEST(found.recall > 0.99);
  BOOST_TEST(outcome.training.model.household_per_record > 0.1);
}

BOOST_AUTO_TEST_CASE(a_son_whose_names_are_crossed_is_not_his_father) {
  Says father{.given = "Jan",
              .surname = "Vries",
              .birth = "1950-02-01",
              .phone = "+31612345678",
              .street = "Kade",
              .number = "1",
              .postcode = "2312AB",
              .locality = "Leiden"};
  Says son = father;
  son.birth = "1980-05-05";
  Says crossed = son;
  std::swap(crossed.given, crossed.surname);
  Persons people;
  people.add(father);
  people.add(son);
  people.add(crossed);
  BOOST_TEST(resolved(people, strong_ssn()).group == (std::vector<std::uint32_t>{0, 1, 1}));
}

BOOST_AUTO_TEST_CASE(vetoes_hold_for_what_identifiers_joined) {
  Persons people;
  people.add({.given = "Jan",
              .surname = "Bakker",
              .birth = "1954-03-02",
              .postcode = "1234AB",
              .ssn = "123456782"});
  people.add({.given = "Jan", .suffix = "Sr", .ssn = "123456782"});
  people.add({.given = "Jan",
              .surname = "Bakker",
              .birth = "1954-03-02",
              .postcode = "1234AB",
              .suffix = "Jr"});
  const Rules rules(strong_ssn());
  Model model = shipped_person();
  model.records = 1000;
  const Likeness likeness(rules, model, people.candidates, {});
  ClusterRules thresholds = rules_of(model);
  thresholds.mean_at = -100'000;  // evidence is not what keeps them apart
  const auto found =
      likeness.cluster(model, likeness.compare(model, thresholds.review_at, 1), thresholds);
  BOOST_TEST(found.group == (std::vector<std::uint32_t>{0, 0, 2}));
  BOOST_TEST_REQUIRE(found.possible.size() == 1u);
  BOOST_TEST(found.possible[0].reason == "different name suffixes");
  const auto why = common_rules(model, likeness.features(), 0, 2);
  BOOST_TEST((std::find(why.begin(), why.end(), "surname + birth_date") != why.end()));
  BOOST_TEST((std::find(why.begin(), why.end(), "postcode + given") != why.end()));
  BOOST_TEST((std::find(why.begin(), why.end(), "identifier") == why.end()));
}

BOOST_AUTO_TEST_CASE(a_source_without_doubles_gives_a_profile_one_record) {
  const Says anna{
      .given = "Anna", .surname = "Bakker", .birth = "1980-02-12", .postcode = "1234AB"};
  Persons people;
  Says with_a_slip = anna;
  with_a_slip.given = "Annn";
  people.add(anna, "shop.customers/1");
  people.add(with_a_slip, "shop.customers/2");
  people.add(anna, "crm.people/1");
  config::Identity identity = strong_ssn();
  identity.one_record_per_profile = {"shop.customers"};
  const Clusters found = resolved(people, identity);
  // In order of name: crm.people/1, shop.customers/1, shop.customers/2.
  BOOST_TEST(found.group == (std::vector<std::uint32_t>{0, 0, 2}));
  BOOST_TEST_REQUIRE(found.possible.size() == 1u);
  BOOST_TEST(found.possible[0].reason == "two records of a source that holds no doubles");
}

BOOST_AUTO_TEST_CASE(identifiers_have_joined_already) {
  Persons people;
  people.add({.given = "Anna", .surname = "Bakker", .ssn = "123456782"});
  people.add({.given = "Anna", .surname = "Visser", .ssn = "123456782"});
  people.add({.given = "Bram", .surname = "Jansen"});
  const Rules rules(strong_ssn());
  const Model model = shipped_person();
  const Likeness likeness(rules, model, people.candidates, {});
  BOOST_TEST(likeness.joined_by_identifiers() == (std::vector<std::uint32_t>{0, 0, 2}));
  const auto found = likeness.cluster(model, {}, rules_of(model));
  BOOST_TEST(found.group == (std::vector<std::uint32_t>{0, 0, 2}));
}

BOOST_AUTO_TEST_CASE(quality_counts_pairs_and_records) {
  // Found {0,1,2} {3}; truth {0,1} {2,3}.
  const std::vector<std::uint32_t> found{0, 0, 0, 3}, actual{0, 0, 1, 1};
  const Quality one = quality(found, actual);
  BOOST_TEST(one.pairs_found == 3);
  BOOST_TEST(one.pairs_true == 2);
  BOOST_TEST(one.pairs_right == 1);
  BOOST_TEST(std::abs(one.precision - 1.0 / 3) < 1e-9);
  BOOST_TEST(std::abs(one.recall - 0.5) < 1e-9);
  BOOST_TEST(std::abs(one.f1 - 0.4) < 1e-9);
  // B-cubed by hand: precision (2/3 + 2/3 + 1/3 + 1) / 4, recall (1 + 1 + 1/2 + 1/2) / 4.
  BOOST_TEST(std::abs(one.b3_precision - 2.0 / 3) < 1e-9);
  BOOST_TEST(std::abs(one.b3_recall - 0.75) < 1e-9);
  BOOST_TEST(quality(found, actual, 2).pairs_true == 4);
  BOOST_TEST(sizes(found) == (std::vector<std::int64_t>{0, 1, 0, 1}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::resolve::test
