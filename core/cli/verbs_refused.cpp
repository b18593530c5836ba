// quarantine list|show|release, deadletter list|redrive, store verify, version
#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "engine/record_names.h"

namespace rondom::cli {

namespace {

constexpr std::size_t page = 1'000;

// With the name that was asked for: a slip in it is no reason to be at ease.
std::string nothing_found(const Options& options, const char* what) {
  return (options.words.empty() ? "nothing is " : "nothing of " + options.words.front() + " is ") +
         std::string(what) + "\n";
}

// A job's name stands for its connection.
std::string source_of(const config::Project& project, const Options& options) {
  if (options.words.empty()) return {};
  const config::Job* job = project.job(options.words.front());
  return job != nullptr ? job->connection : options.words.front();
}

/// A name that is neither a job nor a connection: a slip is no reason to say that all is well.
std::optional<int> unknown_name(const config::Project& project, const Options& options) {
  if (options.words.empty()) return std::nullopt;
  const std::string& word = options.words.front();
  if (project.job(word) != nullptr || project.connection(word) != nullptr) return std::nullopt;
  std::vector<std::string> known = job_names(project);
  for (std::string& name : connection_names(project)) known.push_back(std::move(name));
  return fail_unknown("job or connection", word, known);
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

/// The first of these that is no number of the list, or nothing.
template <typename Find>
Result<std::optional<std::int64_t>> first_missing(const std::vector<std::int64_t>& ids,
                                                  const Find& find_after) {
  for (const std::int64_t id : ids) {
    RONDOM_TRY_ASSIGN(const auto found, find_after(id - 1));
    if (found.empty() || found.front().id != id) return std::optional<std::int64_t>(id);
  }
  return std::optional<std::int64_t>();
}

int tell_number(const Options& options, const char* name, std::size_t number, const char* text) {
  if (options.output == "json") {
    std::printf("{\"%s\":%zu}\n", name, number);
  } else {
    std::printf("%zu %s\n", number, text);
  }
  return 0;
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
  out += ",\"position\":" + std::to_string(entry.position);
  out += entry.released ? ",\"released\":true}" : "}";
}

/// Whom a delivery was about: its profile, and the first of its records by name. Empty: long gone.
struct Person {
  std::string id, record;
};

Result<std::map<store::ProfileId, Person>> people_of(
    store::Store& store, const std::vector<store::DeadLetter>& letters) {
  std::map<store::ProfileId, Person> people;
  std::vector<store::ProfileId> ids;
  for (const store::DeadLetter& letter : letters) ids.push_back(letter.profile);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  RONDOM_TRY_ASSIGN(const auto profiles, store.profiles(ids));
  engine::RecordNames names;
  RONDOM_TRY(names.load(store));
  for (const store::Profile& profile : profiles) {
    RONDOM_TRY_ASSIGN(const auto records, store.records(profile.members));
    Person& person = people[profile.id];
    person.id = to_text(profile.uid);
    for (const store::StoredRecord& record : records) {
      const std::string name = names.of(record);
      if (person.record.empty() || name < person.record) person.record = name;
    }
  }
  return people;
}

}  // namespace

int quarantine_list(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  if (const auto left = unknown_name(engine->project(), options)) return *left;
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  std::int64_t after = 0;
  while (true) {
    const auto entries =
        engine->store().quarantine(source_of(engine->project(), options), after, page);
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
  for (const auto& [what, number] : counts)
    table.add({what.first, with_thousands(number), what.second});
  std::fputs((counts.empty() ? nothing_found(options, "in quarantine") : table.render()).c_str(),
             stdout);
  return 0;
}

int quarantine_show(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  if (const auto left = unknown_name(engine->project(), options)) return *left;
  const auto entries =
      engine->store().quarantine(source_of(engine->project(), options), 0, options.limit);
  if (!entries.ok()) return fail(entries.error());
  if (options.output == "json") {
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
  if (entries->empty()) std::fputs(nothing_found(options, "in quarantine").c_str(), stdout);
  return 0;
}

int quarantine_release(const Options& options) {
  const auto ids = numbers(options.words);
  if (!ids.ok()) return fail(ids.error());
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const auto missing = first_missing(
      *ids, [&](std::int64_t after) { return engine->store().quarantine("", after, 1); });
  if (!missing.ok()) return fail(missing.error());
  if (missing->has_value()) {
    return fail({ErrorCode::usage, "no record " + std::to_string(**missing) +
                                       " is in quarantine; nothing was released"});
  }
  const Status done = engine->store().release_quarantine(*ids);
  if (!done.ok()) return fail(done.error());
  std::size_t released = ids->size(), not_kept = 0;
  for (const std::int64_t id : *ids) {
    const auto entry = engine->store().quarantine("", id - 1, 1);
    if (!entry.ok()) return fail(entry.error());
    if (!entry->empty() && entry->front().id == id && !entry->front().released) ++not_kept;
  }
  released -= not_kept;
  if (options.output == "json") {
    std::printf("{\"released\":%zu,\"not_kept\":%zu}\n", released, not_kept);
    return 0;
  }
  std::printf("%zu released; they are mapped again at the next run of their job\n", released);
  if (not_kept > 0) {
    std::printf("%zu not kept whole: they stay until their source gives them again\n", not_kept);
  }
  return 0;
}

int deadletter_list(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const auto letters = engine->store().dead_letters(
      options.words.empty() ? "" : options.words.front(), 0, options.limit);
  if (!letters.ok()) return fail(letters.error());
  const auto people = people_of(engine->store(), *letters);
  if (!people.ok()) return fail(people.error());
  const auto person_of = [&](const store::DeadLetter& letter) {
    const auto found = people->find(letter.profile);
    return found == people->end() ? Person() : found->second;
  };
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
      const Person person = person_of(letter);
      out += ",\"profile\":";
      append_json_string(out, person.id);
      out += ",\"record\":";
      append_json_string(out, person.record);
      out += "}";
    }
    std::printf("%s]\n", out.c_str());
    return 0;
  }
  Table table({"ID", "destination", "action", "profile", "record", "why"});
  for (const store::DeadLetter& letter : *letters) {
    const Person person = person_of(letter);
    table.add({std::to_string(letter.id), letter.destination, letter.action, person.id,
               person.record, letter.reason});
  }
  std::fputs((letters->empty() ? nothing_found(options, "a dead letter") : table.render()).c_str(),
             stdout);
  return 0;
}

int deadletter_redrive(const Options& options) {
  const auto ids = numbers(options.words);
  if (!ids.ok()) return fail(ids.error());
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const auto missing = first_missing(
      *ids, [&](std::int64_t after) { return engine->store().dead_letters("", after, 1); });
  if (!missing.ok()) return fail(missing.error());
  if (missing->has_value()) {
    return fail({ErrorCode::usage, "there is no dead letter " + std::to_string(**missing) +
                                       "; nothing is tried again"});
  }
  const Status done = engine->store().redrive(*ids);
  if (!done.ok()) return fail(done.error());
  return tell_number(options, "redriven", ids->size(), "will be tried again at the next run");
}

int store_verify(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  std::vector<std::string> problems;
  if (const Status done = engine->store().verify(problems); !done.ok()) return fail(done.error());
  if (options.output == "json") {
    std::string out;
    for (const std::string& problem : problems) {
      if (!out.empty()) out += ',';
      append_json_string(out, problem);
    }
    std::printf("{\"problems\":[%s]}\n", out.c_str());
  } else {
    for (const std::string& problem : problems) std::printf("! %s\n", problem.c_str());
    std::printf(problems.empty() ? "the store is sound\n" : "%zu problems\n", problems.size());
  }
  return problems.empty() ? 0 : exit_code_for(ErrorCode::failure);
}

int version(const Options& options) {
  if (options.output == "json")
    std::printf("{\"version\":\"%s\"}\n", RONDOM_VERSION);
  else
    std::printf("rondom %s\n", RONDOM_VERSION);
  return 0;
}

}  // namespace rondom::cli
