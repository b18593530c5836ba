#include <boost/test/unit_test.hpp>

#include "project.h"

using namespace rondom;
using namespace rondom::map_tests;

BOOST_AUTO_TEST_SUITE(map_diagnostics)

namespace {
/// Everything reported about one stream; each case below has one cause.
std::string problems_of(std::string_view yaml) {
  Fixture fixture;
  const auto plan = fixture.compile(yaml);
  BOOST_TEST((plan == nullptr) == !fixture.diagnostics.empty());
  return fixture.problems();
}

/// The same for one line of a person's map, which starts at line 3, column 3.
std::string problems_of_line(std::string_view line) {
  return problems_of("entity: person\nmap:\n  " + std::string(line) + "\n");
}
}  // namespace

BOOST_AUTO_TEST_CASE(a_good_map_reports_nothing) {
  BOOST_TEST(problems_of_line("name.given: .FirstName") == "");
}

BOOST_AUTO_TEST_CASE(unknown_targets) {
  BOOST_TEST(problems_of_line("brith_date: .B") ==
             "3:3: person has no attribute brith_date (did you mean birth_date?)");
  BOOST_TEST(problems_of_line("emial: .B") ==
             "3:3: person has no attribute emial (did you mean email?)");
  BOOST_TEST(problems_of_line("total: .B") == "3:3: person has no attribute total");
  BOOST_TEST(problems_of_line("custom: .B") ==
             "3:3: person has no attribute custom (write custom.NAME: \xE2\x80\xA6)");
  BOOST_TEST(problems_of_line("name: { given: .B }") ==
             "3:3: person has no attribute name (write the parts flat: name.given: \xE2\x80\xA6)");
  BOOST_TEST(problems_of_line("custom.a b: .B") ==
             "3:3: the name after custom. takes letters, digits, _ and - only");
  BOOST_TEST(problems_of("entity: event\nmap:\n  identifier.visitor: .V\n") ==
             "3:3: event has no attribute identifier.visitor (write actor.visitor: who did it)");
}

BOOST_AUTO_TEST_CASE(what_other_systems_call_it_is_known) {
  for (const auto& [theirs, ours] :
       {std::pair("telephone", "phone"), std::pair("first_name", "name.given"),
        std::pair("name.first", "name.given"), std::pair("LastName", "name.surname"),
        std::pair("city", "addresses")}) {
    BOOST_TEST(problems_of_line(std::string(theirs) + ": .B") ==
               "3:3: person has no attribute " + std::string(theirs) + " (did you mean " +
                   std::string(ours) + "?)");
  }
}

BOOST_AUTO_TEST_CASE(what_other_systems_call_it_is_known_in_elements) {
  BOOST_TEST(problems_of_line("addresses: [{ City: .C }]") ==
             "3:17: an element of addresses has no City (did you mean locality?)");
  BOOST_TEST(problems_of_line("addresses: [{ zip: .C }]") ==
             "3:17: an element of addresses has no zip (did you mean postcode?)");
  BOOST_TEST(problems_of_line("emails: [{ email: .C }]") ==
             "3:14: an element of emails has no email (did you mean value?)");
  BOOST_TEST(
      problems_of_line("emails: [{ value: .C, colour: .D }]") ==
      "3:25: an element of emails has no colour (it has value, usage, status, verified_at, kind)");
}

BOOST_AUTO_TEST_CASE(an_object_is_no_value) {
  BOOST_TEST(problems_of_line("name.given: .Name | name") ==
             "3:15: name.given takes one value, and this gives an object (name one of its fields: "
             "{ value: (.Name | name).FIELD })");
  BOOST_TEST(problems_of_line("name.given: { value: (.Name | name).given }") == "");
}

BOOST_AUTO_TEST_CASE(a_misspelt_key_is_one_problem) {
  BOOST_TEST(problems_of_line("gender: { form: .S, values: { Mr: male } }") ==
             "3:13: unknown key form in a value (did you mean from?)");
  BOOST_TEST(problems_of_line("emails: [{ vlaue: .E, usage: work }]") ==
             "3:14: an element of emails has no vlaue (did you mean value?)");
  BOOST_TEST(problems_of_line("tags: { for_each: .T, mpa: { value: . } }") ==
             "3:25: unknown key mpa in for_each (did you mean map?)");
  BOOST_TEST(problems_of_line("tags: { for_eahc: .T, value: . }") ==
             "3:11: an element of tags has no for_eahc (did you mean for_each?)");
}

BOOST_AUTO_TEST_CASE(lists_and_values_are_not_mixed_up) {
  BOOST_TEST(problems_of_line("emails.value: .B") ==
             "3:3: emails is a list (write emails: [{ value: \xE2\x80\xA6 }])");
  BOOST_TEST(
      problems_of_line("emails: .B") ==
      "3:11: emails is a list of elements (write emails: [{ value: \xE2\x80\xA6 }], or for_each "
      "and map)");
  BOOST_TEST(
      problems_of_line("tags: [vip]") ==
      "3:10: tags is a list of elements (write tags: [{ value: \xE2\x80\xA6 }], or for_each and "
      "map)");
  BOOST_TEST(problems_of_line("name.given: [.A]") ==
             "3:15: name.given takes one value, not a list");
  BOOST_TEST(problems_of_line("name.given: { for_each: .A, map: { value: . } }") ==
             "3:15: name.given is one value: for_each belongs to lists");
  BOOST_TEST(problems_of_line("emails: { for_each: .A }") ==
             "3:23: for_each needs map: what becomes of each item");
  BOOST_TEST(problems_of_line("emails: []") ==
             "3:11: emails has no elements (~ removes a preset's)");
}

BOOST_AUTO_TEST_CASE(elements) {
  BOOST_TEST(problems_of_line("emails: [{ usage: work }]") ==
             "3:12: an element of emails needs value");
  BOOST_TEST(problems_of_line("emails: [{ value: .A, usgae: work }]") ==
             "3:25: an element of emails has no usgae (did you mean usage?)");
  BOOST_TEST(problems_of_line("addresses: [{ when: .A }]") ==
             "3:15: an element of addresses fills nothing");
  BOOST_TEST(problems_of_line("emails: { for_each: .A, map: { value: . }, usage: work }") ==
             "3:46: unknown key usage in for_each");
}

BOOST_AUTO_TEST_CASE(one_target_filled_twice) {
  BOOST_TEST(problems_of("entity: person\nmap:\n  email: .A\n  emails: [{ value: .B }]\n") ==
             "4:3: email and emails fill the same: keep one");
}

BOOST_AUTO_TEST_CASE(constants) {
  BOOST_TEST(problems_of_line("occupation: baker | lower") ==
             "3:15: a constant holds | or ( (an expression starts with . or $; text is written { "
             "const: \xE2\x80\xA6 })");
  BOOST_TEST(
      problems_of_line("occupation: \"lower(x)\"").starts_with("3:15: a constant holds | or ("));
  BOOST_TEST(problems_of_line("gender: mal") == "3:11: gender cannot be mal (did you mean male?)");
  BOOST_TEST(
      problems_of_line("gender: { const: x }") ==
      "3:20: gender cannot be x (one of female, male, nonbinary, other, undisclosed, unknown)");
  BOOST_TEST(problems_of_line("gender: { from: .S, values: { Dhr.: mal } }") ==
             "3:39: gender cannot be mal (did you mean male?)");
  BOOST_TEST(problems_of_line("consents: [{ channel: email, status: withdrawn }]") == "");
  BOOST_TEST(problems_of_line("consents: [{ channel: email, status: granted }]")
                 .find("an element of consents needs purpose") != std::string::npos);
  BOOST_TEST(problems_of_line("consents: [{ channel: email, status: .said }]")
                 .find("an element of consents needs purpose") != std::string::npos);
  BOOST_TEST(problems_of_line("consents: [{ purpose: email_marketng, status: granted }]") ==
             "3:25: no purpose email_marketng in rondom.yaml (did you mean email_marketing?)");
}

BOOST_AUTO_TEST_CASE(a_legal_basis_is_read_in_both_numbers) {
  for (const char* basis : {"legitimate_interest", "legitimate_interests", "vital_interests"}) {
    BOOST_TEST(problems_of_line("consents: [{ purpose: email_marketing, status: granted, basis: " +
                                std::string(basis) + " }]") == "");
  }
}

BOOST_AUTO_TEST_CASE(a_forgotten_dot) {
  BOOST_TEST(
      problems_of_line("email: email") ==
      "3:10: emails.value is the constant email: no e-mail address (a field is written with a "
      "dot: .email; a constant that is meant: { const: email })");
  BOOST_TEST(
      problems_of_line("phones: [{ value: mobile }]").starts_with("3:21: phones.value is the"));
  BOOST_TEST(problems_of_line("birth_date: birthday").starts_with("3:15: birth_date is the"));
  BOOST_TEST(
      problems_of("entity: order\nmap: { at: .A, total: amount }").starts_with("2:23: total is"));
  for (const char* meant :
       {"email: info@example.com", "phone: \"0101234567\"", "birth_date: 1980-05",
        "email: { const: email }", "occupation: baker"}) {
    BOOST_TEST(problems_of_line(meant) == "", meant);
  }
}

BOOST_AUTO_TEST_CASE(a_constant_that_is_called_like_a_field) {
  Fixture fixture;
  fixture.fields.names = {"job", "name"};
  BOOST_TEST((fixture.compile("entity: person\nmap:\n  occupation: job\n") == nullptr));
  BOOST_TEST(fixture.problems().find("the source has a field of that name") != std::string::npos);
  Fixture meant;
  meant.fields.names = {"job", "name", "vip"};
  BOOST_TEST(
      (meant.compile(
           "entity: person\nmap:\n  occupation: \"job\"\n  tags: [{ when: .vip, value: vip }]\n") !=
       nullptr),
      meant.problems());
}

BOOST_AUTO_TEST_CASE(values_written_as_maps) {
  BOOST_TEST(problems_of_line("occupation: { when: .A }") ==
             "3:15: occupation takes exactly one of value, const, from and to");
  BOOST_TEST(problems_of_line("occupation: { value: .A, const: b }") ==
             "3:15: occupation takes exactly one of value, const, from and to");
  BOOST_TEST(problems_of_line("occupation: { valeu: .A, const: b }") ==
             "3:17: unknown key valeu in a value (did you mean value?)");
  BOOST_TEST(problems_of_line("occupation: { value: .A, else: b }") ==
             "3:15: values and else belong to from");
  BOOST_TEST(problems_of_line("occupation: { from: .A }") ==
             "3:15: from needs values: the source's words and ours (values: { Dhr.: male, Mevr.: "
             "female })");
  BOOST_TEST(problems_of_line("occupation: { value: .A, required: perhaps }") ==
             "3:38: required takes true or false");
  BOOST_TEST(problems_of_line("occupation: { to: Account, key: .A }") ==
             "3:15: occupation is no reference: to does not belong here");
  BOOST_TEST(problems_of_line("occupation: { value: .A, key: .B }") == "3:33: key belongs to to");
}

BOOST_AUTO_TEST_CASE(references) {
  const auto party = [](std::string_view value) {
    return problems_of("entity: order\nmap:\n  party: " + std::string(value) + "\n");
  };
  BOOST_TEST(party("{ to: Account, key: .A }") == "");
  BOOST_TEST(party("{ to: webshop.customers, key: .A }") == "");
  BOOST_TEST(party(".A") ==
             "3:10: party is a reference to another record (write { to: STREAM, key: .FIELD })");
  BOOST_TEST(party("{ to: Acount, key: .A }") ==
             "3:16: no job reads Acount of salesforce (did you mean Account?)");
  BOOST_TEST(party("{ to: webshop.custmers, key: .A }") ==
             "3:16: no job reads custmers of webshop (did you mean customers?)");
  BOOST_TEST(party("{ to: Account }") == "3:16: to needs key: which record of Account");
  BOOST_TEST(problems_of_line("relations: [{ type: contact_of, key: .A }]") ==
             "3:35: key belongs to to\n3:15: an element of relations needs to");
}

BOOST_AUTO_TEST_CASE(a_preset_may_point_at_a_stream_that_is_not_read) {
  Fixture fixture;
  BOOST_TEST(fixture.compile("entity: person\nmap: {}\n",
                             "relations: [{ type: contact_of, to: Household, key: .H }]\n") !=
             nullptr);
}

BOOST_AUTO_TEST_CASE(expressions_are_marked_where_they_break) {
  const std::string plain = problems_of_line("occupation: .A | lowr");
  BOOST_TEST(plain.starts_with("3:20: "), plain);
  BOOST_TEST(plain.find("lower") != std::string::npos, plain);
  const std::string quoted = problems_of_line("occupation: '.A | lowr'");
  BOOST_TEST(quoted.starts_with("3:21: "), quoted);
  BOOST_TEST(problems_of("entity: person\nwhen: .A ==\nmap: { language: .L }\n").starts_with("2:"));
}

BOOST_AUTO_TEST_CASE(a_map_knows_no_today) {
  BOOST_TEST(
      problems_of_line("custom.recent: .orders | within(30d) | count") ==
      "3:18: a map cannot depend on the day it runs (windows of time belong in attributes and "
      "audiences)");
}

BOOST_AUTO_TEST_CASE(unknown_fields) {
  Fixture fixture;
  fixture.fields.names = {"Id", "Loyalty_Tier__c", "items", "billing.street", "AccountId"};
  fixture.fields.saved_on = "12 March";
  BOOST_TEST(
      fixture.compile("entity: person\nmap: { custom.a: .billing.street, custom.b: .items }\n"));
  fixture.compile("entity: person\nmap:\n  custom.loyalty_tier: .Loyalty_Teir__c | lower\n");
  BOOST_TEST(fixture.problems() ==
             "3:24: Contact has no field Loyalty_Teir__c (did you mean .Loyalty_Tier__c?\n"
             "fields as saved on 12 March; refresh: rondom discover crm --save)");
  BOOST_REQUIRE_EQUAL(fixture.diagnostics.size(), 1U);
  BOOST_TEST(fixture.diagnostics.errors()[0].at.length == 16);
  fixture.compile("entity: person\nmap:\n  custom.a: .Nothing_like_it\n");
  BOOST_TEST(fixture.problems() ==
             "3:13: Contact has no field Nothing_like_it (fields as saved on 12 March; refresh: "
             "rondom discover crm --save)");
}

BOOST_AUTO_TEST_CASE(a_field_of_a_preset_that_the_account_lacks_is_a_warning) {
  Fixture fixture;
  fixture.fields.names = {"Id", "Email"};
  fixture.fields.saved_on = "12 March";
  const char* const preset =
      "emails:\n  - { value: .Email, status: { when: .Bounced != null, const: bounced } }\n";
  BOOST_TEST((fixture.compile("preset: contact\nentity: person\n", preset) != nullptr));
  BOOST_TEST(fixture.problems() == "");
  BOOST_REQUIRE_EQUAL(fixture.diagnostics.warnings().size(), 1U);
  const config::Diagnostic& said = fixture.diagnostics.warnings().front();
  BOOST_TEST(said.message ==
             "Contact has no field Bounced, which preset contact reads (preset.yaml:2)");
  BOOST_TEST(said.hint ==
             "to say it otherwise, write emails: in the map of this stream: it replaces the "
             "preset's");
  BOOST_TEST(*said.at.file == "crm.yaml");
  // What the user wrote himself stays a mistake.
  fixture.compile("preset: contact\nentity: person\nmap: { email: .Emial }\n", preset);
  BOOST_TEST(fixture.problems().find("Contact has no field Emial") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(fields_of_items_are_not_those_of_the_record) {
  Fixture fixture;
  fixture.fields.names = {"Id", "items", "currency"};
  BOOST_TEST(fixture.compile("entity: order\nmap:\n  lines: { for_each: .items, map: { sku: .sku, "
                             "name: $.currency } }\n"),
             fixture.problems());
  fixture.compile("entity: order\nmap:\n  lines: { for_each: .items, map: { sku: $.curency } }\n");
  BOOST_TEST(fixture.problems().starts_with(
                 "3:42: Contact has no field curency (did you mean $.currency?\n"),
             fixture.problems());
  fixture.compile("entity: order\nmap:\n  lines: { for_each: .itms, map: { sku: .sku } }\n");
  BOOST_TEST(fixture.problems().starts_with("3:22: Contact has no field itms"), fixture.problems());
}

BOOST_AUTO_TEST_CASE(streams) {
  Fixture fixture;
  fixture.fields = {};
  fixture.compile("entity: person\nmap: { language: .L }\n");
  BOOST_TEST(fixture.problems() ==
             "1:1: stream Contact has no key (write key: the field that tells its records apart; "
             "rondom discover crm --save asks the source for it)");
  BOOST_TEST(problems_of("entity: persn\nmap: { language: .L }\n") ==
             "1:1: no entity persn (did you mean person?)");
  BOOST_TEST(problems_of("entity: campaign\nmap: { language: .L }\n") ==
             "1:1: no entity campaign (there is person, organization, event, order, opportunity, "
             "subscription, need, survey_answer)");
  BOOST_TEST(problems_of("key: .Id\n") ==
             "1:1: stream Contact makes nothing (write entity: and map:, or records:)");
  BOOST_TEST(problems_of("entity: person\n") ==
             "1:1: stream Contact has no map (write map: which field goes where)");
}

BOOST_AUTO_TEST_CASE(records) {
  BOOST_TEST(problems_of("records: []\n") == "1:10: records makes nothing");
  BOOST_TEST(problems_of("records: [x]\n") == "1:11: records takes a list of { entity, map }");
  BOOST_TEST(problems_of("records:\n  - map: { language: .L }\n") == "2:5: a record needs entity");
  BOOST_TEST(problems_of("records:\n  - entity: person\n") == "2:5: a record needs map");
  BOOST_TEST(problems_of("records:\n  - entity: persons\n    map: { language: .L }\n") ==
             "2:13: no entity persons (did you mean person?)");
  BOOST_TEST(
      problems_of("records:\n  - entity: event\n    for_each: .a\n    map: { type: .t }\n") ==
      "3:15: records made by for_each need a key of their own (write key: [$.FIELD, $index])");
  BOOST_TEST(problems_of("records:\n  - { entity: event, kye: .a, map: { type: .t } }\n") ==
             "2:22: unknown key kye in records (did you mean key?)");
  BOOST_TEST(
      problems_of("map: { language: .L }\nrecords:\n  - { entity: event, map: { type: .t } }\n") ==
      "1:6: map and records do not go together (each record has its own map)");
}

BOOST_AUTO_TEST_CASE(removing_what_is_not_there) {
  Fixture fixture;
  fixture.compile("entity: person\nmap:\n  custom.teir: ~\n", "custom.tier: .T\n");
  BOOST_TEST(fixture.problems() ==
             "3:3: nothing to remove: the preset does not fill custom.teir (did you mean "
             "custom.tier?)");
}

BOOST_AUTO_TEST_CASE(all_problems_at_once) {
  const std::string problems = problems_of(
      "entity: person\nmap:\n  brith_date: .B\n  gender: mal\n  occupation: .A | lowr\n");
  BOOST_TEST(std::count(problems.begin(), problems.end(), '\n') == 2, problems);
}

BOOST_AUTO_TEST_SUITE_END()
