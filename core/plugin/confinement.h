// confinement: by what this kernel can confine a plugin host.
#pragma once

#include <string>

namespace rondom::plugin {

struct Confinement {
  bool seccomp = false;
  int landlock = 0;  // its version; 0 = the kernel has none, or it is switched off
};

/// Of the running kernel. Any thread.
Confinement kernel_confinement();

/// One sentence on what is missing and what follows from it; empty when nothing is.
std::string weakness_of(const Confinement& confinement);
/// "seccomp, Landlock 7".
std::string to_text(const Confinement& confinement);

}  // namespace rondom::plugin
