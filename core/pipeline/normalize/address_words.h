// address_words: the small words of address lines in the languages of Europe. Constant tables, any
// thread. Words are compared folded (model/names.h): "Bât." is "bat".
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace rondom::normalize {

inline constexpr std::size_t line_words_max = 24;

/// The words of a text between spaces; views of it.
struct LineWords {
  std::array<std::string_view, line_words_max> word;
  std::size_t count = 0;
  bool complete = true;  // false: there are more than line_words_max

  std::string_view range(std::size_t first, std::size_t last) const;
};
LineWords line_words(std::string_view text);

/// "mei", "Juni", "août": of Dutch, German, French, English, Italian, Spanish and Polish.
bool is_month_word(std::string_view word);
/// "rue", "avenue", "chemin": what a French street begins with.
bool is_french_street_word(std::string_view word);
/// "Plein", "Place", "Platz": names that a year may follow.
bool is_square_word(std::string_view word);
/// "Kerkstraat", "Hauptstr.": ends as streets do.
bool ends_as_street(std::string_view word);
/// "nr.", "n°": says that a house number follows.
bool is_number_word(std::string_view word);
/// "bis", "hs", "hoog", "III": what a house number may be followed by.
bool is_addition_word(std::string_view word);
/// "bus", "Whg.", "Flat", "Appt": a unit in a building, and what follows names it.
bool is_unit_word(std::string_view word);
/// "Hinterhaus", "EG", "links", "th": says where in a building by itself.
bool is_place_word(std::string_view word);
/// "etage", "OG", "verdieping", "floor": a floor, after its number.
bool is_floor_word(std::string_view word);
/// "2e", "1er", "3.", "3º", "2nd": the number of a floor, or part of a street's name.
bool is_ordinal(std::string_view word);
/// "c/o", "p/a", "t.a.v.": somebody's name follows.
bool is_care_of_word(std::string_view word);
/// The words of a post box in front of the digits, as many bytes; 0 = none. "Postbus", "P.O. Box".
std::size_t post_box_word(std::string_view text, std::string_view country);

}  // namespace rondom::normalize
