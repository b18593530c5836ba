#include "pipeline/normalize/address_words.h"

#include <algorithm>
#include <string>

#include "base/base.h"
#include "model/names.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t word_bytes_max = 40;

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words) {
  if (word.empty() || word.size() > word_bytes_max) return false;
  const std::string folded = fold_name(word);
  return std::find(words.begin(), words.end(), folded) != words.end();
}

constexpr auto months = std::to_array<std::string_view>({
    "januari",   "februari",  "maart",     "april",    "mei",        "juni",     "juli",
    "augustus",  "september", "oktober",   "november", "december",   "januar",   "februar",
    "marz",      "mai",       "august",    "dezember", "janvier",    "fevrier",  "mars",
    "avril",     "juin",      "juillet",   "aout",     "septembre",  "octobre",  "novembre",
    "decembre",  "january",   "february",  "march",    "may",        "june",     "july",
    "october",   "gennaio",   "febbraio",  "marzo",    "aprile",     "maggio",   "giugno",
    "luglio",    "agosto",    "settembre", "ottobre",  "dicembre",   "enero",    "febrero",
    "abril",     "mayo",      "junio",     "julio",    "septiembre", "octubre",  "noviembre",
    "diciembre", "maja",      "listopada", "stycznia", "lutego",     "sierpnia", "wrzesnia",
    "marca",     "kwietnia",  "czerwca",   "lipca",    "grudnia",    "rijna",    "kvetna",
    "listopadu", "maio",      "outubro",   "dezembro", "janeiro",
});

constexpr auto french_street_words = std::to_array<std::string_view>({
    "rue",     "avenue",   "av",        "ave",         "boulevard", "bd",        "bld",
    "blvd",    "boul",     "chemin",    "ch",          "che",       "chem",      "route",
    "rte",     "place",    "pl",        "quai",        "impasse",   "imp",       "allee",
    "allees",  "all",      "cours",     "square",      "sq",        "passage",   "pass",
    "villa",   "cite",     "ruelle",    "sentier",     "sente",     "esplanade", "faubourg",
    "fbg",     "fg",       "residence", "res",         "rond",      "promenade", "montee",
    "venelle", "traverse", "hameau",    "lotissement", "lieu",      "lieu dit",  "parvis",
    "cour",    "mail",     "voie",      "chaussee",    "galerie",   "clos",      "domaine",
    "dreve",   "r",        "zone",      "za",          "zi",        "zac",       "grande",
    "grand",   "petite",   "vieille",   "ancienne",    "parc",      "port",      "porte",
    "pont",    "levee",
});

constexpr auto square_words = std::to_array<std::string_view>(
    {"plein", "laan", "place", "platz", "square", "piazza", "plaza", "straat", "rue", "kwartier"});

constexpr auto street_endings = std::to_array<std::string_view>(
    {"straat", "laan",  "weg",     "plein", "gracht", "kade",  "dijk",  "singel", "hof",  "pad",
     "dreef",  "steeg", "strasse", "str",   "gasse",  "allee", "platz", "ring",   "ufer", "damm",
     "gata",   "gatan", "gade",    "vej",   "veien",  "vagen", "katu",  "utca",   "ut",   "tie"});

constexpr auto number_words = std::to_array<std::string_view>(
    {"nr", "no", "num", "numero", "nummer", "huisnr", "huisnummer", "hausnummer", "hausnr", "hnr"});

constexpr auto addition_words = std::to_array<std::string_view>(
    {"bis",     "ter",      "quater", "hs",     "huis",       "hoog",       "hg",   "boven",
     "beneden", "bov",      "ben",    "bg",     "rd",         "rood",       "zw",   "zwart",
     "wit",     "vrd",      "voor",   "achter", "achterhuis", "souterrain", "sous", "parterre",
     "ii",      "iii",      "iv",     "vi",     "vii",        "viii",       "ix",   "xi",
     "xii",     "woonboot", "ark",    "to",     "part",       "bst"});

constexpr auto unit_words = std::to_array<std::string_view>(
    {"bus",         "bte",        "boite",     "box",        "app",       "appt",     "appart",
     "appartement", "apt",        "apartment", "apartement", "flat",      "unit",     "suite",
     "ste",         "room",       "rm",        "studio",     "kamer",     "k",        "etage",
     "verdieping",  "floor",      "level",     "whg",        "wohnung",   "zimmer",   "zi",
     "top",         "tur",        "stiege",    "stg",        "haus",      "geb",      "gebaude",
     "aufgang",     "eingang",    "bat",       "batiment",   "esc",       "escalier", "porte",
     "hall",        "lot",        "entree",    "imm",        "immeuble",  "gebouw",   "blok",
     "block",       "bldg",       "building",  "office",     "int",       "interno",  "scala",
     "piano",       "piso",       "lgh",       "m",          "lok",       "stock",    "og",
     "trappe",      "wing",       "house",     "villa",      "residence", "res",      "unit nr",
     "byt",         "dept",       "stop",      "penthouse",  "toren",     "tower",    "loft",
     "plot",        "maisonette", "basement",  "etg",        "ingang",    "hal",      "poort",
     "ptal",        "portal",     "esq",       "pta",        "puerta",    "planta",   "apto",
     "andar",       "fraccao",    "leilighet", "cs",         "bp",        "tsa"});

constexpr auto place_words = std::to_array<std::string_view>({"hinterhaus",   "hh",
                                                              "vorderhaus",   "vh",
                                                              "seitenflugel", "sf",
                                                              "gartenhaus",   "quergebaude",
                                                              "eg",           "dg",
                                                              "ug",           "links",
                                                              "rechts",       "mitte",
                                                              "li",           "re",
                                                              "th",           "tv",
                                                              "mf",           "st",
                                                              "izq",          "izda",
                                                              "dcha",         "dcho",
                                                              "bajo",         "atico",
                                                              "dto",          "esq",
                                                              "rdc",          "erdgeschoss",
                                                              "dachgeschoss", "souterrain",
                                                              "penthouse",    "rez de chaussee",
                                                              "gelijkvloers", "kld",
                                                              "basement",     "bjo"});

constexpr auto floor_words = std::to_array<std::string_view>(
    {"etage",  "verdieping", "verd",  "og",   "ug",     "obergeschoss", "untergeschoss",
     "stock",  "stockwerk",  "floor", "piso", "piano",  "andar",        "etg",
     "et",     "sal",        "th",    "tv",   "mf",     "emelet",       "patro",
     "pietro", "dto",        "esq",   "izq",  "izda",   "dcha",         "a",
     "b",      "c",          "d",     "e",    "verdiep"});

constexpr auto care_of_words =
    std::to_array<std::string_view>({"c o", "p a", "tav", "t a v", "zhd", "z hd", "z h", "attn",
                                     "att", "fao", "ref", "chez", "bij", "bei", "c o."});

struct PostBox {
  std::string_view word;     // lower case, a space stands for any marks between
  std::string_view country;  // empty: everywhere
};
constexpr auto post_boxes = std::to_array<PostBox>({{"postbus", ""},
                                                    {"antwoordnummer", ""},
                                                    {"antwoordnr", ""},
                                                    {"postfach", ""},
                                                    {"postbox", ""},
                                                    {"po box", ""},
                                                    {"p o box", ""},
                                                    {"post office box", ""},
                                                    {"gpo box", ""},
                                                    {"boite postale", ""},
                                                    {"boîte postale", ""},
                                                    {"case postale", ""},
                                                    {"casella postale", ""},
                                                    {"apartado de correos", ""},
                                                    {"apartado", ""},
                                                    {"apdo", ""},
                                                    {"bp", ""},
                                                    {"b p", ""},
                                                    {"cs", "FR"},
                                                    {"tsa", "FR"},
                                                    {"bfpo", "GB"},
                                                    {"box", "SE"},
                                                    {"postboks", ""},
                                                    {"boks", "DK"},
                                                    {"pl", "FI"},
                                                    {"skr poczt", "PL"},
                                                    {"skrytka pocztowa", "PL"},
                                                    {"reply", ""},
                                                    {"freepost", "GB"}});

// Reads `word` at the start of `text`; its spaces match any run of full stops and spaces.
std::size_t match_marks(std::string_view text, std::string_view word) {
  std::size_t at = 0;
  for (const char c : word) {
    if (c == ' ') {
      const std::size_t before = at;
      while (at < text.size() && (text[at] == '.' || text[at] == ' ')) ++at;
      if (at == before) return 0;
    } else if (at == text.size() || lower_ascii_char(text[at]) != c) {
      return 0;
    } else {
      ++at;
    }
  }
  return at;
}

}  // namespace

std::string_view LineWords::range(std::size_t first, std::size_t last) const {
  if (first >= last) return {};
  const char* begin = word[first].data();
  const char* end = word[last - 1].data() + word[last - 1].size();
  return {begin, static_cast<std::size_t>(end - begin)};
}

LineWords line_words(std::string_view text) {
  LineWords words;
  while (!text.empty()) {
    const auto end = text.find(' ');
    if (end != 0) {
      if (words.count == line_words_max) {
        words.complete = false;
        break;
      }
      words.word[words.count++] = text.substr(0, end);
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return words;
}

bool is_month_word(std::string_view word) {
  return word.size() >= 3 && !is_digit(word.front()) && is_one_of(word, months);
}

bool is_french_street_word(std::string_view word) {
  return is_one_of(word, french_street_words);
}

bool is_square_word(std::string_view word) {
  return is_one_of(word, square_words);
}

bool ends_as_street(std::string_view word) {
  if (word.size() > word_bytes_max) return false;
  const std::string folded = fold_name(word);
  return std::any_of(street_endings.begin(), street_endings.end(), [&](std::string_view ending) {
    return folded.size() >= ending.size() + 3 &&
           std::string_view(folded).substr(folded.size() - ending.size()) == ending;
  });
}

bool is_number_word(std::string_view word) {
  for (const std::string_view mark : {"n°", "N°", "nº", "Nº", "#", "n.", "n.º", "N."}) {
    if (word == mark) return true;
  }
  return is_one_of(word, number_words);
}

bool is_addition_word(std::string_view word) {
  return is_one_of(word, addition_words);
}

bool is_unit_word(std::string_view word) {
  return is_one_of(word, unit_words);
}

bool is_place_word(std::string_view word) {
  return is_one_of(word, place_words);
}

bool is_floor_word(std::string_view word) {
  return is_one_of(word, floor_words);
}

bool is_ordinal(std::string_view word) {
  std::size_t digits = 0;
  while (digits < word.size() && is_digit(word[digits])) ++digits;
  if (digits == 0 || digits > 3) return false;
  for (const std::string_view ending :
       {".", "e", "de", "ste", "er", "ere", "ème", "eme", "ième", "º",
        "ª", "°", "st", "nd",  "rd", "th",  "ᵉ",   "re",  "o",    "ter"}) {
    if (word.substr(digits) == ending) return true;
  }
  return false;
}

bool is_care_of_word(std::string_view word) {
  return is_one_of(word, care_of_words);
}

std::size_t post_box_word(std::string_view text, std::string_view country) {
  for (const auto& [word, only_in] : post_boxes) {
    if (!only_in.empty() && only_in != country) continue;
    std::size_t size = match_marks(text, word);
    if (size != 0 && size < text.size() && text[size] == '.') ++size;
    if (size == 0 || size == text.size()) continue;
    if (is_digit(text[size]) || text[size] == ' ' || text[size] == ':') return size;
  }
  return 0;
}

}  // namespace rondom::normalize
