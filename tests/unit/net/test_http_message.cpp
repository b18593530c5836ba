#include <boost/test/unit_test.hpp>

#include "net/http_message.h"
#include "net/peer_rates.h"

using namespace rondom;
using namespace rondom::net;

BOOST_AUTO_TEST_SUITE(net_http_message)

BOOST_AUTO_TEST_CASE(paths_and_queries) {
  using Segments = std::vector<std::string>;
  BOOST_TEST(path_segments("/jobs/a%2Fb/").value() == (Segments{"jobs", "a/b", ""}));
  BOOST_TEST(path_segments("/").value() == Segments{""});
  for (const char* bad : {"", "jobs", "*", "/%", "/%2", "/%zz", "/a%00b"}) {
    BOOST_TEST(!path_segments(bad).has_value(), bad);
  }
  const auto query = query_parameters("q=anna%2Bx%40example.com&&limit=5&flag&a=b=c+d").value();
  BOOST_REQUIRE(query.size() == 4u);
  BOOST_TEST(query[0].second == "anna+x@example.com");
  BOOST_TEST(query[2].first == "flag");
  BOOST_TEST(query[2].second == "");
  BOOST_TEST(query[3].second == "b=c d");
  BOOST_TEST(!query_parameters("a=%").has_value());
}

BOOST_AUTO_TEST_CASE(hosts) {
  BOOST_TEST(host_name("Example.COM:443").value() == "example.com");
  BOOST_TEST(host_name("[2001:DB8::1]:80").value() == "2001:db8::1");
  for (const char* bad : {"", ":80", "a b", "a:b", "a:123456", "[::1", "[x]", "[::1]x", "a@b"}) {
    BOOST_TEST(!host_name(bad).has_value(), bad);
  }
  for (const char* near : {"localhost", "127.0.0.1", "::1", "192.0.2.7", "own.example"}) {
    BOOST_TEST(!may_be_rebound(near, {"own.example"}), near);
  }
  for (const char* other : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                            "own.example.evil.example", ""}) {
    BOOST_TEST(may_be_rebound(other, {"own.example"}), other);
  }
}

BOOST_AUTO_TEST_CASE(a_head_without_a_body) {
  ServedAnswer answer;
  answer.status = 204;
  answer.headers = {{"Allow", "GET"}};
  const std::string head = answer_head(answer, http_date(0), Framing::length, true);
  BOOST_TEST(head ==
             "HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nAllow: GET\r\n"
             "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(rates_by_peer) {
  PeerRates rates(2, 2);
  BOOST_TEST(rates.take("a", 0));
  BOOST_TEST(rates.take("a", 0));
  BOOST_TEST(!rates.take("a", 0));
  BOOST_TEST(rates.take("b", 0));
  BOOST_TEST(!rates.take("a", 400'000));
  BOOST_TEST(rates.take("a", 500'000));
  BOOST_TEST(!rates.take("a", 500'000));
  BOOST_TEST(rates.take("a", 100'000'000));
  BOOST_TEST(rates.take("a", 100'000'000));
  BOOST_TEST(!rates.take("a", 100'000'000));  // no more than a second's worth at once
  BOOST_TEST(rates.take("c", 100'000'000));   // b, the longest silent one, is forgotten
  BOOST_TEST(rates.peers() == 2u);
  BOOST_TEST(!rates.take("a", 100'000'000));
  BOOST_TEST(PeerRates(0, 1).take("a", 0));
}

BOOST_AUTO_TEST_SUITE_END()
