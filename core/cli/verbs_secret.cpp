// secret check
#include <cstdio>
#include <map>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/terminal.h"
#include "model/json.h"

namespace rondom::cli {
namespace {

/// A secret that the project names; its value is nowhere in here.
struct Named {
  std::vector<std::string> used_by;  // connections, "store", "views", "notify NAME"
  std::string place, problem;        // one of them is empty
};

std::map<std::string, Named> named_secrets(const Workspace& workspace) {
  std::map<std::string, Named> secrets;
  const auto add = [&](std::string_view text, const std::string& user) {
    for (const std::string& name : config::secret_references(text)) {
      std::vector<std::string>& users = secrets[name].used_by;
      if (users.empty() || users.back() != user) users.push_back(user);
    }
  };
  for (const config::Connection& connection : workspace.project->connections) {
    add(connection.config_json, connection.name);
  }
  add(workspace.project->store.postgresql, "store");
  add(workspace.project->views.postgresql, "views");
  for (const config::NotifyTarget& target : workspace.project->notify.targets) {
    add(target.webhook, "notify " + target.name);
    add(target.signing_secret, "notify " + target.name);
  }
  for (auto& [name, secret] : secrets) {
    const Result<std::string> place = workspace.secrets->place_of(name);
    if (place.ok()) {
      secret.place = *place;
    } else {
      secret.problem = place.error().message;
    }
  }
  return secrets;
}

std::string json_of(const std::map<std::string, Named>& secrets) {
  std::string out = "[";
  for (const auto& [name, secret] : secrets) {
    out += out.back() == '[' ? "{\"secret\":" : ",{\"secret\":";
    append_json_string(out, name);
    out += ",\"used_by\":[";
    for (const std::string& user : secret.used_by) {
      if (out.back() != '[') out += ',';
      append_json_string(out, user);
    }
    out += "],\"place\":";
    append_json_string(out, secret.place);
    out += ",\"problem\":";
    append_json_string(out, secret.problem);
    out += '}';
  }
  return out + "]";
}

}  // namespace

int secret_check(const Options& options) {
  int exit_code = 0;
  const std::optional<Workspace> workspace = open_workspace(options, exit_code);
  if (!workspace.has_value()) return exit_code;
  const std::map<std::string, Named> secrets = named_secrets(*workspace);
  bool complete = true;
  Table table({"SECRET", "used by", "from"});
  for (const auto& [name, secret] : secrets) {
    complete = complete && secret.problem.empty();
    table.add({name, join(secret.used_by, ", "),
               secret.problem.empty() ? secret.place : "! " + secret.problem});
  }
  if (options.output == "json") {
    std::printf("%s\n", json_of(secrets).c_str());
  } else {
    std::fputs(secrets.empty() ? "the project names no secrets\n" : table.render().c_str(), stdout);
  }
  return complete ? 0 : exit_code_for(ErrorCode::bad_config);
}

}  // namespace rondom::cli
