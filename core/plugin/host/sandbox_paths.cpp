// The Landlock half of the sandbox.
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "plugin/confinement.h"
#include "plugin/host/sandbox.h"

namespace rondom::plugin::host {
namespace {

// What this build's kernel headers may not name yet, by the version of Landlock that has it.
constexpr std::uint64_t right_refer = 1ull << 13;           // 2
constexpr std::uint64_t right_truncate = 1ull << 14;        // 3
constexpr std::uint64_t tcp_bind_and_connect = 3;           // 4
constexpr std::uint64_t right_device_control = 1ull << 15;  // 5
constexpr std::uint64_t abstract_sockets_and_signals = 3;   // 6

struct Attributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scoped = 0;
};

std::size_t size_known_to(long version) {
  if (version >= 6) return sizeof(Attributes);
  return version >= 4 ? offsetof(Attributes, scoped) : offsetof(Attributes, network);
}

constexpr std::uint64_t reading_rights =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;

std::uint64_t all_rights(long version) {
  std::uint64_t rights = (1ull << 13) - 1;
  if (version >= 2) rights |= right_refer;
  if (version >= 3) rights |= right_truncate;
  if (version >= 5) rights |= right_device_control;
  return rights;
}

std::uint64_t rights_of_one_file(long version) {
  return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE |
         (version >= 3 ? right_truncate : 0) | (version >= 5 ? right_device_control : 0);
}

/// Grants `rights` beneath `path`, and never beneath what is above it: of a path that does not
/// exist there is nothing to grant.
void grant(int rules, const std::string& path, std::uint64_t rights, long version) {
  const int descriptor = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (descriptor < 0) return;
  struct stat facts {};
  const bool directory = ::fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode);
  landlock_path_beneath_attr rule{};
  rule.allowed_access = directory ? rights : rights & rights_of_one_file(version);
  rule.parent_fd = descriptor;
  ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  ::close(descriptor);
}

Error failure(int number) {
  return {ErrorCode::not_permitted,
          std::string("The plugin host cannot be confined: Landlock failed (") +
              std::strerror(number) + ")."};
}

}  // namespace

const std::vector<std::string>& system_paths() {
  // Not /etc and /run as a whole: projects and the credentials of services are kept there.
  static const std::vector<std::string> paths = {"/usr",
                                                 "/lib",
                                                 "/lib64",
                                                 "/dev/null",
                                                 "/dev/urandom",
                                                 "/proc/self",
                                                 "/etc/ld.so.cache",
                                                 "/etc/ld.so.preload",
                                                 "/etc/localtime",
                                                 "/etc/passwd",
                                                 "/etc/group",
                                                 "/etc/ssl",
                                                 "/etc/pki",
                                                 "/etc/ca-certificates",
                                                 "/etc/crypto-policies",
                                                 "/etc/ca-certificates.conf",
                                                 "/var/lib/ca-certificates",
                                                 "/etc/resolv.conf",
                                                 "/etc/hosts",
                                                 "/etc/host.conf",
                                                 "/etc/gai.conf",
                                                 "/etc/nsswitch.conf",
                                                 "/etc/services",
                                                 "/etc/protocols",
                                                 "/etc/mysql",
                                                 "/etc/my.cnf",
                                                 "/etc/my.cnf.d",
                                                 "/etc/krb5.conf",
                                                 "/etc/gss",
                                                 "/run/systemd/resolve",
                                                 "/run/resolvconf",
                                                 "/run/NetworkManager/resolv.conf"};
  return paths;
}

Status restrict_paths(const Reach& reach) {
  const int version = kernel_confinement().landlock;
  Attributes attributes;
  if (!reach.every_path) attributes.files = all_rights(version);
  if (!reach.network && version >= 4) attributes.network = tcp_bind_and_connect;
  if (version >= 6) attributes.scoped = abstract_sockets_and_signals;
  const bool nothing = (attributes.files | attributes.network | attributes.scoped) == 0;
  if (version < 1 || nothing) return {};
  const int rules = static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &attributes, size_known_to(version), 0));
  if (rules < 0) return failure(errno);
  if (!reach.every_path) {
    for (const std::string& path : reach.readable) {
      grant(rules, path, reading_rights, version);
    }
    for (const std::string& path : reach.writable) {
      grant(rules, path, all_rights(version) & ~LANDLOCK_ACCESS_FS_EXECUTE, version);
    }
  }
  const long result = ::syscall(SYS_landlock_restrict_self, rules, 0);
  const int number = errno;
  ::close(rules);
  return result == 0 ? Status() : Status(failure(number));
}

}  // namespace rondom::plugin::host
