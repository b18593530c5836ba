#include "service/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace rondom::service {
namespace {

constexpr int exit_code_not_started = 127;
constexpr int signals_max = 64;
constexpr int engine_less_urgent = 5;  // steps of nice(2): a third of the weight

void close_descriptor(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

struct ChildPipes {
  std::array<int, 2> output{-1, -1}, error{-1, -1}, trouble{-1, -1};
  int nothing = -1;
  bool open() {
    nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    return nothing >= 0 && ::pipe2(output.data(), O_CLOEXEC) == 0 &&
           ::pipe2(error.data(), O_CLOEXEC) == 0 && ::pipe2(trouble.data(), O_CLOEXEC) == 0;
  }
  ~ChildPipes() {
    close_descriptor(nothing);
    for (auto* ends : {&output, &error, &trouble}) {
      for (int& end : *ends) close_descriptor(end);
    }
  }
};

std::vector<char*> words_for_exec(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

/// In the child, between fork and exec: only what may be called there.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment,
                         const ChildPipes& pipes, pid_t parent) {
  ::setpgid(0, 0);
  // An answer of the service takes a moment, a run takes what there is: who asks does not wait for
  // it.
  (void)!::nice(engine_less_urgent);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number <= signals_max; ++number) ::sigaction(number, &usual, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const bool ready = ::getppid() == parent && ::dup2(pipes.nothing, STDIN_FILENO) >= 0 &&
                     ::dup2(pipes.output[1], STDOUT_FILENO) >= 0 &&
                     ::dup2(pipes.error[1], STDERR_FILENO) >= 0;
  // Whatever a library left open for its own children stays here.
  constexpr unsigned close_on_exec = 4;  // CLOSE_RANGE_CLOEXEC
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, close_on_exec);
  if (ready) ::execve(program, arguments, environment);
  const int number = errno;
  (void)!::write(pipes.trouble[1], &number, sizeof number);
  ::_exit(exit_code_not_started);
}

Error not_started(int number) {
  return {ErrorCode::unavailable,
          "an engine could not be started: " + std::string(std::strerror(number))};
}

}  // namespace

Child::Child(pid_t pid, int handle, int output, int error)
    : pid_(pid), handle_(handle), output_(output), error_(error) {}

Result<std::unique_ptr<Child>> Child::start(const ChildCommand& command) {
  ChildPipes pipes;
  if (!pipes.open()) return not_started(errno);
  const std::vector<char*> arguments = words_for_exec(command.arguments);
  const std::vector<char*> environment = words_for_exec(command.environment);
  const pid_t parent = ::getpid();
  // No handler of ours may run in the child.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) {
    become(command.program.c_str(), arguments.data(), environment.data(), pipes, parent);
  }
  const int forked = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return not_started(forked);
  ::setpgid(pid, pid);  // so that it holds here too, whoever is first
  close_descriptor(pipes.trouble[1]);
  int number = 0;
  ssize_t got = 0;
  do {
    got = ::read(pipes.trouble[0], &number, sizeof number);
  } while (got < 0 && errno == EINTR);
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (got != 0 || handle < 0) {
    if (got == 0) number = errno;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return not_started(number);
  }
  for (const int descriptor : {pipes.output[0], pipes.error[0]}) {
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  }
  std::unique_ptr<Child> child(new Child(pid, handle, pipes.output[0], pipes.error[0]));
  pipes.output[0] = pipes.error[0] = -1;
  return child;
}

Child::~Child() {
  if (!end_) {
    kill();
    ::waitpid(pid_, nullptr, 0);
  }
  close_descriptor(handle_);
  close_descriptor(output_);
  close_descriptor(error_);
}

void Child::take_lines(std::string_view bytes, const std::function<void(std::string_view)>& line) {
  for (const char byte : bytes) {
    if (byte == '\n') {
      if (!line_.empty()) line(line_);
      line_.clear();
    } else if (line_.size() < child_line_bytes_max) {
      line_ += byte;
    }
  }
}

void Child::take(const std::function<void(std::string_view)>& line) {
  std::array<char, 16'384> room;
  constexpr int pieces_max = 64;  // then others get their turn
  for (int* from : {&output_, &error_}) {
    for (int piece = 0; *from >= 0 && piece < pieces_max; ++piece) {
      const ssize_t got = ::read(*from, room.data(), room.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) break;
      if (got <= 0) {
        const bool is_error = from == &error_;
        close_descriptor(*from);
        if (is_error) take_lines("\n", line);
        break;
      }
      const std::string_view bytes(room.data(), static_cast<std::size_t>(got));
      if (from == &error_) {
        take_lines(bytes, line);
        continue;
      }
      const std::size_t fits = std::min(bytes.size(), child_output_bytes_max - kept_.size());
      kept_.append(bytes.substr(0, fits));
      cut_ = cut_ || fits < bytes.size();
    }
  }
}

void Child::ask_to_stop() {
  if (!end_) ::kill(pid_, SIGTERM);
}

void Child::kill() {
  if (!end_) ::kill(-pid_, SIGKILL);
}

std::optional<ChildEnd> Child::reap() {
  if (end_) return end_;
  siginfo_t info{};
  // It stays a zombie until its group is gone: nobody else can get its number meanwhile.
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0) {
    return std::nullopt;
  }
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  const bool itself = info.si_code == CLD_EXITED;
  end_ = ChildEnd{itself ? info.si_status : 0, itself ? 0 : info.si_status};
  return end_;
}

std::vector<std::string> environment_for_children(const char* const* ours,
                                                  const std::string& mark) {
  constexpr std::array<std::string_view, 6> of_the_service_alone = {
      "NOTIFY_SOCKET=", "WATCHDOG_USEC=", "WATCHDOG_PID=",
      "LISTEN_FDS=",    "LISTEN_PID=",    "LISTEN_FDNAMES="};
  const std::string_view name = std::string_view(mark).substr(0, mark.find('=') + 1);
  std::vector<std::string> given;
  for (; *ours != nullptr; ++ours) {
    const std::string_view one(*ours);
    const bool withheld =
        one.starts_with(name) ||
        std::any_of(of_the_service_alone.begin(), of_the_service_alone.end(),
                    [&](std::string_view prefix) { return one.starts_with(prefix); });
    if (!withheld) given.emplace_back(one);
  }
  given.push_back(mark);
  return given;
}

}  // namespace rondom::service
