// Phone numbers: the fast path gives what libphonenumber gives.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include "pipeline/normalize/phone.h"

namespace {

using namespace rondom;
using normalize::PhoneReading;

std::string clean_number(std::string_view text, std::string_view country) {
  static normalize::Phones phones;
  Arena arena;
  const auto outcome = phones.clean(text, country, arena);
  return outcome.problem != nullptr ? std::string("! ") + outcome.problem
                                    : std::string(outcome.value);
}

// How numbers of a country begin and how long they are without country code and trunk prefix; some
// of them exist, some do not. (Plans: ITU national numbering plans.)
struct Plan {
  const char* country;
  const char* code;
  const char* trunk;   // dialled before a national number
  const char* starts;  // separated by spaces
  std::size_t shortest, longest;
};
constexpr Plan plans[] = {
    {"NL", "31", "0", "6 61 62 20 10 70 30 40 85 88 800 117 13 228 66 67", 9, 9},
    {"BE", "32", "0", "47 48 49 2 3 4 9 10 50 56 800 455 456 460 468", 8, 9},
    {"DE", "49", "0", "151 160 170 171 175 176 179 30 40 89 221 69 7141 800 32", 8, 11},
    {"FR", "33", "0", "1 2 3 4 5 6 7 8 9 60 61 62 63 64 65 69 700 75", 9, 9},
    {"GB", "44", "0", "20 121 161 1224 7400 7700 7911 800 330 118", 9, 10},
    {"LU", "352", "", "2 26 27 4 621 661 691 800", 5, 9},
    {"AT", "43", "0", "1 316 662 650 660 664 676 699 800", 7, 11},
    {"CH", "41", "0", "21 22 31 44 61 76 77 78 79 800", 9, 9},
    {"IT", "39", "", "06 02 011 320 333 347 388 800", 9, 11},
    {"ES", "34", "", "6 7 91 93 95 900", 9, 9},
    {"PT", "351", "", "91 92 93 96 21 22 800", 9, 9},
    {"DK", "45", "", "20 31 40 50 61 70 81", 8, 8},
    {"SE", "46", "0", "70 72 73 76 8 31 40 20", 7, 9},
    {"NO", "47", "", "4 9 22 55 800 21", 8, 8},
    {"FI", "358", "0", "40 41 44 50 45 9 2 800", 6, 10},
    {"IE", "353", "0", "1 21 83 85 86 87 89 91 1800", 7, 9},
    {"PL", "48", "", "50 51 60 66 69 22 12 58 800", 9, 9},
    {"CZ", "420", "", "601 602 720 773 2 5 800", 9, 9},
    {"SK", "421", "0", "90 91 94 95 2 55 800", 9, 9},
    {"HU", "36", "06", "20 30 70 1 62 80", 8, 9},
    {"SI", "386", "0", "31 40 41 51 1 2 80", 7, 8},
    {"HR", "385", "0", "91 95 98 99 1 21 800", 8, 9},
    {"RO", "40", "0", "72 74 75 76 21 31 800", 9, 9},
    {"BG", "359", "0", "87 88 89 98 2 32 800", 7, 9},
    {"GR", "30", "", "69 21 231 281 800", 10, 10},
    {"EE", "372", "", "5 51 6 7 800", 7, 8},
    {"LV", "371", "", "2 26 29 6 67 80", 8, 8},
    {"LT", "370", "8", "6 61 5 37 46 800", 8, 8},
    {"TR", "90", "0", "53 54 55 50 212 216 312 800", 10, 10},
    {"US", "1", "", "201 212 415 650 800 555 900", 10, 10},
};
static_assert(std::size(plans) == 30);

/// Numbers of those countries, dialled in any of them, as people write them and a bit worse.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::string next(std::string& country) {
    const Plan& plan = plans[pick(std::size(plans))];
    country = pick(3) != 0 ? plan.country : plans[pick(std::size(plans))].country;
    if (pick(20) == 0) country.clear();
    std::string digits;
    switch (pick(6)) {
      case 0: digits = std::string("+") + plan.code; break;
      case 1: digits = std::string("00") + plan.code; break;
      case 2: digits = std::string(pick(2) == 0 ? "+" : "00") + plan.code + "(0)"; break;
      case 3: digits = std::string("+") + plan.code + plan.trunk; break;
      default: digits = plan.trunk;
    }
    const std::size_t prefix = digits.size();
    digits += one_of(plan.starts);
    std::size_t length = plan.shortest + pick(plan.longest - plan.shortest + 1);
    if (pick(12) == 0) length += pick(2) == 0 ? 1 : std::size_t(-1);
    while (digits.size() < prefix + length) digits += static_cast<char>('0' + pick(10));
    return punctuate(digits);
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }

  std::string one_of(std::string_view words) {
    const auto count = 1 + std::count(words.begin(), words.end(), ' ');
    for (std::size_t skip = pick(static_cast<std::size_t>(count)); skip > 0; --skip) {
      words.remove_prefix(words.find(' ') + 1);
    }
    return std::string(words.substr(0, words.find(' ')));
  }

  std::string punctuate(const std::string& digits) {
    static const char* const marks[] = {" ", "-", ".", " - ", "  ", "--", "/", " (", ") ", "x"};
    const std::size_t style = pick(4);
    std::string text;
    for (std::size_t at = 0; at < digits.size(); ++at) {
      const bool between =
          at > 1 && digits[at - 1] != '(' && digits[at] != ')' && digits[at] != '(';
      if (style == 1 && between && pick(4) == 0) text += marks[pick(3)];
      if (style == 2 && between && pick(5) == 0) text += marks[pick(10)];
      text += digits[at];
    }
    return text;
  }

  std::mt19937 random_;
};

// tests/torture runs a million; what everybody runs takes a second or two.
int numbers_to_compare() {
  const char* told = std::getenv("RONDOM_PHONE_NUMBERS");
  return told == nullptr ? 60'000 : std::atoi(told);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(phone)

BOOST_AUTO_TEST_CASE(fast_path_equals_the_library) {
  constexpr std::uint32_t seed = 31612345;
  BOOST_TEST_MESSAGE("seed " << seed);
  Generator generator(seed);
  normalize::Phones phones;
  Arena arena;
  const int count = numbers_to_compare();
  int fast_ones = 0;
  int valid = 0;
  for (int round = 0; round < count; ++round) {
    std::string country;
    const std::string text = generator.next(country);
    // The international prefix of no country is ours to read, not the library's.
    if (country.empty() && text.substr(0, 2) == "00") continue;
    const PhoneReading slow = normalize::read_with_library(text, country);
    PhoneReading fast;
    if (normalize::read_fast(text, country, fast)) {
      ++fast_ones;
      BOOST_REQUIRE_MESSAGE(
          slow.problem == nullptr && slow.e164.view() == fast.e164.view() &&
              slow.international == fast.international,
          text << " in " << country << ": " << fast.e164.view() << " but " << slow.e164.view());
    }
    arena.reset();
    const auto cleaned = phones.clean(text, country, arena);
    BOOST_REQUIRE_MESSAGE((cleaned.problem == nullptr) == (slow.problem == nullptr) &&
                              cleaned.value == slow.e164.view(),
                          text << " in " << country << ": " << cleaned.value);
    if (slow.problem == nullptr) ++valid;
  }
  BOOST_TEST_MESSAGE(count << " numbers of " << std::size(plans) << " countries compared, " << valid
                           << " valid, " << fast_ones << " on the fast path");
  BOOST_TEST(fast_ones > count / 100);
  BOOST_TEST(valid > count / 4);
  BOOST_TEST(valid < count);
}

// Every prefix of four digits that the fast path may see, in each country's national form.
BOOST_AUTO_TEST_CASE(fast_path_equals_the_library_for_every_prefix) {
  std::mt19937 random(42);
  int accepted = 0;
  for (const char* country : {"NL", "BE", "DE", "FR"}) {
    for (int prefix = 1'000; prefix < 10'000; ++prefix) {
      for (const std::size_t length : {9u, 10u}) {
        std::string text = "0" + std::to_string(prefix);
        while (text.size() < length + 1) text += static_cast<char>('0' + random() % 10);
        PhoneReading fast;
        if (!normalize::read_fast(text, country, fast)) continue;
        ++accepted;
        const PhoneReading slow = normalize::read_with_library(text, country);
        BOOST_REQUIRE_MESSAGE(slow.problem == nullptr && slow.e164.view() == fast.e164.view(),
                              text << " in " << country);
      }
    }
  }
  BOOST_TEST(accepted > 4'000);
}

BOOST_AUTO_TEST_CASE(common_spellings) {
  BOOST_TEST(clean_number("06 - 1234 5678", "NL") == "+31612345678");
  BOOST_TEST(clean_number("06-12345678", "NL") == "+31612345678");
  BOOST_TEST(clean_number("+31 (0)20 123 4567", "NL") == "+31201234567");
  BOOST_TEST(clean_number("0031 6 12345678", "NL") == "+31612345678");
  BOOST_TEST(clean_number("(020) 123 45 67", "NL") == "+31201234567");
  BOOST_TEST(clean_number("0475 12 34 56", "BE") == "+32475123456");
  BOOST_TEST(clean_number("+44 20 7946 0018", "NL") == "+442079460018");
  BOOST_TEST(clean_number("(201) 555-0123", "US") == "+12015550123");
  BOOST_TEST(clean_number("0031612345678", "") == "+31612345678");
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_refused) {
  BOOST_TEST(clean_number("06 1234", "NL") == "! is no phone number");
  BOOST_TEST(clean_number("bellen na vijven", "NL") == "! is no phone number");
  BOOST_TEST(clean_number("0612345678", "") == "! has no country code and no country is known");
  BOOST_TEST(clean_number(std::string(400, '1'), "NL") == "! is no phone number");
}

BOOST_AUTO_TEST_CASE(rules_tell_how_the_number_was_read) {
  normalize::Phones phones;
  Arena arena;
  BOOST_TEST((phones.clean("0612345678", "NL", arena).rule == Rule::phone_national));
  BOOST_TEST((phones.clean("+31 612345678", "BE", arena).rule == Rule::phone_international));
  BOOST_TEST((phones.clean("020 / 123 45 67", "NL", arena).rule == Rule::phone_national));
  BOOST_TEST((phones.clean("+31612345678", "", arena).rule == Rule::none));
  // twice the same text: the second answer is the cache's
  for (int round = 0; round < 2; ++round) {
    BOOST_TEST(phones.clean("020 7946 0018", "GB", arena).value == "+442079460018");
    BOOST_TEST((phones.clean("020 7946 0018", "NL", arena).problem != nullptr));
  }
}

BOOST_AUTO_TEST_SUITE_END()
