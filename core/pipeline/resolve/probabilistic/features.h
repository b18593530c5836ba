// features: what records say that is compared, as flat arrays of numbers.
//
// Records are numbered in the order they are added; callers add them in order of record name, so
// that the same set gives the same numbers. One thread while adding, any thread for reading. About
// 150 bytes a record plus its distinct texts.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "pipeline/resolve/probabilistic/dictionary.h"
#include "pipeline/resolve/probabilistic/latin.h"
#include "pipeline/resolve/probabilistic/model.h"

namespace rondom::probabilistic {

/// A name part and the other forms of it that the same record gives: first words, nicknames, parts
/// of a double surname, a partner's surname. The first one is what is written.
struct Email {
  TextId whole = 0, local = 0;
  TextId digits = 0;  // of the local part
};
struct Phone {
  TextId whole = 0, tail = 0;  // tail: the last seven digits; whole = 0 where only those are known
};
struct Identifier {
  std::uint32_t name_space = 0;
  TextId value = 0;
};
struct Address {
  TextId street = 0, number = 0, unit = 0, postcode = 0, area = 0, locality = 0;
  bool whole_line = false;  // street holds more than a street
};
/// year * 10000 + month * 100 + day; what is not known is zero.
using Date = std::uint32_t;

/// Which e-mail addresses, phone numbers and other identifiers are evidence: not what is blocked or
/// known to be shared by many. Anything else is left out.
using Usable = std::function<bool(std::string_view name_space, std::string_view value)>;

class Features {
 public:
  /// `model` says which attributes are compared as text; it must live as long.
  Features(const Model& model, Usable usable);

  /// A canonical record (RecordBuilder::bytes()).
  void add(std::string_view canonical);
  std::uint32_t size() const { return static_cast<std::uint32_t>(births_.size()); }

  std::span<const TextId> given(std::uint32_t record) const { return given_.of(record); }
  std::span<const TextId> surnames(std::uint32_t record) const { return surnames_.of(record); }
  Date birth(std::uint32_t record) const { return births_[record]; }
  std::span<const Email> emails(std::uint32_t record) const { return emails_.of(record); }
  std::span<const Phone> phones(std::uint32_t record) const { return phones_.of(record); }
  std::span<const Identifier> identifiers(std::uint32_t record) const {
    return identifiers_.of(record);
  }
  /// Of an Identifier, which numbers it.
  std::string_view name_space(std::uint32_t number) const { return spaces_.text(number); }
  std::span<const Address> addresses(std::uint32_t record) const { return addresses_.of(record); }
  TextId website(std::uint32_t record) const { return websites_[record]; }
  /// Of the `comparison`-th comparison of the model, which must be of kind text.
  TextId text(std::size_t comparison, std::uint32_t record) const {
    return texts_[comparison][record];
  }

  const Dictionary& names() const { return names_; }
  /// Of a name: sound_of() it, and whether it is one that people have (is_known_given_name).
  std::uint64_t sound(TextId name) const { return sounds_[name].consonants; }
  bool is_given_name(TextId name) const { return sounds_[name].given_name; }
  const Dictionary& words() const { return words_; }  // everything that is no name
  /// The number of the value that a comparison weighs by its frequency, or 0: the main name, the
  /// birth date, the postcode of the first address …
  TextId main_value(std::size_t comparison, std::uint32_t record) const;
  /// Its text, in names() or words().
  std::string_view value_text(std::size_t comparison, TextId value) const;
  /// The birth date as a text number.
  TextId birth_id(std::uint32_t record) const { return birth_ids_[record]; }

 private:
  /// Lists of different length, one after the other.
  template <typename T>
  struct Lists {
    std::vector<T> values;
    std::vector<std::uint32_t> ends;
    std::span<const T> of(std::uint32_t record) const {
      const std::uint32_t first = record == 0 ? 0 : ends[record - 1];
      return {values.data() + first, ends[record] - first};
    }
    void close() { ends.push_back(static_cast<std::uint32_t>(values.size())); }
  };
  struct Reading;

  void read(const Cell& cell, Reading& reading);
  void add_given(const Reading& reading);
  void add_surnames(const Reading& reading);
  void add_organization(const Reading& reading);
  void add_contacts(Reading& reading);
  void add_addresses(Reading& reading);
  void add_name(Lists<TextId>& list, std::size_t first, std::string_view folded);

  std::string folded(std::string_view name);

  struct Sound {
    std::uint64_t consonants = 0;
    bool given_name = false;
  };
  const Model& model_;
  Usable usable_;
  Latin latin_;
  Dictionary names_, words_, spaces_;
  std::vector<Sound> sounds_{1};  // by name
  Lists<TextId> given_, surnames_;
  std::vector<Date> births_;
  std::vector<TextId> birth_ids_;
  std::vector<TextId> websites_;
  Lists<Email> emails_;
  Lists<Phone> phones_;
  Lists<Identifier> identifiers_;
  Lists<Address> addresses_;
  std::vector<std::vector<TextId>> texts_;  // by comparison; empty for other kinds
};

}  // namespace rondom::probabilistic
