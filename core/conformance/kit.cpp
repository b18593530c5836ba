// The parent's side: which checks apply to which connector, and a child process for each.
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "conformance/child.h"
#include "conformance/driver.h"
#include "conformance/library_checks.h"
#include "conformance/load.h"

namespace rondom::conformance {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

const char* kind_word(plugin::Kind kind) {
  return kind == plugin::Kind::source ? "source" : "destination";
}

/// A new folder with a copy of the fixtures, gone with this object.
class WorkFolder {
 public:
  explicit WorkFolder(const std::string& fixtures) {
    std::string name = (fs::temp_directory_path() / "rondom-conformance-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return;
    path_ = name;
    std::error_code failed;
    if (!fixtures.empty()) fs::copy(fixtures, path_, fs::copy_options::recursive, failed);
  }
  ~WorkFolder() {
    std::error_code failed;
    if (!path_.empty()) fs::remove_all(path_, failed);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Why a check cannot be asked, or empty.
std::string unasked(Needs needs, plugin::Kind kind, const Fixture* fixture, bool& applies) {
  const bool source = kind == plugin::Kind::source;
  applies = true;
  switch (needs) {
    case Needs::table: return {};
    case Needs::fixture: return fixture == nullptr ? "there are no fixtures for it" : std::string();
    case Needs::source:
    case Needs::http_read: applies = source; break;
    case Needs::destination:
    case Needs::http_write: applies = !source; break;
    case Needs::http: break;
  }
  if (!applies) return {};
  if (fixture == nullptr) return "there are no fixtures for it";
  const bool http = needs == Needs::http || needs == Needs::http_read || needs == Needs::http_write;
  if (http && fixture->cassette_text.empty()) return "its fixture has no cassette";
  if (needs != Needs::http && source && fixture->streams.empty()) {
    return "its fixture names no streams";
  }
  if (needs != Needs::http && !source && fixture->records.empty()) {
    return "its fixture has no records";
  }
  return {};
}

class Kit {
 public:
  Kit(const Options& options, Fixtures fixtures)
      : options_(options), fixtures_(std::move(fixtures)) {
    report_.library = options.library;
  }

  Result<Report> run() {
    for (const LibraryCheck& check : library_checks()) {
      const std::int64_t begun = milliseconds_now();
      const auto ask = [&] { return check.run(options_.library); };
      Finding finding = check.in_child ? run_in_child(ask, "/", options_.patience_seconds) : ask();
      report_.lines.push_back(
          {"", "", check.name, check.asks, std::move(finding), milliseconds_now() - begun});
    }
    if (report_.lines.back().finding.outcome == Outcome::failed) return std::move(report_);
    RONDOM_TRY_ASSIGN(const auto connectors, connectors_of(options_.library, options_));
    RONDOM_TRY(check_names(connectors));
    for (const plugin::ConnectorInfo& info : connectors) {
      if (!options_.connector.empty() && info.id != options_.connector) continue;
      RONDOM_TRY(run_connector(info));
    }
    return std::move(report_);
  }

 private:
  static bool is_there(const std::vector<plugin::ConnectorInfo>& connectors,
                       const Fixture& fixture) {
    for (const plugin::ConnectorInfo& info : connectors) {
      if (info.id == fixture.connector && info.kind == fixture.kind) return true;
    }
    return false;
  }

  Status check_names(const std::vector<plugin::ConnectorInfo>& connectors) const {
    const auto has = [&](const std::string& id) {
      for (const plugin::ConnectorInfo& info : connectors) {
        if (info.id == id) return true;
      }
      return false;
    };
    if (!options_.connector.empty() && !has(options_.connector)) {
      return {ErrorCode::usage, "the plugin has no connector " + options_.connector};
    }
    for (const Fixture& fixture : fixtures_.connectors) {
      if (!has(fixture.connector)) {
        return {ErrorCode::usage,
                "the fixtures speak of connector " + fixture.connector + ", which is not there"};
      }
    }
    if (fixtures_.folder.empty()) return {};
    // What nobody describes is not asked, and not asked would look like passed.
    for (const plugin::ConnectorInfo& info : connectors) {
      if (!options_.connector.empty() && info.id != options_.connector) continue;
      if (fixtures_.find(info.id, info.kind) != nullptr) continue;
      return {ErrorCode::usage, "the fixtures say nothing of the " +
                                    std::string(kind_word(info.kind)) + " " + info.id +
                                    " (kind: " + kind_word(info.kind) + ")"};
    }
    for (const Fixture& fixture : fixtures_.connectors) {
      if (!is_there(connectors, fixture)) {
        return {ErrorCode::usage, "the fixtures speak of the " +
                                      std::string(kind_word(fixture.kind)) + " " +
                                      fixture.connector + ", which is not there"};
      }
    }
    return {};
  }

  Status run_connector(const plugin::ConnectorInfo& info) {
    const Fixture* fixture = fixtures_.find(info.id, info.kind);
    if (fixture != nullptr) {
      const auto declared = net::read_declaration(info.spec_json, fixture->config_json);
      if (!declared.ok()) {
        return {ErrorCode::usage,
                "the fixture of connector " + info.id + ": " + declared.error().message};
      }
    }
    for (const Check& check : all_checks()) {
      bool applies = true;
      const std::string reason = unasked(check.needs, info.kind, fixture, applies);
      if (!applies) continue;
      Line line{info.id, kind_word(info.kind), check.name, check.asks, skipped(reason), 0};
      if (reason.empty()) ask(info, fixture, check, line);
      report_.lines.push_back(std::move(line));
    }
    return {};
  }

  void ask(const plugin::ConnectorInfo& info, const Fixture* fixture, const Check& check,
           Line& line) {
    if (fixture != nullptr) {
      const auto cannot = fixture->cannot.find(check.name);
      if (cannot != fixture->cannot.end()) {
        line.finding = skipped("the fixture says: " + cannot->second);
        return;
      }
    }
    const WorkFolder folder(fixtures_.folder);
    const std::int64_t begun = milliseconds_now();
    line.finding = run_in_child(
        [&] {
          const Result<Subject> subject = load_subject(options_.library, info, fixture);
          if (!subject.ok()) return failed("that the plugin loads", subject.error().message);
          Subject mine = *subject;
          mine.host_program = options_.host_program;
          mine.folder = folder.path();
          return check.run(mine);
        },
        folder.path(), options_.patience_seconds);
    line.milliseconds = milliseconds_now() - begun;
  }

  const Options& options_;
  Fixtures fixtures_;
  Report report_;
};

}  // namespace

Result<Report> test_plugin(const Options& options) {
  Options absolute = options;
  std::error_code failed;
  absolute.library = fs::canonical(options.library, failed).string();
  if (failed) return Error{ErrorCode::usage, options.library + " is not there"};
  RONDOM_TRY_ASSIGN(Fixtures fixtures, read_fixtures(options.fixtures, true));
  return Kit(absolute, std::move(fixtures)).run();
}

}  // namespace rondom::conformance
