// The server against clients that behave, and against those that do not. Real sockets on loopback;
// what takes time has limits of some milliseconds here.
#include <sys/stat.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <latch>

#include "base/cancel.h"
#include "net/http_server.h"
#include "net/listening.h"
#include "net/local_client.h"
#include "net/redact.h"
#include "raw_client.h"

using namespace rondom;
using namespace rondom::net;
using rondom::test::RawClient;

namespace {

void echo(const ServedRequest& request, HttpReply& reply) {
  ServedAnswer answer;
  answer.content_type = "text/plain";
  answer.body = request.method + " " + request.path + "?" + request.query + " " + request.host +
                " " + request.body;
  reply.send(std::move(answer));
}

/// A server at a free port and at a socket in a folder of its own.
struct Served {
  explicit Served(HttpHandler handler = echo, HttpLimits limits = {},
                  std::size_t requests_per_second = 0) {
    char name[] = "/tmp/rondom-http-XXXXXX";
    folder = ::mkdtemp(name);
    path = folder + "/control.sock";
    server = std::make_unique<HttpServer>(limits, clock, std::move(handler));
    HttpListener local, tcp;
    local.path = path;
    tcp.names = {"rondom.example"};
    tcp.requests_per_second = local.requests_per_second = requests_per_second;
    const Status listens = server->listen({local, tcp});
    BOOST_REQUIRE(listens.ok());
  }
  ~Served() {
    server->stop(0);
    std::filesystem::remove_all(folder);
  }
  std::uint16_t port() const { return server->port(1); }

  ManualClock clock{1'764'189'282'000'000};
  std::string folder, path;
  std::unique_ptr<HttpServer> server;
};

std::string get(const std::string& path, const std::string& more = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

HttpLimits small_limits() {
  HttpLimits limits;
  limits.workers = 2;
  return limits;
}

/// Waits on a value of another thread; a test that waits in vain fails.
template <typename T>
T within_patience(std::future<T> value) {
  BOOST_REQUIRE(value.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  return value.get();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_http_server)

BOOST_AUTO_TEST_CASE(one_connection_asks_again_and_again) {
  Served served;
  RawClient client(served.port());
  BOOST_TEST(client.send(get("/a?b=c")));
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.body == "GET /a?b=c localhost ");
  BOOST_TEST(client.header("date") == "Wed, 26 Nov 2025 20:34:42 GMT");
  BOOST_TEST(client.header("cache-control") == "no-store");
  BOOST_TEST(client.header("connection") == "");
  BOOST_TEST(client.send("POST /p HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello"));
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.body == "POST /p? 127.0.0.1 hello");
  BOOST_TEST(
      client.send("POST /p HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n"));
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.body == "POST /p? 127.0.0.1 helloyou");
  BOOST_TEST(client.send(get("/last", "Connection: close\r\n")));
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.header("connection") == "close");
  BOOST_TEST(client.rest() == "");
  BOOST_TEST(served.server->statistics().accepted == 1);
}

BOOST_AUTO_TEST_CASE(requests_that_follow_at_once_are_answered_in_their_order) {
  Served served;
  RawClient client(served.port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += get("/" + std::to_string(i));
  BOOST_TEST(client.send(all));
  for (int i = 0; i < 50; ++i) {
    BOOST_REQUIRE(client.answer() == 200);
    BOOST_TEST(client.body == "GET /" + std::to_string(i) + "? localhost ");
  }
}

BOOST_AUTO_TEST_CASE(the_head_alone_tells_the_length_of_the_body) {
  Served served;
  RawClient client(served.port());
  BOOST_TEST(client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/b")));
  BOOST_TEST(client.answer(true) == 200);
  BOOST_TEST(client.header("content-length") == "19");
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.body == "GET /b? localhost ");
}

struct Bad {
  const char* what;
  std::string bytes;
  int status;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) {
  return out << bad.what;
}
const std::vector<Bad>& bad_requests() {
  static const std::string start = "POST /p HTTP/1.1\r\nHost: localhost\r\n";
  static const std::vector<Bad> all{
      {"length twice, the same", start + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
       400},
      {"length twice, different", start + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
       400},
      {"length as a list", start + "Content-Length: 5, 5\r\n\r\nhello", 400},
      {"length and chunked",
       start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked and length",
       start + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
      {"chunked twice",
       start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked and more", start + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 501},
      {"chunked with a disguise", start + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked in HTTP/1.0",
       "POST /p HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"length with a sign", start + "Content-Length: +5\r\n\r\nhello", 400},
      {"length below nothing", start + "Content-Length: -1\r\n\r\n", 400},
      {"length beyond numbers", start + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {"a chunk's size that is none",
       start + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n", 400},
      {"space before the colon", start + "Content-Length : 5\r\n\r\nhello", 400},
      {"lines that end with LF alone", "GET / HTTP/1.1\nHost: localhost\n\n\r\n\r\n", 505},
      {"NUL in a header", start + std::string("X: a\0b\r\n\r\n", 10), 400},
      {"no request at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\r\n\r\n", 400},
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400},
      {"a host that is none", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"a later version", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505},
      {"an earlier version", "GET / HTTP/0.9\r\nHost: localhost\r\n\r\n", 505},
      {"too many headers", get("/", "X: " + std::string(9'000, 'x') + "\r\n"), 431},
      {"a target without end", "GET /" + std::string(20'000, 'x'), 431},
      {"headers without end", "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(30'000, 'x'),
       431},
      {"too long a body, said", start + "Content-Length: 1048577\r\n\r\n", 413},
      {"too long a body, in chunks",
       start + "Transfer-Encoding: chunked\r\n\r\n100001\r\n" + std::string(0x100001, 'x') +
           "\r\n0\r\n\r\n",
       413},
      {"a chunk's size without end",
       start + "Transfer-Encoding: chunked\r\n\r\n5;" + std::string(40'000, 'x'), 400},
      {"another expectation", start + "Content-Length: 5\r\nExpect: tea\r\n\r\n", 417},
      {"another name for us", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
      {"another name in the target", "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
       421},
  };
  return all;
}

BOOST_DATA_TEST_CASE(what_is_no_proper_request_is_refused_and_closed,
                     boost::unit_test::data::make(bad_requests()), bad) {
  std::atomic<int> handled{0};
  Served served(
      [&](const ServedRequest& request, HttpReply& reply) {
        ++handled;
        echo(request, reply);
      },
      small_limits());
  RawClient client(served.port());
  // What follows must never count as a request.
  client.send(bad.bytes + get("/smuggled"));
  BOOST_TEST(client.answer() == bad.status);
  BOOST_TEST(client.header("content-type") == "application/problem+json");
  BOOST_TEST(client.header("connection") == "close");
  client.end_sending();
  BOOST_TEST(client.rest() == "");
  BOOST_TEST(handled == 0);
  BOOST_TEST(served.server->statistics().refused_bad == 1);
}

BOOST_AUTO_TEST_CASE(names_that_are_ours) {
  Served served;
  RawClient client(served.port());
  for (const char* host : {"localhost", "LocalHost:8380", "127.0.0.1:1", "[::1]:8380", "192.0.2.7",
                           "rondom.example", "Rondom.Example:443"}) {
    client.send("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    BOOST_TEST(client.answer() == 200, host);
  }
  client.send("GET http://rondom.example?x HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.body == "GET /?x rondom.example ");
  client.send("GET / HTTP/1.0\r\n\r\n");
  BOOST_TEST(client.answer() == 200);
  // Nobody's page reaches a file.
  RawClient local(served.path);
  local.send("GET / HTTP/1.1\r\nHost: whatever.example\r\n\r\n");
  BOOST_TEST(local.answer() == 200);
}

BOOST_AUTO_TEST_CASE(the_kernel_says_who_is_at_the_socket) {
  std::promise<net::Peer> seen;
  Served served([&](const ServedRequest& request, HttpReply& reply) {
    seen.set_value(request.peer);
    echo(request, reply);
  });
  RawClient client(served.path);
  client.send(get("/"));
  BOOST_TEST(client.answer() == 200);
  const net::Peer peer = within_patience(seen.get_future());
  BOOST_TEST(peer.local);
  BOOST_TEST(peer.user == ::getuid());
  BOOST_TEST(peer.process == ::getpid());
  struct stat file {};
  BOOST_REQUIRE(::stat(served.path.c_str(), &file) == 0);
  BOOST_TEST((file.st_mode & 0777) == 0660);
}

BOOST_AUTO_TEST_CASE(a_body_is_asked_for_when_its_sender_waits_for_that) {
  Served served;
  RawClient client(served.port());
  client.send(
      "POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  BOOST_TEST(client.answer() == 100);
  client.send("hi");
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.body == "POST /p? localhost hi");
}

void in_pieces(const ServedRequest& request, HttpReply& reply) {
  ServedAnswer head;
  head.content_type = "text/plain";
  reply.begin(head);
  reply.write("one");
  reply.write("");
  reply.write("and two");
  if (request.path != "/breaks-off") reply.end();
}

BOOST_AUTO_TEST_CASE(an_answer_in_pieces) {
  Served served(in_pieces);
  RawClient client(served.port());
  client.send(get("/a", "Connection: close\r\n"));
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.header("transfer-encoding") == "chunked");
  BOOST_TEST(client.rest() == "3\r\none\r\n7\r\nand two\r\n0\r\n\r\n");
  RawClient old(served.port());
  old.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  BOOST_TEST(old.answer() == 200);
  BOOST_TEST(old.header("transfer-encoding") == "");
  BOOST_TEST(old.rest() == "oneand two");
  RawClient broken(served.port());
  broken.send(get("/breaks-off"));
  broken.answer();
  BOOST_TEST(broken.rest().find("0\r\n\r\n") == std::string::npos);
  RawClient head(served.port());
  head.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  BOOST_TEST(head.answer() == 200);
  BOOST_TEST(head.rest() == "");
}

BOOST_AUTO_TEST_CASE(a_handler_that_fails_says_nothing_of_why) {
  Served served([](const ServedRequest& request, HttpReply&) {
    if (request.path == "/throws") throw std::runtime_error("anna@example.com");
  });
  RawClient client(served.port());
  for (const char* path : {"/throws", "/silent"}) {
    client.send(get(path));
    BOOST_TEST(client.answer() == 500);
    BOOST_TEST(client.body.find("anna") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(who_sends_too_slowly_is_told_and_closed) {
  HttpLimits limits = small_limits();
  limits.header_ms = limits.body_ms = 30;
  Served served(echo, limits);
  RawClient head(served.port());
  head.send("GET / HTTP/1.1\r\nHost: loc");
  BOOST_TEST(head.answer() == 408);
  BOOST_TEST(head.rest() == "");
  RawClient body(served.port());
  body.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhel");
  BOOST_TEST(body.answer() == 408);
  RawClient silent(served.port());
  BOOST_TEST(silent.rest() == "");
  BOOST_TEST(served.server->statistics().shed == 2);
}

BOOST_AUTO_TEST_CASE(an_idle_connection_ends_without_a_word) {
  HttpLimits limits = small_limits();
  limits.idle_ms = 30;
  Served served(echo, limits);
  RawClient client(served.port());
  client.send(get("/"));
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.rest() == "");
  BOOST_TEST(served.server->statistics().shed == 0);
}

BOOST_AUTO_TEST_CASE(who_does_not_read_is_shed) {
  HttpLimits limits = small_limits();
  limits.write_ms = 30;
  std::promise<std::size_t> written;
  Served served(
      [&](const ServedRequest&, HttpReply& reply) {
        reply.begin({});
        std::size_t bytes = 0;
        const std::string piece(64 << 10, 'x');
        while (reply.write(piece)) bytes += piece.size();
        written.set_value(bytes);
      },
      limits);
  RawClient client(served.port());
  client.send(get("/"));
  // What is unsent has a limit, so it ends after what the kernel's buffers hold.
  BOOST_TEST(within_patience(written.get_future()) < (64u << 20));
  BOOST_TEST(served.server->statistics().shed == 1);
}

BOOST_AUTO_TEST_CASE(a_client_that_has_said_everything_still_reads) {
  Served served([&](const ServedRequest& request, HttpReply& reply) {
    while (!reply.peer_closed()) std::this_thread::yield();
    echo(request, reply);
  });
  RawClient client(served.path);
  client.send(get("/"));
  client.end_sending();
  BOOST_TEST(client.answer() == 200);
  BOOST_TEST(client.rest() == "");
}

BOOST_AUTO_TEST_CASE(who_asked_and_wants_it_to_stop_hears_how_it_ends) {
  Cancel cancel;
  Served served([&](const ServedRequest& request, HttpReply& reply) {
    cancel.request();
    while (!reply.peer_closed() && !reply.gone()) std::this_thread::yield();
    ServedAnswer answer;
    answer.body = request.body + " stopped";
    reply.send(std::move(answer));
  });
  LocalRequest request{served.path, "POST", "/v1/command", "{}", 20'000};
  const auto answer = ask_local(request, {}, &cancel);
  BOOST_REQUIRE(answer.ok());
  BOOST_TEST(answer->body == "{} stopped");
  std::string pieces;
  const auto in_pieces = ask_local(
      request,
      [&](std::string_view piece) {
        pieces += piece;
        return true;
      },
      &cancel);
  BOOST_TEST(in_pieces.ok());
  BOOST_TEST(pieces == "{} stopped");
  served.server->stop(0);
  BOOST_TEST((ask_local(request).error().code == ErrorCode::unavailable));
}

BOOST_AUTO_TEST_CASE(an_idle_connection_makes_room) {
  HttpLimits limits = small_limits();
  limits.connections_max = 2;
  std::latch busy(2), leave(1);
  Served served(
      [&](const ServedRequest& request, HttpReply& reply) {
        if (request.path == "/busy") {
          busy.count_down();
          leave.wait();
        }
        echo(request, reply);
      },
      limits);
  RawClient first(served.port()), second(served.port());
  first.send(get("/busy"));
  second.send(get("/"));
  BOOST_TEST(second.answer() == 200);
  RawClient third(served.port());  // second makes room
  BOOST_TEST(second.rest() == "");
  third.send(get("/busy"));
  busy.wait();
  RawClient fourth(served.port());  // nobody can
  BOOST_TEST(fourth.answer() == 503);
  BOOST_TEST(fourth.header("retry-after") == "1");
  RawClient local(served.path);  // each listener has room of its own
  BOOST_TEST(local.connected());
  leave.count_down();
  BOOST_TEST(first.answer() == 200);
  BOOST_TEST(third.answer() == 200);
  BOOST_TEST(served.server->statistics().refused_full == 1);
}

BOOST_AUTO_TEST_CASE(who_begins_a_request_and_never_ends_it_keeps_nobody_out) {
  HttpLimits limits = small_limits();
  limits.connections_max = 2;
  limits.header_ms = limits.idle_ms = 60'000;
  Served served(echo, limits);
  RawClient first(served.port()), second(served.port());
  const std::string whole = get("/");
  const std::string begun = whole.substr(0, whole.size() - 2);
  first.send(get("/"));
  BOOST_TEST(first.answer() == 200);
  first.send(begun);
  second.send(get("/"));
  BOOST_TEST(second.answer() == 200);
  second.send(begun);
  RawClient third(served.port());
  third.send(get("/"));
  BOOST_TEST(third.answer() == 200);
}

BOOST_AUTO_TEST_CASE(what_no_worker_has_time_for_is_refused) {
  HttpLimits limits;
  limits.workers = 1;
  limits.waiting_requests_max = 1;
  std::latch running(1), leave(1);
  Served served(
      [&](const ServedRequest& request, HttpReply& reply) {
        if (request.path == "/first") running.count_down();
        leave.wait();
        echo(request, reply);
      },
      limits);
  RawClient first(served.port()), second(served.port()), third(served.port());
  first.send(get("/first"));
  running.wait();
  second.send(get("/"));
  third.send(get("/"));
  pollfd ready[] = {{second.descriptor(), POLLIN, 0}, {third.descriptor(), POLLIN, 0}};
  BOOST_REQUIRE(::poll(ready, 2, 20'000) == 1);
  RawClient& refused = ready[0].revents != 0 ? second : third;
  RawClient& waits = ready[0].revents != 0 ? third : second;
  BOOST_TEST(refused.answer() == 503);
  BOOST_TEST(refused.header("retry-after") == "1");
  leave.count_down();
  BOOST_TEST(waits.answer() == 200);
  BOOST_TEST(first.answer() == 200);
}

BOOST_AUTO_TEST_CASE(who_asks_too_often_is_told_when_to_come_back) {
  Served served(echo, small_limits(), 2);
  RawClient client(served.port());
  int answers[2] = {};
  for (int i = 0; i < 2; ++i) {
    client.send(get("/"));
    answers[i] = client.answer();
  }
  BOOST_TEST(answers[0] == 200);
  BOOST_TEST(answers[1] == 200);
  client.send(get("/"));
  BOOST_TEST(client.answer() == 429);
  BOOST_TEST(client.header("retry-after") == "1");
  // Who asks for the head alone gets no body, which would be taken for the next answer.
  client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/"));
  BOOST_TEST(client.answer(true) == 429);
  BOOST_TEST(client.answer() == 429);
  RawClient local(served.path);  // somebody else
  local.send(get("/"));
  BOOST_TEST(local.answer() == 200);
  served.clock.advance(500'000);
  client.send(get("/"));
  BOOST_TEST(client.answer() == 200);
}

BOOST_AUTO_TEST_CASE(it_stops_when_what_is_under_way_is_answered) {
  std::latch begun(1);
  Served served([&](const ServedRequest& request, HttpReply& reply) {
    begun.count_down();
    while (std::filesystem::exists(request.query)) std::this_thread::yield();
    echo(request, reply);
  });
  RawClient idle(served.path), busy(served.path);
  idle.send("");
  busy.send(get("/a?" + served.path));  // until the socket's file has gone
  begun.wait();
  served.server->stop(20'000);
  BOOST_TEST(busy.answer() == 200);
  BOOST_TEST(busy.rest() == "");
  BOOST_TEST(idle.rest() == "");
  BOOST_TEST(!RawClient(served.path).connected());
}

BOOST_AUTO_TEST_CASE(it_does_not_wait_for_ever) {
  std::promise<bool> gone;
  std::latch begun(1);
  Served served([&](const ServedRequest&, HttpReply& reply) {
    begun.count_down();
    while (!reply.gone()) std::this_thread::yield();
    gone.set_value(reply.gone());
  });
  RawClient client(served.port());
  client.send(get("/"));
  begun.wait();
  served.server->stop(10);
  BOOST_TEST(within_patience(gone.get_future()));
  BOOST_TEST(client.answer() == 0);
}

BOOST_AUTO_TEST_CASE(a_socket_file_belongs_to_who_listens) {
  Served served;
  const auto busy = listen_at_path(served.path, 0600);
  BOOST_REQUIRE(!busy.ok());
  BOOST_TEST(busy.error().message.find("already") != std::string::npos);
  BOOST_TEST((busy.error().code == ErrorCode::busy));
  BOOST_TEST(somebody_listens(served.path).ok());

  const std::string left = served.folder + "/left.sock";
  ::close(*listen_at_path(left, 0600));  // as a service that was killed
  BOOST_TEST(std::filesystem::exists(left));
  BOOST_TEST((somebody_listens(left).error().code == ErrorCode::unavailable));
  const auto again = listen_at_path(left, 0600);
  BOOST_REQUIRE(again.ok());
  ::close(*again);

  const std::string file = served.folder + "/file";
  std::ofstream(file) << "precious";
  BOOST_TEST((listen_at_path(file, 0600).error().code == ErrorCode::bad_config));
  BOOST_TEST(std::filesystem::file_size(file) == 8u);
  BOOST_TEST((listen_at_path(served.folder + "/" + std::string(200, 'x'), 0600).error().code ==
              ErrorCode::bad_config));
  BOOST_TEST((somebody_listens(served.folder + "/none").error().code == ErrorCode::unavailable));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_come_through) {
  for (const std::string& bytes : {std::string(), std::string("a"), std::string("ab"),
                                   std::string("abc"), std::string("\0\xff\0", 3)}) {
    BOOST_TEST((from_base64(base64(bytes)) == bytes));
  }
  for (const char* wrong : {"YQ", "!!!!"}) BOOST_TEST(!from_base64(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(all_listeners_or_none) {
  Served served;
  HttpServer other({}, served.clock, echo);
  HttpListener local, taken;
  local.path = served.folder + "/other.sock";
  taken.port = served.port();
  BOOST_TEST(!other.listen({local, taken}).ok());
  BOOST_TEST(!std::filesystem::exists(local.path));
  HttpListener named;
  named.address = "localhost";
  BOOST_TEST(
      (HttpServer({}, served.clock, echo).listen({named}).error().code == ErrorCode::bad_config));
  HttpListener encrypted;
  encrypted.certificate = served.folder + "/none.pem";
  BOOST_TEST((HttpServer({}, served.clock, echo).listen({encrypted}).error().code ==
              ErrorCode::bad_config));
}

BOOST_AUTO_TEST_SUITE_END()
