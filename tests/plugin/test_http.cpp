// HTTP of a plugin: through its host process and the engine's client to a server on loopback, and
// from this process in the same way.
#include <rondom/plugin.h>
#include <sys/resource.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>

#include "fixture.h"
#include "net/net.h"
#include "support/clock_sleeper.h"
#include "support/loopback_server.h"

extern "C" const rondom_plugin* web_plugin_table(void);

using namespace rondom;
using namespace rondom::plugin;
using namespace rondom::plugin::test;
using rondom::test::LoopbackServer;
using rondom::test::ServerRequest;
using Peer = LoopbackServer::Peer;

namespace {

/// A client as the engine makes it, with waits that take no time.
class Engine {
 public:
  /// `config` holds everything a user would write.
  Engine(const std::string& config, Services& services) {
    auto declared = net::read_declaration(web_plugin_table()->connectors[0]->spec_json, config);
    BOOST_REQUIRE_MESSAGE(declared.ok(), (declared.ok() ? "" : declared.error().message));
    plugin_config = declared->plugin_config_json;
    transport_ = std::make_unique<net::CurlTransport>(net::CurlOptions{}, wire_clock_);
    net::ClientPorts ports;
    ports.transport = transport_.get();
    ports.clock = &clock_;
    ports.random = &random_;
    ports.sleeper = &sleeper_;
    ports.log = [this](std::string_view level, std::string_view message) {
      const std::lock_guard lock(mutex_);
      lines.push_back(std::string(level) + ": " + std::string(message));
    };
    client_ = std::make_unique<net::HttpClient>(declared->options, ports);
    callbacks = services.callbacks();
    callbacks.http = [this](const net::Request& request, net::ReplySink& sink,
                            net::Interrupt& interrupt) {
      return client_->send(request, sink, interrupt);
    };
  }

  std::unique_ptr<Source> source(bool hosted, const HostOptions& options = host_options()) {
    auto made = hosted ? open_source(connector(Kind::source, "web",
                                               RONDOM_FIXTURE_DIRECTORY "/web/web.so", "web"),
                                     plugin_config, callbacks, options)
                       : open_source_in_process(reinterpret_cast<PluginEntry>(&web_plugin_table),
                                                "web", plugin_config, callbacks);
    BOOST_REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().message));
    return std::move(*made);
  }

  std::string plugin_config;
  HostServices callbacks;
  std::vector<std::string> lines;

  std::vector<std::int64_t> waits() const { return sleeper_.waits; }

 private:
  SystemClock wire_clock_;
  ManualClock clock_{wire_clock_.now()};
  SystemRandom random_;
  rondom::test::ClockSleeper sleeper_{clock_};
  std::mutex mutex_;
  std::unique_ptr<net::CurlTransport> transport_;
  std::unique_ptr<net::HttpClient> client_;
};

std::string config(const LoopbackServer& server, const std::string& more,
                   const std::string& auth = R"("token":"s3cret-token")") {
  return R"({"url":")" + server.url() + "\"," + auth + (more.empty() ? "" : "," + more) + "}";
}

ErrorCode code_of(const Status& status) {
  return status.ok() ? ErrorCode::failure : status.error().code;
}
bool says(const Status& status, const std::string& part) {
  return !status.ok() && status.error().message.find(part) != std::string::npos;
}

#if defined(RONDOM_SANITIZER)
constexpr bool memory_is_counted = false;
#else
constexpr bool memory_is_counted = true;
#endif

long peak_kib() {
  struct rusage self {};
  ::getrusage(RUSAGE_SELF, &self);
  return self.ru_maxrss;
}

Status checked(bool hosted, const std::string& text, Services& services) {
  Engine engine(text, services);
  return engine.source(hosted)->check();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plugin_http)

BOOST_AUTO_TEST_CASE(a_page_becomes_records_and_the_plugin_has_no_token) {
  for (const bool hosted : {true, false}) {
    LoopbackServer server([](const ServerRequest&, Peer& peer) {
      peer.reply(200, R"([{"id":1},{"id":2}])", {"Content-Type: application/json"});
    });
    Services services;
    Engine engine(config(server, R"("path":"/people?page=1")"), services);
    BOOST_TEST(engine.plugin_config.find("s3cret") == std::string::npos);
    Transcript transcript;
    const Status status = engine.source(hosted)->read(request_for({"s"}), transcript);
    BOOST_TEST(status.ok(), (status.ok() ? "" : status.error().message));
    BOOST_TEST(transcript.count == 2u);
    BOOST_TEST(server.requests().at(0).headers.at("authorization") == "Bearer s3cret-token");
    BOOST_TEST(server.log() == std::vector<std::string>{"GET /people?page=1"},
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(basic_authentication_is_applied) {
  LoopbackServer server([](const ServerRequest&, Peer& peer) { peer.reply(200, "{}"); });
  Services services;
  BOOST_TEST(
      checked(true, config(server, "", R"("user":"jan","password":"geheim")"), services).ok());
  BOOST_TEST(server.requests().at(0).headers.at("authorization") == "Basic amFuOmdlaGVpbQ==");
}

BOOST_AUTO_TEST_CASE(a_host_that_is_not_declared_is_refused) {
  LoopbackServer server([](const ServerRequest&, Peer& peer) { peer.reply(200, "{}"); });
  LoopbackServer other([](const ServerRequest&, Peer& peer) { peer.reply(200, "{}"); });
  for (const std::string& target : {std::string("https://evil.example/x"), other.url() + "/x",
                                    "http://localhost:" + std::to_string(server.port()) + "/x"}) {
    Services services;
    const Status status = checked(true, config(server, R"("path":")" + target + "\""), services);
    BOOST_TEST((code_of(status) == ErrorCode::not_permitted), target);
    BOOST_TEST(says(status, "does not declare"));
  }
  BOOST_TEST(server.log().empty());
  BOOST_TEST(other.log().empty());
}

BOOST_AUTO_TEST_CASE(a_header_of_the_engine_is_refused) {
  LoopbackServer server([](const ServerRequest&, Peer& peer) { peer.reply(200, "{}"); });
  for (const char* name : {"Authorization", "Host", "Transfer-Encoding"}) {
    Services services;
    const Status status =
        checked(true, config(server, std::string(R"("header":")") + name + "\""), services);
    BOOST_TEST((code_of(status) == ErrorCode::not_permitted), name);
  }
  BOOST_TEST(server.log().empty());
}

BOOST_AUTO_TEST_CASE(a_redirect_to_another_host_is_refused) {
  LoopbackServer other([](const ServerRequest&, Peer& peer) { peer.reply(200, "{}"); });
  LoopbackServer server([&](const ServerRequest& request, Peer& peer) {
    const std::string to = request.target == "/people" ? "/here" : other.url() + "/there";
    peer.reply(302, "", {"Location: " + to});
  });
  Services services;
  const Status status = checked(true, config(server, ""), services);
  BOOST_TEST((code_of(status) == ErrorCode::not_permitted));
  BOOST_TEST(says(status, "only its own addresses"));
  BOOST_TEST(server.log().size() == 2u);
  BOOST_TEST(other.log().empty());
}

BOOST_AUTO_TEST_CASE(a_reply_that_is_cut_off_is_no_success) {
  const auto half = [](const ServerRequest&, Peer& peer) {
    peer.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
    peer.close();
  };
  LoopbackServer server(half);
  Services services;
  const Status read = checked(true, config(server, ""), services);
  BOOST_TEST((code_of(read) == ErrorCode::transient));
  BOOST_TEST(says(read, "in the middle of the reply"));
  BOOST_TEST(server.log().size() == 6u);

  LoopbackServer once(half);
  const Status written = checked(true, config(once, R"("method":"POST")"), services);
  BOOST_TEST((code_of(written) == ErrorCode::unavailable));
  BOOST_TEST(once.log().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_post_on_a_connection_that_dies_is_not_sent_twice) {
  for (const bool idempotent : {false, true}) {
    std::atomic<int> posts{0};
    LoopbackServer server([&](const ServerRequest&, Peer& peer) {
      // The second one reaches the server on the kept connection, which then dies without an
      // answer.
      if (++posts == 2) {
        peer.close();
      } else {
        peer.reply(200, "{}");
      }
    });
    Services services;
    Engine engine(config(server, std::string(R"("method":"POST","idempotent":)") +
                                     (idempotent ? "true" : "false")),
                  services);
    const auto source = engine.source(true);
    BOOST_TEST(source->check().ok());
    const Status second = source->check();
    BOOST_TEST(second.ok() == idempotent);
    BOOST_TEST(posts.load() == (idempotent ? 3 : 2));
    if (!idempotent) BOOST_TEST((code_of(second) == ErrorCode::unavailable));
  }
}

BOOST_AUTO_TEST_CASE(a_refused_token_is_renewed_and_never_shown) {
  std::atomic<int> tokens{0};
  LoopbackServer server([&](const ServerRequest& request, Peer& peer) {
    if (request.target == "/token") {
      const std::string token = "s3cret-" + std::to_string(++tokens);
      peer.reply(200, R"({"access_token":")" + token + R"(","expires_in":3600})");
    } else if (request.headers.at("authorization") == "Bearer s3cret-2") {
      peer.reply(200, "{}");
    } else {
      peer.reply(401, R"({"error":"token s3cret-1 of client expired"})");
    }
  });
  Services services;
  Engine engine(config(server, "", R"("client_id":"crm","client_secret":"s3cret-key")"), services);
  BOOST_TEST(engine.source(true)->check().ok());
  BOOST_TEST(server.log() == (std::vector<std::string>{"POST /token", "GET /people", "POST /token",
                                                       "GET /people"}),
             boost::test_tools::per_element());
  for (const std::string& line : engine.lines) BOOST_TEST(line.find("s3cret") == std::string::npos);
  BOOST_TEST(!services.logged("s3cret"));
}

BOOST_AUTO_TEST_CASE(a_busy_server_is_waited_for) {
  std::atomic<int> asked{0};
  LoopbackServer server([&](const ServerRequest&, Peer& peer) {
    if (++asked == 1) {
      peer.reply(429, "slow down", {"Retry-After: 7"});
    } else {
      peer.reply(200, "{}");
    }
  });
  Services services;
  Engine engine(config(server, R"("method":"POST")"), services);
  BOOST_TEST(engine.source(true)->check().ok());
  BOOST_REQUIRE(engine.waits().size() == 1u);
  BOOST_TEST(engine.waits()[0] >= 7'000);
  BOOST_TEST(engine.waits()[0] <= 7'125);
  BOOST_TEST(asked.load() == 2);

  LoopbackServer full([&](const ServerRequest&, Peer& peer) {
    peer.reply(429, "slow down", {"Retry-After: 3600"});
  });
  const Status status = checked(true, config(full, ""), services);
  BOOST_TEST((code_of(status) == ErrorCode::rate_limited));
  BOOST_TEST(status.error().retry_after_ms == 3'600'000);
}

BOOST_AUTO_TEST_CASE(the_vendors_words_arrive_without_what_is_personal) {
  LoopbackServer server([&](const ServerRequest&, Peer& peer) {
    peer.reply(422, R"({"errors":[{"message":"jan@example.com is taken, see 31612345678"}]})");
  });
  Services services;
  const Status status = checked(true, config(server, R"("method":"POST")"), services);
  BOOST_TEST((code_of(status) == ErrorCode::data));
  BOOST_TEST(status.error().message == "The server answered with status 422: … is taken, see …");
}

BOOST_AUTO_TEST_CASE(bodies_of_any_size_go_both_ways_in_bounded_memory) {
  constexpr std::int64_t bytes = 192 << 20;
  for (const bool hosted : {true, false}) {
    std::atomic<std::uint64_t> received{0};
    LoopbackServer server([&](const ServerRequest& request, Peer& peer) {
      received = request.body_bytes;
      peer.raw("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n");
      const std::string piece(256 * 1024, 'd');
      for (std::int64_t left = bytes; left > 0; left -= static_cast<std::int64_t>(piece.size())) {
        if (!peer.raw(piece)) return;
      }
    });
    Services services;
    Engine engine(
        config(server, R"("method":"PUT","download":true,"upload_bytes":)" + std::to_string(bytes)),
        services);
    const long before = peak_kib();
    const Status status = engine.source(hosted)->check();
    BOOST_TEST(status.ok(), (status.ok() ? "" : status.error().message));
    BOOST_TEST(received.load() == static_cast<std::uint64_t>(bytes));
    BOOST_TEST(services.logged("got 200 with " + std::to_string(bytes) + " bytes"));
    // A sanitizer keeps what was freed for a while.
    BOOST_TEST((!memory_is_counted || peak_kib() - before < 48 * 1024));
  }
}

BOOST_AUTO_TEST_CASE(a_connector_may_end_a_transfer) {
  for (const bool hosted : {true, false}) {
    LoopbackServer server([&](const ServerRequest&, Peer& peer) {
      peer.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
      while (peer.raw(chunk)) {
      }
      peer.close();
    });
    Services services;
    const Status status =
        checked(hosted, config(server, R"("download":true,"stop_early":true)"), services);
    BOOST_TEST(says(status, "Seen enough."));
  }
}

BOOST_AUTO_TEST_CASE(a_cancelled_run_ends_a_transfer_in_its_middle) {
  for (const bool hosted : {true, false}) {
    LoopbackServer server([&](const ServerRequest&, Peer& peer) {
      peer.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      // Enough for the connector to begin, then silence.
      peer.raw("80000\r\n" + std::string(0x80000, 'x') + "\r\n");
      peer.wait_for_end();
      peer.close();
    });
    Services services;
    Engine engine(config(server, R"("download":true)"), services);
    const auto source = engine.source(hosted);
    services.on_line = [&](const std::string& line) {
      if (line == "info: plugin web: first piece" || line == "info: first piece") source->cancel();
    };
    const Status status = source->check();
    BOOST_TEST((code_of(status) == ErrorCode::cancelled),
               (status.ok() ? "ok" : status.error().message));
  }
}

BOOST_AUTO_TEST_CASE(a_plugin_that_waits_for_the_network_is_not_hung) {
  std::promise<void> never;
  const std::shared_future<void> later = never.get_future().share();
  LoopbackServer server([later](const ServerRequest&, Peer& peer) {
    // Several times what a silent plugin is allowed.
    later.wait_for(std::chrono::milliseconds(900));
    peer.reply(200, "{}");
  });
  Services services;
  Engine engine(config(server, ""), services);
  HostOptions options = host_options();
  options.hang_limit_ms = 300;
  const Status status = engine.source(true, options)->check();
  BOOST_TEST(status.ok(), (status.ok() ? "" : status.error().message));
}

BOOST_AUTO_TEST_CASE(a_run_without_http_says_so) {
  LoopbackServer server([](const ServerRequest&, Peer& peer) { peer.reply(200, "{}"); });
  Services services;
  Engine engine(config(server, ""), services);
  engine.callbacks.http = nullptr;
  for (const bool hosted : {true, false}) {
    BOOST_TEST((code_of(engine.source(hosted)->check()) == ErrorCode::unsupported));
  }
}

BOOST_AUTO_TEST_SUITE_END()
