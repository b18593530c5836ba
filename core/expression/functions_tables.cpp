// Functions over the word tables of the project.
#include <array>

#include "base/text.h"
#include "expression/function.h"
#include "expression/library.h"

namespace rondom::expression {

namespace {

// The table stays null where its file could not be read, which is reported there.
struct PreparedLookup final : Prepared {
  std::shared_ptr<const Lookup> table;
  std::uint64_t fingerprint() const override { return table ? table->fingerprint() : 0; }
};

struct PreparedVocabulary final : Prepared {
  std::shared_ptr<const Vocabulary> words;
  std::uint64_t fingerprint() const override { return words ? words->fingerprint() : 0; }
};

bool unknown(std::string_view what, std::string_view folder, std::string_view name,
             const std::vector<std::string>& known, std::size_t& argument, Problem& problem) {
  argument = 1;
  problem.message = "no " + std::string(what) + " " + excerpt(name, 80);
  if (const auto near = did_you_mean(name, known)) {
    problem.hint = "did you mean " + *near + "?";
  } else {
    problem.hint = "declare it in " + std::string(folder) + "/NAME.yaml";
    for (const std::string& one : known) {
      problem.hint += (&one == &known.front() ? "; there is " : ", ") + one;
    }
  }
  return false;
}

bool prepare_lookup(LiteralArguments literals, const Library* library,
                    std::shared_ptr<const Prepared>& out, std::size_t& argument, Problem& problem) {
  const std::string_view name = literals[1].as_text();
  auto prepared = std::make_shared<PreparedLookup>();
  if (library != nullptr) prepared->table = library->lookup(name);
  if (prepared->table == nullptr && (library == nullptr || library->complete())) {
    return unknown("lookup table", "lookups", name,
                   library == nullptr ? std::vector<std::string>() : library->lookup_names(),
                   argument, problem);
  }
  out = std::move(prepared);
  return true;
}

bool prepare_vocabulary(LiteralArguments literals, const Library* library,
                        std::shared_ptr<const Prepared>& out, std::size_t& argument,
                        Problem& problem) {
  const std::string_view name = literals[1].as_text();
  auto prepared = std::make_shared<PreparedVocabulary>();
  if (library != nullptr) prepared->words = library->vocabulary(name);
  if (prepared->words == nullptr && (library == nullptr || library->complete())) {
    return unknown("vocabulary", "vocabularies", name,
                   library == nullptr ? std::vector<std::string>() : library->vocabulary_names(),
                   argument, problem);
  }
  out = std::move(prepared);
  return true;
}

bool lookup(Call& call, Value& out) {
  std::string_view word;
  bool null = false;
  out = Value();
  if (!call.text(0, word, null)) return false;
  if (null || word.empty()) return true;
  const auto& table = static_cast<const PreparedLookup*>(call.prepared())->table;
  if (table == nullptr) return call.fail("the table could not be read");
  out = table->find(word);
  return true;
}

bool vocabulary(Call& call, Value& out) {
  std::string_view word;
  bool null = false;
  out = Value();
  if (!call.text(0, word, null)) return false;
  if (null || trim_ascii(word).empty()) return true;
  const auto& words = static_cast<const PreparedVocabulary*>(call.prepared())->words;
  if (words == nullptr) return call.fail("the vocabulary could not be read");
  if (const std::string* code = words->find(word)) {
    out = Value::text(*code);
    return true;
  }
  // The word itself is the record's and belongs in no message.
  std::string reason = "the word is none of " + words->name();
  const std::string near = words->suggestion(word);
  if (!near.empty()) reason += "; did you mean " + near + "?";
  return call.fail(reason);
}

constexpr std::array<Function, 2> lookup_table{{
    {{"lookup", "lookup(value, \"table\")",
      "What a text stands for in a table of the project, `lookups/*.yaml`: a text, a number, or an "
      "object with several fields. A text that the table does not hold gives the table's `else`, "
      "or "
      "null. Words are compared as they are written: `| lower | lookup(…)` where case does not "
      "matter. When the table changes, kept records are mapped again.",
      R"(.branch | lookup("branches"))", R"({"branch":"030"})", R"("Utrecht")"},
     2,
     2,
     "tl",
     StaticType::any,
     lookup,
     prepare_lookup},
    {{"vocabulary", "vocabulary(text, \"name\")",
      "The code of a word in a list of the project, `vocabularies/*.yaml`: found by its code, its "
      "labels and its synonyms; case, spaces, hyphens and underscores do not matter. An empty text "
      "is null. An unknown word puts the record in quarantine, with the code that is nearest; once "
      "it is a synonym, the record is taken when its source gives it again. Of a list: "
      "`each(.words, . | vocabulary(\"name\"))`.",
      R"(.category | vocabulary("product_category"))", R"({"category":"City-Bikes"})",
      R"("city_bike")"},
     2,
     2,
     "tl",
     StaticType::text,
     vocabulary,
     prepare_vocabulary},
}};

}  // namespace

std::span<const Function> table_functions() {
  return lookup_table;
}

}  // namespace rondom::expression
