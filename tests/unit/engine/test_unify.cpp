// unify: which profile keeps its id, what the event log says, and what a rule change does.
#include <algorithm>

#include "unit/engine/forwarding_store.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

Person person(const std::string& key, const std::vector<std::string>& emails, Timestamp at = 1) {
  Person person;
  person.key = key;
  person.emails = emails;
  person.at = at;
  return person;
}

std::string uid_of(World& world, const std::string& key) {
  return world.profile_of("crm.Contact/" + key).uid;
}

void check(const std::vector<std::string>& lines, const std::vector<std::string>& expected) {
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

/// Runs unify and gives the events of this run alone.
std::vector<std::string> events_of_unify(World& world) {
  const std::int64_t before = value_of(world.store().last_event());
  world.unify();
  world.verify();
  return world.events(before);
}

BOOST_AUTO_TEST_SUITE(unify)

BOOST_AUTO_TEST_CASE(records_that_share_an_identifier_are_one_profile) {
  World world;
  world.put({person("a", {"x@example.com"}), person("b", {"x@example.com"}), person("c", {})});
  const UnifyReport report = world.unify();
  BOOST_TEST(world.partition() == "a+b | c");
  BOOST_TEST(report.total == 2);
  BOOST_TEST(report.created == 2);
  BOOST_TEST(report.changed + report.merged + report.split + report.retired == 0);
  auto events = world.events();
  std::sort(events.begin(), events.end());
  check(events, {"created a", "created c"});
  world.verify();
}

BOOST_AUTO_TEST_CASE(a_second_run_changes_nothing) {
  World world;
  world.put({person("a", {"x@example.com"}), person("b", {"x@example.com"}), person("c", {})});
  world.unify();
  const auto exported = world.exported();
  const std::string uid = uid_of(world, "a");
  const UnifyReport again = world.unify();
  BOOST_TEST(again.created + again.changed + again.merged + again.split + again.retired == 0);
  BOOST_TEST(again.total == 2);
  BOOST_TEST(world.events().size() == 2);
  BOOST_TEST((world.exported() == exported));
  BOOST_TEST(uid_of(world, "a") == uid);
}

BOOST_AUTO_TEST_CASE(a_profile_keeps_its_id_when_its_content_changes) {
  World world;
  world.put(person("a", {"x@example.com"}));
  world.unify();
  const std::string uid = uid_of(world, "a");
  Person changed = person("a", {"x@example.com"}, 2);
  changed.surname = "Bos";
  world.put(changed);
  check(events_of_unify(world), {"changed a"});
  BOOST_TEST(uid_of(world, "a") == uid);
}

BOOST_AUTO_TEST_CASE(a_member_that_says_nothing_new_is_no_event) {
  World world;
  world.put(person("b", {"x@example.com"}));
  world.unify();
  world.put(person("a", {"x@example.com"}));
  check(events_of_unify(world), {});
  BOOST_TEST(world.partition() == "a+b");
  BOOST_TEST(world.profile_of("crm.Contact/a").label == "crm.Contact/a");
}

BOOST_AUTO_TEST_CASE(the_same_first_record_founds_the_same_id) {
  const auto first_uid = [](const std::string& other) {
    World world;
    world.put({person("a", {"x@example.com"}), person(other, {"x@example.com"})});
    world.unify();
    return uid_of(world, "a");
  };
  BOOST_TEST(first_uid("b") == first_uid("c"));
  World secret;
  secret.put(person("a", {}));
  UnifyJob job = secret.unify_job();
  job.profile_key = "another secret";
  UnifyReport report;
  require(secret.unify(job, report));
  BOOST_TEST(uid_of(secret, "a") != first_uid("b"));
}

BOOST_AUTO_TEST_CASE(a_merge_keeps_the_profile_that_was_founded_first) {
  World world;
  world.put(person("z", {"z@example.com"}));  // founded first, though its name is larger
  world.unify();
  world.put(person("a", {"a@example.com"}));
  world.unify();
  const std::string older = uid_of(world, "z");
  const std::string younger = uid_of(world, "a");
  world.put(person("m", {"a@example.com", "z@example.com"}));
  check(events_of_unify(world), {"changed z", "merged a -> z"});
  BOOST_TEST(world.partition() == "a+m+z");
  BOOST_TEST(uid_of(world, "a") == older);
  BOOST_TEST(world.found_by(younger) == "a");
  BOOST_TEST(world.found_by(older) == "a");
}

BOOST_AUTO_TEST_CASE(an_old_id_leads_through_two_merges) {
  World world;
  std::vector<std::string> uids;
  for (const char* key : {"a", "b", "c"}) {
    world.put(person(key, {std::string(key) + "@example.com"}));
    world.unify();
    uids.push_back(uid_of(world, key));
  }
  world.put(person("bc", {"b@example.com", "c@example.com"}));
  check(events_of_unify(world), {"changed b", "merged c -> b"});
  world.put(person("ab", {"a@example.com", "b@example.com"}));
  check(events_of_unify(world), {"changed a", "merged b -> a"});
  BOOST_TEST(world.partition() == "a+ab+b+bc+c");
  for (const std::string& uid : uids) BOOST_TEST(world.found_by(uid) == "a");
  BOOST_TEST(uid_of(world, "c") == uids[0]);
}

BOOST_AUTO_TEST_CASE(a_retracted_identifier_splits_and_the_founding_part_keeps_the_id) {
  World world;
  world.put({person("a", {"x@example.com"}), person("b", {"x@example.com", "y@example.com"}),
             person("c", {"y@example.com"})});
  world.unify();
  const std::string uid = uid_of(world, "a");
  BOOST_TEST(world.partition() == "a+b+c");
  world.put(person("b", {"y@example.com"}, 2));
  check(events_of_unify(world), {"changed a", "split b from a"});
  BOOST_TEST(world.partition() == "a | b+c");
  BOOST_TEST(uid_of(world, "a") == uid);
  BOOST_TEST(uid_of(world, "b") != uid);
}

BOOST_AUTO_TEST_CASE(the_founding_record_takes_the_id_with_it) {
  World world;
  world.put(person("b", {"x@example.com"}));
  world.unify();
  world.put({person("a", {"x@example.com"}), person("c", {"x@example.com"})});
  world.unify();
  const std::string uid = uid_of(world, "b");
  BOOST_TEST(world.partition() == "a+b+c");
  world.put(person("b", {"other@example.com"}, 2));
  check(events_of_unify(world), {"split a from b", "changed b"});
  BOOST_TEST(world.partition() == "a+c | b");
  BOOST_TEST(uid_of(world, "b") == uid);
}

BOOST_AUTO_TEST_CASE(a_merge_undone_gives_the_absorbed_part_a_new_id) {
  World world;
  world.put({person("a", {"a@example.com"}), person("b", {"b@example.com"})});
  world.unify();
  const std::string a = uid_of(world, "a");
  const std::string b = uid_of(world, "b");
  world.put(person("m", {"a@example.com", "b@example.com"}));
  world.unify();
  world.put(person("m", {"a@example.com"}, 2));
  world.unify();
  world.verify();
  BOOST_TEST(world.partition() == "a+m | b");
  BOOST_TEST(uid_of(world, "a") == a);
  BOOST_TEST(uid_of(world, "b") != a);
  BOOST_TEST(uid_of(world, "b") != b);
  BOOST_TEST(world.found_by(b) == "a");  // what was said of it still holds
}

BOOST_AUTO_TEST_CASE(what_is_left_of_a_profile_keeps_its_id) {
  World world;
  world.put({person("a", {"x@example.com"}), person("b", {"x@example.com"})});
  world.unify();
  const std::string uid = uid_of(world, "b");
  world.remove(person("a", {}, 2));
  world.unify();
  world.verify();
  BOOST_TEST(world.partition() == "b");
  BOOST_TEST(uid_of(world, "b") == uid);
  BOOST_TEST(world.profile_of("crm.Contact/b").label == "crm.Contact/b");

  // Its founding record is b now. When a comes back as somebody else, the id stays with b.
  world.put(person("a", {"other@example.com"}, 3));
  world.unify();
  BOOST_TEST(world.partition() == "a | b");
  BOOST_TEST(uid_of(world, "b") == uid);
  BOOST_TEST(uid_of(world, "a") != uid);
}

BOOST_AUTO_TEST_CASE(without_the_founding_record_the_part_with_the_smallest_name_goes_on) {
  World world;
  world.put({person("a", {"b@example.com", "c@example.com"}), person("b", {"b@example.com"}),
             person("c", {"c@example.com"})});
  world.unify();
  const std::string uid = uid_of(world, "a");
  world.remove(person("a", {}, 2));
  check(events_of_unify(world), {"changed a", "split c from a"});
  BOOST_TEST(world.partition() == "b | c");
  BOOST_TEST(uid_of(world, "b") == uid);
}

BOOST_AUTO_TEST_CASE(a_profile_without_records_is_retired) {
  World world;
  world.put({person("a", {"x@example.com"}), person("b", {})});
  world.unify();
  const std::string uid = uid_of(world, "a");
  world.remove(person("a", {}, 2));
  check(events_of_unify(world), {"retired a"});
  BOOST_TEST(world.partition() == "b");
  BOOST_TEST(world.found_by(uid) == "none");

  world.put(person("a", {"x@example.com"}, 3));
  check(events_of_unify(world), {"created a"});
  BOOST_TEST(uid_of(world, "a") != uid);  // an id is given once
  BOOST_TEST(world.found_by(uid) == "none");
}

BOOST_AUTO_TEST_CASE(a_record_that_was_never_seen_alive_makes_no_profile) {
  World world;
  world.put(person("a", {"x@example.com"}));
  world.remove(person("a", {}, 2));
  const UnifyReport report = world.unify();
  BOOST_TEST(report.total == 0);
  BOOST_TEST(world.events().empty());
  BOOST_TEST(value_of(world.store().dirty_count()) == 0);
}

BOOST_AUTO_TEST_CASE(a_person_and_an_organization_of_one_row_have_ids_of_their_own) {
  for (const bool at_once : {true, false}) {
    World world;
    RecordBuilder builder;
    builder.add({attribute::organization_name, 0, "Acme", {}, Rule::none, {}});
    const std::string acme(builder.bytes());
    const std::string anna = canonical({"1", "Anna"});
    store::Output person_output, company_output;
    person_output.entity = Entity::person;
    company_output.entity = Entity::organization;
    person_output.key = company_output.key = "1";
    person_output.canonical = anna;
    company_output.canonical = acme;
    if (!at_once) {
      world.put_row("Contact", "1", 1, {person_output});
      world.unify();
    }
    world.put_row("Contact", "1", 2, {person_output, company_output});
    world.unify();
    world.verify();
    const auto profiles = world.profiles();
    BOOST_REQUIRE(profiles.size() == 2);
    BOOST_TEST(profiles[0].uid != profiles[1].uid);
    for (const ProfileView& profile : profiles) {
      Uid uid;
      BOOST_REQUIRE(parse_uid(profile.uid, uid));
      BOOST_TEST((value_of(world.store().find_profile(uid)) == profile.id));
    }
    BOOST_TEST(world.exported().size() == 2);
  }
}

// ── rule changes ───────────────────────────────────────────────────────────────────────────────

class CountingStore final : public ForwardingStore {
 public:
  using ForwardingStore::apply;
  using ForwardingStore::ForwardingStore;
  Status apply(const store::UnifyBatch& batch) override {
    records_done += batch.done.size();
    return inner_->apply(batch);
  }
  std::size_t records_done = 0;
};

std::size_t records_looked_at(World& world) {
  CountingStore store(world.store());
  UnifyReport report;
  require(world.unify(world.unify_job(), report, &store));
  return store.records_done;
}

BOOST_AUTO_TEST_CASE(new_identity_rules_concern_every_record) {
  World world;
  world.put({person("a", {"x@example.com"}), person("b", {"x@example.com"}), person("c", {})});
  BOOST_TEST(records_looked_at(world) == 3);
  const std::string uid = uid_of(world, "a");
  BOOST_TEST(records_looked_at(world) == 0);
  world.change("identity.yaml",
               "# only the customer number joins\n"
               "identifiers:\n"
               "  - { namespace: customer, class: unique }\n"
               "  - { namespace: email, class: weak }\n");
  BOOST_TEST(records_looked_at(world) == 3);
  BOOST_TEST(world.partition() == "a | b | c");
  BOOST_TEST(uid_of(world, "a") == uid);
  world.change("identity.yaml",
               "# the same rules\n"
               "identifiers:\n"
               "  - { class: unique, namespace: customer }\n"
               "  - { class: weak, namespace: email }\n");
  BOOST_TEST(records_looked_at(world) == 0);
}

BOOST_AUTO_TEST_CASE(new_merge_rules_change_values_and_keep_ids) {
  World world;
  Person old_name = person("a", {"x@example.com"}, 1);
  old_name.given = "Anna";
  old_name.surname = "Bos";
  Person new_name = person("b", {"x@example.com"}, 2);
  new_name.given = "Anna";
  new_name.surname = "Vos";
  new_name.stream = "customers";
  world.put({old_name, new_name});
  world.unify();
  const std::string uid = uid_of(world, "a");
  BOOST_TEST(world.exported()[0].find("\"surname\":\"Vos\"") != std::string::npos);
  world.change("merge.yaml",
               "trust: [crm, shop]\n"
               "person:\n"
               "  - { of: name.*, rule: trust, as_one: true }\n"
               "  - { of: \"*\", rule: most_recent }\n");
  check(events_of_unify(world), {"changed a"});
  BOOST_TEST(world.exported()[0].find("\"surname\":\"Bos\"") != std::string::npos);
  BOOST_TEST(uid_of(world, "a") == uid);
  check(events_of_unify(world), {});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
