// Measures layer 2 of resolving on people from a seed, stage by stage:
//   bench-likeness PEOPLE [THREADS] [SEED] [train]
//
// Two records a person on average, in three systems, with slips, gaps, other addresses and housemates. Records are
// in memory when the clock starts; printed are the seconds of each stage, the greatest memory the process had until
// then, and what the groups are worth. With `train` the model is fitted first, which counts as a stage.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>

#include "pipeline/resolve/likeness.h"
#include "pipeline/resolve/quality.h"
#include "support/people.h"

namespace {

using rondom::AttributeId;
using rondom::support::Dice;
namespace attribute = rondom::attribute;
namespace resolve = rondom::resolve;
namespace probabilistic = rondom::probabilistic;

constexpr std::array roots = {"bui",  "wester", "ooster", "vel",   "hout",  "goud",
                              "zand", "linden", "roo",    "eik",   "beu",   "har",
                              "stel", "kui",    "ril",    "dom",   "mees",  "pol",
                              "sche", "wiel",   "kamp",   "lange", "korte", "bier"};
constexpr std::array ends = {"stra",  "huis", "mans", "sen", "berg", "veld", "dijk", "ink",
                             "hoven", "kamp", "beek", "ma",  "wijk", "laar", "ker",  "ders"};

/// Few common ones, many rare ones.
std::string surname(Dice& dice) {
  const std::uint64_t kind = dice.roll(10);
  if (kind < 3) return rondom::support::make_person(1, dice.roll(100)).surname;
  std::string name = roots[dice.roll(roots.size())];
  if (kind > 5) name += roots[dice.roll(roots.size())];
  return name + ends[dice.roll(ends.size())];
}

struct Somebody {
  std::string given, surname, birth, email, phone, street, number, postcode;
};

class Town {
 public:
  Town(std::uint64_t people, std::uint64_t seed) : dice_(seed) {
    Somebody housemate;
    for (std::uint64_t number = 0; number < people; ++number) {
      Somebody one = somebody(seed, number);
      if (dice_.chance(45) && number > 0) {
        one.street = housemate.street, one.number = housemate.number;
        one.postcode = housemate.postcode;
        if (dice_.chance(70)) one.surname = housemate.surname;
        if (dice_.chance(20)) one.email = housemate.email;
      }
      for (std::uint64_t count = 1 + dice_.roll(3); count > 0; --count) {
        add(one);
        truth_.push_back(static_cast<std::uint32_t>(number));
      }
      housemate = std::move(one);
    }
  }
  std::vector<resolve::Candidate>& candidates() { return candidates_; }
  /// By record name.
  std::vector<std::uint32_t> truth_of(const std::vector<resolve::Candidate>& candidates) const {
    std::vector<std::uint32_t> out;
    for (const auto& one : candidates) out.push_back(truth_[static_cast<std::size_t>(one.id - 1)]);
    return out;
  }

 private:
  Somebody somebody(std::uint64_t seed, std::uint64_t number) {
    const rondom::support::Person person = rondom::support::make_person(seed, number);
    return {person.given,
            surname(dice_),
            rondom::support::iso_date(person.birth_year, person.birth_month, person.birth_day),
            person.email,
            "+316" + person.mobile.substr(2),
            surname(dice_) + "straat",
            person.house_number,
            std::to_string(1000 + dice_.roll(9000)) + static_cast<char>('A' + dice_.roll(20)) +
                static_cast<char>('A' + dice_.roll(20))};
  }

  void add(const Somebody& one) {
    rondom::RecordBuilder builder;
    std::deque<std::string> said;  // which the builder views
    const auto say = [&](AttributeId id, std::string text, unsigned missing, unsigned slip,
                         std::uint32_t group) {
      if (dice_.chance(missing)) return;
      if (dice_.chance(slip)) text = rondom::support::with_typo(text, dice_);
      if (text.empty()) return;
      builder.add({id, group, said.emplace_back(std::move(text)), {}, rondom::Rule::none, {}});
    };
    say(attribute::name_given, one.given, 2, 5, 0);
    say(attribute::name_surname, one.surname, 1, 5, 0);
    say(attribute::birth_date, one.birth, 30, 0, 0);
    say(attribute::email_value,
        dice_.chance(15) ? "x" + std::to_string(dice_.next() >> 30) + "@example.net" : one.email,
        10, 2, 1);
    say(attribute::phone_value, one.phone, 40, 0, 1);
    if (dice_.chance(80)) {
      say(attribute::address_street, one.street, 0, 4, 1);
      say(attribute::address_house_number, one.number, 0, 0, 1);
      say(attribute::address_postcode, one.postcode, 5, 1, 1);
    }
    static constexpr std::array systems = {"crm.people/", "shop.customers/", "news.readers/"};
    const std::string system = systems[dice_.roll(systems.size())];
    const auto id = static_cast<rondom::store::RecordId>(candidates_.size() + 1);
    const std::string& name = texts_.emplace_back(system + std::to_string(id));
    const std::string& bytes = texts_.emplace_back(builder.bytes());
    candidates_.push_back({id, rondom::Entity::person, name,
                           std::string_view(name).substr(0, name.find('/')), bytes});
  }

  Dice dice_;
  std::deque<std::string> texts_;
  std::vector<resolve::Candidate> candidates_;
  std::vector<std::uint32_t> truth_;
};

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

rondom::config::Identity identity() {
  rondom::config::Identity out;
  for (const char* space : {"email", "phone"}) {
    rondom::config::IdentifierRule rule;
    rule.name_space = space;
    rule.strength = rondom::config::IdentifierClass::strong;
    rule.max_per_profile = 5;
    out.identifiers.push_back(rule);
  }
  return out;
}

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
  Town town(people, seed);
  stages.done("records made");
  stages.restart();
  rondom::config::Diagnostics diagnostics;
  probabilistic::Model model =
      probabilistic::parse_model(probabilistic::shipped_model("person-1"), "person-1", diagnostics);
  const resolve::Rules rules(identity());
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
