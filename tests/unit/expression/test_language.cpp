#include <vector>

#include "unit/expression/evaluate.h"

using namespace rondom;
using namespace rondom::expression;
using namespace rondom::expression::test;

namespace {

std::string printed(std::string_view text) {
  return compiled(text).print();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(language)

BOOST_AUTO_TEST_CASE(paths) {
  const char* const input =
      R"({"a":{"b":[{"c":1},{"c":2},{}]},"odd name":"x","t":"text","n":null,"l":[[1,2],3,[4]],)"
      R"("meta":[{"key":"_vat","value":"NL1"},{"key":"n","value":7}]})";
  BOOST_TEST(run(".a.b[1].c", input) == "2");
  BOOST_TEST(run(".a.b[9].c", input) == "null");
  BOOST_TEST(run("$.a.b[0].c", input) == "1");
  BOOST_TEST(run(R"(."odd name")", input) == R"("x")");
  BOOST_TEST(run(R"(.meta[key == "_vat"].value)", input) == R"("NL1")");
  BOOST_TEST(run(R"(.meta[value == 7].key)", input) == R"("n")");
  BOOST_TEST(run(R"(.meta[key == "x"].value)", input) == "null");
  BOOST_TEST(run(R"(.a[key == "x"])", input) == "null");
  BOOST_TEST(run(".a.b[].c", input) == "[1,2]");
  BOOST_TEST(run(".l[]", input) == "[[1,2],3,[4]]");
  BOOST_TEST(run(".l[][]", input) == "[1,2,3,4]");
  BOOST_TEST(run(".l[][0]", input) == "[1,4]");
  BOOST_TEST(run(".t[]", input) == R"(["text"])");
  BOOST_TEST(run(".n[]", input) == "[]");
  BOOST_TEST(run(".t.x.y", input) == "null");
  BOOST_TEST(run(".t[0]", input) == "null");
  BOOST_TEST(run(".missing.x[0].y", input) == "null");
  BOOST_TEST(run(".l.x", input) ==
             "! a list has no field \"x\"; [] takes every item, [0] the first");
  BOOST_TEST(run("$index", input) == "null");
  BOOST_TEST(run(".", "7") == "7");
  BOOST_TEST(run("$", "7") == "7");
  BOOST_TEST(run(".[0]", "[7]") == "7");
  BOOST_TEST(run("$[0]", "[7]") == "7");
  BOOST_TEST(run("[1, .x]", R"({"x":2})") == "[1,2]");
  BOOST_TEST(run("[1, [2]][1][0]") == "2");
}

BOOST_AUTO_TEST_CASE(the_place_in_a_list) {
  Arena arena;
  Scope scope;
  scope.index = 3;
  scope.arena = &arena;
  const Result<Value> value = compiled("$index").evaluate(scope);
  BOOST_REQUIRE(value.ok());
  BOOST_TEST(value->as_integer() == 3);
}

BOOST_AUTO_TEST_CASE(literals) {
  BOOST_TEST(run(R"("a\"\\\/\n\r\té\ud83d\ude00")") == "\"a\\\"\\\\/\\n\\r\\té😀\"");
  BOOST_TEST(run("[-1, 0, 2.50, 1e3, true, false, null]") == "[-1,0,2.5,1000,true,false,null]");
  BOOST_TEST(run("[90s, 15m, 1h, 30d, 2w, 5ms, 7us, -1d]") ==
             R"(["90s","15m","1h","30d","14d","5ms","7us","-1d"])");
  BOOST_TEST(run("[]") == "[]");
}

BOOST_AUTO_TEST_CASE(precedence) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"true or true and false", "true"},
      {"(true or true) and false", "false"},
      {"not true or true", "true"},
      {"not (true or true)", "false"},
      {"not false and false", "false"},
      {"not 1 == 2", "true"},
      {"not not true", "true"},
      {"1 < 2 and 2 < 3", "true"},
      {"1 == 2 | if(\"yes\", \"no\")", "\"no\""},
      {"\"A\" | lower == \"a\"", "!"},
      {"(\"A\" | lower) == \"a\"", "true"},
      {"lower(\"A\") == \"a\"", "true"},
      {"\"a,b\" | split(\",\") | last | upper", "\"B\""},
      {"concat(\"a\" | upper, \"b\")", "\"Ab\""},
      {"1 in [1, 2] and not 3 in [1, 2]", "true"},
  };
  for (const auto& [text, expected] : cases) {
    BOOST_TEST_CONTEXT(text) {
      if (std::string(expected) == "!") {
        BOOST_TEST(problem_of(text) != "compiles");
      } else {
        BOOST_TEST(run(text) == expected);
      }
    }
  }
}

// a b | == != < <= > >= | as JSON of one member each; E an error, T true, F false.
BOOST_AUTO_TEST_CASE(operators_and_types) {
  struct Row {
    const char* a;
    const char* b;
    const char* outcomes;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"1", "1", "TFFTFT"},
           {"1", "1.0", "TFFTFT"},
           {"1", "2.5", "FTTTFF"},
           {"922337203685477581", "922337203685477580.5", "FTFFTT"},
           {R"("a")", R"("b")", "FTTTFF"},
           {R"("b")", R"("a")", "FTFFTT"},
           {R"("1")", "1", "FTEEEE"},
           {"true", "true", "TFFTFT"},
           {"true", "1", "FTEEEE"},
           {"true", R"("true")", "FTEEEE"},
           {"null", "null", "FFFFFF"},
           {"null", "1", "FFFFFF"},
           {"1", "null", "FFFFFF"},
           {"null", "[1]", "FFFFFF"},
           {"[1]", "[1.0]", "TFEEEE"},
           {"[1]", "[2]", "FTEEEE"},
           {"[1]", "1", "EEEEEE"},
           {"1", "[1]", "EEEEEE"},
           {R"({"x":1})", R"({"x":1})", "TFEEEE"},
           {R"({"x":1})", "1", "EEEEEE"},
           {R"({"x":1})", "[1]", "EEEEEE"},
       }) {
    const std::string input = std::string("{\"a\":") + row.a + ",\"b\":" + row.b + "}";
    std::string outcomes;
    for (const char* op : {"==", "!=", "<", "<=", ">", ">="}) {
      const std::string result = run(std::string(".a ") + op + " .b", input);
      outcomes += result == "true" ? 'T' : result == "false" ? 'F' : 'E';
    }
    BOOST_TEST(outcomes == row.outcomes, input << " gives " << outcomes);
  }
}

BOOST_AUTO_TEST_CASE(made_types_compare) {
  const char* const input =
      R"({"d":"1980-05-12","p":"1980-05","t":"2026-03-14T12:00:00Z","m":"19.90","junk":"x"})";
  BOOST_TEST(run(R"(date(.d) == "1980-05-12")", input) == "true");
  BOOST_TEST(run(R"(date(.d) < "1980-06-01")", input) == "true");
  BOOST_TEST(run(R"(date(.p) < "1980-06-01")", input) == "false");
  BOOST_TEST(run(R"(date(.p) != "1980-06-01")", input) == "true");
  BOOST_TEST(run(R"("2026-03-14" <= datetime(.t))", input) == "true");
  BOOST_TEST(run(R"(date(.d) < datetime(.t))", input) == "true");
  BOOST_TEST(run(R"(date(.d) == .junk)", input) == "false");
  BOOST_TEST(run(R"(date(.d) < .junk)", input).starts_with("! "));
  BOOST_TEST(run(R"(money(.m, "EUR") >= 19.9)", input) == "true");
  BOOST_TEST(run(R"(money(.m, "EUR") == money(.m, "USD"))", input) == "false");
  BOOST_TEST(run(R"(money(.m, "EUR") < money(.m, "USD"))", input) == "false");
  BOOST_TEST(run("30d == 720h") == "true");
}

BOOST_AUTO_TEST_CASE(null_and_logic) {
  const char* const input = R"({"n":null,"x":1,"y":true,"t":"text","e":""})";
  BOOST_TEST(run(".n == null", input) == "true");
  BOOST_TEST(run("null == .missing", input) == "true");
  BOOST_TEST(run(".x == null", input) == "false");
  BOOST_TEST(run(".x != null", input) == "true");
  BOOST_TEST(run(".n != null", input) == "false");
  BOOST_TEST(run("null == null", input) == "true");
  BOOST_TEST(run(".n != 1", input) == "false");
  BOOST_TEST(run(".e == null", input) == "false");
  BOOST_TEST(run(".n and .y", input) == "false");
  BOOST_TEST(run(".n or .y", input) == "true");
  BOOST_TEST(run("not .n", input) == "true");
  BOOST_TEST(run(".t and .y", input) == "! `and` needs true or false, and this is of type text");
  BOOST_TEST(run("not .x", input).starts_with("! `not`"));
  // What is decided already is not evaluated further.
  BOOST_TEST(run(".y or .t", input) == "true");
  BOOST_TEST(run(".n and .t", input) == "false");
}

BOOST_AUTO_TEST_CASE(membership) {
  const char* const input = R"({"c":"NL","n":null,"l":["NL",1],"x":1})";
  BOOST_TEST(run(R"(.c in ["NL", "BE"])", input) == "true");
  BOOST_TEST(run(R"(.c in ["DE", 1])", input) == "false");
  BOOST_TEST(run(".c in .l", input) == "true");
  BOOST_TEST(run("1.0 in .l", input) == "true");
  BOOST_TEST(run(".n in [null]", input) == "false");
  BOOST_TEST(run(".c in .n", input) == "false");
  BOOST_TEST(run(".c in []", input) == "false");
  BOOST_TEST(run(".c in .x", input) == "! `in` needs a list on its right");
  BOOST_TEST(run(".l in .l", input).starts_with("! `in`"));
}

BOOST_AUTO_TEST_CASE(problems_say_where_and_what_to_do) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"", "0+1 the expression is empty"},
      {"  ", "2+1 the expression is empty"},
      {".a == ", "6+1 the expression ends too early"},
      {".a | lowr", "5+4 there is no function lowr (did you mean lower?)"},
      {".a | zzzzzzzz",
       "5+8 there is no function zzzzzzzz (docs/reference/expressions.md has them all)"},
      {"lowr(.a)", "0+4 there is no function lowr (did you mean lower?)"},
      {".a | vocabulary(\"product_categroy\")",
       "16+18 vocabulary(): no vocabulary product_categroy (did you mean product_category?)"},
      {".a | lookup(\"x\")",
       "12+3 lookup(): no lookup table x (declare it in lookups/NAME.yaml; there is branches, "
       "grades)"},
      {".a | lookup(.b)",
       "12+2 lookup() needs a text in double quotes here (lookup(value, \"table\"))"},
      {".a | lookup",
       "0+11 lookup() takes 2 arguments (what is piped in counts), not 1 (lookup(value, "
       "\"table\"))"},
      {".a | phone(\"Belgium\")",
       "11+9 phone(): this is no country code (two capital letters such as NL (ISO 3166))"},
      {".a | phnoe", "5+5 there is no function phnoe (did you mean phone?)"},
      {"name", "0+4 unexpected \"name\" (a field is written .name, a text in double quotes)"},
      {".a = 1", "3+1 unexpected \"=\" (write `==`)"},
      {".a && .b", "3+2 unexpected \"&&\" (write `and`)"},
      {".a || .b", "3+2 unexpected \"||\" (write `or`)"},
      {"!.a", "0+1 unexpected \"!\" (write `not`)"},
      {".a == 'x'", "6+1 unexpected \"'\" (texts stand in double quotes)"},
      {".a + 1",
       "3+1 unexpected character (texts are put together by concat(.a, \" \", .b); expressions do "
       "not calculate; use functions such as sum())"},
      {".a * 2",
       "3+1 unexpected character (expressions do not calculate; use functions such as "
       "sum())"},
      {".a | lowercase", "5+9 there is no function lowercase (did you mean lower?)"},
      {"\"abc", "0+4 the text has no closing quote"},
      {R"("a\x")", R"(2+2 unknown escape in a text (known: \" \\ \/ \n \r \t \u00e9))"},
      {R"("\ud800")", "1+6 \\u needs four hexadecimal digits of a character"},
      {R"("\u0000")", "0+8 a text cannot hold a NUL character"},
      {".5",
       "0+2 a number starts with a digit and so does no field (write 0.5 for the number, "
       ".\"5\" for the field)"},
      {".a > 1980-01-31", "5+10 a date is written in double quotes (\"1980-01-31\")"},
      {".a > 1980-01", "5+7 a date is written in double quotes (\"1980-01\")"},
      {".a > 100 EUR",
       "9+3 unexpected \"EUR\" (money compares with a plain number, by its amount)"},
      {"01", "0+2 this is no number (no leading zeros, and no more digits than 64 bits hold)"},
      {"30x", "0+3 a number cannot end in \"x\" (durations: 90s 15m 1h 30d 2w)"},
      {"1.5h", "0+4 this is no duration (a whole number and a unit: 30d)"},
      {"$foo",
       "0+4 there is no $foo ($.field is a field of the whole record, $index the place in "
       "a list)"},
      {"(.a", "3+1 a \")\" is missing at the end"},
      {"[1, 2", "5+1 a \"]\" is missing at the end"},
      {".a .b", "3+2 unexpected \"b\" (there is an operator missing before the field)"},
      {".a[-1]", "3+2 a place in a list is counted from 0"},
      {".a[1.5]",
       "3+3 [] takes a place or a field to look for ([0], [] for every item, [key == "
       "\"x\"] for the first that fits)"},
      {".a[b == .c]",
       "8+2 [field == …] compares with a text, a number, true or false (use where() "
       "for more)"},
      {".a == 1 == 2",
       "8+2 one comparison follows another (join them with and, or put one in "
       "parentheses)"},
      {".a | 1", "5+1 a function must follow | (such as | lower)"},
      {".a | .b", "5+2 a function must follow | (write .a.b)"},
      {".a | first | .b", "13+2 a function must follow | (write .a[0].b or (.a | first).b)"},
      {"lower(.a) | first | .b", "20+2 a function must follow | (write (lower(.a) | first).b)"},
      {".a | latest | .\"b c\"", "14+6 a function must follow | (write (.a | latest).\"b c\")"},
      {".x | first == \"y\"", "11+2 unexpected \"==\" (| binds last: write (.x | first) == \"y\")"},
      {".x | trim | lower in [\"a\"]",
       "18+2 unexpected \"in\" (| binds last: write (.x | trim | lower) in …)"},
      {".x | bool and .y", "10+3 unexpected \"and\" (| binds last: write (.x | bool) and …)"},
      {".y == 1 and .x | first == 2", "23+2 unexpected \"==\" (| binds last: write (… | …) == 2)"},
      {"concat(.x | first == 2)", "18+2 unexpected \"==\" (| binds last: write (.x | first) == 2)"},
      {".a | lower(1, 2)",
       "0+16 lower() takes 1 argument (what is piped in counts), not 3 "
       "(lower(text))"},
      {".a | replace(\"x\")",
       "0+17 replace() takes 3 arguments (what is piped in counts), not 2 "
       "(replace(text, from, to))"},
      {".a[] == 1",
       "0+9 a list is never compared with a number (take one value of the list with "
       "first, last or [0], or use contains() or exists())"},
      {"[1] < [2]",
       "0+9 lists and objects have no order for < (take one value of the list with "
       "first, last or [0], or use contains() or exists())"},
      {"year(.at) == \"2020\"",
       "0+19 a number is never compared with a text (number() makes a "
       "number of a text, bool() true or false)"},
      {".a < null", "0+9 nothing is less or more than null (null goes with == and !=)"},
      {".a in \"x\"", "6+3 `in` needs a list on its right, and this is a text"},
      {"1 in [\"a\"]", "0+10 a number is never in this list"},
      {".a and 1", "7+1 `and` needs true or false, and this is a number"},
      {"not \"x\"", "4+3 `not` needs true or false, and this is a text"},
      {".a | where(1)", "11+1 where() needs a condition here (where(list, condition))"},
      {".a | within(30)",
       "12+2 within() needs a duration such as 30d here (within(list, duration))"},
      {".a | match(.b)",
       "11+2 match() needs a text in double quotes here (match(text, \"pattern\"))"},
      {".a | match(\"(\")",
       "11+3 match(): this is no regular expression (at character 1) (inside a "
       "text a backslash is written twice: \"\\\\d+\")"},
      {".a | date(\"DD-MM-YYYY\")",
       "10+12 date(): unknown part of a date format: DD (known: yyyy "
       "MM dd HH hh a mm ss SSS X)"},
      {".a | datetime(\"HH:mm\")", "14+7 datetime(): the format needs yyyy, MM and dd"},
      {".a | datetime(\"yyyy-MM-dd\", \"Europe/Amsterdm\")",
       "28+17 datetime(): there is no such time zone (a name such as Europe/Amsterdam or UTC)"},
      {".a | epoch(\"h\")", "11+3 epoch(): the unit is \"s\", \"ms\" or \"us\""},
      {".a | number(\"x\")", "12+3 number(): the decimal mark is \".\" or \",\""},
  };
  for (const auto& [text, expected] : cases) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(problem_of(text) == expected);
    }
  }
  BOOST_TEST(problem_of("\"\xff\"") == "0+1 the expression is not UTF-8");
}

BOOST_AUTO_TEST_CASE(limits_hold) {
  const auto repeated = [](std::size_t count, std::string_view part) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += part;
    return out;
  };
  constexpr std::size_t deep = limits::expression_depth_max;
  const std::string too_deep = "nested deeper than 64";
  BOOST_TEST(problem_of(repeated(deep - 1, "(") + "." + repeated(deep - 1, ")")) == "compiles");
  for (const std::string& text :
       {repeated(1000, "(") + "." + repeated(1000, ")"), repeated(1000, "["),
        repeated(500, "[") + repeated(500, "]"), repeated(500, "lower("),
        repeated(900, "not ") + ".", "." + repeated(400, " | lower")}) {
    BOOST_TEST(problem_of(text).find(too_deep) != std::string::npos, text.substr(0, 20));
  }
  // Alternatives side by side are not depth.
  BOOST_TEST(problem_of(".a" + repeated(300, " or .a")) == "compiles");
  BOOST_TEST(problem_of("." + repeated(5000, " ")) == "0+1 longer than 4096 bytes");

  const std::string big(1u << 20, 'x');
  BOOST_TEST(run("concat(.a, .a)", "{\"a\":\"" + big + "\"}").starts_with("! concat()"));
  BOOST_TEST(
      run(".a | replace(\"x\", \"xx\")", "{\"a\":\"" + big + "\"}").starts_with("! replace"));
  std::string list = "0";
  for (int i = 0; i < 6'000; ++i) list += ",0";
  BOOST_TEST(
      run(".a | where(. in [1, $.a | where(. == 2) | count]) | count", "{\"a\":[" + list + "]}")
          .starts_with("! the expression "));
}

BOOST_AUTO_TEST_CASE(plain_paths) {
  const std::vector<std::string> expected{"a", "odd name"};
  BOOST_TEST(compiled(R"(.a."odd name")").plain_path() == expected,
             boost::test_tools::per_element());
  for (const char* text : {".", "$", "$.a", ".a[0]", ".a[]", ".a | lower", "\"a\"", ".a == 1"}) {
    BOOST_TEST(compiled(text).plain_path().empty(), text);
  }
  BOOST_TEST(Expression().plain_path().empty());
}

BOOST_AUTO_TEST_CASE(fields_that_are_read) {
  const auto fields = [](std::string_view text) {
    std::string out;
    for (const FieldUse& use : compiled(text).fields()) {
      if (!out.empty()) out += ' ';
      if (use.from_root) out += '$';
      for (const std::string& name : use.path) out += "." + name;
      out += "@" + std::to_string(use.offset) + "+" + std::to_string(use.length);
    }
    return out;
  };
  BOOST_TEST(fields(".a.b | default(.c[0].d)") == ".a.b@0+4 .c@15+7");
  BOOST_TEST(fields(".orders | where(.status == $.wanted) | sum(.total)") ==
             ".orders@0+7 $.wanted@27+8");
  BOOST_TEST(fields(R"(.items | parse_json)") == ".items@0+6");
  BOOST_TEST(fields(". == $") == "");
  BOOST_TEST(fields("concat(.a, \"x\", .b)") == ".a@7+2 .b@16+2");
}

BOOST_AUTO_TEST_CASE(time_dependence) {
  BOOST_TEST(compiled(".orders | within(30d) | exists").depends_on_time());
  BOOST_TEST(compiled("not (.x | where(.y | within(1d) | exists) | exists)").depends_on_time());
  BOOST_TEST(!compiled(".orders | exists").depends_on_time());
  BOOST_TEST(!Expression().depends_on_time());
}

BOOST_AUTO_TEST_CASE(constants_and_what_is_an_expression) {
  const Expression constant = Expression::constant("work");
  Arena arena;
  Scope scope;
  scope.arena = &arena;
  BOOST_TEST(constant.evaluate(scope)->as_text() == "work");
  BOOST_TEST(constant.print() == "\"work\"");
  BOOST_TEST(constant.present());
  BOOST_TEST(!Expression().present());
  BOOST_TEST(!Expression().evaluate(scope).ok());
  BOOST_TEST(looks_like_expression(".Email"));
  BOOST_TEST(looks_like_expression("$index"));
  BOOST_TEST(!looks_like_expression("work"));
  BOOST_TEST(!looks_like_expression(""));
}

BOOST_AUTO_TEST_CASE(canonical_text) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {".a.b", ".a.b"},
      {"(.a).b", ".a.b"},
      {".\"a\".\"b c\"", ".a.\"b c\""},
      {".[ 0 ][][k==\"v\"]", ".[0][][k == \"v\"]"},
      {"$[0]", "$[0]"},
      {".a|lower|default( \"x\" )", ".a | lower | default(\"x\")"},
      {"lower( .a )", "lower(.a)"},
      {".a | count()", ".a | count"},
      {"(.a | lower)==\"x\"", "(.a | lower) == \"x\""},
      {"((.a==1))and(not .b or .c)", ".a == 1 and (not .b or .c)"},
      {"(.a and .b) and .c", "(.a and .b) and .c"},
      {"not(not(.a==1))", "not not .a == 1"},
      {"not (.a and .b)", "not (.a and .b)"},
      {"[1,\"x\",[true,null],2w]", "[1, \"x\", [true, null], 14d]"},
      {"[.a,1]", "[.a, 1]"},
      {".a in[1]", ".a in [1]"},
      {"1.50", "1.5"},
      {"1.0", "1.0"},
      {"1e2", "100.0"},
      {"(1).a", "(1).a"},
      {"(.a | first).b", "(.a | first).b"},
      {"first(.a).b", "first(.a).b"},
      {R"("\u0001é\/")", R"("\u0001é/")"},
      {".orders | where(.status == \"paid\" and year(.at) == 2020) | within(365d) | sum(.total)",
       ".orders | where(.status == \"paid\" and year(.at) == 2020) | within(365d) | sum(.total)"},
  };
  for (const auto& [text, expected] : cases) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(printed(text) == expected);
      BOOST_TEST(printed(expected) == expected);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
