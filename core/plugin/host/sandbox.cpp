#include "plugin/host/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "plugin/host/filter.h"
#include "plugin/host/witness.h"

namespace rondom::plugin::host {
namespace {

// Address space beside the limited memory: libraries, and what allocators and stacks reserve
// unused.
[[maybe_unused]] constexpr std::uint64_t address_bytes_beside = 4ull << 30;

#if !defined(RONDOM_SANITIZER)
/// Who started this process may have limited it further, which cannot be taken back.
Status lower_limit(decltype(RLIMIT_AS) resource, std::uint64_t bytes, const char* name) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return not_confined(name, errno);
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, bytes);
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(resource, &limit) == 0 ? Status() : Status(not_confined(name, errno));
}
#endif

Status limit_memory(std::uint64_t bytes) {
  if (bytes == 0) return {};
#if !defined(RONDOM_SANITIZER)  // whose shadow memory is many times what any limit allows
  RONDOM_TRY(lower_limit(RLIMIT_DATA, bytes, "RLIMIT_DATA"));
  RONDOM_TRY(lower_limit(RLIMIT_AS, bytes + address_bytes_beside, "RLIMIT_AS"));
#endif
  return {};
}

Reach reach_while_loading(const Grants& grants) {
  Reach reach;
  reach.network = grants.raw_network;
  // A core dump is written as the process itself would.
  reach.every_path = grants.debugged || (grants.filesystem && !grants.names_paths());
  reach.readable = system_paths();
  reach.readable.push_back(std::filesystem::path(grants.library).parent_path().string());
  // Where the system looks for libraries because somebody said so.
  if (const char* folders = std::getenv("LD_LIBRARY_PATH")) {
    std::istringstream list(folders);
    for (std::string folder; std::getline(list, folder, ':');) reach.readable.push_back(folder);
  }
  if (grants.filesystem) {
    reach.readable.insert(reach.readable.end(), grants.readable_paths.begin(),
                          grants.readable_paths.end());
    reach.writable = grants.writable_paths;
  }
  return reach;
}

}  // namespace

Status before_load(const Grants& grants) {
  if (!grants.debugged) {
    // They would hold the secrets of a connection.
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0) return not_confined("RLIMIT_CORE", errno);
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return not_confined("PR_SET_DUMPABLE", errno);
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return not_confined("PR_SET_NO_NEW_PRIVS", errno);
  RONDOM_TRY(limit_memory(grants.memory_bytes));
  RONDOM_TRY(restrict_paths(reach_while_loading(grants)));
  RONDOM_TRY(hide_unknown_calls());
  Filter filter;
  refuse_other_processes(filter);
  refuse_system(filter);
  refuse_sockets(filter, grants.raw_network);
  refuse_file_facts(filter, grants.filesystem);
  // Code that runs while the library is loaded has no more rights than what comes after it.
  if (!grants.filesystem) {
    refuse_file_changes(filter);
    refuse_writing(filter);
  }
#if !defined(RONDOM_SANITIZER)
  if (grants.memory_bytes != 0) refuse_uncounted_memory(filter);
#endif
  return filter.load();
}

Status after_load(const Grants& grants) {
  Filter filter;
  if (grants.filesystem) {
    if (!grants.names_paths()) return {};
    // Landlock decides; what it refuses is noted on the way.
    witness::watch_paths();
    filter.refuse("open a file", {"open", "openat"}, EACCES);
    return filter.load();
  }
  Reach reach;
  reach.network = grants.raw_network;
  reach.every_path = grants.debugged;
  if (grants.raw_network) reach.readable = system_paths();
  RONDOM_TRY(restrict_paths(reach));
  if (!grants.raw_network) filter.refuse("open a file", {"open", "openat"}, EACCES);
  return filter.load();
}

}  // namespace rondom::plugin::host
