// What normalising costs: bench-normalize [RECORDS]
//
// Makes the people of bench-generate, puts each into cells as the bench project's map does, and
// normalises them on one core, three times over. Prints the stage and its best rate, and, so that a
// change can be found, the same without one kind of cell at a time.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/normalize/normalize.h"
#include "support/people.h"

namespace {

using namespace rondom;
using Clock = std::chrono::steady_clock;

constexpr std::size_t records_unless_told = 300'000;
constexpr std::uint64_t seed = 1;
constexpr int rounds = 3;
constexpr normalize::Context dutch{"NL", "nl", "EUR", "Europe/Amsterdam"};

struct Row {
  support::Person person;
  std::string birth_date;
};

enum class Part { none, names, email, phone, birth_date, address };

std::vector<Row> make_rows(std::size_t count) {
  std::vector<Row> rows;
  rows.reserve(count);
  for (std::uint64_t number = 0; number < count; ++number) {
    Row row;
    row.person = support::make_person(seed, number);
    row.birth_date =
        support::iso_date(row.person.birth_year, row.person.birth_month, row.person.birth_day);
    rows.push_back(std::move(row));
  }
  return rows;
}

void fill(const Row& row, Part without, RecordBuilder& record) {
  const auto add = [&](Part part, AttributeId id, std::uint32_t group, std::string_view value) {
    if (part != without && !value.empty()) record.add({id, group, value, {}, Rule::none, {}});
  };
  const support::Person& p = row.person;
  record.clear();
  add(Part::names, attribute::name_given, 0, p.given);
  add(Part::names, attribute::name_surname_prefix, 0, p.surname_prefix);
  add(Part::names, attribute::name_surname, 0, p.surname);
  add(Part::email, attribute::email_value, 1, p.email);
  add(Part::phone, attribute::phone_value, 1, p.mobile);
  add(Part::birth_date, attribute::birth_date, 0, row.birth_date);
  add(Part::address, attribute::address_usage, 1, "personal");
  add(Part::address, attribute::address_street, 1, p.street);
  add(Part::address, attribute::address_house_number, 1, p.house_number);
  add(Part::address, attribute::address_postcode, 1, p.postcode);
  add(Part::address, attribute::address_locality, 1, p.city);
  add(Part::address, attribute::address_country, 1, "NL");
}

/// Nanoseconds a record, the best of three rounds.
double measure(const std::vector<Row>& rows, Part without) {
  normalize::Normalizer normalizer;
  RecordBuilder record;
  Arena arena;
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < rounds; ++round) {
    const auto start = Clock::now();
    for (const Row& row : rows) {
      arena.reset();
      fill(row, without, record);
      const Status status = normalizer.normalize(Entity::person, dutch, record, arena);
      if (!status.ok()) {
        std::fprintf(stderr, "bench-normalize: %s\n", status.error().message.c_str());
        std::exit(1);
      }
    }
    const double all = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
    best = std::min(best, all / static_cast<double>(rows.size()));
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : records_unless_told;
  if (count == 0) {
    std::fprintf(stderr, "usage: bench-normalize [RECORDS]\n");
    return 2;
  }
  const std::vector<Row> rows = make_rows(count);
  const double whole = measure(rows, Part::none);
  std::printf("normalize        %9.0f records/s/core   %5.0f ns a record, %zu records\n",
              1e9 / whole, whole, count);
  constexpr std::pair<Part, const char*> parts[] = {{Part::names, "names"},
                                                    {Part::email, "e-mail"},
                                                    {Part::phone, "phone"},
                                                    {Part::birth_date, "birth date"},
                                                    {Part::address, "address"}};
  for (const auto& [part, name] : parts) {
    std::printf("  of which %-12s %5.0f ns\n", name, whole - measure(rows, part));
  }
  return 0;
}
