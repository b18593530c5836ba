// Whole records through Normalizer::normalize().
#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <string>

#include "pipeline/normalize/normalize.h"

namespace {

using namespace rondom;
using normalize::Context;

constexpr Context dutch{"NL", "nl", "EUR", "Europe/Amsterdam"};

struct Given {
  const char* name;
  const char* value;
  std::uint32_t group = 0;
};

struct NormalizedRecord {
  std::string text;  // "name.given=Anna; …" in order of the record
  std::string error;
  std::string bytes;
};

std::string cell_text(const Cell& cell) {
  std::string text(attribute_by_id(cell.attribute)->name);
  if (!cell.name.empty()) text.append(".").append(cell.name);
  if (cell.group != 0) text.append("#").append(std::to_string(cell.group));
  return text.append("=").append(cell.value);
}

// What is normal stays as it is, to the byte.
void check_again(const std::string& bytes, const Context& context, Entity entity,
                 normalize::Normalizer& normalizer) {
  Arena arena;
  RecordBuilder record;
  for (const Cell& cell : read_cells(bytes)) record.add(cell);
  BOOST_TEST(normalizer.normalize(entity, context, record, arena).ok());
  BOOST_TEST((record.bytes() == bytes));
}

NormalizedRecord normalized(std::initializer_list<Given> cells, const Context& context = dutch,
                            Entity entity = Entity::person) {
  static normalize::Normalizer normalizer;
  Arena arena;
  RecordBuilder record;
  for (const Given& given : cells) {
    const AttributeInfo* info = attribute_by_name(entity, given.name);
    BOOST_REQUIRE_MESSAGE(info != nullptr, given.name);
    Cell cell;
    cell.attribute = info->id;
    cell.group = given.group;
    cell.value = given.value;
    const std::string_view name(given.name);
    if (info->id == attribute::custom || info->id == attribute::identifier) {
      cell.name = name.substr(name.find('.') + 1);
    }
    record.add(cell);
  }
  NormalizedRecord outcome;
  const Status status = normalizer.normalize(entity, context, record, arena);
  if (!status.ok()) {
    outcome.error = status.error().message;
    BOOST_TEST((status.error().code == ErrorCode::data));
    return outcome;
  }
  outcome.bytes = record.bytes();
  for (const Cell& cell : read_cells(outcome.bytes)) {
    if (!outcome.text.empty()) outcome.text += "; ";
    outcome.text += cell_text(cell);
  }
  check_again(outcome.bytes, context, entity, normalizer);
  return outcome;
}

std::string full(const char* name, const Context& context = dutch) {
  return normalized({{"name.full", name}}, context).text;
}

Cell find(const std::string& bytes, AttributeId id) {
  for (const Cell& cell : read_cells(bytes)) {
    if (cell.attribute == id) return cell;
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record)

BOOST_AUTO_TEST_CASE(full_names_are_split) {
  const std::pair<const char*, const char*> cases[] = {
      {"Sanne de Wit",
       "name.full=Sanne de Wit; name.given=Sanne; name.surname_prefix=de; name.surname=Wit"},
      {"Jan Jansen", "name.full=Jan Jansen; name.given=Jan; name.surname=Jansen"},
      {"Dr. J.A. van der Berg Jr.",
       "name.full=Dr. J.A. van der Berg Jr.; name.initials=J.A.; name.surname_prefix=van der; "
       "name.surname=Berg; name.title_before=Dr.; name.suffix=Jr"},
      {"Berg, Jan van der",
       "name.full=Berg, Jan van der; name.given=Jan; name.surname_prefix=van der; "
       "name.surname=Berg"},
      {"van der Berg, J.A.",
       "name.full=van der Berg, J.A.; name.initials=J.A.; name.surname_prefix=van der; "
       "name.surname=Berg"},
      {"Jan Jansen, Jr.",
       "name.full=Jan Jansen, Jr.; name.given=Jan; name.surname=Jansen; name.suffix=Jr"},
      {"Prof. dr. Anna Bakker, PhD",
       "name.full=Prof. dr. Anna Bakker, PhD; name.given=Anna; name.surname=Bakker; "
       "name.title_before=Prof. dr.; name.title_after=PhD"},
      {"SANNE DE WIT",
       "name.full=Sanne de Wit; name.given=Sanne; name.surname_prefix=de; name.surname=Wit"},
      {"anna bakker", "name.full=Anna Bakker; name.given=Anna; name.surname=Bakker"},
      {"Johannes (Jan) de Vries",
       "name.full=Johannes (Jan) de Vries; name.given=Johannes; name.surname_prefix=de; "
       "name.surname=Vries; name.nickname=Jan"},
      {"John F. Kennedy",
       "name.full=John F. Kennedy; name.given=John; name.middle=F.; name.surname=Kennedy"},
      {"Anna Maria Bakker",
       "name.full=Anna Maria Bakker; name.given=Anna Maria; name.surname=Bakker"},
      {"Anna Jansen-de Vries",
       "name.full=Anna Jansen-de Vries; name.given=Anna; name.surname=Jansen-de Vries"},
      {"Mohamed El Amrani",
       "name.full=Mohamed El Amrani; name.given=Mohamed; name.surname_prefix=El; "
       "name.surname=Amrani"},
      {"Piet op den Akker",
       "name.full=Piet op den Akker; name.given=Piet; name.surname_prefix=op den; "
       "name.surname=Akker"},
      {"De heer J. Bakker",
       "name.full=De heer J. Bakker; name.initials=J.; name.surname=Bakker; "
       "name.title_before=De heer"},
      {"Van Morrison", "name.full=Van Morrison; name.given=Van; name.surname=Morrison"},
      {"Van der Berg", "name.full=Van der Berg; name.surname_prefix=Van der; name.surname=Berg"},
      {"JHM Bakker", "name.full=JHM Bakker; name.initials=J.H.M.; name.surname=Bakker"},
  };
  for (const auto& [name, expected] : cases) BOOST_TEST(full(name) == expected, name);
}

BOOST_AUTO_TEST_CASE(uncertain_names_stay_whole) {
  for (const char* name :
       {"Sanne", "Jan en Marie Jansen", "Jansen & Zonen", "Bakker B.V.", "Room 12", "A, B, C",
        "Een heel erg lange naam zonder enig patroon erin", "sanne@example.com"}) {
    const auto outcome = normalized({{"name.full", name}});
    BOOST_TEST(find(outcome.bytes, attribute::name_surname).value == "", name);
    BOOST_TEST(find(outcome.bytes, attribute::name_given).value == "", name);
  }
  BOOST_TEST(full("Maria Garcia Lopez", {"ES", "es", "EUR", ""}) == "name.full=Maria Garcia Lopez");
}

BOOST_AUTO_TEST_CASE(parts_that_are_there_are_not_split_again) {
  BOOST_TEST(normalized({{"name.full", "Sanne de Wit"}, {"name.given", "Sanne"}}).text ==
             "name.full=Sanne de Wit; name.given=Sanne");
}

BOOST_AUTO_TEST_CASE(particles_move_to_the_prefix) {
  BOOST_TEST(normalized({{"name.given", "Anna"}, {"name.surname", "van der Berg"}}).text ==
             "name.given=Anna; name.surname_prefix=van der; name.surname=Berg");
  BOOST_TEST(normalized({{"name.given", "Anna van der"}, {"name.surname", "Berg"}}).text ==
             "name.given=Anna; name.surname_prefix=van der; name.surname=Berg");
  BOOST_TEST(normalized({{"name.surname", "Berg, van der"}}).text ==
             "name.surname_prefix=van der; name.surname=Berg");
  BOOST_TEST(
      normalized({{"name.surname_prefix", "van der"}, {"name.surname", "Van der Berg"}}).text ==
      "name.surname_prefix=van der; name.surname=Berg");
  BOOST_TEST(normalized({{"name.surname", "in 't Veld"}}).text ==
             "name.surname_prefix=in 't; name.surname=Veld");
  BOOST_TEST(normalized({{"name.surname", "O'Brien"}}).text == "name.surname=O'Brien");
  BOOST_TEST(normalized({{"name.surname", "Le"}}).text == "name.surname=Le");
  BOOST_TEST(normalized({{"name.partner_surname", "de Vries"}}).text ==
             "name.partner_surname_prefix=de; name.partner_surname=Vries");

  const auto outcome = normalized({{"name.surname", "van der Berg"}});
  const Cell prefix = find(outcome.bytes, attribute::name_surname_prefix);
  BOOST_TEST(prefix.raw == "van der Berg");
  BOOST_TEST((prefix.rule == Rule::name_particle));
  const Cell surname = find(outcome.bytes, attribute::name_surname);
  BOOST_TEST(surname.raw == "van der Berg");
  BOOST_TEST((surname.rule == Rule::name_particle));
}

BOOST_AUTO_TEST_CASE(suffixes_titles_and_initials_move) {
  BOOST_TEST(normalized({{"name.surname", "Jansen jr."}}).text ==
             "name.surname=Jansen; name.suffix=Jr");
  BOOST_TEST(normalized({{"name.surname", "Jansen III"}}).text ==
             "name.surname=Jansen; name.suffix=III");
  BOOST_TEST(normalized({{"name.suffix", "Senior"}}).text == "name.suffix=Sr");
  BOOST_TEST(normalized({{"name.given", "Dr. Anna"}}).text ==
             "name.given=Anna; name.title_before=Dr.");
  BOOST_TEST(normalized({{"name.given", "J.A."}}).text == "name.initials=J.A.");
  BOOST_TEST(normalized({{"name.given", "J. A"}}).text == "name.initials=J.A.");
  BOOST_TEST(normalized({{"name.given", "Th.J."}}).text == "name.initials=Th.J.");
  BOOST_TEST(normalized({{"name.given", "JA"}, {"name.surname", "Bakker"}}).text ==
             "name.initials=J.A.; name.surname=Bakker");
  BOOST_TEST(normalized({{"name.given", "JAN"}, {"name.surname", "Bakker"}}).text ==
             "name.given=Jan; name.surname=Bakker");
  BOOST_TEST(normalized({{"name.given", "BO"}, {"name.surname", "Bakker"}}).text ==
             "name.given=Bo; name.surname=Bakker");
  BOOST_TEST(normalized({{"name.given", "J."}, {"name.initials", "JA"}}).text ==
             "name.initials=J.A.");
  BOOST_TEST(normalized({{"name.initials", "j.h.m"}}).text == "name.initials=J.H.M.");
}

BOOST_AUTO_TEST_CASE(capitals_are_rewritten) {
  const std::pair<const char*, const char*> cases[] = {
      {"BAKKER", "Bakker"},
      {"bakker", "Bakker"},
      {"MCDONALD", "McDonald"},
      {"O'BRIEN", "O'Brien"},
      {"d'angelo", "D'Angelo"},
      {"BAKKER-DE VRIES", "Bakker-de Vries"},
      {"IJSSELSTEIN", "IJsselstein"},
      {"MÜLLER", "Müller"},
      {"ÖZTÜRK", "Öztürk"},
      {"Bakker", "Bakker"},
      {"DeVries", "DeVries"},
      {"Ng", "Ng"},
      {"LI", "Li"},
  };
  for (const auto& [raw, expected] : cases) {
    const auto outcome = normalized({{"name.surname", raw}});
    const Cell surname = find(outcome.bytes, attribute::name_surname);
    BOOST_TEST(surname.value == expected, raw);
    if (std::string_view(raw) != expected) {
      BOOST_TEST(surname.raw == raw);
      BOOST_TEST((surname.rule == Rule::name_case));
    }
  }
  BOOST_TEST(normalized({{"name.surname", "VAN DER BERG"}, {"name.given", "ANNA-MARIA"}}).text ==
             "name.given=Anna-Maria; name.surname_prefix=van der; name.surname=Berg");
}

BOOST_AUTO_TEST_CASE(wrong_contact_points_are_kept_and_marked) {
  const auto outcome = normalized({{"emails.value", " Sanne(at)example.com", 1},
                                   {"emails.usage", "work", 1},
                                   {"emails.value", "sanne@example.com", 2},
                                   {"emails.status", "active", 2},
                                   {"phones.value", "06 12", 1},
                                   {"phones.status", "Active", 1}});
  BOOST_TEST(outcome.text ==
             "emails.value#1=Sanne(at)example.com; emails.value#2=sanne@example.com; "
             "emails.usage#1=work; emails.status#1=invalid; emails.status#2=active; "
             "phones.value#1=06 12; phones.status#1=invalid");
  std::string identifiers;
  for_each_identifier(outcome.bytes, [&](std::string_view name, std::string_view value) {
    identifiers.append(name).append(":").append(value).append(" ");
  });
  BOOST_TEST(identifiers == "email:sanne@example.com ");
}

BOOST_AUTO_TEST_CASE(addresses) {
  BOOST_TEST(normalized({{"addresses.street", "Kerkstraat 12 a", 1},
                         {"addresses.postcode", "1234ab", 1},
                         {"addresses.country", "Nederland", 1}})
                 .text ==
             "addresses.street#1=Kerkstraat; addresses.house_number#1=12; "
             "addresses.house_number_suffix#1=a; addresses.postcode#1=1234 AB; "
             "addresses.country#1=NL");
  BOOST_TEST(
      normalized({{"addresses.postcode", "10115", 1}, {"addresses.country", "DE", 1}}).text ==
      "addresses.postcode#1=10115; addresses.country#1=DE");
  BOOST_TEST(normalized({{"addresses.postcode", "10115", 1}}).text ==
             "addresses.postcode#1=10115; addresses.status#1=invalid");
  BOOST_TEST(
      normalized({{"addresses.house_number", "12-3", 1}, {"addresses.street", "Dam", 1}}).text ==
      "addresses.street#1=Dam; addresses.house_number#1=12; addresses.house_number_suffix#1=3");
  BOOST_TEST(normalized({{"addresses.street", "Plein 1945", 1}}).text ==
             "addresses.street#1=Plein 1945");
  BOOST_TEST(normalized({{"addresses.street", "Plein 1945 12", 1}}).text ==
             "addresses.street#1=Plein 1945; addresses.house_number#1=12");
  BOOST_TEST(normalized({{"addresses.street", "12 Rue Haute", 1}}, {"FR", "fr", "EUR", ""}).text ==
             "addresses.street#1=Rue Haute; addresses.house_number#1=12");
  BOOST_TEST(normalized({{"addresses.country", "Narnia", 1}}).text == "addresses.country#1=Narnia");
}

BOOST_AUTO_TEST_CASE(mailboxes_of_roles_and_for_a_day_are_marked) {
  BOOST_TEST(normalized({{"emails.value", "Info@Example.com", 1},
                         {"emails.value", "a@mailinator.com", 2},
                         {"emails.value", "sanne@example.com", 3}})
                 .text ==
             "emails.value#1=info@example.com; emails.value#2=a@mailinator.com; "
             "emails.value#3=sanne@example.com; emails.kind#1=role; emails.kind#2=disposable");
}

BOOST_AUTO_TEST_CASE(doubt_and_what_is_no_person_are_marked) {
  const auto rule = [](std::initializer_list<Given> cells, AttributeId id) {
    return find(normalized(cells).bytes, id).rule;
  };
  BOOST_TEST(
      (rule({{"name.full", "Jan en Marie Jansen"}}, attribute::name_full) == Rule::uncertain));
  BOOST_TEST((rule({{"name.full", "Jan Jansen"}}, attribute::name_full) == Rule::none));
  BOOST_TEST(
      (rule({{"name.full", "Bakker B.V."}}, attribute::name_full) == Rule::organization_name));
  BOOST_TEST((rule({{"addresses.street", "Kerkstraat 12 en 14", 1}}, attribute::address_street) ==
              Rule::uncertain));
  BOOST_TEST((rule({{"addresses.full", "ergens", 1}}, attribute::address_full) == Rule::uncertain));
  BOOST_TEST((rule({{"custom.city", "MÃ¼nchen"}}, attribute::custom) == Rule::encoding_repaired));
  BOOST_TEST((rule({{"custom.city", "M\xEF\xBF\xBDnchen"}}, attribute::custom) == Rule::uncertain));
  const auto test = normalized({{"name.given", "Test"}, {"name.surname", "Test"}});
  BOOST_TEST(test.text == "name.given=Test; name.surname=Test; test_record=true");
  BOOST_TEST(
      normalized({{"name.given", "Test"}, {"name.surname", "Test"}, {"test_record", "nee"}}).text ==
      "name.given=Test; name.surname=Test; test_record=false");
}

BOOST_AUTO_TEST_CASE(what_one_rule_leaves_is_clean_for_the_others) {
  BOOST_TEST(normalized({{"name.surname", "Smit , II"}}).text ==
             "name.surname=Smit; name.suffix=II");
  BOOST_TEST(full("SANNE") == "name.full=Sanne");
  BOOST_TEST(full("de vries jan en marie") == "name.full=de vries jan en marie");  // as written
  BOOST_TEST(normalized({{"name.surname_prefix", "VAN DEN"}, {"name.surname", "Berg"}}).text ==
             "name.surname_prefix=van den; name.surname=Berg");
  // A letter and its mark compose beside bytes that are no UTF-8 too.
  BOOST_TEST(normalized({{"custom.city", "\xFF Jn\xCC\x81"}}).text == "custom.city=\xFF J\xC5\x84");
  BOOST_TEST(normalized({{"identifier.kvk", "n/a -"}}).text == "");
}

BOOST_AUTO_TEST_CASE(parts_of_an_address_that_say_nothing_are_none) {
  BOOST_TEST(
      normalized({{"addresses.street", "Dam 12", 1}, {"addresses.house_number", "-", 1}}).text ==
      "addresses.street#1=Dam; addresses.house_number#1=12");
  const auto street = normalized({{"addresses.street", "Damstraat 12n/a", 1}});
  BOOST_TEST(street.text == "addresses.street#1=Damstraat 12n/a");
  BOOST_TEST((find(street.bytes, attribute::address_street).rule == Rule::uncertain));
  BOOST_TEST(normalized({{"addresses.house_number", "12n/a", 1}}).text ==
             "addresses.house_number#1=12n/a");
  BOOST_TEST(normalized({{"addresses.full", "2020 n/a", 1}}, {"LU", "fr", "EUR", ""}).text ==
             "addresses.full#1=2020 n/a");
}

BOOST_AUTO_TEST_CASE(two_sources_of_one_part_are_not_mixed) {
  BOOST_TEST(normalized({{"addresses.full", "Wetstraat 12, 1000 Brussel, BE", 1},
                         {"addresses.country", "Narnia", 1}})
                 .text ==
             "addresses.country#1=Narnia; addresses.full#1=Wetstraat 12, 1000 Brussel, BE");
  BOOST_TEST(normalized({{"addresses.full", "Wetstraat 12, 1000 Brussel, BE", 1},
                         {"addresses.unit", "bus 4", 1}})
                 .text ==
             "addresses.street#1=Wetstraat; addresses.house_number#1=12; "
             "addresses.unit#1=bus 4; addresses.postcode#1=1000; "
             "addresses.locality#1=Brussel; addresses.country#1=BE; "
             "addresses.full#1=Wetstraat 12, 1000 Brussel, BE");
}

BOOST_AUTO_TEST_CASE(a_place_holds_the_first_value_that_says_something) {
  BOOST_TEST(normalized({{"addresses.country", "-", 1},
                         {"addresses.country", "Zweden", 1},
                         {"addresses.country", "BE", 1},
                         {"addresses.country", "BE", 2},
                         {"addresses.locality", "Gent", 2}})
                 .text ==
             "addresses.locality#2=Gent; addresses.country#1=SE; addresses.country#2=BE");
  BOOST_TEST(normalized({{"birth_date", "1980-01-02"}, {"birth_date", "1979-01-02"}}).text ==
             "birth_date=1980-01-02");
  BOOST_TEST(normalized({{"addresses.house_number", "-", 1},
                         {"addresses.house_number", "7", 1},
                         {"addresses.street", "Dam 12", 1}})
                 .text == "addresses.street#1=Dam 12; addresses.house_number#1=7");
  BOOST_TEST(normalized({{"custom.tag", "b"}, {"custom.tag", "a"}}).text ==
             "custom.tag=a; custom.tag=b");
}

BOOST_AUTO_TEST_CASE(cells_that_say_nothing_go_with_their_element) {
  BOOST_TEST(normalized({{"name.given", "-"},
                         {"emails.value", "n/a", 1},
                         {"emails.usage", "work", 1},
                         {"emails.value", "sanne@example.com", 2},
                         {"addresses.usage", "billing", 1},
                         {"addresses.street", "", 1},
                         {"consents.purpose", "news", 1},
                         {"consents.status", "", 1},
                         {"birth_date", "0000-00-00"},
                         {"custom.tier", "null"}})
                 .text == "emails.value#2=sanne@example.com");
}

BOOST_AUTO_TEST_CASE(what_must_not_stay_unclean_refuses_the_record) {
  BOOST_TEST(normalized({{"birth_date", "ooit"}}).error == "birth_date is no date");
  BOOST_TEST(
      normalized({{"emails.verified_at", "ooit", 1}, {"emails.value", "a@example.com", 1}}).error ==
      "emails.verified_at is no time");
  BOOST_TEST(normalized({{"emails.usage", "thuis", 1}}).error ==
             "emails.usage is none of personal, work, billing, shipping, visiting, other");
  BOOST_TEST(normalized({{"total", "gratis"}}, dutch, Entity::order).error == "total is no number");
}

BOOST_AUTO_TEST_CASE(unknown_words_do_not_lose_a_person) {
  BOOST_TEST(normalized({{"gender", "blauw"}, {"country", "Narnia"}, {"language", "??"}}).text ==
             "gender=unknown; language=??; country=Narnia");
}

BOOST_AUTO_TEST_CASE(identifiers) {
  BOOST_TEST(normalized({{"identifier.vat", "nl 0012.34.567.b01"},
                         {"identifier.kvk", "12 34 56 78"},
                         {"identifier.login", " Sanne "}},
                        dutch, Entity::organization)
                 .text ==
             "identifier.kvk=12345678; identifier.login=Sanne; "
             "identifier.vat=NL001234567B01");
}

BOOST_AUTO_TEST_CASE(raw_text_stays_beside_the_value) {
  const auto outcome =
      normalized({{"emails.value", "Sanne@Example.com", 1}, {"birth_date", "1980-02-29"}});
  const Cell email = find(outcome.bytes, attribute::email_value);
  BOOST_TEST(email.raw == "Sanne@Example.com");
  BOOST_TEST((email.rule == Rule::email));
  const Cell birth = find(outcome.bytes, attribute::birth_date);
  BOOST_TEST((birth.raw.data() == nullptr || birth.raw == birth.value));
  BOOST_TEST((birth.rule == Rule::none));
}

BOOST_AUTO_TEST_CASE(normalizing_twice_changes_nothing) {
  for (const char* name : {"SANNE DE WIT", "Dr. J.A. van der Berg Jr.", "Anna Maria Bakker"}) {
    const auto once = normalized({{"name.full", name}, {"phones.value", "06 12345678", 1}});
    RecordBuilder again;
    for (Cell cell : read_cells(once.bytes)) again.add(cell);
    Arena arena;
    normalize::Normalizer normalizer;
    BOOST_REQUIRE(normalizer.normalize(Entity::person, dutch, again, arena).ok());
    BOOST_TEST((again.bytes() == once.bytes), name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
