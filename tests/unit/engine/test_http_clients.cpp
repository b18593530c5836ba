// The file of a rotated refresh token.
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "engine/http_clients.h"
#include "support/folder.h"

namespace rondom::engine::test {
namespace {

struct Kept {
  rondom::test::Folder folder{"token_files"};
  std::string file() const { return folder.file("crm.json"); }
};

BOOST_AUTO_TEST_SUITE(engine_token_file)

BOOST_FIXTURE_TEST_CASE(a_kept_token_counts_while_the_configured_one_stays, Kept) {
  BOOST_TEST(!TokenFile(file(), "first").load()->has_value());
  BOOST_REQUIRE(TokenFile(file(), "first").save("second \"quoted\"").ok());
  BOOST_TEST(TokenFile(file(), "first").load()->value_or("") == "second \"quoted\"");
  BOOST_TEST(!TokenFile(file(), "signed in anew").load()->has_value());
  struct stat about {};
  BOOST_REQUIRE(::stat(file().c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 0777) == 0600u);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_read_or_kept_is_said, Kept) {
  BOOST_REQUIRE(TokenFile(file(), "first").save("second").ok());
  std::ofstream(file()) << "{\"replaces\":";
  const auto read = TokenFile(file(), "first").load();
  BOOST_REQUIRE(!read.ok());
  BOOST_TEST((read.error().code == ErrorCode::bad_state));
  const Status kept = TokenFile(file() + "/below/a/file.json", "first").save("second");
  BOOST_REQUIRE(!kept.ok());
  BOOST_TEST(kept.error().message.find("second") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
