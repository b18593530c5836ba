#include "engine/renaming.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/freshness.h"
#include "engine/plans.h"
#include "engine/predecessors.h"
#include "engine/remap.h"
#include "pipeline/activate/activate.h"

namespace rondom::engine {
namespace {

namespace fs = std::filesystem;
using Kind = store::Renaming::Kind;

constexpr std::size_t files_moved_max = 1'000;
constexpr std::size_t probable_max = 20;
constexpr std::size_t guard_digits = 8;
constexpr config::Delivery deliveries[] = {config::Delivery::send, config::Delivery::capture};

const char* word(Kind kind) {
  return kind == Kind::job ? "job" : "connection";
}

/// Under which the store keeps what a name became; empty text: it is in use again.
std::string became_key(Kind kind, std::string_view name) {
  return std::string("renamed/") + word(kind) + "/" + std::string(name);
}

bool names(const config::Project& project, Kind kind, std::string_view name) {
  return kind == Kind::job ? project.job(name) != nullptr : project.connection(name) != nullptr;
}

std::vector<std::string> destinations_of(std::string_view job) {
  std::vector<std::string> out;
  for (const config::Delivery mode : deliveries) {
    out.push_back(activate::destination_name(job, mode));
  }
  return out;
}

Result<bool> is_remembered(store::Store& store, Kind kind, std::string_view name) {
  return store.remembers(kind, name,
                         kind == Kind::job ? destinations_of(name) : std::vector<std::string>());
}

/// Maps name their source, and other maps refer to it: their fingerprints differ by the name alone.
Status add_fingerprints(Engine& engine, store::Renaming& renaming) {
  const config::Project& project = engine.project();
  const bool is_new = project.connection(renaming.to) != nullptr;
  const std::string& named = is_new ? renaming.to : renaming.from;
  const std::string& other = is_new ? renaming.from : renaming.to;
  RONDOM_TRY_ASSIGN(const std::vector<store::Stream> streams, engine.store().streams());
  for (const config::Job& job : project.jobs) {
    if (!job.source.has_value()) continue;
    config::Diagnostics ignored;  // a map that does not compile has no fingerprint to keep
    for (const StreamPlan& plan :
         compile_job(project, job, engine.surroundings().inventory, ignored)) {
      if (plan.plan == nullptr) continue;
      const std::uint64_t otherwise = fingerprint_as(plan, project, job, named, other);
      if (otherwise == plan.fingerprint) continue;
      const std::uint64_t before = is_new ? otherwise : plan.fingerprint;
      const std::uint64_t now = is_new ? plan.fingerprint : otherwise;
      renaming.map_fingerprints.emplace_back(before, now);
      const std::string& source = job.connection == named ? renaming.from : job.connection;
      for (const store::Stream& stream : streams) {
        if (stream.source != source || stream.name != plan.stream->stream) continue;
        const std::string key = mapped_key(stream.id);
        RONDOM_TRY_ASSIGN(const auto mapped, engine.store().value(key));
        if (mapped == hex64(before)) renaming.put_values.emplace_back(key, hex64(now));
      }
    }
  }
  return {};
}

/// What connectors and logins keep in files named after a job or connection: a second name before
/// the store changes, and the first one goes afterwards. Whatever ends in between leaves a file too
/// many.
class KeptFiles {
 public:
  KeptFiles(const config::Project& project, Kind kind, const std::string& from,
            const std::string& to) {
    const fs::path state = config::state_folder(project);
    const std::string& environment = project.environment;
    const fs::path folder = kind == Kind::job
                                ? state / "state" / (environment.empty() ? "none" : environment)
                                : state / "tokens";
    std::error_code none;
    for (fs::directory_iterator at(folder, none), end; !none && at != end; at.increment(none)) {
      const std::string name = at->path().filename().string();
      if (!is_of(name, from) || files_.size() == files_moved_max) continue;
      files_.emplace_back(at->path(), folder / (to + name.substr(from.size())));
    }
  }
  Status add_names() const {
    for (const auto& [from, to] : files_) {
      std::error_code failed;
      fs::remove(to, failed);
      fs::create_hard_link(from, to, failed);
      if (failed) fs::copy_file(from, to, fs::copy_options::overwrite_existing, failed);
      if (failed) {
        return {ErrorCode::unavailable,
                "nothing was renamed: " + to.string() + " cannot be made: " + failed.message()};
      }
    }
    return {};
  }
  void remove_old() const {
    std::error_code ignored;  // nobody looks at it any more
    for (const auto& [from, to] : files_) fs::remove(from, ignored);
  }
  void remove_new() const {
    std::error_code ignored;
    for (const auto& [from, to] : files_) fs::remove(to, ignored);
  }

 private:
  /// NAME-0123abcd.json: a name may itself begin as another one and a dash do.
  static bool is_of(std::string_view file, std::string_view name) {
    constexpr std::string_view end = ".json";
    if (!file.starts_with(name) || !file.ends_with(end)) return false;
    const std::string_view rest = file.substr(name.size(), file.size() - name.size() - end.size());
    return rest.starts_with('-') &&
           rest.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
  }
  std::vector<std::pair<fs::path, fs::path>> files_;
};

Status check_names(const config::Project& project, Kind kind, const std::string& from,
                   const std::string& to) {
  const bool names_from = names(project, kind, from), names_to = names(project, kind, to);
  if (from == to) return {ErrorCode::usage, "that is its name already"};
  if (names_from && names_to) {
    return {ErrorCode::usage, std::string("the project has both, ") + word(kind) + " " + from +
                                  " and " + to + ": only one that it names no longer is renamed"};
  }
  if (!names_from && !names_to) {
    return {ErrorCode::usage, std::string("the project has no ") + word(kind) + " " + from +
                                  " and none " + to + "; rename it there first"};
  }
  return {};
}

}  // namespace

Result<store::Renamed> rename(Engine& engine, Kind kind, const std::string& from,
                              const std::string& to) {
  RONDOM_TRY(check_names(engine.project(), kind, from, to));
  store::Renaming renaming;
  renaming.kind = kind;
  renaming.from = from;
  renaming.to = to;
  if (kind == Kind::job) {
    renaming.moved_values.emplace_back(last_status_key(from), last_status_key(to));
    renaming.moved_values.emplace_back(last_read_key(from), last_read_key(to));
    for (const config::Delivery mode : deliveries) {
      const std::string before = activate::destination_name(from, mode);
      const std::string now = activate::destination_name(to, mode);
      renaming.destinations.emplace_back(before, now);
      const std::vector<std::string> keys = activate::value_keys(before);
      const std::vector<std::string> keys_now = activate::value_keys(now);
      for (std::size_t i = 0; i < keys.size(); ++i) {
        renaming.moved_values.emplace_back(keys[i], keys_now[i]);
      }
    }
  } else {
    RONDOM_TRY(add_fingerprints(engine, renaming));
  }
  const std::string when = format_time(engine.surroundings().clock->now());
  renaming.put_values.emplace_back(became_key(kind, from), to + " " + when);
  renaming.put_values.emplace_back(became_key(kind, to), "");
  // Asked before any file is touched; rename() asks again.
  RONDOM_TRY_ASSIGN(const bool taken, is_remembered(engine.store(), kind, to));
  const KeptFiles files(engine.project(), kind, from, to);
  if (!taken) RONDOM_TRY(files.add_names());
  Result<store::Renamed> renamed = engine.store().rename(renaming);
  if (renamed.ok()) {
    files.remove_old();
  } else if (!taken) {
    files.remove_new();
  }
  return renamed;
}

Status check_not_renamed(const config::Project& project, const config::Job& job,
                         const RunOptions& options, store::Store& store, JobReport& report) {
  const auto check = [&](Kind kind, const std::string& name) -> Status {
    RONDOM_TRY_ASSIGN(const auto became, store.value(became_key(kind, name)));
    if (!became.has_value() || became->empty()) return {};
    const std::string to = became->substr(0, became->find(' '));
    if (names(project, kind, to)) return {};  // an old name for something new
    const std::string id =
        hex64(Hasher().add(word(kind)).add(name).add(*became).value()).substr(0, guard_digits);
    const auto& accepted = options.accepted_guards;
    if (std::find(accepted.begin(), accepted.end(), id) != accepted.end()) {
      return store.put_value(became_key(kind, name), "");
    }
    report.guard_id = id;
    return {ErrorCode::guarded,
            std::string("nothing was done: ") + word(kind) + " " + name + " is called " + to +
                " in the store since " + became->substr(to.size() + 1) +
                ", and the project does not say so. Rename it there too, or, if this is another "
                "one: rondom run " +
                job.name + " --accept " + id};
  };
  RONDOM_TRY(check(Kind::job, job.name));
  if (!job.source.has_value()) return {};
  return check(Kind::source, job.connection);
}

namespace {

/// Streams of a source job, or that a name of the store stands for, as one text each.
using Streams = std::set<std::string, std::less<>>;

bool share(const Streams& a, const Streams& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& one) { return b.contains(one); });
}

struct Known {
  std::string name;
  Streams streams;  // none: it sends
};

class RenameFinder {
 public:
  RenameFinder(const config::Project& project, store::Store& store)
      : project_(project), store_(store) {}

  Result<std::vector<ProbableRename>> find() {
    for (const Kind kind : {Kind::source, Kind::job}) {
      RONDOM_TRY(find_gone(kind));
      if (gone_.empty()) continue;
      RONDOM_TRY(find_fresh(kind));
      match(kind);
    }
    return std::move(found_);
  }

 private:
  Status find_gone(Kind kind) {
    gone_.clear();
    RONDOM_TRY_ASSIGN(const auto streams, store_.streams());
    for (const store::Stream& stream : streams) {
      const std::string& name = kind == Kind::job ? stream.job : stream.source;
      if (names(project_, kind, name)) continue;
      known(gone_, name)
          .streams.insert(kind == Kind::job ? stream.source + '.' + stream.name : stream.name);
    }
    if (kind == Kind::job) {
      RONDOM_TRY_ASSIGN(const auto destinations, store_.destinations());
      for (const std::string& destination : destinations) {
        const std::string name = destination.substr(0, destination.find('@'));
        if (!names(project_, kind, name)) known(gone_, name);
      }
    }
    return keep(gone_, kind, true);
  }

  Status find_fresh(Kind kind) {
    fresh_.clear();
    for (const config::Job& job : project_.jobs) {
      if (kind == Kind::source && !job.source.has_value()) continue;
      Known& one = known(fresh_, kind == Kind::job ? job.name : job.connection);
      if (!job.source.has_value()) continue;
      for (const config::SourceStream& stream : job.source->streams) {
        one.streams.insert(kind == Kind::job ? job.connection + '.' + stream.stream
                                             : stream.stream);
      }
    }
    return keep(fresh_, kind, false);
  }

  static Known& known(std::vector<Known>& all, const std::string& name) {
    for (Known& one : all) {
      if (one.name == name) return one;
    }
    return all.emplace_back(Known{name, {}});
  }

  Status keep(std::vector<Known>& all, Kind kind, bool remembered) {
    std::vector<Known> kept;
    for (Known& one : all) {
      RONDOM_TRY_ASSIGN(const bool is, is_remembered(store_, kind, one.name));
      if (is == remembered) kept.push_back(std::move(one));
    }
    all = std::move(kept);
    return {};
  }

  void match(Kind kind) {
    for (const Known& fresh : fresh_) {
      const Known* best = nullptr;
      std::size_t senders = 0;
      for (const Known& gone : gone_) {
        if (gone.streams.empty() != fresh.streams.empty()) continue;
        if (!fresh.streams.empty() && share(gone.streams, fresh.streams)) best = &gone;
        if (fresh.streams.empty()) {
          ++senders;
          best = &gone;
        }
      }
      // Which of several it was cannot be told of those that send.
      if (best == nullptr || senders > 1 || found_.size() == probable_max) continue;
      const bool sends = fresh.streams.empty();
      found_.push_back({kind, best->name, fresh.name,
                        std::string("the store remembers ") + word(kind) + " " + best->name +
                            ", which the project does not name, and nothing of " + fresh.name +
                            ": if that is the same, everything would be " +
                            (sends ? "sent" : "read") + " again. Renamed? rondom state rename " +
                            best->name + " " + fresh.name +
                            (kind == Kind::job ? "" : " --connection")});
    }
  }

  const config::Project& project_;
  store::Store& store_;
  std::vector<Known> gone_, fresh_;
  std::vector<ProbableRename> found_;
};

}  // namespace

Result<std::vector<ProbableRename>> probable_renames(const config::Project& project,
                                                     store::Store& store) {
  return RenameFinder(project, store).find();
}

void tell_renames(const std::vector<ProbableRename>& probable, const config::Job& job,
                  JobReport& report) {
  for (const ProbableRename& one : probable) {
    const bool is_of_job = one.kind == Kind::job
                               ? one.to == job.name
                               : job.source.has_value() && one.to == job.connection;
    if (is_of_job) report.warnings.push_back(one.sentence);
  }
}

}  // namespace rondom::engine
