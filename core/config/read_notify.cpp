// `notify` of rondom.yaml
#include <algorithm>
#include <optional>

#include "config/readers.h"
#include "config/shape.h"

namespace rondom::config {
namespace {

constexpr std::int64_t timeout_max = 300 * microseconds_per_second;
constexpr std::int64_t repeat_min = 60 * microseconds_per_second;
constexpr std::int64_t repeat_max = 365 * microseconds_per_day;
constexpr std::size_t targets_max = 20;
constexpr std::string_view secret_start = "${secret:";

void read_span(const Node& map, const char* key, std::int64_t least, std::int64_t most,
               const char* expected, std::int64_t& value, Diagnostics& diagnostics) {
  const Node* node = map.find(key);
  if (node == nullptr || !node->is_scalar()) return;
  const std::optional<std::int64_t> span = parse_duration(node->text);
  if (span && *span >= least && *span <= most) {
    value = *span;
  } else {
    diagnostics.error(node->at, std::string(key) + " must be a duration from " + expected);
  }
}

bool is_here(std::string_view address) {
  for (const std::string_view here : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (!address.starts_with(here)) continue;
    const std::string_view rest = address.substr(here.size());
    if (rest.empty() || rest.front() == ':' || rest.front() == '/') return true;
  }
  return false;
}

void check_webhook(const Node& webhook, Diagnostics& diagnostics) {
  if (!webhook.is_scalar() || webhook.text.starts_with(secret_start)) return;  // seen when sent
  constexpr std::string_view encrypted = "https://";
  const bool is_encrypted =
      webhook.text.starts_with(encrypted) && webhook.text.size() > encrypted.size();
  if (is_encrypted || is_here(webhook.text)) return;
  diagnostics.error(webhook.at, "webhook must be an https address, or http on this machine");
}

void check_command(const Node& command, Diagnostics& diagnostics) {
  if (command.items.empty()) {
    diagnostics.error(command.at, "command names no program");
    return;
  }
  const Node& program = command.items.front();
  if (program.is_scalar() && program.text.find('/') == std::string::npos) {
    diagnostics.error(program.at, "the program of a command is a path, and there is no / in it",
                      "write /usr/local/bin/" + excerpt(program.text, 80) +
                          ", or bin/… of the project: no PATH is searched");
  }
}

unsigned kinds_of(const Node& events) {
  constexpr std::pair<std::string_view, unsigned> kinds[] = {
      {"failed", NotifyTarget::failed},
      {"stopped", NotifyTarget::stopped},
      {"quarantined", NotifyTarget::quarantined},
      {"stale", NotifyTarget::stale},
      {"recovered", NotifyTarget::recovered}};
  unsigned all = 0;
  for (const Node& item : events.items) {
    for (const auto& [word, kind] : kinds) {
      if (item.is_scalar() && item.text == word) all |= kind;
    }
  }
  return all;
}

void read_target(const Node& name, const Node& node, Reading& reading) {
  Diagnostics& diagnostics = reading.diagnostics;
  check_name(&name, "who is told", diagnostics);
  NotifyTarget target;
  target.name = name.text;
  const Node* webhook = node.find("webhook");
  const Node* command = list_of(node, "command");
  if ((webhook == nullptr) == (node.find("command") == nullptr)) {
    diagnostics.error(name.at, name.text + " needs exactly one of webhook and command");
  }
  if (webhook != nullptr) check_webhook(*webhook, diagnostics);
  if (command != nullptr) check_command(*command, diagnostics);
  target.webhook = text_of(node, "webhook");
  target.signing_secret = text_of(node, "signing_secret");
  target.command = texts_of(node, "command");
  if (const Node* key = node.find("signing_secret"); key != nullptr) {
    if (webhook == nullptr) {
      diagnostics.error(key->at, "signing_secret belongs to webhook");
    } else if (key->is_scalar() && key->text.find(secret_start) == std::string::npos) {
      diagnostics.error(key->at, "signing_secret stands in the file itself",
                        "write ${secret:NAME}, and put it where secrets are kept");
    }
  }
  if (const Node* events = list_of(node, "events")) {
    target.on = kinds_of(*events);
    if (events->items.empty()) diagnostics.error(events->at, "events names nothing");
  }
  read_span(node, "timeout", microseconds_per_second, timeout_max, "1s to 5m", target.timeout,
            diagnostics);
  reading.project.notify.targets.push_back(std::move(target));
}

}  // namespace

void read_notify(const Node& root, Reading& reading) {
  const Node* notify = map_of(root, "notify");
  if (notify == nullptr) return;
  Notify& own = reading.project.notify;
  read_span(*notify, "repeat", repeat_min, repeat_max, "1m to 365d", own.repeat,
            reading.diagnostics);
  const Node* targets = map_of(*notify, "to");
  if (targets == nullptr) return;
  if (targets->members.size() > targets_max) {
    reading.diagnostics.error(targets->at, "to names more than " + std::to_string(targets_max));
  }
  for (const auto& [name, node] : targets->members) {
    if (node.kind == Node::Kind::map) read_target(name, node, reading);
  }
  std::sort(own.targets.begin(), own.targets.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

}  // namespace rondom::config
