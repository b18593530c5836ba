// The mapping needs that real sources have (PROJECT.md), each with a record as that source gives it.
#include <boost/test/unit_test.hpp>

#include "project.h"

using namespace rondom;
using namespace rondom::map_tests;
using Kind = map::Mapped::Kind;

BOOST_AUTO_TEST_SUITE(mapping_needs)

namespace {
Outcome map_one(std::string_view yaml, std::string_view json, const char* key = "id") {
  Fixture fixture;
  fixture.job = 1;
  fixture.fields.key = {key};
  return fixture.map(yaml, json);
}

std::string cells_of(std::string_view yaml, std::string_view json, const char* key = "id") {
  const Outcome outcome = map_one(yaml, json, key);
  return outcome.records.size() == 1 ? joined(outcome.records.front().cells)
                                     : "not one record: " + outcome.reason;
}

constexpr const char* contact =
    "entity: person\n"
    "map:\n"
    "  gender: { from: .Salutation, values: { Dhr.: male, Mevr.: female }, else: unknown }\n"
    "  phone: .MobilePhone | default(.Phone)\n"
    "  emails:\n"
    "    - { value: .Email, usage: work }\n"
    "    - { value: .Private_Email__c, usage: personal }\n"
    "  relations:\n"
    "    - { type: contact_of, to: salesforce.Account, key: .AccountId, role: .DMU_Role__c }\n"
    "  consents:\n"
    "    - { when: .HasOptedOutOfEmail, purpose: email_marketing, contact: .Email, status: "
    "withdrawn,"
    " at: .SystemModstamp }\n";
}  // namespace

BOOST_AUTO_TEST_CASE(needs_1_to_4_a_crm_contact) {
  BOOST_TEST(cells_of(contact, R"({"id":"003A","Salutation":"Mevr.","MobilePhone":null,
      "Phone":"020 123 4567","Email":"a@work.example","Private_Email__c":"a@example.com",
      "AccountId":"001X","DMU_Role__c":"decider","HasOptedOutOfEmail":false,
      "SystemModstamp":"2026-03-14T21:04:05.000+0000"})") ==
             "gender=female\n"
             "emails.value[1]=a@work.example\nemails.value[2]=a@example.com\n"
             "emails.usage[1]=work\nemails.usage[2]=personal\n"
             "phones.value[1]=020 123 4567\n"
             "relations.type[1]=contact_of\nrelations.to[1]=salesforce.Account/001X\n"
             "relations.role[1]=decider\n");
  BOOST_TEST(cells_of(contact, R"({"id":"003B","MobilePhone":"06 1234 5678","Phone":"020 123 4567",
      "Email":"b@example.com","HasOptedOutOfEmail":true,
      "SystemModstamp":"2026-03-14T21:04:05.000+0000"})") ==
             "gender=unknown\n"
             "emails.value[1]=b@example.com\nemails.usage[1]=work\n"
             "phones.value[1]=06 1234 5678\n"
             "consents.purpose[1]=email_marketing\nconsents.contact[1]=b@example.com\n"
             "consents.status[1]=withdrawn\nconsents.at[1]=2026-03-14T21:04:05.000+0000\n");
}

BOOST_AUTO_TEST_CASE(need_5_the_consents_of_a_mailing_list) {
  const char* yaml =
      "entity: person\n"
      "map:\n"
      "  email: .email_address\n"
      "  consents:\n"
      "    - purpose: email_marketing\n"
      "      contact: .email_address\n"
      "      status: { from: .status, values: { subscribed: granted, unsubscribed: withdrawn } }\n"
      "      at: .timestamp_opt\n"
      "      evidence: .ip_opt\n"
      "    - for_each: .marketing_permissions\n"
      "      map:\n"
      "        purpose: { from: .marketing_permission_id, values: { m1: email_marketing } }\n"
      "        contact: $.email_address\n"
      "        status: { from: .enabled, values: { \"true\": granted, \"false\": denied } }\n";
  BOOST_TEST(cells_of(yaml, R"({"id":"x","email_address":"a@example.com","status":"subscribed",
      "timestamp_opt":"2026-02-02T10:00:00+00:00","ip_opt":"192.0.2.7","marketing_permissions":[
      {"marketing_permission_id":"m1","enabled":false},
      {"marketing_permission_id":"unknown","enabled":true}]})") ==
             "emails.value[1]=a@example.com\n"
             "consents.purpose[1]=email_marketing\nconsents.purpose[2]=email_marketing\n"
             "consents.contact[1]=a@example.com\nconsents.contact[2]=a@example.com\n"
             "consents.status[1]=granted\nconsents.status[2]=denied\n"
             "consents.at[1]=2026-02-02T10:00:00+00:00\nconsents.evidence[1]=192.0.2.7\n");
  BOOST_TEST(cells_of(yaml, R"({"id":"x","email_address":"a@example.com","status":"pending"})") ==
             "emails.value[1]=a@example.com\n");
}

BOOST_AUTO_TEST_CASE(need_6_tags_and_interests_of_a_mailing_list) {
  BOOST_TEST(cells_of("entity: person\n"
                      "map:\n"
                      "  tags:\n"
                      "    - { for_each: .tags, map: { value: .name } }\n"
                      "    - { for_each: .interests | keys_where, map: { value: . } }\n",
                      R"({"id":"m1","tags":[{"id":1,"name":"vip"},{"id":2,"name":"press"}],
                          "interests":{"abc":true,"def":false,"ghi":true}})") ==
             "tags.value[1]=vip\ntags.value[2]=press\ntags.value[3]=abc\ntags.value[4]=ghi\n");
}

BOOST_AUTO_TEST_CASE(need_7_a_birthday_without_a_year) {
  BOOST_TEST(cells_of("entity: person\nmap:\n  birth_date: .BIRTHDAY | date(\"MM/dd\")\n",
                      R"({"id":"m1","BIRTHDAY":"05/12"})") == "birth_date=--05-12\n");
}

BOOST_AUTO_TEST_CASE(need_8_a_visit_becomes_an_event_an_action) {
  const char* yaml =
      "records:\n"
      "  - entity: event\n"
      "    for_each: .actionDetails\n"
      "    key: [$.idVisit, $index]\n"
      "    map:\n"
      "      type: { from: .type, values: { action: page_view, search: site_search }, else: other "
      "}\n"
      "      at: .timestamp | epoch(\"s\")\n"
      "      actor.matomo_visitor: $.visitorId\n"
      "      subject: .url\n";
  const Outcome outcome = map_one(yaml, R"({"idVisit":12,"visitorId":"5f3a","actionDetails":[
      {"type":"action","timestamp":1773522245,"url":"https://shop.example/a"},
      {"type":"search","timestamp":1773522250}]})",
                                  "idVisit");
  BOOST_REQUIRE_MESSAGE(outcome.records.size() == 2, outcome.reason);
  BOOST_TEST(outcome.records[0].key == "12/0");
  BOOST_TEST(joined(outcome.records[0].cells) ==
             "type=page_view\nat=2026-03-14T21:04:05Z\nactor=matomo_visitor:5f3a\n"
             "subject=https://shop.example/a\n");
  BOOST_TEST(outcome.records[1].key == "12/1");
}

BOOST_AUTO_TEST_CASE(need_9_items_of_an_order_become_its_lines) {
  BOOST_TEST(cells_of("entity: order\n"
                      "map:\n"
                      "  lines:\n"
                      "    for_each: .ecommerceOrder.itemDetails\n"
                      "    map: { sku: .itemSKU, name: .itemName, quantity: .quantity }\n",
                      R"({"id":"o1","ecommerceOrder":{"itemDetails":[
                          {"itemSKU":"B1","itemName":"Stadsfiets","quantity":1},
                          {"itemSKU":"L2","itemName":"Lamp","quantity":2}]}})") ==
             "lines.sku[1]=B1\nlines.sku[2]=L2\nlines.quantity[1]=1\nlines.quantity[2]=2\n"
             "lines.name[1]=Stadsfiets\nlines.name[2]=Lamp\n");
}

BOOST_AUTO_TEST_CASE(need_10_times_as_databases_and_shops_write_them) {
  const auto observed = [](std::string_view value) {
    const std::string json = R"({"id":1,"at":)" + std::string(value) + "}";
    return map_one("entity: order\ncursor: .at\nmap: { at: .at }\n", json);
  };
  const Timestamp utc = parse_time("2026-03-14T20:04:05Z").value();
  BOOST_TEST(observed("\"2026-03-14 21:04:05\"").observed_at == utc);
  BOOST_TEST(observed("\"0000-00-00 00:00:00\"").observed_at == no_time);
  const Outcome gmt = map_one(
      "entity: order\ncursor: .date_created_gmt | datetime(\"yyyy-MM-dd'T'HH:mm:ss\", \"UTC\")\n"
      "map: { at: .date_created_gmt }\n",
      R"({"id":1,"date_created_gmt":"2026-03-14T20:04:05"})");
  BOOST_TEST(gmt.observed_at == utc, gmt.reason);
  const Outcome epoch = map_one("entity: order\ncursor: .at | epoch(\"s\")\nmap: { at: .at }\n",
                                R"({"id":1,"at":1773518645})");
  BOOST_TEST(epoch.observed_at == utc, epoch.reason);
}

BOOST_AUTO_TEST_CASE(need_11_a_value_from_meta_data_and_the_orders_own_currency) {
  BOOST_TEST(cells_of("entity: order\n"
                      "map:\n"
                      "  custom.vat: '.meta_data[key == \"_vat\"].value'\n"
                      "  total: .total | money(.currency)\n",
                      R"({"id":1,"total":"19.90","currency":"SEK",
                          "meta_data":[{"key":"_x","value":"1"},{"key":"_vat","value":"NL001"}]})") ==
             "custom.vat=NL001\ntotal=1990 SEK\n");
}

BOOST_AUTO_TEST_CASE(need_12_a_guest_becomes_a_person_with_two_addresses) {
  const char* yaml =
      "stream: orders\n"
      "records:\n"
      "  - entity: order\n"
      "    map:\n"
      "      party: { when: .customer_id != 0, to: customers, key: .customer_id }\n"
      "  - entity: person\n"
      "    when: .customer_id == 0\n"
      "    key: [guest, .id]\n"
      "    map:\n"
      "      name.given: .billing.first_name\n"
      "      email: .billing.email\n"
      "      addresses:\n"
      "        - { usage: billing, street: .billing.address_1, country: .billing.country }\n"
      "        - { usage: shipping, street: .shipping.address_1, country: .shipping.country }\n";
  const Outcome outcome = map_one(yaml, R"({"id":31,"customer_id":0,
      "billing":{"first_name":"Bo","email":"bo@example.com","address_1":"Kade 1","country":"NL"},
      "shipping":{"address_1":"Plein 2","country":"BE"}})");
  BOOST_REQUIRE_MESSAGE(outcome.records.size() == 2, outcome.reason);
  BOOST_TEST(joined(outcome.records[0].cells) ==
             "party=" + record_name("webshop", "orders", "guest/31") + "\n");
  BOOST_TEST(joined(outcome.records[1].cells) ==
             "name.given=Bo\nemails.value[1]=bo@example.com\n"
             "addresses.usage[1]=billing\naddresses.usage[2]=shipping\n"
             "addresses.street[1]=Kade 1\naddresses.street[2]=Plein 2\n"
             "addresses.country[1]=NL\naddresses.country[2]=BE\n");
}

BOOST_AUTO_TEST_SUITE_END()
