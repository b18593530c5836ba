// child: one program as a child process with two pipes, in a process group of its own.
//
// The supervisor starts engines with it. Standard input is empty; standard output is kept up to a
// limit, standard error is given line by line; no other descriptor is inherited. When the thread
// that started it ends (the supervisor's only one: when the service dies, however), the child is
// asked to stop. One thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace rondom::service {

inline constexpr std::size_t child_output_bytes_max = 16u << 20;
inline constexpr std::size_t child_line_bytes_max = 4'096;

struct ChildCommand {
  std::string program;
  std::vector<std::string> arguments;    // the first is the name that it goes by
  std::vector<std::string> environment;  // NAME=value, all of it
};

struct ChildEnd {
  int exit_code = 0;
  int signal = 0;  // that ended it; 0: it ended itself
};

class Child {
 public:
  /// ErrorCode::unavailable: it could not be started.
  static Result<std::unique_ptr<Child>> start(const ChildCommand& command);
  /// Kills what is still there, and reaps it.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  /// To wait for: readable when there is something to take. -1 after their end.
  int output_descriptor() const { return output_; }
  int error_descriptor() const { return error_; }
  /// To wait for: readable when the process has ended.
  int end_descriptor() const { return handle_; }

  /// Reads what is there without waiting. `line` gets each line of standard error, cut at
  /// child_line_bytes_max bytes.
  void take(const std::function<void(std::string_view line)>& line);
  /// Standard output so far, at most child_output_bytes_max bytes; `cut`: there was more.
  const std::string& output() const { return kept_; }
  bool cut() const { return cut_; }

  /// SIGTERM to the program, which ends what it started itself.
  void ask_to_stop();
  /// SIGKILL to it and all in its group.
  void kill();
  /// How it ended; none while it runs. What it left behind in its group is killed then.
  std::optional<ChildEnd> reap();

 private:
  Child(pid_t pid, int handle, int output, int error);
  void take_lines(std::string_view bytes, const std::function<void(std::string_view)>& line);

  pid_t pid_;
  int handle_, output_, error_;
  std::string kept_, line_;
  bool cut_ = false;
  std::optional<ChildEnd> end_;
};

/// Our environment without what a manager says to the service alone, and with `mark`.
std::vector<std::string> environment_for_children(const char* const* ours, const std::string& mark);

}  // namespace rondom::service
