// References to records that come in any order, or never.
#include <algorithm>
#include <random>

#include "store/bitmap.h"
#include "store/catalog.h"
#include "store/references.h"
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::RowKind;

namespace {

void link_all(Project& project, std::size_t records_max = 100) {
  for (int calls = 0; value_of(project.store().link_references(records_max)) != 0; ++calls) {
    BOOST_REQUIRE(calls < 1'000);
  }
}

/// "order -> name" of all that waits, in order of the records' names.
std::string waiting(Project& project) {
  std::vector<std::string> lines;
  for (const auto& one : value_of(project.store().waiting_references(0, 1'000))) {
    lines.push_back(one.name + " -> " + one.to);
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : ", ") + line;
  return text;
}

std::int64_t waiting_count(Project& project) {
  return value_of(project.store().totals()).waiting_references;
}

std::string order(const std::string& party) {
  RecordBuilder builder;
  builder.add({attribute::activity_party, 0, party, {}, Rule::none, {}});
  return std::string(builder.bytes());
}

std::string contact(const std::vector<std::string>& accounts) {
  RecordBuilder builder;
  std::uint32_t group = 0;
  for (const std::string& account : accounts) {
    ++group;
    builder.add({attribute::relation_type, group, "contact_of", {}, Rule::none, {}});
    builder.add({attribute::relation_to, group, account, {}, Rule::none, {}});
  }
  return std::string(builder.bytes());
}

/// Rows of one stream of the shop, each in a batch of its own.
class Shop {
 public:
  explicit Shop(Project& project) : project_(project) {}

  void order_of(const std::string& key, const std::string& customer, Timestamp at = 10) {
    const std::string party = "shop.customers/" + customer;
    put("orders", RowKind::mapped, key, at, party, Entity::order, order(party),
        identifier_hash(record_namespace, party));
  }
  void no_order(const std::string& key, Timestamp at = 20) {
    put("orders", RowKind::removed, key, at, "gone");
  }
  void customer(const std::string& key, Timestamp at = 10) {
    put("customers", RowKind::mapped, key, at, "customer", Entity::person, person("C" + key));
  }
  void no_customer(const std::string& key, Timestamp at = 20) {
    put("customers", RowKind::removed, key, at, "gone");
  }
  void contact_of(const std::string& key, const std::vector<std::string>& customers,
                  Timestamp at = 10) {
    std::vector<std::string> names;
    std::string content = "contact";
    for (const std::string& one : customers) {
      names.push_back("shop.customers/" + one);
      content += one;
    }
    put("contacts", RowKind::mapped, key, at, content, Entity::person, contact(names));
  }

 private:
  void put(const char* stream, RowKind kind, const std::string& key, Timestamp at,
           const std::string& content, Entity entity = Entity::person,
           const std::string& canonical = {}, std::uint64_t actor = 0) {
    Batch batch(value_of(project_.store().stream("shop", stream, "shop")).id);
    batch.row(kind, key, at, key + content);
    if (kind == RowKind::mapped) batch.output(entity, key, canonical, actor, at);
    apply(project_, batch);
  }

  Project& project_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(references)

STORE_TEST(an_order_waits_for_its_customer) {
  Shop shop(project);
  shop.order_of("1", "8812");
  shop.order_of("2", "9");
  link_all(project);
  BOOST_TEST(waiting_count(project) == 2);
  BOOST_TEST(waiting(project) ==
             "shop.orders/1 -> shop.customers/8812, shop.orders/2 -> shop.customers/9");
  shop.customer("8812");
  link_all(project);
  BOOST_TEST(waiting(project) == "shop.orders/2 -> shop.customers/9");
  BOOST_TEST(waiting_count(project) == 1);
  verify(project);
}

STORE_TEST(who_names_a_record_is_found_from_its_side) {
  Shop shop(project);
  shop.customer("1");
  shop.contact_of("a", {"1", "2"});
  shop.contact_of("b", {"1"});
  shop.contact_of("c", {"3"});
  shop.order_of("9", "1");  // no party: found as what the customer did
  link_all(project);
  const auto referring = [&](const std::vector<std::string>& names, std::size_t max = 100) {
    std::string keys;
    const auto ids = value_of(project.store().referring_records(names, max));
    for (const auto& record : value_of(project.store().records(ids))) keys += record.key;
    return keys;
  };
  BOOST_TEST(referring({"shop.customers/1"}) == "ab");
  BOOST_TEST(referring({"shop.customers/2", "shop.customers/1", "shop.customers/1"}) == "ab");
  BOOST_TEST(referring({"shop.customers/3"}) == "c");
  BOOST_TEST(referring({"shop.customers/1"}, 1) == "a");
  BOOST_TEST(referring({"shop.customers/4"}) == "");
  BOOST_TEST(referring({}) == "");
  shop.contact_of("b", {"3"}, 20);
  link_all(project);
  BOOST_TEST(referring({"shop.customers/1"}) == "a");
  BOOST_TEST(referring({"shop.customers/3"}) == "bc");
}

STORE_TEST(who_came_first_is_found_at_once) {
  Shop shop(project);
  shop.customer("8812");
  shop.order_of("1", "8812");
  link_all(project);
  BOOST_TEST(waiting(project) == "");
  // Nothing changed: nothing to look at.
  BOOST_TEST(value_of(project.store().link_references(100)) == 0);
}

STORE_TEST(who_goes_is_waited_for_again) {
  Shop shop(project);
  shop.customer("8812");
  shop.order_of("1", "8812");
  shop.contact_of("a", {"8812"});
  link_all(project);
  BOOST_TEST(waiting(project) == "");
  shop.no_customer("8812");
  link_all(project, 1);
  BOOST_TEST(waiting(project) ==
             "shop.contacts/a -> shop.customers/8812, shop.orders/1 -> shop.customers/8812");
  shop.customer("8812", 30);
  link_all(project, 1);
  BOOST_TEST(waiting(project) == "");
  verify(project);
}

STORE_TEST(a_record_that_goes_or_changes_waits_no_longer) {
  Shop shop(project);
  shop.customer("2");
  shop.order_of("1", "8812");
  shop.contact_of("a", {"8812", "2"});
  shop.contact_of("b", {"8812"});
  link_all(project);
  BOOST_TEST(waiting_count(project) == 3);
  shop.no_order("1");
  shop.contact_of("a", {"2"}, 20);
  link_all(project);
  BOOST_TEST(waiting(project) == "shop.contacts/b -> shop.customers/8812");
  // The old reference of a is forgotten: when what it named comes and goes, a is not concerned.
  shop.customer("8812", 30);
  shop.no_customer("8812", 40);
  link_all(project);
  BOOST_TEST(waiting(project) == "shop.contacts/b -> shop.customers/8812");
  verify(project);
}

STORE_TEST(a_record_made_beside_another_is_found_by_its_own_key) {
  const auto orders = value_of(project.store().stream("shop", "orders", "shop")).id;
  const std::string guest = record_name("shop", "orders", "guest/1");
  Batch batch(orders);
  batch.row(RowKind::mapped, "1", 10, "order")
      .output(Entity::order, "1", order(guest), identifier_hash(record_namespace, guest), 10)
      .output(Entity::person, "guest/1", person("Bo"));
  // No party is called so: an order is none.
  batch.row(RowKind::mapped, "2", 10, "other")
      .output(Entity::order, "2", order("shop.orders/1"),
              identifier_hash(record_namespace, "shop.orders/1"), 10);
  apply(project, batch);
  link_all(project);
  BOOST_TEST(waiting(project) == "shop.orders/2 -> shop.orders/1");
}

STORE_TEST(a_stream_that_was_never_read_is_waited_for) {
  Shop shop(project);
  Batch batch(value_of(project.store().stream("shop", "orders", "shop")).id);
  const std::string party = "crm.Account/1";
  batch.row(RowKind::mapped, "1", 10, "one")
      .output(Entity::order, "1", order(party), identifier_hash(record_namespace, party), 10);
  apply(project, batch);
  link_all(project);
  BOOST_TEST(waiting(project) == "shop.orders/1 -> crm.Account/1");
}

STORE_TEST(records_without_references_are_not_looked_at) {
  Shop shop(project);
  for (int i = 0; i < 5; ++i) shop.customer(std::to_string(i));
  shop.no_customer("3");
  BOOST_TEST(value_of(project.store().link_references(100)) == 0);
}

STORE_TEST(an_interrupted_linking_goes_on) {
  Shop shop(project);
  for (int i = 0; i < 5; ++i) shop.order_of(std::to_string(i), "8812");
  BOOST_TEST(value_of(project.store().link_references(2)) == 2);
  project.reopen();
  link_all(project, 2);
  BOOST_TEST(waiting_count(project) == 5);
}

STORE_TEST(a_store_of_an_earlier_version_is_looked_at_once) {
  Shop shop(project);
  shop.order_of("1", "8812");
  shop.customer("2");
  project.close();
  {
    const auto database = project.database(false);
    store::Rows counters(1), sets(1);
    counters.add({static_cast<std::int64_t>(store::Counter::references)});
    sets.add({store::bitmap_set::linking << 32});
    require(database->begin(store::Durability::process));
    require(database->erase(store::tables::counter, counters));
    require(database->erase(store::tables::bitmap, sets));
    require(database->commit());
  }
  link_all(project);
  BOOST_TEST(waiting(project) == "shop.orders/1 -> shop.customers/8812");
  BOOST_TEST(value_of(project.store().link_references(100)) == 0);
}

STORE_TEST(any_order_of_arrival_leaves_the_same_waiting) {
  std::mt19937 random(20'260'314);
  std::string first;
  for (int round = 0; round < (project.backend() == Backend::sqlite ? 12 : 3); ++round) {
    project.clear();
    Shop shop(project);
    std::vector<std::function<void()>> steps;
    for (int i = 0; i < 6; ++i) {
      const std::string key = std::to_string(i), customer = std::to_string(i % 4);
      steps.emplace_back([&shop, key, customer] { shop.order_of(key, customer); });
      steps.emplace_back([&shop, key] { shop.contact_of(key, {key, "1", "99"}); });
    }
    for (const char* customer : {"0", "1", "2"}) {
      steps.emplace_back([&shop, customer] { shop.customer(customer); });
    }
    for (const char* customer : {"1", "5"}) {
      steps.emplace_back([&shop, customer] { shop.no_customer(customer); });
    }
    steps.emplace_back([&shop] { shop.no_order("2"); });
    std::shuffle(steps.begin(), steps.end(), random);
    for (const auto& step : steps) {
      step();
      if (random() % 3 == 0) link_all(project, 1 + random() % 4);
    }
    link_all(project);
    if (first.empty()) first = waiting(project);
    BOOST_TEST(waiting(project) == first);
    verify(project);
  }
  BOOST_TEST(first.find("shop.orders/3 -> shop.customers/3") != std::string::npos);
  BOOST_TEST(first.find("shop.orders/0") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
