#include "plugin/confinement.h"

#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace rondom::plugin {

Confinement kernel_confinement() {
  Confinement confinement;
  confinement.seccomp = ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  confinement.landlock = version < 0 ? 0 : static_cast<int>(version);
  return confinement;
}

std::string weakness_of(const Confinement& confinement) {
  if (!confinement.seccomp) return "This kernel has no seccomp: plugins cannot be run on it.";
  if (confinement.landlock > 0) return {};
  return "This kernel has no Landlock: a plugin that may use files reaches every file that this "
         "user "
         "does, and any plugin does while it is loaded.";
}

std::string to_text(const Confinement& confinement) {
  std::string text = confinement.seccomp ? "seccomp" : "no seccomp";
  return text + (confinement.landlock > 0 ? ", Landlock " + std::to_string(confinement.landlock)
                                          : ", no Landlock");
}

}  // namespace rondom::plugin
