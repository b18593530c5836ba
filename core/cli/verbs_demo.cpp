// demo: the example shop of the installation, in a folder of one's own
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>

#include "base/whole_file.h"
#include "cli/cli.h"

extern char** environ;

namespace rondom::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* demo_folder = "rondom-demo";
constexpr std::string_view demo_settings = "project: rondom-demo\n";
constexpr std::size_t settings_bytes_max = 1u << 16;
constexpr int done_with_some_refused = 3;  // the shop has broken rows on purpose
// Those of files alone: a stand-in for the shop's Mautic is no part of an installation.
constexpr std::array<const char*, 5> demo_jobs = {"crm", "mailer", "webshop", "web", "newsletter"};

bool holds_the_demo(const fs::path& folder) {
  const Result<std::string> settings =
      whole_file((folder / "rondom.yaml").string(), settings_bytes_max);
  return settings.ok() && settings->find(demo_settings) != std::string::npos;
}

Status copy_demo(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  if (!fs::is_directory(from, failed)) {
    return {ErrorCode::unavailable, "there is no " + from.string() +
                                        ": the demo comes with the installed program; of the "
                                        "sources it is `make demo`"};
  }
  if (fs::exists(to, failed) && !fs::is_empty(to, failed)) {
    return {ErrorCode::usage, to.string() + " holds something else; nothing was written. " +
                                  "Name another folder: rondom demo FOLDER"};
  }
  fs::create_directories(to, failed);
  if (!failed) fs::copy(from, to, fs::copy_options::recursive, failed);
  if (!failed) fs::create_directories(to / "data", failed);
  if (failed)
    return {ErrorCode::unavailable, "cannot write " + to.string() + ": " + failed.message()};
  return {};
}

/// Writes the shop's exports.
Status generate_data(const fs::path& generator, const fs::path& folder) {
  std::string program = generator.string();
  std::string into = folder.string();
  std::array<char*, 3> arguments = {program.data(), into.data(), nullptr};
  pid_t pid = -1;
  if (const int number =
          ::posix_spawn(&pid, program.c_str(), nullptr, nullptr, arguments.data(), environ)) {
    return {ErrorCode::unavailable, "cannot start " + program + ": " +
                                        std::error_code(number, std::generic_category()).message()};
  }
  int ended = 0;
  while (::waitpid(pid, &ended, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0) return {};
  return {ErrorCode::failure, program + " did not write the shop's exports"};
}

}  // namespace

int demo(const Options& options) {
  const fs::path folder = options.words.empty() ? demo_folder : options.words.front();
  std::error_code failed;
  if (!holds_the_demo(folder)) {
    const Status copied = copy_demo(program_prefix() / "share/rondom/configs/demo", folder);
    if (!copied.ok()) return fail(copied.error());
  }
  // As they are written anew, a demo that was broken off goes on; the same bytes each time.
  const Status generated =
      generate_data(program_prefix() / "libexec/rondom/generate-demo", folder / "data");
  if (!generated.ok()) return fail(generated.error());
  std::printf(
      "A bicycle shop in %s: four exports in, one profile per customer, a newsletter out.\n\n",
      folder.c_str());
  std::fflush(stdout);
  Options of_run = options;
  of_run.folder = folder.string();
  of_run.words.assign(demo_jobs.begin(), demo_jobs.end());
  const int code = run(of_run);
  if (code != 0 && code != done_with_some_refused) return code;
  const std::string program = "rondom -C " + folder.string() + " ";
  std::printf("\nTry next\n");
  for (const auto& [words, what] :
       {std::pair("profile explain crm.contacts/900001", "one profile, and why each value"),
        std::pair("profile find thuis@example.com", "a family with one address"),
        std::pair("quarantine list", "what was refused, and why"),
        std::pair("plan newsletter", "what would be sent now"),
        std::pair("test", "the shop's own rules, as tests")}) {
    std::printf("  %s%-38s %s\n", program.c_str(), words, what);
  }
  return 0;
}

}  // namespace rondom::cli
