#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

/// An outside world with nothing in it until a test says otherwise.
struct World {
  std::map<std::string, std::string> variables;
  std::map<std::string, SecretAccess::File> files;

  SecretAccess access() const {
    SecretAccess given;
    given.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    given.file = [this](const std::string& path) -> Result<std::optional<SecretAccess::File>> {
      const auto found = files.find(path);
      if (found == files.end()) return std::optional<SecretAccess::File>();
      return std::optional<SecretAccess::File>(found->second);
    };
    return given;
  }
};

Project project_with(std::vector<std::string> sources) {
  Project project;
  project.root = "/project";
  project.secret_sources = std::move(sources);
  return project;
}

const std::vector<std::string> usual = {"credential", "file:secrets", "env"};

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_AUTO_TEST_CASE(sources_are_asked_in_order) {
  World world;
  const auto secrets = make_secrets(project_with(usual), world.access());
  BOOST_TEST((secrets->get("sf-key").error().code == ErrorCode::bad_config));
  BOOST_TEST(secrets->get("sf-key").error().message ==
             "secret sf-key is not in credential, file:secrets, env (RONDOM_SECRET_SF_KEY)");
  world.variables["RONDOM_SECRET_SF_KEY"] = "from env\n";
  BOOST_TEST(*secrets->get("sf-key") == "from env\n");
  world.files["/project/secrets/sf-key"] = {"from file\r\n", 0600};
  BOOST_TEST(*secrets->get("sf-key") == "from file");
  world.variables["CREDENTIALS_DIRECTORY"] = "/run/credentials/x";
  BOOST_TEST(*secrets->get("sf-key") == "from file");
  world.files["/run/credentials/x/sf-key"] = {"from systemd", 0440};
  BOOST_TEST(*secrets->get("sf-key") == "from systemd");
  const auto turned = make_secrets(project_with({"env", "file:secrets"}), world.access());
  BOOST_TEST(*turned->get("sf-key") == "from env\n");
  const auto none = make_secrets(project_with({}), world.access());
  BOOST_TEST(none->get("sf-key").error().message == "secret sf-key is not in any source");
}

BOOST_AUTO_TEST_CASE(a_file_that_others_may_touch_is_refused_with_the_cure) {
  for (const unsigned mode : {0640U, 0604U, 0620U, 0601U}) {
    World world;
    world.variables["RONDOM_SECRET_KEY"] = "fallback";
    world.files["/project/secrets/key"] = {"hush", mode};
    const auto result = make_secrets(project_with(usual), world.access())->get("key");
    BOOST_REQUIRE(!result);
    BOOST_TEST((result.error().code == ErrorCode::not_permitted));
    BOOST_TEST(result.error().message ==
               "secret key: its file is open to other users; run chmod 600 /project/secrets/key");
  }
}

BOOST_AUTO_TEST_CASE(names_cannot_leave_the_folder) {
  World world;
  world.files["/project/secrets/../x"] = {"hush", 0600};
  const auto secrets = make_secrets(project_with(usual), world.access());
  for (const char* name : {"../x", "", "/etc/passwd", "a b", "a.b", "1a"}) {
    BOOST_TEST((secrets->get(name).error().code == ErrorCode::bad_config));
  }
}

BOOST_AUTO_TEST_CASE(a_secret_that_is_no_text_is_refused_without_showing_it) {
  World world;
  world.variables["RONDOM_SECRET_KEY"] = "hush\xFF";
  const auto result = make_secrets(project_with(usual), world.access())->get("key");
  BOOST_TEST(result.error().message == "secret key from env is not UTF-8 text");
}

BOOST_AUTO_TEST_CASE(an_unreadable_file_is_no_reason_to_ask_the_next_source) {
  World world;
  world.variables["RONDOM_SECRET_KEY"] = "fallback";
  SecretAccess access = world.access();
  access.file = [](const std::string&) -> Result<std::optional<SecretAccess::File>> {
    return Error{ErrorCode::unavailable, "cannot be read"};
  };
  BOOST_TEST((make_secrets(project_with(usual), access)->get("key").error().code ==
              ErrorCode::unavailable));
}

BOOST_AUTO_TEST_CASE(references_are_filled_in_and_escaped) {
  World world;
  world.variables["RONDOM_SECRET_A"] = "x\"y\\z\n${secret:b}";
  world.variables["RONDOM_SECRET_B"] = "plain";
  const auto secrets = make_secrets(project_with(usual), world.access());
  BOOST_TEST(
      *resolve_secrets(R"({"p":"<${secret:a}>","q":"${secret:b}${secret:b}","r":1})", *secrets) ==
      R"({"p":"<x\"y\\z\n${secret:b}>","q":"plainplain","r":1})");
  BOOST_TEST(*resolve_secrets_in_text("a=${secret:a}", *secrets) == "a=x\"y\\z\n${secret:b}");
  BOOST_TEST(!resolve_secrets(R"({"p":"${secret:"})", *secrets).ok());
  BOOST_TEST(!resolve_secrets(R"({"p":"${secret:missing}"})", *secrets).ok());
  const std::vector<std::string> expected = {"a", "b"};
  BOOST_TEST(secret_references("${secret:a} and ${secret:b}, ${var:c}") == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_and_their_modes_are_read_from_the_disk) {
  const Folder folder({{"secrets/key", "hush\n"}, {"secrets/big", std::string(70'000, 'x')}});
  Project project = project_with({"file:secrets"});
  project.root = folder.path();
  const auto secrets = make_secrets(project);
  const std::string path = folder.path() + "/secrets/key";
  ::chmod(path.c_str(), 0600);
  BOOST_TEST(*secrets->get("key") == "hush");
  ::chmod(path.c_str(), 0644);
  BOOST_TEST((secrets->get("key").error().code == ErrorCode::not_permitted));
  ::chmod((folder.path() + "/secrets/big").c_str(), 0600);
  BOOST_TEST(!secrets->get("big").ok());
  BOOST_TEST((secrets->get("absent").error().code == ErrorCode::bad_config));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
