// What a connector keeps between its runs.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "engine/connector_state.h"
#include "support/folder.h"

using namespace rondom;
using engine::ConnectorState;

BOOST_AUTO_TEST_SUITE(connector_state)

BOOST_AUTO_TEST_CASE(it_is_there_for_the_next_one) {
  const test::Folder folder("kept_state");
  const std::string path = folder.file("var/state/crm.json");
  {
    ConnectorState state(path);
    BOOST_TEST(state.get("job").value() == "");
    BOOST_TEST(state.put("job", "7508d").ok());
    BOOST_TEST(state.put("other", "\"x\" é").ok());
  }
  ConnectorState state(path);
  BOOST_TEST(state.get("job").value() == "7508d");
  BOOST_TEST(state.get("other").value() == "\"x\" é");
  BOOST_TEST(state.put("job", "").ok());
  BOOST_TEST(ConnectorState(path).get("job").value() == "");
  struct stat facts {};
  BOOST_REQUIRE(::stat(path.c_str(), &facts) == 0);
  BOOST_TEST((facts.st_mode & 0777) == 0600u);
}

BOOST_AUTO_TEST_CASE(it_has_limits_and_says_when_it_is_damaged) {
  const test::Folder folder("limited_state");
  const std::string path = folder.file("crm.json");
  ConnectorState state(path);
  BOOST_TEST((state.put(std::string(engine::state_key_bytes_max + 1, 'k'), "v").error().code ==
              ErrorCode::data));
  BOOST_TEST(
      (state.put("k", std::string(engine::state_bytes_max, 'v')).error().code == ErrorCode::data));
  BOOST_TEST(state.get("k").value() == "");
  std::ofstream(path) << "[cut";
  BOOST_TEST((state.get("k").status().error().code == ErrorCode::bad_state));
  BOOST_TEST((state.put("k", "v").error().code == ErrorCode::bad_state));

  // Nothing but a file that is not there means that nothing was kept.
  std::ofstream(path, std::ios::trunc).close();
  BOOST_TEST((state.get("k").status().error().code == ErrorCode::bad_state));
  const std::string nowhere = folder.file("link.json");
  BOOST_REQUIRE(::symlink("/nowhere/at/all", nowhere.c_str()) == 0);
  BOOST_TEST((ConnectorState(nowhere).get("k").status().error().code == ErrorCode::bad_state));
  BOOST_TEST((ConnectorState(nowhere).put("k", "v").error().code == ErrorCode::bad_state));

  std::ofstream(folder.file("file")) << "x";
  BOOST_TEST((ConnectorState(folder.file("file/crm.json")).put("k", "v").error().code ==
              ErrorCode::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()
