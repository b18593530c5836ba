#include "pipeline/normalize/words.h"

#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/base.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t letters = 26;
constexpr std::size_t units_max = 128;
constexpr std::size_t word_bytes_max = 80;
constexpr std::array<const char*, 4> display_locales = {"en", "nl", "de", "fr"};

using Words = std::unordered_map<std::string, std::string>;  // folded word -> code

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

std::size_t pair_index(std::string_view code) {
  return static_cast<std::size_t>(code[0] - 'A') * letters +
         static_cast<std::size_t>(code[1] - 'A');
}

using CountrySet = std::bitset<letters * letters>;

CountrySet read_countries() {
  CountrySet countries;
  for (const char* const* code = uloc_getISOCountries(); *code != nullptr; ++code) {
    countries.set(pair_index(*code));
  }
  return countries;
}

using DisplayName = int32_t (*)(const char*, const char*, UChar*, int32_t, UErrorCode*);

void add_display_name(Words& words, DisplayName name, const std::string& locale,
                      const std::string& code) {
  for (const char* language : display_locales) {
    std::array<UChar, units_max> units{};
    std::array<char, units_max * 3> bytes{};
    UErrorCode error = U_ZERO_ERROR;
    const int32_t size =
        name(locale.c_str(), language, units.data(), static_cast<int32_t>(units.size()), &error);
    int32_t written = 0;
    u_strToUTF8(bytes.data(), static_cast<int32_t>(bytes.size()), &written, units.data(), size,
                &error);
    if (U_FAILURE(error)) continue;
    words.emplace(fold_name({bytes.data(), static_cast<std::size_t>(written)}), code);
  }
}

constexpr auto more_countries = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"holland", "NL"},
    {"the netherlands", "NL"},
    {"netherlands the", "NL"},
    {"pays bas", "NL"},
    {"uk", "GB"},
    {"great britain", "GB"},
    {"groot brittannie", "GB"},
    {"engeland", "GB"},
    {"england", "GB"},
    {"scotland", "GB"},
    {"schotland", "GB"},
    {"wales", "GB"},
    {"northern ireland", "GB"},
    {"el", "GR"},
    {"usa", "US"},
    {"united states of america", "US"},
    {"verenigde staten van amerika", "US"},
    {"vs", "US"},
    {"amerika", "US"},
    {"america", "US"},
    {"belgie belgique", "BE"},
    {"czech republic", "CZ"},
    {"tsjechische republiek", "CZ"},
    {"tschechische republik", "CZ"},
    {"czechia", "CZ"},
    {"espana", "ES"},
    {"italia", "IT"},
    {"polska", "PL"},
    {"sverige", "SE"},
    {"danmark", "DK"},
    {"norge", "NO"},
    {"suomi", "FI"},
    {"osterreich", "AT"},
    {"oesterreich", "AT"},
    {"schweiz", "CH"},
    {"suisse", "CH"},
    {"svizzera", "CH"},
    {"turkey", "TR"},
    {"turkije", "TR"},
    {"russia", "RU"},
    {"south korea", "KR"},
    {"republic of ireland", "IE"},
    {"eire", "IE"},
    {"viet nam", "VN"},
    {"magyarorszag", "HU"},
    {"hellas", "GR"},
    {"romania", "RO"},
    {"uae", "AE"},
    {"macedonia", "MK"},
    {"swaziland", "SZ"},
    {"ivory coast", "CI"},
    {"ivoorkust", "CI"},
    {"cape verde", "CV"},
    {"wit rusland", "BY"},
    {"frans guyana", "GF"},
    {"nederland", "NL"},
    {"bundesrepublik deutschland", "DE"},
    {"brd", "DE"},
    {"koninkrijk der nederlanden", "NL"},
    {"royaume de belgique", "BE"},
    {"koninkrijk belgie", "BE"},
    {"belgique belgie", "BE"},
    {"grossbritannien", "GB"},
    {"grande bretagne", "GB"},
    {"angleterre", "GB"},
    {"ecosse", "GB"},
    {"schottland", "GB"},
    {"noord ierland", "GB"},
    {"nordirland", "GB"},
    {"etats unis d amerique", "US"},
    {"vereinigte staaten von amerika", "US"},
    {"republique francaise", "FR"},
    {"france metropolitaine", "FR"},
    {"republik osterreich", "AT"},
    {"letzebuerg", "LU"},
    {"helvetia", "CH"},
    {"republiek ierland", "IE"},
    {"ceska republika", "CZ"},
    {"cesko", "CZ"},
    {"slovensko", "SK"},
    {"slovenija", "SI"},
    {"hrvatska", "HR"},
    {"eesti", "EE"},
    {"latvija", "LV"},
    {"lietuva", "LT"},
    {"turkiye", "TR"},
    {"ellada", "GR"},
    {"balgarija", "BG"},
});

Words read_country_words() {
  Words words;
  for (const char* const* at = uloc_getISOCountries(); *at != nullptr; ++at) {
    const std::string code = *at;
    const std::string locale = "_" + code;
    add_display_name(words, uloc_getDisplayCountry, locale, code);
    words.emplace(lower_ascii(uloc_getISO3Country(locale.c_str())), code);
  }
  for (const auto& [word, code] : more_countries) words.emplace(word, code);
  words.erase("");
  return words;
}

// ISO 639-2/B codes, and names that languages have for themselves.
constexpr auto more_languages = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"dut", "nl"},     {"ger", "de"},        {"fre", "fr"},     {"cze", "cs"},
    {"gre", "el"},     {"rum", "ro"},        {"slo", "sk"},     {"wel", "cy"},
    {"chi", "zh"},     {"per", "fa"},        {"alb", "sq"},     {"arm", "hy"},
    {"baq", "eu"},     {"geo", "ka"},        {"ice", "is"},     {"mac", "mk"},
    {"may", "ms"},     {"bur", "my"},        {"tib", "bo"},     {"vlaams", "nl"},
    {"flemish", "nl"}, {"nederlands", "nl"}, {"espanol", "es"}, {"italiano", "it"},
    {"polski", "pl"},  {"portugues", "pt"},  {"svenska", "sv"}, {"dansk", "da"},
    {"norsk", "no"},   {"suomi", "fi"},      {"frysk", "fy"},   {"fries", "fy"},
    {"turkce", "tr"},  {"romana", "ro"},     {"magyar", "hu"},  {"cestina", "cs"},
});

Words read_language_words() {
  Words words;
  for (const char* const* at = uloc_getISOLanguages(); *at != nullptr; ++at) {
    const std::string code = *at;
    if (code.size() != 2) continue;
    add_display_name(words, uloc_getDisplayLanguage, code, code);
    words.emplace(lower_ascii(uloc_getISO3Language(code.c_str())), code);
    words.emplace(code, code);
  }
  for (const auto& [word, code] : more_languages) words.emplace(word, code);
  words.erase("");
  return words;
}

const std::string* look_up(const Words& words, std::string_view text) {
  if (text.size() > word_bytes_max) return nullptr;
  const auto found = words.find(fold_name(text));
  return found == words.end() ? nullptr : &found->second;
}

char code_char(char c) {
  return c == ' ' || c == '-' ? '_' : lower_ascii_char(c);
}

}  // namespace

bool is_country_code(std::string_view code) {
  static const CountrySet countries = read_countries();
  return code.size() == 2 && is_capital(code[0]) && is_capital(code[1]) &&
         countries.test(pair_index(code));
}

Outcome clean_country(std::string_view text, Arena& arena) {
  if (is_country_code(text)) return {text, Rule::none, nullptr};
  if (text.size() == 2) {
    const auto code = upper(text, arena);
    if (is_country_code(code)) return {code, Rule::country_name, nullptr};
  }
  static const Words words = read_country_words();
  const std::string* code = look_up(words, text);
  if (code == nullptr) return problem("is no country");
  return {*code, Rule::country_name, nullptr};
}

Outcome clean_language(std::string_view text, Arena& arena) {
  static const Words words = read_language_words();
  const auto mark = text.find_first_of("-_");
  const auto primary = text.substr(0, mark);
  const std::string* code = look_up(words, text);
  if (code == nullptr && mark != std::string_view::npos) code = look_up(words, primary);
  if (code == nullptr) return problem("is no language");
  std::string_view value = *code;
  if (mark != std::string_view::npos && primary.size() <= 3) {
    const auto last = text.substr(text.find_last_of("-_") + 1);
    const auto region = upper(last, arena);
    if (is_country_code(region)) value = concatenate({*code, "-", region}, arena);
  }
  return {value, rule_when_changed(value, text, Rule::language_name), nullptr};
}

Outcome clean_code(std::string_view text, std::span<const std::string_view> codes) {
  for (const auto code : codes) {
    const bool same = code.size() == text.size() &&
                      std::equal(code.begin(), code.end(), text.begin(),
                                 [](char c, char other) { return c == code_char(other); });
    if (same) return {code, rule_when_changed(code, text, Rule::code_word), nullptr};
  }
  return problem("is none of its words");
}

}  // namespace rondom::normalize
