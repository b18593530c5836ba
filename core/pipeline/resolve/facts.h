// Facts: what a record, and later a cluster of records, says that decides about joining.
//
// Views point into the candidates' canonical bytes or the solver's arena. One thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/person_names.h"
#include "pipeline/resolve/few.h"
#include "pipeline/resolve/resolve.h"

namespace rondom::resolve {

/// Suffixes that tell generations apart; titles and degrees tell nothing.
enum class Generation : std::uint8_t {
  junior = 1,
  senior = 2,
  second = 3,
  third = 4,
  fourth = 5,
  first = 6
};

/// One distinct value of a limited namespace: namespace priority in the upper half, number of the
/// value in this component in the lower one. Sorted, the values of one namespace stand together.
using LimitedValue = std::uint64_t;
inline LimitedValue limited_value(int priority, std::uint32_t value) {
  return (static_cast<std::uint64_t>(priority) << 32) | value;
}

struct Facts {
  Entity entity = Entity::person;
  Signature signature;                   // only with `count_people`
  Few<std::string_view, 2> given;        // given names as written
  Few<std::string_view, 1> full;         // whole names, folded, of records that have no parts of it
  Few<std::string_view, 1> surnames;     // as written
  Few<std::uint32_t, 2> births;          // full dates as yyyymmdd
  Few<std::uint8_t, 1> generations;      // Generation
  Few<std::uint32_t, 1> single_streams;  // streams of which a profile holds one record
  Few<LimitedValue, 4> values;
  Few<std::uint64_t, 1> apart;  // sides of decisions "not the same": 2 * number, and that + 1
  bool said_same = false;       // somebody said of a record that it and another are one

  void absorb(const Facts& other);
};

/// Everything but `values` and `single_streams`; `signature` only with `count_people`.
Facts facts_of(const Candidate& candidate, bool count_people, Arena& arena);

/// Where the two of a decision stand among the facts of its records.
struct PlacedDecision {
  std::uint32_t a = 0, b = 0;
  bool same = false;
};
/// Decisions about two of these records, in order of their places. `records`: (id, place), sorted
/// by id.
std::vector<PlacedDecision> placed_decisions(
    std::span<const store::Decision> decisions,
    std::span<const std::pair<store::RecordId, std::uint32_t>> records);
/// Tells the facts of all records what was said of them.
void mark_decisions(std::span<const PlacedDecision> decisions, std::vector<Facts>& facts);
/// Did somebody say that a record of one and a record of the other are not the same?
bool said_apart(const Facts& a, const Facts& b);

/// Why two clusters must stay apart, or empty. `compare_names`: the edge is a strong identifier of
/// people. `contact_point`: it is an e-mail address or phone number.
std::string refusal(const Rules& rules, const Facts& a, const Facts& b, bool compare_names,
                    bool contact_point);
/// Of these reasons the ones that no names take part in.
std::string standing_refusal(const Rules& rules, const Facts& a, const Facts& b,
                             bool compare_births = false);

}  // namespace rondom::resolve
