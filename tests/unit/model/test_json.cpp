#include <boost/test/unit_test.hpp>
#include <random>
#include <string>

#include "base/limits.h"
#include "model/json.h"

using namespace rondom;

namespace {

std::string round_trip(std::string_view text) {
  JsonReader reader;
  Arena arena;
  const Result<Value> value = reader.parse(text, arena);
  if (!value) {
    BOOST_TEST(bool(value.error().code == ErrorCode::data));
    return "! " + value.error().message;
  }
  std::string out;
  value->append_json(out);
  return out;
}

bool refused(std::string_view text) {
  return round_trip(text).starts_with("! ");
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(every_kind_of_value_arrives) {
  for (const char* text :
       {R"({"a":1,"b":-2.5,"c":"x","d":true,"e":false,"f":null,"g":[1,[2],{}],"h":{"i":[]}})",
        R"([])", R"({})", R"([{"a":[{"b":[null]}]}])", R"({"":""})", R"("text")", "12", "-0.5",
        "true", "false", "null", R"({"é":"日本 😀"})"}) {
    BOOST_TEST(round_trip(text) == text);
  }
  BOOST_TEST(round_trip(" \n{ \"a\" :\t1 , \"b\" : [ 1 , 2 ] }\r\n") == R"({"a":1,"b":[1,2]})");
  BOOST_TEST(round_trip("  7  ") == "7");
}

BOOST_AUTO_TEST_CASE(numbers_keep_every_digit) {
  BOOST_TEST(round_trip("[9223372036854775807,-9223372036854775808]") ==
             "[9223372036854775807,-9223372036854775808]");
  BOOST_TEST(round_trip("[0.1,19.90,1e2,1234567890.123456789]") ==
             "[0.1,19.9,100,1234567890.123456789]");
  for (const std::string& text :
       {std::string("9223372036854775808"), std::string("18446744073709551615"),
        std::string(400, '9'), "0." + std::string(400, '3')}) {
    BOOST_TEST(round_trip("{\"n\":" + text + "}").find("more digits than 64 bits hold") !=
               std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(escapes_are_taken_out) {
  BOOST_TEST(round_trip(R"("\u00e9\n\t\"\\\/\ud83d\ude00")") == "\"é\\n\\t\\\"\\\\/😀\"");
  BOOST_TEST(round_trip(R"({"\u0061":1})") == R"({"a":1})");
}

BOOST_AUTO_TEST_CASE(texts_outlive_the_input) {
  JsonReader reader;
  Arena arena;
  std::string first = R"({"name":"Anna","tags":["a","b"]})";
  const Result<Value> value = reader.parse(first, arena);
  BOOST_REQUIRE(value.ok());
  first.assign(first.size(), 'x');
  BOOST_REQUIRE(reader.parse(R"({"other":"record"})", arena).ok());
  std::string out;
  value->append_json(out);
  BOOST_TEST(out == R"({"name":"Anna","tags":["a","b"]})");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[1,2",
                           "[1,2}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "[1,]",
                           "[,1]",
                           "{a:1}",
                           "'a'",
                           "\"abc",
                           "[1 2]",
                           "[\"a\"b]",
                           "[1\"a\"]",
                           "{}{}",
                           "{} x",
                           "[1]]",
                           "1,2",
                           "1 2",
                           "\"a\"\"b\"",
                           "tru",
                           "truex",
                           "[nullx]",
                           "[True]",
                           "[01]",
                           "[1.]",
                           "[+1]",
                           "[.5]",
                           "[-]",
                           "[1e]",
                           "[NaN]",
                           "\"\\x\"",
                           "\"\\ud800\"",
                           "\"\\u12\"",
                           "[1]//c",
                           "1]",
                           "[1],[2]",
                           "{\"a\":1 \"b\":2}",
                           "\"a\nb\"",
                           "[}",
                           "{]",
                           "{\"a\":{\"b\":1}",
                           "{1:2}",
                           "[tru e]",
                           "[\"a\"1]"}) {
    BOOST_TEST(refused(text), text);
  }
  BOOST_TEST(refused("\"\xff\""));
  BOOST_TEST(refused("\"\xed\xa0\x80\""));
  BOOST_TEST(refused(std::string_view("[1]\0", 4)));
  BOOST_TEST(refused(R"({"a":"x\u0000y"})"));
  BOOST_TEST(refused(R"({"a\u0000":1})"));
}

BOOST_AUTO_TEST_CASE(refusals_say_where) {
  BOOST_TEST(round_trip(R"({"aa":1,"bb":tru})") ==
             "! not usable as JSON near byte 13: unexpected word");
  BOOST_TEST(round_trip("") == "! not usable as JSON: it is empty");
}

BOOST_AUTO_TEST_CASE(a_member_may_stand_once) {
  BOOST_TEST(round_trip(R"({"a":1,"b":2,"a":3})").find("member \"a\" stands twice") !=
             std::string::npos);
  BOOST_TEST(refused(R"([{"x":{"a":1,"\u0061":2}}])"));
  BOOST_TEST(refused(R"({"":1,"":2})"));
  BOOST_TEST(!refused(R"({"a":{"a":1},"b":{"a":1}})"));
  for (const std::size_t count : {23u, 24u, 25u, 60u, 10'000u}) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) text += "\"name" + std::to_string(i) + "\":0,";
    BOOST_TEST(!refused(text + "\"last\":0}"));
    BOOST_TEST(refused(text + "\"name" + std::to_string(count / 2) + "\":0}"));
  }
}

BOOST_AUTO_TEST_CASE(limits_hold) {
  BOOST_TEST(!refused(nested(limits::json_depth_max)));
  BOOST_TEST(refused(nested(limits::json_depth_max + 1)));
  BOOST_TEST(refused(nested(100'000)));
  BOOST_TEST(refused("[" + std::string(100'000, '{')));
  std::string many = "[0";
  for (std::size_t i = 1; i < limits::json_nodes_max; ++i) many += ",0";
  BOOST_TEST(!refused(many + "]"));
  BOOST_TEST(refused(many + ",0]"));
  BOOST_TEST(refused("\"" + std::string(limits::record_bytes_max, 'a') + "\""));
}

BOOST_AUTO_TEST_CASE(a_reader_works_on_after_a_refusal) {
  JsonReader reader;
  Arena arena;
  BOOST_TEST(!reader.parse(R"({"a":[1,{"b":2,"c":)", arena).ok());
  const Result<Value> value = reader.parse(R"({"a":[1]})", arena);
  BOOST_REQUIRE(value.ok());
  std::string out;
  value->append_json(out);
  BOOST_TEST(out == R"({"a":[1]})");
}

// Whatever the bytes: an answer, and what is accepted reads the same when written and read again.
BOOST_AUTO_TEST_CASE(any_bytes_get_an_answer) {
  constexpr unsigned seed = 20260314;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const std::string good =
      R"({"a":[1,-2.5e3,"x\u00e9",true,null],"b":{"c":{"d":[[],{}]}},"e":"é"})";
  const std::string alphabet = "{}[]\",:\\ \n0123456789.-+eEtrufalsn\xc3\xa9\x00\xff";
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    const unsigned changes = random() % 4;
    for (unsigned change = 0; change < changes; ++change) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0: text[at] = alphabet[random() % alphabet.size()]; break;
        case 1: text.erase(at, 1 + random() % 5); break;
        default: text.insert(at, 1, alphabet[random() % alphabet.size()]); break;
      }
      if (text.empty()) text = "0";
    }
    const std::string once = round_trip(text);
    if (once.starts_with("! ")) continue;
    ++accepted;
    BOOST_TEST_REQUIRE(round_trip(once) == once, text);
  }
  BOOST_TEST(accepted > 4'000);
}

BOOST_AUTO_TEST_SUITE_END()
