// What a plugin host gives up, by theme.
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fsverity.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "plugin/host/filter.h"

#ifdef __clang__  // libseccomp's macros are C99
#pragma clang diagnostic ignored "-Wc99-extensions"
#pragma clang diagnostic ignored "-Wmissing-field-initializers"
#endif

namespace rondom::plugin::host {
namespace {

constexpr const char* start_a_process = "start a process";
constexpr const char* reach_a_process = "reach into another process";
constexpr const char* signal_a_process = "signal another process";
constexpr const char* change_the_system = "change the system";
constexpr const char* open_a_socket = "open a socket";
constexpr const char* open_an_unusual_socket = "open a socket of an unusual kind";
constexpr const char* change_files = "change files";
constexpr const char* open_a_file = "open a file";
constexpr const char* take_uncounted_memory = "take memory that no limit counts";

}  // namespace

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
    filter.refuse_when(signal_a_process, "fcntl", {low_half(1, static_cast<std::uint32_t>(owner))});
  }
  for (const unsigned long owner : {FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCSPGRP}) {
    filter.refuse_when(signal_a_process, "ioctl", {low_half(1, static_cast<std::uint32_t>(owner))});
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
  filter.deny_when("rt_sigaction", {low_half(0, SIGSYS), SCMP_A1(SCMP_CMP_NE, 0)});
  // Core dumps and tracers stay impossible, and it ends with whoever started it.
  for (const int option : {PR_SET_DUMPABLE, PR_SET_PTRACER, PR_SET_PDEATHSIG}) {
    filter.deny_when("prctl", {low_half(0, static_cast<std::uint32_t>(option))});
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
  for (std::uint32_t family = AF_INET + 1; family < AF_NETLINK; ++family) {
    if (family == AF_INET6) continue;
    filter.refuse_when(open_an_unusual_socket, "socket", {low_half(0, family)}, EACCES);
  }
  filter.refuse_when(open_an_unusual_socket, "socket", {SCMP_A0(SCMP_CMP_GT, AF_NETLINK)}, EACCES);
  filter.refuse_when(open_an_unusual_socket, "socket", {SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, SOCK_RAW)},
                     EACCES);
}

void refuse_file_facts(Filter& filter, bool has_files) {
  filter.refuse(change_files,
                {"chmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchownat", "utime", "utimes",
                 "utimensat", "futimesat", "setxattr", "lsetxattr", "setxattrat", "removexattr",
                 "lremovexattr", "removexattrat", "file_setattr", "truncate"});
  // Of an open file: one that may only be read is enough for it.
  const std::initializer_list<const char*> of_open_files = {"fchmod", "fchown", "fsetxattr",
                                                            "fremovexattr"};
  if (has_files) {
    filter.deny(of_open_files);  // SQLite does it to its journals, and goes on without
  } else {
    filter.refuse(change_files, of_open_files);
  }
  for (const unsigned long order : {FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FS_IOC_SETVERSION,
                                    FS_IOC_ENABLE_VERITY, FS_IOC_SET_ENCRYPTION_POLICY}) {
    filter.deny_when("ioctl", {low_half(1, static_cast<std::uint32_t>(order))});
  }
}

void refuse_file_changes(Filter& filter) {
  filter.refuse(change_files,
                {"creat", "mkdir", "mkdirat", "mknod", "mknodat", "unlink", "unlinkat", "rmdir",
                 "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
                 "inotify_init", "inotify_init1", "fanotify_init"});
}

void refuse_writing(Filter& filter) {
  // openat2 keeps its flags where a filter cannot see them.
  filter.hide({"openat2"});
  for (const std::uint32_t flag : {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC}) {
    filter.refuse_when(open_a_file, "openat", {low_half(2, flag, flag)}, EACCES);
    filter.refuse_when(open_a_file, "open", {low_half(1, flag, flag)}, EACCES);
  }
}

void refuse_uncounted_memory(Filter& filter) {
  // RLIMIT_DATA counts what is private and no stack.
  for (const std::uint32_t kind : {MAP_SHARED | MAP_ANONYMOUS, MAP_GROWSDOWN | 0}) {
    filter.refuse_when(take_uncounted_memory, "mmap", {low_half(3, kind, kind)}, ENOMEM);
  }
}

}  // namespace rondom::plugin::host
