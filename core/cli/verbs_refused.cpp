// quarantine list|show|release, deadletter list|redrive, store verify, version
#include <cstdio>
#include <map>

#include "cli/cli.h"
#include "cli/terminal.h"

namespace rondom::cli {

namespace {

constexpr std::size_t page = 1'000;

// A job's name stands for its connection.
std::string source_of(const config::Project& project, const Options& options) {
  if (options.words.empty()) return {};
  const config::Job* job = project.job(options.words.front());
  return job != nullptr ? job->connection : options.words.front();
}

Result<std::vector<std::int64_t>> numbers(const std::vector<std::string>& words) {
  std::vector<std::int64_t> out;
  for (const std::string& word : words) {
    char* end = nullptr;
    const long long number = std::strtoll(word.c_str(), &end, 10);
    if (word.empty() || *end != '\0' || number <= 0) {
      return Error{ErrorCode::usage, "\"" + word + "\" is no number of the list"};
    }
    out.push_back(number);
  }
  return out;
}

void append_entry_json(std::string& out, const store::QuarantineEntry& entry) {
  out += "{\"id\":" + std::to_string(entry.id);
  const std::pair<const char*, const std::string*> fields[] = {
      {"source", &entry.source}, {"stream", &entry.stream}, {"key", &entry.key},
      {"stage", &entry.stage},   {"reason", &entry.reason}, {"origin", &entry.origin},
      {"raw", &entry.raw},       {"run", &entry.run}};
  for (const auto& [name, value] : fields) {
    out += ",\"" + std::string(name) + "\":";
    append_json_string(out, *value);
  }
  out += ",\"position\":" + std::to_string(entry.position) + "}";
}

}  // namespace

int quarantine_list(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  std::int64_t after = 0;
  while (true) {
    const auto entries = engine->store().quarantine(source_of(engine->project(), options), after, page);
    if (!entries.ok()) return fail(entries.error());
    if (entries->empty()) break;
    for (const store::QuarantineEntry& entry : *entries) {
      ++counts[{entry.source + "." + entry.stream, entry.stage + ": " + entry.reason}];
    }
    after = entries->back().id;
  }
  if (options.output == "json") {
    std::string out = "[";
    for (const auto& [what, number] : counts) {
      out += out.size() > 1 ? ",{\"stream\":" : "{\"stream\":";
      append_json_string(out, what.first);
      out += ",\"reason\":";
      append_json_string(out, what.second);
      out += ",\"records\":" + std::to_string(number) + "}";
    }
    std::printf("%s]\n", out.c_str());
    return 0;
  }
  Table table({"STREAM", "records", "why"});
  for (const auto& [what, number] : counts) table.add({what.first, with_thousands(number), what.second});
  std::fputs(counts.empty() ? "nothing is in quarantine\n" : table.render().c_str(), stdout);
  return 0;
}

int quarantine_show(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto entries =
      engine->store().quarantine(source_of(engine->project(), options), 0, options.limit);
  if (!entries.ok()) return fail(entries.error());
  if (options.output != "text") {
    std::string out = "[";
    for (const store::QuarantineEntry& entry : *entries) {
      if (out.size() > 1) out += ',';
      append_entry_json(out, entry);
    }
    std::printf("%s]\n", out.c_str());
    return 0;
  }
  for (const store::QuarantineEntry& entry : *entries) {
    std::printf("%lld  %s.%s%s%s  %s%s%s\n     %s: %s\n     %s\n", static_cast<long long>(entry.id),
                entry.source.c_str(), entry.stream.c_str(), entry.key.empty() ? "" : "/",
                entry.key.c_str(), entry.origin.c_str(), entry.position > 0 ? ":" : "",
                entry.position > 0 ? std::to_string(entry.position).c_str() : "",
                entry.stage.c_str(), entry.reason.c_str(), excerpt(entry.raw, 400).c_str());
  }
  if (entries->empty()) std::puts("nothing is in quarantine");
  return 0;
}

int quarantine_release(const Options& options) {
  const auto ids = numbers(options.words);
  if (!ids.ok()) return fail(ids.error());
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  if (const Status done = engine->store().release_quarantine(*ids); !done.ok()) return fail(done.error());
  std::printf("%zu released; they are mapped again when their source gives them the next time\n", ids->size());
  return 0;
}

int deadletter_list(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto letters = engine->store().dead_letters(
      options.words.empty() ? "" : options.words.front(), 0, options.limit);
  if (!letters.ok()) return fail(letters.error());
  if (options.output == "json") {
    std::string out = "[";
    for (const store::DeadLetter& letter : *letters) {
      out += out.size() > 1 ? ",{\"id\":" : "{\"id\":";
      out += std::to_string(letter.id) + ",\"destination\":";
      append_json_string(out, letter.destination);
      out += ",\"action\":";
      append_json_string(out, letter.action);
      out += ",\"reason\":";
      append_json_string(out, letter.reason);
      out += "}";
    }
    std::printf("%s]\n", out.c_str());
    return 0;
  }
  Table table({"ID", "destination", "action", "why"});
  for (const store::DeadLetter& letter : *letters) {
    table.add({std::to_string(letter.id), letter.destination, letter.action, letter.reason});
  }
  std::fputs(letters->empty() ? "no dead letters\n" : table.render().c_str(), stdout);
  return 0;
}

int deadletter_redrive(const Options& options) {
  const auto ids = numbers(options.words);
  if (!ids.ok()) return fail(ids.error());
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  if (const Status done = engine->store().redrive(*ids); !done.ok()) return fail(done.error());
  std::printf("%zu will be tried again at the next run\n", ids->size());
  return 0;
}

int store_verify(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  std::vector<std::string> problems;
  if (const Status done = engine->store().verify(problems); !done.ok()) return fail(done.error());
  for (const std::string& problem : problems) std::printf("! %s\n", problem.c_str());
  std::printf(problems.empty() ? "the store is sound\n" : "%zu problems\n", problems.size());
  return problems.empty() ? 0 : exit_code_for(ErrorCode::failure);
}

int version(const Options& options) {
  if (options.output == "json") std::printf("{\"version\":\"%s\"}\n", RONDOM_VERSION);
  else std::printf("rondom %s\n", RONDOM_VERSION);
  return 0;
}

}  // namespace rondom::cli
