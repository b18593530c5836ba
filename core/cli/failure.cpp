#include "cli/failure.h"

#include <algorithm>
#include <cstdio>
#include <tuple>

namespace rondom::cli {

namespace {

/// Of this process: there is one standard output.
struct Answer {
  bool wanted = false;
  bool given = false;
};
Answer& answer() {
  static Answer one;
  return one;
}

bool is_for_programs(std::string_view output) {
  return output == "json" || output == "jsonl";
}

std::string_view file_of(const config::Diagnostic& problem) {
  return problem.at.file == nullptr ? std::string_view() : std::string_view(*problem.at.file);
}

std::string fields_of(const config::Diagnostic& problem) {
  std::string out = "\"file\":";
  append_json_string(out, file_of(problem));
  out += ",\"line\":" + std::to_string(problem.at.line) +
         ",\"column\":" + std::to_string(problem.at.column) + ",\"message\":";
  append_json_string(out, problem.message);
  out += ",\"hint\":";
  append_json_string(out, problem.hint);
  return out;
}

std::vector<const config::Diagnostic*> by_place(const std::vector<config::Diagnostic>& problems) {
  std::vector<const config::Diagnostic*> sorted;
  for (const config::Diagnostic& problem : problems) sorted.push_back(&problem);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return std::make_tuple(file_of(*a), a->at.line, a->at.column) <
           std::make_tuple(file_of(*b), b->at.line, b->at.column);
  });
  return sorted;
}

std::string head_of(ErrorCode code) {
  return std::string("{\"error\":{\"code\":\"") + to_text(code) +
         "\",\"exit_code\":" + std::to_string(exit_code_for(code));
}

/// Prints what `make` gives, unless nobody asked or something was printed already.
template <typename Make>
void give(Make make) {
  if (!answer().wanted || answer().given) return;
  answer().given = true;
  std::printf("%s\n", make().c_str());
}

}  // namespace

void answer_failures_as_asked(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") return;
    const bool apart = (word == "-o" || word == "--output") && i + 1 < argc;
    std::string_view output = apart ? std::string_view(argv[i + 1]) : std::string_view();
    if (word.starts_with("--output=")) output = word.substr(9);
    if (word.starts_with("-o") && word.size() > 2) output = word.substr(word[2] == '=' ? 3 : 2);
    if (is_for_programs(output)) answer().wanted = true;
  }
}

void answer_has_begun() {
  answer().given = true;
}

void answer_error(const Error& error) {
  give([&] {
    std::string out = head_of(error.code) + ",\"message\":";
    append_json_string(out, error.message);
    if (!error.detail.empty()) {
      out += ",\"detail\":";
      append_json_string(out, error.detail);
    }
    return out + "}}";
  });
}

void answer_problems(const config::Diagnostics& diagnostics) {
  if (diagnostics.empty()) return;
  give([&] {
    return head_of(ErrorCode::bad_config) + "," +
           fields_of(*by_place(diagnostics.errors()).front()) +
           ",\"problems\":" + json_of(diagnostics.errors()) + "}}";
  });
}

std::string json_of(const std::vector<config::Diagnostic>& problems) {
  std::string out = "[";
  for (const config::Diagnostic* problem : by_place(problems)) {
    out += (out.size() > 1 ? ",{" : "{") + fields_of(*problem) + "}";
  }
  return out + "]";
}

int fail(const Error& error) {
  std::fprintf(stderr, "rondom: %s\n", error.message.c_str());
  if (!error.detail.empty()) std::fprintf(stderr, "%s\n", error.detail.c_str());
  answer_error(error);
  return exit_code_for(error.code);
}

int fail_unknown(std::string_view what, std::string_view word,
                 const std::vector<std::string>& known) {
  std::string message = "there is no " + std::string(what) + " " + std::string(word);
  if (const auto near = did_you_mean(word, known)) {
    message += "; did you mean " + *near + "?";
  } else if (!known.empty()) {
    message += "; there is";
    for (const std::string& one : known) message += (&one == &known.front() ? " " : ", ") + one;
  }
  return fail({ErrorCode::usage, message});
}

void print_problems(const config::Diagnostics& diagnostics, std::string_view root,
                    std::size_t files) {
  std::fputs(diagnostics.render(root).c_str(), stderr);
  std::fprintf(stderr, "%zu %s in %zu files\n", diagnostics.size(),
               diagnostics.size() == 1 ? "error" : "errors", files);
}

}  // namespace rondom::cli
