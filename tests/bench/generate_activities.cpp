// Writes customers and what they did as JSON lines, for the benchmark of attributes:
//   bench-generate-activities FOLDER PEOPLE [SEED]
//
// people.jsonl holds one record a person; orders.jsonl 14 orders a person of two lines each, which
// name the customer; events.jsonl 6 events a person, which name an e-mail address. Both go by time,
// over eight years until the middle of March 2026, so that what one person did is spread over the
// whole file.
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "support/people.h"

namespace {

using rondom::support::Dice;
using rondom::support::Person;

constexpr std::uint64_t orders_each = 14, events_each = 6;
constexpr rondom::Timestamp last_at = 1'773'489'600ll * 1'000'000;  // 2026-03-14T12:00:00Z
constexpr rondom::Timestamp span = 8 * 365 * 86'400ll * 1'000'000;
constexpr std::array categories = {"city_bike", "e_bike", "race_bike", "child_bike",
                                   "helmet",    "lock",   "light",     "bag",
                                   "clothing",  "repair", "lease",     "parts"};
constexpr std::array states = {"paid", "paid", "shipped", "open", "cancelled"};
constexpr std::array types = {"page_view", "mail_opened", "complaint", "call"};

// A permutation of 0 … count - 1 without memory: multiplication modulo count by a prime above it.
std::uint64_t shuffled(std::uint64_t i, std::uint64_t count) {
  return (i * 2'654'435'761ULL) % count;
}

std::string moment(std::uint64_t i, std::uint64_t of) {
  const double share = static_cast<double>(i + 1) / static_cast<double>(of);
  const auto back = static_cast<rondom::Timestamp>(static_cast<double>(span) * (1 - share));
  return rondom::format_time(last_at - back / 1'000'000 * 1'000'000);
}

void write_people(std::FILE* out, std::uint64_t people, std::uint64_t seed) {
  for (std::uint64_t i = 0; i < people; ++i) {
    const std::uint64_t number = shuffled(i, people);
    const Person p = rondom::support::make_person(seed, number);
    std::fprintf(out,
                 "{\"id\":\"%" PRIu64
                 "\",\"given_name\":\"%s\",\"surname\":\"%s\",\"email\":\"p%" PRIu64
                 "@example.org\",\"birth_date\":\"%s\",\"at\":\"2025-06-01T00:00:00Z\"}\n",
                 number, p.given.c_str(), p.surname.c_str(), number,
                 rondom::support::iso_date(p.birth_year, p.birth_month, p.birth_day).c_str());
  }
}

void write_orders(std::FILE* out, std::uint64_t people, Dice& dice) {
  const std::uint64_t count = people * orders_each;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string lines;
    std::uint64_t total = 0;
    for (int line = 0; line < 2; ++line) {
      const std::uint64_t price = 100 + dice.roll(20'000);
      total += price;
      lines += std::string(line == 0 ? "" : ",") + R"({"category":")" +
               categories[dice.roll(categories.size())] + R"(","quantity":1,"price":)" +
               std::to_string(price / 100) + "." + std::to_string(10 + price % 90) + "}";
    }
    std::fprintf(out,
                 "{\"number\":%" PRIu64 ",\"customer\":\"%" PRIu64
                 "\",\"at\":\"%s\",\"status\":\"%s\",\"total\":%" PRIu64 ".00,\"lines\":[%s]}\n",
                 i, shuffled(i, people), moment(i, count).c_str(), states[dice.roll(states.size())],
                 total / 100, lines.c_str());
  }
}

void write_events(std::FILE* out, std::uint64_t people, Dice& dice) {
  const std::uint64_t count = people * events_each;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::fprintf(out,
                 "{\"id\":%" PRIu64 ",\"email\":\"p%" PRIu64
                 "@example.org\",\"at\":\"%s\",\"type\":\"%s\"}\n",
                 i, shuffled(i, people), moment(i, count).c_str(), types[dice.roll(types.size())]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench-generate-activities FOLDER PEOPLE [SEED]\n");
    return 2;
  }
  const std::string folder = argv[1];
  const std::uint64_t people = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  Dice dice(seed);
  bool written = true;
  for (const char* name : {"people", "orders", "events"}) {
    std::FILE* out = std::fopen((folder + "/" + name + ".jsonl").c_str(), "wb");
    if (out == nullptr) {
      std::fprintf(stderr, "cannot write in %s\n", folder.c_str());
      return 1;
    }
    if (*name == 'p') write_people(out, people, seed);
    if (*name == 'o') write_orders(out, people, dice);
    if (*name == 'e') write_events(out, people, dice);
    written = std::fclose(out) == 0 && written;
  }
  return written ? 0 : 1;
}
