#include "expression/reference.h"
#include "support/reference_page.h"
#include "unit/expression/evaluate.h"

using namespace rondom;
using namespace rondom::expression;
using namespace rondom::expression::test;

BOOST_AUTO_TEST_SUITE(expression_reference)

BOOST_AUTO_TEST_CASE(every_example_of_the_language_is_true) {
  for (const auto examples : {path_examples(), literal_examples(), operator_examples()}) {
    for (const Example& example : examples) {
      BOOST_TEST_CONTEXT(example.expression) {
        BOOST_TEST(run(example.expression, example.input) == example.output);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_operator_and_function_is_in_it) {
  const std::string page = reference();
  for (const FunctionInfo& info : expression::functions()) {
    BOOST_TEST(page.find("\n### " + std::string(info.name) + "\n") != std::string::npos, info.name);
  }
  for (const std::string word : {"==", "!=", "<", "<=", ">", ">=", "in", "and", "or", "not"}) {
    BOOST_TEST(page.find(word) != std::string::npos, word);
  }
  BOOST_TEST(page.find("| text | all | unequal | unequal | all | all |") != std::string::npos);
  BOOST_TEST(page.find("| error | error | `==` `!=` |\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_reference_page_is_up_to_date) {
  rondom::test::check_reference_page("expressions.md", reference());
}

BOOST_AUTO_TEST_SUITE_END()
