// The rondom program: command line in, one verb, exit code out.
#include <cstdio>
#include <exception>

#include "cli/cli.h"
#include "cli/command_line.h"

int main(int argc, char** argv) {
  rondom::cli::Options options;
  try {
    rondom::cli::CommandLine line(options);
    if (const std::optional<int> left = line.parse(argc, argv)) return *left;
    rondom::cli::stop_requested();
    return line.run();
  } catch (const std::exception& defect) {
    std::fprintf(stderr, "rondom: a defect: %s\n", defect.what());
    return rondom::exit_code_for(rondom::ErrorCode::internal);
  }
}
