// Consonants as they sound in the languages of Europe, roughly: enough to see two spellings of one
// name.
#include <array>

#include "pipeline/resolve/probabilistic/similarity.h"

namespace rondom::probabilistic {
namespace {

bool is_soft(char next) {
  return next == 'e' || next == 'i' || next == 'y';
}

/// What the letter at `at` sounds like, and how many letters that takes; 0 = nothing.
struct Sound {
  char letter = 0;
  std::size_t taken = 1;
};

Sound sound_at(std::string_view name, std::size_t at) {
  const char next = at + 1 < name.size() ? name[at + 1] : '\0';
  switch (name[at]) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u': return {at == 0 ? 'a' : '\0', 1};
    case 'y': return {at == 0 ? 'j' : '\0', 1};
    case 'h': return {at == 0 ? 'h' : '\0', 1};
    case 'c':
      if (next == 'h' || next == 'k') return {'k', 2};
      return {is_soft(next) ? 's' : 'k', 1};
    case 'g':
      if (next == 'h') return {at == 0 ? 'g' : '\0', 2};
      return {is_soft(next) ? 'j' : 'g', 1};
    case 'p': return next == 'h' ? Sound{'f', 2} : Sound{'p', 1};
    case 's':
      if (name.substr(at, 3) == "sch") return {'s', 3};
      return {'s', next == 'h' ? std::size_t{2} : std::size_t{1}};
    case 't': return {'t', next == 'h' ? std::size_t{2} : std::size_t{1}};
    case 'q': return {'k', next == 'u' ? std::size_t{2} : std::size_t{1}};
    case 'v': return {'f', 1};
    case 'z': return {'s', 1};
    default: return {name[at], 1};
  }
}

}  // namespace

std::uint64_t sound_of(std::string_view folded) {
  constexpr std::size_t consonants_min = 2;
  constexpr unsigned bits = 8;
  std::uint64_t sound = 0;
  std::size_t consonants = 0;
  const auto add = [&](char letter) {
    if ((sound & 0xFFu) == static_cast<unsigned char>(letter)) return;  // "mm" is "m"
    if (sound >> (7 * bits) != 0) return;
    sound = sound << bits | static_cast<unsigned char>(letter);
    consonants += letter != 'a';
  };
  for (std::size_t at = 0; at < folded.size();) {
    if (folded[at] == 'x') {
      add('k');
      add('s');
      ++at;
      continue;
    }
    const Sound one = sound_at(folded, at);
    if (one.letter != '\0') add(one.letter);
    at += one.taken;
  }
  return consonants < consonants_min ? 0 : sound;
}

}  // namespace rondom::probabilistic
