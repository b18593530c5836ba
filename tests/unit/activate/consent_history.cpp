#include "consent_history.h"

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <random>

namespace rondom::activate::test::consent_history {
namespace {

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  int below(int count) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(count)); }
  template <typename T, std::size_t n>
  T one_of(const std::array<T, n>& all) {
    return all[static_cast<std::size_t>(below(static_cast<int>(n)))];
  }

 private:
  std::mt19937 engine_;
};

constexpr std::array<std::int64_t, 4> pauses = {10, 3'600, 86'400, 4 * 86'400};
constexpr std::array<const char*, 8> statuses = {"granted",   "granted", "granted", "granted",
                                                 "withdrawn", "denied",  "expired", "unreadable"};

Said random_statement(Random& random) {
  Said said;
  said.status = random.one_of(statuses);
  if (said.status == "unreadable" && random.below(3) != 0) said.status = "withdrawn";
  said.purpose = random.one_of(std::array{"news", "news", "news", "news", "surveys", ""});
  said.channel = random.one_of(std::array{"", "", "email", "email", "phone"});
  said.address = random.below(2) == 0 ? -1 : random.below(address_count);
  said.other_case = random.below(6) == 0;
  said.day = random.below(12) == 0 ? 0 : 1 + random.below(28);
  return said;
}

Step random_step(Random& random) {
  Step step;
  step.person = random.below(person_count);
  step.source = random.below(source_count);
  step.address = random.below(address_count);
  const int kind = random.below(20);
  if (kind < 7) {
    step.act = Act::says;
    step.said = random_statement(random);
  } else if (kind < 10) {
    step.act = Act::carries;
    step.number = random.below(5) == 0 ? 1 + random.below(2) : 0;
  } else if (kind == 10) {
    step.act = random.one_of(std::array{Act::dies, Act::is_test});
    step.number = random.below(2);
  } else if (kind == 11) {
    step.act = Act::vanishes;
  } else {
    step.act = Act::delivers;
    step.seconds = random.one_of(pauses);
    if (random.below(3) == 0) step.number = 1 + random.below(3);
  }
  return step;
}

}  // namespace

std::string address_text(int address) {
  return std::string(1, static_cast<char>('a' + address)) + "@example.com";
}

Timestamp day_of_march(int day) {
  char text[32];
  std::snprintf(text, sizeof text, "2026-03-%02dT00:00:00Z", day);
  return *parse_time(text);
}

History random_history(std::uint32_t seed, std::size_t steps) {
  Random random(seed);
  History history;
  // Everybody begins as somebody who may be reached, so that most of what follows is about losing it.
  for (int person = 0; person < person_count; ++person) {
    Step has;
    has.act = Act::carries;
    has.person = person;
    has.address = random.below(address_count);
    Step yes = has;
    yes.act = Act::says;
    yes.said = {"granted", "news", "", -1, false, 1 + random.below(5)};
    history.push_back(has);
    history.push_back(yes);
  }
  for (std::size_t i = 0; i < steps; ++i) history.push_back(random_step(random));
  Step last;
  last.seconds = 86'400;
  history.push_back(last);
  return history;
}

void Sources::take(const Step& step) {
  SourceRecord& record =
      records[static_cast<std::size_t>(step.person)][static_cast<std::size_t>(step.source)];
  switch (step.act) {
    case Act::carries: record.status[static_cast<std::size_t>(step.address)] = step.number; break;
    case Act::says:
      // A record carries the address that it names; it may be that it works no longer.
      if (step.said.address >= 0) {
        int& status = record.status[static_cast<std::size_t>(step.said.address)];
        status = std::max(status, 0);
      }
      record.statements.push_back(step.said);
      break;
    case Act::dies: record.death = step.number; break;
    case Act::is_test: record.test_record = step.number != 0; break;
    case Act::vanishes: record.vanished = true; return;
    case Act::delivers: return;
  }
  record.vanished = false;
}

std::ostream& operator<<(std::ostream& out, const Step& step) {
  static constexpr std::array names = {"carries", "says", "dies", "is_test", "vanishes"};
  static constexpr std::array fates = {"well", "told to retry", "answer lost", "down"};
  if (step.act == Act::delivers) {
    return out << "run after " << step.seconds << " s, the destination fares "
               << fates[static_cast<std::size_t>(step.number)];
  }
  out << "person " << step.person << " source " << step.source << ' '
      << names[static_cast<std::size_t>(step.act)];
  if (step.act == Act::says) {
    out << ' ' << step.said.status << ", purpose '" << step.said.purpose << "', channel '"
        << step.said.channel << "', day " << step.said.day;
    if (step.said.address >= 0) out << ", " << address_text(step.said.address);
    if (step.said.address >= 0 && step.said.other_case) out << " in capitals";
  } else if (step.act == Act::carries) {
    out << ' ' << address_text(step.address) << " status " << step.number;
  } else if (step.act != Act::vanishes) {
    out << ' ' << step.number;
  }
  return out;
}

History shrunk(History history, std::uint32_t seed) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t i = history.size(); i-- > 0;) {
      History without = history;
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
      if (broken_rule(without, seed).empty()) continue;
      history = std::move(without);
      smaller = true;
    }
  }
  return history;
}

}  // namespace rondom::activate::test::consent_history
