// What the service manager and the log hear, and what is kept in the file.
#include "service/notify.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <map>

#include "base/whole_file.h"
#include "service/events.h"
#include "service/memory_file.h"
#include "support/reference_page.h"
#include "unit/service/support.h"

namespace rondom::service::test {
namespace {

/// A manager's end.
class Manager {
 public:
  explicit Manager(const std::string& name)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    BOOST_REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  }
  ~Manager() { ::close(socket_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  std::string heard() const {
    std::string text(1'000, '\0');
    const ssize_t got = ::recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
    return got < 0 ? "" : text.substr(0, static_cast<std::size_t>(got));
  }

 private:
  int socket_;
};

Notifier::Environment with(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

BOOST_AUTO_TEST_SUITE(notify)

BOOST_AUTO_TEST_CASE(a_manager_hears_how_the_service_does) {
  const std::string path = "/tmp/rondom-notify-" + std::to_string(::getpid());
  for (const std::string& name : {path, "@rondom-notify-" + std::to_string(::getpid())}) {
    const Manager manager(name);
    const Notifier notifier(with({{"NOTIFY_SOCKET", name}}), ::getpid());
    notifier.ready("2 jobs\nnext crm");
    BOOST_TEST(manager.heard() == "READY=1\nSTATUS=2 jobs next crm");
    notifier.reloading(12'345);
    BOOST_TEST(manager.heard() == "RELOADING=1\nMONOTONIC_USEC=12345");
    notifier.stopping("bye");
    BOOST_TEST(manager.heard() == "STOPPING=1\nSTATUS=bye");
    notifier.status("well");
    BOOST_TEST(manager.heard() == "STATUS=well");
    notifier.alive();
    BOOST_TEST(manager.heard() == "WATCHDOG=1");
    notifier.extend(90'000'000);
    BOOST_TEST(manager.heard() == "EXTEND_TIMEOUT_USEC=90000000");
    BOOST_TEST(notifier.watchdog() == 0);
    BOOST_TEST(manager.heard() == "");
  }
  ::unlink(path.c_str());
}

BOOST_AUTO_TEST_CASE(without_a_manager_or_with_a_deaf_one_nothing_happens) {
  for (const char* name : {"", "relative", "/nowhere/at/all"}) {
    const Notifier notifier(with({{"NOTIFY_SOCKET", name}}), ::getpid());
    notifier.ready("x");
    notifier.alive();
  }
  const std::string deaf = "@rondom-deaf-" + std::to_string(::getpid());
  const Manager manager(deaf);
  const Notifier notifier(with({{"NOTIFY_SOCKET", deaf}}), ::getpid());
  for (int i = 0; i < 10'000; ++i) notifier.alive();  // its queue is long full: none of it waits
  BOOST_TEST(manager.heard() == "WATCHDOG=1");
}

BOOST_AUTO_TEST_CASE(a_watchdog_for_another_process_is_none) {
  const auto watchdog = [](const char* microseconds, const char* process) {
    std::map<std::string, std::string> values = {{"NOTIFY_SOCKET", "/nowhere"},
                                                 {"WATCHDOG_USEC", microseconds}};
    if (process != nullptr) values["WATCHDOG_PID"] = process;
    return Notifier(with(values), 42).watchdog();
  };
  BOOST_TEST(watchdog("30000000", nullptr) == 30'000'000);
  BOOST_TEST(watchdog("30000000", "42") == 30'000'000);
  BOOST_TEST(watchdog("30000000", "43") == 0);
  BOOST_TEST(watchdog("soon", "42") == 0);
  BOOST_TEST(watchdog("-1", "42") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(events)

BOOST_AUTO_TEST_CASE(a_line_is_a_name_and_words) {
  BOOST_TEST(event_line(Event::job_started, {{"job", "crm"}, {"pid", "7"}, {"triggered", ""}}) ==
             "job.started job=crm pid=7");
  BOOST_TEST(event_line(Event::job_said, {{"message", "a \"b\"\nc \x1b[31m"}}) ==
             R"(job.said message="a \"b\"\nc \\u001b[31m")");
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  const ManualClock clock(at("2027-06-01T06:00:00Z"));
  EventLog(ends[1], clock, false).write(Event::job_missed, {{"job", "crm"}});
  EventLog(ends[1], clock, true).write(Event::config_rejected, {{"error", "bad"}});
  char text[200] = {};
  BOOST_TEST(::read(ends[0], text, sizeof text) > 0);
  BOOST_TEST(std::string(text) ==
             "2027-06-01T06:00:00Z warning job.missed job=crm\n<3>config.rejected error=bad\n");
  BOOST_TEST(!is_journal(ends[1], nullptr));
  BOOST_TEST(!is_journal(ends[1], "8:1"));
  ::close(ends[0]);
  ::close(ends[1]);
}

BOOST_AUTO_TEST_CASE(the_last_events_are_kept_by_number) {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  const ManualClock clock(at("2027-06-01T06:00:00Z"));
  EventLog log(nowhere, clock, false);
  BOOST_TEST(log.events({}, 10).events.empty());
  log.write(Event::job_started, {{"job", "crm"}, {"triggered", ""}, {"pid", "a\nb"}});
  const LoggedEvents one = log.events({}, 10);
  BOOST_REQUIRE(one.events.size() == 1u);
  BOOST_TEST(one.events[0].number == 1);
  BOOST_TEST(one.events[0].name == "job.started");
  BOOST_TEST(one.events[0].fields.size() == 2u);
  BOOST_TEST(one.events[0].fields[1].second.find('\x1b') == std::string::npos);
  for (std::size_t i = 0; i < events_kept_max + 4; ++i)
    log.write(Event::job_paused, {{"job", "crm"}});
  const LoggedEvents late = log.events(1, 3);
  BOOST_TEST(late.missed == 4);
  BOOST_REQUIRE(late.events.size() == 3u);
  BOOST_TEST(late.events[0].number == 6);
  const auto written = static_cast<std::int64_t>(events_kept_max) + 5;
  BOOST_TEST(log.events({}, 2).events[0].number == written - 1);
  BOOST_TEST(log.events(written, 2).events.empty());
  BOOST_TEST(log.events(written, 2).last == written);
  // Who saw more than there are saw those of another service.
  const LoggedEvents anew = log.events(written + 7, 2);
  BOOST_TEST(anew.missed == 5);
  BOOST_REQUIRE(anew.events.size() == 2u);
  BOOST_TEST(anew.events[0].number == 6);
  BOOST_TEST(log.events(written - 1, 2).events.size() == 1u);
  ::close(nowhere);
}

BOOST_AUTO_TEST_CASE(every_event_stands_in_the_table_at_its_number) {
  for (std::size_t i = 0; i < event_kinds().size(); ++i) {
    BOOST_TEST(static_cast<std::size_t>(event_kinds()[i].event) == i);
  }
  BOOST_TEST(event_kinds().size() == static_cast<std::size_t>(Event::api_said) + 1);
}

BOOST_AUTO_TEST_CASE(the_reference_page_is_up_to_date) {
  rondom::test::check_reference_page("events.md", events_reference());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(memory_file)

BOOST_AUTO_TEST_CASE(what_is_remembered_is_what_was_known) {
  const std::string file = "/tmp/rondom-memory-" + std::to_string(::getpid()) + ".json";
  BOOST_TEST(load_memory(file).value().jobs.empty());
  ServiceMemory memory;
  memory.seed = ~std::uint64_t{0};
  memory.jobs["crm"] = {"every 15m",
                        at("2027-06-01T06:00:00Z"),
                        at("2027-05-01T00:00:00.000001Z"),
                        no_time,
                        no_time,
                        true,
                        true,
                        true,
                        {"g1", "a \"guard\""}};
  memory.jobs["mail"].last_good_end = 1;
  memory.last_runs["crm"] = {at("2027-06-01T06:00:01Z"), no_time, "failed", "no \"way\"", 69, 1.5};
  memory.troubles["crm"]["failed/transient"] = {at("2027-06-01T06:00:01Z"),
                                                at("2027-06-01T06:30:01Z"), 7, true, true};
  memory.troubles["mail"]["quarantined"] = {1, no_time, 0, false, false};
  BOOST_TEST_REQUIRE(save_memory(file, memory).ok());
  const auto read = load_memory(file);
  BOOST_TEST_REQUIRE(read.ok());
  BOOST_TEST((*read == memory));
  BOOST_TEST_REQUIRE(rename_in_memory(file, "nobody", "sales").ok());
  BOOST_TEST_REQUIRE(rename_in_memory(file, "crm", "sales").ok());
  const ServiceMemory renamed = load_memory(file).value();
  BOOST_TEST((renamed.jobs.at("sales") == memory.jobs.at("crm")));
  BOOST_TEST((renamed.last_runs.at("sales") == memory.last_runs.at("crm")));
  BOOST_TEST(renamed.jobs.size() == 2u);
  for (const char* other : {"", "{", "[]", "{\"format\":2,\"seed\":1,\"jobs\":{}}",
                            "{\"format\":1,\"seed\":1,\"jobs\":{\"a\":7}}",
                            "{\"format\":1,\"seed\":1,\"jobs\":{\"a\":{\"since\":7}}}"}) {
    std::ofstream(file) << other;
    const auto refused = load_memory(file);
    BOOST_TEST_REQUIRE(!refused.ok(), other);
    BOOST_TEST((refused.error().code == ErrorCode::bad_state), other);
  }
  ::unlink(file.c_str());
  BOOST_TEST(!save_memory("/proc/rondom/service.json", memory).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::service::test
