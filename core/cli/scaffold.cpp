#include "cli/scaffold.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/cli.h"

namespace rondom::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t name_bytes_max = 40;
constexpr std::string_view template_suffix = ".in";
// A target of CMake cannot be called like one that it makes itself.
constexpr std::array<std::string_view, 6> taken_names = {"all",  "clean",   "help",
                                                         "test", "install", "package"};

using Words = std::array<std::pair<std::string_view, std::string_view>, 5>;

Words words_of(const ScaffoldNames& names) {
  return {{{"@NAME@", names.name},
           {"@TITLE@", names.title},
           {"@TYPE@", names.type},
           {"@SPACE@", names.space},
           {"@UPPER@", names.upper}}};
}

void replace_all(std::string& text, std::string_view word, std::string_view by) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    text.replace(at, word.size(), by);
    at += by.size();
  }
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

Error unwritable(const fs::path& path, const std::error_code& reason) {
  return {ErrorCode::unavailable,
          "cannot write " + path.string() + " (" + reason.message() + "); nothing is left of it"};
}

/// Removes what was begun, unless it was finished.
class Unfinished {
 public:
  explicit Unfinished(fs::path folder) : folder_(std::move(folder)) {}
  ~Unfinished() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  void keep() { folder_.clear(); }

 private:
  fs::path folder_;
};

Result<std::vector<std::string>> copy_folder(const fs::path& from, const ScaffoldNames& names,
                                             const fs::path& to) {
  std::vector<std::string> written;
  std::error_code failed;
  for (auto at = fs::recursive_directory_iterator(from, failed);
       !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    if (!at->is_regular_file() || at->path().extension() != template_suffix) continue;
    std::string relative = at->path().lexically_relative(from).string();
    relative.resize(relative.size() - template_suffix.size());
    replace_all(relative, "NAME", names.name);
    std::ifstream in(at->path(), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) return Error{ErrorCode::unavailable, "cannot read " + at->path().string()};
    for (const auto& [word, by] : words_of(names)) replace_all(text, word, by);
    RONDOM_TRY(write_new_file(to / relative, text));
    written.push_back(std::move(relative));
  }
  if (failed) return Error{ErrorCode::unavailable, "cannot read " + from.string()};
  return written;
}

}  // namespace

Result<ScaffoldNames> scaffold_names(const std::string& name) {
  const Error refused{ErrorCode::usage,
                      "the name of a connector starts with a letter, holds a-z, 0-9 and single "
                      "dashes only and at most " +
                          std::to_string(name_bytes_max) + " of them; such as acme-crm"};
  if (name.empty() || name.size() > name_bytes_max || name.back() == '-') return refused;
  if (name.front() < 'a' || name.front() > 'z') return refused;
  if (std::find(taken_names.begin(), taken_names.end(), name) != taken_names.end()) {
    return Error{ErrorCode::usage, name + " is a word of CMake; choose another name"};
  }
  ScaffoldNames names;
  names.name = name;
  char before = '-';
  for (const char c : name) {
    const bool dash = c == '-';
    if (!dash && (c < 'a' || c > 'z') && (c < '0' || c > '9')) return refused;
    if (dash && before == '-') return refused;
    names.title += dash ? ' ' : names.title.empty() ? upper(c) : c;
    names.space += dash ? '_' : c;
    names.upper += dash ? '_' : upper(c);
    if (!dash) names.type += before == '-' ? upper(c) : c;
    before = c;
  }
  return names;
}

Result<std::vector<std::string>> make_scaffold(const std::vector<fs::path>& template_folders,
                                               const ScaffoldNames& names, const fs::path& target) {
  std::error_code failed;
  if (fs::exists(fs::symlink_status(target, failed))) {
    return Error{ErrorCode::usage, target.string() + " is there already; nothing was written"};
  }
  const fs::path begun =
      target.parent_path() / (".new-" + names.name + "-" + std::to_string(::getpid()));
  Unfinished unfinished(begun);
  std::vector<std::string> files;
  for (const fs::path& folder : template_folders) {
    RONDOM_TRY_ASSIGN(std::vector<std::string> written, copy_folder(folder, names, begun));
    files.insert(files.end(), written.begin(), written.end());
  }
  if (files.empty()) return Error{ErrorCode::internal, "the template is empty"};
  fs::rename(begun, target, failed);
  if (failed) return unwritable(target, failed);
  unfinished.keep();
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace rondom::cli
