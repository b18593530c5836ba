#include <boost/test/unit_test.hpp>

#include "project.h"

using namespace rondom;
using namespace rondom::map_tests;
using Kind = map::Mapped::Kind;

BOOST_AUTO_TEST_SUITE(map_records)

namespace {
constexpr const char* named = "entity: person\nmap: { name.given: .N }\n";
Timestamp time_of(std::string_view text) {
  return parse_time(text).value();
}
}  // namespace

BOOST_AUTO_TEST_CASE(the_key_is_the_catalogs_unless_the_job_writes_one) {
  Fixture fixture;
  BOOST_TEST(fixture.map(named, R"({"Id":"00.3/A","N":"x"})").key == "00.3/A");
  BOOST_TEST(fixture.map(std::string("key: .n\n") + named, R"({"Id":"a","n":7})").key == "7");
  const std::vector<std::string_view> parts{"guest", "a/b", "7"};
  BOOST_TEST(
      fixture.map(std::string("key: [guest, .a, .n]\n") + named, R"({"a":"a/b","n":7})").key ==
      join_key(parts));
  fixture.fields.key = {"odd name", "n"};
  const std::vector<std::string_view> two{"x", "7"};
  BOOST_TEST(fixture.map(named, R"({"odd name":"x","n":7})").key == join_key(two));
}

BOOST_AUTO_TEST_CASE(a_key_that_cannot_be_read_is_a_problem) {
  Fixture fixture;
  BOOST_TEST(fixture.map(named, R"({"N":"x"})").reason == "key is empty");
  BOOST_TEST(fixture.map(named, R"({"Id":"  ","N":"x"})").reason == "key is empty");
  BOOST_TEST(fixture.map(named, R"({"Id":["a"]})").reason ==
             "key: a list stands where one value belongs: use first, last or join");
  const std::string most(limits::key_bytes_max, 'k');
  BOOST_TEST(fixture.map(named, R"({"Id":")" + most + R"("})").key == most);
  const Outcome outcome = fixture.map(named, R"({"Id":"k)" + most + R"("})");
  BOOST_TEST(outcome.reason == "key is longer than 1,024 bytes");
  BOOST_TEST(outcome.problem == outcome.reason);
  BOOST_TEST(outcome.key == "");
  BOOST_TEST(fixture.map(std::string("key: [.a, .b]\n") + named, R"({"a":"x"})").reason ==
             "key is empty");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_object_is_refused_and_still_hashed) {
  Fixture fixture;
  const Outcome list = fixture.map(named, "[1]");
  BOOST_TEST(list.reason == "the record is no JSON object");
  BOOST_TEST(list.raw_hash == hash64("[1]"));
  const Outcome broken = fixture.map(named, "{\"Id\":");
  BOOST_TEST((broken.kind == Kind::refused));
  BOOST_TEST(!broken.reason.empty());
  BOOST_TEST(broken.raw_hash == hash64("{\"Id\":"));
}

BOOST_AUTO_TEST_CASE(when_filters_a_source_record) {
  Fixture fixture;
  const std::string yaml = std::string("when: .Type != \"test\"\n") + named;
  BOOST_TEST((fixture.map(yaml, R"({"Id":"1","Type":"test"})").kind == Kind::filtered));
  BOOST_TEST((fixture.map(yaml, R"({"Id":"1","Type":"real"})").kind == Kind::mapped));
}

BOOST_AUTO_TEST_CASE(the_cursor_says_when) {
  Fixture fixture;
  const std::string yaml = std::string("cursor: .At\n") + named;
  const auto at = [&](std::string_view value) {
    const std::string json = R"({"Id":"1","At":)" + std::string(value) + "}";
    const Outcome outcome = fixture.map(yaml, json, 42);
    return outcome.kind == Kind::mapped ? outcome.observed_at : no_time;
  };
  BOOST_TEST(at("\"2026-03-14T21:04:05Z\"") == time_of("2026-03-14T21:04:05Z"));
  BOOST_TEST(at("\"2026-03-14T21:04:05.250+0100\"") == time_of("2026-03-14T20:04:05.25Z"));
  BOOST_TEST(at("\"2026-03-14 21:04:05.250 -05:30\"") == time_of("2026-03-15T02:34:05.25Z"));
  BOOST_TEST(at("\"2026-03-14\"") == time_of("2026-03-14T00:00:00Z"));
  BOOST_TEST(at("\"1969-12-31T23:59:59Z\"") == -microseconds_per_second);
}

BOOST_AUTO_TEST_CASE(times_without_an_offset_are_of_the_connections_zone) {
  Fixture fixture;
  const std::string yaml = std::string("cursor: .At\n") + named;
  const auto at = [&](const char* value) {
    return fixture.map(yaml, std::string(R"({"Id":"1","At":")") + value + "\"}").observed_at;
  };
  BOOST_TEST(at("2026-01-14 21:04:05") == time_of("2026-01-14T20:04:05Z"));
  BOOST_TEST(at("2026-07-14T21:04:05.5") == time_of("2026-07-14T19:04:05.5Z"));
  BOOST_TEST(at("2026-07-14 21:04") == time_of("2026-07-14T19:04:00Z"));
  BOOST_TEST(at("2026-03-29 03:00:00") == time_of("2026-03-29T01:00:00Z"));
  BOOST_TEST(at("2026-03-29 01:59:59") == time_of("2026-03-29T00:59:59Z"));
  fixture.project.connections[0].defaults.time_zone = "UTC";
  BOOST_TEST(at("2026-07-14 21:04:05") == time_of("2026-07-14T21:04:05Z"));
}

BOOST_AUTO_TEST_CASE(a_cursor_that_says_nothing_leaves_it_to_the_connector) {
  Fixture fixture;
  const std::string yaml = std::string("cursor: .At\n") + named;
  BOOST_TEST(fixture.map(yaml, R"({"Id":"1"})", 42).observed_at == 42);
  BOOST_TEST(fixture.map(yaml, R"({"Id":"1","At":""})", 42).observed_at == 42);
  BOOST_TEST(fixture.map(yaml, R"({"Id":"1","At":"0000-00-00 00:00:00"})").observed_at == no_time);
}

BOOST_AUTO_TEST_CASE(a_cursor_that_is_no_time_refuses_the_record) {
  Fixture fixture;
  const std::string yaml = std::string("cursor: .At\n") + named;
  for (const char* value : {"\"yesterday\"", "\"2026-02-30\"", "\"2026-03-14 25:00:00\"",
                            "\"2026-03-14T21:04:05+1\"", "\"14-03-2026\"", "true", "[1]"}) {
    const std::string json = std::string(R"({"Id":"1","At":)") + value + "}";
    BOOST_TEST(fixture.map(yaml, json).reason == "cursor is no time", value);
  }
  BOOST_TEST(fixture.map(yaml, R"({"Id":"1","At":1773522245})").reason ==
             "cursor is a number: say what it counts with epoch");
}

BOOST_AUTO_TEST_CASE(the_catalogs_cursor_stands_back_for_the_connectors_own_time) {
  Fixture fixture;
  fixture.fields.cursor = "At";
  const char* json = R"({"Id":"1","At":"2026-03-14T00:00:00Z"})";
  BOOST_TEST(fixture.map(named, json).observed_at == time_of("2026-03-14"));
  BOOST_TEST(fixture.map(named, json, 42).observed_at == 42);
}

BOOST_AUTO_TEST_CASE(a_catalogs_cursor_that_counts_orders_and_tells_no_time) {
  Fixture fixture;
  fixture.fields.cursor = "At";
  const auto place = [&](const char* number, Timestamp changed_at = no_time) {
    return fixture.map(named, std::string(R"({"Id":"1","At":)") + number + "}", changed_at)
        .observed_at;
  };
  const char* const rising[] = {"0",
                                "0.000001",
                                "7",
                                "7.25",
                                "7.5",
                                "8",
                                "1773522245",
                                "1773522245.5",
                                "1773522245123",
                                "2199023255551.9",
                                "2199023255552",
                                "1773522245123456",
                                "1773522245123456789",
                                "1773522245123456790"};
  Timestamp last = no_time;
  for (const char* const number : rising) {
    BOOST_TEST(place(number) > last, number);
    last = place(number);
    BOOST_TEST(!is_time(last), number);
    BOOST_TEST(time_or_none(last) == no_time, number);
  }
  BOOST_TEST(place("9223372036854775807") > last);
  BOOST_TEST(!is_time(place("9223372036854775807")));
  BOOST_TEST(place("-3.5") == order_of(-1));
  BOOST_TEST(place("0.0000001") == order_of(0));
  BOOST_TEST(place("1e-300") == order_of(0));
  BOOST_TEST(place("7", order_of(9)) == order_of(9));
  BOOST_TEST(place("7", 42) == 42);
}

BOOST_AUTO_TEST_CASE(a_deletion_has_its_time_by_the_same_cursor) {
  Fixture fixture;
  const std::string yaml = std::string("cursor: .At\n") + named;
  const auto removed_at = [&](const std::string& text, const char* json, Timestamp changed_at) {
    Arena arena;
    map::Mapper mapper(fixture.compile(text));
    (void)mapper.identify(json, arena);
    return mapper.removed_at(changed_at);
  };
  const char* const local = R"({"Id":"1","At":"2026-07-14 21:04:05"})";
  BOOST_TEST(removed_at(yaml, local, 42) == time_of("2026-07-14T19:04:05Z"));
  BOOST_TEST(removed_at(yaml, R"({"Id":"1"})", 42) == 42);
  BOOST_TEST(removed_at(yaml, R"({"Id":"1","At":"gone"})", 42) == 42);
  fixture.fields.cursor = "At";
  BOOST_TEST(removed_at(named, local, order_of(1)) == time_of("2026-07-14T19:04:05Z"));
  BOOST_TEST(removed_at(named, local, 42) == 42);
  BOOST_TEST(removed_at(named, R"({"Id":"1","At":7})", no_time) == order_of(7));
}

BOOST_AUTO_TEST_CASE(the_country_of_a_record_goes_before_the_default) {
  Fixture fixture;
  const std::string yaml = std::string("country: .C\n") + named;
  BOOST_TEST(fixture.map(named, R"({"Id":"1"})").country == "NL");
  BOOST_TEST(fixture.map(yaml, R"({"Id":"1","C":"be"})").country == "BE");
  BOOST_TEST(fixture.map(yaml, R"({"Id":"1","C":""})").country == "NL");
  BOOST_TEST(fixture.map(std::string("country: DE\n") + named, R"({"Id":"1"})").country == "DE");
}

BOOST_AUTO_TEST_CASE(expressions_follow_the_country_of_the_record) {
  Fixture fixture;
  const char* yaml = "entity: person\ncountry: .C\nmap: { custom.n: .N | number }\n";
  const auto number_in = [&](const char* country) {
    const Outcome outcome =
        fixture.map(yaml, std::string(R"({"Id":"1","N":"1.234","C":")") + country + "\"}");
    BOOST_REQUIRE_MESSAGE(outcome.records.size() == 1, outcome.reason);
    return joined(outcome.records[0].cells);
  };
  BOOST_TEST(number_in("") == "custom.n=1234\n");
  BOOST_TEST(number_in("us") == "custom.n=1.234\n");
}

namespace {
constexpr const char* orders =
    "stream: orders\n"
    "key: .id\n"
    "records:\n"
    "  - entity: order\n"
    "    map:\n"
    "      party: { when: .customer_id != 0, to: customers, key: .customer_id }\n"
    "      at: .created_at\n"
    "  - entity: person\n"
    "    when: .customer_id == 0\n"
    "    key: [guest, .id]\n"
    "    map:\n"
    "      name.full: .billing_name\n"
    "      email: .email\n";
}

BOOST_AUTO_TEST_CASE(one_source_record_makes_several) {
  Fixture fixture;
  fixture.job = 1;
  const Outcome known =
      fixture.map(orders, R"({"id":7,"customer_id":3,"created_at":"2026-01-01"})");
  BOOST_REQUIRE_MESSAGE(known.records.size() == 1, known.reason);
  BOOST_TEST(known.records[0].key == "7");
  BOOST_TEST(joined(known.records[0].cells) == "at=2026-01-01\nparty=webshop.customers/3\n");

  const Outcome guest = fixture.map(orders, R"({"id":8,"customer_id":0,"email":"g@example.com"})");
  BOOST_REQUIRE_EQUAL(guest.records.size(), 2U);
  BOOST_TEST(guest.records[1].key == "guest/8");
  BOOST_TEST((guest.records[1].entity == Entity::person));
  const std::string person = record_name("webshop", "orders", "guest/8");
  BOOST_TEST(joined(guest.records[0].cells) == "party=" + person + "\n");
}

BOOST_AUTO_TEST_CASE(an_actor_is_not_overridden_by_the_person_beside_it) {
  Fixture fixture;
  const Outcome outcome = fixture.map(
      "records:\n"
      "  - { entity: event, key: [e, .Id], map: { type: call, actor.phone: .phone } }\n"
      "  - { entity: person, map: { name.given: .N } }\n",
      R"({"Id":"1","phone":"+31201234567"})");
  BOOST_REQUIRE_MESSAGE(outcome.records.size() == 2, outcome.reason);
  BOOST_TEST(joined(outcome.records[0].cells) == "type=call\nactor=phone:+31201234567\n");
}

BOOST_AUTO_TEST_CASE(for_each_makes_one_record_an_item) {
  Fixture fixture;
  const char* yaml =
      "records:\n"
      "  - entity: event\n"
      "    for_each: .actions\n"
      "    when: .type != \"noise\"\n"
      "    key: [$.Id, $index]\n"
      "    map: { type: .type, at: $.start }\n";
  const Outcome outcome = fixture.map(
      yaml,
      R"({"Id":"v1","start":"2026-01-01","actions":[{"type":"a"},{"type":"noise"},{"type":"b"}]})");
  BOOST_REQUIRE_MESSAGE(outcome.records.size() == 2, outcome.reason);
  BOOST_TEST(outcome.records[0].key == "v1/0");
  BOOST_TEST(outcome.records[1].key == "v1/2");
  BOOST_TEST(joined(outcome.records[1].cells) == "type=b\nat=2026-01-01\n");
  BOOST_TEST((fixture.map(yaml, R"({"Id":"v2","actions":[]})").kind == Kind::filtered));
}

BOOST_AUTO_TEST_CASE(records_of_one_source_record_have_keys_of_their_own) {
  Fixture fixture;
  const char* yaml =
      "records:\n"
      "  - { entity: event, for_each: .a, key: .k, map: { type: call } }\n";
  BOOST_TEST(fixture.map(yaml, R"({"Id":"1","a":[{"k":1},{"k":1}]})").reason ==
             "two records made of it have the same key");
  std::string json = R"({"Id":"1","a":[)";
  for (int i = 0; i < 40; ++i) json += "{\"k\":" + std::to_string(i) + "},";
  const Outcome many = fixture.map(yaml, json + "{\"k\":99}]}");
  BOOST_TEST(many.records.size() == 41U);
  BOOST_TEST(fixture.map(yaml, json + "{\"k\":7}]}").reason ==
             "two records made of it have the same key");
  BOOST_TEST(fixture.map(yaml, R"({"Id":"1","a":[{"k":null}]})").reason == "key is empty");
}

BOOST_AUTO_TEST_CASE(one_source_record_makes_at_most_a_thousand) {
  Fixture fixture;
  std::string json = R"({"Id":"1","a":[0)";
  for (std::size_t i = 1; i <= limits::outputs_per_source_record_max; ++i) {
    json += "," + std::to_string(i);
  }
  BOOST_TEST(fixture
                 .map("records: [{ entity: event, for_each: .a, key: ., map: { type: call } }]\n",
                      json + "]}")
                 .reason == "the record makes more than 1,000 records");
}

BOOST_AUTO_TEST_CASE(a_preset_is_changed_key_by_key) {
  Fixture fixture;
  fixture.preset =
      "name.given: .FirstName\n"
      "emails: [{ value: .Email, usage: work }]\n"
      "custom.tier: .Tier\n";
  const Outcome outcome = fixture.map(
      "entity: person\nmap:\n  email: .Private\n  custom.tier: ~\n  language: .L\n",
      R"({"Id":"1","FirstName":"A","Email":"w@example.com","Private":"p@example.com","Tier":"x","L":"nl"})");
  BOOST_REQUIRE_MESSAGE(outcome.records.size() == 1, outcome.reason);
  BOOST_TEST(joined(outcome.records[0].cells) ==
             "name.given=A\nlanguage=nl\nemails.value[1]=p@example.com\n");
}

BOOST_AUTO_TEST_CASE(a_preset_may_be_a_whole_stream) {
  Fixture fixture;
  fixture.fields = {};
  fixture.preset =
      "entity: person\nkey: .email\ncursor: .at\nwhen: .email != \"\"\n"
      "map:\n  email: .email\n";
  const Outcome outcome =
      fixture.map("preset: withdrawal\n", R"({"email":"a@example.com","at":"2026-01-01"})");
  BOOST_REQUIRE_MESSAGE(outcome.records.size() == 1, outcome.reason);
  BOOST_TEST(outcome.key == "a@example.com");
  BOOST_TEST(outcome.observed_at == time_of("2026-01-01"));
  BOOST_TEST((fixture.map("preset: withdrawal\n", R"({"email":""})").kind != Kind::mapped));
}

BOOST_AUTO_TEST_CASE(the_only_record_of_a_preset_takes_changes) {
  Fixture fixture;
  fixture.preset =
      "records:\n  - entity: person\n    key: [p, .Id]\n    map: { name.given: .A, email: .E }\n";
  const Outcome outcome =
      fixture.map("map: { email: ~, language: .L }\n", R"({"Id":"1","A":"x","E":"y","L":"nl"})");
  BOOST_REQUIRE_MESSAGE(outcome.records.size() == 1, outcome.reason);
  BOOST_TEST(outcome.records[0].key == "p/1");
  BOOST_TEST(joined(outcome.records[0].cells) == "name.given=x\nlanguage=nl\n");
}

BOOST_AUTO_TEST_CASE(activities_alone_or_not) {
  Fixture fixture;
  BOOST_TEST(!map::makes_activities_only(*fixture.compile(named)));
  BOOST_TEST(map::makes_activities_only(*fixture.compile("entity: event\nmap: { type: call }\n")));
  fixture.job = 1;
  BOOST_TEST(!map::makes_activities_only(*fixture.compile(orders)));
}

BOOST_AUTO_TEST_CASE(the_fingerprint_follows_the_meaning) {
  Fixture fixture;
  const auto print_of = [&](const char* yaml) {
    const auto plan = fixture.compile(yaml);
    BOOST_REQUIRE_MESSAGE(plan, fixture.problems());
    return map::fingerprint(*plan);
  };
  const char* base = "entity: person\nmap: { name.given: .A, name.surname: .B }\n";
  const std::uint64_t same = print_of(base);
  BOOST_TEST(print_of(base) == same);
  BOOST_TEST(print_of("entity: person\nmap:\n  name.surname:   .B\n  name.given: .A # first\n") ==
             same);
  for (const char* other :
       {"entity: person\nmap: { name.given: .B, name.surname: .A }\n",
        "entity: person\nmap: { name.given: .A }\n",
        "entity: person\nkey: .K\nmap: { name.given: .A, name.surname: .B }\n",
        "entity: person\ncursor: .K\nmap: { name.given: .A, name.surname: .B }\n",
        "entity: person\nwhen: .K\nmap: { name.given: .A, name.surname: .B }\n",
        "entity: person\nmap: { name.given: .A, name.surname: { value: .B, required: true } }\n",
        "entity: person\nmap: { name.given: .A, name.surname: { value: .B, when: .C } }\n",
        "entity: person\nmap: { name.given: .A, name.surname: B }\n",
        "stream: Other\nentity: person\nmap: { name.given: .A, name.surname: .B }\n"}) {
    BOOST_TEST(print_of(other) != same, other);
  }
  fixture.project.connections[0].defaults.country = "BE";
  BOOST_TEST(print_of(base) != same);
}

namespace {
/// What a record refuses, whatever else of it cannot be read.
std::string refusals_of(std::string_view lines, std::string_view json) {
  Fixture fixture;
  const auto plan = fixture.compile("stream: Contact\nentity: person\nmap:\n" + std::string(lines));
  BOOST_REQUIRE_MESSAGE(plan != nullptr, fixture.problems());
  Arena arena;
  map::Mapper mapper(plan);
  mapper.identify(json, arena);
  mapper.map(no_time, arena);
  std::string text;
  for (const map::MappedRecord& one : mapper.refusals(arena)) text += joined(copy_of(one).cells);
  return text;
}
}  // namespace

BOOST_AUTO_TEST_CASE(the_no_of_a_record_that_cannot_be_mapped) {
  const char* map =
      "  name.given: .Name\n"
      "  email: .Email\n"
      "  consents:\n"
      "    - { when: .Out, purpose: email_marketing, contact: .Email, status: withdrawn, at: .At "
      "}\n";
  const std::string no = "consents.purpose[1]=email_marketing\nconsents.status[1]=withdrawn\n";
  // The name is a list: refused, but not what it says no to.
  BOOST_TEST(
      refusals_of(map, R"({"Id":"1","Name":[1],"Email":"a@example.com","Out":true,"At":"x"})") ==
      "emails.value[2]=a@example.com\nconsents.purpose[1]=email_marketing\n"
      "consents.contact[1]=a@example.com\nconsents.status[1]=withdrawn\nconsents.at[1]=x\n");
  // What it is about cannot be read: everything.
  BOOST_TEST(refusals_of(map, R"({"Id":"1","Email":["a","b"],"Out":true})") == no);
  BOOST_TEST(refusals_of(map, R"({"Id":"1","Name":[1],"Out":false})").empty());
  // Whether it says so cannot be read: perhaps.
  BOOST_TEST(refusals_of(map, R"({"Id":"1","Out":"perhaps"})") ==
             "consents.purpose[1]=email_marketing\nconsents.status[1]=unreadable\n");
  const char* words =
      "  consents:\n"
      "    for_each: .All\n"
      "    map: { purpose: email_marketing, status: .Word }\n";
  BOOST_TEST(refusals_of(words, R"({"Id":"1","All":[{"Word":"granted"},{"Word":["?"]}]})") ==
             "consents.purpose[1]=email_marketing\nconsents.purpose[2]=email_marketing\n"
             "consents.status[1]=granted\nconsents.status[2]=unreadable\n");
  BOOST_TEST(refusals_of(words, R"({"Id":"1","All":7})") == "consents.status[1]=unreadable\n");
}

BOOST_AUTO_TEST_CASE(what_a_record_suppresses_whether_it_can_be_mapped_or_not) {
  const char* map =
      "  name.given: .Name\n"
      "  email: .Email\n"
      "  suppressions:\n"
      "    - { when: .Out, kind: bounced, contact: .Bounced, purpose: email_marketing }\n"
      "    - { kind: .Why, channel: email }\n";
  Fixture fixture;
  const auto plan = fixture.compile("stream: Contact\nentity: person\nmap:\n" + std::string(map));
  BOOST_REQUIRE_MESSAGE(plan != nullptr, fixture.problems());
  const auto mapped = [&](std::string_view json) {
    map::Mapper mapper(plan);
    Arena arena;
    return joined(run(mapper, json, arena).records.front().cells);
  };
  BOOST_TEST(mapped(R"({"Id":"1","Name":"A","Out":true,"Bounced":"a@example.com"})") ==
             "name.given=A\nsuppressions.kind[1]=bounced\n"
             "suppressions.purpose[1]=email_marketing\nsuppressions.contact[1]=a@example.com\n");
  // The address that it is about is not there: it is not about everything.
  BOOST_TEST(mapped(R"({"Id":"1","Name":"A","Out":true})") == "name.given=A\n");
  BOOST_TEST(mapped(R"({"Id":"1","Name":"A","Why":"legal"})") ==
             "name.given=A\nsuppressions.kind[1]=legal\nsuppressions.channel[1]=email\n");
  // Of a row that is refused it is kept in mind as something that nobody could read.
  BOOST_TEST(refusals_of(map, R"({"Id":"1","Name":[1],"Why":"legal"})") ==
             "consents.channel[2]=email\nconsents.status[2]=unreadable\n");
  BOOST_TEST(refusals_of(map, R"({"Id":"1","Name":[1],"Out":true,"Bounced":"a@example.com"})") ==
             "consents.purpose[2]=email_marketing\nconsents.contact[2]=a@example.com\n"
             "consents.status[2]=unreadable\n");
  BOOST_TEST(refusals_of(map, R"({"Id":"1","Name":[1],"Out":true})").empty());
}

BOOST_AUTO_TEST_SUITE_END()
