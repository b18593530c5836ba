#include "cli/completion.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "base/base.h"

namespace rondom::cli {

namespace {

struct Command {
  std::string path;                  // "profile explain"
  std::string description;
  std::vector<std::string> verbs;    // of a group
  std::vector<std::string> flags;
};

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

void collect(const CLI::App& app, const std::string& path, std::vector<Command>& commands) {
  Command command{path, app.get_description(), {}, flags_of(app)};
  for (const CLI::App* child : app.get_subcommands({})) {
    command.verbs.push_back(child->get_name());
    collect(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), commands);
  }
  commands.push_back(std::move(command));
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

void print_bash(const std::vector<Command>& commands) {
  std::puts("_rondom() {\n  local words=\"\" word path=\"\"\n"
            "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
            "    case \"$word\" in -*) ;; *) path=\"$path $word\" ;; esac\n  done\n"
            "  case \"${path# }\" in");
  for (const Command& command : commands) {
    if (command.path.empty()) continue;
    std::printf("    \"%s\"*) words=\"%s %s\" ;;\n", command.path.c_str(),
                joined(command.verbs).c_str(), joined(command.flags).c_str());
  }
  const Command& root = commands.back();
  std::printf("    *) words=\"%s %s\" ;;\n  esac\n", joined(root.verbs).c_str(),
              joined(root.flags).c_str());
  std::puts("  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
            "complete -o default -F _rondom rondom");
}

void print_fish(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    if (command.path.empty()) continue;
    const std::size_t space = command.path.find(' ');
    const std::string condition =
        space == std::string::npos
            ? "__fish_use_subcommand"
            : "__fish_seen_subcommand_from " + command.path.substr(0, space);
    const std::string name =
        space == std::string::npos ? command.path : command.path.substr(space + 1);
    std::printf("complete -c rondom -f -n '%s' -a '%s' -d '%s'\n", condition.c_str(), name.c_str(),
                command.description.c_str());
  }
}

}  // namespace

int print_completion(const CLI::App& app, std::string_view shell) {
  std::vector<Command> commands;
  collect(app, "", commands);
  if (shell == "bash") {
    print_bash(commands);
  } else if (shell == "zsh") {
    std::puts("#compdef rondom\nautoload -U +X bashcompinit && bashcompinit");
    print_bash(commands);
  } else if (shell == "fish") {
    print_fish(commands);
  } else {
    std::fprintf(stderr, "rondom: completion is made for bash, zsh and fish\n");
    return exit_code_for(ErrorCode::usage);
  }
  return 0;
}

}  // namespace rondom::cli
