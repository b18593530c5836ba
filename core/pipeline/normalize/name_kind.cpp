#include "pipeline/normalize/name_kind.h"

#include <algorithm>
#include <array>
#include <string>

#include "model/names.h"
#include "pipeline/normalize/name_case.h"
#include "pipeline/normalize/name_words.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

template <std::size_t n>
bool has_word(const std::array<std::string_view, n>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Folded (model/names.h), so "G.m.b.H." is "g m b h". No word that is also a name.
constexpr auto forms_anywhere = std::to_array<std::string_view>(
    {"gmbh",         "vof",          "bvba",     "sprl",      "sarl",       "sasu",       "eurl",
     "asbl",         "vzw",          "ohg",      "gbr",       "ggmbh",      "ltd",        "limited",
     "plc",          "llp",          "llc",      "inc",       "stichting",  "vereniging", "kgaa",
     "gesellschaft", "incorporated", "gemeente", "maatschap", "cooperatie", "corporation"});

constexpr auto forms_at_the_end = std::to_array<std::string_view>(
    {"b v", "n v", "v o f", "g m b h", "s a r l", "s a s", "s p r l", "b v b a", "l t d", "s r l",
     "s p a", "z o o", "s r o", "a s b l", "v z w", "holding", "verein"});

// Written exactly so in Germany; "E.V." may be initials elsewhere.
constexpr auto german_ends =
    std::to_array<std::string_view>({" e.V.", " e.V", " e. V.", " e.K.", " e. K.", " e.G.", " eG"});

// After "&" or "and": the family in business.
constexpr auto companions = std::to_array<std::string_view>(
    {"zonen", "zn", "zoon", "co", "cie", "sons", "son", "sohne", "sohn", "fils", "partners",
     "partner", "associates", "broers", "dochters"});

// Two capitals, no full stops, after a name in mixed case: "Muster AG".
constexpr auto capitals_at_the_end = std::to_array<std::string_view>(
    {"BV",  "NV",  "AG", "KG", "SA", "SL",  "AB",  "AS",  "OY", "SAS", "SCI",
     "SNC", "SRL", "UG", "CV", "SE", "SPA", "APS", "ApS", "Oy", "CIC"});

constexpr auto starts = std::to_array<std::string_view>(
    {"stichting", "vereniging", "gemeente", "sarl", "sas", "eurl", "firma", "maatschap",
     "association", "societe", "vof", "gebroeders", "gebr", "vzw", "asbl", "sci", "snc"});

bool ends_with_form(std::string_view folded, std::string_view form) {
  return folded.size() > form.size() + 1 && folded.substr(folded.size() - form.size()) == form &&
         folded[folded.size() - form.size() - 1] == ' ';
}

constexpr auto test_names = std::to_array<std::string_view>(
    {"test",          "test test",      "tester",           "test tester",
     "tester test",   "test user",      "testuser",         "user test",
     "test account",  "testaccount",    "test persoon",     "testpersoon",
     "test klant",    "testklant",      "test person",      "testperson",
     "test kunde",    "testkunde",      "test client",      "client test",
     "test naam",     "test name",      "testnaam",         "test gebruiker",
     "testgebruiker", "test de test",   "test van test",    "testje test",
     "test testje",   "test testing",   "testing testing",  "testing",
     "asdf",          "asdf asdf",      "asdfasdf",         "asdf qwer",
     "asdfgh",        "qwerty",         "qwerty qwerty",    "qwertz",
     "azerty",        "mickey mouse",   "minnie mouse",     "donald duck",
     "katrien duck",  "max mustermann", "erika mustermann", "foo bar",
     "lorem ipsum",   "abc abc",        "aaa aaa",          "aaa bbb",
     "xxx xxx",       "abc def",        "test1 test1",      "test 1",
     "test 123",      "test test test", "nep persoon",      "dummy",
     "dummy dummy",   "dummy user",     "dummy test",       "demo demo",
     "demo user",     "testnutzer",     "test nutzer",      "utilisateur test",
     "essai essai",   "jan test test"});

bool has_companions(const NameWords& words, std::string_view folded) {
  if (words.count < 3 || !has_word(companions, folded.substr(folded.rfind(' ') + 1))) return false;
  const auto joint = words.word[words.count - 2];
  for (const std::string_view word : {"&", "+", "en", "und", "et", "and"}) {
    if (joint == word) return true;
  }
  return false;
}

}  // namespace

bool names_organization(std::string_view text) {
  const NameWords words = name_words(text);
  if (words.count < 2) return false;
  const std::string folded = fold_name(text);
  const std::string_view all(folded);
  const auto first = all.substr(0, all.find(' '));
  if (has_word(starts, first) || words.word[0] == "VvE" || words.word[0] == "VVE") return true;
  const auto rest = all.substr(std::min(first.size(), all.size()));
  for (const auto form : forms_anywhere) {
    const auto at = rest.find(form);
    if (at == std::string_view::npos || at == 0 || rest[at - 1] != ' ') continue;
    if (at + form.size() == rest.size() || rest[at + form.size()] == ' ') return true;
  }
  // "Bakker, B.V." may be a surname and initials.
  const bool comma = text.find(',') != std::string_view::npos;
  if (comma) return false;
  for (const auto form : forms_at_the_end) {
    if (ends_with_form(all, form)) return true;
  }
  for (const auto end : german_ends) {
    if (text.size() > end.size() && text.substr(text.size() - end.size()) == end) return true;
  }
  if (has_companions(words, all)) return true;
  const auto last = words.word[words.count - 1];
  if (last == "BV" || last == "NV" || equals_ignoring_case(last, "bv")) return true;
  return has_word(capitals_at_the_end, last) && letter_case(text) == LetterCase::mixed;
}

bool names_test(std::string_view given, std::string_view surname) {
  constexpr std::size_t test_bytes_max = 24;
  if (given.size() + surname.size() > test_bytes_max || surname.empty()) return false;
  // Most names are turned away by their first letter.
  const char first = lower_ascii_char(given.empty() ? surname.front() : given.front());
  if (std::string_view("tuaqmdkeflxcnj").find(first) == std::string_view::npos) return false;
  std::string whole(given);
  if (!whole.empty()) whole.push_back(' ');
  whole.append(surname);
  return has_word(test_names, fold_name(whole));
}

}  // namespace rondom::normalize
