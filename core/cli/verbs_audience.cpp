// audience list|show|members|overlap|why
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "base/text.h"
#include "cli/audience_estimate.h"
#include "cli/cli.h"
#include "cli/failure.h"
#include "cli/run_text.h"
#include "cli/terminal.h"
#include "engine/audience_scan.h"
#include "engine/explanation.h"

namespace rondom::cli {

namespace {

using engine::AudienceScan;

/// The project with its profiles, as of a moment, for verbs that only look.
struct AudienceQuestion {
  std::optional<Workspace> workspace;
  std::unique_ptr<engine::Engine> engine;
  Timestamp as_of = no_time;
  std::size_t threads = 1;
  int exit_code = 0;

  explicit AudienceQuestion(const Options& options) : threads(options.threads) {
    const std::optional<Timestamp> at = cli::as_of(options, exit_code);
    if (exit_code != 0) return;
    engine = open_engine(options, true, workspace, exit_code);
    if (engine != nullptr) as_of = at.value_or(engine->surroundings().clock->now());
  }
  const config::Project& project() const { return engine->project(); }

  /// Sets the exit code when there is none of that name.
  const config::Audience* named(const std::string& name) {
    const config::Audience* found = project().audience(name);
    if (found != nullptr) return found;
    std::vector<std::string> known;
    for (const config::Audience& one : project().audiences) known.push_back(one.name);
    exit_code = fail_unknown("audience", name, known);
    return nullptr;
  }
  Result<std::unique_ptr<AudienceScan>> scan(
      std::span<const config::Audience* const> audiences) const {
    return AudienceScan::make(project(), engine->store(),
                              engine::entity_of(project(), *audiences.front()), as_of, audiences,
                              threads);
  }
};

std::string share_of(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return "-";
  char text[24];
  std::snprintf(text, sizeof text, "%.1f %%", 100.0 * double(part) / double(whole));
  return text;
}

/// Members as a verb prints them, one after another.
class MemberList {
 public:
  explicit MemberList(const Options& options) : options_(options) {}

  void add(const store::Profile& profile) {
    ++count_;
    const bool all = options_.output != "text";
    if (!all && shown_ == options_.limit) return;
    ++shown_;
    const std::string title = engine::title_of(profile);
    if (!all) {
      table_.add({to_text(profile.uid), title, profile.label});
      return;
    }
    std::string line = "{\"profile\":\"" + to_text(profile.uid) + "\",\"title\":";
    append_json_string(line, title);
    line += ",\"record\":";
    append_json_string(line, profile.label);
    const bool as_list = options_.output == "json";
    std::printf("%s%s}%s", as_list && count_ > 1 ? ",\n" : "", line.c_str(), as_list ? "" : "\n");
  }
  void finish() const {
    if (options_.output != "text") return;
    if (count_ == 0) std::puts("nobody");
    if (!table_.empty()) std::fputs(table_.render().c_str(), stdout);
    if (count_ > shown_) {
      std::printf("… and %s more; --limit shows more, -o jsonl all\n",
                  with_thousands(static_cast<std::int64_t>(count_ - shown_)).c_str());
    }
  }

 private:
  const Options& options_;
  Table table_{{"PROFILE", "who", "first record"}};
  std::size_t count_ = 0, shown_ = 0;
};

/// Beside the answer, in whichever form it is given.
void warn_of(const engine::AudienceScan& scan) {
  const std::string problem = scan.problem();
  if (!problem.empty()) std::fprintf(stderr, "! %s\n", problem.c_str());
}

}  // namespace

int audience_list(const Options& options) {
  AudienceQuestion question(options);
  if (question.engine == nullptr) return question.exit_code;
  const config::Project& project = question.project();
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> counts;  // members, of
  for (const Entity entity : {Entity::person, Entity::organization}) {
    std::vector<const config::Audience*> audiences;
    for (const config::Audience& one : project.audiences) {
      if (engine::entity_of(project, one) == entity) audiences.push_back(&one);
    }
    if (audiences.empty()) continue;
    const auto scan = question.scan(audiences);
    if (!scan.ok()) return fail(scan.error());
    const Status done =
        (*scan)->all([&](const store::Profile&, std::span<const int> failing) -> Status {
          for (std::size_t i = 0; i < audiences.size(); ++i) {
            auto& [members, of] = counts[audiences[i]->name];
            ++of;
            if (failing[i] < 0) ++members;
          }
          return {};
        });
    if (!done.ok()) return fail(done.error());
    warn_of(**scan);
  }
  Table table({"AUDIENCE", "of", "members", "share", "sent by"});
  std::string json = "[";
  for (const config::Audience& one : project.audiences) {
    const auto [members, of] = counts[one.name];
    const char* entity = to_text(engine::entity_of(project, one));
    const std::vector<std::string> jobs = jobs_that_send_to(project, one.name);
    table.add({one.name, with_thousands(of) + " " + entity + "s", with_thousands(members),
               share_of(members, of), jobs.empty() ? "-" : join(jobs, ", ")});
    json += json.size() > 1 ? ",\n{\"audience\":" : "{\"audience\":";
    append_json_string(json, one.name);
    json += std::string(",\"entity\":\"") + entity + "\",\"profiles\":" + std::to_string(of) +
            ",\"members\":" + std::to_string(members) + ",\"jobs\":" + words_json(jobs) + "}";
  }
  if (options.output == "json") {
    std::printf("%s]\n", json.c_str());
  } else if (table.empty()) {
    std::puts("no audiences: audiences/*.yaml defines them");
  } else {
    std::fputs(table.render().c_str(), stdout);
  }
  return 0;
}

int audience_show(const Options& options) {
  AudienceQuestion question(options);
  if (question.engine == nullptr) return question.exit_code;
  const config::Audience* audience = question.named(options.words[0]);
  if (audience == nullptr) return question.exit_code;
  const auto scan = question.scan(std::array{audience});
  if (!scan.ok()) return fail(scan.error());
  const auto estimate = estimate_audience(*question.engine, **scan, question.as_of);
  if (!estimate.ok()) return fail(estimate.error());
  warn_of(**scan);
  const config::Project& project = question.project();
  if (options.output == "json") {
    std::printf("%s\n", estimate_json(project, *audience, **scan, *estimate).c_str());
    return 0;
  }
  Table funnel({audience->name, "left", "dropped"});
  funnel.add({std::string("every ") + to_text(engine::entity_of(project, *audience)),
              with_thousands(estimate->profiles), ""});
  std::int64_t before = estimate->profiles;
  for (std::size_t i = 0; i < estimate->left.size(); ++i) {
    funnel.add({(*scan)->lines(0)[i], with_thousands(estimate->left[i]),
                count(before - estimate->left[i])});
    before = estimate->left[i];
  }
  std::fputs(funnel.render().c_str(), stdout);
  for (std::size_t i = 0; i < project.purposes.size(); ++i) {
    const AudienceEstimate::Purpose& purpose = estimate->purposes[i];
    const std::string withheld = withheld_text(purpose.withheld);
    std::printf("for %s: %s may be reached%s%s\n", project.purposes[i].name.c_str(),
                with_thousands(purpose.reachable).c_str(), withheld.empty() ? "" : ", not ",
                withheld.c_str());
  }
  const std::vector<std::string> jobs = jobs_that_send_to(project, audience->name);
  std::printf("sent by %s · as of %s · nothing was written\n",
              jobs.empty() ? "no job" : join(jobs, ", ").c_str(),
              format_time(question.as_of).c_str());
  return 0;
}

int audience_members(const Options& options) {
  AudienceQuestion question(options);
  if (question.engine == nullptr) return question.exit_code;
  const config::Audience* audience = question.named(options.words[0]);
  if (audience == nullptr) return question.exit_code;
  const auto scan = question.scan(std::array{audience});
  if (!scan.ok()) return fail(scan.error());
  MemberList members(options);
  if (options.output == "json") std::printf("[");
  const Status done =
      (*scan)->all([&](const store::Profile& profile, std::span<const int> failing) -> Status {
        if (failing[0] < 0) members.add(profile);
        return {};
      });
  if (!done.ok()) return fail(done.error());
  if (options.output == "json") std::printf("]\n");
  members.finish();
  warn_of(**scan);
  return 0;
}

int audience_overlap(const Options& options) {
  AudienceQuestion question(options);
  if (question.engine == nullptr) return question.exit_code;
  const std::string &first = options.words[0], &second = options.words[1];
  const config::Audience* one = question.named(first);
  const config::Audience* other = one == nullptr ? nullptr : question.named(second);
  if (other == nullptr) return question.exit_code;
  const Entity entity = engine::entity_of(question.project(), *one);
  if (engine::entity_of(question.project(), *other) != entity) {
    return fail({ErrorCode::usage, first + " is of " + to_text(entity) + "s and " + second +
                                       " is not: nobody can be in both"});
  }
  const auto scan = question.scan(std::array{one, other});
  if (!scan.ok()) return fail(scan.error());
  std::int64_t both = 0, only_first = 0, only_second = 0, neither = 0;
  const Status done =
      (*scan)->all([&](const store::Profile&, std::span<const int> failing) -> Status {
        const bool in_first = failing[0] < 0, in_second = failing[1] < 0;
        ++(in_first ? (in_second ? both : only_first) : (in_second ? only_second : neither));
        return {};
      });
  if (!done.ok()) return fail(done.error());
  warn_of(**scan);
  if (options.output == "json") {
    std::string json = "{\"audiences\":[";
    append_json_string(json, first);
    json += ',';
    append_json_string(json, second);
    std::printf("%s],\"both\":%s,\"only_first\":%s,\"only_second\":%s,\"neither\":%s}\n",
                json.c_str(), std::to_string(both).c_str(), std::to_string(only_first).c_str(),
                std::to_string(only_second).c_str(), std::to_string(neither).c_str());
    return 0;
  }
  Table table({"OVERLAP", to_text(entity) + std::string("s"), "of " + first, "of " + second});
  table.add({"both", with_thousands(both), share_of(both, both + only_first),
             share_of(both, both + only_second)});
  table.add(
      {"only " + first, with_thousands(only_first), share_of(only_first, both + only_first), "-"});
  table.add({"only " + second, with_thousands(only_second), "-",
             share_of(only_second, both + only_second)});
  table.add({"neither", with_thousands(neither), "-", "-"});
  std::fputs(table.render().c_str(), stdout);
  return 0;
}

int audience_why(const Options& options) {
  AudienceQuestion question(options);
  if (question.engine == nullptr) return question.exit_code;
  const config::Audience* audience = question.named(options.words[0]);
  if (audience == nullptr) return question.exit_code;
  const auto id = find_profile(*question.engine, options.words[1]);
  if (!id.ok()) return fail(id.error());
  const std::vector<store::ProfileId> wanted{*id};
  const auto profiles = question.engine->store().profiles(wanted);
  if (!profiles.ok()) return fail(profiles.error());
  const store::Profile& profile = profiles->front();
  const Entity entity = engine::entity_of(question.project(), *audience);
  if (profile.entity != entity) {
    return fail({ErrorCode::usage, audience->name + " is of " + to_text(entity) +
                                       "s, and this is a " + to_text(profile.entity)});
  }
  const auto scan = question.scan(std::array{audience});
  if (!scan.ok()) return fail(scan.error());
  int line = -1;
  const Status done =
      (*scan)->one(profile, [&](const store::Profile&, std::span<const int> failing) {
        line = failing[0];
        return Status();
      });
  if (!done.ok()) return fail(done.error());
  warn_of(**scan);
  const std::vector<std::string>& lines = (*scan)->lines(0);
  const std::string title = engine::title_of(profile);
  if (options.output == "json") {
    std::string json = "{\"audience\":";
    append_json_string(json, audience->name);
    json += ",\"profile\":\"" + to_text(profile.uid) +
            "\",\"member\":" + (line < 0 ? "true" : "false") + ",\"fails\":";
    if (line < 0) {
      json += "null";
    } else {
      append_json_string(json, lines[static_cast<std::size_t>(line)]);
    }
    std::printf("%s}\n", json.c_str());
    return 0;
  }
  std::printf("%s is %s %s\n", title.c_str(), line < 0 ? "in" : "not in", audience->name.c_str());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool reached = line < 0 || i <= static_cast<std::size_t>(line);
    const bool holds = line < 0 || i < static_cast<std::size_t>(line);
    std::printf(" %s %s\n", !reached ? "?" : holds ? "+" : "-", lines[i].c_str());
  }
  if (line >= 0)
    std::printf("the first line that does not hold decides; those after it were not asked\n");
  return 0;
}

}  // namespace rondom::cli
