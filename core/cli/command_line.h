// CommandLine: the words after `rondom`, read into Options and one verb. Used once, by main.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace rondom::cli {

struct Options;

class CommandLine {
 public:
  /// Writes into `options`, which must live as long.
  explicit CommandLine(Options& options);
  ~CommandLine();

  /// An exit code when there is nothing to run: help was asked for and printed, or the words make
  /// no sense and standard error says why.
  std::optional<int> parse(int argc, char** argv);
  /// The verb that was parsed: "profile show".
  std::string verb() const;
  /// Runs it.
  int run() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom::cli
