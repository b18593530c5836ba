#include "service/api_routes.h"

#include <algorithm>

#include "base/text.h"

namespace rondom::service {
namespace {

// What HTTP itself, limits and rates may answer to anybody.
constexpr int problems_of_all[] = {400, 405, 408, 413, 415, 417, 421, 429, 431, 500, 501, 503, 505};

const Parameter limit{"limit", ParameterType::number,
                      "How many at most, 1 to 1000; 20 when not said."};
const Parameter as_of{"as_of", ParameterType::date, "Date that counts as today: 2026-11-26."};
const Parameter connection{"connection", ParameterType::text, "Only of this source or job."};
const Parameter only_job{"job", ParameterType::text, "Only of this job."};

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

bool fits(const Route& route, const std::vector<std::string>& segments,
          std::map<std::string, std::string>& parts) {
  const std::vector<std::string_view> wanted = split(std::string_view(route.path).substr(1), '/');
  if (wanted.size() != segments.size()) return false;
  parts.clear();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (is_parameter(wanted[i])) {
      if (segments[i].empty()) return false;
      parts[std::string(wanted[i].substr(1, wanted[i].size() - 2))] = segments[i];
    } else if (wanted[i] != segments[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

const std::vector<Route>& routes() {
  using enum Answering;
  static const std::vector<Route> table{
      {"GET",
       "/livez",
       Scope::none,
       "livez",
       "The service answers.",
       alive,
       {},
       {},
       nullptr,
       200,
       "text/plain",
       {}},
      {"GET",
       "/readyz",
       Scope::none,
       "readyz",
       "It can do its work: 503 when it cannot.",
       ready,
       {},
       {{"verbose", ParameterType::flag, "Each check on a line, and each job's state."}},
       nullptr,
       200,
       "text/plain",
       {}},
      {"GET",
       "/metrics",
       Scope::read,
       "metrics",
       "Figures in Prometheus' text format.",
       metrics,
       {},
       {},
       nullptr,
       200,
       "text/plain",
       {}},
      {"GET",
       "/api/v1/openapi.json",
       Scope::none,
       "openapi",
       "This description.",
       description,
       {},
       {},
       nullptr,
       200,
       "Object",
       {}},
      {"GET",
       "/api/v1/status",
       Scope::read,
       "status",
       "The service and its configuration.",
       status,
       {},
       {},
       nullptr,
       200,
       "Service",
       {}},
      {"GET",
       "/api/v1/store",
       Scope::read,
       "store",
       "Records, profiles and what waits for somebody.",
       verb,
       {"status"},
       {},
       nullptr,
       200,
       "Totals",
       {504}},
      {"GET",
       "/api/v1/jobs",
       Scope::read,
       "jobs",
       "Every job: when it runs, how it went.",
       jobs,
       {},
       {},
       nullptr,
       200,
       "[Job]",
       {}},
      {"GET",
       "/api/v1/jobs/{job}",
       Scope::read,
       "job",
       "One job.",
       job,
       {},
       {},
       nullptr,
       200,
       "Job",
       {404}},
      {"GET",
       "/api/v1/events",
       Scope::read,
       "events",
       "What happened last: starts and ends of runs, reloads, trouble.",
       events,
       {},
       {{"after", ParameterType::position, "Only those that came after the one with this number."},
        limit},
       nullptr,
       200,
       "Events",
       {}},
      {"POST",
       "/api/v1/jobs/{job}/run",
       Scope::operate,
       "runJob",
       "It starts as soon as there is room; 409 when it runs already.",
       trigger,
       {},
       {},
       "Trigger",
       202,
       "Job",
       {404, 409}},
      {"POST",
       "/api/v1/jobs/{job}/pause",
       Scope::operate,
       "pauseJob",
       "It no longer starts by itself, also after a restart.",
       pause,
       {},
       {},
       nullptr,
       200,
       "Job",
       {404, 409}},
      {"POST",
       "/api/v1/jobs/{job}/resume",
       Scope::operate,
       "resumeJob",
       "It starts by itself again.",
       resume,
       {},
       {},
       nullptr,
       200,
       "Job",
       {404, 409}},
      {"POST",
       "/api/v1/jobs/{job}/cancel",
       Scope::operate,
       "cancelJob",
       "The run stops at its next safe point, and one that waits does not begin; 409 when there is "
       "neither.",
       cancel,
       {},
       {},
       nullptr,
       202,
       "Job",
       {404, 409}},
      {"POST",
       "/api/v1/reload",
       Scope::operate,
       "reload",
       "Reads the project's files anew; 422 when they are not right, and the old ones stay in "
       "force.",
       reload,
       {},
       {},
       nullptr,
       200,
       "Service",
       {409, 422}},
      {"GET",
       "/api/v1/runs",
       Scope::read,
       "runs",
       "Earlier runs, newest first.",
       runs,
       {},
       {limit,
        {"before", ParameterType::time,
         "Only what started before: 2026-11-26T20:00:00Z. Looks at the "
         "latest 1000."}},
       nullptr,
       200,
       "[Run]",
       {504}},
      {"GET",
       "/api/v1/profiles",
       Scope::personal_data,
       "findProfiles",
       "By e-mail, phone, identifier or record.",
       verb,
       {"profile", "find", "[query]"},
       {{"query", ParameterType::text,
         "anna@example.com, +31612345678 (as %2B31612345678), "
         "kvk:12345678, crm.contacts/1.",
         true}},
       nullptr,
       200,
       "[Profile]",
       {404, 422, 504}},
      {"GET",
       "/api/v1/profiles/{profile}",
       Scope::personal_data,
       "profile",
       "One profile, by id, e-mail, phone, identifier or record (percent-encoded).",
       verb,
       {"profile", "show", "{profile}", "--as-of=[as_of]"},
       {as_of},
       nullptr,
       200,
       "Profile",
       {404, 422, 504}},
      {"GET",
       "/api/v1/profiles/{profile}/explain",
       Scope::personal_data,
       "explainProfile",
       "Why one person, why these values, may we mail?",
       verb,
       {"profile", "explain", "{profile}", "--as-of=[as_of]"},
       {as_of},
       nullptr,
       200,
       "Explanation",
       {404, 422, 504}},
      {"GET",
       "/api/v1/waiting",
       Scope::personal_data,
       "waiting",
       "Records that refer to one that did not come yet.",
       verb,
       {"waiting", "--limit=[limit]"},
       {limit},
       nullptr,
       200,
       "Object",
       {422, 504}},
      {"GET",
       "/api/v1/review",
       Scope::personal_data,
       "review",
       "Records that became somebody else's, and pairs that may be one.",
       verb,
       {"review", "list"},
       {},
       nullptr,
       200,
       "[Object]",
       {422, 504}},
      {"GET",
       "/api/v1/review/decided",
       Scope::personal_data,
       "decided",
       "What was said of pairs, newest first.",
       verb,
       {"review", "decided"},
       {},
       nullptr,
       200,
       "[Object]",
       {422, 504}},
      {"POST",
       "/api/v1/review/{item}/accept",
       Scope::operate,
       "acceptItem",
       "A record is somebody else's indeed; the two of a pair are one.",
       verb,
       {"review", "accept", "{item}"},
       {},
       nullptr,
       200,
       "Object",
       {404, 409, 504}},
      {"POST",
       "/api/v1/review/{item}/reject",
       Scope::operate,
       "rejectItem",
       "The two of a pair are not one, now and later.",
       verb,
       {"review", "reject", "{item}"},
       {},
       nullptr,
       200,
       "Object",
       {404, 409, 504}},
      {"POST",
       "/api/v1/review/{item}/undo",
       Scope::operate,
       "undoItem",
       "Forgets what was said of a pair.",
       verb,
       {"review", "undo", "{item}"},
       {},
       nullptr,
       200,
       "Object",
       {404, 409, 504}},
      {"GET",
       "/api/v1/quarantine",
       Scope::read,
       "quarantine",
       "Why records were refused, and how many.",
       verb,
       {"quarantine", "list", "[connection]"},
       {connection},
       nullptr,
       200,
       "[Reason]",
       {404, 422, 504}},
      {"GET",
       "/api/v1/quarantine/records",
       Scope::personal_data,
       "quarantinedRecords",
       "The refused records themselves.",
       verb,
       {"quarantine", "show", "[connection]", "--limit=[limit]"},
       {connection, limit},
       nullptr,
       200,
       "[Object]",
       {404, 422, 504}},
      {"POST",
       "/api/v1/quarantine/records/{id}/release",
       Scope::operate,
       "releaseRecord",
       "It is mapped again at the next run.",
       verb,
       {"quarantine", "release", "{id}"},
       {},
       nullptr,
       200,
       "Object",
       {404, 409, 504}},
      {"GET",
       "/api/v1/deadletters",
       Scope::personal_data,
       "deadLetters",
       "Deliveries that a destination refused for good.",
       verb,
       {"deadletter", "list", "[job]", "--limit=[limit]"},
       {only_job, limit},
       nullptr,
       200,
       "[Object]",
       {404, 422, 504}},
      {"POST",
       "/api/v1/deadletters/{id}/redrive",
       Scope::operate,
       "redriveDeadLetter",
       "It is tried again at the next run.",
       verb,
       {"deadletter", "redrive", "{id}"},
       {},
       nullptr,
       200,
       "Object",
       {404, 409, 504}},
      {"POST",
       "/v1/command",
       Scope::local,
       "command",
       "Any verb, as the service's user; a line of JSON for each piece it says, and its exit code. "
       "Only "
       "over the Unix socket.",
       command,
       {},
       {},
       "Command",
       200,
       "application/x-ndjson",
       {422}},
  };
  return table;
}

Match match(std::string_view method, const std::vector<std::string>& segments) {
  Match out;
  std::map<std::string, std::string> parts;
  // Words before placeholders: "/review/decided" is no item.
  for (const bool with_placeholder : {false, true}) {
    for (const Route& route : routes()) {
      if (path_parameters(route).empty() == with_placeholder || !fits(route, segments, parts)) {
        continue;
      }
      const std::string_view own = route.method;
      if (method == own || (method == "HEAD" && own == "GET")) {
        out.route = &route;
        out.parts = std::move(parts);
        return out;
      }
      out.allowed.emplace_back(own);
      if (own == "GET") out.allowed.emplace_back("HEAD");
    }
  }
  return out;
}

std::vector<std::string> path_parameters(const Route& route) {
  std::vector<std::string> out;
  for (const std::string_view segment : split(route.path, '/')) {
    if (is_parameter(segment)) out.emplace_back(segment.substr(1, segment.size() - 2));
  }
  return out;
}

std::vector<int> statuses(const Route& route) {
  std::vector<int> out(std::begin(problems_of_all), std::end(problems_of_all));
  out.push_back(route.status);
  out.insert(out.end(), route.problems.begin(), route.problems.end());
  if (route.scope != Scope::none) out.insert(out.end(), {401, 403});
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace rondom::service
