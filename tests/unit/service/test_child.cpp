// An engine process: what it says, how it ends, and how it is made to.
#include "service/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "service/run_outcome.h"
#include "unit/service/support.h"

namespace rondom::service::test {
namespace {

std::unique_ptr<Child> shell(const std::string& script, std::vector<std::string> environment = {}) {
  environment.push_back("PATH=/usr/bin:/bin");
  auto child = Child::start({"/bin/sh", {"engine", "-c", script}, std::move(environment)});
  BOOST_REQUIRE_MESSAGE(child.ok(), child.error().message);
  return std::move(child).value();
}

struct Heard {
  std::vector<std::string> lines;
  ChildEnd end;
};

void wait_for(Child& child, Heard& heard, const std::function<bool()>& enough) {
  while (!enough()) {
    std::vector<pollfd> descriptors = {{child.end_descriptor(), POLLIN, 0}};
    for (const int one : {child.output_descriptor(), child.error_descriptor()}) {
      if (one >= 0) descriptors.push_back({one, POLLIN, 0});
    }
    BOOST_REQUIRE_GT(::poll(descriptors.data(), descriptors.size(), patience_ms), 0);
    child.take([&](std::string_view line) { heard.lines.emplace_back(line); });
  }
}

Heard until_end(Child& child) {
  Heard heard;
  wait_for(child, heard, [&] {
    const auto end = child.reap();
    if (end) heard.end = *end;
    return end && child.output_descriptor() < 0 && child.error_descriptor() < 0;
  });
  return heard;
}

BOOST_AUTO_TEST_SUITE(child)

BOOST_AUTO_TEST_CASE(what_it_says_and_how_it_ends_is_known) {
  const auto one = shell("echo '{}'; echo first >&2; printf last >&2; exit 3");
  const Heard heard = until_end(*one);
  BOOST_TEST(one->output() == "{}\n");
  BOOST_TEST(heard.lines == (std::vector<std::string>{"first", "last"}));
  BOOST_TEST(heard.end.exit_code == 3);
  BOOST_TEST(heard.end.signal == 0);
  BOOST_TEST(!one->cut());
}

BOOST_AUTO_TEST_CASE(it_is_less_urgent_than_who_started_it) {
  constexpr int least_urgent = 19;
  const int ours = ::getpriority(PRIO_PROCESS, 0);
  const auto one = shell("nice >&2");
  BOOST_TEST(until_end(*one).lines ==
             (std::vector<std::string>{std::to_string(std::min(ours + 5, least_urgent))}));
}

BOOST_AUTO_TEST_CASE(a_flood_is_cut_and_stops_nothing) {
  const auto one = shell("head -c 20000000 /dev/zero; head -c 9000 /dev/zero >&2; echo >&2");
  const Heard heard = until_end(*one);
  BOOST_TEST(one->output().size() == child_output_bytes_max);
  BOOST_TEST(one->cut());
  BOOST_TEST_REQUIRE(heard.lines.size() == 1U);
  BOOST_TEST(heard.lines[0].size() == child_line_bytes_max);
}

BOOST_AUTO_TEST_CASE(it_is_asked_to_stop_and_may_take_its_time) {
  const auto one = shell(
      "trap 'echo stopping; exit 0' TERM; echo up >&2; while :; do sleep 0.1 & wait $!; done");
  Heard heard;
  wait_for(*one, heard, [&] { return !heard.lines.empty(); });
  BOOST_TEST(!one->reap().has_value());
  one->ask_to_stop();
  heard = until_end(*one);
  BOOST_TEST(one->output() == "stopping\n");
  BOOST_TEST(heard.end.exit_code == 0);
}

BOOST_AUTO_TEST_CASE(killing_ends_all_that_it_started) {
  const auto one = shell("trap '' TERM; tail -f /dev/null & echo $! >&2; wait");
  Heard heard;
  wait_for(*one, heard, [&] { return !heard.lines.empty(); });
  const pid_t grandchild = std::stoi(heard.lines[0]);
  BOOST_TEST(::kill(grandchild, 0) == 0);
  one->kill();
  heard = until_end(*one);  // both ends of its pipes are closed: nobody holds them any more
  BOOST_TEST(heard.end.signal == SIGKILL);
  BOOST_TEST(outcome_of(one->output(), one->cut(), heard.end, StopReason::none).status ==
             "crashed");
}

BOOST_AUTO_TEST_CASE(it_inherits_what_it_is_given_and_nothing_else) {
  const int secret = ::open("/dev/null", O_RDONLY);  // not closed on exec
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const auto one = shell(
      "cd /proc/self/fd; echo *; grep SigBlk /proc/self/status; cat; env; ps -o pgid= -p $$; echo "
      "$$",
      {"NAME=value"});
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  until_end(*one);
  ::close(secret);
  const std::vector<std::string_view> lines = split(one->output(), '\n');
  BOOST_TEST_REQUIRE(lines.size() >= 6U);
  // The shell's own folder is open while it looks.
  BOOST_TEST((lines[0] == "0 1 2" || lines[0] == "0 1 2 3"), lines[0]);
  BOOST_TEST(lines[1] == "SigBlk:\t0000000000000000");
  BOOST_TEST(one->output().find("NAME=value\n") != std::string::npos);
  BOOST_TEST(one->output().find("HOME=") == std::string::npos);
  BOOST_TEST(trim_ascii(lines[lines.size() - 3]) == lines[lines.size() - 2]);  // its own group
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_a_failure_to_start) {
  const auto none = Child::start({"/nowhere/rondom", {"rondom"}, {}});
  BOOST_TEST_REQUIRE(!none.ok());
  BOOST_TEST((none.error().code == ErrorCode::unavailable));
  BOOST_TEST(none.error().message == "an engine could not be started: No such file or directory");
}

// A shell may miss a signal that comes just before it waits, so it never waits for long here.
// The service in a fork starts an engine and is killed: the engine hears of it and stops in order.
BOOST_AUTO_TEST_CASE(when_the_service_dies_its_engines_are_asked_to_stop) {
  int told[2], ended[2];
  BOOST_REQUIRE(::pipe(told) == 0 && ::pipe(ended) == 0);
  const pid_t service = ::fork();
  if (service == 0) {
    const auto one =
        Child::start({"/bin/sh",
                      {"engine", "-c",
                       "trap 'echo in order > /proc/" + std::to_string(::getppid()) + "/fd/" +
                           std::to_string(ended[1]) +
                           "; exit 0' TERM; echo up >&2; while :; do sleep 0.1 & wait $!; done"},
                      {"PATH=/usr/bin:/bin"}});
    char up = 0;
    pollfd error{(*one)->error_descriptor(), POLLIN, 0};
    ::poll(&error, 1, patience_ms);
    (void)!::write(told[1], &up, 1);
    for (;;) ::pause();
  }
  char text[32] = {};
  BOOST_TEST(::read(told[0], text, 1) == 1);
  ::kill(service, SIGKILL);
  ::waitpid(service, nullptr, 0);
  pollfd answer{ended[0], POLLIN, 0};
  BOOST_TEST_REQUIRE(::poll(&answer, 1, patience_ms) == 1);
  BOOST_TEST(::read(ended[0], text, sizeof text) == 9);
  BOOST_TEST(std::string(text) == "in order\n");
  for (const int one : {told[0], told[1], ended[0], ended[1]}) ::close(one);
}

BOOST_AUTO_TEST_CASE(what_a_manager_says_to_the_service_is_not_said_to_engines) {
  const char* const ours[] = {"NOTIFY_SOCKET=/run/systemd/notify",
                              "WATCHDOG_USEC=1",
                              "WATCHDOG_PID=2",
                              "RONDOM_WITHIN_SERVICE=0",
                              "CREDENTIALS_DIRECTORY=/run/credentials/x",
                              "LISTEN_FDS=1",
                              nullptr};
  BOOST_TEST(environment_for_children(ours, "RONDOM_WITHIN_SERVICE=1") ==
             (std::vector<std::string>{"CREDENTIALS_DIRECTORY=/run/credentials/x",
                                       "RONDOM_WITHIN_SERVICE=1"}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(run_outcome)

constexpr const char* report =
    R"({"run":"0192f3c1","status":"partial","jobs":[{"job":"crm","status":"partial","streams":[)"
    R"({"stream":"a","read":10,"quarantined":2},{"stream":"b","read":5,"quarantined":0}],)"
    R"("deliveries":null,"seconds":1.0}]})";

BOOST_AUTO_TEST_CASE(a_report_is_read_into_what_is_kept) {
  const RunOutcome outcome = outcome_of(report, false, {3, 0}, StopReason::none);
  BOOST_TEST(outcome.status == "partial");
  BOOST_TEST(outcome.good());
  BOOST_TEST(outcome.exit_code == 3);
  BOOST_TEST(outcome.run == "0192f3c1");
  BOOST_TEST(outcome.read == 15);
  BOOST_TEST(outcome.refused == 2);
  const RunOutcome sent = outcome_of(
      R"({"run":"1","status":"failed","jobs":[{"job":"m","status":"failed","error":"no\nway","error_code":"auth","streams":[],)"
      R"("deliveries":{"created":1,"adopted":2,"updated":3,"removed":4,"rejected":5}}]})",
      false, {1, 0}, StopReason::none);
  BOOST_TEST(sent.sent == 10);
  BOOST_TEST(sent.refused == 5);
  BOOST_TEST(sent.error == "no");
  BOOST_TEST(!sent.good());
}

BOOST_AUTO_TEST_CASE(a_project_in_use_is_no_failure) {
  const RunOutcome outcome = outcome_of(
      R"({"error":{"code":"busy","exit_code":75,"message":"the project is in use by rondom, process 7"}})",
      false, {75, 0}, StopReason::none);
  BOOST_TEST(outcome.busy());
  BOOST_TEST(outcome.error == "the project is in use by rondom, process 7");
}

BOOST_AUTO_TEST_CASE(whatever_it_prints_there_is_an_outcome) {
  for (const char* text :
       {"", "{", "[]", "{}", "{\"status\":7,\"jobs\":{}}", "{\"status\":\"odd\"}",
        "{\"jobs\":[1,null,{\"streams\":[2]}],\"status\":null}"}) {
    const RunOutcome outcome = outcome_of(text, false, {1, 0}, StopReason::none);
    BOOST_TEST(outcome.status == "failed", text);
    BOOST_TEST(outcome.error == "the engine ended with exit code 1 and no report");
  }
  BOOST_TEST(outcome_of(report, true, {0, 0}, StopReason::none).status == "failed");
}

BOOST_AUTO_TEST_CASE(why_it_was_stopped_is_its_status_unless_it_was_done) {
  const std::string cancelled = R"({"run":"1","status":"cancelled","jobs":[]})";
  BOOST_TEST(outcome_of(cancelled, false, {1, 0}, StopReason::timeout).status == "timed_out");
  BOOST_TEST(outcome_of(cancelled, false, {1, 0}, StopReason::asked).status == "cancelled");
  BOOST_TEST(outcome_of("", false, {0, SIGKILL}, StopReason::shutdown).status == "cancelled");
  BOOST_TEST(outcome_of("", false, {0, SIGSEGV}, StopReason::none).error ==
             "the engine was ended by signal SEGV");
  BOOST_TEST(outcome_of("", false, {0, SIGSEGV}, StopReason::none).exit_code == 139);
  BOOST_TEST(outcome_of(report, false, {3, 0}, StopReason::timeout).status == "partial");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::service::test
