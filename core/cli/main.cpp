// The rondom program: command line in, one verb, exit code out.
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>
#include <exception>

#include "cli/cli.h"
#include "cli/command_line.h"
#include "cli/failure.h"
#include "cli/forward.h"
#include "cli/terminal.h"

namespace {

// Batches of one size follow each other: memory given back to the system would be asked for again
// at once, page by page.
constexpr int kept_bytes = 128 << 20;
constexpr int mapped_apart_bytes = 32 << 20;

// The engine holds secrets and everybody's data: no crash writes them down, and no other process of
// this user looks into it, unless somebody asked for that.
void keep_memory_private() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if !defined(RONDOM_SANITIZER)  // which traces itself at its end
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  mallopt(M_TRIM_THRESHOLD, kept_bytes);
  mallopt(M_MMAP_THRESHOLD, mapped_apart_bytes);
  rondom::cli::answer_failures_as_asked(argc, argv);
  rondom::cli::Options options;
  try {
    rondom::cli::CommandLine line(options);
    if (const std::optional<int> left = line.parse(argc, argv)) return *left;
    rondom::cli::print_safely(options);
    if (!options.core_dumps) keep_memory_private();
    rondom::cli::stop_requested();
    if (const auto code = rondom::cli::forward_to_service(options, line.verb(), argc, argv)) {
      return *code;
    }
    return line.run();
  } catch (const std::exception& defect) {
    std::fprintf(stderr, "rondom: a defect: %s\n", defect.what());
    rondom::cli::answer_error({rondom::ErrorCode::internal, defect.what()});
    return rondom::exit_code_for(rondom::ErrorCode::internal);
  }
}
