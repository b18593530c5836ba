// lookups/*.yaml and vocabularies/*.yaml: the tables that expressions may name.
#include <set>

#include "config/readers.h"
#include "expression/library.h"

namespace rondom::config {
namespace {

/// Adds one value of a lookup table; `of` names it in messages.
template <typename Add>
void add_value(const Node& value, const std::string& of, Diagnostics& diagnostics, Add add) {
  if (value.kind == Node::Kind::null) {
    diagnostics.error(value.at, of + " has no value", "\"\" is the empty text");
    return;
  }
  if (value.kind == Node::Kind::list) {
    diagnostics.error(value.at, of + " is a list", "a text, a number, true or false, or a map");
    return;
  }
  const Status added = add(to_json(value));
  if (!added.ok()) diagnostics.error(value.at, of + ": " + added.error().message);
}

class VocabularyReader {
 public:
  VocabularyReader(expression::Vocabulary& words, Diagnostics& diagnostics)
      : words_(words), diagnostics_(diagnostics) {}

  void read(const Node& term) {
    const Node* code = term.find("code");
    if (code == nullptr || !code->is_scalar() || code->text.empty()) return;
    if (!codes_.insert(code->text).second) {
      diagnostics_.error(code->at, "a second term " + excerpt(code->text, 80));
      return;
    }
    add(*code, code->text);
    expression::Term known{code->text, {}};
    if (const Node* label = map_of(term, "label")) {
      for (const auto& [language, text] : label->members) {
        add(text, code->text);
        if (text.is_scalar()) known.label[language.text] = text.text;
      }
    }
    words_.add_term(std::move(known));
    if (const Node* synonyms = list_of(term, "synonyms")) {
      for (const Node& synonym : synonyms->items) add(synonym, code->text);
    }
  }

 private:
  void add(const Node& word, const std::string& code) {
    if (!word.is_scalar() || word.text.empty()) return;
    const std::string other = words_.add(word.text, code);
    if (other.empty()) return;
    diagnostics_.error(word.at,
                       excerpt(word.text, 80) + " stands for " + excerpt(other, 80) + " already",
                       "a word stands for one term; case, spaces, hyphens and underscores do not "
                       "tell two apart");
  }

  expression::Vocabulary& words_;
  Diagnostics& diagnostics_;
  std::set<std::string> codes_;
};

/// Is this name free? Else it is reported.
bool is_new(const Node* name, bool taken, const char* what, Reading& reading) {
  if (taken) {
    reading.diagnostics.error(name->at, std::string("a second ") + what + " " + name->text);
  }
  return !taken;
}

}  // namespace

void read_lookup(const Node& root, Reading& reading) {
  const std::string name = text_of(root, "lookup");
  const Node* values = map_of(root, "values");
  if (name.empty()) return reading.library->miss_some();
  check_name(root.find("lookup"), "a lookup table", reading.diagnostics);
  refuse_references(root, reading.diagnostics);
  const bool taken = reading.library->lookup(name) != nullptr;
  if (!is_new(root.find("lookup"), taken, "lookup table", reading)) return;
  auto table = std::make_shared<expression::Lookup>(name);
  if (values != nullptr && values->members.empty()) {
    reading.diagnostics.error(values->at, "values is empty");
  }
  if (values != nullptr) {
    for (const auto& [word, value] : values->members) {
      add_value(value, excerpt(word.text, 80), reading.diagnostics,
                [&, key = &word.text](const std::string& json) { return table->add(*key, json); });
    }
  }
  if (const Node* otherwise = root.find("else")) {
    add_value(*otherwise, "else", reading.diagnostics,
              [&](const std::string& json) { return table->set_otherwise(json); });
  }
  reading.library->add(std::shared_ptr<const expression::Lookup>(std::move(table)));
}

void read_vocabulary(const Node& root, Reading& reading) {
  const std::string name = text_of(root, "vocabulary");
  const Node* terms = list_of(root, "terms");
  if (name.empty()) return reading.library->miss_some();
  check_name(root.find("vocabulary"), "a vocabulary", reading.diagnostics);
  refuse_references(root, reading.diagnostics);
  const bool taken = reading.library->vocabulary(name) != nullptr;
  if (!is_new(root.find("vocabulary"), taken, "vocabulary", reading)) return;
  auto words = std::make_shared<expression::Vocabulary>(name);
  VocabularyReader reader(*words, reading.diagnostics);
  if (terms != nullptr && terms->items.empty()) {
    reading.diagnostics.error(terms->at, "terms is empty");
  }
  if (terms != nullptr) {
    for (const Node& term : terms->items) {
      if (term.kind == Node::Kind::map) reader.read(term);
    }
  }
  reading.library->add(std::shared_ptr<const expression::Vocabulary>(std::move(words)));
}

}  // namespace rondom::config
