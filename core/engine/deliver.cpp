#include "engine/deliver.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>

#include "engine/attributes.h"
#include "engine/freshness.h"
#include "pipeline/normalize/normalize.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

constexpr std::size_t profiles_per_page = 1'000;

// A cassette stands in for HTTP alone: what would leave by another way is captured, whatever is
// asked.
bool captures_this(const DeliverJob& deliver_job) {
  if (captures(*deliver_job.project, *deliver_job.job)) return true;
  if (deliver_job.surroundings->tapes.play == nullptr) return false;
  const config::Connection* connection =
      deliver_job.project->connection(deliver_job.job->connection);
  const plugin::ConnectorInfo* info = connection == nullptr
                                          ? nullptr
                                          : deliver_job.surroundings->inventory.find(
                                                connection->connector, plugin::Kind::destination);
  return info == nullptr || info->filesystem || info->raw_network;
}

// What activate needs of segment, bound together here because steps do not include one another.
struct Prepared {
  std::shared_ptr<segment::Audience> audience;  // null: everybody
  std::shared_ptr<AttributeReader> attributes;  // that audience and map read
  std::shared_ptr<expression::Cleaners> cleaners = normalize::make_cleaners();
  activate::Job job;
};

/// Attributes hang on activities, which change without their profile: everybody is looked at.
Status prepare_attributes(const DeliverJob& deliver_job, Entity entity, store::Store& store,
                          Prepared& prepared) {
  const config::Project& project = *deliver_job.project;
  const config::DestinationJob& destination = *deliver_job.job->destination;
  std::set<std::string> names;
  collect_names(destination.map, project.library.get(), names);
  if (const config::Audience* audience = project.audience(destination.audience)) {
    collect_names(*audience, project.library.get(), names);
  }
  RONDOM_TRY_ASSIGN(std::shared_ptr<AttributeReader> attributes,
                    AttributeReader::make(project, store, entity, deliver_job.as_of, &names,
                                          deliver_job.options->threads));
  activate::Job& job = prepared.job;
  if (!attributes->needed()) {
    job.profile_value = [](const store::Profile& profile, Arena& arena) {
      return segment::profile_value(profile.values, profile.entity, arena);
    };
    return {};
  }
  prepared.attributes = attributes;
  job.prepare = [attributes](std::span<const store::Profile> profiles) {
    return attributes->load(profiles, enrich::Changes::ignore);
  };
  job.profile_value = [attributes](const store::Profile& profile, Arena& arena) {
    return attributes->profile_value(profile, arena);
  };
  job.audience_fingerprint =
      Hasher().add(job.audience_fingerprint).add(attributes->fingerprint()).value();
  job.depends_on_time = true;
  return {};
}

Result<Prepared> prepare(const DeliverJob& deliver_job, store::Store& store) {
  const config::DestinationJob& destination = *deliver_job.job->destination;
  const Entity entity = entity_from(destination.entity).value_or(Entity::person);
  Prepared prepared;
  config::Diagnostics diagnostics;
  if (!destination.audience.empty()) {
    const config::Audience* audience = deliver_job.project->audience(destination.audience);
    if (audience == nullptr) {
      return Error{ErrorCode::bad_config, "no audience " + destination.audience};
    }
    prepared.audience =
        std::make_shared<segment::Audience>(*audience, entity, *deliver_job.project, diagnostics);
  }
  activate::check(*deliver_job.project, *deliver_job.job, segment::profile_fields(entity),
                  diagnostics);
  check_purposes(*deliver_job.project, *deliver_job.job, diagnostics);
  if (!diagnostics.empty()) {
    return Error{ErrorCode::bad_config, diagnostics.render(deliver_job.project->root)};
  }
  activate::Job& job = prepared.job;
  job.project = deliver_job.project;
  job.job = deliver_job.job;
  job.destination = activate::destination_name(*deliver_job.job, captures_this(deliver_job)
                                                                     ? config::Delivery::capture
                                                                     : config::Delivery::send);
  job.cleaners = prepared.cleaners.get();
  job.run = deliver_job.run;
  job.as_of = deliver_job.as_of;
  if (prepared.audience != nullptr) {
    job.in_audience = [audience = prepared.audience, cleaners = prepared.cleaners,
                       as_of = deliver_job.as_of, zone = deliver_job.project->defaults.time_zone](
                          const Value& profile, Arena& arena) -> Result<bool> {
      segment::Stop stop = audience->stop_of(profile, as_of, arena, cleaners.get(), zone);
      if (!stop.problem.empty()) return Error{ErrorCode::data, std::move(stop.problem)};
      return stop.line < 0;
    };
    job.audience_fingerprint = prepared.audience->fingerprint();
    job.depends_on_time = prepared.audience->depends_on_time();
  }
  RONDOM_TRY(prepare_attributes(deliver_job, entity, store, prepared));
  return prepared;
}

void copy_counts(const activate::Counts& counts, DeliveryReport& report) {
  report.created = counts.created;
  report.adopted = counts.adopted;
  report.updated = counts.updated;
  report.removed = counts.removed;
  report.unchanged = counts.unchanged;
  report.rejected = counts.rejected;
  report.retried = counts.retried;
  report.unknown = counts.unknown;
  report.withheld = counts.withheld;
}

constexpr std::size_t rows_per_page = 10'000;

/// Everybody who is withheld, by reason: most were not looked at in this run.
Result<std::map<std::string, std::int64_t>> withheld_of(store::Store& store,
                                                        std::string_view destination) {
  std::map<std::string, std::int64_t> counts;
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(const auto found, store.withheld(destination, after, rows_per_page));
    if (found.empty()) return counts;
    for (const store::Withheld& one : found) ++counts[one.reason];
    after = found.back().profile;
  }
}

/// Rows of a destination in one of these states that are meant.
template <typename Meant>
Result<std::int64_t> count_rows(store::Store& store, std::string_view destination,
                                std::span<const store::DeliveryState> states, Meant meant) {
  std::int64_t count = 0;
  for (const store::DeliveryState state : states) {
    store::ProfileId after = 0;
    while (true) {
      RONDOM_TRY_ASSIGN(const auto found,
                        store.deliveries_in(destination, state, after, rows_per_page));
      if (found.empty()) break;
      count += std::count_if(found.begin(), found.end(), meant);
      after = found.back().profile;
    }
  }
  return count;
}

constexpr std::array open_states = {store::DeliveryState::in_flight, store::DeliveryState::unknown,
                                    store::DeliveryState::retry};

Result<std::int64_t> waiting_in(store::Store& store, std::string_view destination) {
  return count_rows(store, destination, open_states, [](const store::Delivery&) { return true; });
}

Result<std::int64_t> letters_of(store::Store& store, std::string_view destination) {
  std::int64_t letters = 0;
  std::int64_t after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(const auto found, store.dead_letters(destination, after, rows_per_page));
    if (found.empty()) return letters;
    letters += static_cast<std::int64_t>(found.size());
    after = found.back().id;
  }
}

/// Of what a destination holds, how much is to be something else there and is not yet, or was
/// refused.
Result<std::int64_t> held_otherwise(store::Store& store, std::string_view destination) {
  constexpr std::array states = {open_states[0], open_states[1], open_states[2],
                                 store::DeliveryState::dead};
  return count_rows(store, destination, states,
                    [](const store::Delivery& row) { return !row.fields.empty(); });
}

/// Whoever forgot consents in the maps sees everybody withheld, and looks for the reason in the
/// data.
std::string why_nobody(const DeliverJob& deliver_job, std::int64_t held,
                       const std::map<std::string, std::int64_t>& withheld) {
  if (held > 0 || withheld.size() != 1 || withheld.begin()->first != "no consent") return {};
  const std::string& purpose = deliver_job.job->destination->purpose;
  for (const config::Job& job : deliver_job.project->jobs) {
    if (!job.source.has_value()) continue;
    config::Diagnostics ignored;  // told where the job is read
    for (const StreamPlan& stream :
         compile_job(*deliver_job.project, job, deliver_job.surroundings->inventory, ignored)) {
      if (stream.plan == nullptr || map::gives_consent(*stream.plan, purpose)) return {};
    }
  }
  return "no map gives a consent for " + purpose +
         ", so nobody may get it: a map needs consents: [{ purpose: " + purpose +
         ", status: granted, … }]";
}

/// What a run did, completed by what it left alone.
Status add_untouched(const DeliverJob& deliver_job, store::Store& store,
                     std::string_view destination, DeliveryReport& report) {
  RONDOM_TRY_ASSIGN(report.withheld, withheld_of(store, destination));
  RONDOM_TRY_ASSIGN(const std::int64_t letters, letters_of(store, destination));
  report.refused_earlier = std::max<std::int64_t>(0, letters - report.rejected);
  RONDOM_TRY_ASSIGN(const std::int64_t held, store.delivered_count(destination));
  RONDOM_TRY_ASSIGN(const std::int64_t otherwise, held_otherwise(store, destination));
  report.unchanged = std::max<std::int64_t>(
      0, held - otherwise - report.created - report.adopted - report.updated);
  report.note = why_nobody(deliver_job, held, report.withheld);
  return {};
}

void describe(const DeliverJob& deliver_job, DeliveryReport& report) {
  report.captured = captures_this(deliver_job);
  report.destination = deliver_job.job->connection;
  if (!report.captured) return;
  report.captured_to = capture_folder_of(*deliver_job.project, *deliver_job.surroundings) + "/" +
                       deliver_job.job->name + "-*.jsonl";
}

Result<std::optional<Timestamp>> when_commits_were_lost(store::Store& store) {
  RONDOM_TRY_ASSIGN(const auto text, store.value(store::lost_at_key));
  if (!text) return std::optional<Timestamp>();
  return std::optional<Timestamp>(std::strtoll(text->c_str(), nullptr, 10));
}

void tell_lost(const activate::Counts& counts, Timestamp lost_at, JobReport& report) {
  const std::string when = format_time(lost_at).substr(0, 19) + "Z";
  if (counts.lost > 0) {
    report.warnings.push_back(
        "the store had lost its newest commits when it was opened at " + when + ": " +
        with_thousands(counts.lost) +
        (counts.lost == 1 ? " delivery of them was" : " deliveries of them were") +
        " made sure of, looked up or sent again as the destination can");
  }
  if (counts.lost_waiting > 0) {
    report.warnings.push_back(
        "the store had lost its newest commits when it was opened at " + when + ": " +
        with_thousands(counts.lost_waiting) +
        " of their deliveries are about somebody whom it does not know now; they wait until every "
        "source was read again");
  }
}

Status count_funnel(const DeliverJob& deliver_job, const Prepared& prepared, store::Store& store,
                    DeliveryPlan& plan) {
  const segment::Audience& audience = *prepared.audience;
  const Entity entity = entity_from(deliver_job.job->destination->entity).value_or(Entity::person);
  std::vector<std::int64_t> failed(audience.lines().size(), 0);
  Arena arena;
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(const auto profiles, store.scan_profiles(after, profiles_per_page));
    if (profiles.empty()) break;
    if (prepared.job.prepare) RONDOM_TRY(prepared.job.prepare(profiles));
    for (const store::Profile& profile : profiles) {
      if (profile.entity != entity) continue;
      ++plan.profiles;
      arena.reset();
      const Value value = prepared.job.profile_value(profile, arena);
      const segment::Stop stop =
          audience.stop_of(value, deliver_job.as_of, arena, prepared.cleaners.get(),
                           deliver_job.project->defaults.time_zone);
      if (stop.line >= 0) ++failed[static_cast<std::size_t>(stop.line)];
    }
    after = profiles.back().id;
  }
  std::int64_t left = plan.profiles;
  for (std::size_t i = 0; i < failed.size(); ++i) {
    left -= failed[i];
    plan.funnel.push_back({audience.lines()[i], left});
  }
  return {};
}

}  // namespace

bool captures(const config::Project& project, const config::Job& job) {
  if (project.deliver == config::Delivery::send) return false;
  const config::Connection* connection = project.connection(job.connection);
  return connection == nullptr || connection->connector != "file";
}

Status deliver(const DeliverJob& deliver_job, const Connections& connections, store::Store& store,
               JobReport& report) {
  DeliveryReport& deliveries = report.deliveries.emplace();
  describe(deliver_job, deliveries);
  RONDOM_TRY_ASSIGN(Prepared prepared, prepare(deliver_job, store));
  RONDOM_TRY_ASSIGN(const std::optional<Timestamp> lost_at, when_commits_were_lost(store));
  if (lost_at) {
    RONDOM_TRY_ASSIGN(prepared.job.sources_were_read,
                      all_read_since(store, *deliver_job.project, *lost_at));
  }
  const auto open = [&] {
    const Surroundings& surroundings = *deliver_job.surroundings;
    if (surroundings.open_destination) return surroundings.open_destination(*deliver_job.job);
    return deliveries.captured
               ? connections.open_capture()
               : connections.open_destination(deliver_job.job->connection, deliver_job.job->name);
  };
  RONDOM_TRY_ASSIGN(const auto destination, open());
  const Cancel never;
  const Cancel& cancel =
      deliver_job.surroundings->cancel != nullptr ? *deliver_job.surroundings->cancel : never;
  const auto progress = [&](const activate::Counts& now) {
    if (!deliver_job.options->progress) return;
    deliver_job.options->progress(
        {deliver_job.job->name, "send", now.created + now.updated + now.removed, 0});
  };
  activate::Counts counts;
  const std::int64_t start = deliver_job.surroundings->clock->monotonic();
  Status status = activate::run(prepared.job, store, *destination, cancel, counts, progress);
  if (!status.ok() && status.error().code == ErrorCode::guarded) {
    const std::string guard = status.error().detail;
    const auto& accepted = deliver_job.options->accepted_guards;
    if (std::find(accepted.begin(), accepted.end(), guard) != accepted.end()) {
      prepared.job.accepted_guard = guard;
      status = activate::run(prepared.job, store, *destination, cancel, counts, progress);
    } else {
      report.guard_id = guard;
    }
  }
  copy_counts(counts, deliveries);
  if (lost_at) tell_lost(counts, *lost_at, report);
  if (status.ok()) status = add_untouched(deliver_job, store, prepared.job.destination, deliveries);
  deliver_job.timers->add("activate", deliver_job.surroundings->clock->monotonic() - start);
  return status;
}

Result<DeliveryPlan> plan_delivery(const DeliverJob& deliver_job, store::Store& store,
                                   std::size_t changes_max) {
  DeliveryPlan plan;
  describe(deliver_job, plan.report);
  RONDOM_TRY_ASSIGN(Prepared prepared, prepare(deliver_job, store));
  if (prepared.audience != nullptr) {
    RONDOM_TRY(count_funnel(deliver_job, prepared, store, plan));
  }
  RONDOM_TRY_ASSIGN(const activate::Counts counts,
                    activate::plan(prepared.job, store, changes_max, plan.changes, plan.guard));
  copy_counts(counts, plan.report);
  RONDOM_TRY_ASSIGN(plan.held, store.delivered_count(prepared.job.destination));
  RONDOM_TRY_ASSIGN(plan.waiting, waiting_in(store, prepared.job.destination));
  RONDOM_TRY_ASSIGN(plan.withheld_before, withheld_of(store, prepared.job.destination));
  RONDOM_TRY_ASSIGN(plan.report.refused_earlier, letters_of(store, prepared.job.destination));
  if (plan.report.created == 0) {
    plan.report.note =
        why_nobody(deliver_job, plan.held,
                   plan.report.withheld.empty() ? plan.withheld_before : plan.report.withheld);
  }
  return plan;
}

}  // namespace rondom::engine
