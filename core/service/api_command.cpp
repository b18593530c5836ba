// POST /v1/command: a verb for somebody at the socket, run by the service's own user, so that
// nothing lies in the state folder that the service cannot write.
#include <algorithm>

#include "net/redact.h"
#include "service/api_state.h"
#include "service/forwarded.h"

namespace rondom::service {
namespace {

using net::problem;

/// How many bytes at the end begin a character that the next piece ends.
std::size_t cut_character(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    const std::size_t needs = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return needs > back ? back : 0;
  }
  return 0;
}

/// One stream of a command as lines of JSON.
class StreamLines {
 public:
  explicit StreamLines(const char* key) : key_(key) {}
  std::string take(std::string_view piece, bool last) {
    waiting_ += piece;
    const std::size_t kept = last ? 0 : cut_character(waiting_);
    const std::string_view whole = std::string_view(waiting_).substr(0, waiting_.size() - kept);
    std::string line;
    if (!whole.empty()) {
      const bool is_text = is_utf8(whole);
      line = std::string("{\"") + key_ + (is_text ? "\":" : "_base64\":");
      append_json_string(line, is_text ? std::string(whole) : net::base64(whole));
      line += "}\n";
    }
    waiting_.erase(0, waiting_.size() - kept);
    return line;
  }

 private:
  const char* key_;
  std::string waiting_;
};

constexpr std::string_view rename_verb = "state rename";
constexpr std::size_t words_of_rename = 4;  // state rename OLD NEW

/// What is renamed, for the audit; empty for other verbs.
std::string renamed_in(const std::vector<std::string>& arguments) {
  if (forwarded_verb_in(arguments) != rename_verb) return {};
  const std::vector<std::string> words = plain_words_in(arguments);
  return words.size() == words_of_rename ? words[2] + " " + words[3] : std::string();
}

/// What the service itself remembers of a job goes with it.
Status follow_rename(const std::vector<std::string>& arguments, Control& control) {
  const bool is_of_job =
      std::find(arguments.begin(), arguments.end(), "--connection") == arguments.end();
  const std::string names = renamed_in(arguments);
  if (names.empty() || !is_of_job) return {};
  const std::size_t space = names.find(' ');
  return control.rename(names.substr(0, space), names.substr(space + 1));
}

}  // namespace

int ApiState::stream_command(const Call& call, net::HttpReply& reply) {
  const auto refuse = [&](int status, std::string_view why, const char* wait) {
    reply.send(problem(status, why, {{"Retry-After", wait}}));
    return status;
  };
  if (const Status allowed = may_be_run(call.words); !allowed.ok()) {
    reply.send(problem(422, allowed.error().message));
    return 422;
  }
  if (control.state().stopping) return refuse(503, "the service is stopping", "10");
  const Place place(commands, commands_at_once);
  if (!place.got()) return refuse(503, "four commands run already", "5");
  const Status written =
      audit.add({call.who, "command " + forwarded_verb_in(call.words), renamed_in(call.words), 0});
  if (!written.ok()) {
    options.log("error", written.error().message);
    return refuse(503, "the audit cannot be written, so no command is run", "60");
  }
  Command command;
  command.program = options.program;
  command.arguments = verb_words(options, call.words, false);
  command.directory = call.directory.empty() ? options.project_folder : call.directory;
  command.milliseconds_max = command_ms_max;
  command.grace_ms = command_grace_ms;
  command.at_once = [this] { return in_a_hurry(); };
  net::ServedAnswer head;
  head.content_type = "application/x-ndjson";
  reply.begin(std::move(head));
  StreamLines standard("stdout"), error("stderr");
  const auto pass_on = [&](Output output, std::string_view piece) {
    reply.write((output == Output::standard ? standard : error).take(piece, false));
  };
  // Who closes their side wants it to stop, and may still read how it does.
  const auto end = run_command(command, clock, pass_on,
                               [&] { return !reply.gone() && !reply.peer_closed() && !stopping; });
  reply.write(standard.take("", true));
  reply.write(error.take("", true));
  if (!end.ok()) {
    std::string line = "{\"stderr\":";
    append_json_string(line, "rondom: " + end.error().message + "\n");
    reply.write(line + "}\n{\"exit\":" + std::to_string(exit_code_for(end.error().code)) + "}\n");
  } else {
    if (end->timed_out) {
      reply.write(
          "{\"stderr\":\"rondom: stopped: a command of the service has ten minutes\\n\"}\n");
    }
    const Status followed = end->exit_code == 0 ? follow_rename(call.words, control) : Status();
    if (!followed.ok()) options.log("error", followed.error().message);
    reply.write("{\"exit\":" + std::to_string(end->exit_code) + "}\n");
  }
  reply.end();
  return 200;
}

}  // namespace rondom::service
