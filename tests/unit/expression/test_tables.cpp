// lookup() and vocabulary() over the tables of evaluate.h, and the cleaners as functions.
#include "unit/expression/evaluate.h"

using namespace rondom;
using namespace rondom::expression;
using namespace rondom::expression::test;

BOOST_AUTO_TEST_SUITE(tables)

BOOST_AUTO_TEST_CASE(lookup_compares_words_as_they_are_written) {
  BOOST_TEST(run(R"(.x | lookup("branches"))", R"({"x":"020"})") == R"("Amsterdam")");
  BOOST_TEST(run(R"(.x | lookup("branches"))", R"({"x":"20"})") == "null");
  BOOST_TEST(run(R"(.x | lookup("branches"))", R"({"x":" 020"})") == "null");
  BOOST_TEST(run(R"(.x | lookup("branches"))", R"({"x":10})") ==
             R"({"city":"Rotterdam","floors":3})");
  BOOST_TEST(run(R"((.x | lookup("branches")).city)", R"({"x":10})") == R"("Rotterdam")");
  BOOST_TEST(run(R"((.x | lookup("branches")).city)", R"({"x":"none of them, and long"})") ==
             "null");
}

BOOST_AUTO_TEST_CASE(else_is_for_unknown_words_and_not_for_none) {
  BOOST_TEST(run(R"(.x | lookup("grades"))", R"({"x":"A"})") == "1");
  BOOST_TEST(run(R"(.x | lookup("grades"))", R"({"x":"a"})") == "9");
  BOOST_TEST(run(R"(.x | lookup("grades"))", R"({"x":""})") == "null");
  BOOST_TEST(run(R"(.x | lookup("grades") | default(0))", "{}") == "0");
  BOOST_TEST(run(R"(.x | lookup("grades"))", R"({"x":["A"]})") ==
             "! lookup(): a text is needed, and this is of type list");
}

BOOST_AUTO_TEST_CASE(a_vocabulary_knows_codes_labels_and_synonyms) {
  for (const char* word : {"city_bike", "CITY BIKE", "Stadsfiets", "citybikes", "\\tcity-bikes "}) {
    const std::string input = R"({"x":")" + std::string(word) + R"("})";
    BOOST_TEST(run(R"(.x | vocabulary("product_category"))", input) == R"("city_bike")", word);
  }
  BOOST_TEST(run(R"(.x | vocabulary("product_category"))", R"({"x":" "})") == "null");
  BOOST_TEST(run(R"(each(.x, . | vocabulary("product_category")))",
                 R"({"x":["E-bike","stadsfiets"]})") == R"(["e_bike","city_bike"])");
}

BOOST_AUTO_TEST_CASE(an_unknown_word_is_refused_with_the_code_that_is_near_and_not_shown) {
  BOOST_TEST(run(R"(.x | vocabulary("product_category"))", R"({"x":"stadsfeits"})") ==
             "! vocabulary(): the word is none of product_category; did you mean city_bike?");
  BOOST_TEST(run(R"(.x | vocabulary("product_category"))", R"({"x":"Anna Jansen"})") ==
             "! vocabulary(): the word is none of product_category");
  BOOST_TEST(run(R"(.x | vocabulary("product_category"))",
                 R"({"x":")" + std::string(5'000, 'x') + R"("})") ==
             "! vocabulary(): the word is none of product_category");
}

BOOST_AUTO_TEST_CASE(a_word_stands_for_one_code) {
  Vocabulary words("v");
  BOOST_TEST(words.add("Red", "red").empty());
  BOOST_TEST(words.add("r-e-d", "red").empty());
  BOOST_TEST(words.add("RED", "crimson") == "red");
}

BOOST_AUTO_TEST_CASE(the_meaning_changes_with_the_table_and_not_with_its_order) {
  const auto meaning = [](std::initializer_list<std::pair<const char*, const char*>> entries,
                          const char* otherwise = nullptr) {
    Library made;
    auto table = std::make_shared<Lookup>("t");
    for (const auto& [word, json] : entries) BOOST_REQUIRE(table->add(word, json).ok());
    if (otherwise != nullptr) BOOST_REQUIRE(table->set_otherwise(otherwise).ok());
    made.add(std::shared_ptr<const Lookup>(table));
    Expression expression;
    Problem problem;
    BOOST_REQUIRE(Expression::compile(R"(.x | lookup("t"))", expression, problem, &made));
    BOOST_TEST(expression.print() == R"(.x | lookup("t"))");
    return expression.meaning();
  };
  const std::string first = meaning({{"a", "1"}, {"b", "2"}});
  BOOST_TEST(first != R"(.x | lookup("t"))");
  BOOST_TEST(meaning({{"b", "2"}, {"a", "1"}}) == first);
  BOOST_TEST(meaning({{"a", "1"}, {"b", "3"}}) != first);
  BOOST_TEST(meaning({{"a", "2"}, {"b", "1"}}) != first);
  BOOST_TEST(meaning({{"a", "1"}, {"b", "2"}}, "3") != first);
  BOOST_TEST(compiled(".x | lower").meaning() == compiled(".x | lower").print());
}

BOOST_AUTO_TEST_CASE(a_table_whose_file_cannot_be_read_is_no_second_problem) {
  Library made;
  made.miss_some();
  Expression expression;
  Problem problem;
  BOOST_TEST(Expression::compile(R"(.x | lookup("t"))", expression, problem, &made));
  BOOST_TEST(Expression::compile(R"(.x | vocabulary("t"))", expression, problem, &made));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(cleaning)

BOOST_AUTO_TEST_CASE(what_cannot_be_read_stays_as_it_was_written) {
  for (const char* function : {"email", "phone", "postcode", "country", "language"}) {
    BOOST_TEST(
        run(".x | " + std::string(function), R"({"x":"no such thing"})") ==
            (std::string(function) == "postcode" ? R"("NO SUCH THING")" : R"("no such thing")"),
        function);
    BOOST_TEST(run(".x | " + std::string(function), R"({"x":" n/a "})") == "null", function);
  }
  BOOST_TEST(run(".x | name", R"({"x":"-"})") == "null");
  BOOST_TEST(run(".x | name", R"({"x":"Fietsenwinkel Jansen B.V."})") ==
             R"({"full":"Fietsenwinkel Jansen B.V."})");
  BOOST_TEST(run(".x | address", R"({"x":"somewhere"})") == R"({"full":"somewhere"})");
}

BOOST_AUTO_TEST_CASE(the_country_is_the_calls_then_the_records) {
  BOOST_TEST(run(".x | phone", R"({"x":"020 123 4567"})") == R"("+31201234567")");
  BOOST_TEST(run(R"(.x | phone("BE"))", R"({"x":"+31 20 123 4567"})") == R"("+31201234567")");
  BOOST_TEST(run(".x | phone(.c)", R"({"x":"0470 12 34 56","c":"Belgique"})") ==
             R"("+32470123456")");
  for (const char* input : {R"({"x":"020 123 4567"})", R"({"x":"020 123 4567","c":"?"})"}) {
    BOOST_TEST(run(".x | phone(.c)", input) == R"("+31201234567")");
  }
}

BOOST_AUTO_TEST_CASE(a_field_of_what_is_taken_apart) {
  BOOST_TEST(run("(.x | name).surname", R"({"x":"Anna van der Berg"})") == R"("Berg")");
  BOOST_TEST(run("(.x | address).postcode", R"({"x":"Kerkstraat 12, 3511KX Utrecht"})") ==
             R"("3511 KX")");
}

BOOST_AUTO_TEST_CASE(without_cleaners_they_say_so) {
  Arena arena;
  Scope scope;
  scope.current = Value::text("x");
  scope.arena = &arena;
  const auto result = compiled(". | email").evaluate(scope);
  BOOST_TEST(!result.ok());
  BOOST_TEST(result.error().message == "email(): texts cannot be cleaned here");
}

BOOST_AUTO_TEST_CASE(work_on_one_record_is_bounded) {
  std::string list = R"({"x":[)";
  for (int i = 0; i < 60'000; ++i) list += "\"1\",";
  list += "\"1\"]}";
  BOOST_TEST(run("each(.x, . | phone)", list) ==
             "! the expression has too much to do on this record");
}

BOOST_AUTO_TEST_SUITE_END()
