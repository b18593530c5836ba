// OAuth 2: what is asked for, when a token is renewed, and that a rotated one is not lost.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <boost/test/unit_test.hpp>

#include "fake_net.h"

using namespace rondom;
using namespace rondom::net;
using namespace rondom::net::test;

namespace {

Step token(const std::string& access, const std::string& more = "") {
  return {
      Outcome::Kind::complete,
      200,
      {},
      R"({"access_token":")" + access + R"(","token_type":"bearer","expires_in":3600)" + more + "}",
      true};
}
const Step unauthorized{Outcome::Kind::complete, 401, {}, "no", true};

ClientOptions oauth(Credentials::Kind kind) {
  ClientOptions options;
  options.credentials.kind = kind;
  options.credentials.user = "client";
  options.credentials.secret = "s3cret key";
  options.credentials.refresh_token = "first-refresh";
  options.credentials.token_url = "https://login.example.com/token";
  return options;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_tokens)

BOOST_AUTO_TEST_CASE(every_fixed_kind_signs_in_its_way) {
  using Kind = Credentials::Kind;
  struct Row {
    Kind kind;
    const char* header;
    const char* value;
  };
  const Row rows[] = {
      {Kind::bearer, "Authorization", "Bearer geheim"},
      {Kind::basic, "Authorization", "Basic amFuOmdlaGVpbQ=="},
      {Kind::api_key, "X-Acme", "Key geheim"},
  };
  for (const Row& row : rows) {
    ClientOptions options;
    options.credentials.kind = row.kind;
    options.credentials.user = "jan";
    options.credentials.secret = "geheim";
    if (row.kind == Kind::api_key) {
      options.credentials.header = "X-Acme";
      options.credentials.prefix = "Key ";
    }
    World world(options);
    world.transport.steps = {unauthorized};
    BOOST_TEST(world.send("GET").ok());
    BOOST_TEST(header_value(world.transport.seen.at(0).headers, row.header) == row.value);
    // Nothing to renew: the refusal is the connector's to report.
    BOOST_TEST(world.transport.seen.size() == 1u);
    BOOST_TEST(world.sink.status == 401u);
    Request request;
    request.method = "GET";
    request.url = "/people";
    request.headers = {{row.header, "mine"}};
    BOOST_TEST(!world.client->send(request, world.sink, world.interrupt).ok());
  }
}

BOOST_AUTO_TEST_CASE(a_key_may_stand_at_the_end_of_a_form) {
  ClientOptions options;
  options.credentials.kind = Credentials::Kind::api_key_form;
  options.credentials.query = "token_auth";
  options.credentials.secret = "geheim & zo";
  World world(options);
  Request request;
  request.method = "POST";
  request.url = "/people";
  request.headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = "a=1&b=2";
  request.idempotent = true;
  world.transport.steps = {{Outcome::Kind::complete, 503, {}, "", true}, {}};
  BOOST_TEST(world.client->send(request, world.sink, world.interrupt).ok());
  BOOST_REQUIRE(world.transport.seen.size() == 2u);
  for (const Seen& seen : world.transport.seen) {
    BOOST_TEST(seen.body == "a=1&b=2&token_auth=geheim%20%26%20zo");
  }
  BOOST_TEST(world.log.find("geheim") == std::string::npos);

  request.body.clear();
  BOOST_TEST(world.client->send(request, world.sink, world.interrupt).ok());
  BOOST_TEST(world.transport.seen.back().body == "token_auth=geheim%20%26%20zo");
  request.headers = {{"content-type", "application/json"}};
  request.body = "{}";
  const Status status = world.client->send(request, world.sink, world.interrupt);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::internal));
  BOOST_TEST(world.transport.seen.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_login_brings_a_token_and_a_server) {
  ClientOptions options = oauth(Credentials::Kind::token_login);
  options.credentials.user_parameter = "username";
  options.credentials.key_parameter = "key";
  options.credentials.token_member = "token";
  options.credentials.instance = "host";
  options.credentials.lifetime_ms = 1'800'000;
  options.hosts = {{"*.example.com", 0}};
  World world(options);
  const auto login = [](const std::string& name, const std::string& host) {
    return Step{Outcome::Kind::complete,
                200,
                {},
                R"({"token":")" + name + R"(","host":")" + host + R"("})",
                true};
  };
  world.transport.steps = {
      login("one", "eu.example.com"), {}, {}, login("two", "https://us.example.com/v9/"), {}};
  BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.transport.seen.at(0).body == "username=client&key=s3cret%20key");
  BOOST_TEST(world.transport.seen.at(1).url == "https://eu.example.com/people");
  BOOST_TEST(world.authorization(2) == "Bearer one");
  world.clock.advance(1'750 * microseconds_per_second);
  BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.transport.seen.at(4).url == "https://us.example.com/v9/people");
  BOOST_TEST(world.authorization(4) == "Bearer two");

  // A refused token is renewed, and the path is one of the new server alone.
  world.transport.steps = {unauthorized, login("three", "https://eu.example.com/v8"), {}};
  BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.transport.seen.back().url == "https://eu.example.com/v8/people");

  World elsewhere(options);
  elsewhere.transport.steps = {login("one", "eu.example.net")};
  const Status status = elsewhere.send("GET");
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::not_permitted));
}

BOOST_AUTO_TEST_CASE(a_token_is_had_once_and_used_until_it_ends) {
  World world(oauth(Credentials::Kind::oauth2_client));
  world.transport.steps = {token("one"), {}, {}, token("two"), {}};
  BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.transport.seen.at(0).body ==
             "grant_type=client_credentials&client_id=client&client_secret=s3cret%20key");
  BOOST_TEST(world.authorization(0).empty());
  BOOST_TEST(world.authorization(1) == "Bearer one");
  BOOST_TEST(world.authorization(2) == "Bearer one");
  world.clock.advance(3'550 * microseconds_per_second);
  BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.authorization(4) == "Bearer two");
}

BOOST_AUTO_TEST_CASE(a_refused_token_is_renewed_once) {
  World world(oauth(Credentials::Kind::oauth2_client));
  world.transport.steps = {token("one"), unauthorized, token("two"), {}};
  BOOST_TEST(world.send("POST", "/people", "body").ok());
  BOOST_TEST(world.authorization(3) == "Bearer two");
  BOOST_TEST(world.transport.seen.at(3).body == "body");
  BOOST_TEST(world.sink.status == 200u);

  World never(oauth(Credentials::Kind::oauth2_client));
  never.transport.steps = {token("one"), unauthorized, token("two"), unauthorized, token("three")};
  BOOST_TEST(never.send("GET").ok());
  BOOST_TEST(never.sink.status == 401u);
  BOOST_TEST(never.transport.seen.size() == 4u);
}

BOOST_AUTO_TEST_CASE(refused_credentials_are_told_without_them) {
  World world(oauth(Credentials::Kind::oauth2_client));
  world.transport.steps = {
      {Outcome::Kind::complete, 400, {}, R"({"error":"invalid_client"})", true}};
  const Status status = world.send("GET");
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::auth));
  BOOST_TEST(
      status.error().message ==
      "Signing in was refused: the token address answered with status 400 (invalid_client).");
  for (const char* reply :
       {"", "[]", "{}", R"({"access_token":5})", R"({"access_token":"a\nb"})"}) {
    BOOST_TEST((read_token(200, reply).status().error().code == ErrorCode::auth), reply);
  }
}

BOOST_AUTO_TEST_CASE(a_rotated_refresh_token_is_kept_before_it_is_used) {
  World world(oauth(Credentials::Kind::oauth2_refresh));
  world.transport.steps = {
      token("one", R"(,"refresh_token":"second-refresh")"), unauthorized, token("two"), {}};
  BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.transport.seen.at(0).body.find("refresh_token=first-refresh") !=
             std::string::npos);
  BOOST_TEST(world.transport.seen.at(2).body.find("refresh_token=second-refresh") !=
             std::string::npos);
  BOOST_TEST(world.tokens.kept.value_or("") == "second-refresh");

  World again(oauth(Credentials::Kind::oauth2_refresh));
  again.tokens.kept = "kept-refresh";
  again.transport.steps = {token("one"), {}};
  BOOST_TEST(again.send("GET").ok());
  BOOST_TEST(again.transport.seen.at(0).body.find("refresh_token=kept-refresh") !=
             std::string::npos);

  World full(oauth(Credentials::Kind::oauth2_refresh));
  full.tokens.broken = true;
  full.transport.steps = {token("one", R"(,"refresh_token":"second-refresh")"), {}};
  BOOST_TEST(!full.send("GET").ok());
  BOOST_TEST(full.transport.seen.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_token_request_that_uses_the_refresh_token_up_is_not_repeated) {
  const Step lost{Outcome::Kind::lost, 0, {}, "", true};
  World refresh(oauth(Credentials::Kind::oauth2_refresh));
  refresh.transport.steps = {lost, token("one"), {}};
  BOOST_TEST(!refresh.send("GET").ok());
  BOOST_TEST(refresh.transport.seen.size() == 1u);
  World client(oauth(Credentials::Kind::oauth2_client));
  client.transport.steps = {lost, token("one"), {}};
  BOOST_TEST(client.send("GET").ok());
}

BOOST_AUTO_TEST_CASE(bare_paths_go_where_the_token_says) {
  ClientOptions options = oauth(Credentials::Kind::oauth2_client);
  options.credentials.instance = "instance_url";
  options.hosts = {{"*.crm.example.com", 0}};
  World world(options);
  const std::string at = R"(,"instance_url":"https://acme.crm.example.com")";
  world.transport.steps = {token("one", at), unauthorized, token("two", at), {}, {}};
  BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.transport.seen.at(1).url == "https://acme.crm.example.com/people");
  BOOST_TEST(world.transport.seen.at(3).url == "https://acme.crm.example.com/people");
  Request request;
  request.method = "GET";
  request.url = "https://api.example.com/other";
  BOOST_TEST(world.client->send(request, world.sink, world.interrupt).ok());
  BOOST_TEST(world.transport.seen.at(4).url == "https://api.example.com/other");
}

BOOST_AUTO_TEST_CASE(a_token_does_not_go_to_a_server_that_nobody_declared) {
  for (const char* elsewhere :
       {"https://evil.example", "http://acme.crm.example.com", "nonsense"}) {
    ClientOptions options = oauth(Credentials::Kind::oauth2_client);
    options.credentials.instance = "instance_url";
    options.hosts = {{"*.crm.example.com", 0}};
    World world(options);
    world.transport.steps = {token("one", R"(,"instance_url":")" + std::string(elsewhere) + "\"")};
    BOOST_TEST(!world.send("GET").ok());
    BOOST_TEST(world.transport.seen.size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_jwt_is_signed_with_the_key) {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  const std::string pem(text, static_cast<std::size_t>(size));
  const std::string jwt = signed_jwt(R"({"iss":"me"})", pem).value();
  const std::size_t dot = jwt.rfind('.');
  BOOST_TEST(jwt.substr(0, dot) == "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJtZSJ9");
  std::string signature = jwt.substr(dot + 1);
  for (char& c : signature) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (signature.size() % 4 != 0) signature += '=';
  std::string bytes(signature.size(), '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                  reinterpret_cast<const unsigned char*>(signature.data()),
                  static_cast<int>(signature.size()));
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, key);
  BOOST_TEST(EVP_DigestVerify(digest, reinterpret_cast<const unsigned char*>(bytes.data()), 256,
                              reinterpret_cast<const unsigned char*>(jwt.data()), dot) == 1);
  EVP_MD_CTX_free(digest);
  BIO_free(bio);
  EVP_PKEY_free(key);
  Credentials credentials;
  credentials.kind = Credentials::Kind::oauth2_jwt;
  credentials.user = "client";
  credentials.subject = "jan@example.com";
  credentials.secret = pem;
  credentials.token_url = "https://crm.example.com/token";
  const auto claims = [&credentials] {
    const std::string form = token_form(credentials, "", noon).value();
    std::string payload = form.substr(form.find('.') + 1);
    payload.resize(payload.find('.'));
    for (char& c : payload) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (payload.size() % 4 != 0) payload += '=';
    std::string json(payload.size(), '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(json.data()),
                    reinterpret_cast<const unsigned char*>(payload.data()),
                    static_cast<int>(payload.size()));
    return json;
  };
  BOOST_TEST(claims().find(R"("aud":"https://crm.example.com/token")") != std::string::npos);
  credentials.audience = "https://login.example.com";
  BOOST_TEST(claims().find(R"("aud":"https://login.example.com")") != std::string::npos);
  BOOST_TEST((signed_jwt("{}", "no key").status().error().code == ErrorCode::bad_config));
}

BOOST_AUTO_TEST_SUITE_END()
