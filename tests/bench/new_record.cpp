// What one new record costs in a large store, with likeness: bench-new-record PEOPLE [NEW] [SEED]
// [FOLDER]
//
// Two records a person on average (town.h) are put into a store in a folder of its own and unified,
// but for NEW of them (1,000 unless told), spread over all people. What the load left to write is
// written. Then those come one by one; each is put into the store and unified, and a clock runs for
// both. Printed: what the first load took, and of the new records the median, the 99th percentile
// and the longest, in milliseconds, with how many had to be compared with everybody. The first 100
// come to caches that hold other pages and stand for themselves.
//
// The loaded store is kept in FOLDER where one is told, and taken from there where it is already:
// for measuring a change to what one record costs, which should not have to wait for the load
// again.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "bench/town.h"
#include "engine/likeness/state.h"
#include "engine/unify.h"

namespace {

using namespace rondom;
using Stopwatch = std::chrono::steady_clock;

constexpr std::size_t new_unless_told = 1'000;
constexpr std::size_t rows_per_batch = 20'000;
constexpr std::size_t first_ones = 100;

double seconds_since(Stopwatch::time_point start) {
  return std::chrono::duration<double>(Stopwatch::now() - start).count();
}

template <typename T>
T value_of(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(*result);
}
void require(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.error().message.c_str());
  std::exit(1);
}

/// A project and its store in a folder that goes with it.
class Place {
 public:
  explicit Place(const std::filesystem::path& kept) {
    std::string folder = (std::filesystem::temp_directory_path() / "rondom-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) std::exit(1);
    folder_ = folder;
    write("rondom.yaml",
          "project: town\ndefaults: { country: NL, language: nl, currency: EUR, time_zone: "
          "Europe/Amsterdam }\n");
    write("identity.yaml",
          "identifiers:\n"
          "  - { namespace: email, class: strong, max_per_profile: 5 }\n"
          "  - { namespace: phone, class: strong, max_per_profile: 5 }\n"
          "probabilistic: {}\n");
    config::Diagnostics diagnostics;
    project_ = config::load_project(folder_, "", diagnostics);
    identity_ = std::make_unique<resolve::Rules>(project_.identity);
    merge_ = std::make_unique<merge::Rules>(project_, diagnostics);
    if (!diagnostics.empty()) {
      std::fprintf(stderr, "%s\n", diagnostics.render(folder_).c_str());
      std::exit(1);
    }
    models_ = value_of(engine::LikenessModels::load(project_));
    if (!kept.empty() && std::filesystem::exists(kept)) {
      std::filesystem::copy(kept / "state.db", file());
    }
    open();
  }
  ~Place() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  /// Puts a copy of the whole store into that folder.
  void keep(const std::filesystem::path& folder) {
    store_.reset();
    std::filesystem::create_directories(folder);
    std::filesystem::copy(file(), folder / "state.db");
    open();
  }

  void put(std::span<const resolve::Candidate* const> records) {
    std::map<std::string_view, std::vector<const resolve::Candidate*>> by_stream;
    for (const resolve::Candidate* one : records) by_stream[one->source_and_stream].push_back(one);
    for (const auto& [stream, members] : by_stream) {
      store::IngestBatch batch;
      const std::size_t dot = stream.find('.');
      const std::string source(stream.substr(0, dot));
      batch.stream = value_of(store_->stream(source, stream.substr(dot + 1), source)).id;
      batch.job = source;
      batch.run = "run";
      batch.map_fingerprint = 1;
      std::vector<store::Output> outputs;
      outputs.reserve(members.size());
      for (const resolve::Candidate* one : members) {
        store::Output& output = outputs.emplace_back();
        output.entity = Entity::person;
        output.key = one->name.substr(one->name.find('/') + 1);
        output.canonical = one->canonical;
        store::Row row;
        row.key = output.key;
        row.observed_at = 1;
        row.raw = "{}";
        row.raw_hash = hash64(one->canonical);
        row.outputs = {&output, 1};
        batch.rows.push_back(row);
      }
      (void)value_of(store_->apply(batch));
    }
  }

  /// Puts and unifies all of them, and prints what that took.
  void load(std::span<const resolve::Candidate* const> records) {
    auto start = Stopwatch::now();
    for (std::size_t i = 0; i < records.size(); i += rows_per_batch) {
      put(records.subspan(i, std::min(rows_per_batch, records.size() - i)));
    }
    const double putting = seconds_since(start);
    start = Stopwatch::now();
    const engine::UnifyReport report = unify();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf(
        "%zu records put in %.1f s and unified to %lld profiles in %.1f s; %ld MB, store %llu MB\n",
        records.size(), putting, static_cast<long long>(report.total), seconds_since(start),
        usage.ru_maxrss / 1024, static_cast<unsigned long long>(store_bytes() >> 20));
    print_stages(static_cast<double>(records.size()));
  }

  engine::UnifyReport unify() {
    engine::UnifyJob job;
    job.project = &project_;
    job.identity = identity_.get();
    job.merge = merge_.get();
    job.run = "run";
    job.profile_key = "secret of the bench";
    job.likeness = &models_;
    job.timers = &timers_;
    engine::UnifyReport report;
    require(engine::unify(job, *store_, report));
    return report;
  }

  /// What the stages took since the last call, a line of so many records each.
  void print_stages(double records) {
    for (const engine::StageTime& stage : timers_.times()) {
      std::printf("  %-22s %10.3f s, %8.3f ms each\n", stage.stage.c_str(), stage.busy_seconds,
                  stage.busy_seconds * 1e3 / records);
    }
    timers_ = {};
    std::fflush(stdout);
  }
  std::uintmax_t store_bytes() const { return std::filesystem::file_size(file()); }

 private:
  std::string file() const { return folder_ + "/state.db"; }
  void open() {
    store::Options options;
    options.sqlite_file = file();
    options.owner = "bench-new-record";
    store_ = value_of(store::open(options, clock_));
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }

  std::string folder_;
  SystemClock clock_;
  config::Project project_;
  std::unique_ptr<resolve::Rules> identity_;
  std::unique_ptr<merge::Rules> merge_;
  engine::LikenessModels models_;
  std::unique_ptr<store::Store> store_;
  engine::StageTimers timers_;
};

void print_times(const char* name, std::vector<double> seconds) {
  if (seconds.empty()) return;
  std::sort(seconds.begin(), seconds.end());
  const auto at = [&](std::size_t percent) {
    return seconds[std::min(seconds.size() - 1, seconds.size() * percent / 100)] * 1e3;
  };
  std::printf("%-22s median %8.2f ms   99th percentile %8.2f ms   longest %8.2f ms\n", name, at(50),
              at(99), seconds.back() * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench-new-record PEOPLE [NEW] [SEED] [FOLDER]\n");
    return 2;
  }
  const std::uint64_t people = std::strtoull(argv[1], nullptr, 10);
  const std::size_t wanted = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : new_unless_told;
  bench::Town town(people, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  const auto& all = town.candidates();
  const std::size_t every = std::max<std::size_t>(2, all.size() / std::max<std::size_t>(1, wanted));

  const std::filesystem::path kept = argc > 4 ? argv[4] : "";
  const bool is_loaded = !kept.empty() && std::filesystem::exists(kept);
  Place place(kept);
  std::vector<const resolve::Candidate*> early, later;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_late = i % every == every - 1 && later.size() < wanted;
    (is_late ? later : early).push_back(&all[i]);
  }
  if (!is_loaded) {
    place.load(early);
    if (!kept.empty()) place.keep(kept);
  }

  ::sync();
  std::vector<double> whole, unifying, unifying_first;
  std::size_t everybody = 0;
  for (std::size_t i = 0; i < later.size(); ++i) {
    const resolve::Candidate* const one = later[i];
    const auto start = Stopwatch::now();
    place.put({&one, 1});
    const auto middle = Stopwatch::now();
    const engine::UnifyReport report = place.unify();
    if (i < first_ones) {
      unifying_first.push_back(seconds_since(middle));
    } else {
      unifying.push_back(seconds_since(middle));
      whole.push_back(seconds_since(start));
    }
    if (!report.compared_everybody.empty()) {
      ++everybody;
      std::printf("compared everybody: %s\n", report.compared_everybody.c_str());
    }
  }
  if (later.empty()) return 0;
  print_times("unified, the first 100", unifying_first);
  print_times("put and unified", whole);
  print_times("unified", unifying);
  place.print_stages(static_cast<double>(later.size()));
  std::printf("%zu of %zu new records were compared with everybody\n", everybody, later.size());
  return 0;
}
