#include "plugin/host/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <initializer_list>

#ifdef __clang__  // libseccomp's macros are C99
#pragma clang diagnostic ignored "-Wc99-extensions"
#pragma clang diagnostic ignored "-Wmissing-field-initializers"
#endif

namespace rondom::plugin::host {
namespace {

Error failure(const char* what, int number) {
  return {ErrorCode::not_permitted, std::string("The plugin host cannot be confined: ") + what +
                                        " failed (" + std::strerror(number < 0 ? -number : number) +
                                        ")."};
}

/// A filter that allows what no rule names. Unknown names (of newer kernels) are skipped.
class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_ALLOW)) {
    // For every thread there is, the reading thread of the host too.
    if (context_ != nullptr) ::seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1);
  }
  ~Filter() {
    if (context_ != nullptr) ::seccomp_release(context_);
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  void deny(std::initializer_list<const char*> calls, int number = EPERM) {
    for (const char* call : calls) add(call, number, {});
  }
  void deny_when(const char* call, const scmp_arg_cmp& condition) { add(call, EPERM, {condition}); }
  Status load() {
    if (context_ == nullptr) return failure("seccomp_init", ENOMEM);
    if (failed_ != 0) return failure("a seccomp rule", failed_);
    const int number = ::seccomp_load(context_);
    return number == 0 ? Status() : Status(failure("seccomp", number));
  }

 private:
  void add(const char* call, int number, std::initializer_list<scmp_arg_cmp> conditions) {
    const int syscall_number = ::seccomp_syscall_resolve_name(call);
    if (syscall_number == __NR_SCMP_ERROR || context_ == nullptr) return;
    const int result = ::seccomp_rule_add_array(
        context_, SCMP_ACT_ERRNO(static_cast<std::uint32_t>(number)), syscall_number,
        static_cast<unsigned>(conditions.size()), conditions.begin());
    if (result != 0) failed_ = result;
  }
  scmp_filter_ctx context_;
  int failed_ = 0;
};

void deny_other_processes(Filter& filter) {
  filter.deny({"execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv",
               "process_vm_writev", "process_madvise", "kcmp", "pidfd_open", "pidfd_getfd",
               "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tkill", "setns",
               "unshare", "personality"});
  const auto self = static_cast<scmp_datum_t>(::getpid());
  filter.deny_when("kill", SCMP_A0(SCMP_CMP_NE, self));
  filter.deny_when("tgkill", SCMP_A0(SCMP_CMP_NE, self));
  // A new thread is a clone within this process; the C library falls back to it from clone3, whose
  // arguments a filter cannot see.
  filter.deny_when("clone", SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  filter.deny({"clone3"}, ENOSYS);
}

void deny_kernel(Filter& filter) {
  filter.deny({"mount",
               "umount2",
               "pivot_root",
               "chroot",
               "move_mount",
               "open_tree",
               "fsopen",
               "fsconfig",
               "fsmount",
               "mount_setattr",
               "swapon",
               "swapoff",
               "reboot",
               "acct",
               "quotactl",
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
               "capset"});
  // What is submitted to a ring passes by every filter.
  filter.deny({"io_uring_setup", "io_uring_enter", "io_uring_register"}, ENOSYS);
}

void deny_changes(Filter& filter) {
  filter.deny({"creat",        "mkdir",         "mkdirat",      "mknod",       "mknodat",
               "unlink",       "unlinkat",      "rmdir",        "rename",      "renameat",
               "renameat2",    "link",          "linkat",       "symlink",     "symlinkat",
               "truncate",     "chmod",         "fchmodat",     "fchmodat2",   "chown",
               "lchown",       "fchownat",      "utime",        "utimes",      "utimensat",
               "futimesat",    "setxattr",      "lsetxattr",    "removexattr", "lremovexattr",
               "inotify_init", "inotify_init1", "fanotify_init"});
}

std::uint64_t reading_rights() {
  return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;
}

// Rights that this build's kernel headers may not name yet.
constexpr std::uint64_t right_refer = 1ull << 13;     // ABI 2
constexpr std::uint64_t right_truncate = 1ull << 14;  // ABI 3

std::uint64_t all_rights(long abi) {
  std::uint64_t rights = (1ull << 13) - 1;
  if (abi >= 2) rights |= right_refer;
  if (abi >= 3) rights |= right_truncate;
  return rights;
}

std::uint64_t file_rights(long abi) {
  return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE |
         (abi >= 3 ? right_truncate : 0);
}

/// Grants `rights` beneath `path`; a path that does not exist is none of the plugin's business,
/// except that a file yet to be written needs its folder.
void grant(int rules, std::string path, std::uint64_t rights, bool writing, long abi) {
  int descriptor = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (descriptor < 0 && writing) {
    path = std::filesystem::path(path).parent_path().string();
    descriptor = ::open(path.empty() ? "." : path.c_str(), O_PATH | O_CLOEXEC);
  }
  if (descriptor < 0) return;
  struct stat facts {};
  const bool directory = ::fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode);
  landlock_path_beneath_attr rule{};
  rule.allowed_access = directory ? rights : rights & file_rights(abi);
  rule.parent_fd = descriptor;
  ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  ::close(descriptor);
}

}  // namespace

Status before_load(const Grants& grants) {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return failure("RLIMIT_CORE", errno);
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failure("PR_SET_DUMPABLE", errno);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failure("PR_SET_NO_NEW_PRIVS", errno);
  Filter filter;
  deny_other_processes(filter);
  deny_kernel(filter);
  if (!grants.raw_network) {
    filter.deny({"socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"}, EACCES);
  }
  return filter.load();
}

Status restrict_paths(const Grants& grants) {
  const bool nothing_named = grants.readable_paths.empty() && grants.writable_paths.empty();
  // Without files the filter of after_load is the stricter one; without named paths every path that
  // the user may use is meant.
  if (!grants.filesystem && !grants.raw_network) return {};
  if (grants.filesystem && nothing_named) return {};
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) {
    return {ErrorCode::unsupported,
            "This kernel has no Landlock: the plugin can reach every file that the service can."};
  }
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = all_rights(abi);
  const int rules = static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0));
  if (rules < 0) return failure("Landlock", errno);
  for (const char* path : {"/usr", "/lib", "/lib64", "/etc", "/run", "/dev/null", "/dev/urandom",
                           "/proc/self", "/var/lib/ca-certificates"}) {
    grant(rules, path, reading_rights(), false, abi);
  }
  for (const std::string& path : grants.readable_paths) {
    grant(rules, path, reading_rights(), false, abi);
  }
  for (const std::string& path : grants.writable_paths) {
    grant(rules, path, all_rights(abi) & ~LANDLOCK_ACCESS_FS_EXECUTE, true, abi);
  }
  const long result = ::syscall(SYS_landlock_restrict_self, rules, 0);
  const int number = errno;
  ::close(rules);
  return result == 0 ? Status() : Status(failure("Landlock", number));
}

Status after_load(const Grants& grants) {
  if (grants.filesystem) return {};
  Filter filter;
  deny_changes(filter);
  if (!grants.raw_network) {
    filter.deny({"open", "openat", "openat2"}, EACCES);
    return filter.load();
  }
  // Only for reading. openat2 keeps its flags where a filter cannot see them.
  filter.deny({"openat2"}, ENOSYS);
  for (const scmp_datum_t flag : {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC}) {
    filter.deny_when("openat", SCMP_A2(SCMP_CMP_MASKED_EQ, flag, flag));
    filter.deny_when("open", SCMP_A1(SCMP_CMP_MASKED_EQ, flag, flag));
  }
  return filter.load();
}

}  // namespace rondom::plugin::host
