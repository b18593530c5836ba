// engine: puts jobs together from the steps and runs them.
//
// The only place that knows the order of the steps: extract → map → normalize → store, then resolve
// → merge → store, then segment → activate. One Engine per process and project; it owns the store
// handle and with it the engine lock. run() starts its own worker threads and joins them before it
// returns. Failures of one job are in its report and do not stop independent jobs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "net/tapes.h"
#include "plugin/plugin.h"
#include "store/store.h"

namespace rondom::engine {

/// Everything the engine gets from outside: effects and where things are.
struct Surroundings {
  const Clock* clock = nullptr;
  Random* random = nullptr;
  const Cancel* cancel = nullptr;
  const config::Secrets* secrets = nullptr;
  plugin::Inventory inventory;
  plugin::HostOptions host;
  std::function<void(std::string_view level, std::string_view message)> log;
  net::Tapes tapes;  // exchanges by HTTP are recorded, or come from a tape and never leave
  /// False for a look at whether somebody is there: a system that is not is told at once.
  bool waits_for_systems = true;
  /// Stand in for plugins when set (a project's own tests); otherwise each connector gets a
  /// process.
  std::function<Result<std::unique_ptr<plugin::Source>>(std::string_view connection)> open_source;
  std::function<Result<std::unique_ptr<plugin::Destination>>(const config::Job& job)>
      open_destination;
};

/// What progress lines are made of; called after each batch by the thread that writes. Thin it out
/// before showing it.
struct Progress {
  std::string_view job;
  std::string_view phase;  // read | unify | send
  std::int64_t done = 0;
  std::int64_t total = 0;                     // 0 = unknown
  std::int64_t created = 0, quarantined = 0;  // of those that were read
};

struct RunOptions {
  std::vector<std::string> jobs;  // empty = all, in their order
  std::optional<Timestamp> as_of;
  std::vector<std::string> accepted_guards;
  std::size_t threads = 2;             // map and unify workers
  std::size_t batch_records = 50'000;  // records per ingest transaction
  std::function<void(const Progress&)> progress;
};

/// How the fields of a stream differ from those of earlier reads. Told once: then they are as they
/// are.
struct Drift {
  std::vector<std::string> appeared, vanished;
  std::vector<std::string> retyped;  // "birth: text before, number now"
  bool empty() const { return appeared.empty() && vanished.empty() && retyped.empty(); }
};

struct StreamReport {
  std::string stream;
  store::StreamCounts counts;
  bool refresh_complete = false;
  std::string note;  // "refresh not complete: 1 row without a key"
  Drift drift;
};

/// Kept records of a stream that were mapped again because the map has changed; they were not read.
struct RemapReport {
  std::string stream;
  std::int64_t records = 0, changed = 0, filtered = 0, refused = 0;
  std::int64_t not_kept = 0;  // without a kept text: they wait for the next read
};

struct DeliveryReport {
  std::string destination;  // connector id
  bool captured = false;
  std::string captured_to;
  std::int64_t created = 0, adopted = 0, updated = 0, removed = 0, unchanged = 0, rejected = 0,
               retried = 0, unknown = 0;
  std::map<std::string, std::int64_t> withheld;
  std::int64_t refused_earlier = 0;  // dead letters of earlier runs
  std::string note;                  // why nobody is sent, where the project's own files say so
};

struct JobReport {
  std::string job;
  std::string status;  // done | partial | failed | guarded | cancelled
  std::optional<Error> error;
  std::string guard_id;               // what --accept takes
  std::vector<std::string> refused;   // what its plugin was kept from, a sentence each
  std::vector<std::string> warnings;  // what its map reads and no record had, a sentence each
  std::vector<std::string> trace;     // where its plugin crashed: "at acme.so+0x1234 (read_it+0x5)"
  std::vector<StreamReport> streams;
  std::vector<RemapReport> remapped;
  std::optional<DeliveryReport> deliveries;
  double seconds = 0;
};

struct UnifyReport {
  std::int64_t total = 0, created = 0, changed = 0, merged = 0, split = 0, retired = 0, review = 0;
  std::int64_t refused_edges = 0;
  std::string
      compared_everybody;     // why; empty: what changed was enough, or likeness is not asked for
  std::int64_t possible = 0;  // pairs that may be one: rondom review list
  std::int64_t waiting = 0;   // records that refer to one that did not come yet
  std::vector<store::GenericIdentifier> generic;            // newly found in this run
  std::vector<store::GenericIdentifier> no_longer_generic;  // they join again
  /// Records overwritten with somebody else's data since the last unify. Their profiles ended and
  /// the records founded new ones; somebody should look.
  std::vector<store::RecordId> new_owners;
  std::vector<std::string> new_owner_names;  // the first ones
  double seconds = 0;
};

/// What a run forgot by its age (retention.h).
struct RetentionReport {
  store::Amounts forgotten{};
  std::vector<std::string> waiting;  // kinds that nobody agreed to forget yet: rondom store prune
  std::vector<std::string> held;     // streams whose full refresh never ended: all of them stays
  bool complete = true;              // false: the next run goes on
  std::string note;                  // why it stopped
};

/// Tables for analysts that were made anew (views.h).
struct ViewsReport {
  std::int64_t profiles = 0, views = 0;
  std::string note;  // why those of before are still there
  double seconds = 0;
};

struct StageTime {
  std::string stage;  // "map", "store", "resolve", …
  double busy_seconds = 0;
};

struct RunReport {
  std::string run;
  std::string status;  // done | partial | failed | guarded | cancelled
  std::vector<JobReport> jobs;
  UnifyReport profiles;
  RetentionReport retention;
  std::optional<ViewsReport> views;
  std::vector<StageTime> stages;
  double seconds = 0;
  std::int64_t peak_rss_bytes = 0;
  int exit_code() const;
};

/// What today's configuration makes of the records that are there, before any new one is read.
struct Foresight {
  std::vector<JobReport> sources;  // of these, `remapped`
  UnifyReport profiles;
};

/// The program contract's object (README, "For programs").
std::string to_json(const RunReport& report);

/// One source record as `preview` shows it.
struct PreviewRecord {
  std::string stream, raw, outcome, reason;
  std::vector<std::string> canonical;  // JSON of each canonical record
  std::vector<std::string> warnings;   // of its stream, with the first record of it
};

class Engine {
 public:
  /// Opens the store and takes the engine lock unless `read_only`.
  static Result<std::unique_ptr<Engine>> open(std::shared_ptr<const config::Project> project,
                                              Surroundings surroundings, bool read_only);
  /// The same with a store of its own that is gone when it is destroyed.
  static Result<std::unique_ptr<Engine>> open_in_memory(
      std::shared_ptr<const config::Project> project, Surroundings surroundings);
  ~Engine();

  /// On a copy of the store in `file` (absolute; whatever was there is replaced, the caller removes
  /// it): what is done there happens to nobody.
  static Result<std::unique_ptr<Engine>> open_copy(const config::Project& project,
                                                   Surroundings surroundings,
                                                   const std::string& file);

  Result<RunReport> run(const RunOptions& options);
  /// Maps kept records again where a map has changed and unifies under today's rules; contacts no
  /// system. For `plan --all`, on a copy.
  Result<Foresight> apply_configuration(const RunOptions& options);

  store::Store& store();
  const config::Project& project() const;
  const Surroundings& surroundings() const;

 private:
  struct Inside;
  explicit Engine(std::unique_ptr<Inside> inside);
  static Result<std::unique_ptr<Engine>> open_with(const store::Options& options,
                                                   std::shared_ptr<const config::Project> project,
                                                   Surroundings surroundings);
  std::unique_ptr<Inside> inside_;
};

/// Connects without reading; changes nothing anywhere. Needs no store.
Status check_connection(const config::Project& project, const Surroundings& surroundings,
                        std::string_view connection);
/// Asks a source for its streams and fields. Needs no store.
Result<plugin::Catalog> discover(const config::Project& project, const Surroundings& surroundings,
                                 std::string_view job_or_connection);
/// Reads a few records of a source job and maps them; nothing is stored. `warnings` gets what a map
/// reads that none of the records has, for streams whose fields no saved catalog tells.
Result<std::vector<PreviewRecord>> preview(const config::Project& project,
                                           const Surroundings& surroundings, std::string_view job,
                                           std::string_view stream, std::size_t records_max,
                                           std::vector<std::string>& warnings);

/// Compiles every map, merge rule, audience and destination map; problems go to `diagnostics`. Used
/// by validate and before each run; contacts no system.
void validate(const config::Project& project, const plugin::Inventory& inventory,
              config::Diagnostics& diagnostics);

/// Profile content as `export` writes it, one JSON object: label, members and merged values without
/// ids, run ids and wall times; derived attributes where they are given.
std::string export_line(const store::Profile& profile, const std::vector<std::string>& member_names,
                        std::string_view attributes_json = {});

/// What an export sorts in memory; more goes through files in its temporary folder.
inline constexpr std::size_t export_run_bytes = 64u << 20;

/// Streams every profile as export lines, sorted bytewise, with bounded memory: runs of `run_bytes`
/// are sorted in `temporary_folder` and merged. `attributes`: derived ones of each page of
/// profiles, one JSON object a profile; empty = without.
using ExportedAttributes =
    std::function<Result<std::vector<std::string>>(std::span<const store::Profile> profiles)>;
Status export_profiles(store::Store& store, std::string_view temporary_folder,
                       const std::function<Status(std::string_view line)>& line,
                       std::size_t run_bytes = export_run_bytes,
                       const ExportedAttributes& attributes = {});
/// "profile_id,source,stream,key" of every live record, sorted bytewise.
Status export_members(store::Store& store, std::string_view temporary_folder,
                      const std::function<Status(std::string_view line)>& line,
                      std::size_t run_bytes = export_run_bytes);

}  // namespace rondom::engine
