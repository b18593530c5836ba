#include "engine/engine.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/cleanse.h"
#include "engine/connections.h"
#include "engine/deliver.h"
#include "engine/freshness.h"
#include "engine/ingest.h"
#include "engine/plans.h"
#include "engine/predecessors.h"
#include "engine/remap.h"
#include "engine/renaming.h"
#include "engine/retention.h"
#include "engine/unify.h"
#include "engine/views.h"

namespace rondom::engine {

struct Engine::Inside {
  std::shared_ptr<const config::Project> project;
  Surroundings surroundings;
  std::unique_ptr<store::Store> store;

  Status map_kept_again(const std::vector<const config::Job*>& jobs, const std::string& run,
                        const RunOptions& options, StageTimers& timers,
                        std::vector<JobReport>& reports);
  Status unify_all(const std::string& run, const RunOptions& options, StageTimers& timers,
                   UnifyReport& report);

  std::shared_ptr<HttpClients> http;

  /// What plugins are kept from goes into the report of the job, which outlives them.
  Connections connections(JobReport& report) const {
    Connections connections(*project, surroundings, http);
    connections.tell_trace([&report](std::string_view place) { report.trace.emplace_back(place); });
    connections.tell_refused([&report](std::string_view sentence) {
      auto& told = report.refused;
      if (std::find(told.begin(), told.end(), sentence) == told.end()) {
        told.emplace_back(sentence);
      }
    });
    return connections;
  }
  double seconds_since(std::int64_t start) const {
    return static_cast<double>(surroundings.clock->monotonic() - start) / 1e6;
  }
};

namespace {

constexpr std::string_view profile_key_name = "profile_key";

Result<std::string> profile_key(store::Store& store, Random& random) {
  RONDOM_TRY_ASSIGN(const auto known, store.value(profile_key_name));
  if (known.has_value()) return *known;
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  const std::string key =
      sha256_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  RONDOM_TRY(store.put_value(profile_key_name, key));
  return key;
}

/// Who looks before the first run may not want to send anything yet.
Error nothing_stored(const config::Project& project) {
  std::string jobs;
  int reading = 0;
  for (const config::Job& job : project.jobs) {
    if (!job.source.has_value()) continue;
    jobs += " " + job.name;
    ++reading;
  }
  const std::string first = reading == 0   ? " --all"
                            : reading == 1 ? jobs + ", which only reads"
                                           : jobs + ", which only read";
  return {ErrorCode::unavailable,
          "nothing is stored yet (" + project.store.sqlite + "): rondom run" + first};
}

std::string new_run_id(const Clock& clock, Random& random) {
  std::array<std::uint8_t, 10> bytes{};
  random.fill(bytes);
  return to_text(time_uid(clock.now(), bytes));
}

// Of the engine alone: what the kernel reports for a child counts its parent's memory from before
// exec.
std::int64_t peak_rss_bytes() {
  struct rusage self {};
  getrusage(RUSAGE_SELF, &self);
  return self.ru_maxrss * 1024LL;  // ru_maxrss is in KiB on Linux
}

Result<std::vector<const config::Job*>> choose_jobs(const config::Project& project,
                                                    const std::vector<std::string>& names) {
  std::vector<const config::Job*> jobs;
  for (const config::Job& job : project.jobs) {
    if (names.empty() || std::find(names.begin(), names.end(), job.name) != names.end()) {
      jobs.push_back(&job);
    }
  }
  for (const std::string& name : names) {
    if (project.job(name) == nullptr) {
      std::vector<std::string> known;
      for (const config::Job& job : project.jobs) known.push_back(job.name);
      const auto near = did_you_mean(name, known);
      return Error{ErrorCode::usage,
                   "no job " + name + (near ? "; did you mean " + *near + "?" : "")};
    }
  }
  return jobs;
}

void finish_job(JobReport& report, const Status& status) {
  if (status.ok()) {
    bool refused = false;
    for (const StreamReport& stream : report.streams) {
      refused = refused || stream.counts.quarantined > 0 || !stream.note.empty();
    }
    for (const RemapReport& stream : report.remapped) refused = refused || stream.refused > 0;
    if (report.deliveries.has_value()) {
      refused = refused || report.deliveries->rejected > 0 || report.deliveries->unknown > 0;
    }
    report.status = refused ? "partial" : "done";
    return;
  }
  report.error = status.error();
  report.status = status.error().code == ErrorCode::guarded     ? "guarded"
                  : status.error().code == ErrorCode::cancelled ? "cancelled"
                                                                : "failed";
}

std::string run_status(const RunReport& report) {
  std::string status = "done";
  const auto rank = [](std::string_view word) {
    if (word == "failed") return 4;
    if (word == "cancelled") return 3;
    if (word == "guarded") return 2;
    return word == "partial" ? 1 : 0;
  };
  for (const JobReport& job : report.jobs) {
    if (rank(job.status) > rank(status)) status = job.status;
  }
  return status;
}

}  // namespace

Engine::Engine(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Engine::~Engine() = default;
store::Store& Engine::store() {
  return *inside_->store;
}
const config::Project& Engine::project() const {
  return *inside_->project;
}
const Surroundings& Engine::surroundings() const {
  return inside_->surroundings;
}

Result<std::unique_ptr<Engine>> Engine::open(std::shared_ptr<const config::Project> project,
                                             Surroundings surroundings, bool read_only) {
  store::Options options;
  const CleansedAtEnd dsn_cleansed(options.postgresql);
  options.read_only = read_only;
  options.owner = "rondom, process " + std::to_string(getpid());
  if (!project->store.postgresql.empty()) {
    RONDOM_TRY_ASSIGN(options.postgresql, config::resolve_secrets_in_text(project->store.postgresql,
                                                                          *surroundings.secrets));
  } else {
    const std::filesystem::path file = std::filesystem::path(project->root) / project->store.sqlite;
    options.sqlite_file = file.string();
    if (read_only && !std::filesystem::exists(file)) {
      return nothing_stored(*project);
    }
    std::error_code failed;
    std::filesystem::create_directories(file.parent_path(), failed);
    if (failed) {
      return Error{ErrorCode::unavailable, "cannot make the folder " + file.parent_path().string()};
    }
  }
  return open_with(options, std::move(project), std::move(surroundings));
}

Result<std::unique_ptr<Engine>> Engine::open_in_memory(
    std::shared_ptr<const config::Project> project, Surroundings surroundings) {
  store::Options options;
  options.sqlite_file = ":memory:";
  return open_with(options, std::move(project), std::move(surroundings));
}

Result<std::unique_ptr<Engine>> Engine::open_with(const store::Options& options,
                                                  std::shared_ptr<const config::Project> project,
                                                  Surroundings surroundings) {
  auto inside = std::make_unique<Inside>();
  store::Options telling = options;
  const CleansedAtEnd dsn_cleansed(telling.postgresql);
  telling.migrated = [&](const store::Migrated& migrated) {
    if (!surroundings.log) return;
    surroundings.log("info", "the store was brought from schema " + std::to_string(migrated.from) +
                                 " to " + std::to_string(migrated.to) +
                                 (migrated.copy.empty() ? "" : "; as it was: " + migrated.copy));
  };
  RONDOM_TRY_ASSIGN(inside->store, store::open(telling, *surroundings.clock));
  inside->project = std::move(project);
  inside->surroundings = std::move(surroundings);
  inside->http = std::make_shared<HttpClients>(*inside->project, inside->surroundings);
  return std::unique_ptr<Engine>(new Engine(std::move(inside)));
}

Result<std::unique_ptr<Engine>> Engine::open_copy(const config::Project& project,
                                                  Surroundings surroundings,
                                                  const std::string& file) {
  store::Options from;
  const CleansedAtEnd dsn_cleansed(from.postgresql);
  from.owner = "rondom plan, process " + std::to_string(getpid());
  if (!project.store.postgresql.empty()) {
    RONDOM_TRY_ASSIGN(from.postgresql, config::resolve_secrets_in_text(project.store.postgresql,
                                                                       *surroundings.secrets));
  } else {
    from.sqlite_file = (std::filesystem::path(project.root) / project.store.sqlite).string();
    if (!std::filesystem::exists(from.sqlite_file)) {
      return nothing_stored(project);
    }
  }
  RONDOM_TRY(store::copy_to_file(from, file));
  auto of_copy = std::make_shared<config::Project>(project);
  of_copy->store = {};
  of_copy->store.sqlite = file;
  store::Options of_file;
  of_file.sqlite_file = file;
  of_file.owner = from.owner;
  of_file.is_copy = true;
  return open_with(of_file, std::move(of_copy), std::move(surroundings));
}

Status Engine::Inside::map_kept_again(const std::vector<const config::Job*>& jobs,
                                      const std::string& run, const RunOptions& options,
                                      StageTimers& timers, std::vector<JobReport>& reports) {
  for (const config::Job* job : jobs) {
    if (!job->source.has_value()) continue;
    config::Diagnostics diagnostics;
    const std::vector<StreamPlan> plans =
        compile_job(*project, *job, surroundings.inventory, diagnostics);
    if (!diagnostics.empty()) return {ErrorCode::bad_config, diagnostics.render(project->root)};
    IngestJob ingest_job{project.get(), job, &plans, run, &options, &surroundings, &timers, {}};
    std::vector<std::string> waiting;
    RONDOM_TRY_ASSIGN(ingest_job.leave_out,
                      agreed_cutoffs(*project, *store, surroundings.clock->now(), waiting));
    JobReport& report = reports.emplace_back();
    report.job = job->name;
    RONDOM_TRY(note_new_streams(ingest_job, *store));
    const Status status = remap(ingest_job, *store, report.remapped);
    finish_job(report, status);
    RONDOM_TRY(status);
  }
  return {};
}

Status Engine::Inside::unify_all(const std::string& run, const RunOptions& options,
                                 StageTimers& timers, UnifyReport& report) {
  config::Diagnostics diagnostics;
  const resolve::Rules identity(project->identity);
  const merge::Rules merge_rules(*project, diagnostics);
  if (!diagnostics.empty()) return {ErrorCode::bad_config, diagnostics.render(project->root)};
  UnifyJob job;
  job.project = project.get();
  job.identity = &identity;
  job.merge = &merge_rules;
  job.run = run;
  RONDOM_TRY_ASSIGN(job.profile_key, profile_key(*store, *surroundings.random));
  job.threads = options.threads;
  job.cancel = surroundings.cancel;
  job.timers = &timers;
  if (options.progress) {
    job.progress = [&](std::int64_t done, std::int64_t total) {
      options.progress({"", "unify", done, total});
    };
  }
  return unify(job, *store, report);
}

Result<Foresight> Engine::apply_configuration(const RunOptions& options) {
  Inside& in = *inside_;
  RONDOM_TRY_ASSIGN(const auto jobs, choose_jobs(*in.project, {}));
  Foresight foresight;
  StageTimers timers;
  store::RunEntry entry;
  entry.id = new_run_id(*in.surroundings.clock, *in.surroundings.random);
  entry.started_at = in.surroundings.clock->now();
  entry.status = "running";
  RONDOM_TRY(in.store->put_run(entry));
  RONDOM_TRY(in.map_kept_again(jobs, entry.id, options, timers, foresight.sources));
  RONDOM_TRY(in.unify_all(entry.id, options, timers, foresight.profiles));
  return foresight;
}

Result<RunReport> Engine::run(const RunOptions& options) {
  Inside& in = *inside_;
  const config::Project& project = *in.project;
  RONDOM_TRY_ASSIGN(const auto jobs, choose_jobs(project, options.jobs));
  const Clock& clock = *in.surroundings.clock;
  const std::int64_t start = clock.monotonic();

  RunReport report;
  report.run = new_run_id(clock, *in.surroundings.random);
  StageTimers timers;
  store::RunEntry entry;
  entry.id = report.run;
  entry.started_at = clock.now();
  entry.status = "running";
  RONDOM_TRY(in.store->put_run(entry));

  RONDOM_TRY(forget_agreements(project, *in.store));
  RONDOM_TRY_ASSIGN(store::Cutoffs leave_out,
                    agreed_cutoffs(project, *in.store, entry.started_at, report.retention.waiting));
  RONDOM_TRY_ASSIGN(const bool leaps, clock_leaps(*in.store, report.run, entry.started_at));
  if (leaps && leave_out.any()) {
    leave_out = {};
    report.retention.note =
        "nothing is forgotten, as the clock is a month ahead of the runs before or behind them; if "
        "it is right, rondom "
        "store prune forgets";
  }
  RONDOM_TRY_ASSIGN(const auto probable, probable_renames(project, *in.store));
  for (const config::Job* job : jobs) {
    if (!job->source.has_value()) continue;
    const std::int64_t job_start = clock.monotonic();
    JobReport& job_report = report.jobs.emplace_back();
    job_report.job = job->name;
    tell_renames(probable, *job, job_report);
    RONDOM_TRY(note_status(*in.store, job->name, job_status_running));
    config::Diagnostics diagnostics;
    const std::vector<StreamPlan> plans =
        compile_job(project, *job, in.surroundings.inventory, diagnostics);
    Status status = check_not_renamed(project, *job, options, *in.store, job_report);
    if (!status.ok()) {
      // Read under the old name, everything would be new.
    } else if (!diagnostics.empty()) {
      status = {ErrorCode::bad_config, diagnostics.render(project.root)};
    } else if (auto source = in.connections(job_report).open_source(job->connection, job->name);
               !source.ok()) {
      status = source.status();
    } else {
      IngestJob ingest_job{&project,         job,     &plans,   report.run, &options,
                           &in.surroundings, &timers, leave_out};
      status = note_new_streams(ingest_job, *in.store);
      if (status.ok()) status = ingest(ingest_job, **source, *in.store, job_report);
      if (status.ok()) status = note_read(*in.store, *job, clock.now());
      if (status.ok()) status = remap(ingest_job, *in.store, job_report.remapped);
    }
    finish_job(job_report, status);
    RONDOM_TRY(note_status(*in.store, job->name, job_report.status));
    job_report.seconds = in.seconds_since(job_start);
  }

  const Status unified = in.unify_all(report.run, options, timers, report.profiles);
  if (!unified.ok() && unified.error().code == ErrorCode::bad_config) return unified.error();

  for (const config::Job* job : jobs) {
    if (!job->destination.has_value()) continue;
    const std::int64_t job_start = clock.monotonic();
    JobReport& job_report = report.jobs.emplace_back();
    job_report.job = job->name;
    tell_renames(probable, *job, job_report);
    RONDOM_TRY(note_status(*in.store, job->name, job_status_running));
    Status status = unified;
    if (status.ok()) {
      status = check_not_renamed(project, *job, options, *in.store, job_report);
    }
    if (status.ok()) status = check_predecessors(project, *job, report.jobs, *in.store);
    if (status.ok()) {
      DeliverJob deliver_job{
          &project,         job,    report.run, options.as_of.value_or(clock.now()), &options,
          &in.surroundings, &timers};
      status = deliver(deliver_job, in.connections(job_report), *in.store, job_report);
    }
    finish_job(job_report, status);
    RONDOM_TRY(note_status(*in.store, job->name, job_report.status));
    job_report.seconds = in.seconds_since(job_start);
  }

  const auto pruned = prune(*in.store, leave_out, rows_pruned_per_run, in.surroundings.cancel,
                            report.retention.forgotten);
  RONDOM_TRY_ASSIGN(report.retention.held, held_streams(*in.store, leave_out));
  report.retention.complete = pruned.ok() && *pruned && !leaps;
  if (!pruned.ok()) report.retention.note = pruned.error().message;

  if (unified.ok() && project.views.present() && project.views.after_run) {
    auto views = refresh_views(project, in.surroundings, *in.store,
                               options.as_of.value_or(clock.now()), options.threads);
    report.views = views.ok() ? *views : ViewsReport{0, 0, views.error().message, 0};
  }

  report.status = unified.ok() ? run_status(report) : "failed";
  report.stages = timers.times();
  report.seconds = in.seconds_since(start);
  report.peak_rss_bytes = peak_rss_bytes();
  entry.status = report.status;
  entry.ended_at = clock.now();
  entry.report_json = to_json(report);
  RONDOM_TRY(in.store->put_run(entry));
  RONDOM_TRY(unified);
  return report;
}

}  // namespace rondom::engine
