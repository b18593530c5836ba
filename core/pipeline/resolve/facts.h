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

/// One distinct value of a namespace that is limited or a contact point: its priority in the upper
/// half, number of the value in this component in the lower one. Sorted, the values of one
/// namespace stand together.
using NumberedValue = std::uint64_t;
inline NumberedValue numbered_value(int priority, std::uint32_t value) {
  return (static_cast<std::uint64_t>(priority) << 32) | value;
}
inline int priority_of(NumberedValue value) {
  return static_cast<int>(value >> 32);
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
  Few<NumberedValue, 4> values;
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

/// What brings two clusters together.
struct Shared {
  bool compare_names = false;  // a strong identifier of people
  bool email = false, phone = false;
  bool contact_point() const { return email || phone; }
};
/// Why two clusters must stay apart, or empty.
std::string refusal(const Rules& rules, const Facts& a, const Facts& b, Shared shared);
/// Of these reasons the ones that no names take part in.
std::string standing_refusal(const Rules& rules, const Facts& a, const Facts& b,
                             bool compare_births = false);
/// Are they two by what they say of themselves: names, birth dates? That somebody held them apart,
/// or a source or a limit does, says nothing of a third one.
bool are_two(const Rules& rules, const Facts& a, const Facts& b, Shared shared);
/// Whole birth dates that no slips of the pen explain: of father and son, who share more than a
/// name.
bool born_apart(const Facts& a, const Facts& b);
/// Colleagues at one desk, say: the telephone number and a given name in common, while the surnames
/// and the e-mail addresses are others. A mailbox is rather one person's, who married and moved.
inline constexpr std::string_view colleagues =
    "different surnames and e-mail addresses: a shared telephone number";
bool are_colleagues(const Rules& rules, const Facts& a, const Facts& b, Shared shared);

/// How much a cluster says of who it is; more comes first, so that what says little does not decide
/// whom it is added to by the order of names.
int telling(const Facts& facts);
/// Says neither a name nor a birth date.
inline bool is_nameless(const Facts& facts) {
  return facts.given.empty() && facts.full.empty() && facts.surnames.empty() &&
         facts.births.empty();
}

}  // namespace rondom::resolve
