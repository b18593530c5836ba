// Another name for a job or a source.
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::Renaming;
using store::RowKind;

namespace {

Renaming renaming(Renaming::Kind kind, const std::string& from, const std::string& to) {
  Renaming made;
  made.kind = kind;
  made.from = from;
  made.to = to;
  return made;
}

std::string referring(AttributeId attribute, const std::string& name) {
  RecordBuilder builder;
  if (attribute == attribute::relation_to) {
    builder.add({attribute::relation_type, 1, "contact_of", {}, Rule::none, {}});
  }
  builder.add({attribute, attribute == attribute::relation_to ? 1u : 0u, name, {}, Rule::none, {}});
  return std::string(builder.bytes());
}

store::StreamId stream_of(Project& project, const std::string& source, const std::string& name,
                          const std::string& job) {
  return value_of(project.store().stream(source, name, job)).id;
}

void put(Project& project, store::StreamId stream, const std::string& key, Entity entity,
         const std::string& canonical, Timestamp at = 10, std::uint64_t actor = 0) {
  Batch batch(stream);
  batch.row(RowKind::mapped, key, at, key + canonical);
  batch.output(entity, key, canonical, actor, at);
  apply(project, batch);
}

void settle(Project& project) {
  for (int calls = 0; value_of(project.store().link_references(100)) != 0; ++calls) {
    BOOST_REQUIRE(calls < 1'000);
  }
}

void deliver(Project& project, const std::string& destination) {
  store::DeliveryBatch batch;
  batch.destination = destination;
  store::Delivery delivery;
  delivery.profile = 1;
  delivery.remote_id = "r1";
  delivery.fields = "f";
  delivery.key = "uid";
  batch.upserts = {delivery};
  batch.mark = 42;
  require(project.store().apply(batch));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rename)

STORE_TEST(a_job_keeps_what_it_did) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna").checkpoint("Contact", "{\"cursor\":1}"));
  deliver(project, "crm");
  require(project.store().put_value("job/status/crm", "done"));
  require(project.store().put_run(
      {"run-1", 5, 6, "done", R"({"run":"run-1","jobs":[{"job":"crm","of":"\"job\":\"crm\""}]})"}));
  Renaming wanted = renaming(Renaming::Kind::job, "crm", "sales");
  wanted.destinations = {{"crm", "sales"}, {"crm@capture", "sales@capture"}};
  wanted.moved_values = {{"job/status/crm", "job/status/sales"}, {"none", "of/these"}};
  wanted.put_values = {{"renamed/job/crm", "sales"}};
  const store::Renamed renamed = value_of(project.store().rename(wanted));
  BOOST_TEST(renamed.streams == 1);
  BOOST_TEST(renamed.checkpoints == 1);
  BOOST_TEST(renamed.destinations == 1);
  BOOST_TEST(renamed.reports == 1);
  project.reopen();
  BOOST_TEST(value_of(project.store().stream("crm", "Contact", "sales")).id == stream);
  BOOST_TEST(*value_of(project.store().checkpoint("sales", "Contact")) == "{\"cursor\":1}");
  BOOST_TEST(!value_of(project.store().checkpoint("crm", "Contact")).has_value());
  BOOST_TEST(value_of(project.store().mark("sales")) == 42);
  BOOST_TEST(value_of(project.store().mark("crm")) == 0);
  BOOST_TEST(value_of(project.store().delivered_count("sales")) == 1);
  BOOST_TEST(*value_of(project.store().value("job/status/sales")) == "done");
  BOOST_TEST(!value_of(project.store().value("job/status/crm")).has_value());
  BOOST_TEST(!value_of(project.store().value("of/these")).has_value());
  BOOST_TEST(*value_of(project.store().value("renamed/job/crm")) == "sales");
  BOOST_TEST(value_of(project.store().runs(1)).front().report_json ==
             R"({"run":"run-1","jobs":[{"job":"sales","of":"\"job\":\"crm\""}]})");
  verify(project);
}

STORE_TEST(nothing_to_rename_and_a_name_that_is_taken_are_refused) {
  apply(project, Batch(project.stream()).mapped("1", 10, "Anna"));
  put(project, stream_of(project, "shop", "people", "shop"), "1", Entity::person, person("Bram"));
  const std::string before = project.dump();
  for (const auto kind : {Renaming::Kind::job, Renaming::Kind::source}) {
    const auto unknown = project.store().rename(renaming(kind, "books", "sales"));
    BOOST_REQUIRE(!unknown.ok());
    BOOST_TEST((unknown.error().code == ErrorCode::usage));
    BOOST_TEST(unknown.error().message.find("books") != std::string::npos);
    const auto taken = project.store().rename(renaming(kind, "crm", "shop"));
    BOOST_REQUIRE(!taken.ok());
    BOOST_TEST((taken.error().code == ErrorCode::usage));
    BOOST_TEST(taken.error().message.find("shop") != std::string::npos);
  }
  BOOST_TEST(project.dump() == before);
}

STORE_TEST(what_a_failed_run_left_under_the_new_name_is_in_nobodys_way) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  deliver(project, "mail");
  const auto empty = stream_of(project, "sales", "Contact", "crm");
  store::DeliveryBatch nothing;
  nothing.destination = "letters";
  nothing.withheld = {{1, "no consent"}};
  require(project.store().apply(nothing));
  value_of(project.store().rename(renaming(Renaming::Kind::source, "crm", "sales")));
  Renaming mail = renaming(Renaming::Kind::job, "mail", "letters");
  mail.destinations = {{"mail", "letters"}};
  value_of(project.store().rename(mail));
  project.reopen();
  BOOST_TEST(value_of(project.store().stream("sales", "Contact", "crm")).id == stream);
  BOOST_TEST(value_of(project.store().stream("crm", "Contact", "crm")).id == empty);
  BOOST_TEST(value_of(project.store().delivered_count("letters")) == 1);
  BOOST_TEST(value_of(project.store().delivered_count("mail")) == 0);
  BOOST_TEST((value_of(project.store().destinations()) == std::vector<std::string>{"letters"}));
  verify(project);
}

STORE_TEST(records_that_name_one_of_the_source_name_it_anew) {
  const auto accounts = stream_of(project, "crm", "Account", "crm");
  const auto shop = stream_of(project, "shop", "people", "shop");
  const auto orders = stream_of(project, "shop", "orders", "shop");
  const std::string account = "crm.Account/7", other = "crmx.Account/7";
  put(project, accounts, "7", Entity::organization, person("Acme"));
  put(project, shop, "a", Entity::person, referring(attribute::relation_to, account));
  put(project, shop, "b", Entity::person, referring(attribute::relation_to, other));
  put(project, orders, "1", Entity::order, referring(attribute::activity_party, account), 10,
      identifier_hash(record_namespace, account));
  // An older version, which a contradiction may bring back, says it too.
  put(project, shop, "c", Entity::person, referring(attribute::relation_to, account), 10);
  put(project, shop, "c", Entity::person, person("Carla"), 20);
  settle(project);
  store::UnifyBatch unified;
  unified.run = "run-1";
  for (const auto record : value_of(project.store().dirty_records(0, 100))) {
    unified.done.push_back(record);
  }
  require(project.store().apply(unified));
  BOOST_REQUIRE(value_of(project.store().dirty_count()) == 0);

  const store::Renamed renamed =
      value_of(project.store().rename(renaming(Renaming::Kind::source, "crm", "sales")));
  BOOST_TEST(renamed.referring == 2);
  project.reopen();
  const store::RecordId ids[] = {2, 3, 4, 5};
  const auto records = value_of(project.store().records(ids));
  BOOST_REQUIRE(records.size() == 4u);
  BOOST_TEST(first_value(records[0].canonical, attribute::relation_to) == "sales.Account/7");
  BOOST_TEST(first_value(records[1].canonical, attribute::relation_to) == other);
  BOOST_TEST(first_value(records[2].canonical, attribute::activity_party) == "sales.Account/7");
  const std::uint64_t actor[] = {identifier_hash(record_namespace, "sales.Account/7")};
  BOOST_TEST(value_of(project.store().activities(actor, 10)).size() == 1u);
  const std::uint64_t nobody[] = {identifier_hash(record_namespace, account)};
  BOOST_TEST(value_of(project.store().activities(nobody, 10)).empty());
  settle(project);
  // Only what names somebody of another source waits.
  BOOST_TEST(value_of(project.store().totals()).waiting_references == 1);
  // The source's own party and who refers to it are looked at again: they are called otherwise.
  BOOST_TEST(
      (value_of(project.store().dirty_records(0, 100)) == std::vector<store::RecordId>{1, 2}));
  // The newer version of c goes, so the older one is back.
  apply(project, Batch(shop)
                     .row(RowKind::mapped, "c", 20, "other")
                     .output(Entity::person, "c", person("Corrie")));
  BOOST_TEST(
      first_value(value_of(project.store().records(std::span(ids).last(1))).front().canonical,
                  attribute::relation_to) == "sales.Account/7");
  verify(project);
}

STORE_TEST(a_map_that_differs_by_the_name_alone_is_the_same_map) {
  const auto stream = project.stream();
  apply(project, Batch(stream).map(11).mapped("1", 10, "Anna"));
  Renaming wanted = renaming(Renaming::Kind::source, "crm", "sales");
  wanted.map_fingerprints = {{11, 12}, {98, 99}};
  value_of(project.store().rename(wanted));
  project.reopen();
  const std::uint64_t keys[] = {hash64("1")};
  const auto known = value_of(project.store().known(stream, keys));
  BOOST_TEST(known.front().map_fingerprint == 12u);
  BOOST_TEST(known.front().raw_hash != 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
