// `serve` of rondom.yaml
#include <boost/test/unit_test.hpp>

#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

Loaded with_serve(const std::string& lines) {
  Files files = minimal();
  files["rondom.yaml"] += "serve:\n" + lines;
  return load(files);
}

/// The problem without the line that it stands on.
std::string problem_of(const std::string& lines) {
  const std::string all = with_serve(lines).problems;
  const std::size_t column = all.find(':', all.find(':') + 1);
  return column == std::string::npos ? all : all.substr(column + 1);
}

BOOST_AUTO_TEST_SUITE(serve_settings)

BOOST_AUTO_TEST_CASE(a_project_that_says_nothing_listens_on_this_machine_alone) {
  const Project project = load(minimal()).project;
  const Serve& serve = project.serve;
  BOOST_TEST(serve.listen == "127.0.0.1:8380");
  BOOST_TEST(control_socket(project) == project.root + "/var/control.sock");
  BOOST_TEST(serve.concurrency == 1);
  BOOST_TEST(serve.shutdown_after == 60 * microseconds_per_second);
  BOOST_TEST(serve.jitter == 0);
  BOOST_TEST((serve.catch_up == Serve::CatchUp::one));
}

BOOST_AUTO_TEST_CASE(everything_can_be_said) {
  const Loaded loaded = with_serve(
      "  socket: run/rondom.sock\n  listen: 0.0.0.0:8443\n"
      "  tls: { certificate: tls/service.pem, key: tls/service.key }\n"
      "  concurrency: 4\n  shutdown_after: 2m\n  jitter: 30s\n  catch_up: none\n");
  BOOST_TEST(loaded.problems == "");
  const Serve& serve = loaded.project.serve;
  BOOST_TEST(control_socket(loaded.project) == loaded.project.root + "/run/rondom.sock");
  BOOST_TEST(serve.listen == "0.0.0.0:8443");
  BOOST_TEST(serve.tls_certificate == "tls/service.pem");
  BOOST_TEST(serve.tls_key == "tls/service.key");
  BOOST_TEST(serve.concurrency == 4);
  BOOST_TEST(serve.shutdown_after == 120 * microseconds_per_second);
  BOOST_TEST(serve.jitter == 30 * microseconds_per_second);
  BOOST_TEST((serve.catch_up == Serve::CatchUp::none));
}

BOOST_AUTO_TEST_CASE(other_machines_are_answered_encrypted_or_not_at_all) {
  for (const char* here :
       {"127.0.0.1:1", "127.1.2.3:8380", "localhost:8380", "'[::1]:8380'", "none"}) {
    BOOST_TEST(problem_of(std::string("  listen: ") + here + "\n") == "", here);
  }
  BOOST_TEST(with_serve("  listen: none\n").project.serve.listen == "");
  for (const char* outside :
       {"0.0.0.0:8380", "'[::]:8380'", "192.0.2.1:80", "127.example.com:80"}) {
    BOOST_TEST(problem_of(std::string("  listen: ") + outside + "\n").find("needs serve.tls") !=
                   std::string::npos,
               outside);
  }
  for (const char* nonsense : {"'8380'", "':8380'", "localhost", "'localhost:'", "localhost:70000",
                               "localhost:80a", "'::1:8380'"}) {
    BOOST_TEST(problem_of(std::string("  listen: ") + nonsense + "\n").find("address and a port") !=
                   std::string::npos,
               nonsense);
  }
}

BOOST_AUTO_TEST_CASE(numbers_and_times_have_limits) {
  BOOST_TEST(problem_of("  concurrency: 17\n") == "16: concurrency must be between 1 and 16\n");
  BOOST_TEST(problem_of("  concurrency: 0\n") != "");
  BOOST_TEST(problem_of("  jitter: 0s\n") == "");
  BOOST_TEST(problem_of("  jitter: 25h\n") ==
             "11: jitter must be a duration up to 86400s, such as 30s or 5m\n");
  BOOST_TEST(problem_of("  shutdown_after: soon\n") != "");
  BOOST_TEST(problem_of("  shutdown_after: 61m\n") != "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
