#include <boost/test/unit_test.hpp>

#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

Location at(const char* file, int line, int column, int length) {
  return {std::make_shared<const std::string>(file), line, column, length};
}

BOOST_AUTO_TEST_SUITE(diagnostics)

BOOST_AUTO_TEST_CASE(problems_are_rendered_by_place_with_line_caret_and_hint) {
  const Folder folder(
      {{"jobs/crm.yaml", "job: crm\n\n      custom.loyalty_tier: .Loyalty_Teir__c | lower\n"},
       {"a.yaml", "é: wrong\n"}});
  Diagnostics diagnostics;
  diagnostics.error(at("jobs/crm.yaml", 3, 28, 16), "Contact has no field Loyalty_Teir__c",
                    "did you mean .Loyalty_Tier__c?\nfields as saved on 12 March");
  diagnostics.error(at("a.yaml", 1, 4, 5), "wrong");
  diagnostics.error(at("a.yaml", 1, 4, 5), "wrong");
  diagnostics.error(at("missing.yaml", 0, 0, 1), "not found", "add it");
  BOOST_TEST(diagnostics.render(folder.path()) ==
             "a.yaml:1:4: error: wrong\n"
             "  1 | é: wrong\n"
             "    |    ^~~~~\n"
             "jobs/crm.yaml:3:28: error: Contact has no field Loyalty_Teir__c\n"
             "  3 |       custom.loyalty_tier: .Loyalty_Teir__c | lower\n"
             "    |                            ^~~~~~~~~~~~~~~~ did you mean .Loyalty_Tier__c?\n"
             "  fields as saved on 12 March\n"
             "missing.yaml: error: not found\n"
             "  add it\n");
}

BOOST_AUTO_TEST_CASE(warnings_stop_nothing_and_errors_elsewhere_can_become_such) {
  const auto at = [](const char* file) {
    Location place;
    place.file = std::make_shared<const std::string>(file);
    return place;
  };
  Diagnostics diagnostics;
  diagnostics.warning(at("a.yaml"), "hardly meant", "");
  diagnostics.warning(at("a.yaml"), "hardly meant", "");
  BOOST_TEST(diagnostics.empty());
  BOOST_TEST(diagnostics.render("") == "");
  BOOST_TEST(diagnostics.render_warnings("") == "a.yaml: warning: hardly meant\n");
  diagnostics.error(at("rondom.yaml"), "wrong here");
  diagnostics.error(at("jobs/crm.yaml"), "wrong there");
  diagnostics.keep_errors_of({"rondom.yaml"});
  BOOST_TEST(diagnostics.render("") == "rondom.yaml: error: wrong here\n");
  BOOST_TEST(diagnostics.render_warnings("") ==
             "a.yaml: warning: hardly meant\njobs/crm.yaml: warning: wrong there\n");
}

BOOST_AUTO_TEST_CASE(control_characters_and_long_lines_do_not_reach_the_terminal) {
  const Folder folder({{"a.yaml", "x: \x1B[31m" + std::string(500, 'y') + "\xFF\n"},
                       {"b.yaml", std::string(1000, 'z') + "END" + std::string(1000, 'z')}});
  Diagnostics diagnostics;
  diagnostics.error(at("a.yaml", 1, 1, 900), "bad \x07 bytes");
  diagnostics.error(at("b.yaml", 1, 1001, 3), "far");
  const std::string out = diagnostics.render(folder.path());
  BOOST_TEST(out.find('\x1B') == std::string::npos);
  BOOST_TEST(out.find('\x07') == std::string::npos);
  BOOST_TEST(out.find("^~~\n") != std::string::npos);
  BOOST_TEST(out.find("zEND") != std::string::npos);
  for (const std::string_view line : split(out, '\n')) BOOST_TEST(line.size() < 200);
}

BOOST_AUTO_TEST_CASE(what_no_log_should_hold_is_not_shown) {
  const auto shown = [](const std::string& line) {
    const Folder folder({{"a.yaml", line + "\n"}});
    Diagnostics diagnostics;
    diagnostics.error(at("a.yaml", 1, 1, 1), "wrong");
    const std::string out = diagnostics.render(folder.path());
    const std::size_t begin = out.find("| ") + 2;
    return out.substr(begin, out.find('\n', begin) - begin);
  };
  BOOST_TEST(shown("config: { url: \"https://jan:pw-88@crm.example/a?token=abc1&b=2\", x: 1 }") ==
             "config: { url: \"https://*********@crm.example/a?token=****&b=2\", x: 1 }");
  BOOST_TEST(shown("  password: hunter2, user: jan") == "  password: *******, user: jan");
  BOOST_TEST(shown("  api_key: \"k-123\"") == "  api_key: \"*****\"");
  BOOST_TEST(shown("  token: \"${secret:MAUTIC}\"") == "  token: \"${secret:MAUTIC}\"");
  BOOST_TEST(shown("  token: ${secret:MAUTIC}, x: 1") == "  token: ${secret:MAUTIC}, x: 1");
  // A value ends where its own quote or notation ends it, and not at the first other sign.
  BOOST_TEST(shown("  password: \"a b,c}d&e#f'g\", x: 1") == "  password: \"*************\", x: 1");
  BOOST_TEST(shown("  password: 'a\"b c' # why") == "  password: '*****' # why");
  BOOST_TEST(shown("  password: \"a\\\"b\" # why") == "  password: \"****\" # why");
  BOOST_TEST(shown("  password: a&b'c d#e # why") == "  password: ********* # why");
  BOOST_TEST(shown("  { \"token\": \"abc\" }") == "  { \"token\": \"***\" }");
  BOOST_TEST(shown("  password: \"never closed") == "  password: \"************");
  BOOST_TEST(shown("  password:") == "  password:");
  BOOST_TEST(shown("  url: https://crm.example/?token=a,b}c&d=1") ==
             "  url: https://crm.example/?token=*****&d=1");
  BOOST_TEST(shown("  url: https://crm.example/a@b") == "  url: https://crm.example/a@b");
  BOOST_TEST(shown("secrets: [env]") == "secrets: [env]");
}

BOOST_AUTO_TEST_CASE(a_place_beyond_the_file_is_rendered_without_a_line) {
  const Folder folder(Files{{"a.yaml", "x: y\n"}});
  Diagnostics diagnostics;
  diagnostics.error(at("a.yaml", 99, 1, 1), "gone");
  diagnostics.error(at("a.yaml", 1, 99, 9), "right of the end");
  BOOST_TEST(diagnostics.render(folder.path()) ==
             "a.yaml:1:99: error: right of the end\n"
             "  1 | x: y\n"
             "    |     ^\n"
             "a.yaml:99:1: error: gone\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
