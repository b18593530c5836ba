// Sandbox: what a plugin host gives up before and after it loads its plugin.
//
// Two steps, each for the rest of the process's life and for every thread that is made later:
//   before_load  no core dump, no new privileges, a limit on memory, no other process in reach (no
//                exec, no fork, no signals, tracing or limits of others, no shared memory), no
//                kernel keys or modules; no sockets unless the connector has the network; where the
//                kernel has Landlock, code that runs while the library is loaded reaches the
//                system's libraries and the library's folder, or its granted paths. Threads stay
//                possible.
//   after_load   no files at all, the granted paths alone, or with the network alone the system's
//                files (name service, certificates) for reading.
// System calls are refused by seccomp and noted (witness.h); paths are refused by Landlock. Called
// before there is a second thread, because Landlock holds for the calling thread and those it
// makes. What fails to take hold is returned as a sentence, and the caller does not go on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace rondom::plugin::host {

struct Grants {
  bool raw_network = false;
  bool filesystem = false;
  // With `filesystem`: these paths; both empty = every path that this user may use.
  std::vector<std::string> readable_paths;
  std::vector<std::string> writable_paths;  // readable too
  std::string library;                      // the plugin file
  std::uint64_t memory_bytes = 0;           // 0 = no limit
  bool debugged = false;                    // core dumps and a debugger stay possible
  bool names_paths() const { return !readable_paths.empty() || !writable_paths.empty(); }
};

Status before_load(const Grants& grants);
Status after_load(const Grants& grants);

/// What Landlock leaves: reading beneath `readable`, anything but running beneath `writable`; no
/// TCP unless `network`; no signals and abstract sockets of others. Ok without effect where the
/// kernel has none.
struct Reach {
  std::vector<std::string> readable;
  std::vector<std::string> writable;
  bool every_path = false;
  bool network = false;
};
Status restrict_paths(const Reach& reach);
/// What every program reads: libraries, time zones, certificates, name service.
const std::vector<std::string>& system_paths();

}  // namespace rondom::plugin::host
