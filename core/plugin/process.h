// process: one plugin host as a child process of the engine.
//
// Owns the process and its descriptors; the destructor ends and reaps it, so that no zombie and no
// orphan stays. The child inherits the socket as descriptor 3, the user's streams as 4 and 5 when
// they are handed over, a pipe for notes (host/witness.h) as 6, and nothing else; its standard
// output and error are one pipe. Under a wrapper (a debugger) they and its input are the engine's
// own. When the engine dies, the host sees the end of its socket and leaves (a parent-death signal
// would come already when the thread that opened the connector ends). Threads: kill() from any
// thread, the rest from the owner.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"

namespace rondom::plugin {

inline constexpr int host_socket_descriptor = 3;
inline constexpr int host_input_descriptor = 4;
inline constexpr int host_output_descriptor = 5;
inline constexpr int host_notes_descriptor = 6;

inline constexpr std::size_t notes_bytes_max = 64u << 10;

/// A descriptor that is closed at the end.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }
  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }
  void reset();

 private:
  int number_ = -1;
};

struct ProcessOptions {
  std::string program;
  std::vector<std::string> wrapper;  // program and arguments before it; empty = none
  std::string label;                 // shown by ps
  int stdin_descriptor = -1;
  int stdout_descriptor = -1;
};

class Process {
 public:
  static Result<std::unique_ptr<Process>> start(const ProcessOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int socket() const { return socket_.get(); }
  int log() const { return log_.get(); }
  /// What the host has noted since the last time, whole lines and at most notes_bytes_max bytes.
  std::string take_notes();

  /// SIGKILL, unless it is gone already.
  void kill();
  /// Waits at most this long for its end, then kills it, then reaps it. Says how it ended: "was
  /// killed by signal 11 (SEGV)", "ended itself with exit code 3". Later calls say the same.
  std::string reap(int patience_ms);

 private:
  Process(pid_t pid, Descriptor socket, Descriptor log, Descriptor notes);
  void wait_for_end(int patience_ms);

  pid_t pid_;
  Descriptor handle_;  // pidfd
  Descriptor socket_;
  Descriptor log_;
  Descriptor notes_;
  std::mutex mutex_;
  bool reaped_ = false;
  bool killed_ = false;
  std::string ending_;
};

/// NAME=value of all that a plugin host may know of our environment. Any thread.
std::vector<std::string> host_environment();

/// Where rondom-plugin-host is when nobody says: beside this program, or in ../libexec/rondom.
std::string default_host_program();

}  // namespace rondom::plugin
