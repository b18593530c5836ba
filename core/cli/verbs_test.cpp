// test
#include <cstdio>
#include <filesystem>

#include "cli/cli.h"
#include "cli/failure.h"
#include "cli/terminal.h"
#include "config/tests.h"
#include "engine/project_test.h"

namespace rondom::cli {

namespace {

constexpr int exit_failed = 1;
constexpr std::size_t side_by_side_bytes_max = 90;

std::string place(const config::Location& at) {
  return (at.file ? *at.file : std::string("?")) + ":" + std::to_string(at.line);
}

/// The files that were named, as "tests/name.yaml"; all of them when none was. Sets the exit code
/// when one is not there.
std::vector<std::string> chosen_files(const config::Project& project, const Options& options,
                                      config::Diagnostics& diagnostics, int& exit_code) {
  std::vector<std::string> files = config::test_files(project, diagnostics);
  if (options.words.empty()) return files;
  std::vector<std::string> chosen;
  for (const std::string& word : options.words) {
    std::error_code failed;
    const auto from_here =
        std::filesystem::relative(std::filesystem::absolute(word, failed), project.root, failed);
    bool found = false;
    for (const std::string& file : files) {
      const bool is_it = file == word || (!failed && from_here == file) ||
                         file == "tests/" + word || file == "tests/" + word + ".yaml";
      if (!is_it) continue;
      found = true;
      if (std::find(chosen.begin(), chosen.end(), file) == chosen.end()) chosen.push_back(file);
    }
    if (!found) exit_code = fail_unknown("test file", word, files);
  }
  return chosen;
}

void print_outcome(const engine::TestOutcome& outcome, const Options& options) {
  if (outcome.failures.empty()) {
    if (!options.quiet)
      std::printf("ok      %s  %s\n", place(outcome.at).c_str(), outcome.name.c_str());
    return;
  }
  std::printf("%s  %s  %s\n", bold(options, "FAILED").c_str(), place(outcome.at).c_str(),
              outcome.name.c_str());
  for (const engine::TestFailure& failure : outcome.failures) {
    std::printf("  %s: %s\n", place(failure.at).c_str(), failure.what.c_str());
    const bool fits = failure.expected.size() + failure.actual.size() <= side_by_side_bytes_max;
    std::printf("    expected  %s%s%s\n", failure.expected.c_str(),
                fits ? "   actual  " : "\n    actual    ", failure.actual.c_str());
    for (const std::string& cause : failure.because) {
      std::printf("    because   %s\n", cause.c_str());
    }
  }
}

std::string json_of(const engine::TestOutcome& outcome) {
  std::string out = "{\"test\":";
  append_json_string(out, outcome.name);
  const auto at = [&](const config::Location& location) {
    out += ",\"file\":";
    append_json_string(out, location.file ? *location.file : "");
    out += ",\"line\":" + std::to_string(location.line);
  };
  at(outcome.at);
  out += std::string(",\"status\":\"") + (outcome.failures.empty() ? "passed" : "failed") +
         "\",\"failures\":[";
  for (std::size_t i = 0; i < outcome.failures.size(); ++i) {
    const engine::TestFailure& failure = outcome.failures[i];
    out += i > 0 ? ",{\"what\":" : "{\"what\":";
    append_json_string(out, failure.what);
    at(failure.at);
    out += ",\"expected\":";
    append_json_string(out, failure.expected);
    out += ",\"actual\":";
    append_json_string(out, failure.actual);
    out += ",\"because\":[";
    for (std::size_t b = 0; b < failure.because.size(); ++b) {
      if (b > 0) out += ',';
      append_json_string(out, failure.because[b]);
    }
    out += "]}";
  }
  return out + "]}";
}

}  // namespace

int test(const Options& options) {
  int exit_code = 0;
  const std::optional<Workspace> workspace = open_workspace(options, exit_code);
  if (!workspace.has_value()) return exit_code;
  const config::Project& project = *workspace->project;
  config::Diagnostics diagnostics;
  const std::vector<std::string> files = chosen_files(project, options, diagnostics, exit_code);
  if (exit_code != 0) return exit_code;
  const std::vector<config::ProjectTest> tests = config::load_tests(project, files, diagnostics);
  if (!diagnostics.empty()) {
    print_problems(diagnostics, project.root, files.size());
    answer_problems(diagnostics);
    return exit_code_for(ErrorCode::bad_config);
  }
  std::size_t failed = 0;
  std::string json;
  for (const config::ProjectTest& one : tests) {
    const auto outcome = engine::run_test(project, workspace->surroundings.inventory, one);
    if (!outcome.ok()) return fail(outcome.error());
    if (!outcome->failures.empty()) ++failed;
    if (options.output == "json") {
      json += (json.empty() ? "" : ",") + json_of(*outcome);
    } else {
      print_outcome(*outcome, options);
    }
  }
  exit_code = failed > 0 ? exit_failed : 0;
  if (options.output == "json") {
    std::printf("{\"tests\":[%s],\"passed\":%zu,\"failed\":%zu}\n", json.c_str(),
                tests.size() - failed, failed);
  } else if (tests.empty()) {
    std::printf("there are no tests: they are written in tests/*.yaml\n");
  } else {
    std::printf("%zu %s, %zu failed · no system was contacted · exit %d\n", tests.size(),
                tests.size() == 1 ? "test" : "tests", failed, exit_code);
  }
  return exit_code;
}

}  // namespace rondom::cli
