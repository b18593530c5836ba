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
  TokenFile token(const char* configured) const {
    return {folder.file("tokens"), "crm", configured};
  }
};

BOOST_AUTO_TEST_SUITE(engine_token_file)

BOOST_FIXTURE_TEST_CASE(a_kept_token_counts_while_the_configured_one_stays, Kept) {
  BOOST_TEST(!token("first").load()->has_value());
  BOOST_REQUIRE(token("first").save("second \"quoted\"").ok());
  BOOST_TEST(token("first").load()->value_or("") == "second \"quoted\"");
  BOOST_TEST(!token("signed in anew").load()->has_value());
  struct stat about {};
  BOOST_REQUIRE(::stat(token("first").path().c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 0777) == 0600u);
}

BOOST_FIXTURE_TEST_CASE(two_environments_keep_one_each, Kept) {
  BOOST_REQUIRE(token("of dev").save("dev 2").ok());
  BOOST_REQUIRE(token("of prod").save("prod 2").ok());
  BOOST_TEST(token("of dev").load()->value_or("") == "dev 2");
  BOOST_TEST(token("of prod").load()->value_or("") == "prod 2");
}

BOOST_FIXTURE_TEST_CASE(only_one_at_a_time_renews, Kept) {
  net::Interrupt interrupt;
  TokenFile one = token("first"), other = token("first");
  auto held = one.hold(interrupt);
  BOOST_REQUIRE(held.ok());
  net::Interrupt stopped;
  stopped.request();
  const auto refused = other.hold(stopped);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().code == ErrorCode::cancelled));
  held->reset();
  BOOST_TEST(other.hold(stopped).ok());
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_read_or_kept_is_said, Kept) {
  BOOST_REQUIRE(token("first").save("second").ok());
  std::ofstream(token("first").path()) << "{\"replaces\":";
  const auto read = token("first").load();
  BOOST_REQUIRE(!read.ok());
  BOOST_TEST((read.error().code == ErrorCode::bad_state));
  std::filesystem::remove(token("first").path());
  std::filesystem::create_directory(token("first").path());
  BOOST_TEST(!token("first").load().ok());
  TokenFile nowhere(folder.file("no folder") + "/\x01/", "crm/../..", "first");
  std::ofstream(folder.file("no folder")) << "a file";
  const Status kept = nowhere.save("second");
  BOOST_REQUIRE(!kept.ok());
  BOOST_TEST(kept.error().message.find("second") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
