#include <boost/test/unit_test.hpp>
#include <random>

#include "support/seeds.h"
#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

std::string problems_of_text(std::string_view text) {
  Diagnostics diagnostics;
  parse_yaml(text, "f.yaml", diagnostics);
  return all_of(diagnostics);
}

Node parsed(std::string_view text) {
  Diagnostics diagnostics;
  Node root = parse_yaml(text, "f.yaml", diagnostics);
  BOOST_TEST(all_of(diagnostics) == "");
  return root;
}

std::string json(std::string_view text) {
  return to_json(parsed(text));
}

BOOST_AUTO_TEST_SUITE(yaml)

BOOST_AUTO_TEST_CASE(places_are_lines_columns_and_lengths_in_characters) {
  const Node root = parsed("ä: é x\r\nlist:\r\n  - \"quoted\"\r\n  - { k: v }\r\n");
  const auto& [key, value] = root.members[0];
  BOOST_TEST(key.at.line == 1);
  BOOST_TEST(key.at.column == 1);
  BOOST_TEST(key.at.length == 1);
  BOOST_TEST(value.at.column == 4);
  BOOST_TEST(value.at.length == 3);
  const Node& list = root.members[1].second;
  BOOST_TEST(list.items[0].at.line == 3);
  BOOST_TEST(list.items[0].at.column == 5);
  BOOST_TEST(list.items[0].at.length == 8);
  BOOST_TEST(list.items[0].quoted);
  BOOST_TEST(list.items[1].find("k")->at.line == 4);
  BOOST_TEST(list.items[1].find("k")->at.column == 10);
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_does_not_move_columns) {
  BOOST_TEST(parsed("\xEF\xBB\xBF"
                    "a: b")
                 .members[0]
                 .second.at.column == 4);
}

BOOST_AUTO_TEST_CASE(one_resolver_types_scalars) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"1", "1"},           {"-0", "-0"},           {"1.5", "1.5"},
      {"1e3", "1e3"},       {"-2.5E-7", "-2.5E-7"}, {".5", "\".5\""},
      {"5.", "\"5.\""},     {".inf", "\".inf\""},   {"003E5", "\"003E5\""},
      {"0031", "\"0031\""}, {"1:30", "\"1:30\""},   {"2026-03-14", "\"2026-03-14\""},
      {"0x1F", "\"0x1F\""}, {"1_000", "\"1_000\""}, {"+1", "\"+1\""},
      {"true", "true"},     {"True", "\"True\""},   {"\"true\"", "\"true\""},
      {"'1'", "\"1\""},     {"~", "null"},          {"null", "null"},
      {"NULL", "\"NULL\""}, {"Null", "\"Null\""},   {"y", "\"y\""},
      {"0", "0"},           {"-", "\"-\""},         {"1e", "\"1e\""}};
  for (const auto& [written, expected] : cases) {
    if (std::string_view(written) == "-") continue;  // a list in YAML
    BOOST_TEST(json(std::string("a: ") + written) == std::string("{\"a\":") + expected + "}");
    BOOST_TEST(json(std::string("[") + written + "]") == std::string("[") + expected + "]");
  }
}

BOOST_AUTO_TEST_CASE(structures_become_json) {
  BOOST_TEST(json("a:\n  - b: [1, x]\n    c: {}\nd: |\n  two\n  lines\n\"q\\\"\":\n") ==
             "{\"a\":[{\"b\":[1,\"x\"],\"c\":{}}],\"d\":\"two\\nlines\\n\",\"q\\\"\":null}");
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_null) {
  BOOST_TEST((parsed("").kind == Node::Kind::null));
  BOOST_TEST((parsed("# only a comment\n").kind == Node::Kind::null));
  BOOST_TEST(parsed("---\na: b\n...\n").members.size() == 1);
}

struct Trap {
  const char* text;
  const char* problem;
};

BOOST_AUTO_TEST_CASE(every_trap_is_refused_with_its_cure) {
  const std::vector<Trap> traps = {
      {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate key a, first on line 1 (keep one of them)\n"},
      {"{a: 1, \"a\": 2}", "f.yaml:1:8: duplicate key a, first on line 1 (keep one of them)\n"},
      {"a: .a | replace(\" # \", \"\")\n",
       "f.yaml:1:19: \" #\" starts a comment here and cuts the expression off (quote the whole "
       "expression)\n"},
      {"- .tags | contains(\"a # b\")\n",
       "f.yaml:1:23: \" #\" starts a comment here and cuts the expression off (quote the whole "
       "expression)\n"},
      {"x: { value: .a | f(x, y), b: 1 }\n",
       "f.yaml:1:13: inside { } or [ ] a comma or bracket cuts this unquoted text off (quote the "
       "whole expression, or write it in block form (one key a line))\n"},
      {"x: { value: .a == \"x, y\" }\n",
       "f.yaml:1:13: inside { } or [ ] a comma or bracket cuts this unquoted text off (quote the "
       "whole expression, or write it in block form (one key a line))\n"},
      {"x: [ .a | f(x, y), b ]\n",
       "f.yaml:1:6: inside { } or [ ] a comma or bracket cuts this unquoted text off (quote the "
       "whole expression, or write it in block form (one key a line))\n"},
      {"x: { value: .a, b }\n",
       "f.yaml:1:17: a key without a value: inside { } a comma ends the entry (quote the whole "
       "expression before it, or write it in block form)\n"},
      {"x: {a:1}\n",
       "f.yaml:1:5: a key without a value (write a space after the colon, or quote the text)\n"},
      {"x: { value: .a[0] }\n",
       "f.yaml:1:13: inside { } or [ ] unquoted text cannot hold , [ ] { or } (quote the whole "
       "expression, or write it in block form (one key a line))\n"},
      {"x: [ .a[0], b ]\n",
       "f.yaml:1:6: inside { } or [ ] unquoted text cannot hold , [ ] { or } (quote the whole "
       "expression, or write it in block form (one key a line))\n"},
      {"{ url: ${var:x} }\n",
       "f.yaml:1:8: inside { } or [ ] unquoted text cannot hold , [ ] { or } (quote the whole "
       "expression, or write it in block form (one key a line))\n"},
      {"country: NO\n",
       "f.yaml:1:10: unquoted NO is a boolean to some and text to others (write \"NO\" in quotes "
       "for the word, or true or false)\n"},
      {"values: { no: x }\n",
       "f.yaml:1:11: unquoted no is a boolean to some and text to others (write \"no\" in quotes "
       "for the word, or true or false)\n"},
      {"a: &x b\n", "f.yaml:1:4: anchors (&name) are not supported (write the value out)\n"},
      {"a: &x [b]\n", "f.yaml:1:4: anchors (&name) are not supported (write the value out)\n"},
      {"a: !!str b\n",
       "f.yaml:1:4: tags (!name) are not supported (quote the value when the ! belongs to it)\n"},
      {"a: ! b\n",
       "f.yaml:1:4: tags (!name) are not supported (quote the value when the ! belongs to it)\n"},
      {"a: !x {b: c}\n",
       "f.yaml:1:4: tags (!name) are not supported (quote the value when the ! belongs to it)\n"},
      {"<<: {a: b}\n", "f.yaml:1:1: merge keys (<<) are not supported (write the keys out)\n"},
      {"a: 1\n---\nb: 2\n",
       "f.yaml:2:1: a second document; a project file holds one (remove the --- or split the "
       "file)\n"},
      {"%YAML 1.2\n---\na: b\n", "f.yaml:1:1: %-directives are not used in project files\n"},
      {"a: \"open\nb: c\n", "f.yaml:1:4: this quote is never closed\n"},
      {"a: 'open\nb: c\n", "f.yaml:1:4: this quote is never closed\n"},
      {"a:\n\t- b\n", "f.yaml:2:1: a tab in the indentation (indent with spaces)\n"},
      {"a: b\n  \tc: d\n", "f.yaml:2:3: a tab in the indentation (indent with spaces)\n"},
      {"a: b\nc: \xFF\n", "f.yaml:2:1: this line is not valid UTF-8 (save the file as UTF-8)\n"},
      {"a: \x04 b\n", "f.yaml:1:4: a control character; project files are text\n"},
      {"a: b\rc: d\n",
       "f.yaml:1:5: a carriage return without a line feed (end lines with LF (or CR LF))\n"},
      {"? [a]\n: b\n",
       "f.yaml:1:3: a list or map cannot be a key (is this bracket closed? if it belongs to a key, "
       "quote it)\n"},
      {"null: b\n", "f.yaml:1:1: a key is missing before this colon, or is null (quote the key)\n"},
      {"a: b: c\n",
       "f.yaml:1:5: a second colon makes no value here (quote text that holds a colon, and check "
       "the indentation)\n"},
      {"a: @b\n", "f.yaml:1:4: a value cannot start with this character (quote the value)\n"},
      {"x: {a: 1\ny: 2\n", "f.yaml:2:2: a { or [ is not closed, or a comma is missing\n"},
      {"x: [a\n", "f.yaml:1:4: this bracket is never closed\n"},
      {"- {a: 1\n",
       "f.yaml:1:3: a list or map cannot be a key (is this bracket closed? if it belongs to a key, "
       "quote it)\n"}};
  for (const Trap& trap : traps) {
    BOOST_TEST_CONTEXT(trap.text) {
      BOOST_TEST(problems_of_text(trap.text) == trap.problem);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_alias_is_reported_and_reading_goes_on) {
  BOOST_TEST(problems_of_text("a: &x 1\nb: *x\nc: 1\nc: 2\n") ==
             "f.yaml:1:4: anchors (&name) are not supported (write the value out)\n"
             "f.yaml:2:4: aliases (*name) are not supported (write the value out)\n"
             "f.yaml:4:1: duplicate key c, first on line 3 (keep one of them)\n");
}

BOOST_AUTO_TEST_CASE(a_nul_byte_is_refused) {
  BOOST_TEST(problems_of_text(std::string_view("a: b\0c", 6)) ==
             "f.yaml:1:5: a NUL byte; project files are UTF-8 text\n");
}

BOOST_AUTO_TEST_CASE(what_is_no_trap_passes) {
  const std::vector<const char*> texts = {"a: .Email  # the work address\n",
                                          "a: .a | f(\"x\")  # a \"comment\" | with (brackets\n",
                                          "a: \".a | replace(\\\" # \\\", \\\"\\\")\"\n",
                                          "a: 'it''s # fine'\n",
                                          "a: { b: ~, c: \"x, y\", d: [1, 2] }\n",
                                          "a: .x | f(y, z)[0]\n",
                                          "a: text#not a comment\n",
                                          "a: \"NO\"\n",
                                          "a: off-road\n",
                                          "a: |\n  literal # with \"a quote\n  (and more\n",
                                          "a: >\n  folded\n",
                                          "a: \"tab\tinside\"\n",
                                          "a: O'Brien # and a comment\n",
                                          "key: [guest, .id]\n"};
  for (const char* text : texts) BOOST_TEST(problems_of_text(text) == "");
}

BOOST_AUTO_TEST_CASE(problems_inside_a_scalar_are_found_where_they_stand) {
  const Node root = parsed("plain: .é | lowr\nquoted: \".a | lowr\"\nescaped: \"\\x2ea | lowr\"\n");
  const auto column = [&](const char* key, std::size_t offset) {
    const Node& node = *root.find(key);
    const Location at = location_in(node.at, node.text, offset, 4);
    return std::make_pair(at.column, at.length);
  };
  BOOST_TEST((column("plain", 6) == std::make_pair(13, 4)));
  BOOST_TEST((column("quoted", 5) == std::make_pair(15, 4)));
  BOOST_TEST(column("escaped", 5).first == 10);
  BOOST_TEST(column("plain", 999).first == 17);
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused_in_every_style) {
  const std::string deep = "nested deeper than 64 levels\n";
  BOOST_TEST(problems_of_text(std::string(100, '[') + std::string(100, ']')).ends_with(deep));
  std::string block;
  for (int i = 0; i < 100; ++i) block += "- ";
  BOOST_TEST(problems_of_text(block + "x").ends_with(deep));
  std::string keys;
  for (int i = 0; i < 100; ++i) keys += std::string(static_cast<std::size_t>(i), ' ') + "k:\n";
  BOOST_TEST(problems_of_text(keys + std::string(100, ' ') + "x").ends_with(deep));
  std::string allowed = "x";
  for (int i = 0; i < 64; ++i) allowed = "[" + allowed + "]";
  BOOST_TEST(problems_of_text(allowed) == "");
}

BOOST_AUTO_TEST_CASE(bombs_are_refused_without_reading_on) {
  const std::size_t megabytes = support::seeds(6u << 20);
  for (const char* piece :
       {"[", "{", "{a: ", "? ", "- ", "[\"\" ", "[a, ", "- [", "a: {", "\"\" "}) {
    std::string bomb;
    while (bomb.size() < megabytes) bomb += piece;
    BOOST_TEST_CONTEXT(piece) {
      BOOST_TEST(problems_of_text(bomb) != "");
    }
  }
  std::string flat = "[1";
  while (flat.size() < megabytes) flat += ",1";
  BOOST_TEST(problems_of_text(flat + "]").find("longer than 256 kB") != std::string::npos);
  std::string lines;
  for (int i = 0; i < 300'000; ++i) lines += "- 1\n";
  BOOST_TEST(problems_of_text(lines).find("more than 200,000 values") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_above_8_mb_is_refused) {
  const std::string text = "a: b\n" + std::string(limits::config_file_bytes_max, '#');
  BOOST_TEST(problems_of_text(text) == "f.yaml:1:1: this file is larger than 8 MB\n");
}

BOOST_AUTO_TEST_CASE(at_most_200_problems_are_kept_and_the_rest_is_counted) {
  std::string text = "a: 1\n";
  for (int i = 0; i < 300; ++i) text += "a: 1\n";
  Diagnostics diagnostics;
  parse_yaml(text, "f.yaml", diagnostics);
  BOOST_TEST(diagnostics.size() == limits::diagnostics_max);
  BOOST_TEST(diagnostics.seen() == 300);
  BOOST_TEST(diagnostics.render("/nowhere").ends_with("and 100 more problems, not shown\n"));
}

/// Random edits of a valid text: no crash, and places stay inside the text.
BOOST_AUTO_TEST_CASE(mutated_texts_never_crash_the_reader) {
  const std::string original =
      "job: crm\nsource: \"a\"\nstreams:\n  - stream: Contact\n    map:\n"
      "      gender: { from: .S, values: { Dhr.: male, x: [1, 2] }, else: ~ }\n"
      "      é: .a | f(\"x\") # note\n    text: |\n      block\n    'k': >-\n      folded\n";
  const std::string alphabet = "{}[]:,#&*!|>'\"%@`?-~ \n\r\tabc.\\$\xC3\xA9\xFF";
  constexpr unsigned seed = 20260314;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 20'000; ++round) {
    std::string text = original;
    for (std::size_t edit = 0, edits = 1 + below(6); edit < edits && !text.empty(); ++edit) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0: text[at] = alphabet[below(alphabet.size())]; break;
        case 1: text.insert(at, 1, alphabet[below(alphabet.size())]); break;
        case 2: text.erase(at, 1 + below(8)); break;
        default: text.insert(at, text.substr(below(text.size()), below(20))); break;
      }
    }
    Diagnostics diagnostics;
    const Node root = parse_yaml(text, "f.yaml", diagnostics);
    const std::string out = to_json(root);
    const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    for (const Diagnostic& problem : diagnostics.errors()) {
      const bool inside =
          problem.at.line >= 1 && problem.at.line <= lines && problem.at.column >= 1;
      if (!inside) BOOST_TEST(inside, "round " << round << ": " << problem.message << "\n" << text);
    }
    if (out.empty()) BOOST_TEST(!out.empty(), "round " << round);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
