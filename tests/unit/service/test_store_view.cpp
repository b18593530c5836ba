// What the service tells of the store: at once, with its age, and every run once.
#include "service/store_view.h"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <future>
#include <nlohmann/json.hpp>

#include "unit/service/support.h"

namespace rondom::service::test {
namespace {

using nlohmann::json;

constexpr Timestamp start = 1'764'189'282'000'000;
constexpr auto patience = std::chrono::milliseconds(patience_ms);

/// A store that tells its runs as the verbs do.
class Runs {
 public:
  void add(std::int64_t read, Timestamp at) {
    runs_.push_back({{"run", "r" + std::to_string(next_++)},
                     {"started_at", format_time(at)},
                     {"status", "done"},
                     {"jobs",
                      {{{"job", "crm"},
                        {"streams", {{{"stream", "contacts"}, {"read", read}}}},
                        {"deliveries", nullptr}}}}});
  }
  void begin(Timestamp at) {
    runs_.push_back({{"run", "r" + std::to_string(next_++)},
                     {"started_at", format_time(at)},
                     {"status", "running"}});
  }
  void end(std::int64_t read) {
    json report = runs_.back();
    runs_.pop_back();
    --next_;
    add(read, *parse_time(report["started_at"].get<std::string>()));
  }
  void forget() { runs_.clear(); }

  std::optional<std::string> answer(const std::vector<std::string>& verb) {
    ++asked;
    if (verb.front() == "status") return R"({"records":1,"profiles":7,"last_run":null})";
    json out = json::array();
    const std::size_t limit = std::stoul(verb.back());
    if (verb[1] == "--limit") {
      for (auto at = runs_.rbegin(); at != runs_.rend() && out.size() < limit; ++at) {
        out.push_back(*at);
      }
      return out.dump();
    }
    auto at = std::find_if(runs_.begin(), runs_.end(),
                           [&](const json& run) { return run["run"] == verb[2]; });
    if (at == runs_.end()) return std::nullopt;
    while (++at != runs_.end() && out.size() < limit) out.push_back(*at);
    return out.dump();
  }
  StoreView::Ask ask() {
    return [this](const std::vector<std::string>& verb) { return answer(verb); };
  }

  int asked = 0;

 private:
  std::deque<json> runs_;
  int next_ = 0;
};

std::int64_t read_by(StoreView& view) {
  view.look();
  const StoreFigures figures = view.figures();
  BOOST_TEST(figures.up);
  const auto found = figures.records.find({"crm", "read"});
  return found == figures.records.end() ? 0 : found->second;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_view)

BOOST_AUTO_TEST_CASE(who_asks_waits_for_the_first_look_and_for_no_other) {
  ManualClock clock(start);
  std::promise<void> first, looks_again, let_go;
  std::shared_future<void> gone_on(let_go.get_future());
  std::atomic<int> looks{0};
  StoreView view(clock, start, [&](const std::vector<std::string>& verb) {
    if (verb.front() != "status") return std::optional<std::string>("[]");
    if (++looks == 1) first.get_future().wait();
    if (looks == 2) {
      looks_again.set_value();
      gone_on.wait();
    }
    return std::optional<std::string>("{\"profiles\":" + std::to_string(looks) + "}");
  });
  BOOST_TEST(!view.known().has_value());
  view.start();
  auto asking = std::async(std::launch::async, [&] { return view.figures(); });
  BOOST_TEST((asking.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout));
  first.set_value();
  BOOST_REQUIRE((asking.wait_for(patience) == std::future_status::ready));
  BOOST_TEST(asking.get().totals.at("profiles") == 1);

  clock.advance(61 * test::second);
  auto another = std::async(std::launch::async, [&] { return view.figures(); });
  looks_again.get_future().wait();  // and goes on and on
  auto again = std::async(std::launch::async, [&] { return view.figures(); });
  const bool at_once = another.wait_for(patience) == std::future_status::ready &&
                       again.wait_for(patience) == std::future_status::ready;
  let_go.set_value();
  BOOST_REQUIRE(at_once);
  const StoreFigures figures = again.get();
  BOOST_TEST(figures.totals.at("profiles") == 1);
  BOOST_TEST(*figures.age == 61 * test::second);
  BOOST_TEST(figures.up);
}

BOOST_AUTO_TEST_CASE(who_asks_does_not_wait_for_a_first_look_without_end) {
  ManualClock clock(start);
  std::promise<void> let_go;
  std::shared_future<void> gone_on(let_go.get_future());
  StoreView view(clock, start, [&](const std::vector<std::string>&) {
    gone_on.wait();
    return std::optional<std::string>();
  });
  view.start();
  auto asking = std::async(std::launch::async, [&] { return view.figures(); });
  const bool came_back = asking.wait_for(patience) == std::future_status::ready;
  // And nobody at all once it is let go of, though the look goes on.
  view.let_go();
  auto another = std::async(std::launch::async, [&] { return view.figures(); });
  const bool at_once = another.wait_for(patience) == std::future_status::ready;
  let_go.set_value();
  BOOST_TEST(came_back);
  BOOST_TEST(at_once);
  BOOST_TEST(!asking.get().age.has_value());
}

BOOST_AUTO_TEST_CASE(each_run_is_counted_once_however_many_there_were) {
  const ManualClock clock(start);
  Runs runs;
  for (int i = 0; i < 150; ++i)
    runs.add(1'000'000, start - 10 * test::second);  // before the service
  for (int i = 0; i < 250; ++i) runs.add(1, start + i);
  StoreView view(clock, start, runs.ask());
  BOOST_TEST(read_by(view) == 250);
  BOOST_TEST(read_by(view) == 250);
  runs.add(10, start + 300 * test::second);
  BOOST_TEST(read_by(view) == 260);
  for (int i = 0; i < 730; ++i) runs.add(1, start + 400 * test::second);
  BOOST_TEST(read_by(view) == 990);
  // More than one look reads: the next one goes on.
  for (std::size_t i = 0; i < store_view_runs_max + 5; ++i) runs.add(1, start + 500 * test::second);
  runs.asked = 0;
  BOOST_TEST(read_by(view) == 990 + static_cast<std::int64_t>(store_view_runs_max));
  BOOST_TEST(runs.asked == 1 + static_cast<int>(store_view_runs_max / store_view_page));
  BOOST_TEST(read_by(view) == 995 + static_cast<std::int64_t>(store_view_runs_max));
}

BOOST_AUTO_TEST_CASE(a_run_that_goes_on_is_counted_when_it_has_ended) {
  const ManualClock clock(start);
  Runs runs;
  runs.begin(start);
  StoreView view(clock, start, runs.ask());
  BOOST_TEST(read_by(view) == 0);
  runs.end(5);
  BOOST_TEST(read_by(view) == 5);
  runs.begin(start + test::second);  // killed: it never ends
  BOOST_TEST(read_by(view) == 5);
  runs.add(7, start + 2 * test::second);
  BOOST_TEST(read_by(view) == 12);
  BOOST_TEST(read_by(view) == 12);
}

BOOST_AUTO_TEST_CASE(another_store_in_its_place_begins_anew_and_takes_nothing_away) {
  const ManualClock clock(start);
  Runs runs;
  for (int i = 0; i < 3; ++i) runs.add(5, start + i * test::second);
  StoreView view(clock, start, runs.ask());
  BOOST_TEST(read_by(view) == 15);
  runs.forget();
  BOOST_TEST(read_by(view) == 15);
  runs.add(5, start + test::second);  // of a backup: counted before
  runs.add(2, start + 100 * test::second);
  BOOST_TEST(read_by(view) == 17);
  BOOST_TEST(read_by(view) == 17);
}

BOOST_AUTO_TEST_CASE(what_was_known_is_told_with_its_age_while_the_store_is_away) {
  ManualClock clock(start);
  bool there = false;
  Runs runs;
  StoreView view(clock, start, [&](const std::vector<std::string>& verb) {
    return there ? runs.answer(verb) : std::optional<std::string>();
  });
  view.look();
  BOOST_TEST(!view.figures().up);
  BOOST_TEST(!view.figures().age.has_value());
  there = true;
  view.look();
  there = false;
  clock.advance(30 * test::second);
  view.look();
  const StoreFigures figures = *view.known();
  BOOST_TEST(!figures.up);
  BOOST_TEST(figures.totals.at("profiles") == 7);
  BOOST_TEST(*figures.age == 30 * test::second);
}

BOOST_AUTO_TEST_CASE(a_store_that_was_away_is_looked_for_soon) {
  ManualClock clock(start);
  std::promise<void> again;
  std::atomic<int> looks{0};
  StoreView view(clock, start, [&](const std::vector<std::string>& verb) {
    if (verb.front() != "status") return std::optional<std::string>("[]");
    if (++looks == 1) return std::optional<std::string>();
    if (looks == 2) again.set_value();
    return std::optional<std::string>("{}");
  });
  view.start();
  BOOST_TEST(!view.figures().up);
  clock.advance(store_view_away_seconds * test::second - 1);
  BOOST_TEST(!view.figures().up);
  BOOST_TEST(looks == 1);
  clock.advance(1);
  (void)view.figures();
  BOOST_REQUIRE((again.get_future().wait_for(patience) == std::future_status::ready));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::service::test
