// compare: the level at which two records agree, field by field.
#pragma once

#include <array>
#include <cstdint>

#include "pipeline/resolve/probabilistic/features.h"
#include "pipeline/resolve/probabilistic/model.h"

namespace rondom::probabilistic {

/// Level of a comparison: an index into Comparison::levels, or `silent` where either side is empty.
using LevelNumber = std::uint8_t;
inline constexpr LevelNumber silent = 0xFF;

/// What comparing two records gave.
struct Agreement {
  std::array<LevelNumber, comparisons_max> level;
  /// With the best level: the value that both have, for its frequency. 0 = none.
  std::array<TextId, comparisons_max> value;
};

/// Compares pairs of records of one Features. Keeps what it found out about pairs of names, so each
/// thread has its own.
class Comparer {
 public:
  Comparer(const Model& model, const Features& features);
  void compare(std::uint32_t a, std::uint32_t b, Agreement& agreement);

 private:
  /// How two names are alike, whatever field they stand in.
  enum NameBits : std::uint8_t { alike = 1, close = 2, nickname = 4, initial = 8, unrelated = 16 };
  struct Remembered {
    std::uint64_t pair = 0;
    std::uint8_t bits = 0;
  };
  // Winkler's similarity from which texts count as one, written differently.
  static constexpr double close_min = 0.92;
  static constexpr std::size_t slip_bytes_min =
      4;  // in shorter names one letter makes another name
  static constexpr std::uint8_t no_comparison = 0xFF;  // the model has none of this kind

  std::uint8_t name_bits(TextId a, TextId b);
  bool texts_close(TextId a, TextId b);
  int texts_distance(TextId a, TextId b, int most) const;
  bool second_names_differ(std::span<const TextId> a, std::span<const TextId> b);
  std::uint8_t given_level(std::span<const TextId> a, std::span<const TextId> b);
  std::uint8_t surname_level(std::span<const TextId> a, std::span<const TextId> b);
  bool maiden_name(std::uint32_t a, std::uint32_t b) const;
  bool same_word(std::string_view a, std::string_view b) const;
  bool all_words_in(std::string_view few, std::string_view many) const;
  std::uint8_t organization_level(TextId a, TextId b);
  bool swapped(std::uint32_t a, std::uint32_t b);
  bool one_address(const Email& one, const Email& two) const;
  bool named_after(std::uint32_t a, std::uint32_t b) const;
  std::uint8_t email_level(std::uint32_t a, std::uint32_t b, TextId& value);
  std::uint8_t phone_level(std::uint32_t a, std::uint32_t b, TextId& value);
  std::uint8_t identifier_level(std::uint32_t a, std::uint32_t b, TextId& value);
  bool areas_differ(TextId a, TextId b);
  bool lines_alike(const Address& a, const Address& b);
  std::uint8_t address_level(const Address& a, const Address& b);
  std::uint8_t postcode_level(const Address& a, const Address& b);
  std::uint8_t locality_level(const Address& a, const Address& b);
  void compare_places(std::uint32_t a, std::uint32_t b, Agreement& agreement);
  void set(Agreement& agreement, std::size_t comparison, std::uint8_t level, TextId value) const;

  const Model& model_;
  const Features& features_;
  std::vector<Remembered> names_, texts_;
  std::array<std::uint8_t, 11> of_kind_{};  // comparison of each kind but text; none = 0xFF
};

/// Level of two dates as level_names(Kind::birth_date) numbers them; neither is 0.
std::uint8_t birth_level(Date a, Date b);

}  // namespace rondom::probabilistic
