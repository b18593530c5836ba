// Properties of resolve over random people, with fixed seeds.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <set>

#include "people.h"
#include "pipeline/resolve/facts.h"

namespace rondom::resolve::test {
namespace {

constexpr unsigned seeds = 300;

People random_people(std::mt19937& random) {
  static const std::vector<std::string> given = {"Anna", "A.", "Bram", "B.", "", "Cees", "Jan"};
  static const std::vector<std::string> births = {"",           "",           "1980-02-12",
                                                  "1980-12-02", "1954-03-02", "1980"};
  static const std::vector<std::string> suffixes = {"", "", "", "Jr", "Sr"};
  static const std::vector<std::string> streams = {"crm.Contact", "shop.customers", "news.members"};
  static const std::vector<std::string> spaces = {"email", "email", "phone", "customer_login",
                                                  "visitor"};
  const auto pick = [&](const auto& list) { return list[random() % list.size()]; };
  People people;
  const std::size_t count = 2 + random() % 14;
  for (std::size_t i = 0; i < count; ++i) {
    Said said{pick(streams) + "/" + std::to_string(i),
              pick(given),
              "Berg",
              pick(births),
              pick(suffixes),
              {}};
    const std::size_t identifiers = random() % 4;
    for (std::size_t j = 0; j < identifiers; ++j) {
      said.identifiers.push_back({pick(spaces), "v" + std::to_string(random() % 6)});
    }
    people.add(said);
  }
  return people;
}

using Partition = std::set<std::set<std::string_view>>;

Partition partition(const std::vector<Candidate>& candidates, const Solution& solution) {
  std::map<std::uint32_t, std::set<std::string_view>> parts;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    parts[solution.cluster[i]].insert(candidates[i].name);
  }
  Partition all;
  for (auto& [number, part] : parts) all.insert(part);
  return all;
}

std::uint32_t compact(const std::string& date) {
  return static_cast<std::uint32_t>(
      std::stoul(date.substr(0, 4) + date.substr(5, 2) + date.substr(8, 2)));
}

void check_cluster(const std::vector<const Said*>& members) {
  std::set<std::string> logins, emails, visitors;
  int shop_records = 0;
  for (const Said* one : members) {
    shop_records += one->name.starts_with("shop.customers/");
    for (const auto& [space, value] : one->identifiers) {
      if (space == "customer_login") logins.insert(value);
      if (space == "email") emails.insert(value);
      if (space == "visitor") visitors.insert(value);
    }
    for (const Said* other : members) {
      if (one->birth.size() == 10 && other->birth.size() == 10) {
        BOOST_TEST(births_compatible(compact(one->birth), compact(other->birth)));
      }
      BOOST_TEST((one->suffix.empty() || other->suffix.empty() || one->suffix == other->suffix));
    }
  }
  BOOST_TEST(logins.size() <= 1u);
  BOOST_TEST(emails.size() <= 3u);
  BOOST_TEST(visitors.size() <= 4u);
  BOOST_TEST(shop_records <= 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(resolve_properties)

BOOST_AUTO_TEST_CASE(order_of_arrival_and_ids_do_not_matter) {
  const Rules rules(usual_identity());
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random(seed);
      const People people = random_people(random);
      const Partition expected =
          partition(people.candidates, solve(rules, people.candidates, false));
      std::vector<Candidate> shuffled = people.candidates;
      for (int round = 0; round < 4; ++round) {
        std::shuffle(shuffled.begin(), shuffled.end(), random);
        for (std::size_t i = 0; i < shuffled.size(); ++i) {
          shuffled[i].id = static_cast<store::RecordId>(random() % 1000);
        }
        BOOST_TEST((partition(shuffled, solve(rules, shuffled, false)) == expected));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(no_cluster_breaks_a_veto_or_a_limit) {
  const Rules rules(usual_identity());
  std::size_t joined = 0;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random(seed);
      const People people = random_people(random);
      const Solution solution = solve(rules, people.candidates, false);
      std::map<std::uint32_t, std::vector<const Said*>> clusters;
      for (std::size_t i = 0; i < people.said.size(); ++i) {
        clusters[solution.cluster[i]].push_back(&people.said[i]);
      }
      for (const auto& [number, members] : clusters) {
        if (members.size() > 1) check_cluster(members);
        joined += members.size() > 1;
      }
    }
  }
  BOOST_TEST(joined > seeds / 2);  // the generator makes people who do join
}

BOOST_AUTO_TEST_CASE(strong_joins_alone_never_mix_given_names) {
  config::Identity identity = usual_identity();
  identity.identifiers.erase(identity.identifiers.begin());  // no customer_login
  const Rules rules(identity);
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random(seed);
      const People people = random_people(random);
      const Solution solution = solve(rules, people.candidates, false);
      for (std::size_t i = 0; i < people.said.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (solution.cluster[i] != solution.cluster[j]) continue;
          BOOST_TEST(given_names_compatible(people.said[i].given, people.said[j].given));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(explaining_changes_nothing_and_refusals_have_reasons) {
  const Rules rules(usual_identity());
  std::int64_t refused_in_all = 0;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random(seed);
      const People people = random_people(random);
      const Solution plain = solve(rules, people.candidates, false);
      const Solution explained = solve(rules, people.candidates, true);
      BOOST_TEST(plain.cluster == explained.cluster, boost::test_tools::per_element());
      BOOST_TEST(plain.refused == explained.refused);
      BOOST_TEST(plain.edges.empty());
      std::int64_t refused = 0;
      for (const Edge& edge : explained.edges) {
        BOOST_TEST((people.candidates[edge.a].name < people.candidates[edge.b].name));
        if (edge.refused.empty()) {
          BOOST_TEST(explained.cluster[edge.a] == explained.cluster[edge.b]);
        } else {
          ++refused;
        }
      }
      BOOST_TEST(refused == explained.refused);
      refused_in_all += refused;
    }
  }
  BOOST_TEST(refused_in_all > 0);
}

BOOST_AUTO_TEST_CASE(a_stranger_changes_nothing) {
  const Rules rules(usual_identity());
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random(seed);
      People people = random_people(random);
      Partition expected = partition(people.candidates, solve(rules, people.candidates, false));
      people.add({"aaa.first/1", "Anna", "Berg", "", "", {{"email", "stranger@example.com"}}});
      expected.insert({people.candidates.back().name});
      BOOST_TEST(
          (partition(people.candidates, solve(rules, people.candidates, false)) == expected));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::resolve::test
