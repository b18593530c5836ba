// rondom-plugin-host: holds one plugin for the engine, or writes a plugin's manifest.
//
//   rondom-plugin-host --serve NAME          started by the engine, which talks on descriptor 3
//   rondom-plugin-host --manifest PLUGIN.so  writes PLUGIN.plugin.json beside it
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "plugin/abi.h"
#include "plugin/documents.h"
#include "plugin/host/sandbox.h"
#include "plugin/host/session.h"
#include "plugin/host/witness.h"
#include "plugin/loader.h"
#include "plugin/process.h"

namespace {

namespace fs = std::filesystem;
using namespace rondom;

constexpr int exit_usage = 64;
constexpr int exit_software = 70;
constexpr int exit_cannot_create = 73;
constexpr std::size_t manifest_bytes_max = 16u << 20;
constexpr std::uint64_t manifest_memory_bytes = 1u << 30;

Result<plugin::Manifest> manifest_of(const fs::path& library) {
  // Whoever describes a plugin has not agreed to anything that its code may do.
  plugin::host::Grants none;
  none.library = library.string();
  none.memory_bytes = manifest_memory_bytes;
  RONDOM_TRY(plugin::host::before_load(none));
  RONDOM_TRY_ASSIGN(const rondom_plugin* table, plugin::load_plugin(library.string()));
  std::ifstream in(library, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  plugin::Manifest manifest;
  manifest.library = library.filename().string();
  manifest.sha256 = sha256_hex(bytes);
  manifest.min_host_minor = table->min_host_minor;
  manifest.connectors = plugin::describe(*table, library.string());
  for (const plugin::ConnectorInfo& info : manifest.connectors) {
    if (!plugin::is_json_object(info.spec_json)) {
      return Error{ErrorCode::internal, plugin::subject_of(info) +
                                            " describes its configuration in something that is "
                                            "no JSON object."};
    }
  }
  return manifest;
}

/// The manifest's text, made by a child that loads the library and can do little else. What it has
/// to say on failure is on standard error already, unless it comes back.
Result<std::string> describe_apart(const fs::path& library) {
  int ends[2];
  if (::pipe(ends) != 0) return Error{ErrorCode::unavailable, "No pipe is left."};
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return Error{ErrorCode::unavailable, "No process is left."};
  if (child == 0) {
    // A library that never ends its loading is gone when this process is killed for it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(exit_software);
    ::close(ends[0]);
    plugin::host::witness::install(STDERR_FILENO, 0);
    const Result<plugin::Manifest> manifest = manifest_of(library);
    const std::string text = manifest.ok() ? plugin::to_json(*manifest) : std::string();
    if (!manifest.ok()) ::fprintf(stderr, "%s\n", manifest.error().message.c_str());
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t part = ::write(ends[1], text.data() + sent, text.size() - sent);
      if (part <= 0) break;
      sent += static_cast<std::size_t>(part);
    }
    ::_exit(manifest.ok() && sent == text.size() ? 0 : exit_software);
  }
  ::close(ends[1]);
  std::string text;
  char piece[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<std::size_t>(got));
    if (text.size() > manifest_bytes_max) break;
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  if (WIFEXITED(status) && WEXITSTATUS(status) == exit_software) {
    return Error{ErrorCode::internal, {}};
  }
  return Error{ErrorCode::internal,
               "Plugin file " + library.filename().string() + " ended the process that loaded it."};
}

int write_manifest(const char* argument) {
  const fs::path library = fs::absolute(argument);
  const Result<std::string> manifest = describe_apart(library);
  if (!manifest.ok()) {
    const std::string& why = manifest.error().message;
    if (!why.empty()) ::fprintf(stderr, "%s\n", why.c_str());
    return exit_software;
  }
  fs::path target = library;
  target.replace_extension(".plugin.json");
  std::ofstream out(target, std::ios::binary | std::ios::trunc);
  out << *manifest;
  out.close();
  if (!out) {
    ::fprintf(stderr, "Manifest %s cannot be written.\n", target.c_str());
    return exit_cannot_create;
  }
  return 0;
}

int serve() {
  // When memory runs out it is the plugin that goes, not the engine that holds the store.
  std::ofstream("/proc/self/oom_score_adj") << "1000";
  // Ctrl-C and the service manager speak to the engine; it tells its hosts what to do.
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);
  return plugin::host::serve(plugin::host_socket_descriptor);
}

}  // namespace

#if defined(RONDOM_ADDRESS_SANITIZER)
// The search for leaks at exit traces this process from another one, which the sandbox forbids.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}
#endif

int main(int count, char** arguments) {
  // Standard output is a pipe to the log here: a line that a plugin prints is to come when it is
  // printed.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string_view verb = count >= 2 ? arguments[1] : "";
  if (verb == "--serve" && count == 3) return serve();
  if (verb == "--manifest" && count == 3) return write_manifest(arguments[2]);
  ::fprintf(stderr, "usage: rondom-plugin-host --manifest PLUGIN.so\n");
  return exit_usage;
}
