// Cassettes: what is recorded comes back, without secrets and addresses.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fake_net.h"
#include "net/cassette.h"
#include "net/tape_redactor.h"

namespace {

using namespace rondom;
using namespace rondom::net;
using namespace rondom::net::test;

struct Heard final : WireSink {
  std::uint32_t status = 0;
  std::vector<Header> headers;
  std::string text;
  bool head(std::uint32_t got, std::vector<Header> all) override {
    status = got;
    headers = std::move(all);
    return true;
  }
  bool body(std::string_view bytes) override {
    text += bytes;
    return true;
  }
};

struct Fixture {
  Fixture() { std::filesystem::create_directories(folder); }
  ~Fixture() { std::filesystem::remove_all(folder); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  std::string content() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Outcome exchange(Transport& transport, std::string method, std::string url, std::string text,
                   Heard& heard) {
    MemoryBody body(text);
    WireRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.headers = {{"Authorization", "Bearer open-sesame"}, {"Accept", "application/json"}};
    request.body = text.empty() ? nullptr : &body;
    return transport.exchange(request, heard, interrupt);
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("rondom-cassette-" + std::to_string(::getpid()));
  std::string path = (folder / "tape.jsonl").string();
  Interrupt interrupt;
  std::vector<std::string> secrets = {"open-sesame"};
  Credentials credentials = [] {
    Credentials bearer;
    bearer.kind = Credentials::Kind::bearer;
    bearer.secret = "open-sesame";
    return bearer;
  }();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cassette, Fixture)

BOOST_AUTO_TEST_CASE(what_was_recorded_is_played) {
  FakeTransport wire;
  wire.steps = {
      {Outcome::Kind::complete, 200, {{"X-Next", "2"}}, R"({"email":"Anna@shop.nl"})", true},
      {Outcome::Kind::complete, 429, {{"Retry-After", "1"}}, "", true},
      {Outcome::Kind::complete, 200, {}, std::string("\xFF\0\x01", 3), true},
      {Outcome::Kind::lost, 0, {}, "", true},
  };
  {
    const auto writer = CassetteWriter::create(path);
    BOOST_REQUIRE(writer.ok());
    RecordingTransport recorder(wire, *writer, "crm", credentials, {});
    Heard first, second, third, fourth;
    exchange(recorder, "GET", "https://crm.example/a?since=1", "", first);
    BOOST_TEST(first.text == R"({"email":"Anna@shop.nl"})");  // the connector gets the real one
    exchange(recorder, "POST", "https://crm.example/b", R"({"email":"anna@shop.nl"})", second);
    exchange(recorder, "GET", "https://crm.example/c", "", third);
    const Outcome lost = exchange(recorder, "GET", "https://crm.example/d", "", fourth);
    BOOST_TEST((lost.kind == Outcome::Kind::lost));
    BOOST_TEST(wire.seen[1].body == R"({"email":"anna@shop.nl"})");
  }
  const std::string tape = content();
  for (const char* word : {"open-sesame", "shop.nl"}) {
    BOOST_TEST(tape.find(word) == std::string::npos, word);
  }
  const auto reader = CassetteReader::load(path);
  BOOST_REQUIRE(reader.ok());
  PlayingTransport player(*reader, "crm", secrets);
  Heard first, second, third, fourth, none;
  exchange(player, "POST", "https://crm.example/b", R"({"email":"anna@shop.nl"})", second);
  BOOST_TEST(second.status == 429u);
  BOOST_TEST(header_value(second.headers, "retry-after") == "1");
  // Another moment in the query is the same request at another time.
  exchange(player, "GET", "https://crm.example/a?since=2", "", first);
  BOOST_TEST(first.text == R"({"email":"person-1@example.com"})");
  exchange(player, "GET", "https://crm.example/c", "", third);
  BOOST_TEST(third.text == std::string("\xFF\0\x01", 3));
  const Outcome lost = exchange(player, "GET", "https://crm.example/d", "", fourth);
  BOOST_TEST((lost.kind == Outcome::Kind::lost));
  const Outcome again = exchange(player, "GET", "https://crm.example/d", "", none);
  BOOST_TEST((again.kind == Outcome::Kind::unanswerable));
}

BOOST_AUTO_TEST_CASE(a_token_that_was_obtained_is_a_secret_too) {
  credentials.kind = Credentials::Kind::token_login;
  credentials.token_url = "https://crm.example/login";
  credentials.token_member = "jwt";
  FakeTransport wire;
  wire.steps = {
      {Outcome::Kind::complete, 200, {}, R"({"jwt":"given-for-an-hour"})", true},
      {Outcome::Kind::complete, 200, {}, R"({"you said":"Bearer signed-with-this"})", true},
      {Outcome::Kind::complete, 200, {}, "given-for-an-hour", true},
      // Elsewhere that member is a word like any other.
      {Outcome::Kind::complete, 200, {}, R"({"jwt":"what people say"})", true}};
  {
    const auto writer = CassetteWriter::create(path);
    BOOST_REQUIRE(writer.ok());
    RecordingTransport recorder(wire, *writer, "crm", credentials, {});
    Heard heard;
    exchange(recorder, "POST", "https://crm.example/login", "user=jan", heard);
    BOOST_TEST(heard.text == R"({"jwt":"given-for-an-hour"})");
    WireRequest request;
    request.method = "GET";
    request.url = "https://crm.example/me";
    request.headers = {{"authorization", "Bearer signed-with-this"}};
    recorder.exchange(request, heard, interrupt);
    exchange(recorder, "GET", "https://crm.example/me", "", heard);
    exchange(recorder, "GET", "https://crm.example/words", "", heard);
  }
  const std::string tape = content();
  BOOST_TEST(tape.find("given-for-an-hour") == std::string::npos);
  BOOST_TEST(tape.find("signed-with-this") == std::string::npos);
  BOOST_TEST(tape.find("what people say") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_person_is_the_same_in_every_connection_and_nobody_else) {
  FakeTransport wire;
  wire.steps = {{Outcome::Kind::complete, 200, {}, R"({"email":"anna@shop.nl"})", true},
                {Outcome::Kind::complete, 200, {}, R"({"email":"bob@shop.nl"})", true},
                {Outcome::Kind::complete, 200, {}, R"({"email":"anna@shop.nl"})", true}};
  {
    const auto writer = CassetteWriter::create(path);
    BOOST_REQUIRE(writer.ok());
    RecordingTransport crm(wire, *writer, "crm", credentials, {}),
        shop(wire, *writer, "shop", credentials, {});
    Heard heard;
    exchange(crm, "GET", "https://crm.example/a", "", heard);
    exchange(shop, "GET", "https://shop.example/b", "", heard);
    exchange(shop, "GET", "https://shop.example/a", "", heard);
  }
  const auto reader = CassetteReader::load(path);
  BOOST_REQUIRE(reader.ok());
  PlayingTransport crm(*reader, "crm", secrets), shop(*reader, "shop", secrets);
  Heard anna, bob, again;
  exchange(crm, "GET", "https://crm.example/a", "", anna);
  exchange(shop, "GET", "https://shop.example/b", "", bob);
  exchange(shop, "GET", "https://shop.example/a", "", again);
  BOOST_TEST(anna.text == again.text);
  BOOST_TEST(anna.text != bob.text);
}

BOOST_AUTO_TEST_CASE(a_cassette_is_for_its_owner_and_not_recorded_over) {
  BOOST_REQUIRE(CassetteWriter::create(path).ok());
  const auto mode = std::filesystem::status(path).permissions();
  BOOST_TEST(((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
              std::filesystem::perms::none));
  const auto second = CassetteWriter::create(path);
  BOOST_REQUIRE(!second.ok());
  BOOST_TEST((second.error().code == ErrorCode::usage));
}

BOOST_AUTO_TEST_CASE(what_is_no_cassette_is_refused_with_its_line) {
  const auto message = [](std::string_view text) {
    const auto reader = CassetteReader::parse(text, "tape");
    return reader.ok() ? std::string() : reader.error().message;
  };
  BOOST_TEST(message("") == "tape is empty");
  BOOST_TEST(message("{}\n") == "tape:1: this is no cassette of this version");
  BOOST_TEST(message("{\"cassette\":2}\n") == "tape:1: this is no cassette of this version");
  BOOST_TEST(message("{\"cassette\":1}\n") == "");
  for (const char* line :
       {"", "[]", "{\"connection\":1}", "{\"connection\":\"a\",\"method\":\"GET\"}", "{\"con"}) {
    BOOST_TEST(message(std::string("{\"cassette\":1}\n") + line + "\n") ==
               "tape:2: no exchange can be read here");
  }
}

BOOST_AUTO_TEST_CASE(secrets_and_addresses_are_replaced_wherever_they_stand) {
  Pseudonyms people;
  TapeRedactor redact({"open-sesame"}, people);
  const std::pair<const char*, const char*> bodies[] = {
      {R"({"access_token" : "abc\"def", "expires_in":3600, "accessToken":"x"})",
       R"({"access_token" : "hidden", "expires_in":3600, "accessToken":"hidden"})"},
      {"grant_type=client_credentials&client_secret=s%26x&scope=a",
       "grant_type=client_credentials&client_secret=hidden&scope=a"},
      {R"({"note":"b@bank.nl and B@Bank.nl.","amount":12.50})",
       R"({"note":"person-1@example.com and person-1@example.com.","amount":12.50})"},
      {"email=c%40bank.nl&x=1", "email=person-2%40example.com&x=1"},
      {"email=jan%2Btag%40klant.nl", "email=person-3%40example.com"},
      {R"({"e":"d\u0040bank.nl"})", R"({"e":"person-4@example.com"})"},
      {R"({"e":"piet@caf\u00e9.nl"})", R"({"e":"person-5@example.com"})"},
      {R"({"e":"ren\u00e9.klaas@klant.nl"})", R"({"e":"person-6@example.com"})"},
      {R"({"e":"first\nanna@klant.nl"})", R"({"e":"first\nperson-7@example.com"})"},
      {R"({"e":"o'brien/x@klant.nl"})", R"({"e":"person-8@example.com"})"},
      {"{\"a\":\"b@bank.nl\"}\n{\"a\":\"b@bank.nl\"}\n",
       "{\"a\":\"person-1@example.com\"}\n{\"a\":\"person-1@example.com\"}\n"},
      {"id,email\n1,b@bank.nl\n", "id,email\n1,person-1@example.com\n"},
      {"anna@example.com eva@shop.example", "anna@example.com eva@shop.example"},
      {"@ a@ @b a@b x@y.", "@ a@ @b a@b x@y."},
      {R"({"tokens":"stay","monkey":"stay","key":"stay"})",
       R"({"tokens":"stay","monkey":"stay","key":"stay"})"},
      {R"({"e":"b@bank.nl)", R"({"e":"person-1@example.com)"},
      {"", ""},
  };
  for (const auto& [raw, expected] : bodies) BOOST_TEST(redact.body(raw) == expected, raw);
  BOOST_TEST(redact.url("https://m.example/x?token=1&idSite=2&q=b%40bank.nl") ==
             "https://m.example/x?token=hidden&idSite=2&q=person-1%40example.com");
  BOOST_TEST(redact.url("https://m.example/contacts/b%40bank.nl/notes") ==
             "https://m.example/contacts/person-1%40example.com/notes");
  // A large body with many addresses is read once, not once for each.
  std::string large, expected;
  for (int i = 0; i < 100'000; ++i) {
    large += "a@bank.nl,";
    expected += "person-9@example.com,";
  }
  BOOST_TEST((redact.body(large) == expected));
  const std::string known = redact.body("x open-sesame b3Blbi1zZXNhbWU= y");
  BOOST_TEST(known.find("sesame") == std::string::npos);
  BOOST_TEST(known.find("b3Blbi1zZXNhbWU=") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
