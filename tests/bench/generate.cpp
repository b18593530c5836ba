// Writes person records as two JSON-lines files, for the benchmarks:
//   bench-generate FOLDER RECORDS [SEED]
//
// Half the records stand in a.jsonl (a CRM), half in b.jsonl (a web shop). Two thirds of the shop's
// people are in the CRM too, with the same e-mail and partly another phone. About 360 bytes and 12
// fields a record, in an order that has nothing to do with the people's numbers.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "support/people.h"

namespace {

using rondom::support::Dice;
using rondom::support::iso_date;
using rondom::support::make_person;
using rondom::support::Person;

// A permutation of 0 … count - 1 without memory: multiplication modulo a prime above count.
std::uint64_t shuffled(std::uint64_t i, std::uint64_t count) {
  return (i * 2'654'435'761ULL) % count;
}

void write_record(std::FILE* out, const char* source, std::uint64_t id, const Person& p,
                  Dice& dice) {
  std::fprintf(
      out,
      "{\"id\":\"%s%08" PRIu64
      "\",\"given_name\":\"%s\",\"surname_prefix\":\"%s\",\"surname\":\"%s\",\"email\":\"%s\","
      "\"phone\":\"%s\",\"birth_date\":\"%s\",\"street\":\"%s\",\"house_number\":\"%s\","
      "\"postcode\":\"%s\",\"city\":\"%s\",\"updated_at\":\"%sT%02d:00:00Z\","
      "\"notes\":\"imported by the nightly job, nothing to see here %04d\"}\n",
      source, id, p.given.c_str(), p.surname_prefix.c_str(), p.surname.c_str(), p.email.c_str(),
      p.mobile.c_str(), iso_date(p.birth_year, p.birth_month, p.birth_day).c_str(),
      p.street.c_str(), p.house_number.c_str(), p.postcode.c_str(), p.city.c_str(),
      iso_date(2025, 1 + static_cast<int>(dice.roll(12)), 1 + static_cast<int>(dice.roll(28)))
          .c_str(),
      static_cast<int>(dice.roll(24)), static_cast<int>(dice.roll(10'000)));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench-generate FOLDER RECORDS [SEED]\n");
    return 2;
  }
  const std::string folder = argv[1];
  const std::uint64_t half = std::strtoull(argv[2], nullptr, 10) / 2;
  const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  Dice dice(seed);
  std::FILE* crm = std::fopen((folder + "/a.jsonl").c_str(), "wb");
  std::FILE* shop = std::fopen((folder + "/b.jsonl").c_str(), "wb");
  if (crm == nullptr || shop == nullptr) {
    std::fprintf(stderr, "cannot write in %s\n", folder.c_str());
    return 1;
  }
  for (std::uint64_t i = 0; i < half; ++i) {
    const std::uint64_t number = shuffled(i, half);
    write_record(crm, "a", number, make_person(seed, number), dice);
  }
  for (std::uint64_t i = 0; i < half; ++i) {
    const std::uint64_t number = shuffled(i, half);
    // One in three shop customers is nobody the CRM knows.
    const std::uint64_t who = number % 3 == 0 ? half + number : number;
    Person p = make_person(seed, who);
    if (dice.chance(30)) p.mobile = make_person(seed, half * 2 + number).mobile;
    write_record(shop, "b", number, p, dice);
  }
  return std::fclose(crm) == 0 && std::fclose(shop) == 0 ? 0 : 1;
}
