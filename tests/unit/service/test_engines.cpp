// The engines that run: what of their words goes to the log, and how often they are asked to stop.
#include "service/engines.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/service/support.h"

namespace rondom::service::test {
namespace {

/// Engines whose program is a shell script, and the log they write.
class Shells {
 public:
  explicit Shells(const std::string& script)
      : folder_(std::filesystem::temp_directory_path() /
                ("rondom-engines-" + std::to_string(::getpid()))),
        log_(::memfd_create("log", MFD_CLOEXEC)),
        events_(log_, clock_, false),
        engines_((folder_ / "engine").string(), {"PATH=/usr/bin:/bin"}, clock_, events_) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "engine") << "#!/bin/sh\ncd " << folder_.string() << "\n" << script;
    BOOST_REQUIRE(::chmod((folder_ / "engine").c_str(), 0700) == 0);
    BOOST_REQUIRE(::mkfifo((folder_ / "told").c_str(), 0600) == 0);
    EngineOrder order;
    order.job = "crm";
    order.grace = 60 * second;
    const Status started = engines_.start(order);
    BOOST_REQUIRE_MESSAGE(started.ok(), (started.ok() ? "" : started.error().message));
  }
  ~Shells() {
    engines_.kill_all();
    ::close(log_);
    std::filesystem::remove_all(folder_);
  }
  Shells(const Shells&) = delete;
  Shells& operator=(const Shells&) = delete;

  Engines& engines() { return engines_; }
  std::string log() const {
    std::string text(static_cast<std::size_t>(::lseek(log_, 0, SEEK_END)), '\0');
    const ssize_t size = ::pread(log_, text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }
  std::size_t count(const std::string& words) const {
    std::size_t found = 0;
    const std::string text = log();
    for (std::size_t at = text.find(words); at != std::string::npos;
         at = text.find(words, at + 1)) {
      ++found;
    }
    return found;
  }
  void wait_for(const std::function<bool()>& enough) {
    while (!enough()) {
      std::vector<pollfd> descriptors;
      engines_.wait_for(descriptors);
      BOOST_REQUIRE_GT(::poll(descriptors.data(), descriptors.size(), patience_ms), 0);
      for (FinishedEngine& one : engines_.turn()) finished_.push_back(std::move(one));
    }
  }
  const FinishedEngine& end() {
    wait_for([this] { return !finished_.empty(); });
    return finished_.front();
  }
  /// What the script reads next.
  void tell() const {
    const int told = ::open((folder_ / "told").c_str(), O_WRONLY | O_CLOEXEC);
    BOOST_REQUIRE(told >= 0);
    BOOST_REQUIRE(::write(told, "go\n", 3) == 3);
    ::close(told);
  }

 private:
  std::filesystem::path folder_;
  ManualClock clock_{at("2026-03-14T09:00:00Z")};
  int log_;
  EventLog events_;
  Engines engines_;
  std::vector<FinishedEngine> finished_;
};

BOOST_AUTO_TEST_SUITE(engines)

BOOST_AUTO_TEST_CASE(of_many_lines_the_first_ones_go_to_the_log) {
  Shells shells("i=0; while [ $i -lt 250 ]; do i=$((i+1)); echo \"line $i.\" >&2; done\n");
  BOOST_TEST(shells.end().outcome.exit_code == 0);
  BOOST_TEST(shells.count("line ") == static_cast<std::size_t>(engine_lines_max));
  BOOST_TEST(shells.count("line 200.") == 1U);
  BOOST_TEST(shells.count("more lines are left out") == 1U);
}

BOOST_AUTO_TEST_CASE(how_far_it_is_stands_in_no_log) {
  Shells shells(
      "echo "
      "'{\"progress\":{\"phase\":\"read\",\"done\":7,\"total\":0,\"created\":5,\"quarantined\":1,"
      "\"seconds\":1.5,\"memory_bytes\":9}}' >&2\n"
      "echo '{\"progress\":{\"phase\":7}}' >&2\n"
      "echo up. >&2\n"
      "until read told < told; do :; done\n");
  BOOST_TEST(!shells.engines().progress_of("crm").has_value());
  shells.wait_for([&] { return shells.count("up.") == 1; });
  const auto progress = shells.engines().progress_of("crm");
  BOOST_REQUIRE(progress.has_value());
  BOOST_TEST(progress->phase == "read");
  BOOST_TEST(progress->done == 7);
  BOOST_TEST(progress->created == 5);
  BOOST_TEST(progress->quarantined == 1);
  BOOST_TEST(progress->seconds == 1.5);
  BOOST_TEST(progress->memory_bytes == 9);
  BOOST_TEST(!shells.engines().progress_of("shop").has_value());
  BOOST_TEST(shells.count("done") == 0U);
  BOOST_TEST(shells.count("progress") == 1U);  // of what is none
  shells.tell();
  shells.end();
  BOOST_TEST(!shells.engines().progress_of("crm").has_value());
}

BOOST_AUTO_TEST_CASE(who_was_asked_to_stop_is_not_asked_again) {
  Shells shells(
      "n=0\n"
      "trap 'n=$((n+1)); echo \"asked $n.\" >&2; [ $n -lt 2 ] || exit 9' TERM\n"
      "echo up. >&2\n"
      "until read told < told; do :; done\n"
      "exit 0\n");
  shells.wait_for([&] { return shells.count("up.") == 1; });
  BOOST_TEST(shells.engines().ask_to_stop("crm", StopReason::asked));
  shells.wait_for([&] { return shells.count("asked 1.") == 1; });
  BOOST_TEST(shells.engines().ask_to_stop("crm", StopReason::asked));
  shells.engines().ask_all_to_stop(60 * second);
  shells.tell();
  BOOST_TEST(shells.end().outcome.exit_code == 0);
  BOOST_TEST((shells.end().stopped == StopReason::asked));
  BOOST_TEST(shells.count("asked 2.") == 0U);
  BOOST_TEST(!shells.engines().ask_to_stop("crm", StopReason::asked));
}

BOOST_AUTO_TEST_CASE(who_was_called_off_does_not_wait_for_another_engine) {
  FinishedEngine finished;
  BOOST_TEST(!finished.waits());
  finished.outcome.error_code = "busy";
  BOOST_TEST(finished.waits());
  finished.stopped = StopReason::shutdown;
  BOOST_TEST(finished.waits());  // it is owed
  for (const StopReason reason : {StopReason::asked, StopReason::timeout}) {
    finished.stopped = reason;
    BOOST_TEST(!finished.waits());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::service::test
