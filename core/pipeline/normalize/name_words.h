// name_words: the small words in people's names, and how to read a text word by word. Pure
// functions over constant tables, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace rondom::normalize {

inline constexpr std::size_t name_words_max = 12;

/// The words of a text between single spaces; views of it.
struct NameWords {
  std::string_view text;
  std::array<std::string_view, name_words_max> word;
  std::size_t count = 0;
  bool complete = true;  // false: there are more than name_words_max

  /// The text from word `first` up to but without word `last`.
  std::string_view range(std::size_t first, std::size_t last) const;
};
NameWords name_words(std::string_view text);

/// "van", "der", "'t", "von", "di", "al": with weak ones ("op", "in", "uit"), which only stand in a
/// run with others.
bool is_particle(std::string_view word);
/// Particles that are no given names anywhere: safe to take off the end of a given name.
bool is_safe_particle(std::string_view word);
/// How many words from `first` on form a run of particles, at least one word being left after it. A
/// title of nobility before a particle begins one ("Freiherr von"). `french`: "le", "la" and "les"
/// begin none, being part of the surname ("Le Goff").
std::size_t particle_run(const NameWords& words, std::size_t first, std::size_t end,
                         bool french = false);
/// "Graf", "barones": part of a surname, where it stands before one.
bool is_nobility(std::string_view word);
/// "St.", "Sainte", "Mc", "O'": the surname goes on after it.
bool is_bound_to_next(std::string_view word);
/// Weak or strong: "van", "op", "y".
bool is_any_particle(std::string_view word);
/// As particle_run, but of the last words before `end`, ending in a safe particle.
std::size_t trailing_particles(const NameWords& words, std::size_t end);

/// "Jr", "Sr", "II" of "jr.", "Senior", "II"; empty when the word is no suffix.
std::string_view suffix_of(std::string_view word);
/// "dr.", "prof", "mevr.", "Herr".
bool is_title_before(std::string_view word);
/// What follows a title and belongs to it: "med.", "h.c.", "rer.".
bool is_title_rest(std::string_view word);
/// "MSc", "PhD".
bool is_title_after(std::string_view word);
/// "MA", "RA", "JP": a title only in capitals, after a whole name of a mixed case.
bool is_short_title_after(std::string_view word);
/// Words that say: more than one person, no person at all, or a name of before a marriage ("en",
/// "c/o", "B.V.", "geb.").
bool is_no_person_word(std::string_view word);
/// Given names of two letters, which are no initials when written in capitals.
bool is_short_given_name(std::string_view word);

/// "J.A.", "J. A.", "J A", "Th.J.": every word an initial.
bool are_initials(std::string_view text);
bool is_initial_word(std::string_view word);

}  // namespace rondom::normalize
