#include "conformance/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>

#include "base/descriptor.h"

namespace rondom::conformance {
namespace {

using Json = nlohmann::json;

constexpr std::size_t finding_bytes_max = 1u << 20;
constexpr std::size_t text_bytes_max = 2'000;
// Address space of a child: a plugin that takes all it can get must not take this machine's.
[[maybe_unused]] constexpr rlim_t address_bytes_max = 3ull << 30;

int result_descriptor = -1;  // of a child
int output_descriptor = -1;  // of a child: what stands in for standard output

std::string cut(const std::string& text) {
  return text.size() <= text_bytes_max ? text : text.substr(0, text_bytes_max) + " …";
}

Finding broken(std::string expected, std::string seen) {
  return {Outcome::failed, "", std::move(expected), std::move(seen)};
}

[[noreturn]] void run_child(const std::function<Finding()>& check, const std::string& folder,
                            pid_t parent) {
  // A plugin that never returns is gone with whoever asked it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  output_descriptor = ::memfd_create("output", MFD_CLOEXEC);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nothing, 0);
  ::dup2(output_descriptor, 1);
#ifndef RONDOM_SANITIZER  // which says there what it found
  ::dup2(nothing, 2);
  const rlimit memory{address_bytes_max, address_bytes_max};
  ::setrlimit(RLIMIT_AS, &memory);
#endif
  const rlimit core{0, 0};
  ::setrlimit(RLIMIT_CORE, &core);
  if (::chdir(folder.c_str()) != 0) conclude(broken("a folder to work in", folder));
  try {
    conclude(check());
  } catch (const std::exception& exception) {
    conclude(broken("an end without an exception", exception.what()));
  }
}

Finding read_finding(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return broken("an end of the check", "an answer that cannot be read");
  return {static_cast<Outcome>(json.value("outcome", 1)), json.value("reason", ""),
          json.value("expected", ""), json.value("seen", "")};
}

std::string ending(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return "the process was killed by signal " + std::to_string(WTERMSIG(status)) + " (SIG" +
           (name == nullptr ? "?" : name) + ")";
  }
  return "the process ended itself with exit code " + std::to_string(WEXITSTATUS(status));
}

/// What the child says until it closes its end; false when that took too long.
bool listen(int descriptor, int patience_seconds, std::string& text) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::seconds(patience_seconds);
  std::array<char, 4'096> piece{};
  while (text.size() < finding_bytes_max) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd waited{descriptor, POLLIN, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = ::read(descriptor, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    text.append(piece.data(), static_cast<std::size_t>(got));
    // The line is the end of it: a process that the plugin left behind may hold the pipe.
    if (text.back() == '\n') return true;
  }
  return true;
}

}  // namespace

void conclude(const Finding& finding) {
  const Json json{{"outcome", static_cast<int>(finding.outcome)},
                  {"reason", cut(finding.reason)},
                  {"expected", cut(finding.expected)},
                  {"seen", cut(finding.seen)}};
  (void)write_all(result_descriptor,
                  json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  ::_exit(0);
}

std::string standard_output() {
  std::fflush(nullptr);
  std::string text(finding_bytes_max, '\0');
  const ssize_t got = ::pread(output_descriptor, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

Finding run_in_child(const std::function<Finding()>& check, const std::string& folder,
                     int patience_seconds) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return broken("a pipe", std::strerror(errno));
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return broken("a process", std::strerror(errno));
  if (pid == 0) {
    ::close(ends[0]);
    result_descriptor = ends[1];
    run_child(check, folder, parent);
  }
  ::close(ends[1]);
  std::string text;
  const bool ended = listen(ends[0], patience_seconds, text);
  if (!ended) ::kill(pid, SIGKILL);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!text.empty()) return read_finding(text);
  if (!ended) {
    return broken("an answer within " + std::to_string(patience_seconds) + " s",
                  "the plugin was still busy");
  }
  return broken("that the plugin returns to its host", ending(status));
}

}  // namespace rondom::conformance
