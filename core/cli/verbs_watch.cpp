// tail, top: what the service does, as it happens.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/descriptor.h"
#include "base/printable.h"
#include "cli/cli.h"
#include "cli/control.h"
#include "cli/terminal.h"

namespace rondom::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t answer_ms = 5'000;
constexpr std::size_t events_asked_for = 1'000;
constexpr std::size_t to_the_second = 19;
constexpr int asks_a_second = 2;
// How soon Ctrl-C is heard.
constexpr std::chrono::milliseconds step{50};
constexpr int rows_without_terminal = 1'000;

/// False: somebody asked to stop meanwhile.
bool wait_a_moment() {
  for (auto left = std::chrono::milliseconds(1'000 / asks_a_second); left.count() > 0;
       left -= step) {
    if (stop_requested().requested()) return false;
    std::this_thread::sleep_for(step);
  }
  return !stop_requested().requested();
}

std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t number_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

double decimal_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

Error not_understood() {
  return {ErrorCode::failure, "the service's answer cannot be read: is it another version?"};
}

/// A time of day where it is today, else the day as well.
std::string short_time(const std::string& time, std::string_view today) {
  if (time.empty()) return "-";
  const std::string second = time.substr(0, to_the_second);
  constexpr std::size_t date = 10;
  const bool is_today = second.substr(0, date) == today.substr(0, date);
  return is_today ? second.substr(date + 1)
                  : second.substr(0, date) + " " + second.substr(date + 1, 5);
}

// ── tail ───────────────────────────────────────────────────────────────────────────────────────

class Tail {
 public:
  explicit Tail(const Options& options) : options_(options) {
    if (!options.words.empty()) job_ = options.words.front();
  }

  Status show(const std::string& answer) {
    const Json told = Json::parse(answer, nullptr, false);
    const auto events = told.is_object() ? told.find("events") : told.end();
    if (!told.is_object() || events == told.end() || !events->is_array()) return not_understood();
    if (const std::int64_t missed = number_in(told, "missed"); missed > 0) {
      std::fprintf(stderr,
                   "rondom: %s events were too fast to follow; the service's log has them\n",
                   with_thousands(missed).c_str());
    }
    for (const Json& event : *events) {
      if (event.is_object()) print(event);
    }
    seen_ = number_in(told, "last");
    more_ = events->size() == events_asked_for;
    std::fflush(stdout);
    return {};
  }
  std::int64_t seen() const { return seen_; }
  /// There is more to be had at once.
  bool more() const { return more_; }

 private:
  void print(const Json& event) const {
    const auto fields = event.find("fields");
    if (fields == event.end() || !fields->is_object()) return;
    const std::string job = text_in(*fields, "job");
    if (!job_.empty() && job != job_) return;
    if (options_.output == "json") {
      std::printf("%s\n", event.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
      return;
    }
    std::string time = text_in(event, "time").substr(0, to_the_second);
    if (const std::size_t t = time.find('T'); t != std::string::npos) time[t] = ' ';
    constexpr std::size_t name_width = 14, job_width = 12;
    std::string line = time + "  " + pad_right(text_in(event, "event"), name_width) + "  " +
                       (job.empty() ? "" : pad_right(job, job_width) + "  ");
    for (const auto& [name, value] : fields->items()) {
      if (name == "job" || !value.is_string()) continue;
      line += name + " " + printable_line(value.get<std::string>()) + "  ";
    }
    while (line.ends_with(' ')) line.pop_back();
    const bool is_usual = text_in(event, "level") == "info";
    std::printf("%s\n", is_usual ? line.c_str() : warning(options_, line).c_str());
  }

  const Options& options_;
  std::string job_;
  std::int64_t seen_ = 0;
  bool more_ = false;
};

// ── top ────────────────────────────────────────────────────────────────────────────────────────

std::string megabytes(std::int64_t bytes) {
  return bytes == 0 ? "-" : with_thousands(bytes / 1'000'000) + " MB";
}

/// "read", and of how many where that is known.
std::string phase_of(const Json& progress) {
  const std::int64_t done = number_in(progress, "done"), total = number_in(progress, "total");
  std::string out = text_in(progress, "phase");
  if (total > 0) out += " " + std::to_string(100 * std::min(done, total) / total) + " %";
  return out;
}

std::vector<std::string> row_of(const Json& job, std::string_view today) {
  const std::string state = text_in(job, "state"), last = text_in(job, "last_status");
  const bool runs = state == "running";
  std::vector<std::string> row{
      text_in(job, "job"), state,
      short_time(text_in(job, runs ? "started_at" : "last_finished_at"), today)};
  const auto progress = job.find("progress");
  if (progress != job.end() && progress->is_object()) {
    const std::int64_t done = number_in(*progress, "done");
    const double seconds = decimal_in(*progress, "seconds");
    const auto a_second =
        seconds > 0 ? static_cast<std::int64_t>(static_cast<double>(done) / seconds) : 0;
    row.insert(row.end(),
               {phase_of(*progress), count(done), count(a_second),
                count(number_in(*progress, "created")), count(number_in(*progress, "quarantined")),
                megabytes(number_in(*progress, "memory_bytes"))});
  } else {
    row.insert(row.end(), {"-", "-", "-", "-", "-", "-"});
  }
  row.push_back(last.empty() ? "-" : last);
  row.push_back(short_time(text_in(job, "next_at"), today));
  return row;
}

int rows_of_terminal() {
  struct winsize size {};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 2;
  return known ? size.ws_row : rows_without_terminal;
}

/// What runs stands first, then what waits, then by name.
int rank_of(const std::string& state) {
  return state == "running" ? 0 : state == "waiting" ? 1 : 2;
}

Result<std::string> screen_of(const std::string& service, const std::string& jobs,
                              std::string_view now, int rows) {
  const Json about = Json::parse(service, nullptr, false);
  const Json list = Json::parse(jobs, nullptr, false);
  if (!about.is_object() || !list.is_array()) return not_understood();
  std::vector<const Json*> sorted;
  for (const Json& job : list) {
    if (job.is_object()) sorted.push_back(&job);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const Json* a, const Json* b) {
    return rank_of(text_in(*a, "state")) < rank_of(text_in(*b, "state"));
  });
  std::size_t running = 0, failed = 0;
  Table table({"JOB", "state", "since", "phase", "done", "a second", "new", "quarantined", "memory",
               "last run", "next"});
  for (const Json* job : sorted) {
    const std::string last = text_in(*job, "last_status");
    running += text_in(*job, "state") == "running" ? 1 : 0;
    failed += !last.empty() && last != "done" && last != "partial" ? 1 : 0;
    table.add(row_of(*job, now));
  }
  std::string out = text_in(about, "project") + " · " + std::string(now.substr(0, 10)) + " " +
                    std::string(now.substr(11, 8)) + " UTC · " + std::to_string(sorted.size()) +
                    " jobs, " + std::to_string(running) + " running, " + std::to_string(failed) +
                    " failed last time\n";
  if (const std::string wrong = text_in(about, "last_reload_error"); !wrong.empty()) {
    out += "the last reload was refused: " + printable_line(wrong) + "\n";
  }
  if (!table.empty()) out += table.render();
  // What does not fit would push the first lines off the screen.
  std::size_t end = 0;
  for (int row = 0; row < rows - 1 && end != std::string::npos; ++row) {
    end = out.find('\n', end);
    if (end != std::string::npos) ++end;
  }
  return end == std::string::npos ? out : out.substr(0, end);
}

/// Over what stood there before; the sequences are ours, the text obeys no terminal.
void draw(const std::string& screen) {
  std::string out = "\033[H";
  std::size_t begin = 0;
  for (std::size_t end; (end = screen.find('\n', begin)) != std::string::npos; begin = end + 1) {
    out += printable_line(screen.substr(begin, end - begin)) + "\033[K\r\n";
  }
  (void)write_all(STDOUT_FILENO, out + "\033[J");
}

/// The terminal as it was, with what was there before.
class OtherScreen {
 public:
  OtherScreen() { (void)write_all(STDOUT_FILENO, "\033[?1049h\033[?25l"); }
  OtherScreen(const OtherScreen&) = delete;
  OtherScreen& operator=(const OtherScreen&) = delete;
  ~OtherScreen() { (void)write_all(STDOUT_FILENO, "\033[?25h\033[?1049l"); }
};

}  // namespace

int follow_events(const Options& options) {
  if (!options.words.empty()) {
    const std::string& job = options.words.front();
    const bool is_name = config::is_job_name(job);
    if (!is_name) return fail({ErrorCode::usage, "there is no job " + job});
    const auto known = ask_service(options, "GET", "/api/v1/jobs/" + job, "", answer_ms);
    if (!known.ok()) return fail(known.error());
  }
  Tail tail(options);
  const auto before =
      ask_service(options, "GET",
                  "/api/v1/events?limit=" +
                      std::to_string(std::clamp<std::size_t>(options.limit, 1, events_asked_for)),
                  "", answer_ms);
  if (!before.ok()) return fail(before.error());
  if (const Status shown = tail.show(*before); !shown.ok()) return fail(shown.error());
  while (!options.once && (tail.more() || wait_a_moment())) {
    const auto answer = ask_service(options, "GET",
                                    "/api/v1/events?after=" + std::to_string(tail.seen()) +
                                        "&limit=" + std::to_string(events_asked_for),
                                    "", answer_ms);
    if (!answer.ok()) return stop_requested().requested() ? 0 : fail(answer.error());
    if (const Status shown = tail.show(*answer); !shown.ok()) return fail(shown.error());
  }
  return 0;
}

int watch_jobs(const Options& options) {
  const bool stays = !options.once && options.output == "text" && ::isatty(STDOUT_FILENO) != 0;
  const SystemClock clock;
  std::optional<OtherScreen> screen;
  do {
    const auto service = ask_service(options, "GET", "/api/v1/status", "", answer_ms);
    const auto jobs = service.ok() ? ask_service(options, "GET", "/api/v1/jobs", "", answer_ms)
                                   : Result<std::string>(service.error());
    if (!jobs.ok()) {
      screen.reset();
      return stop_requested().requested() ? 0 : fail(jobs.error());
    }
    if (options.output == "json") {
      std::fputs(jobs->c_str(), stdout);
      return 0;
    }
    const auto shown = screen_of(*service, *jobs, format_time(clock.now()),
                                 stays ? rows_of_terminal() : rows_without_terminal);
    if (!shown.ok()) {
      screen.reset();
      return fail(shown.error());
    }
    if (!stays) {
      std::fputs(shown->c_str(), stdout);
      return 0;
    }
    if (!screen.has_value()) screen.emplace();
    draw(*shown);
  } while (wait_a_moment());
  return 0;
}

}  // namespace rondom::cli
