#include "base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace rondom {

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = getrandom(bytes.data() + done, bytes.size() - done, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      std::abort();  // a system without randomness cannot make ids
    }
    done += static_cast<std::size_t>(got);
  }
}

}  // namespace rondom
