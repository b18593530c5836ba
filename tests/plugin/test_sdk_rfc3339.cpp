// Times of connectors (sdk/include/rondom/rfc3339.hpp).
#include <boost/test/unit_test.hpp>

#include "rondom/rfc3339.hpp"

BOOST_AUTO_TEST_SUITE(sdk_rfc3339)

BOOST_AUTO_TEST_CASE(times_are_read_in_every_spelling) {
  using rondom::parse_rfc3339;
  for (const char* text :
       {"2026-03-14T09:30:00Z", "2026-03-14T09:30:00+00:00", "2026-03-14T09:30:00.999Z",
        "2026-03-14T10:30:00+01:00", "2026-03-14T04:00:00-05:30", "2026-03-14 09:30:00",
        "2026-03-14T09:30:00.5"}) {
    BOOST_TEST(parse_rfc3339(text).value_or(-1) == 1'773'480'600, text);
  }
  BOOST_TEST(parse_rfc3339("1969-12-31T23:59:59Z").value_or(0) == -1);
}

BOOST_AUTO_TEST_CASE(what_is_no_time_is_none) {
  const std::string long_text = "2026-03-14T09:30:00." + std::string(100, '1') + "Z";
  for (const std::string& text :
       {std::string(), std::string("2026-03-14"), std::string("2026-02-30T09:30:00Z"),
        std::string("2026-03-14T24:00:00Z"), std::string("2026-03-14T09:61:00Z"),
        std::string("2026-03-14T09:30:00X"), std::string("2026-03-14T09:30:00+1"),
        std::string("2026-03-14T09:30:00+01:00 and more"), std::string("14-03-2026T09:30:00Z"),
        long_text}) {
    BOOST_TEST(!rondom::parse_rfc3339(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(a_time_is_written_as_it_is_read) {
  for (const std::int64_t seconds : {0ll, -1ll, 1'773'480'600ll, 951'782'400ll}) {
    BOOST_TEST(rondom::parse_rfc3339(rondom::format_rfc3339(seconds)).value_or(-7) == seconds);
  }
  BOOST_TEST(rondom::format_rfc3339(1'773'480'600) == "2026-03-14T09:30:00Z");
  BOOST_TEST(rondom::format_rfc3339(0, "+00:00") == "1970-01-01T00:00:00+00:00");
}

BOOST_AUTO_TEST_SUITE_END()
