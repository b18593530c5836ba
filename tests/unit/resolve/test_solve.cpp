// What joins, what stays apart, and the reason that is given.
#include <boost/test/unit_test.hpp>

#include "people.h"

namespace rondom::resolve::test {
namespace {

struct Fixture {
  Rules rules{usual_identity()};
  People people;
  Solution solution;

  void solve_all(bool explain = true, std::span<const std::uint64_t> generic = {}) {
    solution = solve(rules, people.candidates, explain, generic);
  }
  bool together(std::size_t a, std::size_t b) const {
    return solution.cluster[a] == solution.cluster[b];
  }
  std::string only_refusal() const {
    std::string reason;
    for (const Edge& edge : solution.edges) {
      if (!edge.refused.empty()) reason = reason.empty() ? edge.refused : "more than one";
    }
    return reason;
  }
};

using Ids = std::vector<std::pair<std::string, std::string>>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(resolve_solve, Fixture)

BOOST_AUTO_TEST_CASE(nothing_in_gives_nothing_out) {
  solve_all();
  BOOST_TEST(solution.clusters == 0u);
  BOOST_TEST(solution.cluster.empty());
}

BOOST_AUTO_TEST_CASE(one_record_is_one_profile) {
  people.add({"crm.Contact/1", "Sanne", "Wit", "", "", {{"email", "sanne@example.com"}}});
  solve_all();
  BOOST_TEST(solution.clusters == 1u);
  BOOST_TEST(solution.cluster[0] == 0u);
}

BOOST_AUTO_TEST_CASE(the_same_address_and_name_join) {
  people.add({"crm.Contact/1", "Sanne", "Wit", "", "", {{"email", "sanne@example.com"}}});
  people.add({"shop.customers/9", "S.", "de Wit", "", "", {{"email", "sanne@example.com"}}});
  people.add({"crm.Contact/2", "Sanne", "Wit", "", "", {{"email", "other@example.com"}}});
  solve_all();
  BOOST_TEST(solution.clusters == 2u);
  BOOST_TEST(together(0, 1));
  BOOST_TEST(!together(0, 2));
  BOOST_REQUIRE(solution.edges.size() == 1u);
  BOOST_TEST(solution.edges[0].name_space == "email");
  BOOST_TEST(solution.edges[0].value == "sanne@example.com");
  BOOST_TEST(solution.edges[0].refused.empty());
  BOOST_TEST(solution.edges[0].a == 0u);
  BOOST_TEST(solution.edges[0].b == 1u);
}

BOOST_AUTO_TEST_CASE(a_family_address_stays_two_people) {
  people.add(
      {"crm.Contact/003A", "Anna", "Berg", "1980-02-29", "", {{"email", "thuis@example.com"}}});
  people.add({"crm.Contact/003B", "Bram", "Berg", "", "", {{"email", "thuis@example.com"}}});
  solve_all();
  BOOST_TEST(solution.clusters == 2u);
  BOOST_TEST(solution.refused == 1);
  BOOST_TEST(only_refusal() == "different given names: a shared contact point");
}

BOOST_AUTO_TEST_CASE(a_slip_in_the_name_does_not_part_a_document_number) {
  config::Identity identity = usual_identity();
  config::IdentifierRule passport;
  passport.name_space = "passport";
  passport.strength = config::IdentifierClass::strong;
  identity.identifiers.push_back(passport);
  rules = Rules(identity);
  people.add({"crm.Contact/1", "Juan", "Berg", "", "", {{"passport", "A1"}, {"phone", "+31201"}}});
  people.add({"crm.Contact/2", "Juann", "Berg", "", "", {{"passport", "A1"}}});
  people.add({"crm.Contact/3", "Bram", "Berg", "", "", {{"passport", "A1"}}});
  people.add({"crm.Contact/4", "Juana", "Berg", "", "", {{"phone", "+31201"}}});
  solve_all();
  BOOST_TEST(solution.clusters == 3u);
  BOOST_TEST(together(0, 1));
  BOOST_TEST(!together(0, 2));
  BOOST_TEST(!together(0, 3));
}

BOOST_AUTO_TEST_CASE(a_nameless_record_of_an_address_that_two_share_is_nobodys) {
  const Ids home = {{"email", "thuis@example.com"}};
  people.add({"crm.Contact/1", "", "", "", "", home});
  people.add({"crm.Contact/2", "Anna", "Berg", "", "", home});
  people.add({"crm.Contact/3", "Bram", "Berg", "", "", home});
  people.add({"crm.Contact/4", "", "", "", "", home});
  solve_all();
  BOOST_TEST(solution.clusters == 3u);
  BOOST_TEST(together(0, 3));
  BOOST_TEST(!together(0, 1));
  BOOST_TEST(!together(0, 2));
  BOOST_TEST(!together(1, 2));
  people.candidates.erase(people.candidates.begin() + 2);
  solve_all();
  BOOST_TEST(solution.clusters == 1u);
  BOOST_TEST(only_refusal().empty());
}

BOOST_AUTO_TEST_CASE(who_may_be_either_of_two_joins_neither) {
  struct Case {
    Said one, other, either;
  };
  const Ids home = {{"phone", "+31201"}};
  const Case cases[] = {
      // By initials, and by a birth date that is not known; first or last in order of name.
      {{"crm.Contact/2", "Jan", "Bakker", "", "", home},
       {"crm.Contact/3", "Johanna", "Bakker", "", "", home},
       {"crm.Contact/1", "J.", "Bakker", "", "", home}},
      {{"crm.Contact/1", "Jan", "Bakker", "1950-02-01", "", home},
       {"crm.Contact/2", "Jan", "Bakker", "1980-05-05", "", home},
       {"crm.Contact/3", "Jan", "Bakker", "", "", home}},
      {{"crm.Contact/2", "Jan", "Bakker", "", "Sr", home},
       {"crm.Contact/3", "Jan", "Bakker", "", "Jr", home},
       {"crm.Contact/1", "Jan", "Bakker", "", "", home}},
  };
  for (const Case& one : cases) {
    people = {};
    people.add(one.one);
    people.add(one.other);
    people.add(one.either);
    solve_all();
    BOOST_TEST(solution.clusters == 3u, one.either.given);
    // With only one of them there it is that one.
    people = {};
    people.add(one.one);
    people.add(one.either);
    solve_all();
    BOOST_TEST(solution.clusters == 1u, one.either.given);
  }
}

BOOST_AUTO_TEST_CASE(too_many_addresses_do_not_make_two_people) {
  // Of one person there are four addresses, one more than a profile may hold: the rest of the
  // records still join the first.
  const auto add = [&](const char* name, const char* email) {
    people.add({name, "Jan", "Bakker", "", "", {{"phone", "+31201"}, {"email", email}}});
  };
  add("crm.Contact/1", "a@example.com");
  add("crm.Contact/2", "b@example.com");
  add("crm.Contact/3", "c@example.com");
  add("crm.Contact/4", "d@example.com");
  people.add({"crm.Contact/5", "Jan", "Bakker", "", "", {{"phone", "+31201"}}});
  solve_all();
  BOOST_TEST(solution.clusters == 2u);
  BOOST_TEST(together(0, 4));
  BOOST_TEST(!together(0, 3));
}

BOOST_AUTO_TEST_CASE(colleagues_at_one_desk_are_not_one) {
  const auto refused = [&](Said one, Said other) {
    people = {};
    one.name = "crm.Contact/1";
    other.name = "crm.Contact/2";
    people.add(one);
    people.add(other);
    solve_all();
    return solution.clusters == 1u ? "joined" : only_refusal();
  };
  const Said anna{"", "Anna", "Berg", "", "", {{"phone", "+31201"}, {"email", "a@example.com"}}};
  Said other{"", "Anna", "Visser", "", "", {{"phone", "+31201"}, {"email", "v@example.com"}}};
  BOOST_TEST(refused(anna, other) ==
             "different surnames and e-mail addresses: a shared telephone number");
  other.identifiers = {{"phone", "+31202"}, {"email", "a@example.com"}};
  // What else they say may be of one who married: a mailbox, the number alone, a double name, the
  // same day.
  BOOST_TEST(refused(anna, other) == "joined");
  other.identifiers = {{"phone", "+31201"}};
  BOOST_TEST(refused(anna, other) == "joined");
  other.identifiers = {{"phone", "+31201"}, {"email", "v@example.com"}};
  other.surname = "Visser-Berg";
  BOOST_TEST(refused(anna, other) == "joined");
  other.surname = "Bergh";
  BOOST_TEST(refused(anna, other) == "joined");
  other.surname = "Visser";
  other.birth = "1980-02-29";
  BOOST_TEST(refused(anna, other) ==
             "different surnames and e-mail addresses: a shared telephone number");
  Said born = anna;
  born.birth = other.birth;
  BOOST_TEST(refused(born, other) == "joined");
}

BOOST_AUTO_TEST_CASE(whole_names_are_names) {
  // Names of which nobody knows which part is the given one.
  const auto are_joined = [](const Said& one, const Said& other) {
    People people;
    people.add(one);
    people.add(other);
    return solve(Rules(usual_identity()), people.candidates, false).clusters == 1;
  };
  const auto whole = [](const char* full, const char* space = "email") {
    return Said{std::string("a.b/") + full,
                "",
                "",
                "",
                "",
                {{space, "casa@example.com"}},
                Entity::person,
                full};
  };
  const auto with_given = [](const char* given) {
    return Said{"c.d/1", given, "", "", "", {{"email", "casa@example.com"}}};
  };
  BOOST_TEST(!are_joined(whole("María García López"), whole("José Pérez Ruiz")));
  BOOST_TEST(!are_joined(whole("María García López"), whole("Ana García López")));
  BOOST_TEST(!are_joined(whole("J Jansen"), whole("Piet Jansen")));
  BOOST_TEST(are_joined(whole("María García López"), whole("maria garcia")));
  BOOST_TEST(are_joined(whole("García López María"), whole("M. García López")));
  BOOST_TEST(are_joined(whole("María García López"), with_given("Maria")));
  BOOST_TEST(are_joined(whole("María García López"), with_given("")));
  BOOST_TEST(!are_joined(whole("María García López"), with_given("Pedro")));
  BOOST_TEST(are_joined(whole("王伟"), with_given("Wei")));
  BOOST_TEST(are_joined(whole("王伟"), whole("Wei Wang")));
  BOOST_TEST(!are_joined(whole("王伟"), whole("李娜")));
  const auto with_parts = [](const char* given, const char* surname) {
    return Said{"c.d/1", given, surname, "", "", {{"email", "casa@example.com"}}};
  };
  // A surname, a firm's, a user's name or an address is nobody's whole name.
  BOOST_TEST(are_joined(whole("García López"), with_parts("Maria", "García López")));
  BOOST_TEST(!are_joined(whole("García López"), with_parts("Maria", "Pérez")));
  BOOST_TEST(are_joined(whole("Schmidt"), with_parts("Maria", "Schmidt")));
  BOOST_TEST(are_joined(whole("Nachtuil"), with_given("Pedro")));
  Said firm = whole("Gebroeders Visser");
  firm.full_rule = Rule::organization_name;
  BOOST_TEST(are_joined(firm, with_given("Pedro")));
  BOOST_TEST(!are_joined(whole("Gebroeders Visser"), with_given("Pedro")));
  BOOST_TEST(are_joined(whole("m garcia 84"), with_given("Pedro")));
  BOOST_TEST(are_joined(whole("maria at@example.com"), with_given("Pedro")));
  // Scripts that write a name in one word, or in parts.
  BOOST_TEST(are_joined(whole("王小明"), with_parts("小明", "王")));
  BOOST_TEST(are_joined(whole("王 小明"), whole("王小明")));
  BOOST_TEST(are_joined(whole("김민수"), with_parts("민수", "김")));
  BOOST_TEST(!are_joined(whole("王小明"), with_parts("建国", "王")));
  // What parts a shared address parts no document number: a surname may be another one, or slipped.
  BOOST_TEST(!are_joined(whole("María García López"), whole("María García Lopes")));
  config::Identity identity = usual_identity();
  identity.identifiers.push_back({});
  identity.identifiers.back().name_space = "passport";
  identity.identifiers.back().strength = config::IdentifierClass::strong;
  People people;
  people.add(whole("María García López", "passport"));
  people.add(whole("María García Lopez", "passport"));
  people.add(whole("María García Schmidt", "passport"));
  BOOST_TEST(solve(Rules(identity), people.candidates, false).clusters == 1u);
}

BOOST_AUTO_TEST_CASE(a_number_of_many_whole_names_joins_nobody) {
  for (std::size_t i = 0; i <= limits::people_per_identifier_max; ++i) {
    const std::string number = std::to_string(i);
    people.add({"a.b/" + number,
                "",
                "",
                "",
                "",
                {{"phone", "+31201234567"}},
                Entity::person,
                std::string("Somebody Name") + static_cast<char>('a' + i)});
  }
  solve_all();
  BOOST_TEST(solution.clusters == people.candidates.size());
  BOOST_TEST(solution.generic.size() == 1u);
}

BOOST_AUTO_TEST_CASE(people_and_organizations_are_counted_by_themselves) {
  // As likeness sees them, of which one entity never knows how many of the other there are.
  for (std::size_t i = 0; i < limits::people_per_identifier_max; ++i) {
    const std::string number = std::to_string(i);
    people.add({"a.b/" + number, "Anna", "Surname" + number, "", "", {{"phone", "+3120"}}});
    people.add({"c.d/" + number,
                "",
                "Acme " + number,
                "",
                "",
                {{"phone", "+3120"}},
                Entity::organization});
  }
  solve_all();
  BOOST_TEST(solution.generic.empty());
}

BOOST_AUTO_TEST_CASE(nameless_records_are_told_apart_by_their_addresses) {
  // A tablet in a shop at which people leave an address and nothing else.
  config::Identity identity = usual_identity();
  identity.identifiers.push_back({});
  identity.identifiers.back().name_space = "device";
  identity.identifiers.back().strength = config::IdentifierClass::strong;
  rules = Rules(identity);
  for (std::size_t i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    people.add({"a.b/" + number,
                "",
                "",
                "",
                "",
                {{"device", "tablet"}, {"email", "somebody" + number + "@example.com"}}});
  }
  solve_all();
  BOOST_TEST(solution.clusters == people.candidates.size());
  BOOST_REQUIRE(solution.generic.size() == 1u);
  BOOST_TEST(solution.generic[0].name_space == "device");
  BOOST_TEST(solution.generic[0].people == 300);
}

BOOST_AUTO_TEST_CASE(an_address_with_many_numbers_and_no_name_joins_nobody) {
  for (std::size_t i = 0; i < 300; ++i) {
    const std::string number = std::to_string(1000 + i);
    people.add({"a.b/" + number,
                "",
                "",
                "",
                "",
                {{"email", "desk@example.com"}, {"phone", "+3120123" + number}}});
  }
  solve_all();
  BOOST_TEST(solution.clusters == people.candidates.size());
  BOOST_REQUIRE(solution.generic.size() == 1u);
  BOOST_TEST(solution.generic[0].name_space == "email");
}

BOOST_AUTO_TEST_CASE(somebody_with_and_without_a_name_is_counted_once) {
  for (std::size_t i = 0; i < limits::people_per_identifier_max; ++i) {
    const std::string number = std::to_string(i);
    const std::string address = "somebody" + number + "@example.com";
    people.add({"a.b/" + number, "", "", "", "", {{"phone", "+31201234567"}, {"email", address}}});
    people.add({"c.d/" + number,
                "Anna",
                "Surname" + number,
                "",
                "",
                {{"phone", "+31201234567"}, {"email", address}}});
  }
  solve_all();
  BOOST_TEST(solution.generic.empty());
}

BOOST_AUTO_TEST_CASE(what_a_record_says_too_much_of_does_not_keep_it_from_its_copy) {
  const Ids numbers = {{"phone", "+3120"}, {"kvk", "1"}, {"kvk", "2"}};
  people.add({"a.b/1", "", "Acme", "", "", numbers, Entity::organization});
  people.add({"c.d/1", "", "Acme", "", "", numbers, Entity::organization});
  // One of the two may be somebody else's.
  people.add(
      {"e.f/1", "", "Acme", "", "", {{"phone", "+3120"}, {"kvk", "1"}}, Entity::organization});
  // Of many addresses each is still theirs, and one more is one too many.
  Ids addresses;
  for (int i = 0; i < 5; ++i) {
    addresses.emplace_back("email", "e" + std::to_string(i) + "@example.com");
  }
  people.add({"g.h/1", "Anna", "Berg", "", "", addresses});
  people.add({"i.j/1", "Anna", "Berg", "", "", {{"email", "e1@example.com"}}});
  people.add({"k.l/1",
              "Anna",
              "Berg",
              "",
              "",
              {{"email", "e1@example.com"}, {"email", "other@example.com"}}});
  people.add({"m.n/1", "John II", "Doe Jr", "", "", {{"email", "john@example.com"}}});
  people.add({"o.p/1", "John II", "Doe Jr", "", "", {{"email", "john@example.com"}}});
  solve_all();
  BOOST_TEST(together(0, 1));
  BOOST_TEST(!together(0, 2));
  BOOST_TEST(together(3, 4));
  BOOST_TEST(!together(3, 5));
  BOOST_TEST(together(6, 7));
}

BOOST_AUTO_TEST_CASE(a_unique_id_joins_whatever_the_given_names) {
  people.add({"crm.Contact/1", "Anna", "Berg", "", "", {{"customer_login", "77"}}});
  people.add({"crm.Contact/2", "Johanna", "Smit", "", "", {{"customer_login", "77"}}});
  solve_all();
  BOOST_TEST(together(0, 1));
}

BOOST_AUTO_TEST_CASE(two_different_unique_ids_never_share_a_profile) {
  people.add({"a.b/1", "Anna", "", "", "", {{"customer_login", "1"}, {"email", "a@example.com"}}});
  people.add({"a.b/2", "Anna", "", "", "", {{"customer_login", "2"}, {"email", "a@example.com"}}});
  solve_all();
  BOOST_TEST(!together(0, 1));
  BOOST_TEST(only_refusal() == "different customer_login");
}

BOOST_AUTO_TEST_CASE(a_blocked_unique_id_is_no_veto) {
  people.add({"a.b/1", "Anna", "", "", "", {{"customer_login", "0"}, {"email", "a@example.com"}}});
  people.add({"a.b/2", "Anna", "", "", "", {{"customer_login", "2"}, {"email", "a@example.com"}}});
  solve_all();
  BOOST_TEST(together(0, 1));
}

BOOST_AUTO_TEST_CASE(birth_dates_veto_unless_a_typo) {
  struct Case {
    const char* a;
    const char* b;
    bool joined;
  };
  const Case cases[] = {{"1980-02-12", "1980-02-12", true},  {"1980-02-12", "1980-12-02", true},
                        {"1980-02-12", "1980-02-13", true},  {"1980-02-12", "1990-02-12", true},
                        {"1980-02-12", "1954-03-02", false}, {"1980-02-12", "1981-02-13", false},
                        {"1980", "1954-03-02", true},        {"", "1954-03-02", true},
                        {"1980-02", "1954-03", true}};
  for (const Case& one : cases) {
    People pair;
    pair.add({"a.b/1", "Anna", "", one.a, "", {{"email", "a@example.com"}}});
    pair.add({"a.b/2", "Anna", "", one.b, "", {{"email", "a@example.com"}}});
    const Solution solved = solve(rules, pair.candidates, true);
    BOOST_TEST((solved.clusters == 1u) == one.joined, one.a << " and " << one.b);
    if (!one.joined) BOOST_TEST(solved.edges[0].refused == "different birth dates");
  }
}

BOOST_AUTO_TEST_CASE(birth_dates_veto_a_unique_id_too) {
  people.add({"a.b/1", "Anna", "", "1980-02-12", "", {{"customer_login", "5"}}});
  people.add({"a.b/2", "Anna", "", "1954-11-03", "", {{"customer_login", "5"}}});
  solve_all();
  BOOST_TEST(!together(0, 1));
}

BOOST_AUTO_TEST_CASE(junior_is_not_senior) {
  people.add({"a.b/1", "Jan", "Smit", "", "Jr.", {{"email", "a@example.com"}}});
  people.add({"a.b/2", "Jan", "Smit", "", "Sr.", {{"email", "a@example.com"}}});
  people.add({"a.b/3", "Jan", "Smit", "", "MSc", {{"email", "a@example.com"}}});
  solve_all();
  BOOST_TEST(solution.clusters == 3u);  // the master of science may be either
  people.candidates.pop_back();
  solve_all();
  BOOST_TEST(only_refusal() == "different name suffixes");
  people.candidates[1] = people.candidates[0];
  people.candidates[1].name = "a.b/4";
  solve_all();
  BOOST_TEST(solution.clusters == 1u);
}

BOOST_AUTO_TEST_CASE(a_weak_identifier_never_joins) {
  people.add({"a.b/1", "Anna", "Berg", "", "", {{"visitor", "v1"}}});
  people.add({"a.b/2", "Anna", "Berg", "", "", {{"visitor", "v1"}}});
  solve_all();
  BOOST_TEST(solution.clusters == 2u);
}

BOOST_AUTO_TEST_CASE(an_undeclared_namespace_never_joins) {
  people.add({"a.b/1", "Anna", "Berg", "", "", {{"shoe_size", "41"}}});
  people.add({"a.b/2", "Anna", "Berg", "", "", {{"shoe_size", "41"}}});
  solve_all();
  BOOST_TEST(solution.clusters == 2u);
}

BOOST_AUTO_TEST_CASE(a_blocked_address_joins_nobody_and_says_so) {
  people.add({"a.b/1", "Anna", "Berg", "", "", {{"email", "info@example.com"}}});
  people.add({"a.b/2", "Anna", "Berg", "", "", {{"email", "info@example.com"}}});
  solve_all();
  BOOST_TEST(solution.clusters == 2u);
  BOOST_TEST(only_refusal() == "blocked value");
  BOOST_TEST(solution.refused == 0);
  BOOST_TEST(!rules.connects("email", "INFO@example.com"));
  BOOST_TEST(rules.connects("email", "anna@example.com"));
  BOOST_TEST(!rules.connects("visitor", "v1"));
}

BOOST_AUTO_TEST_CASE(a_limit_refuses_the_edge_that_would_break_it) {
  people.add({"a.b/1",
              "Anna",
              "",
              "",
              "",
              {{"email", "1@example.com"}, {"email", "2@example.com"}, {"phone", "+3120"}}});
  people.add({"a.b/2",
              "Anna",
              "",
              "",
              "",
              {{"email", "3@example.com"}, {"email", "4@example.com"}, {"phone", "+3120"}}});
  people.add(
      {"a.b/3", "Anna", "", "", "", {{"email", "2@example.com"}, {"email", "5@example.com"}}});
  solve_all();
  BOOST_TEST(!together(0, 1));
  BOOST_TEST(together(0, 2));
  BOOST_TEST(only_refusal() == "more than 3 e-mail addresses");
}

BOOST_AUTO_TEST_CASE(a_weak_limit_counts_too) {
  Ids left = {{"phone", "+3120"}}, right = {{"phone", "+3120"}};
  for (int i = 0; i < 3; ++i) left.push_back({"visitor", "l" + std::to_string(i)});
  for (int i = 0; i < 2; ++i) right.push_back({"visitor", "r" + std::to_string(i)});
  people.add({"a.b/1", "Anna", "", "", "", left});
  people.add({"a.b/2", "Anna", "", "", "", right});
  solve_all();
  BOOST_TEST(only_refusal() == "more than 4 visitor values");
}

BOOST_AUTO_TEST_CASE(one_record_of_a_source_without_doubles) {
  people.add({"shop.customers/1", "Anna", "", "", "", {{"email", "a@example.com"}}});
  people.add({"shop.customers/2", "Anna", "", "", "", {{"email", "a@example.com"}}});
  people.add({"crm.Contact/3", "Anna", "", "", "", {{"email", "a@example.com"}}});
  solve_all();
  BOOST_TEST(solution.clusters == 2u);
  BOOST_TEST(together(1, 1));
  BOOST_TEST(together(2, 0));
  BOOST_TEST(!together(0, 1));
}

BOOST_AUTO_TEST_CASE(priority_decides_which_edge_wins) {
  // The login is worth more than the address: 2 goes with 3, so that 1 and 2 differ in login.
  people.add({"a.b/1", "Anna", "", "", "", {{"email", "a@example.com"}, {"customer_login", "1"}}});
  people.add({"a.b/2", "Anna", "", "", "", {{"email", "a@example.com"}, {"phone", "+3120"}}});
  people.add({"a.b/3", "Anna", "", "", "", {{"phone", "+3120"}, {"customer_login", "2"}}});
  solve_all();
  BOOST_TEST(together(0, 1));  // email comes before phone
  BOOST_TEST(!together(1, 2));
  BOOST_TEST(only_refusal() == "different customer_login");
}

BOOST_AUTO_TEST_CASE(a_person_and_an_organization_never_join) {
  people.add(
      {"crm.Account/1", "", "Acme", "", "", {{"email", "a@example.com"}}, Entity::organization});
  people.add({"crm.Contact/1", "Anna", "", "", "", {{"email", "a@example.com"}}});
  people.add({"erp.Account/1",
              "",
              "Acme Holding",
              "",
              "",
              {{"email", "a@example.com"}},
              Entity::organization});
  solve_all();
  BOOST_TEST(!together(0, 1));
  BOOST_TEST(together(0, 2));
  BOOST_TEST(solution.refused == 0);
}

BOOST_AUTO_TEST_CASE(organizations_with_different_registrations_stay_apart) {
  people.add(
      {"a.b/1", "", "Acme", "", "", {{"phone", "+3120"}, {"kvk", "1"}}, Entity::organization});
  people.add(
      {"a.b/2", "", "Acme", "", "", {{"phone", "+3120"}, {"kvk", "2"}}, Entity::organization});
  solve_all();
  BOOST_TEST(only_refusal() == "different kvk");
}

BOOST_AUTO_TEST_CASE(a_number_of_many_people_joins_nobody) {
  for (std::size_t i = 0; i <= limits::people_per_identifier_max; ++i) {
    people.add({"a.b/" + std::to_string(i),
                "Anna",
                "Surname" + std::to_string(i),
                "",
                "",
                {{"phone", "+31201234567"}}});
  }
  people.add({"a.b/nameless", "", "", "", "", {{"phone", "+31201234567"}}});
  solve_all();
  BOOST_TEST(solution.clusters == people.candidates.size());
  BOOST_REQUIRE(solution.generic.size() == 1u);
  BOOST_TEST(solution.generic[0].records ==
             static_cast<std::int64_t>(limits::people_per_identifier_max + 2));
  BOOST_TEST(solution.generic[0].people ==
             static_cast<std::int64_t>(limits::people_per_identifier_max + 1));
  BOOST_TEST(solution.generic[0].identifier == identifier_hash("phone", "+31201234567"));
  BOOST_TEST(solution.generic[0].name_space == "phone");
}

BOOST_AUTO_TEST_CASE(many_records_of_one_person_are_not_generic) {
  for (int i = 0; i < 200; ++i) {
    people.add({"a.b/" + std::to_string(i), "Anna", "Berg", "", "", {{"phone", "+3120"}}});
  }
  solve_all();
  BOOST_TEST(solution.clusters == 1u);
  BOOST_TEST(solution.generic.empty());
}

BOOST_AUTO_TEST_CASE(a_recorded_generic_identifier_joins_nobody_and_is_counted) {
  people.add({"a.b/1", "Anna", "Berg", "", "", {{"phone", "+3120"}}});
  people.add({"a.b/2", "Anna", "Berg", "", "", {{"phone", "+3120"}}});
  const std::vector<std::uint64_t> known = {identifier_hash("phone", "+3120")};
  solve_all(true, known);
  BOOST_TEST(solution.clusters == 2u);
  BOOST_REQUIRE(solution.generic.size() == 1u);
  BOOST_TEST(solution.generic[0].people == 1);
  BOOST_TEST(only_refusal() == "shared by 1 people: joins nobody");
}

BOOST_AUTO_TEST_CASE(clusters_are_numbered_by_smallest_name) {
  people.add({"c.c/1", "Anna", "", "", "", {{"email", "z@example.com"}}});
  people.add({"a.a/1", "Bram", "", "", "", {{"email", "y@example.com"}}});
  people.add({"b.b/1", "Anna", "", "", "", {{"email", "z@example.com"}}});
  solve_all();
  BOOST_TEST(solution.cluster[1] == 0u);
  BOOST_TEST(solution.cluster[0] == 1u);
  BOOST_TEST(solution.cluster[2] == 1u);
}

BOOST_AUTO_TEST_CASE(very_many_vetoed_records_of_one_value_stay_cheap) {
  // One signature, 20,000 different logins: every join is refused, and there are no 20,000² tries.
  for (int i = 0; i < 20'000; ++i) {
    people.add({"a.b/" + std::to_string(i),
                "Anna",
                "Berg",
                "",
                "",
                {{"phone", "+3120"}, {"customer_login", std::to_string(i + 1)}}});
  }
  solve_all(false);
  BOOST_TEST(solution.clusters == 20'000u);
  BOOST_TEST(solution.refused <= 20'000 * 100);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::resolve::test
