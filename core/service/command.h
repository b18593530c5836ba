// command: a program as a child of the service, most often rondom itself: what a verb says, or
// does, is said and done by the verb, in a process that ends.
//
// Any thread; each call waits for its own child and reaps no other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace rondom::service {

/// Set for what the service starts, so that it does not ask the service to do it.
inline constexpr const char* within_service_variable = "RONDOM_WITHIN_SERVICE";

inline constexpr std::size_t command_piece_bytes_max = 64u << 10;

struct Command {
  std::string program;                 // absolute
  std::string name = "rondom";         // that it goes by
  std::vector<std::string> arguments;  // without that
  std::string input;                   // its standard input
  std::string directory;               // to stand in; one that cannot be entered: "/"
  std::int64_t milliseconds_max = 0;   // after that it is asked to stop
  std::int64_t grace_ms = 10'000;      // from then on, until it is killed
  std::function<bool()> at_once;  // asked several times a second, if set: true takes the grace away
};

struct CommandEnd {
  int exit_code = 0;  // 128 + signal when one ended it
  bool timed_out = false;
};

enum class Output : std::uint8_t { standard, error };

/// `said` gets what it writes, in pieces of at most command_piece_bytes_max.
/// `wanted` is asked several times a second: false asks the command to stop (SIGTERM), and it may
/// still say something. ErrorCode::unavailable: it could not be started.
Result<CommandEnd> run_command(const Command& command, const Clock& clock,
                               const std::function<void(Output, std::string_view)>& said,
                               const std::function<bool()>& wanted);

}  // namespace rondom::service
