// A plugin that behaves: everything gets through, in a host process as in this one.
#include <poll.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "fixture.h"

using namespace rondom;
using namespace rondom::plugin;
using namespace rondom::plugin::test;

namespace {

std::unique_ptr<Source> hosted_source(const std::string& config, Services& services,
                                      const HostOptions& options = host_options()) {
  auto source = open_source(echo(Kind::source), config, services.callbacks(), options);
  BOOST_REQUIRE_MESSAGE(source.ok(), (source.ok() ? "" : source.error().message));
  return std::move(*source);
}

std::unique_ptr<Source> local_source(const std::string& config, Services& services) {
  auto source = open_source_in_process(echo_entry(), "echo", config, services.callbacks());
  BOOST_REQUIRE_MESSAGE(source.ok(), (source.ok() ? "" : source.error().message));
  return std::move(*source);
}

std::unique_ptr<Destination> destination(bool hosted, const std::string& config,
                                         Services& services) {
  auto made =
      hosted
          ? open_destination(echo(Kind::destination), config, services.callbacks(), host_options())
          : open_destination_in_process(echo_entry(), "echo", config, services.callbacks());
  BOOST_REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().message));
  return std::move(*made);
}

const WriteRecord three_records[] = {
    {"op-1", Operation::upsert, "create", "k1", "", R"({"email":"jan@example.com"})"},
    {"op-2", Operation::upsert, "update", "k2", "r2", R"({"note":"reject"})"},
    {"op-3", Operation::remove, "delete", "k3", "r3", "{}"},
};
const WriteBatch three{"session-1", "contacts", "{}", three_records};

}  // namespace

BOOST_AUTO_TEST_SUITE(plugin_good)

BOOST_AUTO_TEST_CASE(a_host_process_delivers_what_this_process_would) {
  Services services;
  Transcript hosted;
  Transcript local;
  const std::string config = R"({"records":5000,"filler_bytes":100})";
  ReadRequest request = request_for({"people", "changes"});
  request.streams[1].generation = "resumed";
  BOOST_TEST(hosted_source(config, services)->read(request, hosted).ok());
  BOOST_TEST(local_source(config, services)->read(request, local).ok());
  BOOST_TEST(hosted.count == 10'000u);
  BOOST_TEST((hosted.lines == local.lines));
  BOOST_TEST(hosted.lines.front() == "begin people g1");
  BOOST_TEST(hosted.lines[1] ==
             "record people people.csv:1 op1 at1000000 [] "
             R"({"id":1,"name":"Zoë \"Q\"\npeople","filler":")" +
                 std::string(100, 'x') + R"(","tags":["a","b"]})");
  BOOST_TEST(hosted.lines[7].starts_with("record people people.csv:7 op1 at"));
  BOOST_TEST(hosted.lines[7].ends_with(" [seven] raw \"line\" 7"));
  BOOST_TEST(hosted.lines.back() == R"(checkpoint  {"all":true})");
}

BOOST_AUTO_TEST_CASE(a_preview_stops_at_its_limit) {
  Services services;
  Transcript got;
  ReadRequest request = request_for({"people"});
  request.records_max = 3;
  BOOST_TEST(hosted_source("{}", services)->read(request, got).ok());
  BOOST_TEST(got.count == 3u);
}

BOOST_AUTO_TEST_CASE(a_source_can_be_used_again_after_its_reader_had_enough) {
  Services services;
  const auto source = hosted_source(R"({"endless":true})", services);
  Transcript first;
  first.fail_at = 2;
  const Status stopped = source->read(request_for({"people"}), first);
  BOOST_TEST((stopped.error().code == ErrorCode::failure));
  BOOST_TEST(stopped.error().message == "The engine has enough.");
  BOOST_TEST(source->check().ok());
  Transcript second;
  second.fail_at = 1;
  BOOST_TEST(!source->read(request_for({"people"}), second).ok());
  BOOST_TEST(second.lines.front() == "begin people g1");
}

BOOST_AUTO_TEST_CASE(services_of_the_engine_reach_the_plugin) {
  for (const bool hosted : {true, false}) {
    Services services;
    services.secrets["token"] = "t0";
    services.state["cursor"] = "c";
    const std::string config = R"({"services":true})";
    const auto source = hosted ? hosted_source(config, services) : local_source(config, services);
    const Status checked = source->check();
    BOOST_TEST(checked.ok());
    BOOST_TEST(services.secrets["token"] == "t0+1");
    BOOST_TEST(services.state["cursor"] == "c+1");
    BOOST_TEST(services.logged("services used (state=c)"));
  }
}

BOOST_AUTO_TEST_CASE(a_refused_service_comes_back_with_its_code) {
  for (const bool hosted : {true, false}) {
    Services services;
    const std::string config = R"({"services":true})";
    const auto source = hosted ? hosted_source(config, services) : local_source(config, services);
    const Status checked = source->check();
    BOOST_REQUIRE(!checked.ok());
    BOOST_TEST((checked.error().code == ErrorCode::bad_config));
    BOOST_TEST(checked.error().message == "There is no secret of that name.");
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_configuration_is_refused_by_field) {
  Services services;
  const auto refused =
      open_source(echo(Kind::source), R"({"recods":1})", services.callbacks(), host_options());
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().code == ErrorCode::bad_config));
  BOOST_TEST(refused.error().message.starts_with("\"recods\" is not known here"));
}

BOOST_AUTO_TEST_CASE(a_catalog_is_read) {
  Services services;
  const auto catalog = hosted_source("{}", services)->discover(R"({"type":"object"})");
  BOOST_REQUIRE(catalog.ok());
  BOOST_REQUIRE(catalog->streams.size() == 2u);
  BOOST_TEST(catalog->streams[0].name == "people");
  BOOST_TEST(catalog->streams[0].key.at(0) == "id");
  BOOST_TEST(catalog->streams[0].cursor == "id");
  BOOST_TEST(catalog->streams[0].fields.at(0).type == "integer");
  BOOST_TEST(catalog->streams[0].fields.at(0).example == "1");
  BOOST_TEST(catalog->streams[0].schema_json == R"({"type":"object"})");
  BOOST_TEST(!catalog->streams[1].full_refresh);
}

BOOST_AUTO_TEST_CASE(results_come_back_by_index) {
  for (const bool hosted : {true, false}) {
    Services services;
    const auto target = destination(hosted, "{}", services);
    std::vector<WriteResult> results;
    BOOST_REQUIRE(target->write(three, results).ok());
    BOOST_REQUIRE(results.size() == 3u);
    BOOST_TEST(results[0].remote_id == "session-1/k1/create/op-1");
    BOOST_TEST(!results[0].adopted);
    BOOST_TEST((results[1].outcome == WriteOutcome::rejected));
    BOOST_TEST(results[1].message == "Refused because it says so.");
    BOOST_TEST(results[2].adopted);
    BOOST_TEST(results[2].index == 2u);
    BOOST_TEST(target->flush("session-1").ok());
    BOOST_TEST(services.state["flushed"] == "session-1");
  }
}

BOOST_AUTO_TEST_CASE(what_a_plugin_says_of_records_and_of_itself_is_masked) {
  Services services;
  HostServices callbacks = services.callbacks();
  callbacks.mask = [](std::string_view sentence) {
    std::string text(sentence);
    for (const std::string_view secret : {"because", "many", "seven"}) {
      if (const auto at = text.find(secret); at != std::string::npos) {
        text.replace(at, secret.size(), "***");
      }
    }
    return text;
  };
  const auto target =
      open_destination(echo(Kind::destination), R"({"fail":true})", callbacks, host_options());
  BOOST_REQUIRE(target.ok());
  const WriteRecord records[] = {
      {"op-1", Operation::upsert, "create", "k1", "", R"({"reject":1})"},
      {"op-2", Operation::upsert, "create", "k2", "", "{}"},
  };
  std::vector<WriteResult> results;
  const Status failed = (*target)->write({"session-1", "contacts", "{}", records}, results);
  BOOST_REQUIRE(!failed.ok());
  BOOST_TEST(failed.error().message == "Too *** requests.");
  BOOST_TEST(results.at(0).message == "Refused *** it says so.");

  const auto source = open_source(echo(Kind::source), "{}", callbacks, host_options());
  BOOST_REQUIRE(source.ok());
  Transcript got;
  BOOST_TEST((*source)->read(request_for({"people"}), got).ok());
  const auto says = [&](std::string_view text) {
    return std::any_of(got.lines.begin(), got.lines.end(), [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  };
  BOOST_TEST(says("***"));
  BOOST_TEST(!says("seven"));
}

BOOST_AUTO_TEST_CASE(silence_means_accepted_after_ok_and_unknown_after_a_failure) {
  for (const bool hosted : {true, false}) {
    Services services;
    std::vector<WriteResult> results;
    BOOST_REQUIRE(destination(hosted, R"({"silent":true})", services)->write(three, results).ok());
    for (const WriteResult& result : results) {
      BOOST_TEST((result.outcome == WriteOutcome::accepted));
    }
    const Status failed = destination(hosted, R"({"fail":true})", services)->write(three, results);
    BOOST_REQUIRE(!failed.ok());
    BOOST_TEST((failed.error().code == ErrorCode::rate_limited));
    BOOST_TEST(failed.error().retry_after_ms == 1'500);
    BOOST_TEST((results[0].outcome == WriteOutcome::accepted));
    BOOST_TEST((results[1].outcome == WriteOutcome::unknown));
    BOOST_TEST((results[2].outcome == WriteOutcome::unknown));

    BOOST_REQUIRE(destination(hosted, "{}", services)->look_up(three, results).ok());
    BOOST_TEST((results[0].outcome == WriteOutcome::accepted));
    BOOST_TEST((results[1].outcome == WriteOutcome::unknown));
  }
}

BOOST_AUTO_TEST_CASE(a_sleeping_plugin_wakes_up_to_be_cancelled_and_is_not_taken_for_hung) {
  Services services;
  HostOptions options = host_options();
  options.hang_limit_ms = 200;
  const auto source = hosted_source(R"({"sleep_first":true})", services, options);
  int lines = 0;
  services.on_line = [&](const std::string& line) {
    lines += line.find("going to sleep") != std::string::npos ? 1 : 0;
    source->cancel();
  };
  Transcript got;
  const Status status = source->read(request_for({"people"}), got);
  BOOST_TEST(lines == 1);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::cancelled));
  BOOST_TEST(got.lines.empty());
}

BOOST_AUTO_TEST_CASE(cancel_ends_an_endless_read) {
  for (const bool hosted : {true, false}) {
    Services services;
    const std::string config = R"({"endless":true})";
    const auto source = hosted ? hosted_source(config, services) : local_source(config, services);
    Transcript got;
    got.on_push = [&] { source->cancel(); };
    const Status status = source->read(request_for({"people"}), got);
    BOOST_REQUIRE(!status.ok());
    BOOST_TEST((status.error().code == ErrorCode::cancelled));
    // Cancelled is for ever.
    if (hosted) BOOST_TEST((source->check().error().code == ErrorCode::cancelled));
  }
}

BOOST_AUTO_TEST_CASE(a_slow_engine_holds_the_plugin_back) {
  // The plugin writes one byte to the user's stream for each record it got rid of: what it can
  // write while the engine sits on the first record is what the window lets through.
  int pipe_ends[2];
  BOOST_REQUIRE(::pipe(pipe_ends) == 0);
  Services services;
  HostOptions options = host_options();
  options.credit_bytes = 128 * 1024;
  options.stdout_descriptor = pipe_ends[1];
  const auto source = hosted_source(R"({"records":100,"checkpoint_each":true,"filler_bytes":8000})",
                                    services, options);
  constexpr std::size_t in_window = 128 * 1024 / 8'200;
  // Every seventh record is an unreadable one of few bytes, and one may overdraw the window.
  constexpr std::size_t at_most = in_window * 7 / 6 + 2;
  std::size_t seen = 0;
  const auto read_one = [&](int patience_ms) {
    pollfd waited{pipe_ends[0], POLLIN, 0};
    char byte = 0;
    return ::poll(&waited, 1, patience_ms) == 1 && ::read(pipe_ends[0], &byte, 1) == 1;
  };
  Transcript got;
  bool first = true;
  got.on_push = [&] {
    if (got.count == 0 || !first) return;
    first = false;
    while (seen + 2 < in_window && read_one(20'000)) ++seen;
    BOOST_TEST(seen + 2 == in_window, "the plugin works ahead");
    while (read_one(100)) ++seen;
    BOOST_TEST(seen <= at_most, "and no further than the window: " << seen);
  };
  BOOST_TEST(source->read(request_for({"people"}), got).ok());
  BOOST_TEST(got.count == 100u);
  BOOST_TEST(!first);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

BOOST_AUTO_TEST_CASE(a_missing_host_program_is_a_sentence) {
  Services services;
  HostOptions options = host_options();
  options.host_program = "/nowhere/rondom-plugin-host";
  const auto source = open_source(echo(Kind::source), "{}", services.callbacks(), options);
  BOOST_REQUIRE(!source.ok());
  BOOST_TEST((source.error().code == ErrorCode::unavailable));
  BOOST_TEST(source.error().message.find("/nowhere/rondom-plugin-host") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_connector_in_this_process_is_a_sentence) {
  Services services;
  const auto source = open_source_in_process(echo_entry(), "nobody", "{}", services.callbacks());
  BOOST_REQUIRE(!source.ok());
  BOOST_TEST(source.error().message.find("nobody") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
