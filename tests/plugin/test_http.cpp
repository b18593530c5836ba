// HTTP of a plugin: through its host process and the engine's client to a server on loopback, and
// from this process in the same way.
#include <rondom/plugin.h>
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>

#include "fixture.h"
#include "net/net.h"
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
    transport_ = std::make_unique<net::CurlTransport>(net::CurlOptions{}, clock_);
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

  std::unique_ptr<Source> source(bool hosted) {
    auto made = hosted ? open_source(connector(Kind::source, "web",
                                               RONDOM_FIXTURE_DIRECTORY "/web/web.so", "web"),
                                     plugin_config, callbacks, host_options())
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
  class NoWait final : public net::Sleeper {
   public:
    std::vector<std::int64_t> waits;
    bool sleep(std::int64_t milliseconds, net::Interrupt& interrupt) override {
      waits.push_back(milliseconds);
      return !interrupt.requested();
    }
  };

  SystemClock clock_;
  SystemRandom random_;
  NoWait sleeper_;
  std::mutex mutex_;
  std::unique_ptr<net::CurlTransport> transport_;
  std::unique_ptr<net::HttpClient> client_;
};

std::string config(const LoopbackServer& server, const std::string& more,
                   const std::string& auth = R"("token":"s3cret-token")") {
  return R"({"url":")" + server.url() + "\"," + auth + (more.empty() ? "" : "," + more) + "}";
}

Status checked(bool hosted, const std::string& text, Services& services) {
  Engine engine(text, services);
  return engine.source(hosted)->check();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plugin_http)

BOOST_AUTO_TEST_CASE(a_page_becomes_records_and_the_plugin_has_no_token) {
  for (const bool hosted : {true, false}) {
    std::string authorization;
    LoopbackServer server([&](const ServerRequest& request, Peer& peer) {
      authorization = request.headers.at("authorization");
      peer.reply(200, R"([{"id":1},{"id":2}])", {"Content-Type: application/json"});
    });
    Services services;
    Engine engine(config(server, R"("path":"/people?page=1")"), services);
    BOOST_TEST(engine.plugin_config.find("s3cret") == std::string::npos);
    Transcript transcript;
    const Status status = engine.source(hosted)->read(request_for({"s"}), transcript);
    BOOST_TEST(status.ok(), (status.ok() ? "" : status.error().message));
    BOOST_TEST(transcript.count == 2u);
    BOOST_TEST(authorization == "Bearer s3cret-token");
    BOOST_TEST(server.log() == std::vector<std::string>{"GET /people?page=1"},
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(basic_authentication_is_applied) {
  std::string authorization;
  LoopbackServer server([&](const ServerRequest& request, Peer& peer) {
    authorization = request.headers.at("authorization");
    peer.reply(200, "{}");
  });
  Services services;
  BOOST_TEST(
      checked(true, config(server, "", R"("user":"jan","password":"geheim")"), services).ok());
  BOOST_TEST(authorization == "Basic amFuOmdlaGVpbQ==");
}

BOOST_AUTO_TEST_SUITE_END()
