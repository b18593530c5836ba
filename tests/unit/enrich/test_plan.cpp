// What a plan says of definitions, and values that were worked out by hand.
#include "unit/enrich/world.h"

namespace rondom::enrich::test {
namespace {

std::string problems_of(const std::vector<Given>& given) {
  const config::Project project = project_of(given);
  config::Diagnostics diagnostics;
  (void)Plan(project, Entity::person, profile_fields(), diagnostics);
  std::string out;
  for (const config::Diagnostic& one : diagnostics.errors()) {
    out += std::to_string(one.at.column) + ": " + one.message +
           (one.hint.empty() ? "" : " (" + one.hint + ")") + "\n";
  }
  return out;
}

struct World {
  explicit World(const std::vector<Given>& given, const char* zone = "Europe/Amsterdam")
      : project(project_of(given, zone)),
        plan(project, Entity::person, profile_fields(), diagnostics),
        evaluator(plan) {
    BOOST_TEST(diagnostics.render("") == "");
  }
  /// "value until 2026-…" of the last attribute.
  std::string of(const std::string& json, const char* as_of) {
    History who(json);
    who.input.as_of = parse_time(as_of).value();
    const auto last = static_cast<std::uint32_t>(plan.size() - 1);
    std::vector<Computed> computed(1);
    evaluator.evaluate(who.input, std::vector{last}, Changes::find, computed);
    const Timestamp at = computed[0].changes_at;
    return shown(computed[0]) + (at == no_time ? "" : " until " + format_time(at));
  }
  config::Project project;
  config::Diagnostics diagnostics;
  Plan plan;
  Evaluator evaluator;
};

const char* const orders =
    R"({"profile":{"birth_date":"1980-02-29"},"orders":[
      {"at":"2026-03-02T10:00:00Z","status":"open","total":"999.00 EUR"},
      {"at":"2026-03-01T10:00:00Z","status":"paid","total":"40.00 EUR"},
      {"at":"2025-06-01T10:00:00Z","status":"paid","total":"225.50 EUR"},
      {"at":"2024-12-31T23:30:00Z","status":"paid","total":"500.00 EUR"}]})";

BOOST_AUTO_TEST_SUITE(enrich_plan)

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_at_its_place) {
  BOOST_TEST(problems_of({{"a", "integer", ".ordrs | count"}}) ==
             "1: no attribute ordrs (did you mean orders?)\n");
  BOOST_TEST(problems_of({{"a", "money", ".orders | sum(.totl)"}}) ==
             "15: an order has no field totl (did you mean total?)\n");
  BOOST_TEST(
      problems_of({{"a", "integer", ".events | where(.kind == \"x\") | count"}}) ==
      "17: an event has no field kind (it has actor, at, channel, custom, party, subject, type)\n");
  BOOST_TEST(problems_of(
                 {{"a", "integer", ".orders | each(.lines) | where(.catgory == \"x\") | count"}}) ==
             "32: an order line has no field catgory (did you mean category?)\n");
  BOOST_TEST(problems_of({{"a", "text", ".name.gvien"}}) ==
             "1: no attribute name.gvien (did you mean name.given?)\n");
  BOOST_TEST(
      problems_of({{"a", "boolean", ".customer"}}) ==
      "1: nothing says when somebody is a customer (write it in rondom.yaml, as in customer: "
      ".orders | within(730d) | exists)\n");
  BOOST_TEST(problems_of({{"a", "integer", ".orders | within(3d)"}}) ==
             "1: a is of type integer, and its value is a list\n");
  BOOST_TEST(problems_of({{"a", "boolean", ".orders | sum(.total)"}}) ==
             "1: a is of type boolean, and its value is money\n");
  BOOST_TEST(problems_of({{"a", "text", "(.orders | latest).at"}}) ==
             "1: a is of type text, and its value is a time\n");
  BOOST_TEST(problems_of({{"spend_1y", "money", ".orders | sum(.total)"},
                          {"b", "boolean", ".spend_1yr >= 1"}}) ==
             "1: no attribute spend_1yr (did you mean spend_1y?)\n");
  BOOST_TEST(problems_of({{"email", "text", ".custom.x"}}) ==
             "1: a profile has a field email already (choose another name for the attribute)\n");
  BOOST_TEST(problems_of({{"a", "integer", "minus(.c, 1)"},
                          {"b", "integer", "minus(.a, 1)"},
                          {"c", "integer", "minus(.b, 1)"},
                          {"d", "integer", "minus(.d, 1)"}}) ==
             "1: attribute a is computed from itself: a -> c -> b -> a\n"
             "1: attribute d is computed from itself: d -> d\n");
}

BOOST_AUTO_TEST_CASE(windows_move_with_the_moment_of_the_run) {
  World spend(
      {{"a", "money", ".orders | where(.status == \"paid\") | within(365d) | sum(.total)"}});
  BOOST_TEST(spend.of(orders, "2026-03-14T00:00:00Z") ==
             "\"26550 EUR\" until 2026-06-01T10:00:00Z");
  BOOST_TEST(spend.of(orders, "2026-06-01T10:00:00Z") == "\"4000 EUR\" until 2027-03-01T10:00:00Z");
  BOOST_TEST(spend.of(orders, "2027-03-01T10:00:00Z") == "null");
  BOOST_TEST(spend.of(orders, "2020-01-01T00:00:00Z") == "null until 2024-12-31T23:30:00Z");
  // The first order leaves the window without any change of the answer.
  World any({{"a", "boolean", ".orders | where(.status == \"paid\") | within(365d) | exists"}});
  BOOST_TEST(any.of(orders, "2026-03-14T00:00:00Z") == "true until 2027-03-01T10:00:00Z");
  World enough({{"s", "money", ".orders | where(.status == \"paid\") | within(365d) | sum(.total)"},
                {"a", "boolean", ".s >= 30"}});
  BOOST_TEST(enough.of(orders, "2026-03-14T00:00:00Z") == "true until 2027-03-01T10:00:00Z");
}

BOOST_AUTO_TEST_CASE(years_are_those_of_the_project) {
  const std::vector<Given> in_2025 = {
      {"a", "money", ".orders | where(.status == \"paid\" and year(.at) == 2025) | sum(.total)"}};
  BOOST_TEST(World(in_2025).of(orders, "2026-03-14T00:00:00Z") == "\"72550 EUR\"");
  BOOST_TEST(World(in_2025, "UTC").of(orders, "2026-03-14T00:00:00Z") == "\"22550 EUR\"");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_computed_is_no_value_and_says_why) {
  const char* const mixed =
      R"({"profile":{},"orders":[{"at":"2026-03-01T10:00:00Z","total":"1.50 EUR"},
                               {"at":"2026-03-01T10:00:00Z","total":"1.50 USD"}]})";
  const std::vector<Given> sum = {{"s", "money", ".orders | sum(.total)"}};
  const char* const day = "2026-03-14T00:00:00Z";
  BOOST_TEST(World(sum).of(mixed, day) == "! sum(): the money is of different currencies");
  World reading({sum[0], {"a", "money", ".s | default(0)"}});
  BOOST_TEST(reading.of(mixed, day) == "! sum(): the money is of different currencies");
  World whole({{"a", "integer", ".orders | avg(.total) | amount"}});
  BOOST_TEST(whole.of(mixed, day).starts_with("! avg()"));
  World half({{"a", "integer", "divide(3, 2)"}});
  BOOST_TEST(half.of(mixed, day) ==
             "! the value is of type decimal, and the attribute of type integer");
  BOOST_TEST(World({{"a", "money", "divide(3, 2)"}}).of(mixed, day) == "\"150 EUR\"");
}

BOOST_AUTO_TEST_CASE(when_missing_stands_for_no_value_only) {
  config::Project project = project_of({{"a", "money", ".orders | sum(.total)"}});
  project.attributes[0].when_missing.emplace();
  project.attributes[0].when_missing->kind = config::Node::Kind::scalar;
  project.attributes[0].when_missing->text = "0";
  config::Diagnostics diagnostics;
  const Plan plan(project, Entity::person, profile_fields(), diagnostics);
  BOOST_TEST(diagnostics.render("") == "");
  Evaluator evaluator(plan);
  std::vector<Computed> computed(1);
  History nobody(R"({"profile":{}})");
  evaluator.evaluate(nobody.input, std::vector<std::uint32_t>{0}, Changes::ignore, computed);
  BOOST_TEST(shown(computed[0]) == "\"0 EUR\"");
  History mixed(R"({"profile":{},"orders":[{"total":"1.50 EUR"},{"total":"1.50 USD"}]})");
  evaluator.evaluate(mixed.input, std::vector<std::uint32_t>{0}, Changes::ignore, computed);
  BOOST_TEST(shown(computed[0]).starts_with("! "));
  project.attributes[0].when_missing->text = "nothing";
  (void)Plan(project, Entity::person, profile_fields(), diagnostics);
  BOOST_TEST(diagnostics.errors()[0].message ==
             "when_missing: nothing is of another type than money");
}

BOOST_AUTO_TEST_CASE(purposes_hold_for_what_is_made_of_it) {
  config::Project project = project_of({{"a", "integer", ".orders | count"},
                                        {"b", "integer", ".events | count"},
                                        {"c", "integer", "minus(.a, .b)"},
                                        {"d", "integer", ".tags | count"}});
  project.attributes[0].purposes = {"news", "post"};
  project.attributes[1].purposes = {"news", "calls"};
  config::Diagnostics diagnostics;
  const Plan plan(project, Entity::person, profile_fields(), diagnostics);
  BOOST_TEST(plan.allows(2, "news"));
  BOOST_TEST(!plan.allows(2, "post"));
  BOOST_TEST(!plan.allows(2, "calls"));
  BOOST_TEST(plan.allows(3, "anything"));
  BOOST_TEST(plan.reads(2, 0));
  BOOST_TEST(plan.reads(2, 1));
  BOOST_TEST(!plan.reads(1, 0));
  BOOST_TEST(plan.inputs(2).size() == 2);
  const std::uint64_t before = plan.fingerprint(2);
  project.attributes[0].value.text = ".orders | within(3d) | count";
  const Plan changed(project, Entity::person, profile_fields(), diagnostics);
  BOOST_TEST(changed.fingerprint(2) != before);
  BOOST_TEST(changed.fingerprint(3) == plan.fingerprint(3));
  BOOST_TEST(changed.depends_on_time(2));
  BOOST_TEST(!plan.depends_on_time(2));
}

BOOST_AUTO_TEST_CASE(evidence_names_what_counted) {
  World world(
      {{"a", "money", ".orders | where(.status == \"paid\") | within(365d) | sum(.total)"}});
  (void)world.of(orders, "2026-03-14T00:00:00Z");
  History who(orders);
  who.input.as_of = parse_time("2026-03-14T00:00:00Z").value();
  std::vector<Computed> computed(1);
  world.evaluator.evaluate(who.input, std::vector<std::uint32_t>{0}, Changes::ignore, computed);
  const std::vector<Evidence> evidence = world.evaluator.evidence(0);
  BOOST_TEST_REQUIRE(evidence.size() == 1);
  BOOST_TEST(evidence[0].expression ==
             ".orders | where(.status == \"paid\") | within(365d) | sum(.total)");
  BOOST_TEST(evidence[0].known);
  BOOST_TEST(evidence[0].list == 0u);
  BOOST_TEST(evidence[0].items == (std::vector<std::uint32_t>{1, 2}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_still_to_come_counts_when_it_happens) {
  // Before the first order, the latest, and after all of them.
  const Given count{"a", "integer", ".orders | count"};
  BOOST_TEST(World({count}).of(orders, "2024-12-01T00:00:00Z") == "0 until 2024-12-31T23:30:00Z");
  BOOST_TEST(World({count}).of(orders, "2026-03-01T10:00:00Z") == "3 until 2026-03-02T10:00:00Z");
  BOOST_TEST(World({count}).of(orders, "2026-03-02T10:00:00Z") == "4");

  // What arrives and changes nothing is no moment of change; what arrives later is.
  const Given paid{"a", "integer", ".orders | where(.status == \"paid\") | count"};
  BOOST_TEST(World({paid}).of(orders, "2026-03-01T09:00:00Z") == "2 until 2026-03-01T10:00:00Z");
  BOOST_TEST(World({paid}).of(orders, "2026-03-01T11:00:00Z") == "3");
  const Given open{"a", "boolean", ".orders | where(.status == \"open\") | exists"};
  BOOST_TEST(World({open}).of(orders, "2024-12-01T00:00:00Z") ==
             "false until 2026-03-02T10:00:00Z");

  // What an order will have, events do not; what the formula asks for itself counts as well.
  const Given events{"a", "integer", ".events | count"};
  BOOST_TEST(World({events}).of(orders, "2024-12-01T00:00:00Z") == "0");
  const Given latest{"a", "text", "(.orders | latest).status"};
  BOOST_TEST(World({latest}).of(orders, "2026-03-01T11:00:00Z") ==
             "\"paid\" until 2026-03-02T10:00:00Z");

  // In a window and in time: in at the order, out again a week later.
  const Given window{"a", "boolean", ".orders | within(7d) | exists"};
  BOOST_TEST(World({window}).of(orders, "2025-01-01T00:00:00Z") ==
             "true until 2025-01-07T23:30:00Z");
  BOOST_TEST(World({window}).of(orders, "2025-02-01T00:00:00Z") ==
             "false until 2025-06-01T10:00:00Z");
}

BOOST_AUTO_TEST_CASE(a_relation_counts_from_its_beginning_to_its_end) {
  const char* const contacts = R"({"profile":{"relations":[
      {"type":"employs","to":"crm.contacts/1","role":"decider"},
      {"type":"employs","to":"crm.contacts/2","role":"buyer","valid_to":"2026-04-01T00:00:00Z"},
      {"type":"employs","to":"crm.contacts/3","role":"user","valid_from":"2026-02-01T00:00:00Z",
       "valid_to":"2026-03-01T00:00:00Z"}]}})";
  World count({{"a", "integer", ".relations | where(.type == \"employs\") | count"}});
  BOOST_TEST(count.of(contacts, "2026-01-01T00:00:00Z") == "2 until 2026-02-01T00:00:00Z");
  BOOST_TEST(count.of(contacts, "2026-02-01T00:00:00Z") == "3 until 2026-03-01T00:00:00Z");
  BOOST_TEST(count.of(contacts, "2026-02-28T23:59:59Z") == "3 until 2026-03-01T00:00:00Z");
  BOOST_TEST(count.of(contacts, "2026-03-01T00:00:00Z") == "2 until 2026-04-01T00:00:00Z");
  BOOST_TEST(count.of(contacts, "2026-04-01T00:00:00Z") == "1");

  // By whatever way they are read, also by an attribute that reads another; what does not change
  // says so.
  World known({{"r", "list", ".relations[].role"}, {"a", "boolean", ".r | contains(\"buyer\")"}});
  BOOST_TEST(known.of(contacts, "2026-01-01T00:00:00Z") == "true until 2026-04-01T00:00:00Z");
  BOOST_TEST(known.of(contacts, "2026-04-01T00:00:00Z") == "false");
  BOOST_TEST(World({{"a", "text", ".relations[role == \"buyer\"].to"}})
                 .of(contacts, "2026-05-01T00:00:00Z") == "null");
  BOOST_TEST(World({{"a", "text", "$.relations[1].role"}}).of(contacts, "2026-05-01T00:00:00Z") ==
             "null");
  BOOST_TEST(World({{"a", "boolean", ".relations[0].role == \"decider\""}})
                 .of(contacts, "2026-01-01T00:00:00Z") == "true");
}

BOOST_AUTO_TEST_CASE(a_condition_on_activities_that_asks_for_relations_changes_with_them) {
  const char* const member = R"({"profile":{"relations":[
      {"type":"member","to":"crm.clubs/1","valid_to":"2026-04-01T00:00:00Z"}]},
      "orders":[{"at":"2026-01-01T00:00:00Z"}]})";
  World count({{"a", "integer",
                ".orders | where($.relations | where(.type == \"member\") | exists) | count"}});
  BOOST_TEST(count.of(member, "2026-03-01T00:00:00Z") == "1 until 2026-04-01T00:00:00Z");
  BOOST_TEST(count.of(member, "2026-04-01T00:00:00Z") == "0");
}

BOOST_AUTO_TEST_CASE(every_kind_of_activity_is_a_list) {
  const char* const history =
      R"({"profile":{},"orders":[],"events":[],
          "opportunities":[{"at":"2026-04-01T00:00:00Z","stage":"open","amount":"9.00 EUR"},
                           {"at":"2026-02-01T00:00:00Z","stage":"open","amount":"5.00 EUR"},
                           {"at":"2026-01-01T00:00:00Z","stage":"won","amount":"4.00 EUR"}],
          "subscriptions":[{"at":"2026-03-20T00:00:00Z","status":"active"}]})";
  const Given pipeline{"a", "money", ".opportunities | where(.stage == \"open\") | sum(.amount)"};
  BOOST_TEST(World({pipeline}).of(history, "2026-03-14T00:00:00Z") ==
             "\"500 EUR\" until 2026-04-01T00:00:00Z");
  const Given member{"a", "boolean", ".subscriptions | where(.status == \"active\") | exists"};
  BOOST_TEST(World({member}).of(history, "2026-03-14T00:00:00Z") ==
             "false until 2026-03-20T00:00:00Z");
  const Given formula{"a", "text", "(.opportunities | latest).stage"};
  BOOST_TEST(World({formula}).of(history, "2026-01-15T00:00:00Z") ==
             "\"won\" until 2026-02-01T00:00:00Z");
  BOOST_TEST(problems_of({{"a", "integer", ".opportunities | where(.stge == \"won\") | count"}}) ==
             "24: an opportunity has no field stge (did you mean stage?)\n");
  BOOST_TEST(problems_of({{"a", "integer", ".subscriptions | where(.total == 1) | count"}}) ==
             "24: a subscription has no field total (it has actor, amount, at, custom, ended_at, "
             "party, period, "
             "product, reason, renews_on, status)\n");
  BOOST_TEST(problems_of({{"opportunities", "integer", ".orders | count"}}) ==
             "1: a profile has a field opportunities already (choose another name for the "
             "attribute)\n");
}

/// "value rule 2 until …" of the last attribute; the rule counts from 1.
std::string decided(World& world, const std::string& json, const char* as_of) {
  History who(json);
  who.input.as_of = parse_time(as_of).value();
  const auto last = static_cast<std::uint32_t>(world.plan.size() - 1);
  std::vector<Computed> computed(1);
  world.evaluator.evaluate(who.input, std::vector{last}, Changes::find, computed);
  const Timestamp at = computed[0].changes_at;
  const std::string rule =
      computed[0].rule == no_rule ? "none" : std::to_string(computed[0].rule + 1);
  return shown(computed[0]) + " rule " + rule + (at == no_time ? "" : " until " + format_time(at));
}

BOOST_AUTO_TEST_CASE(the_first_rule_that_holds_decides) {
  World world({{"a",
                "text",
                {},
                {rule(".orders | within(7d) | exists", "now"),
                 rule(".orders | where(.status == \"paid\") | within(365d) | exists", "lately"),
                 rule(".orders | exists", ".orders | each(.status) | last")}}});
  BOOST_TEST(decided(world, orders, "2026-03-05T00:00:00Z") ==
             "\"now\" rule 1 until 2026-03-09T10:00:00Z");
  BOOST_TEST(decided(world, orders, "2026-03-09T10:00:00Z") ==
             "\"lately\" rule 2 until 2027-03-01T10:00:00Z");
  BOOST_TEST(decided(world, orders, "2027-03-01T10:00:00Z") == "\"paid\" rule 3");
  BOOST_TEST(decided(world, orders, "2024-01-01T00:00:00Z") ==
             "null rule none until 2024-12-31T23:30:00Z");
  // What was asked is told, with the rule that asked first, and nothing of the rules behind.
  History who(orders);
  who.input.as_of = parse_time("2026-03-14T00:00:00Z").value();
  std::vector<Computed> computed(1);
  world.evaluator.evaluate(who.input, std::vector<std::uint32_t>{0}, Changes::ignore, computed);
  const std::vector<Evidence> evidence = world.evaluator.evidence(0);
  BOOST_TEST_REQUIRE(evidence.size() == 2);
  BOOST_TEST(evidence[0].expression == ".orders | within(7d) | exists");
  BOOST_TEST(evidence[0].rule == 0u);
  BOOST_TEST(evidence[1].rule == 1u);
  BOOST_TEST(shown(evidence[1].value) == "true");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_rule_is_named_at_its_place) {
  const auto problems = [](const std::string& type, const std::vector<config::Rule>& rules) {
    return problems_of({{"a", type, {}, rules}});
  };
  BOOST_TEST(problems("text", {rule(".orders | where(.totl > 1) | exists", "b"), rule("", "c")}) ==
             "17: an order has no field totl (did you mean total?)\n");
  BOOST_TEST(problems("text", {rule(".orders | count", "b")}) ==
             "1: when is true or false, and this is a number (compare it, or ask whether there is "
             "any: … | exists)\n");
  BOOST_TEST(problems("integer", {rule(".orders | exists", "many")}) ==
             "1: a is of type integer, and many is not (an expression starts with . or $)\n");
  BOOST_TEST(problems("integer", {rule(".orders | exists", ".orders | sum(.total)")}) ==
             "1: a is of type integer, and this value is money\n");
  BOOST_TEST(problems("text", {rule(".a == \"b\"", "b")}) ==
             "1: attribute a is computed from itself: a -> a\n");
  BOOST_TEST(problems("money", {rule(".orders | exists", "12.50"), rule("", "3")}) == "");
}

BOOST_AUTO_TEST_CASE(a_rule_that_cannot_be_asked_leaves_no_value) {
  World world({{"s", "money", ".orders | sum(.total)"},
               {"a",
                "text",
                {},
                {rule(".events | exists", "events"), rule(".s > 10", "rich"), rule("", "poor")}}});
  const char* const mixed =
      R"({"profile":{},"orders":[{"at":"2026-03-01T10:00:00Z","total":"1.50 EUR"},
                               {"at":"2026-03-01T10:00:00Z","total":"1.50 USD"}]})";
  BOOST_TEST(decided(world, mixed, "2026-03-14T00:00:00Z") ==
             "! rule 2: sum(): the money is of different currencies rule 2");
  BOOST_TEST(world.evaluator.inputs(1) == (std::vector<std::uint32_t>{0}),
             boost::test_tools::per_element());
  // Nobody asks it where one before it holds.
  const char* const visited =
      R"({"profile":{},"events":[{"at":"2026-03-02T10:00:00Z"}],"orders":[
          {"at":"2026-03-01T10:00:00Z","total":"1.50 EUR"},
          {"at":"2026-03-01T10:00:00Z","total":"1.50 USD"}]})";
  BOOST_TEST(decided(world, visited, "2026-03-14T00:00:00Z") == "\"events\" rule 1");
  BOOST_TEST(world.evaluator.inputs(1).empty());
  BOOST_TEST(decided(world, R"({"profile":{}})", "2026-03-14T00:00:00Z") == "\"poor\" rule 3");
}

BOOST_AUTO_TEST_CASE(a_part_of_a_list_is_planned_with_what_goes_on_from_it) {
  World world({{"paid", "orders", ".orders | where(.status == \"paid\")"},
               {"big", "orders", ".paid | where(.total > 50)"},
               {"a", "money", ".big | within(365d) | sum(.total)"}});
  BOOST_TEST(world.of(orders, "2026-03-14T00:00:00Z") ==
             "\"22550 EUR\" until 2026-06-01T10:00:00Z");
  BOOST_TEST(world.plan.shares().planned == 1u);
  BOOST_TEST(world.plan.shares().interpreted == 0u);
  BOOST_TEST(world.plan.reads(2, 0));
  BOOST_TEST(world.plan.inputs(2).size() == 1u);
  BOOST_TEST(
      world.evaluator.evidence(2)[0].expression ==
      ".orders | where(.status == \"paid\") | where(.total > 50) | within(365d) | sum(.total)");
  // Inside of an item it is the profile's, and one of it can be taken.
  World inside({{"paid", "orders", ".orders | where(.status == \"paid\")"},
                {"a", "integer", ".orders | where(.at > ($.paid | latest).at) | count"}});
  BOOST_TEST(inside.of(orders, "2026-03-14T00:00:00Z") == "1");
  World first({{"paid", "orders", ".orders | where(.status == \"paid\")"},
               {"a", "money", ".paid[0].total"}});
  BOOST_TEST(first.of(orders, "2026-03-14T00:00:00Z") == "\"4000 EUR\"");
  // A change of the part is a change of what is made of it.
  World other({{"paid", "orders", ".orders | where(.status != \"open\")"},
               {"big", "orders", ".paid | where(.total > 50)"},
               {"a", "money", ".big | within(365d) | sum(.total)"}});
  BOOST_TEST(other.plan.fingerprint(2) != world.plan.fingerprint(2));
}

BOOST_AUTO_TEST_CASE(parts_of_parts_are_written_out_within_bounds) {
  // Each reads the one before four times: written out they would be 4 to the power of 12 lists.
  std::vector<Given> given = {{"p0", "orders", ".orders | where(.status == \"paid\")"}};
  for (int i = 1; i <= 12; ++i) {
    const std::string before = ".p" + std::to_string(i - 1), inside = "$" + before;
    given.push_back({"p" + std::to_string(i), "orders",
                     before + " | where((" + inside + " | exists) and (" + inside +
                         " | count) > 0 and not (" + inside + " | count) > 99)"});
  }
  given.push_back({"a", "money", ".p12 | sum(.total)"});
  BOOST_TEST(World(given).of(orders, "2026-03-14T00:00:00Z") == "\"76550 EUR\"");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_part_is_named_at_its_place) {
  const Given paid{"paid", "orders", ".orders | where(.status == \"paid\")"};
  BOOST_TEST(problems_of({paid, {"a", "integer", ".payd | count"}}) ==
             "1: no attribute payd (did you mean paid?)\n");
  BOOST_TEST(problems_of({paid, {"a", "money", ".paid | sum(.totl)"}}) ==
             "13: an order has no field totl (did you mean total?)\n");
  BOOST_TEST(problems_of({{"a", "integer", ".counted_order | count"}}) ==
             "1: no attribute counted_order (did you mean counted_orders?)\n");
  BOOST_TEST(
      problems_of({{"paid", "orders", ".orders | count"}}) ==
      "1: paid is a part of .orders, and its value is a number (as in .orders | where(…))\n");
  BOOST_TEST(problems_of({{"paid", "orders", ".events | within(3d)"}}) ==
             "1: paid is a part of .orders, and its value is another list (as in .orders | "
             "where(…))\n");
  BOOST_TEST(
      problems_of({{"x", "orders", ".y | within(3d)"}, {"y", "orders", ".x | within(3d)"}}) ==
      "1: attribute x is computed from itself: x -> y -> x\n");
}

BOOST_AUTO_TEST_CASE(evidence_is_told_by_its_place_in_the_whole_list) {
  World world({{"a", "integer", ".orders | where(.status == \"paid\") | count"}});
  History who(orders);
  who.input.as_of = parse_time("2026-01-01T00:00:00Z").value();
  std::vector<Computed> computed(1);
  world.evaluator.evaluate(who.input, std::vector<std::uint32_t>{0}, Changes::ignore, computed);
  const std::vector<Evidence> evidence = world.evaluator.evidence(0);
  BOOST_TEST_REQUIRE(evidence.size() == 1);
  BOOST_TEST(evidence[0].items == (std::vector<std::uint32_t>{2, 3}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::enrich::test
