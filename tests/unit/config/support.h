// A project folder made for one test, and short ways to look at what the reader says of it.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"

namespace rondom::config::test {

using Files = std::map<std::string, std::string>;

class Folder {
 public:
  explicit Folder(const Files& files) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "rondom-config-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
    for (const auto& [name, text] : files) write(name, text);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// "file:line:column: message (hint)" of every problem, in order of report.
inline std::vector<std::string> lines_of(const Diagnostics& diagnostics) {
  std::vector<std::string> lines;
  for (const Diagnostic& problem : diagnostics.errors()) {
    std::string line = problem.at.file ? *problem.at.file : "";
    line += ":" + std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + ": " +
            problem.message;
    if (!problem.hint.empty()) line += " (" + problem.hint + ")";
    lines.push_back(line);
  }
  return lines;
}

inline std::string all_of(const Diagnostics& diagnostics) {
  std::string out;
  for (const std::string& line : lines_of(diagnostics)) out += line + "\n";
  return out;
}

struct Loaded {
  Project project;
  Diagnostics diagnostics;
  std::string problems;
};

inline Loaded load(const Files& files, const std::string& environment = "") {
  const Folder folder(files);
  Loaded loaded;
  loaded.project = load_project(folder.path(), environment, loaded.diagnostics);
  loaded.problems = all_of(loaded.diagnostics);
  return loaded;
}

inline Files with(Files files, const Files& more) {
  for (const auto& [name, text] : more) files[name] = text;
  return files;
}

/// The smallest project without problems.
inline Files minimal() {
  return {{"rondom.yaml",
           "project: acme\n"
           "connections:\n"
           "  crm: { connector: salesforce }\n"
           "  mail: { connector: mautic }\n"
           "purposes:\n"
           "  news: { channel: email, legal_basis: consent }\n"}};
}

inline const char* source_job() {
  return "job: crm\n"
         "source: crm\n"
         "streams:\n"
         "  - stream: Contact\n"
         "    entity: person\n"
         "    map: { email: .Email }\n";
}

inline const char* destination_job() {
  return "job: news\n"
         "destination: mail\n"
         "purpose: news\n"
         "map: { email: .permitted.email }\n";
}

}  // namespace rondom::config::test
