#include "plugin/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace rondom::plugin {
namespace {

// Copies of the child's descriptors start here, clear of the numbers they get in the child.
constexpr int first_copied_descriptor = 16;

// All the host may know of the engine's environment: how to find libraries, the time zone, and the
// switches of the sanitizers.
constexpr std::array<const char*, 7> passed_variables = {
    "LD_LIBRARY_PATH", "TZ",           "ASAN_OPTIONS", "UBSAN_OPTIONS",
    "TSAN_OPTIONS",    "LSAN_OPTIONS", "LANG"};

Error failure(const std::string& what, int number) {
  return {ErrorCode::unavailable,
          "A plugin host cannot be started: " + what + " (" + std::strerror(number) + ")."};
}

Descriptor copy_high(int descriptor) {
  return Descriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, first_copied_descriptor));
}

// A debugger wants to know its terminal and its user.
constexpr std::array<const char*, 3> passed_to_wrappers = {"TERM", "HOME", "PATH"};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// Default handlers and no blocked signals: the engine's choices are not the host's.
class Attributes {
 public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  void copy(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void close_from(int first) { ::posix_spawn_file_actions_addclosefrom_np(&actions_, first); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

std::string describe(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) {
    return "ended itself with exit code " + std::to_string(info.si_status);
  }
  const char* name = ::sigabbrev_np(info.si_status);
  return "was killed by signal " + std::to_string(info.si_status) + " (" +
         (name == nullptr ? "unknown" : name) + ")" +
         // With every signal blocked there is nobody whom the refusal could be told
         // (host/witness.h).
         (info.si_status == SIGSYS ? " for asking the system what no plugin may" : "") +
         (info.si_code == CLD_DUMPED ? " and left a core dump" : "");
}

}  // namespace

std::vector<std::string> host_environment() {
  std::vector<std::string> variables;
  for (const char* name : passed_variables) {
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  }
  return variables;
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

void Descriptor::reset() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

Process::Process(pid_t pid, Descriptor socket, Descriptor log, Descriptor notes)
    : pid_(pid),
      handle_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
      socket_(std::move(socket)),
      log_(std::move(log)),
      notes_(std::move(notes)) {}

Result<std::unique_ptr<Process>> Process::start(const ProcessOptions& options) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return failure("no socketpair", errno);
  }
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  if (::pipe2(ends, O_CLOEXEC) != 0) return failure("no pipe", errno);
  Descriptor log(ends[0]);
  Descriptor output(ends[1]);
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return failure("no pipe", errno);
  Descriptor notes(ends[0]);
  Descriptor noted(ends[1]);
  Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing.valid()) return failure("no /dev/null", errno);
  ::fcntl(log.get(), F_SETFL, O_NONBLOCK);

  const auto given = [&](int descriptor) { return descriptor >= 0 ? descriptor : nothing.get(); };
  // Somebody sits at a debugger.
  const bool wrapped = !options.wrapper.empty();
  const std::array<std::pair<int, int>, 7> wanted = {
      {{wrapped ? STDIN_FILENO : nothing.get(), 0},
       {wrapped ? STDOUT_FILENO : output.get(), 1},
       {wrapped ? STDERR_FILENO : output.get(), 2},
       {theirs.get(), host_socket_descriptor},
       {given(options.stdin_descriptor), host_input_descriptor},
       {given(options.stdout_descriptor), host_output_descriptor},
       {noted.get(), host_notes_descriptor}}};
  FileActions actions;
  std::vector<Descriptor> copies;
  for (const auto& [from, to] : wanted) {
    copies.push_back(copy_high(from));
    if (!copies.back().valid()) return failure("no descriptor left", errno);
    actions.copy(copies.back().get(), to);
  }
  actions.close_from(host_notes_descriptor + 1);

  std::vector<std::string> arguments = options.wrapper;
  arguments.push_back(wrapped ? options.program : "rondom-plugin-host");
  arguments.insert(arguments.end(), {"--serve", options.label});
  std::vector<std::string> variables = host_environment();
  for (const char* name : passed_to_wrappers) {
    const char* value = wrapped ? std::getenv(name) : nullptr;
    if (value != nullptr) variables.push_back(std::string(name) + "=" + value);
  }
  const std::string& program = wrapped ? options.wrapper.front() : options.program;
  const Attributes attributes;
  pid_t pid = -1;
  const int number = (wrapped ? ::posix_spawnp : ::posix_spawn)(
      &pid, program.c_str(), actions.get(), attributes.get(), pointers(arguments).data(),
      pointers(variables).data());
  if (number != 0) return failure(program, number);
  return std::unique_ptr<Process>(
      new Process(pid, std::move(ours), std::move(log), std::move(notes)));
}

Process::~Process() {
  reap(0);
}

std::string Process::take_notes() {
  std::string notes;
  char buffer[4096];
  while (notes.size() < notes_bytes_max) {
    const ssize_t got = ::read(notes_.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    notes.append(buffer, static_cast<std::size_t>(got));
  }
  return notes;
}

void Process::kill() {
  const std::lock_guard lock(mutex_);
  if (!reaped_) ::kill(pid_, SIGKILL);
  killed_ = true;
}

void Process::wait_for_end(int patience_ms) {
  if (!handle_.valid() || killed_) return;
  pollfd waited{handle_.get(), POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&waited, 1, patience_ms);
  } while (ready < 0 && errno == EINTR);
}

std::string Process::reap(int patience_ms) {
  if (reaped_) return ending_;
  wait_for_end(patience_ms);
  siginfo_t info{};
  // Ended by itself? Asked before the kill, whose signal would hide the reason.
  const bool ended =
      ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      info.si_pid == pid_;
  const std::lock_guard lock(mutex_);
  if (!ended) ::kill(pid_, SIGKILL);
  int waited = 0;
  do {
    waited = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
  } while (waited != 0 && errno == EINTR);
  reaped_ = true;
  ending_ = waited == 0 ? describe(info) : "ended for an unknown reason";
  return ending_;
}

std::string default_host_program() {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return "rondom-plugin-host";
  const auto beside = self.parent_path() / "rondom-plugin-host";
  if (std::filesystem::exists(beside, failed)) return beside.string();
  return (self.parent_path().parent_path() / "libexec" / "rondom" / "rondom-plugin-host").string();
}

}  // namespace rondom::plugin
