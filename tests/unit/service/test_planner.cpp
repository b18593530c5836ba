// Which job starts when, under a clock that the test moves.
#include "service/planner.h"

#include <unistd.h>

#include <set>

#include "unit/service/support.h"
#include "unit/service/walk.h"

namespace rondom::service::test {
namespace {

constexpr std::int64_t hour = 60 * one_minute;
const Timestamp morning = at("2027-06-01T06:00:00Z");

config::Schedule every(std::int64_t span) {
  config::Schedule schedule;
  schedule.kind = config::Schedule::Kind::every;
  schedule.every = span;
  schedule.text = "every " + std::to_string(span);
  return schedule;
}

config::Schedule after(std::vector<std::string> jobs) {
  config::Schedule schedule;
  schedule.kind = config::Schedule::Kind::after;
  schedule.after = std::move(jobs);
  schedule.text = "after";
  return schedule;
}

config::Schedule continuous() {
  config::Schedule schedule;
  schedule.kind = config::Schedule::Kind::continuous;
  schedule.text = "continuous";
  return schedule;
}

std::string names(const Tick& tick) {
  std::string all;
  for (const Start& start : tick.starts) all += (all.empty() ? "" : " ") + start.job;
  return all;
}

std::int64_t missed(const Tick& tick) {
  std::int64_t all = 0;
  for (const Missed& one : tick.missed) all += one.count;
  return all;
}

/// A service that does nothing but let time pass: each run takes as long as its job says.
class World {
 public:
  explicit World(Timestamp start) : clock(start) {}

  void run_until(Timestamp end) {
    for (;;) {
      const Timestamp now = clock.now();
      while (!ends.empty() && ends.begin()->first <= now) {
        planner.ended(ends.begin()->second, Outcome::good, now);
        running.erase(ends.begin()->second);
        ends.erase(ends.begin());
      }
      const Tick tick = planner.tick(now);
      for (const Start& start : tick.starts) {
        BOOST_TEST(running.insert(start.job).second, start.job << " beside itself");
        most = std::max(most, running.size());
        started[start.job].push_back(now);
        ends.emplace(now + takes[start.job], start.job);
      }
      for (const Missed& one : tick.missed) missed_of[one.job] += one.count;
      Timestamp next = end;
      if (tick.look_again) next = std::min(next, *tick.look_again);
      if (!ends.empty()) next = std::min(next, ends.begin()->first);
      if (next >= end) break;
      BOOST_REQUIRE_GE(next, now);
      clock.advance(next - now);
    }
    clock.advance(end - clock.now());
  }

  Planner planner;
  ManualClock clock;
  std::map<std::string, std::int64_t> takes, missed_of;
  std::map<std::string, std::vector<Timestamp>> started;
  std::multimap<Timestamp, std::string> ends;
  std::set<std::string> running;
  std::size_t most = 0;
};

BOOST_AUTO_TEST_SUITE(planner)

// No run is missed, doubled or beside itself, through changes of the clock and a leap day.
BOOST_AUTO_TEST_CASE(four_hundred_days_of_many_kinds_start_as_a_walk_through_every_minute_says) {
  const Timestamp from = at("2027-06-01T00:00:00Z");
  constexpr std::size_t minutes = 400 * 24 * 60;
  const Timestamp until = from + std::int64_t(minutes - 1) * one_minute;
  World world(from);
  std::vector<PlannedJob> jobs = {{"hourly", every(hour), 0}, {"odd", every(37 * one_minute), 0}};
  std::map<std::string, std::vector<Timestamp>> wanted;
  for (const char* name : {"Europe/Amsterdam", "America/New_York"}) {
    const auto shown = walls(*expression::open_zone(name), from, minutes);
    for (const Kind& kind : kinds()) {
      const std::string job = kind.cron + " " + name;
      jobs.push_back({job, cron(kind.cron, name), 0});
      wanted[job] = walk(kind, shown, from);
      world.takes[job] = 90 * second;
    }
  }
  for (std::int64_t i = 0; from + i * hour < until; ++i)
    wanted["hourly"].push_back(from + i * hour);
  for (std::int64_t i = 0; from + i * 37 * one_minute < until; ++i) {
    wanted["odd"].push_back(from + i * 37 * one_minute);
  }
  PlannerOptions options;
  options.concurrency = jobs.size();
  world.planner.configure(jobs, options, from);
  world.run_until(until + 1);
  std::size_t compared = 0;
  for (const PlannedJob& job : jobs) {
    BOOST_TEST((world.started[job.name] == wanted[job.name]), job.name);
    BOOST_TEST(world.missed_of[job.name] == 0, job.name);
    compared += wanted[job.name].size();
  }
  BOOST_TEST(compared > 120'000U);
}

BOOST_AUTO_TEST_CASE(a_job_that_still_runs_is_not_started_twice_and_what_it_missed_is_counted) {
  World world(morning);
  world.takes["slow"] = 25 * one_minute;
  world.planner.configure({{"slow", every(10 * one_minute), 0}}, {}, morning);
  world.run_until(morning + 60 * one_minute);
  // Due at 0, 10, 20, 30, 40, 50; it runs 0-25 and 30-55.
  BOOST_TEST(world.started["slow"] == (std::vector<Timestamp>{morning, morning + 30 * one_minute}));
  BOOST_TEST(world.missed_of["slow"] == 4);
}

BOOST_AUTO_TEST_CASE(no_more_run_than_may_and_who_waits_longest_is_first) {
  World world(morning);
  for (const char* name : {"a", "b", "c"}) world.takes[name] = 4 * one_minute;
  PlannerOptions options;
  options.concurrency = 1;
  world.planner.configure({{"a", every(hour), 0}, {"b", every(hour), 0}, {"c", every(hour), 0}},
                          options, morning);
  world.run_until(morning + 30 * one_minute);
  BOOST_TEST(world.most == 1U);
  BOOST_TEST(world.started["c"].front() == morning + 8 * one_minute);
  // c was late and yet its row stands where it stood.
  world.takes["a"] = world.takes["b"] = 0;
  world.run_until(morning + 90 * one_minute);
  BOOST_TEST(world.started["c"].back() == morning + hour);

  Planner planner;
  planner.configure({{"a", every(hour), 0}, {"b", every(hour), 0}, {"c", every(hour), 0}}, options,
                    morning);
  BOOST_TEST(names(planner.tick(morning)) == "a");
  BOOST_TEST((planner.plan_of("b").state == JobPlan::State::waiting));
  BOOST_TEST(names(planner.tick(morning + second)) == "");
  planner.ended("a", Outcome::failed, morning + 2 * second);
  BOOST_TEST_REQUIRE(planner.trigger("a", {}, morning + 2 * second).ok());
  BOOST_TEST(names(planner.tick(morning + 2 * second)) == "b");
}

BOOST_AUTO_TEST_CASE(a_job_after_others_starts_when_each_has_ended_well_since_its_own_start) {
  Planner planner;
  PlannerOptions options;
  options.concurrency = 3;
  planner.configure({{"a", {}, 0}, {"b", {}, 0}, {"mail", after({"a", "b"}), 0}}, options, morning);
  Timestamp now = morning;
  const auto run = [&](const char* job, Outcome outcome) {
    BOOST_TEST_REQUIRE(planner.trigger(job, {}, now).ok());
    BOOST_TEST(names(planner.tick(now)) == job);
    planner.ended(job, outcome, now += second);
    return names(planner.tick(now));
  };
  BOOST_TEST(run("a", Outcome::good) == "");
  BOOST_TEST(run("b", Outcome::failed) == "");
  BOOST_TEST(run("a", Outcome::good) == "");
  BOOST_TEST(run("b", Outcome::good) == "mail");
  // Both end again while it runs: it starts again when it has ended, once.
  BOOST_TEST(run("a", Outcome::good) == "");
  BOOST_TEST(run("b", Outcome::good) == "");
  planner.ended("mail", Outcome::failed, now += second);
  BOOST_TEST(names(planner.tick(now)) == "mail");
  planner.ended("mail", Outcome::good, now += second);
  BOOST_TEST(names(planner.tick(now)) == "");
  // What others did outlives the service.
  run("a", Outcome::good);
  Planner next;
  for (const auto& [name, memory] : planner.memories()) next.remember(name, memory);
  next.configure({{"a", {}, 0}, {"b", {}, 0}, {"mail", after({"a", "b"}), 0}}, options, now);
  BOOST_TEST_REQUIRE(next.trigger("b", {}, now).ok());
  BOOST_TEST(names(next.tick(now)) == "b");
  next.ended("b", Outcome::good, now += second);
  BOOST_TEST(names(next.tick(now)) == "mail");
}

BOOST_AUTO_TEST_CASE(a_continuous_job_starts_again_and_rests_longer_after_each_failure) {
  Planner planner;
  planner.configure({{"live", continuous(), 0}}, {}, morning);
  Timestamp now = morning;
  BOOST_TEST(names(planner.tick(now)) == "live");
  std::vector<std::int64_t> rests;
  const auto rest_after = [&](Outcome outcome) {
    planner.ended("live", outcome, now);
    const Tick quiet = planner.tick(now);
    BOOST_TEST(names(quiet) == "");
    BOOST_TEST_REQUIRE(quiet.look_again.has_value());
    const std::int64_t rest = *quiet.look_again - now;
    now = *quiet.look_again;
    BOOST_TEST(names(planner.tick(now)) == "live");
    return rest / second;
  };
  BOOST_TEST(rest_after(Outcome::good) == 1);
  for (int i = 0; i < 12; ++i) rests.push_back(rest_after(Outcome::failed));
  BOOST_TEST(rests ==
             (std::vector<std::int64_t>{2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300}));
  BOOST_TEST(rest_after(Outcome::good) == 1);
}

BOOST_AUTO_TEST_CASE(starts_that_were_missed_while_nobody_looked_are_one_start_or_none) {
  const auto restarted = [](const config::Schedule& schedule, config::Serve::CatchUp catch_up,
                            std::int64_t away) {
    Planner before;
    before.configure({{"j", schedule, 0}}, {}, morning);
    before.tick(morning);
    before.ended("j", Outcome::good, morning + second);
    Planner planner;
    for (const auto& [name, memory] : before.memories()) planner.remember(name, memory);
    PlannerOptions options;
    options.catch_up = catch_up;
    planner.configure({{"j", schedule, 0}}, options, morning + away);
    const Tick tick = planner.tick(morning + away);
    return names(tick) + " " + std::to_string(missed(tick)) + " " + format_time(*tick.look_again);
  };
  using enum config::Serve::CatchUp;
  const config::Schedule hourly = every(hour);
  const config::Schedule daily = cron("0 6 * * *", "UTC");
  BOOST_TEST(restarted(hourly, one, 30 * one_minute) == " 0 2027-06-01T07:00:00Z");
  BOOST_TEST(restarted(hourly, one, 5 * hour + 90 * second) == "j 4 2027-06-01T12:00:00Z");
  BOOST_TEST(restarted(hourly, none, 5 * hour + 90 * second) == " 5 2027-06-01T12:00:00Z");
  BOOST_TEST(restarted(hourly, none, 5 * hour + 30 * second) == "j 4 2027-06-01T12:00:00Z");
  BOOST_TEST(restarted(daily, one, 49 * hour) == "j 1 2027-06-04T06:00:00Z");
  BOOST_TEST(restarted(daily, none, 49 * hour) == " 2 2027-06-04T06:00:00Z");
  // Years away are no long walk.
  BOOST_TEST(restarted(every(second), one, 1'000'000 * hour).substr(0, 12) == "j 3599999999");
}

BOOST_AUTO_TEST_CASE(a_renamed_job_goes_on_where_it_was) {
  for (const bool configured_first : {true, false}) {
    Planner planner;
    planner.configure({{"j", every(hour), 0}}, {}, morning);
    BOOST_TEST(names(planner.tick(morning)) == "j");
    planner.ended("j", Outcome::good, morning + one_minute);
    const auto known_by_its_new_name = [&] {
      planner.configure({{"k", every(hour), 0}}, {}, morning + 2 * one_minute);
    };
    if (configured_first) known_by_its_new_name();
    planner.rename("j", "k");
    planner.rename("nobody", "k");
    known_by_its_new_name();
    BOOST_TEST(names(planner.tick(morning + 3 * one_minute)) == "", configured_first);
    BOOST_TEST(planner.memories().at("k").last_start == morning);
    BOOST_TEST(names(planner.tick(morning + hour)) == "k");
  }
}

BOOST_AUTO_TEST_CASE(a_paused_job_does_not_start_by_itself_and_misses_nothing) {
  Planner planner;
  planner.configure({{"j", every(hour), 0}}, {}, morning);
  planner.tick(morning);
  BOOST_TEST_REQUIRE(planner.pause("j").ok());
  planner.ended("j", Outcome::good, morning + one_minute);
  BOOST_TEST((planner.plan_of("j").state == JobPlan::State::paused));
  BOOST_TEST(!planner.plan_of("j").next_at.has_value());
  Tick tick = planner.tick(morning + 3 * hour);
  BOOST_TEST(names(tick) == "");
  BOOST_TEST(missed(tick) == 0);
  // It outlives a restart.
  Planner next;
  for (const auto& [name, memory] : planner.memories()) next.remember(name, memory);
  next.configure({{"j", every(hour), 0}}, {}, morning + 5 * hour);
  tick = next.tick(morning + 5 * hour);
  BOOST_TEST(names(tick) == "");
  // Somebody who asks for it gets it.
  BOOST_TEST_REQUIRE(next.trigger("j", {"g1"}, morning + 6 * hour).ok());
  tick = next.tick(morning + 6 * hour);
  BOOST_TEST(names(tick) == "j");
  BOOST_TEST(tick.starts.front().accept == std::vector<std::string>{"g1"});
  BOOST_TEST((next.trigger("j", {}, morning + 6 * hour).error().code == ErrorCode::busy));
  next.ended("j", Outcome::good, morning + 6 * hour + second);
  BOOST_TEST_REQUIRE(next.resume("j", morning + 7 * hour + one_minute).ok());
  tick = next.tick(morning + 7 * hour + one_minute);
  BOOST_TEST(names(tick) == "");
  BOOST_TEST(missed(tick) == 0);
  BOOST_TEST(format_time(*tick.look_again) == "2027-06-01T14:00:00Z");
  BOOST_TEST((next.pause("k").error().code == ErrorCode::usage));
}

BOOST_AUTO_TEST_CASE(a_start_that_waits_can_be_called_off) {
  Planner planner;
  PlannerOptions options;
  options.concurrency = 1;
  planner.configure(
      {{"a", {}, 0}, {"b", {}, 0}, {"hourly", every(hour), 0}, {"then", after({"a"}), 0}}, options,
      morning);
  BOOST_TEST_REQUIRE(planner.trigger("a", {}, morning - hour).ok());
  BOOST_TEST(names(planner.tick(morning)) == "a");
  BOOST_TEST_REQUIRE(planner.trigger("b", {"g1"}, morning).ok());
  BOOST_TEST(!planner.withdraw("a", morning));  // it runs
  BOOST_TEST(!planner.withdraw("nobody", morning));
  BOOST_TEST(planner.withdraw("b", morning));
  BOOST_TEST(!planner.withdraw("b", morning));
  BOOST_TEST(planner.withdraw("hourly", morning));
  BOOST_TEST(!planner.memories()["b"].owed);
  planner.ended("a", Outcome::good, morning + one_minute);
  Timestamp now = morning + 2 * one_minute;
  BOOST_TEST(names(planner.tick(now)) == "then");
  planner.ended("then", Outcome::busy, now);
  BOOST_TEST(planner.withdraw("then", now));
  BOOST_TEST(names(planner.tick(now + one_minute)) == "");
  BOOST_TEST(names(planner.tick(morning + hour)) == "hourly");
  planner.ended("hourly", Outcome::good, morning + hour + second);
  // What was accepted for it is forgotten with it.
  now = morning + hour + one_minute;
  BOOST_TEST_REQUIRE(planner.trigger("b", {}, now).ok());
  BOOST_TEST(planner.tick(now).starts.front().accept.empty());
}

BOOST_AUTO_TEST_CASE(while_another_engine_holds_the_project_a_job_waits_and_has_not_run) {
  Planner planner;
  PlannerOptions options;
  options.concurrency = 1;
  planner.configure({{"a", {}, 0}, {"mail", after({"a"}), 0}}, options, morning);
  Timestamp now = morning;
  BOOST_TEST_REQUIRE(planner.trigger("a", {"g1"}, now).ok());
  for (const std::int64_t rest : {1, 2, 4, 8, 16, 30, 30}) {
    Tick tick = planner.tick(now);
    BOOST_TEST(names(tick) == "a");
    BOOST_TEST(tick.starts.front().accept.size() == 1U);
    planner.ended("a", Outcome::busy, now);
    BOOST_TEST(planner.memories()["a"].last_start == no_time);
    BOOST_TEST((planner.plan_of("a").state == JobPlan::State::waiting));
    tick = planner.tick(now);
    BOOST_TEST(names(tick) == "");
    BOOST_TEST((*tick.look_again - now) / second == rest);
    now = *tick.look_again;
  }
  BOOST_TEST(names(planner.tick(now)) == "a");
  planner.ended("a", Outcome::good, now += second);
  BOOST_TEST(names(planner.tick(now)) == "mail");
}

BOOST_AUTO_TEST_CASE(a_run_that_was_cut_or_never_got_its_turn_is_owed) {
  const std::vector<PlannedJob> jobs = {{"a", cron("0 6 * * *", "UTC"), 0},
                                        {"b", cron("0 6 * * *", "UTC"), 0},
                                        {"mail", after({"a"}), 0}};
  PlannerOptions options;
  options.concurrency = 1;
  const auto restarted = [&](const Planner& before, Timestamp now) {
    Planner next;
    for (const auto& [name, memory] : before.memories()) next.remember(name, memory);
    next.configure(jobs, options, now);
    std::string started;
    for (Tick tick = next.tick(now); !tick.starts.empty(); tick = next.tick(now)) {
      started += tick.starts.front().job + " ";
      next.ended(tick.starts.front().job, Outcome::failed, now);
    }
    return started;
  };
  Planner planner;
  planner.configure(jobs, options, morning - hour);
  BOOST_TEST(names(planner.tick(morning)) == "a");
  BOOST_TEST(restarted(planner, morning + hour) == "a b ");  // as after a power cut
  planner.ended("a", Outcome::cut, morning + second);
  BOOST_TEST(restarted(planner, morning + hour) == "a b ");
  BOOST_TEST(names(planner.tick(morning + second)) == "a");
  planner.ended("a", Outcome::good, morning + 2 * second);
  BOOST_TEST(restarted(planner, morning + hour) == "mail b ");  // what was due first
  BOOST_TEST_REQUIRE(planner.pause("b").ok());
  BOOST_TEST(restarted(planner, morning + hour) == "mail ");
}

BOOST_AUTO_TEST_CASE(what_somebody_asked_for_is_owed_with_what_was_accepted_and_paused_or_not) {
  const std::vector<PlannedJob> jobs = {{"a", every(hour), 0}};
  Planner planner;
  planner.configure(jobs, {}, morning);
  planner.tick(morning);
  planner.ended("a", Outcome::good, morning);
  BOOST_TEST_REQUIRE(planner.pause("a").ok());
  BOOST_TEST_REQUIRE(planner.trigger("a", {"g1"}, morning + second).ok());
  for (const bool began : {false, true}) {
    if (began) {
      BOOST_TEST(names(planner.tick(morning + second)) == "a");
      planner.ended("a", Outcome::cut, morning + 2 * second);
    }
    Planner next;
    for (const auto& [name, memory] : planner.memories()) next.remember(name, memory);
    next.configure(jobs, {}, morning + one_minute);
    const Tick tick = next.tick(morning + one_minute);
    BOOST_TEST_REQUIRE(names(tick) == "a");
    BOOST_TEST(tick.starts.front().triggered);
    BOOST_TEST(tick.starts.front().accept == std::vector<std::string>{"g1"});
    next.ended("a", Outcome::good, morning + 2 * one_minute);
    BOOST_TEST(next.memories()["a"].accept.empty());
    BOOST_TEST(!next.memories()["a"].triggered);
  }
}

BOOST_AUTO_TEST_CASE(another_configuration_keeps_what_was_and_a_new_schedule_is_not_late) {
  Planner planner;
  const auto known = [](const config::Schedule& schedule) {
    return std::vector<PlannedJob>{{"j", schedule, 0}};
  };
  planner.configure(known(every(24 * hour)), {}, morning);
  planner.tick(morning);
  planner.ended("j", Outcome::good, morning + second);
  planner.configure(known(every(24 * hour)), {}, morning + hour);  // as it was
  BOOST_TEST(format_time(*planner.plan_of("j").next_at) == "2027-06-02T06:00:00Z");
  planner.configure(known(every(hour)), {}, morning + 5 * hour);
  Tick tick = planner.tick(morning + 5 * hour);
  BOOST_TEST(names(tick) == "j");
  BOOST_TEST(missed(tick) == 0);
  planner.configure(known(cron("0 9 * * *", "UTC")), {}, morning + 5 * hour + one_minute);
  BOOST_TEST((planner.plan_of("j").state == JobPlan::State::running));
  planner.ended("j", Outcome::good, morning + 6 * hour);
  tick = planner.tick(morning + 6 * hour);
  BOOST_TEST(names(tick) == "");
  BOOST_TEST(missed(tick) == 0);
  BOOST_TEST(format_time(*tick.look_again) == "2027-06-02T09:00:00Z");
  planner.configure({}, {}, morning + 7 * hour);
  tick = planner.tick(morning + 100 * hour);
  BOOST_TEST(names(tick) == "");
  BOOST_TEST(!tick.look_again.has_value());
}

BOOST_AUTO_TEST_CASE(jitter_delays_within_its_limit_and_neither_doubles_nor_drops) {
  World world(morning);
  PlannerOptions options;
  options.jitter = 5 * one_minute;
  options.seed = 7;
  world.planner.configure({{"j", every(hour), 0}}, options, morning);
  world.run_until(morning + 100 * hour);
  const std::vector<Timestamp>& started = world.started["j"];
  BOOST_TEST(started.size() == 100U);
  std::set<std::int64_t> delays;
  for (std::size_t i = 0; i < started.size(); ++i) {
    const std::int64_t delay = started[i] - (morning + std::int64_t(i) * hour);
    BOOST_TEST(delay >= 0);
    BOOST_TEST(delay <= options.jitter);
    delays.insert(delay);
  }
  BOOST_TEST(delays.size() > 90U);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_stops_nothing_for_long) {
  for (const config::Schedule& schedule : {every(hour), cron("0 * * * *", "UTC")}) {
    Planner planner;
    planner.configure({{"j", schedule, 0}}, {}, morning + 1'000 * hour);
    planner.tick(morning + 1'001 * hour);
    planner.ended("j", Outcome::good, morning + 1'001 * hour + second);
    const Tick tick = planner.tick(morning);
    BOOST_TEST(names(tick) == "");
    BOOST_TEST(*tick.look_again == morning + hour);
    BOOST_TEST(names(planner.tick(morning + hour)) == "j");
  }
  using Jobs = std::vector<PlannedJob>;
  const Timestamp late = morning + 1'000 * hour;
  for (const bool restarted : {false, true}) {
    const auto at_morning = [&](Planner& planner, const Jobs& jobs) {
      Planner next;
      for (const auto& [name, memory] : planner.memories()) next.remember(name, memory);
      next.configure(jobs, {}, morning);
      if (restarted) planner = std::move(next);
    };
    // After others: not back to back, and again when they have ended again.
    const Jobs chain = {{"a", {}, 0}, {"mail", after({"a"}), 0}};
    Planner then;
    then.configure(chain, {}, late);
    BOOST_TEST_REQUIRE(then.trigger("a", {}, late).ok());
    BOOST_TEST(names(then.tick(late)) == "a");
    then.ended("a", Outcome::good, late + second);
    BOOST_TEST(names(then.tick(late + second)) == "mail");
    then.ended("mail", Outcome::good, late + 2 * second);
    at_morning(then, chain);
    BOOST_TEST(names(then.tick(morning)) == "");
    BOOST_TEST_REQUIRE(then.trigger("a", {}, morning + second).ok());
    BOOST_TEST(names(then.tick(morning + second)) == "a");
    then.ended("a", Outcome::good, morning + 2 * second);
    BOOST_TEST(names(then.tick(morning + 2 * second)) == "mail");
    then.ended("mail", Outcome::good, morning + 3 * second);
    BOOST_TEST(names(then.tick(morning + 3 * second)) == "");
  }
  Planner live;
  live.configure({{"live", continuous(), 0}}, {}, late);
  BOOST_TEST(names(live.tick(late)) == "live");
  live.ended("live", Outcome::failed, late);
  BOOST_TEST(names(live.tick(morning)) == "");
  BOOST_TEST(names(live.tick(morning + continuous_rest_max)) == "live");
  Planner held;
  held.configure({{"j", {}, 0}}, {}, late);
  BOOST_TEST_REQUIRE(held.trigger("j", {}, late).ok());
  BOOST_TEST(names(held.tick(late)) == "j");
  held.ended("j", Outcome::busy, late);
  BOOST_TEST(names(held.tick(morning)) == "");
  BOOST_TEST(names(held.tick(morning + busy_rest_max)) == "j");
  // An hour is no mistake: a time that was met is not met again.
  Planner planner;
  planner.configure({{"j", cron("0 7 * * *", "UTC"), 0}}, {}, morning);
  BOOST_TEST(names(planner.tick(morning + hour)) == "j");
  planner.ended("j", Outcome::good, morning + hour + second);
  BOOST_TEST(*planner.tick(morning + 30 * one_minute).look_again == morning + 25 * hour);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::service::test
