#include "expression/reference.h"

#include <array>
#include "expression/expression.h"
#include "expression/function.h"

namespace rondom::expression {

namespace {

constexpr std::array<Example, 11> paths{{
    {".a.b", R"({"a":{"b":1}})", "1",
     "A field of a field. A field that is not there, or of a plain value, is null."},
    {R"(."odd name")", R"({"odd name":1})", "1", "A name that is no plain word."},
    {".a[0]", R"({"a":[1,2]})", "1", "A place in a list, counted from 0; null past the end."},
    {".a[]", R"({"a":[1,null,2]})", "[1,2]",
     "Every item; null ones are left out, and one value stands for a list of one."},
    {".a[].b", R"({"a":[{"b":1},{"b":2}]})", "[1,2]", "A field of every item."},
    {R"(.meta[key == "_vat"].value)", R"({"meta":[{"key":"_vat","value":"NL1"}]})", R"("NL1")",
     "The first item whose field is that text, number, true or false."},
    {".", "7", "7", "What is looked at: the record, the item of a for_each or of where()."},
    {"$.id", R"({"id":7})", "7", "A field of the whole record, wherever it is written."},
    {"$index", "null", "null", "The place in the list of a for_each, from 0; null outside one."},
    {"(.orders | latest).id", R"({"orders":[{"id":1,"at":"2025-03-01"}]})", "1",
     "A field of a result: the parentheses are needed."},
    {"[.a, 2]", R"({"a":1})", "[1,2]", "A list."},
}};

constexpr std::array<Example, 5> literals{{
    {R"("Jan \"J\"")", "null", R"("Jan \"J\"")",
     R"(Text, always in double quotes; escapes: \" \\ \/ \n \r \t \u00e9.)"},
    {"-12.50", "null", "-12.5", "A number, as JSON writes it; exact, never a binary fraction."},
    {"30d", "null", R"("30d")", "A duration: us, ms, s, m, h, d, w."},
    {"true", "null", "true", "true and false."},
    {"null", "null", "null", "No value."},
}};

constexpr std::array<Example, 13> operators{{
    {".a == 1.0", R"({"a":1})", "true", "Equal; whole numbers and decimals by value."},
    {R"(.a != "x")", R"({"a":"y"})", "true", "Not equal."},
    {".a == null", R"({"b":1})", "true", "Is there no value?"},
    {".a != null", R"({"a":1})", "true", "Is there a value?"},
    {".a < 2", R"({"a":1})", "true", "Less; also <=, > and >=. Text goes by its bytes."},
    {".a != 1", "{}", "false", "Null compared with anything but the literal null gives false."},
    {R"(.a in ["x", "y"])", R"({"a":"y"})", "true", "One of a list; false for null."},
    {".a and .b", R"({"a":true})", "false", "Both; null counts as false."},
    {".a or .b", R"({"a":true})", "true", "One or both; the right side only when it is needed."},
    {"not .a", "{}", "true", "The opposite; null counts as false."},
    {"not .a == 1 or .b", R"({"a":2})", "true",
     "Comparisons bind before not, not before and, and before or."},
    {R"(.a | default("x") | upper)", "{}", R"("X")",
     "x | f(y) is f(x, y). The pipe binds last, so a comparison with its result is written …"},
    {R"((.a | lower) == "x")", R"({"a":"X"})", "true", "… with parentheses."},
}};

struct Group {
  const char* title;
  std::span<const Function> functions;
  const char* introduction = "";
};

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

/// A bar would end the cell.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.insert(at, 1, '\\');
  }
  return text;
}

void append_examples(std::string& out, std::span<const Example> examples) {
  out += "\n| expression | of | gives | |\n| --- | --- | --- | --- |\n";
  for (const Example& example : examples) {
    const std::string input = example.input == "null" ? "" : code(example.input);
    out += "| " + cell(code(example.expression)) + " | " + input + " | " + code(example.output) +
           " | ";
    out += cell(std::string(example.meaning)) + " |\n";
  }
}

struct Sample {
  const char* type;
  Value value;
};

/// What the language answers for a pair of types, asked of the language itself.
std::string comparison_of(const Expression& equal, const Expression& less, const Sample& a,
                          const Sample& b) {
  Arena arena;
  const std::array<Member, 2> members{{{"a", a.value}, {"b", b.value}}};
  Scope scope;
  scope.current = Value::object(members.data(), 2);
  scope.root = scope.current;
  scope.arena = &arena;
  const bool has_equality = equal.evaluate(scope).ok();
  const bool has_order = less.evaluate(scope).ok();
  if (has_order) return "all";
  if (!has_equality) return "error";
  return std::string_view(a.type) == b.type ? "`==` `!=`" : "unequal";
}

void append_type_table(std::string& out) {
  Expression equal;
  Expression less;
  Problem problem;
  if (!Expression::compile(".a == .b", equal, problem) ||
      !Expression::compile(".a < .b", less, problem)) {
    return;
  }
  const std::array<Value, 1> items{Value::integer(1)};
  const std::array<Member, 1> members{{{"x", items[0]}}};
  const std::array<Sample, 9> samples{{
      {"text", Value::text("2025-03-01")},
      {"number", Value::integer(1)},
      {"boolean", Value::boolean(true)},
      {"date", Value::date({2025, 3, 1})},
      {"time", Value::time(0)},
      {"duration", Value::duration(1)},
      {"money", Value::money(100, "EUR")},
      {"list", Value::list(items.data(), 1)},
      {"object", Value::object(members.data(), 1)},
  }};
  out += "\n| |";
  for (const Sample& column : samples) out += std::string(" ") + column.type + " |";
  out += "\n| --- |";
  for (std::size_t i = 0; i < samples.size(); ++i) out += " --- |";
  for (const Sample& row : samples) {
    out += std::string("\n| ") + row.type + " |";
    for (const Sample& column : samples) {
      out += " " + comparison_of(equal, less, row, column) + " |";
    }
  }
  out += "\n";
}

void append_function(std::string& out, const FunctionInfo& info) {
  out += "\n### " + std::string(info.name) + "\n\n" + code(info.signature) + "\n\n" +
         std::string(info.description) + "\n\n```\n" + std::string(info.example);
  if (info.example_input != "null") out += "\n  of " + std::string(info.example_input);
  out += "\n  gives " + std::string(info.example_output) + "\n```\n";
}

constexpr const char* introduction =
    "# Expressions\n\n"
    "The one language of maps, conditions and audiences. It reads a value and gives a value: no "
    "loops, no variables, no files, no network, no clock. Made from the tables that the language "
    "itself uses; every example is run as a test.\n\n"
    "In a map, text that starts with `.` or `$` is an expression and anything else is a constant. "
    "`rondom validate` finds what is wrong before any system is contacted. An expression that "
    "cannot be computed for a record puts that record in quarantine, with the reason.\n\n"
    "YAML has its own opinion on some signs: put an expression in single quotes when it holds "
    "`: ` or ` #`, or stands inside `{ }` and holds a comma or a bracket.\n";

constexpr const char* type_text =
    "\n### Which types compare\n\n"
    "*all*: every comparison. *unequal*: `==` is false, `!=` is true, and `<` and its like are "
    "errors. Where the types are known beforehand, `rondom validate` refuses what can never be "
    "true. Text beside a date or a time is read as one; a date beside a time is its midnight in "
    "UTC; money compares with a number by its amount, and with money of another currency it is "
    "neither equal nor less nor more.\n";

constexpr const char* tables_text =
    "\nFiles of the project hold what words of a source stand for ([their "
    "keys](project-files.md)). The examples use\n\n```yaml\n"
    "lookup: branches              # lookups/branches.yaml\n"
    "values: { \"020\": Amsterdam, \"030\": Utrecht, 10: { city: Rotterdam, floors: 3 } }\n"
    "# else: what every other text stands for\n```\n\n```yaml\n"
    "vocabulary: product_category  # vocabularies/product_category.yaml\n"
    "terms:\n"
    "  - { code: city_bike, label: { nl: Stadsfiets }, synonyms: [city-bikes] }\n"
    "  - { code: e_bike, label: { nl: Elektrische fiets } }\n```\n";

constexpr const char* calendar_text =
    "\nThese look at the day of the run, so they belong in attributes, audiences and destination "
    "maps; a source's map refuses them, as it refuses `within`.\n";

constexpr const char* cleaning_text =
    "\nA map needs none of these where the attribute is of that type: `email: .Email` is cleaned "
    "all the same, and keeps the raw text. They are for what is of another type, for another "
    "country than the record's, and for conditions. What cannot be read stays as it was written, "
    "as it does in an attribute; a whole name or address that cannot be taken apart for certain is "
    "`full` alone. A text that says nothing (`-`, `n/a`) is null.\n";

}  // namespace

std::span<const Example> path_examples() {
  return paths;
}
std::span<const Example> literal_examples() {
  return literals;
}
std::span<const Example> operator_examples() {
  return operators;
}

std::string reference() {
  std::string out = introduction;
  out += "\n## Paths\n";
  append_examples(out, paths);
  out += "\n## Values\n";
  append_examples(out, literals);
  out += "\n## Operators\n";
  append_examples(out, operators);
  out += type_text;
  append_type_table(out);
  out += "\n## Functions\n\nA function gives null for null unless it says something else.\n";
  for (const Group& group :
       {Group{"Choosing and converting", choice_functions()}, Group{"Text", text_functions()},
        Group{"Patterns", pattern_functions()}, Group{"Numbers and money", number_functions()},
        Group{"Arithmetic", arithmetic_functions()}, Group{"Dates and times", time_functions()},
        Group{"The day of the run", calendar_functions(), calendar_text},
        Group{"Tables of the project", table_functions(), tables_text},
        Group{"Cleaning", cleaner_functions(), cleaning_text}, Group{"Lists", list_functions()},
        Group{"Sums and extremes", aggregate_functions()}}) {
    out += std::string("\n## ") + group.title + "\n" + group.introduction;
    for (const Function& function : group.functions) append_function(out, function.info);
  }
  return out;
}

}  // namespace rondom::expression
