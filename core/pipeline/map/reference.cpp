#include "pipeline/map/reference.h"

#include <array>

namespace rondom::map {
namespace {

constexpr std::array<MapExample, 15> examples{{
    {"entity and map",
     "One source record makes one canonical record. In a map, text that starts with `.` or `$` is "
     "an "
     "expression and anything else is a constant. What has no value is left out.",
     "stream: customers\nkey: .id\nentity: person\nmap:\n  name.given: .first_name\n"
     "  language: nl\n  birth_date: .birthday\n",
     "", R"({ "id": 7, "first_name": "Anna" })",
     "person 7\n  name.given = Anna\n  language = nl\n"},
    {"lists, and their short form",
     "A list holds elements. `email: .x` is short for `emails: [{ value: .x }]`, and so are "
     "`phone` "
     "and `tag`; one element may stand without its list.",
     "stream: customers\nkey: .id\nentity: person\nmap:\n  emails:\n"
     "    - { value: .work, usage: work }\n    - { value: .home, usage: personal }\n"
     "  phone: .mobile\n",
     "", R"({ "id": 7, "home": "anna@example.com", "mobile": "06 12345678" })",
     "person 7\n  emails.value[1] = anna@example.com\n  emails.usage[1] = personal\n"
     "  phones.value[1] = 06 12345678\n"},
    {"from, values, else",
     "Words of the source become words of ours. A word that is not listed becomes `else`, or "
     "nothing "
     "without it. A list in a place of one value is refused unless `first`, `last` or `join` is "
     "used.",
     "stream: customers\nkey: .id\nentity: person\nmap:\n"
     "  gender: { from: .title, values: { Mr: male, Mrs: female }, else: unknown }\n",
     "", R"({ "id": 7, "title": "Dr" })", "person 7\n  gender = unknown\n"},
    {"when",
     "Beside a value, an element, a record or a stream: it counts only where this is true. A "
     "source "
     "record of which nothing is left is filtered: counted, and withdrawn if it was there before.",
     "stream: customers\nkey: .id\nwhen: not .test\nentity: person\nmap:\n"
     "  email: .email\n  occupation: { when: .public, value: .job }\n  consents:\n"
     "    - { when: .opt_out, purpose: email_marketing, contact: .email, status: withdrawn }\n",
     "",
     R"({ "id": 7, "email": "a@example.com", "job": "baker", "public": false, "opt_out": true })",
     "person 7\n  emails.value[1] = a@example.com\n  consents.purpose[1] = email_marketing\n"
     "  consents.contact[1] = a@example.com\n  consents.status[1] = withdrawn\n"},
    {"when, of a stream", "Nothing is made of it.",
     "stream: customers\nkey: .id\nwhen: not .test\nentity: person\nmap: { email: .email }\n", "",
     R"({ "id": 7, "email": "a@example.com", "test": true })", "filtered\n"},
    {"const", "A constant that looks like an expression, or holds `|` or `(`.",
     "stream: customers\nkey: .id\nentity: person\nmap:\n  occupation: { const: baker (bread) }\n",
     "", R"({ "id": 7 })", "person 7\n  occupation = baker (bread)\n"},
    {"required", "Without a value the whole source record is quarantined, with the reason.",
     "stream: customers\nkey: .id\nentity: person\nmap:\n"
     "  name.surname: { value: .surname, required: true }\n",
     "", R"({ "id": 7 })", "refused: name.surname is required and empty\n"},
    {"key of several parts",
     "A part is an expression when it starts with `.` or `$`, else a constant. Dots and slashes "
     "inside a part carry a backslash in the record's name.",
     "stream: stock\nkey: [shelf, .shop, .shelf]\nentity: event\nmap: { type: counted }\n", "",
     R"({ "shop": "A/1", "shelf": 3 })", "event shelf/A\\/1/3\n  type = counted\n"},
    {"for_each and map",
     "One element for each item of a list. Inside, `.` is the item, `$` the whole source record "
     "and "
     "`$index` the place, from 0.",
     "stream: orders\nkey: .id\nentity: order\nmap:\n  lines:\n    for_each: .items\n    map:\n"
     "      sku: .sku\n      quantity: .n\n      unit_price: .price | money($.currency)\n",
     "", R"({ "id": 1, "currency": "EUR", "items": [ { "sku": "A", "n": 2, "price": "9.95" } ] })",
     "order 1\n  lines.sku[1] = A\n  lines.quantity[1] = 2\n  lines.unit_price[1] = 995 EUR\n"},
    {"for_each inside for_each", "The list of each item of a list.",
     "stream: customers\nkey: .id\nentity: person\nmap:\n  tags:\n    for_each: .groups\n    map:\n"
     "      for_each: .names\n      map: { value: . }\n",
     "", R"({ "id": 7, "groups": [ { "names": ["a", "b"] }, { "names": ["c"] } ] })",
     "person 7\n  tags.value[1] = a\n  tags.value[2] = b\n  tags.value[3] = c\n"},
    {"records",
     "One source record makes several; all are written or none. Each needs a key of its own, "
     "except "
     "one that takes the stream's. An activity without `party` or `actor` belongs to the person "
     "made "
     "beside it.",
     "stream: orders\nkey: .id\nrecords:\n  - entity: order\n    map: { custom.note: .note }\n"
     "  - entity: person\n    key: [guest, .id]\n    map: { email: .email }\n",
     "", R"({ "id": 1, "note": "ring twice", "email": "bo@example.com" })",
     "order 1\n  custom.note = ring twice\n  party = shop.orders/guest\\/1\n"
     "person guest/1\n  emails.value[1] = bo@example.com\n"},
    {"records, for_each and when", "A record for each item for which `when` holds.",
     "stream: visits\nkey: .id\nrecords:\n  - entity: event\n    for_each: .actions\n"
     "    when: .type == \"view\"\n    key: [$.id, $index]\n"
     "    map: { type: page_view, subject: .url, actor.visitor: $.visitor }\n",
     "",
     R"({ "id": 5, "visitor": "v1", "actions": [ { "type": "ping" }, { "type": "view", "url": "/a" } ] })",
     "event 5/1\n  type = page_view\n  actor = visitor:v1\n  subject = /a\n"},
    {"to and key",
     "A reference to a record of another stream (`to: stream` of this source, or `source.stream`), "
     "which may come later: it waits, is counted, and is never dropped (`rondom waiting`).",
     "stream: orders\nkey: .id\nentity: order\nmap:\n"
     "  party: { when: .customer != 0, to: customers, key: .customer }\n",
     "", R"({ "id": 1, "customer": 8812 })", "order 1\n  party = shop.customers/8812\n"},
    {"actor", "Who did it where no record is known: an identifier, `actor.namespace`.",
     "stream: visits\nkey: .id\nentity: event\nmap: { type: visit, actor.email: .user }\n", "",
     R"({ "id": 5, "user": "anna@example.com" })",
     "event 5\n  type = visit\n  actor = email:anna@example.com\n"},
    {"preset and ~",
     "The plugin's own mapping, here `{ name.given: .first, email: .mail, phone: .tel }`. A key of "
     "`map` replaces the preset's, `~` removes it.",
     "stream: customers\nkey: .id\nentity: person\npreset: contact\nmap:\n  email: .private_mail\n"
     "  phone: ~\n",
     "name.given: .first\nemail: .mail\nphone: .tel\n",
     R"({ "id": 7, "first": "Anna", "mail": "a@work.example", "private_mail": "a@example.com", "tel": "1" })",
     "person 7\n  name.given = Anna\n  emails.value[1] = a@example.com\n"},
}};

constexpr const char* introduction =
    "# Maps\n\n"
    "What a stream's `map` and `records` may hold besides [expressions](expressions.md). "
    "Attributes are "
    "in [attributes.md](attributes.md). Every example is run as a test; values are shown as the "
    "map "
    "gives them, before they are cleaned by the type of their attribute.\n";

}  // namespace

std::span<const MapExample> map_examples() {
  return examples;
}

std::string reference() {
  std::string out = introduction;
  for (const MapExample& example : examples) {
    out += "\n## " + std::string(example.title) + "\n\n" + std::string(example.meaning) +
           "\n\n```yaml\n" + std::string(example.stream) + "```\n\n```\nof    " +
           std::string(example.record) + "\n";
    const char* lead = "gives ";
    std::string_view rest = example.result;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      out += lead + std::string(rest.substr(0, end)) + "\n";
      rest.remove_prefix(end + 1);
      lead = "      ";
    }
    out += "```\n";
  }
  return out;
}

}  // namespace rondom::map
