// run, status, runs
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "cli/cli.h"
#include "cli/control.h"
#include "cli/run_text.h"
#include "cli/terminal.h"
#include "engine/deliver.h"
#include "engine/freshness.h"
#include "engine/views.h"

namespace rondom::cli {

namespace {

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", seconds);
  return text;
}

/// To the second, in UTC.
std::string started(const store::RunEntry& entry) {
  constexpr std::size_t to_the_second = 19;
  return format_time(entry.started_at).substr(0, to_the_second) + "Z";
}

std::string heading(const config::Project& project) {
  return project.name + " · env " + (project.environment.empty() ? "none" : project.environment);
}

void print_read_table(const engine::RunReport& report) {
  Table table({"READ", "stream", "read", "new", "changed", "deleted", "stale", "filtered",
               "unchanged", "quarantined"});
  for (const engine::JobReport& job : report.jobs) {
    bool first = true;
    for (const engine::StreamReport& stream : job.streams) {
      const store::StreamCounts& c = stream.counts;
      table.add({first ? job.job : "", stream.stream, with_thousands(c.read), count(c.created),
                 count(c.changed), count(c.removed), count(c.stale), count(c.filtered),
                 count(c.unchanged),
                 c.quarantined > 0 ? with_thousands(c.quarantined) + " !" : "-"});
      first = false;
    }
  }
  if (!table.empty()) std::fputs(table.render().c_str(), stdout);
  for (const engine::JobReport& job : report.jobs) {
    for (const engine::StreamReport& stream : job.streams) {
      if (stream.counts.tombstoned > 0) {
        std::printf("         %s.%s: %s no longer in the source, tombstoned\n", job.job.c_str(),
                    stream.stream.c_str(), with_thousands(stream.counts.tombstoned).c_str());
      }
      if (!stream.note.empty()) {
        std::printf("       ! %s.%s: %s\n", job.job.c_str(), stream.stream.c_str(),
                    stream.note.c_str());
      }
    }
  }
}

void print_remapped(const std::vector<engine::JobReport>& jobs) {
  for (const engine::JobReport& job : jobs) {
    for (const engine::RemapReport& stream : job.remapped) {
      std::printf("MAP      %s.%s: %s\n", job.job.c_str(), stream.stream.c_str(),
                  remap_text(stream).c_str());
    }
  }
}

void print_unify(const engine::UnifyReport& p) {
  std::printf("UNIFY    %s profile%s", with_thousands(p.total).c_str(), p.total == 1 ? "" : "s");
  if (p.created > 0) std::printf(" (+%s)", with_thousands(p.created).c_str());
  const auto part = [](const char* word, std::int64_t number) {
    if (number > 0) std::printf(" · %s %s", word, with_thousands(number).c_str());
  };
  part("changed", p.changed);
  part("merged", p.merged);
  part("split", p.split);
  part("retired", p.retired);
  part("to review", p.review + p.possible);
  part("links refused", p.refused_edges);
  part("waiting for a reference", p.waiting);
  std::printf("\n");
  if (!p.new_owners.empty()) {
    std::string text;
    for (const std::string& name : p.new_owner_names) text += (text.empty() ? "" : ", ") + name;
    if (p.new_owners.size() > p.new_owner_names.size()) text += ", …";
    std::printf(
        "         ! %s record%s became somebody else's (two of surname, birth date, e-mail): %s\n"
        "           held back until somebody looked: rondom review list\n",
        with_thousands(static_cast<std::int64_t>(p.new_owners.size())).c_str(),
        p.new_owners.size() == 1 ? "" : "s", text.c_str());
  }
  for (const store::GenericIdentifier& generic : p.generic) {
    std::printf("         ! %s %s stands on %s records of %s people: shared, joins nobody\n",
                generic.name_space.c_str(), mask(generic.value).c_str(),
                with_thousands(generic.records).c_str(), with_thousands(generic.people).c_str());
  }
  for (const store::GenericIdentifier& one : p.no_longer_generic) {
    std::printf("         ! %s %s is left on %s record%s of %s: it joins again\n",
                one.name_space.c_str(), mask(one.value).c_str(),
                with_thousands(one.records).c_str(), one.records == 1 ? "" : "s",
                one.people == 1 ? "one person" : (with_thousands(one.people) + " people").c_str());
  }
}

void print_delivery(const engine::JobReport& job, const config::Project& project) {
  const engine::DeliveryReport& d = *job.deliveries;
  std::string line = "SEND     " + job.job + " → " + d.destination;
  const auto part = [&](const char* word, std::int64_t number) {
    if (number > 0) line += std::string("  ") + word + " " + with_thousands(number);
  };
  part("created", d.created);
  part("adopted", d.adopted);
  part("updated", d.updated);
  part("left", d.removed);
  part("unchanged", d.unchanged);
  part("retried", d.retried);
  part("unknown", d.unknown);
  if (d.rejected > 0) line += "  rejected " + with_thousands(d.rejected) + " !";
  const bool known = d.rejected + d.retried + d.unknown == 0 && job.status != "failed";
  if (d.created + d.adopted + d.updated + d.removed == 0 && known) line += "  nothing changed";
  std::printf("%s\n", line.c_str());
  if (d.rejected > 0) {
    std::printf("         ! rejected for good, with reasons: rondom deadletter list %s\n",
                job.job.c_str());
  }
  if (d.unknown > 0) {
    std::printf("         ! unknown: the answer was lost; the next run finds out or sends again\n");
  }
  if (const std::string withheld = withheld_text(d.withheld); !withheld.empty()) {
    std::printf("         withheld %s\n", withheld.c_str());
  }
  if (!d.note.empty()) std::printf("         ! %s\n", d.note.c_str());
  if (d.refused_earlier > 0) {
    std::printf("         refused %s earlier: rondom deadletter list %s\n",
                with_thousands(d.refused_earlier).c_str(), job.job.c_str());
  }
  if (d.captured) {
    std::printf("         CAPTURED, NOT SENT (env %s): %s\n",
                project.environment.empty() ? "none" : project.environment.c_str(),
                d.captured_to.c_str());
  }
}

// Reasons of this run's refusals, most frequent first.
void print_refusals(engine::Engine& engine, const engine::RunReport& report) {
  std::int64_t refused = 0;
  for (const engine::JobReport& job : report.jobs) {
    for (const engine::StreamReport& stream : job.streams) refused += stream.counts.quarantined;
    for (const engine::RemapReport& stream : job.remapped) refused += stream.refused;
  }
  if (refused == 0) return;
  std::map<std::string, std::int64_t> reasons;
  std::int64_t after = 0;
  constexpr std::size_t page_records = 1'000;
  constexpr std::int64_t pages_max = 100;
  for (std::int64_t i = 0; i < pages_max; ++i) {
    const auto entries = engine.store().quarantine("", after, page_records);
    if (!entries.ok() || entries->empty()) break;
    for (const store::QuarantineEntry& entry : *entries) {
      if (entry.run == report.run) ++reasons[entry.reason];
    }
    after = entries->back().id;
  }
  std::vector<std::pair<std::int64_t, std::string>> sorted;
  for (const auto& [reason, number] : reasons) sorted.emplace_back(-number, reason);
  std::sort(sorted.begin(), sorted.end());
  std::string text;
  constexpr std::size_t reasons_shown_max = 5;
  std::int64_t shown = 0;
  for (std::size_t i = 0; i < sorted.size() && i < reasons_shown_max; ++i) {
    shown -= sorted[i].first;
    text += (text.empty() ? "" : " · ") + sorted[i].second + " (" +
            with_thousands(-sorted[i].first) + ")";
  }
  if (shown < refused) text += " · others (" + with_thousands(refused - shown) + ")";
  std::printf("! %s quarantined: %s\n     rondom quarantine show\n",
              with_thousands(refused).c_str(), text.c_str());
}

void print_retention(const engine::RetentionReport& retention) {
  std::string text;
  for (std::size_t kind = 0; kind < store::history_count; ++kind) {
    const std::int64_t rows = retention.forgotten[kind].rows;
    if (rows == 0) continue;
    const std::string name(store::to_text(static_cast<store::History>(kind)));
    text += (text.empty() ? "" : " · ") + name + " " + with_thousands(rows);
  }
  if (!text.empty()) std::printf("FORGOT   too old: %s\n", text.c_str());
  if (!retention.waiting.empty()) {
    std::printf(
        "! retention of %s: nothing is forgotten until you say so\n     rondom store prune\n",
        join(retention.waiting, ", ").c_str());
  }
  if (!retention.held.empty()) std::fputs(held_text(retention.held).c_str(), stdout);
  if (!retention.note.empty()) std::printf("! retention: %s\n", retention.note.c_str());
}

void print_views(const engine::Engine& engine, const engine::ViewsReport& views) {
  if (!views.note.empty()) {
    std::printf("! views are as they were: %s\n", views.note.c_str());
    return;
  }
  std::printf("VIEWS    %s profiles in %s\n", with_thousands(views.profiles).c_str(),
              engine::views_place(engine.project()).c_str());
}

const char* exit_word(int code) {
  switch (code) {
    case 0: return "done";
    case 3: return "done, some records refused";
    case 5: return "stopped by the mass-change guard";
    case 75: return "try again";
    default: return "failed";
  }
}

void print_report(engine::Engine& engine, const engine::RunReport& report) {
  print_read_table(report);
  print_remapped(report.jobs);
  print_unify(report.profiles);
  std::int64_t read = 0, accounted = 0;
  for (const engine::JobReport& job : report.jobs) {
    if (job.deliveries.has_value()) print_delivery(job, engine.project());
    for (const engine::StreamReport& stream : job.streams) {
      const store::StreamCounts& c = stream.counts;
      read += c.read;
      accounted +=
          c.created + c.changed + c.unchanged + c.removed + c.stale + c.filtered + c.quarantined;
    }
  }
  print_retention(report.retention);
  if (report.views.has_value()) print_views(engine, *report.views);
  print_refusals(engine, report);
  for (const engine::JobReport& job : report.jobs) {
    for (const std::string& sentence : job.warnings) {
      std::printf("! %s: %s\n", job.job.c_str(), sentence.c_str());
    }
    for (const std::string& sentence : job.refused) {
      std::printf("! %s: %s\n", job.job.c_str(), sentence.c_str());
    }
    if (job.error.has_value()) {
      std::printf("! %s %s: %s\n", job.job.c_str(), job.status.c_str(), job.error->message.c_str());
      for (const std::string& place : job.trace) std::printf("    %s\n", place.c_str());
    }
  }
  if (read == accounted) {
    std::printf("All %s records accounted for", with_thousands(read).c_str());
  } else {
    std::printf("%s records read, %s ACCOUNTED FOR: please report this",
                with_thousands(read).c_str(), with_thousands(accounted).c_str());
  }
  const int code = report.exit_code();
  std::printf(" · %s s · %lld MB · exit %d: %s\n", seconds_text(report.seconds).c_str(),
              static_cast<long long>(report.peak_rss_bytes / (1024 * 1024)), code, exit_word(code));
}

/// Guards that stopped a job of one of the last runs.
void add_guards_of_runs(const std::vector<store::RunEntry>& runs, std::vector<std::string>& ids) {
  JsonReader reader;
  Arena arena;
  for (const store::RunEntry& run : runs) {
    const auto report = reader.parse(run.report_json, arena);
    const Value* jobs = report.ok() && report->is_object() ? report->find("jobs") : nullptr;
    for (std::uint32_t i = 0; jobs != nullptr && jobs->is_list() && i < jobs->size(); ++i) {
      const Value* id = jobs->item(i).is_object() ? jobs->item(i).find("accept") : nullptr;
      if (id != nullptr && id->is_text()) ids.emplace_back(id->as_text());
    }
  }
}

/// The exit code when --accept names a guard that nobody met: before anything is read or sent.
std::optional<int> unknown_guard(engine::Engine& engine, const Options& options,
                                 std::optional<Timestamp> at) {
  constexpr std::size_t runs_looked_at = 100;
  if (options.accept.empty()) return std::nullopt;
  const auto runs = engine.store().runs(runs_looked_at);
  if (!runs.ok()) return fail(runs.error());
  std::vector<std::string> known;
  add_guards_of_runs(*runs, known);
  const auto is_known = [&](const std::string& id) {
    return std::find(known.begin(), known.end(), id) != known.end();
  };
  if (!std::all_of(options.accept.begin(), options.accept.end(), is_known)) {
    // `plan` tells of guards that no run has met yet.
    engine::StageTimers timers;
    const engine::RunOptions none;
    for (const config::Job& job : engine.project().jobs) {
      if (!job.destination.has_value()) continue;
      const Timestamp as_of = at.value_or(engine.surroundings().clock->now());
      const engine::DeliverJob deliver_job{&engine.project(),      &job,   "plan", as_of, &none,
                                           &engine.surroundings(), &timers};
      const auto planned = engine::plan_delivery(deliver_job, engine.store(), 0);
      if (planned.ok() && planned->guard.has_value()) known.push_back(planned->guard->id);
    }
  }
  for (const std::string& id : options.accept) {
    if (is_known(id)) continue;
    return fail(
        {ErrorCode::usage, "no guard is called " + id + "; nothing was read and nothing was sent"});
  }
  return std::nullopt;
}

}  // namespace

namespace {

/// A played run begins with an empty store and nothing captured.
std::optional<int> begin_playing(const Options& options) {
  int exit_code = 0;
  const std::optional<Workspace> workspace = open_workspace(options, exit_code);
  if (!workspace.has_value()) return exit_code;
  const config::Project& project = *workspace->project;
  const std::filesystem::path root(project.root);
  std::error_code ignored;
  for (const char* end : {"", "-wal", "-shm", "-sent", "-sent.1"}) {
    std::filesystem::remove(root / (played_store(project) + end), ignored);
  }
  std::filesystem::remove_all(root / engine::played_capture_folder(project), ignored);
  return std::nullopt;
}

/// How far a run is, a line of JSON at most once a second and for each phase, for the service that
/// started it.
class ProgressLines {
 public:
  void say(const engine::Progress& progress, std::int64_t now) {
    if (progress.phase != phase_) {
      phase_ = progress.phase;
      begun_ = now;
    } else if (now - said_ < microseconds_per_second) {
      return;
    }
    said_ = now;
    std::fprintf(stderr,
                 "{\"progress\":{\"phase\":\"%s\",\"done\":%lld,\"total\":%lld,\"created\":%lld,"
                 "\"quarantined\":%lld,\"seconds\":%.3f,\"memory_bytes\":%lld}}\n",
                 phase_.c_str(), static_cast<long long>(progress.done),
                 static_cast<long long>(progress.total), static_cast<long long>(progress.created),
                 static_cast<long long>(progress.quarantined),
                 static_cast<double>(now - begun_) / 1e6, memory_bytes());
  }

 private:
  /// What it has in memory now; 0 where /proc does not say.
  static long long memory_bytes() {
    long long pages = 0;
    if (FILE* file = std::fopen("/proc/self/statm", "re")) {
      if (std::fscanf(file, "%*d %lld", &pages) != 1) pages = 0;
      std::fclose(file);
    }
    return pages * ::sysconf(_SC_PAGESIZE);
  }
  std::string phase_;
  std::int64_t begun_ = 0, said_ = 0;
};

}  // namespace

int run(const Options& options) {
  if (options.words.empty() && !options.all) {
    return fail({ErrorCode::usage, "which jobs? rondom run JOB …, or rondom run --all"});
  }
  if (!options.words.empty() && options.all) {
    return fail({ErrorCode::usage, "--all runs every job: name jobs or say --all, not both"});
  }
  int exit_code = 0;
  if (!options.play.empty()) {
    if (const auto wrong = begin_playing(options)) return *wrong;
  }
  engine::RunOptions run_options;
  run_options.as_of = as_of(options, exit_code);
  if (exit_code != 0) return exit_code;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  for (const std::string& word : options.words) {
    if (engine->project().job(word) != nullptr) continue;
    return fail_unknown("job", word, job_names(engine->project()));
  }
  if (const auto wrong = unknown_guard(*engine, options, run_options.as_of)) return *wrong;
  run_options.jobs = options.words;
  run_options.accepted_guards = options.accept;
  run_options.threads = options.threads;
  run_options.batch_records = options.batch_records;
  ProgressLine line(options);
  ProgressLines lines;
  const SystemClock clock;
  run_options.progress = [&](const engine::Progress& progress) {
    if (options.progress_lines) return lines.say(progress, clock.monotonic());
    std::string text = std::string(progress.phase) + (progress.job.empty() ? "" : " ") +
                       std::string(progress.job) + "  " + with_thousands(progress.done);
    if (progress.total > 0) text += " of " + with_thousands(progress.total);
    line.show(text, clock.monotonic());
  };
  const auto report = engine->run(run_options);
  line.clear();
  if (!report.ok()) return fail(report.error());
  if (options.output == "json") {
    std::printf("%s\n", engine::to_json(*report).c_str());
  } else {
    std::printf("%s · run %s\n", heading(engine->project()).c_str(),
                report->run.substr(0, 13).c_str());
    print_report(*engine, *report);
  }
  return report->exit_code();
}

int status(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const auto totals = engine->store().totals();
  if (!totals.ok()) return fail(totals.error());
  const auto last = engine->store().runs(1);
  if (!last.ok()) return fail(last.error());
  const auto streams =
      engine::freshness(engine->store(), engine->project(), workspace->surroundings.clock->now());
  if (!streams.ok()) return fail(streams.error());
  if (options.output == "json") {
    std::printf(
        "{\"records\":%lld,\"live_records\":%lld,\"profiles\":%lld,\"quarantined\":%lld,"
        "\"dead_letters\":%lld,\"to_unify\":%lld,\"waiting\":%lld,"
        "\"to_review\":%lld,\"streams\":%s,\"last_run\":%s}\n",
        static_cast<long long>(totals->records), static_cast<long long>(totals->live_records),
        static_cast<long long>(totals->profiles), static_cast<long long>(totals->quarantined),
        static_cast<long long>(totals->dead_letters), static_cast<long long>(totals->dirty_records),
        static_cast<long long>(totals->waiting_references),
        static_cast<long long>(totals->to_review), engine::to_json(*streams).c_str(),
        last->empty() || last->front().report_json.empty() ? "null"
                                                           : last->front().report_json.c_str());
    return 0;
  }
  std::printf("%s\n", heading(engine->project()).c_str());
  std::printf("records      %s (%s live)\nprofiles     %s\n",
              with_thousands(totals->records).c_str(), with_thousands(totals->live_records).c_str(),
              with_thousands(totals->profiles).c_str());
  std::printf("quarantined  %s\ndead letters %s\nto unify     %s\n",
              with_thousands(totals->quarantined).c_str(),
              with_thousands(totals->dead_letters).c_str(),
              with_thousands(totals->dirty_records).c_str());
  if (totals->waiting_references > 0) {
    std::printf("waiting      %s for a record that did not come yet: rondom waiting\n",
                with_thousands(totals->waiting_references).c_str());
  }
  if (totals->to_review > 0) {
    std::printf("to review    %s that became somebody else's: rondom review list\n",
                with_thousands(totals->to_review).c_str());
  }
  if (!last->empty()) {
    std::printf("last run     %s %s\n", started(last->front()).c_str(),
                last->front().status.c_str());
  }
  for (const engine::StreamFreshness& one : *streams) {
    if (!one.stale) continue;
    std::printf("! stale      stream %s of job %s, last read %s\n", one.stream.c_str(),
                one.job.c_str(), one.last_read ? format_time(*one.last_read).c_str() : "never");
  }
  if (const auto schedule = service_schedule(options)) std::fputs(schedule->c_str(), stdout);
  return 0;
}

int waiting(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const auto totals = engine->store().totals();
  if (!totals.ok()) return fail(totals.error());
  const auto found = engine->store().waiting_references(0, options.limit);
  if (!found.ok()) return fail(found.error());
  if (options.output == "json") {
    std::string out;
    for (const store::WaitingReference& one : *found) {
      out += out.empty() ? "{\"record\":" : ",{\"record\":";
      append_json_string(out, one.name);
      out += ",\"attribute\":";
      append_json_string(out, attribute_by_id(one.attribute)->name);
      out += ",\"to\":";
      append_json_string(out, one.to);
      out += '}';
    }
    std::printf("{\"waiting\":%lld,\"references\":[%s]}\n",
                static_cast<long long>(totals->waiting_references), out.c_str());
    return 0;
  }
  Table table({"RECORD", "attribute", "waits for"});
  for (const store::WaitingReference& one : *found) {
    table.add({one.name, std::string(attribute_by_id(one.attribute)->name), one.to});
  }
  std::fputs(found->empty() ? "nothing waits for a reference\n" : table.render().c_str(), stdout);
  if (totals->waiting_references > static_cast<std::int64_t>(options.limit)) {
    std::printf("… of %s: --limit shows more\n",
                with_thousands(totals->waiting_references).c_str());
  }
  return 0;
}

namespace {

/// One engine at a time: what still says that it runs, and is not the newest, was killed.
std::string_view status_of(const store::RunEntry& entry,
                           const std::vector<store::RunEntry>& entries) {
  const bool is_over = std::any_of(entries.begin(), entries.end(), [&](const auto& other) {
    return other.started_at > entry.started_at;
  });
  return entry.status == "running" && is_over ? std::string_view("crashed") : entry.status;
}

}  // namespace

int runs(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const auto entries = options.after.empty()
                           ? engine->store().runs(options.limit)
                           : engine->store().runs_after(options.after, options.limit);
  if (!entries.ok()) return fail(entries.error());
  if (options.output == "json") {
    std::string out = "[";
    for (const store::RunEntry& entry : *entries) {
      if (out.size() > 1) out += ',';
      // The report is an object: when it started is put in front of its members.
      out += "{\"started_at\":\"" + started(entry) + "\",";
      out += entry.report_json.empty() ? "\"run\":\"" + entry.id + "\",\"status\":\"" +
                                             std::string(status_of(entry, *entries)) + "\"}"
                                       : entry.report_json.substr(1);
    }
    std::printf("%s]\n", out.c_str());
    return 0;
  }
  Table table({"RUN", "started", "seconds", "status"});
  for (const store::RunEntry& entry : *entries) {
    const bool ended = entry.ended_at != no_time;
    const double taken = static_cast<double>(entry.ended_at - entry.started_at) / 1e6;
    table.add({entry.id, started(entry), ended ? seconds_text(taken) : "-",
               std::string(status_of(entry, *entries))});
  }
  const char* const none = options.after.empty() ? "nothing has run yet\n" : "none since\n";
  std::fputs(entries->empty() ? none : table.render().c_str(), stdout);
  return 0;
}

}  // namespace rondom::cli
