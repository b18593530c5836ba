// Library: the word tables of a project that its expressions may name: lookups/NAME.yaml for
// lookup() and vocabularies/NAME.yaml for vocabulary().
//
// Filled by config while it reads the project and never changed afterwards; then any thread.
// Compiled expressions share what they use and keep it alive.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/base.h"
#include "model/json.h"
#include "model/value.h"

namespace rondom::expression {

/// Text -> any value. Words are compared as they are written, like those of from and values.
class Lookup {
 public:
  explicit Lookup(std::string name) : name_(std::move(name)) {}
  const std::string& name() const { return name_; }
  /// `json` is the value that the word stands for. ErrorCode::data when it is no JSON.
  Status add(std::string_view word, std::string_view json);
  /// What every other word stands for; null without it.
  Status set_otherwise(std::string_view json);
  /// Lives as long as the table.
  Value find(std::string_view word) const;
  /// Of the content, in any order.
  std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return hash64(text); }
  };

  std::string name_;
  JsonReader reader_;
  Arena values_{4096};
  std::unordered_map<std::string, Value, Hash, std::equal_to<>> words_;
  Value otherwise_;
  std::size_t longest_ = 0;
  std::uint64_t fingerprint_ = 0;
};

/// One term of a vocabulary as its file tells it.
struct Term {
  std::string code;
  std::map<std::string, std::string> label;  // by language
};

/// The words that people write -> the code that is meant. Case, spaces, hyphens and underscores
/// aside.
class Vocabulary {
 public:
  explicit Vocabulary(std::string name) : name_(std::move(name)) {}
  const std::string& name() const { return name_; }
  /// In the order of the file. For what is made once per term; add() says which words mean it.
  void add_term(Term term) { terms_.push_back(std::move(term)); }
  const std::vector<Term>& terms() const { return terms_; }
  /// The code that the word stands for already when that is another one, else empty.
  std::string add(std::string_view word, std::string_view code);
  /// nullptr for an unknown word. Lives as long as the vocabulary.
  const std::string* find(std::string_view word) const;
  /// The code that was probably meant by an unknown word; empty when nothing is near.
  std::string suggestion(std::string_view word) const;
  std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  std::string name_;
  std::unordered_map<std::string, std::string> codes_;  // by folded word
  std::vector<std::string> words_;                      // folded, for suggestions
  std::vector<Term> terms_;
  std::uint64_t fingerprint_ = 0;
};

class Library {
 public:
  void add(std::shared_ptr<const Lookup> table) { lookups_.push_back(std::move(table)); }
  void add(std::shared_ptr<const Vocabulary> words) { vocabularies_.push_back(std::move(words)); }
  /// A file of this kind could not be read: a name that is not known may be the one in it.
  void miss_some() { complete_ = false; }
  bool complete() const { return complete_; }

  /// nullptr when there is none of this name.
  std::shared_ptr<const Lookup> lookup(std::string_view name) const;
  std::shared_ptr<const Vocabulary> vocabulary(std::string_view name) const;
  std::vector<std::string> lookup_names() const;
  std::vector<std::string> vocabulary_names() const;

 private:
  std::vector<std::shared_ptr<const Lookup>> lookups_;
  std::vector<std::shared_ptr<const Vocabulary>> vocabularies_;
  bool complete_ = true;
};

}  // namespace rondom::expression
