// init, validate, discover, preview
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/cli.h"
#include "cli/failure.h"
#include "cli/starter.h"
#include "cli/terminal.h"
#include "config/tests.h"
#include "engine/plans.h"

namespace rondom::cli {

namespace {

std::string json_of(const engine::PreviewRecord& record) {
  std::string out = "{\"stream\":";
  append_json_string(out, record.stream);
  out += ",\"outcome\":";
  append_json_string(out, record.outcome);
  out += ",\"reason\":";
  append_json_string(out, record.reason);
  out += ",\"raw\":";
  append_json_string(out, record.raw);
  out += ",\"records\":[";
  for (std::size_t i = 0; i < record.canonical.size(); ++i) {
    out += (i > 0 ? "," : "") + record.canonical[i];
  }
  out += "],\"warnings\":[";
  for (std::size_t i = 0; i < record.warnings.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, record.warnings[i]);
  }
  return out + "]}";
}

void print_json(const std::vector<engine::PreviewRecord>& records, bool lines) {
  std::string out;
  for (const engine::PreviewRecord& record : records) {
    if (!lines && !out.empty()) out += ',';
    out += json_of(record);
    if (lines) out += '\n';
  }
  std::printf(lines ? "%s" : "[%s]\n", out.c_str());
}

/// A project is called like its folder, as far as a name may.
std::string project_name_of(const std::filesystem::path& folder) {
  std::error_code failed;
  const auto whole = std::filesystem::weakly_canonical(std::filesystem::absolute(folder), failed);
  const auto last = whole.has_filename() ? whole.filename() : whole.parent_path().filename();
  std::string name;
  for (const char c : last.string()) {
    const bool fits = config::is_job_name(std::string("a") + c);
    if (fits || (!name.empty() && name.back() != '-')) name += fits ? c : '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return config::is_job_name(name) ? name : std::string(starter_project_name);
}

std::string named(std::string_view settings, const std::string& name) {
  std::string text(settings);
  const std::size_t at = text.find(starter_project_name);
  if (at != std::string::npos) text.replace(at, starter_project_name.size(), name);
  return text;
}

// Exit code of a job that cannot be previewed, or nothing.
std::optional<int> preview_problem(const config::Project& project, const Options& options) {
  const config::Job* job = project.job(options.words.front());
  if (job == nullptr) return fail_unknown("job", options.words.front(), job_names(project));
  if (!job->source.has_value()) {
    return fail({ErrorCode::usage, "job " + job->name + " sends; preview is for jobs that read"});
  }
  if (options.words.size() < 2) return std::nullopt;
  std::vector<std::string> streams;
  for (const config::SourceStream& stream : job->source->streams) streams.push_back(stream.stream);
  if (std::find(streams.begin(), streams.end(), options.words[1]) != streams.end()) {
    return std::nullopt;
  }
  return fail_unknown("stream in job " + job->name + " called", options.words[1], streams);
}

}  // namespace

Status write_new_file(const std::filesystem::path& file, std::string_view content) {
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  if (failed)
    return {ErrorCode::unavailable, "cannot make the folder " + file.parent_path().string()};
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << content;
  out.flush();
  if (!out) return {ErrorCode::unavailable, "cannot write " + file.string()};
  return {};
}

int init(const Options& options) {
  const std::filesystem::path folder = options.words.empty()
                                           ? std::filesystem::path(options.folder)
                                           : std::filesystem::path(options.words.front());
  for (const StarterFile& file : starter_files()) {
    if (std::filesystem::exists(folder / file.path)) {
      return fail({ErrorCode::usage,
                   (folder / file.path).string() + " is there already; nothing was written"});
    }
  }
  for (const StarterFile& file : starter_files()) {
    const std::string content = file.path == std::string_view("rondom.yaml")
                                    ? named(file.content, project_name_of(folder))
                                    : std::string(file.content);
    if (const Status written = write_new_file(folder / file.path, content); !written.ok()) {
      return fail(written.error());
    }
    std::printf("wrote %s\n", (folder / file.path).lexically_normal().c_str());
  }
  std::error_code ignored;  // the first run makes the folder too; `check` asks for it earlier
  std::filesystem::create_directories(folder / starter_output_folder, ignored);
  const std::string where = folder.lexically_normal().string();
  const std::string program = where == "." ? "rondom " : "rondom -C " + where + " ";
  std::printf("next:\n");
  for (const auto& [words, what] :
       {std::pair("discover crm --save", "what the source has, for validate to know"),
        std::pair("preview crm", "what the map makes of it; stores nothing"),
        std::pair("run crm", "reads, and makes profiles"),
        std::pair("plan newsletter", "who would be sent; sends nothing"),
        std::pair("run --all", "sends: here to files in out/")}) {
    std::printf("  %s%-22s %s\n", program.c_str(), words, what);
  }
  return 0;
}

int validate(const Options& options) {
  int exit_code = 0;
  config::Diagnostics diagnostics;
  const auto workspace = load_workspace(options, diagnostics, exit_code);
  if (!workspace.has_value()) return exit_code;
  const config::Project& project = *workspace->project;
  const std::vector<std::string> tests = config::test_files(project, diagnostics);
  config::load_tests(project, tests, diagnostics);
  if (!diagnostics.empty()) exit_code = exit_code_for(ErrorCode::bad_config);
  const std::size_t files = project.files_read + tests.size();
  if (options.output == "json") {
    std::printf("{\"files\":%zu,\"errors\":%s,\"warnings\":%s}\n", files,
                json_of(diagnostics.errors()).c_str(), json_of(diagnostics.warnings()).c_str());
    return exit_code;
  }
  std::fputs(diagnostics.render_warnings(project.root).c_str(), stderr);
  if (diagnostics.empty()) {
    std::printf("%zu files, no errors · no system was contacted\n", files);
  } else {
    print_problems(diagnostics, project.root, files);
    std::fprintf(stderr, "no system was contacted\n");
  }
  return exit_code;
}

int discover(const Options& options) {
  int exit_code = 0;
  const std::optional<Workspace> workspace = open_workspace(options, exit_code, Needs::settings);
  if (!workspace.has_value()) return exit_code;
  const std::string& name = options.words.front();
  const config::Project& project = *workspace->project;
  if (project.job(name) == nullptr && project.connection(name) == nullptr) {
    std::vector<std::string> known = job_names(project);
    const std::vector<std::string> connections = connection_names(project);
    known.insert(known.end(), connections.begin(), connections.end());
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    return fail_unknown("job or connection", name, known);
  }
  const auto catalog = engine::discover(*workspace->project, workspace->surroundings, name);
  if (!catalog.ok()) return fail(catalog.error());
  const std::string today = format_date(workspace->surroundings.clock->now());
  const std::string json = engine::catalog_json(*catalog, today);
  if (options.save) {
    const std::string file = engine::catalog_path(*workspace->project, name);
    if (const Status written = write_new_file(file, json); !written.ok())
      return fail(written.error());
    std::fprintf(stderr, "saved in catalog/%s.json\n", name.c_str());
  }
  if (options.output == "json") {
    std::fputs(json.c_str(), stdout);
    return 0;
  }
  for (const plugin::CatalogStream& stream : catalog->streams) {
    std::string key;
    for (const std::string& part : stream.key) key += (key.empty() ? "" : ", ") + part;
    std::printf("%s%s%s\n", bold(options, stream.name).c_str(), key.empty() ? "" : "  key ",
                key.c_str());
    Table table({"  field", "type", "example"});
    for (const plugin::CatalogField& field : stream.fields) {
      table.add({"  " + field.name, field.type, field.example});
    }
    std::fputs(table.render().c_str(), stdout);
  }
  return 0;
}

int preview(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace = open_workspace(options, exit_code);
  if (!workspace.has_value()) return exit_code;
  if (const auto wrong = preview_problem(*workspace->project, options)) return *wrong;
  std::vector<std::string> warnings;
  const auto records =
      engine::preview(*workspace->project, workspace->surroundings, options.words.front(),
                      options.words.size() > 1 ? options.words[1] : "", options.limit, warnings);
  if (!records.ok()) return fail(records.error());
  for (const std::string& warning : warnings) {
    std::fprintf(stderr, "warning: %s\n", warning.c_str());
  }
  if (options.output != "text") {
    print_json(*records, options.output == "jsonl");
    return 0;
  }
  if (records->empty()) std::puts("the source gave no records");
  for (const engine::PreviewRecord& record : *records) {
    std::printf("%s  %s%s%s\n  from %s\n", bold(options, record.stream).c_str(),
                record.outcome.c_str(), record.reason.empty() ? "" : ": ", record.reason.c_str(),
                record.raw.c_str());
    for (const std::string& canonical : record.canonical)
      std::printf("  →    %s\n", canonical.c_str());
  }
  return 0;
}

}  // namespace rondom::cli
