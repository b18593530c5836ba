#include "cli/forward.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/whole_file.h"
#include "cli/failure.h"
#include "cli/terminal.h"
#include "net/listening.h"
#include "net/local_client.h"
#include "net/redact.h"
#include "service/command.h"
#include "service/forwarded.h"

namespace rondom::cli {

namespace {

using nlohmann::json;

// The service stops a command after ten minutes and gives it half of one to end.
constexpr std::int64_t status_wait_ms = 10'000;
constexpr std::int64_t command_wait_ms = 11 * 60 * 1'000;

/// The socket of the project's service; empty: there is no project.
std::string service_socket(const Options& options) {
  std::error_code failed;
  const auto root = std::filesystem::canonical(options.folder, failed);
  if (failed || !std::filesystem::exists(root / "rondom.yaml", failed)) return {};
  // Where nothing says otherwise, it is known without reading the whole project.
  const auto settings = whole_file((root / "rondom.yaml").string(), limits::config_file_bytes_max);
  const bool may_differ = !settings.ok() || settings->find("serve") != std::string::npos ||
                          settings->find("state") != std::string::npos;
  if (!may_differ) return (root / "var/control.sock").string();
  config::Diagnostics ignored;  // whoever runs the verb tells
  return config::control_socket(config::load_project(root.string(), options.environment, ignored));
}

/// Without what the service decides itself: its project and its environment.
std::vector<std::string> words_for_service(const Options& options, int argc,
                                           const char* const* argv) {
  std::vector<std::string> out;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") {
      out.insert(out.end(), argv + i, argv + argc);
      break;
    }
    if (word == "-C" || word == "--directory" || word == "--env") {
      ++i;
    } else if (!word.starts_with("-C") && !word.starts_with("--directory=") &&
               !word.starts_with("--env=")) {
      out.emplace_back(word);
    }
  }
  // There it writes into a pipe, here to whatever this is.
  if (options.color == "auto" && colours(options)) out.insert(out.begin(), {"--color", "always"});
  return out;
}

/// Lines of JSON that come in pieces: each is said where it belongs.
class Saying {
 public:
  bool take(std::string_view piece) {
    waiting_ += piece;
    std::size_t begin = 0;
    for (std::size_t end; (end = waiting_.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      say(waiting_.substr(begin, end - begin));
    }
    waiting_.erase(0, begin);
    std::fflush(stdout);
    return true;
  }
  std::optional<int> exit_code;
  std::string refusal;  // of an answer that is none of a command

 private:
  void say(const std::string& line) {
    const json said = json::parse(line, nullptr, false);
    if (!said.is_object()) return;
    refusal = said.value("detail", refusal);
    for (const auto& [key, value] : said.items()) {
      if (key == "exit" && value.is_number_integer()) exit_code = value.get<int>();
      if (!value.is_string() || !key.starts_with("std")) continue;
      const bool is_encoded = key.ends_with("_base64");
      const std::string text = is_encoded ? net::from_base64(value.get<std::string>()).value_or("")
                                          : value.get<std::string>();
      FILE* where = key.starts_with("stderr") ? stderr : stdout;
      std::fwrite(text.data(), 1, text.size(), where);
      if (where == stdout && !text.empty()) answer_has_begun();
    }
  }
  std::string waiting_;
};

/// Nothing, or why the service is not the one for these options.
Status fits_service(const Options& options, const std::string& socket) {
  if (options.environment.empty()) return {};
  net::LocalRequest request;
  request.socket = socket;
  request.path = "/api/v1/status";
  request.timeout_ms = status_wait_ms;
  RONDOM_TRY_ASSIGN(const net::LocalReply answer, net::ask_local(request));
  const json state = json::parse(answer.body, nullptr, false);
  const std::string served = state.is_object() ? state.value("environment", "") : "";
  if (answer.status == 200 && served == options.environment) return {};
  return {ErrorCode::usage,
          "a service is up for this project, with " +
              (served.empty() ? std::string("no environment") : "--env " + served) +
              ": ask without --env, or stop it first"};
}

int refused(int status, const std::string& why) {
  const ErrorCode code = status == 503  ? ErrorCode::busy
                         : status < 500 ? ErrorCode::usage
                                        : ErrorCode::failure;
  return fail({code, "the service: " + (why.empty() ? std::to_string(status) : why)});
}

}  // namespace

std::optional<int> forward_to_service(const Options& options, std::string_view verb, int argc,
                                      const char* const* argv) {
  if (!service::is_forwarded(verb) || std::getenv(service::within_service_variable) != nullptr) {
    return std::nullopt;
  }
  net::LocalRequest request;
  request.socket = service_socket(options);
  if (request.socket.empty()) return std::nullopt;
  const Status listens = net::somebody_listens(request.socket);
  if (!listens.ok()) {
    if (listens.error().code == ErrorCode::unavailable) return std::nullopt;
    return fail(listens.error());
  }
  if (const Status fits = fits_service(options, request.socket); !fits.ok()) {
    return fail(fits.error());
  }
  std::error_code nowhere;
  const json body{{"arguments", words_for_service(options, argc, argv)},
                  {"directory", std::filesystem::current_path(nowhere).string()}};
  request.method = "POST";
  request.path = "/v1/command";
  request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  request.timeout_ms = command_wait_ms;
  Saying saying;
  const auto answer = net::ask_local(
      request, [&](std::string_view piece) { return saying.take(piece); }, &stop_requested());
  if (saying.exit_code.has_value()) return saying.exit_code;
  if (!answer.ok()) return fail(answer.error());
  if (answer->status != 200) return refused(answer->status, saying.refusal);
  return fail({ErrorCode::unavailable, "the service ended before the command did"});
}

}  // namespace rondom::cli
