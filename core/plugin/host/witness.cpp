#include "plugin/host/witness.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <new>

namespace rondom::plugin::host::witness {
namespace {

constexpr int system_calls_max = 1'024;
constexpr std::size_t paths_noted_max = 8;
constexpr std::size_t path_bytes_max = 200;
[[maybe_unused]] constexpr unsigned trace_seconds_max = 5;
[[maybe_unused]] constexpr std::size_t crash_stack_bytes = 64u << 10;

// Where the C library and the C++ runtime look by themselves: no deed of a plugin.
constexpr const char* looked_at_by_libraries[] =
    {"/usr/",
     "/lib",
     "/etc/localtime",
     "/sys/devices/system/cpu",
     "/proc/self/",
     "/proc/cpuinfo",
     "/proc/stat",
     "/dev/urandom",
     "/proc/sys/vm/overcommit_memory"};  // glibc's allocator, when it gives an arena back

struct Expected {
  const char* deed = nullptr;
  const char* call = nullptr;
  int error = EPERM;
};

struct State {
  int notes = -1;
  int memory_figures = -1;  // /proc/self/statm
  std::uint64_t memory_bytes = 0;
  std::array<Expected, system_calls_max> expected;
  std::array<std::atomic<bool>, system_calls_max> noted{};
  std::array<std::atomic<std::uint64_t>, paths_noted_max> paths{};
  std::atomic<bool> paths_watched{false};
  std::atomic<bool> memory_noted{false};
  std::atomic<bool> crashed{false};
};
State& state() {
  static State one;
  return one;
}

/// A line put together without the C library's help, and written at once.
class Note {
 public:
  Note& text(const char* words) { return bytes(words, std::strlen(words)); }
  Note& bytes(const char* words, std::size_t size) {
    for (std::size_t i = 0; i < size && used_ < sizeof line_ - 1; ++i) {
      const auto c = static_cast<unsigned char>(words[i]);
      line_[used_++] = c < 0x20 || c >= 0x7f ? '?' : static_cast<char>(c);
    }
    return *this;
  }
  Note& number(std::uint64_t value, unsigned base) {
    char digits[20];
    int count = 0;
    do {
      digits[count++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    while (count > 0) bytes(&digits[--count], 1);
    return *this;
  }
  void send() {
    line_[used_++] = '\n';
    [[maybe_unused]] const ssize_t written = ::write(state().notes, line_, used_);
  }

 private:
  char line_[note_bytes_max];
  std::size_t used_ = 0;
};

// Registers hold addresses as numbers.
const char* address_of(long number) {
  return reinterpret_cast<const char*>(number);  // NOLINT(performance-no-int-to-ptr)
}

#if defined(__x86_64__)
long argument(const ucontext_t& at, int number) {
  constexpr int registers[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10};
  return at.uc_mcontext.gregs[registers[number]];
}
void answer(ucontext_t& at, long value) {
  at.uc_mcontext.gregs[REG_RAX] = value;
}
[[maybe_unused]] const char* place_of(const ucontext_t& at) {
  return address_of(at.uc_mcontext.gregs[REG_RIP]);
}
#elif defined(__aarch64__)
long argument(const ucontext_t& at, int number) {
  return static_cast<long>(at.uc_mcontext.regs[number]);
}
void answer(ucontext_t& at, long value) {
  at.uc_mcontext.regs[0] = static_cast<unsigned long long>(value);
}
[[maybe_unused]] const char* place_of(const ucontext_t& at) {
  return address_of(static_cast<long>(at.uc_mcontext.pc));
}
#else
#error "say here where this machine keeps the arguments and the result of a system call"
#endif

/// Length of the path at this address; 0 when there is nothing that the kernel can read.
std::size_t path_length(long address) {
  char first = 0;
  if (address == 0) return 0;
  if (::syscall(SYS_readlinkat, AT_FDCWD, address, &first, 1) < 0 && errno == EFAULT) return 0;
  return ::strnlen(address_of(address), path_bytes_max);
}

bool first_time(const char* path, std::size_t size) {
  std::uint64_t hash = 14'695'981'039'346'656'037ull;  // FNV-1a
  for (std::size_t i = 0; i < size; ++i) {
    hash = (hash ^ static_cast<unsigned char>(path[i])) * 1'099'511'628'211ull;
  }
  for (std::atomic<std::uint64_t>& slot : state().paths) {
    std::uint64_t free = 0;
    if (slot.load() == hash) return false;
    if (slot.compare_exchange_strong(free, hash)) return true;
    if (free == hash) return false;
  }
  return false;
}

void note_path(long address, bool writes) {
  const std::size_t size = path_length(address);
  if (size == 0) return;
  const auto* path = address_of(address);
  for (const char* known : looked_at_by_libraries) {
    if (!writes && std::strncmp(path, known, std::strlen(known)) == 0) return;
  }
  if (!first_time(path, size)) return;
  Note().text("refused open the file ").bytes(path, size).send();
}

bool is_opening(int call) {
#ifdef SYS_open
  if (call == SYS_open) return true;
#endif
  return call == SYS_openat;
}

/// The answer of the kernel under Landlock, which is all that decides.
long open_beneath(long folder, long path, long flags, long mode) {
  constexpr long known = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK |
                         O_DSYNC | O_SYNC | O_DIRECT | O_DIRECTORY | O_NOFOLLOW | O_NOATIME |
                         O_CLOEXEC | O_PATH | O_TMPFILE;
  const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags & known);
  how.mode = makes ? static_cast<std::uint64_t>(mode & 07777) : 0;
  const long opened = ::syscall(SYS_openat2, folder, path, &how, sizeof how);
  if (opened >= 0) return opened;
  const int error = errno;
  if (error == EACCES) note_path(path, (flags & O_ACCMODE) != O_RDONLY);
  return -error;
}

void on_refused(int, siginfo_t* info, void* context) {
  const int error_before = errno;
  auto& at = *static_cast<ucontext_t*>(context);
  const int call = info->si_syscall;
  if (call < 0 || call >= system_calls_max) {
    answer(at, -EPERM);
  } else if (is_opening(call)) {
    const bool with_folder = call == SYS_openat;
    const long folder = with_folder ? argument(at, 0) : AT_FDCWD;
    const int shift = with_folder ? 1 : 0;
    const long flags = argument(at, 1 + shift);
    if (state().paths_watched.load()) {
      answer(at, open_beneath(folder, argument(at, shift), flags, argument(at, 2 + shift)));
    } else {
      note_path(argument(at, shift), (flags & O_ACCMODE) != O_RDONLY);
      answer(at, -state().expected[static_cast<std::size_t>(call)].error);
    }
  } else {
    const auto index = static_cast<std::size_t>(call);
    const Expected& expected = state().expected[index];
    if (expected.deed != nullptr && !state().noted[index].exchange(true)) {
      Note().text("refused ").text(expected.deed).text(" (").text(expected.call).text(")").send();
    }
    answer(at, -expected.error);
  }
  errno = error_before;
}

std::uint64_t next_number(const char*& at, const char* end) {
  while (at < end && (*at < '0' || *at > '9')) ++at;
  std::uint64_t value = 0;
  for (; at < end && *at >= '0' && *at <= '9'; ++at) {
    value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  }
  return value;
}

#if !defined(RONDOM_SANITIZER)

void note_frame(const void* place) {
  Dl_info where{};
  Note note;
  note.text("at ");
  if (::dladdr(place, &where) == 0 || where.dli_fname == nullptr) {
    note.text("?").send();
    return;
  }
  const char* slash = std::strrchr(where.dli_fname, '/');
  const auto distance = [place](const void* from) {
    return static_cast<std::uint64_t>(static_cast<const char*>(place) -
                                      static_cast<const char*>(from));
  };
  note.text(slash == nullptr ? where.dli_fname : slash + 1);
  note.text("+0x").number(distance(where.dli_fbase), 16);
  if (where.dli_sname != nullptr) note.text(" (").text(where.dli_sname).text(")");
  note.send();
}

void on_crash(int signal_number, siginfo_t*, void* context) {
  // Dies of the same signal, when the handler has returned; or of an alarm, should the trace hang.
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  ::sigaction(signal_number, &usual, nullptr);
  ::sigaction(SIGALRM, &usual, nullptr);
  if (!state().crashed.exchange(true)) {
    Note().text("crash ").number(static_cast<std::uint64_t>(signal_number), 10).send();
    note_memory();
    ::alarm(trace_seconds_max);
    const void* const place = place_of(*static_cast<ucontext_t*>(context));
    void* places[trace_frames_max + 8];
    const int count = ::backtrace(places, trace_frames_max + 8);
    // The first ones are this handler's.
    const auto* from = std::find(places, places + count, place);
    if (from == places + count) note_frame(place);
    int noted = 0;
    for (const auto* at = from; at < places + count && noted < trace_frames_max; ++at, ++noted) {
      note_frame(*at);
    }
    ::alarm(0);
  }
  ::syscall(SYS_tgkill, ::getpid(), ::syscall(SYS_gettid), signal_number);
}

[[noreturn]] void on_no_memory() {
  if (!state().memory_noted.exchange(true)) Note().text("memory").send();
  throw std::bad_alloc();
}

void take_crashes() {
  static char stack[crash_stack_bytes];
  stack_t other{};
  other.ss_sp = stack;
  other.ss_size = sizeof stack;
  ::sigaltstack(&other, nullptr);
  void* warm[2];
  (void)::backtrace(warm, 2);  // loads the unwinder, which a handler cannot
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
    ::sigaction(number, &action, nullptr);
  }
  std::set_new_handler(on_no_memory);
}

#else

void take_crashes() {}  // a sanitizer has handlers of its own

#endif

}  // namespace

void install(int notes, std::uint64_t memory_bytes) {
  state().notes = notes;
#if defined(RONDOM_SANITIZER)
  memory_bytes = 0;  // no limit is set either: the shadow memory is many times of what any allows
#endif
  state().memory_bytes = memory_bytes;
  state().memory_figures = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  struct sigaction action {};
  action.sa_sigaction = on_refused;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigaction(SIGSYS, &action, nullptr);
  take_crashes();
}

void expect(int system_call, int error, const char* deed, const char* call) {
  if (system_call < 0 || system_call >= system_calls_max) return;
  state().expected[static_cast<std::size_t>(system_call)] = {deed, call, error};
}

void watch_paths() {
  state().paths_watched.store(true);
}

void note_memory() {
  if (state().memory_bytes == 0 || state().memory_noted.load()) return;
  char figures[128];
  const ssize_t size = ::pread(state().memory_figures, figures, sizeof figures, 0);
  if (size <= 0) return;
  // size resident shared text lib data, in pages
  const char* at = figures;
  std::uint64_t pages = 0;
  for (int i = 0; i < 6; ++i) pages = next_number(at, figures + size);
  const std::uint64_t bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  // An allocation that did not fit left less than an eighth.
  if (bytes < state().memory_bytes - state().memory_bytes / 8) return;
  if (!state().memory_noted.exchange(true)) Note().text("memory").send();
}

}  // namespace rondom::plugin::host::witness
