// `notify` of rondom.yaml
#include <boost/test/unit_test.hpp>

#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

Loaded with_notify(const std::string& lines) {
  Files files = minimal();
  files["rondom.yaml"] += "notify:\n" + lines;
  return load(files);
}

std::string problems_with(const std::string& target) {
  return with_notify("  to:\n    me: " + target + "\n").problems;
}

BOOST_AUTO_TEST_SUITE(notify_settings)

BOOST_AUTO_TEST_CASE(nobody_is_told_where_nothing_is_said) {
  BOOST_TEST(load(minimal()).project.notify.targets.empty());
}

BOOST_AUTO_TEST_CASE(everything_can_be_said) {
  const Loaded loaded = with_notify(
      "  repeat: 6h\n  to:\n"
      "    page: { command: [/usr/local/bin/page, --quiet], events: [failed, recovered], timeout: "
      "5s "
      "}\n"
      "    chat: { webhook: \"https://chat.example/hook/${secret:CHAT}\", signing_secret: "
      "\"${secret:SIGN}\" }\n");
  BOOST_TEST(loaded.problems == "");
  const Notify& notify = loaded.project.notify;
  BOOST_TEST(notify.repeat == 6 * 3'600 * microseconds_per_second);
  BOOST_REQUIRE(notify.targets.size() == 2u);
  BOOST_TEST(notify.targets[0].name == "chat");
  BOOST_TEST(notify.targets[0].webhook == "https://chat.example/hook/${secret:CHAT}");
  BOOST_TEST(notify.targets[0].on == 31u);
  BOOST_TEST(notify.targets[0].timeout == 30 * microseconds_per_second);
  BOOST_TEST(notify.targets[1].command.size() == 2u);
  BOOST_TEST(notify.targets[1].on == (NotifyTarget::failed | NotifyTarget::recovered));
  BOOST_TEST(notify.targets[1].timeout == 5 * microseconds_per_second);
}

BOOST_AUTO_TEST_CASE(mistakes_are_found_where_they_stand) {
  const auto found = [](const std::string& problems, const char* text) {
    const bool has = problems.find(text) != std::string::npos &&
                     problems.find("rondom.yaml:") != std::string::npos;
    BOOST_TEST(has, problems << " lacks " << text);
  };
  found(problems_with("{ events: [failed] }"), "me needs exactly one of webhook and command");
  found(problems_with("{ webhook: \"https://a.example\", command: [/bin/a] }"),
        "needs exactly one");
  for (const char* open :
       {"http://chat.example/", "http://127.0.0.1.example/", "chat", "https://"}) {
    found(problems_with("{ webhook: \"" + std::string(open) + "\" }"), "must be an https address");
  }
  for (const char* near : {"http://127.0.0.1:80/x", "http://localhost", "${secret:ALL}"}) {
    BOOST_TEST(problems_with("{ webhook: \"" + std::string(near) + "\" }") == "", near);
  }
  found(problems_with("{ command: [] }"), "names no program");
  found(problems_with("{ command: [page] }"), "write /usr/local/bin/page");
  found(problems_with("{ command: [/bin/page, \"${secret:KEY}\"] }"), "secret");
  found(problems_with("{ webhook: \"https://a.example\", signing_secret: open }"),
        "stands in the file itself");
  found(problems_with("{ command: [/bin/a], events: [late] }"), "late");
  found(problems_with("{ command: [/bin/a], events: [] }"), "events names nothing");
  found(problems_with("{ command: [/bin/a], timeout: 6m }"), "timeout must be a duration from 1s");
  found(with_notify("  repeat: 1s\n  to: { me: { command: [/bin/a] } }\n").problems,
        "repeat must be a duration from 1m");
  found(with_notify("  repeat: 1h\n").problems, "to");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
