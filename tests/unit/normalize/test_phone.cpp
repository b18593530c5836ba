// Phone numbers: the fast path gives what libphonenumber gives.
#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

#include "pipeline/normalize/phone.h"

namespace {

using namespace rondom;
using normalize::PhoneReading;

std::string clean(std::string_view text, std::string_view country) {
  static normalize::Phones phones;
  Arena arena;
  const auto outcome = phones.clean(text, country, arena);
  return outcome.problem != nullptr ? std::string("! ") + outcome.problem
                                    : std::string(outcome.value);
}

/// Numbers of the countries that the fast path knows, and of some that it does not, as people write
/// them and a bit worse.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::string next(std::string& country) {
    static const char* const countries[] = {"NL", "BE", "DE", "FR", "GB", "LU", "US", ""};
    static const char* const codes[] = {"31", "32", "49", "33", "44", "352", "1", "34"};
    country = countries[pick(8)];
    std::string digits;
    switch (pick(5)) {
      case 0: digits = "0"; break;
      case 1: digits = std::string("00") + codes[pick(8)]; break;
      case 2: digits = std::string("+") + codes[pick(8)]; break;
      case 3: digits = std::string("+") + codes[pick(8)] + "(0)"; break;
      default: digits = std::string("00") + codes[pick(8)] + "(0)"; break;
    }
    const std::size_t prefix = digits.size();
    // Mostly beginnings and lengths that exist, so that the fast path has something to take.
    static const char* const starts[] = {"6", "61", "62", "20", "70", "47", "49", "17", "64", "13"};
    digits += pick(5) == 0 ? std::string(1, static_cast<char>('1' + pick(9))) : starts[pick(10)];
    const std::size_t length = pick(4) == 0 ? 6 + pick(5) : 8 + pick(2);
    while (digits.size() < prefix + 1 + length) digits += static_cast<char>('0' + pick(10));
    return punctuate(digits);
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }

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

}  // namespace

BOOST_AUTO_TEST_SUITE(phone)

BOOST_AUTO_TEST_CASE(fast_path_equals_the_library) {
  constexpr std::uint32_t seed = 31612345;
  BOOST_TEST_MESSAGE("seed " << seed);
  Generator generator(seed);
  int accepted = 0;
  for (int round = 0; round < 400'000; ++round) {
    std::string country;
    const std::string text = generator.next(country);
    PhoneReading fast;
    if (!normalize::read_fast(text, country, fast)) continue;
    ++accepted;
    const PhoneReading slow = normalize::read_with_library(text, country);
    BOOST_REQUIRE_MESSAGE(
        slow.problem == nullptr && slow.e164.view() == fast.e164.view() &&
            slow.international == fast.international,
        text << " in " << country << ": " << fast.e164.view() << " but " << slow.e164.view());
  }
  BOOST_TEST_MESSAGE(accepted << " numbers compared");
  BOOST_TEST(accepted > 10'000);
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
  BOOST_TEST(clean("06 - 1234 5678", "NL") == "+31612345678");
  BOOST_TEST(clean("06-12345678", "NL") == "+31612345678");
  BOOST_TEST(clean("+31 (0)20 123 4567", "NL") == "+31201234567");
  BOOST_TEST(clean("0031 6 12345678", "NL") == "+31612345678");
  BOOST_TEST(clean("(020) 123 45 67", "NL") == "+31201234567");
  BOOST_TEST(clean("0475 12 34 56", "BE") == "+32475123456");
  BOOST_TEST(clean("+44 20 7946 0018", "NL") == "+442079460018");
  BOOST_TEST(clean("(201) 555-0123", "US") == "+12015550123");
  BOOST_TEST(clean("0031612345678", "") == "+31612345678");
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_refused) {
  BOOST_TEST(clean("06 1234", "NL") == "! is no phone number");
  BOOST_TEST(clean("bellen na vijven", "NL") == "! is no phone number");
  BOOST_TEST(clean("0612345678", "") == "! has no country code and no country is known");
  BOOST_TEST(clean(std::string(400, '1'), "NL") == "! is no phone number");
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
