// What holds for any text: cleaning what is clean changes nothing, and nothing is lost.
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <vector>

#include "corpora.h"
#include "pipeline/normalize/normalize.h"
#include "pipeline/normalize/text.h"

namespace {

using namespace rondom;
using normalize::Context;

constexpr int rounds = 40'000;

/// Texts of pieces that the cleaners look at, and of any characters between them.
class Texts {
 public:
  explicit Texts(std::uint32_t seed) : random_(seed) {}

  std::string next() {
    static const char* const pieces[] = {" ",        "  ",          ",",       "-",
                                         ".",        "/",           "12",      "1945",
                                         "bis",      "van",         "der",     "de",
                                         "Jan",      "JAN",         "J.A.",    "Jr",
                                         "Dr.",      "(",           ")",       "A",
                                         "bus 3",    "rue",         "Flat 3",  "c/o",
                                         "straat",   "1234 AB",     "€",       "12,-",
                                         "1.234",    "EUR",         "+31",     "06",
                                         "@",        "example.com", "mailto:", "<",
                                         ">",        "Ã¼",          "Ã",       "\xC2\xA0",
                                         "\xCC\x88", "é",           "\xAD",    "\xE2\x80\x8B",
                                         "\n",       "\t",          "2020",    "mei",
                                         "1er",      "GmbH",        "B.V.",    "test",
                                         "Postbus",  "'s-",         "ß",       "İ",
                                         "Σ",        "Ǆ",           "0",       "'"};
    std::string text;
    const std::size_t count = 1 + pick(7);
    for (std::size_t at = 0; at < count; ++at) {
      if (pick(6) == 0)
        text.push_back(static_cast<char>(pick(256)));
      else
        text += pieces[pick(std::size(pieces))];
      if (pick(3) == 0) text.push_back(' ');
    }
    return text;
  }
  std::size_t pick(std::size_t count) { return random_() % count; }

 private:
  std::mt19937 random_;
};

constexpr Context contexts[] = {{"NL", "nl", "EUR", "Europe/Amsterdam"},
                                {"BE", "nl", "EUR", "Europe/Brussels"},
                                {"DE", "de", "EUR", "Europe/Berlin"},
                                {"FR", "fr", "EUR", "Europe/Paris"},
                                {"GB", "en", "GBP", "Europe/London"},
                                {"US", "en", "USD", "America/New_York"},
                                {"", "", "", ""}};

std::vector<AttributeId> cleaned_attributes() {
  std::vector<AttributeId> ids;
  for (const AttributeInfo& info : attributes()) {
    if (applies_to(info, Entity::person)) ids.push_back(info.id);
  }
  return ids;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(properties)

BOOST_AUTO_TEST_CASE(tidying_twice_changes_nothing) {
  Texts texts(20261);
  BOOST_TEST_MESSAGE("seed 20261");
  for (int round = 0; round < rounds; ++round) {
    const std::string text = texts.next();
    Arena arena;
    const auto once = normalize::tidy(text, arena);
    BOOST_REQUIRE_EQUAL(normalize::tidy(once, arena), once);
  }
}

BOOST_AUTO_TEST_CASE(cleaning_a_clean_value_changes_nothing) {
  Texts texts(20262);
  BOOST_TEST_MESSAGE("seed 20262");
  normalize::Normalizer normalizer;
  const auto ids = cleaned_attributes();
  for (int round = 0; round < rounds; ++round) {
    const std::string text = texts.next();
    const Context& context = contexts[texts.pick(std::size(contexts))];
    const AttributeInfo& attribute = *attribute_by_id(ids[texts.pick(ids.size())]);
    Arena arena;
    const auto once = normalizer.clean(attribute, text, context, arena);
    if (!once.ok() || once->value.empty()) continue;
    const auto twice = normalizer.clean(attribute, once->value, context, arena);
    BOOST_REQUIRE_MESSAGE(twice.ok() && twice->value == once->value,
                          attribute.name << " in " << context.country << " of \"" << text
                                         << "\": " << once->value << ", then "
                                         << (twice.ok() ? twice->value : "an error"));
  }
}

BOOST_AUTO_TEST_CASE(normalising_a_normal_record_changes_nothing) {
  Texts texts(20263);
  BOOST_TEST_MESSAGE("seed 20263");
  normalize::Normalizer normalizer;
  const auto ids = cleaned_attributes();
  int compared = 0;
  for (int round = 0; round < rounds; ++round) {
    const Context& context = contexts[texts.pick(std::size(contexts))];
    std::vector<std::string> values(1 + texts.pick(5));
    RecordBuilder record;
    std::string shown;
    for (std::string& value : values) {
      value = texts.next();
      const AttributeInfo& info = *attribute_by_id(ids[texts.pick(ids.size())]);
      const std::uint32_t group = info.group.empty() ? 0 : 1;
      const std::string_view name = info.id == attribute::identifier ? "kvk" : "x";
      const bool named = info.id == attribute::identifier || info.id == attribute::custom;
      record.add({info.id, group, value, {}, Rule::none, named ? name : std::string_view()});
      shown.append(info.name).append("=").append(value).append("; ");
    }
    Arena arena;
    if (!normalizer.normalize(Entity::person, context, record, arena).ok()) continue;
    const std::string once(record.bytes());
    RecordBuilder again;
    for (const Cell& cell : read_cells(once)) again.add(cell);
    Arena other;
    const Status status = normalizer.normalize(Entity::person, context, again, other);
    BOOST_REQUIRE_MESSAGE(status.ok(), shown);
    std::string json_once;
    std::string json_twice;
    append_record_json(json_once, once);
    append_record_json(json_twice, again.bytes());
    BOOST_REQUIRE_MESSAGE(json_once == json_twice, "in " << context.country << " of " << shown
                                                         << "\n"
                                                         << json_once << "\n"
                                                         << json_twice);
    ++compared;
  }
  BOOST_TEST(compared > rounds / 10);
}

BOOST_AUTO_TEST_SUITE_END()
