// statements: what a profile or record says that decides about a purpose. Private to activate.
// Plain data over the bytes it was read from; any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/validity.h"
#include "pipeline/activate/permission.h"

namespace rondom::activate {

/// In order of restriction.
enum class Said : std::uint8_t { pending, granted, expired, unreadable, denied, withdrawn };

std::optional<Said> said_from(std::string_view status);
const char* word(Said said);

struct Statement {
  Said said = Said::granted;
  Timestamp at = no_time;
  std::string_view contact;  // empty: the party
  Timestamp ends_at = no_time;

  /// A "no" without a time may be younger than anything.
  Timestamp rank() const {
    const bool open_end = at == no_time && said != Said::granted;
    return open_end ? std::numeric_limits<Timestamp>::max() : at;
  }
  bool outranks(const Statement& other) const {
    if (rank() != other.rank()) return rank() > other.rank();
    return said > other.said;
  }
};

struct ContactPoint {
  std::string_view value;
  std::string_view status;
  std::string_view verified_at;
  std::uint32_t group = 0;
};

/// A suppression that is about this purpose and destination.
struct Closing {
  std::string_view kind;
  std::string_view contact;  // empty: the party
  Timestamp begins_at = no_time, ends_at = no_time;
  std::string listed = {};  // "list do_not_contact, suppressions/board.yaml:4"
  bool elsewhere = false;   // another record says so

  bool holds_at(Timestamp as_of) const {
    return as_of == no_time || rondom::holds_at(begins_at, ends_at, as_of) == Holds::now;
  }
};

struct Facts {
  std::vector<ContactPoint> contacts;  // of the purpose's channel
  std::vector<Statement> statements;
  std::vector<Closing> closings;
  std::vector<std::string_view> countries;
  std::string_view birth_date;
  bool deceased = false;
  bool deceased_elsewhere = false;  // says a record that has vanished
  bool test_record = false;
};

/// With `lists`, also what suppressions/*.yaml say of whom these values are.
Facts read_facts(std::string_view values, const config::Purpose& purpose,
                 std::string_view destination, bool lists);

/// Domain and, as every mail system in use does, the part before the @ regardless of case.
bool same_contact(std::string_view a, std::string_view b);

/// Is what is suppressed for this purpose, channel and destination (each may be empty) suppressed
/// here?
bool is_in_scope(std::string_view suppressed_purpose, std::string_view suppressed_channel,
                 std::string_view suppressed_destination, const config::Purpose& purpose,
                 std::string_view destination);

}  // namespace rondom::activate
