// Measures layer 2 of resolving on people from a seed, stage by stage:
//   bench-likeness PEOPLE [THREADS] [SEED] [train]
//
// Two records a person on average, in three systems, with slips, gaps, other addresses and
// housemates. Records are in memory when the clock starts; printed are the seconds of each stage,
// the greatest memory the process had until then, and what the groups are worth. With `train` the
// model is fitted first, which counts as a stage.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/town.h"
#include "pipeline/resolve/likeness.h"
#include "pipeline/resolve/quality.h"

namespace {

namespace resolve = rondom::resolve;
namespace probabilistic = rondom::probabilistic;

class Stages {
 public:
  void done(const char* name) {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("%-28s %8.2f s   %6ld MB\n", name, seconds, usage.ru_maxrss / 1024);
    std::fflush(stdout);
    total_ += seconds;
    last_ = std::chrono::steady_clock::now();
  }
  void restart() { last_ = std::chrono::steady_clock::now(), total_ = 0; }
  double total() const { return total_; }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  double total_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench-likeness PEOPLE [THREADS] [SEED] [train]\n");
    return 2;
  }
  const std::uint64_t people = std::strtoull(argv[1], nullptr, 10);
  const std::size_t threads = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2;
  const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  Stages stages;
  rondom::bench::Town town(people, seed);
  stages.done("records made");
  stages.restart();
  rondom::config::Diagnostics diagnostics;
  probabilistic::Model model =
      probabilistic::parse_model(probabilistic::shipped_model("person-1"), "person-1", diagnostics);
  const resolve::Rules rules(rondom::bench::contact_points_join());
  resolve::Likeness likeness(rules, model, std::move(town.candidates()), {});
  stages.done("identifiers and features");
  if (argc > 4) {
    model = probabilistic::train(model, likeness.features(), threads).model;
    stages.done("train");
    stages.restart();
  }
  const auto cluster_rules = probabilistic::rules_of(model);
  const auto pairs = likeness.compare(model, cluster_rules.review_at, threads);
  stages.done("blocks and pairs");
  const auto clusters = likeness.cluster(model, pairs, cluster_rules);
  stages.done("groups");
  const auto truth = town.truth_of(likeness.candidates());
  const resolve::Quality quality = resolve::quality(clusters.group, truth);
  std::uint64_t hash = 0;
  for (const std::uint32_t group : clusters.group) hash = hash * 1'099'511'628'211u + group;
  std::printf(
      "%zu records, %lld pairs compared, %zu worth a look, %zu joins: %.2f s with %zu threads\n",
      likeness.candidates().size(), static_cast<long long>(pairs.compared), pairs.scored.size(),
      clusters.joins.size(), stages.total(), threads);
  std::printf("precision %.4f recall %.4f F1 %.4f; groups %016llx; model %s\n", quality.precision,
              quality.recall, quality.f1, static_cast<unsigned long long>(hash),
              probabilistic::fingerprint(model).c_str());
  for (const auto& rule : pairs.rules) {
    std::printf("  %-46s %12lld pairs, largest %8lld, cut %8lld blocks %14lld pairs\n",
                rule.name.c_str(), static_cast<long long>(rule.pairs),
                static_cast<long long>(rule.largest), static_cast<long long>(rule.cut_blocks),
                static_cast<long long>(rule.cut_pairs));
  }
  return 0;
}
