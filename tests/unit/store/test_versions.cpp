// The order of arrival does not matter: the rules of versions alone, and through the whole store.
#include <algorithm>
#include <map>
#include <random>

#include "store/versions.h"
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::Counted;
using store::KeyVersions;
using store::RowKind;
using store::Version;
using store::VersionKind;

namespace {

constexpr unsigned first_seed = 20260314;

constexpr std::uint64_t as_the_third = 4;  // another text, mapped to the same as that of 3

/// What the text is mapped to. Lives as long as the program.
std::span<const store::Output> outputs_of(std::uint64_t raw_hash) {
  static std::map<std::uint64_t, std::pair<std::string, store::Output>> known;
  auto& [content, output] = known[raw_hash];
  content = std::to_string(raw_hash == as_the_third ? 3 : raw_hash);
  output.canonical = content;
  return {&output, 1};
}

Version version(Timestamp at, std::uint64_t raw_hash, VersionKind kind = VersionKind::mapped) {
  Version made;
  if (kind == VersionKind::mapped) made.outputs = outputs_of(raw_hash);
  made.observed_at = at;
  made.raw_hash = raw_hash;
  made.kind = kind;
  return made;
}

std::string top_after(const std::vector<Version>& arrivals) {
  KeyVersions versions(false);
  std::vector<Version> set_aside;
  for (const Version& one : arrivals) {
    versions.receive(one, set_aside);
    versions.prune();
  }
  const Version* top = versions.top();
  if (!top) return "none";
  const std::string time = std::to_string(top->observed_at);
  return top->kind == VersionKind::removed
             ? "removed@" + time
             : std::string(top->outputs.front().canonical) + "@" + time;
}

struct Arrival {
  std::string key;
  Timestamp at;
  std::string content;
  RowKind kind;
};

/// At most three times for each key, so that no version that may return is dropped.
std::vector<Arrival> random_arrivals(std::mt19937& random) {
  std::vector<Arrival> arrivals;
  for (int key = 0; key < 6; ++key) {
    const int count = 1 + static_cast<int>(random() % 6);
    for (int i = 0; i < count; ++i) {
      const Timestamp at = random() % 5 == 0 ? no_time : static_cast<Timestamp>(1 + random() % 2);
      const auto kind = static_cast<int>(random() % 8);
      arrivals.push_back({"k" + std::to_string(key), at, "c" + std::to_string(random() % 3),
                          kind == 0   ? RowKind::removed
                          : kind == 1 ? RowKind::filtered
                                      : RowKind::mapped});
    }
  }
  // One raw content is either filtered or mapped, never both.
  for (Arrival& arrival : arrivals) {
    if (arrival.kind == RowKind::filtered) arrival.content = "filtered " + arrival.content;
  }
  return arrivals;
}

std::string outcome(Project& project) {
  std::string text;
  for (int key = 0; key < 6; ++key) {
    const std::string state = state_of(project, "k" + std::to_string(key));
    // A key that never was live has no record; one that was has a withdrawn one. Both are not live.
    text += state == "unknown" ? "withdrawn" : state;
    text += ' ';
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(versions)

BOOST_AUTO_TEST_CASE(the_newest_uncontradicted_version_counts) {
  BOOST_TEST(top_after({version(10, 1)}) == "1@10");
  BOOST_TEST(top_after({version(10, 1), version(20, 2)}) == "2@20");
  BOOST_TEST(top_after({version(10, 1), version(20, 2), version(20, 3)}) == "1@10");
  BOOST_TEST(top_after({version(20, 2), version(20, 3)}) == "none");
  BOOST_TEST(top_after({version(20, 2), version(20, 3), version(20, 2)}) == "none");
  BOOST_TEST(top_after({version(20, 2), version(20, 3), version(20, 0, VersionKind::removed)}) ==
             "removed@20");
  BOOST_TEST(top_after({version(20, 2), version(30, 2), version(30, 3)}) == "2@20");
}

BOOST_AUTO_TEST_CASE(texts_that_are_mapped_to_the_same_are_one_version) {
  KeyVersions versions(false);
  std::vector<Version> set_aside;
  BOOST_TEST((versions.receive(version(20, 3), set_aside) == Counted::created));
  BOOST_TEST((versions.receive(version(20, as_the_third), set_aside) == Counted::unchanged));
  BOOST_TEST(set_aside.empty());
  BOOST_TEST(versions.prune().size() == 1u);
  BOOST_TEST(versions.top()->raw_hash ==
             as_the_third);  // read last: another map may find more in it
  BOOST_TEST((versions.receive(version(20, 1), set_aside) == Counted::quarantined));
  BOOST_TEST(versions.top() == nullptr);
}

BOOST_AUTO_TEST_CASE(only_a_bounded_number_of_versions_is_held) {
  KeyVersions versions(false);
  std::vector<Version> set_aside;
  for (int i = 0; i < 100; ++i) {
    versions.receive(version(i, static_cast<std::uint64_t>(i + 1)), set_aside);
    if (i % 2) versions.receive(version(i, 1'000), set_aside);
    BOOST_TEST(versions.prune().size() <= store::versions_held_max);
  }
  std::size_t uncontradicted = 0;
  for (const Version& one : versions.prune())
    uncontradicted += one.kind != VersionKind::contradicted;
  BOOST_TEST(uncontradicted == store::versions_kept_max + 1);
}

BOOST_AUTO_TEST_CASE(every_order_of_arrival_ends_the_same) {
  for (unsigned seed = first_seed; seed < first_seed + 300; ++seed) {
    std::mt19937 random(seed);
    std::vector<Version> arrivals;
    const int count = 2 + static_cast<int>(random() % 5);
    for (int i = 0; i < count; ++i) {
      const auto kind = random() % 6 == 0 ? VersionKind::removed : VersionKind::mapped;
      arrivals.push_back(version(static_cast<Timestamp>(random() % 3), 1 + random() % 4, kind));
    }
    const std::string expected = top_after(arrivals);
    for (int permutation = 0; permutation < 30; ++permutation) {
      std::shuffle(arrivals.begin(), arrivals.end(), random);
      BOOST_REQUIRE_MESSAGE(top_after(arrivals) == expected, "seed " << seed);
    }
  }
}

STORE_TEST(every_order_and_every_split_into_batches_ends_the_same) {
  for (unsigned seed = first_seed; seed < first_seed + 4; ++seed) {
    std::mt19937 random(seed);
    auto arrivals = random_arrivals(random);
    std::string expected;
    for (int permutation = 0; permutation < 5; ++permutation) {
      Project fresh(project.backend());
      const auto stream = fresh.stream();
      store::StreamCounts counts;
      std::size_t next = 0;
      while (next < arrivals.size()) {
        Batch batch(stream, "run-" + std::to_string(random() % 2));
        for (std::size_t rows = 1 + random() % 6; rows > 0 && next < arrivals.size();
             --rows, ++next) {
          const Arrival& one = arrivals[next];
          if (one.kind == RowKind::mapped)
            batch.mapped(one.key, one.at, one.content);
          else
            batch.row(one.kind, one.key, one.at, one.content);
        }
        counts += apply(fresh, batch);
      }
      BOOST_TEST(counts.created >= 0);
      const std::string now = outcome(fresh);
      if (permutation == 0) expected = now;
      BOOST_REQUIRE_MESSAGE(now == expected,
                            "seed " << seed << ": " << now << " is not " << expected);
      std::vector<std::string> problems;
      require(fresh.store().verify(problems));
      BOOST_REQUIRE_MESSAGE(problems.empty(), "seed " << seed << ": verify finds problems");
      std::shuffle(arrivals.begin(), arrivals.end(), random);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
