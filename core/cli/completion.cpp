#include "cli/completion.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "cli/cli.h"

namespace rondom::cli {

namespace {

struct Flag {
  std::vector<std::string> names;  // "-C", "--directory"
  std::string description;
  bool takes_value = false;
};

struct Command {
  std::string path;  // "profile explain"
  std::string description;
  std::vector<std::string> verbs;  // of a group
  std::vector<Flag> flags;
};

std::vector<Flag> flags_of(const CLI::App& app) {
  std::vector<Flag> flags;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // meant for programs: help does not show it either
    Flag flag;
    for (const std::string& name : option->get_snames()) flag.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
    flag.description = option->get_description();
    flag.takes_value = option->get_items_expected_max() > 0;
    if (!flag.names.empty()) flags.push_back(std::move(flag));
  }
  return flags;
}

/// Groups after their verbs, the program itself last.
void collect(const CLI::App& app, const std::string& path, std::vector<Command>& commands) {
  Command command{path, app.get_description(), {}, flags_of(app)};
  for (const CLI::App* child : app.get_subcommands({})) {
    command.verbs.push_back(child->get_name());
    collect(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), commands);
  }
  commands.push_back(std::move(command));
}

std::string long_names(const std::vector<Flag>& flags) {
  std::vector<std::string> names;
  for (const Flag& flag : flags) names.push_back(flag.names.back());
  return join(names, " ");
}

/// Case pattern of every flag that is followed by a value, which is no verb.
std::string flags_with_value(const std::vector<Command>& commands) {
  std::set<std::string> names;
  for (const Command& command : commands) {
    for (const Flag& flag : command.flags) {
      if (flag.takes_value) names.insert(flag.names.begin(), flag.names.end());
    }
  }
  return join({names.begin(), names.end()}, "|");
}

/// `function` is what the shell calls. zsh must not find it by the name of the file that it loads,
/// _rondom.
void print_bash(const std::vector<Command>& commands, const char* function) {
  std::printf(
      "%s() {\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\" words=\"\" word path=\"\" value=\"\"\n"
      "  for word in \"${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}\"; do\n"
      "    if [ -n \"$value\" ]; then value=\"\"; continue; fi\n"
      "    case \"$word\" in\n"
      "      %s) value=\"$word\" ;;\n"
      "      -*) ;;\n"
      "      *) path=\"${path:+$path }$word\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$value\" in\n"
      "    -C|--directory) COMPREPLY=($(compgen -d -- \"$current\")); return ;;\n"
      "    -o|--output) words=\"text json jsonl csv junit\" ;;\n"
      "    --color) words=\"auto always never\" ;;\n"
      "    ?*) return ;;\n"
      "    *) case \"$path\" in\n",
      function, flags_with_value(commands).c_str());
  const Command& root = commands.back();
  const std::string everywhere = long_names(root.flags);
  for (const Command& command : commands) {
    if (command.path.empty()) continue;
    std::printf("      \"%s\"|\"%s \"*) words=\"%s %s %s\" ;;\n", command.path.c_str(),
                command.path.c_str(), join(command.verbs, " ").c_str(),
                long_names(command.flags).c_str(), everywhere.c_str());
  }
  std::printf(
      "      \"\") words=\"%s %s\" ;;\n"
      "    esac ;;\n"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "}\n"
      "complete -o default -F %s rondom\n",
      join(root.verbs, " ").c_str(), everywhere.c_str(), function);
}

/// In single quotes.
std::string fish_text(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

void print_fish_flags(const Command& command, const std::string& condition) {
  for (const Flag& flag : command.flags) {
    std::string line = "complete -c rondom";
    if (!condition.empty()) line += " -n " + fish_text(condition);
    for (const std::string& name : flag.names) {
      line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (flag.takes_value) line += " -r";
    std::printf("%s -d %s\n", line.c_str(), fish_text(flag.description).c_str());
  }
}

void print_fish(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    const std::size_t space = command.path.find(' ');
    const bool in_group = space != std::string::npos;
    const std::string name = in_group ? command.path.substr(space + 1) : command.path;
    if (!name.empty()) {
      const std::string where = in_group
                                    ? "__fish_seen_subcommand_from " + command.path.substr(0, space)
                                    : "__fish_use_subcommand";
      std::printf("complete -c rondom -f -n %s -a %s -d %s\n", fish_text(where).c_str(),
                  fish_text(name).c_str(), fish_text(command.description).c_str());
    }
    print_fish_flags(command, name.empty() ? "" : "__fish_seen_subcommand_from " + name);
  }
}

}  // namespace

int print_completion(const CLI::App& app, std::string_view shell) {
  std::vector<Command> commands;
  collect(app, "", commands);
  if (shell == "bash") {
    print_bash(commands, "_rondom");
  } else if (shell == "zsh") {
    std::puts("#compdef rondom\nautoload -U +X bashcompinit && bashcompinit");
    print_bash(commands, "_rondom_words");
    // A file of $fpath is loaded by the first completion, which it has to answer as well.
    std::puts(
        "if [ \"${funcstack[1]}\" = _rondom ]; then _bash_complete -o default -F _rondom_words; "
        "fi");
  } else if (shell == "fish") {
    print_fish(commands);
  } else {
    return fail({ErrorCode::usage, "completion is made for bash, zsh and fish"});
  }
  return 0;
}

}  // namespace rondom::cli
