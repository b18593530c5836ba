// clean_gender(): words and salutations -> codes.
#include <array>
#include <string>

#include "model/names.h"
#include "pipeline/normalize/words.h"

namespace rondom::normalize {
namespace {

struct GenderWord {
  std::string_view word;
  std::string_view code;
};
constexpr auto gender_words = std::to_array<GenderWord>({
    {"f", "female"},
    {"v", "female"},
    {"w", "female"},
    {"2", "female"},
    {"female", "female"},
    {"woman", "female"},
    {"girl", "female"},
    {"vrouw", "female"},
    {"vrouwelijk", "female"},
    {"mevrouw", "female"},
    {"mevr", "female"},
    {"mw", "female"},
    {"mejuffrouw", "female"},
    {"mrs", "female"},
    {"ms", "female"},
    {"miss", "female"},
    {"madam", "female"},
    {"frau", "female"},
    {"weiblich", "female"},
    {"madame", "female"},
    {"mme", "female"},
    {"mlle", "female"},
    {"mademoiselle", "female"},
    {"femme", "female"},
    {"feminin", "female"},
    {"dame", "female"},
    {"meisje", "female"},
    {"geachte mevrouw", "female"},
    {"m", "male"},
    {"1", "male"},
    {"male", "male"},
    {"man", "male"},
    {"boy", "male"},
    {"mannelijk", "male"},
    {"heer", "male"},
    {"de heer", "male"},
    {"dhr", "male"},
    {"hr", "male"},
    {"mr", "male"},
    {"mister", "male"},
    {"sir", "male"},
    {"herr", "male"},
    {"mann", "male"},
    {"mannlich", "male"},
    {"maennlich", "male"},
    {"monsieur", "male"},
    {"homme", "male"},
    {"masculin", "male"},
    {"h", "male"},
    {"jongen", "male"},
    {"meneer", "male"},
    {"x", "nonbinary"},
    {"d", "nonbinary"},
    {"divers", "nonbinary"},
    {"nonbinary", "nonbinary"},
    {"non binary", "nonbinary"},
    {"non binair", "nonbinary"},
    {"nonbinair", "nonbinary"},
    {"genderneutraal", "nonbinary"},
    {"mx", "nonbinary"},
    {"other", "other"},
    {"anders", "other"},
    {"overig", "other"},
    {"autre", "other"},
    {"andere", "other"},
    {"undisclosed", "undisclosed"},
    {"prefer not to say", "undisclosed"},
    {"not disclosed", "undisclosed"},
    {"zeg ik liever niet", "undisclosed"},
    {"wil ik niet zeggen", "undisclosed"},
    {"keine angabe", "undisclosed"},
    {"unknown", "unknown"},
    {"onbekend", "unknown"},
    {"unbekannt", "unknown"},
    {"inconnu", "unknown"},
    {"u", "unknown"},
    {"o", "unknown"},
    {"0", "unknown"},
    {"9", "unknown"},
    {"not specified", "unknown"},
    {"dames", "female"},
    {"mej", "female"},
    {"mevr dr", "female"},
    {"madame mademoiselle", "female"},
    {"fraulein", "female"},
    {"fr", "female"},
    {"lady", "female"},
    {"senora", "female"},
    {"sra", "female"},
    {"senorita", "female"},
    {"srta", "female"},
    {"mujer", "female"},
    {"femenino", "female"},
    {"signora", "female"},
    {"sig ra", "female"},
    {"signorina", "female"},
    {"donna", "female"},
    {"femmina", "female"},
    {"heren", "male"},
    {"herrn", "male"},
    {"senor", "male"},
    {"sr", "male"},
    {"hombre", "male"},
    {"masculino", "male"},
    {"signor", "male"},
    {"signore", "male"},
    {"sig", "male"},
    {"uomo", "male"},
    {"maschio", "male"},
    {"garcon", "male"},
    {"fille", "female"},
    {"non binaire", "nonbinary"},
    {"nichtbinar", "nonbinary"},
    {"nicht binar", "nonbinary"},
    {"no binario", "nonbinary"},
    {"non binario", "nonbinary"},
    {"altro", "other"},
    {"otro", "other"},
    {"sonstige", "other"},
    {"geen opgave", "undisclosed"},
    {"non precise", "undisclosed"},
    {"prefiero no decirlo", "undisclosed"},
    {"preferisco non dirlo", "undisclosed"},
    {"ne souhaite pas repondre", "undisclosed"},
    {"desconocido", "unknown"},
    {"sconosciuto", "unknown"},
    {"keine", "unknown"},
});

// How letters begin; what follows tells the gender: "Geachte heer", "Sehr geehrte Frau".
constexpr auto openings = std::to_array<std::string_view>(
    {"geachte ", "beste ", "lieve ", "dear ", "sehr geehrte ", "sehr geehrter ", "geehrte ",
     "geehrter ", "liebe ", "lieber ", "chere ", "cher ", "estimada ", "estimado ", "gentile ",
     "egregio ", "de ", "an "});

std::string_view without_opening(std::string_view folded) {
  for (const auto opening : openings) {
    if (folded.starts_with(opening)) return folded.substr(opening.size());
  }
  return folded;
}

}  // namespace

Outcome clean_gender(std::string_view text) {
  const std::string folded = fold_name(text);
  const std::string_view said = without_opening(folded);
  for (const auto& [word, code] : gender_words) {
    if (word == folded || word == said)
      return {code, rule_when_changed(code, text, Rule::gender_word), nullptr};
  }
  return problem("is no gender");
}

}  // namespace rondom::normalize
