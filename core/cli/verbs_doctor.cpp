// doctor
#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/cleanse.h"
#include "cli/cli.h"
#include "cli/doctor.h"
#include "engine/freshness.h"
#include "engine/renaming.h"
#include "engine/retention.h"
#include "model/json.h"
#include "net/certificate.h"
#include "service/tokens.h"

namespace rondom::cli {

namespace {

constexpr std::int64_t days_to_act = 30;
constexpr std::int64_t token_days_to_act = 14;
constexpr std::int64_t certificate_days_to_act = 30;
constexpr std::int64_t clock_slack = 5 * 60 * microseconds_per_second;
// The year in which the first version came: a clock before that was never set.
constexpr const char* no_earlier_than = "2026-01-01";
// A backup and a migration each want the store's size again.
constexpr std::int64_t sizes_wanted = 2;

std::int64_t size_of(const std::string& file) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  return failed ? 0 : static_cast<std::int64_t>(size);
}

std::string in_megabytes(std::int64_t bytes) {
  constexpr std::int64_t megabyte = 1'000'000;
  return std::to_string((bytes + megabyte - 1) / megabyte) + " MB";
}

class Doctor {
 public:
  explicit Doctor(const Workspace& workspace)
      : workspace_(workspace),
        project_(*workspace.project),
        state_(config::state_folder(project_)),
        file_((std::filesystem::path(project_.root) / project_.store.sqlite).string()),
        now_(workspace.surroundings.clock->now()) {}

  std::vector<Finding> look() {
    findings_ = look_at_files(state_, ::geteuid());
    look_at_lock();
    look_at_store();
    look_at_disk();
    look_at_plugins();
    look_at_connections();
    look_at_tokens();
    look_at_certificate();
    return std::move(findings_);
  }

 private:
  void add(bool stops_work, const char* check, std::string what, const char* why,
           std::string cure) {
    findings_.push_back({stops_work, check, std::move(what), why, std::move(cure)});
  }

  void look_at_lock() {
    std::ifstream lock(file_ + ".lock");
    std::string owner;
    std::getline(lock, owner);
    if (owner.empty()) return;
    const int number = ::open((file_ + ".lock").c_str(), O_RDWR | O_CLOEXEC);
    const bool is_free = number >= 0 && ::flock(number, LOCK_EX | LOCK_NB) == 0;
    if (number >= 0) ::close(number);
    if (is_free) {
      add(false, "lock", owner + " ended without saying so",
          "it was killed or the machine stopped; its lock went with it",
          "nothing: the next run goes on where it stopped");
    }
  }

  void look_at_store() {
    auto opened = engine::Engine::open(workspace_.project, workspace_.surroundings, true);
    if (!opened.ok()) {
      const bool is_new = project_.store.postgresql.empty() && !std::filesystem::exists(file_);
      if (!is_new) {
        add(true, "store", opened.error().message, "no run can begin",
            opened.error().code == ErrorCode::bad_state
                ? "if it is older, rondom store migrate or the next run brings it up; if it is "
                  "damaged, rondom store restore"
                : "make it reachable, then rondom store verify");
      }
      return;
    }
    store::Store& store = (*opened)->store();
    Timestamp newest = 0;
    if (const auto runs = store.runs(runs_for_a_pace_max); runs.ok()) {
      for (const store::RunEntry& run : *runs) {
        newest = std::max({newest, run.started_at, run.ended_at});
        runs_.push_back(past_run(run));
      }
    }
    if (const auto totals = store.totals(); totals.ok()) records_ = totals->records;
    if (const auto probable = engine::probable_renames(project_, store); probable.ok()) {
      for (const engine::ProbableRename& one : *probable) {
        add(false, "store", one.sentence, "what it has read and sent is known by its name",
            "rondom state rename, or nothing when it is another one");
      }
    }
    if (const auto streams = engine::freshness(store, project_, now_); streams.ok()) {
      for (const engine::StreamFreshness& one : *streams) {
        if (!one.stale) continue;
        add(false, "freshness",
            "stream " + one.stream + " of job " + one.job + " is stale: last read " +
                (one.last_read ? format_time(*one.last_read) : std::string("never")),
            "fresh_within of its job says that it matters",
            "rondom runs shows how its job ended; rondom run " + one.job);
      }
    }
    const auto held = engine::held_streams(store, engine::cutoffs_of(project_.retention, now_));
    for (const std::string& stream : held.ok() ? *held : std::vector<std::string>()) {
      add(false, "store", "stream " + stream + " is in the middle of reading everything again",
          "nothing of it is forgotten by retention until that ends",
          "rondom runs shows why it did not end; rondom run with its job ends it");
    }
    const auto first_day = parse_time(no_earlier_than);
    if (newest > now_ + clock_slack || (first_day.ok() && now_ < *first_day)) {
      add(true, "clock",
          "it is " + format_time(now_) + " here, and the last run was at " + format_time(newest),
          "schedules, consents that expire and the order of versions go by this clock",
          "set the clock, and keep it by NTP");
    }
  }

  void look_at_disk() {
    struct statvfs about {};
    if (::statvfs(state_.c_str(), &about) != 0) return;
    const auto free_bytes = static_cast<std::int64_t>(about.f_bavail * about.f_frsize);
    const std::int64_t store_bytes = size_of(file_) + size_of(file_ + "-wal");
    if (free_bytes < sizes_wanted * store_bytes) {
      add(false, "disk",
          in_megabytes(free_bytes) + " are free for a store of " + in_megabytes(store_bytes),
          "a backup and a migration need its size again, and a full disk stops runs",
          "make room, or move the state folder");
    }
    if ((about.f_flag & ST_RDONLY) != 0) {
      add(true, "disk", state_ + " is read-only", "no run can begin", "mount it for writing");
    }
    const auto days = days_until_full(runs_, records_, store_bytes, free_bytes, now_);
    if (days.has_value() && *days < days_to_act) {
      add(false, "disk",
          "at the pace of the last runs it is full in " + std::to_string(*days) + " days",
          "a full disk stops runs; nothing is lost by it", "make room, or move the state folder");
    }
  }

  void look_at_plugins() {
    for (const std::string& problem : workspace_.surroundings.inventory.problems) {
      add(false, "plugins", problem, "its connectors are not there",
          "install the plugin that belongs to this version (" RONDOM_VERSION "), or remove it");
    }
  }

  void look_at_connections() {
    for (const config::Connection& connection : project_.connections) {
      const Status checked =
          engine::check_connection(project_, workspace_.surroundings, connection.name);
      if (checked.ok()) continue;
      const bool refused = checked.error().code == ErrorCode::auth;
      add(true, "connections", connection.name + ": " + checked.error().message,
          "jobs with it fail",
          refused ? "give it valid credentials" : "rondom check " + connection.name);
    }
  }

  void look_at_tokens() {
    const auto tokens = service::Tokens(state_ + "/" + service::token_file).list();
    if (!tokens.ok()) {
      add(true, "tokens", tokens.error().message, "nobody gets in over the network",
          "move the file away and make new ones: rondom token create");
      return;
    }
    for (const service::Token& token : *tokens) {
      if (!token.expires_at.has_value()) continue;
      const std::int64_t days = (*token.expires_at - now_) / microseconds_per_day;
      if (days >= token_days_to_act) continue;
      add(false, "tokens",
          "token " + token.name +
              (*token.expires_at <= now_ ? " counts no longer"
                                         : " ends in " + std::to_string(days) + " days"),
          "whoever uses it is refused", "rondom token revoke, then create");
    }
  }

  std::string read_in_project(const std::string& file) const {
    std::ifstream in(std::filesystem::path(project_.root) / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  void look_at_certificate() {
    const std::string& file = project_.serve.tls_certificate;
    if (file.empty()) return;
    std::string key = read_in_project(project_.serve.tls_key);
    const auto ends = net::certificate_ends(read_in_project(file), key);
    cleanse(key);
    if (!ends.ok()) {
      add(true, "certificate", file + ": " + ends.error().message,
          "the service does not start with it", "give serve.tls a certificate and its key");
      return;
    }
    const std::int64_t days = (*ends - now_) / microseconds_per_day;
    if (days >= certificate_days_to_act) return;
    add(*ends <= now_, "certificate",
        file + (*ends <= now_ ? " ended at " : " ends at ") + format_time(*ends),
        "clients refuse the service once it has ended", "renew it, then restart the service");
  }

  const Workspace& workspace_;
  const config::Project& project_;
  const std::string state_, file_;
  const Timestamp now_;
  std::vector<Finding> findings_;
  std::vector<PastRun> runs_;
  std::int64_t records_ = 0;
};

std::string json_of(const std::vector<Finding>& findings) {
  std::string out = "{\"findings\":[";
  for (const Finding& one : findings) {
    out += out.back() == '[' ? "{\"check\":" : ",{\"check\":";
    append_json_string(out, one.check);
    out += one.stops_work ? ",\"stops_work\":true" : ",\"stops_work\":false";
    for (const auto& [name, text] :
         {std::pair("what", &one.what), std::pair("why", &one.why), std::pair("cure", &one.cure)}) {
      out += std::string(",\"") + name + "\":";
      append_json_string(out, *text);
    }
    out += '}';
  }
  return out + "]}";
}

}  // namespace

int doctor(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace = open_workspace(options, exit_code);
  if (!workspace.has_value()) return exit_code;
  workspace->surroundings.waits_for_systems = false;
  const std::vector<Finding> findings = Doctor(*workspace).look();
  bool stops = false;
  for (const Finding& one : findings) stops = stops || one.stops_work;
  if (options.output == "json") {
    std::printf("%s\n", json_of(findings).c_str());
  } else {
    for (const Finding& one : findings) {
      std::printf("%s %s: %s\n    %s\n    %s\n", one.stops_work ? "!" : "·", one.check.c_str(),
                  one.what.c_str(), one.why.c_str(), one.cure.c_str());
    }
    if (findings.empty()) std::puts("nothing that would stop it was found");
  }
  return stops ? exit_code_for(ErrorCode::failure) : 0;
}

}  // namespace rondom::cli
