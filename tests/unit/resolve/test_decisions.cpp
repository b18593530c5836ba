// What somebody said of two records: it comes before identifiers, and "not the same" before "the
// same".
#include <boost/test/unit_test.hpp>

#include "people.h"

namespace rondom::resolve::test {
namespace {

struct DecisionsFixture {
  Rules rules{usual_identity()};
  People people;
  std::vector<store::Decision> decisions;

  void say(std::size_t a, std::size_t b, bool same) {
    const store::RecordId one = people.candidates[a].id, other = people.candidates[b].id;
    decisions.push_back({std::min(one, other), std::max(one, other), same, 1});
  }
  Solution solved(bool explain = false) const {
    return solve(rules, people.candidates, explain, {}, decisions);
  }
  bool together(std::size_t a, std::size_t b) const {
    const Solution solution = solved();
    return solution.cluster[a] == solution.cluster[b];
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(resolve_decisions, DecisionsFixture)

BOOST_AUTO_TEST_CASE(the_same_joins_what_shares_nothing) {
  people.add({"crm.Contact/1", "Sanne", "Wit", "1980-01-01", "", {}});
  people.add({"crm.Contact/2", "Sanna", "Bos", "1991-07-30", "", {}});
  BOOST_TEST(!together(0, 1));
  say(0, 1, true);
  BOOST_TEST(together(0, 1));
  const Solution solution = solved(true);
  BOOST_REQUIRE(solution.edges.size() == 1u);
  BOOST_TEST(solution.edges[0].name_space == decision_edge);
  BOOST_TEST(solution.edges[0].refused.empty());
}

BOOST_AUTO_TEST_CASE(a_profile_that_was_said_to_hold_two_logins_still_takes_more_records) {
  people.add({"crm.Contact/1", "Sanne", "Wit", "", "", {{"customer_login", "1"}}});
  people.add({"crm.Contact/2",
              "Sanne",
              "Wit",
              "",
              "",
              {{"customer_login", "2"}, {"email", "s@example.com"}}});
  people.add({"crm.Contact/3", "Sanne", "Wit", "", "", {{"email", "s@example.com"}}});
  people.add({"crm.Contact/4",
              "Sanne",
              "Wit",
              "",
              "",
              {{"customer_login", "3"}, {"email", "s@example.com"}}});
  say(0, 1, true);
  BOOST_TEST(together(0, 1));
  BOOST_TEST(together(0, 2));
  BOOST_TEST(!together(0, 3));
}

BOOST_AUTO_TEST_CASE(not_the_same_keeps_apart_what_shares_an_address) {
  people.add({"crm.Contact/1", "Sanne", "Wit", "", "", {{"email", "s@example.com"}}});
  people.add({"crm.Contact/2", "Sanne", "Wit", "", "", {{"email", "s@example.com"}}});
  people.add({"crm.Contact/3", "Sanne", "Wit", "", "", {{"email", "s@example.com"}}});
  BOOST_TEST(together(0, 1));
  say(0, 1, false);
  BOOST_TEST(!together(0, 1));
  const Solution solution = solved(true);
  BOOST_TEST(std::any_of(solution.edges.begin(), solution.edges.end(),
                         [](const Edge& edge) { return edge.refused == said_not_the_same; }));
}

BOOST_AUTO_TEST_CASE(not_the_same_wins_over_the_same_by_a_detour) {
  for (int i = 1; i <= 3; ++i) {
    people.add({"crm.Contact/" + std::to_string(i), "Sanne", "Wit", "", "", {}});
  }
  say(0, 1, true);
  say(1, 2, true);
  say(0, 2, false);
  BOOST_TEST(together(0, 1));
  BOOST_TEST(!together(0, 2));
  BOOST_TEST(!together(1, 2));
}

BOOST_AUTO_TEST_CASE(decisions_about_others_change_nothing) {
  people.add({"crm.Contact/1", "Sanne", "Wit", "", "", {{"email", "s@example.com"}}});
  people.add({"crm.Contact/2", "Sanne", "Wit", "", "", {{"email", "s@example.com"}}});
  decisions.push_back({people.candidates[0].id, 4711, false, 1});
  BOOST_TEST(together(0, 1));
}

BOOST_AUTO_TEST_CASE(pairs_that_are_alike_bring_clusters_together) {
  people.add({"crm.Contact/1", "Sanne", "Wit", "", "", {{"email", "s@example.com"}}});
  people.add({"crm.Contact/2", "Sanne", "Wit", "", "", {{"email", "s@example.com"}}});
  people.add({"crm.Contact/3", "Sanne", "de Wit", "", "", {}});
  people.add({"crm.Contact/4", "Bram", "Bos", "", "", {}});
  Solution solution = solved();
  BOOST_TEST(solution.clusters == 3u);
  const std::pair<store::RecordId, store::RecordId> pairs[] = {
      {people.candidates[1].id, people.candidates[2].id}, {people.candidates[3].id, 4711}};
  join_pairs(people.candidates, pairs, solution);
  BOOST_TEST(solution.clusters == 2u);
  BOOST_TEST(solution.cluster[0] == solution.cluster[2]);
  BOOST_TEST(solution.cluster[0] == 0u);
  BOOST_TEST(solution.cluster[3] == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::resolve::test
