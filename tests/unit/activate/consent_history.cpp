#include "consent_history.h"

#include <algorithm>
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
constexpr std::array<const char*, 10> statuses = {"granted", "granted",   "granted",   "granted",
                                                  "granted", "pending",   "withdrawn", "denied",
                                                  "expired", "unreadable"};

Said random_statement(Random& random) {
  Said said;
  said.status = random.one_of(statuses);
  if (said.status == "unreadable" && random.below(3) != 0) said.status = "withdrawn";
  said.purpose = random.one_of(std::array{"news", "news", "news", "news", "surveys", ""});
  said.channel = random.one_of(std::array{"", "", "own", "own", "other"});
  said.address = random.below(2) == 0 ? -1 : random.below(address_count);
  said.other_case = random.below(6) == 0;
  said.day = random.below(12) == 0 ? 0 : 1 + random.below(28);
  if (random.below(4) == 0) said.ends = 8 + random.below(24);
  if (random.below(3) != 0) said.confirmed = std::max(said.day, 1) + random.below(4);
  return said;
}

Shut random_shut(Random& random) {
  Shut shut;
  shut.purpose = random.one_of(std::array{"", "", "news", "news", "surveys"});
  shut.channel = random.one_of(std::array{"", "", "own", "other"});
  shut.destination = random.one_of(std::array{"", "", "vendor", "another"});
  shut.address = random.below(3) == 0 ? -1 : random.below(address_count);
  if (random.below(3) == 0) shut.begins = 8 + random.below(20);
  if (random.below(2) == 0) shut.ends = 8 + random.below(24);
  return shut;
}

Listed random_listed(Random& random) {
  Listed listed;
  listed.shut = random_shut(random);
  listed.by = random.one_of(
      std::array{Listed::By::address, Listed::By::hashed_address, Listed::By::customer});
  listed.shut.address = random.below(address_count);
  listed.contact_only = listed.by != Listed::By::customer && random.below(2) == 0;
  return listed;
}

/// What happens to records besides what they say and carry.
void random_event(Random& random, Step& step) {
  step.act =
      random.one_of(std::array{Act::dies, Act::is_test, Act::vanishes, Act::suppresses,
                               Act::suppresses, Act::lifts, Act::lists, Act::unlists, Act::is_born,
                               Act::lives, Act::merges, Act::splits, Act::leaves, Act::leaves});
  switch (step.act) {
    case Act::dies:
    case Act::is_test: step.number = random.below(4) == 0 ? 1 : 0; break;
    case Act::leaves: step.number = random.below(3) == 0 ? 0 : 1; break;
    case Act::suppresses: step.shut = random_shut(random); break;
    case Act::lists: step.listed = random_listed(random); break;
    case Act::is_born: step.number = random.below(static_cast<int>(birth_dates.size())); break;
    case Act::lives: step.number = random.below(static_cast<int>(countries.size())); break;
    case Act::merges: step.number = random.below(person_count); break;
    default: break;
  }
}

Step random_step(Random& random) {
  Step step;
  step.person = random.below(person_count);
  step.source = random.below(source_count);
  step.address = random.below(address_count);
  const int kind = random.below(24);
  if (kind < 7) {
    step.act = Act::says;
    step.said = random_statement(random);
  } else if (kind < 10) {
    step.act = Act::carries;
    step.number = random.below(5) == 0 ? 1 + random.below(2) : 0;
  } else if (kind < 16) {
    random_event(random, step);
  } else {
    step.act = Act::delivers;
    step.seconds = random.one_of(pauses);
    if (random.below(3) == 0) step.number = 1 + random.below(3);
  }
  return step;
}

}  // namespace

const std::array<const char*, person_count> given_names = {"Sanne", "Bram", ""};
const std::array<const char*, 9> birth_dates = {"",           "1980-05-05", "2010-03-12",
                                                "2010-03-14", "2010-03",    "2010",
                                                "--03-12",    "2008-02-29", "2013-03-20"};
const std::array<const char*, 4> countries = {"", "NL", "BE", "DE"};

std::string address_text(int address, std::string_view channel) {
  if (channel == "email") return std::string(1, static_cast<char>('a' + address)) + "@example.com";
  return "+3161234567" + std::to_string(address);
}

Timestamp day_of_march(int day) {
  constexpr Timestamp one_day = 86'400 * microseconds_per_second;
  return *parse_time("2026-03-01T00:00:00Z") + (day - 1) * one_day;
}

Sources::Sources() {
  for (int person = 0; person < person_count; ++person) {
    for (SourceRecord& record : records[static_cast<std::size_t>(person)]) {
      record.customer = record.holder = person;
    }
  }
}

bool Sources::holds_any(int person) const {
  for (const auto& of_person : records) {
    for (const SourceRecord& record : of_person) {
      if (record.holder == person && !record.vanished) return true;
    }
  }
  return false;
}

bool Sources::is_inside(int person) const {
  for (const auto& of_person : records) {
    for (const SourceRecord& record : of_person) {
      if (record.holder == person && !record.vanished && !record.outside) return true;
    }
  }
  return false;
}

bool Sources::carries(int person, std::string_view address, std::string_view channel) const {
  for (const auto& of_person : records) {
    for (const SourceRecord& record : of_person) {
      if (record.holder != person || record.vanished) continue;
      for (int i = 0; i < address_count; ++i) {
        const bool has = record.status[static_cast<std::size_t>(i)] >= 0;
        if (has && address_text(i, channel) == address) return true;
      }
    }
  }
  return false;
}

History random_history(std::uint32_t seed, std::size_t steps) {
  Random random(seed);
  History history;
  // Everybody begins as somebody who may be reached, so that most of what follows is about losing
  // it.
  for (int person = 0; person < person_count; ++person) {
    Step has;
    has.act = Act::carries;
    has.person = person;
    has.address = random.below(address_count);
    Step yes = has;
    yes.act = Act::says;
    yes.said = {"granted", "news", "", -1, false, 1 + random.below(5), 0, 1 + random.below(6)};
    history.push_back(has);
    history.push_back(yes);
  }
  for (std::size_t i = 0; i < steps; ++i) {
    history.push_back(random_step(random));
    // Whoever has died is cleared away sooner or later.
    const bool has_died = history.back().act == Act::dies && history.back().number != 0;
    if (!has_died || random.below(3) == 0) continue;
    history.push_back(history.back());
    history.back().act = Act::vanishes;
  }
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
    case Act::leaves:
      // All that a person has leave together, or nobody would.
      for (auto& of_person : records) {
        for (SourceRecord& one : of_person) {
          if (one.holder == record.holder) one.outside = step.number != 0;
        }
      }
      return;
    case Act::vanishes: record.vanished = true; return;
    case Act::suppresses:
      if (step.shut.address >= 0) {
        int& status = record.status[static_cast<std::size_t>(step.shut.address)];
        status = std::max(status, 0);
      }
      record.shut.push_back(step.shut);
      break;
    case Act::lifts: record.shut.clear(); break;
    case Act::is_born: record.born = birth_dates[static_cast<std::size_t>(step.number)]; break;
    case Act::lives: record.country = countries[static_cast<std::size_t>(step.number)]; break;
    case Act::lists: listed.push_back(step.listed); return;
    case Act::unlists: listed.clear(); return;
    case Act::merges:
    case Act::splits:
      for (auto& of_person : records) {
        for (SourceRecord& one : of_person) {
          if (step.act == Act::merges && one.holder == step.person) one.holder = step.number;
          if (step.act == Act::splits && one.customer == step.person) one.holder = step.person;
        }
      }
      return;
    case Act::delivers: return;
  }
  record.vanished = false;
}

std::ostream& operator<<(std::ostream& out, const Step& step) {
  static constexpr std::array names = {"carries",    "says",   "dies",   "is_test", "vanishes",
                                       "suppresses", "lifts",  "lists",  "unlists", "is_born",
                                       "lives",      "merges", "splits", "leaves"};
  const auto tell = [&](const Shut& shut) {
    out << " purpose '" << shut.purpose << "', channel '" << shut.channel << "', destination '"
        << shut.destination << "', address " << shut.address << ", days " << shut.begins << " to "
        << shut.ends;
  };
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
    out << " until " << step.said.ends << ", confirmed " << step.said.confirmed;
    if (step.said.address >= 0) out << ", " << address_text(step.said.address);
    if (step.said.address >= 0 && step.said.other_case) out << " in capitals";
  } else if (step.act == Act::carries) {
    out << ' ' << address_text(step.address) << " status " << step.number;
  } else if (step.act == Act::suppresses) {
    tell(step.shut);
  } else if (step.act == Act::lists) {
    out << " by " << static_cast<int>(step.listed.by)
        << (step.listed.contact_only ? " the address alone" : "");
    tell(step.listed.shut);
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
