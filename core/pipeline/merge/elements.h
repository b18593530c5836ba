// elements: the lists of a profile: one element per distinct value. Pure functions, any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pipeline/merge/members.h"

namespace rondom::merge {

/// One united element: its cells, and per cell what other records say of the same element.
struct United {
  struct Part {
    Entry winner;
    std::vector<Entry> losers;
  };
  std::vector<Part> parts;
};

/// `entries` are the cells of one list (all attributes of "emails"), in any order. The best element
/// comes first. Groups are those of the members still. Losers are filled only with `explain`.
std::vector<United> unite(const CompiledRule& rule, std::span<const Entry> entries,
                          const Ranking& ranking, Arena& arena, bool explain);

/// Does one element hold more than what it is used for and how it fares? Others are left out.
bool says_something(std::span<const Entry> element);

/// The same for the cells of one identifier namespace: each is an element of its own.
std::vector<United> unite_identifiers(const CompiledRule& rule, std::span<const Entry> entries,
                                      const Ranking& ranking);

}  // namespace rondom::merge
