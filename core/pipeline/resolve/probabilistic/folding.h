// folding: the forms in which values other than names are compared. Pure functions, any thread.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace rondom::probabilistic {

/// The words of a folded text, at most words_max of them.
inline constexpr std::size_t words_max = 8;
class Words {
 public:
  explicit Words(std::string_view folded);
  const std::string_view* begin() const { return words_.data(); }
  const std::string_view* end() const { return words_.data() + size_; }
  std::size_t size() const { return size_; }

 private:
  std::array<std::string_view, words_max> words_;
  std::size_t size_ = 0;
};
inline Words words_of(std::string_view folded) {
  return Words(folded);
}

/// "van", "de", "von": a word that stands before surnames and is no name by itself.
bool is_surname_particle(std::string_view folded_word);

/// A folded name of an organization without its legal form and the words that say no more than
/// "company": "acme b v" is "acme". Never empty when the name is not.
std::string without_legal_form(std::string_view folded);

/// Takes a house number from the beginning or, when it stands alone there, the end of a street
/// line.
void split_number(std::string& folded_street, std::string& number);

/// More than the name of a street: a number inside, or many words.
bool is_whole_line(std::string_view folded_street);

/// Letters and digits only, in lower case.
std::string compact_postcode(std::string_view postcode);
/// The part of a compact postcode that names a wider area: "sw11" of "sw114lw", "1234" of "1234ab",
/// all but the last two characters of others. Empty when it is too short to have one.
std::string_view postcode_area(std::string_view compact);

/// "shop.example" of "https://www.shop.example/contact".
std::string website_domain(std::string_view website);

}  // namespace rondom::probabilistic
