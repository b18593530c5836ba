#include "plugin/host/sandbox.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <sstream>

#include "plugin/host/witness.h"

#ifdef __clang__  // libseccomp's macros are C99
#pragma clang diagnostic ignored "-Wc99-extensions"
#pragma clang diagnostic ignored "-Wmissing-field-initializers"
#endif

namespace rondom::plugin::host {
namespace {

// Address space beside the limited memory: libraries, and what allocators and stacks reserve unused.
[[maybe_unused]] constexpr std::uint64_t address_bytes_beside = 4ull << 30;

Error failure(const char* what, int number) {
  return {ErrorCode::not_permitted, std::string("The plugin host cannot be confined: ") + what +
                                        " failed (" + std::strerror(number < 0 ? -number : number) +
                                        ")."};
}

/// A filter that allows what no rule names. Unknown names (of newer kernels) are skipped.
class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_ALLOW)) {
    // For every thread there is.
    if (context_ != nullptr) ::seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1);
  }
  ~Filter() {
    if (context_ != nullptr) ::seccomp_release(context_);
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  /// The call fails with `error` and is noted as `deed`.
  void refuse(const char* deed, std::initializer_list<const char*> calls, int error = EPERM) {
    for (const char* call : calls) add(call, SCMP_ACT_TRAP, deed, error, {});
  }
  void refuse_when(const char* deed, const char* call,
                   std::initializer_list<scmp_arg_cmp> conditions, int error = EPERM) {
    add(call, SCMP_ACT_TRAP, deed, error, conditions);
  }
  /// As if this kernel had no such call; libraries go on without.
  void hide(std::initializer_list<const char*> calls) {
    for (const char* call : calls) add(call, SCMP_ACT_ERRNO(ENOSYS), nullptr, ENOSYS, {});
  }
  void deny_when(const char* call, std::initializer_list<scmp_arg_cmp> conditions) {
    add(call, SCMP_ACT_ERRNO(EPERM), nullptr, EPERM, conditions);
  }
  Status load() {
    if (context_ == nullptr) return failure("seccomp_init", ENOMEM);
    if (failed_ != 0) return failure("a seccomp rule", failed_);
    const int number = ::seccomp_load(context_);
    return number == 0 ? Status() : Status(failure("seccomp", number));
  }

 private:
  void add(const char* call, std::uint32_t action, const char* deed, int error,
           std::initializer_list<scmp_arg_cmp> conditions) {
    const int number = ::seccomp_syscall_resolve_name(call);
    if (number == __NR_SCMP_ERROR || context_ == nullptr) return;
    if (deed != nullptr) witness::expect(number, error, deed, call);
    const int result = ::seccomp_rule_add_array(
        context_, action, number, static_cast<unsigned>(conditions.size()), conditions.begin());
    if (result != 0) failed_ = result;
  }
  scmp_filter_ctx context_;
  int failed_ = 0;
};

constexpr const char* start_a_process = "start a process";
constexpr const char* reach_a_process = "reach into another process";
constexpr const char* signal_a_process = "signal another process";
constexpr const char* change_the_system = "change the system";
constexpr const char* open_a_socket = "open a socket";
constexpr const char* change_files = "change files";

void refuse_other_processes(Filter& filter) {
  filter.refuse(start_a_process, {"execve", "execveat", "fork", "vfork"});
  // A new thread is a clone within this process; the C library falls back to it from clone3, whose
  // arguments a filter cannot see.
  filter.refuse_when(start_a_process, "clone", {SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)});
  filter.hide({"clone3"});
  filter.refuse(reach_a_process,
                {"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
                 "process_mrelease", "kcmp", "pidfd_open", "pidfd_getfd", "setns", "unshare",
                 "personality", "migrate_pages", "move_pages", "setpriority", "ioprio_set",
                 "sched_setscheduler", "sched_setparam", "sched_setattr",
                 // memory and messages that processes of one user share
                 "shmget", "shmat", "shmctl", "msgget", "msgsnd", "msgrcv", "msgctl", "semget",
                 "semop", "semctl", "semtimedop", "mq_open", "mq_unlink"});
  // Limits of others can kill them; raised ones of our own are none.
  filter.refuse_when("change limits", "prlimit64", {SCMP_A2(SCMP_CMP_NE, 0)});
  filter.refuse("change limits", {"setrlimit"});
  const auto self = static_cast<scmp_datum_t>(::getpid());
  filter.refuse(signal_a_process,
                {"pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tkill"});
  for (const char* call : {"kill", "tgkill"}) {
    filter.refuse_when(signal_a_process, call, {SCMP_A0(SCMP_CMP_NE, self)});
  }
  // A descriptor that is ready signals its owner, with any signal.
  for (const int owner : {F_SETOWN, F_SETOWN_EX, F_SETSIG}) {
    filter.refuse_when(signal_a_process, "fcntl",
                       {SCMP_A1(SCMP_CMP_EQ, static_cast<scmp_datum_t>(owner))});
  }
  for (const unsigned long owner : {FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCSPGRP}) {
    filter.refuse_when(signal_a_process, "ioctl", {SCMP_A1(SCMP_CMP_EQ, owner)});
  }
}

void refuse_system(Filter& filter) {
  filter.refuse(change_the_system, {"mount",
                                    "umount2",
                                    "pivot_root",
                                    "chroot",
                                    "move_mount",
                                    "open_tree",
                                    "fsopen",
                                    "fsconfig",
                                    "fsmount",
                                    "fspick",
                                    "mount_setattr",
                                    "swapon",
                                    "swapoff",
                                    "reboot",
                                    "acct",
                                    "quotactl",
                                    "quotactl_fd",
                                    "init_module",
                                    "finit_module",
                                    "delete_module",
                                    "kexec_load",
                                    "kexec_file_load",
                                    "bpf",
                                    "perf_event_open",
                                    "userfaultfd",
                                    "keyctl",
                                    "add_key",
                                    "request_key",
                                    "settimeofday",
                                    "clock_settime",
                                    "adjtimex",
                                    "clock_adjtime",
                                    "sethostname",
                                    "setdomainname",
                                    "iopl",
                                    "ioperm",
                                    "modify_ldt",
                                    "syslog",
                                    "lookup_dcookie",
                                    "open_by_handle_at",
                                    "name_to_handle_at",
                                    "setuid",
                                    "setgid",
                                    "setreuid",
                                    "setregid",
                                    "setresuid",
                                    "setresgid",
                                    "setgroups",
                                    "setfsuid",
                                    "setfsgid",
                                    "capset",
                                    "vhangup",
                                    "memfd_secret"});
  // What is submitted to a ring passes by every filter; a file in memory passes by the limit on it.
  filter.hide({"io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_create"});
  // Who answers for a refused call stays who it is.
  filter.deny_when("rt_sigaction", {SCMP_A0(SCMP_CMP_EQ, SIGSYS), SCMP_A1(SCMP_CMP_NE, 0)});
  // Core dumps and tracers stay impossible.
  for (const int option : {PR_SET_DUMPABLE, PR_SET_PTRACER}) {
    filter.deny_when("prctl", {SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(option))});
  }
}

void refuse_sockets(Filter& filter, bool network) {
  if (!network) {
    filter.refuse(open_a_socket,
                  {"socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"},
                  EACCES);
    return;
  }
  // The internet, databases on this machine, and what name service asks; no raw packets, no kernel
  // interfaces.
  for (scmp_datum_t family = AF_INET + 1; family < AF_NETLINK; ++family) {
    if (family == AF_INET6) continue;
    filter.refuse_when("open a socket of an unusual kind", "socket", {SCMP_A0(SCMP_CMP_EQ, family)},
                       EACCES);
  }
  filter.refuse_when("open a socket of an unusual kind", "socket",
                     {SCMP_A0(SCMP_CMP_GT, AF_NETLINK)}, EACCES);
  filter.refuse_when("open a socket of an unusual kind", "socket",
                     {SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, SOCK_RAW)}, EACCES);
}

void refuse_changes(Filter& filter) {
  filter.refuse(
      change_files,
      {"creat",        "mkdir",         "mkdirat",      "mknod",     "mknodat",     "unlink",
       "unlinkat",     "rmdir",         "rename",       "renameat",  "renameat2",   "link",
       "linkat",       "symlink",       "symlinkat",    "truncate",  "chmod",       "fchmodat",
       "fchmodat2",    "chown",         "lchown",       "fchownat",  "utime",       "utimes",
       "utimensat",    "futimesat",     "setxattr",     "lsetxattr", "removexattr", "lremovexattr",
       "inotify_init", "inotify_init1", "fanotify_init"});
}

#if !defined(RONDOM_SANITIZER)
/// Who started this process may have limited it further, which cannot be taken back.
Status lower_limit(decltype(RLIMIT_AS) resource, std::uint64_t bytes, const char* name) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return failure(name, errno);
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, bytes);
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(resource, &limit) == 0 ? Status() : Status(failure(name, errno));
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
    if (::setrlimit(RLIMIT_CORE, &none) != 0) return failure("RLIMIT_CORE", errno);
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failure("PR_SET_DUMPABLE", errno);
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failure("PR_SET_NO_NEW_PRIVS", errno);
  RONDOM_TRY(limit_memory(grants.memory_bytes));
  RONDOM_TRY(restrict_paths(reach_while_loading(grants)));
  Filter filter;
  refuse_other_processes(filter);
  refuse_system(filter);
  refuse_sockets(filter, grants.raw_network);
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
  refuse_changes(filter);
  if (!grants.raw_network) {
    filter.refuse("open a file", {"open", "openat"}, EACCES);
    filter.hide({"openat2"});
    return filter.load();
  }
  // Only for reading. openat2 keeps its flags where a filter cannot see them.
  filter.hide({"openat2"});
  for (const scmp_datum_t flag : {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC}) {
    filter.refuse_when("open a file", "openat", {SCMP_A2(SCMP_CMP_MASKED_EQ, flag, flag)}, EACCES);
    filter.refuse_when("open a file", "open", {SCMP_A1(SCMP_CMP_MASKED_EQ, flag, flag)}, EACCES);
  }
  return filter.load();
}

}  // namespace rondom::plugin::host
