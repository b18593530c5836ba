// fold_name() and given_names_compatible() of the model.
#include <boost/test/unit_test.hpp>

#include <array>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "model/names.h"
#include "model/nicknames.h"

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(folding_takes_case_marks_and_punctuation_away) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"Anna", "anna"},
      {"  Jan   Peter ", "jan peter"},
      {"Müller", "muller"},
      {"Weiß", "weiss"},
      {"Søren Kjærgård", "soren kjaergard"},
      {"Œuvre", "oeuvre"},
      {"Łukasz Đorđević", "lukasz dordevic"},
      {"İbrahim", "ibrahim"},
      {"Ĳsbrand", "ijsbrand"},
      {"O'Brien", "obrien"},
      {"O’Brien", "obrien"},
      {"Jean-Pierre", "jean pierre"},
      {"J.A.", "j a"},
      {"J. A.", "j a"},
      {"van den Berg\xE2\x80\x93Jansen", "van den berg jansen"},
      {"Ｊａｎ", "jan"},
      {"Мария", "мария"},
      {"Йосиф", "иосиф"},
      {"--", ""},
  };
  for (const auto& [name, folded] : cases) BOOST_TEST(rondom::fold_name(name) == folded, name);
}

BOOST_AUTO_TEST_CASE(ascii_fast_path_and_unicode_path_agree) {
  // A non-ASCII letter at the end sends the same text through the other path.
  std::mt19937 random(20260314);
  BOOST_TEST_MESSAGE("seed 20260314");
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    const int size = static_cast<int>(random() % 12);
    for (int at = 0; at < size; ++at) text.push_back(static_cast<char>(1 + random() % 127));
    const std::string expected = rondom::fold_name(text + "x");
    BOOST_TEST(rondom::fold_name(text + "\xC3\xB8") ==
               expected.substr(0, expected.size() - 1) + "o");
  }
}

BOOST_AUTO_TEST_CASE(folding_twice_changes_nothing) {
  std::mt19937 random(7);
  BOOST_TEST_MESSAGE("seed 7");
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int at = 0; at < 4; ++at) {
      const auto c = 0x20 + random() % 0x2FFF;
      if (c < 0x80) {
        text.push_back(static_cast<char>(c));
      } else if (c < 0x800) {
        text.push_back(static_cast<char>(0xC0 | (c >> 6)));
        text.push_back(static_cast<char>(0x80 | (c & 0x3F)));
      } else {
        text.push_back(static_cast<char>(0xE0 | (c >> 12)));
        text.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
        text.push_back(static_cast<char>(0x80 | (c & 0x3F)));
      }
    }
    const std::string once = rondom::fold_name(text);
    BOOST_REQUIRE_EQUAL(rondom::fold_name(once), once);
  }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_do_no_harm) {
  BOOST_TEST(rondom::fold_name("Jan\xFF Berg") == "jan berg");
  BOOST_TEST(rondom::given_names_compatible("\xC3", "\xC3\x28"));
}

BOOST_AUTO_TEST_CASE(given_names_of_one_person) {
  const std::pair<const char*, const char*> same[] = {
      {"Anna", "anna"},
      {"Anna", ""},
      {"", ""},
      {"Anna", "A."},
      {"A", "Anna"},
      {"A.M.", "Anna"},
      {"Anna Maria", "Anna"},
      {"Anna Maria", "A.M."},
      {"Anna Maria", "Anna Sofie"},
      {"Jan", "Johannes"},
      {"Hans", "Johannes"},
      {"Piet", "Petrus"},
      {"Pieter", "Piet"},
      {"Bob", "Robert"},
      {"Liz", "Elizabeth"},
      {"Kees", "Cornelis"},
      {"JA", "Jan Albert"},
      {"JA", "Jan"},
      {"Jean-Pierre", "Jean Pierre"},
      {"Annemarie", "Anne Marie"},
      {"Émile", "Emile"},
      {"É.", "Emile"},
      {"Wim", "Willem Jan"},
      {"Mohammed", "Mohamed"},
  };
  for (const auto& [a, b] : same) {
    BOOST_TEST(rondom::given_names_compatible(a, b), a << " / " << b);
    BOOST_TEST(rondom::given_names_compatible(b, a), b << " / " << a);
  }
}

BOOST_AUTO_TEST_CASE(given_names_of_two_people) {
  const std::pair<const char*, const char*> different[] = {
      {"Anna", "Bram"},  {"A.", "Bram"},      {"J.A.", "J.P."}, {"A.M.", "Anna Sofie"},
      {"JA", "Piet"},    {"Maria", "Anna"},   {"Jan", "Piet"},  {"Anna Maria", "Sofie"},
      {"Kees", "Klaas"}, {"Sanne", "Martin"}, {"É.", "Anna"},
  };
  for (const auto& [a, b] : different) {
    BOOST_TEST(!rondom::given_names_compatible(a, b), a << " / " << b);
    BOOST_TEST(!rondom::given_names_compatible(b, a), b << " / " << a);
  }
}

BOOST_AUTO_TEST_CASE(given_names_written_differently) {
  const std::pair<const char*, const char*> alike[] = {
      {"Juan", "Juann"},         {"Morris", "Morrie"},     {"Jayden", "Jyaden"},
      {"Anabella", "Annabelle"}, {"JUAN CARLOS", "juann"}, {"Zoë", "Zoe"},
      {"Anna", "Anna"},
  };
  for (const auto& [a, b] : alike) {
    BOOST_TEST(rondom::given_names_alike(a, b), a << " / " << b);
    BOOST_TEST(rondom::given_names_alike(b, a), b << " / " << a);
  }
  const std::pair<const char*, const char*> apart[] = {
      {"Jan", "Jon"},       {"Lee", "Lea"},    {"Anna", "Bram"}, {"Patrick", "Patricia"},
      {"Edward", "Edwina"}, {"Иван", "Ивана"}, {"", "Anna"},     {"Annabelle", "Anabelinda"},
  };
  for (const auto& [a, b] : apart) {
    BOOST_TEST(!rondom::given_names_alike(a, b), a << " / " << b);
    BOOST_TEST(!rondom::given_names_alike(b, a), b << " / " << a);
  }
  const std::string endless(10'000, 'a');
  BOOST_TEST(!rondom::given_names_alike(endless, endless + "b"));
}

BOOST_AUTO_TEST_CASE(nickname_lines_are_folded_words) {
  BOOST_TEST(rondom::nickname_lines().size() > 300u);
  for (const std::string_view line : rondom::nickname_lines()) {
    BOOST_TEST(rondom::fold_name(line) == line);
    std::set<std::string> words;
    std::string word;
    for (const char c : std::string(line) + ' ') {
      if (c != ' ') {
        word.push_back(c);
        continue;
      }
      BOOST_TEST(words.insert(word).second, line << ": " << word << " stands twice");
      word.clear();
    }
    BOOST_TEST(words.size() >= 2u, line);
  }
}

BOOST_AUTO_TEST_SUITE_END()
