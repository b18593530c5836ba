#include <random>

#include "unit/expression/evaluate.h"

using namespace rondom;
using namespace rondom::expression;
using namespace rondom::expression::test;

namespace {

/// Writes random expressions by the grammar, with random spaces and needless parentheses.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string expression(int depth) {
    if (depth == 0) return leaf();
    switch (pick(9)) {
      case 0: return "(" + space() + expression(depth - 1) + space() + ")";
      case 1: return operand(depth) + " and " + operand(depth);
      case 2: return operand(depth) + " or " + operand(depth);
      case 3: return "not " + operand(depth);
      case 4:
        return operand(depth) + space() + one_of({"==", "!=", "<", "<=", ">", ">="}) + space() +
               operand(depth);
      case 5: return operand(depth) + " in " + operand(depth);
      case 6: return expression(depth - 1) + space() + "|" + space() + call(depth);
      case 7: return "[" + expression(depth - 1) + "," + space() + expression(depth - 1) + "]";
      default: return path(depth);
    }
  }

  unsigned pick(unsigned count) { return unsigned(random_() % count); }

 private:
  std::string one_of(std::initializer_list<const char*> all) {
    return all.begin()[pick(unsigned(all.size()))];
  }
  std::string space() { return pick(2) == 0 ? "" : " "; }

  std::string leaf() {
    return one_of({".",
                   "$",
                   ".a",
                   ".b.c",
                   "$.a",
                   ".\"odd name\"",
                   ".a[0]",
                   ".a[]",
                   ".[0]",
                   "null",
                   ".a[k == \"v\"].b",
                   "true",
                   "false",
                   "1",
                   "-2.50",
                   "1e3",
                   "30d",
                   "0.0",
                   "\"x\"",
                   "\"\\\"\\u0007é\"",
                   "[]",
                   "[1, \"a\"]",
                   "$index",
                   "$[1]"});
  }
  std::string operand(int depth) {
    return pick(3) == 0 ? leaf() : "(" + expression(depth - 1) + ")";
  }
  std::string call(int depth) {
    const std::string argument = expression(depth - 1);
    return one_of({"lower",
                   "trim()",
                   "first",
                   "count",
                   "exists",
                   "unique",
                   "sum",
                   "hash",
                   "email",
                   "phone",
                   "phone(\"BE\")",
                   "phone(.a)",
                   "postcode(\"NL\")",
                   "country",
                   "language()",
                   "name",
                   "address(.b.c)",
                   "lookup(\"branches\")",
                   "lookup(\"grades\")",
                   "vocabulary(\"product_category\")"}) +
           (pick(3) == 0 ? " | default(" + argument + ")" : "");
  }
  std::string path(int depth) {
    return one_of({"first", "last", "default", "each", "where", "concat"}) + "(" +
           expression(depth - 1) + ", " + expression(depth - 1) + ")" +
           one_of({"", ".a", "[0]", "[]"});
  }

  std::mt19937 random_;
};

const char* const input = R"({"a":[1,2,{"k":"v","b":"x"}],"b":{"c":"C"},"odd name":true,"k":"v"})";

}  // namespace

BOOST_AUTO_TEST_SUITE(properties)

BOOST_AUTO_TEST_CASE(print_and_compile_are_inverse) {
  constexpr unsigned seed = 20260314;
  BOOST_TEST_MESSAGE("seed " << seed);
  Writer writer(seed);
  int compiled_count = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = writer.expression(1 + round % 4);
    Expression first;
    Problem problem;
    if (!Expression::compile(text, first, problem, &library())) continue;
    ++compiled_count;
    const std::string printed = first.print();
    Expression second;
    BOOST_TEST_REQUIRE(Expression::compile(printed, second, problem, &library()),
                       text << " prints " << printed << ": " << problem.message);
    BOOST_TEST_REQUIRE(second.print() == printed);
    BOOST_TEST_REQUIRE(run(text, input) == run(printed, input), text << " prints " << printed);
  }
  BOOST_TEST(compiled_count > 3'000);
}

BOOST_AUTO_TEST_CASE(any_text_gets_an_answer) {
  constexpr unsigned seed = 99;
  BOOST_TEST_MESSAGE("seed " << seed);
  Writer writer(seed);
  const std::string alphabet = ".$|()[],\"\\ ab0159-e=<>!_\n\xc3\xa9\xff#'{}u";
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = writer.expression(round % 4);
    for (unsigned change = 0; change < 1 + writer.pick(4); ++change) {
      const std::size_t at = writer.pick(unsigned(text.size() + 1));
      const char c = alphabet[writer.pick(unsigned(alphabet.size()))];
      if (writer.pick(2) == 0)
        text.insert(at, 1, c);
      else if (at < text.size())
        text[at] = c;
    }
    Expression expression;
    Problem problem;
    if (Expression::compile(text, expression, problem, &library())) {
      run(text, input);
      expression.fields();
      continue;
    }
    ++refused;
    BOOST_TEST_REQUIRE(problem.offset <= text.size());
    BOOST_TEST_REQUIRE(problem.offset + problem.length <= text.size() + 1);
    BOOST_TEST_REQUIRE(!problem.message.empty());
  }
  BOOST_TEST(refused > 5'000);
}

BOOST_AUTO_TEST_CASE(random_bytes_get_an_answer) {
  constexpr unsigned seed = 4;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 5'000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = char(random());
    Expression expression;
    Problem problem;
    const bool good = Expression::compile(text, expression, problem, &library());
    BOOST_TEST_REQUIRE(good == expression.present());
  }
}

BOOST_AUTO_TEST_SUITE_END()
