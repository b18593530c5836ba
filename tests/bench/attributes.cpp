// What derived attributes cost where the program computes them: bench-attributes PROJECT [THREADS]
//
// PROJECT is bench/attributes with customers and activities in its store (attributes.sh). Computes
// all its attributes over everybody, as audiences, deliveries and exports do: profiles by pages,
// their records, actors, activities and values from the store, each order once, every attribute of
// each. Then the same of 1,000 profiles that lie anywhere, reader and plan made for it, as after a
// day's changes; and on one thread, what one profile costs, also to find when time changes each
// value, and to interpret one definition after another, which is the reference of the same run.
// Everything is computed, nothing written.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "base/base.h"
#include "engine/activity_values.h"
#include "engine/attributes.h"
#include "expression/expression.h"
#include "pipeline/segment/segment.h"

namespace {

using namespace rondom;
using Stopwatch = std::chrono::steady_clock;

constexpr std::size_t profiles_per_page = 2'000, touched = 1'000, interpreted_profiles = 50;
constexpr int rounds = 3;
constexpr std::size_t everybody = 100'000'000;

template <typename T>
T value_of(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(*result);
}

double seconds_since(Stopwatch::time_point start) {
  return std::chrono::duration<double>(Stopwatch::now() - start).count();
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// Of all threads, in this program and for it in the system.
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Work {
  const config::Project& project;
  store::Store& store;
  Timestamp as_of;

  std::unique_ptr<engine::AttributeReader> reader(std::size_t threads,
                                                  const engine::SweepLimits& limits = {}) const {
    return value_of(engine::AttributeReader::make(project, store, Entity::person, as_of, nullptr,
                                                  threads, limits));
  }
};

struct Found {
  std::size_t profiles = 0, values = 0, moments = 0;
  std::uint64_t hash = 0;  // of all values

  void add(const engine::AttributeReader& reader, std::span<const store::Profile> page,
           std::string& text) {
    for (const store::Profile& profile : page) {
      ++profiles;
      text.clear();
      for (const enrich::Computed& one : reader.computed(profile.id)) {
        values += one.value.is_null() ? 0 : 1;
        moments += one.changes_at == no_time ? 0 : 1;
        if (profiles % 100 == 0) one.value.append_json(text);
      }
      if (profiles % 100 == 0) hash = Hasher().add(hash).add(text).value();
    }
  }
};

Found scan(const Work& work, std::size_t threads, std::size_t profiles_max,
           enrich::Changes changes) {
  engine::SweepLimits limits;
  if (profiles_max != everybody) limits.after_profiles = everybody;  // nobody wants the rest
  const auto reader = work.reader(threads, limits);
  Found found;
  std::string text;
  store::ProfileId after = 0;
  while (found.profiles < profiles_max) {
    const auto page = value_of(work.store.scan_profiles(after, profiles_per_page));
    if (page.empty()) break;
    const Status loaded = reader->load(page, changes);
    if (!loaded.ok()) std::exit(1);
    found.add(*reader, page, text);
    after = page.back().id;
  }
  return found;
}

/// The best of three rounds: seconds of the processor, which others on the machine disturb less.
template <typename Once>
double measure(Once once) {
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < rounds; ++round) {
    const double before = processor_seconds();
    once();
    best = std::min(best, processor_seconds() - before);
  }
  return best;
}

/// Microseconds a profile to interpret every definition, the values in memory.
double interpret(const Work& work, const enrich::Plan& plan) {
  const auto page = value_of(work.store.scan_profiles(0, interpreted_profiles));
  engine::ActivityReader activities(work.project, work.store, work.as_of);
  const auto all = value_of(activities.read(page));
  std::vector<expression::Expression> definitions(plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) {
    expression::Problem problem;
    (void)expression::Expression::compile(plan.attribute(i).value.text, definitions[i], problem);
  }
  Arena arena;
  const double seconds = measure([&] {
    for (std::size_t i = 0; i < page.size(); ++i) {
      arena.reset();
      const Value profile = segment::profile_value(page[i].values, Entity::person, arena);
      std::vector<Member> members;
      for (std::uint32_t k = 0; k < profile.size(); ++k) members.push_back(profile.member(k));
      for (std::size_t k = 0; k < activity_lists_count; ++k) {
        members.push_back({activity_lists()[k].name, engine::list_value(all[i], k, arena)});
      }
      expression::Scope scope;
      scope.current = scope.root = Value::object(members.data(), std::uint32_t(members.size()));
      scope.as_of = work.as_of;
      scope.time_zone = work.project.defaults.time_zone;
      scope.arena = &arena;
      for (const expression::Expression& definition : definitions) {
        (void)definition.evaluate(scope);
      }
    }
  });
  return seconds * 1e6 / static_cast<double>(page.size());
}

}  // namespace

int main(int count_of_words, char** words) {
  if (count_of_words < 2) {
    std::fprintf(stderr, "usage: bench-attributes PROJECT [THREADS]\n");
    return 2;
  }
  const std::string folder = words[1];
  const std::size_t threads = count_of_words > 2 ? std::strtoull(words[2], nullptr, 10) : 2;
  config::Diagnostics diagnostics;
  const config::Project project = config::load_project(folder, "", diagnostics);
  if (!diagnostics.empty()) {
    std::fprintf(stderr, "%s\n", diagnostics.render(folder).c_str());
    return 1;
  }
  const SystemClock clock;
  store::Options options;
  options.sqlite_file = folder + "/var/rondom.db";
  options.read_only = true;
  const auto store = value_of(store::open(options, clock));
  const Work work{project, *store, parse_time("2026-03-14T12:00:00Z").value()};
  const auto plan_reader = work.reader(1);
  const enrich::Plan& plan = plan_reader->plan();

  auto start = Stopwatch::now();
  const double before = processor_seconds();
  const Found all = scan(work, threads, everybody, enrich::Changes::ignore);
  const double full = seconds_since(start), processor = processor_seconds() - before;
  const double full_memory = peak_megabytes();
  std::printf("%zu attributes (%zu aggregates planned, %zu interpreted), %zu profiles\n",
              plan.size(), plan.shares().planned, plan.shares().interpreted, all.profiles);
  std::printf("%-60s %9.1f s (%.1f s of processors), %.0f MB at most\n",
              ("everybody, from the store, " + std::to_string(threads) + " threads").c_str(), full,
              processor, full_memory);

  // As far apart as they can be: nothing that one of them needs was read for another.
  std::vector<store::ProfileId> ids;
  const std::size_t step = std::max<std::size_t>(1, all.profiles / touched);
  for (std::size_t i = 0; ids.size() < std::min(touched, all.profiles); ++i) {
    ids.push_back(static_cast<store::ProfileId>(1 + i * step));
  }
  std::size_t reached = 0;
  start = Stopwatch::now();
  {
    const auto reader = work.reader(threads);
    const auto some = value_of(store->profiles(ids));
    if (!reader->load(some, enrich::Changes::ignore).ok()) return 1;
    reached = some.size();
  }
  std::printf("%-60s %9.3f s\n", (std::to_string(reached) + " profiles anywhere").c_str(),
              seconds_since(start));

  const std::size_t sample = std::min<std::size_t>(all.profiles, 10'000);
  const auto a_profile = [&](const char* what, double microseconds) {
    std::printf("%-60s %9.1f us a profile\n", what, microseconds);
  };
  const auto of_sample = [&](enrich::Changes changes, Found& found) {
    return measure([&] { found = scan(work, 1, sample, changes); }) * 1e6 /
           static_cast<double>(sample);
  };
  Found one_thread, with_moments;
  a_profile("of them 10,000, one thread", of_sample(enrich::Changes::ignore, one_thread));
  a_profile("... and when time changes each value", of_sample(enrich::Changes::find, with_moments));
  a_profile("reference: each definition interpreted, values in memory", interpret(work, plan));
  std::printf("%zu values; %zu moments of the sample; values %016llx\n", all.values,
              with_moments.moments, static_cast<unsigned long long>(all.hash));
  return 0;
}
