// The service over HTTP, with a service that only notes what it is asked and a program that says
// what the test wants: authorisation, validation, statuses and documents of every route.
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "net/url.h"
#include "service/api.h"
#include "service/api_routes.h"
#include "service/audit.h"
#include "service/metrics.h"
#include "support/folder.h"
#include "support/reference_page.h"
#include "unit/net/raw_client.h"

using namespace rondom;
using namespace rondom::service;
using nlohmann::json;
using rondom::test::Folder;
using rondom::test::RawClient;

namespace {

class NotingControl final : public Control {
 public:
  NotingControl() {
    told.project = "acme";
    told.version = "1.2.3";
    told.configuration = "f00d";
    told.started_at = told.configuration_since = 1'764'189'282'000'000;
    JobState crm;
    crm.job = "crm";
    crm.schedule = "every 15m";
    crm.state = "idle";
    crm.last_status = "done";
    crm.next_at = crm.last_success_at = 1'764'189'282'000'000;
    JobState other = crm;
    other.job = "newsletter";
    other.state = "paused";
    told.jobs = {crm, other};
  }
  ServiceState state() const override { return told; }
  Status trigger(const Trigger& trigger) override {
    return note("trigger " + trigger.job + " " + join(trigger.accept, ","), trigger.job);
  }
  Status pause(std::string_view job) override { return note("pause " + std::string(job), job); }
  Status resume(std::string_view job) override { return note("resume " + std::string(job), job); }
  Status cancel(std::string_view job) override { return note("cancel " + std::string(job), job); }
  Status reload() override { return note("reload", "crm"); }
  Status rename(std::string_view job, std::string_view to) override {
    return note("rename " + std::string(job) + " " + std::string(to), job);
  }
  void see(const std::vector<StreamState>& streams) override {
    const std::lock_guard lock(mutex_);
    seen_ = streams;
  }
  std::vector<StreamState> seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

  std::string notes() {
    const std::lock_guard lock(mutex_);
    return std::exchange(notes_, {});
  }
  ServiceState told;
  Status answer;

 private:
  Status note(const std::string& what, std::string_view job) {
    const std::lock_guard lock(mutex_);
    notes_ += what + ";";
    if (job != "crm") return {ErrorCode::usage, "there is no job " + std::string(job)};
    return answer;
  }
  std::mutex mutex_;
  std::string notes_;
  std::vector<StreamState> seen_;
};

constexpr const char* program = R"sh(#!/bin/sh
[ "$RONDOM_WITHIN_SERVICE" = 1 ] || exit 99
fail() { echo "{\"error\":{\"code\":\"$1\",\"message\":\"$2\",\"exit_code\":$3}}"; exit "$3"; }
echo "$*" >> "$0.asked"
case "$*" in
*" status") echo '{"records":3,"live_records":2,"profiles":1,"quarantined":4,"dead_letters":5,"to_unify":6,"waiting":7,"to_review":8,"streams":[{"job":"crm","stream":"contacts","last_read_at":"2025-11-26T18:34:42Z","fresh_within_seconds":3600,"stale":true},{"job":"crm","stream":"orders","last_read_at":null,"fresh_within_seconds":60,"stale":false}],"last_run":null}';;
*" runs --limit "*) cat "$0.runs";;
*" runs --after r2 "*) echo '[]';;
*nobody*) fail failure "nobody is anna@example.com" 1;;
*" profile find "*) echo '[{"profile":"the-id","content":{}},{"profile":"other-id","content":{}}]';;
*" profile "*) echo '{"profile":"the-id","content":{},"title":"","values":[],"permissions":[],"said":"'"$*"'"}';;
*unknown*) fail usage "anna@example.com is not among them" 2;;
*busy*) fail busy "locked by process 1" 75;;
*broken*) fail bad_config "rondom.yaml is wrong" 78;;
*defect*) echo "anna@example.com" >&2; kill -9 $$;;
*" waiting "*) printf '\377\376zo\303'; sleep 0; printf '\253\n' ; echo "to people" >&2; exit 3;;
*" plan --all") trap '' TERM; echo begun; while :; do read -r _ < "$0.fifo"; done;;
*" plan") trap 'echo stopped; exit 9' TERM; echo begun; while :; do read -r _ < "$0.fifo"; done;;
*" review list"*) echo '[]';;
*) echo '{"said":"'"$*"'"}';;
esac
)sh";

constexpr const char* earlier_runs = R"([
{"started_at":"2025-11-26T20:40:00Z","run":"r2","status":"partial","jobs":[{"job":"crm","streams":[
 {"stream":"contacts","read":5,"new":2,"quarantined":1}],"deliveries":null},
 {"job":"newsletter","streams":[],"deliveries":{"created":2,"withheld":{"no consent":3,"deceased":1}}}]},
{"started_at":"2025-11-26T20:36:00Z","run":"r1","status":"running"},
{"started_at":"2025-11-26T20:34:41Z","run":"r0","status":"done","jobs":[{"job":"crm","streams":[
 {"stream":"contacts","read":100}],"deliveries":null}]}])";

struct Asked {
  int status = 0;
  std::string head, body;
  json document() const { return json::parse(body); }
  bool has(const std::string& text) const { return body.find(text) != std::string::npos; }
};

/// A service at a socket and at a free port, with one token for each scope.
struct Service {
  explicit Service(const std::string& name)
      : folder(name), short_path("/tmp/rondom-" + name + "-" + std::to_string(::getpid())) {
    options.program = folder.file("program");
    std::ofstream(options.program) << program;
    ::chmod(options.program.c_str(), 0700);
    std::ofstream(options.program + ".runs") << earlier_runs;
    ::mkfifo((options.program + ".fifo").c_str(), 0600);
    options.project_folder = options.state_folder = folder.file("");
    options.environment = "prod";
    options.socket = short_path;  // a build's folder may be too deep for a socket
    options.listen = "127.0.0.1:0";
    options.clock = &clock;
    options.log = [this](std::string_view, std::string_view message) {
      const std::lock_guard lock(mutex);
      log += std::string(message) + "\n";
    };
    Tokens known(options.state_folder + "/" + token_file);
    SystemRandom random;
    for (const Scope scope : {Scope::read, Scope::operate, Scope::personal_data}) {
      tokens[scope] = *known.create(to_text(scope), {scope}, 0, {}, random);
    }
    api = std::make_unique<ServiceApi>(control, options);
    BOOST_REQUIRE(api->start().ok());
    // However slow the machine: the first look at the store is over.
    constexpr int looks_max = 60;
    for (int i = 0; i < looks_max && !local("GET", "/readyz?verbose").has("[+]store"); ++i) {
    }
  }
  ~Service() { api->stop(0); }

  static std::string bytes(const std::string& method, const std::string& target,
                           const std::string& token, const std::string& body,
                           const std::string& type = "application/json") {
    std::string out =
        method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    if (!token.empty()) out += "Authorization: Bearer " + token + "\r\n";
    if (!body.empty()) {
      out +=
          "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return out + "\r\n" + body;
  }
  Asked over(RawClient& client, const std::string& request) {
    client.send(request);
    Asked out;
    out.status = client.answer(request.starts_with("HEAD"));
    out.head = client.head;
    out.body = client.body;
    return out;
  }
  Asked tcp(const std::string& method, const std::string& target, const std::string& token,
            const std::string& body = "") {
    RawClient client(api->port());
    return over(client, bytes(method, target, token, body));
  }
  Asked local(const std::string& method, const std::string& target, const std::string& body = "",
              const std::string& type = "application/json") {
    RawClient client(options.socket);
    return over(client, bytes(method, target, "", body, type));
  }
  std::string audit() const {
    std::stringstream out;
    out << std::ifstream(folder.file(audit_file)).rdbuf();
    return out.str();
  }
  /// How often the program was asked with these files.
  std::size_t looked_with(const std::string& files) const {
    std::ifstream asked(options.program + ".asked");
    std::size_t count = 0;
    for (std::string line; std::getline(asked, line);) {
      count += line.starts_with("--configuration " + files + " ") ? 1 : 0;
    }
    return count;
  }
  std::string logged() {
    const std::lock_guard lock(mutex);
    return log;
  }

  ManualClock clock{1'764'189'282'000'000};
  Folder folder;
  std::string short_path;
  NotingControl control;
  ApiOptions options;
  std::map<Scope, std::string> tokens;
  std::mutex mutex;
  std::string log;
  std::unique_ptr<ServiceApi> api;
};

/// A request that the route takes.
std::pair<std::string, std::string> sample(const Route& route) {
  std::string target;
  for (const std::string_view segment : split(std::string_view(route.path).substr(1), '/')) {
    target += '/';
    target += segment.starts_with('{') ? (segment == "{job}" ? "crm" : "x") : segment;
  }
  for (const Parameter& one : route.parameters) {
    if (one.required) target += "?" + std::string(one.name) + "=x";
  }
  const bool is_command = route.answering == Answering::command;
  return {target, is_command ? R"({"arguments":["review","list"]})" : ""};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(service_api)

BOOST_AUTO_TEST_CASE(every_route_asks_for_its_scope_and_no_other) {
  Service service("api-scopes");
  for (const Route& route : routes()) {
    const auto [target, body] = sample(route);
    const std::string name = std::string(route.method) + " " + route.path;
    const auto refused = [](int status) { return status == 401 || status == 403; };
    const Asked without = service.tcp(route.method, target, "", body);
    const int expected = route.scope == Scope::local ? 403 : 401;
    if (route.scope == Scope::none) {
      BOOST_TEST(!refused(without.status), name);
    } else {
      BOOST_TEST(without.status == expected, name);
      BOOST_TEST(service.tcp(route.method, target, "rondom_wrong", body).status == expected, name);
    }
    for (const auto& [scope, token] : service.tokens) {
      const int status = service.tcp(route.method, target, token, body).status;
      if (scope == route.scope || route.scope == Scope::none) {
        BOOST_TEST(!refused(status), name);
        BOOST_TEST(status == route.status, name);
      } else {
        BOOST_TEST(status == 403, name);
      }
    }
    BOOST_TEST(!refused(service.local(route.method, target, body).status), name);
  }
}

BOOST_AUTO_TEST_CASE(the_description_lists_exactly_the_routes) {
  Service service("api-description");
  const Asked asked = service.tcp("GET", "/api/v1/openapi.json", "");
  const json document = asked.document();
  BOOST_TEST(document["openapi"] == "3.1.0");
  BOOST_TEST(document["info"]["version"] == "1.2.3");
  std::set<std::string> described, known, ids;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      described.insert(method + " " + path);
      BOOST_TEST(ids.insert(operation["operationId"]).second);
    }
  }
  for (const Route& route : routes()) {
    known.insert(lower_ascii(route.method) + " " + route.path);
    const json& operation = document["paths"][route.path][lower_ascii(route.method)];
    std::set<std::string> told;
    for (const auto& [status, answer] : operation["responses"].items()) {
      told.insert(status);
      const std::string reference = answer.value("$ref", "");
      BOOST_TEST((reference.empty() || document.contains(json::json_pointer(reference.substr(1)))));
    }
    for (const int status : statuses(route)) BOOST_TEST(told.contains(std::to_string(status)));
    BOOST_TEST(told.size() == statuses(route).size());
    BOOST_TEST(operation["parameters"].size() ==
               path_parameters(route).size() + route.parameters.size());
    BOOST_TEST(operation["security"].empty() ==
               (route.scope == Scope::none || route.scope == Scope::local));
  }
  BOOST_TEST(described == known);
  BOOST_TEST(described.size() == routes().size());
}

BOOST_AUTO_TEST_CASE(the_references_are_made_from_the_tables) {
  rondom::test::check_reference_page("api.md", api_reference());
  rondom::test::check_reference_page("metrics.md", metrics_reference());
}

BOOST_AUTO_TEST_CASE(orders_reach_the_service) {
  Service service("api-orders");
  BOOST_TEST(service.local("POST", "/api/v1/jobs/crm/run", R"({"accept":["g1","g2"]})").status ==
             202);
  BOOST_TEST(service.local("POST", "/api/v1/jobs/crm/run").status == 202);
  BOOST_TEST(service.local("POST", "/api/v1/jobs/crm/pause").document()["job"] == "crm");
  BOOST_TEST(service.local("POST", "/api/v1/jobs/crm/resume").status == 200);
  BOOST_TEST(service.local("POST", "/api/v1/jobs/crm/cancel").status == 202);
  BOOST_TEST(service.local("POST", "/api/v1/reload").document()["configuration"] == "f00d");
  BOOST_TEST(service.control.notes() ==
             "trigger crm g1,g2;trigger crm ;pause crm;resume crm;cancel crm;reload;");
  BOOST_TEST(service.local("POST", "/api/v1/jobs/none/pause").status == 404);
  service.control.answer = {ErrorCode::busy, "crm runs already"};
  const Asked busy = service.local("POST", "/api/v1/jobs/crm/run");
  BOOST_TEST(busy.status == 409);
  BOOST_TEST(busy.document()["detail"] == "crm runs already");
  service.control.answer = Error{ErrorCode::bad_config, "1 error", "rondom.yaml:1:1: no"};
  const Asked wrong = service.local("POST", "/api/v1/reload");
  BOOST_TEST(wrong.status == 422);
  BOOST_TEST(wrong.has("rondom.yaml:1:1: no"));
  // Who gave the orders is on record.
  BOOST_TEST(check_audit(service.folder.file(audit_file))->entries == 9);
  for (const char* order : {"jobs/{job}/run\",\"about\":\"crm accept g1,g2\",\"previous\"",
                            "jobs/{job}/pause\",\"about\":\"none\"", "reload\",\"previous\""}) {
    BOOST_TEST(
        service.audit().find(std::string("\"what\":\"POST /api/v1/") + order) != std::string::npos,
        order);
  }
  service.local("POST", "/api/v1/review/crm.people%2F7/accept");
  BOOST_TEST(service.audit().find("review/{item}/accept\",\"about\":\"crm.people/7\"") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(state_is_told) {
  Service service("api-state");
  const json job = service.local("GET", "/api/v1/jobs/crm").document();
  BOOST_TEST(job["schedule"] == "every 15m");
  BOOST_TEST(job["next_at"] == "2025-11-26T20:34:42Z");
  BOOST_TEST(job["started_at"].is_null());
  BOOST_TEST(service.local("GET", "/api/v1/jobs").document().size() == 2u);
  BOOST_TEST(service.local("GET", "/api/v1/jobs/x").status == 404);
  BOOST_TEST(service.local("GET", "/api/v1/status").document()["project"] == "acme");
  BOOST_TEST(service.local("GET", "/livez").body == "alive\n");
  BOOST_TEST(service.local("GET", "/readyz").body == "ready\n");
  const Asked verbose = service.local("GET", "/readyz?verbose");
  BOOST_TEST(verbose.has("[+]store ok, last seen 0 s ago\n"));
  BOOST_TEST(verbose.has("[ ]job newsletter paused, last run done\n"));
  service.control.told.stopping = true;
  const Asked stopping = service.local("GET", "/readyz?verbose");
  BOOST_TEST(stopping.status == 503);
  BOOST_TEST(stopping.has("[-]running failed\n"));
  const Asked head = service.local("HEAD", "/livez");
  BOOST_TEST(head.status == 200);
  BOOST_TEST(head.body == "");
}

BOOST_AUTO_TEST_CASE(what_a_request_may_not_be) {
  Service service("api-wrong");
  const std::tuple<const char*, const char*, const char*, int> wrong[] = {
      {"GET", "/", "", 404},
      {"GET", "/api/v1", "", 404},
      {"GET", "/api/v1/jobs/", "", 404},
      {"GET", "/api/v1/../../etc/passwd", "", 404},
      {"GET", "/api/v1/jobs/%2e%2e%2fx", "", 404},
      {"GET", "/api/v1/jobs/%zz", "", 400},
      {"GET", "/api/v1/profiles/--play=x", "", 400},
      {"GET", "/api/v1/profiles/-C", "", 400},
      {"GET", "/api/v1/profiles/%ff", "", 400},
      {"GET", "/api/v1/profiles", "", 400},
      {"GET", "/api/v1/profiles?query=", "", 400},
      {"GET", "/api/v1/profiles?query=-x", "", 400},
      {"GET", "/api/v1/profiles?query=a&query=b", "", 400},
      {"GET", "/api/v1/profiles/x?as_of=yesterday", "", 400},
      {"GET", "/api/v1/runs?limit=0", "", 400},
      {"GET", "/api/v1/runs?limit=1001", "", 400},
      {"GET", "/api/v1/runs?limit=1e3", "", 400},
      {"GET", "/api/v1/runs?before=now", "", 400},
      {"GET", "/api/v1/jobs?limit=1", "", 400},
      {"GET", "/api/v1/jobs?%zz", "", 400},
      {"POST", "/api/v1/jobs/crm/run", "{", 400},
      {"POST", "/api/v1/jobs/crm/run", "[]", 400},
      {"POST", "/api/v1/jobs/crm/run", R"({"accept":"g1"})", 400},
      {"POST", "/api/v1/jobs/crm/run", R"({"accept":[1]})", 400},
      {"POST", "/api/v1/jobs/crm/run", R"({"more":[]})", 400},
      {"POST", "/api/v1/jobs/crm/pause", R"({"accept":[]})", 400},
      {"POST", "/v1/command", "", 400},
      {"POST", "/v1/command", R"({"arguments":[]})", 400},
      {"POST", "/v1/command", R"({"arguments":["run"],"directory":1})", 400},
      {"POST", "/v1/command", R"({"arguments":["plugin","run","x.so"]})", 422},
      {"POST", "/v1/command", R"({"arguments":["run","-C/tmp"]})", 422},
      {"POST", "/api/v1/jobs", "", 405},
      {"DELETE", "/api/v1/jobs/crm", "", 405},
      {"PURGE", "/livez", "", 405},
  };
  for (const auto& [method, target, body, status] : wrong) {
    const Asked asked = service.local(method, target, body);
    BOOST_TEST(asked.status == status, method << " " << target << " " << body);
    BOOST_TEST(asked.head.find("application/problem+json") != std::string::npos, target);
    BOOST_TEST(asked.document()["status"] == status);
  }
  const Asked asked = service.local("PUT", "/api/v1/jobs");
  BOOST_TEST(asked.head.find("Allow: GET, HEAD\r\n") != std::string::npos);
  BOOST_TEST(service.local("POST", "/api/v1/jobs/crm/run", "accept=x", "text/plain").status == 415);
  BOOST_TEST(service.control.notes() == "");
  BOOST_TEST(service.local("POST", "/api/v1/jobs/crm/run", "{}", "Application/JSON; charset=utf-8")
                 .status == 202);
}

BOOST_AUTO_TEST_CASE(verbs_tell_what_needs_the_store) {
  Service service("api-verbs");
  const std::string folder = service.options.project_folder;
  const Asked show = service.tcp("GET", "/api/v1/profiles/crm.contacts%2F1?as_of=2026-01-02",
                                 service.tokens[Scope::personal_data]);
  BOOST_TEST(show.status == 200);
  BOOST_TEST(show.document()["said"] == "-C " + folder +
                                            " --env prod -o json profile show crm.contacts/1 "
                                            "--as-of=2026-01-02");
  BOOST_TEST(service.local("GET", "/api/v1/quarantine").document()["said"] ==
             "-C " + folder + " --env prod -o json quarantine list");
  BOOST_TEST(service.local("GET", "/api/v1/quarantine/records?connection=crm&limit=5")
                 .document()["said"] ==
             "-C " + folder + " --env prod -o json quarantine show crm --limit=5");
  BOOST_TEST(service.local("GET", "/api/v1/review/decided").document()["said"] ==
             "-C " + folder + " --env prod -o json review decided");
  const std::tuple<const char*, const char*, int> failing[] = {
      {"GET", "/api/v1/profiles/nobody", 404},     {"POST", "/api/v1/review/unknown/accept", 404},
      {"POST", "/api/v1/review/busy/accept", 409}, {"POST", "/api/v1/review/broken/reject", 503},
      {"POST", "/api/v1/review/defect/undo", 500},
  };
  for (const auto& [method, target, status] : failing) {
    const Asked asked = service.local(method, target);
    BOOST_TEST(asked.status == status, target);
    BOOST_TEST(!asked.has("anna"), target);
    BOOST_TEST(asked.document().contains("detail"));
  }
  BOOST_TEST(service.logged().find("anna") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(who_looks_at_people_is_on_record) {
  Service service("api-audit");
  service.tcp("GET", "/api/v1/profiles/anna%40example.com", service.tokens[Scope::personal_data]);
  service.local("GET", "/api/v1/profiles/anna%40example.com/explain");
  service.local("GET", "/api/v1/profiles?query=anna%40example.com");
  service.local("GET", "/api/v1/profiles/nobody");
  service.local("GET", "/api/v1/review");
  service.local("GET", "/api/v1/status");  // nobody
  const std::string user = "user " + std::to_string(::getuid());
  std::vector<std::string> lines;
  std::stringstream all(service.audit());
  for (std::string line; std::getline(all, line);) {
    const json one = json::parse(line);
    lines.push_back(one["who"].get<std::string>() + " | " + one["what"].get<std::string>() + " | " +
                    one.value("profile", "") + " | " + std::to_string(one.value("status", 0)));
  }
  BOOST_TEST(lines == (std::vector<std::string>{
                          "token personal-data | GET /api/v1/profiles/{profile} | the-id | 200",
                          user + " | GET /api/v1/profiles/{profile}/explain | the-id | 200",
                          user + " | GET /api/v1/profiles |  | 200",
                          user + " | GET /api/v1/profiles/{profile} |  | 404",
                          user + " | GET /api/v1/review |  | 200"}),
             boost::test_tools::per_element());
  BOOST_TEST(service.audit().find("anna") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_a_record_nothing_is_shown) {
  Service service("api-no-audit");
  std::filesystem::create_directories(service.folder.file(audit_file));
  const Asked asked = service.local("GET", "/api/v1/profiles/x");
  BOOST_TEST(asked.status == 503);
  BOOST_TEST(!asked.has("the-id"));
  BOOST_TEST(service.local("POST", "/v1/command", R"({"arguments":["run"]})").status == 503);
  // And nothing is done.
  for (const char* order : {"jobs/crm/run", "jobs/crm/pause", "jobs/crm/resume", "jobs/crm/cancel",
                            "reload", "review/x/accept"}) {
    const Asked refused = service.local("POST", std::string("/api/v1/") + order);
    BOOST_TEST(refused.status == 503, order);
    BOOST_TEST(!refused.has("said"), order);
  }
  BOOST_TEST(service.control.notes() == "");
}

BOOST_AUTO_TEST_CASE(a_revoked_token_ends_at_once) {
  Service service("api-revoked");
  const std::string token = service.tokens[Scope::read];
  BOOST_TEST(service.tcp("GET", "/api/v1/jobs", token).status == 200);
  BOOST_TEST(Tokens(service.options.state_folder + "/" + token_file).revoke("read").ok());
  const Asked asked = service.tcp("GET", "/api/v1/jobs", token);
  BOOST_TEST(asked.status == 401);
  BOOST_TEST(asked.head.find("WWW-Authenticate: Bearer") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(earlier_runs) {
  Service service("api-runs");
  BOOST_TEST(service.local("GET", "/api/v1/runs").document().size() == 3u);
  const json before =
      service.local("GET", "/api/v1/runs?limit=1&before=2025-11-26T20:40:00Z").document();
  BOOST_REQUIRE(before.size() == 1u);
  BOOST_TEST(before[0]["run"] == "r1");
}

BOOST_AUTO_TEST_CASE(every_metric_is_told_and_in_the_table) {
  Service service("api-metrics");
  service.tcp("GET", "/api/v1/jobs", "");
  service.local("GET", "/livez");
  const std::string text = service.local("GET", "/metrics").body;
  std::set<std::string> told, known;
  std::stringstream all(text);
  for (std::string line; std::getline(all, line);) {
    if (line.starts_with("# TYPE ")) told.insert(line.substr(7, line.find(' ', 7) - 7));
    BOOST_TEST(line.find("anna") == std::string::npos);
  }
  for (const Metric& one : metric_table()) known.insert(one.name);
  BOOST_TEST(told == known, boost::test_tools::per_element());
  for (const char* line :
       {"rondom_build_info{version=\"1.2.3\"} 1\n", "rondom_job_paused{job=\"newsletter\"} 1\n",
        "rondom_job_next_start_timestamp_seconds{job=\"crm\"} 1764189282\n",
        "rondom_store_profiles 1\n", "rondom_stream_stale{job=\"crm\",stream=\"contacts\"} 1\n",
        "rondom_stream_stale{job=\"crm\",stream=\"orders\"} 0\n",
        "rondom_stream_last_read_timestamp_seconds{job=\"crm\",stream=\"contacts\"} "
        "1764182082\n",
        // of the run that ended since the service started, and of no other
        "rondom_records_total{job=\"crm\",result=\"read\"} 5\n",
        "rondom_deliveries_total{job=\"newsletter\",result=\"withheld\"} 4\n",
        "rondom_http_unauthorized_total 1\n",
        "rondom_http_requests_total{method=\"GET\",route=\"/livez\",status=\"200\"} 1\n",
        "rondom_http_request_duration_seconds_bucket{method=\"GET\",route=\"/livez\",le=\"+Inf\"} "
        "1\n"}) {
    BOOST_TEST(text.find(line) != std::string::npos, line);
  }
  BOOST_REQUIRE(service.control.seen().size() == 2u);
  BOOST_TEST(service.control.seen()[0].stale);
  BOOST_TEST(!service.control.seen()[1].last_read_at.has_value());
  // The same run is counted once, however often somebody looks.
  service.clock.advance(60 * microseconds_per_second);
  BOOST_TEST(service.local("GET", "/metrics")
                 .has("rondom_records_total{job=\"crm\",result=\"read\"} 5\n"));
  MetricsText unknown;
  unknown.add("rondom_surprise", {}, 1);
  BOOST_TEST(unknown.unknown().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_command_says_all_that_it_says) {
  Service service("api-command");
  RawClient client(service.options.socket);
  client.send(
      Service::bytes("POST", "/v1/command", "", R"({"arguments":["waiting","--limit=5"]})"));
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.header("content-type") == "application/x-ndjson");
  std::string text, bytes, people;
  int exit_code = -1;
  std::stringstream lines(client.rest());
  for (std::string line; std::getline(lines, line);) {
    const json one = json::parse(line, nullptr, false);
    if (!one.is_object()) continue;  // sizes of chunks
    text += one.value("stdout", "");
    bytes += one.value("stdout_base64", "");
    people += one.value("stderr", "");
    exit_code = one.value("exit", exit_code);
  }
  BOOST_TEST(exit_code == 3);
  BOOST_TEST(people == "to people\n");
  BOOST_TEST((bytes + "|" + text) != "|");
  BOOST_TEST(service.audit().find("\"what\":\"command waiting\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_command_stops_when_its_asker_does) {
  Service service("api-stop");
  RawClient client(service.options.socket);
  client.send(Service::bytes("POST", "/v1/command", "", R"({"arguments":["plan"]})"));
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.says("begun"));
  client.end_sending();  // ^C
  const std::string rest = client.rest();
  BOOST_TEST(rest.find("stopped") != std::string::npos);
  BOOST_TEST(rest.find("{\"exit\":9}") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_service_that_stops_begins_no_command_and_ends_those_it_has) {
  Service service("api-stopping");
  RawClient client(service.options.socket);
  client.send(Service::bytes("POST", "/v1/command", "", R"({"arguments":["plan","--all"]})"));
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.says("begun"));
  service.control.told.stopping = true;
  const Asked late = service.local("POST", "/v1/command", R"({"arguments":["run"]})");
  BOOST_TEST(late.status == 503);
  BOOST_TEST(late.has("stopping"));
  // It minds no signal: without a grace it is killed, and nobody waits half a minute for it.
  const SystemClock real;
  const std::int64_t begun = real.monotonic();
  service.api->stop(0);
  BOOST_TEST(real.monotonic() - begun < command_grace_ms * 1'000 / 2);
}

BOOST_AUTO_TEST_CASE(the_store_is_looked_at_with_the_configuration_in_force) {
  Service service("api-files");
  BOOST_TEST(service.local("GET", "/readyz").status == 200);
  service.control.told.configuration_files = "/in/force";
  service.clock.advance(61 * microseconds_per_second);
  for (int i = 0; i < 600 && service.looked_with("/in/force") == 0; ++i) {
    service.local("GET", "/readyz");
  }
  BOOST_TEST(service.looked_with("/in/force") > 0);
}

BOOST_AUTO_TEST_CASE(addresses_to_listen_at) {
  Service service("api-listen");
  for (const char* wrong : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "127.0.0.1", "127.0.0.1:x", ":0",
                            "127.0.0.1:99999"}) {
    ApiOptions options = service.options;
    options.socket += ".other";
    options.listen = wrong;
    const Status started = ServiceApi(service.control, options).start();
    BOOST_REQUIRE_MESSAGE(!started.ok(), wrong);
    BOOST_TEST((started.error().code == ErrorCode::bad_config), wrong);
  }
  ApiOptions same = service.options;
  BOOST_TEST((ServiceApi(service.control, same).start().error().code == ErrorCode::busy));
}

BOOST_AUTO_TEST_SUITE_END()
