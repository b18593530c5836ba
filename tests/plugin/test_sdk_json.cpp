// JSON of the SDK: the strict reader, the writer, the record writer on top of it.
#include <boost/test/unit_test.hpp>
#include <rondom/sdk.hpp>
#include <string>
#include <vector>

using rondom::Code;
using rondom::Json;
using rondom::parse_json;

namespace {

std::string round_trip(const std::string& text) {
  const auto json = parse_json(text);
  return json.ok() ? json->to_text() : json.error().message;
}

/// What a host would see of a read.
struct Pushed {
  std::vector<std::string> lines;
  rondom_code answer = RONDOM_OK;
  rondom_read_out abi{};
  Pushed() {
    abi.struct_size = sizeof abi;
    abi.ctx = this;
    abi.records = [](void* ctx, const rondom_batch* batch) {
      auto& self = *static_cast<Pushed*>(ctx);
      const auto* records = static_cast<const rondom_record*>(batch->records);
      std::string line = std::string(rondom::detail::from_abi(batch->stream)) + "@" +
                         std::string(rondom::detail::from_abi(batch->origin));
      for (std::uint32_t i = 0; i < batch->count; ++i) {
        line += " " + std::string(rondom::detail::from_abi(records[i].json));
        if (records[i].flags != 0) {
          line += "!" + std::string(rondom::detail::from_abi(records[i].problem));
        }
      }
      self.lines.push_back(line);
      return self.answer;
    };
    abi.checkpoint = [](void* ctx, rondom_str stream, rondom_str state) {
      auto& self = *static_cast<Pushed*>(ctx);
      self.lines.push_back("checkpoint " + std::string(rondom::detail::from_abi(stream)) + " " +
                           std::string(rondom::detail::from_abi(state)));
      return self.answer;
    };
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sdk_json)

BOOST_AUTO_TEST_CASE(json_comes_back_as_it_was) {
  for (const char* text :
       {"null", "true", "false", "0", "-12", "9223372036854775807", "1.50", "-0.1e-7", "\"\"",
        R"("a\"b\\c\nd")", "[]", "{}", R"([1,[2,{"a":[]}],"x"])", R"({"a":{"b":null},"c":1.0})",
        "18446744073709551616"}) {
    BOOST_TEST(round_trip(text) == text);
  }
  BOOST_TEST(round_trip(" { \"a\" : [ 1 , 2 ] } ") == R"({"a":[1,2]})");
  BOOST_TEST(round_trip(R"("\u00e9\ud83d\ude00\/")") == "\"é😀/\"");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused_with_byte_and_reason) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "JSON, byte 1: a value is expected here"},
      {"{", "JSON, byte 2: a member name is expected here"},
      {"[1,]", "JSON, byte 4: a value is expected here"},
      {"[1 2]", "JSON, byte 4: ',' or ']' is expected here"},
      {"{\"a\" 1}", "JSON, byte 6: ':' is expected here"},
      {"01", "JSON, byte 2: text after the end"},
      {"1.", "JSON, byte 3: a digit is expected here"},
      {"-", "JSON, byte 1: a value is expected here"},
      {"nul", "JSON, byte 1: a value is expected here"},
      {"\"a", "JSON, byte 3: the text is not closed"},
      {"\"\\x\"", "JSON, byte 4: an unknown escape"},
      {"\"\\ud800\"", "JSON, byte 8: half of a surrogate pair"},
      {"\"\\u12g4\"", "JSON, byte 4: four hex digits are expected here"},
      {"\"\n\"", "JSON, byte 2: a control character inside a text"},
      {"\"\xc0\xaf\"", "JSON, byte 2: bytes that are no UTF-8"},
      {"\"\xed\xa0\x80\"", "JSON, byte 2: bytes that are no UTF-8"},
  };
  for (const auto& [text, message] : cases) {
    const auto json = parse_json(text);
    BOOST_REQUIRE_MESSAGE(!json.ok(), text);
    BOOST_TEST((json.error().code == Code::data));
    BOOST_TEST(json.error().message == message);
  }
  BOOST_TEST(!parse_json(R"({"a":1,"b":2,"a":3})").ok());
}

BOOST_AUTO_TEST_CASE(nesting_has_a_limit) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  BOOST_TEST(parse_json(nested(rondom::json_depth_max)).ok());
  BOOST_TEST(!parse_json(nested(rondom::json_depth_max + 1)).ok());
  BOOST_TEST(!parse_json(std::string(1'000'000, '[')).ok());
}

BOOST_AUTO_TEST_CASE(members_are_found_and_set) {
  Json json = *parse_json(R"({"name":"Jan","age":41,"vip":true,"score":1.5})");
  BOOST_TEST(json.text_or("name", "") == "Jan");
  BOOST_TEST(json.integer_or("age", 0) == 41);
  BOOST_TEST(json.boolean_or("vip", false));
  BOOST_TEST(json.find("score")->as_number() == 1.5);
  BOOST_TEST(json.text_or("age", "fallback") == "fallback");
  BOOST_TEST((json.find("nobody") == nullptr));
  json.set("age", Json::of(std::int64_t{42})).set("new", Json::list().push(Json::of_boolean(true)));
  BOOST_TEST(json.to_text() == R"({"name":"Jan","age":42,"vip":true,"score":1.5,"new":[true]})");
}

BOOST_AUTO_TEST_CASE(text_that_is_no_utf8_is_written_as_replacement) {
  std::string out;
  rondom::append_json_string(out, std::string_view("a\xff\x01\"é\xc3", 7));
  BOOST_TEST(out == "\"a\xEF\xBF\xBD\\u0001\\\"é\xEF\xBF\xBD\"");
}

BOOST_AUTO_TEST_CASE(records_are_batched_and_kept_in_order) {
  Pushed pushed;
  rondom::RecordWriter out(pushed.abi, "people");
  BOOST_TEST(out.row().text("a", "x").integer("b", -1).number("c", 0.5).null("d").done().ok());
  BOOST_TEST(out.json(R"({"e":1})").ok());
  BOOST_TEST(out.unreadable("why", "raw").ok());
  BOOST_TEST(pushed.lines.empty());
  BOOST_TEST(out.checkpoint("people", "1").ok());
  BOOST_REQUIRE(pushed.lines.size() == 2u);
  BOOST_TEST(pushed.lines[0] == R"(people@ {"a":"x","b":-1,"c":0.5,"d":null} {"e":1} raw!why)");
  BOOST_TEST(pushed.lines[1] == "checkpoint people 1");
}

BOOST_AUTO_TEST_CASE(a_row_that_is_not_done_is_dropped) {
  Pushed pushed;
  rondom::RecordWriter out(pushed.abi, "s");
  BOOST_TEST(out.json("{}").ok());
  out.row().text("half", "a row");
  BOOST_TEST(out.row()
                 .begin_object("o")
                 .begin_list("l")
                 .item_object()
                 .integer("i", 1)
                 .end_object()
                 .item_object()
                 .end_object()
                 .end_list()
                 .end_object()
                 .boolean("z", true)
                 .done()
                 .ok());
  out.row().text("another", "half");
  BOOST_TEST(out.flush().ok());
  BOOST_REQUIRE(pushed.lines.size() == 1u);
  BOOST_TEST(pushed.lines[0] == R"(s@ {} {"o":{"l":[{"i":1},{}]},"z":true})");
}

BOOST_AUTO_TEST_CASE(another_stream_or_origin_ends_a_batch) {
  Pushed pushed;
  rondom::RecordWriter out(pushed.abi);
  BOOST_TEST(out.stream("a").ok());
  BOOST_TEST(out.json("1").ok());
  BOOST_TEST(out.origin("f").ok());
  BOOST_TEST(out.json("2").ok());
  BOOST_TEST(out.stream("b").ok());
  BOOST_TEST(out.json("3").ok());
  BOOST_TEST(out.flush().ok());
  BOOST_TEST(pushed.lines == (std::vector<std::string>{"a@ 1", "a@f 2", "b@f 3"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(batches_are_handed_over_by_count_and_by_size) {
  Pushed pushed;
  rondom::RecordWriter out(pushed.abi, "s");
  for (std::size_t i = 0; i < rondom::RecordWriter::batch_records + 1; ++i) {
    BOOST_TEST_REQUIRE(out.json("{}").ok());
  }
  BOOST_TEST(pushed.lines.size() == 1u);
  const std::string large(rondom::RecordWriter::batch_bytes, 'x');
  BOOST_TEST(out.json(large).ok());
  BOOST_TEST(pushed.lines.size() == 2u);
  BOOST_TEST(out.row().text("t", large).done().ok());
  BOOST_TEST(pushed.lines.size() == 3u);
  BOOST_TEST(pushed.lines[2].size() == large.size() + std::string("s@ {\"t\":\"\"}").size());
}

BOOST_AUTO_TEST_CASE(a_record_above_the_limit_is_refused_and_the_rest_is_kept) {
  Pushed pushed;
  rondom::RecordWriter out(pushed.abi, "s");
  const std::string huge(RONDOM_RECORD_BYTES_MAX, 'x');
  BOOST_TEST(out.json("{}").ok());
  BOOST_TEST((out.row().text("t", huge).done().code() == Code::data));
  BOOST_TEST((out.json(huge + "x").code() == Code::data));
  BOOST_TEST(out.flush().ok());
  BOOST_TEST(pushed.lines == std::vector<std::string>{"s@ {}"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(unreadable_text_is_cut_between_characters) {
  Pushed pushed;
  rondom::RecordWriter out(pushed.abi, "s");
  std::string raw(RONDOM_EXCERPT_BYTES_MAX - 1, 'x');
  BOOST_TEST(out.unreadable("p", raw + "é and more").ok());
  BOOST_TEST(out.flush().ok());
  BOOST_TEST(pushed.lines.at(0) == "s@ " + raw + "!p");
}

BOOST_AUTO_TEST_CASE(a_host_that_says_stop_is_heard) {
  Pushed pushed;
  pushed.answer = RONDOM_E_CANCELLED;
  rondom::RecordWriter out(pushed.abi, "s");
  BOOST_TEST(out.json("{}").ok());
  BOOST_TEST((out.checkpoint("s", "1").code() == Code::cancelled));
}

BOOST_AUTO_TEST_SUITE_END()
