// The real transport against a server on loopback: what libcurl reports comes out as what it means.
#include <boost/test/unit_test.hpp>
#include <thread>

#include "fake_net.h"
#include "support/loopback_server.h"

using namespace rondom;
using namespace rondom::net;
using rondom::test::LoopbackServer;
using rondom::test::ServerRequest;
using Peer = LoopbackServer::Peer;
using Kind = Outcome::Kind;

namespace {

class Reply final : public WireSink {
 public:
  std::uint32_t status = 0;
  std::vector<Header> headers;
  std::string text;
  bool head(std::uint32_t code, std::vector<Header> given) override {
    status = code;
    headers = std::move(given);
    return true;
  }
  bool body(std::string_view bytes) override {
    text += bytes;
    return true;
  }
};

struct Wire {
  explicit Wire(CurlOptions options = {}) : transport(std::move(options), clock) {}
  SystemClock clock;
  CurlTransport transport;
  Interrupt interrupt;
  Reply reply;
  TransportLimits limits;

  Outcome ask(const std::string& method, const std::string& url, std::string_view body = {}) {
    WireRequest request;
    request.method = method;
    request.url = url;
    request.limits = limits;
    request.idempotent = is_idempotent(method);
    MemoryBody bytes(body);
    if (method == "POST" || method == "PUT") request.body = &bytes;
    reply = Reply();
    return transport.exchange(request, reply, interrupt);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(net_curl)

BOOST_AUTO_TEST_CASE(a_connection_is_used_again) {
  LoopbackServer server([](const ServerRequest& request, Peer& peer) {
    peer.reply(200, request.method + " " + request.body, {"X-A: b", "X-Empty:"});
  });
  Wire wire;
  BOOST_TEST((wire.ask("GET", server.url() + "/a?b=c").kind == Kind::complete));
  BOOST_TEST(wire.reply.text == "GET ");
  BOOST_TEST(header_value(wire.reply.headers, "x-a") == "b");
  BOOST_TEST((wire.ask("POST", server.url() + "/", "body").kind == Kind::complete));
  BOOST_TEST(wire.reply.text == "POST body");
  BOOST_TEST((wire.ask("PUT", server.url() + "/", "").kind == Kind::complete));
  BOOST_TEST((wire.ask("DELETE", server.url() + "/").kind == Kind::complete));
  BOOST_TEST(wire.reply.text == "DELETE ");
  for (const ServerRequest& request : server.requests()) BOOST_TEST(request.connection == 1u);
}

BOOST_AUTO_TEST_CASE(a_compressed_reply_is_unpacked) {
  static constexpr unsigned char packed[] = {
      0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9,
      0xc9, 0x57, 0xc8, 0x40, 0x90, 0x00, 0x80, 0x88, 0xf9, 0xe5, 0x11, 0x00, 0x00, 0x00};
  LoopbackServer server([](const ServerRequest&, Peer& peer) {
    peer.reply(200, std::string(packed, packed + sizeof packed), {"Content-Encoding: gzip"});
  });
  Wire wire;
  BOOST_TEST((wire.ask("GET", server.url() + "/").kind == Kind::complete));
  const std::string asked = server.requests().at(0).headers.at("accept-encoding");
  BOOST_TEST(asked.find("gzip") != std::string::npos);
  BOOST_TEST(wire.reply.text == "hello hello hello");
  BOOST_TEST(header_value(wire.reply.headers, "Content-Encoding").empty());
  BOOST_TEST(header_value(wire.reply.headers, "Content-Length").empty());
}

BOOST_AUTO_TEST_CASE(too_much_is_refused) {
  LoopbackServer server([](const ServerRequest& request, Peer& peer) {
    if (request.target == "/headers") {
      for (int i = 0; i < 10'000; ++i) {
        if (!peer.raw(i == 0 ? "HTTP/1.1 200 OK\r\n"
                             : "X-Long: " + std::string(100, 'x') + "\r\n")) {
          break;
        }
      }
    } else {
      peer.reply(200, std::string(100'000, 'x'));
    }
  });
  Wire wire;
  wire.limits.body_bytes_max = 50'000;
  BOOST_TEST((wire.ask("GET", server.url() + "/body").kind == Kind::too_large));
  BOOST_TEST((wire.ask("GET", server.url() + "/headers").kind == Kind::too_large));
}

BOOST_AUTO_TEST_CASE(what_never_left_and_what_was_lost_are_told_apart) {
  std::string gone;
  {
    LoopbackServer server([](const ServerRequest&, Peer& peer) { peer.close(); });
    gone = server.url();
    Wire wire;
    BOOST_TEST((wire.ask("POST", gone + "/", "body").kind == Kind::lost));
    BOOST_TEST((wire.ask("GET", gone + "/").kind == Kind::lost));
  }
  Wire wire;
  const Outcome nobody = wire.ask("POST", gone + "/", "body");
  BOOST_TEST((nobody.kind == Kind::not_sent));
  BOOST_TEST(nobody.what == "connection refused");
  BOOST_TEST(nobody.nobody_there);
}

BOOST_AUTO_TEST_CASE(silence_and_slowness_end) {
  LoopbackServer server([](const ServerRequest&, Peer& peer) {
    peer.wait_for_end();
    peer.close();
  });
  Wire wire;
  wire.limits.stall_ms = 50;
  BOOST_TEST((wire.ask("GET", server.url() + "/").kind == Kind::lost));
  Wire late;
  late.limits.total_ms = 50;
  BOOST_TEST((late.ask("GET", server.url() + "/").kind == Kind::lost));
}

BOOST_AUTO_TEST_CASE(a_reply_that_trickles_ends) {
  LoopbackServer server([](const ServerRequest& request, Peer& peer) {
    if (request.target == "/fast") return void(peer.reply(200, std::string(5'000, 'x')));
    peer.raw("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + std::string(50, 'x'));
    peer.wait_for_end();
    peer.close();
  });
  Wire wire;
  wire.limits.slow_window_ms = 50;
  wire.limits.slow_bytes_min = 1'000;
  const Outcome slow = wire.ask("GET", server.url() + "/slow");
  BOOST_TEST((slow.kind == Kind::lost));
  BOOST_TEST(slow.what == "the reply comes too slowly");
  BOOST_TEST(wire.reply.text.size() == 50u);
  BOOST_TEST((wire.ask("GET", server.url() + "/fast").kind == Kind::complete));
}

BOOST_AUTO_TEST_CASE(a_proxy_is_asked_for_what_is_not_on_this_machine) {
  LoopbackServer proxy([](const ServerRequest& request, Peer& peer) {
    peer.reply(request.method == "CONNECT" ? 403 : 200, "by the proxy");
  });
  LoopbackServer here([](const ServerRequest&, Peer& peer) { peer.reply(200, "here"); });
  CurlOptions options;
  options.proxy = proxy.url();
  Wire wire(options);
  BOOST_TEST((wire.ask("GET", "http://crm.example/a?b=c").kind == Kind::complete));
  BOOST_TEST(wire.reply.text == "by the proxy");
  // A tunnel that is refused carried nothing.
  const Outcome refused = wire.ask("POST", "https://crm.example/", "body");
  BOOST_TEST((refused.kind == Kind::not_sent));
  BOOST_TEST(refused.what == "the proxy refused the connection (status 403)");
  BOOST_TEST((wire.ask("GET", here.url() + "/").kind == Kind::complete));
  BOOST_TEST(wire.reply.text == "here");
  const std::vector<std::string> asked = {"GET http://crm.example/a?b=c",
                                          "CONNECT crm.example:443"};
  BOOST_TEST(proxy.log() == asked, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_interrupt_from_another_thread_ends_it_at_once) {
  Wire wire;
  LoopbackServer server([&](const ServerRequest&, Peer& peer) {
    wire.interrupt.request();
    peer.wait_for_end();
    peer.close();
  });
  BOOST_TEST((wire.ask("GET", server.url() + "/").kind == Kind::interrupted));
}

BOOST_AUTO_TEST_SUITE_END()
