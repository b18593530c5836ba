// Sandbox: what a plugin host gives up before and after it loads its plugin.
//
// Three steps, each for the rest of the process's life:
//   before_load     no core dump, no new privileges, no other process in reach: no exec, no fork,
//                   no signals and tracing of others, no kernel keys or modules; no sockets unless
//                   the connector declares RAW_NETWORK. Threads stay possible.
//   restrict_paths  Landlock, where the kernel has it and something is to be restricted.
//   after_load      no files unless the connector declares FILESYSTEM; with RAW_NETWORK alone the
//                   system's files can be read (name service, certificates), nothing written.
// What fails to take hold is returned as a sentence; the caller refuses to go on or reports it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace rondom::plugin::host {

struct Grants {
  bool raw_network = false;
  bool filesystem = false;
  std::vector<std::string> readable_paths;
  std::vector<std::string> writable_paths;  // readable too
};

Status before_load(const Grants& grants);
/// ErrorCode::unsupported when the kernel has no Landlock.
Status restrict_paths(const Grants& grants);
Status after_load(const Grants& grants);

}  // namespace rondom::plugin::host
