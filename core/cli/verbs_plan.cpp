// plan
#include <algorithm>
#include <cstdio>

#include "cli/cli.h"
#include "cli/plan_copy.h"
#include "cli/run_text.h"
#include "engine/deliver.h"
#include "engine/renaming.h"
#include "engine/retention.h"

namespace rondom::cli {

namespace {

struct Planned {
  const config::Job* job = nullptr;
  engine::DeliveryPlan delivery;
  /// What it holds and will hold as it is; most of it was not even looked at.
  std::int64_t unchanged() const {
    const engine::DeliveryReport& d = delivery.report;
    return std::max(d.unchanged, delivery.held - d.updated - d.removed);
  }
};

void print_plan(const Planned& planned) {
  const engine::DeliveryPlan& plan = planned.delivery;
  const config::Job& job = *planned.job;
  const config::DestinationJob& destination = *job.destination;
  std::printf("%s → %s%s%s, purpose %s\n", job.name.c_str(), job.connection.c_str(),
              destination.audience.empty() ? "" : ", audience ", destination.audience.c_str(),
              destination.purpose.c_str());
  if (!plan.funnel.empty()) {
    std::string funnel = with_thousands(plan.profiles);
    for (const auto& line : plan.funnel)
      funnel += " → " + line.line + " " + with_thousands(line.left);
    std::printf(" audience   %s\n", funnel.c_str());
  }
  const engine::DeliveryReport& d = plan.report;
  if (const std::string withheld = withheld_text(d.withheld); !withheld.empty()) {
    std::printf(" withheld   %s\n", withheld.c_str());
  } else if (const std::string before = withheld_text(plan.withheld_before); !before.empty()) {
    std::printf(" withheld   since the last run %s\n", before.c_str());
  }
  if (!d.note.empty()) std::printf(" ! %s\n", d.note.c_str());
  if (d.refused_earlier > 0) {
    std::printf(" refused    %s earlier: rondom deadletter list %s\n",
                with_thousands(d.refused_earlier).c_str(), job.name.c_str());
  }
  std::printf(" holds      %s\n", with_thousands(plan.held).c_str());
  std::printf(" enters     %s create\n", with_thousands(d.created).c_str());
  std::printf(" stays      %s update · %s unchanged\n", with_thousands(d.updated).c_str(),
              with_thousands(planned.unchanged()).c_str());
  std::printf(" leaves     %s\n", with_thousands(d.removed).c_str());
  if (plan.waiting > 0) {
    std::printf(" waiting    %s sent earlier, with an open end: the next run settles them\n",
                with_thousands(plan.waiting).c_str());
  }
  for (const activate::PlannedChange& change : plan.changes) {
    const char sign = change.action == "create" ? '+' : change.action == "update" ? '~' : '-';
    std::string line =
        std::string(" ") + sign + " " + change.key.substr(0, 13) + "  " + change.action;
    for (const auto& field : change.fields) line += "  " + field.name + " = " + field.value;
    if (!change.why.empty()) line += "  " + change.why;
    std::printf("%s\n", line.c_str());
  }
  if (plan.guard.has_value()) std::printf(" ! %s\n", plan.guard->message.c_str());
}

// What the configuration of today does to records that are there already.
void print_foresight(const config::Project& project, const engine::Foresight& foresight) {
  std::printf("%s · today's maps and rules on a copy of the store, before anything new is read\n",
              project.name.c_str());
  bool mapped = false;
  for (const engine::JobReport& job : foresight.sources) {
    for (const engine::RemapReport& stream : job.remapped) {
      mapped = true;
      std::printf("MAP      %s %s: %s\n", job.job.c_str(), stream.stream.c_str(),
                  remap_text(stream).c_str());
    }
  }
  if (!mapped) std::printf("MAP      no map has changed\n");
  const engine::UnifyReport& profiles = foresight.profiles;
  std::printf("UNIFY    %s profiles · founded %s · merged %s · split %s · changed %s · ended %s\n",
              with_thousands(profiles.total).c_str(), with_thousands(profiles.created).c_str(),
              with_thousands(profiles.merged).c_str(), with_thousands(profiles.split).c_str(),
              with_thousands(profiles.changed).c_str(), with_thousands(profiles.retired).c_str());
}

std::string foresight_json(const engine::Foresight& foresight) {
  std::string out = "\"map\":[";
  bool first = true;
  for (const engine::JobReport& job : foresight.sources) {
    for (const engine::RemapReport& stream : job.remapped) {
      out += first ? "{\"job\":" : ",{\"job\":";
      first = false;
      append_json_string(out, job.job);
      out += ",\"stream\":";
      append_json_string(out, stream.stream);
      out += ",\"records\":" + std::to_string(stream.records) +
             ",\"changed\":" + std::to_string(stream.changed) +
             ",\"filtered\":" + std::to_string(stream.filtered) +
             ",\"quarantined\":" + std::to_string(stream.refused) +
             ",\"not_kept\":" + std::to_string(stream.not_kept) + "}";
    }
  }
  const engine::UnifyReport& profiles = foresight.profiles;
  return out + "],\"profiles\":{\"total\":" + std::to_string(profiles.total) +
         ",\"created\":" + std::to_string(profiles.created) +
         ",\"changed\":" + std::to_string(profiles.changed) +
         ",\"merged\":" + std::to_string(profiles.merged) +
         ",\"split\":" + std::to_string(profiles.split) +
         ",\"retired\":" + std::to_string(profiles.retired) + "},";
}

bool changes_anything(const engine::Foresight& foresight) {
  const engine::UnifyReport& profiles = foresight.profiles;
  std::int64_t changes =
      profiles.created + profiles.changed + profiles.merged + profiles.split + profiles.retired;
  for (const engine::JobReport& job : foresight.sources) {
    for (const engine::RemapReport& stream : job.remapped) {
      changes += stream.changed + stream.filtered + stream.refused;
    }
  }
  return changes > 0;
}

void print_plan_json(const std::vector<Planned>& plans, const engine::Foresight* foresight) {
  std::string out = "{";
  if (foresight != nullptr) out += foresight_json(*foresight);
  out += "\"jobs\":[";
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const engine::DeliveryPlan& plan = plans[i].delivery;
    const engine::DeliveryReport& d = plan.report;
    out += i > 0 ? ",{\"job\":" : "{\"job\":";
    append_json_string(out, plans[i].job->name);
    out += ",\"held\":" + std::to_string(plan.held) +
           ",\"waiting\":" + std::to_string(plan.waiting) +
           ",\"create\":" + std::to_string(d.created) + ",\"update\":" + std::to_string(d.updated) +
           ",\"remove\":" + std::to_string(d.removed) +
           ",\"unchanged\":" + std::to_string(plans[i].unchanged()) + ",\"withheld\":{";
    bool first = true;
    for (const auto& [reason, number] : d.withheld) {
      if (!first) out += ',';
      first = false;
      append_json_string(out, reason);
      out += ":" + std::to_string(number);
    }
    out += "},\"refused_earlier\":" + std::to_string(d.refused_earlier) + ",\"note\":";
    append_json_string(out, d.note);
    out += ",\"guard\":";
    if (plan.guard.has_value())
      append_json_string(out, plan.guard->message);
    else
      out += "null";
    out += ",\"changes\":[";
    for (std::size_t c = 0; c < plan.changes.size(); ++c) {
      const activate::PlannedChange& change = plan.changes[c];
      out += c > 0 ? ",{\"profile\":" : "{\"profile\":";
      append_json_string(out, change.key);
      out += ",\"action\":";
      append_json_string(out, change.action);
      out += ",\"fields\":{";
      for (std::size_t f = 0; f < change.fields.size(); ++f) {
        if (f > 0) out += ',';
        append_json_string(out, change.fields[f].name);
        out += ':';
        append_json_string(out, change.fields[f].value);
      }
      out += "},\"why\":";
      append_json_string(out, change.why);
      out += '}';
    }
    out += "]}";
  }
  std::printf("%s]}\n", out.c_str());
}

}  // namespace

int plan(const Options& options) {
  int exit_code = 0;
  const std::optional<Timestamp> at = as_of(options, exit_code);
  if (exit_code != 0) return exit_code;
  std::optional<Workspace> workspace;
  std::optional<PlanCopy> copy;
  std::unique_ptr<engine::Engine> engine;
  std::optional<engine::Foresight> foresight;
  engine::RunOptions run_options;
  if (options.all) {
    workspace = open_workspace(options, exit_code);
    if (!workspace.has_value()) return exit_code;
    copy.emplace(*workspace->project);
    auto opened =
        engine::Engine::open_copy(*workspace->project, workspace->surroundings, copy->file());
    if (!opened.ok()) return fail(opened.error());
    engine = std::move(opened).value();
    run_options.threads = options.threads;
    auto seen = engine->apply_configuration(run_options);
    if (!seen.ok()) return fail(seen.error());
    foresight = std::move(seen).value();
    if (options.output != "json") print_foresight(*workspace->project, *foresight);
  } else {
    engine = open_engine(options, true, workspace, exit_code);
    if (engine == nullptr) return exit_code;
  }
  config::Diagnostics told;
  engine::check_retention(*workspace->project, workspace->surroundings.clock->now(), told);
  std::fputs(told.render_warnings(workspace->project->files).c_str(), stderr);
  if (const auto probable = engine::probable_renames(engine->project(), engine->store());
      probable.ok()) {
    for (const engine::ProbableRename& one : *probable) {
      std::fprintf(stderr, "! %s: %s\n", one.to.c_str(), one.sentence.c_str());
    }
  }
  for (const std::string& word : options.words) {
    const config::Job* job = engine->project().job(word);
    if (job == nullptr) return fail_unknown("job", word, job_names(engine->project()));
    if (!job->destination.has_value()) {
      return fail({ErrorCode::usage, "job " + word + " reads; plan is for jobs that send"});
    }
  }
  std::vector<Planned> plans;
  engine::StageTimers timers;
  for (const config::Job& job : engine->project().jobs) {
    const bool named =
        std::find(options.words.begin(), options.words.end(), job.name) != options.words.end();
    if (!job.destination.has_value() || (!options.words.empty() && !named)) continue;
    engine::DeliverJob deliver_job{&engine->project(),
                                   &job,
                                   "plan",
                                   at.value_or(engine->surroundings().clock->now()),
                                   &run_options,
                                   &engine->surroundings(),
                                   &timers};
    auto planned = engine::plan_delivery(deliver_job, engine->store(), options.limit);
    if (!planned.ok()) return fail(planned.error());
    plans.push_back({&job, std::move(planned).value()});
  }
  bool pending = foresight.has_value() && changes_anything(*foresight);
  for (const Planned& planned : plans) {
    const engine::DeliveryReport& d = planned.delivery.report;
    const bool waits = planned.delivery.waiting > 0;
    pending = pending || waits || d.created + d.updated + d.removed > 0;
    if (options.output != "json") print_plan(planned);
  }
  constexpr int exit_changes_pending = 4;
  if (options.output == "json")
    print_plan_json(plans, foresight.has_value() ? &*foresight : nullptr);
  else
    std::printf("nothing was sent · exit %d%s\n", pending ? exit_changes_pending : 0,
                pending ? ": changes pending" : ": nothing would change");
  return pending ? exit_changes_pending : 0;
}

}  // namespace rondom::cli
