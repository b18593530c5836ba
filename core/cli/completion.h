// completion: shell completion scripts, made from the parser itself so that they never lag behind.
#pragma once

#include <string_view>

namespace CLI {
class App;
}

namespace rondom::cli {

/// Prints the script for bash, zsh or fish; another shell is a usage error.
int print_completion(const CLI::App& app, std::string_view shell);

}  // namespace rondom::cli
