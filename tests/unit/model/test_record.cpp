#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <vector>

#include "model/json.h"
#include "model/record.h"

using namespace rondom;

namespace {

Cell cell(AttributeId id, std::string_view value, std::uint32_t group = 0,
          std::string_view name = {}) {
  return {id, group, value, {}, Rule::none, name};
}

std::string bytes_of(const std::vector<Cell>& cells) {
  RecordBuilder builder;
  for (const Cell& each : cells) builder.add(each);
  return std::string(builder.bytes());
}

std::string json_of(const std::vector<Cell>& cells) {
  std::string out;
  append_record_json(out, bytes_of(cells));
  return out;
}

std::vector<std::string> identifiers_of(std::string_view bytes) {
  std::vector<std::string> found;
  for_each_identifier(bytes, [&](std::string_view name_space, std::string_view value) {
    found.push_back(std::string(name_space) + "=" + std::string(value));
  });
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record)

BOOST_AUTO_TEST_CASE(cells_come_back_as_they_went_in) {
  const std::string long_value(100'000, 'v');
  Cell with_raw = cell(attribute::email_value, "anna@example.com", 300);
  with_raw.raw = "Anna@Example.com ";
  with_raw.rule = Rule::email;
  Cell empty_raw = cell(attribute::gender, "unknown");
  empty_raw.raw = std::string_view("");
  empty_raw.rule = Rule::default_value;
  const std::vector<Cell> cells{cell(attribute::custom, "gold", 0, "tier"), with_raw, empty_raw,
                                cell(attribute::name_given, long_value),
                                cell(attribute::name_surname, "")};
  const std::string bytes = bytes_of(cells);
  const std::vector<Cell> read = read_cells(bytes);
  BOOST_REQUIRE(read.size() == cells.size());
  BOOST_TEST(read[0].name == "tier");
  BOOST_TEST(read[0].value == "gold");
  BOOST_TEST(bool(read[0].raw.data() == nullptr));
  BOOST_TEST(read[1].value == long_value);
  BOOST_TEST(read[2].value == "");
  BOOST_TEST(read[3].attribute == attribute::gender);
  BOOST_TEST(bool(read[3].raw.data() != nullptr));
  BOOST_TEST(read[3].raw == "");
  BOOST_TEST(bool(read[3].rule == Rule::default_value));
  BOOST_TEST(read[4].group == 300u);
  BOOST_TEST(read[4].raw == "Anna@Example.com ");
  BOOST_TEST(bool(read[4].rule == Rule::email));
}

BOOST_AUTO_TEST_CASE(the_layout_is_the_documented_one) {
  Cell named = cell(attribute::identifier, "v", 0, "kvk");
  Cell cleaned = cell(attribute::name_given, "Anna", 0);
  cleaned.raw = "ANNA";
  cleaned.rule = Rule::name_case;
  BOOST_TEST(bytes_of({cleaned, named}) == std::string("\x02\x00\x01v\x00\x00\x03kvk\x0b\x00\x04"
                                                       "Anna\x05"
                                                       "ANNA\x06",
                                                       23));
}

BOOST_AUTO_TEST_CASE(equal_records_are_equal_bytes) {
  std::vector<Cell> cells{cell(attribute::email_value, "a@example.com", 1),
                          cell(attribute::email_value, "b@example.com", 2),
                          cell(attribute::email_usage, "work", 1),
                          cell(attribute::identifier, "1", 0, "kvk"),
                          cell(attribute::identifier, "2", 0, "kvk"),
                          cell(attribute::identifier, "1", 0, "crm"),
                          cell(attribute::custom, "x", 0, "b"),
                          cell(attribute::custom, "y", 0, "a"),
                          cell(attribute::name_given, "Anna")};
  Cell raw_equals_value = cell(attribute::country, "NL");
  raw_equals_value.raw = "NL";
  const std::string expected = [&] {
    std::vector<Cell> all = cells;
    all.push_back(cell(attribute::country, "NL"));
    return bytes_of(all);
  }();
  cells.push_back(raw_equals_value);
  constexpr unsigned seed = 7;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::shuffle(cells.begin(), cells.end(), random);
    BOOST_TEST(bytes_of(cells) == expected);
  }
}

BOOST_AUTO_TEST_CASE(any_bytes_are_read_safely) {
  constexpr unsigned seed = 11;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const std::string good =
      bytes_of({cell(attribute::identifier, "8812", 0, "customer_login"),
                cell(attribute::email_value, "a@example.com", 1),
                cell(attribute::email_status, "invalid", 1), cell(attribute::tag_value, "vip", 1),
                cell(attribute::activity_actor, "email:x", 0)});
  int damaged = 0;
  JsonReader json;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (unsigned change = 0; change < 1 + random() % 3; ++change) {
      bytes[random() % bytes.size()] = char(random());
    }
    bytes.resize(random() % (bytes.size() + 1));
    RecordReader reader(bytes);
    Cell each;
    while (reader.next(each)) {
      BOOST_TEST_REQUIRE(each.value.size() <= bytes.size());
    }
    damaged += reader.damaged() ? 1 : 0;
    identifiers_of(bytes);
    activity_actor_of(bytes);
    std::string out;
    append_record_json(out, bytes);
    BOOST_TEST_REQUIRE((out.front() == '{' && out.back() == '}'));
  }
  BOOST_TEST(damaged > 1'000);
}

BOOST_AUTO_TEST_CASE(damage_is_told_from_the_end) {
  const std::string bytes = bytes_of({cell(attribute::name_given, "Anna")});
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    RecordReader reader(std::string_view(bytes).substr(0, length));
    Cell each;
    BOOST_TEST(reader.next(each) == (length == bytes.size()));
    BOOST_TEST(reader.damaged() == (length != 0 && length != bytes.size()));
  }
  const std::string overlong(12, '\xff');
  RecordReader reader(overlong);
  Cell each;
  BOOST_TEST(!reader.next(each));
  BOOST_TEST(reader.damaged());
}

BOOST_AUTO_TEST_CASE(first_values) {
  const std::string bytes =
      bytes_of({cell(attribute::gender, "female"), cell(attribute::country, "NL")});
  BOOST_TEST(first_value(bytes, attribute::country) == "NL");
  BOOST_TEST(first_value(bytes, attribute::language) == "");
  BOOST_TEST(first_value("", attribute::language) == "");
}

BOOST_AUTO_TEST_CASE(record_names_split_again) {
  BOOST_TEST(record_name("salesforce", "Contact", "003A") == "salesforce.Contact/003A");
  BOOST_TEST(record_name("a.b", "c/d", "e\\f") == "a\\.b.c\\/d/e\\\\f");
  const std::vector<std::string_view> parts{"guest", "1/2"};
  BOOST_TEST(join_key(parts) == "guest/1\\/2");

  constexpr unsigned seed = 5;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const auto any_part = [&] {
    std::string part;
    for (unsigned i = 0; i < 1 + random() % 6; ++i) part += "ab./\\:"[random() % 6];
    return part;
  };
  for (int round = 0; round < 5'000; ++round) {
    const std::string source = any_part();
    const std::string stream = any_part();
    const std::string key = any_part();
    std::string source_read;
    std::string stream_read;
    std::string key_read;
    BOOST_TEST_REQUIRE(
        parse_record_name(record_name(source, stream, key), source_read, stream_read, key_read));
    BOOST_TEST_REQUIRE((source_read == source && stream_read == stream && key_read == key));
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_record_name) {
  std::string a;
  std::string b;
  std::string c;
  for (const char* name : {"", "a", "a.b", "a/b", ".b/c", "a./c", "a.b/", "a.b/c/d", "a.b.c/d",
                           "a.b/c.d", "a.b/c\\", "a\\x.b/c", "/", "./"}) {
    BOOST_TEST(!parse_record_name(name, a, b, c), name);
  }
}

BOOST_AUTO_TEST_CASE(identifiers_leave_out_invalid_contact_points) {
  const std::vector<std::string> expected{"kvk=12345678", "email=a@example.com",
                                          "email=c@example.com", "phone=+31201234567"};
  const std::string bytes = bytes_of(
      {cell(attribute::identifier, "12345678", 0, "kvk"),
       cell(attribute::email_value, "a@example.com", 1),
       cell(attribute::email_value, "not an address", 2),
       cell(attribute::email_value, "c@example.com", 3),
       cell(attribute::email_status, "invalid", 2), cell(attribute::email_status, "bounced", 3),
       cell(attribute::phone_value, "+31201234567", 2), cell(attribute::phone_value, "12", 3),
       cell(attribute::phone_status, "invalid", 3), cell(attribute::address_status, "invalid", 1)});
  BOOST_TEST(identifiers_of(bytes) == expected, boost::test_tools::per_element());
  BOOST_TEST(identifiers_of("").empty());
}

BOOST_AUTO_TEST_CASE(identifier_hashes_keep_their_parts_apart) {
  BOOST_TEST(identifier_hash("ab", "c") != identifier_hash("a", "bc"));
  BOOST_TEST(identifier_hash("a", "b") == identifier_hash("a", "b"));
}

BOOST_AUTO_TEST_CASE(who_did_an_activity) {
  const std::string name = record_name("webshop", "customers", "8812");
  BOOST_TEST(activity_actor_of(bytes_of({cell(attribute::activity_party, name),
                                         cell(attribute::activity_actor, "email:x")})) ==
             identifier_hash(record_namespace, name));
  BOOST_TEST(activity_actor_of(bytes_of({cell(attribute::activity_actor, "visitor:a:b")})) ==
             identifier_hash("visitor", "a:b"));
  BOOST_TEST(activity_actor_of(bytes_of({cell(attribute::activity_actor, "nobody")})) == 0u);
  BOOST_TEST(activity_actor_of(bytes_of({cell(attribute::activity_type, "page_view")})) == 0u);
}

BOOST_AUTO_TEST_CASE(a_party_as_json) {
  BOOST_TEST(
      json_of({cell(attribute::name_given, "Anna"), cell(attribute::name_surname, "Berg"),
               cell(attribute::death_status, "alive"), cell(attribute::death_date, "2020"),
               cell(attribute::test_record, "true"),
               cell(attribute::email_value, "a@example.com", 1),
               cell(attribute::email_value, "b@example.com", 2),
               cell(attribute::email_usage, "work", 1), cell(attribute::tag_value, "vip", 1),
               cell(attribute::tag_value, "new", 2), cell(attribute::custom, "gold", 0, "tier"),
               cell(attribute::custom, "x", 1, "many"), cell(attribute::custom, "y", 2, "many"),
               cell(attribute::identifier, "12345678", 0, "kvk")}) ==
      R"({"name":{"given":"Anna","surname":"Berg"},"death":{"status":"alive","date":"2020"},)"
      R"("test_record":true,"emails":[{"value":"a@example.com","usage":"work"},)"
      R"({"value":"b@example.com"}],"tags":["vip","new"],"custom":{"many":["x","y"],"tier":"gold"},)"
      R"("identifiers":[{"namespace":"kvk","value":"12345678"}]})");
  BOOST_TEST(json_of({}) == "{}");
}

BOOST_AUTO_TEST_CASE(an_order_as_json) {
  BOOST_TEST(
      json_of({cell(attribute::activity_at, "2026-03-14T00:00:00Z"),
               cell(attribute::order_total, "1990 EUR"), cell(attribute::line_sku, "A1", 1),
               cell(attribute::line_quantity, "2.5", 1),
               cell(attribute::line_unit_price, "500 JPY", 1), cell(attribute::line_sku, "B2", 2),
               cell(attribute::line_quantity, "many", 2)}) ==
      R"({"at":"2026-03-14T00:00:00Z","total":{"amount":"19.90","currency":"EUR"},"lines":[)"
      R"({"sku":"A1","quantity":2.5,"unit_price":{"amount":"500","currency":"JPY"}},)"
      R"({"sku":"B2","quantity":"many"}]})");
}

BOOST_AUTO_TEST_CASE(rules_have_words) {
  BOOST_TEST(rule_text(Rule::none) == std::string("as the source said"));
  BOOST_TEST(rule_text(Rule::address_split) == std::string("taken from the address line"));
  BOOST_TEST(rule_text(Rule(99)) == std::string("unknown rule"));
}

BOOST_AUTO_TEST_SUITE_END()
