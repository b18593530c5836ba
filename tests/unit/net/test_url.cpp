// Addresses: what is read, where requests may go, what is said of them.
#include <boost/test/unit_test.hpp>

#include "net/redact.h"
#include "net/url.h"

using namespace rondom;
using namespace rondom::net;

BOOST_AUTO_TEST_SUITE(net_url)

BOOST_AUTO_TEST_CASE(addresses_are_read_and_written) {
  const Url url = parse_url("HTTPS://API.Example.com:8443/a/b?c=d#e").value();
  BOOST_TEST(url.host == "api.example.com");
  BOOST_TEST(url.port == 8443);
  BOOST_TEST(url.text() == "https://api.example.com:8443/a/b?c=d");
  BOOST_TEST(parse_url("https://example.com").value().text() == "https://example.com/");
  for (const char* bad :
       {"ftp://example.com/", "file:///etc/passwd", "example.com", "",
        "https://user:geheim@example.com/", "https://exa mple.com/", "https://example.com/\r\nX: y",
        "https://", "https://example.com:0/", "https://example.com:99999/"}) {
    BOOST_TEST(!parse_url(bad).ok(), bad);
  }
  BOOST_TEST(!parse_url("https://example.com/" + std::string(url_bytes_max, 'a')).ok());
  const Status told = parse_url("https://jan:geheim@example.com/").status();
  BOOST_TEST(told.error().message.find("geheim") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_path_is_put_behind_the_base_address) {
  const auto at = [](const char* base, const char* given) {
    const Result<Url> url = resolve_at_base(base, given);
    return url.ok() ? url->text() : "-";
  };
  BOOST_TEST(at("https://x.example/mautic/", "/api/a?b=1") == "https://x.example/mautic/api/a?b=1");
  BOOST_TEST(at("https://x.example", "/api") == "https://x.example/api");
  BOOST_TEST(at("https://x.example", "https://y.example/z") == "https://y.example/z");
  BOOST_TEST(at("https://x.example", "//y.example/z") == "-");
  BOOST_TEST(at("https://x.example", "@y.example/z") == "-");
  BOOST_TEST(at("", "/api") == "-");
}

BOOST_AUTO_TEST_CASE(only_declared_hosts_are_reached) {
  const HostRule rules[] = {
      {"api.example.com", 0}, {"*.files.example.com", 0}, {"127.0.0.1", 8080}};
  struct Row {
    const char* url;
    bool admitted;
  };
  const Row rows[] = {
      {"https://api.example.com/", true},       {"https://API.EXAMPLE.COM:443/", true},
      {"https://api.example.com:444/", false},  {"https://api.example.com.evil.example/", false},
      {"https://evil-api.example.com/", false}, {"https://example.com/", false},
      {"https://eu.files.example.com/", true},  {"https://a.eu.files.example.com/", true},
      {"https://files.example.com/", false},    {"https://evilfiles.example.com/", false},
      {"http://127.0.0.1:8080/", true},         {"http://127.0.0.1:8081/", false},
      {"http://api.example.com/", false},  // not encrypted
  };
  for (const Row& row : rows) {
    const Status status = check_target(parse_url(row.url).value(), rules, false);
    BOOST_TEST(status.ok() == row.admitted, row.url);
    if (!status.ok()) BOOST_TEST((status.error().code == ErrorCode::not_permitted));
  }
  BOOST_TEST(check_target(parse_url("http://api.example.com/").value(), rules, true).ok());
}

// Other hosts that look like declared ones to whoever compares texts.
BOOST_AUTO_TEST_CASE(no_spelling_leads_to_another_host) {
  const HostRule rules[] = {{"api.example.com", 0}, {"*.files.example.com", 0}};
  for (const char* trick : {"https://api.example.com@evil.example/",
                            "https://api.example.com:443@evil.example/",
                            "https://api.example.com%40evil.example/",
                            "https://:@evil.example/",
                            "https://api.example.com./",
                            "https://api.example.com..files.example.com/",
                            "https://.files.example.com/",
                            "https://evil.example%2F.files.example.com/",
                            "https://evil.example%00.files.example.com/",
                            "https://evil.example%23.files.example.com/",
                            "https://evil.example%3F.files.example.com/",
                            "https://evil.example%3A443.files.example.com/",
                            "https://evil.example\\.files.example.com/",
                            "https://evil.example#.files.example.com/",
                            "https://evil.example?.files.example.com/",
                            "https://2130706433/",
                            "https://0x7f.1/",
                            "https://[::ffff:127.0.0.1]/",
                            "https://[::1]/",
                            "https:///api.example.com@evil.example/",
                            "https://api\xe3\x80\x82"
                            "example.com.evil.example/"}) {
    const Result<Url> url = parse_url(trick);
    const bool admitted = url.ok() && check_target(*url, rules, true).ok();
    const std::string host = url.ok() ? url->host : "";
    const bool declared = host == "api.example.com" || host.ends_with(".files.example.com");
    // What is let through goes, read once more, to the host that was looked at.
    const Result<Url> again = url.ok() ? parse_url(url->text()) : url;
    BOOST_TEST((!admitted || (declared && again.ok() && again->host == host)), trick);
    if (admitted) BOOST_TEST(host.find_first_of("/\\@:#?%") == std::string::npos, trick);
  }
}

BOOST_AUTO_TEST_CASE(loopback_is_what_it_says) {
  for (const char* near :
       {"http://127.0.0.1/", "http://127.8.0.1:99/", "http://localhost/", "http://[::1]:8080/"}) {
    BOOST_TEST(is_loopback(parse_url(near).value()), near);
  }
  for (const char* far : {"http://127.0.0.1.example.com/", "http://128.0.0.1/",
                          "http://localhost.example.com/", "http://[::2]/"}) {
    BOOST_TEST(!is_loopback(parse_url(far).value()), far);
  }
}

BOOST_AUTO_TEST_CASE(secrets_are_taken_out_in_every_form) {
  const Redactor redact({"s3cret/+key", "ab"});
  BOOST_TEST(redact("a s3cret/+key b s3cret%2F%2Bkey c " + base64("s3cret/+key") + " ab") ==
             "a ••• b ••• c ••• ab");
  const Redactor lines(
      {"-----BEGIN KEY-----\nfirst-line-of-it\r\nshort\nlast-line\\of-it\n-----END KEY-----"});
  BOOST_TEST(lines("read first-line-of-it and last-line\\of-it") == "read ••• and •••");
  BOOST_TEST(lines("a short word, -----BEGIN KEY-----") == "a short word, -----BEGIN KEY-----");
  BOOST_TEST(Redactor({"say \"it\"\n"})(R"({"a":"say \"it\"\n"})") == R"({"a":"•••"})");
  Redactor learning({"s3cret"});
  learning.learn("short");
  learning.learn("token-of-an-hour");
  BOOST_TEST(learning("s3cret short token-of-an-hour") == "••• short •••");
  for (int i = 0; i < 64; ++i) learning.learn("token-of-hour-" + std::to_string(i));
  BOOST_TEST(learning("s3cret token-of-an-hour token-of-hour-63") == "••• token-of-an-hour •••");
  BOOST_TEST(is_sensitive_header("X-Api-Key"));
  BOOST_TEST(!is_sensitive_header("Content-Type"));
  const Url url = parse_url("https://api.example.com/people/jan@example.com?key=s3cret").value();
  BOOST_TEST(describe("GET", url) == "GET api.example.com");
}

BOOST_AUTO_TEST_SUITE_END()
