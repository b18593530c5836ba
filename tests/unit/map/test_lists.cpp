#include <boost/test/unit_test.hpp>

#include "project.h"

using namespace rondom;
using namespace rondom::map_tests;
using Kind = map::Mapped::Kind;

BOOST_AUTO_TEST_SUITE(map_lists)

namespace {
std::string cells_of(std::string_view map_lines, std::string_view json,
                     std::string_view entity = "person") {
  Fixture fixture;
  const std::string yaml =
      "stream: Contact\nentity: " + std::string(entity) + "\nmap:\n" + std::string(map_lines);
  const Outcome outcome = fixture.map(yaml, json);
  if (outcome.kind != Kind::mapped) return outcome.reason;
  BOOST_REQUIRE_EQUAL(outcome.records.size(), 1U);
  return joined(outcome.records.front().cells);
}
}  // namespace

BOOST_AUTO_TEST_CASE(the_short_form_means_the_long_form) {
  const char* json = R"({"Id":"1","Email":"a@example.com"})";
  const std::string expected = "emails.value[1]=a@example.com\n";
  BOOST_TEST(cells_of("  email: .Email\n", json) == expected);
  BOOST_TEST(cells_of("  emails: [{ value: .Email }]\n", json) == expected);
  BOOST_TEST(cells_of("  emails: { value: .Email }\n", json) == expected);
}

BOOST_AUTO_TEST_CASE(elements_are_numbered_without_gaps) {
  const char* map =
      "  emails:\n"
      "    - { value: .Work, usage: work }\n"
      "    - { value: .Home, usage: personal }\n"
      "    - { value: .Old, usage: other }\n";
  BOOST_TEST(
      cells_of(map, R"({"Id":"1","Work":"","Home":"h@example.com","Old":"o@example.com"})") ==
      "emails.value[1]=h@example.com\nemails.value[2]=o@example.com\n"
      "emails.usage[1]=personal\nemails.usage[2]=other\n");
}

BOOST_AUTO_TEST_CASE(an_address_of_constants_alone_is_no_address) {
  const char* map =
      "  addresses:\n    - { usage: billing, street: .Street, postcode: .Zip, country: NL }\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1"})") == "");
  BOOST_TEST(cells_of(map, R"({"Id":"1","Zip":"1234 AB"})") ==
             "addresses.usage[1]=billing\naddresses.postcode[1]=1234 AB\n"
             "addresses.country[1]=NL\n");
}

BOOST_AUTO_TEST_CASE(a_usage_of_the_source_alone_is_no_address) {
  BOOST_TEST(cells_of("  addresses:\n    - { usage: .Use, street: .Street }\n",
                      R"({"Id":"1","Use":"billing"})") == "");
}

BOOST_AUTO_TEST_CASE(a_constant_tag_stands_under_its_condition) {
  const char* map = "  tags:\n    - { when: .Vip, value: vip }\n    - { value: crm }\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1","Vip":true})") == "tags.value[1]=vip\ntags.value[2]=crm\n");
  BOOST_TEST(cells_of(map, R"({"Id":"1","Vip":false})") == "tags.value[1]=crm\n");
}

BOOST_AUTO_TEST_CASE(for_each_makes_one_element_an_item) {
  const char* map =
      "  lines:\n"
      "    for_each: .items\n"
      "    map:\n"
      "      sku: .sku\n"
      "      quantity: .qty\n"
      "      name: $.title\n"
      "      category: $index\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1","title":"T","items":[{"sku":"a","qty":2},{"sku":"b"}]})",
                      "order") ==
             "lines.sku[1]=a\nlines.sku[2]=b\nlines.category[1]=0\nlines.category[2]=1\n"
             "lines.quantity[1]=2\nlines.name[1]=T\nlines.name[2]=T\n");
}

BOOST_AUTO_TEST_CASE(for_each_over_nothing_makes_nothing) {
  const char* map = "  lines: { for_each: .items, map: { sku: .sku } }\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1"})", "order") == "");
  BOOST_TEST(cells_of(map, R"({"Id":"1","items":[]})", "order") == "");
  BOOST_TEST(cells_of(map, R"({"Id":"1","items":{"sku":"a"}})", "order") ==
             "lines: for_each needs a list");
}

BOOST_AUTO_TEST_CASE(for_each_nests_and_mixes_with_plain_elements) {
  const char* map =
      "  tags:\n"
      "    - { value: .main }\n"
      "    - for_each: .groups\n"
      "      map:\n"
      "        for_each: .tags\n"
      "        map: { value: ., when: . != \"skip\" }\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1","main":"m","groups":[{"tags":["a","skip"]},{},)"
                           R"({"tags":["b"]}]})") ==
             "tags.value[1]=m\ntags.value[2]=a\ntags.value[3]=b\n");
}

BOOST_AUTO_TEST_CASE(after_for_each_the_dot_is_the_record_again) {
  const char* map =
      "  emails: { for_each: .more, map: { value: .mail } }\n"
      "  phones: [{ value: .mail }]\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1","mail":"0612345678","more":[{"mail":"a@example.com"}]})") ==
             "emails.value[1]=a@example.com\nphones.value[1]=0612345678\n");
}

BOOST_AUTO_TEST_CASE(relations_need_the_other_record) {
  const char* map =
      "  relations:\n"
      "    - { type: contact_of, to: Account, key: .AccountId, role: .Role }\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1","AccountId":"001X","Role":"buyer"})") ==
             "relations.type[1]=contact_of\nrelations.to[1]=salesforce.Account/001X\n"
             "relations.role[1]=buyer\n");
  BOOST_TEST(cells_of(map, R"({"Id":"1","Role":"buyer"})") == "");
}

BOOST_AUTO_TEST_CASE(a_consent_about_a_missing_address_may_refuse_but_not_grant) {
  const char* map =
      "  consents:\n"
      "    - { purpose: email_marketing, contact: .Email, status: .Status }\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1","Email":"a@example.com","Status":"granted"})") ==
             "consents.purpose[1]=email_marketing\nconsents.contact[1]=a@example.com\n"
             "consents.status[1]=granted\n");
  BOOST_TEST(cells_of(map, R"({"Id":"1","Status":"granted"})") == "");
  BOOST_TEST(cells_of(map, R"({"Id":"1","Status":"withdrawn"})") ==
             "consents.purpose[1]=email_marketing\nconsents.status[1]=withdrawn\n");
  BOOST_TEST(cells_of(map, R"({"Id":"1","Email":"a@example.com"})") == "");
}

BOOST_AUTO_TEST_CASE(a_required_element_refuses_the_record) {
  BOOST_TEST(cells_of("  emails: [{ value: .Email, usage: work, required: true }]\n",
                      R"({"Id":"1"})") == "emails.value is required and empty");
  BOOST_TEST(cells_of("  email: { value: .Email, required: true }\n", R"({"Id":"1"})") ==
             "emails.value is required and empty");
}

BOOST_AUTO_TEST_CASE(a_record_has_a_limit_of_values_and_of_elements) {
  std::string json = R"({"Id":"1","items":[)";
  for (std::size_t i = 0; i <= limits::cells_per_record_max; ++i) json += i == 0 ? "1" : ",1";
  json += "]}";
  BOOST_TEST(cells_of("  tags: { for_each: .items, map: { value: . } }\n", json) ==
             "the record has more than 10,000 values");
  BOOST_TEST(cells_of("  tags: { for_each: .items, map: { for_each: $.items, map: { when: . == 2, "
                      "value: . } } }\n",
                      json) == "the record has more than 100,000 list elements");
}

BOOST_AUTO_TEST_SUITE_END()
