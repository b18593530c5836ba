// Forgetting by age: what goes, what never does, and that the store agrees with itself afterwards.
#include <algorithm>
#include <map>

#include "model/model.h"
#include "support/joins.h"
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::History;
using store::RowKind;

namespace {

constexpr std::int64_t day = 86'400'000'000;

Timestamp on_day(std::int64_t n) {
  return n * day;
}

std::string activity(std::int64_t at_day, const std::string& who) {
  RecordBuilder builder;
  const std::string at = format_time(on_day(at_day)), party = "crm.Contact/" + who;
  builder.add({attribute::activity_at, 0, at, {}, Rule::none, {}});
  if (!who.empty()) builder.add({attribute::activity_party, 0, party, {}, Rule::none, {}});
  return std::string(builder.bytes());
}

/// A row with one activity.
void add(Batch& batch, const std::string& key, Entity entity, std::int64_t at_day,
         const std::string& who = "anna") {
  batch.row(RowKind::mapped, key, on_day(at_day), key + " " + std::to_string(at_day));
  const std::string canonical = activity(at_day, who);
  batch.output(entity, key, canonical, activity_actor_of(canonical), on_day(at_day));
}

void run_at(Project& project, const std::string& id, std::int64_t at_day,
            const std::string& report = "{}") {
  store::RunEntry run;
  run.id = id;
  run.started_at = run.ended_at = on_day(at_day);
  run.status = "done";
  run.report_json = report;
  require(project.store().put_run(run));
}

store::Cutoffs before(std::initializer_list<std::pair<History, std::int64_t>> days) {
  store::Cutoffs cutoffs;
  for (const auto& [kind, at_day] : days) {
    cutoffs.before[static_cast<std::size_t>(kind)] = on_day(at_day);
  }
  return cutoffs;
}

std::string told(const store::Amounts& amounts) {
  std::string text;
  for (std::size_t kind = 0; kind < store::history_count; ++kind) {
    if (amounts[kind].rows == 0) continue;
    BOOST_TEST(amounts[kind].bytes > 0);
    text += (text.empty() ? "" : " ") + std::string(store::to_text(static_cast<History>(kind))) +
            ":" + std::to_string(amounts[kind].rows);
  }
  return text;
}

/// What would go by a look that changes nothing, which is what then goes.
std::string prune(Project& project, const store::Cutoffs& cutoffs,
                  std::size_t rows_max = 1'000'000) {
  const std::string untouched = project.dump();
  store::Amounts looked{}, gone{};
  for (store::PrunePlace place;;) {
    if (value_of(project.store().prunable(cutoffs, place, rows_max, looked))) break;
  }
  BOOST_TEST(project.dump() == untouched);
  int steps = 0;
  for (store::PrunePlace place;;) {
    if (value_of(project.store().prune(cutoffs, place, rows_max, gone))) break;
    project.reopen();
    BOOST_REQUIRE(++steps < 1'000);
  }
  BOOST_TEST(told(gone) == told(looked));
  verify(project);
  return told(gone);
}

bool is_there(Project& project, Entity entity, const std::string& key) {
  return value_of(project.store().find_record(project.stream(), entity, key)).has_value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(prune_by_age)

STORE_TEST(activities_go_by_when_they_happened) {
  const auto stream = project.stream();
  run_at(project, "run-1", 1'000);
  Batch batch(stream);
  add(batch, "old", Entity::order, 100);
  add(batch, "edge", Entity::order, 500);
  add(batch, "new", Entity::order, 900);
  add(batch, "event", Entity::event, 100);
  add(batch, "nobody's", Entity::order, 100, "");
  add(batch, "trial", Entity::subscription, 100);
  batch.mapped("anna", on_day(100), "Anna");
  BOOST_TEST(apply(project, batch).created == 7);
  const auto before_it = value_of(project.store().totals());

  BOOST_TEST(prune(project, before({{History::orders, 500}})) == "orders:2");
  BOOST_TEST(!is_there(project, Entity::order, "old"));
  BOOST_TEST(!is_there(project, Entity::order, "nobody's"));
  for (const char* kept : {"edge", "new"}) BOOST_TEST(is_there(project, Entity::order, kept));
  BOOST_TEST(is_there(project, Entity::event, "event"));
  BOOST_TEST(is_there(project, Entity::subscription, "trial"));
  BOOST_TEST(state_of(project, "anna") == "Anna@" + std::to_string(on_day(100)));
  const auto after = value_of(project.store().totals());
  BOOST_TEST(after.records == before_it.records - 2);
  BOOST_TEST(after.live_records == before_it.live_records - 2);
  BOOST_TEST(prune(project, before({{History::orders, 500}})) == "");
}

STORE_TEST(what_went_is_not_new_when_it_is_read_again) {
  const auto stream = project.stream();
  auto& store = project.store();
  const auto first = value_of(store.begin_refresh(stream, "1", false));
  Batch batch(stream);
  batch.generation(first.generation);
  add(batch, "old", Entity::order, 100);
  add(batch, "new", Entity::order, 900);
  apply(project, batch);
  value_of(store.end_refresh(stream, "run-1"));
  prune(project, before({{History::orders, 500}}));

  const auto second = value_of(project.store().begin_refresh(stream, "2", false));
  Batch again(stream, "run-2");
  again.generation(second.generation);
  add(again, "new", Entity::order, 900);
  again.row(RowKind::filtered, "old", on_day(100), "old 100");
  BOOST_TEST(to_text(apply(project, again)) == "unchanged:1 filtered:1");
  // Nor is it unseen when the source no longer has it.
  BOOST_TEST(value_of(project.store().count_unseen(stream)).unseen == 0);
  BOOST_TEST(value_of(project.store().count_unseen(stream)).live == 1);
  value_of(project.store().end_refresh(stream, "run-2"));
  verify(project);
}

STORE_TEST(a_record_beside_an_old_order_stays_and_its_key_is_seen) {
  const auto stream = project.stream();
  auto& store = project.store();
  Batch batch(stream);
  add(batch, "1", Entity::order, 100);  // a guest's order, and the guest
  batch.output(Entity::person, "guest-1", person("Gast", "gast@example.com"));
  apply(project, batch);
  while (value_of(store.index_postings(100, support::every_identifier)) > 0) continue;
  BOOST_TEST(prune(project, before({{History::orders, 500}})) == "orders:1");
  BOOST_TEST(!is_there(project, Entity::order, "1"));
  BOOST_TEST(is_there(project, Entity::person, "guest-1"));
  const auto begun = value_of(project.store().begin_refresh(stream, "t", false));
  Batch again(stream, "run-2");
  again.generation(begun.generation).row(RowKind::unchanged, "1", no_time, "1 100");
  BOOST_TEST(to_text(apply(project, again)) == "unchanged:1");
  BOOST_TEST(value_of(project.store().count_unseen(stream)).unseen == 0);
  BOOST_TEST(value_of(project.store().end_refresh(stream, "run-2")) == 0);
  verify(project);
}

STORE_TEST(an_order_beside_a_person_goes_from_older_versions_as_well) {
  const auto stream = project.stream();
  const auto read = [&](const char* run, std::int64_t at_day, const std::string& name) {
    Batch batch(stream, run);
    batch.row(RowKind::mapped, "1", on_day(at_day), name);
    const std::string order = activity(100, "anna");
    batch.output(Entity::order, "order", order, activity_actor_of(order), on_day(100));
    batch.output(Entity::person, "person", person(name, "anna@example.com"));
    apply(project, batch);
  };
  read("run-1", 600, "Anna");
  read("run-2", 700, "Anne");
  BOOST_TEST(prune(project, before({{History::orders, 500}})) == "orders:1");
  BOOST_TEST(!is_there(project, Entity::order, "order"));
  // A copy that contradicts the newest brings the older one back, without what was forgotten.
  Batch contradicts(stream, "run-3");
  contradicts.row(RowKind::mapped, "1", on_day(700), "Anja");
  contradicts.output(Entity::person, "person", person("Anja", "anna@example.com"));
  apply(project, contradicts);
  const auto back = value_of(project.store().find_record(stream, Entity::person, "person"));
  BOOST_REQUIRE(back.has_value());
  const auto record = value_of(project.store().records(std::vector{*back}));
  BOOST_TEST(record.front().canonical.find("Anna") != std::string::npos);
  BOOST_TEST(!is_there(project, Entity::order, "order"));
  verify(project);
}

STORE_TEST(a_stream_that_is_being_refreshed_is_left_alone) {
  const auto stream = project.stream();
  Batch batch(stream);
  add(batch, "old", Entity::order, 100);
  apply(project, batch);
  value_of(project.store().begin_refresh(stream, "t", false));
  BOOST_TEST(prune(project, before({{History::orders, 500}})) == "");
  value_of(project.store().end_refresh(stream, "run-2"));
  BOOST_TEST(prune(project, before({{History::orders, 500}})) == "orders:1");
}

STORE_TEST(of_a_withdrawn_order_the_text_goes_and_the_deletion_stays) {
  const auto stream = project.stream();
  Batch batch(stream), gone(stream, "run-2"), late(stream, "run-3");
  add(batch, "1", Entity::order, 100);
  apply(project, batch);
  gone.row(RowKind::removed, "1", on_day(900), "");
  apply(project, gone);
  BOOST_TEST(prune(project, before({{History::orders, 500}})).starts_with("orders:1"));
  BOOST_TEST(!is_there(project, Entity::order, "1"));
  add(late, "1", Entity::order, 600);  // it was deleted after that
  BOOST_TEST(to_text(apply(project, late)) == "stale:1");
  BOOST_TEST(!is_there(project, Entity::order, "1"));
}

STORE_TEST(older_versions_go_and_the_newest_never) {
  const auto stream = project.stream();
  for (const auto& [run, at_day] : {std::pair("run-1", 100), {"run-2", 200}, {"run-3", 800}}) {
    run_at(project, run, at_day);
    Batch batch(stream, run);
    batch.mapped("1", on_day(at_day), std::string("Anna ") + run);
    batch.mapped("alone " + std::string(run), on_day(at_day), "Bram");
    apply(project, batch);
  }
  BOOST_TEST(prune(project, before({{History::versions, 150}})) == "versions:1");
  BOOST_TEST(prune(project, before({{History::versions, 900}})) == "versions:1");
  BOOST_TEST(state_of(project, "1") == "Anna run-3@" + std::to_string(on_day(800)));
  BOOST_TEST(state_of(project, "alone run-1") == "Bram@" + std::to_string(on_day(100)));
}

STORE_TEST(contradictions_and_refusals_are_no_old_versions) {
  const auto stream = project.stream();
  run_at(project, "run-1", 100);
  Batch batch(stream);
  batch.mapped("1", on_day(50), "Anna");
  batch.mapped("1", on_day(60), "Anne").mapped("1", on_day(60), "Anja");
  batch.mapped("2", on_day(50), "Bram").refused("2", "no");
  batch.output(Entity::person, "2", person("Bram", "bram@example.com"));
  apply(project, batch);
  const auto all = before({{History::versions, 900}, {History::raw, 900}});
  prune(project, all);
  Batch third(stream, "run-2");
  third.mapped("1", on_day(60), "Annie");
  BOOST_TEST(to_text(apply(project, third)) == "quarantined:1");
  BOOST_TEST(state_of(project, "1") == "Anna@" + std::to_string(on_day(50)));
}

STORE_TEST(kept_texts_go_by_when_they_were_read) {
  const auto stream = project.stream();
  run_at(project, "run-1", 100);
  run_at(project, "run-2", 800);
  Batch first(stream), second(stream, "run-2");
  first.mapped("1", on_day(10), "Anna").mapped("2", on_day(10), "Bram");
  second.mapped("2", on_day(20), "Bram B");
  apply(project, first);
  apply(project, second);
  BOOST_TEST(prune(project, before({{History::raw, 500}})) == "raw:2");
  const auto raw_of = [&](const char* key) {
    const auto id = value_of(project.store().find_record(stream, Entity::person, key));
    return value_of(project.store().raw(*id)).has_value();
  };
  BOOST_TEST(!raw_of("1"));
  BOOST_TEST(raw_of("2"));
  BOOST_TEST(state_of(project, "1") == "Anna@" + std::to_string(on_day(10)));
  const auto count = value_of(project.database()->count(store::tables::raw_block, {}));
  BOOST_TEST(count == 1);
}

STORE_TEST(refused_rows_go_unless_they_were_released) {
  const auto stream = project.stream();
  run_at(project, "run-1", 100);
  run_at(project, "run-2", 800);
  Batch first(stream), second(stream, "run-2");
  first.refused("1", "bad").refused("2", "bad").refused("3", "bad");
  second.refused("4", "bad").refused("3", "bad");  // read again: it is as new as that
  apply(project, first);
  apply(project, second);
  const auto entries = value_of(project.store().quarantine("", 0, 10));
  for (const auto& entry : entries) {
    if (entry.key == "2") require(project.store().release_quarantine(std::vector{entry.id}));
  }
  BOOST_TEST(prune(project, before({{History::quarantine, 500}})) == "quarantine:1");
  std::string left;
  for (const auto& entry : value_of(project.store().quarantine("", 0, 10))) left += entry.key;
  std::sort(left.begin(), left.end());
  BOOST_TEST(left == "234");
}

STORE_TEST(changes_stay_until_every_destination_consumed_them) {
  run_at(project, "run-1", 100);
  run_at(project, "run-2", 800);
  auto& store = project.store();
  const auto event = [&](const std::string& run, store::ProfileId profile) {
    store::UnifyBatch batch;
    batch.run = run;
    store::ProfileEvent one;
    one.profile = profile;
    batch.events = {one};
    require(store.apply(batch));
  };
  for (const store::ProfileId profile : {1, 2, 3}) event("run-1", profile);
  event("run-2", 4);
  const auto consume = [&](const char* destination, std::int64_t mark) {
    store::DeliveryBatch batch;
    batch.destination = destination;
    batch.mark = mark;
    require(store.apply(batch));
  };
  consume("a/send", 4);
  consume("b/send", 1);
  BOOST_TEST(prune(project, before({{History::changes, 500}})) == "changes:1");
  require([&] {
    store::DeliveryBatch batch;
    batch.destination = "b/send";
    batch.mark = 4;
    return project.store().apply(batch);
  }());
  BOOST_TEST(prune(project, before({{History::changes, 500}})) == "changes:2");
  const auto left = value_of(project.store().events(0, 10));
  BOOST_REQUIRE(left.size() == 1);
  BOOST_TEST(left[0].seq == 4);
  BOOST_TEST(value_of(project.store().last_event()) == 4);
}

STORE_TEST(reports_go_and_the_runs_stay) {
  run_at(project, "run-1", 100, "{\"long\":true}");
  run_at(project, "run-2", 800, "{\"long\":true}");
  BOOST_TEST(prune(project, before({{History::runs, 500}})) == "runs:1");
  const auto runs = value_of(project.store().runs(10));
  BOOST_REQUIRE(runs.size() == 2);
  BOOST_TEST(runs[1].id == "run-1");
  BOOST_TEST(runs[1].report_json.empty());
  BOOST_TEST(runs[1].started_at == on_day(100));
  BOOST_TEST(runs[0].report_json == "{\"long\":true}");
}

STORE_TEST(letters_go_and_what_is_held_stays) {
  run_at(project, "run-1", 100);
  auto& store = project.store();
  store::DeliveryBatch batch;
  batch.destination = "news/send";
  batch.run = "run-1";
  store::Delivery held;
  held.profile = 1;
  held.fields = "f";
  held.key = "k";
  batch.upserts = {held};
  store::DeadLetter letter;
  letter.profile = 2;
  letter.json = "{}";
  letter.action = "create";
  store::DeadLetter removal = letter;
  removal.profile = 3;
  removal.action = "unsubscribe";
  batch.dead_letters = {letter, removal};
  require(store.apply(batch));
  BOOST_TEST(prune(project, before({{History::dead_letters, 500},
                                    {History::orders, 500},
                                    {History::versions, 500},
                                    {History::raw, 500}})) == "dead_letters:1");
  BOOST_TEST(value_of(project.store().delivered_count("news/send")) == 1);
  const auto letters = value_of(project.store().dead_letters("", 0, 10));
  BOOST_REQUIRE(letters.size() == 1);
  BOOST_TEST(letters[0].action == "unsubscribe");
}

STORE_TEST(a_run_whose_clock_was_wrong_makes_no_other_old) {
  run_at(project, "run-1", 800, "{}");
  run_at(project, "run-2", 100, "{}");  // its clock was
  run_at(project, "run-3", 810, "{}");
  BOOST_TEST(prune(project, before({{History::runs, 500}, {History::changes, 500}})) == "");
  BOOST_TEST(prune(project, before({{History::runs, 805}})) == "runs:2");
}

STORE_TEST(an_order_that_waited_waits_no_longer) {
  auto& store = project.store();
  Batch batch(project.stream());
  add(batch, "1", Entity::order, 100, "nobody-there");
  apply(project, batch);
  while (value_of(store.link_references(100)) > 0) continue;
  BOOST_TEST(value_of(store.totals()).waiting_references == 1);
  BOOST_TEST(prune(project, before({{History::orders, 500}})) == "orders:1");
  while (value_of(project.store().link_references(100)) > 0) continue;
  BOOST_TEST(value_of(project.store().totals()).waiting_references == 0);
  verify(project);
}

STORE_TEST(an_order_with_a_key_of_its_own_is_not_found_by_it) {
  Batch batch(project.stream());
  batch.row(RowKind::mapped, "cart", on_day(100), "cart");
  const std::string canonical = activity(100, "anna");
  batch.output(Entity::order, "order", canonical, activity_actor_of(canonical), on_day(100));
  apply(project, batch);
  BOOST_TEST(is_there(project, Entity::order, "order"));
  BOOST_TEST(prune(project, before({{History::orders, 500}})) == "orders:1");
  BOOST_TEST(!is_there(project, Entity::order, "order"));
  BOOST_TEST(value_of(project.database()->count(store::tables::output_key, {})) == 0);
}

// The same outcome however small the parts are, and with a process that ends between them.
STORE_TEST(small_parts_come_to_the_same) {
  const auto fill = [&] {
    const auto stream = project.stream();
    for (int run = 1; run <= 3; ++run) {
      const std::string id = "run-" + std::to_string(run);
      run_at(project, id, 200 * run);
      Batch batch(stream, id);
      for (int i = 0; i < 40; ++i) {
        add(batch, "o" + std::to_string(i), Entity::order, i * 20 + run);
        batch.mapped("p" + std::to_string(i), on_day(200 * run), "Name " + id);
      }
      apply(project, batch);
    }
  };
  const auto cutoffs =
      before({{History::orders, 300}, {History::versions, 300}, {History::raw, 500}});
  fill();
  const std::string at_once = prune(project, cutoffs);
  const std::string expected = project.dump();
  project.clear();
  fill();
  BOOST_TEST(prune(project, cutoffs, 7) == at_once);
  BOOST_TEST(project.dump() == expected);
  BOOST_TEST(at_once.find("orders:15") == 0);
}

STORE_TEST(sizes_tell_every_kind) {
  const auto stream = project.stream();
  run_at(project, "run-1", 100);
  Batch orders_first(stream), then_people(stream);
  for (int i = 0; i < 200; ++i) add(orders_first, "o" + std::to_string(i), Entity::order, i);
  for (int i = 0; i < 100; ++i) then_people.mapped("p" + std::to_string(i), on_day(1), "Anna");
  apply(project, orders_first);
  apply(project, then_people);
  const auto sizes = value_of(project.store().sizes(100));
  const auto& orders = sizes.history[static_cast<std::size_t>(History::orders)];
  BOOST_TEST(orders.amount.rows == 200);
  BOOST_TEST(orders.amount.bytes > 0);
  BOOST_REQUIRE(orders.at.size() == 200);
  BOOST_TEST(orders.at.front() == on_day(0));
  BOOST_TEST(orders.at.back() == on_day(199));
  BOOST_TEST(orders.newest == 0.0);  // the last hundred are people
  BOOST_TEST(sizes.rest.front().second.rows == 100);
  BOOST_TEST(sizes.bytes > orders.amount.bytes);
  std::int64_t sum = sizes.free;
  for (const auto& one : sizes.history) sum += one.amount.bytes;
  for (const auto& [name, amount] : sizes.rest) sum += amount.bytes;
  BOOST_TEST(sum == sizes.bytes);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
