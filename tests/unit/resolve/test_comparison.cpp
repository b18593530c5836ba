// How alike: similarity of texts, levels of fields, and what they weigh.
#include <boost/test/unit_test.hpp>
#include <random>

#include "persons.h"
#include "pipeline/resolve/probabilistic/folding.h"
#include "pipeline/resolve/probabilistic/similarity.h"

namespace rondom::resolve::test {
namespace {

using namespace probabilistic;

BOOST_AUTO_TEST_SUITE(comparison)

// The examples of Winkler (1990).
BOOST_AUTO_TEST_CASE(jaro_winkler_gives_the_published_values) {
  BOOST_TEST(std::abs(jaro_winkler("martha", "marhta") - 0.9611) < 1e-4);
  BOOST_TEST(std::abs(jaro_winkler("dwayne", "duane") - 0.84) < 1e-4);
  BOOST_TEST(std::abs(jaro_winkler("dixon", "dicksonx") - 0.8133) < 1e-4);
  BOOST_TEST(jaro_winkler("", "a") == 0);
  BOOST_TEST(jaro_winkler("anna", "anna") == 1);
}

BOOST_AUTO_TEST_CASE(edits_count_an_exchange_once_and_stop_early) {
  BOOST_TEST(edits("smith", "smiht", 3) == 1);
  BOOST_TEST(edits("smith", "smyth", 3) == 1);
  BOOST_TEST(edits("smith", "smth", 3) == 1);
  BOOST_TEST(edits("kitten", "sitting", 5) == 3);
  BOOST_TEST(edits("kitten", "sitting", 2) == 3);
  BOOST_TEST(edits("a", "abcdef", 2) == 3);
}

std::string random_word(std::mt19937& random) {
  std::string word;
  const std::size_t size = 1 + random() % 9;
  for (std::size_t i = 0; i < size; ++i) word += static_cast<char>('a' + random() % 6);
  return word;
}

BOOST_AUTO_TEST_CASE(the_short_cut_never_loses_a_pair) {
  std::mt19937 random(7);
  int skipped = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string a = random_word(random), b = random_word(random);
    const std::uint64_t in_a = letters_in(a), in_b = letters_in(b);
    if (!may_be_alike(a, in_a, b, in_b, 0.8)) {
      ++skipped;
      BOOST_TEST_REQUIRE(jaro_winkler(a, b) < 0.8, a << " " << b);
    }
    if (!may_be_near(in_a, in_b, 1)) BOOST_TEST_REQUIRE(edits(a, b, 1) == 2, a << " " << b);
  }
  BOOST_TEST(skipped > 1000);
}

std::string level_of(const Says& one, const Says& other, const std::string& field) {
  Persons people;
  people.add(one);
  people.add(other);
  const Model model = shipped_person();
  const Rules rules(strong_ssn());
  const Likeness likeness(rules, model, people.candidates, {});
  Agreement agreement;
  Comparer(model, likeness.features()).compare(0, 1, agreement);
  for (std::size_t i = 0; i < model.comparisons.size(); ++i) {
    if (model.comparisons[i].name != field) continue;
    const LevelNumber level = agreement.level[i];
    return level == silent ? "silent" : model.comparisons[i].levels[level].name;
  }
  return "no such field";
}

std::string given(const std::string& one, const std::string& other) {
  return level_of({.given = one, .surname = "Bakker"}, {.given = other, .surname = "Bakker"},
                  "given_name");
}

BOOST_AUTO_TEST_CASE(given_names) {
  BOOST_TEST(given("Anna", "ANNA") == "exact");
  BOOST_TEST(given("Robert", "Bob") == "nickname");
  BOOST_TEST(given("Mary Anne", "Mary") == "nickname");
  BOOST_TEST(given("Mary Anne", "Anne Mary") == "nickname");
  BOOST_TEST(given("Anne Marie", "Anne Sophie") == "alike");
  BOOST_TEST(given("Min-jun", "Min-ji") == "alike");
  BOOST_TEST(given("Thomas Henry", "Thomas H.") == "nickname");
  BOOST_TEST(given("Catherine", "Catherin") == "close");
  BOOST_TEST(given("R", "Robert") == "initial");
  BOOST_TEST(given("Ruthmarie", "Rutmaris") == "alike");
  BOOST_TEST(given("Darla", "Darletta") == "alike");  // one stem, no slip
  BOOST_TEST(given("Anna", "") == "silent");
}

BOOST_AUTO_TEST_CASE(names_that_people_have_are_no_slips_of_one_another) {
  BOOST_TEST(given("Mark", "Marsha") == "other");
  BOOST_TEST(given("Anna", "Annabelle") == "other");
  BOOST_TEST(given("Anna", "Bram") == "other");
  BOOST_TEST(given("Paul", "Paula") == "alike");
  BOOST_TEST(given("Anna", "Brramm") == "unlike");
  BOOST_TEST(given("Maria Luisa", "Mark") == "other");
}

BOOST_AUTO_TEST_CASE(names_are_close_when_they_sound_the_same) {
  BOOST_TEST(given("Keeley", "Kaylee") == "close");
  BOOST_TEST(given("Kandace", "Candace") == "close");
  BOOST_TEST(given("Zarah", "Sahra") == "close");
  BOOST_TEST((sound_of("jeffrey") == sound_of("geoffrey") && sound_of("jeffrey") != 0));
  BOOST_TEST(sound_of("philip") == sound_of("filip"));
  BOOST_TEST(sound_of("alexander") == sound_of("aleksandr"));
  BOOST_TEST(sound_of("darla") != sound_of("darlene"));
  BOOST_TEST(sound_of("leo") == 0u);
}

BOOST_AUTO_TEST_CASE(names_in_other_scripts) {
  BOOST_TEST(given("Анна", "Anna") == "exact");
  BOOST_TEST(given("فيصل", "Faisal") == "close");
  BOOST_TEST(given("តារា", "Dara") == "silent");  // nobody brought it into Latin letters
  BOOST_TEST(given("តារា", "តារា") == "exact");
  BOOST_TEST(level_of({.full = "张秀英"}, {.given = "Xiu Ying", .surname = "Zhang"},
                      "given_name") == "exact");
  BOOST_TEST(level_of({.full = "张秀英"}, {.given = "Xiu Ying", .surname = "Zhang"}, "surname") ==
             "exact");
}

BOOST_AUTO_TEST_CASE(crossed_names_are_one_event) {
  const Says one{.given = "Griffiths", .surname = "Alfie"};
  const Says other{.given = "Alfie", .surname = "Griffihs"};
  BOOST_TEST(level_of(one, other, "given_name") == "swapped");
  BOOST_TEST(level_of(one, other, "surname") == "silent");
  const Says prefix{.given = "Campbell", .surname = "Cruz", .prefix = "de la"};
  BOOST_TEST(level_of(prefix, {.given = "De la Cruz", .surname = "Cambell"}, "given_name") ==
             "swapped");
}

std::string surname(const Says& one, const Says& other) {
  return level_of(one, other, "surname");
}

BOOST_AUTO_TEST_CASE(surnames) {
  BOOST_TEST(surname({.surname = "Bakker"}, {.surname = "bakker"}) == "exact");
  BOOST_TEST(surname({.surname = "Bakker"}, {.surname = "Bakker-Smit"}) == "part");
  BOOST_TEST(surname({.surname = "Bakker", .partner = "Smit"}, {.surname = "Smit"}) == "part");
  BOOST_TEST(surname({.surname = "Lloyd-Wright"}, {.surname = "Lloyd-Wight"}) == "close");
  BOOST_TEST(surname({.surname = "van der Berg"}, {.surname = "van der Meer"}) != "part");
  BOOST_TEST(surname({.surname = "Bakker"}, {.surname = "Jansen"}) == "other");
  // A name from before a marriage, kept between the two.
  BOOST_TEST(surname({.given = "Susan", .surname = "Meyer"},
                     {.given = "Susan Meyer", .surname = "Thomas"}) == "part");
  BOOST_TEST(surname({.given = "Meyer", .surname = "Susan"},
                     {.given = "Meyer", .surname = "Thomas"}) == "other");
}

std::string birth(const std::string& one, const std::string& other) {
  return level_of({.birth = one}, {.birth = other}, "birth_date");
}

BOOST_AUTO_TEST_CASE(birth_dates) {
  BOOST_TEST(birth("1980-02-12", "1980-02-12") == "exact");
  BOOST_TEST(birth("1980-02-12", "1980-12-02") == "typo");
  BOOST_TEST(birth("1980-02-12", "1980-02-13") == "typo");
  BOOST_TEST(birth("1980-02-12", "1980-02-21") == "typo");
  BOOST_TEST(birth("1980-02-12", "1908-02-12") == "typo");
  BOOST_TEST(birth("1980-02-12", "1980-02-27") == "near");
  BOOST_TEST(birth("1980-02-12", "1980-11-25") == "year");
  BOOST_TEST(birth("1980-02-12", "1954-03-27") == "other");
  BOOST_TEST(birth("1980-02-12", "1980") == "partial");
  BOOST_TEST(birth("1980-02", "1981-02-12") == "other");
  BOOST_TEST(birth("1980-02-12", "") == "silent");
}

BOOST_AUTO_TEST_CASE(contact_points) {
  const auto email = [](const char* one, const char* other) {
    return level_of({.email = one}, {.email = other}, "email");
  };
  BOOST_TEST(email("a.bakker@example.com", "A.Bakker@example.com") == "exact");
  BOOST_TEST(email("a.bakker@example.com", "a.bakker@example.org") == "local");
  BOOST_TEST(email("a.bakker@example.com", "a.baker@example.com") == "close");
  BOOST_TEST(email("a.bakker17@example.com", "a.bakker18@example.com") == "other");
  const auto named = [](const char* surname) {
    return level_of({.given = "Anna", .surname = surname, .email = "a.bakker@example.com"},
                    {.given = "Anna", .surname = surname, .email = "a.bakker@mail.example"},
                    "email");
  };
  BOOST_TEST(named("Bakker") == "other");  // the name says as much; another mailbox is what remains
  BOOST_TEST(named("Visser") == "local");
  BOOST_TEST(email("a.bakker@example.com", "info@example.org") == "other");
  const auto phone = [](const char* one, const char* other) {
    return level_of({.phone = one}, {.phone = other}, "phone");
  };
  BOOST_TEST(phone("+31612345678", "+31612345678") == "exact");
  BOOST_TEST(phone("+31612345678", "+3112345678") == "tail");
  BOOST_TEST(phone("+31612345678", "+31612345679") == "typo");
  // Without an area a number cannot be reached, and says something all the same.
  const auto short_phone = [](const std::string& value, const std::string& other) {
    return level_of({.phone = value, .phone_status = "invalid"}, {.phone = other}, "phone");
  };
  BOOST_TEST(short_phone("321-3212", "+12023213212") == "tail");
  BOOST_TEST(short_phone("321-3213", "+12023213212") == "other");
  BOOST_TEST(short_phone("000-0000", "+12020000000") == "silent");
  BOOST_TEST(phone("+31612345678", "+31687654321") == "other");
}

BOOST_AUTO_TEST_CASE(only_the_finest_place_speaks) {
  const Says home{
      .street = "Kerkstraat", .number = "12", .postcode = "1234 AB", .locality = "Utrecht"};
  const auto place = [&](const Says& other, const char* field) {
    return level_of(home, other, field);
  };
  BOOST_TEST(place(home, "address") == "exact");
  BOOST_TEST(place(home, "postcode") == "silent");
  BOOST_TEST(place({.street = "Kerkstraad", .number = "12"}, "address") == "near");
  BOOST_TEST(place({.street = "Kerkstraat 12, 1234 AB Utrecht"}, "address") == "near");
  BOOST_TEST(place({.street = "Kerkstraat", .number = "14", .locality = "Utrecht"}, "address") ==
             "street_area");
  BOOST_TEST(place({.street = "Kerkstraat", .number = "14"}, "address") == "street");
  BOOST_TEST(place({.street = "Dorpsplein", .number = "3"}, "address") == "other");
  // Many towns have a street of this name.
  BOOST_TEST(
      place({.street = "Kerkstraat", .number = "12", .postcode = "9876ZX", .locality = "Leer"},
            "address") == "street");
  BOOST_TEST(place({.street = "Kerkstraat", .number = "12", .postcode = "1243AB"}, "address") ==
             "exact");
  BOOST_TEST(place({.postcode = "1234AB"}, "postcode") == "exact");
  BOOST_TEST(place({.postcode = "1234XY"}, "postcode") == "area");
  BOOST_TEST(place({.postcode = "1234AB"}, "address") == "silent");
  BOOST_TEST(place({.locality = "Utrecht"}, "locality") == "exact");
}

BOOST_AUTO_TEST_CASE(organizations) {
  const auto organization = [](const std::string& one, const std::string& other) {
    config::Diagnostics diagnostics;
    const Model model = parse_model(shipped_model("organization-1"), "organization-1", diagnostics);
    Features features(model, [](std::string_view, std::string_view) { return true; });
    for (const std::string& name : {one, other}) {
      RecordBuilder builder;
      builder.add({attribute::organization_name, 0, name, {}, Rule::none, {}});
      features.add(builder.bytes());
    }
    Agreement agreement;
    Comparer(model, features).compare(0, 1, agreement);
    const LevelNumber level = agreement.level[0];
    return level == silent ? "silent" : model.comparisons[0].levels[level].name;
  };
  BOOST_TEST(organization("Acme B.V.", "ACME bv") == "exact");
  BOOST_TEST(organization("Smith & Sons Ltd", "Sons, Smith and") == "words");
  BOOST_TEST(organization("Univrsl Export Inc", "Universal Exports, USA") == "words");
  BOOST_TEST(organization("Northern Mfg", "Northern Manufacturing Limited") == "words");
  BOOST_TEST(organization("Acme Manufacturing", "Acme Holdings") != "words");
  BOOST_TEST(organization("Acme Foods", "Blackwell Motors") == "other");
}

BOOST_AUTO_TEST_CASE(branches_and_concerns_are_not_one_company) {
  struct Company {
    std::string name, website, phone, street, number, postcode;
  };
  config::Diagnostics diagnostics;
  Model model = parse_model(shipped_model("organization-1"), "organization-1", diagnostics);
  model.records = 1000;
  const auto together = [&](const Company& one, const Company& other) {
    Features features(model, [](std::string_view, std::string_view) { return true; });
    for (const Company& each : {one, other}) {
      RecordBuilder builder;
      const auto say = [&](AttributeId id, std::uint32_t group, const std::string& value) {
        if (!value.empty()) builder.add({id, group, value, {}, Rule::none, {}});
      };
      say(attribute::organization_name, 0, each.name);
      say(attribute::website, 0, each.website);
      say(attribute::phone_value, 1, each.phone);
      say(attribute::address_street, 1, each.street);
      say(attribute::address_house_number, 1, each.number);
      say(attribute::address_postcode, 1, each.postcode);
      features.add(builder.bytes());
    }
    Agreement agreement;
    Comparer(model, features).compare(0, 1, agreement);
    const Weights weights(model, features);
    return probability(weights.prior() + weights.evidence(agreement)) >= model.merge_at;
  };
  const Company leeds{"Acme Foods Ltd", "https://acme.example", "+441131234567", "Mill Lane", "4",
                      "LS11AA"};
  Company other = leeds;
  other.name = "ACME FOODS Limited";
  other.phone = "+441137654321";
  BOOST_TEST(together(leeds, other));
  other.street = "Harbour Road", other.number = "90", other.postcode = "BS16XY";
  BOOST_TEST(!together(leeds, other));  // a branch: the same name and website
  Company holding = leeds;
  holding.name = "Acme Holdings", holding.website = "https://holdings.example";
  holding.phone = "+441137654321";
  BOOST_TEST(!together(leeds, holding));  // at the same address
}

BOOST_AUTO_TEST_CASE(words_of_organizations_and_postcodes) {
  BOOST_TEST(without_legal_form("acme b v") == "acme");
  BOOST_TEST(without_legal_form("acme holding gmbh") == "acme holding");
  BOOST_TEST(without_legal_form("company limited") == "company limited");
  BOOST_TEST(postcode_area("sw114lw") == "sw11");
  BOOST_TEST(postcode_area("1234ab") == "1234");
  BOOST_TEST(postcode_area("89132") == "891");
  BOOST_TEST(website_domain("https://www.Shop.example/contact?x=1") == "shop.example");
}

Score score(const Says& one, const Says& other) {
  Persons people;
  people.add(one);
  people.add(other);
  Model model = shipped_person();
  model.records = 10'000;
  const Rules rules(strong_ssn());
  const Likeness likeness(rules, model, people.candidates, {});
  Agreement agreement;
  Comparer(model, likeness.features()).compare(0, 1, agreement);
  const Weights weights(model, likeness.features());
  const Score explained = weights.explain(agreement, model);
  BOOST_TEST(explained.total == weights.prior() + weights.evidence(agreement));
  Millibits sum = explained.prior - explained.household;
  for (const ScoreLine& line : explained.lines) sum += line.weight;
  BOOST_TEST(sum == explained.total);
  return explained;
}

const Says anna{.given = "Anna",
                .surname = "Bakker",
                .birth = "1980-02-12",
                .email = "thuis@example.com",
                .phone = "+31201234567",
                .street = "Kerkstraat",
                .number = "12",
                .postcode = "1234AB"};

BOOST_AUTO_TEST_CASE(what_is_missing_says_nothing) {
  const Score whole = score(anna, anna);
  BOOST_TEST(probability(whole.total) > 0.999);
  Says less = anna;
  less.birth.clear();
  less.email.clear();
  const Score partly = score(anna, less);
  for (const ScoreLine& line : partly.lines) {
    BOOST_TEST(line.comparison != "birth_date");
    BOOST_TEST(line.comparison != "email");
  }
  const Score nothing = score(anna, {.given = "", .surname = ""});
  BOOST_TEST(nothing.lines.empty());
  BOOST_TEST(nothing.total == nothing.prior);
}

BOOST_AUTO_TEST_CASE(one_household_is_not_one_person) {
  const double merge_at = shipped_person().merge_at;
  Says twin = anna;
  twin.given = "Bram";
  BOOST_TEST(probability(score(anna, twin).total) < merge_at);
  Says partner = twin;
  partner.birth = "1979-11-30";
  BOOST_TEST(probability(score(anna, partner).total) < 0.01);
  Says mother = anna;  // of the same name
  mother.birth = "1954-07-28";
  BOOST_TEST(probability(score(anna, mother).total) < merge_at);
  BOOST_TEST(score(anna, mother).household > 0);
  // Strangers share no household: nothing is taken off.
  BOOST_TEST(score(anna, {.given = "Anna", .birth = "1980-02-12"}).household < 200);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::resolve::test
