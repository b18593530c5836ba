// unify when it is stopped, when the store fails, and when groups are too large for one chunk.
#include <stdexcept>

#include "pipeline/resolve/probabilistic/model.h"
#include "unit/engine/forwarding_store.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

constexpr std::int64_t never = 1'000'000;
const UnifyLimits few_by_few{never, 2, 1'000, 1'000};
const UnifyLimits bulk_by_two{0, 2, 1'000, 1'000};

/// Ten people with two records each, the second of each pair in the other source.
std::vector<Person> pairs() {
  std::vector<Person> people;
  for (int i = 0; i < 10; ++i) {
    Person one;
    one.key = "p" + std::to_string(i);
    one.emails = {one.key + "@example.com"};
    Person other = one;
    other.stream = "customers";
    people.push_back(one);
    people.push_back(other);
  }
  return people;
}

std::vector<std::string> undisturbed() {
  World world;
  world.put(pairs());
  world.unify();
  return world.exported();
}

/// Fails the nth apply, or throws in a reader's scan.
class BrittleStore final : public ForwardingStore {
 public:
  using ForwardingStore::apply;
  using ForwardingStore::ForwardingStore;
  Result<std::unique_ptr<store::Store>> open_reader() const override {
    RONDOM_TRY_ASSIGN(auto reader, inner_->open_reader());
    auto brittle = std::make_unique<BrittleStore>(std::move(reader));
    brittle->throws = throws;
    return std::unique_ptr<store::Store>(std::move(brittle));
  }
  Status apply(const store::UnifyBatch& batch) override {
    if (applies_left == 0) return {ErrorCode::unavailable, "the disk is full"};
    --applies_left;
    return inner_->apply(batch);
  }
  Status replace_alike(std::span<const store::Alike> now) override {
    if (no_pairs) return {ErrorCode::unavailable, "the disk is full"};
    return inner_->replace_alike(now);
  }
  Status scan_postings(
      const std::function<Status(std::span<const store::Posting>)>& chunk) override {
    if (throws) throw std::runtime_error("bad allocation");
    return inner_->scan_postings(chunk);
  }

  int applies_left = 1'000'000;
  bool throws = false;
  bool no_pairs = false;
};

/// The shipped model of people that joins from this probability on.
std::string model_that_joins_at(const std::string& probability) {
  std::string text = probabilistic::shipped_model("person-1");
  const std::size_t at = text.find("merge_at: ");
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, text.find_first_of(",}\n", at) - at, "merge_at: " + probability);
}

BOOST_AUTO_TEST_SUITE(unify_failures)

BOOST_AUTO_TEST_CASE(pairs_of_another_model_that_could_not_be_kept_are_looked_for_again) {
  World world(Files{{"identity.yaml", "probabilistic: {}\n"}});
  for (const char* key : {"1", "2"}) {
    world.put(
        Person{.key = key, .given = "Annelies", .surname = "Roosegaarde", .birth = "1971-03-09"});
  }
  world.change("models/person-1.yaml", model_that_joins_at("0.8"));
  world.unify();
  BOOST_TEST(world.profiles().size() == 1u);
  world.change("models/person-1.yaml", model_that_joins_at("0.999999"));
  BrittleStore store(world.store());
  store.no_pairs = true;
  UnifyReport report;
  BOOST_TEST(!world.unify(world.unify_job(), report, &store).ok());
  world.unify();
  BOOST_TEST(world.profiles().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_failed_write_is_made_up_for_by_the_next_run) {
  const auto expected = undisturbed();
  for (const UnifyLimits& limits : {few_by_few, bulk_by_two}) {
    for (const int applies : {0, 1, 4}) {
      World world;
      world.put(pairs());
      BrittleStore store(world.store());
      store.applies_left = applies;
      UnifyJob job = world.unify_job();
      job.limits = limits;
      UnifyReport report;
      const Status status = world.unify(job, report, &store);
      BOOST_REQUIRE(!status.ok());
      BOOST_TEST(status.error().message == "the disk is full");
      const auto profiles = world.profiles().size();
      BOOST_TEST(profiles < 10);
      BOOST_TEST((profiles > 0) == (applies > 0));
      world.verify();
      world.unify(limits);
      world.verify();
      BOOST_TEST((world.exported() == expected));
      BOOST_TEST(world.events().size() == 10);  // each profile was created once
    }
  }
}

BOOST_AUTO_TEST_CASE(a_thread_that_throws_is_a_defect_and_ends_cleanly) {
  World world;
  world.put(pairs());
  BrittleStore store(world.store());
  store.throws = true;
  UnifyJob job = world.unify_job();
  job.limits = bulk_by_two;
  UnifyReport report;
  const Status status = world.unify(job, report, &store);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::internal));
  BOOST_TEST(status.error().message == "grouping failed: bad allocation");
  world.unify();
  BOOST_TEST((world.exported() == undisturbed()));
}

BOOST_AUTO_TEST_CASE(a_wish_to_stop_is_heard_between_chunks) {
  for (const UnifyLimits& limits : {few_by_few, bulk_by_two}) {
    World world;
    world.put(pairs());
    Cancel cancel;
    UnifyJob job = world.unify_job();
    job.limits = limits;
    job.cancel = &cancel;
    cancel.request();
    UnifyReport report;
    const Status status = world.unify(job, report);
    BOOST_REQUIRE(!status.ok());
    BOOST_TEST((status.error().code == ErrorCode::cancelled));
    BOOST_TEST(world.profiles().empty());
    BOOST_TEST(value_of(world.store().dirty_count()) == 20);
    world.unify(limits);
    BOOST_TEST((world.exported() == undisturbed()));
  }
}

BOOST_AUTO_TEST_CASE(a_wish_to_stop_in_the_middle_keeps_what_was_written) {
  World world;
  world.put(pairs());
  Cancel cancel;
  UnifyJob job = world.unify_job();
  job.limits = bulk_by_two;
  job.cancel = &cancel;
  std::int64_t last_done = 0;
  job.progress = [&](std::int64_t done, std::int64_t total) {
    BOOST_TEST(total == 20);
    BOOST_TEST(done > last_done);
    last_done = done;
    cancel.request();
  };
  UnifyReport report;
  const Status status = world.unify(job, report);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::cancelled));
  BOOST_TEST(world.profiles().size() > 0);
  BOOST_TEST(value_of(world.store().dirty_count()) == 20 - last_done);
  world.verify();
  world.unify();
  BOOST_TEST((world.exported() == undisturbed()));
}

BOOST_AUTO_TEST_CASE(many_groups_may_be_larger_than_a_chunk_together) {
  World world;
  std::vector<Person> people;
  for (int i = 0; i < 60; ++i) {
    Person person;
    person.key = "p" + std::to_string(i);
    person.emails = {std::to_string(i % 10) + "@example.com"};
    people.push_back(person);
  }
  world.put(people);
  UnifyLimits limits;
  limits.bulk_records_min = never;
  limits.chunk_records = 10;
  limits.group_records_max = 12;  // groups of 6, ten of them around ten dirty records
  const UnifyReport report = world.unify(limits);
  BOOST_TEST(report.created == 10);
  BOOST_TEST(value_of(world.store().dirty_count()) == 0);
}

BOOST_AUTO_TEST_CASE(one_group_that_is_too_large_to_follow_keeps_nobody_waiting) {
  World world;
  std::vector<Person> people;
  for (int i = 0; i < 30; ++i) {
    Person person;
    person.key = "p" + std::to_string(i);
    person.emails = {"x@example.com"};
    people.push_back(person);
  }
  people.push_back({"other", "Bo", "Smit", "", {"bo@example.com"}});
  world.put(people);
  const UnifyLimits limits = {never, 4, 1'000, 12};
  BOOST_TEST(world.unify(limits).total == 2);
  people.front().phones = {"+31201234567"};
  people.front().at = 2;
  people.back().phones = {"+31207654321"};
  people.back().at = 2;
  world.put({people.front(), people.back()});
  BOOST_TEST(world.unify(limits).changed == 2);
  BOOST_TEST(value_of(world.store().dirty_count()) == 0);
  World once;
  once.put(people);
  once.unify();
  BOOST_TEST(world.exported() == once.exported(), boost::test_tools::per_element());
  world.verify();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
