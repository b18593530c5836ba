#include "pipeline/resolve/probabilistic/folding.h"

#include <algorithm>

#include "base/base.h"
#include "base/text.h"

namespace rondom::probabilistic {
namespace {

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

// Common legal forms (as ISO 20275 lists them for Europe, America and Singapore), folded and split
// as fold_name() leaves them, and plain words for a company. Own list.
constexpr auto company_words = std::to_array<std::string_view>(
    {"ab",          "ag",  "and",  "as",        "bv",  "co",           "company", "corp",
     "corporation", "cv",  "eood", "gmbh",      "inc", "incorporated", "kft",     "kg",
     "limited",     "llc", "llp",  "ltd",       "mbh", "nv",           "ohg",     "oy",
     "ooo",         "plc", "pte",  "pty",       "sa",  "sarl",         "sas",     "se",
     "sl",          "spa", "srl",  "stichting", "the", "ug",           "vof",     "zoo"});

// Dutch, German, French, Spanish, Portuguese, Italian and Nordic particles. Own list.
constexpr auto particles = std::to_array<std::string_view>(
    {"af",    "al",  "am",  "auf", "aux", "bin", "d",    "da", "dal", "das", "de",  "degli", "del",
     "della", "den", "der", "des", "di",  "do",  "dos",  "du", "e",   "el",  "het", "ibn",   "im",
     "in",    "la",  "las", "le",  "les", "lo",  "los",  "of", "op",  "s",   "t",   "te",    "ten",
     "ter",   "the", "uit", "van", "vom", "von", "voor", "y",  "zu",  "zum", "zur"});

template <typename List>
bool holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

Words::Words(std::string_view folded) {
  while (!folded.empty() && size_ < words_max) {
    const std::size_t end = std::min(folded.find(' '), folded.size());
    if (end > 0) words_[size_++] = folded.substr(0, end);
    folded.remove_prefix(std::min(end + 1, folded.size()));
  }
}

bool is_surname_particle(std::string_view folded_word) {
  return holds(particles, folded_word);
}

std::string without_legal_form(std::string_view folded) {
  std::string out;
  std::string letters;  // "b v" is "bv", "s p a" is "spa"
  const auto end_letters = [&] {
    if (!letters.empty() && !holds(company_words, letters)) {
      out.append(out.empty() ? "" : " ").append(letters);
    }
    letters.clear();
  };
  for (const std::string_view word : words_of(folded)) {
    if (word.size() == 1) {
      letters += word;
      continue;
    }
    end_letters();
    if (!holds(company_words, word)) out.append(out.empty() ? "" : " ").append(word);
  }
  end_letters();
  return out.empty() ? std::string(folded) : out;
}

void split_number(std::string& folded_street, std::string& number) {
  const auto words = words_of(folded_street);
  if (words.size() < 2) return;
  const std::string_view first = *words.begin();
  const std::string_view last = *(words.end() - 1);
  if (is_digit(first.front())) {
    number = first;
    folded_street.erase(0, static_cast<std::size_t>((words.begin() + 1)->data() - first.data()));
  } else if (is_digit(last.front()) && words.size() < words_max) {
    number = last;
    folded_street.resize(folded_street.size() - last.size() - 1);
  }
}

bool is_whole_line(std::string_view folded_street) {
  constexpr std::size_t street_words_max = 3;
  const auto words = words_of(folded_street);
  return words.size() > street_words_max ||
         std::any_of(words.begin(), words.end(),
                     [](std::string_view word) { return is_digit(word.front()); });
}

std::string compact_postcode(std::string_view postcode) {
  std::string out;
  for (const char c : lower_ascii(postcode)) {
    if (is_digit(c) || is_letter(c)) out += c;
  }
  return out;
}

std::string_view postcode_area(std::string_view compact) {
  constexpr std::size_t british_inward = 3;
  constexpr std::size_t shortest = 4;
  if (compact.size() < shortest) return {};
  const std::size_t size = compact.size();
  const bool letters_last = is_letter(compact[size - 1]) && is_letter(compact[size - 2]);
  const bool british = letters_last && is_digit(compact[size - 3]) && is_letter(compact.front());
  return compact.substr(0, size - (british ? british_inward : 2));
}

std::string website_domain(std::string_view website) {
  std::string text = lower_ascii(website);
  if (const std::size_t scheme = text.find("://"); scheme != std::string::npos) {
    text.erase(0, scheme + 3);
  }
  text.resize(std::min(text.find_first_of("/?#:"), text.size()));
  if (text.rfind("www.", 0) == 0) text.erase(0, 4);
  return text;
}

}  // namespace rondom::probabilistic
