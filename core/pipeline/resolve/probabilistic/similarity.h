// similarity: how much two short texts are alike. Pure functions on bytes; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rondom::probabilistic {

/// Texts are compared up to here; longer ones by their beginning.
inline constexpr std::size_t compared_bytes_max = 64;

/// Jaro's similarity with Winkler's bonus for a common beginning of up to four letters (Winkler
/// 1990): 0 = nothing in common, 1 = equal.
double jaro_winkler(std::string_view a, std::string_view b);

/// Insertions, deletions, changes and exchanges of two neighbours that make one of the other
/// (optimal string alignment); anything above `most` comes back as most + 1.
int edits(std::string_view a, std::string_view b, int most);

/// What a folded name sounds like, as up to eight consonants: "muhammed" and "mohamed" are the
/// same, "jeffrey" and "geoffrey". 0 when there are fewer than two.
std::uint64_t sound_of(std::string_view folded);

/// Which bytes a text holds, one bit each (bytes 64 apart share one): what cannot be alike is told
/// by it without looking at the text.
std::uint64_t letters_in(std::string_view text);

/// False when jaro_winkler() is below `least` for certain. Never false otherwise.
bool may_be_alike(std::string_view a, std::uint64_t letters_a, std::string_view b,
                  std::uint64_t letters_b, double least);
/// The same for edits() of at most `most`.
bool may_be_near(std::uint64_t letters_a, std::uint64_t letters_b, int most);

}  // namespace rondom::probabilistic
