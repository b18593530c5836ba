#include "plugin/manifest_run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include "plugin/process.h"

namespace rondom::plugin {
namespace {

constexpr std::size_t said_bytes_max = 4'096;

/// Everything that comes until the other side closes, up to a limit of bytes that are kept. False
/// when time ran out.
bool read_to_end(int descriptor, std::string& said) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::milliseconds(manifest_wait_ms);
  std::array<char, 4'096> piece{};
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return false;
    pollfd waited{descriptor, POLLIN, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = ::read(descriptor, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    const std::size_t kept = said_bytes_max - said.size();
    said.append(piece.data(), std::min(static_cast<std::size_t>(got), kept));
  }
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return {};
  const std::size_t start = text.find_last_of('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1,
                     end - (start == std::string::npos ? 0 : start + 1) + 1);
}

}  // namespace

Status write_manifest(const std::string& host_program, const std::filesystem::path& library) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {ErrorCode::unavailable, "no pipe can be made"};
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), 2);
  std::vector<std::string> words = {host_program, "--manifest", library.string()};
  std::array<char*, 4> arguments = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  std::vector<std::string> variables = host_environment();
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  pid_t pid = -1;
  const int number = ::posix_spawn(&pid, host_program.c_str(), &actions, nullptr, arguments.data(),
                                   environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  theirs.reset();
  if (number != 0) {
    return {ErrorCode::unavailable,
            host_program + " cannot be started (" + std::strerror(number) + ")"};
  }
  std::string said;
  const bool ended = read_to_end(ours.get(), said);
  if (!ended) ::kill(pid, SIGKILL);
  int how = 0;
  while (::waitpid(pid, &how, 0) < 0 && errno == EINTR) {
  }
  const std::string file = library.filename().string();
  if (!ended) return {ErrorCode::internal, "Plugin file " + file + " hangs when it is loaded."};
  if (WIFSIGNALED(how)) {
    const char* name = ::sigabbrev_np(WTERMSIG(how));
    return {ErrorCode::internal, "Plugin file " + file + " ends its host when it is loaded (" +
                                     (name == nullptr ? "a signal" : name) + ")."};
  }
  if (WEXITSTATUS(how) == 0) return {};
  const std::string sentence = last_line(said);
  return {ErrorCode::internal, sentence.empty()
                                   ? "Plugin file " + file + " ends its host when it is loaded."
                                   : sentence};
}

}  // namespace rondom::plugin
