// From what a connector declares and a user writes to a client.
#include <boost/test/unit_test.hpp>

#include "net/net.h"

using namespace rondom;
using namespace rondom::net;

namespace {

constexpr const char* spec = R"({"x-auth":[
  {"kind":"basic","fields":["user","password"]},
  {"kind":"oauth2_client","token_url":"/oauth/token","fields":["client_id","client_secret"]}],
  "x-http":{"base_url_field":"url","hosts":["*.files.example.com"],"host_fields":["mirror"],
            "requests_per_second":5}})";

Declared read(const std::string& config) {
  Result<Declared> declared = read_declaration(spec, config);
  BOOST_REQUIRE_MESSAGE(declared.ok(), (declared.ok() ? "" : declared.error().message));
  return std::move(*declared);
}
std::string problem_of(const std::string& config) {
  const Result<Declared> declared = read_declaration(spec, config);
  if (declared.ok()) return "accepted";
  BOOST_TEST((declared.error().code == ErrorCode::bad_config));
  return declared.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_declaration)

BOOST_AUTO_TEST_CASE(credentials_and_network_are_the_hosts) {
  const Declared declared = read(
      R"({"url":"https://crm.example.com/x","user":"jan","password":"geheim","mirror":"m.example.com",)"
      R"("size":3,"network":{"requests_per_second":2,"ca_file":"/ca.pem","concurrent_requests":3}})");
  BOOST_TEST(declared.plugin_config_json ==
             R"({"url":"https://crm.example.com/x","mirror":"m.example.com","size":3})");
  const ClientOptions& options = declared.options;
  BOOST_TEST((options.credentials.kind == Credentials::Kind::basic));
  BOOST_TEST(options.credentials.user == "jan");
  BOOST_TEST(options.credentials.secret == "geheim");
  BOOST_TEST(options.base_url == "https://crm.example.com/x");
  BOOST_TEST(options.budget.requests_per_second == 2);
  BOOST_TEST(options.budget.concurrent_requests == 3u);
  BOOST_TEST(options.ca_file == "/ca.pem");
  BOOST_TEST(!options.allow_plain_http);
  for (const char* good :
       {"https://crm.example.com/", "https://a.files.example.com/", "https://m.example.com/"}) {
    BOOST_TEST(check_target(parse_url(good).value(), options.hosts, false).ok(), good);
  }
  BOOST_TEST(!check_target(parse_url("https://n.example.com/").value(), options.hosts, false).ok());
}

BOOST_AUTO_TEST_CASE(a_login_may_be_at_an_address_that_the_configuration_completes) {
  const auto declared = read_declaration(
      R"({"properties":{"profile":{"type":"string","default":"main/2"}},
          "x-auth":[{"kind":"token_login","token_url":"/auth/{account}/{profile}/x",
                     "user_parameter":"u","key_parameter":"k","token_member":"token",
                     "token_lifetime_secs":1800,"instance":"host","fields":["user","key"]}],
          "x-http":{"base_url":"https://api.example.com"}})",
      R"({"account":"a me","user":"jan","key":"geheim"})");
  BOOST_REQUIRE(declared.ok());
  const Credentials& credentials = declared->options.credentials;
  BOOST_TEST(credentials.token_url == "https://api.example.com/auth/a%20me/main%2F2/x");
  BOOST_TEST(credentials.lifetime_ms == 1'800'000);
  BOOST_TEST(credentials.token_member == "token");
  BOOST_TEST(credentials.user_parameter + credentials.key_parameter == "uk");
  BOOST_TEST(declared->plugin_config_json == R"({"account":"a me"})");
}

BOOST_AUTO_TEST_CASE(a_declared_address_holds_unless_the_user_says_another) {
  const auto base = [](const std::string& config) {
    const auto declared = read_declaration(
        R"({"x-http":{"base_url":"https://api.example.com","base_url_field":"url"}})", config);
    return declared.ok() ? declared->options.base_url : declared.error().message;
  };
  BOOST_TEST(base("{}") == "https://api.example.com");
  BOOST_TEST(base(R"({"url":"https://eu.example.com"})") == "https://eu.example.com");
  BOOST_TEST(base(R"({"url":"eu"})").find("url") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_token_address_may_be_a_path) {
  const Declared declared =
      read(R"({"url":"https://crm.example.com/x/","client_id":"a","client_secret":"b"})");
  BOOST_TEST(declared.options.credentials.token_url == "https://crm.example.com/x/oauth/token");
  BOOST_TEST(declared.plugin_config_json == R"({"url":"https://crm.example.com/x/"})");
}

BOOST_AUTO_TEST_CASE(the_audience_and_the_server_of_a_token) {
  const std::string jwt = R"({"x-auth":[{"kind":"oauth2_jwt","token_url":"/token",
    "fields":["id","user","key"],"audience":"https://login.example.com","audience_field":"audience",
    "instance":"instance_url"}],"x-http":{"base_url_field":"url"}})";
  const std::string config = R"({"url":"https://crm.example.com","id":"a","user":"b","key":"c")";
  const Declared plain = read_declaration(jwt, config + "}").value();
  BOOST_TEST(plain.options.credentials.audience == "https://login.example.com");
  BOOST_TEST(plain.options.credentials.instance == "instance_url");
  const Declared said =
      read_declaration(jwt, config + R"(,"audience":"https://test.example.com"})").value();
  BOOST_TEST(said.options.credentials.audience == "https://test.example.com");
}

BOOST_AUTO_TEST_CASE(an_issuer_that_speaks_for_itself_and_a_token_address_that_the_user_says) {
  const std::string jwt = R"({"x-auth":[
    {"kind":"oauth2_jwt","token_url":"https://id.example.com/token","token_url_field":"token_uri",
     "fields":["issuer","key"]},
    {"kind":"oauth2_jwt","token_url":"https://id.example.com/token","token_url_field":"token_uri",
     "fields":["issuer","user","key"]}],"x-http":{"base_url":"https://api.example.com"}})";
  const std::string config = R"({"issuer":"a","key":"c")";
  const Declared itself = read_declaration(jwt, config + "}").value();
  BOOST_TEST(itself.options.credentials.user == "a");
  BOOST_TEST(itself.options.credentials.subject == "");
  BOOST_TEST(itself.options.credentials.secret == "c");
  BOOST_TEST(itself.options.credentials.token_url == "https://id.example.com/token");
  const Declared said =
      read_declaration(jwt, config + R"(,"user":"b","token_uri":"https://id.example/t"})").value();
  BOOST_TEST(said.options.credentials.subject == "b");
  BOOST_TEST(said.options.credentials.secret == "c");
  BOOST_TEST(said.options.credentials.token_url == "https://id.example/t");
}

BOOST_AUTO_TEST_CASE(exactly_one_way_to_sign_is_wanted) {
  BOOST_TEST(problem_of(R"({"url":"https://a.example","user":"jan"})") ==
             "The connection needs user and password, or client_id and client_secret.");
  BOOST_TEST(
      problem_of(
          R"({"url":"https://a.example","user":"a","password":"b","client_id":"c","client_secret":"d"})")
          .find("only one of") != std::string::npos);
  BOOST_TEST(problem_of(R"({"url":"https://a.example","user":"a","password":"geheim\n"})") ==
             "\"password\" holds a control character, perhaps a line end.");
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_named) {
  const std::string start = R"({"user":"a","password":"b",)";
  BOOST_TEST(problem_of(start + R"("url":"crm.example.com"})").find("\"url\"") !=
             std::string::npos);
  BOOST_TEST(
      problem_of(start + R"("url":"https://a.example","mirror":"*.com"})").find("\"mirror\"") !=
      std::string::npos);
  for (const char* network : {R"({"proxi":"x"})", R"({"proxy":5})", R"({"requests_per_second":0})",
                              R"({"allow_plain_http":"yes"})", "3"}) {
    BOOST_TEST(problem_of(start + R"("url":"https://a.example","network":)" + network + "}")
                       .find("\"network") == 0u,
               network);
  }
}

BOOST_AUTO_TEST_CASE(a_connector_without_http_gets_its_configuration_as_it_is) {
  const Result<Declared> declared = read_declaration(R"({"properties":{}})", R"({ "a" : 1 })");
  BOOST_TEST(!declared->uses_http);
  BOOST_TEST(declared->plugin_config_json == R"({ "a" : 1 })");
}

BOOST_AUTO_TEST_SUITE_END()
