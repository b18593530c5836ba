// store size|prune: what the past takes, what it will take, and forgetting what is too old.
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <iostream>

#include "cli/cli.h"
#include "cli/forecast.h"
#include "cli/run_text.h"
#include "cli/terminal.h"
#include "engine/retention.h"
#include "service/audit.h"
#include "service/command.h"

namespace rondom::cli {

namespace {

std::string bytes_text(double bytes) {
  constexpr std::pair<double, const char*> units[] = {{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}};
  for (const auto& [unit, name] : units) {
    if (bytes < unit) continue;
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %s", bytes / unit, name);
    return text;
  }
  return std::to_string(std::llround(std::max(0.0, bytes))) + " B";
}

KindForecast sum_of(const std::vector<KindForecast>& kinds) {
  KindForecast all;
  all.kind = "all";
  for (const KindForecast& kind : kinds) {
    all.amount.rows += kind.amount.rows;
    all.amount.bytes += kind.amount.bytes;
    if (kind.bytes_a_day) all.bytes_a_day = all.bytes_a_day.value_or(0) + *kind.bytes_a_day;
    for (std::size_t i = 0; i < forecast_days.size(); ++i) {
      all.with[i] += kind.with[i];
      all.without[i] += kind.without[i];
    }
  }
  return all;
}

void append_kind(std::string& out, const KindForecast& kind) {
  out += "{\"kind\":";
  append_json_string(out, kind.kind);
  out += ",\"rows\":" + std::to_string(kind.amount.rows) +
         ",\"bytes\":" + std::to_string(kind.amount.bytes) + ",\"kept_days\":";
  out += kind.kept == 0 ? "null" : std::to_string(kind.kept / config::Retention::day);
  out += ",\"bytes_a_day\":";
  out += kind.bytes_a_day ? std::to_string(std::llround(*kind.bytes_a_day)) : "null";
  out += ",\"in_days\":{";
  for (std::size_t i = 0; kind.bytes_a_day && i < forecast_days.size(); ++i) {
    out += (i > 0 ? ",\"" : "\"") + std::to_string(forecast_days[i]) +
           "\":{\"bytes\":" + std::to_string(std::llround(kind.with[i])) +
           ",\"if_nothing_is_forgotten\":" + std::to_string(std::llround(kind.without[i])) + "}";
  }
  out += "}}";
}

std::vector<std::string> row_of(const KindForecast& kind, bool forgetting) {
  std::vector<std::string> row = {kind.kind, count(kind.amount.rows),
                                  bytes_text(static_cast<double>(kind.amount.bytes)),
                                  kind.kept == 0 ? "" : config::retention_text(kind.kept),
                                  kind.bytes_a_day ? bytes_text(*kind.bytes_a_day) : "?"};
  for (std::size_t i = 0; i < forecast_days.size(); ++i) {
    const double bytes = forgetting ? kind.with[i] : kind.without[i];
    row.push_back(kind.bytes_a_day ? bytes_text(bytes) : "?");
  }
  return row;
}

std::string amounts_json(const store::Amounts& amounts) {
  std::string out = "{";
  for (std::size_t kind = 0; kind < store::history_count; ++kind) {
    if (amounts[kind].rows == 0) continue;
    out += (out.size() > 1 ? ",\"" : "\"") +
           std::string(store::to_text(static_cast<store::History>(kind))) +
           "\":{\"rows\":" + std::to_string(amounts[kind].rows) +
           ",\"bytes\":" + std::to_string(amounts[kind].bytes) + "}";
  }
  return out + "}";
}

void tell_amounts(const Options& options, const config::Retention& retention, const char* key,
                  const store::Amounts& amounts, const std::vector<std::string>& waiting,
                  const std::vector<std::string>& held) {
  if (options.output == "json") {
    const auto texts = [](const std::vector<std::string>& all) {
      std::string out;
      for (const std::string& one : all) {
        if (!out.empty()) out += ',';
        append_json_string(out, one);
      }
      return out;
    };
    std::printf("{\"%s\":%s,\"waiting\":[%s],\"held\":[%s]}\n", key, amounts_json(amounts).c_str(),
                texts(waiting).c_str(), texts(held).c_str());
    return;
  }
  Table table({"KIND", "older than", "rows", "about"});
  for (std::size_t kind = 0; kind < store::history_count; ++kind) {
    const auto [name, member] = config::Retention::kinds()[kind];
    const std::int64_t kept = (retention.*member).kept;
    if (kept == 0) continue;
    table.add({std::string(name), config::retention_text(kept), count(amounts[kind].rows),
               bytes_text(static_cast<double>(amounts[kind].bytes))});
  }
  std::fputs(table.render().c_str(), stdout);
  if (!held.empty()) std::fputs(held_text(held).c_str(), stdout);
}

bool agrees(const std::vector<std::string>& waiting) {
  if (::isatty(STDIN_FILENO) == 0) return false;
  std::fprintf(stderr, "Forget that now, and %s from now on after each run? [y/N] ",
               waiting.empty() ? "what becomes as old" : join(waiting, ", ").c_str());
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

Status audit_prune(const Workspace& workspace) {
  if (std::getenv(service::within_service_variable) != nullptr) return {};
  std::string ages;
  for (const auto& [name, member] : config::Retention::kinds()) {
    const std::int64_t kept = (workspace.project->retention.*member).kept;
    if (kept != 0) ages += " " + std::string(name) + ":" + config::retention_text(kept);
  }
  service::Audit audit(config::state_folder(*workspace.project) + "/" + service::audit_file,
                       *workspace.surroundings.clock);
  return audit.add({"user " + std::to_string(::geteuid()), "store prune" + ages, "", 0});
}

}  // namespace

int store_size(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const Timestamp now = workspace->surroundings.clock->now();
  const auto entries = engine->store().runs(runs_for_a_pace_max);
  if (!entries.ok()) return fail(entries.error());
  std::vector<PastRun> runs;
  for (const store::RunEntry& entry : *entries) runs.push_back(past_run(entry));
  std::int64_t newest = 0;
  // Without the oldest run, as the pace is: it may have read what was there for years.
  for (std::size_t i = 0; i + 1 < runs.size(); ++i) newest += runs[i].records_new;
  const auto sizes = engine->store().sizes(newest);
  if (!sizes.ok()) return fail(sizes.error());
  const auto kinds = forecast(*sizes, workspace->project->retention, runs, now);
  const KindForecast all = sum_of(kinds);
  if (options.output == "json") {
    std::string out = "{\"bytes\":" + std::to_string(sizes->bytes) +
                      ",\"free_bytes\":" + std::to_string(sizes->free) + ",\"kinds\":[";
    for (const KindForecast& kind : kinds) {
      if (out.back() != '[') out += ',';
      append_kind(out, kind);
    }
    out += "],\"all\":";
    append_kind(out, all);
    std::printf("%s}\n", out.c_str());
    return 0;
  }
  Table table({"KIND", "rows", "size", "kept", "a day", "in 30 days", "90 days", "365 days"});
  for (const KindForecast& kind : kinds) {
    if (kind.amount.rows > 0) table.add(row_of(kind, true));
  }
  table.add(row_of(all, true));
  KindForecast without = all;
  without.kind = "if nothing were forgotten";
  table.add(row_of(without, false));
  std::fputs(table.render().c_str(), stdout);
  if (sizes->free > 0) {
    std::printf("%s more are free inside the store and are used first\n",
                bytes_text(static_cast<double>(sizes->free)).c_str());
  }
  if (!all.bytes_a_day) {
    std::puts("what it will take is told from three runs on, over a day at least");
  }
  return 0;
}

int store_prune(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, options.dry_run, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const config::Project& project = *workspace->project;
  const Timestamp now = workspace->surroundings.clock->now();
  std::vector<std::string> waiting;
  if (const auto agreed = engine::agreed_cutoffs(project, engine->store(), now, waiting);
      !agreed.ok()) {
    return fail(agreed.error());
  }
  const auto held =
      engine::held_streams(engine->store(), engine::cutoffs_of(project.retention, now));
  if (!held.ok()) return fail(held.error());
  if (options.dry_run || !options.yes) {
    const auto amounts = engine::prunable(project, engine->store(), now);
    if (!amounts.ok()) return fail(amounts.error());
    if (options.dry_run || options.output != "json") {
      tell_amounts(options, project.retention, "would_go", *amounts, waiting, *held);
    }
    if (options.dry_run) {
      if (options.output != "json") std::puts("nothing was forgotten");
      return 0;
    }
    if (!agrees(waiting)) {
      return fail({ErrorCode::usage, "nothing was forgotten: say --yes to forget that"});
    }
  }
  if (const Status noted = audit_prune(*workspace); !noted.ok()) return fail(noted.error());
  if (const Status agreed = engine::agree(project, engine->store()); !agreed.ok()) {
    return fail(agreed.error());
  }
  store::Amounts amounts{};
  const Status done =
      engine::prune_all(project, engine->store(), now, workspace->surroundings.cancel, amounts);
  if (!done.ok()) return fail(done.error());
  tell_amounts(options, project.retention, "forgotten", amounts, {}, *held);
  return 0;
}

}  // namespace rondom::cli
