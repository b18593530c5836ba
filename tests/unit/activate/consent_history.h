// Generated histories of what people say about being mailed, and a slow judge of them that knows
// nothing of the code under test. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "world.h"

namespace rondom::activate::test::consent_history {

inline constexpr int person_count = 3;
inline constexpr int source_count = 2;   // records of each person
inline constexpr int address_count = 3;  // that the records carry, some of them shared

enum class Act : std::uint8_t {
  carries,     // the record has this address; number: 0 active, 1 bounced, 2 moved
  says,        // the record has this statement
  dies,        // number: 0 alive, 1 presumed, 2 confirmed
  is_test,     // number: 0 no, 1 yes
  vanishes,    // the record is withdrawn from its source
  suppresses,  // the record has this suppression
  lifts,       // the record has none any longer
  lists,       // a reviewed list of the project names somebody
  unlists,     // nothing is listed any longer
  is_born,     // number: which birth date
  lives,       // number: in which country
  merges,      // the person's records are found to be those of person `number`
  splits,      // the person's records are nobody else's any longer
  leaves,      // number: 1 the record leaves the audience, 0 it is in it again
  delivers,    // a run, so many seconds after the last; number: how the destination fares
};

enum class Fate : std::uint8_t { well, told_to_retry, answer_lost, down };

struct Said {
  std::string status, purpose, channel;
  int address = -1;         // -1: none named
  bool other_case = false;  // the address in other letters than the record has it in
  int day = 0;              // of March 2026; 0: undated
  int ends = 0;             // the day when a yes ends by its own word; 0: never
  int confirmed = 0;        // the day when a yes was confirmed; 0: it was not
  bool operator==(const Said&) const = default;
};

struct Shut {
  std::string purpose, destination;
  std::string channel;  // "", "own" or "other"
  int address = -1;     // -1: the party
  int begins = 0, ends = 0;
};

struct Listed {
  enum class By : std::uint8_t { address, hashed_address, customer };
  By by = By::address;
  bool contact_only = false;
  Shut shut;  // address: of whom; of a customer the person
};

struct Step {
  Act act = Act::delivers;
  int person = 0, source = 0, address = 0, number = 0;
  std::int64_t seconds = 0;
  Said said;
  Shut shut;
  Listed listed;
};

using History = std::vector<Step>;

History random_history(std::uint32_t seed, std::size_t steps);
std::ostream& operator<<(std::ostream& out, const Step& step);

/// What has been said and done so far, as the sources have it.
struct SourceRecord {
  std::array<int, address_count> status = {-1, -1, -1};  // -1: not carried
  std::vector<Said> statements;
  int death = 0;
  bool test_record = false;
  bool vanished = false;
  bool outside = false;  // a person is in the audience when one of their records is
  std::vector<Shut> shut;
  std::string born, country;
  int customer = 0;  // whose record the source says it is
  int holder = 0;    // whose record it is taken for
};
struct Sources {
  Sources();
  std::array<std::array<SourceRecord, source_count>, person_count> records;
  std::vector<Listed> listed;
  void take(const Step& step);
  bool holds_any(int person) const;  // living records
  bool is_inside(int person) const;
  bool carries(int person, std::string_view address, std::string_view channel) const;
  const SourceRecord& of(int person, int source) const {
    return records[static_cast<std::size_t>(person)][static_cast<std::size_t>(source)];
  }
};

/// As an e-mail address or, for any other channel, a number.
std::string address_text(int address, std::string_view channel = "email");
/// Given name in the records of each customer; one says none.
extern const std::array<const char*, person_count> given_names;
extern const std::array<const char*, 9> birth_dates;
extern const std::array<const char*, 4> countries;
Timestamp day_of_march(int day);

/// Which addresses of a person may be written to, by the rules as the documents have them: for each
/// address every "no" is held against every "yes". Empty: nothing may leave to this destination.
std::set<std::string> permitted(const Sources& sources, int person, const config::Purpose& purpose,
                                std::string_view destination, Timestamp as_of);

/// Plays the history through the planner and the deliverer. Empty when every rule was kept, else
/// what was not.
std::string broken_rule(const History& history, std::uint32_t seed);
/// The same, with how often each reason was on record after a run and how many were written to.
std::string broken_rule(const History& history, std::uint32_t seed,
                        std::map<std::string, int>& reasons);
/// The same with every step left out that is not needed to break a rule.
History shrunk(History history, std::uint32_t seed);

}  // namespace rondom::activate::test::consent_history
