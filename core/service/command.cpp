#include "service/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/descriptor.h"
#include "service/child.h"

extern char** environ;

namespace rondom::service {
namespace {

constexpr int ask_again_ms = 50;

/// Both ends of a pipe, closed at the end.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(0);
    close(1);
  }
  bool ok() const { return ends_[0] >= 0; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    // The service waits for its signals in its own way; a child gets them as any program does.
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    // A terminal's ^C is for the service, which passes it on.
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

/// A file without a name that holds these bytes; -1: there is none.
int file_of(const std::string& bytes) {
  const int file = ::memfd_create("input", MFD_CLOEXEC);
  if (file < 0) return -1;
  if (write_all(file, bytes) && ::lseek(file, 0, SEEK_SET) == 0) return file;
  ::close(file);
  return -1;
}

Result<pid_t> start(const Command& command, const Pipe& standard, const Pipe& error) {
  SpawnSettings settings;
  const bool can_enter =
      !command.directory.empty() && ::access(command.directory.c_str(), X_OK) == 0;
  ::posix_spawn_file_actions_addchdir_np(&settings.actions,
                                         can_enter ? command.directory.c_str() : "/");
  const int input = command.input.empty() ? -1 : file_of(command.input);
  if (input < 0 && !command.input.empty()) {
    return Error{ErrorCode::unavailable, "there is no memory for what a command reads"};
  }
  if (input >= 0) {
    ::posix_spawn_file_actions_adddup2(&settings.actions, input, STDIN_FILENO);
  } else {
    ::posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  ::posix_spawn_file_actions_adddup2(&settings.actions, standard.write_end(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&settings.actions, error.write_end(), STDERR_FILENO);
  std::vector<std::string> words{command.name};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment =
      environment_for_children(environ, std::string(within_service_variable) + "=1");
  pid_t child = -1;
  const int failed =
      ::posix_spawn(&child, command.program.c_str(), &settings.actions, &settings.attributes,
                    pointers(words).data(), pointers(environment).data());
  if (input >= 0) ::close(input);
  if (failed != 0) {
    return Error{ErrorCode::unavailable,
                 "the program could not be started: " + std::generic_category().message(failed)};
  }
  return child;
}

/// False at the end of the pipe.
bool pass_on(int from, Output which, std::string& room,
             const std::function<void(Output, std::string_view)>& said) {
  const ssize_t n = ::read(from, room.data(), room.size());
  if (n > 0) said(which, std::string_view(room.data(), static_cast<std::size_t>(n)));
  return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<CommandEnd> run_command(const Command& command, const Clock& clock,
                               const std::function<void(Output, std::string_view)>& said,
                               const std::function<bool()>& wanted) {
  Pipe standard, error;
  if (!standard.ok() || !error.ok()) {
    return Error{ErrorCode::unavailable, "no pipe is left for another command"};
  }
  RONDOM_TRY_ASSIGN(const pid_t child, start(command, standard, error));
  standard.close(1);
  error.close(1);
  for (const int end : {standard.read_end(), error.read_end()}) {
    ::fcntl(end, F_SETFL, O_NONBLOCK);
  }
  const std::int64_t begun = clock.monotonic();
  std::int64_t asked_to_stop = -1;
  CommandEnd end;
  std::string room(command_piece_bytes_max, '\0');
  bool ended = false;
  int status = 0;
  pollfd ends[] = {{standard.read_end(), POLLIN, 0}, {error.read_end(), POLLIN, 0}};
  // Bounded: by the time it may take, the grace after it, and a kill that nothing survives.
  while (!ended) {
    ended = ::waitpid(child, &status, WNOHANG) == child;
    // Once it has ended, what it left in the pipes is read, and nobody who holds them is waited
    // for.
    const int ready = ::poll(ends, 2, ended ? 0 : ask_again_ms);
    for (std::size_t i = 0; ready > 0 && i < 2; ++i) {
      if (ends[i].revents == 0) continue;
      const Output which = i == 0 ? Output::standard : Output::error;
      bool more = pass_on(ends[i].fd, which, room, said);
      while (ended && more && ::poll(&ends[i], 1, 0) > 0) {
        more = pass_on(ends[i].fd, which, room, said);
      }
      if (!more) ends[i].fd = -1;
    }
    if (ended) break;
    const std::int64_t now = clock.monotonic();
    const bool late = (now - begun) / 1'000 > command.milliseconds_max;
    if (asked_to_stop < 0 && (late || !wanted())) {
      end.timed_out = late;
      asked_to_stop = now;
      ::kill(child, SIGTERM);
    } else if (asked_to_stop >= 0 && ((now - asked_to_stop) / 1'000 > command.grace_ms ||
                                      (command.at_once && command.at_once()))) {
      ::kill(child, SIGKILL);
    }
  }
  end.exit_code = exit_code_of(status);
  return end;
}

}  // namespace rondom::service
