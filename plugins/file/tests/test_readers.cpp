#include <boost/test/unit_test.hpp>

#include <random>
#include <sstream>

#include "fuzz.h"
#include "support.h"

using namespace rondom;              // NOLINT
using namespace rondom::file;        // NOLINT
using namespace rondom::file::test;  // NOLINT

namespace {

using namespace std::string_literals;

struct Case {
  const char* name;
  std::string text;
  const char* options;
  std::vector<Seen> expected;
  const char* failure = "";  // part of the message
};

const std::string bom = "\xEF\xBB\xBF";

std::string utf16(std::u16string_view text, bool little, bool mark) {
  std::string out;
  const auto put = [&](char16_t unit) {
    const char low = static_cast<char>(unit & 0xFF);
    const char high = static_cast<char>(unit >> 8);
    out += little ? low : high;
    out += little ? high : low;
  };
  if (mark) put(0xFEFF);
  for (const char16_t unit : text) put(unit);
  return out;
}

std::vector<Case> csv_cases() {
  return {
      {"plain",
       "id,name\n1,Anna\n2,Bram\n",
       "{}",
       {{R"({"id":"1","name":"Anna"})", "", 2}, {R"({"id":"2","name":"Bram"})", "", 3}}},
      {"no line end at the end", "id,name\n1,Anna", "{}", {{R"({"id":"1","name":"Anna"})", "", 2}}},
      {"CR LF", "id,name\r\n1,Anna\r\n", "{}", {{R"({"id":"1","name":"Anna"})", "", 2}}},
      {"CR alone",
       "id,name\r1,\"A\rB\"\r2,C\r",
       "{}",
       {{R"({"id":"1","name":"A\rB"})", "", 2}, {R"({"id":"2","name":"C"})", "", 4}}},
      {"empty and quoted empty", "id,a,b\n1,,\"\"\n", "{}", {{R"({"id":"1","b":""})", "", 2}}},
      {"quotes, delimiters and line ends inside",
       "id,t\n1,\"a,\"\"b\"\"\nc\"\n2,x\n",
       "{}",
       {{R"({"id":"1","t":"a,\"b\"\nc"})", "", 2}, {R"({"id":"2","t":"x"})", "", 4}}},
      {"quote in the middle is a character",
       "id,t\n1,19\" rack\n",
       "{}",
       {{R"({"id":"1","t":"19\" rack"})", "", 2}}},
      {"semicolons with decimal commas",
       "a;b\n1,50;2,30\n3,10;4\n",
       "{}",
       {{R"({"a":"1,50","b":"2,30"})", "", 2}, {R"({"a":"3,10","b":"4"})", "", 3}}},
      {"tabs", "a\tb\n1\t2\n", "{}", {{R"({"a":"1","b":"2"})", "", 2}}},
      {"pipes said", "a|b\n1,5|2\n", R"({"delimiter":"|"})", {{R"({"a":"1,5","b":"2"})", "", 2}}},
      {"Excel's sep line", "sep=;\na;b\n1,1;2\n", "{}", {{R"({"a":"1,1","b":"2"})", "", 3}}},
      {"one column",
       "name\nAnna\n\nBram\n",
       "{}",
       {{R"({"name":"Anna"})", "", 2}, {R"({"name":"Bram"})", "", 4}}},
      {"lines of delimiters are blank",
       "a,b\n1,2\n,\n,\n",
       "{}",
       {{R"({"a":"1","b":"2"})", "", 2}}},
      {"no quoting", "a,b\n\"1,2\n", R"({"quote":""})", {{R"({"a":"\"1","b":"2"})", "", 2}}},
      {"another quote", "a,b\n'1,1',2\n", R"({"quote":"'"})", {{R"({"a":"1,1","b":"2"})", "", 2}}},
      {"too many fields",
       "a,b\n1,2,3\n4,5\n",
       R"({"delimiter":","})",
       {{"1,2,3", "the row has 3 fields, the header has 2", 2}, {R"({"a":"4","b":"5"})", "", 3}}},
      {"empty surplus is nothing",
       "a,b\n1,2,\n",
       R"({"delimiter":","})",
       {{R"({"a":"1","b":"2"})", "", 2}}},
      {"too few fields",
       "a,b,c\n1,2\n",
       "{}",
       {{"1,2", "the row has 2 fields, the header has 3", 2}}},
      {"too few accepted",
       "a,b,c\n1,2\n",
       R"({"ragged":"accept"})",
       {{R"({"a":"1","b":"2"})", "", 2}}},
      {"null values",
       "a,b\nNULL,\"NULL\"\nx,-\n",
       R"({"null_values":["NULL","-"]})",
       {{"{}", "", 2}, {R"({"a":"x"})", "", 3}}},
      {"no header",
       "1,2\n3,4\n",
       R"({"header":false})",
       {{R"({"column_1":"1","column_2":"2"})", "", 1},
        {R"({"column_1":"3","column_2":"4"})", "", 2}}},
      {"columns without header",
       "1,2\n",
       R"({"header":false,"columns":["x","y"]})",
       {{R"({"x":"1","y":"2"})", "", 1}}},
      {"columns replace the header",
       "a,a\n1,2\n",
       R"({"columns":["x","y"]})",
       {{R"({"x":"1","y":"2"})", "", 2}}},
      {"twice the same column", "a,a\n1,2\n", "{}", {}, "two columns named a (1 and 2)"},
      {"unclosed quote",
       "a,b\n1,2\n3,\"x\n4,5\n",
       R"({"delimiter":","})",
       {{R"({"a":"1","b":"2"})", "", 2},
        {"3,\"x", "a quote is opened and never closed", 3},
        {R"({"a":"4","b":"5"})", "", 4}}},
      {"text behind a closing quote",
       "a,b\n\"1\"x,2\n3,4\n",
       R"({"delimiter":","})",
       {{"\"1\"x,2", "there is text behind the closing quote of field 1", 2},
        {R"({"a":"3","b":"4"})", "", 3}}},
      {"a stray quote swallows little",
       "a,b\n1,\"x\n2,\"y\"\n3,z\n",
       R"({"delimiter":","})",
       {{"1,\"x", "there is text behind the closing quote of field 2", 2},
        {R"({"a":"2","b":"y"})", "", 3},
        {R"({"a":"3","b":"z"})", "", 4}}},
      {"NUL",
       "a,b\n1,x\0y\n2,z\n"s,
       R"({"encoding":"utf-8"})",
       {{"1,x\xEF\xBF\xBDy", "field 2 holds a NUL byte", 2}, {R"({"a":"2","b":"z"})", "", 3}}},
      {"one bad byte in UTF-8",
       "a,b\n1,\xC3\xA9\n2,\xE9\n3,\xC3\xAB\n",
       "{}",
       {{"{\"a\":\"1\",\"b\":\"\xC3\xA9\"}", "", 2},
        {"2,\xEF\xBF\xBD", "field 2 is not valid in the file's encoding", 3},
        {"{\"a\":\"3\",\"b\":\"\xC3\xAB\"}", "", 4}}},
      {"Windows-1252 by content",
       "a,b\n1,\xE9\x80\n",
       "{}",
       {{"{\"a\":\"1\",\"b\":\"\xC3\xA9\xE2\x82\xAC\"}", "", 2}}},
      {"ISO-8859-1 said",
       "a\n\xE9\x80\n",
       R"({"encoding":"iso-8859-1"})",
       {{"{\"a\":\"\xC3\xA9\xC2\x80\"}", "", 2}}},
      {"UTF-8 byte order mark", bom + "a,b\n1,2\n", "{}", {{R"({"a":"1","b":"2"})", "", 2}}},
      {"UTF-16LE with mark",
       utf16(u"a;b\n1;é\U0001F600\n", true, true),
       "{}",
       {{"{\"a\":\"1\",\"b\":\"\xC3\xA9\xF0\x9F\x98\x80\"}", "", 2}}},
      {"UTF-16BE with mark",
       utf16(u"a;b\r\n1;é\r\n", false, true),
       "{}",
       {{"{\"a\":\"1\",\"b\":\"\xC3\xA9\"}", "", 2}}},
      {"UTF-16LE without mark",
       utf16(u"id;name\n1;Anna\n", true, false),
       "{}",
       {{R"({"id":"1","name":"Anna"})", "", 2}}},
      {"half a surrogate pair",
       utf16(u"id;name\n1;A\xD83D\n2;B\n", true, true),
       "{}",
       {{"1;A\xEF\xBF\xBD", "field 2 is not valid in the file's encoding", 2},
        {R"({"id":"2","name":"B"})", "", 3}}},
      {"header with spaces", " id , name\n1,2\n", "{}", {{R"({"id":"1","name":"2"})", "", 2}}},
      {"header without a name", "id,\n1,2\n", "{}", {{R"({"id":"1","column_2":"2"})", "", 2}}},
      {"only a header", "id,name\n", "{}", {}},
      {"nothing", "", "{}", {}},
      {"control characters",
       "a\n1\t\x01\n",
       R"({"delimiter":","})",
       {{R"({"a":"1\t\u0001"})", "", 2}}},
  };
}

std::vector<Case> json_cases() {
  return {
      {"lines", "{\"a\":1}\n{\"a\":2}\n", "{}", {{R"({"a":1})", "", 1}, {R"({"a":2})", "", 2}}},
      {"lines, CR LF, blanks, no end",
       "{\"a\":1}\r\n\r\n  {\"a\":2}  ",
       "{}",
       {{R"({"a":1})", "", 1}, {R"({"a":2})", "", 3}}},
      {"lines that are none",
       "{\"a\":1}\nhello\n[1]\n{\"a\":\n{\"a\":2}\n",
       R"({"format":"jsonl"})",
       {{R"({"a":1})", "", 1},
        {"hello", "the line is not one JSON object", 2},
        {"[1]", "the line is not one JSON object", 3},
        {"{\"a\":", "the line is not one JSON object", 4},
        {R"({"a":2})", "", 5}}},
      {"lines with bad UTF-8 and NUL",
       "{\"a\":\"\xFF\"}\n{\"a\":\"\0\"}\n{\"a\":2}\n"s,
       R"({"format":"jsonl"})",
       {{"{\"a\":\"\xEF\xBF\xBD\"}", "the line is not valid in the file's encoding", 1},
        {"{\"a\":\"\xEF\xBF\xBD\"}", "the line holds a NUL byte", 2},
        {R"({"a":2})", "", 3}}},
      {"lines, concatenated files",
       bom + "{\"a\":1}\n" + bom + "{\"a\":2}\n",
       "{}",
       {{R"({"a":1})", "", 1}, {R"({"a":2})", "", 2}}},
      {"lines in UTF-16",
       utf16(u"{\"a\":\"é\"}\n{\"a\":2}\n", true, true),
       R"({"format":"jsonl"})",
       {{"{\"a\":\"\xC3\xA9\"}", "", 1}, {R"({"a":2})", "", 2}}},
      {"array",
       "[{\"a\":1},\n {\"a\":[2,{}]}\n]\n",
       "{}",
       {{R"({"a":1})", "", 1}, {R"({"a":[2,{}]})", "", 2}}},
      {"array in one line",
       "[{\"a\":\"]},{\\\"\"},{\"a\":\"\\\\\"}]",
       "{}",
       {{R"({"a":"]},{\""})", "", 1}, {R"({"a":"\\"})", "", 1}}},
      {"empty array", " [ ] ", "{}", {}},
      {"array of other things",
       "[1, \"x\", null, [2], {\"a\":1}]",
       "{}",
       {{"1", "the element is no JSON object", 1},
        {"\"x\"", "the element is no JSON object", 1},
        {"null", "the element is no JSON object", 1},
        {"[2]", "the element is no JSON object", 1},
        {R"({"a":1})", "", 1}}},
      {"array that is not closed",
       "[{\"a\":1},\n{\"a\":2}",
       "{}",
       {{R"({"a":1})", "", 1}, {R"({"a":2})", "", 2}},
       "line 2, byte 17: the array is not closed"},
      {"array cut inside",
       "[{\"a\":1},{\"a\"",
       "{}",
       {{R"({"a":1})", "", 1}},
       "it ends inside a value"},
      {"array without commas",
       "[{\"a\":1} {\"a\":2}]",
       "{}",
       {{R"({"a":1})", "", 1}},
       "a comma is missing"},
      {"two commas",
       "[{\"a\":1},,{\"a\":2}]",
       "{}",
       {{R"({"a":1})", "", 1}},
       "a value is expected"},
      {"text behind the array", "[{\"a\":1}] x", "{}", {{R"({"a":1})", "", 1}}, "behind the end"},
      {"one object over lines",
       "{\n \"a\": 1\n}\n{\n \"a\": 2 }",
       "{}",
       {{"{\n \"a\": 1\n}", "", 1}, {"{\n \"a\": 2 }", "", 4}}},
      {"nothing as json", "", R"({"format":"json"})", {}},
      {"nothing as jsonl", "", R"({"format":"jsonl"})", {}},
  };
}

void check_case(const Case& c, std::size_t block) {
  const ReadAll all = read_text(c.text, options_of(c.options), "test.dat", block);
  BOOST_TEST_INFO_SCOPE(c.name << ", blocks of " << block);
  BOOST_TEST(all.records == c.expected, boost::test_tools::per_element());
  const std::string said = all.failure.ok() ? "" : all.failure.error().message;
  BOOST_TEST_INFO(said);
  BOOST_TEST(said.empty() == (*c.failure == '\0'));
  BOOST_TEST(said.find(c.failure) != std::string::npos);
}

}  // namespace

BOOST_AUTO_TEST_CASE(csv_table_in_blocks_of_any_size) {
  for (const Case& c : csv_cases()) {
    for (const std::size_t block : {1u, 2u, 7u, 4096u, 1u << 20}) check_case(c, block);
  }
}

BOOST_AUTO_TEST_CASE(json_table_in_blocks_of_any_size) {
  for (const Case& c : json_cases()) {
    for (const std::size_t block : {1u, 2u, 7u, 4096u, 1u << 20}) check_case(c, block);
  }
}

BOOST_AUTO_TEST_CASE(reading_goes_on_behind_every_record) {
  for (auto cases : {csv_cases(), json_cases()}) {
    for (const Case& c : cases) {
      const ReadOptions options = options_of(c.options);
      const ReadAll whole = read_text(c.text, options);
      for (std::size_t i = 0; i < whole.positions.size(); ++i) {
        const ReadAll rest = read_all(std::make_unique<MemoryBytes>(c.text, 7), options, "test.dat",
                                      whole.positions[i]);
        const std::vector<Seen> expected(whole.records.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                         whole.records.end());
        BOOST_TEST_INFO_SCOPE(c.name << " behind record " << i + 1);
        BOOST_TEST(rest.records == expected, boost::test_tools::per_element());
        BOOST_TEST(rest.failure.ok() == whole.failure.ok());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(packed_text_reads_the_same) {
  for (auto cases : {csv_cases(), json_cases()}) {
    for (const Case& c : cases) {
      if (c.text.empty()) continue;
      const std::size_t half = c.text.size() / 2;
      const std::string two = gzip(c.text.substr(0, half)) + gzip(c.text.substr(half));
      const std::string frames = zstd(c.text.substr(0, half)) + zstd(c.text.substr(half));
      for (const std::string& packed :
           {gzip(c.text), zstd(c.text), two + std::string(512, '\0'), frames}) {
        for (const std::size_t block : {1u, 1u << 20}) {
          Case same = c;
          same.text = packed;
          BOOST_TEST_INFO_SCOPE(c.name);
          const ReadAll all = read_text(packed, options_of(c.options), "test.dat", block);
          BOOST_TEST(all.records == c.expected, boost::test_tools::per_element());
          BOOST_TEST(all.failure.ok() == (*c.failure == '\0'));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(cut_or_damaged_packed_files_give_what_came_before) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text +=
        "{\"id\":" + std::to_string(i) + ",\"x\":\"" + std::to_string(i * 7919 % 10007) + "\"}\n";
  }
  const std::size_t records = 20'000;
  for (const std::string& packed : {gzip(text), zstd(text)}) {
    const ReadAll cut =
        read_text(packed.substr(0, packed.size() * 3 / 4), options_of("{}"), "export.jsonl.gz");
    BOOST_TEST(cut.records.size() > records / 3);
    BOOST_TEST(cut.records.size() < records);
    BOOST_REQUIRE(!cut.failure.ok());
    BOOST_TEST(static_cast<int>(cut.failure.code()) == static_cast<int>(Code::data));
    BOOST_TEST(cut.failure.error().message.find("export.jsonl.gz is broken at byte " +
                                                std::to_string(packed.size() * 3 / 4)) == 0);
    std::string damaged = packed;
    for (std::size_t i = 0; i < 50; ++i) damaged[damaged.size() / 2 + i] ^= 0x55;
    const ReadAll wrong = read_text(damaged, options_of("{}"), "export.jsonl");
    BOOST_REQUIRE(!wrong.failure.ok());
    BOOST_TEST(wrong.records.size() > records / 10);
    // Neither what is read nor where it says it is broken depends on how the bytes arrive.
    const ReadAll pieces = read_text(damaged, options_of("{}"), "export.jsonl", 7);
    BOOST_TEST(pieces.records.size() == wrong.records.size());
    BOOST_REQUIRE(!pieces.failure.ok());
    BOOST_TEST(pieces.failure.error().message == wrong.failure.error().message);
  }
}

BOOST_AUTO_TEST_CASE(containers_that_are_not_read_are_named) {
  const std::pair<std::string, const char*> cases[] = {{"PK\x03\x04xxxx", "Excel workbook"},
                                                       {"\xFD"
                                                        "7zXZ\0"s,
                                                        "an xz file"},
                                                       {"PAR1", "Parquet"}};
  for (const auto& [head, word] : cases) {
    const ReadAll all = read_text(head, options_of("{}"), "contacts.xlsx");
    BOOST_REQUIRE(!all.failure.ok());
    BOOST_TEST(static_cast<int>(all.failure.code()) == static_cast<int>(Code::config));
    BOOST_TEST(all.failure.error().message.find(word) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(records_over_8_mib_are_passed_over) {
  const std::uint64_t huge = 20u << 20;
  struct {
    const char* name;
    const char* options;
    std::string head, tail;
    std::vector<std::string> problems;
  } const cases[] = {
      {"jsonl",
       R"({"format":"jsonl"})",
       "{\"a\":1}\n{\"a\":\"",
       "\"}\n{\"a\":2}\n",
       {"", "the record is longer than 8 MiB", ""}},
      {"jsonl to the end",
       R"({"format":"jsonl"})",
       "{\"a\":1}\n{\"a\":\"",
       "",
       {"", "the record is longer than 8 MiB"}},
      {"json",
       R"({"format":"json"})",
       "[{\"a\":1},{\"a\":\"",
       "\"},{\"a\":2}]",
       {"", "the record is longer than 8 MiB", ""}},
      {"csv",
       R"({"format":"csv","delimiter":","})",
       "a,b\n1,1\n2,",
       "\n3,3\n",
       {"", "the record is longer than 8 MiB", ""}},
      {"csv in quotes",
       R"({"format":"csv","delimiter":","})",
       "a,b\n1,1\n2,\"",
       "\"\n3,3\n",
       {"", "a quote is opened and not closed within 8 MiB", ""}},
  };
  for (const auto& c : cases) {
    const ReadAll all =
        read_all(std::make_unique<EndlessBytes>(c.head, 'x', huge, c.tail), options_of(c.options));
    BOOST_TEST_INFO_SCOPE(c.name);
    BOOST_TEST(all.failure.ok());
    std::vector<std::string> problems;
    for (const Seen& seen : all.records) {
      problems.push_back(seen.problem);
      BOOST_TEST(seen.json.size() <= excerpt_bytes_max);
    }
    BOOST_TEST(problems == c.problems, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(many_columns) {
  std::string header, row;
  for (int i = 0; i < 10'000; ++i) {
    header += (i ? ",c" : "c") + std::to_string(i);
    row += i ? ",1" : "1";
  }
  const ReadAll good = read_text(header + "\n" + row + "\n", options_of("{}"));
  BOOST_TEST(good.failure.ok());
  BOOST_REQUIRE(good.records.size() == 1u);
  BOOST_TEST(good.records[0].json.find("\"c9999\":\"1\"") != std::string::npos);
  for (int i = 10'000; i <= 20'000; ++i) header += ",c" + std::to_string(i);
  const ReadAll bad = read_text(header + "\n", options_of("{}"));
  BOOST_REQUIRE(!bad.failure.ok());
  BOOST_TEST(bad.failure.error().message.find("at most 20000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(own_csv_comes_back) {
  const std::uint32_t seed = 20260314;
  std::mt19937 random(seed);
  BOOST_TEST_INFO("seed " << seed);
  const std::string alphabet = "ab,;\"'\n\r\t =+-@|\\1";
  for (int round = 0; round < 2'000; ++round) {
    std::vector<std::string> fields(1 + random() % 5);
    std::string text = "\n";
    std::string header;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      for (std::size_t size = random() % 8; size > 0; --size) {
        fields[i] += alphabet[random() % alphabet.size()];
      }
      header += (i ? ",c" : "c") + std::to_string(i);
      if (i != 0) text += ',';
      append_csv_field(text, fields[i], ',', Formulas::keep);
    }
    const ReadAll all = read_text(header + text + "\n", options_of(R"({"delimiter":","})"));
    BOOST_REQUIRE(all.records.size() == 1u);
    std::string expected;
    JsonWriter out(expected);
    out.begin_object();
    for (std::size_t i = 0; i < fields.size(); ++i)
      out.name("c" + std::to_string(i)).text(fields[i]);
    out.end_object();
    BOOST_REQUIRE_EQUAL(all.records[0].json, expected);
  }
}

BOOST_AUTO_TEST_CASE(formulas_are_escaped_and_phones_are_not) {
  const std::pair<const char*, const char*> cases[] = {
      {"=1+1", "\"'=1+1\""},
      {"@SUM(A1)", "\"'@SUM(A1)\""},
      {"+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""},
      {"-2+3", "\"'-2+3\""},
      {"+31 6 1234-5678", "+31 6 1234-5678"},
      {"-12.50", "-12.50"},
      {"@anna.dev", "@anna.dev"},
      {"plain", "plain"},
  };
  for (const auto& [value, expected] : cases) {
    std::string out;
    append_csv_field(out, value, ',', Formulas::escape);
    BOOST_TEST(out == expected);
  }
}

BOOST_AUTO_TEST_CASE(random_bytes_keep_the_promises) {
  const std::uint32_t seed = 7;
  BOOST_TEST_INFO("seed " << seed);
  std::mt19937 random(seed);
  const std::string alphabet = "{}[]\",;:\n\r\\ a1\xC3\xA9\xFF\0"s;
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    for (std::size_t size = random() % 60; size > 0; --size) {
      text += alphabet[random() % alphabet.size()];
    }
    const auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
    BOOST_TEST(fuzz_csv(data, text.size()) == 0);
    BOOST_TEST(fuzz_json_split(data, text.size()) == 0);
  }
}
