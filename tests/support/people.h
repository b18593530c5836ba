// people: fictional Dutch people from a seed, for the demo and the benchmarks.
//
// The same seed gives the same people on every machine. Names are common Dutch names combined at
// random, mail domains are example.*, phone numbers count up; nobody in here exists.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rondom::support {

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// 0 … sides - 1
  std::uint64_t roll(std::uint64_t sides) { return next() % sides; }
  /// True in `percent` of a hundred throws.
  bool chance(unsigned percent) { return roll(100) < percent; }

 private:
  std::uint64_t state_;
};

struct Person {
  std::uint64_t number = 0;
  bool woman = false;
  std::string given, surname_prefix, surname;
  int birth_year = 1970, birth_month = 1, birth_day = 1;
  std::string email;
  std::string mobile;  // national: 06…
  std::string street, house_number, postcode, city;
};

/// Person `number` of this seed; independent of every other one.
Person make_person(std::uint64_t seed, std::uint64_t number);

std::string iso_date(int year, int month, int day);
/// One typing slip: two letters swapped, one doubled or one left out.
std::string with_typo(std::string_view text, Dice& dice);
std::string upper_case(std::string_view ascii);

}  // namespace rondom::support
