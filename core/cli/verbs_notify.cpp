// notify test
#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "service/notice_delivery.h"

namespace rondom::cli {
namespace {

service::Notice test_notice(const Workspace& workspace) {
  service::Notice notice;
  notice.at = workspace.surroundings.clock->now();
  std::array<std::uint8_t, 10> bytes{};
  workspace.surroundings.random->fill(bytes);
  notice.id = "msg_" + to_text(time_uid(notice.at, bytes));
  notice.project = workspace.project->name;
  notice.environment = workspace.project->environment;
  return notice;
}

void append_json(std::string& out, const std::string& name, const std::string& error) {
  out += out.back() == '[' ? "{\"to\":" : ",{\"to\":";
  append_json_string(out, name);
  out += ",\"error\":";
  append_json_string(out, error);
  out += '}';
}

}  // namespace

int notify_test(const Options& options) {
  int exit_code = 0;
  const auto workspace = open_workspace(options, exit_code, Needs::settings);
  if (!workspace.has_value()) return exit_code;
  std::vector<config::NotifyTarget> targets;
  std::vector<std::string> names;
  for (const config::NotifyTarget& target : workspace->project->notify.targets) {
    names.push_back(target.name);
    const auto& words = options.words;
    const bool asked = std::find(words.begin(), words.end(), target.name) != words.end();
    if (words.empty() || asked) targets.push_back(target);
  }
  for (const std::string& word : options.words) {
    if (std::find(names.begin(), names.end(), word) != names.end()) continue;
    return fail_unknown("name in notify.to", word, names);
  }
  service::NoticeDelivery delivery(workspace->project->root, *workspace->surroundings.clock,
                                   *workspace->surroundings.random);
  bool all_told = true;
  std::string json = "[";
  Table table({"TO", "result"});
  for (const config::NotifyTarget& target : targets) {
    net::Interrupt interrupt;
    const Status sent =
        delivery.deliver(target, *workspace->secrets, test_notice(*workspace), interrupt);
    const std::string error = sent.ok() ? "" : sent.error().message;
    all_told = all_told && sent.ok();
    append_json(json, target.name, error);
    table.add({target.name, sent.ok() ? "sent" : "! " + error});
  }
  if (options.output == "json") {
    std::printf("%s]\n", json.c_str());
  } else {
    std::fputs(targets.empty() ? "notify names nobody\n" : table.render().c_str(), stdout);
  }
  return all_told ? 0 : exit_code_for(ErrorCode::unavailable);
}

}  // namespace rondom::cli
