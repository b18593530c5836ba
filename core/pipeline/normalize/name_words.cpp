#include "pipeline/normalize/name_words.h"

#include <algorithm>

#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view other) { return equals_ignoring_case(word, other); });
}

constexpr auto safe_particles = std::to_array<std::string_view>(
    {"van", "de",  "den", "der", "des", "'t", "’t", "'s",  "ten", "ter",   "te",
     "von", "vom", "zu",  "zum", "zur", "du", "di", "dos", "del", "della", "d'"});

constexpr auto more_particles =
    std::to_array<std::string_view>({"la", "le", "les", "da", "das", "do", "dello", "dalla", "dal",
                                     "degli", "el", "al", "bin", "ibn", "abu", "af", "av", "ould"});

constexpr auto french_articles = std::to_array<std::string_view>({"le", "la", "les"});

constexpr auto weak_particles = std::to_array<std::string_view>(
    {"op", "aan", "in", "uit", "bij", "onder", "over", "voor", "tot", "thoe", "het", "und", "y"});

constexpr auto nobility = std::to_array<std::string_view>(
    {"graf",    "gräfin",  "graefin", "freiherr",   "freifrau", "freiin",  "baron",
     "baronin", "barones", "prinz",   "prinzessin", "fürst",    "fürstin", "ritter",
     "edler",   "edle",    "herzog",  "graaf",      "gravin",   "ridder",  "jonkheer"});

constexpr auto bound_words = std::to_array<std::string_view>(
    {"st", "st.", "ste", "ste.", "saint", "sainte", "sint", "mc", "mac", "o'", "d'", "l'"});

constexpr auto titles_before = std::to_array<std::string_view>(
    {"dr",        "drs",       "prof",         "ir",         "ing",         "mr",
     "mrs",       "ms",        "miss",         "mx",         "dhr",         "hr",
     "mevr",      "mw",        "mevrouw",      "meneer",     "mej",         "mejuffrouw",
     "herr",      "herrn",     "frau",         "fräulein",   "mme",         "mlle",
     "monsieur",  "madame",    "mademoiselle", "ds",         "bc",          "dipl-ing",
     "dipl.-ing", "dipl.-kfm", "dipl-kfm",     "dipl.-kffr", "dipl.-psych", "dipl.-wirt.-ing",
     "fam",       "familie",   "sir",          "lady",       "lord",        "dame",
     "jhr",       "jkvr",      "heer",         "rev",        "revd",        "reverend",
     "fr.",       "doctor",    "dokter",       "professor",  "capt",        "captain",
     "col",       "maj",       "sgt",          "cllr",       "hon",         "mag",
     "pd",        "priv.-doz", "ra.",          "maître",     "sig",         "sig.ra",
     "sig.na",    "dott",      "dott.ssa",     "avv",        "señor",       "señora",
     "sra",       "srta",      "sr.",          "fru",        "mgr",         "pastoor",
     "past",      "drs.ing",   "em.prof",      "mag.a",      "univ.-prof",  "kand",
     "ec"});

constexpr auto title_rests = std::to_array<std::string_view>(
    {"med",   "rer",   "nat",  "phil", "jur", "iur", "h.c",   "hc",  "dent", "vet", "pol", "oec",
     "theol", "habil", "mult", "sc",   "e.h", "eh",  "techn", "agr", "soc",  "ing", "dr"});

constexpr auto titles_after = std::to_array<std::string_view>(
    {"msc",   "bsc",   "phd",  "mba",  "llm",  "llb", "bba", "beng",  "meng",  "m.sc",
     "b.sc",  "ph.d",  "ll.m", "ll.b", "ll.m", "m.a", "b.a", "b.eng", "m.eng", "d.phil",
     "dphil", "mphil", "emba", "obe",  "mbe",  "cbe", "kbe", "frcs",  "frs",   "pgce",
     "esq",   "m.d",   "bed",  "mfa",  "edd",  "dds", "dvm", "mcom",  "bcom",  "rm"});

constexpr auto short_titles_after = std::to_array<std::string_view>(
    {"MA", "BA", "RA", "RB", "RC", "AA", "MD", "JP", "KC", "QC", "CA", "EA", "MP"});

constexpr auto no_person_words = std::to_array<std::string_view>(
    {"en",       "and",       "und",        "et",        "&",       "+",          "e/o",
     "en/of",    "c/o",       "p/a",        "t.a.v",     "tav",     "bv",         "b.v",
     "nv",       "n.v",       "vof",        "v.o.f",     "gmbh",    "ltd",        "limited",
     "inc",      "llc",       "llp",        "plc",       "sarl",    "sas",        "eurl",
     "s.a",      "s.a.s",     "s.a.r.l",    "s.à.r.l",   "bvba",    "sprl",       "vzw",
     "asbl",     "stichting", "vereniging", "gemeente",  "erven",   "geb",        "geboren",
     "geborene", "née",       "né",         "nee",       "e/v",     "wed",        "weduwe",
     "wwe",      "veuve",     "épouse",     "eheleute",  "ehepaar", "or",         "of",
     "oder",     "ou",        "afdeling",   "abteilung", "service", "department", "dept",
     "team",     "co",        "cie",        "zonen",     "zn",      "sons",       "söhne",
     "fils",     "gebr",      "gebroeders", "firma",     "fa",      "maatschap",  "e.v",
     "ag",       "kg",        "ohg",        "gbr",       "e.k",     "e.g",        "aps",
     "s.r.l",    "srl",       "s.p.a",      "spa",       "oy"});

constexpr auto short_given_names = std::to_array<std::string_view>(
    {"ab", "ad", "al", "an", "bo", "cy", "ed", "ef", "el", "ib", "jo", "li", "lu", "mo",
     "om", "po", "qi", "su", "ty", "wu", "xu", "yu", "ko", "ka", "ro", "vi", "ze"});

// Initials of more than one letter: Theodoor is Th., IJsbrand IJ.
constexpr auto long_initials =
    std::to_array<std::string_view>({"th", "chr", "ph", "ch", "ij", "tj", "sj", "fr"});

std::string_view without_stop(std::string_view word) {
  return !word.empty() && word.back() == '.' ? word.substr(0, word.size() - 1) : word;
}

std::size_t letter_bytes(std::string_view text) {
  std::size_t bytes = 1;
  while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) ++bytes;
  return bytes;
}

bool is_letter_byte(char c) {
  return is_ascii_letter(c) || static_cast<unsigned char>(c) >= 0x80;
}

bool is_initial_piece(std::string_view piece) {
  if (piece.empty() || !is_letter_byte(piece.front())) return false;
  return letter_bytes(piece) == piece.size() || is_one_of(piece, long_initials);
}

}  // namespace

std::string_view NameWords::range(std::size_t first, std::size_t last) const {
  if (first >= last) return {};
  const char* begin = word[first].data();
  const char* end = word[last - 1].data() + word[last - 1].size();
  return {begin, static_cast<std::size_t>(end - begin)};
}

NameWords name_words(std::string_view text) {
  NameWords words;
  words.text = text;
  while (!text.empty()) {
    if (words.count == name_words_max) {
      words.complete = false;
      break;
    }
    const auto end = text.find(' ');
    if (end != 0) words.word[words.count++] = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return words;
}

bool is_safe_particle(std::string_view word) {
  return is_one_of(word, safe_particles);
}

bool is_particle(std::string_view word) {
  return is_safe_particle(word) || is_one_of(word, more_particles);
}

bool is_nobility(std::string_view word) {
  return word.size() >= 4 && is_one_of(word, nobility);
}

bool is_bound_to_next(std::string_view word) {
  return word.size() <= 6 && is_one_of(word, bound_words);
}

bool is_any_particle(std::string_view word) {
  return is_particle(word) || is_one_of(word, weak_particles);
}

std::size_t particle_run(const NameWords& words, std::size_t first, std::size_t end, bool french) {
  std::size_t at = first;
  std::size_t strong_end = first;
  if (first + 2 < end && is_nobility(words.word[first]) &&
      is_safe_particle(words.word[first + 1])) {
    ++at;
  }
  while (at + 1 < end) {
    const auto word = words.word[at];
    if (french && at == first && is_one_of(word, french_articles)) break;
    const bool strong = is_particle(word);
    if (!strong && !is_one_of(word, weak_particles)) break;
    ++at;
    if (strong) strong_end = at;
  }
  return strong_end - first;
}

std::size_t trailing_particles(const NameWords& words, std::size_t end) {
  std::size_t count = 0;
  while (count + 1 < end) {
    const auto word = words.word[end - 1 - count];
    const bool de_la = equals_ignoring_case(word, "la") && count + 2 < end &&
                       equals_ignoring_case(words.word[end - 2 - count], "de");
    const bool weak = de_la || (count != 0 && is_one_of(word, weak_particles));
    if (!weak && !is_safe_particle(word)) break;
    ++count;
  }
  return count;
}

std::string_view suffix_of(std::string_view word) {
  const auto bare = without_stop(word);
  if (is_one_of(bare, std::to_array<std::string_view>({"jr", "junior", "jnr"}))) return "Jr";
  if (is_one_of(bare, std::to_array<std::string_view>({"sr", "senior", "snr"}))) return "Sr";
  if (equals_ignoring_case(word, "jun.")) return "Jr";  // Jun and Sen are surnames
  if (equals_ignoring_case(word, "sen.")) return "Sr";
  for (const std::string_view roman : {"II", "III", "IV"}) {
    if (bare == roman) return roman;
  }
  return {};
}

// "fr." and "sr." are titles with their full stop only; "Fr" may be a name.
bool is_title_before(std::string_view word) {
  return is_one_of(without_stop(word), titles_before) ||
         (word.size() <= 3 && is_one_of(word, titles_before));
}

bool is_title_rest(std::string_view word) {
  return is_one_of(without_stop(word), title_rests);
}

bool is_short_title_after(std::string_view word) {
  return std::find(short_titles_after.begin(), short_titles_after.end(), word) !=
         short_titles_after.end();
}

bool is_title_after(std::string_view word) {
  return is_one_of(without_stop(word), titles_after);
}

bool is_no_person_word(std::string_view word) {
  return is_one_of(without_stop(word), no_person_words);
}

bool is_short_given_name(std::string_view word) {
  return is_one_of(word, short_given_names);
}

bool is_initial_word(std::string_view word) {
  if (word.empty()) return false;
  const bool has_stop = word.find('.') != std::string_view::npos;
  if (!has_stop && word.size() > letter_bytes(word) && word.find('-') == std::string_view::npos) {
    return false;  // most given names
  }
  if (is_title_before(word)) return false;
  while (!word.empty()) {
    if (word.front() == '-') word.remove_prefix(1);
    const auto stop = word.find('.');
    const auto piece = word.substr(0, stop);
    if (!is_initial_piece(piece)) return false;
    const bool last = stop == std::string_view::npos;
    if (last && letter_bytes(piece) != piece.size()) return false;  // "Th" without a full stop
    word = last ? std::string_view() : word.substr(stop + 1);
  }
  return true;
}

bool are_initials(std::string_view text) {
  const NameWords words = name_words(text);
  if (words.count == 0 || !words.complete) return false;
  return std::all_of(words.word.begin(),
                     words.word.begin() + static_cast<std::ptrdiff_t>(words.count),
                     is_initial_word);
}

}  // namespace rondom::normalize
